"""`headwater lineage`: what something stands on and what stands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from catalog.cli.options import as_of_option, format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.cli.workbench import Workbench
    from catalog.refs import Refs
    from catalog.store.port import Store


@click.command("lineage")
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option("--upstream", is_flag=True, help="Only what it stands on.")
@click.option("--downstream", is_flag=True, help="Only what stands on it.")
@click.option(
    "--level", type=click.Choice(["column", "dataset"]), help="Columns, or whole data sets with jobs on the edges."
)
@click.option(
    "--flow",
    type=click.Choice(["value", "rows", "table", "all"]),
    help="value: where values come from; rows: also what decides which rows there are; table: what is read at all.",
)
@click.option("--hops", type=click.IntRange(min=1), metavar="N", help="Stop after N steps. Default: the whole closure.")
@click.option(
    "--notes", is_flag=True, help="Descriptions, and parameters and recorded steps of the last run, into the picture."
)
@as_of_option
@format_option("svg", "mermaid", "dot")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    refs: tuple[str, ...],
    upstream: bool,
    downstream: bool,
    level: str | None,
    flow: str | None,
    hops: int | None,
    notes: bool,
    as_of: int | None,
    format_: str,
    output: str | None,
) -> None:
    """Shows what something stands on and what stands on it.

    REF is a column (pg:bank.core.accounts#credit_limit), a data set, a feature, a model version or anything else that
    `headwater search` finds. The whole closure is answered, as the subgraph that it is.

    \b
    Examples:
      headwater lineage lake:shop.marts.orders#amount --upstream
      headwater lineage lake:shop.marts.orders --level dataset --format svg -o orders.svg
    """
    from catalog import drawing
    from catalog.cli.asking import ask
    from catalog.lineage import Question, lineage
    from catalog.model.instants import Instant
    from catalog.notes import with_notes

    def asked(bench: Workbench, store: Store, names: Refs) -> Answer:
        question = Question(
            starts=tuple(names.parse_all(refs)),
            direction="both" if upstream == downstream else "upstream" if upstream else "downstream",
            level=level or "column",  # type: ignore[arg-type]
            flow=flow or "value",  # type: ignore[arg-type]
            max_hops=hops,
            as_of=None if as_of is None else Instant(as_of),
        )
        answer = lineage(store, names, question)
        return with_notes(store, names, answer) if notes else answer

    renderers = {"text": drawing.tree, "svg": drawing.svg, "mermaid": drawing.mermaid, "dot": drawing.dot}
    ask(ctx, asked, format_, output, renderers)
