"""How one thing comes to stand on another: a shortest way through lineage, and how many ways there are."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from catalog.answers import Answer, Data
from catalog.graph import adjacency, routes, shortest
from catalog.lineage import FlowName, Question, lineage
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.store.port import Store


def lineage_path(
    store: Store, refs: Refs, derived: Urn, source: Urn, flow: FlowName = "value", as_of: Instant | None = None
) -> Answer:
    """Returns a shortest way upstream from one thing to another; of several the first by name.

    `routes` counts distinct ways, a cycle as one place, and is text: a ladder of diamonds has more than a number of 64 bits
    holds. No way is an answer.
    """
    asked = lineage(store, refs, Question((derived,), "upstream", flow=flow, as_of=as_of))
    nodes: dict[str, Data] = {n["ref"]: n for n in asked.data["nodes"]}
    pairs = [(e["to"], e["from"]) for e in asked.data["edges"]]
    if flow in ("rows", "all"):
        pairs += _row_sets(refs, nodes)
    onward = adjacency(pairs)
    goal = refs.format(source)
    # A data set starts at its columns too; a column starts at itself, though its row set is no hop away.
    starts = (
        [refs.format(derived)] if derived.kind == "column" else [n["ref"] for n in nodes.values() if n["hops"] == 0]
    )
    way = shortest(onward, starts, goal)
    between = defaultdict(list)
    for e in asked.data["edges"]:
        between[e["to"], e["from"]].append(e)
    edges = [between[step][0] for step in pairwise(way) if between[step]]  # to a row set there is a step and no edge
    data: Data = {
        "found": bool(way),
        "hops": len(edges) if way else None,
        "routes": str(routes(nodes, onward, way[0], goal)) if way else None,
        "nodes": [nodes[ref] for ref in way],
        "edges": edges,
    }
    return Answer("lineage.path", data, as_of, asked.complete, asked.warnings)


def _row_sets(refs: Refs, nodes: dict[str, Data]) -> list[tuple[str, str]]:
    """Returns the steps from columns to the row sets of their data sets."""
    columns = {ref: dataset_of(Urn.parse(n["urn"])) for ref, n in nodes.items() if n["kind"] == "Column"}
    texts = refs.texts(columns.values())
    return [(ref, texts[owner]) for ref, owner in columns.items() if texts[owner] in nodes]
