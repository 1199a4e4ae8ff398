"""What is different: two versions of a model with the causes told apart, or one thing at two times."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from catalog.answers import Answer, Data, label, show_as_of
from catalog.comparison import Cause, Difference, compare_entries, compare_properties, compare_things
from catalog.graph import VALUE, columns_in
from catalog.identity import find_all
from catalog.links import link_all
from catalog.model.errors import UsageError
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.provenance.hindsight import NOW, Then, walk
from catalog.provenance.training import Training, read_json, say_code, say_parameters, training_of, trainings_of
from catalog.refs import Refs
from catalog.store.port import Direction, Key, Store

_CODE: Final = ("repository", "commit", "branch", "path")
_SCHEMA: Final = frozenset({"data_type", "nullable", "constraints"})
_LINEAGE: Final = frozenset({"DERIVES_FROM", "COMPUTED_FROM", "INFLUENCED_BY", "DEPENDS_ON", "READS", "PRODUCED_BY"})
_PARTS: Final[tuple[tuple[str, str, Direction], ...]] = (
    ("modelversion", "SELECTS", "upstream"),
    ("featureservice", "SELECTS", "upstream"),
    ("featureview", "PART_OF", "downstream"),
    ("feature", "PART_OF", "upstream"),
)
"""By kind: what a thing's difference takes in, by which edges."""
_TAKEN_IN: Final = frozenset({"feature", "featureview", "featureservice", "dataset"})
_LISTINGS: Final[dict[str, str]] = {"dataset": "columns", "featureservice": "features"}
"""By kind: the property that lists its parts; each part is a difference of its own."""
_PART_CAUSES: Final[dict[str, Cause]] = {"column": "schema", "dataset": "data"}


# --- two model versions -----------------------------------------------------------------------------------------------


def diff_versions(store: Store, refs: Refs, before: Urn, after: Urn) -> Answer:
    """Returns what is different between two model versions, by cause.

    Raises:
        UsageError: one is no model version.
    """
    for urn in (before, after):
        if urn.kind != "modelversion":
            raise UsageError(
                f"{refs.format(urn)!r} is a {label(urn)}: expected two model versions, or one thing and two times. "
                "Name two versions, or give --from and --to."
            )
    sides = trainings_of(store, [before, after])
    found = [
        *_data(*sides),
        *_code(store, *sides),
        *_parameters(*sides),
        *_environment(*sides),
        *_features(*sides),
        *_schemas(store, *sides),
    ]
    return _answer(refs, found, {"before": before, "after": after}, None)


def _data(a: Training, b: Training) -> Iterator[Difference]:
    """Compares digests. Where one side has none nothing can be said; other names of an input's content say nothing new."""
    was, now = _digests(a), _digests(b)
    aliases = {dataset_of(urn) for side in (a, b) for urn in side.same}
    for urn in sorted(was.keys() | now.keys()):
        before, after = was.get(urn), now.get(urn)
        one_sided = before is None or after is None
        if before != after and (urn not in aliases if one_sided else bool(before and after)):
            yield Difference(urn, "digest", _one(before), _one(after), "data")


def _digests(found: Training) -> dict[Urn, set[str]]:
    """Returns the digests of each data set that a version stands on; a name without version has none."""
    digests: defaultdict[Urn, set[str]] = defaultdict(set)
    for urn in (*found.inputs, *found.behind):
        said = found.states[urn].properties
        digests[dataset_of(urn)] |= {str(said.get("digest") or urn.parts[2])} if urn.kind == "datasetversion" else set()
    return dict(digests)


def _one(digests: set[str] | None) -> Any:
    if digests is None:
        return None
    return next(iter(digests)) if len(digests) == 1 else sorted(digests) or "unknown"


def _code(store: Store, a: Training, b: Training) -> Iterator[Difference]:
    was, now = (say_code(store, side) or {} for side in (a, b))
    picked = [{key: side.get(key) for key in _CODE if side.get(key) is not None} for side in (was, now)]
    yield from compare_entries(b.version, picked[0], picked[1], "code")


def _parameters(a: Training, b: Training) -> Iterator[Difference]:
    """Compares parameters but those that only repeat the features or the target."""
    was, now = say_parameters(a), say_parameters(b)
    told = {name for side, said in ((a, was), (b, now)) for name, value in said.items() if _repeats(side, value)}
    yield from compare_entries(
        b.version,
        {k: v for k, v in was.items() if k not in told},
        {k: v for k, v in now.items() if k not in told},
        "parameters",
    )


