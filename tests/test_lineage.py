"""An answer about lineage is the whole subgraph, at its level and by its flow, and says what it leaves out."""

from __future__ import annotations

import json
from typing import Any, get_args

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lineage import FlowName, Level, Question, Way, lineage
from catalog.model.edges import Edge
from catalog.model.instants import Instant, parse_as_of
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, Node
from catalog.refs import Refs
from catalog.store.port import SnapshotDelta, Store
from tests.catalogs import LATER, NAMESPACES, NOON, NS, catalog, col, edge, flow, snapshot, table

JOB = Urn("job", ("etl", "nightly"))


def ask(store: Store, *starts: Urn, **how: Any) -> dict[str, Any]:
    answer = lineage(store, Refs(store, NAMESPACES), Question(starts, **how))
    return answer.envelope("2026-04-01T00:00:00Z")


def hops(answer: dict[str, Any]) -> dict[str, int]:
    return {n["ref"].removeprefix("pg:"): n["hops"] for n in answer["data"]["nodes"]}


def edges(answer: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(e["from"].removeprefix("pg:"), e["to"].removeprefix("pg:"), e["type"]) for e in answer["data"]["edges"]}


def test_the_subgraph_of_a_diamond_has_each_edge_once_from_upstream_to_derived() -> None:
    store = catalog(flow("d.x", "b.x"), flow("d.x", "c.x"), flow("b.x", "a.x"), flow("c.x", "a.x"), flow("e.x", "d.x"))
    answer = ask(store, col("d.x"), direction="upstream")
    assert hops(answer) == {"d#x": 0, "b#x": 1, "c#x": 1, "a#x": 2}
    assert edges(answer) == {(f"{a}#x", f"{b}#x", "DERIVES_FROM") for a, b in ("ab", "ac", "bd", "cd")}
    assert answer["data"]["totals"] == {"nodes": 4, "edges": 4, "upstream": 3, "downstream": None}
    assert (answer["schema"], answer["complete"], answer["warnings"]) == ("headwater.lineage/1", True, [])


def test_a_limit_of_hops_is_told_with_exact_totals() -> None:
    store = catalog(*(flow(f"t{i + 1}.x", f"t{i}.x") for i in range(9)))
    answer = ask(store, col("t5.x"), max_hops=2)
    assert hops(answer) == {"t5#x": 0, "t4#x": 1, "t6#x": 1, "t3#x": 2, "t7#x": 2}
    assert answer["complete"] is False
    assert answer["data"]["totals"] == {"nodes": 5, "edges": 4, "upstream": 5, "downstream": 4}


def test_what_several_sources_say_is_one_edge_with_the_strongest_in_front() -> None:
    sql: list[Edge] = [flow("b.x", "a.x", "transformation")]
    event: list[Edge] = [flow("b.x", "a.x", "aggregation")]
    store = catalog(
        flow("b.x", "a.x", "identity", exactness="guessed", reason="a star"),
        more=[snapshot(event, ("job", "etl", "nightly")), snapshot(sql, ("sql", NS, "b"), LATER)],
    )
    (found,) = ask(store, col("b.x"), direction="upstream")["data"]["edges"]
    assert (found["subtype"], found["exactness"]) == ("transformation", "exact")
    assert [(e["source"], e["subtype"], e["since"]) for e in found["evidence"]] == [
        ("sql", "transformation", "2026-02-01T12:00:00Z"),
        ("job", "aggregation", "2026-01-01T12:00:00Z"),
        ("dbt", "identity", "2026-01-01T12:00:00Z"),
    ]
    assert found["evidence"][0]["scope"] == "sql/postgres%3A%2F%2Fdb%3A5432/b"
    assert found["evidence"][0]["origin"] == "f.sql:1"
    assert found["evidence"][0]["until"] is None


def test_rows_come_through_the_row_set_without_a_hop_and_are_marked() -> None:
    store = catalog(
        flow("b.x", "a.x"),
        edge("INFLUENCED_BY", table("b"), col("a.status"), subtype="filter"),
        flow("a.status", "raw.status"),
        flow("c.x", "b.x"),
    )
    up = ask(store, col("c.x"), direction="upstream", flow="rows")
    assert hops(up) == {"c#x": 0, "c": 0, "b#x": 1, "b": 1, "a#x": 2, "a": 2, "a#status": 2, "raw": 3, "raw#status": 3}
    assert {n["ref"]: n["flow"] for n in up["data"]["nodes"] if n["hops"]} == {
        "pg:b#x": "value", "pg:a#x": "value", "pg:b": "rows", "pg:a": "rows", "pg:a#status": "rows",
        "pg:raw": "rows", "pg:raw#status": "rows",
    }  # fmt: skip
    down = hops(ask(store, col("raw.status"), direction="downstream", flow="rows"))
    assert down == {"raw#status": 0, "a#status": 1, "b": 2, "b#x": 2, "c#x": 3}
    assert hops(ask(store, col("c.x"), direction="upstream")) == {"c#x": 0, "b#x": 1, "a#x": 2}


