"""Which facts hold when: the claims algorithm, once for all stores.

A fact holds from a snapshot of its scope that lists it until the first later complete snapshot, of its scope or of one above
it, that does not. A complete snapshot equal to the complete one before it in its scope is a refresh: it closes nothing below;
none closes what it names unread. At equal times listing wins.

`intervals` says that for one claim. `project` finds the few claims that a change set can affect and asks `intervals` about
those only: a store hands in what it has (`Ledger`) and writes back what comes out (`Projection`).

Laws, held by the contract tests with random histories: the result does not depend on the order or repetition of snapshots or on
how they are split into commits; incomplete snapshots close nothing; nothing outside a snapshot's scope and those below changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from catalog.model.canonical import FactId
from catalog.model.errors import RefusedError, ScopeMovedError
from catalog.model.facts import Fact, Scope, write_scope
from catalog.model.instants import Instant
from catalog.store.history import MODULUS, ScopeHistory, Sighting, SnapshotMeta, sum_of
from catalog.store.port import ChangeSet, Span


class Delta(NamedTuple):
    """A snapshot (by index) that differs from its base in a fact: added, with the place it was read at, or removed."""

    snapshot: int
    added: bool
    origin: str | None


class Kept(NamedTuple):
    """What a store keeps of a claim."""

    deltas: tuple[Delta, ...]
    spans: tuple[Span, ...]


class ClaimChange(NamedTuple):
    """A claim to write. `fact` is given where the store has not got the claim yet; `origin` belongs to the last span."""

    scope: Scope
    id: FactId
    fact: Fact | None
    before: Kept | None
    after: Kept
    origin: str | None


class Ledger(Protocol):
    """What the algorithm asks of a store, inside its write transaction."""

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]: ...

    def histories_below(self, scope: Scope) -> list[ScopeHistory]: ...

    def kept(self, wanted: Mapping[Scope, Collection[FactId] | None]) -> dict[Scope, dict[FactId, Kept]]:
        """Returns what is kept of these claims; None asks for all of a scope."""
        ...


@dataclass(slots=True)
class Projection:
    """What a store writes."""

    histories: list[ScopeHistory] = field(default_factory=list)
    claims: list[ClaimChange] = field(default_factory=list)
    opened: int = 0
    closed: int = 0


def ancestors(scope: Scope) -> list[Scope]:
    """Returns the scopes above one, outermost first."""
    return [scope[:n] for n in range(1, len(scope))]


def listed_in(deltas: Sequence[Delta], snapshots: Sequence[SnapshotMeta]) -> dict[int, str | None]:
    """Returns the snapshots (by index) that list a fact, with the origin each has it from."""
    said = {delta.snapshot: delta for delta in deltas}
    found: dict[int, str | None] = {}
    for i in range(min(said, default=len(snapshots)), len(snapshots)):
        meta, delta = snapshots[i], said.get(i)
        if delta is not None:
            if delta.added:
                found[i] = delta.origin
        elif meta.base in found:
            found[i] = found[meta.base]
    return found


def intervals(listed: Collection[Instant], denied: Collection[Instant]) -> tuple[Span, ...]:
    """Returns the half-open intervals in which a fact holds, given when it was listed and when it was denied."""
    spans: list[Span] = []
    for at in sorted({*listed, *denied}):
        is_open = bool(spans) and spans[-1][1] is None
        if at in listed and not is_open:
            spans.append((at, None))
        elif at not in listed and is_open:
            spans[-1] = (spans[-1][0], at)
    return tuple(spans)


class _Work:
    """One scope on its way from before to after."""

    def __init__(self, before: ScopeHistory) -> None:
        self.before = before
        self.after = before.copy()
        self.facts: dict[FactId, Fact] = {}
        self.deltas: defaultdict[FactId, list[Delta]] = defaultdict(list)
        self.affected: set[FactId] | None = set()
        """None: all of the scope."""
        self.fresh: list[tuple[Instant, int]] = []
        self.rewritten = False

    @property
    def scope(self) -> Scope:
        return self.after.scope


def project(ledger: Ledger, change: ChangeSet, source: str) -> Projection:
    """Returns what becomes of claims and histories when a change set is applied.

    Raises:
        ScopeMovedError: a scope is not at the version that the change set expects.
        RefusedError: a snapshot that is named is not there.
    """
    touched = change.scopes()
    histories = ledger.histories({s for scope in touched for s in (scope, *ancestors(scope))})
    _check_versions(change, histories)
    works = {scope: _Work(histories.get(scope) or ScopeHistory(scope)) for scope in sorted(touched)}
    _record(change, works, source)
    kept = _load_unions(ledger, works)
    scene = _Scene(works, histories)
    for work in works.values():
        _mark_own(work, scene)
    _mark_below(ledger, works, scene)
    wanted = {w.scope: w.affected for w in works.values() if w.affected is None or w.affected}
    missing = {scope: facts for scope, facts in wanted.items() if scope not in kept}
    kept.update(ledger.kept(missing) if missing else {})
    return _settle(works, kept, scene)


class _Scene:
    """Histories before and after, of all scopes in sight."""

    def __init__(self, works: dict[Scope, _Work], histories: dict[Scope, ScopeHistory]) -> None:
        self._works, self._histories = works, histories
        self._memo: dict[tuple[Scope, bool], list[tuple[Instant, tuple[SnapshotMeta, ...]]]] = {}

    def learn(self, history: ScopeHistory) -> None:
        self._histories.setdefault(history.scope, history)

    def _of(self, scope: Scope, *, after: bool) -> ScopeHistory | None:
        work = self._works.get(scope)
        if work is not None:
            return work.after if after else work.before
        return self._histories.get(scope)

    def _denies(self, scope: Scope, *, after: bool) -> list[tuple[Instant, tuple[SnapshotMeta, ...]]]:
        if (scope, after) not in self._memo:
            history = self._of(scope, after=after)
            self._memo[scope, after] = history.denies_below() if history else []
        return self._memo[scope, after]

    def denials(self, scope: Scope, *, after: bool) -> set[Instant]:
        return {
            at
            for above in ancestors(scope)
            for at, said in self._denies(above, after=after)
            if any(meta.reads(scope) for meta in said)
        }


def _check_versions(change: ChangeSet, histories: dict[Scope, ScopeHistory]) -> None:
    moved = [s for s, v in change.expects.items() if (histories[s].version if s in histories else 0) != v]
    if moved:
        raise ScopeMovedError(sorted(map(write_scope, moved)))


def _record(change: ChangeSet, works: dict[Scope, _Work], source: str) -> None:
    """Writes the change set into the histories and gathers its differences."""
    for snap in change.snapshots:
        work = works[snap.scope]
        base = None if snap.base is None else work.after.index_of(snap.base)
        if snap.base is not None and base is None:
            raise RefusedError(
                f"{write_scope(snap.scope)}: snapshot {snap.id!r} is based on {snap.base!r}, which is not there."
            )
        known = len(work.after.snapshots)
        index = work.after.add_snapshot(
            SnapshotMeta(snap.id, base, snap.complete, snap.unread, snap.digest, snap.count)
        )
        if index == known:
            for fact in snap.added:
                work.facts[fact.id] = fact
                work.deltas[fact.id].append(Delta(index, True, str(fact.origin) if fact.origin else None))
            for gone in snap.removed:
                work.deltas[gone].append(Delta(index, False, None))
        _sight(work, Sighting(snap.at, index, source, snap.dated, snap.cause))
    for seen in change.seen:
        work = works[seen.scope]
        _sight(work, Sighting(seen.at, _index(work, seen.id), source, seen.dated, seen.cause))
    for seen in change.retracted:
        work = works[seen.scope]
        work.after.retract(_index(work, seen.id), seen.at)
        work.rewritten = True
    for work in works.values():
        work.after.version += 1


def _index(work: _Work, snapshot: str) -> int:
    index = work.after.index_of(snapshot)
    if index is None:
        raise RefusedError(f"{write_scope(work.scope)}: there is no snapshot {snapshot!r}.")
    return index


def _sight(work: _Work, sighting: Sighting) -> None:
    before = work.after.live()
    work.after.add_sighting(sighting)
    after = work.after.live()
    if after == before:
        return  # said before, or between two equal ones of the same day
    work.fresh.append((sighting.at, sighting.snapshot))
    if len(after) <= len(before):
        work.rewritten = True  # another time of the day was dropped for it


def _load_unions(ledger: Ledger, works: dict[Scope, _Work]) -> dict[Scope, dict[FactId, Kept]]:
    """Works out what is defined where several complete snapshots share a time: rare, and needs all facts of the scope."""
    crowded = {
        w.scope: {at: snaps for at, snaps in w.after.completions().items() if len(snaps) > 1} for w in works.values()
    }
    crowded = {scope: times for scope, times in crowded.items() if times}
    for work in works.values():
        work.after.unions = {}
    kept = ledger.kept(dict.fromkeys(crowded)) if crowded else {}
    for scope, times in crowded.items():
        work = works[scope]
        deltas = _all_deltas(work, kept.get(scope, {}))
        members = {f: listed_in(d, work.after.snapshots).keys() for f, d in deltas.items()}
        for at, snaps in times.items():
            work.after.unions[at] = sum_of(f for f, inside in members.items() if not snaps.isdisjoint(inside))
        work.affected = None
    return {scope: kept.get(scope, {}) for scope in crowded}


def _all_deltas(work: _Work, kept: Mapping[FactId, Kept]) -> dict[FactId, tuple[Delta, ...]]:
    ids = kept.keys() | work.deltas.keys()
    return {f: (*(kept[f].deltas if f in kept else ()), *work.deltas.get(f, ())) for f in ids}


def _mark_own(work: _Work, scene: _Scene) -> None:
    """Decides which claims of a touched scope a change can affect: the difference, if it continues what holds now; else all."""
    if work.affected is None or not (work.fresh or work.rewritten):
        return
    if work.rewritten or not _continues(work, scene):
        work.affected = None
    else:
        work.affected = set(work.deltas)


def _continues(work: _Work, scene: _Scene) -> bool:
    """Returns whether the one new sighting is later than all there is and its snapshot differs from what holds by its delta."""
    if not work.before.sightings and not scene.denials(work.scope, after=True):
        return len({snapshot for _, snapshot in work.fresh}) == 1
    if len(work.fresh) != 1:
        return False
    at, index = work.fresh[0]
    last = max((s.at for s in work.before.live()), default=None)
    if any(denial > at for denial in scene.denials(work.scope, after=True)):
        return False
    meta = work.after.snapshots[index]
    same_time = last is not None and last == at
    if last is not None and (last > at or (same_time and not _is_next_part(work, meta, at))):
        return False
    if index < len(work.before.snapshots):
        return meta.digest == work.before.open_digest
    # What a part says besides its additions was said at this time already, and being incomplete it takes nothing back.
    return (same_time and not meta.complete) or _digest_of_base(work, meta) == work.before.open_digest


def _is_next_part(work: _Work, meta: SnapshotMeta, at: Instant) -> bool:
    # The parts of a large snapshot share a time; each is based on the one before, so nothing it lists is new but its additions.
    return (
        meta.base is not None
        and at in work.after.times_of(meta.base)
        and len(work.before.completions().get(at, ())) == 0
    )


def _digest_of_base(work: _Work, meta: SnapshotMeta) -> int:
    return 0 if meta.base is None else work.after.snapshots[meta.base].digest


def _mark_below(ledger: Ledger, works: dict[Scope, _Work], scene: _Scene) -> None:
    """Adds the scopes below touched ones that are ended, or no longer ended, by them."""
    roots = [w.scope for w in works.values() if w.before.denies_below() != w.after.denies_below()]
    below = {h.scope: h for root in roots for h in ledger.histories_below(root)}
    for history in below.values():
        scene.learn(history)
    reached = below.keys() | {s for s in works if any(s[: len(r)] == r and s != r for r in roots)}
    for scope in sorted(reached):
        was, now = scene.denials(scope, after=False), scene.denials(scope, after=True)
        if was == now:
            continue
        if scope not in works:
            works[scope] = _Work(below[scope])
        if not _relisted(works[scope], was, now):
            works[scope].affected = None


def _relisted(work: _Work, was: set[Instant], now: set[Instant]) -> bool:
    """Returns whether everything that holds in a scope is listed at the only new denial, so that it ends nothing."""
    new = now - was
    if was - now or len(new) != 1 or work.affected is None:
        return False
    (at,) = new
    live = work.after.live()
    if any(s.at > at for s in live):
        return False
    digests = {work.after.snapshots[s.snapshot].digest for s in live if s.at == at}
    return work.before.open_digest in digests if not work.fresh else _lists_all(work, at)


def _lists_all(work: _Work, at: Instant) -> bool:
    complete = work.after.completions().get(at, set())
    return [(at, next(iter(complete)))] == work.fresh if len(complete) == 1 else False


def _settle(works: dict[Scope, _Work], kept: dict[Scope, dict[FactId, Kept]], scene: _Scene) -> Projection:
    out = Projection()
    for work in works.values():
        own = kept.get(work.scope, {})
        denied = scene.denials(work.scope, after=True) | work.after.completions().keys()
        times = _times(work.after), _times(work.before)
        ids = own.keys() | work.deltas.keys() if work.affected is None else work.affected
        for fact in sorted(ids):
            change = _settle_one(work, fact, own.get(fact), denied, times)
            if change is not None:
                _count(out, work, change)
        if work.after != work.before:
            out.histories.append(work.after)
    return out


def _times(history: ScopeHistory) -> list[set[Instant]]:
    times: list[set[Instant]] = [set() for _ in history.snapshots]
    for sighting in history.live():
        times[sighting.snapshot].add(sighting.at)
    return times


def _settle_one(
    work: _Work,
    fact: FactId,
    before: Kept | None,
    denied: set[Instant],
    times: tuple[list[set[Instant]], list[set[Instant]]],
) -> ClaimChange | None:
    if before is None and fact not in work.facts:
        return None  # taken out of what never had it, as after a purge
    deltas = (*(before.deltas if before else ()), *work.deltas.get(fact, ()))
    listed = _listings(deltas, work.after.snapshots, times[0])
    after = Kept(deltas, intervals(listed, denied))
    origin = _origin(after, listed)
    # A retraction can leave the intervals as they are and take the place away that was shown for them.
    if before == after and origin == _origin(after, _listings(deltas, work.before.snapshots, times[1])):
        return None
    return ClaimChange(work.scope, fact, None if before else work.facts[fact], before, after, origin)


def _listings(
    deltas: Sequence[Delta], snapshots: Sequence[SnapshotMeta], times: Sequence[set[Instant]]
) -> dict[Instant, str | None]:
    """Returns when a fact was listed, with the place it was read at."""
    listed: dict[Instant, str | None] = {}
    for index, origin in listed_in(deltas, snapshots).items():
        for at in times[index]:
            listed.setdefault(at, origin)
    return listed


def _origin(kept: Kept, listed: Mapping[Instant, str | None]) -> str | None:
    return listed.get(kept.spans[-1][0]) if kept.spans else None


def _is_open(kept: Kept | None) -> bool:
    return kept is not None and bool(kept.spans) and kept.spans[-1][1] is None


def _count(out: Projection, work: _Work, change: ClaimChange) -> None:
    out.claims.append(change)
    was, now = _is_open(change.before), _is_open(change.after)
    if was == now:
        return
    sign = 1 if now else -1
    out.opened += now
    out.closed += was
    work.after.open_count += sign
    work.after.open_digest = (work.after.open_digest + sign * int.from_bytes(change.id, "big")) % MODULUS
