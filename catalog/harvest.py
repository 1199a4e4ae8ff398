"""Snapshots to change sets to a store to a report: what `ingest` does.

A batch of snapshots is compared with what their scopes said last; only differences are committed. A difference names the
snapshot that it is based on, so it stays right when another writer commits in between: then only the expectations are read
again. A large snapshot goes in parts: incomplete ones of the same scope and time, the last complete, so that every prefix is a
legal state and an interrupted run continues where it ended.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Final, Protocol

from catalog.intake import Progress, SourceReport, kept
from catalog.model.canonical import FactId
from catalog.model.errors import ScopeMovedError, SourceError
from catalog.model.facts import Fact, Scope, Snapshot, write_scope
from catalog.model.ingest import Source
from catalog.model.instants import Instant, instant, show
from catalog.model.names import Urn
from catalog.model.nodes import Node, Run, node_of
from catalog.runs import job_snapshot
from catalog.store.history import MODULUS, ScopeHistory, Sighting, SnapshotMeta, snapshot_id, sum_of
from catalog.store.log import change_of
from catalog.store.port import Author, ChangeSet, Commit, Seen, SnapshotDelta, Store

_BATCH: Final = 256
MAX_FACTS: Final = 10_000
"""Facts of a commit."""
MAX_SNAPSHOTS: Final = 1_000
"""Snapshots of a commit."""
_FUTURE: Final = timedelta(days=1)
_ATTEMPTS: Final = 10


class Clock(Protocol):
    """Where recording times come from."""

    def __call__(self) -> datetime: ...


@dataclass(slots=True)
class _Pending:
    """What the next commit will say, and the histories as they will be then."""

    histories: dict[Scope, ScopeHistory] = field(default_factory=dict)
    versions: dict[Scope, int] = field(default_factory=dict)
    contents: dict[tuple[Scope, str], set[FactId]] = field(default_factory=dict)
    snapshots: list[SnapshotDelta] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    retracted: list[Seen] = field(default_factory=list)
    facts: int = 0

    def change(self) -> ChangeSet:
        touched = {op.scope for ops in (self.snapshots, self.seen, self.retracted) for op in ops}
        expects = {scope: self.versions[scope] for scope in touched}
        return ChangeSet(tuple(self.snapshots), tuple(self.seen), tuple(self.retracted), expects)


class Harvest:
    """One run of `ingest` over some sources. Not for several threads at once; several processes may run at once."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        actor: str,
        plan: bool = False,
        again: bool = False,
        progress: Progress = lambda _: None,
    ) -> None:
        self._store, self._clock, self._actor = store, clock, actor
        self._plan, self._again, self._progress = plan, again, progress
        self._pending = _Pending()
        self._report = SourceReport("", "")
        self._said: set[tuple[Scope, str, Instant]] = set()

    def read(self, source: Source) -> SourceReport:
        """Reads one source to its end and commits what is new; returns what it came to. Never raises for bad input."""
        self._report = report = SourceReport(source.name, source.kind)
        began = time.perf_counter()
        runs: dict[Scope, None] = {}
        if source.ingestor is None:
            report.error = (
                f"source {source.name!r}: no ingestor of kind {source.kind!r} is installed.{_kinds_like(source.kind)}"
            )
            report.skipped["not_installed", source.kind] += 1
        else:
            try:
                for batch in _batches(source.ingestor.snapshots(source.context)):
                    self._take(batch, runs)
                self._derive(list(runs))
            except SourceError as err:
                report.error = str(err)
                report.skipped["unreadable", err.place] += 1
            self._flush()
        report.seconds = time.perf_counter() - began
        self._progress(report)
        return report

    def retract(self, name: str, seen: Sequence[Seen]) -> SourceReport:
        """Takes back times of snapshots, as if they had never been read; returns what it came to."""
        self._report = report = SourceReport(name, "retract")
        for start in range(0, len(seen), MAX_SNAPSHOTS):
            part = seen[start : start + MAX_SNAPSHOTS]
            self._know([s.scope for s in part])
            self._pending.retracted.extend(part)
            self._flush()
        return report

    def close(self, name: str, scopes: Sequence[Scope], at: Instant) -> SourceReport:
        """Says that scopes are empty from a time on; returns what it came to."""
        self._report = report = SourceReport(name, "retire")
        self._take([Snapshot(scope, at) for scope in scopes], {})
        self._flush()
        return report

    # --- one batch

    def _take(self, batch: Sequence[Snapshot], runs: dict[Scope, None], cause: str = "") -> None:
        for snapshot in batch:
            if snapshot.scope not in self._pending.histories:  # the first of all, or the first after a commit
                self._know([s.scope for s in batch])
            self._report.snapshots += 1
            if snapshot.scope[0] == "run":
                runs[snapshot.scope] = None
            if not self._is_future(snapshot):
                self._compare(snapshot, cause)
            if self._pending.facts >= MAX_FACTS or len(self._pending.snapshots) >= MAX_SNAPSHOTS:
                self._flush()
        self._progress(self._report)

    def _know(self, scopes: Iterable[Scope]) -> None:
        """Reads the histories of scopes, all at once, that the pending commit does not know yet."""
        unknown = {scope for scope in scopes if scope not in self._pending.histories}
        if not unknown:
            return
        found = self._store.histories(unknown)
        for scope in unknown:
            history = found.get(scope) or ScopeHistory(scope)
            self._pending.histories[scope] = history
            self._pending.versions[scope] = history.version

    def _is_future(self, snapshot: Snapshot) -> bool:
        if snapshot.at <= instant(self._clock() + _FUTURE):
            return False
        self._report.skipped["future", f"{write_scope(snapshot.scope)} at {show(snapshot.at)}"] += 1
        return True

    def _compare(self, snapshot: Snapshot, cause: str) -> None:
        """Adds to the pending commit how a snapshot differs from what its scope said last."""
        history = self._pending.histories[snapshot.scope]
        newest = history.newest()
        base = None if newest is None else history.snapshots[newest.snapshot]
        reading = _Reading(base.id if base else None, self._members(snapshot.scope, base))
        # Parts may be said while reading only if they take nothing back: after nothing, or after parts of the same time. What is
        # at hand is looked at whole first: if it was said before, no part of it is said again.
        streamed = not isinstance(snapshot.facts, Sequence)
        growing = base is None or (streamed and newest is not None and newest.at == snapshot.at and not base.complete)
        for fact in kept(snapshot, self._report):
            reading.add(fact)
            if growing and len(reading.added) >= MAX_FACTS:
                self._part(snapshot, reading, reading.known | reading.content, len(reading.added), cause)
        while len(reading.added) > MAX_FACTS and not self._is_stored(snapshot, reading.content):
            self._part(snapshot, reading, reading.held(MAX_FACTS), MAX_FACTS, cause)
        self._say(snapshot, reading, reading.content, reading.added, complete=snapshot.complete, cause=cause)

    def _is_stored(self, snapshot: Snapshot, content: set[FactId]) -> bool:
        """Returns whether the scope has said exactly this before: then there are no facts to commit, only a time."""
        unread = snapshot.unread if snapshot.complete else frozenset()
        name = snapshot_id(snapshot.scope, snapshot.complete, unread, sum_of(content), len(content))
        return self._pending.histories[snapshot.scope].index_of(name) is not None

    def _part(self, snapshot: Snapshot, reading: _Reading, held: set[FactId], count: int, cause: str) -> None:
        """Commits the first facts that were added as an incomplete snapshot, and goes on from it."""
        added, reading.added = reading.added[:count], reading.added[count:]
        reading.base = self._say(snapshot, reading, held, added, complete=False, cause=cause)
        reading.known = held
        self._flush()
        self._know([snapshot.scope])

    def _members(self, scope: Scope, base: SnapshotMeta | None) -> set[FactId]:
        if base is None:
            return set()
        pending = self._pending.contents.get((scope, base.id))
        if pending is not None:
            return pending
        index = self._store.histories([scope])[scope].index_of(base.id)
        return set() if index is None else self._store.members(scope, index)

    def _say(
        self,
        snapshot: Snapshot,
        reading: _Reading,
        content: set[FactId],
        added: Sequence[Fact],
        *,
        complete: bool,
        cause: str,
    ) -> str:
        """Adds a snapshot with this content to the pending commit, unless it says nothing new; returns its name."""
        pending, history = self._pending, self._pending.histories[snapshot.scope]
        removed = tuple(sorted(reading.known - content))
        base = None if reading.base is None else history.index_of(reading.base)
        before = 0 if base is None else history.snapshots[base].digest
        digest = (before + sum_of(f.id for f in added) - sum_of(removed)) % MODULUS
        unread = snapshot.unread if complete else frozenset()
        name = snapshot_id(snapshot.scope, complete, unread, digest, len(content))
        self._said.add((snapshot.scope, name, snapshot.at))
        index = history.index_of(name)
        if self._is_known(history, index, snapshot):
            self._report.unchanged += 1
            return name
        if index is None:
            index = history.add_snapshot(SnapshotMeta(name, base, complete, unread, digest, len(content)))
            pending.snapshots.append(
                SnapshotDelta(
                    name, snapshot.scope, snapshot.at, complete, unread, reading.base, tuple(added), removed,
                    digest, len(content), snapshot.dated, cause,
                )
            )  # fmt: skip
            pending.contents[snapshot.scope, name] = set(content)
            pending.facts += len(added) + len(removed) + 1
            self._report.changed += reading.base is not None
        else:
            pending.seen.append(Seen(snapshot.scope, name, snapshot.at, snapshot.dated, cause))
            pending.facts += 1
        history.add_sighting(Sighting(snapshot.at, index, self._report.name, snapshot.dated, cause))
        return name

    def _is_known(self, history: ScopeHistory, index: int | None, snapshot: Snapshot) -> bool:
        """Returns whether recording the snapshot would change nothing, or is refused because it was taken back."""
        if index is None:
            return False
        newest = history.newest()
        if not snapshot.dated and newest is not None and newest.snapshot == index:
            return True
        if not self._again and any(
            s.retracted and s.snapshot == index and s.at == snapshot.at for s in history.sightings
        ):
            self._report.skipped["retracted", f"{write_scope(snapshot.scope)} at {show(snapshot.at)}"] += 1
            return True
        trial = history.copy()
        trial.add_sighting(Sighting(snapshot.at, index, self._report.name, snapshot.dated))
        return _times(trial) == _times(history)

    # --- what follows from runs

    def _derive(self, runs: Sequence[Scope]) -> None:
        """Turns the runs that a source spoke of, as merged so far, into what their jobs do."""
        self._flush()
        for start in range(0, len(runs), MAX_SNAPSHOTS):
            part = runs[start : start + MAX_SNAPSHOTS]
            urns = {Urn("run", ("openlineage", scope[1])): scope for scope in part}
            for urn, state in sorted(self._store.get(list(urns)).items()):
                node = node_of(urn, dict(state.properties))
                derived = job_snapshot(node) if isinstance(node, Run) else None
                self._replace(derived, write_scope(urns[urn]), node)
        self._flush()

    def _replace(self, derived: Snapshot | None, cause: str, run: Node) -> None:
        """Says what a run makes of its job, and takes back what it made of it before more of its events were read."""
        self._said.clear()
        scopes = _job_scope(run) if derived is None else [derived.scope]
        self._know(scopes)
        if derived is not None:
            self._compare(derived, cause)
            self._know(scopes)
        for scope in scopes:
            history = self._pending.histories[scope]
            for sighting in history.live():
                name = history.snapshots[sighting.snapshot].id
                if sighting.cause == cause and (scope, name, sighting.at) not in self._said:
                    history.retract(sighting.snapshot, sighting.at)
                    self._pending.retracted.append(Seen(scope, name, sighting.at))
        if self._pending.facts >= MAX_FACTS:
            self._flush()

    # --- committing

    def _flush(self) -> None:
        """Commits what is pending. Another writer's commit in between only moves what is expected."""
        pending = self._pending
        if pending.change().is_empty():
            pending.facts = 0
            return
        if self._plan:
            self._count_plan()
            return
        commit = self._apply()
        self._report.added += commit.counts.get("opened", 0)
        self._report.closed += commit.counts.get("closed", 0)
        self._report.commits.append(commit.seq)
        self._pending = _Pending()

    def _apply(self) -> Commit:
        """Commits; what another writer did in between only moves what is expected, so it is read again and tried again."""
        for _ in range(_ATTEMPTS):
            try:
                return self._store.apply(self._pending.change(), self._author())
            except ScopeMovedError:
                self._expect_again()
        return self._store.apply(self._pending.change(), self._author())

    def _expect_again(self) -> None:
        pending = self._pending
        found = self._store.histories(pending.change().scopes())
        for scope in pending.change().scopes():
            pending.versions[scope] = found[scope].version if scope in found else 0

    def _count_plan(self) -> None:
        pending = self._pending
        self._report.added += sum(len(s.added) for s in pending.snapshots)
        self._report.closed += sum(len(s.removed) for s in pending.snapshots if s.complete)
        pending.snapshots, pending.seen, pending.retracted, pending.facts = [], [], [], 0

    def _author(self) -> Author:
        return Author(self._clock().isoformat(), self._actor, self._report.name)


