"""Harvest beside the definition of what holds: any order, any parts, any batches; and the same again writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import harvest
from catalog.harvest import Harvest
from catalog.model.facts import Fact, Origin, Scope, Snapshot
from catalog.model.ingest import Context, Source
from catalog.model.instants import Instant, parse
from catalog.model.nodes import Term
from catalog.store.memory import MemoryStore
from catalog.store.port import Store
from tests.store.definition import Claims, Record, Said

FACTS = [Fact(Term(namespace="g", name=f"t{i}"), Origin("f", str(i))) for i in range(7)]
SCOPES: list[Scope] = [("dbt", "p"), ("dbt", "p", "m"), ("dbt", "p", "m", "x"), ("dbt", "q")]
DAYS = [parse(f"2026-01-0{day}") for day in range(1, 6)]
EARLY, LATE = DAYS[0], DAYS[1]


class Told:
    """An ingestor that says what it is told to say."""

    name = "told"

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        self._snapshots = snapshots

    def snapshots(self, _: Context) -> Iterator[Snapshot]:
        yield from self._snapshots


def tell(store: Store, *snapshots: Snapshot) -> int:
    """Reads the snapshots as one source; returns how many commits that took."""
    source = Source("told", "told", cast(Any, Told(snapshots)), Context("told", Path(), {}, LATE))
    said = Harvest(store, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), actor="ana").read(source)
    assert said.error is None
    return len(said.commits)


def snap(
    scope: Scope, at: Instant, facts: Sequence[Fact], *, complete: bool = True, unread: Iterable[Scope] = ()
) -> Snapshot:
    return Snapshot(scope, at, list(facts), complete, frozenset(unread))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    scope = draw(st.sampled_from(SCOPES))
    below = [s for s in SCOPES if len(s) > len(scope) and s[: len(scope)] == scope]
    unread = draw(st.sets(st.sampled_from(below), max_size=1)) if below else set()
    facts = draw(st.lists(st.sampled_from(FACTS), unique_by=lambda f: f.id, max_size=6))
    return snap(scope, draw(st.sampled_from(DAYS)), facts, complete=draw(st.booleans()), unread=unread)


def expected(said: Iterable[Snapshot]) -> Claims:
    record = Record(
        Said(str(i), s.scope, s.at, s.complete, frozenset(f.id for f in cast(Sequence[Fact], s.facts)), s.unread)
        for i, s in enumerate(said)
    )
    return record.claims()


def held(store: Store) -> Claims:
    return {(claim.scope, claim.fact): tuple(claim.spans) for claim in store.all_claims()}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(snapshots(), min_size=1, max_size=8), data=st.data(), parts=st.sampled_from([1, 2, 3, 100]))
def test_any_order_in_any_parts_ends_as_defined(
    monkeypatch: pytest.MonkeyPatch, said: list[Snapshot], data: st.DataObject, parts: int
) -> None:
    monkeypatch.setattr(harvest, "MAX_FACTS", parts)
    store = MemoryStore()
    commits = 0
    for _ in range(2):
        order = data.draw(st.permutations(said))
        cut = data.draw(st.integers(0, len(order)))
        commits = tell(store, *order[:cut]) + tell(store, *order[cut:])
        assert held(store) == expected(said)
    assert commits == 0, "the same again, in another order, writes nothing"


def test_what_follows_a_large_snapshot_in_its_batch_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "MAX_FACTS", 3)
    store = MemoryStore()
    tell(store, snap(("dbt", "p"), EARLY, FACTS), snap(("dbt", "q"), EARLY, FACTS[:1]))
    assert {scope for scope, _ in held(store)} == {("dbt", "p"), ("dbt", "q")}


def test_an_older_large_snapshot_read_again_is_said_in_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "MAX_FACTS", 2)
    store = MemoryStore()
    old, new = snap(("dbt", "p"), EARLY, FACTS), snap(("dbt", "p"), LATE, [])
    assert tell(store, old, new) > 0
    assert tell(store, old) == 0
