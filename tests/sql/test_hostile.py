"""Whatever a text is, there is an answer: no exception, no endless work, nothing lost without a problem."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.sql import Session, analyze, fingerprint, is_sensitive, redact
from catalog.sql.limits import MAX_NESTING
from tests.sql.cases import read_cases

CASES = [case for case in read_cases() if len(case.sql) < 600]
QUICK = settings(
    max_examples=250,
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
    "fields": "select a" + ".b" * 4_000 + " from t",
    "named subscripts": "select a" + "[b]" * 4_000 + " from t",
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


# ---------------------------------------------------------------- short texts that stand for much


def _ladder(step: str, layers: int) -> str:
    parts = [f"c{n} as ({step.replace('%', f'c{n - 1}')})" for n in range(1, layers)]
    return f"with c0 as (select a, b from t), {', '.join(parts)} select * from c{layers - 1}"


SMALL = {
    "each query unites the one before with itself": _ladder("select * from % union all select * from %", 60),
    "each query joins the one before to itself": _ladder("select x.a + y.a as a, x.b from % as x, % as y", 60),
    "tests of tests": "select " + "coalesce(" * 250 + "a" + ", b)" * 250 + " from t",
    "nullif of nullif": "select " + "nullif(" * 250 + "a" + ", b)" * 250 + " from t",
    "a chain of joins by name": "select a from t0" + "".join(f" join t{n} using (a, b, c)" for n in range(1, 400)),
}


@pytest.mark.parametrize("name", SMALL)
def test_what_repeats_itself_is_read(name: str) -> None:
    result = analyze(SMALL[name], "duckdb", {"t": ["a", "b"]})
    assert "limit" not in {problem.code for problem in result.problems}
    assert result.flows


LARGE = {
    "each query joins all of the one before to itself": _ladder("select * from % as x cross join % as y", 40),
    "stars beside each other": "with w as (select " + ", ".join(f"c{n}" for n in range(900)) + " from t) select " + "*, " * 900 + "1 from w",
    "each column is the sum of all before": "select a as x0" + "".join(f", x{n - 1} + b{n} as x{n}" for n in range(1, 900)) + " from t",
    "columns that move round in a recursion": "with recursive r (" + ", ".join(f"c{n}" for n in range(800)) + ") as (select "
    + ", ".join(f"a{n}" for n in range(800)) + " from t union all select " + ", ".join(f"c{(n + 1) % 800}" for n in range(800))
    + " from r) select * from r",
    "aggregates for each of many values": "select * from t pivot (" + ", ".join(f"sum(a{n}) as s{n}" for n in range(400))
    + " for b in (" + ", ".join(f"'v{n}'" for n in range(400)) + "))",
    "routines that call routines": "".join(
        f"create procedure p{n}() language sql as $$ begin {f'call p{n - 1}(); ' * 10 if n else 'insert into t select a from s;'} end $$;"
        for n in range(8)
    ) + "call p7()",
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_what_stands_for_too_much_is_a_problem(name: str) -> None:
    """And no wait: without the limit none of them would end, or fit into memory."""
    result = analyze(f"{LARGE[name]}; select a from t", "snowflake")
    assert "limit" in {problem.code for problem in result.problems}
    assert result.statements[-1].flows  # what comes after it is read


# ---------------------------------------------------------------- work grows with the text, and no faster

GROWING: dict[str, Callable[[int], str]] = {
    "columns": lambda n: "select " + ", ".join(f"upper(c{i}) as d{i}" for i in range(n)) + " from t",
    "conditions": lambda n: "select a from t where " + " and ".join(f"c{i} = {i}" for i in range(n)),
    "branches of a case": lambda n: "select case " + " ".join(f"when a = {i} then b{i}" for i in range(n)) + " end as x from t",
    "a list": lambda n: "select a from t where b in (" + ", ".join(map(str, range(n))) + ")",
    "chained queries": lambda n: _ladder("select a + 1 as a, b from %", n),
    "set operations": lambda n: "select a from t0" + "".join(f" union all select a from t{i}" for i in range(1, n)),
    "joins": lambda n: "select t0.a from t0" + "".join(f" join t{i} on t{i}.a = t0.a" for i in range(1, n)),
    "joins by name": lambda n: "select a from t0" + "".join(f" join t{i} using (a)" for i in range(1, n)),
    "windows": lambda n: "select " + ", ".join(f"sum(a) over (partition by b{i}) as x{i}" for i in range(n)) + " from t",
    "columns of an insert": lambda n: "insert into t (" + ", ".join(f"c{i}" for i in range(n)) + ") select "
    + ", ".join(f"c{i}" for i in range(n)) + " from s",
    "columns of a merge": lambda n: "merge into t using s on t.a = s.a when matched then update set "
    + ", ".join(f"c{i} = s.c{i}" for i in range(n)),
    "subqueries": lambda n: "select " + ", ".join(f"(select max(a) from s where s.k = t.k{i}) as x{i}" for i in range(n)) + " from t",
    "statements": lambda n: ";".join(f"insert into t{i} (x) select a from s" for i in range(n)),
    "temporary tables": lambda n: ";".join(f"create temp table q{i} as select a from s; drop table q{i}" for i in range(n)),
    "renames": lambda n: "create table t0 as select a from s;" + ";".join(f"alter table t{i} rename to t{i + 1}" for i in range(n)),
    "parentheses": lambda n: "select " + "(" * n + "a" + ")" * n + " from t",
    "fields": lambda n: "select " + ", ".join(f"w.s.f{i}" for i in range(n)) + " from (select struct("
    + ", ".join(f"c{i} as f{i}" for i in range(n)) + ") as s from t) as w",
}  # fmt: skip


def _calls(text: str) -> int:
    """Returns how many functions of the engine are called for a text: a count of its work that does not hang on the clock."""
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and "/catalog/sql/" in frame.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        analyze(text, "duckdb")
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_text_is_twice_the_work(name: str) -> None:
    make = GROWING[name]
    analyze(make(120), "duckdb")  # words are learnt and rules are looked up once
    once, twice = _calls(make(60)), _calls(make(120))
    assert twice <= 2.2 * once
