"""Two states of a thing, compared property by property, and what a difference comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from catalog.model.names import Urn

Cause = Literal["data", "code", "parameters", "environment", "features", "schema"]

_CAUSES: Final[Mapping[str, Cause]] = {
    "digest": "data", "version": "data", "row_count": "data", "byte_size": "data", "file_count": "data", "location": "data",
    "definition": "code", "expression": "code", "command": "code", "language": "code", "repository": "code",
    "repository_path": "code", "code_version": "code", "commit": "code", "branch": "code", "path": "code", "text": "code",
    "parameters": "parameters",
    "python": "environment", "packages": "environment", "image": "environment",
    "features": "features", "target": "features",
}  # fmt: skip
_FEATURES: Final = frozenset({"feature", "featureview", "featureservice"})
_SILENT: Final = frozenset(
    {"freshness", "facets", "created_at", "committed_at", "started_at", "ended_at", "unique_id", "lifecycle"}
)
"""Stamps and traces of mere updates."""

_STAMP: Final = re.compile(r"(?i)time_?stamp|updated|created|modified|generated|(^|[._])at$|invocation")
_SHOWN_AS: Final = {"data_type": "type"}
"""Names of properties as the sources write them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not the same, or one thing that is there on one side only (`name` says what it is)."""

    urn: Urn
    name: str
    before: Any
    after: Any
    cause: Cause

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def order(self) -> tuple[str, str, str, str]:
        return (
            self.cause,
            str(self.urn),
            self.name,
            json.dumps([self.before, self.after], sort_keys=True, default=str),
        )


def cause_of(urn: Urn, name: str) -> Cause:
    """Returns what a change of a property comes from."""
    return "features" if urn.kind in _FEATURES else _CAUSES.get(name, "schema")


def compare_properties(urn: Urn, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Yields the properties that differ; objects kept as JSON are compared key by key, stamps not at all."""
    for name in sorted(before.keys() | after.keys()):
        if name in _SILENT:
            continue
        was, now = before.get(name), after.get(name)
        cause, shown = cause_of(urn, name), _SHOWN_AS.get(name, name)
        objects = _object(was), _object(now)
        if any(objects) and all(o is not None or v is None for o, v in zip(objects, (was, now), strict=True)):
            yield from compare_entries(urn, objects[0] or {}, objects[1] or {}, cause, f"{shown}.")
        elif was != now:
            yield Difference(urn, shown, was, now, cause)


def compare_entries(
    urn: Urn, before: Mapping[str, Any], after: Mapping[str, Any], cause: Cause, prefix: str = ""
) -> Iterator[Difference]:
    """Yields the entries of two objects that differ; stamps are none."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name) and not _STAMP.search(name):
            yield Difference(urn, prefix + name, before.get(name), after.get(name), cause)


def compare_things(before: Iterable[Urn], after: Iterable[Urn], cause: Cause, what: str) -> Iterator[Difference]:
    """Yields the things that are on one side only."""
    was, now = set(before), set(after)
    for urn in sorted(was ^ now):
        name = urn.parts[-1]
        yield Difference(urn, what, name if urn in was else None, name if urn in now else None, cause)


def _object(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
