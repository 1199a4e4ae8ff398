"""What was known at a time, and what was written down about it only later; for many times at once.

A walk back from a model version asks for the claims in force when it was trained. A catalog that was filled afterwards has
scopes that say nothing of that time: of those the earliest later claims are taken, and each says since when it is known. A
scope that its source already covered at the time, and that did not exist then, is not taken.

Several questions, each with its time, are asked in one walk: every edge carries the set of questions for which it holds, as the
bits of a whole number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from catalog.identity import Tie, owners_of, ties_of, with_other_names
from catalog.links import Link, group
from catalog.model.facts import Scope
from catalog.model.instants import Instant
from catalog.propagation import Net
from catalog.store.claims import ancestors
from catalog.store.history import ScopeHistory
from catalog.store.port import Bundle, Claim, Direction, Key, Span, Store

NOW: Final = Instant(1 << 62)
"""Stands for now: later than every time, so that what has no end holds."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """An edge with how it is known.

    Attributes:
        since: When its scope first spoke, if that was after the time in question.
    """

    link: Link
    since: Instant | None = None


class Strand(NamedTuple):
    """Edges that are known alike.

    Attributes:
        held: The questions for which they hold.
        late: Those of them for which their scope first spoke only after the time in question, which was at `first`.
        near, far: Their ends, pair by pair; `near` were asked for.
    """

    type: str
    subtype: str | None
    exactness: str
    masking: bool
    scope: Scope
    held: int
    late: int
    first: Instant | None
    near: Sequence[Key]
    far: Sequence[Key]


class Moments:
    """The times of questions; None is now, when all is known. The question at a place in the list has that bit."""

    def __init__(self, times: Sequence[Instant | None]) -> None:
        self.times = [NOW if at is None else at for at in times]
        self.everything = (1 << len(times)) - 1
        self._at: defaultdict[Instant, int] = defaultdict(int)
        for i, at in enumerate(self.times):
            self._at[at] |= 1 << i
        self._sorted = sorted(self._at)
        self._up_to = [0]
        for at in self._sorted:
            self._up_to.append(self._up_to[-1] | self._at[at])

    def before(self, time: Instant) -> int:
        """Returns the questions that are about an earlier time."""
        return self._up_to[bisect_right(self._sorted, time - 1)]

    def within(self, span: Span) -> int:
        since, until = span
        return (self.everything if until is None else self.before(until)) & ~self.before(since)

    def like(self, question: int) -> int:
        """Returns the questions about the same time."""
        return self._at[self.times[question]]

    def groups(self) -> list[tuple[Instant, int]]:
        """Returns the times, each with its questions."""
        return [(at, self._at[at]) for at in self._sorted]

    def distinct(self) -> list[tuple[Instant, int]]:
        """Returns the times besides now, each with its questions."""
        return [(at, mask) for at, mask in self.groups() if at != NOW]


class _Began(NamedTuple):
    """Of a scope: the time at which it first spoke, and the questions that are about a time before it was covered at all."""

    first: Instant
    early: int


class Then:
    """Reads edges as of the times of questions, with hindsight."""

    def __init__(self, store: Store, times: Sequence[Instant | None]) -> None:
        self.store, self.moments = store, Moments(times)
        self._began: dict[Scope, _Began | None] = {}
        self._histories: dict[Scope, ScopeHistory | None] = {}
        self._masks: dict[tuple[Scope, Instant, Instant | None], tuple[int, int]] = {}

    # --- claims

    def hold(self, claims: Collection[Claim]) -> list[int]:
        """Returns for each claim the questions for which it holds: at the time, or among the first words of a late scope."""
        self._look_up({c.scope for c in claims if any(self.moments.before(span[0]) for span in c.spans)})
        return [sum_of_bits(self._mask(c.scope, *span)[0] for span in c.spans) for c in claims]

    def holds(self, claim: Claim, question: int = 0) -> bool:
        """Returns whether a claim holds for one question."""
        return bool(self.hold([claim])[0] >> question & 1)

    def links(self, keys: Collection[Key], types: Collection[str], question: int = 0) -> list[Hindsight]:
        """Returns the edges of nodes upstream, with their evidence, as one question has them."""
        bit = 1 << question
        strands = [strand for strand in self.strands(keys, types) if strand.held & bit]
        pairs = {(n, f, s.type) for s in strands for n, f in zip(s.near, s.far, strict=True)}
        timely = {(n, f, s.type) for s in strands if not s.late & bit for n, f in zip(s.near, s.far, strict=True)}
        at = self.moments.times[question]
        moments = [
            None if at == NOW else at,
            *sorted({s.first for s in strands if s.late & bit and s.first is not None}),
        ]
        said: dict[tuple[Scope, bytes], Claim] = {}
        for moment in moments if pairs else ():
            claims = self.store.edges({near for near, _, _ in pairs}, types, "upstream", moment)
            said |= {(claim.scope, claim.fact): claim for claim in claims}
        held = [c for c, mask in zip(said.values(), self.hold(list(said.values())), strict=True) if mask & bit]
        keyed = self.store.keys({urn for link in group(held) for urn in (link.start, link.end)})
        found = [(link, (keyed[link.start], keyed[link.end], link.type)) for link in group(held)]
        return [Hindsight(k, None if ends in timely else self._first_of(k)) for k, ends in found if ends in pairs]

    def _first_of(self, link: Link) -> Instant | None:
        firsts = [began.first for s in link.said if not s.denies and (began := self._began.get(s.claim.scope))]
        return min(firsts, default=None)

    # --- edges

    def strands(self, keys: Collection[Key], types: Collection[str], direction: Direction = "upstream") -> list[Strand]:
        """Returns the edges of nodes, denied ones and those to columns that the list in force lacked left out."""
        if not keys or not types:
            return []
        bundles = self.store.bundles(keys, types, direction)
        self._look_up({b.scope for b in bundles if self.moments.before(b.since)})
        gone = self.store.absences({key for b in bundles for key in b.far})
        denied = self._denied(bundles)
        found: list[Strand] = []
        for bundle in bundles:
            if bundle.standing >= 0:
                found += self._strands(bundle, gone, denied)
        return found

    def _strands(
        self, bundle: Bundle, gone: Mapping[Key, Sequence[Span]], denied: Mapping[tuple[Key, Key, str], Sequence[tuple[int, int]]]
    ) -> Iterator[Strand]:  # fmt: skip
        held, late = self._mask(bundle.scope, bundle.since, bundle.until)
        if not held:
            return
        began = self._began.get(bundle.scope)
        first = began.first if began is not None and late else None
        how = (bundle.type, bundle.subtype, bundle.exactness, bundle.masking, bundle.scope)
        if not gone and not denied:
            yield Strand(*how, held, late, first, bundle.near, bundle.far)
            return
        whole: list[tuple[Key, Key]] = []
        for near, far in zip(bundle.near, bundle.far, strict=True):
            lost = self._absent(gone.get(far, ()), late, first)
            for rank, mask in denied.get((near, far, bundle.type), ()):
                lost |= mask if rank < bundle.standing else 0
            if not held & lost:
                whole.append((near, far))
            elif held & ~lost:
                yield Strand(*how, held & ~lost, late & ~lost, first, (near,), (far,))
        if whole:
            yield Strand(*how, held, late, first, [near for near, _ in whole], [far for _, far in whole])

    def _absent(self, spans: Sequence[Span], late: int, first: Instant | None) -> int:
        """Returns the questions for which a column was missing: what is known only later is looked at as of then."""
        if not spans:
            return 0
        timely = sum_of_bits(map(self.moments.within, spans)) & ~late
        missing = first is not None and any(
            since <= first and (until is None or first < until) for since, until in spans
        )
        return timely | (late if missing else 0)

    def _denied(self, bundles: Iterable[Bundle]) -> dict[tuple[Key, Key, str], list[tuple[int, int]]]:
        found: defaultdict[tuple[Key, Key, str], list[tuple[int, int]]] = defaultdict(list)
        for bundle in bundles:
            if bundle.standing < 0:
                mask = self._mask(bundle.scope, bundle.since, bundle.until)[0]
                for near, far in zip(bundle.near, bundle.far, strict=True):
                    found[near, far, bundle.type].append((-1 - bundle.standing, mask))
        return found

    def _mask(self, scope: Scope, since: Instant, until: Instant | None) -> tuple[int, int]:
        """Returns the questions for which an interval of a claim counts, and those of them that learn of it late."""
        known = self._masks.get((scope, since, until))
        if known is None:
            held, began = self.moments.within((since, until)), self._began.get(scope)
            late = 0
            if began is not None and since <= began.first and (until is None or began.first < until):
                late = began.early & ~held
            known = self._masks[scope, since, until] = (held | late, late)
        return known

    # --- scopes

    def _look_up(self, scopes: Collection[Scope]) -> None:
        """Reads the histories of scopes, and of those above, of which more is to be known than that they spoke in time."""
        fresh = [scope for scope in scopes if scope not in self._began]
        wanted = {above for scope in fresh for above in (scope, *ancestors(scope))} - self._histories.keys()
        if wanted:
            found = self.store.histories(wanted)
            self._histories.update({scope: found.get(scope) for scope in wanted})
        for scope in fresh:
            self._began[scope] = self._begin(scope)

    def _begin(self, scope: Scope) -> _Began | None:
        history = self._histories.get(scope)
        first = min((s.at for s in history.live()), default=None) if history is not None else None
        return None if first is None else _Began(first, self.moments.before(min([first, *self._covered(scope)])))

    def _covered(self, scope: Scope) -> Iterator[Instant]:
        """Yields the times at which a source read what is above the scope: what it did not find there was not there."""
        for above in ancestors(scope):
            history = self._histories.get(above)
            for seen in history.live() if history is not None else ():
                meta = history.snapshots[seen.snapshot] if history is not None else None
                if meta is not None and meta.complete and meta.reads(scope):
                    yield seen.at

    # --- identity

    def ties(self, owners: Mapping[Key, Key], direction: Direction = "upstream") -> list[tuple[Tie, int]]:
        """Returns identity that was known at the time, or is known now: content that was equal once was equal.

        Args:
            owners: Things with what an identity would be stated of.
        """
        named = with_other_names(self.store, owners, direction)
        found: defaultdict[Tie, int] = defaultdict(int)
        for tie in ties_of(self.store, named.keys, direction) if named.keys else ():
            found[tie] = self.moments.everything
        for at, mask in self.moments.distinct() if named.moved else ():
            for tie in ties_of(self.store, named.keys, direction, at):
                found[tie] |= mask
        return list(found.items())


def sum_of_bits(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


@dataclass
class Trail:
    """A walk: the things that were come to, the edges followed, and identity that was crossed, by the keys of the store."""

    then: Then
    owners: dict[Key, Key] = field(default_factory=dict)
    """Everything that was come to, with the data set of each column; other things are their own."""
    strands: list[Strand] = field(default_factory=list)
    ties: list[tuple[Tie, int]] = field(default_factory=list)

    @cached_property
    def net(self) -> Net[Key]:
        """Everything that was walked as a graph, from near to far."""
        net: Net[Key] = Net(self.then.moments.everything)
        for strand in self.strands:
            net.add_all(strand.near, strand.far, strand.held)
        for tie, mask in self.ties:
            net.add(tie.near, tie.far, mask)
        return net

    def edges(self, question: int) -> Iterator[tuple[Key, Key, Strand]]:
        """Yields the edges that hold for a question, near to far."""
        bit = 1 << question
        for strand in self.strands:
            if strand.held & bit:
                for near, far in zip(strand.near, strand.far, strict=True):
                    yield near, far, strand

    def add(self, strands: Iterable[Strand]) -> None:
        """Adds edges that the walk did not follow."""
        self.strands += strands
        self.__dict__.pop("net", None)

    def extend(self, more: Trail) -> None:
        self.owners |= more.owners
        self.ties += more.ties
        self.add(more.strands)


def walk(then: Then, starts: Iterable[Key], types: frozenset[str], direction: Direction = "upstream") -> Trail:
    """Returns all that things stand on, level by level, for all questions; equal content and aliases are crossed.

    Identity is crossed after the walk has come to rest, which moves it on.
    """
    trail, waiting = Trail(then), set(starts)
    while waiting:
        walked = set[Key]()
        frontier = waiting
        while frontier:
            walked |= frontier
            strands = then.strands(list(frontier), types, direction)
            trail.strands += strands
            frontier = {far for s in strands for far in s.far} - walked - trail.owners.keys()
        owners = owners_of(then.store, walked)
        trail.owners.update(owners)
        ties = then.ties(owners, direction)
        trail.ties += ties
        waiting = {tie.far for tie, _ in ties} - trail.owners.keys()
    return trail
