"""`headwater glossary`: business terms and the columns behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from catalog.cli import glossary_edits, glossary_files, glossary_labels
from catalog.cli.options import as_of_option, format_option, output_option


@click.group("glossary")
def command() -> None:
    """Business terms and the columns behind them: search, define, approve, link."""


for _one in (*glossary_edits.COMMANDS, *glossary_files.COMMANDS, *glossary_labels.COMMANDS):
    command.add_command(_one)


@command.command("search")
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@as_of_option
@format_option()
@output_option
@click.pass_context
def search_(ctx: click.Context, text: tuple[str, ...], as_of: int | None, format_: str, output: str | None) -> None:
    """Finds terms by label, synonym or abbreviation, with narrower terms, and the columns that mean them.

    A typing error is forgiven; a word that is merely shared is not taken for a hit.

    \b
    Examples:
      headwater glossary search credit line
      headwater glossary search PII
    """
    from catalog.cli.asking import ask
    from catalog.glossary.lookup import glossary_search
    from catalog.model.instants import Instant

    at = None if as_of is None else Instant(as_of)
    asked = " ".join(text)
    ask(ctx, lambda _, store, refs: glossary_search(store, refs, asked, at), format_, output, {"text": _text})


def _text(data: Mapping[str, Any]) -> str:
    from catalog.cli.asking import table

    if not data["terms"]:
        return "no term found"
    terms = table([(hit["ref"], hit["why"]) for hit in data["terms"]], ("term", "why"))
    if not data["columns"]:
        return f"{terms}\n\nno column means any of them"
    return f"{terms}\n\n{table([(hit['ref'], hit['why']) for hit in data['columns']], ('column', 'why'))}"
