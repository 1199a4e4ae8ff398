"""Where things come from and where they go: the subgraph of what a walk reached, with the evidence of every edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from catalog.answers import Answer, Data, closed_warnings, edge, listed, node
from catalog.graph import ROWS, RUN, TABLE, VALUE, Course, Reach, reach, strengths
from catalog.links import Link, Statement, link_all
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.starting import columns_known, lift, start_keys
from catalog.store.port import Direction, Key, Store

Way = Literal["upstream", "downstream", "both"]
Level = Literal["column", "dataset"]
FlowName = Literal["value", "rows", "table", "all"]

TYPES: Final[dict[FlowName, frozenset[str]]] = {
    "value": VALUE,
    "rows": VALUE | ROWS,
    "table": TABLE,
    "all": VALUE | ROWS | TABLE | RUN,
}
_FREE: Final = frozenset({"PRODUCED_BY", "GENERATED_BY", "VERSION_OF"})
"""At the level of data sets a job or a run stands on the edge: passing it is one hop, not two."""

_ON_EDGES: Final = frozenset({"job", "run", "query"})
_STRENGTHS: Final = ("value", "rows", "table")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `max_hops` None asks for the whole closure."""

    starts: tuple[Urn, ...]
    direction: Way = "both"
    level: Level = "column"
    flow: FlowName = "value"
    max_hops: int | None = None
    as_of: Instant | None = None

    @property
    def ways(self) -> tuple[Direction, ...]:
        return ("upstream", "downstream") if self.direction == "both" else (self.direction,)

    @property
    def mixed(self) -> bool:
        """Whether nodes differ in the flow by which they are reached."""
        return self.flow in ("rows", "all")

    def course(self, way: Direction) -> Course:
        free = _FREE if self.level == "dataset" else frozenset[str]()
        return Course(TYPES[self.flow], way, self.as_of, self.mixed, free, max_hops=self.max_hops)

    def lifted(self, urn: Urn) -> Urn | None:
        """Returns the node of the answer that stands for a node of the walk; None for one that stands on edges."""
        if self.level == "column":
            return urn
        return None if urn.kind in _ON_EDGES and urn not in self.starts else lift(urn)


def lineage(store: Store, refs: Refs, question: Question) -> Answer:
    """Answers a question about lineage.

    Nodes are ordered by hops and name, edges by their ends. `totals` count the whole closure, also where `max_hops` cut the
    answer; they are None if what lies behind is too much to count, or at the level of data sets not known without it.
    """
    found = _gather(store, question)
    nodes = _nodes(question, found)
    edges = _edges(store, question, found, nodes)
    return _answer(store, refs, question, found, nodes, edges)


@dataclass(slots=True)
class _Found:
    """What the walks came to."""

    starts: dict[Key, Urn]
    reaches: dict[Direction, Reach]
    urns: dict[Key, Urn]
    links: list[Link]


@dataclass(slots=True)
class _Seen:
    """A node of the answer."""

    hops: int
    strength: int
    ways: set[Direction] = field(default_factory=set)


@dataclass(slots=True)
class _Drawn:
    """An edge of the answer; `pairs` counts the edges between parts of its ends that it stands for."""

    link: Link
    pairs: int = 1
    reason: str | None = None
    via: set[Urn] = field(default_factory=set)


_Ends = tuple[Urn, Urn, str]


def _gather(store: Store, asked: Question) -> _Found:
    starts = start_keys(store, asked.starts, table_only=asked.flow == "table", as_of=asked.as_of)
    reaches: dict[Direction, Reach] = {way: reach(store, starts.keys(), asked.course(way)) for way in asked.ways}
    keys = {key for found in reaches.values() for key in found.hops}
    urns = {**starts, **store.urns(keys - starts.keys())}
    links = link_all(store, keys, TYPES[asked.flow], "upstream", asked.as_of, frozenset(urns.values()))
    return _Found(starts, reaches, urns, links)


# --- nodes ------------------------------------------------------------------------------------------------------------


