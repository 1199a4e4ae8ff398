"""`headwater glossary labels` and `suggest`: what things bear, and what they might."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from catalog.cli.glossary_edits import actor_option
from catalog.cli.options import as_of_option, format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.cli.workbench import Workbench
    from catalog.refs import Refs
    from catalog.store.port import Store


@click.command("labels")
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option(
    "--label", "labels", multiple=True, metavar="TERM", help="Only this term or tag; may be given several times."
)
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="Most things to list without a REF."
)
@as_of_option
@format_option()
@output_option
@click.pass_context
def _labels(
    ctx: click.Context,
    refs: tuple[str, ...],
    labels: tuple[str, ...],
    limit: int,
    as_of: int | None,
    format_: str,
    output: str | None,
) -> None:
    """Shows the terms and tags of things: those that are stated, and those that follow from lineage.

    A label follows values to what takes them: in full where they are copied, as derived where they are changed. By the
    built-in rule it stops where values are masked, summed up or only chosen by; `propagation` in the project file says
    otherwise. Nothing of this is stored. Without a REF, everything that follows from lineage is listed.

    \b
    Examples:
      headwater glossary labels lake:lake.marts.dim_customers
      headwater glossary labels --label "Personal Data"
    """
    from catalog.classification.labelling import labels_everywhere, labels_of
    from catalog.cli.asking import ask
    from catalog.model.instants import Instant

    at = None if as_of is None else Instant(as_of)

    def asked(bench: Workbench, store: Store, known: Refs) -> Answer:
        rules = bench.project.propagation
        if refs:
            return labels_of(store, known, known.parse_all(refs), rules, at)
        wanted = known.parse_all(labels, ["term", "tag"])
        return labels_everywhere(store, known, rules, wanted, limit, at)

    ask(ctx, asked, format_, output, {"text": lambda data: "\n".join(_lines(data))})


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for thing in data["things"]:
        yield thing["ref"]
        for one in thing["stated"]:
            yield f"  {one['ref']}" + (f"  [{one['status']}]" if one.get("status") else "") + _by(one)
        for one in thing["derived"]:
            yield f"  {one['ref']}  ({one['carried']}, {one['exactness']}, from {one['from']} by {one['via']})"
        for ref in thing["denied"]:
            yield f"  not {ref}"
    if not data["things"]:
        yield "no label"
    for label in data["labels"]:
        stops = ", ".join(label["stops"]) or "nothing"
        yield f"{label['ref']}: stated of {label['stated']}, follows for {label['derived']}; stops at {stops}"


def _by(one: Mapping[str, Any]) -> str:
    return f"  by {one['by']}" if one.get("by") else f"  ({', '.join(one['sources'])})"


@click.command("suggest")
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option("--unlabelled", is_flag=True, help="All columns without a term or tag; the same as no REF.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most things to list.")
@click.option("--most", type=click.IntRange(1, 20), default=3, show_default=True, help="Most suggestions for each.")
@click.option("--least", type=click.FloatRange(0, 1), default=0.4, show_default=True, help="Least score.")
@click.option("--accept", is_flag=True, help="Make the first suggestion for each your proposal.")
@actor_option
@format_option()
@output_option
@click.pass_context
def _suggest(
    ctx: click.Context,
    refs: tuple[str, ...],
    unlabelled: bool,
    limit: int,
    most: int,
    least: float,
    accept: bool,
    actor: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Suggests terms and tags for columns, features and metrics, each with a score and reasons.

    What is looked at: words of names and descriptions, types, checks of values, what columns of the same name mean elsewhere,
    what a value comes from and goes into. No data is read and nobody is asked. Nothing is kept without --accept; what somebody
    denied is not suggested again.

    \b
    Examples:
      headwater glossary suggest pg:shop.crm.customers
      headwater glossary suggest --least 0.9 --accept
    """
    from catalog.classification import suggesting
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.edits import Editor

    if refs and unlabelled:
        raise click.UsageError("give REFs or --unlabelled, not both.")
    bench = workbench(ctx)
    with bench.store() as store:
        known = bench.refs(store)
        targets = suggesting.targets_of(store, known.parse_all(refs)) if refs else suggesting.unlabelled(store)
        answer, found = suggesting.suggest(store, known, targets, limit=limit, most=most, least=least)
        give(bench, answer, format_, output, {"text": lambda data: "\n".join(_suggested(data))})
        if accept:
            editor = Editor(store, clock=bench.now, actor=actor or bench.actor())
            taken = suggesting.accept(editor, suggesting.best_of_each(found))
            bench.note(f"note: {len(taken)} proposed; `headwater glossary approve TERM --on REF` approves one")


def _suggested(data: Mapping[str, Any]) -> Iterator[str]:
    last = ""
    for one in data["suggestions"]:
        if one["ref"] != last:
            yield one["ref"]
            last = one["ref"]
        yield f"  {one['score']:.2f}  {one['label']}"
        yield from (f"        {reason['why']}" for reason in one["reasons"])
    yield f"suggestions for {data['total']} of {data['things']} things"


COMMANDS: Final = (_labels, _suggest)
