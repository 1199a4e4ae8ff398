"""What rules look at, and what they say: the estate, the ground that a model version stands on, judgements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Final, Literal

from catalog.graph import shortest
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.instants import Instant, day
from catalog.model.names import Urn, dataset_of
from catalog.policies import Policies, Rule, Terms
from catalog.propagation import Bits, settle, union
from catalog.provenance import ModelStory
from catalog.refs import Refs
from catalog.rules.gaps import gaps_of
from catalog.starting import lift
from catalog.store.port import Claim, Store
from catalog.verify import Files

Verdict = Literal["violated", "unknown", "passed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("violated", "unknown", "passed")
"""From gravest to lightest."""
_IN_DATASETS: Final = frozenset({"column", "dataset"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says about a subject.

    Attributes:
        cause: What is at fault, for a violation.
        hop: The first thing on the way from the cause to the subject that should not have taken it.
        path: A shortest way from the cause to the subject.
        documents: Documents that were looked at.
        features: Features that it reaches; `targets` likewise.
        links: Edges of the path; `claims` other evidence.
        looked_at: Digest of the input.
    """

    rule: str
    subject: Urn
    verdict: Verdict
    why: str
    cause: Urn | None = None
    hop: Urn | None = None
    path: tuple[Urn, ...] = ()
    documents: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    claims: tuple[Claim, ...] = ()
    looked_at: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a cause reaches a model version: a shortest way from it, and the features and targets that it gets into."""

    path: tuple[Urn, ...]
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Ground:
    """What one model version stands on, as of its training."""

    def __init__(self, store: Store, version: Urn, terms: Terms | None) -> None:
        self.store, self.version, self.terms = store, version, terms
        self.story = ModelStory(store, version)

    @property
    def then(self) -> str | None:
        """Day of the training."""
        return None if self.story.at is None else day(self.story.at).isoformat()

    @cached_property
    def _sources(self) -> dict[Urn, tuple[str, bool]]:
        return {urn: (source.flow, source.terminal) for urn, source in self.story.sources().items()}

    @cached_property
    def _tables(self) -> dict[Urn, set[Urn]]:
        found: defaultdict[Urn, set[Urn]] = defaultdict(set)
        for trail in (self.story.values, self.story.tables):
            for near, fars in trail.onward().items():
                found[lift(near)] |= {lift(far) for far in fars} - {lift(near)}
        return dict(found)

    @cached_property
    def _values(self) -> dict[Urn, set[Urn]]:
        return self.story.values.onward()

    def onward(self, lineage: str) -> Mapping[Urn, Collection[Urn]]:
        """Returns what each thing stands on: columns by value, or data sets by any link."""
        return self._tables if lineage == "table" else self._values

    def starts(self, lineage: str) -> dict[Urn, set[tuple[str, str]]]:
        """Returns where its lineage begins, with role and name of the features that each place holds."""
        found: defaultdict[Urn, set[tuple[str, str]]] = defaultdict(set)
        for link in self.story.training.features:
            place = lift(link.end) if lineage == "table" else link.end
            found[place].add((str(link.properties.get("role", "feature")), link.end.parts[-1]))
        for urn in self.story.training.inputs if lineage == "table" else ():
            found[dataset_of(urn)] |= set()
        return dict(found)

    def nodes(self, lineage: str) -> dict[Urn, set[Urn]]:
        """Returns every data set that it stands on, with those of its columns that count (itself at the level of tables)."""
        found: defaultdict[Urn, set[Urn]] = defaultdict(set)
        hops = self._tables.keys() | self._sources.keys() if lineage == "table" else self.story.values.hops.keys()
        for urn in hops:
            if urn.kind in _IN_DATASETS:
                found[dataset_of(urn) if urn.kind == "column" else urn].add(urn)
        return dict(found)

    def terminals(self, lineage: str) -> set[Urn]:
        """Returns the data sets upstream of which nothing is known, but for those that the run itself named: they are gaps."""
        flows = {"value"} if lineage == "value" else {"value", "table"}
        found = {urn for urn, (flow, terminal) in self._sources.items() if terminal and flow in flows}
        return found - self._bare()

    def _bare(self) -> set[Urn]:
        """Returns names that only the run gave to its data, from where nothing is known."""
        named = {dataset_of(urn) for urn in self.story.training.inputs}
        listed = self.story.store.get(list(named))
        return {u for u in named if not listed[u].properties.get("columns") and not listed[u].properties.get("type")}

    def gaps(self, lineage: str) -> list[str]:
        """Returns why more may reach it than is known, as sentences."""
        bare = {urn for urn, (_, terminal) in self._sources.items() if terminal} & self._bare()
        return gaps_of(self.story, lineage, bare)

    def reached(
        self, lineage: str, causes: Mapping[Urn, Collection[Urn]], stops: Collection[Urn] = ()
    ) -> dict[Urn, Reached]:
        """Returns which causes get into it.

        Args:
            causes: Each with the columns, or at the level of tables the data set, that count.
            stops: Things that take nothing over from what they stand on.
        """
        onward, starts = self.onward(lineage), self.starts(lineage)
        bits = Bits(sorted(causes))
        said: defaultdict[Urn, int] = defaultdict(int)
        for cause, places in causes.items():
            for place in places:
                said[place] |= bits.of(cause)
        found = settle([*starts, *onward, *said], onward, said, union, 0, frozenset(stops))
        every = 0
        for start in starts:
            every |= found[start]
        cut = {near: far for near, far in onward.items() if near not in stops}
        return {
            cause: self._way(cut, causes[cause], cause, found, bits.of(cause), starts) for cause in bits.labels(every)
        }

    def _way(
        self, onward: Mapping[Urn, Collection[Urn]], places: Collection[Urn], cause: Urn, found: Mapping[Urn, int], bit: int,
        starts: Mapping[Urn, set[tuple[str, str]]],
    ) -> Reached:  # fmt: skip
        mark = Urn("cause", cause.parts)
        ways = {**onward, **{place: [*onward.get(place, ()), mark] for place in places}}
        way = shortest(ways, [start for start in starts if found[start] & bit], mark)[:-1]
        held = sorted({held for start, names in starts.items() if found[start] & bit for held in names})
        pairs = set(pairwise(way))
        edges = [
            e.link for e in (*self.story.values.edges, *self.story.tables.edges) if (e.link.start, e.link.end) in pairs
        ]
        by_role = {r: tuple(name for role, name in held if (role == "target") == r) for r in (False, True)}
        return Reached((*reversed(way), self.version), by_role[False], by_role[True], tuple(edges))

    @cached_property
    def digest(self) -> str:
        """Digest of the lineage that was looked at."""
        edges = {
            (str(near), str(far))
            for graph in (self._values, self._tables)
            for near, fars in graph.items()
            for far in fars
        }
        features = [[str(k.end), k.properties.get("role")] for k in self.story.training.features]
        text = json.dumps([self.then, sorted(edges), sorted(features, key=str)])
        return sha256(text.encode("utf-8", "replace")).hexdigest()


def first_hop(path: tuple[Urn, ...]) -> Urn:
    """Returns the first thing behind the data set at which a path begins: a data set, or the model version itself."""
    return next((lift(urn) for urn in path[1:] if lift(urn) != lift(path[0])), path[-1])


@dataclass
class Estate:
    """What all rules of one check share.

    Attributes:
        now: The caller's clock.
        files: Where recorded files are found; None if they cannot be.
    """

    store: Store
    refs: Refs
    policies: Policies
    now: Instant
    files: Files | None = None
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def grounds(self) -> list[Ground]:
        """Every model version that is known and not gone, by name."""
        found = [n.urn for n in find_all(self.store, ["modelversion"]) if n.closed_since is None]
        return [Ground(self.store, urn, self._terms(urn)) for urn in sorted(found)]

    def grounds_of(self, rule: Rule) -> list[Ground]:
        """Returns those that a rule is about: all, or those of the models that it names."""
        wanted = {model for name in rule.models for model in self._models(name)}
        return [g for g in self.grounds if not rule.models or Urn("model", g.version.parts[:2]) in wanted]

    def text(self, urn: Urn) -> str:
        return self.refs.format(urn)

    def resolve(self, texts: Iterable[str], place: str) -> list[Urn]:
        """Returns the data sets and columns that refs of a policy name; what is unknown is a warning."""
        found: list[Urn] = []
        for text in texts:
            urns = self.refs.candidates(text, ("dataset", "column"))
            if not urns:
                self.warn(f"{place}: {text!r} names nothing in the catalog")
            found += urns
        return list(dict.fromkeys(found))

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def exempt(self, rule: Rule) -> tuple[set[Urn], dict[Urn, str]]:
        """Returns data sets that a rule does not follow values through, and subjects that it does not judge, with the reason."""
        through, subjects = set[Urn](), dict[Urn, str]()
        today = day(self.now).isoformat()
        for one in rule.exempt:
            if one.until is not None and one.until[:10] < today:
                self.warn(f"{rule.place}: the exemption of {one.ref!r} by {one.document} ended on {one.until}")
                continue
            urns = self.refs.candidates(one.ref)
            if not urns:
                self.warn(f"{rule.place}: {one.ref!r} names nothing in the catalog")
            for urn in urns:
                through.add(urn)
                subjects[urn] = f"exempt by {one.document}: {one.reason}"
        return through, subjects

    def regions_of(self, ground: Ground) -> set[str]:
        """Returns where a model version is deployed: what the policies, the registry and its endpoints say."""
        found = set(ground.terms.regions) if ground.terms else set[str]()
        serving = link_all(self.store, self.store.keys([ground.version]).values(), ["SERVES"], "downstream")
        states = self.store.get([ground.version, *(link.start for link in serving)])
        return found | {str(r) for s in states.values() if (r := s.properties.get("region"))}

    def _terms(self, version: Urn) -> Terms | None:
        model = Urn("model", version.parts[:2])
        return next((terms for name, terms in self.policies.models.items() if model in self._models(name)), None)

    def _models(self, name: str) -> set[Urn]:
        if name not in self._named:
            known = {n.urn for n in find_all(self.store, ["model"], {"name": [name]})}
            versions = {Urn("model", n.urn.parts[:2]) for n in find_all(self.store, ["modelversion"], {"name": [name]})}
            self._named[name] = known | versions or set(self.refs.candidates(name, ("model",)))
            if not self._named[name]:
                self.warn(f"the model {name!r} of the policies is not in the catalog")
        return self._named[name]

    @cached_property
    def _named(self) -> dict[str, set[Urn]]:
        return {}


def places_of(nodes: Mapping[Urn, set[Urn]], things: Iterable[Urn]) -> set[Urn]:
    """Returns the places of a ground that things are, or are in: a data set stands for all of its columns."""
    found: set[Urn] = set()
    for urn in things:
        owner = dataset_of(urn) if urn.kind == "column" else urn
        inside = nodes.get(owner, set())
        found |= inside if urn == owner else inside & {urn, owner}
    return found


def violated(rule: Rule, ground: Ground, cause: Urn, reached: Reached, why: str, **more: object) -> Judgement:
    """Returns the judgement that a cause should not have got into a model version."""
    return Judgement(
        rule.id, ground.version, "violated", why, cause, first_hop(reached.path), reached.path,
        features=reached.features, targets=reached.targets, links=reached.links, looked_at=ground.digest, **more,  # type: ignore[arg-type]
    )  # fmt: skip
