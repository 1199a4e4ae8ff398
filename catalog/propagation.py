"""Facts that flow as sets: what a thing's sources say, joined at every step, until nothing changes.

Things that stand on each other in a circle say the same, so circles are collapsed and each edge is looked at once: the cost
is linear in the edges. Sets are bits of whole numbers; the join is any that is associative, commutative and idempotent:
union for what reaches a thing, intersection for what is still allowed, maximum for how sensitive it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from catalog.graph import components

N = TypeVar("N")
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
