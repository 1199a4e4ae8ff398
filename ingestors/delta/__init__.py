"""Reads the logs of Delta tables (`_delta_log`): versions, schemas, and what commits say. Data files are never opened.

Scopes, for a table:

- `delta/NAMESPACE/NAME/versions/N`: version N with its run, dated by its commit. Immutable.
- `delta/NAMESPACE/NAME/table`: columns, properties and constraints, at each version that changed them.
- `delta/NAMESPACE/NAME/clone`: the table that it was cloned from, until all of it is replaced.
- `delta/NAMESPACE/NAME/newest`: which version is the newest, its rows and bytes, and what of the log is not there.

Versions are named by their number, as OpenLineage events and MLflow name them, so that all three meet. Their digest is over the
names and sizes of their files (see `state.ALGORITHM`): it shows change, and proves nothing of the bytes, so it is weak.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import unquote

from pydantic import Field

from catalog.model.facts import Snapshot
from catalog.model.ingest import Context, Manifest, Options
from catalog.model.names import Urn, dataset_of
from ingestors.delta.files import Log, log_at, logs_below
from ingestors.delta.replay import Replay
from ingestors.delta.state import ALGORITHM, FileSet
from ingestors.delta.timeline import Timeline
from ingestors.naming import dataset
from ingestors.reading import Reader

__all__ = ["DeltaIngestor", "DeltaOptions"]
_ELSEWHERE: Final = ("/", "file:")


class DeltaOptions(Options):
    """Options of a source of kind `delta`."""

    path: str = Field(description="Folder of a table, or one above: every table below it is read.")
    namespace: str = Field(description="Namespace that the tables live in, as events name it: `s3://bucket`, `file`.")
    prefix: str | None = Field(
        default=None,
        description="Name of that folder in the namespace, e.g. `/lake` or `warehouse/sales`, before the path of a table below it;"
        " default: the path as written.",
    )


class DeltaIngestor:
    """Reads all tables below a folder."""

    name: ClassVar[str] = "delta"
    options: ClassVar[type[Options]] = DeltaOptions

    def __init__(self, options: DeltaOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields the tables in order of path, each from its oldest version on.

        Raises:
            SourceError: there is no such folder, or no table in it.
        """
        reader = Reader(context)
        for log in logs_below(reader, context, self._options.path):
            yield from Timeline(reader, context, log, self._urn(log, context)).snapshots()

    def manifest(self, context: Context, version: Urn) -> Manifest | None:
        """Returns the files of a version as the log has them now; None for a table or version that is not here."""
        below = self._below(dataset_of(version), context)
        if below is None:
            return None
        reader = Reader(context)
        log = log_at(reader, f"{self._options.path}/{below}" if below else self._options.path)
        return None if log is None else _manifest(Replay(reader, context, log), log.folder, version.parts[2])

    def _below(self, table: Urn, context: Context) -> str | None:
        """Returns the path of a table below the source's folder by its name; None for one that is elsewhere."""
        lead, name = self._lead, table.name
        if table.namespace != context.namespace(self._options.namespace):
            return None
        if name == (lead.rstrip("/") or "/"):
            return ""
        below = name.removeprefix(lead)
        inside = name.startswith(lead) and not any(part in ("", ".", "..") for part in below.split("/"))
        return below if inside else None

    @property
    def _lead(self) -> str:
        """What names begin with: that of the source's folder and `/`; nothing where the project's own folder is the lake."""
        top = (self._options.prefix or self._options.path).removeprefix("./").rstrip("/")
        return "" if top == "." else f"{top}/"

    def _urn(self, log: Log, context: Context) -> Urn:
        name = f"{self._lead}{log.path}" if log.path else self._lead.rstrip("/") or "/"
        return dataset(context.namespace(self._options.namespace), name)


def _manifest(replay: Replay, folder: Path, number: str) -> Manifest | None:
    for version in replay.versions():
        if str(version.number) == number:
            files = version.state.files
            return Manifest(folder, ALGORITHM, files.digest, _listed(files))
    return None


def _listed(files: FileSet) -> list[tuple[str | None, int | None]]:
    """Returns paths as they lie below the table's folder; the log writes them percent-encoded, and those elsewhere whole."""
    return [
        (None if "://" in path or path.startswith(_ELSEWHERE) else unquote(path), files.files[path, vector].size)
        for path, vector in sorted(files.files)
    ]
