"""Permitted regions: what values of data get into resides, is processed and is deployed only where the data may be.

`permitted` of the policies says in which regions data may be, or a rule does with `datasets` and `regions`. What is permitted
flows along lineage as it is now and intersects: a table made from two may only be where both may be. Judged are the data
sets that hold such values, by `residency` and `locations`; the jobs that read or write them, by `processing` and the regions that their runs
report; and the model versions that stand on them, as of their training.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from itertools import pairwise

from catalog.answers import listed
from catalog.graph import VALUE
from catalog.grounds import bits
from catalog.hindsight import Then, Trail, sum_of_bits, walk
from catalog.links import Link, link_all
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.rules.judging import Estate, Judgement
from catalog.rules.residency import Forbidden, gravest
from catalog.starting import columns_known, lift, start_keys
from catalog.store.port import Key

_TABLE = frozenset({"DEPENDS_ON"})


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about data sets, jobs and model versions with values of data under it."""
    permits = _permits(estate, rule)
    if not permits:
        estate.warn(f"{rule.place}: no data is known that the rule is about")
        return
    spread = _Spread(estate, rule, permits)
    yield from _data(spread)
    yield from _jobs(spread)
    yield from _versions(spread)


def _permits(estate: Estate, rule: Rule) -> dict[Urn, frozenset[str]]:
    """Returns where data may be; what two entries say of one thing intersects."""
    said = [(ref, frozenset(regions)) for ref, regions in estate.policies.permitted.items()]
    said += [(ref, frozenset(rule.listed("regions"))) for ref in rule.listed("datasets") if rule.listed("regions")]
    found: dict[Urn, frozenset[str]] = {}
    for ref, regions in said:
        for urn in estate.resolve([ref], rule.place):
            found[urn] = found.get(urn, regions) & regions
    return found


