"""How a model version came about: its run under all its names, the data that the run read, the code, the environment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.answers import Data, camel, node
from catalog.graph import Course, adjacency, reach
from catalog.identity import find_all, is_strong
from catalog.links import Link, link_all
from catalog.model.errors import InvalidTimeError
from catalog.model.instants import Instant, parse_as_of
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.store.port import NodeState, Store

_DATA: Final = frozenset({"dataset", "datasetversion"})
_UPSTREAM_ROLE: Final = "upstream"


@dataclass(slots=True)
class Training:
    """What stands behind a model version.

    Attributes:
        runs: Run of its registry first, then other names of it.
        inputs: What the run read, with the roles that sources give it.
        behind: Versions further back, from which inputs were made, and versions of equal content, with hops.
    """

    version: Urn
    states: dict[Urn, NodeState] = field(default_factory=dict)
    runs: list[Urn] = field(default_factory=list)
    inputs: dict[Urn, set[str]] = field(default_factory=dict)
    behind: dict[Urn, int] = field(default_factory=dict)
    same: dict[Urn, Urn] = field(default_factory=dict)
    commits: list[Urn] = field(default_factory=list)
    environments: list[Urn] = field(default_factory=list)
    features: list[Link] = field(default_factory=list)

    @property
    def properties(self) -> Mapping[str, Any]:
        return self.states[self.version].properties

    def first(self, name: str) -> Any:
        """Returns a property of the run, under whichever name of it says so."""
        found = (self.states[run].properties.get(name) for run in self.runs)
        return next((value for value in found if value is not None), None)

    @property
    def at(self) -> Instant | None:
        """When it was trained: the end of its run, else the start, else when it was registered."""
        for text in (self.first("ended_at"), self.first("started_at"), self.properties.get("created_at")):
            try:
                if text:
                    return parse_as_of(str(text))
            except InvalidTimeError:
                continue
        return None


def training_of(store: Store, version: Urn) -> Training:
    """Returns what is known about how a model version was made; observed facts do not change, so all of them count."""
    (found,) = trainings_of(store, [version])
    return found


def trainings_of(store: Store, versions: Collection[Urn]) -> list[Training]:
    """Returns the trainings of model versions, in as many questions to the store as one of them takes."""
    trainings = [Training(version) for version in versions]
    near = _links(store, versions, _OF_VERSIONS)
    names = _Names(store, {k.end for links in near.values() for k in links if _is_run(k)})
    of_runs = _links(store, names.all(), _OF_RUNS)
    for found in trainings:
        own = near[found.version]
        found.features = [link for link in own if link.type == "USES_FEATURE"]
        found.runs = names.of([k.end for k in own if _is_run(k)])
        around = [*own, *(link for run in sorted(set(found.runs)) for link in of_runs[run])]
        for link in around:
            if link.end.kind in _DATA and link.type in _ROLES:
                found.inputs.setdefault(link.end, set()).add(str(link.properties.get("role") or _ROLES[link.type]))
        found.commits = _ends(around, "AT_COMMIT")
        found.environments = _ends(around, "EXECUTED_IN")
    states = store.get({urn for f in trainings for urn in (f.version, *f.runs)})
    for found in trainings:
        found.states = states
    _look_behind(store, trainings)
    states |= store.get({u for f in trainings for u in (*f.inputs, *f.behind, *f.commits, *f.environments)})
    return trainings


_ROLES: Final = {"USED": "input", "TRAINED_ON": "training", "EVALUATED_ON": "evaluation"}
_OF_VERSIONS: Final = ("GENERATED_BY", "TRAINED_ON", "EVALUATED_ON", "AT_COMMIT", "EXECUTED_IN", "USES_FEATURE")
_OF_RUNS: Final = ("USED", "AT_COMMIT", "EXECUTED_IN")


def _is_run(link: Link) -> bool:
    return link.type == "GENERATED_BY" and link.end.kind == "run"


def _links(store: Store, urns: Collection[Urn], types: Collection[str]) -> defaultdict[Urn, list[Link]]:
    """Returns edges by the things that they start from."""
    found: defaultdict[Urn, list[Link]] = defaultdict(list)
    for link in link_all(store, store.keys(urns).values(), types, "upstream"):
        found[link.start].append(link)
    return found


def _ends(links: Iterable[Link], type_: str) -> list[Urn]:
    return list(dict.fromkeys(link.end for link in links if link.type == type_))


class _Names:
    """Runs with the other names that they go by."""

    def __init__(self, store: Store, runs: Collection[Urn]) -> None:
        keys = store.keys(runs)
        found = reach(store, keys.values(), Course(frozenset(), "upstream"))
        urns = store.urns(found.hops)
        self._others = adjacency((urns[tie.near], urns[tie.far]) for tie in found.ties)
        self._runs = {*runs, *urns.values()}

    def all(self) -> set[Urn]:
        return self._runs

    def of(self, runs: list[Urn]) -> list[Urn]:
        """Returns runs and all their other names, these in order."""
        known, waiting = dict.fromkeys(runs), list(runs)
        while waiting:
            fresh = [other for other in self._others.get(waiting.pop(), ()) if other not in known]
            known.update(dict.fromkeys(fresh))
            waiting += fresh
        return [*dict.fromkeys(runs), *sorted(known.keys() - set(runs))]


def _look_behind(store: Store, trainings: Collection[Training]) -> None:
    """Follows versions to those that they were made from, run by run; a name without a version ends the way."""
    behind = _Behind(store)
    waiting = [(found, dict.fromkeys(found.inputs), set(found.inputs)) for found in trainings]
    hops = 0
    while waiting:
        hops += 1
        behind.read([urn for _, urns, _ in waiting for urn in urns if urn.kind == "datasetversion"])
        after = []
        for found, urns, known in waiting:
            fresh = behind.step(found, urns, known)
            found.behind.update(dict.fromkeys(fresh, hops))
            if fresh:
                after.append((found, dict.fromkeys(fresh), known))
        waiting = after


class _Behind:
    """Which versions have equal content, and from which ones they were made, as far as it was read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: set[Urn] = set()
        self._equal: dict[Urn, list[Urn]] = {}
        self._made: dict[Urn, list[tuple[Instant | None, Urn]]] = {}
        """Versions that the makers of a version read, with when each maker began."""

    def read(self, versions: Iterable[Urn]) -> None:
        fresh = [urn for urn in dict.fromkeys(versions) if urn not in self._read]
        self._read.update(fresh)
        equal = _equal_content(self._store, fresh)
        self._equal |= equal
        asked = {*fresh, *(far for fars in equal.values() for far in fars)} - self._made.keys()
        made = _links(self._store, asked, ["GENERATED_BY"])
        runs = {k.end for links in made.values() for k in links}
        used, began = _links(self._store, runs, ["USED"]), _began(self._store.get(runs))
        for urn in asked:
            reads = ((began.get(k.end), u.end) for k in made[urn] for u in used[k.end])
            self._made[urn] = [(at, end) for at, end in reads if end.kind == "datasetversion"]

    def step(self, found: Training, waiting: Iterable[Urn], known: set[Urn]) -> list[Urn]:
        """Returns the versions one step behind those that wait, which are then known.

        What made the same content only after the training is not behind it.
        """
        until = found.at
        versions = [urn for urn in waiting if urn.kind == "datasetversion"]
        equal = [(far, near) for near in versions for far in self._equal.get(near, ())]
        for far, near in equal:
            if far not in versions:
                found.same.setdefault(far, near)
        versions += [far for far, _ in equal]
        made = (one for urn in versions for one in self._made.get(urn, ()))
        used = sorted({source for at, source in made if until is None or at is None or at <= until})
        fresh = [urn for urn in dict.fromkeys([*versions, *used]) if urn not in known]
        known.update(fresh)
        return fresh


