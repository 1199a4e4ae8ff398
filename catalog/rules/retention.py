"""Retention: what was made from data is kept no longer than the data itself may be kept.

`retention` of the policies says for how many days data may be kept, or a rule does with `datasets` and `keep_days`; the
least number flows along values. Judged are recorded versions, by the time at which they were made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

from catalog.graph import VALUE, Course, adjacency, reach, shortest
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.errors import InvalidTimeError
from catalog.model.instants import TIES, Instant, parse, show
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.propagation import settle
from catalog.rules.judging import Estate, Judgement, first_hop
from catalog.starting import lift, start_keys
from catalog.store.port import NodeState

_DAY = 86_400_000_000 * TIES
_FOR_EVER = 10**7


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every version of data under it; data without a version of known age is unknown."""
    days = _days(estate, rule)
    spread = _Spread(estate, days)
    through, exempt = estate.exempt(rule)
    kept = spread.settled({urn for urn in spread.nodes if lift(urn) in through or urn in through})
    versions: defaultdict[Urn, list[NodeState]] = defaultdict(list)
    datasets = sorted({lift(urn) for urn, most in kept.items() if most < _FOR_EVER})
    where = {"namespace": sorted({d.namespace for d in datasets}), "name": sorted({d.name for d in datasets})}
    for version in find_all(estate.store, ["datasetversion"], where) if datasets else ():
        if version.closed_since is None:
            versions[dataset_of(version.urn)].append(version)
    for dataset in datasets:
        most = min(kept[urn] for urn in spread.nodes if lift(urn) == dataset)
        for version in versions[dataset]:
            if dataset in exempt or version.urn in exempt:
                yield Judgement(rule.id, version.urn, "passed", exempt.get(version.urn) or exempt[dataset])
            else:
                yield _judged(estate, rule, spread, version, most)
        if dataset in days and not versions[dataset]:
            yield Judgement(
                rule.id, dataset, "unknown", f"to be kept {most} days; no version of a known age is recorded"
            )


def _days(estate: Estate, rule: Rule) -> dict[Urn, int]:
    said = [(ref, int(days)) for ref, days in estate.policies.retention.items()]
    if rule.options.get("keep_days"):
        said += [(ref, int(rule.options["keep_days"])) for ref in rule.listed("datasets")]
    found: dict[Urn, int] = {}
    for ref, days in said:
        for urn in estate.resolve([ref], rule.place):
            found[urn] = min(days, found.get(urn, days))
    return found


class _Spread:
    """All that values of the data under a rule get into, now."""

    def __init__(self, estate: Estate, days: Mapping[Urn, int]) -> None:
        self.days = days
        starts = start_keys(estate.store, days.keys(), table_only=False)
        found = reach(estate.store, starts.keys(), Course(VALUE, "downstream"))
        urns = {**starts, **estate.store.urns(found.hops)}
        self.nodes = set(urns.values())
        links = link_all(estate.store, found.hops.keys(), VALUE, "upstream", None, self.nodes)
        links += [Link(urns[t.far], urns[t.near], t.type, ()) for t in found.ties]
        self.onward = adjacency((link.start, link.end) for link in links)

    def settled(self, stops: set[Urn]) -> dict[Urn, int]:
        said = {urn: self._own(urn) for urn in self.nodes - stops}
        return settle(self.nodes, self.onward, said, min, _FOR_EVER, stops)

    def _own(self, urn: Urn) -> int:
        return min(self.days.get(urn, _FOR_EVER), self.days.get(lift(urn), _FOR_EVER))

    def path(self, dataset: Urn, most: int) -> tuple[Urn, ...]:
        """Returns a shortest way from data of that limit."""
        mark = Urn("cause", ("", ""))
        ends = {urn: [*self.onward.get(urn, ()), mark] for urn in self.nodes if self._own(urn) == most}
        starts = [urn for urn in self.nodes if lift(urn) == dataset]
        return tuple(reversed(shortest({**self.onward, **ends}, starts, mark)[:-1]))


def _judged(estate: Estate, rule: Rule, spread: _Spread, version: NodeState, most: int) -> Judgement:
    made = _time(version)
    looked_at = sha256(f"{version.urn}\n{made}\n{most}\n{(estate.now - (made or 0)) // _DAY}".encode()).hexdigest()
    if made is None:
        return Judgement(rule.id, version.urn, "unknown", "it is not known when it was made", looked_at=looked_at)
    age = (estate.now - made) // _DAY
    why = f"made on {show(made)[:10]}, {age} days ago; to be kept {most} days"
    if age <= most:
        return Judgement(rule.id, version.urn, "passed", why, looked_at=looked_at)
    path = (*spread.path(dataset_of(version.urn), most), version.urn)
    hop = first_hop(path)
    return Judgement(rule.id, version.urn, "violated", why, lift(path[0]), hop, path, looked_at=looked_at)


def _time(version: NodeState) -> Instant | None:
    try:
        said = version.properties.get("created_at")
        return parse(str(said)) if said else version.begins
    except InvalidTimeError:
        return version.begins