def _repeats(side: Training, value: Any) -> bool:
    names = list(side.properties.get("features") or ())
    items = [item.strip() for item in str(value).split(",")]
    return bool(names) and (items == names or value == side.properties.get("target"))


def _environment(a: Training, b: Training) -> Iterator[Difference]:
    was, now = ({} if not side.environments else side.states[side.environments[0]].properties for side in (a, b))
    for name in sorted(was.keys() | now.keys()):
        before, after = read_json(was.get(name)), read_json(now.get(name))
        if before or after:
            yield from compare_entries(b.version, before, after, "environment", f"{name}.")
        elif was.get(name) != now.get(name):
            yield Difference(b.version, name, was.get(name), now.get(name), "environment")


def _features(a: Training, b: Training) -> Iterator[Difference]:
    was, now = _roles(a), _roles(b)
    for role in ("feature", "target"):
        for name in sorted(was[role] ^ now[role]):
            yield Difference(
                b.version,
                f"{role} {name}",
                name if name in was[role] else None,
                name if name in now[role] else None,
                "features",
            )
    types_was, types_now = _types(a), _types(b)
    for name in sorted(types_was.keys() & types_now.keys()):
        if types_was[name] != types_now[name]:
            yield Difference(b.version, f"type of {name}", types_was[name], types_now[name], "features")


def _roles(side: Training) -> dict[str, set[str]]:
    roles: dict[str, set[str]] = {"feature": set(side.properties.get("features") or ()), "target": set()}
    if side.properties.get("target"):
        roles["target"].add(str(side.properties["target"]))
    if not roles["feature"]:
        for link in side.features:
            roles[str(link.properties.get("role", "feature"))].add(link.end.parts[-1])
    return roles


def _types(side: Training) -> dict[str, str]:
    """Returns the types of the inputs in a signature."""
    try:
        inputs = json.loads(side.properties.get("inputs") or "[]")
    except ValueError:
        return {}
    listed = inputs if isinstance(inputs, list) else []
    return {str(i["name"]): json.dumps(i.get("type")).strip('"') for i in listed if isinstance(i, dict) and "name" in i}


def _schemas(store: Store, a: Training, b: Training) -> Iterator[Difference]:
    """Compares the columns behind the features as they were described at the two times; what was not known then is no change."""
    starts = store.keys({link.end for side in (a, b) for link in side.features})
    trail = walk(Then(store, [a.at, b.at]), starts.values(), VALUE)
    urns = store.urns(_changed(store, trail.owners, a.at, b.at))
    described = [urn for key in trail.owners if (urn := urns.get(key)) and urn.kind in ("column", "feature")]
    yield from _described(store, described, a.at, b.at)


def _changed(store: Store, keys: Collection[Key], one: Instant | None, other: Instant | None) -> list[Key]:
    """Returns the things about which something began or ended to be said between two times: others need no look."""
    after, until = sorted(NOW if at is None else at for at in (one, other))
    spans = store.lifetimes(keys)
    return [
        key
        for key, held in spans.items()
        if any(end is not None and after < end <= until for span in held for end in span)
    ]


def _described(
    store: Store, urns: Sequence[Urn], before: Instant | None, after: Instant | None
) -> Iterator[Difference]:
    was, now = store.get(urns, before), store.get(urns, after)
    for urn in urns:
        if urn not in was or not was[urn].properties or not now[urn].properties:
            continue
        known = _SCHEMA & was[urn].properties.keys() & now[urn].properties.keys()
        sides = [{k: state[urn].properties[k] for k in known} for state in (was, now)]
        yield from compare_properties(urn, sides[0], sides[1])


# --- one thing at two times -------------------------------------------------------------------------------------------


