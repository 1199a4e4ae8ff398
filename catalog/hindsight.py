"""What was known at a time, and what was written down about it only later.

A walk back from a model version asks for the claims in force when it was trained. A catalog that was filled afterwards has
scopes that say nothing of that time: of those the earliest later claims are taken, and each says since when it is known. A
scope that its source already covered at the time, and that did not exist then, is not taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from catalog.identity import Tie, ties_of
from catalog.links import Link, group
from catalog.model.facts import Scope
from catalog.model.instants import Instant, show
from catalog.model.marks import Standing, standing
from catalog.model.names import Urn
from catalog.store.claims import ancestors
from catalog.store.history import ScopeHistory
from catalog.store.port import Claim, Key, Store


@dataclass(frozen=True, slots=True)
class Hindsight:
    """An edge with how it is known.

    Attributes:
        since: When its scope first spoke, if that was after the time in question.
    """

    link: Link
    since: Instant | None = None

    @property
    def observed(self) -> bool:
        """Whether something that ran said so, by the time in question."""
        ran = any(standing(s.claim.scope) is Standing.INFERRED for s in self.link.said if not s.denies)
        return ran and self.since is None

    @property
    def known(self) -> str | None:
        return None if self.since is None else f"declared, known only since {show(self.since)}"


class Then:
    """Reads edges upstream as of a time, with hindsight. None is now: then all is known."""

    def __init__(self, store: Store, at: Instant | None) -> None:
        self._store, self._at = store, at

    @cached_property
    def _histories(self) -> dict[Scope, ScopeHistory]:
        # One look at every scope: what ended since left no claim by which its scope could be found.
        return {} if self._at is None else {h.scope: h for h in self._store.histories_below(())}

    @cached_property
    def _later(self) -> dict[Scope, Instant]:
        """Scopes that began to speak only after the time, and when."""
        first = {scope: min((s.at for s in h.live()), default=None) for scope, h in self._histories.items()}
        later = {scope: at for scope, at in first.items() if at is not None and self._at is not None and at > self._at}
        return {scope: at for scope, at in later.items() if not self._covered(scope)}

    @cached_property
    def _moments(self) -> list[Instant]:
        """When those began of which something ended since."""
        return sorted({at for scope, at in self._later.items() if not _stands(self._histories[scope], at)})

    def links(self, keys: Collection[Key], types: Collection[str]) -> list[Hindsight]:
        """Returns the edges of nodes upstream."""
        if not keys or not types:
            return []
        claims = {(c.scope, c.fact): c for c in self._store.edges(keys, types, "upstream", self._at)}
        since: dict[tuple[Scope, bytes], Instant] = {}
        if self._at is not None:
            for claim, first in self._later_claims(keys, types):
                if (claim.scope, claim.fact) not in claims:
                    since[claim.scope, claim.fact] = first
                    claims[claim.scope, claim.fact] = claim
        return [Hindsight(link, _known(link, since)) for link in self._there(group(claims.values()), since)]

    def holds(self, claim: Claim) -> bool:
        """Returns whether a claim held at the time, or was among the first words of a scope that spoke only later."""
        at = self._later.get(claim.scope, self._at)
        return any(
            end is None or (at is not None and at < end) for start, end in claim.spans if at is None or start <= at
        )

    def ties(self, keys: Collection[Key]) -> list[Tie]:
        """Returns identity that was known at the time, or is known now: content that was equal once was equal."""
        now = ties_of(self._store, list(keys), "upstream")
        then = ties_of(self._store, list(keys), "upstream", self._at) if self._at is not None else []
        return list(dict.fromkeys([*then, *now]))

    def _later_claims(self, keys: Collection[Key], types: Collection[str]) -> list[tuple[Claim, Instant]]:
        """Returns what later scopes said first."""
        now = self._store.edges(keys, types, "upstream") if self._later else []
        found = {(c.scope, c.fact): (c, self._later[c.scope]) for c in now if c.scope in self._later and self.holds(c)}
        for moment in self._moments:
            for claim in self._store.edges(keys, types, "upstream", moment):
                if self._later.get(claim.scope) == moment:
                    found.setdefault((claim.scope, claim.fact), (claim, moment))
        return list(found.values())

    def _covered(self, scope: Scope) -> bool:
        """Returns whether a source read what is above the scope by then, and found nothing there."""
        for above in ancestors(scope):
            history = self._histories.get(above)
            for seen in history.live() if history is not None else ():
                meta = self._histories[above].snapshots[seen.snapshot]
                if self._at is not None and seen.at <= self._at and meta.complete and meta.reads(scope):
                    return True
        return False

    def _there(self, links: list[Link], since: dict[tuple[Scope, bytes], Instant]) -> list[Link]:
        """Leaves out edges to columns that the list in force lacked."""
        by_time: defaultdict[Instant | None, list[Link]] = defaultdict(list)
        for link in links:
            by_time[_known(link, since) or self._at].append(link)
        kept: list[Link] = []
        for moment, some in by_time.items():
            ends = [link.end for link in some if link.end.kind == "column"]
            states = self._store.get(ends, moment) if ends else {}
            kept += [k for k in some if k.end not in states or not _is_gone(states[k.end].closed_since, moment)]
        return sorted(kept, key=lambda k: (str(k.start), str(k.end), k.type))


def _is_gone(closed: Instant | None, moment: Instant | None) -> bool:
    return closed is not None and (moment is None or closed <= moment)


def _stands(history: ScopeHistory, first: Instant) -> bool:
    """Returns whether what a scope said first is what holds of it now."""
    return history.open_digest in {history.snapshots[s.snapshot].digest for s in history.live() if s.at == first}


def _known(link: Link, since: dict[tuple[Scope, bytes], Instant]) -> Instant | None:
    """Returns None if any claim was there in time, else since when the earliest is."""
    times = [since.get((s.claim.scope, s.claim.fact)) for s in link.said if not s.denies]
    later = [at for at in times if at is not None]
    return min(later) if later and len(later) == len(times) else None


@dataclass(slots=True)
class Trail:
    """A walk back: hops of each thing, the edges followed, and identity that was crossed."""

    hops: dict[Urn, int] = field(default_factory=dict)
    edges: list[Hindsight] = field(default_factory=list)
    ties: list[tuple[Urn, Urn, Tie]] = field(default_factory=list)

    def onward(self) -> dict[Urn, set[Urn]]:
        """Returns what each thing stands on, identity included."""
        found: defaultdict[Urn, set[Urn]] = defaultdict(set)
        for edge in self.edges:
            found[edge.link.start].add(edge.link.end)
        for near, far, _ in self.ties:
            found[near].add(far)
        return dict(found)


def walk_back(store: Store, then: Then, starts: dict[Urn, int], types: frozenset[str]) -> Trail:
    """Returns all that things stand on, level by level; equal content and aliases are crossed whenever it was known.

    Args:
        starts: Things with the hops that they are away already.
    """
    trail = Trail()
    waiting: dict[int, dict[Urn, None]] = defaultdict(dict)
    for urn, hops in starts.items():
        waiting[hops][urn] = None
    while waiting:
        hops = min(waiting)
        frontier = [urn for urn in waiting.pop(hops) if urn not in trail.hops]
        trail.hops.update(dict.fromkeys(frontier, hops))
        keys = store.keys(frontier)
        edges = then.links(keys.values(), types)
        trail.edges += edges
        ties = then.ties(keys.values())
        urns = store.urns({tie.far for tie in ties}) if ties else {}
        near = {key: urn for urn, key in keys.items()}
        trail.ties += [(near[tie.near], urns[tie.far], tie) for tie in ties]
        reached = [edge.link.end for edge in edges] + list(urns.values())
        waiting[hops + 1].update(dict.fromkeys(urn for urn in reached if urn not in trail.hops))
        if not waiting[hops + 1]:
            del waiting[hops + 1]
    return trail
