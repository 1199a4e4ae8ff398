"""DuckDB judges random queries: see `tests/sql/oracle.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.sql import ColumnName, Schema, analyze
from tests.sql.grammar import TABLES, queries, rows
from tests.sql.oracle import Answer, Ask, Rows, answer_of, changed, unclaimed

SCHEMA = Schema({table: list(columns) for table, columns in TABLES.items()}, "duckdb")
EXAMPLES = int(os.environ.get("HEADWATER_ORACLE_EXAMPLES", "150"))
"""Thousands in a long run, hundreds by default."""

CELLS = st.lists(st.one_of(st.integers(0, 4), st.none()), min_size=4, max_size=4)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({', '.join(f'{column} integer' for column in columns)})")

        def run(query: str, tables: Rows) -> Answer:
            for table, listed in tables.items():
                connection.execute(f"delete from {table}")
                connection.executemany(f"insert into {table} values (?, ?, ?)", [list(row) for row in listed])
            found = connection.execute(query)
            return answer_of([column[0] for column in found.description or ()], found.fetchall())

        yield run


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking runs many more queries than finding
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(query=queries(), tables=rows(), values=CELLS)
def test_nothing_changes_that_is_not_claimed(ask: Ask, query: str, tables: Rows, values: list[int | None]) -> None:
    result = analyze(query, "duckdb", SCHEMA)
    assert not result.problems
    try:
        found = list(unclaimed(query, result, tables, values, ask))
    except duckdb.OutOfRangeException:  # products of products
        return
    assert found == [], query


# Each claims its sources and no others; enough trials must show that every one of them matters.
CLAIMED = [
    ("select a + b as x, k as y from t", {("x", "a"), ("x", "b"), ("y", "k")}),
    ("select case when a > 1 then b else k end as x from t", {("x", "a"), ("x", "b"), ("x", "k")}),
    ("select coalesce(a, b) as x from t", {("x", "a"), ("x", "b")}),
    ("select sum(a) filter (where b > 1) as x from t", {("x", "a"), ("x", "b")}),
    ("select rank() over (partition by a order by b) as x from t", {("x", "a"), ("x", "b")}),
    ("with w as (select a * k as m from t) select greatest(m, 1) as x from w", {("x", "a"), ("x", "k")}),
    ("select nullif(a, b) as x from t", {("x", "a"), ("x", "b")}),
    ("select lag(a) over (order by b) as x from t", {("x", "a"), ("x", "b")}),
]


@pytest.mark.parametrize(("query", "claimed"), CLAIMED, ids=[query for query, _ in CLAIMED])
def test_each_source_that_is_claimed_changes_its_output_in_some_trial(
    ask: Ask, query: str, claimed: set[tuple[str, str]]
) -> None:
    result = analyze(query, "duckdb", SCHEMA)
    said = {(flow.target.column, flow.source.column) for flow in result.flows}
    said |= {(i.target.column, i.source.column) for i in result.influences if isinstance(i.target, ColumnName)}
    assert said == claimed
    seen: set[tuple[str, str]] = set()
    for trial in range(40):
        numbers = [(trial * 7 + n * n * 3 + n) % 5 for n in range(12)]
        cells = [None if number == 4 else number for number in numbers]
        tables = {name: [(cells[n], cells[n + 4], cells[n + 8]) for n in range(4)] for name in TABLES}
        before = ask(query, tables)
        for position, column in enumerate(TABLES["t"]):
            after = ask(query, changed(tables, "t", position, [(trial * n + 2 * n) % 5 for n in range(1, 5)]))
            pairs = zip(before.names, before.values, after.values, strict=True)
            seen |= {(name, column) for name, old, new in pairs if old != new}
    assert seen == claimed