class _Spread:
    """Everything that values of the data get into, now. Each set of permitted regions is a question with a bit of its own."""

    def __init__(self, estate: Estate, rule: Rule, permits: Mapping[Urn, frozenset[str]]) -> None:
        self.estate, self.rule, self.permits = estate, rule, permits
        self.labels = sorted(set(permits.values()), key=sorted)
        self.then = Then(estate.store, [None] * len(self.labels))
        self.through, self.exempt = estate.exempt(rule)
        self.sources: defaultdict[Key, int] = defaultdict(int)
        for urn, regions in permits.items():
            for key in start_keys(estate.store, [urn], table_only=rule.lineage == "table"):
                self.sources[key] |= 1 << self.labels.index(regions)
        types = VALUE | _TABLE if rule.lineage == "table" else VALUE
        self.trail: Trail = walk(self.then, self.sources, types, "downstream")
        self.names = dict(estate.store.urns(self.trail.owners.keys() | set(self.trail.owners.values())))
        stops = [key for key in self.trail.owners if self.is_exempt(key)]
        self.stops = dict.fromkeys(stops, self.then.moments.everything)
        self.flow = self.trail.net.flow(self.sources, self.stops)

    def is_exempt(self, key: Key) -> bool:
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
        """Returns what is said of a data set: of places that are exempt nothing."""
        return sum_of_bits(mask for key, mask in self.held[dataset].items() if key not in self.stops)

    def allowed(self, mask: int) -> frozenset[str]:
        return frozenset.intersection(*(self.labels[i] for i in bits(mask)))

    def offending(self, mask: int, regions: Collection[str]) -> list[int]:
        """Returns the questions whose permitted regions leave one of these out."""
        return [i for i in bits(mask) if not self.labels[i].issuperset(regions)]

    def way(self, question: int, places: Iterable[Key]) -> tuple[Urn, ...]:
        """Returns a shortest way by which values get into places, data of the question first."""
        bit = 1 << question
        away = self.trail.net.back.hops(
            dict.fromkeys(places, 0), question, lambda k: bool(self.flow.get(k, 0) & bit) and not self.stops.get(k)
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

    def hop(self, question: int, path: tuple[Urn, ...]) -> Urn:
        """Returns the first thing on a path that is where the data may not be."""
        outside = (u for u in map(lift, path) if not self.labels[question].issuperset(self.regions.get(u, frozenset())))
        return next(outside, lift(path[-1]))

    @cached_property
    def regions(self) -> dict[Urn, frozenset[str]]:
        """Where each data set resides, as far as it is known."""
        return self.estate.resides([*self.held, *map(lift, self.permits)])

    def say(self, subject: Urn, verdict: str, why: str, **more: object) -> Judgement:
        looked_at = sha256(json.dumps([str(subject), verdict, why]).encode("utf-8", "replace")).hexdigest()
        return Judgement(self.rule.id, subject, verdict, why, looked_at=looked_at, **more)  # type: ignore[arg-type]

    def wrong(self, subject: Urn, question: int, places: Collection[Key], why: str, *, end: bool = False) -> Judgement:
        """Returns that values permitted elsewhere get into some places; with `end` the subject is behind them."""
        path = self.way(question, places)
        hop = subject if end and self._is_inside(question, path) else self.hop(question, path)
        whole = (*path, subject) if end else path
        return self.say(subject, "violated", why, cause=lift(path[0]), hop=hop, path=whole, links=self._links(path))

    def _links(self, path: tuple[Urn, ...]) -> tuple[Link, ...]:
        store, pairs = self.estate.store, {(far, near) for near, far in pairwise(path)}
        found = link_all(store, store.keys(path).values(), VALUE | _TABLE, within=set(path)) if pairs else []
        return tuple(link for link in found if (link.start, link.end) in pairs)

    def _is_inside(self, question: int, path: tuple[Urn, ...]) -> bool:
        return all(self.labels[question].issuperset(self.regions.get(lift(u), frozenset())) for u in path)


def _data(spread: _Spread) -> Iterator[Judgement]:
    """Yields what the rule says about the data sets that hold values, or may hold them."""
    for dataset, places in sorted(spread.held.items()):
        mask, regions = spread.mask(dataset), spread.regions.get(dataset, frozenset())
        if not mask:
            yield spread.say(dataset, "passed", _exemption(spread, dataset))
            continue
        allowed = ", ".join(sorted(spread.allowed(mask))) or "no region"
        wrong = spread.offending(mask, regions)
        for question in wrong:
            at = [key for key, some in places.items() if some >> question & 1 and key not in spread.stops]
            why = f"resides in {', '.join(sorted(regions))}; permitted in {allowed}"
            yield spread.wrong(dataset, question, at, why)
        if not wrong and not regions:
            yield spread.say(dataset, "unknown", f"where it resides is not known; permitted in {allowed}")
        elif not wrong:
            yield spread.say(dataset, "passed", f"resides in {', '.join(sorted(regions))}; permitted in {allowed}")
    yield from _perhaps(spread)


def _exemption(spread: _Spread, dataset: Urn) -> str:
    reasons = (
        spread.exempt[u] for u in (dataset, *map(spread.names.__getitem__, spread.held[dataset])) if u in spread.exempt
    )
    return next(reasons, "exempt")


def _perhaps(spread: _Spread) -> Iterator[Judgement]:
    """Yields that it cannot be told of data sets that read such data without our knowing which columns."""
    if spread.rule.lineage == "table":
        return
    store = spread.estate.store
    sources = [urn for urn in spread.held if spread.mask(urn)]
    links = link_all(store, store.keys(sources).values(), _TABLE, "downstream")
    doubtful: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in links:
        if link.start.kind == "dataset" and link.start not in spread.held and not columns_known(link):
            doubtful[link.start].add(link.end)
    resides = spread.estate.resides(doubtful)
    for urn, above in sorted(doubtful.items()):
        mask = sum_of_bits(spread.mask(one) for one in above)
        if urn not in spread.through and (urn not in resides or spread.offending(mask, resides[urn])):
            read = listed(sorted(one.name for one in above))
            yield spread.say(urn, "unknown", f"reads {read}; which columns is not known")


def _jobs(spread: _Spread) -> Iterator[Judgement]:
    """Yields what the rule says about the jobs that read or write such data, by where they run."""
    estate, store = spread.estate, spread.estate.store
    sets = {urn: spread.mask(urn) for urn in spread.held if spread.mask(urn)}
    touched = _touching(spread, sets)
    runs = {
        link.start: link.end
        for link in link_all(store, store.keys([u for u in touched if u.kind == "run"]).values(), ["RUN_OF"])
    }
    ran: defaultdict[Urn, set[str]] = defaultdict(set)
    for urn, state in store.get([u for u in touched if u.kind == "run"]).items():
        if state.properties.get("region"):
            ran[runs.get(urn, urn)].add(str(state.properties["region"]))
    by_job: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for urn, data in touched.items():
        by_job[runs.get(urn, urn)] |= data
    declared = estate.processed(by_job)
    for job, data in sorted(by_job.items()):
        regions = ran[job] | declared.get(job, set())
        yield from (
            gravest(list(_job(spread, job, data, regions)))
            if job not in spread.exempt
            else [spread.say(job, "passed", spread.exempt[job])]
        )


def _touching(spread: _Spread, sets: Mapping[Urn, int]) -> dict[Urn, set[Urn]]:
    """Returns jobs and runs with the data sets among these that they read or write."""
    store = spread.estate.store
    versions = link_all(store, store.keys(sets).values(), ["VERSION_OF"], "downstream")
    of = {**{urn: urn for urn in sets}, **{k.start: k.end for k in versions if k.start.kind == "datasetversion"}}
    keys = store.keys(of).values()
    found: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in link_all(store, keys, ["READS", "USED"], "downstream"):
        found[link.start].add(of[link.end])
    for link in link_all(store, keys, ["PRODUCED_BY", "GENERATED_BY"]):
        found[link.end].add(of[link.start])
    return {urn: data for urn, data in found.items() if urn.kind in ("job", "run")}


def _job(spread: _Spread, job: Urn, data: Collection[Urn], regions: Collection[str]) -> Iterator[Judgement]:
    mask = sum_of_bits(spread.mask(urn) for urn in data)
    allowed = ", ".join(sorted(spread.allowed(mask))) or "no region"
    names = listed(sorted(urn.name for urn in data))
    where = ", ".join(sorted(regions))
    for question in spread.offending(mask, regions):
        places = [
            k for urn in data for k, some in spread.held[urn].items() if some >> question & 1 and k not in spread.stops
        ]
        yield spread.wrong(
            job, question, places, f"runs in {where}; reads or writes {names}, permitted in {allowed}", end=True
        )
    if not regions:
        yield spread.say(job, "unknown", f"where it runs is not known; reads or writes {names}, permitted in {allowed}")
    else:
        yield spread.say(job, "passed", f"runs in {where}; reads or writes {names}, permitted in {allowed}")


def _versions(spread: _Spread) -> Iterator[Judgement]:
    """Yields what the rule says about model versions: each set of permitted regions is judged as residency is."""
    estate = spread.estate
    regions = {ground.question: estate.regions_of(ground) for ground in estate.grounds_of(spread.rule)}
    judgements: defaultdict[int, list[Judgement]] = defaultdict(list)
    for label in spread.labels:
        sources = [urn for urn, permitted in spread.permits.items() if permitted == label]
        case = Forbidden(estate, spread.rule, f"permitted only in {', '.join(sorted(label))}", sources, spread.through)
        for question, some in regions.items():
            if some - label or not some:
                judgements[question] += case.judge(estate.grounds[question], some - label)
    for question in regions:
        version = estate.grounds[question].version
        if version in spread.exempt:
            yield spread.say(version, "passed", spread.exempt[version])
        else:
            yield from gravest(judgements[question])