def _began(runs: Mapping[Urn, NodeState]) -> dict[Urn, Instant]:
    """Returns when runs began, as far as it is known."""
    found: dict[Urn, Instant] = {}
    for urn, state in runs.items():
        text = state.properties.get("started_at") or state.properties.get("ended_at")
        try:
            if text:
                found[urn] = parse_as_of(str(text))
        except InvalidTimeError:
            continue
    return found


def _equal_content(store: Store, versions: Collection[Urn]) -> dict[Urn, list[Urn]]:
    """Returns for each version the others with the same strong digest."""
    states = store.get(versions)
    by_digest: defaultdict[str, list[Urn]] = defaultdict(list)
    for urn, state in states.items():
        if is_strong(state):
            by_digest[str(state.properties["digest"])].append(urn)
    equal: defaultdict[Urn, list[Urn]] = defaultdict(list)
    if by_digest:
        for other in find_all(store, ["datasetversion"], {"digest": sorted(by_digest)}):
            for near in by_digest[str(other.properties["digest"])] if is_strong(other) else ():
                if near != other.urn:
                    equal[near].append(other.urn)
    return dict(equal)


# --- saying it --------------------------------------------------------------------------------------------------------


def say_run(found: Training, texts: Mapping[Urn, str]) -> Data | None:
    """Returns the run, with the other names that it goes by."""
    if not found.runs:
        return None
    said = {camel(k): found.first(k) for k in ("title", "state", "started_at", "ended_at", "user", "region")}
    return node(texts, found.runs[0], **said, aliases=sorted(texts[run] for run in found.runs[1:]), observed=True)


