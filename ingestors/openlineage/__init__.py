"""OpenLineage event files: run, dataset and job events, told apart by what they hold.

- A run event is an incomplete snapshot of `("run", ID)`; harvest turns the merged run into what holds of its job.
- What it says of the job and of data sets besides lineage is one complete snapshot a facet (see `jobs` and `datasets`).
- A dataset event says the same of one data set, and its lineage; a job event also what the job reads, writes and derives,
  as `("job", NAMESPACE, NAME)`.
- Lines and events that cannot be read are skips of `("openlineage", FILE)`, one complete snapshot a file, dated by the
  newest event in it: a mended file has none of them.

Names are kept as the tools wrote them, their case included: a tool that reads a platform's catalog writes what it found
there, and folding would part a name in quotes from its table. The option `namespaces` renames a namespace that a tool
spells in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from pydantic import Field

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import Instant
from ingestors.documents import json_value
from ingestors.openlineage.datasets import Names
from ingestors.openlineage.events import EventFile, event_of
from ingestors.openlineage.reading import snapshots_of
from ingestors.reading import Reader

MAX_SKIPS: Final = 1_000
"""Events of one file that are named one by one; more are counted."""


class OpenLineageOptions(Options):
    """Options of a source of kind `openlineage`."""

    path: str | list[str] = Field(
        description="File or pattern, or several: one JSON event a line, one event, or a list."
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict, description="Namespace as a tool writes it to its name here."
    )
    files: dict[str, str] = Field(
        default_factory=dict,
        description="Namespace to the folder that holds its files, for `headwater verify`; `file` needs none below the project.",
    )


class OpenLineageIngestor:
    """Reads OpenLineage event files."""

    name: ClassVar[str] = "openlineage"
    options: ClassVar[type[Options]] = OpenLineageOptions

    def __init__(self, options: OpenLineageOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        reader = Reader(context)
        names = self._names(context)
        patterns = [self._options.path] if isinstance(self._options.path, str) else self._options.path
        for path in dict.fromkeys(path for pattern in patterns for path in reader.paths(pattern)):
            yield from _file(reader, context, path, names)

    def received(self, text: str, context: Context, origin: Origin) -> Iterator[Snapshot | Skip]:
        """Yields what one event says that was sent here instead of written to a file; a skip alone if it cannot be taken."""
        try:
            value = json_value(text, str(origin), context.limits.depth)
        except SourceError as error:
            yield Skip("unreadable", error.problem, origin)
            return
        event = event_of(value, origin, context.now)
        if isinstance(event, Skip):
            yield event
        else:
            yield from snapshots_of(event, self._names(context))

    def _names(self, context: Context) -> Names:
        return Names({said: context.namespace(ours) for said, ours in self._options.namespaces.items()})


def _file(reader: Reader, context: Context, path: Path, names: Names) -> Iterator[Snapshot]:
    file = EventFile(reader, context, path)
    skips, newest = _Skips(file.label), Instant(0)
    for event in file:
        if isinstance(event, Skip):
            skips.add(event)
            continue
        newest = max(newest, event.at)
        for one in snapshots_of(event, names):
            if isinstance(one, Skip):
                skips.add(one)
            else:
                yield one
    at = newest or context.at or reader.modified(path)
    yield Snapshot(scope=("openlineage", file.label), at=at, facts=skips.all(), dated=bool(newest or context.at))


class _Skips:
    """What was skipped in one file, as a list that does not grow with the file."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._named: list[Skip] = []
        self._counted: Counter[str] = Counter()

    def add(self, skip: Skip) -> None:
        if len(self._named) < MAX_SKIPS:
            self._named.append(skip)
        else:
            self._counted[skip.code] += 1

    def all(self) -> list[Skip]:
        more = sorted(self._counted.items())
        origin = Origin(self._label)
        return [*self._named, *(Skip(code, "more events of this kind", origin, (), count) for code, count in more)]
