"""Cases: an input in a folder, the options that read it, and the facts that are expected of it."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import yaml

from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Skip, Snapshot, write_scope
from catalog.model.ingest import Context, Ingestor, Limits
from catalog.model.instants import parse, show

CASES = Path(__file__).parents[1] / "cases"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
MODIFIED = 1_767_323_045
"""The time of every file that is copied: 2026-01-02T03:04:05Z."""
OURS = frozenset({"source.yaml", "expected.jsonl"})


@dataclass(frozen=True)
class Read:
    """A snapshot with its facts in memory."""

    snapshot: Snapshot
    items: tuple[Fact | Skip, ...]

    @property
    def facts(self) -> list[Fact]:
        return [item for item in self.items if isinstance(item, Fact)]

    @property
    def skips(self) -> list[Skip]:
        return [item for item in self.items if isinstance(item, Skip)]


@dataclass(frozen=True)
class Case:
    """A folder below `tests/cases/KIND`."""

    folder: Path

    @property
    def kind(self) -> str:
        return self.folder.parent.name

    def __str__(self) -> str:
        return f"{self.kind}-{self.folder.name}"

    @property
    def source(self) -> dict[str, Any]:
        return cast("dict[str, Any]", yaml.safe_load((self.folder / "source.yaml").read_text()))

    @property
    def inputs(self) -> list[Path]:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [path.relative_to(self.folder) for path in files if path.name not in OURS]

    def copy(self, root: Path) -> Path:
        """Copies the input into a folder of its own, with a fixed time."""
        target = root / self.folder.name
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns(*OURS), symlinks=True)
        date(target)
        return target


def date(root: Path) -> None:
    """Gives every file below a folder the same time."""
    for path in root.rglob("*"):
        os.utime(path, (MODIFIED, MODIFIED), follow_symlinks=False)


@cache
def entry_points() -> dict[str, str]:
    """Returns kind and object of every ingestor that the project declares."""
    project = tomllib.loads(PROJECT.read_text())["project"]
    return dict(project["entry-points"]["headwater.ingestors"])


def ingestor(kind: str) -> type[Ingestor]:
    module, _, name = entry_points()[kind].partition(":")
    return cast("type[Ingestor]", getattr(import_module(module), name))


def cases() -> list[Case]:
    """Returns every case of every kind."""
    return [Case(path.parent) for path in sorted(CASES.glob("*/*/source.yaml"))]


def context(case: Case, root: Path) -> Context:
    """Returns what an ingestor is told about a case that was copied to `root`."""
    source = case.source
    at = str(source["at"]) if "at" in source else None
    return Context(
        source=case.folder.name,
        root=root,
        namespaces=source.get("namespaces", {}),
        now=parse("2026-11-21T00:00:00Z"),
        at=parse(at) if at else None,
        limits=Limits(**source.get("limits", {})),
    )


def read(case: Case, root: Path) -> tuple[list[Read], SourceError | None]:
    """Reads a case that was copied to `root`: what was yielded, and what ended it early."""
    kind = ingestor(case.kind)
    source = kind(kind.options.model_validate(case.source.get("options", {})))
    done: list[Read] = []
    try:
        done.extend(Read(snapshot, tuple(snapshot.facts)) for snapshot in source.snapshots(context(case, root)))
    except SourceError as error:
        return done, error
    return done, None


def dump(reads: Sequence[Read], error: SourceError | None, root: Path) -> str:
    """Returns what was read as JSON lines."""
    return "".join(_line(value, root) for value in _values(reads, error))


def _values(reads: Sequence[Read], error: SourceError | None) -> Iterator[dict[str, Any]]:
    for one in reads:
        snapshot = one.snapshot
        yield {
            "snapshot": write_scope(snapshot.scope),
            "at": show(snapshot.at),
            "complete": snapshot.complete,
            "dated": snapshot.dated,
            "unread": sorted(map(write_scope, snapshot.unread)),
        }
        yield from map(_item, one.items)
    if error:
        yield {"error": error.code, "message": str(error)}


def _item(item: Fact | Skip) -> dict[str, Any]:
    origin = str(item.origin) if item.origin else None
    if isinstance(item, Fact):
        return {**json.loads(item.body), "origin": origin}
    subjects = [str(urn) for urn in item.subjects]
    return {
        "skip": item.code,
        "message": item.message,
        "origin": origin,
        "subjects": subjects,
        "occurrences": item.occurrences,
    }


def _line(value: dict[str, Any], root: Path) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace(json.dumps(str(root))[1:-1], "ROOT") + "\n"
