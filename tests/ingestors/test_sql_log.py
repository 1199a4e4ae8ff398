"""What logs of SQL statements say, format by format."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog.model.edges import DependsOn, DerivesFrom
from catalog.model.facts import Fact, Snapshot
from catalog.model.instants import parse, show
from catalog.model.nodes import Dataset
from catalog.sql import Problem, Result, Statement
from catalog.sql.workers import SessionResults
from ingestors.sql_log import SqlLogIngestor, analyses, splitting, thinning, transactions, trial
from ingestors.sql_log.sorting import in_order
from ingestors.sql_log.thinning import Thinned
from tests.ingestors.sql_logs import (
    Line,
    content,
    csvlog,
    done,
    edges,
    failed,
    jsonlog,
    now,
    read,
    read_lines,
    said,
    skips,
    spans,
)

many = settings(max_examples=50, deadline=None, derandomize=True, database=None)
LAB: dict[str, Any] = {"namespace": "snowflake://acme-lab"}


def _facts(snapshots: Sequence[Snapshot]) -> list[Fact]:
    return [item for one in snapshots for item in one.facts if isinstance(item, Fact)]


def _flows(snapshots: Sequence[Snapshot]) -> list[DerivesFrom]:
    return [fact.element for fact in _facts(snapshots) if isinstance(fact.element, DerivesFrom)]


def _lists(snapshots: Sequence[Snapshot], name: str) -> list[list[str]]:
    """Returns the column lists that were told of a data set, in their order."""
    nodes = [fact.element for fact in _facts(snapshots)]
    return [n.columns for n in nodes if isinstance(n, Dataset) and n.name == name and n.columns is not None]


def _scopes(snapshots: Sequence[Snapshot]) -> list[tuple[str, ...]]:
    return [one.scope[2:] for one in snapshots if one.scope[0] == "sql"]


# --- PostgreSQL's log ------------------------------------------------------------------------------------------------


def test_nothing_secret_leaves_the_reader(tmp_path: Path) -> None:
    lines = [
        said("1", "create view v as select k from r where token = 'CANARY1' and n = 770077 -- CANARY2"),
        said(
            "1", "insert into a (k, t) select k, $$CANARY3$$ || E'\\'CANARY4' from r /* CANARY5 */ where x = 'CANARY6'"
        ),
        said("1", "alter role etl with password 'CANARY7'"),
        said("1", "create user bob password 'CANARY8'"),
        said("1", "prepare p(text) as insert into b (k) select k from r where t = $1"),
        said(
            "1",
            "execute p('CANARY9')",
            detail="prepare: prepare p(text) as insert into b (k) select k from r where t = $1",
        ),
        said("1", "insert into c select k from r where (((( 'CANARY10'"),
        said("1", "call refresh('CANARY11')"),
        *failed("1", "insert into d select k from r where t = 'CANARY12'"),
        done("1", "copy r from 's3://bucket' credentials 'aws_secret_access_key=CANARY13'"),
        Line("1", "execute <unnamed>: insert into e (k) select $1", detail="parameters: $1 = 'CANARY14'"),
    ]
    text = "".join(
        str([(item.body if isinstance(item, Fact) else item) for item in s.facts]) for s in read_lines(tmp_path, lines)
    )
    assert "CANARY" not in text
    assert "770077" not in text


_WORDS = (
    "insert into a ( k , t ) select k , 'CANARY' from r where x = 'CANARY' and y in ( 'CANARY' , 'CANARY' ) ;".split()
)


@many
@given(st.lists(st.sampled_from(_WORDS), min_size=2, max_size=14))
def test_what_is_said_of_a_broken_statement_holds_no_literal(words: list[str]) -> None:
    with _folder() as folder:
        snapshots = read_lines(folder, [said("1", " ".join(["insert into a", *words]))])
    assert "CANARY" not in " ".join(skip.message for skip in skips(snapshots))


def test_a_cut_line_is_named_and_hides_nothing_else(tmp_path: Path) -> None:
    lines = [said("1", "insert into a (k) select k from r"), said("1", "insert into b (k) select k from r")]
    first, second = jsonlog(lines).splitlines()
    snapshots = read(tmp_path, {"log.json": f"{first}\n{second[:80]}\n{second}\n"}, format="postgres-jsonlog")
    assert now(snapshots) >= {"a < r", "b < r"}
    assert [(skip.code, str(skip.origin)) for skip in skips(snapshots)] == [("unreadable", "log.json:2")]
    rows = csvlog(lines).splitlines(keepends=True)
    snapshots = read(tmp_path, {"log.csv": rows[0] + "2026-02-03,cut\n" + rows[1]})
    assert now(snapshots) >= {"a < r", "b < r"}
    assert [(skip.code, str(skip.origin)) for skip in skips(snapshots)] == [("unreadable", "log.csv:record 2")]


def test_a_session_goes_on_in_the_file_that_begins_later(tmp_path: Path) -> None:
    lines = [said("1", "create temp table x as select k from r"), said("1", "insert into a (k) select k from x")]
    rows = csvlog(lines).splitlines(keepends=True)
    snapshots = read(tmp_path, {"log-tue.csv": rows[0], "log-mon.csv": rows[1]}, path="log-*.csv")
    assert now(snapshots) == {"a.k < r.k identity", "a < r"}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "04:00:00"),
        ("CET", "03:00:00"),
        ("+05:30", "2026-02-02T22:30:00"),
        ("-03", "07:00:00"),
        ("PDT", "11:00:00"),
    ],
)
def test_times_have_the_zone_that_they_are_written_with(zone: str, expected: str, tmp_path: Path) -> None:
    snapshots = read_lines(tmp_path, [said("1", "insert into a select k from r", zone=zone)])
    assert expected in show(snapshots[0].at)
    assert skips(snapshots) == []


def test_a_zone_that_nobody_knows_is_taken_for_utc_and_named(tmp_path: Path) -> None:
    snapshots = read_lines(tmp_path, [said("1", "insert into a select k from r", zone="XYZT")])
    assert snapshots[0].at == parse("2026-02-03T04:00:00Z")
    assert [skip.code for skip in skips(snapshots)] == ["unsupported"]


def test_statements_of_one_time_stamp_keep_their_order(tmp_path: Path) -> None:
    lines = [said("1", text, second=0) for text in ("truncate t", "insert into t (k) select k from r")]
    again = [said("1", text, second=0) for text in ("truncate t", "insert into t (k) select v from s")]
    assert now(read_lines(tmp_path, [*lines, *again])) == {"t.k < s.v identity", "t < s"}


@pytest.mark.parametrize("form", ["parse", "bind"])
def test_parse_and_bind_are_no_executions(form: str, tmp_path: Path) -> None:
    lines = [Line("1", f"duration: 0.1 ms  {form} <unnamed>: insert into a (k) select k from r")]
    assert now(read_lines(tmp_path, lines)) == set()


@pytest.mark.parametrize("name", ["<unnamed>", "S_1", "S_1/C_2"])
def test_an_execution_counts_with_or_without_its_duration(name: str, tmp_path: Path) -> None:
    text = f"execute {name}: insert into a (k) select k from r"
    for message in (text, f"duration: 0.1 ms  {text}"):
        assert now(read_lines(tmp_path, [Line("1", message)])) == {"a.k < r.k identity", "a < r"}


def test_a_log_without_statements_says_what_to_set(tmp_path: Path) -> None:
    (skip,) = skips(read_lines(tmp_path, [Line("1", "Anweisung: insert into a (k) select k from r")]))
    assert skip.code == "ignored"
    assert "lc_messages" in skip.message


# --- where names belong ----------------------------------------------------------------------------------------------

INSERT = "insert into a (k) select k from core.r"


@pytest.mark.parametrize(
    ("before", "after", "table"),
    [
        (["set search_path to mart, public"], [], "mart.a"),
        (["select pg_catalog.set_config('search_path', 'mart', false)"], [], "mart.a"),
        (["set search_path = 'mart'", "reset search_path"], [], "a"),
        (["begin", "set local search_path to mart"], ["commit"], "mart.a"),
        (["begin", "set local search_path to mart", "commit"], [], "a"),
        (["begin", "set search_path to mart", "rollback"], [], "a"),
        (["alter role etl set search_path = mart, core"], [], "a"),
        (['set search_path to "Odd Schema"'], [], "Odd Schema.a"),
    ],
)
def test_bare_names_belong_where_the_session_looks(
    before: list[str], after: list[str], table: str, tmp_path: Path
) -> None:
    snapshots = read_lines(tmp_path, [said("1", text) for text in [*before, INSERT, *after]])
    assert f"{table} < core.r" in now(snapshots)


def test_a_role_or_database_gives_new_sessions_their_search_path(tmp_path: Path) -> None:
    for what in ("role etl", "database db"):
        lines = [said("0", f"alter {what} set search_path = mart, core"), said("1", INSERT)]
        assert "mart.a < core.r" in now(read_lines(tmp_path, lines))


def test_names_belong_to_the_database_of_the_session(tmp_path: Path) -> None:
    snapshots = read_lines(tmp_path, [said("1", INSERT, database="other")])
    assert _scopes(snapshots)[0][0] == "other.public.a"


# --- columns ---------------------------------------------------------------------------------------------------------

COLUMNS = "table_catalog,table_schema,table_name,column_name,ordinal_position,data_type\ndb,public,r,v,2,text\ndb,public,r,k,1,int\n"


def _with_columns(folder: Path, text: str, at: str, columns: str = COLUMNS) -> list[Snapshot]:
    files = {"log.csv": csvlog([said("1", text)]), "columns.csv": columns}
    return read(folder, files, at=at, columns="columns.csv")


def test_a_star_over_columns_of_another_time_is_no_exact_claim(tmp_path: Path) -> None:
    view = "create view w as select *, k as own from r"
    late = {
        flow.start.parts[2]: flow.exactness for flow in _flows(_with_columns(tmp_path, view, "2026-02-03T05:00:00Z"))
    }
    assert late == {"k": "over_approximate", "v": "over_approximate", "own": "exact"}
    same = _flows(_with_columns(tmp_path, view, "2026-02-03T04:00:00Z"))
    assert {flow.exactness for flow in same} == {"exact"}


def test_a_star_over_columns_that_the_log_declares_is_exact(tmp_path: Path) -> None:
    lines = [said("1", "create table r (k int, v text)"), said("2", "create view w as select * from r")]
    snapshots = read_lines(tmp_path, lines)
    assert {flow.exactness for flow in _flows(snapshots)} == {"exact"}
    assert _lists(snapshots, "db.public.w") == [["k", "v"]]


def test_a_list_that_stands_on_columns_of_another_time_is_not_told(tmp_path: Path) -> None:
    snapshots = _with_columns(tmp_path, "create view w as select * from r", "2026-02-03T05:00:00Z")
    assert _lists(snapshots, "db.public.w") == []
    assert _lists(snapshots, "db.public.r") == [["k", "v"]]


def test_the_columns_file_is_a_snapshot_of_its_own_time(tmp_path: Path) -> None:
    first = _with_columns(tmp_path, "select 1", "2026-02-03T05:00:00Z")[0]
    assert (first.scope, show(first.at)) == (("columns", "postgres://db:5432"), "2026-02-03T05:00:00Z")
    assert first.complete
    upper = _with_columns(
        tmp_path,
        "select 1",
        "2026-02-03T05:00:00Z",
        COLUMNS.replace("table_", "TABLE_").replace("column_name", "COLUMN_NAME"),
    )
    assert [fact.body for fact in _facts([first])] == [fact.body for fact in _facts(upper[:1])]


def test_a_columns_file_that_was_not_read_whole_closes_nothing(tmp_path: Path) -> None:
    first = _with_columns(tmp_path, "select 1", "2026-02-03T05:00:00Z", COLUMNS + "db,public,r\n")[0]
    assert not first.complete
    assert [skip.code for skip in skips([first])] == ["unreadable"]


@pytest.mark.parametrize(
    ("change", "listed", "flows"),
    [
        ("add column z int", ["k", "v", "z"], {"t.k < r.k identity", "t.v < r.v identity"}),
        ("rename column v to w", ["k", "w"], {"t.k < r.k identity", "t.w < r.v identity"}),
        ("drop column v", ["k"], {"t.k < r.k identity"}),
        ("drop column v, add column z int", ["k", "z"], {"t.k < r.k identity"}),
    ],
)
def test_altered_columns(change: str, listed: list[str], flows: set[str], tmp_path: Path) -> None:
    lines = [said("1", "create table t as select k, v from r"), said("2", f"alter table t {change}")]
    snapshots = read_lines(tmp_path, lines)
    assert _lists(snapshots, "db.public.t")[-1] == listed
    assert now(snapshots) == {*flows, "t < r"}


def test_nothing_is_said_of_the_columns_of_a_table_that_was_altered_but_is_not_known(tmp_path: Path) -> None:
    assert _scopes(read_lines(tmp_path, [said("1", "alter table t add column z int")])) == []


# --- definitions -----------------------------------------------------------------------------------------------------


def test_if_not_exists_closes_nothing_unless_its_session_has_dropped_it(tmp_path: Path) -> None:
    make = "create table if not exists t as select k from r"
    assert {one.complete for one in read_lines(tmp_path, [said("1", make)]) if one.scope[0] == "sql"} == {False}
    lines = [said("1", "drop table t"), said("1", make)]
    assert {one.complete for one in read_lines(tmp_path, lines) if one.scope[0] == "sql"} == {True}


def test_a_renamed_table_whose_definition_the_log_has_not_is_guessed(tmp_path: Path) -> None:
    snapshots = read_lines(tmp_path, [said("1", "alter table t rename to u")])
    assert now(snapshots) == {"u < t"}
    guesses = [fact.element for fact in _facts(snapshots)]
    assert all(isinstance(edge, DependsOn) and edge.exactness == "guessed" for edge in guesses)


def test_two_tables_that_change_places_take_their_definitions_along(tmp_path: Path) -> None:
    rows = [
        ("create table a as select k from r", ""),
        ("create table b as select v from s", ""),
        ("alter table a swap with b", ""),
    ]
    assert now(_history(tmp_path, [_query(n, text) for n, (text, _) in enumerate(rows)])) == {
        "L.P.A.V < L.P.S.V identity", "L.P.A < L.P.S", "L.P.B.K < L.P.R.K identity", "L.P.B < L.P.R",
    }  # fmt: skip


def test_a_new_definition_replaces_the_old_one_with_what_was_added(tmp_path: Path) -> None:
    lines = [
        said("1", "create view t as select k from r"), said("1", "update t set k = s.k from s"),
        said("2", "create or replace view t as select v as k from r"),
    ]  # fmt: skip
    assert now(read_lines(tmp_path, lines)) == {"t.k < r.v identity", "t < r"}


def test_a_statement_that_is_not_understood_names_its_table_and_closes_nothing(tmp_path: Path) -> None:
    lines = [
        said("1", "create table t as select k from r"),
        said("1", "create table public.t as select k from r where (((("),
    ]
    snapshots = read_lines(tmp_path, lines)
    assert now(snapshots) == {"t.k < r.k identity", "t < r"}
    (skip,) = skips(snapshots)
    assert (skip.code, [urn.name for urn in skip.subjects]) == ("unparsed", ["db.public.t"])


def test_a_procedure_that_another_session_defined_is_followed_and_one_that_none_did_is_named(tmp_path: Path) -> None:
    body = "create procedure fill() language plpgsql as $$ begin insert into a (k) select k from r; end $$"
    defined = read_lines(tmp_path, [said("1", body)])
    assert now(defined) == set()
    called = read_lines(tmp_path, [said("1", body), said("2", "call fill()")])
    assert now(called) == {"a.k < r.k identity", "a < r"}
    (skip,) = skips(read_lines(tmp_path, [said("2", "call fill()")]))
    assert "fill" in skip.message


def test_a_transaction_of_too_many_statements_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "MAX_KEPT", 3)
    rows = [f"insert into a (k) values ({n})" for n in range(10)]
    texts = ["begin", *rows, *[f"insert into t{n} (k) select k from r" for n in range(4)], "commit"]
    snapshots = read_lines(tmp_path, [said("1", text) for text in texts])
    assert {edge for edge in now(snapshots) if "." not in edge} == {"t0 < r", "t1 < r"}
    assert [(skip.code, skip.occurrences) for skip in skips(snapshots)] == [("limit", 2)]


# --- repetition ------------------------------------------------------------------------------------------------------


@st.composite
def repeated(draw: st.DrawFn) -> list[Line]:
    """Statements that come again and again over two days, some of them with other literals."""
    texts = st.sampled_from((
        "insert into a (k) select k from r where d > '2026-01-0{}'", "insert into a (k, n) select k, v from r order by {}",
        "truncate a", "insert into a (k) select v from s limit {}", "insert into b (k) values ({}000)",
        "create or replace view b as select k from r", "create or replace view b as select v as k from r", "drop view if exists b",
        "create temp table r as select v as k, k as v, k as d from s", "drop table if exists r",
    ))  # fmt: skip
    written = draw(st.lists(st.tuples(texts, st.integers(1, 3), st.sampled_from("12")), min_size=1, max_size=14))
    return [said(session, text.format(n), second=place * 11_000) for place, (text, n, session) in enumerate(written)]


@many
@given(repeated())
def test_telling_the_first_and_last_of_a_day_ends_as_telling_all(lines: list[Line]) -> None:
    whole = _unthinned(lines)
    thin = _thinned(whole)
    assert spans(thin) == spans(whole)
    assert len(thin) <= len(whole)


@many
@given(repeated())
def test_what_lies_below_a_scope_comes_before_it(lines: list[Line]) -> None:
    seen: set[tuple[int, tuple[str, ...]]] = set()
    for one in _thinned(_unthinned(lines)):
        assert not any((one.at, one.scope[:size]) in seen for size in range(1, len(one.scope)))
        seen.add((one.at, one.scope))


def _thinned(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    thinned = Thinned()
    return [*(told for one in snapshots for told in thinned.feed(one)), *thinned.finish()]


def _unthinned(lines: list[Line]) -> list[Snapshot]:
    with pytest.MonkeyPatch.context() as patch, _folder() as folder:
        patch.setattr(Thinned, "feed", lambda _, snapshot: iter((snapshot,)))
        return read_lines(folder, lines)


@many
@given(repeated())
def test_an_analysis_that_is_reused_is_the_one_that_would_be_made(lines: list[Line]) -> None:
    with _folder() as folder, pytest.MonkeyPatch.context() as patch:
        reused = content(read_lines(folder, lines))
        patch.setattr(analyses, "MAX_CHARACTERS", 0)
        assert content(read_lines(folder, lines)) == reused


@many
@given(repeated())
def test_what_is_forgotten_for_room_is_told_all_the_same(lines: list[Line]) -> None:
    with _folder() as folder, pytest.MonkeyPatch.context() as patch:
        roomy = spans(read_lines(folder, lines))
        patch.setattr(analyses, "MAX_WEIGHT", 1)
        patch.setattr(thinning, "MAX_WEIGHT", 1)
        assert spans(read_lines(folder, lines)) == roomy


@pytest.mark.parametrize(
    "texts",
    [
        ["insert into a (k, n) select k, v from r order by 1", "insert into a (k, n) select k, v from r order by 2"],
        ["insert into a select * from r", "create table r (k int, v int)", "insert into a select * from r"],
        ["insert into a (k) select k from r", "create temp table r as select v as k from s", "insert into a (k) select k from r"],
        ["insert into a (k) select x->>'p' from r", "insert into a (k) select x->>'q' from r"],
        ["select 1", "set search_path to mart", "insert into a (k) select k from r", "reset search_path", "insert into a (k) select k from r"],
    ],
)  # fmt: skip
def test_what_looks_the_same_and_is_not_is_analysed_anew(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [said("2" if text.startswith("create table") else "1", text) for text in [*texts, *texts]]
    reused = content(read_lines(tmp_path, lines))
    monkeypatch.setattr(analyses, "MAX_CHARACTERS", 0)
    assert content(read_lines(tmp_path, lines)) == reused


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@many
@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=8))), st.integers(1, 60))
def test_records_are_sorted_in_bounded_runs(records: list[tuple[int, str]], limit: int) -> None:
    keyed = [([key, ""], value) for key, value in records]
    assert [value for _, value in in_order(keyed, limit)] == [v for _, v in sorted(keyed, key=lambda item: item[0])]


@many
@given(
    st.lists(
        st.sampled_from(
            ("select 1", "select ';', \"a;b\"", "insert into a -- x;\nvalues (1)", "select $x$;$x$ /* ; */")
        ),
        max_size=5,
    )
)
def test_both_ways_of_cutting_a_text_agree(statements: list[str]) -> None:
    text = ";\n".join(["select 0;", *statements])
    with pytest.MonkeyPatch.context() as patch:
        whole = list(splitting.split(text, "postgres"))
        patch.setattr(splitting, "MAX_CHARACTERS", 0)
        cut = list(splitting.split(text, "postgres"))
    assert [line for _, line in whole] == [line for _, line in cut]
    assert len(whole) == len(cut) == len(statements) + 1


# --- long texts ------------------------------------------------------------------------------------------------------


class Refusing(Executor):
    """Answers as if each text had breached a limit."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        problem = Problem("limit", "the statement was stopped", 1)
        statement = Statement("unparsed", "", 0, 0, 1, problems=(problem,))
        done_at_once: Future[Any] = Future()
        done_at_once.set_result([SessionResults("", (Result((statement,), (), (), (), ()),))])
        return done_at_once


