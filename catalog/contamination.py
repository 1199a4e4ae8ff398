"""What stands on data that was wrong for a time, and what is clean: an earliest-arrival search along what ran.

A reader is affected only if it read while its input was bad; runs that overlap count as having read. A table is clean again
after it was rewritten whole from clean data. Where no time is known, data is taken to follow at once and to stay: such findings
say `assumed`. More affected readers make more data bad and never less, so the search ends, and its order does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.answers import Answer, Data, node
from catalog.faults import Fault
from catalog.findings import Finding, Findings
from catalog.graph import ROWS, VALUE, Course, reach
from catalog.identity import find_all, is_strong
from catalog.impact import report
from catalog.links import link_all
from catalog.model.instants import Instant, moment, parse, show
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.show import checks_of
from catalog.starting import columns_known, lift
from catalog.store.port import NodeState, Store
from catalog.timeline import EVER, NEVER, Action, timeline_of

_ALARM: Final = ("check", "suite", "run", "at", "failed")
Span = tuple[Instant, Instant]
"""From the first to the last instant."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How bad data came into a thing.

    Attributes:
        since: When it was first in there.
        near: What it came from; None for the fault itself.
        why: A sentence with `{}` for the name of `near`.
        assumed: Whether no run is known that brought it.
    """

    since: Instant
    hops: int
    near: Urn | None
    why: str
    assumed: bool = False

    def rank(self) -> tuple[bool, Instant, int]:
        """What runs brought before what is assumed, then the earliest."""
        return (self.assumed, self.since, self.hops)


class Contamination:
    """The search from one fault. `arrivals` is what is affected, `clean` what is below and is not."""

    def __init__(self, store: Store, fault: Fault, within: set[Urn] | None = None) -> None:
        self._store, self._fault = store, fault
        times = [at for at in (fault.begins, fault.ends) if at not in (EVER, NEVER)]
        self._line = timeline_of(store, [fault.dataset], times)
        self._within = within
        self.arrivals: dict[Urn, Arrival] = {}
        self._spans: dict[Urn, list[Span]] = {}
        self._affected: set[Action] = set()
        self._by_writer: defaultdict[Urn, list[Action]] = defaultdict(list)
        self._readers: defaultdict[Urn, list[Action]] = defaultdict(list)
        self._followers: defaultdict[Urn, set[Urn]] = defaultdict(set)
        self._makers: defaultdict[Urn, list[Action]] = defaultdict(list)
        self._contents: defaultdict[str, set[Urn]] = defaultdict(set)
        self._versions: defaultdict[Urn, list[Urn]] = defaultdict(list)
        self._index()

    def _index(self) -> None:
        for action in self._line.actions:
            for urn in action.writes:
                if urn.kind == "dataset":
                    self._by_writer[urn].append(action)
                else:
                    self._makers[urn].append(action)
                    if urn.kind == "datasetversion" and action.timed:
                        self._by_writer[dataset_of(urn)].append(action)
            for urn in action.reads:
                self._readers[urn].append(action)
        for near, fars in (*self._line.follows.items(), *self._line.ties.items()):
            for far in fars:
                self._followers[far].add(near)
        for urn, state in self._line.versions.items():
            self._versions[dataset_of(urn)].append(urn)
            if (content := _content(urn, state)) is not None:
                self._contents[content].add(urn)
        for actions in self._by_writer.values():
            actions.sort(key=lambda a: (a.begins, a.ends))

    def find(self) -> None:
        source = self._fault.dataset
        self._spans[source] = [(self._fault.begins, self._fault.ends)]
        self._arrive(source, Arrival(self._fault.begins, 0, None, "is where the fault came in"))
        waiting: dict[Urn, None] = {source: None}
        self._start_with_versions(waiting)
        while waiting:
            urn = next(iter(waiting))
            del waiting[urn]
            for other in self._spread(urn):
                waiting[other] = None
        self._models()
        for urn in [u for u in self.arrivals if u.kind == "modelversion" and not self._is_within(u)]:
            del self.arrivals[urn]
        self._consumers()

    @property
    def clean(self) -> list[Urn]:
        """Versions of data and models below the fault that do not stand on it."""
        return sorted(urn for urn in self._below() if self._is_told(urn))

    @property
    def undecided(self) -> list[Urn]:
        """Versions below the fault of which neither a run, nor a time, nor content is known."""
        return sorted(urn for urn in self._below() if not self._is_told(urn))

    def _below(self) -> list[Urn]:
        return [urn for urn in (*self._line.versions, *self._line.models) if urn not in self.arrivals]

    def _is_told(self, urn: Urn) -> bool:
        state = self._line.versions.get(urn) or self._line.models[urn]
        same = self._contents.get(_content(urn, state) or "", set())
        known = [urn, *(other for other in same if other != urn)]
        return any(
            _made(self._line.versions.get(u) or self._line.models[u]) is not None
            or any(a.timed for a in self._makers.get(u, ()))
            for u in known
        )

    def _arrive(self, urn: Urn, arrival: Arrival) -> None:
        known = self.arrivals.get(urn)
        if known is None or arrival.rank() < known.rank():
            self.arrivals[urn] = arrival

    # --- one step

    def _spread(self, urn: Urn) -> Iterator[Urn]:
        """Yields what became bad, or worse, because a data set or version did."""
        for action in self._readers.get(urn, ()):
            if action not in self._affected and (since := self._is_read_bad(action, urn)) is not None:
                yield from self._strike(action, urn, since)
        for near in sorted(self._followers.get(urn, ())) if urn.kind == "dataset" else ():
            yield from self._renew(near, urn, "reads {}; when is not known")
        if urn.kind == "dataset":
            yield from self._versions_of(urn)
            for near in sorted(self._first_readers(urn)):
                yield from self._renew(near, urn, "reads {}; of that time no run is known")
        else:
            yield from self._equals(urn)

    def _first_readers(self, urn: Urn) -> set[Urn]:
        return {far for action in self._readers.get(urn, ()) for far in action.writes if far.kind == "dataset"}

    def _is_read_bad(self, action: Action, urn: Urn) -> Instant | None:
        """Returns since when an action had bad data from one of its inputs; None if it had none."""
        if urn.kind == "datasetversion":
            return max(action.begins, self.arrivals[urn].since) if urn in self.arrivals else None
        if not action.timed:
            return None
        return next(
            (max(a, action.begins) for a, b in self._spans.get(urn, ()) if a <= action.ends and b >= action.begins),
            None,
        )

    def _strike(self, action: Action, near: Urn, since: Instant) -> Iterator[Urn]:
        """Marks an action and what it wrote."""
        if self._within is not None and action.writes and not any(self._is_within(u) for u in action.writes):
            return
        self._affected.add(action)
        hops = self.arrivals[near].hops + 1
        assumed = self.arrivals[near].assumed
        why = f"was written from {{}}{_at(since)}, when it was bad"
        if action.urn.kind == "run":
            self._arrive(action.urn, Arrival(since, hops, near, f"read {{}}{_at(since)}, when it was bad", assumed))
        for urn in sorted(action.writes):
            if urn.kind == "dataset":
                yield from self._renew(urn, near, why, assumed)
            elif self._is_bad_version(urn):
                yield from self._mark(urn, Arrival(since, hops, near, why, assumed))
                yield from self._renew(dataset_of(urn), near, why, assumed)

    def _is_bad_version(self, urn: Urn) -> bool:
        """Returns whether a version that an affected run wrote can hold the fault."""
        known = self._line.versions.get(urn)
        return urn.kind == "datasetversion" and self._is_within(urn) and not self._is_older(known)

    def _is_within(self, urn: Urn) -> bool:
        """Returns whether values of a bad column can get there; of a bad data set everything that reads it is."""
        if self._within is None or urn.kind not in ("dataset", "datasetversion", "modelversion"):
            return True
        return (dataset_of(urn) if urn.kind == "datasetversion" else urn) in self._within

    def _mark(self, urn: Urn, arrival: Arrival) -> Iterator[Urn]:
        if urn not in self.arrivals:
            self._arrive(urn, arrival)
            yield urn

    def _renew(self, urn: Urn, near: Urn, why: str, assumed: bool = True) -> Iterator[Urn]:
        """Works out anew when a data set was bad; yields it if that is longer than was known."""
        if urn == self._fault.dataset or not self._is_within(urn):
            return
        spans = self._bad_spans(urn)
        if not spans or spans == self._spans.get(urn):
            return
        self._spans[urn] = spans
        hops = self.arrivals[near].hops + 1
        if urn in self._line.views and near in self._line.follows.get(urn, ()):
            why, assumed = "is a view of {}", self.arrivals[near].assumed
        self._arrive(urn, Arrival(spans[0][0], hops, near, why, assumed))
        yield urn

    def _bad_spans(self, urn: Urn) -> list[Span]:
        """Returns when a data set was bad, by what is known now."""
        writers = [a for a in self._by_writer.get(urn, ()) if a.timed]
        found: list[Span] = []
        for near in {*self._line.follows.get(urn, ()), *self._line.ties.get(urn, ())}:
            for begins, ends in self._spans.get(near, ()):
                found.append((begins, ends if urn in self._line.views else self._until(begins, writers)))
        if writers and any(a.timed and a.begins < writers[0].begins for a in self._readers.get(urn, ())):
            found += self._before(writers)
        for action in writers:
            if action in self._affected:
                since = min(
                    (s for r in action.reads if (s := self._is_read_bad(action, r)) is not None), default=action.begins
                )
                found.append((since, self._until(action.begins, writers)))
        return _united(found)

    def _before(self, writers: list[Action]) -> Iterator[Span]:
        """Yields when a data set that was read before its first write that is known may have been bad: no run tells."""
        first = writers[0].begins
        for near in sorted({urn for action in writers for urn in action.reads if urn.kind == "dataset"}):
            for begins, _ in self._spans.get(near, ()):
                if begins < first:
                    yield begins, self._until(begins, writers)

    def _until(self, begins: Instant, writers: Iterable[Action]) -> Instant:
        """Returns the end of the first clean rewrite after a time; bad data stays until then."""
        clean = (a.ends for a in writers if a.begins > begins and a.replaces and a not in self._affected)
        return next(clean, NEVER)

    # --- versions

    def _start_with_versions(self, waiting: dict[Urn, None]) -> None:
        for urn in self._versions_of(self._fault.dataset):
            waiting[urn] = None
        if self._fault.urn.kind == "datasetversion":
            for urn in self._mark(self._fault.urn, Arrival(self._fault.begins, 0, None, "is where the fault came in")):
                waiting[urn] = None

    def _versions_of(self, dataset: Urn) -> Iterator[Urn]:
        """Yields versions that no run is known to have made, and that were made while the data set was bad."""
        for urn in self._versions.get(dataset, ()):
            if urn in self.arrivals or any(a.timed for a in self._makers.get(urn, ())):
                continue
            made = _made(self._line.versions[urn])
            if made is not None and any(a <= made <= b for a, b in self._spans.get(dataset, ())):
                hops = self.arrivals[dataset].hops + 1
                yield from self._mark(urn, Arrival(made, hops, dataset, "was made while {} was bad", True))

    def _equals(self, urn: Urn) -> Iterator[Urn]:
        """Yields versions of the same content."""
        state = self._line.versions.get(urn)
        content = None if state is None else _content(urn, state)
        arrival = self.arrivals[urn]
        for other in sorted(self._contents.get(content or "", ())):
            if not self._is_older(self._line.versions[other]):
                yield from self._mark(
                    other, Arrival(arrival.since, arrival.hops + 1, urn, "has the same content as {}", arrival.assumed)
                )

    def _is_older(self, state: NodeState | None) -> bool:
        """Returns whether content was there before the fault: then the fault is not in it."""
        made = None if state is None else _made(state)
        return made is not None and made < self._fault.begins

    # --- what stands on versions and runs

    def _models(self) -> None:
        for urn in self._line.models:
            for action in self._makers.get(urn, ()):
                if action in self._affected and action.urn in self.arrivals:
                    came = self.arrivals[action.urn]
                    self._arrive(urn, Arrival(came.since, came.hops + 1, action.urn, "came of {}", came.assumed))
        for link in self._line.trained:
            came_of = self.arrivals.get(link.end)
            if came_of is not None and link.end.kind == "datasetversion":
                self._arrive(
                    link.start, Arrival(came_of.since, came_of.hops + 1, link.end, "was trained on {}", came_of.assumed)
                )
            elif came_of is not None and not self._makers.get(link.start):
                made = _made(self._line.models[link.start])
                if made is None or any(a <= made <= b for a, b in self._spans.get(link.end, ())):
                    self._arrive(
                        link.start, Arrival(came_of.since, came_of.hops + 1, link.end, "was trained on {}", True)
                    )

    def _consumers(self) -> None:
        """Features of bad views, endpoints and predictions of affected model versions."""
        views = [urn for urn in self.arrivals if urn.kind == "featureview"]
        spaces = {"namespace": sorted({v.namespace for v in views}), "name": sorted({v.name for v in views})}
        for feature in find_all(self._store, ["feature"], spaces) if views else ():
            self._on(feature.urn, Urn("featureview", feature.urn.parts[:2]), "is in {}")
        models = [urn for urn in self.arrivals if urn.kind == "modelversion"]
        for type_, why in (("SERVES", "serves {}"), ("PREDICTED_BY", "was given by {}")):
            for link in link_all(self._store, self._store.keys(models).values(), [type_], "downstream"):
                self._on(link.start, link.end, why)

    def _on(self, urn: Urn, near: Urn, why: str) -> None:
        came = self.arrivals.get(near)
        if came is not None:
            self._arrive(urn, Arrival(came.since, came.hops + 1, near, why, came.assumed))


def _made(state: NodeState) -> Instant | None:
    said = state.properties.get("created_at")
    return parse(str(said)) if said else None


def _content(urn: Urn, state: NodeState) -> str | None:
    """Returns the digest that a version's content is known by: its own, or the one that names it where nothing else is said."""
    if is_strong(state):
        return str(state.properties["digest"])
    algorithm, colon, digest = urn.parts[-1].partition(":")
    return (
        digest
        if colon and algorithm.isalnum() and not state.properties.get("digest") and urn.kind == "datasetversion"
        else None
    )


