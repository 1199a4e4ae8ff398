"""What every store promises. The same tests and the same random histories for all; the one in memory is the measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.edges import DependsOn, DerivesFrom, Edge
from catalog.model.errors import RefusedError, ScopeMovedError
from catalog.model.facts import Fact, Scope
from catalog.model.instants import Instant
from catalog.model.names import dataset_of
from catalog.model.nodes import Column, Dataset, Node, Tag
from catalog.replay import log_of, replay
from catalog.store.history import snapshot_id, sum_of
from catalog.store.log import body_root, change_of, header_of
from catalog.store.memory import MemoryStore
from catalog.store.merkle import leaf_hash, root_of
from catalog.store.port import Author, ChangeSet, Commit, Hop, Page, Seen, SnapshotDelta, Store
from catalog.store.tokens import words
from tests.store.comparing import (
    TYPES,
    assert_same_answers,
    assert_same_graph,
    assert_same_log,
    claims_of,
    nodes_of,
    steps_of,
)
from tests.store.histories import (
    ELEMENTS,
    NS,
    SCOPES,
    TIMES,
    TOTAL,
    History,
    Statement,
    Teller,
    author,
    histories,
    statements,
)
from tests.store.histories import steps_of as commits_of

EXAMPLES: Final = {"memory": 100, "sqlite": 100, "neo4j": 25}

Example = Callable[..., None]


def for_all(scheme: str, *strategies: st.SearchStrategy[Any]) -> Callable[[Example], None]:
    """Runs a body over drawn values, so many times as the kind of store can bear."""
    configured = settings(
        max_examples=EXAMPLES[scheme],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )

    def run(body: Example) -> None:
        configured(given(*strategies)(body))()

    return run


def rewritten(store: Store, target: Store, commit: Commit) -> Commit:
    """Applies a commit of one store's log to another store."""
    author = Author(commit.time, commit.actor, commit.source)
    return target.apply(change_of(store.body(commit.seq)), author)


def test_claims_agree_with_the_definition_after_every_commit(store: Store, scheme: str) -> None:
    @for_all(scheme, histories())
    def check(history: History) -> None:
        store.reset()
        teller = Teller(store)
        for step in history:
            teller.tell(step)
            assert claims_of(store) == teller.record.claims()


def test_rebuilding_from_the_log_gives_the_store_at_every_commit(store: Store, scheme: str) -> None:
    @for_all(scheme, histories())
    def check(history: History) -> None:
        store.reset()
        rebuilt, teller = MemoryStore(), Teller(store)
        for step in history:
            commit = teller.tell(step)
            assert rewritten(store, rebuilt, commit) == commit
            assert list(store.all_claims()) == list(rebuilt.all_claims())
            assert_same_log(store, rebuilt)
            assert_same_graph(store, rebuilt, moments=[None])
        assert_same_graph(store, rebuilt)
        assert_same_answers(store, rebuilt)