def test_a_text_that_was_stopped_is_named_with_its_table_and_nothing_else_is_lost(tmp_path: Path) -> None:
    long = f"create or replace view t as select k from r where v in ({', '.join(map(str, range(30_000)))})"
    lines = [
        said("1", "create view t as select k from s"),
        said("1", long),
        said("1", "insert into a (k) select k from r"),
    ]
    snapshots = read_lines(tmp_path, lines, executor=Refusing())
    assert now(snapshots) == {"t.k < s.k identity", "t < s", "a.k < r.k identity", "a < r"}
    assert [(skip.code, [urn.name for urn in skip.subjects]) for skip in skips(snapshots)] == [
        ("limit", ["db.public.t"])
    ]


def test_a_text_that_passes_its_trial_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MIN_CHARACTERS", 1)
    assert now(read_lines(tmp_path, [said("1", "insert into a (k) select k from r")])) == {
        "a.k < r.k identity",
        "a < r",
    }


# --- other formats ---------------------------------------------------------------------------------------------------

STATEMENTS = 'usename,datname,queryid,toplevel,calls,query\netl,db,1,{top},1,"{text}"\n'


@pytest.mark.parametrize("top", ["t", "f"])
def test_pg_stat_statements_says_tables_only_and_guesses(top: str, tmp_path: Path) -> None:
    text = STATEMENTS.format(top=top, text="insert into core.a (k) select v from core.r where k > $1")
    snapshots = read(tmp_path, {"s.csv": text}, at="2026-02-03", format="pg-stat-statements")
    assert now(snapshots) == {"core.a < core.r"}
    assert {edge.exactness for fact in _facts(snapshots) if isinstance(edge := fact.element, DependsOn)} == {"guessed"}