def _nodes(asked: Question, found: _Found) -> dict[Urn, _Seen]:
    seen: dict[Urn, _Seen] = {}
    for way, reached in found.reaches.items():
        strength = _strengths(asked, found, way)
        for key, hops in reached.hops.items():
            urn = asked.lifted(found.urns[key])
            if urn is None:
                continue
            known = seen.setdefault(urn, _Seen(hops, 2))
            known.hops = min(known.hops, hops)
            known.strength = min(known.strength, strength.get(found.urns[key], 2))
            known.ways.add(way)
    return seen


def _strengths(asked: Question, found: _Found, way: Direction) -> dict[Urn, int]:
    """Returns by which flow each node was reached at best: value 0, rows 1, table 2."""
    reached = found.reaches[way]
    known = {found.urns[key] for key in reached.hops}
    if not asked.mixed:
        return dict.fromkeys(known, 0 if asked.flow == "value" else 2)
    up = way == "upstream"
    onward: defaultdict[Urn, list[tuple[Urn, int]]] = defaultdict(list)
    for link in found.links:
        near, far = (link.start, link.end) if up else (link.end, link.start)
        onward[near].append((far, 0 if link.type in VALUE else 1 if link.type in ROWS else 2))
    for urn in known:
        if urn.kind == "column":
            near, far = (urn, dataset_of(urn)) if up else (dataset_of(urn), urn)
            onward[near].append((far, 1))
    for tie in reached.ties:
        onward[found.urns[tie.near]].append((found.urns[tie.far], 0))
    return strengths(found.starts.values(), onward)


# --- edges ------------------------------------------------------------------------------------------------------------


def _edges(store: Store, asked: Question, found: _Found, nodes: Mapping[Urn, _Seen]) -> dict[_Ends, _Drawn]:
    edges: dict[_Ends, _Drawn] = {}
    for way, reached in found.reaches.items():
        for tie in reached.ties:
            ends = (found.urns[tie.near], found.urns[tie.far])
            start, end = map(asked.lifted, ends if way == "upstream" else ends[::-1])
            if start is not None and end is not None:
                edges.setdefault((start, end, tie.type), _Drawn(Link(start, end, tie.type, ()), reason=tie.reason))
    for link in found.links:
        start, end = asked.lifted(link.start), asked.lifted(link.end)
        if start is not None and end is not None and (asked.level == "column" or start != end):
            _join(edges, Link(start, end, link.type, link.said))
    if asked.level == "dataset":
        _carry(store, asked, found, nodes, edges)
    return edges


def _join(edges: dict[_Ends, _Drawn], link: Link) -> _Drawn:
    ends = (link.start, link.end, link.type)
    known = edges.get(ends)
    if known is None:
        edges[ends] = known = _Drawn(link)
        return known
    said = tuple(sorted((*known.link.said, *link.said), key=Statement.rank))
    known.link, known.pairs = Link(*ends, said), known.pairs + 1
    return known


def _carry(
    store: Store, asked: Question, found: _Found, nodes: Mapping[Urn, _Seen], edges: dict[_Ends, _Drawn]
) -> None:
    """Puts jobs and runs on the edges between what they wrote and what they read."""
    between: defaultdict[tuple[Urn, Urn], list[_Drawn]] = defaultdict(list)
    for (start, end, _), drawn in edges.items():
        between[start, end].append(drawn)
    keys = {*found.urns, *store.keys(nodes).values()}
    made = link_all(store, keys, ["PRODUCED_BY", "GENERATED_BY"], "upstream", asked.as_of)
    carriers = store.keys({link.end for link in made}).values()
    inputs: defaultdict[Urn, list[Link]] = defaultdict(list)
    for link in link_all(store, carriers, ["READS", "USED"], "upstream", asked.as_of):
        inputs[link.start].append(link)
    for out in made:
        for into in inputs[out.end]:
            start, end = lift(out.start), lift(into.end)
            if start == end or start not in nodes or end not in nodes:
                continue
            if (start, end) not in between and TYPES[asked.flow] >= {out.type, into.type}:
                drawn = _join(edges, Link(start, end, "DEPENDS_ON", (*out.said, *into.said)))
                drawn.reason = "one job read the one and wrote the other"
                between[start, end].append(drawn)
            for drawn in between[start, end]:
                drawn.via.add(out.end)


