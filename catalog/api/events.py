"""OpenLineage events that are sent: read by the same reader as event files, committed before they are acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Final

from catalog.api.context import Settings
from catalog.harvest import Harvest
from catalog.model.errors import ConfigError
from catalog.model.facts import Origin, Skip, Snapshot
from catalog.model.ingest import Context, Limits, Options, Source
from catalog.model.instants import instant
from catalog.project import GROUP
from catalog.store.port import Store

KIND: Final = "openlineage"
SOURCE: Final = "http"
"""Source of the commits, and where evidence says that an event came from."""

_LIMITS: Final = Limits(record_bytes=10 * 2**20)


@dataclass(slots=True)
class Taken:
    """What became of events.

    Attributes:
        refused: By place in the list, why an event can never be taken.
        commits: Numbers of the commits; none if everything was known.
    """

    received: int
    refused: dict[int, str] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)


def take(settings: Settings, store: Store, events: Sequence[str], actor: str) -> Taken:
    """Commits events, given as JSON texts. Sending one again changes nothing; one that cannot be taken spares the others.

    Raises:
        ConfigError: no reader of events is installed.
    """
    reader = _reader(settings)
    now = settings.clock()
    context = Context(SOURCE, Path(), settings.namespaces, instant(now), limits=_LIMITS)
    taken = Taken(len(events))
    snapshots: list[Snapshot] = []
    for place, text in enumerate(events):
        said = list(reader.received(text, context, Origin(SOURCE, actor)))
        refused = [one for one in said if isinstance(one, Skip)]
        if refused:
            taken.refused[place] = refused[0].message
        else:
            snapshots += [one for one in said if isinstance(one, Snapshot)]
    if snapshots:
        with settings.writing:
            harvest = Harvest(store, clock=settings.clock, actor=actor)
            taken.commits = harvest.read(Source(SOURCE, KIND, _Received(snapshots), context)).commits
    return taken


def texts(values: Sequence[Any]) -> list[str]:
    """Returns JSON values as texts, for `take`."""
    return [json.dumps(value) for value in values]


def _reader(settings: Settings) -> Any:
    """Returns the reader of events, with the names that the project's own event files are read with."""
    point = next((point for point in entry_points(group=GROUP) if point.name == KIND), None)
    if point is None:
        raise ConfigError(f"no reader of kind {KIND!r} is installed: events cannot be taken. Install headwater again.")
    cls = point.load()
    names: dict[str, str] = {}
    for entry in settings.sources:
        if entry.kind == KIND:
            names |= entry.options().get("namespaces") or {}
    return cls(cls.options(path=SOURCE, namespaces=names))


class _Received:
    """Events as a source."""

    name: ClassVar[str] = KIND
    options: ClassVar[type[Options]] = Options

    def __init__(self, options: Sequence[Snapshot]) -> None:
        self._snapshots = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:  # noqa: ARG002
        return iter(self._snapshots)
