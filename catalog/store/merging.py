"""How claims become a node: merged properties, which columns a data set has, what an edge's denial hides. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from catalog.model.facts import Scope
from catalog.model.instants import Instant
from catalog.model.marks import RUN_STATES, Mark, Merge, mark_of, marks_of, standing
from catalog.model.nodes import BY_KIND, Node
from catalog.store.port import Span


class Said(NamedTuple):
    """The properties that one open claim gives a node. `since` is the start of the interval that is in force."""

    scope: Scope
    since: Instant
    properties: Mapping[str, Any]


_RANK: Final = {state: i for i, state in enumerate(RUN_STATES)}


def _union(values: list[Any]) -> list[Any]:
    return sorted({item for value in values for item in value})


_MERGES: Final[dict[Merge, Callable[[list[Any]], Any]]] = {
    Merge.LEAST: min,
    Merge.GREATEST: max,
    Merge.RANK: lambda values: max(values, key=lambda v: (_RANK.get(v, -1), v)),
    Merge.UNION: _union,
}

_MARKED: Final[dict[str, dict[str, Callable[[list[Any]], Any]]]] = {
    kind: {name: _MERGES[mark] for name, f in cls.model_fields.items() if (mark := mark_of(f, Merge)) is not None}
    for kind, cls in BY_KIND.items()
}


def merge(kind: str, claims: Sequence[Said]) -> dict[str, Any]:
    """Returns the effective properties of a node, in order of name.

    For each property the claim of the highest standing decides (human over declared over inferred), then the one that began
    later; scope and value break ties. Fields with a merge mark combine all claims. Law: the order of claims does not matter.
    """
    marked = _MARKED[kind]
    merged: dict[str, Any] = {}
    for name in sorted({name for said in claims for name in said.properties}):
        speakers = [said for said in claims if name in said.properties]
        if name in marked:
            merged[name] = marked[name]([said.properties[name] for said in speakers])
        else:
            merged[name] = min(speakers, key=lambda said: _precedence(said, name)).properties[name]
    return merged


def _precedence(said: Said, name: str) -> tuple[Any, ...]:
    # A list of columns is a statement about the data set at its time: the newest decides, whoever says it.
    rank = 0 if name == "columns" else standing(said.scope).value
    return (rank, -said.since, standing(said.scope).value, said.scope, repr(said.properties[name]))


class Listing(NamedTuple):
    """A claim about which columns a data set has, with the intervals in which it held."""

    scope: Scope
    columns: tuple[str, ...]
    spans: tuple[Span, ...]


class Presence(NamedTuple):
    """When a column was on the list in force, and when a list in force lacked it. Neither: no list said anything."""

    listed: tuple[Span, ...]
    absent: tuple[Span, ...]


def presence(listings: Iterable[Listing], mentioned: Iterable[str]) -> dict[str, Presence]:
    """Returns, for each column ever listed or mentioned by an edge, when the list in force had or lacked it.

    At any time the list that began last is in force; standing, scope and value break ties, as in `merge`.
    """
    periods = _periods(list(listings))
    columns = {c for _, _, names in periods for c in names} | set(mentioned)
    return {column: _presence(column, periods) for column in sorted(columns)}


def _periods(listings: list[Listing]) -> list[tuple[Instant, Instant | None, frozenset[str]]]:
    """Cuts time at every begin and end of a list and names the list in force in each piece."""
    cuts = sorted({t for listing in listings for span in listing.spans for t in span if t is not None})
    found: list[tuple[Instant, Instant | None, frozenset[str]]] = []
    for start, end in zip(cuts, [*cuts[1:], None], strict=False):
        said = [
            Said(listing.scope, span[0], {"columns": list(listing.columns)})
            for listing in listings
            for span in listing.spans
            if span[0] <= start and (span[1] is None or start < span[1])
        ]
        if said:
            best = min(said, key=lambda s: _precedence(s, "columns"))
            found.append((start, end, frozenset(best.properties["columns"])))
    return found


def _presence(column: str, periods: list[tuple[Instant, Instant | None, frozenset[str]]]) -> Presence:
    return Presence(
        _joined([(s, e) for s, e, names in periods if column in names]),
        _joined([(s, e) for s, e, names in periods if column not in names]),
    )


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def in_force(spans: Sequence[Span], as_of: Instant | None) -> Span | None:
    """Returns the interval that holds at a time (None: now, which is the one without end), or None."""
    if as_of is None:
        return spans[-1] if spans and spans[-1][1] is None else None
    return next((s for s in spans if s[0] <= as_of and (s[1] is None or as_of < s[1])), None)


@cache
def searched_fields(cls: type[Node]) -> tuple[str, ...]:
    """Returns the fields whose words are searched, keys first."""
    return tuple(name for name, f in cls.model_fields.items() if Mark.SEARCHED in marks_of(f))


@cache
def indexed_fields(cls: type[Node]) -> tuple[str, ...]:
    """Returns the fields that can be looked up by equality."""
    return tuple(name for name, f in cls.model_fields.items() if Mark.INDEXED in marks_of(f))
