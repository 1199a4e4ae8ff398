"""What ran when below a data set: the actions that read and wrote, and the derivations of which no time is known.

Runs say when they began and ended. A query log says when a table was written: the times at which its statements were seen.
Views follow what they read at once. Of everything else (a project's declaration, a guess) no time is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.graph import Course, reach, undenied
from catalog.links import link_all
from catalog.model.errors import InvalidNameError, InvalidTimeError
from catalog.model.instants import TIES, Instant, parse
from catalog.model.names import Urn, dataset_of
from catalog.store.history import ScopeHistory
from catalog.store.port import Direction, Key, NodeState, Store

EVER: Final = Instant(-(1 << 62))
NEVER: Final = Instant(1 << 62)

_BELOW: Final = frozenset(
    {"DEPENDS_ON", "READS", "PRODUCED_BY", "RUN_OF", "VERSION_OF", "USED", "GENERATED_BY", "TRAINED_ON"}
)
_DATA: Final = frozenset({"dataset", "datasetversion"})
_FAILED: Final = frozenset({"FAIL", "ABORT"})
_VIEW: Final = "view"
_SPOKEN: Final = frozenset({"exact", "declared", "over_approximate"})


@dataclass(eq=False, slots=True)
class Action:
    """Something that ran between two times: a run, or a statement of a log (then `urn` is the data set that it wrote).

    Attributes:
        reads: Data sets and versions; a data set is left out where a version of it is named.
        replaces: Whether what it wrote is all that there is afterwards.
        timed: False if it is not known when it ran: then only versions decide.
        alone: Whether it is a run of no job. Of a job all runs are taken to be known; behind the last of these there may be others.
    """

    urn: Urn
    begins: Instant
    ends: Instant
    reads: frozenset[Urn]
    writes: frozenset[Urn]
    replaces: bool = True
    timed: bool = True
    alone: bool = False


@dataclass(slots=True)
class Timeline:
    """Everything below some data sets.

    Attributes:
        follows: What each data set, exposure or feature view reads at times that are not known.
        resumes: What each reads, perhaps, behind its last write that is known.
        views: Data sets that hold nothing of their own.
        ties: Other names of a data set, and data sets with content in common.
        names: Other names of a data set alone: what is in the one is in the other, at all times.
        trained: Model versions with the data that they were trained on.
    """

    datasets: set[Urn] = field(default_factory=set)
    versions: dict[Urn, NodeState] = field(default_factory=dict)
    models: dict[Urn, NodeState] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    follows: defaultdict[Urn, set[Urn]] = field(default_factory=lambda: defaultdict(set))
    resumes: defaultdict[Urn, set[Urn]] = field(default_factory=lambda: defaultdict(set))
    views: set[Urn] = field(default_factory=set)
    ties: defaultdict[Urn, set[Urn]] = field(default_factory=lambda: defaultdict(set))
    names: defaultdict[Urn, set[Urn]] = field(default_factory=lambda: defaultdict(set))
    trained: list[tuple[Urn, Urn]] = field(default_factory=list)


def timeline_of(store: Store, starts: Collection[Urn], moments: Iterable[Instant]) -> Timeline:
    """Returns what is known below data sets.

    Args:
        moments: Times besides now at which statements are asked what they read.
    """
    return _Loader(store, tuple(moments)).load(starts)


class _Loader:
    def __init__(self, store: Store, moments: tuple[Instant, ...]) -> None:
        self._store, self._moments = store, moments
        self._found = Timeline()
        self._keys: dict[Urn, Key] = {}
        self._urns: dict[Key, Urn] = {}
        self._told: set[Urn] = set()
        """Jobs of which runs are known with their times."""

    def load(self, starts: Collection[Urn]) -> Timeline:
        found = self._found
        of: defaultdict[str, set[Urn]] = defaultdict(set)
        for urn in self._reached(starts):
            of[urn.kind].add(urn)
        found.datasets = of["dataset"]
        states = self._store.get(list(of["dataset"] | of["datasetversion"] | of["modelversion"]))
        found.versions = {urn: states[urn] for urn in of["datasetversion"] & states.keys()}
        found.models = {urn: states[urn] for urn in of["modelversion"] & states.keys()}
        found.views = {urn for urn in of["dataset"] & states.keys() if states[urn].properties.get("type") == _VIEW}
        found.trained = self._ties(found.models, ["TRAINED_ON"])
        found.actions = [*self._runs(of["run"] | self._writers()), *self._statements()]
        self._untimed([*found.datasets, *of["exposure"], *of["featureview"], *of["metric"]])
        return found

    def _reached(self, starts: Collection[Urn]) -> set[Urn]:
        """Returns all that is below, by whatever is known: versions lead to data sets, and these on."""
        known: set[Urn] = set()
        fresh = set(starts)
        while fresh:
            below = reach(self._store, self._keys_of(fresh), Course(_BELOW, "downstream"))
            urns = self._urns_of(below.hops)
            for tie in below.ties:
                if urns[tie.near].kind == "dataset" == urns[tie.far].kind:
                    self._found.ties[urns[tie.far]].add(urns[tie.near])
                    if tie.type == "ALIAS_OF":
                        self._found.names[urns[tie.far]].add(urns[tie.near])
            found = {urns[key] for key in below.hops}
            known |= found | fresh
            fresh = {dataset_of(u) for u in found if u.kind == "datasetversion"} - known
        return known

    def _writers(self) -> set[Urn]:
        """Returns the runs that made any of the versions or data sets, and those of jobs that write any of the data sets: what
        they wrote from elsewhere mends it.
        """
        found = self._found
        things = [*found.versions, *found.models, *found.datasets]
        made = {run for _, run in self._ties(things, ["GENERATED_BY"]) if run.kind == "run"}
        jobs = {job for _, job in self._ties(found.datasets, ["PRODUCED_BY"])}
        return made | {run for run, _ in self._ties(jobs, ["RUN_OF"], "downstream")}

    # --- edges without what is said of them

    def _keys_of(self, urns: Iterable[Urn]) -> list[Key]:
        fresh = [urn for urn in urns if urn not in self._keys]
        for urn, key in self._store.keys(fresh).items() if fresh else ():
            self._keys[urn], self._urns[key] = key, urn
        return [self._keys[urn] for urn in urns if urn in self._keys]

    def _urns_of(self, keys: Iterable[Key]) -> Mapping[Key, Urn]:
        fresh = [key for key in keys if key not in self._urns]
        for key, urn in self._store.urns(fresh).items() if fresh else ():
            self._keys[urn], self._urns[key] = key, urn
        return self._urns

    def _ties(
        self, urns: Collection[Urn], types: Collection[str], way: Direction = "upstream"
    ) -> list[tuple[Urn, Urn]]:
        """Returns the starts and ends of the edges of things along a direction, each pair once."""
        hops = undenied(self._store.step(self._keys_of(urns), types, way)) if urns else ()
        known = self._urns_of({hop.far for hop in hops})
        pairs = ((known[hop.near], known[hop.far]) for hop in hops if not hop.absent)
        return list(dict.fromkeys(pairs if way == "upstream" else ((far, near) for near, far in pairs)))

    # --- runs

    def _runs(self, runs: Collection[Urn]) -> Iterator[Action]:
        reads: defaultdict[Urn, set[Urn]] = defaultdict(set)
        writes: defaultdict[Urn, set[Urn]] = defaultdict(set)
        for run, end in self._ties(runs, ["USED"]):
            reads[run].add(end)
        for start, run in self._ties(runs, ["GENERATED_BY"], "downstream"):
            writes[run].add(start)
        of_job = dict(self._ties(runs, ["RUN_OF"]))
        streams = self._streams(set(of_job.values()))
        for urn, state in self._store.get(list(runs)).items():
            said = state.properties
            begins, ends = time_of(said.get("started_at")), time_of(said.get("ended_at"))
            timed = begins is not None or ends is not None
            begins = begins if begins is not None else ends if ends is not None else EVER
            ends = _last(ends if ends is not None else begins if timed else NEVER)
            into = writes[urn] | set(_urns(said.get("outputs")))
            if said.get("state") in _FAILED:
                into = {u for u in into if u.kind != "dataset"}
            came = _precise(reads[urn] | set(_urns(said.get("inputs"))))
            whole = of_job.get(urn) not in streams
            self._told |= {of_job[urn]} if timed and urn in of_job else set()
            yield Action(urn, begins, ends, came, frozenset(into), whole, timed, urn not in of_job)

    def _streams(self, jobs: Collection[Urn]) -> set[Urn]:
        """Returns the jobs that are known to add to what they wrote before."""
        states = self._store.get(list(jobs))
        return {urn for urn, state in states.items() if state.properties.get("processing") == "STREAMING"}

    # --- statements of logs

    def _statements(self) -> Iterator[Action]:
        histories = {urn: self._histories(urn) for urn in sorted(self._found.datasets - self._found.views)}
        reads = self._read_by_scope([urn for urn, some in histories.items() if some])
        for urn, some in histories.items():
            for history in some:
                yield from _writes(urn, history, reads.get(history.scope))

    def _histories(self, urn: Urn) -> list[ScopeHistory]:
        scope = ("sql", *urn.parts)
        return [*self._store.histories([scope]).values(), *self._store.histories_below(scope)]

    def _read_by_scope(self, datasets: Collection[Urn]) -> dict[tuple[str, ...], set[Urn]]:
        """Returns what each scope of a query log reads, as far as it knows rather than guesses."""
        found: defaultdict[tuple[str, ...], set[Urn]] = defaultdict(set)
        keys = self._keys_of(datasets)
        for moment in (None, *self._moments) if keys else ():
            for link in link_all(self._store, keys, ["DEPENDS_ON"], "upstream", moment):
                for said in link.said:
                    if said.claim.scope[0] == "sql" and said.exactness in _SPOKEN and not said.denies:
                        found[said.claim.scope].add(link.end)
        return dict(found)

    # --- what has no time

    def _untimed(self, things: Collection[Urn]) -> None:
        """What a data set stands on by no action that is known follows it at some time."""
        timed: dict[tuple[Urn, Urn], bool] = {}
        for action in (a for a in self._found.actions if a.timed):
            for write in action.writes:
                alone = action.alone and write.kind == "dataset"
                for pair in ((_lift(write), _lift(read)) for read in action.reads):
                    timed[pair] = timed.get(pair, True) and alone
        for start, end in self._ties(things, ["DEPENDS_ON"]):
            if (start, end) not in timed:
                self._found.follows[start].add(end)
            elif timed[start, end]:
                self._found.resumes[start].add(end)
        written = self._ties(self._found.datasets, ["PRODUCED_BY"])
        readers: defaultdict[Urn, set[Urn]] = defaultdict(set)
        for job, end in self._ties({job for _, job in written} - self._told, ["READS"]):
            readers[job].add(end)
        for start, job in written:
            for end in readers[job]:
                if (start, end) not in timed and start != end:
                    self._found.follows[start].add(end)


def _writes(urn: Urn, history: ScopeHistory, reads: set[Urn] | None) -> Iterator[Action]:
    whole = len(history.scope) == 1 + len(urn.parts)
    if reads is None and not whole:
        return
    for seen in history.live():
        complete = history.snapshots[seen.snapshot].complete
        yield Action(urn, seen.at, _last(seen.at), frozenset(reads or ()), frozenset({urn}), whole and complete)


def _precise(reads: set[Urn]) -> frozenset[Urn]:
    """Leaves out a data set where it is known which version of it was read."""
    known = {dataset_of(urn) for urn in reads if urn.kind == "datasetversion"}
    return frozenset(urn for urn in reads if urn.kind in _DATA and urn not in known)


def _lift(urn: Urn) -> Urn:
    return dataset_of(urn) if urn.kind == "datasetversion" else urn


def _urns(said: Any) -> Iterator[Urn]:
    for text in said or ():
        try:
            yield Urn.parse(text)
        except InvalidNameError:
            continue


def time_of(said: Any, read: Callable[[str], Instant] = parse) -> Instant | None:
    """Returns a time that a source wrote; None for what is none."""
    try:
        return read(str(said)) if said else None
    except InvalidTimeError:
        return None


def _last(at: Instant) -> Instant:
    """Returns the last instant of the same microsecond: ordinals only tell ties of one source apart."""
    return at if at in (EVER, NEVER) else Instant(at // TIES * TIES + TIES - 1)
