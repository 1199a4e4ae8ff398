"""Residency: values of data that resides in one region must not reach a model that is deployed in another.

The regions that a thing may be used in flow along lineage and intersect. Without `to_deployment_region` every region but its
own is forbidden to data; without `from_residency` every resident data set is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from catalog.answers import listed
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.provenance.grounds import bits
from catalog.rules.judging import Estate, Ground, Judgement, said, violated
from catalog.rules.lineages import Masks, Reached
from catalog.store.port import Key


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about the model versions that are deployed, or may be, where they must not be."""
    homes = estate.homes
    wanted = rule.listed("from_residency") or tuple(homes)
    through, exempt = estate.exempt(rule)
    regions = {ground.question: estate.regions_of(ground) for ground in estate.grounds_of(rule)}
    judgements: defaultdict[int, list[Judgement]] = defaultdict(list)
    for home in wanted:
        if not homes.get(home):
            estate.warn(f"{rule.place}: no data set is known to reside in {home!r}")
        case = Forbidden(estate, rule, f"resident in {home}", homes.get(home, []), through)
        for question, some in regions.items():
            ground = estate.grounds[question]
            forbidden = _forbidden(rule, home, some)
            if ground.version not in exempt and (forbidden or not some):
                judgements[question] += case.judge(ground, forbidden)
    for question in regions:
        ground = estate.grounds[question]
        if ground.version in exempt:
            yield said(rule, ground, "passed", exempt[ground.version])
        else:
            yield from gravest(judgements[question])


def _forbidden(rule: Rule, home: str, regions: set[str]) -> set[str]:
    to = set(rule.listed("to_deployment_region"))
    return {region for region in regions if (region in to if to else region != home)}


class Forbidden:
    """Data that must not get where a rule forbids it, for all model versions at once. `home` says why, as a phrase."""

    def __init__(self, estate: Estate, rule: Rule, home: str, resident: list[Urn], through: set[Urn]) -> None:
        self._rule, self._home = rule, home
        self._lineage = lineage = estate.lineage(rule.lineage)
        self._every = estate.lineages.everything
        self._stops = dict.fromkeys(lineage.places_of(through), self._every)
        places = {urn: lineage.places_of([urn]) - self._stops.keys() for urn in resident}
        self._causes: dict[Urn, Collection[Key]] = {urn: some for urn, some in places.items() if some}
        masks: dict[Urn, Masks] = {u: dict.fromkeys(some, self._every) for u, some in self._causes.items()}
        self._reached = _by_version(lineage.causes(masks, self._stops))
        self._perhaps = self._unsure(estate, resident, through)

    def _unsure(self, estate: Estate, resident: list[Urn], through: set[Urn]) -> dict[int, list[Urn]]:
        keys = {
            key: urn
            for urn, key in estate.store.keys({dataset_of(u) if u.kind == "column" else u for u in resident}).items()
        }
        shields = dict.fromkeys(estate.store.keys(through).values(), self._every)
        masks = self._lineage.perhaps(keys.keys() - shields.keys(), shields)
        return _by_version({keys[key]: mask for key, mask in masks.items()})

    def judge(self, ground: Ground, forbidden: set[str]) -> Iterator[Judgement]:
        """Yields the violations, or one judgement. Without a region that is forbidden it is not known where it is deployed."""
        reached, where = self._reached.get(ground.question, []), ", ".join(sorted(forbidden))
        perhaps = self._perhaps.get(ground.question, [])
        for cause in reached if forbidden else ():
            way = self._lineage.way(ground.question, self._causes[cause], self._stops)
            yield violated(self._rule, ground, cause, way, _why(self._home, where, way))
        if reached and not forbidden:
            why = f"values {self._home} reach it, and where it is deployed is not known"
            yield said(self._rule, ground, "unknown", why)
        elif not reached:
            gaps = ground.gaps(self._rule.lineage) + [
                f"values of {urn.name} may reach it: which columns are read on the way is not known" for urn in perhaps
            ]
            at = f"deployed in {where}" if forbidden else "wherever it is deployed"
            why = listed(gaps) if gaps else f"{at}; no value {self._home} reaches it"
            yield said(self._rule, ground, "unknown" if gaps else "passed", why)


def _by_version(causes: Mapping[Urn, int]) -> dict[int, list[Urn]]:
    found: defaultdict[int, list[Urn]] = defaultdict(list)
    for cause in sorted(causes):
        for question in bits(causes[cause]):
            found[question].append(cause)
    return found


def _why(home: str, where: str, way: Reached) -> str:
    through = dict.fromkeys(urn.parts[1] for urn in way.path[:-1] if urn.kind in ("column", "dataset"))
    return f"{home}, deployed in {where}; read through {', '.join(list(through)[1:]) or 'nothing else'}"


def gravest(found: list[Judgement]) -> Iterator[Judgement]:
    """Of one subject yields the violations, or one judgement else."""
    wrong = [one for one in found if one.verdict == "violated"]
    doubts = [one for one in found if one.verdict == "unknown"]
    yield from wrong or doubts[:1] or found[:1]
