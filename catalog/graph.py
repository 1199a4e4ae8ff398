"""Walks over the graph, each written once: reach, identity, subgraph, components, routes.

Reachability is a set problem: breadth first by levels with a visited set, never a list of paths. A store answers one level at
a time and knows nothing of flows; what counts as a step is said here by a `Course`. Identity (aliases, equal content) is
crossed after a walk has come to rest, which moves it on; hops are exact all the same, because a shorter way found late is
followed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from catalog.identity import Tie, find_all, ties_of
from catalog.model.edges import Flow, HasColumn, types_of
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.store.port import Direction, Hop, Key, Store

VALUE: Final = types_of(Flow.VALUE)
ROWS: Final = types_of(Flow.ROWS)
TABLE: Final = types_of(Flow.TABLE)
RUN: Final = types_of(Flow.RUN) - {"SAME_CONTENT"} | {"VERSION_OF"}
_COUNTED: Final = 200_000
"""How many nodes beyond a caller's limit are counted before the total is called unknown."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a walk follows.

    Attributes:
        row_sets: Stepping from a column up to its data set's row set, or from a row set down to its columns, is no hop.
        free: Types whose edges are no hop.
        identity: Whether aliases and equal content are crossed, as one hop.
        max_hops: None for the whole closure.
    """

    types: frozenset[str]
    direction: Direction
    as_of: Instant | None = None
    row_sets: bool = False
    free: frozenset[str] = frozenset()
    identity: bool = True
    max_hops: int | None = None


@dataclass(slots=True)
class Reach:
    """What a walk came to.

    Attributes:
        hops: The least number of hops to each node within the limit, starts included.
        beyond: How many more there are behind the limit; None if they are too many to count.
        absent: Claims that were not walked because the list of columns in force lacks their far end.
        ties: Identity that was crossed, near to far.
    """

    hops: dict[Key, int]
    beyond: int | None = 0
    absent: list[Hop] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.beyond == 0


def reach(store: Store, starts: Iterable[Key] | Mapping[Key, int], course: Course) -> Reach:
    """Returns all that can be reached from any of the starts, with exact hops.

    Args:
        starts: A mapping from keys to whole numbers says how many hops away each start is already.
    """
    search = _Search(store, course)
    begun = starts if isinstance(starts, Mapping) else dict.fromkeys(starts, 0)
    for hops in sorted(set(begun.values())):
        search.push([key for key, at in begun.items() if at == hops], hops)
    search.run()
    return search.result()


def undenied(hops: Sequence[Hop]) -> Sequence[Hop]:
    """Returns the hops that hold: a denial hides equal ones of weaker standing, and is none itself."""
    if not any(hop.standing < 0 for hop in hops):
        return hops
    deniers: dict[tuple[Key, Key, str], int] = {}
    for hop in hops:
        if hop.standing < 0:
            ends, rank = (hop.near, hop.far, hop.type), -1 - hop.standing
            deniers[ends] = min(rank, deniers.get(ends, rank))
    return [h for h in hops if 0 <= h.standing <= deniers.get((h.near, h.far, h.type), h.standing)]


class _Search:
    """A walk in progress. Buckets hold the nodes to expand by their hops: a breadth-first search where some steps are free."""

    def __init__(self, store: Store, course: Course) -> None:
        self._store, self._course = store, course
        self._hops: dict[Key, int] = {}
        self._buckets: dict[int, list[Key]] = {}
        self._absent: dict[Hop, None] = {}
        self._ties: dict[Tie, None] = {}
        self._crossed: set[Key] = set()
        self._cut = False

    def push(self, keys: Iterable[Key], hops: int) -> None:
        bucket: list[Key] = []
        known = self._hops
        for key in keys:
            if hops < known.get(key, hops + 1):
                known[key] = hops
                bucket.append(key)
        if bucket:
            self._buckets.setdefault(hops, []).extend(bucket)

    def run(self) -> None:
        while self._buckets:
            while self._buckets and not self._cut:
                hops = min(self._buckets)
                frontier = [key for key in self._buckets.pop(hops) if self._hops[key] == hops]
                if frontier:
                    self._expand(frontier, hops)
            if self._cut or not self._course.identity:
                return
            self._cross()

    def result(self) -> Reach:
        limit = self._course.max_hops
        if limit is None:
            return Reach(self._hops, 0, list(self._absent), list(self._ties))
        within = {key: hops for key, hops in self._hops.items() if hops <= limit}
        beyond = None if self._cut else len(self._hops) - len(within)
        ties = [t for t in self._ties if t.near in within and t.far in within]
        return Reach(within, beyond, [hop for hop in self._absent if hop.near in within], ties)

    def _expand(self, frontier: list[Key], hops: int) -> None:
        course = self._course
        if course.row_sets:
            self.push(self._row_sets(frontier), hops)
        limit = course.max_hops
        if limit is not None and hops >= limit and len(self._hops) > _COUNTED:
            self._cut = True
            return
        if not course.types:
            return
        found = undenied(self._store.step(frontier, course.types, course.direction, course.as_of))
        free = course.free
        self.push([h.far for h in found if not h.absent and h.type not in free], hops + 1)
        if free:
            self.push([h.far for h in found if not h.absent and h.type in free], hops)
        self._absent.update((h, None) for h in found if h.absent)

    def _row_sets(self, frontier: list[Key]) -> Iterable[Key]:
        urns = self._store.urns(frontier)
        if self._course.direction == "upstream":
            owners = {dataset_of(urn) for urn in urns.values() if urn.kind == "column"}
            return self._store.keys(owners).values() if owners else ()
        datasets = {key: urn for key, urn in urns.items() if urn.kind == "dataset"}
        return columns_of(self._store, datasets, self._course.as_of) if datasets else ()

    def _cross(self) -> None:
        fresh = [key for key in self._hops if key not in self._crossed]
        self._crossed.update(fresh)
        for tie in ties_of(self._store, fresh, self._course.direction, self._course.as_of):
            self._ties[tie] = None
        for tie in self._ties:
            self.push([tie.far], self._hops[tie.near] + 1)


def columns_of(store: Store, datasets: Mapping[Key, Urn], as_of: Instant | None = None) -> list[Key]:
    """Returns the columns of data sets: those of the list in force, or those that edges mention where there is no list."""
    hops = store.step(list(datasets), [HasColumn.type()], "upstream", as_of)
    listed = {hop.near for hop in hops}
    unlisted = {urn for key, urn in datasets.items() if key not in listed}
    return [hop.far for hop in hops] + (_mentioned(store, unlisted, as_of) if unlisted else [])


def columns_in(store: Store, datasets: Iterable[Urn], as_of: Instant | None = None) -> list[Urn]:
    """Returns the columns of data sets as `columns_of` does, in the order of their names."""
    keys = {key: urn for urn, key in store.keys(list(datasets)).items()}
    return sorted(store.urns(columns_of(store, keys, as_of)).values()) if keys else []


def _mentioned(store: Store, datasets: Collection[Urn], as_of: Instant | None) -> list[Key]:
    where = {"namespace": {d.namespace for d in datasets}, "name": {d.name for d in datasets}}
    urns = [n.urn for n in find_all(store, ["column"], where) if dataset_of(n.urn) in datasets]
    states = store.get(urns, as_of)
    return list(store.keys([urn for urn in urns if states[urn].closed_since is None]).values())


# --- algorithms over edges in memory ----------------------------------------------------------------------------------

N = TypeVar("N")
Adjacency = Mapping[N, Collection[N]]


def components(nodes: Iterable[N], onward: Adjacency[N]) -> list[list[N]]:
    """Returns the strongly connected components, each after all that it leads to (Tarjan, without recursion)."""
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    held: set[N] = set()
    found: list[list[N]] = []
    for root in nodes:
        if root in index:
            continue
        work = [(root, iter(onward.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        held.add(root)
        while work:
            node, rest = work[-1]
            for far in rest:
                if far not in index:
                    index[far] = low[far] = len(index)
                    stack.append(far)
                    held.add(far)
                    work.append((far, iter(onward.get(far, ()))))
                    break
                if far in held:
                    low[node] = min(low[node], index[far])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_unwind(stack, held, node))
    return found


def _unwind(stack: list[N], held: set[N], root: N) -> list[N]:
    members: list[N] = []
    while True:
        node = stack.pop()
        held.discard(node)
        members.append(node)
        if node == root:
            return members


def routes(nodes: Collection[N], onward: Adjacency[N], start: N, goal: N) -> int:
    """Returns how many distinct ways lead from start to goal; a cycle counts as one place. Never lists them."""
    order = components(nodes, onward)
    place = {node: i for i, members in enumerate(order) for node in members}
    if start not in place or goal not in place:
        return 0
    ways = [0] * len(order)
    ways[place[goal]] = 1
    for i, members in enumerate(order):
        if i == place[goal]:
            continue
        ways[i] = sum(ways[place[far]] for node in members for far in onward.get(node, ()) if place[far] != i)
    return ways[place[start]]


def shortest(onward: Adjacency[N], starts: Iterable[N], goal: N, order: Callable[[N], str] = str) -> list[N]:
    """Returns a shortest way from any start to the goal, both included; empty if there is none. Ties go by `order`."""
    came: dict[N, N | None] = dict.fromkeys(sorted(starts, key=order))
    frontier = list(came)
    while frontier and goal not in came:
        following: list[N] = []
        for node in frontier:
            for far in sorted(onward.get(node, ()), key=order):
                if far not in came:
                    came[far] = node
                    following.append(far)
        frontier = following
    if goal not in came:
        return []
    way = [goal]
    while (before := came[way[-1]]) is not None:
        way.append(before)
    return way[::-1]


def adjacency(pairs: Iterable[tuple[N, N]]) -> dict[N, list[N]]:
    """Returns pairs of near and far as lists of far ends without repetition."""
    found: defaultdict[N, dict[N, None]] = defaultdict(dict)
    for near, far in pairs:
        found[near][far] = None
    return {near: list(far) for near, far in found.items()}


def strengths(starts: Iterable[N], onward: Mapping[N, Iterable[tuple[N, int]]]) -> dict[N, int]:
    """Returns for each node the least class by which it can be reached, a way being of the class of its worst step.

    With 0 for value, 1 for rows and 2 for table this says how a change arrives at best.
    """
    found: dict[N, int] = {}
    pending: list[list[N]] = [list(starts), [], []]
    for strength, stack in enumerate(pending):
        while stack:
            node = stack.pop()
            if found.get(node, strength + 1) <= strength:
                continue
            found[node] = strength
            for far, kind in onward.get(node, ()):
                if far not in found:
                    pending[max(strength, kind)].append(far)
    return found
