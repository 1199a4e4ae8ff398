"""What is taken from an event: elements with the place they stand in, and what could not be read there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import Edge
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Node
from ingestors.values import mapping, text

Json = dict[str, Any]
FACET_BYTES: Final = 65_536
"""A foreign facet over this is skipped by name."""
REDACTED: Final = "redacted"
"""Code of what was understood and is not kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of an event that is not understood; what it stands in cannot be taken as the whole."""

    message: str
    code: str = "unreadable"
    subjects: tuple[Urn, ...] = ()


Element = Node | Edge | Problem


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its place and time."""

    body: Json
    at: Instant
    origin: Origin

    def snapshot(self, scope: Scope, elements: Iterable[Element], *, complete: bool = True) -> Snapshot:
        """Returns what the event says of a scope, each thing once: complete only if all of it was understood."""
        facts, skips, lost = dict[str, Fact](), dict[Problem, Skip](), False
        for element in elements:
            if isinstance(element, Problem):
                skips[element] = Skip(element.code, element.message, self.origin, element.subjects)
                lost = lost or element.code != REDACTED
            else:
                fact = Fact(element, self.origin)
                facts.setdefault(fact.body, fact)
        return Snapshot(
            scope=scope, at=self.at, facts=[*facts.values(), *skips.values()], complete=complete and not lost
        )


def entries(facet: Json, key: str, *needed: str) -> Iterator[Json | Problem]:
    """Yields the objects of a list that have a text under each of the needed keys, and a problem for each other entry."""
    found = facet.get(key)
    if found is None:
        return
    if not isinstance(found, list):
        yield Problem(f"{key!r} is no list")
        return
    for number, entry in enumerate(found):
        lacking = [name for name in needed if text(mapping(entry).get(name)) is None]
        if not isinstance(entry, dict) or lacking:
            what = f"lacks {', '.join(map(repr, lacking))}" if isinstance(entry, dict) else "is no object"
            yield Problem(f"{key}[{number}] {what}")
        else:
            yield entry


def facets_of(holder: Json, key: str = "facets") -> dict[str, Json]:
    """Returns facets by name; what is no object is none. Its text stays with `foreign`."""
    return {name: facet for name, facet in mapping(holder.get(key)).items() if isinstance(facet, dict)}


def is_deleted(facet: Json) -> bool:
    return facet.get("_deleted") is True


def foreign(name: str, facet: Json, of: Urn | None = None) -> str | Problem:
    """Returns a facet that has no field of its own as canonical JSON text."""
    value = {key: item for key, item in facet.items() if key not in ("_producer", "_schemaURL")}
    kept = json_text({"facet": name, "value": value} | ({"of": str(of)} if of else {}))
    if len(kept.encode()) > FACET_BYTES:
        return Problem(f"the facet {name[:100]!r} is longer than {FACET_BYTES} bytes", "too_large")
    return kept
