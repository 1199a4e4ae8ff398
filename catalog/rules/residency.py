"""Residency: values of data that resides in one region must not reach a model that is deployed in another.

The regions that a thing may be used in flow along lineage and intersect. Without `to_deployment_region` every region but its
own is forbidden to data; without `from_residency` every resident data set is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.answers import listed
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.rules.judging import Estate, Ground, Judgement, Reached, places_of, violated


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about the model versions that are deployed, or may be, where they must not be."""
    homes = {region: estate.resolve(refs, "residency") for region, refs in estate.policies.residency.items()}
    wanted = rule.listed("from_residency") or tuple(homes)
    for region in wanted:
        if not homes.get(region):
            estate.warn(f"{rule.place}: no data set is known to reside in {region!r}")
    through, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        regions, said = estate.regions_of(ground), []
        if ground.version in exempt:
            yield _said(rule, ground, "passed", exempt[ground.version])
            continue
        for home in wanted:
            forbidden = _forbidden(rule, home, regions)
            if regions and not forbidden:
                continue
            said += list(_case(rule, ground, home, homes.get(home, []), forbidden, through))
        yield from _gravest(said)


def _forbidden(rule: Rule, home: str, regions: set[str]) -> set[str]:
    to = set(rule.listed("to_deployment_region"))
    return {region for region in regions if (region in to if to else region != home)}


def _case(
    rule: Rule, ground: Ground, home: str, resident: list[Urn], forbidden: set[str], through: set[Urn]
) -> Iterator[Judgement]:
    nodes = ground.nodes(rule.lineage)
    stops = places_of(nodes, through)
    causes = {urn: places_of(nodes, [urn]) - stops for urn in resident}
    reached = ground.reached(rule.lineage, {u: places for u, places in causes.items() if places}, stops)
    where = ", ".join(sorted(forbidden))
    for cause, way in reached.items():
        if not forbidden:
            why = f"values resident in {home} reach it, and where it is deployed is not known"
            yield _said(rule, ground, "unknown", why)
        else:
            yield violated(rule, ground, cause, way, _why(home, where, way))
    if not reached and not forbidden:
        yield _said(rule, ground, "passed", f"no value resident in {home} reaches it, wherever it is deployed")
    elif not reached:
        gaps = ground.gaps(rule.lineage)
        why = listed(gaps) if gaps else f"deployed in {where}; no value resident in {home} reaches it"
        yield _said(rule, ground, "unknown" if gaps else "passed", why)


def _why(home: str, where: str, way: Reached) -> str:
    through = dict.fromkeys(urn.parts[1] for urn in way.path[:-1] if urn.kind in ("column", "dataset"))
    return f"resident in {home}, deployed in {where}; read through {', '.join(list(through)[1:]) or 'nothing else'}"


def _gravest(said: list[Judgement]) -> Iterator[Judgement]:
    """Of one subject yields the violations, or one judgement else."""
    wrong = [one for one in said if one.verdict == "violated"]
    doubts = [one for one in said if one.verdict == "unknown"]
    yield from wrong or doubts[:1] or said[:1]


def _said(rule: Rule, ground: Ground, verdict: Any, why: str) -> Judgement:
    return Judgement(rule.id, ground.version, verdict, why, looked_at=ground.digest)
