"""What a store keeps of a scope besides its claims: which snapshots it had, and when each was seen.

A snapshot is kept as its difference to another one of the same scope, its base, so that space grows with what changed.
Equal snapshots are one, with all the times at which they were seen; per day only the first and the last are kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

from catalog.model.canonical import FactId
from catalog.model.facts import Scope, read_scope, write_scope
from catalog.model.instants import Instant, day

MODULUS: Final = 2**128


def sum_of(facts: Iterable[FactId]) -> int:
    """Returns the digest of a set of facts: the sum of their hashes, so that a difference updates it."""
    return sum(int.from_bytes(fact, "big") for fact in facts) % MODULUS


def snapshot_id(scope: Scope, complete: bool, unread: Iterable[Scope], digest: int, count: int) -> str:
    """Returns the name of a snapshot by what it says: equal ones have equal names. 32 hex digits."""
    said = [write_scope(scope), complete, sorted(map(write_scope, unread)), f"{digest:032x}", count]
    return blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class SnapshotMeta:
    """A snapshot without its facts. `base` is the index of another of the scope, smaller than its own, or None for the empty set."""

    id: str
    base: int | None
    complete: bool
    unread: frozenset[Scope]
    digest: int
    count: int

    def reads(self, scope: Scope) -> bool:
        """Returns whether it says something about a scope below its own."""
        return not any(scope[: len(gap)] == gap for gap in self.unread)


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """A time at which a snapshot was what the scope said.

    Attributes:
        source: Name of the source that yielded it, for `--reread` and `--retire`.
        cause: For snapshots that harvest derived from others: what from. None for what was read.
        retracted: Taken back. Counts for nothing, and reading the same again is refused unless asked for.
    """

    at: Instant
    snapshot: int
    source: str = ""
    dated: bool = True
    cause: str = ""
    retracted: bool = False


@dataclass(slots=True)
class ScopeHistory:
    """All that a scope said, without the facts.

    Attributes:
        version: Grows with every change; a diff made against another version is stale.
        unions: Digest of what is defined at times with several complete snapshots.
        open_digest, open_count: Of the facts that hold until further notice.
    """

    scope: Scope
    version: int = 0
    snapshots: list[SnapshotMeta] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    unions: dict[Instant, int] = field(default_factory=dict)
    open_digest: int = 0
    open_count: int = 0

    def copy(self) -> ScopeHistory:
        return replace(self, snapshots=[*self.snapshots], sightings=[*self.sightings], unions={**self.unions})

    def live(self) -> list[Sighting]:
        """Returns the sightings that count, in order of time."""
        return [s for s in self.sightings if not s.retracted]

    def index_of(self, snapshot: str) -> int | None:
        """Returns the index of a snapshot by its name."""
        return next((i for i, meta in enumerate(self.snapshots) if meta.id == snapshot), None)

    def newest(self) -> Sighting | None:
        """Returns the latest sighting that counts."""
        return max((s for s in self.sightings if not s.retracted), default=None)

    def times_of(self, snapshot: int) -> set[Instant]:
        return {s.at for s in self.sightings if s.snapshot == snapshot and not s.retracted}

    def completions(self) -> dict[Instant, set[int]]:
        """Returns the complete snapshots by time."""
        found: dict[Instant, set[int]] = defaultdict(set)
        for s in self.live():
            if self.snapshots[s.snapshot].complete:
                found[s.at].add(s.snapshot)
        return dict(found)

    def changes(self) -> list[Instant]:
        """Returns the times at which the scope's definition became another than before; complete snapshots at other times are refreshes."""
        found: list[Instant] = []
        before: int | None = None
        for at, snapshots in sorted(self.completions().items()):
            digest = self.unions[at] if len(snapshots) > 1 else self.snapshots[next(iter(snapshots))].digest
            if digest != before:
                found.append(at)
            before = digest
        return found

    def denies_below(self) -> list[tuple[Instant, tuple[SnapshotMeta, ...]]]:
        """Returns the times at which what is below ends unless it is listed, with the snapshots that say so."""
        completions = self.completions()
        return [(at, tuple(self.snapshots[i] for i in sorted(completions[at]))) for at in self.changes()]

    def add_snapshot(self, meta: SnapshotMeta) -> int:
        """Adds a snapshot unless it is there; returns its index."""
        index = self.index_of(meta.id)
        if index is None:
            self.snapshots.append(meta)
            index = len(self.snapshots) - 1
        return index

    def add_sighting(self, sighting: Sighting) -> None:
        """Adds a time, and keeps of its snapshot and day only the first and the last."""
        same = [s for s in self.sightings if s.snapshot == sighting.snapshot and s.at == sighting.at]
        if any(not s.retracted for s in same):
            return
        self.sightings = [s for s in self.sightings if s not in same]
        self.sightings.append(sighting)
        group = sorted(s for s in self.live() if s.snapshot == sighting.snapshot and day(s.at) == day(sighting.at))
        dropped = set(group[1:-1])
        self.sightings = sorted(s for s in self.sightings if s not in dropped)

    def retract(self, snapshot: int, at: Instant) -> None:
        """Marks a time of a snapshot as taken back."""
        self.sightings = [
            replace(s, retracted=True) if s.snapshot == snapshot and s.at == at else s for s in self.sightings
        ]

    def dumps(self) -> str:
        """Returns the history as JSON text. Law: `loads(scope, h.dumps()) == h`."""
        return json.dumps(
            {
                "version": self.version,
                "snapshots": [
                    [m.id, m.base, m.complete, sorted(map(write_scope, m.unread)), f"{m.digest:x}", m.count]
                    for m in self.snapshots
                ],
                "sightings": [[s.at, s.snapshot, s.source, s.dated, s.cause, s.retracted] for s in self.sightings],
                "unions": [[at, f"{digest:x}"] for at, digest in sorted(self.unions.items())],
                "open": [f"{self.open_digest:x}", self.open_count],
            },
            separators=(",", ":"),
        )

    @classmethod
    def loads(cls, scope: Scope, text: str) -> ScopeHistory:
        """Reads a history back."""
        raw: dict[str, Any] = json.loads(text)
        return cls(
            scope=scope,
            version=raw["version"],
            snapshots=[
                SnapshotMeta(id_, base, complete, frozenset(map(read_scope, unread)), int(digest, 16), count)
                for id_, base, complete, unread, digest, count in raw["snapshots"]
            ],
            sightings=[Sighting(*row) for row in raw["sightings"]],
            unions={Instant(at): int(digest, 16) for at, digest in raw["unions"]},
            open_digest=int(raw["open"][0], 16),
            open_count=raw["open"][1],
        )
