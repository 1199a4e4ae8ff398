"""Questions asked for GraphQL: each calls the question, bounds its lists and pours the answer into its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from catalog.answers import Answer, Data
from catalog.api.context import MOST_VALUES, Context, short
from catalog.api.pages import PageInfo, cursor, read_cursor, size
from catalog.api.pouring import pour
from catalog.api.results import (
    GlossaryHits,
    ImpactReport,
    LineageGraph,
    LineagePath,
    Result,
    SearchConnection,
    SearchEdge,
    SearchHit,
)
from catalog.api.scalars import Time
from catalog.contamination.faults import is_fault, parse_faults
from catalog.contamination.report import contamination
from catalog.glossary.lookup import glossary_search
from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import FlowName, Question, lineage
from catalog.model.errors import UsageError
from catalog.model.instants import Instant
from catalog.path import lineage_path
from catalog.search import search

R = TypeVar("R", bound=Result)
MOST_NODES: Final = 5_000
"""Nodes of a lineage answer, findings of a report."""

MOST_EDGES: Final = 20_000
"""Items of any list of an answer; lists inside its items hold `MOST_VALUES`."""

MOST_REFS: Final = 50
"""Names or changes in one question."""


def few(values: Sequence[str], what: str) -> Sequence[str]:
    """Returns the names of a question.

    Raises:
        UsageError: none, or too many for one question.
    """
    if not 1 <= len(values) <= MOST_REFS:
        raise UsageError(f"{what}: {len(values)} were given: expected 1 to {MOST_REFS}. Ask in several requests.")
    return values


def result(cls: type[R], answer: Answer, data: Mapping[str, Any], cut: str | None = None) -> R:
    """Returns an answer as an object of the schema, with no list in it longer than an answer may hold."""
    over: set[str] = set()
    held = {name: _held(name, value, MOST_EDGES, over) for name, value in data.items()}
    long = [f"Lists of {', '.join(sorted(over))} are too long to be given whole."] if over else []
    warnings = [*answer.warnings, *([cut] if cut else []), *long]
    return pour(
        cls,
        {**held, "warnings": warnings[:MOST_VALUES], "complete": answer.complete and cut is None and not over},
        as_of=None if answer.as_of is None else Time(answer.as_of),
        asked_at=answer.as_of,
    )


def _held(name: str, value: Any, most: int, over: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _held(key, item, MOST_VALUES, over) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) > most:
        over.add(name)
    return [_held(name, item, MOST_VALUES, over) for item in value[:most]]


def clipped(data: Data, names: Sequence[str], first: int) -> tuple[Data, str | None]:
    """Returns data whose lists hold at most so many items, and the words that say so."""
    over = {name: len(data[name]) for name in names if len(data[name]) > first}
    said = " and ".join(f"{first} of {count} {name}" for name, count in over.items())
    return data | {name: data[name][:first] for name in over}, f"Only the first {said} are given." if over else None


# --- lineage ----------------------------------------------------------------------------------------------------------


def ask_lineage(context: Context, question: Question, first: int) -> LineageGraph:
    answer = lineage(context.store, context.refs, question)
    data, cut = clipped(answer.data, ["nodes"], size(first, MOST_NODES))
    return result(LineageGraph, answer, data | {"edges": _between(data["nodes"], data["edges"])}, cut)


def ask_path(context: Context, derived: str, source: str, flow: FlowName, as_of: Instant | None) -> LineagePath:
    ends = context.all_named([derived, source])
    answer = lineage_path(context.store, context.refs, ends[0], ends[1], flow, as_of)
    return result(LineagePath, answer, answer.data | {"edges": _between(answer.data["nodes"], answer.data["edges"])})


def _between(nodes: Sequence[Data], edges: Sequence[Data]) -> list[Data]:
    """Returns the edges whose ends are both given, with their urns."""
    urns = {node["ref"]: node["urn"] for node in nodes}
    return [
        edge | {"fromUrn": urns[edge["from"]], "toUrn": urns[edge["to"]], "said": edge["evidence"]}
        for edge in edges
        if edge["from"] in urns and edge["to"] in urns
    ]


# --- words ------------------------------------------------------------------------------------------------------------

_MOVED: Final = 50
"""How many hits may have come in front of a cursor's since it was given."""


def ask_search(
    context: Context, text: str, kinds: Sequence[str], first: int, after: str | None, as_of: Instant | None
) -> SearchConnection:
    wanted = size(first)
    seen, last = (0, "") if after is None else read_cursor(after, like=(0, ""))
    if not 0 <= seen <= MOST_NODES:
        raise UsageError(f"{seen} hits were seen: expected at most {MOST_NODES}. Search for more words.")
    short(text, context.settings.limits.text_chars, "The text")
    answer = search(context.store, context.refs, text, kinds, seen + wanted + (_MOVED if after else 0), as_of)
    hits: list[Data] = answer.data["hits"]
    place = next((i + 1 for i, hit in enumerate(hits) if hit["urn"] == last), seen)
    edges = [
        SearchEdge(cursor=cursor(place + i + 1, hit["urn"]), node=pour(SearchHit, hit, asked_at=as_of))
        for i, hit in enumerate(hits[place : place + wanted])
    ]
    total: int = answer.data["total"]
    info = PageInfo(has_next_page=place + len(edges) < total, end_cursor=edges[-1].cursor if edges else None)
    return SearchConnection(edges=edges, nodes=[e.node for e in edges], page_info=info, total_count=total)


def ask_glossary(context: Context, text: str, first: int, as_of: Instant | None) -> GlossaryHits:
    short(text, context.settings.limits.text_chars, "The text")
    answer = glossary_search(context.store, context.refs, text, as_of)
    data, cut = clipped(answer.data, ["terms", "columns", "others"], size(first))
    return result(GlossaryHits, answer, data, cut)


# --- changes ----------------------------------------------------------------------------------------------------------


def ask_impact(context: Context, changes: Sequence[str], first: int, as_of: Instant | None) -> ImpactReport:
    answer = _impact(context, changes, as_of)
    counts = [
        {"kind": kind, "effect": effect, "count": count}
        for kind, by_effect in answer.data["counts"].items()
        for effect, count in by_effect.items()
    ]
    lists = [name for name in ("findings", "clean", "undecided", "alarms") if name in answer.data]
    data, cut = clipped(answer.data, lists, size(first, MOST_NODES))
    return result(ImpactReport, answer, data | {"counts": counts}, cut)


def _impact(context: Context, changes: Sequence[str], as_of: Instant | None) -> Answer:
    most, store, refs = context.settings.limits.ref_chars, context.store, context.refs
    texts = [short(text, most, "A change") for text in few(changes, "changes")]
    bad = [text for text in texts if is_fault(text)]
    if not bad:
        return impact(store, refs, [parse_change(text, refs) for text in texts], as_of)
    if len(bad) < len(texts) or as_of is not None:
        raise UsageError("bad-data has times of its own: ask it without `asOf`, and apart from other changes.")
    return contamination(store, refs, [fault for text in bad for fault in parse_faults(store, refs, text)])
