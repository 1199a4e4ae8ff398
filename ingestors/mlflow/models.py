"""`MLmodel` files and the requirement files beside them. The model itself (often a pickle) is never opened."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Limits
from catalog.model.nodes import Environment
from ingestors.documents import json_value
from ingestors.reading import Reader
from ingestors.values import capped, items, mapping, mappings, text

_DESCRIBING: Final = frozenset(
    "MLmodel conda.yaml python_env.yaml requirements.txt input_example.json serving_input_example.json registered_model_meta".split()
)
"""Files of an artifact that say what it is and are no part of it."""
_HASHED: Final = 64 << 20
"""Bytes of an artifact that are read for its digest while the catalog is filled."""
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*?)\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What one `MLmodel` says."""

    origin: Origin
    flavors: tuple[str, ...]
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    python: str | None
    packages: Mapping[str, str]
    versions: Mapping[str, str]
    digest: str | None = None
    """Of the artifact's own files, if they are here and not over `_HASHED`."""

    @property
    def features(self) -> list[str]:
        return names_of(self.inputs)

    def environment(self, namespace: str) -> Environment | None:
        """Returns the software that the model needs, None if nothing is said of it."""
        packages, _ = capped(self.packages)
        meta, _ = capped(self.versions)
        if not (self.python or packages):
            return None
        said = json_text([self.python, packages, meta])
        return Environment(
            namespace=namespace,
            name=sha256(said.encode()).hexdigest()[:32],
            python=self.python,
            packages=packages,
            meta=meta,
        )


class ModelFiles:
    """All `MLmodel` files below a folder, found by the id of the model or of the run."""

    def __init__(self, reader: Reader, folder: Path | None, limits: Limits) -> None:
        self._reader, self._limits = reader, limits
        self.given = folder is not None
        self.skips: list[Skip] = []
        self._models: dict[str, ModelFile] = {}
        self._runs: dict[tuple[str, str], ModelFile] = {}
        for path in self._paths(folder) if folder is not None else ():
            self._index(path)

    def find(self, model: str | None, run: str | None, source: str | None) -> ModelFile | None:
        """Returns the file of a logged model, else that of a run's artifact (`.../PATH`)."""
        if model is not None:
            return self._models.get(model)
        path = (source or "").rstrip("/")
        found = [(key, file) for key, file in self._runs.items() if key[0] == run and path.endswith(key[1])]
        return max(found, key=lambda pair: len(pair[0][1]))[1] if found else None

    def _paths(self, folder: Path) -> list[Path]:
        try:
            return self._reader.paths(str(folder / "**" / "MLmodel"))
        except SourceError as err:
            self.skips.append(Skip("unreadable", str(err), Origin(self._reader.label(folder))))
            return []

    def _index(self, path: Path) -> None:
        origin = Origin(self._reader.label(path))
        try:
            said = mapping(self._reader.yaml(path))
            file = self._file(path, origin, said)
        except SourceError as err:
            self.skips.append(Skip("unreadable", str(err), origin))
            return
        model = text(said.get("model_id")) or _model_id(path)
        if model is not None:
            self._models[model] = file
        if run := text(said.get("run_id")):
            self._runs[run, posixpath.basename(text(said.get("artifact_path")) or "")] = file

    def _file(self, path: Path, origin: Origin, said: dict[str, Any]) -> ModelFile:
        flavors = {name: mapping(value) for name, value in mapping(said.get("flavors")).items()}
        signature = mapping(said.get("signature"))
        versions = {key: str(v) for flavor in flavors.values() for key, v in flavor.items() if key.endswith("_version")}
        python = versions.pop("python_version", None)
        tool = {"mlflow_version": str(said["mlflow_version"])} if text(said.get("mlflow_version")) else {}
        return ModelFile(
            origin=origin,
            flavors=tuple(sorted(flavors)),
            inputs=self._specs(signature.get("inputs"), origin),
            outputs=self._specs(signature.get("outputs"), origin),
            python=python,
            packages=self._packages(path.parent),
            versions=versions | tool,
            digest=self._digest(path.parent),
        )

    def _digest(self, folder: Path) -> str | None:
        """Returns the digest of what lies beside the `MLmodel`, without the files that only describe it."""
        found = {path.relative_to(folder).as_posix(): path for path in self._beside(folder)}
        if not found or sum(path.stat().st_size for path in found.values()) > _HASHED:
            return None
        each = {name: sha256(self._reader.data(path)).hexdigest() for name, path in sorted(found.items())}
        if len(each) == 1:
            return f"sha256:{next(iter(each.values()))}"
        listed = "".join(f"{digest}  {name}\n" for name, digest in each.items())
        return f"sha256:{sha256(listed.encode()).hexdigest()}"

    def _beside(self, folder: Path) -> list[Path]:
        try:
            paths = self._reader.paths(str(folder / "**" / "*"))
        except SourceError:
            return []
        return [path for path in paths if path.name not in _DESCRIBING and path.is_file()]

    def _specs(self, raw: Any, origin: Origin) -> list[dict[str, Any]]:
        value = json_value(raw, str(origin), self._limits.depth) if isinstance(raw, str) else raw
        return mappings(value)

    def _packages(self, folder: Path) -> dict[str, str]:
        """Returns packages with their versions: of `requirements.txt`, else of `conda.yaml`, else of `python_env.yaml`."""
        lines: list[str] = []
        if (folder / "requirements.txt").is_file():
            lines = self._reader.text(folder / "requirements.txt").splitlines()
        elif (folder / "conda.yaml").is_file():
            said = items(mapping(self._reader.yaml(folder / "conda.yaml")).get("dependencies"))
            lines = [line for part in said for line in (items(part.get("pip")) if isinstance(part, dict) else [part])]
        elif (folder / "python_env.yaml").is_file():
            lines = items(mapping(self._reader.yaml(folder / "python_env.yaml")).get("dependencies"))
        return dict(found for line in lines if (found := _requirement(str(line))) is not None)


def names_of(specs: list[dict[str, Any]]) -> list[str]:
    """Returns the names in a list of column specifications; nothing if one has no name."""
    names = [text(spec.get("name")) for spec in specs]
    return [name for name in names if name is not None] if all(names) else []


def _model_id(path: Path) -> str | None:
    """Returns the model id from the folder's name, `m-...` or `m-.../artifacts`."""
    return next((part for part in reversed(path.parts[:-1]) if re.fullmatch(r"m-[0-9a-f]{32}", part)), None)


def _requirement(line: str) -> tuple[str, str] | None:
    found = _REQUIREMENT.fullmatch(line[:1000])
    if found is None or line.lstrip().startswith(("-", "#")):
        return None
    version = re.sub(r"^={1,3}\s*", "", found[3])
    return found[1] + (found[2] or ""), version