def test_pg_stat_statements_finds_a_bare_name_if_one_known_table_has_it(tmp_path: Path) -> None:
    text = STATEMENTS.format(top="t", text="insert into core.a (k) select k from r")
    options: dict[str, Any] = {"at": "2026-02-03", "format": "pg-stat-statements"}
    known = read(tmp_path, {"s.csv": text, "columns.csv": COLUMNS}, columns="columns.csv", **options)
    assert now(known) == {"core.a < r"}
    twice = COLUMNS + "db,other,r,k,1,int\n"
    doubtful = read(tmp_path, {"s.csv": text, "columns.csv": twice}, columns="columns.csv", **options)
    assert now(doubtful) == set()
    assert [(skip.code, [urn.name for urn in skip.subjects]) for skip in skips(doubtful)] == [
        ("unresolved", ["db.core.a"])
    ]


def test_pg_stat_statements_does_not_end_what_the_log_says(tmp_path: Path) -> None:
    insert = "insert into core.a (k) select v from core.r where k > {}"
    log = read_lines(tmp_path, [said("1", insert.format(7))])
    statements = read(
        tmp_path,
        {"s.csv": STATEMENTS.format(top="t", text=insert.format("$1"))},
        at="2026-02-04",
        format="pg-stat-statements",
    )
    assert now([*log, *statements]) == now(log)
    assert "core.a.k < core.r.v identity" in now(log)


