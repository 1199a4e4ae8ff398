"""`headwater glossary labels` and `suggest`: what things bear, and what they might."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

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
    from catalog.cli.asking import ask
    from catalog.labelling import labels_everywhere, labels_of
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


COMMANDS: Final = (_labels,)