def _united(spans: list[Span]) -> list[Span]:
    """Returns spans in order, those that touch as one."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def _at(since: Instant) -> str:
    return "" if since in (EVER, NEVER) else f" at {moment(since):%Y-%m-%d %H:%M:%S}"


def reach_of_column(store: Store, column: Urn) -> set[Urn]:
    """Returns the data sets and model versions that values of a column, or rows chosen by it, can get into."""
    found = reach(store, store.keys([column]).values(), Course(VALUE | ROWS, "downstream", row_sets=True))
    within = {lift(urn) for urn in store.urns(found.hops).values()} | {dataset_of(column)}
    known = store.keys([urn for urn in within if urn.kind == "dataset"])
    open_ = {k.start for k in link_all(store, known.values(), ["DEPENDS_ON"], "downstream") if not columns_known(k)}
    blind = store.keys(open_ - within)
    below = reach(store, blind.values(), Course(VALUE | ROWS | {"DEPENDS_ON"}, "downstream", row_sets=True))
    return within | {lift(urn) for urn in store.urns(below.hops).values()} | _unlisted(store)


def _unlisted(store: Store) -> set[Urn]:
    """Returns the model versions of which no feature is known: they may have used any column."""
    versions = {n.urn for n in find_all(store, ["modelversion"])}
    return versions - {k.start for k in link_all(store, store.keys(versions).values(), ["USES_FEATURE"])}


def contamination(store: Store, refs: Refs, faults: Sequence[Fault]) -> Answer:
    """Returns what stands on bad data, in the form of an impact report, and which versions are clean."""
    arrivals: dict[Urn, Arrival] = {}
    clean, undecided = set[Urn](), set[Urn]()
    for fault in faults:
        one = Contamination(store, fault, reach_of_column(store, fault.urn) if fault.urn.kind == "column" else None)
        one.find()
        for urn, arrival in one.arrivals.items():
            if urn not in arrivals or arrival.rank() < arrivals[urn].rank():
                arrivals[urn] = arrival
        clean.update(one.clean)
        undecided.update(one.undecided)
    findings = Findings()
    findings.update(
        Finding(u, "value_changes", a.hops, a.why, a.near) for u, a in arrivals.items() if a.near is not None
    )
    told: list[Data] = [{"change": f.text, "ref": f.urn, "kind": "bad-data", "to": None} for f in faults]
    answer = report(store, refs, findings, told, {f.dataset for f in faults})
    for said in answer.data["findings"]:
        came = arrivals[Urn.parse(said["urn"])]
        said |= {"since": None if came.since == EVER else show(came.since), "assumed": came.assumed}
    others = {n.urn for n in find_all(store, ["modelversion"]) if n.closed_since is None} - undecided
    texts = refs.texts([*clean, *undecided, *others])
    answer.data["clean"] = [node(texts, urn) for urn in sorted((clean | others) - arrivals.keys(), key=str)]
    answer.data["undecided"] = [node(texts, urn) for urn in sorted(undecided - arrivals.keys() - clean, key=str)]
    answer.data["alarms"] = _alarms(store, refs, arrivals)
    return answer


def _alarms(store: Store, refs: Refs, arrivals: Mapping[Urn, Arrival]) -> list[Data]:
    """Returns the checks that failed on bad data after it arrived, earliest first."""
    found: list[Data] = []
    for urn in sorted(u for u in arrivals if u.kind == "dataset"):
        since = arrivals[urn].since
        after = "" if since == EVER else show(since)
        failed = [c for c in checks_of(store, refs, urn) if c["success"] is False and (c["at"] or "") >= after]
        found += [{"subject": refs.format(urn), **{key: said[key] for key in _ALARM}} for said in failed]
    return sorted(found, key=lambda alarm: (alarm["at"] or "", alarm["subject"], alarm["check"]))