def test_views_come_from_the_catalog_with_any_name(tmp_path: Path) -> None:
    text = 'schemaname,name,kind,definition\n"Odd ""Schema""","a.b;",view,"SELECT r.k FROM core.r;"\n'
    snapshots = read(tmp_path, {"v.csv": text}, at="2026-02-03", format="postgres-views", database="db")
    assert now(snapshots) == {'Odd "Schema".a.b;.k < core.r.k identity', 'Odd "Schema".a.b; < core.r'}
    assert {one.complete for one in snapshots} == {True}


def _query(number: int, text: str, **fields: str) -> dict[str, str]:
    return {
        "QUERY_ID": f"q{number:04d}", "QUERY_TEXT": text, "DATABASE_NAME": "L", "SCHEMA_NAME": "P", "QUERY_TYPE": "UNKNOWN", "SESSION_ID": "1",
        "EXECUTION_STATUS": "SUCCESS", "ERROR_CODE": "", "START_TIME": f"2026-02-03 04:{number:02d}:00.000 +0000", **fields,
    }  # fmt: skip


def _history(folder: Path, queries: list[dict[str, str]]) -> list[Snapshot]:
    return read(folder, {"h.json": json.dumps(queries)}, format="snowflake-query-history", **LAB)


QUERIES = [
    _query(1, "create table t as select k from r"),
    _query(2, "begin"),
    _query(3, "insert into t select v from s"),
    _query(4, "rollback"),
    _query(5, "insert into failed select v from s", EXECUTION_STATUS="FAIL", ERROR_CODE="1"),
    _query(6, "begin"),
    _query(7, "insert into kept (k) select v from s"),
    _query(8, "create table other (a number)"),
    _query(9, "rollback"),
    _query(10, 'insert into "Mixed" ("Case") select k from p2.r', SCHEMA_NAME="Q"),
    _query(11, "insert into parent select k from r; select 1", QUERY_TYPE="MULTI_STATEMENT"),
    _query(12, "call fill('a')", QUERY_TYPE="CALL"),
    _query(13, "insert into called (k) select k from r", PARENT_QUERY_ID="q0012"),
    _query(14, "call unseen()", QUERY_TYPE="CALL"),
]
EXPECTED = {
    "L.P.T.K < L.P.R.K identity", "L.P.T < L.P.R", "L.P.KEPT.K < L.P.S.V identity", "L.P.KEPT < L.P.S",
    "L.Q.Mixed.Case < L.P2.R.K identity", "L.Q.Mixed < L.P2.R", "L.P.CALLED.K < L.P.R.K identity", "L.P.CALLED < L.P.R",
}  # fmt: skip


