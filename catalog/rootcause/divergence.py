"""Where two versions of a model part: the first place upstream at which inputs agree and outputs differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from catalog.answers import listed
from catalog.identity import is_strong
from catalog.links import link_all
from catalog.model.names import Urn, dataset_of
from catalog.provenance.training import Training
from catalog.refs import Refs
from catalog.store.port import Store


@dataclass(slots=True)
class Side:
    """What one version stands on, by content.

    Attributes:
        contents: Digests of each data set.
        made_from: Data sets that each was made from, by the runs that made its version.
        versions: Versions of each data set.
        hops: Steps from the training to each data set.
    """

    contents: dict[Urn, frozenset[str]] = field(default_factory=dict)
    made_from: dict[Urn, set[Urn]] = field(default_factory=dict)
    versions: dict[Urn, list[Urn]] = field(default_factory=dict)
    hops: dict[Urn, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """A place where versions part. `urn` is a data set, or the model version where all of its data agrees.

    Attributes:
        sure: False if the content of some data is not known, so that they may part there.
    """

    urn: Urn
    hops: int
    why: str
    versions: tuple[Urn, ...] = ()
    sure: bool = True


def side_of(store: Store, training: Training) -> Side:
    """Returns what a version stands on."""
    side = Side()
    digests: defaultdict[Urn, set[str]] = defaultdict(set)
    for urn, hops in (*((u, 0) for u in training.inputs), *training.behind.items()):
        dataset = dataset_of(urn)
        side.hops[dataset] = min(hops, side.hops.get(dataset, hops))
        digests[dataset] |= set()
        if urn.kind == "datasetversion":
            state = training.states[urn]
            digests[dataset] |= {str(state.properties["digest"]) if is_strong(state) else urn.parts[2]}
            side.versions.setdefault(dataset, []).append(urn)
    side.contents = {dataset: frozenset(found) for dataset, found in digests.items()}
    side.made_from = _made_from(store, [u for us in side.versions.values() for u in us])
    return side


def _made_from(store: Store, versions: Collection[Urn]) -> dict[Urn, set[Urn]]:
    made = link_all(store, list(store.keys(versions).values()), ["GENERATED_BY"])
    used = link_all(store, list(store.keys({link.end for link in made}).values()), ["USED"])
    read: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in used:
        read[link.start].add(dataset_of(link.end) if link.end.kind == "datasetversion" else link.end)
    found: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in made:
        found[dataset_of(link.start)] |= read[link.end]
    return dict(found)


def differing(good: Side, bad: Side) -> set[Urn]:
    """Returns the data sets of which both contents are known and are not the same."""
    both = good.contents.keys() & bad.contents.keys()
    return {urn for urn in both if good.contents[urn] and bad.contents[urn] and good.contents[urn] != bad.contents[urn]}


def points(refs: Refs, good: Side, bad: Side, version: Urn) -> list[Point]:
    """Returns where two versions part, the furthest upstream first; several if differences came in at several places, none if no
    content is known.

    Names of the same content count as one: what one of them was made from, all were.
    """
    groups = _groups(bad, differing(good, bad))
    if not groups:
        return _in_training(refs, good, bad, version)
    found = [point for group in groups if (point := _point(refs, good, bad, group)) is not None]
    return sorted(found, key=lambda p: (-p.hops, str(p.urn)))


def _in_training(refs: Refs, good: Side, bad: Side, version: Urn) -> list[Point]:
    """Returns the training as the place where versions part, as no data is known to differ."""
    agreed = sorted(u for u, contents in bad.contents.items() if contents and contents == good.contents.get(u))
    if not agreed:
        return []
    unknown = sorted(
        urn for urn, contents in bad.contents.items() if not bad.hops[urn] and urn not in agreed and not contents
    )
    texts = refs.texts([*agreed, *unknown])
    why = f"the data agrees ({listed([texts[u] for u in agreed])}), and the version differs"
    doubt = f"; the content of {listed([texts[u] for u in unknown])} is not known" if unknown else ""
    return [Point(version, 0, why + doubt, sure=not unknown)]


def _groups(bad: Side, urns: Collection[Urn]) -> list[list[Urn]]:
    """Returns data sets by content, those of one content together."""
    found: defaultdict[frozenset[str], list[Urn]] = defaultdict(list)
    for urn in sorted(urns):
        found[bad.contents[urn]].append(urn)
    return [found[key] for key in sorted(found, key=sorted)]


def _point(refs: Refs, good: Side, bad: Side, group: list[Urn]) -> Point | None:
    """Returns the place where this content parted; None if it did further up."""
    inputs = set[Urn]().union(*(bad.made_from.get(urn, set()) for urn in group)) - set(group)
    if any(urn in differing(good, bad) for urn in inputs):
        return None
    named = max(group, key=lambda urn: (bool(bad.made_from.get(urn)), -bad.hops[urn], str(urn)))
    versions = tuple(v for urn in group for v in bad.versions.get(urn, ()))
    unknown = sorted(refs.texts(u for u in inputs if not (good.contents.get(u) and bad.contents.get(u))).values())
    if not inputs:
        why = "its content differs, and nothing is known of what it was made from"
    elif unknown:
        why = f"its content differs; that of {listed(unknown)}, which it was made from, is not known"
    else:
        why = (
            f"its content differs, and all that it was made from agrees ({listed(sorted(refs.texts(inputs).values()))})"
        )
    return Point(named, bad.hops[named] + 1, why, versions)
