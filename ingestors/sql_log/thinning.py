"""Equal snapshots of one day: only the first and the last are worth telling.

That is what a store keeps of them anyway. A log repeats itself, so this is most of a log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from catalog.model.facts import Fact, Scope, Snapshot
from catalog.model.instants import Instant, day
from ingestors.sql_log.bounded import Bounded

MAX_WEIGHT: Final = 20_000
"""Facts of snapshots that are remembered."""
_VARIANTS: Final = 4
"""Different contents of a scope that are remembered."""
_TABLE: Final = 3
"""Parts of a table's own scope."""


@dataclass(slots=True)
class _Told:
    """A content that was told, and the last time at which it was told again."""

    first: Snapshot
    day: date
    earliest: Instant
    again: Snapshot | None = None

    def equals(self, other: Snapshot) -> bool:
        mine = self.first
        told = (mine.complete, mine.unread, mine.dated) == (other.complete, other.unread, other.dated)
        return told and (mine.facts is other.facts or _content(mine) == _content(other))


def _content(snapshot: Snapshot) -> list[object]:
    """Returns what is said, without the places that it was read at."""
    return [item if isinstance(item, Fact) else (item.code, item.message, item.subjects) for item in snapshot.facts]


class Thinned:
    """Passes snapshots on, and holds back those that say again what was said on the same day."""

    def __init__(self) -> None:
        self._told: Bounded[Scope, dict[Scope, list[_Told]]] = Bounded(MAX_WEIGHT)

    def feed(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """Yields what must be told now."""
        top = snapshot.scope[:_TABLE]
        below = self._told.get(top)
        below = {} if below is None else below
        told = below.setdefault(snapshot.scope, [])
        known = next((one for one in told if one.equals(snapshot)), None)
        if known is not None and known.day == day(snapshot.at) and snapshot.at >= known.earliest:
            if snapshot.at > (known.again.at if known.again is not None else known.earliest):
                known.again = snapshot
        else:
            yield from self._tell(snapshot, known, told, below)
            for forgotten in self._told.put(top, below, _weight(below)):
                yield from _rest(forgotten)

    def _tell(
        self, snapshot: Snapshot, known: _Told | None, told: list[_Told], below: dict[Scope, list[_Told]]
    ) -> Iterator[Snapshot]:
        if known is not None:
            told.remove(known)
            if known.again is not None:
                yield known.again
        elif len(told) >= _VARIANTS and (oldest := told.pop(0)).again is not None:
            yield oldest.again
        if snapshot.scope in below and len(snapshot.scope) == _TABLE:
            yield from _of_the_same_time(below, snapshot)
        told.append(_Told(snapshot, day(snapshot.at), snapshot.at))
        yield snapshot

    def finish(self) -> Iterator[Snapshot]:
        """Yields the last of what was told again."""
        for told in self._told.clear():
            yield from _rest(told)


def _weight(below: dict[Scope, list[_Told]]) -> int:
    return sum(1 + len(list(one.first.facts)) for told in below.values() for one in told)


def _of_the_same_time(below: dict[Scope, list[_Told]], snapshot: Snapshot) -> Iterator[Snapshot]:
    """What lies below a scope comes before the scope's own of the same time."""
    for scope, told in below.items():
        for one in told if scope != snapshot.scope else ():
            if one.again is not None and one.again.at == snapshot.at:
                yield one.again
                one.again = None


def _rest(below: dict[Scope, list[_Told]]) -> Iterator[Snapshot]:
    waiting = [one.again for told in below.values() for one in told if one.again is not None]
    yield from sorted(waiting, key=lambda one: (one.at, -len(one.scope), one.scope))
