"""The files that dbt leaves in `target/`: found, read, and checked for what they say they are.

`manifest.json` must be there. `catalog.json`, `sources.json` and any number of `run_results*.json` add to it if they are;
each may be packed (`.gz`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.instants import Instant
from ingestors.dbt.values import instant, mapping, text
from ingestors.reading import Reader

TESTED: Final[dict[str, tuple[int, int]]] = {
    "manifest": (10, 12),
    "catalog": (1, 1),
    "run-results": (4, 6),
    "sources": (3, 3),
}
"""Versions of each artifact that are known; newer ones are read as far as they are alike."""

_SCHEMA: Final = re.compile(r"/dbt/([a-z-]+)/v(\d+)(?:\.json)?/?$")
_WRITES: Final = {
    "manifest": "`dbt build` and `dbt docs generate` write it into `target/`",
    "catalog": "`dbt docs generate` writes it into `target/`",
    "run-results": "`dbt build` writes it into `target/`",
    "sources": "`dbt source freshness` writes it into `target/`",
}


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file: its place for origins, and its content."""

    label: str
    body: dict[str, Any]
    file: Path

    @property
    def metadata(self) -> dict[str, Any]:
        return mapping(self.body.get("metadata"))

    @property
    def generated_at(self) -> Instant | None:
        """Returns when dbt wrote it, or None if it does not say."""
        return instant(self.metadata.get("generated_at"))

    @property
    def invocation(self) -> str | None:
        return text(self.metadata.get("invocation_id"))

    def origin(self, place: str | None = None) -> Origin:
        return Origin(self.label, place)


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What one folder holds. `results` are ordered from oldest to newest."""

    manifest: Artifact
    catalog: Artifact | None = None
    freshness: Artifact | None = None
    results: tuple[Artifact, ...] = ()
    warnings: tuple[Skip, ...] = field(default=())


def read_artifacts(reader: Reader, path: str) -> Artifacts:
    """Reads the artifacts of a folder.

    Raises:
        SourceError: there is no manifest, or a file is damaged, too old or something else.
    """
    folder = reader.folder(path)
    manifest = _first(reader, folder, "manifest")
    if manifest is None:
        raise _missing(folder, path)
    catalog = _first(reader, folder, "catalog")
    freshness = _first(reader, folder, "sources")
    results = tuple(sorted(_all(reader, folder, "run-results"), key=lambda a: (a.generated_at or 0, a.label)))
    found = [artifact for artifact in (manifest, catalog, freshness, *results) if artifact]
    warnings = tuple(skip for artifact in found if (skip := _newer(artifact)))
    return Artifacts(manifest, catalog, freshness, results, warnings)


def _missing(folder: Path, path: str) -> SourceError:
    below = next((name for name in ("manifest.json", "manifest.json.gz") if (folder / "target" / name).is_file()), None)
    remedy = (
        f"It is in {f'{path}/target'!r}: name that folder." if below else f"{_WRITES['manifest']}; name that folder."
    )
    return SourceError(f"{path}/manifest.json", "is missing", remedy)


def _first(reader: Reader, folder: Path, kind: str) -> Artifact | None:
    stem = f"{kind}.json"
    file = next((file for name in (stem, f"{stem}.gz") if (file := folder / name).is_file()), None)
    return _read(reader, file, kind) if file else None


def _all(reader: Reader, folder: Path, kind: str) -> list[Artifact]:
    stem = kind.replace("-", "_")
    files = sorted({*folder.glob(f"{stem}*.json"), *folder.glob(f"{stem}*.json.gz")})
    return [_read(reader, file, kind) for file in files if file.is_file()]


def _read(reader: Reader, file: Path, kind: str) -> Artifact:
    (checked,) = reader.paths(str(file))
    body = reader.json(checked)
    label = reader.label(checked)
    if not isinstance(body, dict):
        raise SourceError(label, f"holds no JSON object: expected a dbt {kind}", f"{_WRITES[kind]}; write it again.")
    artifact = Artifact(label, body, checked)
    _check_version(artifact, kind)
    return artifact


def _check_version(artifact: Artifact, kind: str) -> None:
    named = text(artifact.metadata.get("dbt_schema_version"))
    found = _SCHEMA.search(named or "")
    if found is None or found[1] != kind:
        shown = f"names the schema {named!r}" if named else "names no schema in metadata.dbt_schema_version"
        raise SourceError(artifact.label, f"{shown}: expected a dbt {kind}", f"{_WRITES[kind]}; name its folder.")
    oldest, newest = TESTED[kind]
    if int(found[2]) < oldest:
        problem = f"dbt {kind} version 'v{found[2]}' is not supported: expected v{oldest} to v{newest}"
        raise SourceError(artifact.label, problem, "Write it again with a newer dbt.")


def _newer(artifact: Artifact) -> Skip | None:
    found = _SCHEMA.search(text(artifact.metadata.get("dbt_schema_version")) or "")
    assert found is not None
    newest = TESTED[found[1]][1]
    if int(found[2]) <= newest:
        return None
    message = f"dbt {found[1]} version v{found[2]} is newer than v{newest}; it is read as far as it is alike"
    return Skip("newer_format", message, artifact.origin("/metadata/dbt_schema_version"))
