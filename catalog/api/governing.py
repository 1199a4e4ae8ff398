"""Rules, decisions, verifications, causes and cards, as types. The server reads no file but the policies of its project."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import strawberry
from strawberry.scalars import JSON

from catalog.answers import Answer
from catalog.api.context import Context
from catalog.api.pages import size
from catalog.api.reads import MOST_NODES, clipped, few, result
from catalog.api.results import CheckRun, Mention, Named, Result
from catalog.check import check
from catalog.decisions import history_of
from catalog.model.errors import ConfigError, UsageError
from catalog.model.instants import Instant, instant
from catalog.policies import Policies, Rule, read_policies
from catalog.provenance.card import background, card
from catalog.provenance.story import provenance
from catalog.rootcause.suspects import root_cause
from catalog.show import suites_of

_READS_FILES: Final = frozenset({"recorded-hash"})
"""Kinds of rules that compute digests of files: not for a server, which answers what was stored."""


# --- rules ------------------------------------------------------------------------------------------------------------


@strawberry.type(description="A rule of the policy files.")
class PolicyRule:
    rule: str = strawberry.field(description="Its id.")
    kind: str = strawberry.field(description="What it asks: residency, licence, rego, ...")
    text: str = strawberry.field(description="What it says, for people.")
    place: str = strawberry.field(description="File and line.")


@strawberry.type(description="What a rule does not apply to, and why.")
class PolicyExemption:
    rule: str = strawberry.field(description="Id of the rule.")
    of: str = strawberry.field(description="What is exempt, as the policy writes it.")
    reason: str = strawberry.field(description="Why.")
    document: str = strawberry.field(description="Document that says so.")
    until: str | None = strawberry.field(description="Its last day.")


@strawberry.type(description="What a rule says about a subject.")
class Judged:
    rule: str = strawberry.field(description="Id of the rule.")
    subject: str = strawberry.field(description="Ref of what it judges.")
    why: str = strawberry.field(description="Reason.")


@strawberry.type(description="A rule that is broken.")
class PolicyViolation(Judged):
    cause: str | None = strawberry.field(description="Ref of what is at fault.")
    hop: str | None = strawberry.field(
        description="Ref of the first thing behind the cause, on the way to the subject."
    )
    path: list[str] = strawberry.field(description="Refs on a shortest way from the cause to the subject.")
    documents: list[str] = strawberry.field(description="Ids of the documents that were looked at.")
    features: list[str] = strawberry.field(description="Features that it reaches.")
    targets: list[str] = strawberry.field(description="Targets that it reaches.")
    evidence: list[JSON] = strawberry.field(description="Edges of the path and what sources say, with their claims.")


@strawberry.type(description="How many judgements there are of each verdict, those that `first` cut included.")
class VerdictCounts:
    violated: int = strawberry.field(description="Rules broken.")
    unknown: int = strawberry.field(description="What cannot be told; it never passes.")
    passed: int = strawberry.field(description="What passes.")


@strawberry.type(description="What the rules of the policy files say.")
class CheckReport(Result):
    violations: list[PolicyViolation] = strawberry.field(description="What is broken.")
    unknown: list[Judged] = strawberry.field(description="What cannot be told.")
    passed: list[Judged] = strawberry.field(description="What passes.")
    counts: VerdictCounts = strawberry.field(description="How many of each.")
    rules: list[PolicyRule] = strawberry.field(description="The rules that were asked.")
    exemptions: list[PolicyExemption] = strawberry.field(description="What they do not apply to.")


@strawberry.type(description="The rules of the policy files of the project.")
class PolicyList(Result):
    rules: list[PolicyRule] = strawberry.field(description="In the order of the files.")
    exemptions: list[PolicyExemption] = strawberry.field(description="What they do not apply to.")


def ask_check(context: Context, rules: list[str] | None, first: int) -> CheckReport:
    """Asks the rules, all or some; nothing is recorded, and rules that would read files are left to the command line."""
    policies, wanted = policies_of(context), tuple(few(rules, "rules")) if rules is not None else ()
    left = [r for r in policies.rules if r.kind in _READS_FILES and (not wanted or {r.id, r.kind} & set(wanted))]
    chosen = _chosen(policies, wanted)
    now = instant(context.settings.clock())
    answer = check(context.store, context.refs, replace(policies, rules=chosen), now).answer
    told = [
        f"The rule {r.id} reads files: `headwater check` asks it, and `verifications` has stored results." for r in left
    ]
    data, cut = clipped(answer.data, ["violations", "unknown", "passed"], size(first, MOST_NODES))
    answer = replace(answer, warnings=(*answer.warnings, *told), complete=answer.complete and not left)
    return result(CheckReport, answer, data, cut)


def ask_policies(context: Context) -> PolicyList:
    policies = policies_of(context)
    data = {
        "rules": [{"rule": r.id, "kind": r.kind, "text": r.text, "place": r.place.rpartition("/")[2]} for r in policies.rules],
        "exemptions": [
            {"rule": r.id, "of": e.ref, "reason": e.reason, "document": e.document, "until": e.until} for r in policies.rules for e in r.exempt
        ],
    }  # fmt: skip
    return result(PolicyList, Answer("policies", data, warnings=tuple(policies.warnings)), data)


def _chosen(policies: Policies, wanted: tuple[str, ...]) -> list[Rule]:
    for name in wanted:
        if not any(name in (rule.id, rule.kind) for rule in policies.rules):
            known = ", ".join(rule.id for rule in policies.rules)
            raise UsageError(f"{name[:80]!r} is no rule: expected one of {known}. `policies` lists them.")
    named = set(wanted)
    return [r for r in policies.rules if r.kind not in _READS_FILES and (not wanted or {r.id, r.kind} & named)]


def policies_of(context: Context) -> Policies:
    """Returns the policies of the server's project file.

    Raises:
        UsageError: it names none, or they cannot be read.
    """
    if not context.settings.policies:
        raise UsageError(
            "The project file of this server names no policies: expected files with rules. Add `policies:` to it."
        )
    try:
        return read_policies(context.settings.policies)
    except ConfigError as err:
        raise UsageError("The policies of this server cannot be read. `headwater check` there says why.") from err


# --- decisions --------------------------------------------------------------------------------------------------------


@strawberry.type(description="What a rule decided about a subject, and for how long it did.")
class DecisionMade:
    rule: str = strawberry.field(description="Id of the rule.")
    subject: str = strawberry.field(description="Ref of what it was about.")
    verdict: str = strawberry.field(description="passed, violated or unknown.")
    why: str | None = strawberry.field(description="Reason.")
    policy_digest: str | None = strawberry.field(description="Digest of the policy.")
    input_digest: str | None = strawberry.field(description="Digest of what it looked at.")
    since: str = strawberry.field(description="When it was decided.")
    until: str | None = strawberry.field(description="When it was decided otherwise; null while it holds.")


@strawberry.type(description="What rules decided about a subject, all along.")
class DecisionHistory(Result):
    decisions: list[DecisionMade] = strawberry.field(description="Oldest first.")


def ask_decisions(context: Context, ref: str, rule: str | None, first: int) -> DecisionHistory:
    found = {"decisions": history_of(context.store, context.refs, context.named(ref), rule)}
    data, cut = clipped(found, ["decisions"], size(first, MOST_NODES))
    return result(DecisionHistory, Answer("decisions", data), data, cut)


# --- checks of data ---------------------------------------------------------------------------------------------------


@strawberry.type(description="What checks found out about a thing.")
class CheckRuns(Result):
    runs: list[CheckRun] = strawberry.field(description="Oldest first; the newest where `first` cuts.")


def ask_check_runs(context: Context, ref: str, first: int, as_of: Instant | None) -> CheckRuns:
    """Returns the newest runs of checks over a data set with its columns and versions, a version or a column."""
    urn = context.named(ref, ["dataset", "column", "datasetversion", "modelversion"])
    found = suites_of(context.store, context.refs, urn, as_of)
    data, cut = clipped({"runs": found[::-1]}, ["runs"], size(first, MOST_NODES))
    return result(CheckRuns, Answer("checkRuns", data, as_of), {"runs": data["runs"][::-1]}, cut)


# --- causes and cards -------------------------------------------------------------------------------------------------


@strawberry.type(description="One of the two versions that are compared.")
class ComparedVersion(Mention):
    trained_at: str | None = strawberry.field(description="When it was trained.")
    why: str | None = strawberry.field(description="Why it is thought to be good.")


@strawberry.type(description="Where two versions part: inputs agree here and outputs differ.")
class Divergence(Mention):
    hops: int = strawberry.field(description="Steps upstream; 0 is the training itself.")
    why: str = strawberry.field(description="What agrees and what differs.")


@strawberry.type(description="Something that changed, with what speaks for its being the cause.")
class Suspect(Mention):
    rank: int = strawberry.field(description="1 is the most suspicious.")
    score: int = strawberry.field(description="Orders the suspects; no probability.")
    cause: str = strawberry.field(
        description="data, code, parameters, environment, features, schema, check, incident or verification."
    )
    property: str = strawberry.field(description="What of it.")
    before: JSON | None = strawberry.field(description="What it was.")
    after: JSON | None = strawberry.field(description="What it is.")
    hops: int = strawberry.field(description="Steps upstream.")
    reasons: list[str] = strawberry.field(description="What speaks for it.")
    fix: str | None = strawberry.field(description="What would mend it.")


@strawberry.type(description="Another model version that stands on the same change.")
class AlsoAffected(Mention):
    why: str = strawberry.field(description="On what.")


@strawberry.type(description="Why a model version is bad.")
class RootCause(Result):
    bad: ComparedVersion = strawberry.field(description="The bad version.")
    good: ComparedVersion = strawberry.field(description="The last good one.")
    divergence: list[Divergence] = strawberry.field(description="Where the two part, furthest upstream first.")
    suspects: list[Suspect] = strawberry.field(description="Most suspicious first.")
    others: list[AlsoAffected] = strawberry.field(description="What else stands on it.")


@strawberry.type(description="A model card: provenance with use, owners, figures and decisions.")
class ModelCard(Result):
    model_version: Named = strawberry.field(description="What it is about.")
    markdown: str = strawberry.field(description="The card. Names in it are text and never markup.")


def ask_root_cause(context: Context, ref: str, good: str | None, first: int) -> RootCause:
    versions = [context.named(text, ["modelversion"]) for text in (ref, good) if text is not None]
    answer = root_cause(context.store, context.refs, versions[0], versions[1] if good is not None else None)
    data, cut = clipped(answer.data, ["divergence", "suspects", "others"], size(first, MOST_NODES))
    return result(RootCause, answer, data, cut)


def ask_card(context: Context, ref: str) -> ModelCard:
    urn = context.named(ref, ["modelversion"])
    answer = provenance(context.store, context.refs, urn)
    terms = policies_of(context).models.get(urn.name) if context.settings.policies else None
    more = background(context.store, context.refs, urn, terms)
    return result(ModelCard, answer, {"modelVersion": answer.data["modelVersion"], "markdown": card(answer.data, more)})