def test_jobs_stand_on_the_edges_of_data_sets() -> None:
    store = catalog(
        edge("PRODUCED_BY", table("b"), JOB), edge("READS", JOB, table("a")), flow("b.x", "a.x"), flow("b.y", "a.y"),
        edge("DEPENDS_ON", table("c"), table("b")),
    )  # fmt: skip
    by_value = ask(store, table("b"), level="dataset")
    assert hops(by_value) == {"b": 0, "a": 1}
    (found,) = by_value["data"]["edges"]
    assert (found["type"], found["via"], found["pairs"]) == ("DERIVES_FROM", ["job:etl/nightly"], 2)
    assert by_value["warnings"] == ["pg:c: connected by table, which columns is not known; flow table or all shows it."]
    by_table = ask(store, table("c"), level="dataset", flow="table", direction="upstream")
    assert hops(by_table) == {"c": 0, "b": 1, "a": 2}
    assert edges(by_table) == {("b", "c", "DEPENDS_ON"), ("a", "b", "DEPENDS_ON")}
    assert [e["via"] for e in by_table["data"]["edges"]] == [["job:etl/nightly"], []]


def test_a_column_that_is_gone_is_warned_of_and_so_is_a_start_that_is_closed() -> None:
    store = catalog(
        Dataset(namespace=NS, name="a", columns=["x", "y"]), flow("b.x", "a.x"),
        more=[snapshot([Dataset(namespace=NS, name="a", columns=["y"])], ("columns", NS), LATER)],
    )  # fmt: skip
    now = ask(store, col("b.x"), direction="upstream")
    assert hops(now) == {"b#x": 0}
    assert now["warnings"] == ["pg:a#x: claimed by an edge, but not on the list of columns in force; not followed."]
    then = ask(store, col("b.x"), direction="upstream", as_of=NOON)
    assert hops(then) == {"b#x": 0, "a#x": 1}
    assert then["asOf"] == "2026-01-01T12:00:00Z"
    assert ask(store, col("a.x"))["warnings"][0] == "pg:a#x is closed since 2026-02-01T12:00:00Z."


def test_as_of_shows_the_edges_of_that_time() -> None:
    store = catalog(flow("b.x", "a.x"), more=[snapshot([flow("b.x", "z.x")], at=LATER)])
    day = parse_as_of("2026-01-01")
    assert hops(ask(store, col("b.x"), direction="upstream", as_of=day)) == {"b#x": 0, "a#x": 1}
    assert hops(ask(store, col("b.x"), direction="upstream")) == {"b#x": 0, "z#x": 1}
    (old,) = ask(store, col("b.x"), direction="upstream", as_of=day)["data"]["edges"]
    assert (old["evidence"][0]["since"], old["evidence"][0]["until"]) == ("2026-01-01T12:00:00Z", None), (
        "not known that day"
    )


def test_the_features_of_a_view_and_the_versions_of_a_model_are_where_their_values_are() -> None:
    feature, version = Urn("feature", ("feast://shop", "v", "f")), Urn("modelversion", ("mlflow://tracker", "m", "1"))
    store = catalog(
        edge("COMPUTED_FROM", feature, col("a.x")),
        edge("USES_FEATURE", version, feature, role="feature"),
        edge("VERSION_OF", version, Urn("model", ("mlflow://tracker", "m"))),
        edge("PART_OF", feature, Urn("featureview", ("feast://shop", "v"))),
    )
    assert hops(ask(store, Urn("featureview", ("feast://shop", "v")), direction="upstream"))["a#x"] == 1
    assert hops(ask(store, Urn("model", ("mlflow://tracker", "m")), direction="upstream"))["a#x"] == 2
    at_tables = ask(store, col("a.x"), direction="downstream", level="dataset")
    assert hops(at_tables) == {"a": 0, "fs:v": 1, "ml:m/1": 2}


