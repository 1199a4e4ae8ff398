"""Terms and tags that follow from lineage: derived when they are asked for, and never stored as facts.

A label that is stated of a thing flows to what takes its values, until a rule, a person's denial or another step stops it. It
arrives in full if the value was only copied on the way, else as derived; and as exactly as the least exact claim of the way. Sets of
labels flow along all edges at once (see `propagation`), once for each quality in which they can arrive: the cost is linear in the
edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from catalog.assignments import assigned, denied, merged
from catalog.graph import VALUE, Course, Reach, reach
from catalog.identity import find_all
from catalog.label_rules import BUILT_IN, CARRIED, LabelRule, stops
from catalog.links import EXACTNESS, Link, link_all
from catalog.model.edges import UsesFeature
from catalog.model.errors import NotFoundError
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.propagation import Net
from catalog.refs import Refs
from catalog.store.port import Direction, Store

ARRIVES: Final = ("full", "derived")
"""From strongest to weakest."""

FLOWS: Final = frozenset(VALUE - {UsesFeature.type()})
"""Edges that labels follow. A model version does not bear the labels of its features."""


class Quality(NamedTuple):
    """How a label arrives: places in `ARRIVES` and `EXACTNESS`, the least is best."""

    carried: int
    exactness: int

    def holds(self, other: Quality) -> bool:
        """Whether a way of another quality is at least as good."""
        return other.carried <= self.carried and other.exactness <= self.exactness


class Way(NamedTuple):
    """That a thing takes values from another, by the word of one source."""

    near: Urn
    far: Urn
    step: str
    masking: bool
    exactness: str

    @property
    def quality(self) -> Quality:
        return Quality(ARRIVES.index(CARRIED.get(self.step, "derived")), EXACTNESS.index(self.exactness))


@dataclass(frozen=True, slots=True)
class Derived:
    """A label that a thing bears by lineage.

    Attributes:
        path: From the thing at which it is stated to this one, on a shortest way of that quality.
    """

    thing: Urn
    label: Urn
    carried: str
    exactness: str
    path: tuple[Urn, ...]

    @property
    def source(self) -> Urn:
        return self.path[0]

    @property
    def via(self) -> Urn:
        """The thing that it came from last."""
        return self.path[-2]


@dataclass(slots=True)
class Field:
    """A part of the graph in which labels flow, with what is said of labels in it."""

    ways: list[Way]
    stated: dict[Urn, set[Urn]]
    denied: dict[Urn, set[Urn]] = field(default_factory=dict)

    def labels(self) -> set[Urn]:
        return {label for labels in self.stated.values() for label in labels}

    def things(self) -> set[Urn]:
        return {urn for way in self.ways for urn in (way.near, way.far)} | self.stated.keys()


Rules = Mapping[Urn, LabelRule]
"""The rule of each label; the built-in one for others."""


class Spread:
    """Where labels come to in a field. `qualities` has, for each thing, the labels that it bears by lineage alone."""

    def __init__(self, ground: Field, rules: Rules) -> None:
        self._ground, self._rules = ground, rules
        self._labels = sorted(ground.labels())
        self._bits = {label: 1 << place for place, label in enumerate(self._labels)}
        self._alone = {label for labels in ground.denied.values() for label in labels}
        self._ways: dict[tuple[frozenset[str], Quality, Urn | None], dict[Urn, list[Urn]]] = {}
        self.qualities: dict[Urn, dict[Urn, Quality]] = {}
        self._flow()

    def rule(self, label: Urn) -> LabelRule:
        return self._rules.get(label, BUILT_IN)

    def _flow(self) -> None:
        """Lets all labels flow, once for each quality in which one can arrive, the best first."""
        refused = {urn: self._set_of(labels) for urn, labels in self._ground.denied.items()}
        said = {u: self._set_of(labels) & ~refused.get(u, 0) for u, labels in self._ground.stated.items()}
        arrived = dict(said)
        for quality in _qualities(self._ground.ways):
            for thing, reached in self._net(quality).flow(said, refused).items():
                fresh = reached & ~refused.get(thing, 0) & ~arrived.get(thing, 0)
                if fresh:
                    arrived[thing] = arrived.get(thing, 0) | fresh
                    known = self.qualities.setdefault(thing, {})
                    known.update((label, quality) for label in self._labels if self._bits[label] & fresh)

    def _set_of(self, labels: Iterable[Urn]) -> int:
        return sum(self._bits.get(label, 0) for label in labels)

    def _net(self, quality: Quality) -> Net[Urn]:
        """Returns the ways of a quality, each with the labels that pass on it."""
        net: Net[Urn] = Net(self._set_of(self._labels))
        passing: dict[tuple[str, bool], int] = {}
        for way in self._ground.ways:
            if not quality.holds(way.quality) or way.near == way.far:
                continue
            kind = (way.step, way.masking)
            if kind not in passing:
                passing[kind] = self._set_of(
                    one for one in self._labels if not stops(self.rule(one), way.step, masking=way.masking)
                )
            if passing[kind]:
                net.add(way.far, way.near, passing[kind])
        return net

    def derived(self, thing: Urn, label: Urn) -> Derived:
        """Returns how a label that a thing bears by lineage came to it."""
        quality = self.qualities[thing][label]
        path = self._path(thing, label, quality)
        return Derived(thing, label, ARRIVES[quality.carried], EXACTNESS[quality.exactness], path)

    def all_derived(self, things: Iterable[Urn], labels: Collection[Urn] = ()) -> list[Derived]:
        """Returns the labels of things by lineage, in order."""
        pairs = ((t, label) for t in sorted(things) for label in sorted(self.qualities.get(t, ())))
        return [self.derived(t, label) for t, label in pairs if not labels or label in labels]

    def _path(self, thing: Urn, label: Urn, quality: Quality) -> tuple[Urn, ...]:
        onward = self._open(label, quality)
        came: dict[Urn, Urn | None] = {thing: None}
        frontier = [thing]
        while frontier:
            ends = sorted(urn for urn in frontier if urn != thing and label in self._ground.stated.get(urn, ()))
            if ends:
                return _unwound(came, ends[0])
            following: list[Urn] = []
            for urn in frontier:
                for far in onward.get(urn, ()):
                    if far not in came:
                        came[far] = urn
                        following.append(far)
            frontier = sorted(following)
        raise AssertionError(f"{label} does not come to {thing}")

    def _open(self, label: Urn, quality: Quality) -> dict[Urn, list[Urn]]:
        """Returns the ways that a label takes at a quality, without things at which it is denied; kept, as many ask for it."""
        rule = self.rule(label)
        key = (frozenset(rule.stops), quality, label if label in self._alone else None)
        if key not in self._ways:
            refused = {urn for urn, gone in self._ground.denied.items() if label in gone}
            ways = [w for w in _passing(self._ground.ways, rule) if w.far not in refused and w.near not in refused]
            self._ways[key] = {near: sorted(far) for near, far in _onward(ways, quality).items()}
        return self._ways[key]


def _unwound(came: Mapping[Urn, Urn | None], end: Urn) -> tuple[Urn, ...]:
    path = [end]
    while (before := came[path[-1]]) is not None:
        path.append(before)
    return tuple(path)


def _passing(ways: Iterable[Way], rule: LabelRule) -> list[Way]:
    return [way for way in ways if not stops(rule, way.step, masking=way.masking)]


def _qualities(ways: Iterable[Way]) -> list[Quality]:
    """Returns the qualities in which a label can arrive by these ways, best first."""
    found = {way.quality for way in ways}
    worst = product(sorted({q.carried for q in found}), sorted({q.exactness for q in found}))
    return sorted(Quality(*one) for one in worst)


def _onward(ways: Iterable[Way], quality: Quality) -> dict[Urn, set[Urn]]:
    found: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for way in ways:
        if quality.holds(way.quality) and way.near != way.far:
            found[way.near].add(way.far)
    return dict(found)


# --- reading the graph ------------------------------------------------------------------------------------------------


def field_of(store: Store, starts: Iterable[Urn], direction: Direction, as_of: Instant | None = None) -> Field:
    """Returns the part of the graph upstream or downstream of things by value, with what is stated and denied in it."""
    keys = store.keys(list(starts)).values()
    reached = reach(store, keys, Course(FLOWS, direction, as_of))
    urns = store.urns(reached.hops)
    links = link_all(store, list(urns), FLOWS, "upstream", as_of, frozenset(urns.values()))
    ways = [way for link in links for way in _ways(link)] + _ties(reached, urns, direction)
    things = sorted(urns.values())
    return Field(ways, _stated(assigned(store, things, "upstream", as_of), store, as_of), denied(store, things, as_of))


def _ways(link: Link) -> list[Way]:
    return [
        Way(link.start, link.end, str(s.properties.get("subtype") or "transformation"),
            bool(s.properties.get("masking")), s.exactness)
        for s in link.said
        if not s.denies
    ]  # fmt: skip


def _ties(reached: Reach, urns: Mapping[int | str, Urn], direction: Direction) -> list[Way]:
    """Returns what is one thing under two names as ways that carry in full."""
    ends = [(urns[tie.near], urns[tie.far]) for tie in reached.ties if tie.near in urns and tie.far in urns]
    pairs = ends if direction == "upstream" else [(far, near) for near, far in ends]
    return [Way(near, far, "identity", False, "exact") for near, far in pairs]


def _stated(found: Mapping[Urn, list[Link]], store: Store, as_of: Instant | None) -> dict[Urn, set[Urn]]:
    """Returns the labels of things; an assignment or a term that is deprecated goes nowhere."""
    labels = store.get({link.end for links in found.values() for link in links}, as_of)
    stated: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for thing, links in found.items():
        for link in links:
            state = labels[link.end]
            if state.closed_since is None and "deprecated" not in (
                merged(link, as_of).get("status"), state.properties.get("status"),
            ):  # fmt: skip
                stated[thing].add(link.end)
    return dict(stated)


def labelled(store: Store, as_of: Instant | None = None) -> list[Urn]:
    """Returns every thing of which a term or a tag is stated, and whose values can flow on."""
    labels = [node.urn for node in find_all(store, ["term", "tag"])]
    found = assigned(store, labels, "downstream", as_of)
    return sorted(
        {k.start for links in found.values() for k in links if k.start.kind in ("column", "feature", "metric")}
    )


def rules_of(store: Store, refs: Refs, rules: Sequence[LabelRule], labels: Iterable[Urn]) -> tuple[Rules, list[str]]:
    """Returns the rule of each label, and a sentence for each name in a rule that is not in the catalog."""
    found: dict[Urn, LabelRule] = {}
    warnings: list[str] = []
    wanted = sorted(labels)
    for rule in rules:
        named = set[Urn]()
        for text in rule.labels:
            try:
                named.add(refs.parse(text, ["term", "tag"]))
            except NotFoundError:
                warnings.append(f"propagation: {text!r} names no term or tag in the catalog.")
        meant = set(wanted) & _with_narrower(store, named) if rule.labels else set(wanted)
        found.update({label: rule for label in meant if label not in found} if rule.labels else {})
    general = next((rule for rule in rules if not rule.labels), BUILT_IN)
    return {label: found.get(label, general) for label in wanted}, warnings


def _with_narrower(store: Store, named: Collection[Urn]) -> set[Urn]:
    course = Course(frozenset({"BROADER"}), "downstream", identity=False)
    reached = reach(store, store.keys(list(named)).values(), course) if named else None
    return set(named) | (set(store.urns(reached.hops).values()) if reached else set())
