"""One table over time: its versions by their commits' clocks, what it was at each, and what of its log is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import TIES, Instant, from_millis
from catalog.model.names import Urn
from catalog.model.nodes import Dataset
from ingestors.delta.commits import Commit
from ingestors.delta.files import LOG, Log
from ingestors.delta.replay import Gap, Replay, Version
from ingestors.delta.schema import Field
from ingestors.delta.tables import Table, copied
from ingestors.reading import Reader
from ingestors.values import whole

_DAY: Final = 86_400 * 1_000_000 * TIES
_LATEST_MILLIS: Final = 8_000_000_000_000


class Timeline:
    """One reading of one log."""

    def __init__(self, reader: Reader, context: Context, log: Log, dataset: Urn) -> None:
        self._reader, self._context, self._log, self._dataset = reader, context, log, dataset
        self._scope: Scope = ("delta", *dataset.parts)
        self._table = Table(dataset, context.limits.depth)
        self._fields: list[Field] | None = None
        self._cloned = False
        self._at = Instant(0)
        self._dated = True
        self._newest: Version | None = None
        self._skips: list[Skip] = []

    def snapshots(self) -> Iterator[Snapshot]:
        """Yields versions with what they changed, then what is the newest."""
        replay = Replay(self._reader, self._context, self._log)
        try:
            for version in replay.versions():
                yield from self._version(version)
        except SourceError as err:
            self._skips.append(Skip("unreadable", str(err), self._origin(), (self._dataset,)))
        if replay.state.metadata and (self._newest is None or self._log.newest > self._newest.number):
            yield from self._uncommitted(replay)
        self._skips += replay.skips
        self._skips += (self._gone(gap) for gap in replay.gaps)
        if self._newest is None:
            self._skips.append(Skip("missing", "the log holds no commit in JSON", self._origin(), (self._dataset,)))
        yield self._last()

    def _version(self, version: Version) -> Iterator[Snapshot]:
        path = self._log.commits[version.number]
        origin = Origin(self._reader.label(path))
        self._clock(version)
        self._newest = version
        if version.changed:
            self._fields = self._table.fields(version.state)
        columns = None if self._fields is None else list(dict.fromkeys(one.path for one in self._fields))
        commit = Commit(version, self._dataset, self._at, origin, columns, self._context.namespaces)
        facts = list(commit.facts())
        yield Snapshot(
            (*self._scope, "versions", str(version.number)), self._at, facts, not version.skips, dated=self._dated
        )
        yield from self._cloning(commit, origin)
        if version.changed:
            yield self._changed(version, origin)

    def _changed(self, version: Version, origin: Origin) -> Snapshot:
        state, fields = version.state, self._fields
        scope = (*self._scope, "table")
        if fields is None:
            skip = Skip("unreadable", "the table's schema is no struct in JSON, or not known", origin, (self._dataset,))
            return Snapshot(scope, self._at, [skip], complete=False, dated=self._dated)
        return Snapshot(
            scope, self._at, list(self._table.facts(state, fields, origin)), not version.skips, dated=self._dated
        )

    def _cloning(self, commit: Commit, origin: Origin) -> Iterator[Snapshot]:
        """Yields what a clone was made from, and that this is over once all of the table is replaced."""
        source = commit.source
        if source is not None or (self._cloned and commit.replaces):
            self._cloned = source is not None
            facts = list(copied(self._dataset, source[0], self._fields, origin)) if source else []
            yield Snapshot((*self._scope, "clone"), self._at, facts, dated=self._dated)

    def _uncommitted(self, replay: Replay) -> Iterator[Snapshot]:
        """Yields what the table is by what only checkpoints and checksums tell, at the time of the newest file."""
        fields = self._table.fields(replay.state)
        if fields is None:
            return
        newest = max((*self._log.checkpoints.items(), *self._log.checksums.items()), default=None)
        if newest is not None:
            self._at = Instant(max(self._at + 1, self._context.at or self._reader.modified(newest[1])))
            self._dated = self._context.at is not None
            origin = Origin(self._reader.label(newest[1]))
            facts = list(self._table.facts(replay.state, fields, origin))
            yield Snapshot((*self._scope, "table"), self._at, facts, dated=self._dated)

    def _last(self) -> Snapshot:
        namespace, name = self._dataset.parts
        facts: list[Fact | Skip] = []
        if self._newest is not None:
            state = self._newest.state.files
            node = Dataset(
                namespace=namespace, name=name, version=str(self._newest.number),
                row_count=state.rows, byte_size=self._newest.size,
            )  # fmt: skip
            facts.append(Fact(node, self._origin()))
        return Snapshot((*self._scope, "newest"), self._at, [*facts, *self._skips], dated=self._dated)

    def _gone(self, gap: Gap) -> Skip:
        why = (
            "they are in a checkpoint in Parquet, which is not read"
            if gap.binary
            else "no checkpoint tells what they made"
        )
        message = f"versions {gap.first} to {gap.last} have no commits in the log: {why}"
        return Skip("missing", message, self._origin(), (self._dataset,), gap.last - gap.first + 1)

    def _origin(self) -> Origin:
        return Origin(self._reader.label(self._log.folder / LOG))

    def _clock(self, version: Version) -> None:
        """Sets the time of a commit: what it says itself, else its file's; never before the version that it stands on."""
        said = (whole(version.info.get(key)) for key in ("inCommitTimestamp", "timestamp"))
        latest = self._context.now + _DAY
        known = (from_millis(m) for m in said if m is not None and 0 < m < _LATEST_MILLIS)
        at = next((one for one in known if one <= latest), None)
        self._dated = at is not None or self._context.at is not None
        at = at or self._context.at or self._reader.modified(self._log.commits[version.number])
        self._at = Instant(max(at, self._at + 1))
