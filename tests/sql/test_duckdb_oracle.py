"""DuckDB says what a column depends on: change the values of one source column, and see what changes in the answer.

No output may change that no flow or influence ties to the source. The queries are random, so no expectation is written.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from catalog.sql import ColumnName, Result, Schema, analyze
from tests.sql.grammar import TABLES, queries, rows

Rows = Mapping[str, Sequence[tuple[int | None, ...]]]
Answer = tuple[list[str], list[Counter[object]], int]

SCHEMA = Schema({table: list(columns) for table, columns in TABLES.items()}, "duckdb")
EXAMPLES = int(os.environ.get("HEADWATER_ORACLE_EXAMPLES", "300"))
"""Thousands in a long run, hundreds by default."""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"threads": 1}) as opened:
        for table, columns in TABLES.items():
            opened.execute(f"create table {table} ({', '.join(f'{column} integer' for column in columns)})")
        yield opened


def _answer(connection: duckdb.DuckDBPyConnection, query: str, tables: Rows) -> Answer:
    for table, listed in tables.items():
        connection.execute(f"delete from {table}")
        connection.executemany(f"insert into {table} values (?, ?, ?)", [list(row) for row in listed])
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    data = found.fetchall()
    return names, [Counter(row[i] for row in data) for i in range(len(names))], len(data)


def _changed(
    tables: Rows, table: str, position: int, values: Sequence[int | None]
) -> dict[str, list[tuple[int | None, ...]]]:
    changed = {name: [tuple(row) for row in listed] for name, listed in tables.items()}
    changed[table] = [
        tuple(values[number] if i == position else cell for i, cell in enumerate(row))
        for number, row in enumerate(changed[table])
    ]
    return changed


def _claims(result: Result) -> tuple[set[tuple[str, ColumnName]], set[ColumnName]]:
    """Returns which output draws on which column, and the columns that decide about the rows."""
    values = {(flow.target.column, flow.source) for flow in result.flows}
    values |= {(i.target.column, i.source) for i in result.influences if isinstance(i.target, ColumnName)}
    return values, {i.source for i in result.influences if not isinstance(i.target, ColumnName)}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking runs many more queries than finding
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
@given(query=queries(), tables=rows(), values=st.lists(st.one_of(st.integers(0, 4), st.none()), min_size=4, max_size=4))
def test_no_output_changes_with_a_column_that_is_not_claimed(
    connection: duckdb.DuckDBPyConnection, query: str, tables: Rows, values: list[int | None]
) -> None:
    note(query)
    result = analyze(query, "duckdb", SCHEMA)
    assert not result.problems
    flows, about_rows = _claims(result)
    try:
        names, before, count = _answer(connection, query, tables)
    except duckdb.OutOfRangeException:  # products of products
        return
    for table, columns in TABLES.items():
        for position, column in enumerate(columns):
            source = ColumnName((table,), column)
            if source in about_rows:
                continue
            _, after, new_count = _answer(connection, query, _changed(tables, table, position, values))
            assert new_count == count, f"{source} changes the rows and is not claimed to"
            for name, old, new in zip(names, before, after, strict=True):
                assert old == new or (name, source) in flows, f"{source} changes {name!r} and is not claimed to"
