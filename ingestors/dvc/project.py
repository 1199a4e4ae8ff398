"""What the metadata files of a DVC project say at one time, as plain values with repository paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.model.facts import Origin, Skip
from catalog.model.names import Urn

MD5: Final = "md5"


@dataclass(frozen=True, slots=True)
class Item:
    """One data set that a file records, with the digest recorded there."""

    urn: Urn
    recorded_in: str
    origin: Origin
    digest: str | None = None
    algorithm: str = MD5
    size: int | None = None
    files: int | None = None
    description: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str | None:
        return None if self.digest is None else f"{self.algorithm}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Import:
    """A data set that was fetched from another place: a repository (with its commit) or an address."""

    out: Item
    source: Item
    repository: str | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a pipeline. Locked: it ran, and its digests are known."""

    name: str
    origin: Origin
    locked: bool
    command: str | None = None
    description: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    frozen: bool = False
    deps: tuple[Item, ...] = ()
    outs: tuple[Item, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """What all metadata files of one time say."""

    tracked: list[Item] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    artifacts: list[tuple[Item, str, Mapping[str, Any]]] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    """Paths of metrics files; templates stand as written."""
    uncached: list[str] = field(default_factory=list)
    """Paths of outputs that are kept in Git alone; templates stand as written."""
    store_url: str | None = None
    skips: list[Skip] = field(default_factory=list)
    complete: bool = True
