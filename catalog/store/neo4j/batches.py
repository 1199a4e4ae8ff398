"""Statements over many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from neo4j import ManagedTransaction

from catalog.store.neo4j.rows import Row

BATCH: Final = 5000
"""Rows for one statement: larger ones are slower."""


def run_rows(
    tx: ManagedTransaction, text: LiteralString, rows: Sequence[Any], name: str = "rows", **others: Any
) -> list[Row]:
    """Runs a statement over rows, `BATCH` at a time, and returns all that it returns."""
    found: list[Row] = []
    for i in range(0, len(rows), BATCH):
        found.extend(tx.run(text, {name: rows[i : i + BATCH], **others}).data())
    return found
