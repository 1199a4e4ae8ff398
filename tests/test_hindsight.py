"""Many times asked at once are answered as each would be alone; where no scope is late, as the store answers."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from catalog.graph import undenied
from catalog.model.edges import BY_TYPE
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.provenance.hindsight import Then
from catalog.store.memory import MemoryStore
from catalog.store.port import Store
from tests.store.comparing import DIRECTIONS, nodes_of
from tests.store.histories import TIMES, History, Teller, histories

TYPES = frozenset(BY_TYPE)
ASKED: list[Instant | None] = [*TIMES, None]
Pairs = set[tuple[Urn, Urn, str, bool]]


def told(history: History) -> Store:
    store = MemoryStore()
    teller = Teller(store)
    for step in history:
        teller.tell(step)
    return store


def pairs(store: Store, then: Then, question: int, direction: str) -> Pairs:
    """Returns the edges that hold for a question, and whether all that is said of each was said late."""
    keys = list(store.keys([node.urn for node in nodes_of(store)]).values())
    found: dict[tuple[Urn, Urn, str], bool] = {}
    for strand in then.strands(keys, TYPES, direction):  # type: ignore[arg-type]
        if strand.held >> question & 1:
            names = store.urns({*strand.near, *strand.far})
            for near, far in zip(strand.near, strand.far, strict=True):
                ends = (names[near], names[far], strand.type)
                found[ends] = found.get(ends, True) and bool(strand.late >> question & 1)
    return {(*ends, late) for ends, late in found.items()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories())
def test_each_time_is_answered_as_if_it_were_asked_alone(history: History) -> None:
    store = told(history)
    together = Then(store, ASKED)
    for direction in DIRECTIONS:
        for question, at in enumerate(ASKED):
            alone = pairs(store, Then(store, [at]), 0, direction)
            assert pairs(store, together, question, direction) == alone


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories())
def test_where_every_scope_has_spoken_it_is_what_the_store_has(history: History) -> None:
    store = told(history)
    keys = list(store.keys([node.urn for node in nodes_of(store)]).values())
    for at in (max(TIMES), None):
        for direction in DIRECTIONS:
            hops = [hop for hop in undenied(store.step(keys, TYPES, direction, at)) if not hop.absent]
            names = store.urns({key for hop in hops for key in (hop.near, hop.far)})
            expected = {(names[hop.near], names[hop.far], hop.type, False) for hop in hops}
            assert pairs(store, Then(store, [at]), 0, direction) == expected
