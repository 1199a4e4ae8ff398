"""What a check decided, as facts: each rule's decisions are a scope that the next check of the rule replaces.

A decision has the digest of the policy and of what it looked at. When it was made is when its claim began; a check that
decides the same again says only that it was seen again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from catalog.answers import Data
from catalog.check import Checked
from catalog.harvest import Harvest
from catalog.identity import find_all
from catalog.intake import SourceReport
from catalog.model.canonical import loads
from catalog.model.edges import CoveredBy
from catalog.model.facts import Fact, Snapshot
from catalog.model.ingest import Context, Options, Source
from catalog.model.instants import instant, show
from catalog.model.names import Urn
from catalog.model.nodes import Decision, Policy
from catalog.policies import Policies, Rule
from catalog.refs import Refs
from catalog.rules.judging import Judgement
from catalog.store.port import Store

_DEFINITION_CHARS = 10_000


class Said:
    """Snapshots at hand, in the form of an ingestor, so that they are committed as any source's are."""

    name: ClassVar[str] = "said"
    options: ClassVar[type[Options]] = Options

    def __init__(self, options: Sequence[Snapshot]) -> None:
        self._snapshots = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:  # noqa: ARG002 -- the form of an ingestor
        yield from self._snapshots


def commit(store: Store, name: str, snapshots: Sequence[Snapshot], now: datetime, actor: str) -> SourceReport:
    """Commits snapshots that the program itself makes, under the name of a source."""
    context = Context(source=name, root=Path(), namespaces={}, now=instant(now))
    return Harvest(store, clock=lambda: now, actor=actor).read(Source(name, name, Said(snapshots), context))


def record(store: Store, checked: Checked, policies: Policies, now: datetime, actor: str) -> SourceReport:
    """Keeps the decisions of a check."""
    by_rule = {rule.id: [j for j in checked.judgements if j.rule == rule.id] for rule in checked.judged}
    said = [
        Snapshot(("decision", rule.id), instant(now), list(_facts(rule, policies.digest(rule), by_rule[rule.id])))
        for rule in checked.judged
    ]
    return commit(store, "check", said, now, actor)


def _facts(rule: Rule, digest: str, judgements: Iterable[Judgement]) -> Iterator[Fact]:
    definition = json.dumps({"options": dict(rule.options), "lineage": rule.lineage}, sort_keys=True)
    policy = Policy(
        namespace="", name=rule.id, rule=rule.kind, description=rule.text or None, digest=digest,
        definition=definition[:_DEFINITION_CHARS],
    )  # fmt: skip
    yield Fact(policy)
    ordered = sorted(judgements, key=lambda j: str(j.subject))
    for subject, group in groupby(ordered, key=lambda j: j.subject):
        decision = _decision(rule, digest, subject, list(group))
        yield Fact(decision)
        yield Fact(CoveredBy(start=decision.urn, end=policy.urn))


def _looked_at(one: Judgement) -> str:
    """Returns all that a judgement is about: another cause or another way is another input."""
    ways = [str(urn) for urn in (one.cause, *one.path) if urn is not None]
    return " ".join([one.looked_at, *ways, *one.documents]).encode("utf-8", "replace").decode()


def _decision(rule: Rule, digest: str, subject: Urn, judgements: list[Judgement]) -> Decision:
    said: dict[str, Any] = {
        "verdict": judgements[0].verdict,
        "why": "; ".join(dict.fromkeys(j.why for j in judgements))[:2000].encode("utf-8", "replace").decode(),
        "input_digest": "sha256:" + sha256("\n".join(sorted(set(map(_looked_at, judgements)))).encode()).hexdigest(),
    }
    return Decision(
        namespace=rule.id, name=subject.uid, policy=rule.id, subject=str(subject), policy_digest=digest, **said
    )


def history_of(store: Store, refs: Refs, subject: Urn, rule: str | None = None) -> list[Data]:
    """Returns what rules, or one of them, decided about a subject, oldest first: each verdict with the time in which it stood."""
    where = {"name": [subject.uid]} if rule is None else {"name": [subject.uid], "namespace": [rule]}
    urns = [node.urn for node in find_all(store, ["decision"], where)]
    text = refs.format(subject)
    found: list[Data] = []
    for claim in store.claims(urns, history=True):
        said = loads(claim.body)["props"]
        told = {key: said.get(key) for key in ("verdict", "why")}
        digests = {"policyDigest": said.get("policy_digest"), "inputDigest": said.get("input_digest")}
        for begins, ends in claim.spans:
            span = {"since": show(begins), "until": None if ends is None else show(ends)}
            found.append({"rule": said["policy"], "subject": text, **told, **digests, **span})
    return sorted(found, key=lambda one: (one["since"], one["rule"]))
