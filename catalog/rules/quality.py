"""Quality gate: a model version may only be promoted on passing checks of the very data that it stands on.

Promoted is what has an alias (those that `promoted_by` names, else any), a stage of that name, or an endpoint. The last result
of each check before the training decides; a result about a version of the data counts for that version only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.answers import listed
from catalog.links import link_all
from catalog.model.instants import show
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.rules.judging import Estate, Ground, Judgement, said, violated
from catalog.rules.lineages import Reached
from catalog.show import checks_of

_ANY_STAGE = frozenset({"production", "staging"})


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every promoted model version."""
    _, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        if not _is_promoted(estate, rule, ground):
            continue
        if ground.version in exempt:
            yield said(rule, ground, "passed", exempt[ground.version])
        else:
            yield from _case(estate, rule, ground)


def _is_promoted(estate: Estate, rule: Rule, ground: Ground) -> bool:
    wanted = set(rule.listed("promoted_by"))
    properties = ground.training.properties
    names = {*(properties.get("aliases") or ()), str(properties.get("status") or "").lower()}
    serving = ground.version in estate.endpoints
    if wanted:
        return bool(names & wanted) or ("endpoint" in wanted and serving)
    return bool(properties.get("aliases") or serving or names & _ANY_STAGE)


@dataclass(frozen=True, slots=True)
class _Last:
    """The last result of a check on a thing before the training."""

    about: Urn
    said: dict[str, Any]


def _case(estate: Estate, rule: Rule, ground: Ground) -> Iterator[Judgement]:
    results = _results(estate, rule, ground)
    failed: dict[Urn, list[_Last]] = {}
    for one in results:
        if one.said["success"] is False:
            failed.setdefault(dataset_of(one.about), []).append(one)
    lineage = estate.lineage(rule.lineage)
    for cause, bad in sorted(failed.items()):
        places = [p for p in lineage.places_of([cause]) if lineage.reached().get(p, 0) & ground.bit]
        way = lineage.way(ground.question, places) if places else Reached((cause, ground.version))
        why = "; ".join(
            sorted({f"{b.said['suite'] or b.said['check']} failed in {b.said['run']}" + _which(b.said) for b in bad})
        )
        yield violated(rule, ground, cause, way, why)
    if not failed:
        known = sorted({str(one.said["suite"] or one.said["check"]) for one in results if one.said["success"]})
        doubt = "no check of the data that it stands on is known from before the training"
        yield said(rule, ground, "passed" if known else "unknown", f"passed: {listed(known)}" if known else doubt)


def _which(said: dict[str, Any]) -> str:
    """Returns what of a suite failed, as far as its report says; else which check of it that was."""
    failed = said["failed"] or ([str(said["check"])] if said["suite"] else [])
    return f" ({listed(failed)})" if failed else ""


def _results(estate: Estate, rule: Rule, ground: Ground) -> list[_Last]:
    """Returns the last result of each check before the training, about what the version stands on."""
    training = ground.training
    until = None if training.at is None else show(training.at)
    suites = set(rule.listed("suites"))
    checked = estate.checked
    versions = {urn for urn in (*training.inputs, *training.behind) if urn.kind == "datasetversion"}
    versions = {urn for urn in versions if dataset_of(urn) in checked}
    elsewhere = _about_others(estate, {dataset_of(urn) for urn in versions}, versions)
    last: dict[tuple[Urn, str], _Last] = {}
    for urn in sorted({*(ground.nodes(rule.lineage).keys() & checked), *versions}):
        for one in checks_of(estate.store, estate.refs, urn):
            if (suites and one["suite"] not in suites) or (one["run"], one["at"]) in elsewhere:
                continue
            if until is None or (one["at"] or "") <= until:
                last[dataset_of(urn) if urn.kind == "datasetversion" else urn, one["check"]] = _Last(urn, one)
    return list(last.values())


def _about_others(estate: Estate, datasets: set[Urn], versions: set[Urn]) -> set[tuple[str, Any]]:
    """Returns run and time of the results that are about other versions of the same data, and about none of these."""
    store = estate.store
    known = link_all(store, store.keys(datasets).values(), ["VERSION_OF"], "downstream")
    about: dict[Urn, set[Urn]] = {}
    for link in link_all(
        store, store.keys({k.start for k in known} | versions).values(), ["EVALUATED_ON"], "downstream"
    ):
        if link.start.kind == "checkresult":
            about.setdefault(link.start, set()).add(link.end)
    foreign = [urn for urn, ends in about.items() if not ends & versions]
    said = store.get(foreign)
    return {(said[u].properties.get("run_name") or u.parts[2], said[u].properties.get("at")) for u in foreign}
