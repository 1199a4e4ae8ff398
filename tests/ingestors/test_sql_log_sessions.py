"""Laws of sessions: what was taken back says nothing, and what one session replaces is never half there."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model.facts import Snapshot
from ingestors.sql_log.held import STATEMENTS
from tests.ingestors.sql_logs import (
    Line,
    content,
    csvlog,
    done,
    failed,
    jsonlog,
    now,
    read,
    read_lines,
    said,
    skips,
    spans,
    timed,
)

many = settings(max_examples=60, deadline=None, derandomize=True, database=None)

TABLES = ("a", "b")
SOURCES = ("r", "s")


def _read(lines: list[Line], text: str = "") -> list[Snapshot]:
    with tempfile.TemporaryDirectory() as folder:
        return (
            read_lines(Path(folder), lines)
            if not text
            else read(Path(folder), {"log.json": text}, format="postgres-jsonlog")
        )


@st.composite
def statements(draw: st.DrawFn, suffix: str = "") -> str:
    """One statement on few tables, so that statements meet."""
    table, source = draw(st.sampled_from(TABLES)) + suffix, draw(st.sampled_from(SOURCES))
    form = draw(
        st.sampled_from(
            (
                "insert into {t} (k) select k from {s}",
                "insert into {t} (k) select v from {s} where k > 3",
                "create table {t} as select k from {s}",
                "create table if not exists {t} as select k from {s}",
                "create table {t} (k int)",
                "drop table if exists {t}",
                "truncate {t}",
                "delete from {t}",
                "alter table {t} rename to {t}_old",
                "update {t} set k = {s}.v from {s}",
                "create temp table mine as select k, v from {s}",
                "insert into {t} (k) select v from mine",
                "drop table if exists mine",
                "execute fill",
            )
        )
    )
    return form.format(t=table, s=source)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Line], list[Line]]:
    """Returns a log of one session, and the lines of it that took effect."""
    written: list[Line] = [said("1", "prepare fill as insert into a (k) select k from s")]
    kept = [True]
    for _ in range(draw(st.integers(1, 6))):
        inside = [[said("1", text)] for text in draw(st.lists(statements(), min_size=1, max_size=4))]
        if draw(st.booleans()):
            inside.insert(draw(st.integers(0, len(inside))), failed("1", "insert into a (k) select broken from r"))
        effects, lines = _block(
            inside, draw(st.sampled_from(("none", "commit", "end", "rollback", "abort", "savepoint")))
        )
        written += lines
        kept += effects
    lines = timed(written)
    return lines, [line for line, keep in zip(lines, kept, strict=True) if keep]


def _block(inside: list[list[Line]], ending: str) -> tuple[list[bool], list[Line]]:
    alone = [len(group) == 1 for group in inside for _ in group]
    lines = [line for group in inside for line in group]
    broken = not all(alone)
    if ending == "none":
        return alone, lines
    begin = said("1", "BEGIN; " if ending == "end" else "start transaction")
    if ending == "savepoint":
        marks = [said("1", "savepoint one"), *lines, said("1", "rollback to savepoint one"), said("1", "commit")]
        return [False] * (len(marks) + 1), [begin, *marks]
    keep = ending in ("commit", "end") and not broken
    return [False, *(keep for _ in lines), False], [begin, *lines, said("1", ending)]


@many
@given(histories())
def test_what_was_taken_back_says_nothing(history: tuple[list[Line], list[Line]]) -> None:
    whole, kept = history
    assert content(_read(whole)) == content(_read(kept))


@many
@given(histories())
def test_both_formats_of_a_log_say_the_same(history: tuple[list[Line], list[Line]]) -> None:
    lines, _ = history
    assert content(_read(lines)) == content(_read(lines, jsonlog(lines)))


@many
@given(histories())
def test_both_forms_of_messages_say_the_same(history: tuple[list[Line], list[Line]]) -> None:
    _, lines = history
    after = [done(line.session, line.message.removeprefix("statement: "), second=line.second) for line in lines]
    assert content(_read(lines)) == content(_read(after))
    both = [each for pair in zip(lines, after, strict=True) for each in pair]
    assert content(_read(lines)) == content(_read(both))


@many
@given(st.lists(statements("1"), max_size=8), st.lists(statements("2"), max_size=8), st.randoms(use_true_random=False))
def test_sessions_on_different_tables_do_not_meet(one: list[str], two: list[str], random: object) -> None:
    lines = timed([*(said("1", text) for text in one), *(said("2", text) for text in two)])
    mixed = _shuffled(lines, random)
    assert content(_read(lines)) == content(_read(mixed))


def _shuffled(lines: list[Line], random: object) -> list[Line]:
    """Mixes sessions and keeps the order within each."""
    waiting = {name: [line for line in lines if line.session == name] for name in ("1", "2")}
    mixed: list[Line] = []
    while any(waiting.values()):
        name = random.choice([name for name, rest in waiting.items() if rest])  # type: ignore[attr-defined]
        mixed.append(waiting[name].pop(0))
    return mixed


QUERIES = ("select k from r", "select k, v as w from r where k > 3", "select count(*) as n from s")


@many
@given(st.sampled_from(QUERIES), st.sampled_from(QUERIES), st.booleans())
def test_a_swap_ends_like_a_definition_under_the_last_name(before: str, query: str, in_transaction: bool) -> None:
    swap = [
        f"create table t_new as {query}",
        "alter table t rename to t_old",
        "alter table t_new rename to t",
        "drop table t_old",
    ]
    if in_transaction:
        swap = ["begin", *swap, "commit"]
    first = said("0", f"create table t as {before}")
    swapped = _read([first, *(said("1", text) for text in swap)])
    assert now(swapped) == now(_read([first, said("1", "drop table t"), said("1", f"create table t as {query}")]))


@many
@given(st.sampled_from(QUERIES), st.integers(0, 3))
def test_a_table_that_its_session_makes_again_was_never_gone(query: str, between: int) -> None:
    night = ["drop table t", *["select 1"] * between, f"create table t as {query}"]
    lines = [said("0", f"create table t as {query}"), *(said("1", text) for text in night)]
    assert all(len(held) == 1 for held in spans(_read(lines)).values())


@many
@given(st.sampled_from(QUERIES), st.integers(1, 4))
def test_a_create_with_the_insert_that_fills_it_is_the_same_every_night(query: str, nights: int) -> None:
    columns = "k int, v int" if ", " in query else "k int"
    night = ["drop table if exists t", f"create table t ({columns})", f"insert into t {query}"]
    lines = [said(str(number), text) for number in range(nights) for text in night]
    assert all(len(held) == 1 and held[0][1] is None for held in spans(_read(lines)).values())


def test_a_name_that_is_minted_each_night_makes_no_new_definition() -> None:
    night = "create table t_{n} as select k from r; drop table if exists t; alter table t_{n} rename to t"
    held = spans(_read([said(n, text) for n in ("20260203", "20260204") for text in night.format(n=n).split("; ")]))
    kept = [told for (scope, _), told in held.items() if scope[2] == "db.public.t"]
    assert kept
    assert all(len(told) == 1 and told[0][1] is None for told in kept)


def test_rows_from_outside_do_not_replace_what_made_the_table() -> None:
    texts = ["create table t (k int)", "copy t from stdin", "insert into t values (1)", "insert into t select k from r"]
    snapshots = _read([said("1", text) for text in texts])
    assert now(snapshots) == {"t.k < r.k identity", "t < r"}
    assert [one.scope[3:] for one in snapshots if one.scope[0] == "sql"] == [("columns",), ()]


def test_a_drop_counts_though_its_session_fills_what_another_made_again() -> None:
    lines = [
        said("0", "create table t as select k from r"), said("1", "drop table t"),
        said("2", "create table t (k int)"), said("1", "insert into t (k) select k from s"),
    ]  # fmt: skip
    assert now(_read(lines)) == {"t.k < s.k identity", "t < s"}


def test_a_table_that_another_session_makes_again_was_gone_in_between() -> None:
    lines = [
        said("0", "create table t as select k from r"),
        said("1", "drop table t"),
        said("2", "create table t as select k from r"),
    ]
    snapshots = _read(lines)
    assert {len(held) for held in spans(snapshots).values()} == {2}
    assert now(snapshots) == {"t.k < r.k identity", "t < r"}


def test_what_is_held_is_said_after_many_statements() -> None:
    idle = said("2", "select 1", second=2)
    dropped = [said("1", "create table t as select k from r", second=0), said("1", "drop table t", second=1)]
    again = said("1", "create table t as select k from r", second=3)
    kept = _read([*dropped, *[idle] * (STATEMENTS - 2), again])
    assert {len(held) for held in spans(kept).values()} == {1}
    late = _read([*dropped, *[idle] * STATEMENTS, again])
    assert {len(held) for held in spans(late).values()} == {2}


def test_an_error_aborts_the_transaction_that_commit_then_ends() -> None:
    lines = [
        said("1", "begin"),
        said("1", "insert into a select k from r"),
        *failed("1", "select nope from r"),
        said("1", "commit"),
    ]
    assert now(_read(lines)) == set()


def test_a_savepoint_saves_what_was_before_an_error() -> None:
    lines = [
        said("1", "begin"), said("1", "insert into a (k) select k from r"), said("1", "savepoint x"),
        *failed("1", "insert into a (k) select nope from r"), said("1", "rollback to x"),
        said("1", "insert into b (k) select v from r"), said("1", "commit"),
    ]  # fmt: skip
    assert now(_read(lines)) == {"a.k < r.k identity", "a < r", "b.k < r.v identity", "b < r"}


def test_a_released_savepoint_is_part_of_what_is_around_it() -> None:
    texts = ["begin", "savepoint x", "insert into a (k) select k from r", "release savepoint x", "rollback"]
    assert now(_read([said("1", text) for text in texts])) == set()
    assert "a < r" in now(_read([said("1", text) for text in [*texts[:-1], "commit"]]))


def test_a_prepared_transaction_counts_when_it_is_committed() -> None:
    texts = ["begin", "insert into a (k) select k from r", "prepare transaction 'x'"]
    lines = [said("1", text) for text in texts]
    assert now(_read(lines)) == set()
    assert now(_read([*lines, said("2", "rollback prepared 'x'")])) == set()
    assert now(_read([*lines, said("2", "commit prepared 'x'")])) == {"a.k < r.k identity", "a < r"}


def test_the_end_of_a_session_or_of_the_server_takes_back_what_was_open() -> None:
    texts = ["begin", "insert into a (k) select k from r"]
    lines = [said("1", text) for text in texts]
    commit = said("1", "commit")
    gone = Line("1", "disconnection: session time: 0:00:01")
    killed = Line("1", "terminating connection due to administrator command", "FATAL")
    restart = Line("0", "database system is ready to accept connections", backend="postmaster")
    for end in (gone, killed, restart):
        assert now(_read([*lines, end, commit])) == set()
    assert now(_read([*lines, commit])) != set()


def test_a_message_of_several_statements_fails_as_a_whole() -> None:
    text = "insert into a (k) select k from r; insert into b (k) select nope from r"
    assert now(_read(failed("1", text))) == set()
    assert now(_read([said("1", text.replace("nope", "v"))])) >= {"a < r", "b < r"}


def test_temporary_tables_end_with_their_session() -> None:
    make, use = "create temp table x as select k from r", "insert into a (k) select k from x"
    gone = Line("1", "disconnection: session time: 0:00:01")
    assert now(_read([said("1", make), said("1", use)])) == {"a.k < r.k identity", "a < r"}
    assert now(_read([said("1", make), gone, said("1", use)])) == {"a.k < x.k identity", "a < x"}
    assert now(_read([said("1", make), said("2", use)])) == {"a.k < x.k identity", "a < x"}


def test_a_lost_commit_is_told_by_the_next_transaction_name() -> None:
    lines = [
        said("1", "begin", transaction="3/7"), said("1", "insert into a (k) select k from r", transaction="3/7"),
        said("1", "insert into b (k) select k from r", transaction="3/8"),
    ]  # fmt: skip
    snapshots = _read(lines)
    assert now(snapshots) == {"b.k < r.k identity", "b < r"}
    assert [skip.code for skip in skips(snapshots)] == ["unfinished"]


def test_csvlog_survives_any_text_in_a_statement() -> None:
    lines = [said("1", 'insert into a (k) select k from r where v = \'a "quoted"\n; text\' -- ,"')]
    assert "a < r" in now(_read(lines))
    assert csvlog([replace(line, second=0) for line in lines]).count("\n") == 2
