"""What flows along edges: each question as if it were asked alone, in circles as well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.propagation import Net

NODES = st.integers(0, 9)
QUESTIONS = 3
MASKS = st.integers(1, 2**QUESTIONS - 1)
EDGES = st.lists(st.tuples(NODES, NODES, MASKS), max_size=30)
SOME = st.dictionaries(NODES, MASKS, max_size=4)


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
