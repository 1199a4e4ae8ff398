"""Facts that flow as sets end where brute force ends, whatever the graph, circles and diamonds included."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from catalog.propagation import Bits, Net, intersection, settle, union

NODES = range(9)
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.sets(st.sampled_from(NODES), max_size=4))
SAID = st.dictionaries(st.sampled_from(NODES), st.integers(0, 31))
STOPS = st.sets(st.sampled_from(NODES), max_size=3)


def reached(graph: dict[int, set[int]], start: int, stops: set[int]) -> set[int]:
    """Returns all that a node stands on by any way that no stop cuts, itself included."""
    found, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        fresh = (graph.get(node, set()) if node not in stops else set()) - found
        found |= fresh
        waiting += fresh
    return found


@given(GRAPHS, SAID, STOPS)
def test_union_intersection_and_maximum_are_those_over_all_that_a_thing_stands_on(
    graph: dict[int, set[int]], said: dict[int, int], stops: set[int]
) -> None:
    for join, nothing in ((union, 0), (intersection, 31), (max, 0), (min, 31)):
        found = settle(NODES, graph, said, join, nothing, stops)
        for node in NODES:
            wanted = reduce(join, (said.get(far, nothing) for far in reached(graph, node, stops)), nothing)
            assert found[node] == wanted, (join, node)


def test_a_ladder_of_diamonds_is_walked_once_and_not_way_by_way() -> None:
    steps: list[int] = []

    def join(one: int, other: int) -> int:
        steps.append(1)
        return one | other

    layers = 400
    ladder = {3 * i: {3 * i + 1, 3 * i + 2} for i in range(layers)}
    ladder |= {3 * i + side: {3 * i + 3} for i in range(layers) for side in (1, 2)}
    assert settle([0], ladder, {3 * layers: 1}, join, 0)[0] == 1
    assert len(steps) <= 4 * layers + 3 * layers + 2


@given(st.lists(st.text(max_size=3), unique=True), st.data())
def test_a_set_of_labels_comes_back_from_its_bits(labels: list[str], data: st.DataObject) -> None:
    bits = Bits(labels)
    chosen = data.draw(st.sets(st.sampled_from(labels))) if labels else set[str]()
    assert set(bits.labels(bits.set_of(chosen))) == chosen
    assert bits.set_of(labels) == bits.everything


# --- many questions at once

THINGS = st.integers(0, 9)
QUESTIONS = 3
MASKS = st.integers(1, 2**QUESTIONS - 1)
EDGES = st.lists(st.tuples(THINGS, THINGS, MASKS), max_size=30)
SOME = st.dictionaries(THINGS, MASKS, max_size=4)


def made(edges: list[tuple[int, int, int]]) -> Net[int]:
    net: Net[int] = Net(2**QUESTIONS - 1)
    for near, far, held in edges:
        net.add(near, far, held)
    return net


def alone(
    edges: list[tuple[int, int, int]], starts: dict[int, int], stops: dict[int, int], question: int
) -> dict[int, int]:
    """The oracle: one question, breadth first, with the hops."""
    bit = 1 << question
    found = {node: 0 for node, mask in starts.items() if mask & bit}
    frontier = list(found)
    while frontier:
        node = frontier.pop(0)
        for near, far, held in edges:
            if near == node and held & bit and far not in found and not stops.get(node, 0) & bit:
                found[far] = found[node] + 1
                frontier.append(far)
    return found


@given(EDGES, SOME, SOME)
def test_each_question_reaches_what_it_would_reach_alone(
    edges: list[tuple[int, int, int]], starts: dict[int, int], stops: dict[int, int]
) -> None:
    flow = made(edges).flow(starts, stops)
    for question in range(QUESTIONS):
        reached = {node for node, mask in flow.items() if mask >> question & 1}
        assert reached == alone(edges, starts, stops, question).keys()


@given(EDGES, SOME)
def test_hops_are_the_least_forward_and_back(edges: list[tuple[int, int, int]], starts: dict[int, int]) -> None:
    net, turned = made(edges), [(far, near, held) for near, far, held in edges]
    for question in range(QUESTIONS):
        begun = {node: 0 for node, mask in starts.items() if mask >> question & 1}
        assert net.hops(begun, question) == alone(edges, starts, {}, question)
        assert net.back.hops(begun, question) == alone(turned, starts, {}, question)


@given(EDGES, SOME)
def test_starts_that_are_some_hops_away_already_count_from_there(
    edges: list[tuple[int, int, int]], starts: dict[int, int]
) -> None:
    found = made(edges).hops(starts)
    alike = [(near, far, 2**QUESTIONS - 1) for near, far, _ in edges]
    ways = [{k: h + hops for k, h in alone(alike, {node: 1}, {}, 0).items()} for node, hops in starts.items()]
    assert found == {key: min(way[key] for way in ways if key in way) for way in ways for key in way}
