"""Permitted regions: what values of data get into resides, is processed and is deployed only where the data may be.

`permitted` of the policies says in which regions data may be, or a rule does with `datasets` and `regions`. What is permitted
flows along lineage as it is now and intersects: a table made from two may only be where both may be. Judged are the data
sets that hold such values, by `residency` and `locations`; the jobs that read or write them, by `processing` and the regions that their runs
report; and the model versions that stand on them, as of their training.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from catalog.answers import listed
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.policies import Rule, digest_of
from catalog.provenance.grounds import bits
from catalog.provenance.hindsight import sum_of_bits
from catalog.rules.judging import Estate, Judgement, Verdict
from catalog.rules.residency import Forbidden, gravest
from catalog.rules.spreading import Spread
from catalog.starting import lift
from catalog.store.port import Key


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


class _Spread(Spread[frozenset[str]]):
    """Everything that values of the data get into, by the regions in which they may be."""

    def allowed(self, mask: int) -> str:
        return ", ".join(sorted(frozenset.intersection(*self.label(mask)))) or "no region"

    def offending(self, mask: int, regions: Collection[str]) -> list[int]:
        """Returns the questions whose permitted regions leave one of these out."""
        return [i for i in bits(mask) if not self.labels[i].issuperset(regions)]

    def _outside(self, question: int, path: tuple[Urn, ...]) -> list[Urn]:
        """Returns the things on a path that are where the data may not be."""
        known = self.regions
        return [u for u in map(lift, path) if not self.labels[question].issuperset(known.get(u, frozenset()))]

    @cached_property
    def regions(self) -> dict[Urn, frozenset[str]]:
        """Where each data set resides, as far as it is known."""
        return self.estate.resides([*self.held, *self.doubtful, *map(lift, self.labelled)])

    def say(self, subject: Urn, verdict: Verdict, why: str) -> Judgement:
        looked_at = digest_of([str(subject), verdict, why])
        return Judgement(self.rule.id, subject, verdict, why, looked_at=looked_at)

    def wrong(self, subject: Urn, question: int, places: Collection[Key], why: str, *behind: Urn) -> Judgement:
        """Returns that values permitted elsewhere get into some places, and to what is `behind` them."""
        path = self.way(question, places)
        outside = [*self._outside(question, path), *behind, lift(path[-1])]
        said = self.say(subject, "violated", why)
        return replace(said, cause=lift(path[0]), hop=outside[0], path=(*path, *behind), links=self.links(path))


def _data(spread: _Spread) -> Iterator[Judgement]:
    """Yields what the rule says about the data sets that hold values, or may hold them."""
    for dataset in sorted(spread.held):
        mask, regions = spread.mask(dataset), spread.regions.get(dataset, frozenset())
        if not mask:
            yield spread.say(dataset, "passed", spread.reason(dataset))
            continue
        allowed = spread.allowed(mask)
        wrong = spread.offending(mask, regions)
        for question in wrong:
            why = f"resides in {', '.join(sorted(regions))}; permitted in {allowed}"
            yield spread.wrong(dataset, question, spread.places(question, [dataset]), why)
        if not wrong and not regions:
            yield spread.say(dataset, "unknown", f"where it resides is not known; permitted in {allowed}")
        elif not wrong:
            yield spread.say(dataset, "passed", f"resides in {', '.join(sorted(regions))}; permitted in {allowed}")
    for urn, mask in sorted(spread.doubtful.items()):
        if urn not in spread.regions or spread.offending(mask, spread.regions[urn]):
            why = f"reads data permitted in {spread.allowed(mask)}; which columns is not known"
            yield spread.say(urn, "unknown", why)


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
    allowed = spread.allowed(mask)
    names = listed(sorted(urn.name for urn in data))
    where = ", ".join(sorted(regions))
    for question in spread.offending(mask, regions):
        why = f"runs in {where}; reads or writes {names}, permitted in {allowed}"
        yield spread.wrong(job, question, spread.places(question, data), why, job)
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
        sources = [urn for urn, permitted in spread.labelled.items() if permitted == label]
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
