"""What stands on data that was wrong for a time, and what is clean: the spread of bad data as an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.answers import Answer, Data, node
from catalog.contamination.alarms import alarms
from catalog.contamination.faults import Fault
from catalog.contamination.happenings import Happenings, made
from catalog.contamination.spreading import Arrival, spread
from catalog.contamination.timeline import EVER, NEVER, timeline_of
from catalog.graph import ROWS, VALUE, Course, columns_of, reach
from catalog.identity import find_all
from catalog.impact.findings import Finding, Findings
from catalog.impact.proposed import report
from catalog.links import link_all
from catalog.model.instants import show
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.starting import columns_known, lift
from catalog.store.port import Store

_SERVED: Final = (("SERVES", "serves {}"), ("PREDICTED_BY", "was given by {}"))
"""What stands on a model version, and how it is said."""


@dataclass(slots=True)
class Spread:
    """What became of some faults together.

    Attributes:
        arrivals: What is affected.
        clean: What is below a fault and does not stand on it.
        undecided: Versions of which neither a run, nor a time, nor content is known.
        reached: Where values of bad columns can get to; None if whole data sets are bad.
    """

    arrivals: dict[Urn, Arrival] = field(default_factory=dict)
    clean: set[Urn] = field(default_factory=set)
    undecided: set[Urn] = field(default_factory=set)
    reached: set[Urn] | None = None

    def arrive(self, urn: Urn, arrival: Arrival) -> None:
        known = self.arrivals.get(urn)
        if known is None or arrival.rank() < known.rank():
            self.arrivals[urn] = arrival


def contamination(store: Store, refs: Refs, faults: Sequence[Fault]) -> Answer:
    """Returns what stands on bad data, in the form of an impact report, and which versions are clean."""
    found = spread_of(store, faults)
    arrivals = found.arrivals
    findings = Findings()
    findings.update(
        Finding(u, "value_changes", a.hops, a.why, a.near) for u, a in arrivals.items() if a.near is not None
    )
    origins = refs.texts({f.origin for f in faults if f.origin is not None})
    told: list[Data] = [f.said() | {"origin": None if f.origin is None else origins[f.origin]} for f in faults]
    answer = report(store, refs, findings, told, {f.dataset for f in faults})
    for said in answer.data["findings"]:
        came = arrivals[Urn.parse(said["urn"])]
        said |= {"since": None if came.since == EVER else show(came.since), "assumed": came.assumed}
    texts = refs.texts([*found.clean, *found.undecided])
    answer.data["clean"] = [node(texts, urn) for urn in sorted(found.clean, key=str)]
    answer.data["undecided"] = [node(texts, urn) for urn in sorted(found.undecided, key=str)]
    answer.data["alarms"] = alarms(store, refs, {u: a.since for u, a in arrivals.items() if u.kind == "dataset"})
    return answer


def spread_of(store: Store, faults: Sequence[Fault]) -> Spread:
    """Returns how bad data spreads from some faults; what is below several is read once."""
    found = Spread()
    below: set[Urn] = set()
    times = {at for fault in faults for at in (fault.begins, fault.ends)} - {EVER, NEVER}
    happened = Happenings(timeline_of(store, {fault.dataset for fault in faults}, sorted(times)))
    reached: dict[frozenset[Urn], set[Urn]] = {}
    for fault in faults:
        if fault.columns and fault.columns not in reached:
            reached[fault.columns] = _reach_of_columns(store, fault.columns)
        arrivals = spread(happened, fault, reached.get(fault.columns))
        for urn, arrival in arrivals.items():
            found.arrive(urn, arrival)
        below |= {u for u in (*happened.line.versions, *happened.line.models) if u not in arrivals}
    found.reached = set[Urn]().union(*reached.values()) if all(fault.columns for fault in faults) else None
    _consumers(store, found)
    told = {urn for urn in below if happened.is_told(urn)}
    models = {n.urn for n in find_all(store, ["modelversion"]) if n.closed_since is None}
    by_features = _by_features(store, models - happened.line.models.keys() - found.arrivals.keys(), faults, found)
    found.undecided = ((below - told) | by_features) - found.arrivals.keys()
    clean = (told | models) - found.undecided - found.arrivals.keys()
    found.clean = clean | {urn for urn, _, _ in _served(store, clean) if urn not in found.arrivals}
    return found


def _reach_of_columns(store: Store, columns: Collection[Urn]) -> set[Urn]:
    """Returns the things that values of columns, or rows chosen by them, can get into, and the data sets that these are in."""
    found = reach(store, store.keys(columns).values(), Course(VALUE | ROWS, "downstream", row_sets=True))
    exact = set(store.urns(found.hops).values())
    within = exact | {lift(urn) for urn in exact} | {dataset_of(urn) for urn in columns}
    known = store.keys([urn for urn in within if urn.kind == "dataset"])
    open_ = {k.start for k in link_all(store, known.values(), ["DEPENDS_ON"], "downstream") if not columns_known(k)}
    blind = store.keys(open_ - within)
    below = reach(store, blind.values(), Course(VALUE | ROWS | {"DEPENDS_ON"}, "downstream", row_sets=True))
    further = set(store.urns(below.hops).values())
    return within | further | {lift(urn) for urn in further} | _unlisted(store)


def _unlisted(store: Store) -> set[Urn]:
    """Returns the model versions of which no feature is known: they may have used any column."""
    versions = {n.urn for n in find_all(store, ["modelversion"])}
    return versions - {k.start for k in link_all(store, store.keys(versions).values(), ["USES_FEATURE"])}


# --- what stands on data and models besides ---------------------------------------------------------------------------


def _consumers(store: Store, found: Spread) -> None:
    """Adds features of bad views and columns, and endpoints and predictions of affected model versions."""
    for urn, near, why in _features(store, found):
        _stand_on(found, urn, near, why)
    models = [urn for urn in found.arrivals if urn.kind == "modelversion"]
    for urn, near, why in _served(store, models):
        _stand_on(found, urn, near, why)


def _stand_on(found: Spread, urn: Urn, near: Urn, why: str) -> None:
    came = found.arrivals.get(near)
    if came is not None:
        found.arrive(urn, came.onward(near, why))


def _features(store: Store, found: Spread) -> Iterator[tuple[Urn, Urn, str]]:
    """Yields the features of bad views, and those that are computed from bad data; of bad columns only what they get into."""
    if not store.find(["feature"], limit=1).nodes:
        return
    views = {urn for urn in found.arrivals if urn.kind == "featureview"}
    spaces = {"namespace": sorted({v.namespace for v in views}), "name": sorted({v.name for v in views})}
    inside = {n.urn for n in find_all(store, ["feature"], spaces) if lift(n.urn) in views} if views else set[Urn]()
    datasets = store.keys([urn for urn in found.arrivals if urn.kind == "dataset"])
    columns = columns_of(store, {key: urn for urn, key in datasets.items()}) if datasets else []
    computed = [k for k in link_all(store, columns, ["COMPUTED_FROM"], "downstream") if k.start.kind == "feature"]
    known = {k.start for k in link_all(store, list(store.keys(inside).values()), ["COMPUTED_FROM"])}
    for feature in sorted(inside):
        if found.reached is None or feature in found.reached or feature not in known:
            yield feature, lift(feature), "is in {}"
    for link in computed:
        if found.reached is None or link.start in found.reached:
            yield link.start, dataset_of(link.end), "is computed from {}"


def _served(store: Store, models: Collection[Urn]) -> Iterable[tuple[Urn, Urn, str]]:
    keys = store.keys([urn for urn in models if urn.kind == "modelversion"]).values()
    for type_, why in _SERVED:
        for link in link_all(store, list(keys), [type_], "downstream"):
            yield link.start, link.end, why


def _by_features(store: Store, models: set[Urn], faults: Sequence[Fault], found: Spread) -> set[Urn]:
    """Returns the model versions of which nothing but features is known, where these are in bad data: it cannot be told."""
    since = min((fault.begins for fault in faults), default=EVER)
    told = {k.start for k in link_all(store, list(store.keys(models).values()), ["GENERATED_BY", "TRAINED_ON"])}
    states = store.get(list(models - told))
    late = [urn for urn in models - told if (at := made(states[urn])) is None or at >= since]
    uses = link_all(store, list(store.keys(late).values()), ["USES_FEATURE"])
    return {k.start for k in uses if {k.end, lift(k.end)} & found.arrivals.keys()}