def test_the_order_of_what_is_said_does_not_matter(store: Store, scheme: str) -> None:
    said = st.lists(statements(), min_size=1, max_size=6)

    @for_all(scheme, said, st.randoms(use_true_random=False), st.integers(1, 4))
    def check(said: list[Statement], random: Any, size: int) -> None:
        expected = told(MemoryStore(), commits_of(said, 1))
        again = [*said, *random.sample(said, len(said) // 2)]
        random.shuffle(again)
        store.reset()
        told(store, commits_of(again, size))
        assert claims_of(store) == claims_of(expected)
        assert_same_graph(store, expected, moments=[None])


def test_a_past_time_looks_as_it_would_to_a_catalog_told_nothing_later(store: Store, scheme: str) -> None:
    @for_all(scheme, histories(), st.sampled_from(TIMES))
    def check(history: History, at: Instant) -> None:
        store.reset()
        teller = Teller(store)
        for step in history:
            teller.tell(step)
        kept = sorted(teller.record.until(at).said, key=lambda said: (said.at, said.id))
        by_said = {statement.said(): statement for step in history for statement in step.said}
        then = told(MemoryStore(), commits_of([by_said[said] for said in kept], 3))
        assert_same_past(store, then, at)


def assert_same_past(store: Store, then: Store, at: Instant) -> None:
    urns = [node.urn for node in nodes_of(then)]
    before, now = store.get(urns, at), then.get(urns)
    assert {u: (n.properties, n.closed_since) for u, n in before.items()} == {
        u: (n.properties, n.closed_since) for u, n in now.items()
    }
    assert [(c.scope, c.fact) for c in store.claims(urns, at)] == [(c.scope, c.fact) for c in then.claims(urns)]
    assert steps_of(store, urns, "upstream", at) == steps_of(then, urns, "upstream", None)


def told(store: Store, history: History) -> Store:
    """Returns the store after a history."""
    teller = Teller(store)
    for step in history:
        teller.tell(step)
    return store


# --- examples: what random histories do not say -----------------------------------------------------------------------


def tell(store: Store, *elements: Node | Edge, scope: Scope = SCOPES[0], day: int = 0, **more: Any) -> Commit:
    """Commits a complete snapshot of these."""
    facts = {fact.id: fact for fact in map(Fact, elements)}
    digest = sum_of(facts)
    name = snapshot_id(scope, True, (), digest, len(facts))
    at = Instant(TIMES[1] + day * 86_400_000_000 * 1024)
    delta = SnapshotDelta(name, scope, at, True, frozenset(), None, tuple(facts.values()), (), digest, len(facts))
    return store.apply(ChangeSet((delta,), **more), author())


def test_an_empty_store_knows_nothing(store: Store) -> None:
    tag = Tag(name="x").urn
    assert store.info().head == 0
    assert store.info().log_root == root_of([]).hex()
    assert (store.commits(), store.histories_below(()), list(store.all_claims())) == ([], [], [])
    assert (store.get([tag]), store.keys([tag]), store.find(), store.match(["x"])) == ({}, {}, Page((), None), [])
    assert store.step([], TYPES, "upstream") == []


def test_the_log_verifies(store: Store) -> None:
    commits = [tell(store, Tag(name="x")), tell(store, Tag(name="y"), day=1), tell(store, day=2)]
    assert store.commits() == commits
    assert [store.commits(after=1, limit=1), store.commits(after=3)] == [commits[1:2], []]
    for commit in commits:
        assert body_root(store.body(commit.seq)) == commit.body_root
        headers = [leaf_hash(header_of(c).encode()) for c in commits[: commit.seq]]
        assert root_of(headers).hex() == commit.log_root
    assert store.info().log_root == commits[-1].log_root
    assert [(c.counts["opened"], c.counts["closed"]) for c in commits] == [(1, 0), (1, 1), (0, 1)]


def test_a_purged_line_is_gone_and_all_else_stays(store: Store) -> None:
    commit = tell(store, Tag(name="secret"), Tag(name="x"))
    lines, claims = store.body(1), list(store.all_claims())
    place = next(i for i, line in enumerate(lines) if "secret" in line)
    store.purge(1, place)
    assert not any("secret" in line for line in store.body(1))
    assert body_root(store.body(1)) == commit.body_root
    assert store.commits() == [commit]
    assert list(store.all_claims()) == claims
    header = next(i for i, line in enumerate(lines) if "snapshot" in line)
    with pytest.raises(RefusedError, match="says no fact"):
        store.purge(1, header)


def test_a_log_with_a_purged_line_can_be_replayed(store: Store) -> None:
    original = MemoryStore()
    tell(original, Tag(name="secret"), Tag(name="x"))
    tell(original, Tag(name="x"), day=1)
    tell(original, Tag(name="secret"), day=2)
    place = next(i for i, line in enumerate(original.body(1)) if "secret" in line)
    original.purge(1, place)
    assert replay(log_of(original), store) == 3
    assert store.commits() == original.commits()
    assert store.body(1) == original.body(1)
    assert [claim.fact for claim in store.all_claims()] == [claim.fact for claim in original.all_claims()]


def test_a_reset_store_is_as_new(store: Store) -> None:
    first = tell(store, *ELEMENTS)
    store.reset()
    test_an_empty_store_knows_nothing(store)
    assert tell(store, *ELEMENTS) == first


LONG: Final = "x" * 4100


@pytest.mark.parametrize(
    "element",
    [
        Tag(name=LONG),
        Dataset(namespace="n", name="d", unique_id=LONG),
        Column(namespace="n", name="d", path="ä" * 700),
        DependsOn(start=Dataset(namespace="n", name=LONG).urn, end=Dataset(namespace="n", name="d").urn),
    ],
    ids=["name", "indexed property", "encoded name", "end of an edge"],
)
def test_a_name_that_no_index_can_hold_is_refused_and_nothing_is_written(store: Store, element: Node | Edge) -> None:
    tell(store, Tag(name="x"))
    before = store.info(), list(store.all_claims())
    with pytest.raises(RefusedError, match="4000"):
        tell(store, Tag(name="y"), element, day=1)
    assert (store.info(), list(store.all_claims())) == before


def test_a_long_text_that_is_not_indexed_is_kept(store: Store) -> None:
    long = Dataset(namespace="n", name="d", definition="select '\n$\"' -- " + LONG * 10)
    tell(store, long)
    assert store.get([long.urn])[long.urn].properties == long.properties()


def test_a_writer_that_comes_too_late_is_refused_and_nothing_is_written(store: Store) -> None:
    tell(store, Tag(name="x"), expects={SCOPES[0]: 0})
    before = store.info(), list(store.all_claims())
    with pytest.raises(ScopeMovedError):
        tell(store, Tag(name="y"), day=1, expects={SCOPES[0]: 0})
    assert (store.info(), list(store.all_claims())) == before
    tell(store, Tag(name="y"), day=1, expects={SCOPES[0]: 1})


def test_a_base_that_is_not_there_is_refused(store: Store) -> None:
    delta = SnapshotDelta("a", SCOPES[0], TIMES[0], True, frozenset(), "b", (), (), 0, 0)
    with pytest.raises(RefusedError, match="'b'"):
        store.apply(ChangeSet((delta,)), author())
    with pytest.raises(RefusedError, match="'c'"):
        store.apply(ChangeSet(seen=(Seen(SCOPES[0], "c", TIMES[0]),)), author())
    assert store.info().head == 0


def test_what_is_unknown_is_left_out(store: Store) -> None:
    tell(store, *ELEMENTS)
    (key,) = store.keys([TOTAL]).values()
    nothing = Tag(name="nothing").urn
    assert store.keys([nothing, TOTAL]).keys() == store.get([nothing, TOTAL]).keys() == {TOTAL}
    assert store.step([key], ["NO_SUCH_TYPE"], "upstream") == []
    assert store.edges([key], ["NO_SUCH_TYPE"], "upstream") == []
    assert store.find(["nosuchkind"]) == store.find(where={"nosuchfield": ["x"]}) == Page((), None)
    assert store.histories([("no", "such")]) == {}


def test_two_sources_of_which_one_drops_a_column_drop_it_in_either_order(scheme: str, store: Store) -> None:
    lists = [(("sql", "w"), Dataset(namespace=NS, name="d", columns=["a", "b"]), 0)]
    lists.append((("dbt", "p"), Dataset(namespace=NS, name="d", columns=["a"]), 1))
    urn = Column(namespace=NS, name="d", path="b").urn
    for order in (lists, lists[::-1]):
        store.reset()
        for scope, dataset, day in order:
            tell(store, dataset, scope=scope, day=day)
        assert store.get([urn])[urn].closed_since == Instant(TIMES[1] + 86_400_000_000 * 1024)
        assert store.get([urn], TIMES[2])[urn].closed_since is None
        (key,) = store.keys([dataset_of(urn)]).values()
        assert len(store.step([key], ["HAS_COLUMN"], "upstream")) == 1
        assert len(store.step([key], ["HAS_COLUMN"], "upstream", TIMES[2])) == 2


def test_a_level_of_many_nodes_is_asked_at_once(store: Store) -> None:
    columns = [Column(namespace=NS, name="d", path=f"c{i}").urn for i in range(2500)]
    tell(store, *(DerivesFrom(start=urn, end=TOTAL, subtype="identity") for urn in columns))
    keys = store.keys(columns)
    hops = store.step(list(keys.values()), ["DERIVES_FROM"], "upstream")
    (total,) = store.keys([TOTAL]).values()
    assert sorted(hops) == sorted(Hop(key, total, "DERIVES_FROM", 1, False) for key in keys.values())
    assert len(store.get(columns)) == len(store.urns(keys.values())) == 2500


def test_names_may_hold_anything(store: Store, scheme: str) -> None:
    anything = st.text(st.characters(), max_size=8)
    tags = st.builds(Tag, namespace=anything, name=anything, description=st.text(max_size=8))

    @for_all(scheme, st.lists(tags, min_size=1, max_size=5, unique_by=lambda tag: tag.urn))
    def check(tags: list[Tag]) -> None:
        store.reset()
        tell(store, *tags, scope=("x", tags[0].name or "y"))
        urns = {tag.urn: tag.properties() for tag in tags}
        assert {urn: state.properties for urn, state in store.get(urns).items()} == urns
        assert set(store.urns(store.keys(urns).values()).values()) == urns.keys()
        for tag in tags:
            found = store.find(where={"name": [tag.name], "namespace": [tag.namespace]}).nodes
            assert [node.urn for node in found] == [tag.urn]


def test_words_are_matched_by_their_beginnings(store: Store, scheme: str) -> None:
    alphabet = "aAbB1_ -.$é日ßİ\u0301\u200d\"'*"
    texts = st.text(alphabet, max_size=8)

    @for_all(scheme, st.lists(texts, min_size=1, max_size=6, unique=True), st.lists(texts, max_size=2))
    def check(names: list[str], asked: list[str]) -> None:
        store.reset()
        urns = [Tag(name=name).urn for name in names]
        tell(store, *(Tag(name=name) for name in names))
        wanted = [word for text in asked for word in words(text)]
        hits = [urn for urn in urns if all(any(t.startswith(w) for t in words(urn.name)) for w in wanted)]
        expected = sorted(hits if wanted else [], key=lambda urn: urn.uid)
        assert store.match(asked) == expected
        assert store.match(asked, limit=1) == expected[:1]
