"""An answer from the cache is the answer that would be worked out anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.sql import Cache, Result, Session
from tests.sql.cases import Case, read_cases

SINGLE = [case for case in read_cases() if case.dialect in ("postgres", "snowflake", "tsql", "bigquery")]


def _session(cache: Cache | None, **settings: object) -> Session:
    return Session("postgres", {"s.t": ["a", "b"], "s.u": ["x", "y"]}, cache=cache, **settings)  # type: ignore[arg-type]


def _ask(cache: Cache, *texts: str) -> Result:
    session = _session(cache)
    return [session.analyze(text) for text in texts][-1]


def test_repeats_that_differ_in_literals_and_spacing_are_answered_from_the_cache() -> None:
    cache = Cache()
    texts = [f"insert into s.u (x)\n select a from s.t where b = {n} and a in ({n}, {n + 1}) -- {n}" for n in range(50)]
    answers = [_session(cache).analyze(text) for text in texts]
    assert cache.hits == 48
    assert len({answer.flows for answer in answers}) == 1
    assert [answer.statements[0].text for answer in answers] == [text.partition(" --")[0] for text in texts]


def test_an_ordinal_is_no_literal() -> None:
    cache = Cache()
    for _ in range(2):
        _ask(cache, "select a, b from s.t order by 1")
        _ask(cache, "select a, b from s.t order by 2")
    one, two = (_ask(cache, f"select a, b from s.t order by {n}") for n in (1, 2))
    assert cache.hits == 2
    assert [i.source.column for i in one.influences] == ["a"]
    assert [i.source.column for i in two.influences] == ["b"]


def test_a_temporary_table_of_another_session_is_another_table() -> None:
    cache = Cache()
    ways = ("create temp table q as select a from s.t", "create temp table q as select x from s.u")
    answers = [_ask(cache, way, "insert into s.u (x) select * from q") for way in ways * 3]
    one, two = answers[-2:]
    assert [flow.source.table for flow in one.flows] == [("s", "t")]
    assert [flow.source.table for flow in two.flows] == [("s", "u")]
    assert cache.hits > 0


def test_a_kept_answer_does_to_the_session_what_its_statement_does() -> None:
    cache = Cache()
    script = ("create temp table q as select a from s.t", "insert into q select y from s.u", "select * from q")
    answers = [_ask(cache, *script) for _ in range(4)]
    assert cache.hits >= 6
    assert all(answer == answers[0] for answer in answers)
    assert {flow.source.column for flow in answers[-1].flows} == {"a", "y"}


def test_a_new_column_of_a_table_is_seen() -> None:
    cache = Cache()
    for _ in range(3):
        _ask(cache, "select * from s.t")
    session = _session(cache)
    session.analyze("alter table s.t add column c int")
    assert [flow.source.column for flow in session.analyze("select * from s.t").flows] == ["a", "b", "c"]


def test_kept_expressions_hold_no_literals() -> None:
    cache = Cache()
    last = [_ask(cache, f"select a || 'secret{n}' as x from s.t") for n in range(4)][-1]
    assert last.flows[0].expression == "a || ?"


def test_the_least_recently_used_is_forgotten() -> None:
    cache = Cache(max_entries=2)
    for name in ("a", "b", "c", "d"):
        for _ in range(3):
            _ask(cache, f"select a as {name} from s.t")
    assert len(cache) == 2


@pytest.mark.parametrize("case", SINGLE, ids=str)
def test_every_case_is_the_same_from_the_cache(case: Case) -> None:
    cache = Cache()
    answers = []
    for _ in range(3):
        session = Session(
            case.dialect, case.given, case.headers.get("database"), case.headers.get("schema"), cache=cache
        )
        answers.append(session.analyze(case.sql))
    assert _plain(answers[0]) == _plain(answers[1]) == _plain(answers[2])


def _plain(result: Result) -> Result:
    """Without the texts, which the cache cuts from the text at hand: comments around a statement may differ."""
    return replace(result, statements=tuple(replace(s, text="", start=0, end=0) for s in result.statements))
