"""How a model version came about: its run under all its names, the data that the run read, the code, the environment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.answers import Data, camel, node
from catalog.graph import Course, reach
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
    found = Training(version)
    near = _links(
        store, [version], ["GENERATED_BY", "TRAINED_ON", "EVALUATED_ON", "AT_COMMIT", "EXECUTED_IN", "USES_FEATURE"]
    )
    found.features = [link for link in near if link.type == "USES_FEATURE"]
    found.runs = _all_names(store, [k.end for k in near if k.type == "GENERATED_BY" and k.end.kind == "run"])
    around = [*near, *_links(store, found.runs, ["USED", "AT_COMMIT", "EXECUTED_IN"])]
    for link in around:
        if link.end.kind in _DATA and link.type in _ROLES:
            found.inputs.setdefault(link.end, set()).add(str(link.properties.get("role") or _ROLES[link.type]))
    found.commits = _ends(around, "AT_COMMIT")
    found.environments = _ends(around, "EXECUTED_IN")
    _look_behind(store, found)
    urns = [version, *found.runs, *found.inputs, *found.behind, *found.commits, *found.environments]
    found.states = store.get(urns)
    return found


_ROLES: Final = {"USED": "input", "TRAINED_ON": "training", "EVALUATED_ON": "evaluation"}


def _links(store: Store, urns: Iterable[Urn], types: Iterable[str]) -> list[Link]:
    return link_all(store, store.keys(list(urns)).values(), list(types), "upstream")


def _ends(links: Iterable[Link], type_: str) -> list[Urn]:
    return list(dict.fromkeys(link.end for link in links if link.type == type_))


def _all_names(store: Store, runs: list[Urn]) -> list[Urn]:
    keys = store.keys(runs)
    found = reach(store, keys.values(), Course(frozenset(), "upstream"))
    others = sorted(urn for urn in store.urns(found.hops).values() if urn not in keys)
    return [*runs, *others]


def _look_behind(store: Store, found: Training) -> None:
    """Follows versions to those that they were made from, run by run; a name without a version ends the way."""
    waiting, hops = dict(found.inputs), 0
    known = set(waiting)
    while waiting:
        hops += 1
        equal = _equal_content(store, [urn for urn in waiting if urn.kind == "datasetversion"])
        for near, fars in equal.items():
            for far in fars:
                found.same.setdefault(far, near)
        versions = [
            urn for urn in (*waiting, *(f for fars in equal.values() for f in fars)) if urn.kind == "datasetversion"
        ]
        made = [link.end for link in _links(store, versions, ["GENERATED_BY"])]
        used = [k.end for k in _links(store, made, ["USED"]) if k.end.kind == "datasetversion"]
        fresh = [urn for urn in dict.fromkeys([*versions, *used]) if urn not in known]
        known.update(fresh)
        found.behind.update(dict.fromkeys(fresh, hops))
        waiting = {urn: set[str]() for urn in fresh}


def _equal_content(store: Store, versions: list[Urn]) -> dict[Urn, list[Urn]]:
    """Returns other versions with the same strong digest, and aliases of each."""
    states = store.get(versions)
    digests = {str(s.properties["digest"]): urn for urn, s in states.items() if is_strong(s)}
    equal: dict[Urn, list[Urn]] = {}
    if digests:
        for other in find_all(store, ["datasetversion"], {"digest": sorted(digests)}):
            near = digests[str(other.properties["digest"])]
            if is_strong(other) and other.urn not in states:
                equal.setdefault(near, []).append(other.urn)
    return equal


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
    role = min(roles, key=lambda r: (r == "input", r != "training", r))  # any word says more than that it was read
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
