"""Walks agree with a graph library on random graphs, and cost what the closure costs."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.graph import ROWS, VALUE, Course, Reach, adjacency, components, reach, routes, shortest
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, DatasetVersion, FileEntry, Node
from catalog.store.port import Direction, Store
from tests.catalogs import LATER, NOON, NS, catalog, col, edge, flow, names, snapshot, table

UP: Direction = "upstream"
DOWN: Direction = "downstream"
PAIRS = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def reached(store: Store, start: Urn, course: Course) -> dict[str, int]:
    found = walked(store, start, course)
    return names({urn: found.hops[key] for key, urn in store.urns(found.hops).items()})


def walked(store: Store, start: Urn, course: Course) -> Reach:
    return reach(store, store.keys([start]).values(), course)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.sampled_from([UP, DOWN]), st.none() | st.integers(0, 4))
def test_reach_and_hops_are_those_of_networkx(
    pairs: set[tuple[int, int]], direction: Direction, limit: int | None
) -> None:
    pairs = pairs | {(0, 1)}
    store = catalog(*(flow(f"t{a}.c", f"t{b}.c") for a, b in sorted(pairs)))
    oracle = nx.DiGraph(pairs) if direction == UP else nx.DiGraph((b, a) for a, b in pairs)
    whole = nx.single_source_shortest_path_length(oracle, 0)
    found = walked(store, col("t0.c"), Course(VALUE, direction, max_hops=limit))
    expected = {f"t{n}.c": hops for n, hops in whole.items() if limit is None or hops <= limit}
    assert names({u: found.hops[k] for k, u in store.urns(found.hops).items()}) == expected
    assert found.beyond == len(whole) - len(expected)
    assert found.complete == (len(whole) == len(expected))


_ROW_FACTS = st.lists(
    st.tuples(st.sampled_from("vri"), st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from("abc"), st.sampled_from("xy")),
    min_size=1,
    max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_ROW_FACTS)
def test_up_and_down_are_each_others_inverse_with_row_sets(facts: list[tuple[str, str, str, str, str]]) -> None:
    made: list[Edge | Node] = [Dataset(namespace=NS, name="a", columns=["x", "y"])]
    for kind, t, c, u, d in facts:
        if kind == "v":
            made.append(flow(f"{t}.{c}", f"{u}.{d}"))
        elif kind == "r":
            made.append(edge("INFLUENCED_BY", table(t), col(f"{u}.{d}"), subtype="filter"))
        else:
            made.append(edge("INFLUENCED_BY", col(f"{t}.{c}"), col(f"{u}.{d}"), subtype="window"))
    store = catalog(*made)
    columns = [node.urn for node in store.find(["column"]).nodes]
    up = {u: reached(store, u, Course(VALUE | ROWS, UP, row_sets=True)) for u in columns}
    down = {u: reached(store, u, Course(VALUE | ROWS, DOWN, row_sets=True)) for u in columns}
    for one in columns:
        for other in columns:
            name_one, name_other = (".".join(u.parts[1:]) for u in (one, other))
            assert up[one].get(name_other) == down[other].get(name_one)


def test_a_ladder_of_forty_diamonds_is_walked_once() -> None:
    edges = [flow(f"t{i}.{c}", f"t{i + 1}.{d}") for i in range(40) for c in "xy" for d in "xy"]
    store = catalog(*edges)
    assert len(reached(store, col("t0.x"), Course(VALUE, UP))) == 81
    onward = adjacency((f"{e.start}", f"{e.end}") for e in edges)
    everything = {*onward, *(far for fars in onward.values() for far in fars)}
    assert routes(everything, onward, str(col("t0.x")), str(col("t40.x"))) == 2**39


def test_a_denial_hides_what_lower_standing_says_and_closing_it_shows_it_again() -> None:
    said, denied = flow("b.x", "a.x"), flow("b.x", "a.x", denies=True)
    store = catalog(said, more=[snapshot([denied], ("human", "ana", "1", "flow"))])
    assert reached(store, col("b.x"), Course(VALUE, UP)) == {"b.x": 0}
    weaker = catalog(denied, more=[snapshot([said], ("human", "ana", "1", "flow"))])
    assert reached(weaker, col("b.x"), Course(VALUE, UP)) == {"b.x": 0, "a.x": 1}
    retracted = catalog(
        said,
        more=[
            snapshot([denied], ("human", "ana", "1", "flow")),
            snapshot([], ("human", "ana", "1", "flow"), LATER),
        ],
    )
    assert reached(retracted, col("b.x"), Course(VALUE, UP)) == {"b.x": 0, "a.x": 1}
    assert reached(retracted, col("b.x"), Course(VALUE, UP, as_of=NOON)) == {"b.x": 0}


def test_a_column_that_the_list_in_force_lacks_is_not_walked_but_told() -> None:
    store = catalog(
        Dataset(namespace=NS, name="a", columns=["y"]), flow("b.x", "a.x"), flow("b.x", "a.y"), flow("a.x", "raw.x")
    )
    found = walked(store, col("b.x"), Course(VALUE, UP))
    assert set(names(dict.fromkeys(store.urns(found.hops).values()))) == {"b.x", "a.y"}
    assert list(store.urns({hop.far for hop in found.absent}).values()) == [col("a.x")]


def version(namespace: str, name: str, digest: str, **props: str | int) -> DatasetVersion:
    return DatasetVersion.model_validate(
        {
            "namespace": namespace,
            "name": name,
            "version": f"md5:{digest}",
            "digest": digest,
            "strength": "strong",
            **props,
        }
    )


def test_equal_content_is_crossed_by_column_name_both_ways() -> None:
    facts: list[Edge | Node] = [
        version("ml", "train", "d1"),
        version("files", "x.csv", "d1"),
        flow("mart.a", "raw.a"),
        edge("DERIVES_FROM", col("x.csv.a", "files"), col("mart.a"), subtype="identity"),
        edge("USES_FEATURE", Urn("modelversion", ("ml", "m", "1")), col("train.a", "ml"), role="feature"),
    ]
    store = catalog(*facts)
    up = walked(store, Urn("modelversion", ("ml", "m", "1")), Course(VALUE, UP))
    assert names({u: up.hops[k] for k, u in store.urns(up.hops).items()}) == {
        "m.1": 0, "train.a": 1, "x.csv.a": 2, "mart.a": 3, "raw.a": 4,
    }  # fmt: skip
    assert {t.type for t in up.ties} == {"SAME_CONTENT"}
    assert reached(store, col("raw.a"), Course(VALUE, DOWN))["m.1"] == 4
    assert "x.csv.a" not in reached(store, Urn("modelversion", ("ml", "m", "1")), Course(VALUE, UP, identity=False))


def test_weak_and_empty_content_ties_nothing() -> None:
    empty = "d41d8cd98f00b204e9800998ecf8427e"
    store = catalog(
        version("ml", "a", "w1", strength="weak"), version("files", "a", "w1"),
        version("ml", "b", empty), version("files", "b", empty),
        version("ml", "c", "z", byte_size=0), version("files", "c", "z"),
        *(edge("DEPENDS_ON", table("mart"), table(n, "ml")) for n in "abc"),
    )  # fmt: skip
    for name in "abc":
        assert reached(store, table(name, "ml"), Course(VALUE, UP)) == {name: 0}


def test_a_file_equal_to_one_of_a_folder_stands_on_the_folder_only() -> None:
    entry = FileEntry(namespace="files", name="folder", version="md5:f.dir", path="1.csv", digest="d1")
    other = FileEntry(namespace="files", name="folder", version="md5:f.dir", path="2.csv", digest="d2")
    facts = {table("one", "ml"), table("two", "ml"), table("folder", "files")}
    store = catalog(
        entry, other, version("ml", "one", "d1"), version("ml", "two", "d2"), version("files", "folder", "f.dir"),
        *(edge("PART_OF", urn, urn) for urn in facts),
    )  # fmt: skip
    assert reached(store, table("one", "ml"), Course(VALUE, UP)) == {"one": 0, "folder": 1}
    assert reached(store, table("folder", "files"), Course(VALUE, UP)) == {"folder": 0}
    assert reached(store, table("folder", "files"), Course(VALUE, DOWN)) == {"folder": 0, "one": 1, "two": 1}


def test_aliases_are_crossed_both_ways_and_hops_stay_least() -> None:
    alias = edge("ALIAS_OF", table("path/x", "files"), table("x"), subtype="symlink")
    store = catalog(
        alias, flow("x.a", "raw.a"), edge("DERIVES_FROM", col("mart.a"), col("path/x.a", "files"), subtype="identity"),
        flow("mart.a", "s1.a"), flow("s1.a", "s2.a"), flow("s2.a", "s3.a"), flow("s3.a", "s4.a"), flow("s4.a", "raw.a"),
    )  # fmt: skip
    assert reached(store, col("mart.a"), Course(VALUE, UP))["raw.a"] == 3
    assert reached(store, col("raw.a"), Course(VALUE, DOWN))["mart.a"] == 3


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_components_and_shortest_ways_are_those_of_networkx(pairs: set[tuple[int, int]]) -> None:
    oracle = nx.DiGraph(pairs)
    onward = adjacency(sorted(pairs))
    found = components(sorted(oracle.nodes), onward)
    assert {frozenset(c) for c in found} == {frozenset(c) for c in nx.strongly_connected_components(oracle)}
    place = {node: i for i, members in enumerate(found) for node in members}
    assert all(place[a] >= place[b] for a, b in pairs)
    lengths = dict(nx.all_pairs_shortest_path_length(oracle))
    for a in oracle.nodes:
        for b in oracle.nodes:
            assert len(shortest(onward, [a], b)) == (lengths[a][b] + 1 if b in lengths[a] else 0)


@settings(max_examples=100, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1]), min_size=1, max_size=15))
def test_routes_are_as_many_as_the_paths_of_a_graph_without_cycles(pairs: set[tuple[int, int]]) -> None:
    oracle = nx.DiGraph(pairs)
    start, goal = min(oracle.nodes), max(oracle.nodes)
    paths = sum(1 for _ in nx.all_simple_paths(oracle, start, goal)) if start != goal else 1
    assert routes(sorted(oracle.nodes), adjacency(sorted(pairs)), start, goal) == paths
