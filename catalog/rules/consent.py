"""Consent for purpose: each source whose values reach a feature or the target needs a document that allows the model's purpose.

A document counts if it was active on the day of training, and valid then. What the register names answers for what is loaded
into it: behind it no document is asked for. A seed is kept with the code of a project and is no source. A column's own
documents go before those of its data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from catalog.answers import listed
from catalog.consents import ACTIVE, Document, consent_claims, documents_of
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.rules.judging import Estate, Ground, Judgement, places_of, violated
from catalog.store.port import Claim


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every model version that it is about."""
    register = _Register(estate, rule)
    for ground in estate.grounds_of(rule):
        yield from _Case(estate, rule, register, ground).judge()


@dataclass
class _Register:
    """The documents of the register that a rule names, or of all registers."""

    estate: Estate
    rule: Rule
    claims: dict[Urn, list[Claim]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {PurePath(name).name for name in self.rule.listed("register")}
        for urn, claims in consent_claims(self.estate.store).items():
            kept = [c for c in claims if not wanted or urn.namespace in wanted or _file(c) in wanted]
            if kept:
                self.claims[urn] = kept

    def documents(self, ground: Ground, places: Iterable[Urn]) -> dict[Urn, list[Document]]:
        """Returns the documents in force at the training by what they cover."""
        return documents_of(self.estate.store, ground.story.then, self.claims, places)


def _file(claim: Claim) -> str:
    path = (claim.origin or "").rpartition(":")[0] or claim.origin or ""
    return PurePath(path.removesuffix(".gz")).name


@dataclass
class _Case:
    """One model version before the rule."""

    estate: Estate
    rule: Rule
    register: _Register
    ground: Ground

    def judge(self) -> Iterator[Judgement]:
        through, exempt = self.estate.exempt(self.rule)
        if self.ground.version in exempt:
            yield self._said("passed", exempt[self.ground.version])
            return
        doubts = self._doubts()
        if doubts:
            yield self._said("unknown", doubts)
            return
        yield from self._judge(through)

    def _doubts(self) -> str:
        purposes = self.ground.terms.purposes if self.ground.terms else ()
        if not purposes:
            return "no purpose is known for the model"
        if self.ground.then is None:
            return "it is not known when it was trained"
        return (
            "" if self.register.claims else f"the register {listed(self.rule.listed('register'))} is not in the catalog"
        )

    def _judge(self, through: set[Urn]) -> Iterator[Judgement]:
        ground, lineage = self.ground, self.rule.lineage
        nodes = ground.nodes(lineage)
        documents = self.register.documents(ground, {*nodes, *(u for places in nodes.values() for u in places)})
        faults = {urn: why for urn in documents if (why := self._fault(documents[urn]))}
        covered = {dataset_of(urn) if urn.kind == "column" else urn for urn in documents}
        bare = {u for u in ground.terminals(lineage) - covered - self._seeds(nodes) if u in nodes}
        exempt = places_of(nodes, through)
        wrong: dict[Urn, set[Urn]] = {
            u: self._wrong(nodes[u], documents, faults) - exempt for u in covered if u in nodes
        }
        reached = ground.reached(lineage, {u: places for u, places in wrong.items() if places}, exempt)
        shields = exempt | places_of(nodes, covered)
        open_ends = ground.reached(lineage, {u: nodes[u] - exempt for u in bare}, shields)
        for cause, way in reached.items():
            said = [d for u in sorted({cause, *wrong[cause]}) if u in faults for d in documents[u]]
            why = "; ".join(dict.fromkeys(faults[u] for u in sorted({cause, *wrong[cause]}) if u in faults))
            names = tuple(dict.fromkeys(d.name for d in said))
            yield violated(self.rule, ground, cause, way, f"{self._purpose()}: {why}", documents=names,
                           claims=tuple(c for d in said for c in d.claims))  # fmt: skip
        for cause, way in open_ends.items():
            yield violated(self.rule, ground, cause, way, f"{self._purpose()}: no document of the register covers it")
        if not reached and not open_ends:
            yield self._rest(len(covered & nodes.keys()))

    def _purpose(self) -> str:
        purposes = self.ground.terms.purposes if self.ground.terms else ()
        return f"used for {' and '.join(purposes)}"

    def _rest(self, count: int) -> Judgement:
        gaps = self.ground.gaps(self.rule.lineage)
        if gaps:
            return self._said("unknown", listed(gaps))
        return self._said(
            "passed", f"{self._purpose()}: allowed for each of its {count} registered sources on {self.ground.then}"
        )

    def _said(self, verdict: Any, why: str) -> Judgement:
        return Judgement(self.rule.id, self.ground.version, verdict, why, looked_at=self.ground.digest)

    def _fault(self, documents: list[Document]) -> str:
        """Returns why none of the documents allows the use, document by document; empty if it is allowed or needs none."""
        ignored, active = self.rule.listed("ignore_status"), self.rule.listed("active_status") or ACTIVE
        if any(d.said.get("status") in ignored for d in documents):
            return ""
        purposes, on = self.ground.terms.purposes if self.ground.terms else (), self.ground.then or ""
        for purpose in purposes:
            faults = {d.name: d.fault(purpose, on, active) for d in documents}
            if None not in faults.values():
                return ", ".join(f"{name}: {why}" for name, why in faults.items())
        return ""

    def _wrong(self, places: set[Urn], documents: Mapping[Urn, object], faults: Mapping[Urn, str]) -> set[Urn]:
        """Returns the places of a data set whose own documents, else those of the data set, do not allow the use."""
        return {p for p in places if (p if p in documents else dataset_of(p) if p.kind == "column" else p) in faults}

    def _seeds(self, nodes: Iterable[Urn]) -> set[Urn]:
        return {urn for urn, s in self.estate.store.get(list(nodes)).items() if s.properties.get("type") == "seed"}
