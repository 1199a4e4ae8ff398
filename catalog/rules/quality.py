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
from catalog.rules.judging import Estate, Ground, Judgement, Reached, violated
from catalog.show import checks_of

_ANY_STAGE = frozenset({"production", "staging"})


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every promoted model version."""
    _, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        if not _is_promoted(estate, rule, ground):
            continue
        if ground.version in exempt:
            yield Judgement(rule.id, ground.version, "passed", exempt[ground.version], looked_at=ground.digest)
        else:
            yield from _case(estate, rule, ground)


def _is_promoted(estate: Estate, rule: Rule, ground: Ground) -> bool:
    wanted = set(rule.listed("promoted_by"))
    said = ground.story.training.properties
    names = {*(said.get("aliases") or ()), str(said.get("status") or "").lower()}
    serving = link_all(estate.store, estate.store.keys([ground.version]).values(), ["SERVES"], "downstream")
    if wanted:
        return bool(names & wanted) or ("endpoint" in wanted and bool(serving))
    return bool(said.get("aliases") or serving or names & _ANY_STAGE)


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
    nodes = ground.nodes(rule.lineage)
    causes = {urn: nodes.get(urn, set()) for urn in failed}
    reached = ground.reached(rule.lineage, {u: p for u, p in causes.items() if p})
    for cause, bad in sorted(failed.items()):
        way = reached.get(cause) or Reached((cause, ground.version))
        why = "; ".join(
            sorted({f"{b.said['suite'] or b.said['check']} failed in {b.said['run']}" + _which(b.said) for b in bad})
        )
        yield violated(rule, ground, cause, way, why)
    if not failed:
        known = [one for one in results if one.said["success"]]
        doubt = None if known else "no check of the data that it stands on is known from before the training"
        checks = listed(sorted({str(one.said["suite"] or one.said["check"]) for one in known}))
        yield Judgement(
            rule.id,
            ground.version,
            "unknown" if doubt else "passed",
            doubt or f"passed: {checks}",
            looked_at=ground.digest,
        )


def _which(said: dict[str, Any]) -> str:
    return f" ({listed(said['failed'])})" if said["failed"] else ""


def _results(estate: Estate, rule: Rule, ground: Ground) -> list[_Last]:
    training = ground.story.training
    until = None if ground.story.at is None else show(ground.story.at)
    suites = set(rule.listed("suites"))
    versions = {urn for urn in (*training.inputs, *training.behind) if urn.kind == "datasetversion"}
    elsewhere = _about_others(estate, {dataset_of(urn) for urn in versions}, versions)
    last: dict[tuple[Urn, str], _Last] = {}
    for urn in sorted({*ground.nodes(rule.lineage), *versions}):
        for said in checks_of(estate.store, estate.refs, urn):
            if (suites and said["suite"] not in suites) or (said["run"], said["at"]) in elsewhere:
                continue
            if until is None or (said["at"] or "") <= until:
                last[dataset_of(urn) if urn.kind == "datasetversion" else urn, said["check"]] = _Last(urn, said)
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
