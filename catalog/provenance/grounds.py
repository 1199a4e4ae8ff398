"""What model versions stand on as of their trainings: one walk by value and one by table for all of them.

Each version is a question with a bit of its own; what is said of a thing is said of a set of versions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from catalog.graph import VALUE
from catalog.identity import owners_of
from catalog.model.marks import Standing, standing
from catalog.model.names import Urn, dataset_of
from catalog.provenance.hindsight import Strand, Then, Trail, walk
from catalog.provenance.training import trainings_of
from catalog.starting import start_keys
from catalog.store.port import Key, Store

_TABLE: Final = frozenset({"DEPENDS_ON"})


@dataclass(slots=True)
class Source:
    """A data set upstream of one version."""

    flow: str
    hops: int
    terminal: bool = False


class Grounds:
    """The lineage of model versions.

    Attributes:
        starts: The features and targets that they use, each with the versions.
    """

    def __init__(self, store: Store, versions: Collection[Urn]) -> None:
        self.store = store
        self.trainings = trainings_of(store, versions)
        self.then = Then(store, [training.at for training in self.trainings])
        self.everything = self.then.moments.everything
        used = {link.end for training in self.trainings for link in training.features}
        keys = store.keys(used)
        self.starts: dict[Key, int] = defaultdict(int)
        for i, training in enumerate(self.trainings):
            for link in training.features:
                self.starts[keys[link.end]] |= 1 << i
        self.start_keys, self.start_urns = keys, {key: urn for urn, key in keys.items()}
        self.values = walk(self.then, self.starts, VALUE)

    # --- by value

    @cached_property
    def valued(self) -> dict[Key, int]:
        """The versions that stand on each thing by value."""
        return self.values.net.flow(self.starts)

    @cached_property
    def value_sets(self) -> dict[Key, int]:
        """The versions that values of each data set reach."""
        found: dict[Key, int] = {}
        owners = self.values.owners
        for key, mask in self.valued.items():
            owner = owners[key]
            found[owner] = found.get(owner, 0) | mask
        return {key: mask for key, mask in found.items() if key in self.datasets}

    @cached_property
    def datasets(self) -> dict[Key, Urn]:
        """The data sets on the walks."""
        return {key: urn for key, urn in self.names.items() if urn.kind == "dataset"}

    @cached_property
    def names(self) -> dict[Key, Urn]:
        """The names of all that is walked, columns by their data sets."""
        return self.named({*self.values.owners.values(), *self.tables.owners})

    def named(self, keys: Iterable[Key]) -> dict[Key, Urn]:
        """Returns the names of things, each asked for once."""
        known = self._known_names
        asked = list(keys)
        known.update(self.store.urns([key for key in asked if key not in known]))
        return {key: known[key] for key in asked}

    @cached_property
    def _known_names(self) -> dict[Key, Urn]:
        return dict(self.start_urns)

    def columns(self, dataset: Key) -> list[Key]:
        """Returns the columns of a data set that are on the walk by value, and itself if it is."""
        return self._members.get(dataset, [])

    @cached_property
    def _members(self) -> dict[Key, list[Key]]:
        found: defaultdict[Key, list[Key]] = defaultdict(list)
        for key, owner in self.values.owners.items():
            found[owner].append(key)
        return dict(found)

    # --- by table

    @cached_property
    def inputs(self) -> dict[Key, int]:
        """The data sets that the runs read, by whichever name."""
        return self._keyed({i: {dataset_of(u) for u in t.inputs} for i, t in enumerate(self.trainings)})

    def _keyed(self, urns: Mapping[int, Iterable[Urn]]) -> dict[Key, int]:
        keys = self.store.keys({urn for some in urns.values() for urn in some})
        found: dict[Key, int] = {}
        for i, some in urns.items():
            for urn in some:
                if urn in keys:
                    found[keys[urn]] = found.get(keys[urn], 0) | 1 << i
        return found

    @cached_property
    def table_starts(self) -> dict[Key, int]:
        """Where the walk by table begins: what the runs read, and what values come from."""
        owners = self.values.owners
        found = dict(self.inputs)
        for key, mask in self.valued.items():
            if owners[key] != key:
                found[owners[key]] = found.get(owners[key], 0) | mask
        return found

    @cached_property
    def tables(self) -> Trail:
        """The walk data set by data set; a job tells what was read only where no statement does."""
        owners = self.values.owners
        starts = {owner for key, owner in owners.items() if owner != key} | self.inputs.keys()
        trail = walk(self.then, starts, _TABLE)
        asked: dict[Key, int] = {}
        while True:
            reached = trail.net.flow(self.table_starts)
            told: defaultdict[Key, int] = defaultdict(int, asked)
            for strand in trail.strands:
                for near in strand.near:
                    told[near] |= strand.held
            silent = {key: mask & ~told[key] for key, mask in reached.items() if mask & ~told[key]}
            for key, mask in silent.items():
                asked[key] = asked.get(key, 0) | mask
            read = list(self._by_jobs(silent))
            trail.add(read)
            fresh = {far for strand in read for far in strand.far} - trail.owners.keys()
            if not fresh:
                return trail
            trail.extend(walk(self.then, fresh, _TABLE))

    def _by_jobs(self, silent: Mapping[Key, int]) -> Iterator[Strand]:
        """Yields what jobs read that wrote data sets of which no statement says what they are made from."""
        kinds = self.named(silent)
        made = self.then.strands([key for key in silent if kinds[key].kind == "dataset"], ["PRODUCED_BY"])
        read = self.then.strands({far for strand in made for far in strand.far}, ["READS"])
        inputs: defaultdict[Key, list[tuple[Key, Strand]]] = defaultdict(list)
        for into in read:
            for job, source in zip(into.near, into.far, strict=True):
                inputs[job].append((source, into))
        for out in made:
            for dataset, job in zip(out.near, out.far, strict=True):
                for source, into in inputs[job]:
                    if held := silent[dataset] & out.held & into.held:
                        yield _joined(dataset, out, into, source, held)

    @cached_property
    def tabled(self) -> dict[Key, int]:
        """The versions that stand on each data set, by table."""
        return self.tables.net.flow(self.table_starts)

    # --- sources

    @cached_property
    def terminals(self) -> dict[Key, int]:
        """The versions for which nothing is upstream of a data set by its flow; equal content is if it lies further back."""
        by_value = self._valued_from()
        by_table: defaultdict[Key, int] = defaultdict(int)
        for strand in self.tables.strands:
            for near in strand.near:
                by_table[near] |= strand.held
        further, cut, copies = self._further(), self._cut(), self._copies(by_value, by_table)
        found: dict[Key, int] = {}
        for key in self.datasets:
            valued = self.value_sets.get(key, 0)
            tabled = self.tabled.get(key, 0) & ~valued
            open_ends = (valued & ~by_value.get(key, 0)) | (tabled & ~by_table[key])
            found[key] = open_ends & ~further.get(key, 0) & ~cut.get(key, 0) & ~copies.get(key, 0)
        return {key: mask for key, mask in found.items() if mask}

    def _valued_from(self) -> dict[Key, int]:
        """Returns the versions for which any column of a data set derives from another data set."""
        owners, found = self.values.owners, defaultdict[Key, int](int)
        self._lead(self.values.strands, owners, found)
        doubtful = [self.datasets[k] for k, mask in self.value_sets.items() if mask & ~found[k]]
        parts = start_keys(self.store, doubtful, table_only=False)
        others = self.then.strands(parts.keys() - owners.keys(), VALUE)
        ends = {key for strand in others for keys in (strand.near, strand.far) for key in keys} - owners.keys()
        self._lead(others, {**owners, **(owners_of(self.store, ends) if ends else {})}, found)
        return found

    def _lead(self, strands: Iterable[Strand], owners: Mapping[Key, Key], found: defaultdict[Key, int]) -> None:
        for strand in strands:
            held = strand.held
            for near, far in zip(strand.near, strand.far, strict=True):
                owner = owners[near]
                if held & ~found[owner] and owner != owners[far]:
                    found[owner] |= held

    def _further(self) -> dict[Key, int]:
        """Returns the versions for which something of equal content lies further back than a data set."""
        found: defaultdict[Key, int] = defaultdict(int)
        for trail, reached in ((self.values, self.valued), (self.tables, self.tabled)):
            for tie, held in trail.ties:
                near, far = trail.owners[tie.near], trail.owners.get(tie.far, tie.far)
                mask = held & reached.get(tie.near, 0) & self._any_flow(near) & self._any_flow(far)
                for i in bits(mask & ~found[near]):
                    hops = self.hops(i)
                    if near in hops and hops[near] < hops.get(far, 0):
                        found[near] |= 1 << i
        return found

    def _copies(self, by_value: Mapping[Key, int], by_table: Mapping[Key, int]) -> dict[Key, int]:
        """Returns the versions for which a data set is, over any number of ties, one of which it is known what it is made from."""
        found: defaultdict[Key, int] = defaultdict(int)
        for trail, told in ((self.values, by_value), (self.tables, by_table)):
            ends = [(trail.owners[tie.near], trail.owners.get(tie.far, tie.far), held) for tie, held in trail.ties]
            pairs = [*ends, *((far, near, held) for near, far, held in ends)]
            waiting = True
            while waiting:
                waiting = False
                for near, far, held in pairs:
                    led = held & (told.get(near, 0) | found[near])
                    waiting |= bool(led & ~found[far])
                    found[far] |= led
        return found

    def _any_flow(self, key: Key) -> int:
        return self.value_sets.get(key, 0) | (self.tabled.get(key, 0) if key in self.datasets else 0)

    def _cut(self) -> dict[Key, int]:
        """Returns the versions for which values are known to come from further back, though not column by column: a split."""
        same = self._keyed({i: {dataset_of(u) for u in t.same} for i, t in enumerate(self.trainings)})
        found: defaultdict[Key, int] = defaultdict(int)
        for strand in self.tables.strands:
            for near, far in zip(strand.near, strand.far, strict=True):
                read = self.inputs.get(near, 0) | same.get(near, 0)
                if read:
                    found[near] |= read & strand.held & self.value_sets.get(far, 0)
        return found

    def hops(self, question: int) -> dict[Key, int]:
        """Returns how far each data set is from a version: by value where values of it get there, else by table."""
        if question not in self._hops:
            self._hops[question] = self._measure(question)
        return self._hops[question]

    @cached_property
    def _hops(self) -> dict[int, dict[Key, int]]:
        return {}

    def _measure(self, question: int) -> dict[Key, int]:
        values, bit = self.value_hops(question), 1 << question
        found: dict[Key, int] = {}
        for key, hops in values.items():
            owner = self.values.owners[key]
            found[owner] = min(hops, found.get(owner, hops))
        starts = {owner: hops for owner, hops in found.items() if owner in self.datasets}
        starts |= {key: 1 for key, mask in self.inputs.items() if mask & bit}
        tables = self.tables.net.hops(starts, question)
        return {key: tables[key] for key in tables if key in self.datasets} | {
            key: hops for key, hops in found.items() if key in self.datasets
        }

    def value_hops(self, question: int) -> dict[Key, int]:
        """Returns how far each thing is from a version by value."""
        bit = 1 << question
        return self.values.net.hops({key: 1 for key, mask in self.starts.items() if mask & bit}, question)

    def sources(self, question: int) -> dict[Urn, Source]:
        """Returns the data sets upstream of one version."""
        bit, found = 1 << question, dict[Urn, Source]()
        for key, hops in self.hops(question).items():
            flow = "value" if self.value_sets.get(key, 0) & bit else "table"
            found[self.datasets[key]] = Source(flow, hops, bool(self.terminals.get(key, 0) & bit))
        return found

    @cached_property
    def bare(self) -> dict[Key, int]:
        """Names that only a run gave to its data, of which nothing else is known, with its versions."""
        states = self.store.get([self.datasets[key] for key in self.inputs if key in self.datasets])
        empty = {u for u, s in states.items() if not s.properties.get("columns") and not s.properties.get("type")}
        return {key: mask for key, mask in self.inputs.items() if self.datasets.get(key) in empty}


def _joined(dataset: Key, out: Strand, into: Strand, source: Key, held: int) -> Strand:
    """Returns that a data set is made from another, by what one job writes and reads."""
    first = out.first if out.late & held else into.first
    scope = min(out.scope, into.scope, key=lambda s: standing(s) is not Standing.INFERRED)
    late = (out.late | into.late) & held
    return Strand("DEPENDS_ON", None, out.exactness, False, scope, held, late, first, (dataset,), (source,))


def bits(mask: int) -> Iterator[int]:
    """Yields the places of the bits of a whole number."""
    while mask:
        least = mask & -mask
        yield least.bit_length() - 1
        mask ^= least
