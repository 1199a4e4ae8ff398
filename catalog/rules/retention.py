"""Retention: what was made from data is kept no longer than the data itself may be kept.

`retention` of the policies says for how many days data may be kept, or a rule does with `datasets` and `keep_days`; the
least number flows along values. Judged are recorded versions, by the time at which they were made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from catalog.identity import find_all
from catalog.model.errors import InvalidTimeError
from catalog.model.instants import TIES, Instant, day, parse, show
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.rules.judging import Estate, Judgement, first_hop
from catalog.rules.spreading import Spread
from catalog.starting import lift
from catalog.store.port import NodeState

_DAY = 86_400_000_000 * TIES


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every version of data under it; data without a version of known age is unknown."""
    days = _days(estate, rule)
    if not days:
        estate.warn(f"{rule.place}: no data is known that the rule is about")
        return
    spread = Spread(estate, rule, days)
    versions = _versions(estate, [*spread.held, *spread.doubtful])
    for dataset in sorted(spread.held):
        mask = spread.mask(dataset)
        for version in versions[dataset]:
            if not mask or version.urn in spread.exempt:
                yield Judgement(
                    rule.id, version.urn, "passed", spread.exempt.get(version.urn) or spread.reason(dataset)
                )
            else:
                yield _judged(estate, rule, spread, version, mask)
        if mask and dataset in days and not versions[dataset]:
            why = f"to be kept {min(spread.label(mask))} days; no version of a known age is recorded"
            yield Judgement(rule.id, dataset, "unknown", why)
    for dataset, mask in sorted(spread.doubtful.items()):
        for version in versions[dataset]:
            if (
                one := _judged(estate, rule, spread, version, mask)
            ).verdict != "passed" and version.urn not in spread.exempt:
                yield replace(one, verdict="unknown", why=f"{one.why}; it reads such data, which columns is not known",
                              cause=None, hop=None, path=(), links=())  # fmt: skip


def _versions(estate: Estate, datasets: Collection[Urn]) -> defaultdict[Urn, list[NodeState]]:
    """Returns the recorded versions of data sets."""
    found: defaultdict[Urn, list[NodeState]] = defaultdict(list)
    wanted = set(datasets)
    where = {"namespace": sorted({d.namespace for d in wanted}), "name": sorted({d.name for d in wanted})}
    for version in find_all(estate.store, ["datasetversion"], where) if wanted else ():
        if version.closed_since is None and dataset_of(version.urn) in wanted:
            found[dataset_of(version.urn)].append(version)
    return found


def _days(estate: Estate, rule: Rule) -> dict[Urn, int]:
    said = [(ref, int(days)) for ref, days in estate.policies.retention.items()]
    if rule.options.get("keep_days"):
        said += [(ref, int(rule.options["keep_days"])) for ref in rule.listed("datasets")]
    found: dict[Urn, int] = {}
    for ref, days in said:
        for urn in estate.resolve([ref], rule.place):
            found[urn] = min(days, found.get(urn, days))
    return found


def _judged(estate: Estate, rule: Rule, spread: Spread[int], version: NodeState, mask: int) -> Judgement:
    most, made = min(spread.label(mask)), _time(version)
    looked_at = sha256(f"{version.urn}\n{made}\n{most}".encode()).hexdigest()
    if made is None:
        return Judgement(rule.id, version.urn, "unknown", "it is not known when it was made", looked_at=looked_at)
    age = (estate.now - made) // _DAY
    why = f"made on {show(made)[:10]}, to be kept {most} days: until {_day(made, most)}"
    if age <= most:
        return Judgement(rule.id, version.urn, "passed", why, looked_at=looked_at)
    dataset, question = dataset_of(version.urn), spread.labels.index(most)
    way = spread.way(question, spread.places(question, [dataset])) if dataset in spread.held else (dataset,)
    path = (*way, version.urn)
    return Judgement(
        rule.id, version.urn, "violated", why, lift(path[0]), first_hop(path), path, links=spread.links(way), looked_at=looked_at
    )  # fmt: skip


def _day(made: Instant, days: int) -> str:
    return (day(made) + timedelta(days)).isoformat()


def _time(version: NodeState) -> Instant | None:
    try:
        said = version.properties.get("created_at")
        return parse(str(said)) if said else version.begins
    except InvalidTimeError:
        return version.begins
