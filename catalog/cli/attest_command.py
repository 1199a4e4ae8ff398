"""`headwater attest`: what an auditor is handed about a model version or a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from catalog.cli.options import format_option, output_option


@click.command("attest")
@click.argument("ref")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    metavar="P",
    help="What the model is used for. Default: what the policies say.",
)
@click.option("--asked", metavar="TIME", help="When the request came in. Default: now.")
@click.option(
    "--within",
    "hours",
    type=click.IntRange(1, 100_000),
    metavar="HOURS",
    help="How long an answer may take: later ends with exit code 1.",
)
@click.option("--record", "keep", is_flag=True, help="Keep digest and times of this answer in the catalog.")
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context, ref: str, purposes: tuple[str, ...], asked: str | None, hours: int | None, keep: bool, format_: str,
    output: str | None,
) -> int:  # fmt: skip
    """Attests a model version, or the one that gave a prediction: data with digests, consent documents and whether they were valid
    when it was trained, incident plans, and proofs that the log holds every claim on the way from the sources.

    A proof can be checked against a root of the log without the catalog. `--record` binds the version to the digest of its
    lineage: later answers say whether it still holds.

    \b
    Examples:
      headwater attest mlflow:credit/2 --record
      headwater attest prediction:D-17 --asked 2026-11-20T09:00:00Z --within 72 --record
    """
    from datetime import datetime

    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.model.instants import moment, parse
    from catalog.policies import read_policies
    from catalog.provenance.attestation import Request, attest, record

    bench = workbench(ctx)
    now: datetime = bench.now()
    request = Request(moment(parse(asked)) if asked else now, now, hours * 3600 if hours else None)
    with bench.store() as store:
        refs = bench.refs(store)
        subject = refs.parse(ref, ("modelversion", "prediction"))
        answer = attest(store, refs, subject, purposes, request, read_policies(bench.project.policies))
        if keep:
            record(store, subject, answer, request, bench.actor())
    give(bench, answer, format_, output, {"text": text})
    return 1 if answer.data["request"]["inTime"] is False else 0


_MARK: Final = {True: "yes", False: "NO", None: "not known"}


def text(data: Mapping[str, Any]) -> str:
    """Returns one line for each thing that is attested."""
    return "\n".join(line for part in (_head, _consents, _rest) for line in part(data))


def _head(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['subject']['ref']}  by {data['modelVersion']['ref']}  trained {data['trainedAt'] or 'at a time not known'}"
    yield f"run      {data['run'] or 'not known'}  commit {data['commit'] or 'not known'}"
    yield f"artifact {data['artifact'] or 'its digest is not known'}"
    for one in data["datasets"]:
        digest = f"{one['algorithm']}:{one['digest']}" if one["digest"] else "no strong digest"
        yield f"data     {one['ref']}  {one['role'] or ''}  {digest}"


def _consents(data: Mapping[str, Any]) -> Iterator[str]:
    for one in data["consents"]:
        valid, allowed = _MARK[one["validAtTraining"]], _MARK[one["allowsPurpose"]]
        why = f"  ({one['why']})" if one["why"] else ""
        yield f"consent  {one['document']}  {one['source']}  valid at training: {valid}  allows the purpose: {allowed}{why}"


def _rest(data: Mapping[str, Any]) -> Iterator[str]:
    for ref in data["withoutDocument"]:
        yield f"consent  NONE  {ref}"
    for one in data["plans"]:
        yield f"plan     {one['ref']}  {one['description'] or ''}".rstrip()
    yield f"lineage  {data['lineageDigest']}"
    for one in data["recorded"]:
        yield f"recorded {one['at']}  {'still holds' if one['holds'] else 'the lineage is another now: ' + str(one['lineageDigest'])}"
    root = data["proofs"][0]["logRoot"] if data["proofs"] else "-"
    yield f"proofs   {len(data['proofs'])} claims are in the log with root {root}; {data['unproved']} have no proof"
    took = data["request"]
    yield f"answered {took['answered']}, {took['elapsedSeconds']} s after it was asked"
    for gap in data["missing"]:
        yield f"? missing {gap}"
