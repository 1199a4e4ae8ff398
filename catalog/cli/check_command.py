"""`headwater check`: asks the rules of the policy files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from catalog.cli.options import format_option, output_option

_MAX_LINES: Final = 20


@click.command("check")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@click.option("--policy", "policy_files", multiple=True, metavar="FILE", help="Policy file instead of the project's.")
@click.option("--strict", is_flag=True, help="What is unknown trips the gate too.")
@click.option("--record/--no-record", default=True, show_default=True, help="Keep the decisions in the catalog.")
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    rules: tuple[str, ...],
    policy_files: tuple[str, ...],
    strict: bool,
    record: bool,
    format_: str,
    output: str | None,
) -> int:
    """Checks the rules of the policy files, or those that are named, over lineage.

    Each violation names the subject, the cause and the first hop on the way between them. What cannot be told is listed as
    unknown and never passes. Exit code 1 says that a rule is broken. Decisions are kept with the digests of policy and input.

    \b
    Examples:
      headwater check
      headwater check consent-for-purpose --format json
      headwater check --strict --no-record
    """
    from pathlib import Path

    from catalog import decisions
    from catalog.check import check
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.model.instants import instant
    from catalog.policies import read_policies
    from catalog.verification.verifying import files_of

    bench = workbench(ctx)
    paths = [Path(name) for name in policy_files] or list(bench.project.policies)
    if not paths:
        raise click.UsageError(
            "the project file names no `policies`. Add a file with rules, or name one with --policy."
        )
    policies = read_policies(paths)
    with bench.store() as store:
        now = bench.now()
        checked = check(store, bench.refs(store), policies, instant(now), files_of(bench.project), rules)
        give(bench, checked.answer, format_, output, {"text": text})
        if record:
            decisions.record(store, checked, policies, now, bench.actor())
    counts = checked.answer.data["counts"]
    return 1 if counts["violated"] or (strict and counts["unknown"]) else 0


def text(data: Mapping[str, Any]) -> str:
    """Returns violations with the way from cause to subject, then what is unknown, then how much passed."""
    return "\n".join([*_violations(data), *_unknown(data), *_passed(data)])


def _violations(data: Mapping[str, Any]) -> Iterator[str]:
    for one in data["violations"]:
        yield f"VIOLATED {one['rule']}: {one['subject']}"
        yield f"  {one['why']}"
        if one["cause"] not in (None, one["subject"]):
            yield f"  cause      {one['cause']}"
            yield f"  first hop  {one['hop']}"
        if len(one["path"]) > 1:
            yield "  way        " + "\n             > ".join(one["path"])
        names = [*one["features"], *(f"{name} (target)" for name in one["targets"])]
        if names:
            yield f"  reaches    {', '.join(names)}"
        yield ""


def _unknown(data: Mapping[str, Any]) -> Iterator[str]:
    found = data["unknown"]
    for one in found[:_MAX_LINES]:
        yield f"unknown  {one['rule']}: {one['subject']}: {one['why']}"
    if len(found) > _MAX_LINES:
        yield f"and {len(found) - _MAX_LINES} more unknown (--format json lists all)"


def _passed(data: Mapping[str, Any]) -> Iterator[str]:
    counts = data["counts"]
    for rule in data["rules"]:
        passed = sum(one["rule"] == rule["rule"] for one in data["passed"])
        yield f"passed   {rule['rule']}: {passed}"
    yield f"{counts['violated']} violated, {counts['unknown']} unknown, {counts['passed']} passed"
