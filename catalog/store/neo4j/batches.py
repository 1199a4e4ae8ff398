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


OWN: Final = frozenset(
    "claim fact origin said body expression uid urn path tokens description definition text message meta facets".split()
)
"""Properties that hardly ever repeat. All others of a row are sent once for all rows that have them alike."""


def create_rows(tx: ManagedTransaction, text: LiteralString, rows: Sequence[tuple[Any, ...]]) -> None:
    """Runs a statement that creates something from each row; the last item of a row is its properties.

    The driver packs values one by one, and most of them are the same in thousands of rows: those go into `$shared`, and a row
    becomes what stood before the properties, the number of its shared ones, and its own.
    """
    for i in range(0, len(rows), BATCH):
        numbers: dict[tuple[Any, ...], int] = {}
        packed = [[*ends, *_split(props, numbers)] for *ends, props in rows[i : i + BATCH]]
        shared = [dict(zip(key[::2], key[1::2], strict=True)) for key in numbers]
        tx.run(text, rows=packed, shared=shared)  # not waited for: the server works while the next rows are packed


def _split(props: Row, numbers: dict[tuple[Any, ...], int]) -> tuple[int, Row]:
    own: Row = {}
    key: list[Any] = []
    for name, value in props.items():
        if name in OWN:
            own[name] = value
        else:
            key += (name, tuple(value) if type(value) is list else value)
    return numbers.setdefault(tuple(key), len(numbers)), own


def write_rows(tx: ManagedTransaction, name: str, words: Sequence[str], rows: Sequence[Any]) -> list[str]:
    """Runs a statement by its name and the words to fill in, as its kind of rows asks for.

    Returns the element ids of what it leaves to be deleted.
    """
    text = (
        cypher.fixed(name) if not words else (cypher.for_storage if len(words) == 1 else cypher.for_move)(name, *words)
    )
    if name.startswith("create"):
        create_rows(tx, text, rows)
        return []
    return [row["element"] for row in run_rows(tx, text, rows)]
