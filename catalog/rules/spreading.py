"""What values of some data get into, now: downstream, with a label of the data that flows along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Generic, TypeVar

from catalog.graph import VALUE
from catalog.links import Link, link_all
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.provenance.grounds import bits
from catalog.provenance.hindsight import Then, Trail, sum_of_bits, walk
from catalog.rules.judging import Estate
from catalog.starting import columns_known, lift, start_keys
from catalog.store.port import Key

L = TypeVar("L")
_TABLE = frozenset({"DEPENDS_ON"})


class Spread(Generic[L]):
    """Everything that values of labelled data get into. Each label is a question of the walk, with a bit of its own.

    Data sets that the rule exempts take nothing on and hold nothing.
    """

    def __init__(self, estate: Estate, rule: Rule, labelled: Mapping[Urn, L]) -> None:
        self.estate, self.rule, self.labelled = estate, rule, labelled
        self.labels = sorted(set(labelled.values()), key=str)
        then = Then(estate.store, [None] * len(self.labels))
        self.through, self.exempt = estate.exempt(rule)
        self.sources: defaultdict[Key, int] = defaultdict(int)
        for urn, label in labelled.items():
            for key in start_keys(estate.store, [urn], table_only=rule.lineage == "table"):
                self.sources[key] |= 1 << self.labels.index(label)
        types = VALUE | _TABLE if rule.lineage == "table" else VALUE
        self.trail: Trail = walk(then, self.sources, types, "downstream")
        self.names = dict(estate.store.urns(self.trail.owners.keys() | set(self.trail.owners.values())))
        stops = [key for key in self.trail.owners if self._is_exempt(key)]
        self.stops = dict.fromkeys(stops, then.moments.everything)
        self.flow = self.trail.net.flow(self.sources, self.stops)

    def _is_exempt(self, key: Key) -> bool:
        return not self.through.isdisjoint({self.names[key], lift(self.names[key])})

    @cached_property
    def held(self) -> dict[Urn, dict[Key, int]]:
        """The data sets that hold values of the data, with the places in them."""
        found: defaultdict[Urn, dict[Key, int]] = defaultdict(dict)
        for key, mask in self.flow.items():
            urn = lift(self.names[key])
            if urn.kind == "dataset" and mask:
                found[urn][key] = mask
        return dict(found)

    def mask(self, dataset: Urn) -> int:
        """Returns the labels of a data set as bits: of places that are exempt nothing."""
        return sum_of_bits(mask for key, mask in self.held[dataset].items() if key not in self.stops)

    def places(self, question: int, datasets: Iterable[Urn]) -> list[Key]:
        """Returns the places in data sets that a label gets into."""
        return [k for u in datasets for k, mask in self.held[u].items() if mask >> question & 1 and k not in self.stops]

    def reason(self, dataset: Urn) -> str:
        """Returns why a data set is exempt."""
        inside = (dataset, *(self.names[key] for key in self.held.get(dataset, ())))
        return next((self.exempt[urn] for urn in inside if urn in self.exempt), "exempt")

    def way(self, question: int, places: Iterable[Key]) -> tuple[Urn, ...]:
        """Returns a shortest way by which values get into places, labelled data first."""
        bit = 1 << question
        away = self.trail.net.back.hops(
            dict.fromkeys(places, 0), question, lambda k: bool(self.flow.get(k, 0) & bit) and k not in self.stops
        )
        starts = [key for key, mask in self.sources.items() if mask & bit and key in away]
        least = min(away[key] for key in starts)
        way = [self._first(key for key in starts if away[key] == least)]
        while away[way[-1]]:
            nearer = away[way[-1]] - 1
            way.append(self._first(key for key in self.trail.net.beyond(way[-1], question) if away.get(key) == nearer))
        return tuple(self.names[key] for key in way)

    def _first(self, keys: Iterable[Key]) -> Key:
        return min(set(keys), key=lambda key: str(self.names[key]))

    def links(self, path: Collection[Urn]) -> tuple[Link, ...]:
        """Returns the edges of a way, with the claims that say so."""
        store, pairs = self.estate.store, {(far, near) for near, far in pairwise(path)}
        found = link_all(store, store.keys(path).values(), VALUE | _TABLE, within=set(path)) if pairs else []
        return tuple(link for link in found if (link.start, link.end) in pairs)

    @cached_property
    def doubtful(self) -> dict[Urn, int]:
        """Data sets that read such data without our knowing which columns, with the labels that they may hold."""
        if self.rule.lineage == "table":
            return {}
        store, found = self.estate.store, defaultdict[Urn, int](int)
        sources = [urn for urn in self.held if self.mask(urn)]
        for link in link_all(store, store.keys(sources).values(), _TABLE, "downstream"):
            if link.start.kind == "dataset" and link.start not in self.held and not columns_known(link):
                found[link.start] |= self.mask(link.end)
        return {urn: mask for urn, mask in found.items() if urn not in self.through}

    def label(self, mask: int) -> list[L]:
        return [self.labels[i] for i in bits(mask)]
