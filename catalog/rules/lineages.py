"""Lineage as a rule asks for it, by value or by table: which versions a thing reaches, and by which way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import TypeVar

from catalog.graph import VALUE
from catalog.links import Link
from catalog.model.names import Urn, dataset_of
from catalog.propagation import Net
from catalog.provenance.grounds import Grounds, bits
from catalog.provenance.hindsight import sum_of_bits
from catalog.starting import columns_known
from catalog.store.port import Key

C = TypeVar("C", Key, Urn)
Masks = Mapping[Key, int]
"""Things with sets of versions, as bits."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a cause reaches a model version: a shortest way from it, and the features and targets that it gets into.

    Attributes:
        steps: The same way as pairs of near and far, from the version on.
    """

    path: tuple[Urn, ...]
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    steps: tuple[tuple[Urn, Urn], ...] = ()


class Lineage:
    """What model versions stand on at one level.

    Attributes:
        level: `value`, where places are columns, or `table`, where they are data sets.
    """

    def __init__(self, grounds: Grounds, level: str) -> None:
        self.grounds, self.level = grounds, "table" if level == "table" else "value"
        self._flows: dict[frozenset[tuple[Key, int]], dict[Key, int]] = {}

    # --- the graph

    @cached_property
    def net(self) -> Net[Key]:
        return self.grounds.values.net if self.level == "value" else self._lifted

    @cached_property
    def _lifted(self) -> Net[Key]:
        """Both walks, data set by data set."""
        net: Net[Key] = Net(self.grounds.everything)
        for (near, far), held in self.pairs.items():
            net.add(near, far, held)
        return net

    @cached_property
    def pairs(self) -> dict[tuple[Key, Key], int]:
        """What stands on what at the level of data sets, with the versions for which it does."""
        grounds, found = self.grounds, dict[tuple[Key, Key], int]()
        for trail, reached in ((grounds.values, grounds.valued), (grounds.tables, grounds.tabled)):
            owners = {**self._views, **trail.owners} if trail is grounds.tables else {**trail.owners, **self._views}
            edges = [(s.near, s.far, s.held) for s in trail.strands]
            edges += [((tie.near,), (tie.far,), held) for tie, held in trail.ties]
            for nears, fars, held in edges:
                for near, far in zip(nears, fars, strict=True):
                    pair = (owners.get(near, near), owners.get(far, far))
                    mask = held & reached.get(near, 0)
                    if mask and pair[0] != pair[1]:
                        found[pair] = found.get(pair, 0) | mask
        return found

    @cached_property
    def _views(self) -> dict[Key, Key]:
        """The views of features, where they are known."""
        features = {k: u for k, u in self.grounds.names.items() if u.kind == "feature"}
        known = self.grounds.store.keys({Urn("featureview", urn.parts[:2]) for urn in features.values()})
        views = {key: known.get(Urn("featureview", urn.parts[:2])) for key, urn in features.items()}
        return {key: view for key, view in views.items() if view is not None}

    @cached_property
    def starts(self) -> dict[Key, int]:
        """Where lineage begins."""
        if self.level == "value":
            return self.grounds.starts
        found = dict(self.grounds.inputs)
        for key, mask in self.grounds.starts.items():
            place = self._place(key)
            found[place] = found.get(place, 0) | mask
        return found

    def _place(self, start: Key) -> Key:
        return start if self.level == "value" else self._views.get(start, self.grounds.values.owners.get(start, start))

    def held(self, question: int) -> dict[Key, set[tuple[str, str]]]:
        """Returns where a version's lineage begins, with role and name of the features that each place holds."""
        found: defaultdict[Key, set[tuple[str, str]]] = defaultdict(set)
        keys = self.grounds.start_keys
        for link in self.grounds.trainings[question].features:
            role = str(link.properties.get("role", "feature"))
            found[self._place(keys[link.end])].add((role, link.end.parts[-1]))
        for key, mask in self.grounds.inputs.items() if self.level == "table" else ():
            if mask >> question & 1:
                found[key] |= set()
        return dict(found)

    # --- places

    @cached_property
    def sets(self) -> dict[Key, int]:
        """The data sets that versions stand on."""
        if self.level == "value":
            return self.grounds.value_sets
        found = self.reached()
        every = (self.grounds.value_sets, self.grounds.tabled, found)
        return {key: sum_of_bits(masks.get(key, 0) for masks in every) for key in self.grounds.datasets}

    def places(self, dataset: Key) -> list[Key]:
        """Returns what counts of a data set: its columns on the walk, or itself at the level of tables."""
        return self.grounds.columns(dataset) if self.level == "value" else [dataset]

    def places_of(self, urns: Iterable[Urn]) -> set[Key]:
        """Returns the places that things are, or are in: a data set stands for all of its columns."""
        wanted = {urn: dataset_of(urn) if urn.kind == "column" else urn for urn in urns}
        keys = self.grounds.store.keys({*wanted, *wanted.values()})
        found: set[Key] = set()
        for urn, owner in wanted.items():
            inside = set(self.places(keys[owner])) if owner in keys and keys[owner] in self.sets else set[Key]()
            found |= inside if urn == owner else inside & {keys.get(urn), keys.get(owner)}
        return found

    @cached_property
    def terminals(self) -> dict[Key, int]:
        """Data sets upstream of which nothing is known, but for those that only the run itself named: they are gaps.

        By value those that are made from others are none either, even if the columns of these are not known.
        """
        grounds, level = self.grounds, self.level
        found = {key: mask & ~grounds.bare.get(key, 0) for key, mask in grounds.terminals.items()}
        if level == "value":
            unsure = self._unsure
            return {key: mask & grounds.value_sets.get(key, 0) & ~unsure.get(key, 0) for key, mask in found.items()}
        led = defaultdict[Key, int](int)
        for (near, _), held in self.pairs.items():
            led[near] |= held
        return {key: mask & ~led[key] for key, mask in found.items()}

    # --- reaching

    def reached(self, stops: Masks | None = None) -> dict[Key, int]:
        """Returns the versions that each thing reaches.

        Args:
            stops: Things that take nothing over from what they stand on.
        """
        name = frozenset((stops or {}).items())
        if name not in self._flows:
            self._flows[name] = self.net.flow(self.starts, stops)
        return self._flows[name]

    def causes(self, causes: Mapping[C, Masks], stops: Masks | None = None) -> dict[C, int]:
        """Returns the versions that causes get into, by the places of each that count, with the versions for which they do."""
        flow = self.reached(stops)
        found = {c: sum_of_bits(flow.get(p, 0) & mask for p, mask in places.items()) for c, places in causes.items()}
        return {cause: mask for cause, mask in found.items() if mask}

    def way(self, question: int, places: Collection[Key], stops: Masks | None = None) -> Reached:
        """Returns how a cause in some places gets into a version that it reaches."""
        flow, bit, cut = self.reached(stops), 1 << question, stops or {}
        places = {place for place in places if flow.get(place, 0) & bit}

        def is_open(key: Key) -> bool:
            return bool(flow.get(key, 0) & bit) and (key in places or not cut.get(key, 0) & bit)

        away = self.net.back.hops(dict.fromkeys(places, 0), question, is_open)
        held = {start: names for start, names in self.held(question).items() if start in away}
        names = sorted({name for some in held.values() for name in some})
        nearest = min(away[start] for start in held)
        way = [self._first(start for start in held if away[start] == nearest)]
        while away[way[-1]]:
            way.append(self._first(f for f in self.net.beyond(way[-1], question) if away.get(f) == away[way[-1]] - 1))
        urns = [self.name(key) for key in way]
        by_role = {r: tuple(name for role, name in names if (role == "target") == r) for r in (False, True)}
        version = self.grounds.trainings[question].version
        return Reached((*reversed(urns), version), by_role[False], by_role[True], tuple(pairwise(urns)))

    def _first(self, keys: Iterable[Key]) -> Key:
        names = self.grounds.named(set(keys))
        return min(names, key=lambda key: str(names[key]))

    def name(self, key: Key) -> Urn:
        return self.grounds.named([key])[key]

    # --- what may reach

    @cached_property
    def _led(self) -> dict[Key, int]:
        """The versions for which a data set is made from others, by table."""
        found: defaultdict[Key, int] = defaultdict(int)
        for strand in self.grounds.tables.strands:
            for near in strand.near:
                found[near] |= strand.held
        return dict(found)

    @cached_property
    def table_ends(self) -> dict[Key, int]:
        """The versions for which nothing is upstream of a data set by table."""
        grounds = self.grounds
        return {
            key: mask
            for key in grounds.datasets
            if (mask := grounds.tabled.get(key, 0) & ~self._led.get(key, 0) & grounds.terminals.get(key, 0))
        }

    @cached_property
    def _unsure(self) -> dict[Key, int]:
        """Data sets that values of versions come from, and that are made from others of which the columns are not known."""
        grounds = self.grounds
        open_ends = {key: grounds.terminals.get(key, 0) & mask for key, mask in grounds.value_sets.items()}
        led = self._led
        doubtful = {key: mask & led.get(key, 0) for key, mask in open_ends.items() if mask & led.get(key, 0)}
        found: defaultdict[Key, int] = defaultdict(int)
        for question in {min(bits(same)) for _, same in grounds.then.moments.groups()} if doubtful else ():
            for one in grounds.then.links(list(doubtful), ["DEPENDS_ON"], question):
                if not columns_known(one.link):
                    key = grounds.store.keys([one.link.start])[one.link.start]
                    found[key] |= doubtful[key] & grounds.then.moments.like(question)
        return found

    def perhaps(self, datasets: Collection[Key], shields: Masks) -> dict[Key, int]:
        """Returns the versions that values of data sets may reach, through data sets of which the columns are not known.

        Args:
            shields: Data sets behind which nothing is looked for.
        """
        starts = (
            {key: mask & ~shields.get(key, 0) for key, mask in self._unsure.items()} if self.level == "value" else {}
        )
        if not any(starts.values()):
            return {}
        flow = self.grounds.tables.net.flow(starts, shields)
        return {key: mask for key in datasets if (mask := flow.get(key, 0) & ~starts.get(key, 0))}

    # --- what was looked at

    @cached_property
    def digests(self) -> list[str]:
        """For each version the digest of the lineage that was looked at, data set by data set."""
        names = self.grounds.named({key for pair in self.pairs for key in pair})
        sums = [0] * len(self.grounds.trainings)
        alike: defaultdict[int, int] = defaultdict(int)
        for (near, far), held in self.pairs.items():
            text = f"{names[near]}\n{names[far]}".encode("utf-8", "replace")
            alike[held] += int.from_bytes(sha256(text).digest(), "big")
        for held, total in alike.items():
            for i in bits(held):
                sums[i] += total
        return [self._digest(i, total) for i, total in enumerate(sums)]

    def _digest(self, question: int, total: int) -> str:
        training = self.grounds.trainings[question]
        features = sorted((str(k.end), str(k.properties.get("role"))) for k in training.features)
        return sha256(f"{training.at}\n{features}\n{total:x}".encode("utf-8", "replace")).hexdigest()

    # --- evidence

    def evidence(self, question: int, pairs: Collection[tuple[Urn, Urn]]) -> dict[tuple[Urn, Urn], list[Link]]:
        """Returns the edges between neighbours on the way to a version, with the claims that say so."""
        then, store = self.grounds.then, self.grounds.store
        types = VALUE | {"DEPENDS_ON"}
        found: defaultdict[tuple[Urn, Urn], list[Link]] = defaultdict(list)
        for one in then.links(list(store.keys({near for near, _ in pairs}).values()), types, question):
            found[one.link.start, one.link.end].append(one.link)
        by_jobs = {pair for pair in pairs if pair not in found and pair[0].kind == "dataset"}
        made = then.links(list(store.keys({near for near, _ in by_jobs}).values()), ["PRODUCED_BY"], question)
        read = then.links(list(store.keys({one.link.end for one in made}).values()), ["READS"], question)
        for out in made:
            for into in read:
                if (pair := (out.link.start, into.link.end)) in by_jobs and out.link.end == into.link.start:
                    found[pair] += [out.link, into.link]
        return {pair: found[pair] for pair in pairs}
