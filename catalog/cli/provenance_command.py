"""`headwater provenance`: what a model version or a prediction stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from catalog.cli.options import format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.cli.workbench import Workbench
    from catalog.refs import Refs
    from catalog.store.port import Store

_MAX_SOURCES: Final = 4
_TICK: Final = {True: "✓", False: "·"}


@click.command("provenance")
@click.argument("ref")
@format_option("svg", "markdown", "card")
@output_option
@click.pass_context
def command(ctx: click.Context, ref: str, format_: str, output: str | None) -> None:
    """Shows what a model version or a prediction stands on: run, code, parameters, environment, data with digests, features and
    their source columns, and what is missing.

    It uses what was in force at training. ✓ marks what was observed, · what was only declared. The form `card` is a model card:
    provenance with use, owners, figures and the newest decisions of rules.

    \b
    Examples:
      headwater provenance mlflow:churn/2
      headwater provenance prediction:D-0001
      headwater provenance mlflow:churn/2 --format card -o churn-2.md
    """
    from catalog.cli.asking import ask
    from catalog.drawing.story import story
    from catalog.policies import read_policies
    from catalog.provenance.card import background, card, markdown
    from catalog.provenance.story import provenance

    more: dict[str, Any] = {}

    def asked(bench: Workbench, store: Store, refs: Refs) -> Answer:
        urn = refs.parse(ref)
        if format_ == "card":
            if urn.kind != "modelversion":
                raise click.UsageError(f"{ref!r} is no model version: only those have cards.")
            models = read_policies(bench.project.policies).models
            more.update(background(store, refs, urn, models.get(urn.name)))
        return provenance(store, refs, urn)

    renderers = {"text": text, "svg": story, "markdown": markdown, "card": lambda data: card(data, more)}
    ask(ctx, asked, format_, output, renderers)


def text(data: Mapping[str, Any]) -> str:
    """Returns the trace from top to bottom."""
    sections = (_model, _run, _code, _datasets, _features, _sources, _checks, _missing)
    return "\n".join(line for section in sections for line in section(data))


def _model(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("prediction"):
        decision = data.get("decision") or {}
        yield f"{data['prediction']['ref']}" + (f"  {decision.get('outcome')}" if decision.get("outcome") else "")
    version = data.get("modelVersion")
    if version:
        ref = version if isinstance(version, str) else version["ref"]
        yield ref + (f"  trained {data['trainedAt']}" if data.get("trainedAt") else "")


def _run(data: Mapping[str, Any]) -> Iterator[str]:
    run = data.get("run")
    if run:
        yield f"{_TICK[bool(run.get('observed'))]} run          {run['ref']}  {run.get('state') or ''}"
    for name, value in (data.get("parameters") or {}).items():
        yield f"    {name} = {value}"
    environment = data.get("environment")
    if environment:
        yield f"✓ environment  Python {environment.get('python') or 'unknown'}"


def _code(data: Mapping[str, Any]) -> Iterator[str]:
    code = data.get("code")
    if code:
        tag = f" ({code['tag']})" if code.get("tag") else ""
        yield f"✓ code         {code.get('repository') or '-'} {code.get('commit') or '-'}{tag} {code.get('path') or ''}".rstrip()


def _datasets(data: Mapping[str, Any]) -> Iterator[str]:
    for item in data.get("datasets") or ():
        digest = f"{item.get('algorithm')}:{item['digest']}" if item.get("digest") else "no strong digest"
        yield f"{_TICK[bool(item.get('observed'))]} {item.get('role') or 'data':<12} {item['ref']}  {digest}"


def _features(data: Mapping[str, Any]) -> Iterator[str]:
    for item in data.get("features") or ():
        sources = item.get("sources") or []
        more = f" and {len(sources) - _MAX_SOURCES} more" if len(sources) > _MAX_SOURCES else ""
        name = item.get("name") or item["ref"]
        value = f" = {item['value']}" if item.get("value") is not None else ""
        yield f"· {item.get('role') or 'feature':<12} {name}{value}  from {', '.join(sources[:_MAX_SOURCES]) or 'nothing known'}{more}"


def _sources(data: Mapping[str, Any]) -> Iterator[str]:
    for item in data.get("sources") or ():
        if item.get("terminal"):
            yield f"  {item['flow']:<12} {item['ref']}  {item['hops']} hops"


def _checks(data: Mapping[str, Any]) -> Iterator[str]:
    for item in data.get("checks") or ():
        yield f"  check        {'pass' if item.get('success') else 'FAIL'}  {item.get('check')}  {item.get('at') or ''}"


def _missing(data: Mapping[str, Any]) -> Iterator[str]:
    for item in data.get("missing") or ():
        yield f"? missing      {item}"
