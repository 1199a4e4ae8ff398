"""Two names of one thing: aliases that a source states, and equal content that follows from equal digests.

A walk crosses both as identity. Equal content is derived when it is asked for: two data sets that each have a version with
the same strong digest of non-empty content held the same bytes. A data set that equals one file of a folder stands on the
folder, and not the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from catalog.model.edges import AliasOf, HasColumn, SameContent
from catalog.model.instants import Instant
from catalog.model.names import Urn, column, dataset_of
from catalog.store.port import Direction, Key, NodeState, Store

_EMPTY: Final = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "d751713988987e9331980363e24189ce.dir",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
)
"""Digests of nothing: md5 (of no bytes, and of an empty folder as DVC writes it), sha1, sha256."""

_CHUNK: Final = 500


class Tie(NamedTuple):
    """Near and far are one thing. `reason` says why, `type` is ALIAS_OF or SAME_CONTENT."""

    near: Key
    far: Key
    type: str
    reason: str


class _Equal(NamedTuple):
    near: Key
    far: Urn
    type: str
    reason: str


def owners_of(store: Store, keys: Collection[Key]) -> dict[Key, Key]:
    """Returns for nodes what an identity would be stated of: the data set of a column, and others themselves.

    Most are columns on a list in force, which one question tells; names are looked at for the others only.
    """
    owners = {hop.near: hop.far for hop in store.step(keys, [HasColumn.type()], "downstream")}
    others = store.urns([key for key in keys if key not in owners])
    datasets = store.keys({dataset_of(urn) for urn in others.values() if urn.kind == "column"})
    return owners | {key: datasets[dataset_of(urn)] if urn.kind == "column" else key for key, urn in others.items()}


class Named(NamedTuple):
    """Nodes that have identity with others at some time, or perhaps have, and whether that was ever different from now."""

    keys: list[Key]
    moved: bool


def with_other_names(store: Store, owners: Mapping[Key, Key], direction: Direction) -> Named:
    """Returns those of some nodes that identity has to be asked for.

    Args:
        owners: The nodes with what an identity would be stated of.
    """
    every = set(owners.values())
    aliases = [b for way in _DIRECTIONS for b in store.bundles(every, [AliasOf.type()], way)]
    equal = list(_contents(store, every, direction, None))
    near = {key for bundle in aliases for key in bundle.near} | {pair.near for pair in equal}
    if not near:
        return Named([], moved=False)
    far = {key for bundle in aliases for key in bundle.far} | set(store.keys({pair.far for pair in equal}).values())
    lists = store.bundles(near | far, [HasColumn.type()], "upstream")
    moved = any(bundle.until is not None for bundle in (*aliases, *lists))
    return Named([key for key, owner in owners.items() if owner in near], moved)


def ties_of(store: Store, keys: Collection[Key], direction: Direction, as_of: Instant | None = None) -> list[Tie]:
    """Returns the identity of nodes with others; columns are tied to those of the same name in the tied data set."""
    members = _by_owner(store, keys)
    equal = [*_aliases(store, members.keys(), as_of), *_contents(store, members.keys(), direction, as_of)]
    urns = store.urns({key for pair in equal for key in members[pair.near]}) if equal else {}
    wanted: list[tuple[Key, Urn, _Equal]] = []
    for pair in equal:
        for key in members[pair.near]:
            urn = urns[key]
            wanted.append((key, column(pair.far, urn.parts[2]) if urn.kind == "column" else pair.far, pair))
    known = _open(store, {far for _, far, _ in wanted}, as_of)
    return [Tie(key, known[far], pair.type, pair.reason) for key, far, pair in wanted if far in known]


def _by_owner(store: Store, keys: Collection[Key]) -> dict[Key, list[Key]]:
    owners = owners_of(store, keys)
    members: defaultdict[Key, list[Key]] = defaultdict(list)
    for key, owner in owners.items():
        members[owner].append(key)
    return dict(members)


def _open(store: Store, urns: Collection[Urn], as_of: Instant | None) -> dict[Urn, Key]:
    """Returns the keys of those that are known; columns that the list in force lacks are left out."""
    known = store.keys(urns)
    owners = store.keys({dataset_of(urn) for urn in known if urn.kind == "column"})
    if not owners:
        return known
    hops = store.step(list(owners.values()), [HasColumn.type()], "upstream", as_of)
    with_list, listed = {hop.near for hop in hops}, {hop.far for hop in hops}
    return {
        urn: key
        for urn, key in known.items()
        if urn.kind != "column" or owners[dataset_of(urn)] not in with_list or key in listed
    }


def _aliases(store: Store, owners: Collection[Key], as_of: Instant | None) -> Iterator[_Equal]:
    pairs: dict[tuple[Key, Key], int] = {}
    denied: dict[tuple[Key, Key], int] = {}
    for direction in _DIRECTIONS:
        for hop in store.step(owners, [AliasOf.type()], direction, as_of):
            ends = (hop.near, hop.far)
            if hop.standing < 0:
                denied[ends] = min(-1 - hop.standing, denied.get(ends, 9))
            else:
                pairs[ends] = min(hop.standing, pairs.get(ends, 9))
    held = [ends for ends, standing in pairs.items() if standing <= denied.get(ends, standing)]
    far = store.urns({far for _, far in held}) if held else {}
    for near_key, far_key in held:
        yield _Equal(near_key, far[far_key], AliasOf.type(), "another name of the same thing")


_DIRECTIONS: Final[tuple[Direction, Direction]] = ("upstream", "downstream")


def _contents(store: Store, owners: Collection[Key], direction: Direction, as_of: Instant | None) -> Iterator[_Equal]:
    if not store.find(["datasetversion"], limit=1).nodes:
        return
    urns = store.urns(owners)
    yield from _equal_versions(store, {urn: key for key, urn in urns.items() if urn.kind == "datasetversion"}, as_of)
    datasets = {urn: key for key, urn in urns.items() if urn.kind == "dataset"}
    digests: defaultdict[str, set[Urn]] = defaultdict(set)
    kinds = ["datasetversion", "fileentry"] if direction == "downstream" else ["datasetversion"]
    for node in _versions(store, kinds, datasets.keys()):
        if is_strong(node) and _is_seen(node, as_of):
            digests[node.properties["digest"]].add(node.urn)
    for near, far, reason in _same(store, digests, direction, as_of):
        if near in datasets:
            yield _Equal(datasets[near], far, SameContent.type(), reason)


def _equal_versions(store: Store, versions: Mapping[Urn, Key], as_of: Instant | None) -> Iterator[_Equal]:
    """Yields the versions of the same content: what one tool wrote and another read."""
    digests: defaultdict[str, set[Urn]] = defaultdict(set)
    for urn, state in store.get(versions).items():
        if is_strong(state):
            digests[state.properties["digest"]].add(urn)
    texts = sorted(digests)
    for i in range(0, len(texts), _CHUNK):
        for node in find_all(store, ["datasetversion"], {"digest": texts[i : i + _CHUNK]}):
            if is_strong(node) and _is_seen(node, as_of):
                digest = node.properties["digest"]
                for mine in sorted(digests[digest] - {node.urn}):
                    yield _Equal(versions[mine], node.urn, SameContent.type(), f"equal digest {digest}")


def _versions(store: Store, kinds: Collection[str], datasets: Collection[Urn]) -> Iterator[NodeState]:
    by_space: defaultdict[str, list[str]] = defaultdict(list)
    for urn in sorted(datasets):
        by_space[urn.namespace].append(urn.name)
    for namespace, names in by_space.items():
        for i in range(0, len(names), _CHUNK):
            yield from find_all(store, kinds, {"namespace": [namespace], "name": names[i : i + _CHUNK]})


def _same(
    store: Store, digests: Mapping[str, set[Urn]], direction: Direction, as_of: Instant | None
) -> Iterator[tuple[Urn, Urn, str]]:
    kinds = ["datasetversion", "fileentry"] if direction == "upstream" else ["datasetversion"]
    found: dict[tuple[Urn, Urn], str] = {}
    texts = sorted(digests)
    for i in range(0, len(texts), _CHUNK):
        for node in find_all(store, kinds, {"digest": texts[i : i + _CHUNK]}):
            if not is_strong(node) or not _is_seen(node, as_of):
                continue
            digest = node.properties["digest"]
            for mine in digests[digest]:
                near, far = dataset_of(mine), dataset_of(node.urn)
                if near != far and not (mine.kind == node.urn.kind == "fileentry"):
                    found[near, far] = min(found.get((near, far), "~"), f"equal digest {digest}")
    for (near, far), reason in sorted(found.items()):
        yield near, far, reason


def is_strong(node: NodeState) -> bool:
    """Returns whether a version's digest stands for the whole of some content."""
    digest = node.properties.get("digest")
    sized = node.properties.get("byte_size") != 0
    return bool(digest) and digest not in _EMPTY and sized and node.properties.get("strength") != "weak"


def _is_seen(node: NodeState, as_of: Instant | None) -> bool:
    return as_of is None or node.begins is None or node.begins <= as_of


def find_all(
    store: Store, kinds: Collection[str], where: Mapping[str, Iterable[str]] | None = None
) -> Iterator[NodeState]:
    """Yields every page of `store.find`."""
    after: str | None = None
    wanted = None if where is None else {name: list(values) for name, values in where.items()}
    while True:
        page = store.find(kinds, wanted, after)
        yield from page.nodes
        after = page.after
        if after is None:
            return
