"""What only the store in a file must: files, versions, other writers, and no statement that reads a whole table."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from catalog.model.edges import EDGES
from catalog.model.errors import StoreError, StoreUnavailableError, StoreVersionError, UsageError
from catalog.model.nodes import NODES, Tag
from catalog.store.log import change_of
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, Commit, Store
from catalog.store.sqlite import SqliteStore, ddl
from catalog.store.sqlite.database import Database
from catalog.store.sqlite.schema import VERSION
from catalog.store.sqlite.writer import Writer
from tests.catalogs import snapshot
from tests.store.comparing import MOMENTS, assert_same_answers, assert_same_graph, assert_same_log, nodes_of
from tests.store.histories import ELEMENTS, TIMES, Step, Teller, author
from tests.store.histories import Statement as Said


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


def opened(path: Path | str, **options: Any) -> SqliteStore:
    store = SqliteStore(f"sqlite:///{path}", **options)
    store.migrate()
    return store


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = opened(path)
    yield store
    store.close()


def fill(store: Store, *elements: Any, scope: tuple[str, ...] = ("dbt", "p"), **more: Any) -> Commit:
    return store.apply(ChangeSet((snapshot(elements or ELEMENTS, scope),), **more), author())


# --- files and versions


def test_relative_and_absolute_addresses_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url, path in (
        ("sqlite:///a/b/relative.db", tmp_path / "a/b/relative.db"),
        (f"sqlite:///{tmp_path}/absolute %41?x.db", tmp_path / "absolute %41?x.db"),
    ):
        store = SqliteStore(url)
        assert not path.exists()
        store.migrate()
        assert path.exists()
        store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:/x.db", "x.db", "postgres:///x"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="expected sqlite:///"):
        SqliteStore(url)


def test_a_store_in_memory_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = SqliteStore(":memory:")
    store.migrate()
    fill(store)
    assert store.info().head == 1
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_committed_is_there_when_the_file_is_opened_again(path: Path, store: SqliteStore) -> None:
    fill(store)
    before = list(store.all_claims()), store.info()
    store.close()
    again = SqliteStore(store.url)
    assert again.find(["term"]).nodes
    assert (list(again.all_claims()), again.info()) == before
    again.migrate()
    assert (list(again.all_claims()), again.info()) == before
    again.close()


def test_reading_makes_no_store(path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="there is no store"):
        SqliteStore(f"sqlite:///{path}").info()
    assert not path.exists()


def test_a_newer_store_is_refused_and_left_as_it_is(path: Path, store: SqliteStore) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    other = SqliteStore(store.url)
    for ask in (other.migrate, other.info):
        with pytest.raises(StoreVersionError, match=f"'{VERSION + 1}' is newer"):
            ask()
    other.close()


@pytest.mark.parametrize("content", [b"", b"no database" * 200], ids=["empty", "garbage"])
def test_a_file_that_is_no_store_cannot_be_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"older|SQLite failed"):
        SqliteStore(f"sqlite:///{path}").info()


def test_another_program_s_database_is_never_touched(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE nodes (id)")
    connection.commit()
    connection.close()
    store = SqliteStore(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="another program's database"):
        store.migrate()
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("nodes",)]
    connection.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="its folder cannot be made"):
        SqliteStore(f"sqlite:///{tmp_path}/file/catalog.db").migrate()
    with pytest.raises(StoreUnavailableError, match="cannot be used"):
        SqliteStore(f"sqlite:///{tmp_path}").migrate()


# --- several writers


def test_a_writer_waits_for_another_and_then_gives_up(path: Path, store: SqliteStore) -> None:
    other = opened(path, timeout_s=0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="locked"):
        fill(other)
    assert other.info().head == 0
    holder.execute("ROLLBACK")
    holder.close()
    fill(other)
    other.close()


def test_a_store_can_be_opened_and_read_while_another_writes(path: Path, store: SqliteStore) -> None:
    fill(store)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    other = opened(path, timeout_s=0.05)
    assert list(other.all_claims()) == list(store.all_claims())
    other.close()
    holder.execute("ROLLBACK")
    holder.close()


def test_kinds_that_the_model_has_gained_are_numbered_when_a_store_is_opened(path: Path, store: SqliteStore) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM kinds WHERE name IN ('tag', 'dataset')")
        connection.execute("DELETE FROM types WHERE name = 'DEPENDS_ON'")
    connection.close()
    again = opened(path)
    fill(again)
    assert again.info().counts["node.dataset"] == 3
    again.close()


def test_writers_at_once_make_one_log_without_gaps(path: Path, store: SqliteStore) -> None:
    def write(number: int) -> None:
        mine = opened(path)
        for i in range(5):
            fill(mine, Tag(name=f"{number}-{i}"), Tag(name="shared"), scope=("dbt", f"{number}", f"{i}"))
        mine.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [commit.seq for commit in store.commits()] == list(range(1, 21))
    assert store.info().counts["node.tag"] == 21
    assert store.info().counts["claims"] == 40


def test_what_another_writer_did_is_not_overlooked(path: Path, store: SqliteStore) -> None:
    other = opened(path)
    fill(store, Tag(name="x"), Tag(name="y"))
    other.reset()
    fill(other, Tag(name="z"), Tag(name="y"), Tag(name="x"), scope=("dbt", "q"))
    fill(store, Tag(name="x", description="found"))
    urn = Tag(name="x").urn
    assert other.get([urn]) == store.get([urn])
    assert other.get([urn])[urn].properties == {"description": "found"}
    other.close()


FIRST_VERSION = """
DROP INDEX edges_end;
DROP INDEX closed_edges_end;
ALTER TABLE claims DROP COLUMN manner;
ALTER TABLE edges DROP COLUMN manner;
ALTER TABLE closed_edges DROP COLUMN manner;
DROP TABLE manners;
CREATE INDEX edges_end ON edges (end_node, type, start_node, claim, said, since);
CREATE INDEX closed_edges_end ON closed_edges (end_node, type, start_node, claim, since, until, said);
PRAGMA user_version = 1;
"""
"""What the first version of the tables did not have is taken away."""


def test_a_store_of_the_first_version_is_brought_to_this_one(path: Path) -> None:
    memory, old = MemoryStore(), opened(path)
    every = frozenset(range(len(ELEMENTS)))
    steps = [Step((Said(("dbt", "p"), at, True, frozenset(), every - {i}),)) for i, at in enumerate(TIMES)]
    for store in (memory, old):
        teller = Teller(store)
        for step in steps:
            teller.tell(step)
    old.close()
    with sqlite3.connect(path) as connection:
        connection.executescript(FIRST_VERSION)
    connection.close()
    with pytest.raises(StoreVersionError, match="older"):
        SqliteStore(f"sqlite:///{path}").info()
    store = opened(path)
    assert_same_graph(store, memory)
    assert store.info().schema_version == VERSION
    store.close()


def test_a_failure_in_the_middle_leaves_nothing_behind(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, Tag(name="x"))
    before = store.info(), list(store.all_claims()), list(nodes_of(store))
    write = Writer.write

    def fail(self: Writer, *args: Any) -> None:
        write(self, *args)
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "write", fail)
        with pytest.raises(RuntimeError):
            fill(store)
    assert (store.info(), list(store.all_claims()), list(nodes_of(store))) == before
    fill(store)
    rebuilt = MemoryStore()
    fill(rebuilt, Tag(name="x"))
    fill(rebuilt)
    assert_same_graph(store, rebuilt)
    assert_same_log(store, rebuilt)


# --- statements


def test_the_published_tables_are_those_of_a_store(store: SqliteStore, path: Path) -> None:
    published = sqlite3.connect(":memory:")
    published.executescript(ddl())
    real = sqlite3.connect(path)
    tables = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert real.execute(tables).fetchall() == published.execute(tables).fetchall()
    assert {n for (n,) in real.execute("SELECT name FROM kinds")} == {node.kind() for node in NODES}
    assert {n for (n,) in real.execute("SELECT name FROM types")} == {edge.type() for edge in EDGES}
    published.close()
    real.close()


def test_no_question_reads_a_whole_table(store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    rows = Database.rows

    def note(self: Database, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        asked.add(sql)
        return rows(self, sql, parameters)

    teller = Teller(store)
    monkeypatch.setattr(Database, "rows", note)
    every = frozenset(range(len(ELEMENTS)))
    for i, at in enumerate(TIMES):
        teller.tell(Step((Said(("dbt", "p"), at, True, frozenset(), every - {i}),), taken_back=(0,) if i == 3 else ()))
    writing = len({sql for sql in asked if sql.lstrip().startswith("SELECT")})
    other = MemoryStore()
    for commit in store.commits():
        other.apply(*replayed(store, commit))
    assert_same_graph(store, other, MOMENTS)
    assert_same_answers(store, other)
    questions = {sql for sql in asked if sql.lstrip().startswith(("SELECT", "WITH"))}
    assert len(questions) > writing > 10
    plain = sqlite3.connect(path)
    for sql in sorted(questions):
        plan = plain.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * parameters_of(sql)).fetchall()
        for *_, step in plan:
            assert reads_little(step), (sql, step)
    plain.close()


INPUTS = ("k VIRTUAL", "t VIRTUAL", "json_each VIRTUAL", "p", "words VIRTUAL", "kinds", "types")
"""What may be gone through: parameters, what a statement made of them, hits of the word index, and the two short tables."""

PAGED = "n USING INDEX sqlite_autoindex_nodes_1"
"""Nodes in the order of a page."""


def reads_little(step: str) -> bool:
    scanned = step.removeprefix("SCAN ")
    return scanned in (step, PAGED) or scanned.startswith(INPUTS)


def parameters_of(sql: str) -> int:
    numbered = re.findall(r"\?(\d)", sql)
    return max(map(int, numbered)) if numbered else sql.count("?")


def replayed(store: SqliteStore, commit: Commit) -> tuple[ChangeSet, Author]:
    return change_of(store.body(commit.seq)), Author(commit.time, commit.actor, commit.source)