def test_a_query_history_in_any_order_and_form(tmp_path: Path) -> None:
    snapshots = _history(tmp_path, QUERIES)
    assert now(snapshots) == EXPECTED
    assert ["unseen" in skip.message for skip in skips(snapshots)] == [True]
    for shown in (
        {"h.json": json.dumps(QUERIES[::-1])},
        {"h.jsonl": "".join(json.dumps(query) + "\n" for query in QUERIES[::-1])},
        {"h.csv": _csv(QUERIES[::-1])},
    ):
        again = read(tmp_path, shown, format="snowflake-query-history", **LAB)
        assert content(again) == content(snapshots)


def _csv(rows: list[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "".join(",".join('"' + value.replace('"', '""') + '"' for value in line) + "\n" for line in lines)


@pytest.mark.parametrize(
    "text",
    ["2026-02-03 04:00:00.000 Z", "2026-02-02 20:00:00.000 -0800", "2026-02-03T04:00:00Z", "1770091200.000", "1770091200000",
     "Tue, 03 Feb 2026 04:00:00 +0000"],
)  # fmt: skip
def test_times_of_snowflake(text: str, tmp_path: Path) -> None:
    snapshots = _history(tmp_path, [_query(1, "insert into t (k) select k from r", START_TIME=text)])
    assert snapshots[0].at == parse("2026-02-03T04:00:00Z")


def _access(**fields: Any) -> dict[str, Any]:
    target = {"objectDomain": "Table", "objectName": "L.P.T", "columns": [
        {"columnName": "K", "directSources": [{"objectName": "L.P.R", "columnName": "A"}]},
    ]}  # fmt: skip
    read_from = [{"objectDomain": "View", "objectName": "L.P.R", "columns": [{"columnName": "A"}]}]
    record = {
        "QUERY_ID": "1",
        "QUERY_START_TIME": "2026-02-03 04:00:00.000 Z",
        "OBJECTS_MODIFIED": [target],
        "DIRECT_OBJECTS_ACCESSED": read_from,
    }
    return record | fields


def _access_history(folder: Path, *records: dict[str, Any]) -> list[Snapshot]:
    return read(
        folder, {"a.jsonl": "".join(json.dumps(r) + "\n" for r in records)}, format="snowflake-access-history", **LAB
    )


def test_access_history_gives_columns_without_their_kind(tmp_path: Path) -> None:
    snapshots = _access_history(tmp_path, _access())
    assert now(snapshots) == {"L.P.T.K < L.P.R.A transformation", "L.P.T < L.P.R"}
    assert {flow.exactness for flow in _flows(snapshots)} == {"over_approximate"}
    as_text = {name: json.dumps(value) if isinstance(value, list) else value for name, value in _access().items()}
    assert content(_access_history(tmp_path, as_text)) == content(snapshots)


def test_equal_accesses_share_a_scope_whatever_their_query(tmp_path: Path) -> None:
    snapshots = _access_history(
        tmp_path, _access(), _access(QUERY_ID="2", QUERY_START_TIME="2026-02-04 04:00:00.000 Z")
    )
    assert len(set(_scopes(snapshots))) == 1


def test_a_cut_access_record_closes_nothing(tmp_path: Path) -> None:
    (target,) = _access()["OBJECTS_MODIFIED"]
    cut = {**target, "columns": [*target["columns"], {"columnId": -1, "columnName": "TRUNCATED"}]}
    snapshots = _access_history(tmp_path, _access(OBJECTS_MODIFIED=[cut]))
    assert [one.complete for one in snapshots if one.scope[0] == "sql"] == [False]
    assert [(skip.code, [urn.name for urn in skip.subjects]) for skip in skips(snapshots)] == [("too_large", ["L.P.T"])]
    assert "L.P.T.K < L.P.R.A transformation" in now(snapshots)


def test_what_access_history_says_was_dropped_is_closed(tmp_path: Path) -> None:
    ddl = {"objectDomain": "Table", "objectName": "L.P.T", "operationType": "DROP"}
    later = _access(QUERY_START_TIME="2026-02-05 04:00:00.000 Z", OBJECTS_MODIFIED=[], OBJECT_MODIFIED_BY_DDL=ddl)
    assert now(_access_history(tmp_path, _access(), later)) == set()


def test_sql_files_are_sessions_that_keep_their_literals(tmp_path: Path) -> None:
    files = {
        "jobs/1.sql": "create temp table x as select k from r;\n\n\ncreate view v as select k from x where k > 42;",
        "jobs/2.sql": "insert into a (k) select k from x;",
    }
    options: dict[str, Any] = {"path": "jobs/*.sql", "format": "sql-files", "dialect": "postgres", "database": "db"}
    snapshots = read(tmp_path, files, at="2026-02-03", **options)
    assert now(snapshots) == {"v.k < r.k identity", "v < r.k filter", "v < r", "a.k < x.k identity", "a < x"}
    assert "k > 42" in "".join(fact.body for fact in _facts(snapshots))
    assert {str(fact.origin) for fact in _facts(snapshots)} == {"jobs/1.sql:4", "jobs/2.sql:1"}
    assert all(one.dated for one in snapshots)
    assert not any(one.dated for one in read(tmp_path, files, **options))


def test_rows_among_the_statements_of_a_dump_are_no_statements(tmp_path: Path) -> None:
    text = "COPY r (k) FROM stdin;\n1; drop table a\n\\.\n\\set x 1\n\\i more.sql\ninsert into a (k) select k from r;\n"
    snapshots = read(tmp_path, {"d.sql": text}, at="2026-02-03", format="sql-files", dialect="postgres", database="db")
    assert now(snapshots) == {"a.k < r.k identity", "a < r"}
    assert [str(skip.origin) for skip in skips(snapshots)] == ["d.sql:5"]
    assert {str(fact.origin) for fact in _facts(snapshots)} == {"d.sql:1", "d.sql:6"}


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [("snowflake://a", "db.A"), ("postgres://h", "db.public.a"), ("bigquery", "db.a"), ("sqlserver://h", "db.dbo.a")],
)
def test_files_are_read_in_the_dialect_of_their_namespace(namespace: str, expected: str, tmp_path: Path) -> None:
    files = {"a.sql": "insert into a select count(*) from r"}
    snapshots = read(tmp_path, files, at="2026-02-03", format="sql-files", namespace=namespace, database="db")
    assert _scopes(snapshots)[0][0] == expected


def test_a_dialect_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="postgras"):
        SqlLogIngestor.options.model_validate(
            {"path": "x", "format": "sql-files", "namespace": "wh", "dialect": "postgras"}
        )


def test_edges_are_shown_as_they_are_meant(tmp_path: Path) -> None:
    snapshots = read_lines(
        tmp_path, [said("1", "insert into a (k) select max(v) over (partition by g) from r where h > 1")]
    )
    assert edges(_facts(snapshots)) == {
        "a.k < r.v aggregation", "a.k < r.g window", "a < r.h filter", "a < r",
    }  # fmt: skip
