"""Policies over lineage: which rules are broken, by what, at which hop; what passes; what cannot be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from catalog.answers import Answer, Data, edge, evidence, node
from catalog.links import Statement
from catalog.model.canonical import loads
from catalog.model.errors import UsageError
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.policies import Policies, Rule
from catalog.refs import Refs
from catalog.rules import consent, hashes, integrated, licence, quality, regions, rego, residency, retention, unresolved
from catalog.rules.judging import VERDICTS, Estate, Judgement, with_evidence
from catalog.store.collecting import uncollected
from catalog.store.port import Claim, Store
from catalog.verification.verifying import Files

Judge = Callable[[Estate, Rule], Iterator[Judgement]]

KINDS: Final[Mapping[str, Judge]] = MappingProxyType(
    {
        "consent-for-purpose": consent.judge,
        "residency": residency.judge,
        "permitted-regions": regions.judge,
        "retention": retention.judge,
        "recorded-hash": hashes.judge,
        "quality-gate": quality.judge,
        "licence": licence.judge,
        "unresolved-lineage": unresolved.judge,
        "integrated": integrated.judge,
        "rego": rego.judge,
    }
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules said. `judged` are the rules that were asked."""

    answer: Answer
    judged: tuple[Rule, ...]
    judgements: tuple[Judgement, ...]

    @property
    def violations(self) -> tuple[Judgement, ...]:
        return tuple(j for j in self.judgements if j.verdict == "violated")


def check(
    store: Store,
    refs: Refs,
    policies: Policies,
    now: Instant,
    files: Files | None = None,
    only: Sequence[str] = (),
) -> Checked:
    """Asks every rule, or those named by id or kind.

    Raises:
        UsageError: no rule has that name.
    """
    rules = _chosen(policies, only)
    estate = Estate(store, refs, policies, now, files)
    found: list[Judgement] = []
    with uncollected():
        for rule in rules:
            found += KINDS[rule.kind](estate, rule)
        found = with_evidence(estate, found)
    found.sort(key=lambda j: (VERDICTS.index(j.verdict), j.rule, str(j.subject), str(j.cause)))
    warnings = (*policies.warnings, *estate.warnings)
    return Checked(Answer("check", _say(refs, rules, found), None, True, warnings), tuple(rules), tuple(found))


def _chosen(policies: Policies, only: Sequence[str]) -> list[Rule]:
    for name in only:
        if not any(name in (rule.id, rule.kind) for rule in policies.rules):
            known = ", ".join(rule.id for rule in policies.rules) or "none"
            raise UsageError(f"{name!r} is no rule: expected one of {known}. Name it by its id.")
    return [rule for rule in policies.rules if not only or rule.id in only or rule.kind in only]


def _say(refs: Refs, rules: Sequence[Rule], found: Sequence[Judgement]) -> Data:
    texts = refs.texts(_named(found))
    counts = Counter(j.verdict for j in found)
    return {
        "violations": [_violation(texts, j) for j in found if j.verdict == "violated"],
        "unknown": [_other(texts, j) for j in found if j.verdict == "unknown"],
        "passed": [_other(texts, j) for j in found if j.verdict == "passed"],
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        "rules": [{"rule": r.id, "kind": r.kind, "text": r.text, "place": r.place} for r in rules],
        "exemptions": [
            {"rule": r.id, "of": e.ref, "reason": e.reason, "document": e.document, "until": e.until}
            for r in rules
            for e in r.exempt
        ],
    }


def _named(found: Iterable[Judgement]) -> list[Urn]:
    named: dict[Urn, None] = {}
    for one in found:
        ends = [urn for link in one.links for urn in (link.start, link.end)]
        about = [Urn.parse(loads(claim.body)["node"]) for claim in one.claims]
        named.update(dict.fromkeys([one.subject, *one.path, *ends, *about]))
        named.update(dict.fromkeys(urn for urn in (one.cause, one.hop) if urn is not None))
    return list(named)


def _other(texts: Mapping[Urn, str], one: Judgement) -> Data:
    return {"rule": one.rule, "subject": texts[one.subject], "why": one.why}


def _violation(texts: Mapping[Urn, str], one: Judgement) -> Data:
    return {
        **_other(texts, one),
        "cause": None if one.cause is None else texts[one.cause],
        "hop": None if one.hop is None else texts[one.hop],
        "path": [texts[urn] for urn in one.path],
        "documents": list(one.documents),
        "features": list(one.features),
        "targets": list(one.targets),
        "evidence": [
            *(_said_of(texts, claim) for claim in one.claims),
            *(edge(texts, link, None) for link in one.links),
        ],
    }


def _said_of(texts: Mapping[Urn, str], claim: Claim) -> Data:
    """Returns what a source says of a thing."""
    body = loads(claim.body)
    (piece,) = evidence([Statement(claim, body["props"])], None)
    return node(texts, Urn.parse(body["node"]), said=dict(body["props"]), evidence=[piece])
