"""Reads Feast registries: the JSON that `feast registry-dump` prints, and the file that `feast apply` writes.

The scope is `feast/NAMESPACE/PROJECT`, however many states of it are listed as sources: each is a snapshot, dated by the newest
update of anything in it. Pickled code in the file is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from catalog.model.errors import InvalidTimeError, SourceError
from catalog.model.facts import Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import TIES, Instant, parse
from ingestors.documents import json_value
from ingestors.feast.registry import SECTIONS, Registry, projects_of
from ingestors.feast.wire import decode
from ingestors.reading import Reader
from ingestors.values import mapping, mappings, text

_DAY: Final = 86_400 * 1_000_000 * TIES


class FeastOptions(Options):
    """Options of a source of kind `feast`."""

    namespace: str = Field(description="Namespace of the views, features and services.")
    path: str = Field(description="Registry: JSON or protobuf; a pattern reads several states.")


class FeastIngestor:
    """Reads feature views, on-demand and stream views, features, services and sources."""

    name: ClassVar[str] = "feast"
    options: ClassVar[type[Options]] = FeastOptions

    def __init__(self, options: FeastOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields one snapshot for each project of each file.

        Raises:
            SourceError: a file is no registry.
        """
        reader = Reader(context)
        namespace = context.namespace(self._options.namespace)
        for path in reader.paths(self._options.path):
            label = reader.label(path)
            for project, said in _projects(reader.data(path), label, context):
                at, dated = _at(said, context)
                if at is None:
                    at = context.at if context.at is not None else reader.modified(path)
                facts = list(Registry(said, label, namespace, context.namespaces).facts())
                complete = not any(isinstance(item, Skip) and item.code == "unreadable" for item in facts)
                yield Snapshot(("feast", namespace, project or "default"), at, facts, complete, dated=dated)


def _projects(data: bytes, label: str, context: Context) -> list[tuple[str, dict[str, Any]]]:
    if data.lstrip()[:1] == b"{":
        said = json_value(data.decode("utf-8", "replace").removeprefix("\ufeff"), label, context.limits.depth)
    else:
        try:
            said = decode(data, context.limits.depth)
        except ValueError as err:
            raise SourceError(
                label, f"is no Feast registry: {err}", "Name registry.db, or the JSON of a registry dump."
            ) from err
    found = sorted(projects_of(mapping(said)).items())
    if not found:
        raise SourceError(
            label, "is no Feast registry: it holds no project", "Name registry.db, or the JSON of a registry dump."
        )
    return found


def _at(said: Mapping[str, Any], context: Context) -> tuple[Instant | None, bool]:
    """Returns the newest update of anything in a project, but for times over a day ahead."""
    entries = [entry for section in SECTIONS for entry in mappings(said.get(section))]
    written = (text(mapping(entry.get("meta")).get("lastUpdatedTimestamp")) for entry in entries)
    known = [at for stamp in written if stamp and (at := _time(stamp)) is not None and at <= context.now + _DAY]
    return (max(known), True) if known else (None, context.at is not None)


def _time(stamp: str) -> Instant | None:
    try:
        return parse(stamp)
    except InvalidTimeError:
        return None