@dataclass(slots=True)
class _Reading:
    """A snapshot while it is read: what it lists, and what of that the base has not got."""

    base: str | None
    known: set[FactId]
    content: set[FactId] = field(default_factory=set)
    added: list[Fact] = field(default_factory=list)

    def add(self, fact: Fact) -> None:
        if fact.id not in self.content:
            self.content.add(fact.id)
            if fact.id not in self.known:
                self.added.append(fact)

    def held(self, count: int) -> set[FactId]:
        """Returns what the base has of the content, and the first facts that it has not got."""
        return (self.known & self.content) | {fact.id for fact in self.added[:count]}


def _batches(snapshots: Iterator[Snapshot]) -> Iterator[list[Snapshot]]:
    """Groups snapshots whose facts are at hand. One that reads its facts as it goes ends its group: it must be read before the next."""
    batch: list[Snapshot] = []
    try:
        for snapshot in snapshots:
            batch.append(snapshot)
            if len(batch) >= _BATCH or not isinstance(snapshot.facts, Sequence):
                yield batch
                batch = []
    except SourceError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _kinds_like(kind: str) -> str:
    """Returns which kinds there are, and the nearest one."""
    known = sorted(point.name for point in entry_points(group="headwater.ingestors"))
    nearest = get_close_matches(kind, known, n=1)
    return f" Known: {', '.join(known)}." + (f" Did you mean {nearest[0]!r}?" if nearest else "")


