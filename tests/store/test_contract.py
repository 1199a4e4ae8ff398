"""What every store promises. The same tests and the same random histories for all; the one in memory is the measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.instants import Instant
from catalog.store.log import change_of
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, Commit, Store
from tests.store.comparing import (
    assert_same_answers,
    assert_same_graph,
    assert_same_log,
    claims_of,
    nodes_of,
    steps_of,
)
from tests.store.histories import TIMES, History, Statement, Teller, histories, statements
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
