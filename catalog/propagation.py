"""Facts that flow as sets along edges until nothing changes: many questions in one pass.

A question is a bit of a whole number: a model version, or a label of data such as the regions in which it may be. Each edge
holds for some questions, and hands on those that came to its near end. Things are gone through in an order in which each
comes after what stands on it, and things in a circle together, so that each edge is looked at once: the cost is linear in the
edges. From the labels that reach a thing follows what is still allowed (the intersection) or the least or greatest of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from catalog.graph import components

N = TypeVar("N", bound=Hashable)
T = TypeVar("T")
L = TypeVar("L", bound=Hashable)


def settle(
    nodes: Iterable[N],
    onward: Mapping[N, Collection[N]],
    said: Mapping[N, T],
    join: Callable[[T, T], T],
    nothing: T,
    stops: Container[N] = frozenset(),
) -> dict[N, T]:
    """Returns for each node the join of what is said of it and of all that it stands on.

    Args:
        onward: What each node stands on.
        nothing: The neutral element of the join.
        stops: Nodes that take nothing over from what they stand on; what is said of them goes on.
    """
    found: dict[N, T] = {}
    open_ways = {near: far for near, far in onward.items() if near not in stops}
    for members in components(nodes, open_ways):
        total = nothing
        for node in members:
            total = join(total, said.get(node, nothing))
            for far in open_ways.get(node, ()):
                total = join(total, found.get(far, nothing))
        found.update(dict.fromkeys(members, total))
    return found


class Bits(Generic[L]):
    """Labels as bits, so that a set of them is a whole number."""

    def __init__(self, labels: Iterable[L] = ()) -> None:
        self._bits: dict[L, int] = {}
        for label in labels:
            self.of(label)

    def of(self, label: L) -> int:
        return self._bits.setdefault(label, 1 << len(self._bits))

    def set_of(self, labels: Iterable[L]) -> int:
        found = 0
        for label in labels:
            found |= self.of(label)
        return found

    def labels(self, bits: int) -> Iterator[L]:
        """Yields the labels of a set in the order in which they were first named."""
        return (label for label, bit in self._bits.items() if bits & bit)

    @property
    def everything(self) -> int:
        return (1 << len(self._bits)) - 1


def union(one: int, other: int) -> int:
    return one | other


def intersection(one: int, other: int) -> int:
    return one & other


class Net(Generic[N]):
    """Things and what they stand on, each edge with the questions for which it holds, as bits."""

    def __init__(self, everything: int) -> None:
        self.everything = everything
        self._always: defaultdict[N, list[N]] = defaultdict(list)
        self._sometimes: defaultdict[N, list[tuple[N, int]]] = defaultdict(list)

    def add(self, near: N, far: N, held: int) -> None:
        self.add_all((near,), (far,), held)

    def add_all(self, near: Sequence[N], far: Sequence[N], held: int) -> None:
        if held == self.everything:
            always = self._always
            for one, other in zip(near, far, strict=True):
                always[one].append(other)
        else:
            for one, other in zip(near, far, strict=True):
                self._sometimes[one].append((other, held))

    def beyond(self, node: N, question: int | None = None) -> Iterator[N]:
        """Yields what a thing stands on: for one question, or for any."""
        yield from self._always.get(node, ())
        for far, held in self._sometimes.get(node, ()):
            if question is None or held >> question & 1:
                yield far

    @cached_property
    def back(self) -> Net[N]:
        """The same with every edge turned around."""
        turned: Net[N] = Net(self.everything)
        for near, fars in self._always.items():
            for far in fars:
                turned._always[far].append(near)
        for near, pairs in self._sometimes.items():
            for far, held in pairs:
                turned._sometimes[far].append((near, held))
        return turned

    @cached_property
    def _order(self) -> list[list[N]]:
        """All things, each after all that stands on it; those that stand on each other together."""
        count: defaultdict[N, int] = defaultdict(int)
        for fars in self._always.values():
            for far in fars:
                count[far] += 1
        for pairs in self._sometimes.values():
            for far, _ in pairs:
                count[far] += 1
        nodes = dict.fromkeys([*self._always, *self._sometimes])
        ready = [node for node in nodes if node not in count]
        found: list[list[N]] = []
        while ready:
            node = ready.pop()
            found.append([node])
            fars = self._always.get(node, [])
            for far in [*fars, *(far for far, _ in self._sometimes[node])] if node in self._sometimes else fars:
                count[far] -= 1
                if not count[far]:
                    del count[far]
                    ready.append(far)
        if count:  # what is left stands on itself, or is behind what does
            found += reversed(components(count, {node: list(self.beyond(node)) for node in count}))
        return found

    def flow(self, starts: Mapping[N, int], stops: Mapping[N, int] | None = None) -> dict[N, int]:
        """Returns for each thing the questions that reach it.

        Args:
            starts: Where questions set out.
            stops: Things that questions reach and do not leave.
        """
        found, cut = dict(starts), stops or {}
        for members in self._order:
            if len(members) == 1:
                self._pass(members[0], found, cut)
                continue
            inside, pending = set(members), deque(members)
            while pending:
                node = pending.popleft()
                pending.extend(far for far in self._pass(node, found, cut) if far in inside)
        return found

    def _pass(self, node: N, found: dict[N, int], stops: Mapping[N, int]) -> list[N]:
        """Hands on what reaches a thing; returns those which came to know more by it."""
        mask = found.get(node)
        if not mask or (stops and not (mask := mask & ~stops.get(node, 0))):
            return []
        grown: list[N] = []
        for far in self._always.get(node, ()):
            known = found.get(far)
            if known != mask and (known is None or mask & ~known):
                found[far] = mask if known is None else known | mask
                grown.append(far)
        if node in self._sometimes:
            for far, held in self._sometimes[node]:
                known = found.get(far, 0)
                if mask & held & ~known:
                    found[far] = known | mask & held
                    grown.append(far)
        return grown

    def hops(
        self, starts: Mapping[N, int], question: int | None = None, within: Callable[[N], bool] | None = None
    ) -> dict[N, int]:
        """Returns the least number of hops to each thing, for one question or for any.

        Args:
            starts: Things with the hops that they are away already.
            within: Only by these things.
        """
        found: dict[N, int] = {}
        waiting: defaultdict[int, list[N]] = defaultdict(list)
        for node, hops in starts.items():
            waiting[hops].append(node)
        while waiting:
            hops = min(waiting)
            for node in waiting.pop(hops):
                if node not in found and (within is None or within(node)):
                    found[node] = hops
                    waiting[hops + 1].extend(far for far in self.beyond(node, question) if far not in found)
            if not waiting.get(hops + 1, True):
                del waiting[hops + 1]
        return found
