"""Laws that hold whatever the query is: the same lineage after a change of form."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable

import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings

from catalog.sql import ColumnName, Result, Schema, Session, Statement, analyze
from tests.sql.cases import Case, read_cases
from tests.sql.grammar import TABLES, queries

SCHEMA = {table: list(columns) for table, columns in TABLES.items()}
KNOWN = Schema(SCHEMA, "duckdb")
OFTEN = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
Lineage = tuple[set[tuple[str, ...]], set[tuple[str, ...]]]


def lineage(text: str, dialect: str = "duckdb", schema: Schema = KNOWN, default_schema: str | None = None) -> Lineage:
    """Returns flows and influences without what may change: whether a star carried a name, and the case of names."""
    result = analyze(text, dialect, schema, default_schema=default_schema)
    flows = {_words(f.target.column, f.source, f.kind, str(f.masking), f.exactness) for f in result.flows}
    influences = {
        _words(i.target.column if isinstance(i.target, ColumnName) else "", i.source, i.kind) for i in result.influences
    }
    return flows, influences


def _words(target: str, source: ColumnName, *rest: str) -> tuple[str, ...]:
    return (target.lower(), source.table[-1].lower(), source.column.lower(), *rest)


def _in_cte(query: str) -> str:
    return f"with zz as ({query}) select * from zz"


def _in_subquery(query: str) -> str:
    return f"select * from ({query}) as zz"


def _in_two(query: str) -> str:
    return _in_subquery(_in_cte(query))


def _other_aliases(query: str) -> str:
    return re.sub(r"\b([fqlsw])(\d+)\b", r"other_\1_\2", query)


def _shouted(query: str) -> str:
    return query.upper()


def _spread(query: str) -> str:
    return sqlglot.transpile(query, read="duckdb", write="duckdb", pretty=True)[0] + "\n-- done"


def _commented(query: str) -> str:
    return query.replace(" from ", " /* 'x */ from -- y\n ")


FORMS: list[Callable[[str], str]] = [
    _in_cte,
    _in_subquery,
    _in_two,
    _other_aliases,
    _shouted,
    _spread,
    _commented,
]


@pytest.mark.parametrize("change", FORMS, ids=lambda form: form.__name__.strip("_"))
def test_lineage_does_not_depend_on_the_form(change: Callable[[str], str]) -> None:
    @OFTEN
    @given(queries())
    def holds(query: str) -> None:
        assert lineage(change(query)) == lineage(query), change(query)

    holds()


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "databricks", "trino"])
def test_lineage_does_not_depend_on_the_dialect_it_is_written_in(dialect: str) -> None:
    known = Schema(SCHEMA, dialect)

    @OFTEN
    @given(queries())
    def holds(query: str) -> None:
        text = sqlglot.transpile(query, read="duckdb", write=dialect)[0]
        assert lineage(text, dialect, known) == lineage(query), text

    holds()


@OFTEN
@given(queries())
def test_qualified_tables_are_the_same_as_bare_ones(query: str) -> None:
    known = Schema({f"main.{table}": columns for table, columns in SCHEMA.items()}, "duckdb")
    qualified = re.sub(r"\b(from|join) ([tuv]) as\b", r"\1 main.\2 as", query)
    assert lineage(qualified, schema=known, default_schema="main") == lineage(query)


@OFTEN
@given(queries(), queries())
def test_the_order_of_independent_ctes_does_not_matter(one: str, other: str) -> None:
    first, second = f"aa as ({one})", f"bb as ({other})"
    tail = "select * from aa cross join bb"
    assert lineage(f"with {first}, {second} {tail}") == lineage(f"with {second}, {first} {tail}")


@OFTEN
@given(queries())
def test_a_view_a_table_and_an_insert_hold_what_the_query_gives(query: str) -> None:
    flows, influences = lineage(query)
    for text in (f"create table r as {query}", f"create view r as {query}"):
        assert lineage(text) == (flows, influences)


@OFTEN
@given(queries())
def test_a_temporary_table_between_changes_nothing(query: str) -> None:
    session = Session("duckdb", KNOWN)
    session.analyze(f"create temp table zz as {query}")
    through = session.analyze("select * from zz")
    straight = analyze(query, "duckdb", KNOWN)
    assert {(f.target.column, f.source, f.kind) for f in through.flows} == {
        (f.target.column, f.source, f.kind) for f in straight.flows
    }


@pytest.mark.parametrize("case", [case for case in read_cases() if ";" in case.sql and "$$" not in case.sql], ids=str)
def test_a_script_is_the_same_as_its_statements_one_by_one(case: Case) -> None:
    whole = _session(case).analyze(case.sql).statements
    texts, outside = _texts(case.sql, whole)
    if outside.strip("; \n"):  # declarations and control flow are no statements, and those within lean on them
        texts = [case.sql]
    session = _session(case)
    parts = [found for part in texts for found in session.analyze(part).statements]
    assert [_plain(statement) for statement in parts] == [_plain(statement) for statement in whole]


def _texts(text: str, statements: tuple[Statement, ...]) -> tuple[list[str], str]:
    """Returns the statements' texts, of a routine and what is in it only the routine's, and what is in none of them."""
    texts: list[str] = []
    outside, end = "", 0
    for statement in statements:
        if statement.start >= end:
            outside += text[end : statement.start]
            texts.append(text[statement.start : statement.end])
            end = statement.end
    return texts, outside + text[end:]


def _plain(statement: Statement) -> tuple[object, ...]:
    flows = tuple((flow.target, flow.source, flow.kind, flow.exactness) for flow in statement.flows)
    return statement.kind, flows, statement.reads, statement.writes, [problem.code for problem in statement.problems]


def _session(case: Case) -> Session:
    path = [part.strip() for part in case.headers.get("path", "").split(",") if part.strip()]
    database, schema = case.headers.get("database"), case.headers.get("schema")
    return Session(case.dialect or None, case.given, database, schema, path)


def test_an_answer_is_the_same_twice() -> None:
    text = "with a as (select * from t join u using (k)) select a.a + c as x, rank() over (order by d) as r from a"
    answers: list[Result] = [analyze(text, "duckdb", KNOWN) for _ in range(2)]
    assert answers[0] == answers[1]


def test_an_answer_survives_being_sent_to_another_process() -> None:
    text = "select case when a > 7 then 'x' else b::text end as y, k from t"
    answer = analyze(text, "duckdb", KNOWN)
    sent = pickle.loads(pickle.dumps(answer))
    assert sent == answer
    assert [flow.expression for flow in sent.flows] == [flow.expression for flow in answer.flows]
    assert {flow.redacted_expression for flow in sent.flows if flow.target.column == "y"} == {
        "CASE WHEN a > ? THEN ? ELSE CAST(b AS TEXT) END"
    }


def test_a_copied_column_has_no_expression_of_its_own() -> None:
    (flow,) = analyze("select a as x from t", "duckdb", KNOWN).flows
    assert flow.expression is None


def test_a_passed_on_column_has_the_expression_that_made_it() -> None:
    (flow,) = analyze("with w as (select upper(a) as x from t) select x as y from w", "duckdb", KNOWN).flows
    assert flow.expression == "UPPER(a)"