def say_code(store: Store, found: Training) -> Data | None:
    """Returns the commit with what every source says of it; a repository's address before other names of it."""
    tags = read_json(found.first("tags"))
    commit = found.commits[0].name if found.commits else found.first("code_version")
    if not commit:
        return None
    known = list(find_all(store, ["codeversion"], {"name": [str(commit)]}))
    named = sorted((n.urn.namespace not in {c.namespace for c in found.commits}, n.urn) for n in known)
    said = [next(n.properties for n in known if n.urn == urn) for _, urn in named]
    marks = sorted({tag for properties in said for tag in properties.get("tags") or ()})
    return {
        "repository": named[0][1].namespace if named else None,
        "commit": str(commit),
        "branch": _first(said, "branch"),
        "tag": marks[0] if marks else None,
        "tags": marks,
        "path": tags.get("mlflow.source.name") or tags.get("mlflow.project.entryPoint"),
        "message": _first(said, "message"),
        "author": _first(said, "author"),
        "committedAt": _first(said, "committed_at"),
    }


def _first(said: Iterable[Mapping[str, Any]], name: str) -> Any:
    return next((properties[name] for properties in said if name in properties), None)


def say_environment(found: Training, texts: Mapping[Urn, str]) -> Data | None:
    if not found.environments:
        return None
    urn = found.environments[0]
    properties = found.states[urn].properties
    more = {key: properties.get(key) for key in ("python", "image")}
    return {
        "ref": texts[urn],
        **more,
        "packages": read_json(properties.get("packages")),
        "meta": read_json(properties.get("meta")),
    }


def say_parameters(found: Training) -> Data:
    return read_json(found.first("parameters"))


def say_datasets(found: Training, texts: Mapping[Urn, str]) -> list[Data]:
    """Returns the data that it stands on: what the run read first, then equal content and what it was made from."""
    known = {**dict.fromkeys(found.inputs, 0), **found.behind}
    by_digest: defaultdict[Any, set[str]] = defaultdict(set)
    for urn, roles in found.inputs.items():
        by_digest[_content(found, urn)] |= roles
    said = []
    for urn, hops in known.items():
        shared = sorted(by_digest.get(_content(found, urn), ()))
        said.append(_say_dataset(found, texts, urn, shared or [_UPSTREAM_ROLE], hops))
    return sorted(said, key=lambda d: (d["hops"], d["role"], d["ref"], d["version"] or ""))


def _content(found: Training, urn: Urn) -> object:
    """Returns what two names of one content have in common: a role that is said of the one is that of the other."""
    state = found.states[urn]
    return state.properties["digest"] if is_strong(state) else urn


def _say_dataset(found: Training, texts: Mapping[Urn, str], urn: Urn, roles: list[str], hops: int) -> Data:
    properties = found.states[urn].properties
    near = found.same.get(urn)
    is_version = urn.kind == "datasetversion"
    said_by_default = ("input", "evaluation")  # any word of the source says more
    role = min(roles, key=lambda r: (r in said_by_default, r == "input", r != "training", r))
    return {
        "ref": texts[dataset_of(urn)],
        "version": texts[urn] if is_version else None,
        "digest": properties.get("digest") if is_version else None,
        "algorithm": properties.get("algorithm") if is_version else None,
        "strength": properties.get("strength") if is_version else None,
        "recordedIn": properties.get("recorded_in") if is_version else None,
        "role": role,
        "sameAs": texts[near] if near is not None else None,
        "observed": True,
        "hops": hops,
    }


def refs_of(found: Training, refs: Refs) -> dict[Urn, str]:
    """Returns the refs of all that the pieces name."""
    urns = [found.version, *found.runs, *found.inputs, *found.behind, *found.environments]
    return refs.texts([*urns, *(dataset_of(u) for u in urns if u.kind in _DATA)])


def read_json(text: Any) -> Data:
    """Returns a property that keeps a JSON object, as one; what is none is empty."""
    if not isinstance(text, str):
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
