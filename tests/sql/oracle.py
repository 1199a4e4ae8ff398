"""A database as judge: change one source column's values, and see which outputs change.

Whatever changes must be claimed: an output's values by a flow or a window, the rows by an influence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.sql import ColumnName, Result
from tests.sql.grammar import TABLES

Rows = Mapping[str, Sequence[tuple[int | None, ...]]]


@dataclass(frozen=True)
class Answer:
    """What a query gave: each output's values, in no order, and the number of rows."""

    names: list[str]
    values: list[Counter[object]]
    row_count: int


Ask = Callable[[str, Rows], Answer]


def answer_of(names: list[str], data: Sequence[Sequence[object]]) -> Answer:
    return Answer(names, [Counter(row[i] for row in data) for i in range(len(names))], len(data))


def changed(tables: Rows, table: str, position: int, values: Sequence[int | None]) -> Rows:
    """Returns the tables with other values in one column."""
    rows = [
        tuple(values[n] if i == position else cell for i, cell in enumerate(row)) for n, row in enumerate(tables[table])
    ]
    return {**tables, table: rows}


def claims(result: Result) -> tuple[set[tuple[str, ColumnName]], set[ColumnName]]:
    """Returns which output draws on which column, and the columns that decide about the rows."""
    values = {(flow.target.column, flow.source) for flow in result.flows}
    values |= {(i.target.column, i.source) for i in result.influences if isinstance(i.target, ColumnName)}
    return values, {i.source for i in result.influences if not isinstance(i.target, ColumnName)}


def unclaimed(query: str, result: Result, tables: Rows, values: Sequence[int | None], ask: Ask) -> Iterator[str]:
    """Yields what changed although the engine says that it does not depend on the column."""
    flows, about_rows = claims(result)
    before = ask(query, tables)
    for table, columns in TABLES.items():
        for position, column in enumerate(columns):
            source = ColumnName((table,), column)
            if source in about_rows:
                continue
            after = ask(query, changed(tables, table, position, values))
            if after.row_count != before.row_count:
                yield f"{table}.{column} changes the rows"
            for name, old, new in zip(before.names, before.values, after.values, strict=True):
                if old != new and (name, source) not in flows:
                    yield f"{table}.{column} changes {name}"