def _times(history: ScopeHistory) -> list[tuple[Instant, int]]:
    return [(s.at, s.snapshot) for s in history.live()]


def _job_scope(run: Node) -> list[Scope]:
    job = run.properties().get("job")
    return [("job", *Urn.parse(job).parts)] if job else []


def sightings_of(store: Store, source: str) -> list[Seen]:
    """Returns every time of every snapshot that a source yielded and that counts."""
    return [
        Seen(h.scope, h.snapshots[s.snapshot].id, s.at)
        for h in store.histories_below(())
        for s in h.live()
        if s.source == source
    ]


def scopes_of(store: Store, source: str) -> list[Scope]:
    """Returns the scopes in which a source spoke last and something still holds, lowest first."""
    found = [
        h.scope
        for h in store.histories_below(())
        if h.open_count and (newest := h.newest()) is not None and newest.source == source
    ]
    return sorted(found, key=lambda scope: (-len(scope), scope))


def said_in(store: Store, commit: Commit) -> tuple[list[Seen], list[Seen]]:
    """Returns the times of snapshots that a commit added, and those that it took back."""
    change = change_of(store.body(commit.seq))
    added = [Seen(s.scope, s.id, s.at, s.dated, s.cause) for s in change.snapshots]
    return [*added, *change.seen], list(change.retracted)