def test_a_run_leads_from_a_model_to_what_it_read_when_all_flows_are_asked_for() -> None:
    version, run = Urn("modelversion", ("mlflow://tracker", "m", "1")), Urn("run", ("mlflow://tracker", "r"))
    content = Urn("datasetversion", (NS, "a", "md5:1"))
    store = catalog(
        edge("GENERATED_BY", version, run), edge("USED", run, content, role="training"),
        edge("VERSION_OF", content, table("a")), edge("DEPENDS_ON", table("a"), table("raw")),
    )  # fmt: skip
    answer = ask(store, version, direction="upstream", level="dataset", flow="all")
    assert hops(answer) == {"ml:m/1": 0, "a": 1, "raw": 2}
    assert ("a", "ml:m/1", "DEPENDS_ON") in edges(answer)
    assert hops(ask(store, table("raw"), direction="downstream", level="dataset", flow="all"))["ml:m/1"] == 2


_FACT = st.tuples(
    st.sampled_from(["value", "filter", "window", "table", "job"]),
    st.sampled_from("abcd"), st.sampled_from("xy"), st.sampled_from("abcd"), st.sampled_from("xy"),
)  # fmt: skip


def facts_of(rows: list[tuple[str, str, str, str, str]]) -> list[Edge | Node]:
    made: list[Edge | Node] = []
    for kind, t, c, u, d in rows:
        job = Urn("job", ("etl", t + u))
        forms: dict[str, list[Edge | Node]] = {
            "value": [flow(f"{t}.{c}", f"{u}.{d}")],
            "filter": [edge("INFLUENCED_BY", table(t), col(f"{u}.{d}"), subtype="filter")],
            "window": [edge("INFLUENCED_BY", col(f"{t}.{c}"), col(f"{u}.{d}"), subtype="window")],
            "table": [edge("DEPENDS_ON", table(t), table(u))],
            "job": [edge("PRODUCED_BY", table(t), job), edge("READS", job, table(u))],
        }
        made += forms[kind]
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(_FACT, min_size=1, max_size=10), st.sampled_from(get_args(FlowName)), st.sampled_from(get_args(Level)))
def test_every_answer_is_closed_reproducible_and_reaches_both_ways_alike(
    rows: list[tuple[str, str, str, str, str]], flow_name: FlowName, level: Level
) -> None:
    store = catalog(*facts_of(rows))
    answers = {t: ask(store, table(t), flow=flow_name, level=level) for t in "abcd" if store.keys([table(t)])}
    for answer in answers.values():
        refs = {n["ref"] for n in answer["data"]["nodes"]}
        assert all(e["from"] in refs and e["to"] in refs for e in answer["data"]["edges"])
        assert all(len(n["ref"]) and n["hops"] >= 0 for n in answer["data"]["nodes"])
    again = catalog(*reversed(facts_of(rows)))
    for t, answer in answers.items():
        assert json.dumps(ask(again, table(t), flow=flow_name, level=level)) == json.dumps(answer)
    if level == "dataset":
        up = {t: ask(store, table(t), flow=flow_name, level=level, direction="upstream") for t in answers}
        down = {t: ask(store, table(t), flow=flow_name, level=level, direction="downstream") for t in answers}
        assert {(t, u) for t in up for u in hops(up[t])} == {(t, u) for u in down for t in hops(down[u])}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), min_size=1, max_size=12))
def test_table_lineage_is_that_of_networkx(pairs: set[tuple[str, str]]) -> None:
    store = catalog(*(edge("DEPENDS_ON", table(a), table(b)) for a, b in sorted(pairs)))
    start = min(pairs)[0]
    graph = nx.DiGraph(pairs)
    answer = ask(store, table(start), flow="table", level="dataset", direction="upstream")
    assert hops(answer) == dict(nx.single_source_shortest_path_length(graph, start))
    inside = graph.subgraph(hops(answer)).edges
    assert {(b, a) for a, b, _ in edges(answer)} == {(a, b) for a, b in inside if a != b}


@pytest.mark.parametrize("way", get_args(Way))
def test_a_ladder_of_forty_diamonds_is_answered_in_the_size_of_the_ladder(way: Way) -> None:
    store = catalog(*(flow(f"t{i + 1}.{c}", f"t{i}.{d}") for i in range(40) for c in "xy" for d in "xy"))
    answer = ask(store, col("t20.x"), direction=way)
    expected = {"upstream": 41, "downstream": 41, "both": 81}[way]
    assert answer["data"]["totals"]["nodes"] == expected


def at(moment: Instant, *facts: Node | Edge) -> SnapshotDelta:
    return snapshot(facts, ("sql", NS, "x"), moment)


def test_a_column_described_only_later_is_there_when_edges_mention_it() -> None:
    store = catalog(flow("b.x", "a.x"), more=[at(LATER, Column(namespace=NS, name="a", path="x", data_type="int"))])
    assert hops(ask(store, table("a"), direction="downstream", as_of=NOON)) == {"a": 0, "a#x": 0, "b#x": 1}
