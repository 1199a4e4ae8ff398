"""How one thing comes to stand on another: a shortest way, and how many there are."""

from __future__ import annotations

from typing import Any

import networkx
from hypothesis import given
from hypothesis import strategies as st

from catalog.lineage import FlowName
from catalog.model.names import Urn
from catalog.model.nodes import Dataset
from catalog.path import lineage_path
from catalog.refs import Refs
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, flow, table

NODES = "abcdef"


def ask(store: Store, derived: Urn, source: Urn, flow_: FlowName = "value") -> dict[str, Any]:
    return lineage_path(store, Refs(store, NAMESPACES), derived, source, flow_).data


@given(
    st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=14),
    st.sampled_from(NODES),
    st.sampled_from(NODES),
)
def test_a_way_is_as_short_as_there_is_one(pairs: list[tuple[str, str]], derived: str, source: str) -> None:
    tables = [Dataset(namespace=NS, name=name, columns=["x"]) for name in NODES]
    found = ask(
        catalog(*tables, *(flow(f"{a}.x", f"{b}.x") for a, b in pairs)), col(f"{derived}.x"), col(f"{source}.x")
    )
    graph = networkx.DiGraph(pairs)
    graph.add_nodes_from(NODES)
    assert found["found"] == networkx.has_path(graph, derived, source)
    if found["found"]:
        assert found["hops"] == networkx.shortest_path_length(graph, derived, source)
        assert [(e["to"][3], e["from"][3]) for e in found["edges"]] == [
            (a["ref"][3], b["ref"][3]) for a, b in zip(found["nodes"], found["nodes"][1:], strict=False)
        ]
        assert int(found["routes"]) >= 1


def test_a_ladder_of_diamonds_has_ways_beyond_counting_one_by_one() -> None:
    rungs = 70
    flows = [flow(f"t{i}.x", f"{side}{i}.x") for i in range(rungs) for side in "lr"]
    flows += [flow(f"{side}{i}.x", f"t{i + 1}.x") for i in range(rungs) for side in "lr"]
    found = ask(catalog(*flows), col("t0.x"), col(f"t{rungs}.x"))
    assert (found["hops"], found["routes"]) == (2 * rungs, str(2**rungs))


def test_a_way_leads_through_row_sets_where_rows_are_asked_for() -> None:
    store = catalog(
        Dataset(namespace=NS, name="t", columns=["x"]),
        Dataset(namespace=NS, name="s", columns=["x", "flag"]),
        flow("t.x", "s.x"),
        edge("INFLUENCED_BY", table("t"), col("s.flag"), subtype="filter"),
    )
    assert not ask(store, col("t.x"), col("s.flag"))["found"]
    found = ask(store, col("t.x"), col("s.flag"), "rows")
    assert [n["ref"] for n in found["nodes"]] == ["pg:t#x", "pg:t", "pg:s#flag"]
    assert (found["hops"], found["edges"][0]["subtype"]) == (1, "filter")
