"""Facts that flow as sets end where brute force ends, whatever the graph, circles and diamonds included."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from catalog.propagation import Bits, intersection, settle, union

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
