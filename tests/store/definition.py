"""Which facts hold when, said once more and as plainly as can be: what every store must agree with.

Nothing here is incremental. All times at which anything was said are gone through in order, and for each claim it is asked
whether it was listed then, or ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.model.canonical import FactId
from catalog.model.facts import Scope
from catalog.model.instants import Instant, day
from catalog.store.port import Span

Claims = dict[tuple[Scope, FactId], tuple[Span, ...]]


@dataclass(frozen=True)
class Said:
    """A snapshot at one of its times."""

    id: str
    scope: Scope
    at: Instant
    complete: bool
    facts: frozenset[FactId]
    unread: frozenset[Scope]

    def speaks_of(self, scope: Scope) -> bool:
        """Returns whether its silence about a scope below its own means something."""
        return not any(scope[: len(part)] == part for part in self.unread)


class Record:
    """What was said and not taken back. Of equal snapshots of one day only the first and the last count."""

    def __init__(self, said: Iterable[Said] = ()) -> None:
        self.said = set(said)

    def say(self, said: Said) -> None:
        self.said.add(said)
        equal = sorted((s for s in self.said if s.id == said.id and day(s.at) == day(said.at)), key=lambda s: s.at)
        self.said -= set(equal[1:-1])

    def take_back(self, said: Said) -> None:
        self.said.discard(said)

    def until(self, at: Instant) -> Record:
        """Returns the record of a catalog that was told nothing after a time."""
        return Record(s for s in self.said if s.at <= at)

    def claims(self) -> Claims:
        """Returns the intervals of every claim that ever held."""
        facts = {(s.scope, fact) for s in self.said for fact in s.facts}
        return {(scope, fact): self._spans(scope, fact) for scope, fact in facts}

    def _spans(self, scope: Scope, fact: FactId) -> tuple[Span, ...]:
        spans: list[Span] = []
        for at in sorted({s.at for s in self.said}):
            holds = bool(spans) and spans[-1][1] is None
            if any(s.at == at and s.scope == scope and fact in s.facts for s in self.said):
                if not holds:
                    spans.append((at, None))
            elif holds and self._ends(scope, at):
                spans[-1] = (spans[-1][0], at)
        return tuple(spans)

    def _ends(self, scope: Scope, at: Instant) -> bool:
        """Returns whether something said at a time ends what it does not list in a scope."""
        now = [s for s in self.said if s.complete and s.at == at]
        own = any(s.scope == scope for s in now)
        above = (s for s in now if s.scope != scope and s.scope == scope[: len(s.scope)])
        return own or any(s.speaks_of(scope) and self._is_news(s.scope, at) for s in above)

    def _is_news(self, scope: Scope, at: Instant) -> bool:
        """Returns whether a scope's complete snapshots of a time say something else than those of the time before."""
        times = sorted({s.at for s in self.said if s.complete and s.scope == scope})
        place = times.index(at)
        return place == 0 or self._defined(scope, at) != self._defined(scope, times[place - 1])

    def _defined(self, scope: Scope, at: Instant) -> frozenset[FactId]:
        said = (s.facts for s in self.said if s.complete and s.scope == scope and s.at == at)
        return frozenset(fact for facts in said for fact in facts)
