"""Whatever a text is, there is an answer: no exception, no endless work, nothing lost without a problem."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.sql import Session, analyze, fingerprint, is_sensitive, redact
from catalog.sql.limits import MAX_NESTING
from tests.sql.cases import read_cases

CASES = [case for case in read_cases() if len(case.sql) < 600]
QUICK = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """Draws a case's text with words left out, doubled, or taken from another case."""
    case = draw(st.sampled_from(CASES))
    words = re.findall(r"\w+|\W", case.sql)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(words) - 1))
        other = re.findall(r"\w+|\W", draw(st.sampled_from(CASES)).sql)
        words[at : at + draw(st.integers(0, 3))] = draw(
            st.sampled_from([[], words[at : at + 2] * 2, other[:4], [";"], ["("]])
        )
        words = words or [" "]
    return case.dialect, "".join(words)


@QUICK
@given(damaged())
def test_damaged_text_has_an_answer(text: tuple[str, str]) -> None:
    dialect, sql = text
    result = analyze(sql, dialect or None)
    for statement in result.statements:
        assert 0 <= statement.start <= statement.end <= len(sql)
        assert statement.kind != "unparsed" or statement.problems
    assert all(1 <= problem.line <= sql.count("\n") + 1 for problem in result.problems)
    redact(sql, dialect or None)
    fingerprint(sql, dialect)
    is_sensitive(sql)


@QUICK
@given(st.text(max_size=60), st.sampled_from(["", "postgres", "snowflake", "bigquery", "tsql", "mysql", "clickhouse"]))
def test_any_text_has_an_answer(text: str, dialect: str) -> None:
    analyze(text, dialect or None)
    redact(text, dialect or None)
    fingerprint(text, dialect)


DEEP = {
    "parentheses": "select " + "(" * 4_000 + "a" + ")" * 4_000 + " from t",
    "cases": "select " + "case when a then " * 2_000 + "b" + " end" * 2_000 + " from t",
    "subqueries": "select * from " + "(select a from " * 2_000 + "t" + ") x" * 2_000,
    "not": "select " + "not " * 4_000 + "a from t",
    "subscripts": "select a" + "[1]" * 4_000 + " from t",
    "minus": "select " + "- " * 4_000 + "a from t",
    "arrays": "select " + "[" * 2_000 + "a" + "]" * 2_000 + " from t",
    "braces": "select " + "{'a': " * 2_000 + "1" + "}" * 2_000,
    "functions": "select " + "f(" * 2_000 + "a" + ")" * 2_000 + " from t",
}


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "bigquery"])
def test_what_is_nested_too_deeply_is_a_problem(name: str, dialect: str) -> None:
    assert {problem.code for problem in analyze(DEEP[name], dialect).problems} <= {"limit", "unparsed"}
    assert analyze(DEEP[name], dialect).problems


def test_what_is_nested_as_deeply_as_allowed_is_read() -> None:
    depth = MAX_NESTING - 1
    for text in (
        "select " + "(" * depth + "a" + ")" * depth + " from t",
        "select " + "upper(" * depth + "a" + ")" * depth + " from t",
        "select " + "case when a then " * depth + "b" + " end" * depth + " from t",
    ):
        result = analyze(text, "postgres")
        assert result.flows, result.problems


LONG = {
    "a sum": ("select " + " + ".join(f"c{i}" for i in range(5_000)) + " as x from t", 5_000),
    "a condition": ("select a from t where " + " and ".join(f"c{i} = 1" for i in range(5_000)), 1),
    "a union": ("select a from t0" + "".join(f" union all select a from t{i}" for i in range(1, 2_000)), 2_000),
    "a list": ("select a from t where b in (" + ", ".join(map(str, range(20_000))) + ")", 1),
    "columns": ("select " + ", ".join(f"upper(c{i}) as d{i}" for i in range(3_000)) + " from t", 3_000),
    "ctes": (
        "with c0 as (select a from t)"
        + "".join(f", c{i} as (select a + 1 as a from c{i - 1})" for i in range(1, 600))
        + " select a from c599",
        1,
    ),
    "statements": (";".join(f"insert into t{i} (x) select a from s" for i in range(1_000)), 1_000),
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_is_read(name: str) -> None:
    text, flows = LONG[name]
    result = analyze(text, "postgres")
    assert not result.problems
    assert len(result.flows) == flows


def test_a_text_beyond_the_limit_is_refused_without_reading_it() -> None:
    result = analyze("select a from t " + " " * 60_000_000, "postgres")
    assert [problem.code for problem in result.problems] == ["limit"]
    assert len(result.statements[0].text) <= 1_000


def test_a_limit_of_one_text_does_not_hurt_the_session() -> None:
    session = Session("postgres")
    session.analyze("create temp table q as select a from s.t")
    session.analyze(DEEP["parentheses"])
    assert [flow.source.table for flow in session.analyze("select a from q").flows] == [("s", "t")]


SECRETS = [
    "create user x with password 'hunter2'",
    "alter role x password 'y'",
    "create user x identified by 'y'",
    "copy t from 's3://b' credentials 'aws_access_key_id=A;aws_secret_access_key=B'",
    "create secret s (type s3, key_id 'A', secret 'B')",
    "create stage s url='s3://b' credentials=(aws_key_id='A' aws_secret_key='B')",
    "select dblink('postgresql://user:pass@host/db', 'select 1')",
    "create storage integration i azure_sas_token = 'x'",
    "select pgp_sym_decrypt(a, 'key') from t",
]


@pytest.mark.parametrize("text", SECRETS)
def test_statements_with_secrets_are_recognised(text: str) -> None:
    assert is_sensitive(text)
    assert is_sensitive(text.upper())


@pytest.mark.parametrize("text", ["select a from t", "update t set token_count = 1", "create table t (keyboard text)"])
def test_others_are_not(text: str) -> None:
    assert not is_sensitive(text)


@QUICK
@given(damaged())
def test_redacted_text_holds_no_literal(text: tuple[str, str]) -> None:
    dialect, sql = text
    marked = re.sub(r"'[^']*'", "'sEcReT'", sql)
    once = redact(marked, dialect or None)
    assert "sEcReT" not in once or '"' in marked or "`" in marked or "$$" in marked


def test_redacting_keeps_what_is_no_literal() -> None:
    text = "select a, 'x' || \"b'c\" /* 'y' */ from t -- 'z'\nwhere d = 1.5 and e = $$q$$"
    assert redact(text, "postgres") == 'select a, ? || "b\'c" from t\nwhere d = ? and e = ?'


def test_fingerprints_do_not_change_with_what_does_not_matter() -> None:
    same = [
        "insert into stg_20240101_a (x) select a from t where b in (1, 2) and c = 'x' -- one",
        "INSERT INTO stg_20250202_a (x)\n  SELECT a FROM t WHERE b IN (3) /* two */ AND c = 'yy''y';",
    ]
    assert len({fingerprint(text, "postgres") for text in same}) == 1
    assert fingerprint("select a from t") != fingerprint("select b from t")
    assert fingerprint("select a from tmp_550e8400_e29b_41d4_a716_446655440000") == fingerprint(
        "select a from tmp_11111111_2222_3333_4444_555555555555"
    )
