"""A log told version by version, from whatever is left of it.

Where commits were cleaned away, a checkpoint or a compaction in JSON carries on; where only a checkpoint in Parquet is left,
which is not read, the version's checksum file may still tell the schema and the sums. What is not known then says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from ingestors.delta.files import Json, Log, actions
from ingestors.delta.state import TableState
from ingestors.reading import Reader
from ingestors.values import mapping, whole


class Gap(NamedTuple):
    """Versions of which nothing is at hand, both ends included."""

    first: int
    last: int
    binary: bool
    """Whether a checkpoint in Parquet, which is not read, holds what they made."""


@dataclass(slots=True)
class Version:
    """One commit, and the state that it made (of all versions the same object: use it before the next one)."""

    number: int
    state: TableState
    info: Json = field(default_factory=dict)
    changed: bool = False
    """Whether it said what the table is: schema, properties, protocol."""
    skips: list[Skip] = field(default_factory=list)
    checksum: Json = field(default_factory=dict)
    """What the version's checksum file says, where the files are not known by themselves."""

    @property
    def size(self) -> int | None:
        known = self.state.files.size
        return known if known is not None else whole(self.checksum.get("tableSizeBytes"))

    @property
    def count(self) -> int | None:
        known = self.state.files.count
        return known if known is not None else whole(self.checksum.get("numFiles"))


class Replay:
    """The versions of one log in order. `gaps` and `skips` fill while it is read."""

    def __init__(self, reader: Reader, context: Context, log: Log) -> None:
        self._reader, self._depth, self._log = reader, context.limits.depth, log
        self.state = TableState()
        self.gaps: list[Gap] = []
        self.skips: list[Skip] = []

    def versions(self) -> Iterator[Version]:
        """Yields the versions whose commits are there.

        Raises:
            SourceError: a commit cannot be opened.
        """
        before = -1
        for number in sorted(self._log.commits):
            changed = self._carry_on(before, number - 1)
            yield self._commit(number, changed)
            before = number
        if self._log.newest > before:
            self._carry_on(before, self._log.newest)

    def _commit(self, number: int, changed: bool) -> Version:
        version = Version(number, self.state, changed=changed)
        for action in actions(self._reader, self._log.commits[number], self._depth):
            if isinstance(action, Skip):
                version.skips.append(action)
                self.state.files.known = False
                continue
            kind, body = action
            if kind == "commitInfo":
                version.info = body
            version.changed = self.state.apply(kind, body) or version.changed
        if not self.state.files.known or not self.state.metadata:
            version.checksum = self._checksum(number)
            version.changed = self._take_checksum(version.checksum) or version.changed
        return version

    # --- what is not in commits

    def _carry_on(self, before: int, until: int) -> bool:
        """Takes the state from one version on to another without commits; returns whether it may be another table by then."""
        at = before
        while at < until:
            checkpoint = max((v for v in self._log.checkpoints if at < v <= until), default=None)
            compaction = max((r for r in self._log.compacted if r[0] == at + 1 and r[1] <= until), default=None)
            if checkpoint is not None and (compaction is None or checkpoint >= compaction[1]):
                self._reset(self._log.checkpoints[checkpoint])
                at = checkpoint
            elif compaction is not None:
                self._apply_all(self._log.compacted[compaction])
                at = compaction[1]
            else:
                self._lose(at + 1, until)
                at = until
        return before < until

    def _reset(self, path: Path) -> None:
        fresh = TableState()
        self.state.metadata, self.state.protocol = fresh.metadata, fresh.protocol
        self.state.domains, self.state.files = fresh.domains, fresh.files
        self._apply_all(path)
        if not self.state.files.known:
            message = "the files in this checkpoint are listed in Parquet, which is not read"
            self.skips.append(Skip("missing", message, Origin(self._reader.label(path))))

    def _apply_all(self, path: Path) -> None:
        for action in actions(self._reader, path, self._depth):
            if isinstance(action, Skip):
                self.skips.append(action)
                self.state.files.known = False
            else:
                self.state.apply(*action)

    def _lose(self, first: int, last: int) -> None:
        self.gaps.append(Gap(first, last, any(first <= version <= last for version in self._log.binary)))
        self.state.files.known = False
        self._take_checksum(self._checksum(last))

    def _take_checksum(self, said: Json) -> bool:
        """Takes over schema and protocol; returns whether they are others than before."""
        metadata, protocol = mapping(said.get("metadata")), mapping(said.get("protocol"))
        before = (self.state.metadata, self.state.protocol)
        self.state.metadata = metadata or self.state.metadata
        self.state.protocol = protocol or self.state.protocol
        return (self.state.metadata, self.state.protocol) != before

    def _checksum(self, number: int) -> Json:
        path = self._log.checksums.get(number)
        try:
            return mapping(self._reader.json(path)) if path is not None else {}
        except SourceError:
            return {}
