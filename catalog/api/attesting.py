"""What an auditor is handed about a model version or a prediction, as types."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from catalog.answers import Data
from catalog.api.context import Context
from catalog.api.governing import policies_of
from catalog.api.pages import size
from catalog.api.reads import MOST_NODES, clipped, result
from catalog.api.results import Named, Result
from catalog.provenance.attestation import Request, attest

_LISTS = ("datasets", "consents", "withoutDocument", "plans", "recorded", "proofs")


@strawberry.type(description="When somebody asked, and when they were answered.")
class AttestationRequest:
    asked: str = strawberry.field(description="When the request came in.")
    answered: str = strawberry.field(description="When it was answered.")
    elapsed_seconds: int = strawberry.field(description="How long that took.")


@strawberry.type(description="Data that the model was trained on.")
class AttestedDataset:
    ref: str = strawberry.field(description="Ref of the data set.")
    role: str | None = strawberry.field(description="training, validation or any word of the source.")
    algorithm: str | None = strawberry.field(description="md5, sha256, ...")
    digest: str | None = strawberry.field(description="Digest in hex.")


@strawberry.type(description="A consent document that covers a source of the model's values.")
class AttestedConsent:
    source: str = strawberry.field(description="Ref of the data that it covers.")
    document: str = strawberry.field(description="Id of the document.")
    status: str | None = strawberry.field(description="active, expired or withdrawn.")
    purposes: list[str] = strawberry.field(description="Purposes that it allows.")
    legal_basis: str | None = strawberry.field(description="Legal basis.")
    valid_from: str | None = strawberry.field(description="First day.")
    valid_to: str | None = strawberry.field(description="Last day.")
    valid_at_training: bool | None = strawberry.field(description="Whether it was in force on the day of training.")
    allows_purpose: bool | None = strawberry.field(description="Whether it allows what the model is used for.")
    why: str | None = strawberry.field(description="Why not.")


@strawberry.type(description="What is to be done after an incident with the model.")
class AttestedPlan:
    ref: str = strawberry.field(description="Ref of the plan.")
    description: str | None = strawberry.field(description="What it is for.")
    steps: list[str] = strawberry.field(description="What is to be done.")
    reviewed: str | None = strawberry.field(description="When it was last reviewed.")


@strawberry.type(description="A lineage digest that was recorded before.")
class RecordedDigest:
    at: str | None = strawberry.field(description="When.")
    lineage_digest: str | None = strawberry.field(description="The digest.")
    holds: bool = strawberry.field(description="Whether it is the digest of now.")


@strawberry.type(description="A line of the log with RFC 6962 paths to its commit and to the log.")
class InclusionProof:
    of: JSON = strawberry.field(description="What the line says: an edge, a document, a plan or a digest.")
    origin: str | None = strawberry.field(description="Where it was read.")
    line: str = strawberry.field(description="The line; its leaf is SHA-256 over a zero byte and the line.")
    index: int = strawberry.field(description="Place of the line in its commit, from 0.")
    lines: int = strawberry.field(description="Lines of the commit.")
    path: list[str] = strawberry.field(description="Path to the commit's root, hex, nearest first.")
    header: str = strawberry.field(description="The commit's header, with its root.")
    number: int = strawberry.field(description="Place of the commit in the log, from 0.")
    commits: int = strawberry.field(description="Commits of the log.")
    log_path: list[str] = strawberry.field(description="Path to the root of the log.")
    log_root: str = strawberry.field(description="Root of the log.")


@strawberry.type(description="What an auditor is handed about a model version or a prediction.")
class Attestation(Result):
    subject: Named = strawberry.field(description="What was asked about.")
    request: AttestationRequest = strawberry.field(description="When it was asked and answered.")
    model_version: Named = strawberry.field(description="The model version.")
    trained_at: str | None = strawberry.field(description="When it was trained.")
    run: str | None = strawberry.field(description="Ref of the run.")
    commit: str | None = strawberry.field(description="Commit of the code.")
    artifact: str | None = strawberry.field(description="Digest of the model's own files.")
    datasets: list[AttestedDataset] = strawberry.field(description="The data, nearest first.")
    purposes: list[str] = strawberry.field(description="What the model is used for, as asked.")
    consents: list[AttestedConsent] = strawberry.field(description="Documents of every source of its values.")
    without_document: list[str] = strawberry.field(description="Refs of sources of its values that no document names.")
    plans: list[AttestedPlan] = strawberry.field(description="Incident plans that cover it.")
    lineage_digest: str = strawberry.field(description="Digest of what provenance says.")
    recorded: list[RecordedDigest] = strawberry.field(description="Digests recorded before, oldest first.")
    proofs: list[InclusionProof] = strawberry.field(
        description="Proofs of every claim on the way, as far as there are."
    )
    unproved: int = strawberry.field(description="Claims of which the log has no line any more.")
    missing: list[str] = strawberry.field(description="Every gap.")


def ask_attestation(context: Context, ref: str, purposes: list[str], first: int) -> Attestation:
    now = context.settings.clock()
    subject = context.named(ref, ["modelversion", "prediction"])
    policies = policies_of(context) if context.settings.policies else None
    answer = attest(context.store, context.refs, subject, purposes, Request(now, now), policies)
    data, cut = clipped(answer.data, _LISTS, size(first, MOST_NODES))
    request: Data = {key: data["request"][key] for key in ("asked", "answered", "elapsedSeconds")}
    return result(Attestation, answer, {**data, "request": request}, cut)
