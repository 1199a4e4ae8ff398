"""`headwater search`: finds things by name, description or comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from catalog.cli.options import as_of_option, format_option, output_option


@click.command("search")
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "-k",
    "--kind",
    "kinds",
    multiple=True,
    metavar="K",
    help="Only this kind: column, dataset, term, job, ... Repeatable.",
)
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Most hits.")
@as_of_option
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    text: tuple[str, ...],
    kinds: tuple[str, ...],
    limit: int,
    as_of: int | None,
    format_: str,
    output: str | None,
) -> None:
    """Finds columns, tables, terms, jobs, models and the rest, by name, description or comment. Best first.

    \b
    Examples:
      headwater search credit limit
      headwater search late --kind column
    """
    from catalog.cli.asking import ask
    from catalog.model.instants import Instant
    from catalog.search import kinds_named, search

    at = None if as_of is None else Instant(as_of)
    asked = " ".join(text)
    ask(
        ctx,
        lambda _, store, refs: search(store, refs, asked, kinds_named(kinds), limit, at),
        format_,
        output,
        {"text": _text},
    )


def _text(data: Mapping[str, Any]) -> str:
    from catalog.cli.asking import table

    if not data["hits"]:
        return "nothing found"
    return table([(hit["ref"], hit["kind"], hit["why"]) for hit in data["hits"]], ("ref", "kind", "why"))
