"""Asks two stores everything there is to ask and compares the answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from catalog.model.edges import BY_TYPE
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.store.port import Direction, Key, NodeState, Store
from tests.store.definition import Claims
from tests.store.histories import NS, TIMES

TYPES: Final = frozenset(BY_TYPE)
DIRECTIONS: Final[tuple[Direction, ...]] = ("upstream", "downstream")
MOMENTS: Final[tuple[Instant | None, ...]] = (None, *TIMES)
QUESTIONS: Final[tuple[dict[str, Collection[str]], ...]] = (
    {"namespace": [NS]},
    {"name": ["shop.orders", "shop.mart"], "namespace": [NS, "other"]},
    {"unique_id": ["model.shop.orders", "model.shop.other"]},
    {"unique_id": ["model.shop.orders"], "name": ["shop.mart"]},
    {"description": ["All orders"]},
)
WORDS: Final[tuple[list[str], ...]] = (
    ["shop"],
    ["tot"],
    ["ord", "all"],
    ["umsatz"],
    ["ERL"],
    ["day", "mart"],
    ["x"],
    ["nothing"],
    [],
    [""],
)

Step = tuple[Urn, Urn, str, int, bool]


def claims_of(store: Store) -> Claims:
    return {(claim.scope, claim.fact): claim.spans for claim in store.all_claims()}


def nodes_of(store: Store, *kinds: str, limit: int = 3) -> Iterator[NodeState]:
    """Yields all nodes, page by page."""
    after: str | None = None
    while True:
        page = store.find(kinds, after=after, limit=limit)
        yield from page.nodes
        if page.after is None:
            return
        after = page.after


def steps_of(store: Store, urns: Collection[Urn], direction: Direction, as_of: Instant | None) -> list[Step]:
    """Returns one level of a walk from all of these, by urn."""
    hops = store.step(list(store.keys(urns).values()), TYPES, direction, as_of)
    name = store.urns({key for hop in hops for key in (hop.near, hop.far)})
    return sorted((name[h.near], name[h.far], h.type, h.standing, bool(h.absent)) for h in hops)


def bundled(store: Store, urns: Collection[Urn], direction: Direction) -> list[tuple[object, ...]]:
    """Returns one level of a walk over all times, by urn and claim by claim."""
    bundles = store.bundles(list(store.keys(urns).values()), TYPES, direction)
    name = store.urns({key for bundle in bundles for keys in (bundle.near, bundle.far) for key in keys})
    pairs = ((b, near, far) for b in bundles for near, far in zip(b.near, b.far, strict=True))
    return sorted(((name[near], name[far], *b[:-2]) for b, near, far in pairs), key=repr)


def by_urn(store: Store, found: Mapping[Key, object]) -> dict[Urn, object]:
    name = store.urns(found)
    return {name[key]: said for key, said in found.items()}


def assert_same_graph(store: Store, other: Store, moments: Collection[Instant | None] = MOMENTS) -> None:
    """Compares nodes, edges and claims, now and at other times."""
    nodes = list(nodes_of(other))
    assert list(nodes_of(store)) == nodes
    urns = [node.urn for node in nodes]
    assert store.keys(urns).keys() == set(urns)
    for at in moments:
        assert store.get(urns, at) == other.get(urns, at)
        assert store.claims(urns, at) == other.claims(urns, at)
        for direction in DIRECTIONS:
            assert steps_of(store, urns, direction, at) == steps_of(other, urns, direction, at)
            edges = other.edges(list(other.keys(urns).values()), TYPES, direction, at)
            assert store.edges(list(store.keys(urns).values()), TYPES, direction, at) == edges
    for direction in DIRECTIONS:
        assert bundled(store, urns, direction) == bundled(other, urns, direction)
    keys, theirs = list(store.keys(urns).values()), list(other.keys(urns).values())
    assert by_urn(store, store.absences(keys)) == by_urn(other, other.absences(theirs))
    assert by_urn(store, store.lifetimes(keys)) == by_urn(other, other.lifetimes(theirs))
    assert store.claims(urns, history=True) == other.claims(urns, history=True)


def assert_same_answers(store: Store, other: Store) -> None:
    """Compares lookups by value and by word."""
    for where in QUESTIONS:
        assert store.find(where=where) == other.find(where=where)
        assert store.find(["dataset", "column"], where) == other.find(["dataset", "column"], where)
    for kind in BY_KIND:
        assert store.find([kind]) == other.find([kind])
    for words in WORDS:
        assert store.match(words) == other.match(words)
        assert store.match(words, ["column"], limit=2) == other.match(words, ["column"], limit=2)


def assert_same_log(store: Store, other: Store) -> None:
    """Compares scopes, snapshots and headers."""
    assert store.commits() == other.commits()
    found, expected = store.info(), other.info()
    assert (found.head, found.log_root, found.counts) == (expected.head, expected.log_root, expected.counts)
    histories = other.histories_below(())
    assert store.histories_below(()) == histories
    for history in histories:
        for index in range(len(history.snapshots)):
            assert store.members(history.scope, index) == other.members(history.scope, index)
