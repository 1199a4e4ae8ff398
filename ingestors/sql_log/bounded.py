"""A mapping of bounded weight: what was used least recently makes room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Keeps values up to a total weight; at least the newest."""

    def __init__(self, weight: int) -> None:
        self._limit = weight
        self._total = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Returns a value, which is now the one used last."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def take(self, key: K) -> V | None:
        """Returns and forgets a value."""
        found = self._kept.pop(key, None)
        if found is None:
            return None
        self._total -= found[1]
        return found[0]

    def put(self, key: K, value: V, weight: int) -> list[V]:
        """Keeps a value; returns those that had to go for it."""
        self.take(key)
        self._kept[key] = value, weight
        self._total += weight
        gone: list[V] = []
        while self._total > self._limit and len(self._kept) > 1:
            _, (oldest, lighter) = self._kept.popitem(last=False)
            self._total -= lighter
            gone.append(oldest)
        return gone

    def clear(self) -> list[V]:
        """Forgets all values and returns them, the least recently used first."""
        values = [value for value, _ in self._kept.values()]
        self._kept.clear()
        self._total = 0
        return values
