"""What rules look at, and what they say: the estate, the ground that a model version stands on, judgements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.instants import Instant, day
from catalog.model.names import Urn, dataset_of
from catalog.policies import Policies, Rule, Terms
from catalog.provenance.grounds import Grounds
from catalog.provenance.story import ModelStory
from catalog.refs import Refs
from catalog.rules.gaps import Gaps
from catalog.rules.lineages import Lineage, Reached
from catalog.show import with_checks
from catalog.starting import lift
from catalog.store.port import Claim, NodeState, Store
from catalog.verification.verifying import Files

Verdict = Literal["violated", "unknown", "passed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("violated", "unknown", "passed")
"""From gravest to lightest."""


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
        steps: The path as pairs of near and far, of which `links` are looked up at the end.
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
    steps: tuple[tuple[Urn, Urn], ...] = ()


class Ground:
    """What one model version stands on, as of its training: one of the questions of the estate's lineage."""

    def __init__(self, estate: Estate, question: int, terms: Terms | None) -> None:
        self.estate, self.question, self.terms = estate, question, terms
        self.store, self.bit = estate.store, 1 << question
        self.training = estate.lineages.trainings[question]
        self.version = self.training.version

    @cached_property
    def story(self) -> ModelStory:
        return ModelStory(self.store, self.version, self.estate.lineages, self.question)

    @property
    def then(self) -> str | None:
        """Day of the training."""
        return None if self.training.at is None else day(self.training.at).isoformat()

    def nodes(self, lineage: str) -> dict[Urn, set[Urn]]:
        """Returns every data set that it stands on, with those of its columns that count (itself at the level of tables)."""
        found, flow = self.estate.lineage(lineage), self.estate.lineage(lineage).reached()
        places = {
            key: [place for place in found.places(key) if lineage == "table" or flow.get(place, 0) & self.bit]
            for key, mask in found.sets.items()
            if mask & self.bit
        }
        urns = self.store.urns({*places, *(p for some in places.values() for p in some)})
        return {urns[key]: {urns[p] for p in some} for key, some in places.items()}

    def gaps(self, lineage: str) -> list[str]:
        """Returns why more may reach it than is known, as sentences."""
        return self.estate.gaps(lineage).of(self.question)

    def digest(self, lineage: str = "value") -> str:
        """Returns the digest of the lineage that was looked at."""
        return self.estate.lineage(lineage).digests[self.question]


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
        """Every model version that is known and not gone, by name; the place in the list is its bit."""
        return [Ground(self, i, self._terms(found.version)) for i, found in enumerate(self.lineages.trainings)]

    @cached_property
    def lineages(self) -> Grounds:
        found = [n.urn for n in find_all(self.store, ["modelversion"]) if n.closed_since is None]
        return Grounds(self.store, sorted(found))

    def lineage(self, level: str) -> Lineage:
        """Returns what all model versions stand on, by value or by table."""
        level = "table" if level == "table" else "value"
        if level not in self._levels:
            self._levels[level] = Lineage(self.lineages, level)
        return self._levels[level]

    @cached_property
    def _levels(self) -> dict[str, Lineage]:
        return {}

    def gaps(self, level: str) -> Gaps:
        """Returns what is not known about the lineage of model versions."""
        if level not in self._gaps:
            self._gaps[level] = Gaps(self.lineage(level))
        return self._gaps[level]

    @cached_property
    def _gaps(self) -> dict[str, Gaps]:
        return {}

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

    @cached_property
    def homes(self) -> dict[str, list[Urn]]:
        """Which data sets and columns the policies say reside in each region."""
        return {region: self.resolve(refs, "residency") for region, refs in self.policies.residency.items()}

    def resides(self, datasets: Iterable[Urn]) -> dict[Urn, frozenset[str]]:
        """Returns where data sets reside, of those of which the policies say it: one that is named goes before its namespace."""
        found: defaultdict[Urn, set[str]] = defaultdict(set)
        wanted = set(datasets)
        for region, urns in self.homes.items():
            for urn in urns:
                if dataset_of(urn) in wanted if urn.kind == "column" else urn in wanted:
                    found[dataset_of(urn) if urn.kind == "column" else urn].add(region)
        spaces = self._spaces(self.policies.locations)
        for urn in wanted - found.keys():
            found[urn] |= spaces.get(urn.namespace, set())
        return {urn: frozenset(regions) for urn, regions in found.items() if regions}

    def processed(self, jobs: Iterable[Urn]) -> dict[Urn, set[str]]:
        """Returns where jobs run, of those of which the policies say it: a job that is named goes before its namespace."""
        wanted, found = set(jobs), defaultdict[Urn, set[str]](set)
        spaces = self._spaces(self.policies.processing)
        for region, texts in self.policies.processing.items():
            for text in texts:
                for urn in self.refs.candidates(text, ("job",)):
                    found[urn].add(region)
        return {urn: regions for urn in wanted if (regions := found.get(urn) or spaces.get(urn.namespace, set()))}

    def _spaces(self, said: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for region, texts in said.items():
            for text in texts:
                found[self.refs.namespace(text)].add(region)
        return found

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
            versions = self._versions(one.ref, urns)
            if not urns and not versions:
                self.warn(f"{rule.place}: {one.ref!r} names nothing in the catalog")
            through.update(urns)
            subjects |= dict.fromkeys([*urns, *versions], f"exempt by {one.document}: {one.reason}")
        return through, subjects

    def _versions(self, name: str, named: Iterable[Urn]) -> list[Urn]:
        """Returns the versions of the models among some things, or of those of a name that no other thing has."""
        if named := list(named):
            models = {urn for urn in named if urn.kind == "model"}
            return [g.version for g in self.grounds if Urn("model", g.version.parts[:2]) in models] if models else []
        return [g.version for g in self.grounds if g.version.name == name]

    def regions_of(self, ground: Ground) -> set[str]:
        """Returns where a model version is deployed: what the policies, the registry and its endpoints say."""
        said = set(ground.terms.regions) if ground.terms else set[str]()
        own = ground.training.properties.get("region")
        served = {str(r) for state in self.endpoints.get(ground.version, ()) if (r := state.properties.get("region"))}
        return said | served | ({str(own)} if own else set())

    @cached_property
    def endpoints(self) -> dict[Urn, list[NodeState]]:
        """The endpoints that answer with model versions."""
        keys = self.store.keys([ground.version for ground in self.grounds])
        links = link_all(self.store, keys.values(), ["SERVES"], "downstream")
        states = self.store.get({link.start for link in links})
        found: defaultdict[Urn, list[NodeState]] = defaultdict(list)
        for link in links:
            found[link.end].append(states[link.start])
        return dict(found)

    @cached_property
    def checked(self) -> set[Urn]:
        """The data sets that model versions stand on and about which a check said something."""
        datasets = set(self.lineages.datasets.values())
        for training in self.lineages.trainings:
            datasets |= {dataset_of(urn) for urn in (*training.inputs, *training.behind)}
        return with_checks(self.store, datasets)

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


def violated(
    rule: Rule, ground: Ground, cause: Urn, reached: Reached, why: str, documents: tuple[str, ...] = (),
    claims: tuple[Claim, ...] = (),
) -> Judgement:  # fmt: skip
    """Returns the judgement that a cause should not have got into a model version."""
    return Judgement(
        rule.id, ground.version, "violated", why, cause, first_hop(reached.path), reached.path, documents,
        reached.features, reached.targets, claims=claims, looked_at=ground.digest(rule.lineage), steps=reached.steps,
    )  # fmt: skip


def said(rule: Rule, ground: Ground, verdict: Verdict, why: str) -> Judgement:
    return Judgement(rule.id, ground.version, verdict, why, looked_at=ground.digest(rule.lineage))


def with_evidence(estate: Estate, found: Iterable[Judgement]) -> list[Judgement]:
    """Adds the edges of the paths, looked up for all judgements about one model version at once."""
    judgements = list(found)
    questions = (
        {ground.version: ground.question for ground in estate.grounds} if any(j.steps for j in judgements) else {}
    )
    steps: defaultdict[Urn, set[tuple[Urn, Urn]]] = defaultdict(set)
    for one in judgements:
        steps[one.subject].update(one.steps)
    links = {
        subject: estate.lineage("value").evidence(questions[subject], pairs)
        for subject, pairs in steps.items()
        if pairs
    }
    return [
        replace(j, links=tuple(k for step in j.steps for k in links[j.subject][step])) if j.steps else j
        for j in judgements
    ]
