"""Statements over many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from neo4j import ManagedTransaction

from catalog.store.neo4j import cypher
from catalog.store.neo4j.rows import Row

BATCH: Final = 5000
"""Rows for one statement: larger ones are slower."""


def run_rows(
    tx: ManagedTransaction, text: LiteralString, rows: Sequence[Any], name: str = "rows", **others: Any
) -> list[Row]:
    """Runs a statement over rows, `BATCH` at a time, and returns all that it returns."""
    found: list[Row] = []
    for i in range(0, len(rows), BATCH):
        result = tx.run(text, {name: rows[i : i + BATCH], **others})
        names = result.keys()
        found.extend(dict(zip(names, record.values(), strict=True)) for record in result)
    return found


def create_rows(
    tx: ManagedTransaction, text: LiteralString, rows: Sequence[tuple[Any, ...]], own: tuple[str, ...]
) -> None:
    """Runs a statement that creates something from each row; the last item of a row is its properties.

    The driver packs values one by one, and most of them are the same in thousands of rows: those go into `$shared`, and a row
    becomes what stood before the properties, the number of its shared ones, and its own in order.
    """
    for i in range(0, len(rows), BATCH):
        numbers: dict[tuple[Any, ...], int] = {}
        packed = [[*ends, *_split(props, own, numbers)] for *ends, props in rows[i : i + BATCH]]
        shared = [dict(zip(names, values, strict=True)) for names, values in numbers]
        tx.run(text, rows=packed, shared=shared)  # not waited for: the server works while the next rows are packed


def _split(props: Row, own: tuple[str, ...], numbers: dict[tuple[Any, ...], int]) -> list[Any]:
    rest = {**props}
    values = [rest.pop(name, None) for name in own]
    key = tuple(rest), tuple([tuple(value) if type(value) is list else value for value in rest.values()])
    return [numbers.setdefault(key, len(numbers)), *values]


def write_rows(tx: ManagedTransaction, name: str, words: Sequence[str], rows: Sequence[Any]) -> list[str]:
    """Runs a statement by its name and the words to fill in, as its kind of rows asks for.

    Returns the element ids of what it leaves to be deleted.
    """
    text = (
        cypher.fixed(name) if not words else (cypher.for_storage if len(words) == 1 else cypher.for_move)(name, *words)
    )
    if name.startswith("create"):
        create_rows(tx, text, rows, cypher.OWN[name])
        return []
    return [row["element"] for row in run_rows(tx, text, rows)]
