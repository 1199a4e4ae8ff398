"""Edges as readers see them: the claims of all sources about the same ends and type, the strongest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from catalog.model.canonical import loads
from catalog.model.facts import Scope
from catalog.model.instants import Instant
from catalog.model.marks import standing
from catalog.model.names import Urn
from catalog.store.port import Claim, Direction, Key, Store

EXACTNESS: Final = ("exact", "declared", "over_approximate", "guessed")
"""From strongest to weakest."""

_EVENTS: Final = frozenset({"run", "job"})
_SUBTYPES: Final = ("transformation", "aggregation", "identity", "conditional")
"""Which of a scope's statements about one edge is shown first: one that changes the value before one that only chooses it."""


def strength(exactness: str, scope: Scope, subtype: str | None) -> tuple[int, bool, int, int, Scope]:
    """Returns the order of statements about one edge: exact before others, code before events."""
    known = EXACTNESS.index(exactness) if exactness in EXACTNESS else len(EXACTNESS)
    kind = _SUBTYPES.index(subtype) if subtype in _SUBTYPES else len(_SUBTYPES)
    return (known, scope[0] in _EVENTS, standing(scope).value, kind, scope)


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim about an edge, read."""

    claim: Claim
    properties: Mapping[str, Any]

    @property
    def exactness(self) -> str:
        return str(self.properties.get("exactness", "exact"))

    @property
    def denies(self) -> bool:
        return bool(self.properties.get("denies"))

    def rank(self) -> tuple[Any, ...]:
        """Exact before others, code before events; then the body, so that every store orders alike."""
        scope = self.claim.scope
        return (self.denies, *strength(self.exactness, scope, self.properties.get("subtype")), self.claim.body)


@dataclass(frozen=True)
class Link:
    """An edge with what was said about it, strongest first; denials that hide some of it are last."""

    start: Urn
    end: Urn
    type: str
    said: tuple[Statement, ...]

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        """Those of the strongest claim; none if the edge is derived."""
        return self.said[0].properties if self.said else {}

    @property
    def exactness(self) -> str:
        return self.said[0].exactness if self.said else "exact"

    @property
    def subtype(self) -> str | None:
        found = self.properties.get("subtype")
        return None if found is None else str(found)


def link_all(
    store: Store,
    keys: Collection[Key],
    types: Collection[str],
    direction: Direction = "upstream",
    as_of: Instant | None = None,
    within: Container[Urn] | None = None,
) -> list[Link]:
    """Returns the edges of nodes, ordered by ends and type; those that are denied are left out.

    Args:
        within: Only edges with both ends in here.
    """
    return group(store.edges(keys, types, direction, as_of), within) if keys and types else []


def group(claims: Iterable[Claim], within: Container[Urn] | None = None) -> list[Link]:
    """Groups claims by ends and type."""
    said: defaultdict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for claim in claims:
        body = loads(claim.body)
        said[body["start"], body["end"], body["edge"]].append(Statement(claim, body["props"]))
    urns: dict[str, Urn] = {}
    found: list[Link] = []
    for (start, end, type_), statements in sorted(said.items()):
        ends = [urns.get(text) or urns.setdefault(text, Urn.parse(text)) for text in (start, end)]
        if within is not None and not all(urn in within for urn in ends):
            continue
        if _holds(statements):
            found.append(Link(ends[0], ends[1], type_, tuple(sorted(statements, key=Statement.rank))))
    return found


def _holds(statements: list[Statement]) -> bool:
    denied = min((standing(s.claim.scope).value for s in statements if s.denies), default=9)
    return any(not s.denies and standing(s.claim.scope).value <= denied for s in statements)
