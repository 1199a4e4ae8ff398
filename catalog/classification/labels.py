"""Terms and tags that follow from lineage: derived when they are asked for, and never stored as facts.

A label that is stated of a thing flows to what takes its values, until a rule, a person's denial or another step stops it. It
arrives in full if the value was only copied on the way, else as derived; and as exactly as the least exact claim of the way. Sets of
labels flow along all edges at once (see `propagation`), once for each quality in which they can arrive: the cost is linear in the
edges.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from catalog.classification.label_rules import BUILT_IN, CARRIED, LabelRule, stops
from catalog.glossary.assignments import assigned, denied, merged
from catalog.graph import VALUE, Course, Reach, reach
from catalog.identity import find_all
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
        return _quality(self.step, self.exactness)


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
    """Where labels come to in a field.

    Attributes:
        rules: How far each label goes.
    """

    def __init__(self, ground: Field, rules: Rules) -> None:
        self._ground, self.rules = ground, rules
        self._labels = sorted(ground.labels())
        self._place = {label: place for place, label in enumerate(self._labels)}
        self._urns = sorted({*ground.stated, *ground.denied, *(u for w in ground.ways for u in (w.near, w.far))})
        self._number = {urn: number for number, urn in enumerate(self._urns)}
        self._refused = {self._number[urn]: self._set_of(labels) for urn, labels in ground.denied.items()}
        self._said = {
            (number := self._number[urn]): self._set_of(some) & ~self._refused.get(number, 0)
            for urn, some in ground.stated.items()
        }
        self._nets = self._made()
        self._found: dict[int, list[tuple[Quality, int]]] = {}
        self._hops: dict[tuple[int, Quality], dict[int, int]] = {}
        self._flow()

    def rule(self, label: Urn) -> LabelRule:
        return self.rules.get(label, BUILT_IN)

    def things(self) -> list[Urn]:
        """Returns what bears a label by lineage, in order."""
        return [self._urns[number] for number in sorted(self._found)]

    def of(self, thing: Urn) -> dict[Urn, Quality]:
        """Returns the labels that a thing bears by lineage alone, each with how it arrived."""
        found: dict[Urn, Quality] = {}
        for quality, reached in self._found.get(self._number.get(thing, -1), ()):
            found.update((label, quality) for label in self._members(reached))
        return dict(sorted(found.items()))

    def counts(self) -> dict[Urn, int]:
        """Returns how many things bear each label by lineage."""
        sets = Counter(reached for found in self._found.values() for _, reached in found)
        total: Counter[Urn] = Counter(dict.fromkeys(self._labels, 0))
        for reached, count in sets.items():
            total.update(dict.fromkeys(self._members(reached), count))
        return dict(total)

    def derived(self, thing: Urn, label: Urn) -> Derived:
        """Returns how a label that a thing bears by lineage came to it."""
        quality = self.of(thing)[label]
        path = self._path(thing, label, quality)
        return Derived(thing, label, ARRIVES[quality.carried], EXACTNESS[quality.exactness], path)

    def all_derived(self, things: Iterable[Urn], labels: Collection[Urn] = ()) -> list[Derived]:
        """Returns the labels of things by lineage, in order; only these, if some are named."""
        pairs = ((thing, label) for thing in things for label in self.of(thing))
        return [self.derived(thing, label) for thing, label in pairs if not labels or label in labels]

    # --- flowing

    def _set_of(self, labels: Iterable[Urn]) -> int:
        found = 0
        for label in labels:
            if label in self._place:
                found |= 1 << self._place[label]
        return found

    def _members(self, bits: int) -> list[Urn]:
        found: list[Urn] = []
        while bits:
            low = bits & -bits
            found.append(self._labels[low.bit_length() - 1])
            bits ^= low
        return found

    def _flow(self) -> None:
        """Lets all labels flow, once for each quality in which one can arrive, the best first."""
        arrived = dict(self._said)
        for quality, net in self._nets.items():
            for thing, reached in net.flow(self._said, self._refused).items():
                known = arrived.get(thing, 0)
                fresh = reached & ~known & ~self._refused.get(thing, 0)
                if fresh:
                    arrived[thing] = known | fresh
                    self._found.setdefault(thing, []).append((quality, fresh))

    def _made(self) -> dict[Quality, Net[int]]:
        """Returns for each quality the ways of it, from what a value comes from, each with the labels that pass on it."""
        everything = self._set_of(self._labels)
        kinds: defaultdict[tuple[str, bool, str], tuple[list[int], list[int]]]
        kinds = defaultdict(lambda: ([], []))
        for way in self._ground.ways:
            if way.near != way.far:
                near, far = kinds[way.step, way.masking, way.exactness]
                near.append(self._number[way.near])
                far.append(self._number[way.far])
        nets = {quality: Net[int](everything) for quality in _qualities(kinds)}
        for (step, masking, exactness), (near, far) in kinds.items():
            passing = self._set_of(one for one in self._labels if not stops(self.rule(one), step, masking=masking))
            for quality, net in nets.items() if passing else ():
                if quality.holds(_quality(step, exactness)):
                    net.add_all(far, near, passing)
        return nets

    def _path(self, thing: Urn, label: Urn, quality: Quality) -> tuple[Urn, ...]:
        """Returns a shortest way from where a label is stated; ties go by name."""
        question = self._place[label]
        hops = self._distances(question, quality)
        path = [self._number[thing]]
        while hops[path[-1]]:
            before = self._nets[quality].back.beyond(path[-1], question)
            path.append(min(one for one in before if hops.get(one) == hops[path[-1]] - 1))
        return tuple(self._urns[one] for one in reversed(path))

    def _distances(self, question: int, quality: Quality) -> dict[int, int]:
        """Returns how far everything that a label comes to is from where it is stated; kept, as many ask for it."""
        if (question, quality) not in self._hops:
            bit = 1 << question
            closed = {number for number, refused in self._refused.items() if refused & bit}
            starts = {number: 0 for number, said in self._said.items() if said & bit}
            within = (lambda number: number not in closed) if closed else None
            self._hops[question, quality] = self._nets[quality].hops(starts, question, within)
        return self._hops[question, quality]


def _quality(step: str, exactness: str) -> Quality:
    return Quality(ARRIVES.index(CARRIED.get(step, "derived")), EXACTNESS.index(exactness))


def _qualities(kinds: Iterable[tuple[str, bool, str]]) -> list[Quality]:
    """Returns the qualities in which a label can arrive by ways of these kinds, best first."""
    found = {_quality(step, exactness) for step, _, exactness in kinds}
    worst = product(sorted({q.carried for q in found}), sorted({q.exactness for q in found}))
    return sorted(Quality(*one) for one in worst)


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