# --- the answer -------------------------------------------------------------------------------------------------------


def _answer(
    store: Store, refs: Refs, asked: Question, found: _Found, nodes: dict[Urn, _Seen], edges: dict[_Ends, _Drawn]
) -> Answer:
    absent = sorted(set(store.urns({hop.far for r in found.reaches.values() for hop in r.absent}).values()))
    unknown = _unknown(store, asked, found) if asked.flow in ("value", "rows") else []
    carriers = {urn for drawn in edges.values() for urn in drawn.via}
    texts = refs.texts([*nodes, *carriers, *asked.starts, *absent, *unknown])
    said_nodes = [_say_node(texts, urn, seen) for urn, seen in nodes.items()]
    said_edges = [_say_edge(texts, asked, drawn) for drawn in edges.values()]
    data: Data = {
        "nodes": sorted(said_nodes, key=lambda n: (n["hops"], n["ref"])),
        "edges": sorted(said_edges, key=lambda e: (e["from"], e["to"], e["type"])),
        "totals": {"nodes": len(nodes), "edges": len(edges), **_totals(asked, found)},
    }
    warnings = closed_warnings(texts, store.get(asked.starts, asked.as_of))
    warnings += _warnings([texts[urn] for urn in absent], [texts[urn] for urn in unknown])
    complete = all(r.complete for r in found.reaches.values())
    return Answer("lineage", data, asked.as_of, complete, tuple(warnings))


def _totals(asked: Question, found: _Found) -> dict[str, int | None]:
    return {way: _total(asked, found, found.reaches.get(way)) for way in ("upstream", "downstream")}


def _total(asked: Question, found: _Found, reached: Reach | None) -> int | None:
    """Returns how many nodes there are besides the starts, those behind the limit included."""
    if reached is None or reached.beyond is None or (reached.beyond and asked.level == "dataset"):
        return None
    at_start = {asked.lifted(urn) for urn in found.starts.values()}
    return len({asked.lifted(found.urns[key]) for key in reached.hops} - at_start - {None}) + reached.beyond


def _say_node(texts: Mapping[Urn, str], urn: Urn, seen: _Seen) -> Data:
    if seen.hops == 0:
        return node(texts, urn, hops=0, direction="start", flow=None)
    way = "both" if len(seen.ways) == 2 else next(iter(seen.ways))
    return node(texts, urn, hops=seen.hops, direction=way, flow=_STRENGTHS[seen.strength])


def _say_edge(texts: Mapping[Urn, str], asked: Question, drawn: _Drawn) -> Data:
    said = edge(texts, drawn.link, asked.as_of)
    if drawn.reason is not None:
        said["reason"] = drawn.reason
    if asked.level == "dataset":
        said |= {"via": sorted(texts[urn] for urn in drawn.via), "pairs": drawn.pairs}
    return said


def _unknown(store: Store, asked: Question, found: _Found) -> list[Urn]:
    """Returns what is read, or reads, by statements whose columns are not known: lineage by column cannot show it."""
    owners = store.keys({lift(urn) for urn in found.urns.values()})
    inside = set(owners)
    hidden: set[Urn] = set()
    for way in asked.ways:
        for link in link_all(store, owners.values(), ["DEPENDS_ON"], way, asked.as_of):
            far = link.end if way == "upstream" else link.start
            if far not in inside and not columns_known(link):
                hidden.add(far)
    return sorted(hidden)


def _warnings(absent: Iterable[str], unknown: Iterable[str]) -> list[str]:
    gone, hidden = list(absent), list(unknown)
    warnings: list[str] = []
    if gone:
        warnings.append(f"{listed(gone)}: claimed by an edge, but not on the list of columns in force; not followed.")
    if hidden:
        warnings.append(
            f"{listed(hidden)}: connected by table, which columns is not known; flow table or all shows it."
        )
    return warnings
