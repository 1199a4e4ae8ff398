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
from tests.sql.wide_grammar import TARGET, statements, wide_queries

SCHEMA = Schema({table: list(columns) for table, columns in TABLES.items()}, "duckdb")
KNOWN = Schema({**{table: list(columns) for table, columns in TABLES.items()}, "r": list(TARGET)}, "duckdb")
EXAMPLES = int(os.environ.get("HEADWATER_ORACLE_EXAMPLES", "100"))
"""Thousands in a long run, hundreds by default."""

CELLS = st.lists(st.one_of(st.integers(0, 4), st.none()), min_size=4, max_size=4)


def _filling(tables: Rows) -> str:
    """Returns statements that put numbers into the tables in place of what is there: one call is quicker than many."""
    cells = {
        table: ", ".join(f"({', '.join('null' if cell is None else str(cell) for cell in row)})" for row in listed)
        for table, listed in tables.items()
    }
    return ";".join(f"delete from {table}; insert into {table} values {rows}" for table, rows in cells.items())


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({', '.join(f'{column} integer' for column in columns)})")

        def run(query: str, tables: Rows) -> Answer:
            connection.execute(_filling(tables))
            found = connection.execute(query)
            return answer_of([column[0] for column in found.description or ()], found.fetchall())

        yield run


@pytest.fixture(scope="module")
def ask_after() -> Iterator[Ask]:
    """Runs a statement, and answers with the table that it writes to."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({', '.join(f'{column} integer' for column in columns)})")
        connection.execute("create table r (p bigint primary key, q bigint, z bigint)")

        def run(statement: str, tables: Rows) -> Answer:
            connection.execute("begin")
            try:
                connection.execute(_filling(tables))
                connection.execute("insert into r values (0, 1, 2), (1, 3, 0), (2, null, 1)")
                connection.execute(statement)
                made = connection.execute(f"select * from {'made' if statement.startswith('create') else 'r'}")
                return answer_of([column[0] for column in made.description or ()], made.fetchall())
            finally:
                connection.execute("rollback")

        yield run


OFTEN = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking runs many more queries than finding
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
REFUSED = (duckdb.OutOfRangeException, duckdb.ConstraintException, duckdb.InvalidInputException)
"""What depends on the rows: products of products, two rows for one key."""


def _check(ask: Ask, text: str, tables: Rows, values: list[int | None]) -> None:
    result = analyze(text, "duckdb", KNOWN)
    assert not result.problems, text
    try:
        found = list(unclaimed(text, result, tables, values, ask))
    except REFUSED:
        return
    assert found == [], text


@OFTEN
@given(query=queries(), tables=rows(), values=CELLS)
def test_nothing_changes_that_is_not_claimed(ask: Ask, query: str, tables: Rows, values: list[int | None]) -> None:
    _check(ask, query, tables, values)


@OFTEN
@given(query=wide_queries(), tables=rows(), values=CELLS)
def test_nothing_changes_by_other_forms_that_is_not_claimed(
    ask: Ask, query: str, tables: Rows, values: list[int | None]
) -> None:
    _check(ask, query, tables, values)


@settings(OFTEN, max_examples=EXAMPLES // 2)  # each is a transaction
@given(statement=statements(), tables=rows(), values=CELLS)
def test_nothing_that_is_written_changes_without_a_claim(
    ask_after: Ask, statement: str, tables: Rows, values: list[int | None]
) -> None:
    _check(ask_after, statement, tables, values)


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
