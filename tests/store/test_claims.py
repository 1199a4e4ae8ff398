"""The claims algorithm: what it asks of a store and what it leaves alone. That its results are right, the contract shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model.canonical import FactId
from catalog.model.errors import RefusedError, ScopeMovedError
from catalog.model.facts import Fact, Scope
from catalog.model.instants import Instant, parse
from catalog.model.nodes import Tag
from catalog.store.claims import ClaimChange, Kept, Projection, intervals, project
from catalog.store.history import ScopeHistory, snapshot_id, sum_of
from catalog.store.port import ChangeSet, Seen, SnapshotDelta
from tests.store.histories import Statement, statements

DBT, MODEL, OTHER = ("dbt", "p"), ("dbt", "p", "m"), ("dbt", "p2")
DAY: Final = parse("2026-01-01")
FACTS: Final = tuple(Fact(Tag(name=f"t{i}")) for i in range(30))


class Ledger:
    """Implements `claims.Ledger` in a dictionary, and counts what it is asked for."""

    def __init__(self) -> None:
        self.told: dict[Scope, ScopeHistory] = {}
        self.claims: defaultdict[Scope, dict[FactId, Kept]] = defaultdict(dict)
        self.asked: list[int | None] = []

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        return {scope: self.told[scope].copy() for scope in scopes if scope in self.told}

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        return [h.copy() for s, h in sorted(self.told.items()) if s[: len(scope)] == scope and s != scope]

    def kept(self, wanted: Mapping[Scope, Collection[FactId] | None]) -> dict[Scope, dict[FactId, Kept]]:
        self.asked += [None if facts is None else len(facts) for facts in wanted.values()]
        return {
            scope: {f: k for f, k in self.claims[scope].items() if facts is None or f in facts}
            for scope, facts in wanted.items()
        }

    def apply(
        self, *said: SnapshotDelta, seen: Iterable[Seen] = (), retracted: Iterable[Seen] = (), **more: Any
    ) -> Projection:
        change = ChangeSet(said, tuple(seen), tuple(retracted), **more)
        self.asked = []
        projection = project(self, change, "source")
        self.told |= {history.scope: history for history in projection.histories}
        for claim in projection.claims:
            assert (claim.fact is None) == (claim.id in self.claims[claim.scope])
            self.claims[claim.scope][claim.id] = claim.after
        return projection


def snap(
    scope: Scope, day: int, facts: Iterable[Fact], base: SnapshotDelta | None = None, *, complete: bool = True
) -> SnapshotDelta:
    now = {fact.id: fact for fact in facts}
    before = dict.fromkeys(content(base)) if base else {}
    digest = sum_of(now)
    return SnapshotDelta(
        snapshot_id(scope, complete, (), digest, len(now)),
        scope,
        Instant(DAY + day * 86_400_000_000 * 1024),
        complete,
        frozenset(),
        base.id if base else None,
        tuple(fact for f, fact in now.items() if f not in before),
        tuple(f for f in before if f not in now),
        digest,
        len(now),
    )


def content(said: SnapshotDelta) -> list[FactId]:
    assert said.base is None, "the tests base snapshots on whole ones"
    return [fact.id for fact in said.added]


def spans(changes: Iterable[ClaimChange]) -> list[tuple[Scope, int, bool]]:
    """Returns scope, number of intervals and whether the last is open."""
    return [(c.scope, len(c.after.spans), bool(c.after.spans) and c.after.spans[-1][1] is None) for c in changes]


@pytest.mark.parametrize(
    ("listed", "denied", "found"),
    [
        ([], [1], ()),
        ([1], [], ((1, None),)),
        ([1, 2], [3], ((1, 3),)),
        ([1], [1], ((1, None),)),
        ([2], [1, 3], ((2, 3),)),
        ([1, 5], [3, 4, 6], ((1, 3), (5, 6))),
    ],
)
def test_intervals(listed: list[int], denied: list[int], found: tuple[Any, ...]) -> None:
    assert intervals([Instant(t) for t in listed], [Instant(t) for t in denied]) == found


def test_a_change_is_asked_for_and_written_alone() -> None:
    ledger = Ledger()
    first = snap(DBT, 1, FACTS[:20])
    ledger.apply(first)
    projection = ledger.apply(snap(DBT, 2, FACTS[1:21], first))
    assert ledger.asked == [2]
    assert sorted(spans(projection.claims)) == [(DBT, 1, False), (DBT, 1, True)]
    assert (projection.opened, projection.closed) == (1, 1)


def test_the_parts_of_a_large_snapshot_are_asked_for_alone() -> None:
    ledger, whole = Ledger(), Ledger()
    before = snap(DBT, 1, FACTS[:4])
    for each in (ledger, whole):
        each.apply(before)
    # Each part is based on the one before. Only the last is complete and closes what was let go: that needs all of the scope.
    first = snap(DBT, 2, FACTS[1:11], before, complete=False)
    second = replace(snap(DBT, 2, FACTS[1:21], complete=False), base=first.id, added=FACTS[11:21])
    last = replace(snap(DBT, 2, FACTS[1:25]), base=second.id, added=FACTS[21:25])
    for part, asked in ((first, 8), (second, 10), (last, None)):
        ledger.apply(part)
        assert ledger.asked == [asked]
    whole.apply(snap(DBT, 2, FACTS[1:25], before))
    assert {f: k.spans for f, k in ledger.claims[DBT].items()} == {f: k.spans for f, k in whole.claims[DBT].items()}


def test_the_same_again_changes_no_claim() -> None:
    ledger = Ledger()
    first = snap(DBT, 1, FACTS[:20])
    ledger.apply(first)
    for at in (first.at, snap(DBT, 2, ()).at):
        projection = ledger.apply(seen=[Seen(DBT, first.id, at)])
        assert not projection.claims
        assert ledger.asked == []


def test_a_scope_leaves_those_beside_and_above_it_alone() -> None:
    ledger = Ledger()
    ledger.apply(snap(DBT, 1, FACTS[:3]), snap(OTHER, 1, FACTS[:3]), snap(MODEL, 1, FACTS[3:5]))
    projection = ledger.apply(snap(MODEL, 2, []))
    assert {claim.scope for claim in projection.claims} == {MODEL}
    assert [history.scope for history in projection.histories] == [MODEL]


def test_an_incomplete_snapshot_closes_nothing() -> None:
    ledger = Ledger()
    ledger.apply(snap(DBT, 1, FACTS[:3]), snap(MODEL, 1, FACTS[3:5]))
    projection = ledger.apply(snap(DBT, 2, FACTS[5:6], complete=False))
    assert spans(projection.claims) == [(DBT, 1, True)]
    assert projection.closed == 0


def test_a_complete_snapshot_closes_what_lies_below_and_a_refresh_does_not() -> None:
    ledger = Ledger()
    first = snap(DBT, 1, FACTS[:3])
    ledger.apply(first, snap(MODEL, 2, FACTS[3:5]))
    refresh = ledger.apply(seen=[Seen(DBT, first.id, snap(DBT, 3, ()).at)])
    assert not refresh.claims
    change = ledger.apply(snap(DBT, 4, FACTS[:2]))
    assert change.closed == 3
    assert sorted({claim.scope for claim in change.claims}) == [DBT, MODEL]


def test_a_taken_back_snapshot_leaves_the_state_of_one_that_never_was() -> None:
    ledger = Ledger()
    first, second = snap(DBT, 1, FACTS[:3]), snap(DBT, 2, FACTS[2:6])
    ledger.apply(first)
    before = dict(ledger.claims[DBT])
    ledger.apply(second)
    ledger.apply(retracted=[Seen(DBT, second.id, second.at)])
    held = {fact: kept.spans for fact, kept in ledger.claims[DBT].items() if kept.spans}
    assert held == {fact: kept.spans for fact, kept in before.items()}


def test_a_difference_to_an_older_state_is_refused() -> None:
    ledger = Ledger()
    ledger.apply(snap(DBT, 1, FACTS[:1]), expects={DBT: 0})
    with pytest.raises(ScopeMovedError, match="dbt/p: changed by another writer"):
        ledger.apply(snap(DBT, 2, FACTS[:2]), expects={DBT: 0})
    ledger.apply(snap(DBT, 2, FACTS[:2]), expects={DBT: 1})


@pytest.mark.parametrize("kind", ["seen", "retracted", "base"])
def test_a_snapshot_that_is_not_there_is_refused(kind: str) -> None:
    based = replace(snap(DBT, 1, FACTS[:1]), base="nothing")
    more = {} if kind == "base" else {kind: [Seen(DBT, "nothing", DAY)]}
    with pytest.raises(RefusedError, match="'nothing'"):
        Ledger().apply(*([] if more else [based]), **more)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(statements(), min_size=1, max_size=8))
def test_nothing_is_ever_forgotten(said: list[Statement]) -> None:
    ledger, known = Ledger(), set[tuple[Scope, FactId]]()
    for statement in said:
        facts = [FACTS[i] for i in sorted(statement.facts)]
        delta = replace(snap(statement.scope, 0, facts, complete=statement.complete), at=statement.at)
        ledger.apply(delta)
        known |= {(statement.scope, fact.id) for fact in facts}
        assert {(s, f) for s, kept in ledger.claims.items() for f, k in kept.items() if k.spans} == known


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(statements(), min_size=1, max_size=8))
def test_histories_count_what_holds(said: list[Statement]) -> None:
    ledger = Ledger()
    for statement in said:
        facts = [FACTS[i] for i in sorted(statement.facts)]
        ledger.apply(replace(snap(statement.scope, 0, facts, complete=statement.complete), at=statement.at))
        for scope, history in ledger.told.items():
            held = [f for f, k in ledger.claims[scope].items() if k.spans and k.spans[-1][1] is None]
            assert (history.open_count, history.open_digest) == (len(held), sum_of(held))
            assert ScopeHistory.loads(scope, history.dumps()) == history