def diff_times(store: Store, refs: Refs, urn: Urn, before: Instant, after: Instant | None) -> Answer:
    """Returns what became different about a thing between two times; `after` None is now.

    A data set's difference takes in its columns, a feature service's its views, features and their sources, a model version's
    its services and the data that it was trained on.

    Raises:
        UsageError: the second time lies before the first.
    """
    if after is not None and after < before:
        raise UsageError(
            f"{show_as_of(after)!r} lies before {show_as_of(before)!r}: expected the earlier one first. Swap them."
        )
    found: list[Difference] = []
    was, now = _members(store, urn, before), _members(store, urn, after)
    for kind in sorted({u.kind for u in was | now} - {urn.kind}):
        sides = [{u for u in members if u.kind == kind} for members in (was, now)]
        if kind == "column":
            sides = [
                own | _unsaid(store, other - own, at)
                for own, other, at in ((sides[0], sides[1], before), (sides[1], sides[0], after))
            ]
        found += compare_things(sides[0], sides[1], _PART_CAUSES.get(kind, "features"), kind)
    both = sorted(was & now)
    states = store.get(both, before), store.get(both, after)
    for member in both:
        sides_of = [side[member].properties for side in states]
        if sides_of[0] or sides_of[1]:
            listing = _LISTINGS.get(member.kind)
            kept = [{k: v for k, v in side.items() if k != listing} for side in sides_of]
            found += compare_properties(member, kept[0], kept[1])
    found += _edges(store, refs, both, before, after)
    return _answer(
        refs,
        found,
        {"ref": urn},
        after,
        {"from": show_as_of(before), "to": None if after is None else show_as_of(after)},
    )


def _unsaid(store: Store, columns: Collection[Urn], at: Instant | None) -> set[Urn]:
    """Returns columns of data sets without a list at a time: that nothing mentioned them then does not say that they were not there."""
    states = store.get({dataset_of(urn) for urn in columns}, at)
    listed = {urn for urn, state in states.items() if state.properties.get("columns") is not None}
    return {urn for urn in columns if dataset_of(urn) not in listed}


def _members(store: Store, urn: Urn, at: Instant | None) -> set[Urn]:
    """Returns a thing with its parts as of a time, without those that did not hold then."""
    found, waiting = {urn}, [urn]
    while waiting:
        parts = {part for one in waiting for part in _parts(store, one, at)} - found
        states = store.get(list(parts), at)
        waiting = [
            u for u in sorted(parts) if u.kind == "column" or states[u].properties or states[u].closed_since is None
        ]
        if urn.kind == "feature":
            waiting = [u for u in waiting if u.kind == "featureview"]
        found.update(waiting)
    return found


def _parts(store: Store, urn: Urn, at: Instant | None) -> set[Urn]:
    if urn.kind == "dataset":
        return set(columns_in(store, [urn], at))
    keys = store.keys([urn])
    found: set[Urn] = set()
    for kind, type_, way in _PARTS:
        if urn.kind == kind:
            links = link_all(store, keys.values(), [type_], way, at)
            found |= {link.end if way == "upstream" else link.start for link in links}
    if urn.kind == "featureview":
        named = find_all(store, ["feature"], {"namespace": [urn.namespace], "name": [urn.name]})
        found |= {n.urn for n in store.get([n.urn for n in named], at).values() if n.properties}
    if urn.kind == "modelversion":
        training = training_of(store, urn)
        found |= {dataset_of(one) for one in (*training.inputs, *training.behind, *training.same)}
    return {part for part in found if part.kind in _TAKEN_IN}


def _edges(
    store: Store, refs: Refs, members: Collection[Urn], before: Instant, after: Instant | None
) -> Iterator[Difference]:
    """Yields what members stand on at one time only."""
    keys = store.keys(members).values()
    was, now = (
        {(k.start, k.type, k.end) for k in link_all(store, keys, _LINEAGE, "upstream", at)} for at in (before, after)
    )
    texts = refs.texts({end for _, _, end in was ^ now})
    for start, type_, end in sorted(was ^ now):
        if start.kind == "featureview":
            continue  # its property `source` says so
        cause: Cause = "features" if start.kind.startswith("feature") else "code"
        held = (start, type_, end) in was
        yield Difference(start, type_, texts[end] if held else None, None if held else texts[end], cause)


# --- the answer -------------------------------------------------------------------------------------------------------


def _answer(
    refs: Refs, found: Iterable[Difference], sides: Mapping[str, Urn], as_of: Instant | None, more: Data | None = None
) -> Answer:
    ordered = sorted({d.order(): d for d in found}.values(), key=Difference.order)
    texts = refs.texts([*sides.values(), *(d.urn for d in ordered)])
    data: Data = {name: texts[urn] for name, urn in sides.items()} | (more or {})
    data["changes"] = [
        {
            "ref": texts[d.urn],
            "property": d.name,
            "before": d.before,
            "after": d.after,
            "kind": d.kind,
            "cause": d.cause,
        }
        for d in ordered
    ]
    data["causes"] = sorted({d.cause for d in ordered})
    return Answer("diff", data, as_of)
