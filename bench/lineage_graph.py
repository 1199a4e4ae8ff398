"""A synthetic warehouse, the same for the same seed, in the shape that decides whether a lineage engine survives.

Twelve layers from raw to reports; a table reads one to four tables of lower layers, mostly of its own domain. A derived column
has one to four direct sources, so diamonds are everywhere and the number of paths grows exponentially. The key of a few hub
tables (date, currency, customer) feeds a large part of the graph. Join and filter keys add edges that carry rows, not values.
About three column edges for each column: 200,000 and 600,000, a million and three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]

LAYERS: Final = 12
_LAYER_SHARE: Final = np.array([18, 16, 13, 11, 9, 8, 6, 5, 5, 4, 3, 2], float)
_HUBS: Final = ("dim_date", "dim_currency", "dim_customer", "dim_product", "dim_country", "dim_org")
_HUB_SHARE: Final = np.array([0.45, 0.15, 0.2, 0.1, 0.06, 0.04])
_PREFIXES: Final = ("raw", "stg", "int", "int", "dwh", "dwh", "fct", "fct", "mart", "mart", "rpt", "rpt")
_WORDS: Final = (
    "customer order payment invoice product price amount currency country region channel "
    "campaign click session user account balance ledger contract policy claim shipment stock "
    "supplier warehouse store employee department salary budget forecast cost margin revenue "
    "tax discount refund status type category segment score risk email phone address city "
    "zip birth gender created updated deleted valid start end date time hour week month "
    "quarter year key id code name label flag count total average ratio rank level version"
).split()


@dataclass(frozen=True)
class Graph:
    """Arrays by number of column or table; names are made when asked for.

    Attributes:
        table: Table of each column.
        words: Two words for the name of each column.
        first: First column of each table, and the number of columns at the end.
        source, derived, rows_only: Column edges; `rows_only` is 1 where the source decides rows, not values.
        table_source, table_derived: Table edges.
    """

    table: Ints
    words: Ints
    first: Ints
    layer: Ints
    domain: Ints
    hub: Ints
    source: Ints
    derived: Ints
    rows_only: Ints
    table_source: Ints
    table_derived: Ints

    @property
    def columns(self) -> int:
        return len(self.table)

    @property
    def tables(self) -> int:
        return len(self.layer)

    def table_name(self, table: int) -> str:
        domain, layer, hub = int(self.domain[table]), int(self.layer[table]), int(self.hub[table])
        if hub >= 0:
            return f"snow.shared.{_HUBS[hub]}"
        return f"snow.dom{domain:03d}.{_PREFIXES[layer]}_{_WORDS[(table * 7 + domain) % len(_WORDS)]}_{table:06d}"

    def column_name(self, column: int) -> str:
        one, two = self.words[column]
        return f"{_WORDS[one]}_{_WORDS[two]}_{column - self.first[self.table[column]]}"


class _Builder:
    """Draws one graph; the order of the draws is part of what the seed means."""

    def __init__(self, columns: int, seed: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        width = np.clip(rng.lognormal(2.85, 0.55, size=columns // 8).astype(int), 4, 120)
        tables = int(np.searchsorted(np.cumsum(width), columns)) + 1
        self.width = width[:tables]
        self.width[-1] = max(1, columns - int(self.width[:-1].sum()))
        self.first = np.concatenate([[0], np.cumsum(self.width)])
        domains = max(3, tables // 200)
        share = 1 / np.arange(1, domains + 1) ** 0.6
        self.domain = rng.choice(domains, size=tables, p=share / share.sum())
        self.layer = np.sort(rng.choice(LAYERS, size=tables, p=_LAYER_SHARE / _LAYER_SHARE.sum()))
        self.hubs = np.flatnonzero(self.layer == 0)[: len(_HUBS)]
        self.hub = np.full(tables, -1)
        self.hub[self.hubs] = np.arange(len(self.hubs))
        self._pools(domains)
        self.parts: list[tuple[Ints, Ints, int]] = []
        self.table_edges: list[tuple[int, int]] = []

    def _pools(self, domains: int) -> None:
        self.by_layer = [np.flatnonzero(self.layer == layer) for layer in range(LAYERS)]
        self.by_domain = {
            (layer, domain): pool[self.domain[pool] == domain]
            for layer, pool in enumerate(self.by_layer)
            for domain in range(domains)
        }

    def sources_of(self, table: int) -> tuple[list[int], int]:
        """Draws the tables that a table reads, and its hub (-1: none)."""
        rng, layer = self.rng, int(self.layer[table])
        found: list[int] = []
        for _ in range(int(rng.choice([1, 2, 3, 4], p=[0.35, 0.3, 0.2, 0.15]))):
            upper = max(0, layer - int(rng.geometric(0.85)))
            near = rng.random() < 0.85
            pool = self.by_domain[upper, int(self.domain[table])] if near else self.by_layer[upper]
            pool = pool if len(pool) else self.by_layer[upper]
            found.append(int(pool[rng.integers(len(pool))]))
        share = _HUB_SHARE[: len(self.hubs)]
        hub = int(rng.choice(self.hubs, p=share / share.sum())) if rng.random() < 0.35 else -1
        return list(dict.fromkeys(found)), hub

    def add_table(self, table: int) -> None:
        rng, first, width = self.rng, self.first, int(self.width[table])
        above, hub = self.sources_of(table)
        candidates = np.concatenate([np.arange(first[u], first[u + 1]) for u in above])
        columns = np.arange(first[table], first[table + 1])
        count = rng.choice([1, 2, 3, 4], size=width, p=[0.30, 0.25, 0.22, 0.23])
        chosen = candidates[rng.integers(len(candidates), size=int(count.sum()))]
        self.parts.append((chosen, np.repeat(columns, count), 0))
        if hub >= 0 and hub not in above:
            some = max(1, width // 6)
            self.parts.append((np.full(some, first[hub]), rng.choice(columns, some, replace=False), 0))
            above.append(hub)
        joined = columns[rng.random(width) < 0.62]
        key = first[hub] if hub >= 0 and rng.random() < 0.3 else first[above[0]]
        self.parts.append((np.full(len(joined), key), joined, 1))
        filtered = columns[rng.random(width) < 0.62]
        second = first[above[-1]] + min(1, int(self.width[above[-1]]) - 1)
        self.parts.append((np.full(len(filtered), second), filtered, 1))
        self.table_edges += [(source, table) for source in above]

    def column_edges(self) -> tuple[Ints, Ints, Ints]:
        """Returns the edges, one for each pair of columns; those that carry values win."""
        source = np.concatenate([s for s, _, _ in self.parts])
        derived = np.concatenate([d for _, d, _ in self.parts])
        kind = np.concatenate([np.full(len(s), k, np.int8) for s, _, k in self.parts])
        order = np.lexsort((kind, derived, source))
        source, derived, kind = source[order], derived[order], kind[order]
        keep = np.ones(len(source), bool)
        keep[1:] = (source[1:] != source[:-1]) | (derived[1:] != derived[:-1])
        return source[keep], derived[keep], kind[keep]


def generate(columns: int, seed: int = 7) -> Graph:
    """Returns a graph of so many columns."""
    build = _Builder(columns, seed)
    for derived_table in np.flatnonzero(build.layer > 0):
        build.add_table(int(derived_table))
    source, derived, kind = build.column_edges()
    words = build.rng.integers(len(_WORDS), size=(int(build.first[-1]), 2))
    tables = np.array(build.table_edges)
    table: Ints = np.repeat(np.arange(len(build.width)), build.width)
    return Graph(
        table, words, build.first, build.layer, build.domain, build.hub, source, derived, kind, tables[:, 0], tables[:, 1]
    )  # fmt: skip


def adjacency(size: int, near: Ints, far: Ints) -> tuple[Ints, Ints]:
    """Returns the far ends of each node, end to end, with the place where each node's begin."""
    order = np.argsort(near, kind="stable")
    begins = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(near, minlength=size), out=begins[1:])
    return begins, far[order]


def reach(begins: Ints, far: Ints, start: int) -> int:
    """Returns how many nodes can be reached: a plain breadth-first search in plain Python, to measure others by."""
    seen = {start}
    frontier = [start]
    while frontier:
        level: list[int] = []
        for node in frontier:
            for other in far[begins[node] : begins[node + 1]].tolist():
                if other not in seen:
                    seen.add(other)
                    level.append(other)
        frontier = level
    return len(seen) - 1
