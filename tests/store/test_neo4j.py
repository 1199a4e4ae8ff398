"""What only the store on a server has to prove: plans, hostile text, retries, writers side by side, plain refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final

import pytest
from neo4j import ManagedTransaction
from neo4j.exceptions import AuthError, SessionExpired, TransientError

from catalog.model.edges import BY_TYPE, DerivesFrom, Means
from catalog.model.errors import (
    ConfigError,
    RefusedError,
    ScopeMovedError,
    StoreError,
    StoreUnavailableError,
    StoreVersionError,
)
from catalog.model.facts import Fact, Origin, Scope
from catalog.model.instants import Instant
from catalog.model.names import column
from catalog.model.nodes import NODES, Column, Dataset, Tag, Term
from catalog.store.history import snapshot_id, sum_of
from catalog.store.log import change_of
from catalog.store.memory import MemoryStore
from catalog.store.neo4j import Neo4jStore, cypher, ddl
from catalog.store.neo4j.connection import Connection, address
from catalog.store.neo4j.rows import OWN_OF_EDGES, OWN_OF_NODES
from catalog.store.port import Author, ChangeSet, SnapshotDelta, Store
from tests.servers.shared import credentials
from tests.store.comparing import assert_same_graph, claims_of

AUTHOR: Final = Author("2026-06-01T00:00:00Z", "ana", "shop")
SCOPE: Final[Scope] = ("dbt", "shop")
NS: Final = "postgres://db:5432"

HOSTILE: Final = (
    "a'b\"c`d\\e",
    "x`) DETACH DELETE n //",
    "'}) MATCH (n) DETACH DELETE n WITH 1 AS x MATCH (m {a: '",
    "$rows {braces} <TYPE> %s",
    "line\nbreak\r\ttab",
    "nul\x00inside",
    "lone\udc80surrogate",
    "\U0001f469\u200d\U0001f4bb \u202etfel",
    "a:b/c%2F#d@e",
    " ",
    "AND OR NOT +tokens:* ~",
)

SCANS: Final = {
    "clear": "empties the store: all there is goes",
}
"""Statements that read all of a label or type, by the first word of their name, with the reason."""


# --- making stores ----------------------------------------------------------------------------------------------------


def opened(uri: str) -> Neo4jStore:
    user, password = credentials() or (None, None)
    return Neo4jStore(uri, user=user, password=password)


@pytest.fixture
def store(neo4j_clean: str) -> Iterator[Neo4jStore]:
    store = opened(neo4j_clean)
    store.migrate()
    yield store
    store.close()


def change(scope: Scope, *elements: Any, at: int = 0, expects: int | None = None) -> ChangeSet:
    """Returns a complete first snapshot of a scope."""
    facts = tuple(Fact(element, Origin("models.sql", str(i))) for i, element in enumerate(elements))
    ids = {fact.id for fact in facts}
    digest = sum_of(ids)
    name = snapshot_id(scope, True, (), digest, len(ids))
    snap = SnapshotDelta(name, scope, Instant(at), True, frozenset(), None, facts, (), digest, len(ids))
    return ChangeSet((snap,), expects={} if expects is None else {scope: expects})


def told(store: Store, *changes: ChangeSet) -> Store:
    for said in changes:
        store.apply(said, AUTHOR)
    return store


@contextmanager
def watched(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch, after: Callable[[int], None]) -> Iterator[list[int]]:
    """Counts the runs of transaction functions that write; `after` is called behind each, before the commit."""
    runs: list[int] = []
    write = Connection.write

    def watching(self: Connection, work: Callable[[ManagedTransaction], Any]) -> Any:
        def counted(tx: ManagedTransaction) -> Any:
            runs.append(len(runs) + 1)
            result = work(tx)
            after(len(runs))
            return result

        return write(self, counted)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "write", watching)
        yield runs


# --- plans ------------------------------------------------------------------------------------------------------------


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def test_no_statement_scans_a_label_a_type_or_an_index(store: Neo4jStore) -> None:
    told(store, change(SCOPE, *estate("t", "c")))
    scanning: dict[str, set[str]] = {}
    with store._db.session() as session:
        for name, text in cypher.statements():
            plan = session.run(f"EXPLAIN {text}").consume().plan  # pyright: ignore[reportArgumentType]
            assert plan is not None
            if scans := {word for word in operators(plan) if "Scan" in word}:
                scanning[name] = scans
    assert {name.split()[0] for name in scanning} == SCANS.keys()


def test_every_type_of_edge_has_its_constraint_and_its_index_now_and_past() -> None:
    lines = ddl().splitlines()
    for name in BY_TYPE:
        for storage in (name, f"{name}_PAST"):
            assert sum(f"[r:{storage}]" in line and "r.claim IS UNIQUE" in line for line in lines) == 1
            assert sum(f"[r:{storage}]" in line and "(r.scope, r.fact)" in line for line in lines) == 1


def test_what_the_store_writes_of_its_own_is_no_property_of_the_model() -> None:
    for node in NODES:
        assert OWN_OF_NODES.isdisjoint(node.model_fields)
    for edge in BY_TYPE.values():
        assert OWN_OF_EDGES.isdisjoint(edge.model_fields)


# --- hostile text -----------------------------------------------------------------------------------------------------


def estate(table: str, path: str) -> list[Any]:
    """Returns one of everything, named with a text; what it says of itself is text without surrogates."""
    prose = table.encode("utf-8", "replace").decode()
    dataset = Dataset(
        namespace=NS, name=table, description=prose, columns=["plain", path.encode("utf-8", "replace").decode()]
    )
    plain, odd = column(dataset.urn, "plain"), column(dataset.urn, path)
    term = Term(namespace=table, name=path, definition=prose, synonyms=[prose, ""])
    return [
        dataset,
        Column(namespace=NS, name=table, path=path, data_type=prose),
        DerivesFrom(start=odd, end=plain, subtype="transformation", expression=prose),
        Means(start=odd, end=term.urn, status=prose),
        term,
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_values_are_data_whatever_they_hold(store: Neo4jStore, text: str) -> None:
    said = [change((f"a{text}", text), *estate(text, text)), change(("other",), *estate("t", text))]
    expected = told(MemoryStore(), *said)
    told(store, *said)
    assert_same_graph(store, expected)
    assert list(store.all_claims()) == list(expected.all_claims())
    assert store.histories_below(()) == expected.histories_below(())
    for where in ({"name": [text]}, {"namespace": [text]}):
        assert store.find(where=where) == expected.find(where=where)
    assert store.match([text]) == expected.match([text])


def test_text_that_an_index_cannot_hold_is_refused_and_nothing_is_written(store: Neo4jStore) -> None:
    longest = Tag(name="x" * (4000 - len(str(Tag(name="").urn))))
    told(store, change(("fits",), longest))
    assert list(store.get([longest.urn])) == [longest.urn]
    before = store.info()
    for refused in (
        change(("a",), Tag(name="x" * 4000)),
        change(("a",), Dataset(namespace=NS, name="t", unique_id="x" * 4001)),
        change(("a", "x" * 4000), Tag(name="t")),
    ):
        with pytest.raises(RefusedError):
            store.apply(refused, AUTHOR)
    assert store.info() == before


def test_long_prose_is_kept(store: Neo4jStore) -> None:
    prose = "word " * 40_000
    dataset = Dataset(namespace=NS, name="t", description=prose)
    told(store, change(SCOPE, dataset))
    assert store.get([dataset.urn])[dataset.urn].properties == {"description": prose}


# --- transactions -----------------------------------------------------------------------------------------------------


def test_a_transaction_that_runs_twice_writes_once(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [change(SCOPE, *estate("t", "c"), expects=0), change(("b",), *estate("t", "d"), expects=0)]

    def fail_first(run: int) -> None:
        if run % 2:
            raise SessionExpired("the connection broke before the commit")

    with watched(store, monkeypatch, fail_first) as runs:
        told(store, *said)
    assert len(runs) == 4
    expected = told(MemoryStore(), *said)
    assert_same_graph(store, expected)
    assert store.commits() == expected.commits()


def test_a_moved_scope_is_no_reason_to_try_again(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    told(store, change(SCOPE, Tag(name="a"), expects=0))
    before = (store.info(), claims_of(store))
    with watched(store, monkeypatch, lambda _: None) as runs, pytest.raises(ScopeMovedError):
        store.apply(change(SCOPE, Tag(name="b"), at=1, expects=0), AUTHOR)
    assert len(runs) == 1
    assert (store.info(), claims_of(store)) == before


class TooLargeError(TransientError):
    @property
    def code(self) -> str:
        return "Neo.TransientError.General.MemoryPoolOutOfMemoryError"


def test_a_change_too_large_for_the_server_is_not_tried_again(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(run: int) -> None:
        raise TooLargeError("more than the limit")

    with watched(store, monkeypatch, fill) as runs, pytest.raises(StoreError, match=r"heap\.max_size"):
        store.apply(change(SCOPE, Tag(name="a")), AUTHOR)
    assert len(runs) == 1
    assert store.info().head == 0


def test_a_failure_in_mid_write_leaves_the_state_before(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    told(store, change(SCOPE, Tag(name="a")))
    before = (store.info(), claims_of(store))

    def fail(run: int) -> None:
        raise MemoryError

    with watched(store, monkeypatch, fail), pytest.raises(MemoryError):
        store.apply(change(("b",), *estate("t", "c")), AUTHOR)
    assert (store.info(), claims_of(store)) == before


def test_two_writers_at_once_keep_the_log_without_gaps(neo4j_clean: str, store: Neo4jStore) -> None:
    problems: list[BaseException] = []

    def write(writer: str) -> None:
        own = opened(neo4j_clean)
        try:
            for i in range(8):
                own.apply(change((writer, str(i)), *estate(f"shared{i}", writer)), AUTHOR)
        except BaseException as err:
            problems.append(err)
        finally:
            own.close()

    threads = [Thread(target=write, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    commits = store.commits()
    assert [commit.seq for commit in commits] == list(range(1, 17))
    expected = MemoryStore()
    for commit in commits:
        assert expected.apply(change_of(store.body(commit.seq)), AUTHOR) == commit
    assert_same_graph(store, expected)


def test_a_commit_while_all_claims_are_read_is_noticed(store: Neo4jStore) -> None:
    told(store, change(SCOPE, *estate("t", "c")))
    claims = store.all_claims()
    next(claims)
    told(store, change(("b",), *estate("t", "d")))
    with pytest.raises(StoreUnavailableError, match="another writer"):
        list(claims)


# --- plain refusals ---------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_unavailable() -> None:
    store = Neo4jStore("bolt://127.0.0.1:1")
    with pytest.raises(StoreUnavailableError, match=r"bolt://127\.0\.0\.1:1: no Neo4j answers there .* Start it"):
        store.migrate()
    store.close()


def test_a_store_of_a_newer_version_is_left_alone(store: Neo4jStore) -> None:
    with store._db.session() as session:
        session.run("MATCH (h:Head) SET h.schema = 99").consume()
    for action in (store.migrate, store.info, lambda: store.apply(change(SCOPE, Tag(name="a")), AUTHOR)):
        with pytest.raises(StoreVersionError, match="schema version 99"):
            action()


def test_a_store_that_was_never_set_up_says_so(neo4j_clean: str) -> None:
    store = opened(neo4j_clean)
    with pytest.raises(StoreVersionError, match="headwater db upgrade"):
        store.apply(change(SCOPE, Tag(name="a")), AUTHOR)
    store.close()


def test_emptying_that_was_interrupted_is_finished_by_the_next_upgrade(store: Neo4jStore) -> None:
    told(store, change(SCOPE, *estate("t", "c")))
    with store._db.session() as session:
        session.run("MATCH (h:Head) SET h.emptying = true").consume()
        session.run("MATCH (c:Commit) DELETE c").consume()
    with pytest.raises(StoreError, match="interrupted"):
        store.info()
    store.migrate()
    empty = MemoryStore().info()
    assert (store.info().counts, store.info().head, store.info().log_root) == (empty.counts, 0, empty.log_root)


def test_setting_up_again_changes_nothing(store: Neo4jStore) -> None:
    told(store, change(SCOPE, *estate("t", "c")))
    before = (store.info(), claims_of(store))
    store.migrate()
    assert (store.info(), claims_of(store)) == before


def test_what_is_not_ours_in_the_database_stays(store: Neo4jStore) -> None:
    with store._db.session() as session:
        session.run("CREATE (:Person {name: 'Ana'})-[:KNOWS]->(:Person {name: 'Bo'})").consume()
        store.reset()
        assert session.run("MATCH (p:Person)-[k:KNOWS]->() RETURN count(k) AS n").single(strict=True)["n"] == 1


def test_a_refused_password_is_said_without_the_password() -> None:
    connection = Connection(address("neo4j://ana:s3cret@db.example:7687"))

    def refuse() -> None:
        with connection._our_words():
            raise AuthError("The client is unauthorized")

    with pytest.raises(StoreError, match=r"^neo4j://db\.example:7687: .*'ana'.*NEO4J_PASSWORD") as caught:
        refuse()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["neo4j://", "http://db:7474", "neo4j:///x", "bolt+x://db"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="no address of a Neo4j server"):
        Neo4jStore(url)


def test_an_address_holds_user_password_and_database_and_shows_no_secret() -> None:
    at = address("neo4j+s://a%40b:p%2Fw@db.example:7687/estate")
    assert (at.uri, at.user, at.password, at.database) == ("neo4j+s://db.example:7687", "a@b", "p/w", "estate")
    assert at.url == "neo4j+s://db.example:7687/estate"
    assert address("bolt://u:p@h", "v", "q", "d") == address("bolt://h", "v", "q", "d")
