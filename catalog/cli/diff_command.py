"""`headwater diff`: two model versions, or one thing at two times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import AsOf, format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.refs import Refs
    from catalog.store.port import Store


@click.command("diff")
@click.argument("refs", nargs=-1, required=True, metavar="A [B]")
@click.option("--from", "from_", type=AsOf(), metavar="TIME", help="Compare one thing from this time on.")
@click.option("--to", type=AsOf(), metavar="TIME", help="Up to this time. Default: now.")
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context, refs: tuple[str, ...], from_: int | None, to: int | None, format_: str, output: str | None
) -> None:
    """Names what is different, by cause: data, code, parameters, environment, features or schema.

    \b
    Examples:
      headwater diff mlflow:churn/1 mlflow:churn/2
      headwater diff lake:shop.marts.orders --from 2026-03-31 --to 2026-04-01
    """
    from catalog.cli.asking import ask

    if len(refs) != (2 if from_ is None else 1) or (from_ is None and to is not None):
        raise click.UsageError("name two things to compare, or one with --from TIME (and --to TIME).")
    ask(ctx, lambda _, store, names: _diff(store, names, refs, from_, to), format_, output, {"text": _text})


def _diff(store: Store, names: Refs, refs: tuple[str, ...], from_: int | None, to: int | None) -> Answer:
    from catalog.diff import diff_times, diff_versions
    from catalog.model.instants import Instant

    urns = names.parse_all(refs)
    if from_ is None:
        return diff_versions(store, names, *urns)
    return diff_times(store, names, urns[0], Instant(from_), None if to is None else Instant(to))


def _text(data: Mapping[str, Any]) -> str:
    from catalog.cli.asking import table

    if not data["changes"]:
        return "no difference"
    rows = [
        (c["cause"], c["ref"], c["property"] or "", f"{_brief(c['before'])} -> {_brief(c['after'])}")
        for c in data["changes"]
    ]
    return table(rows, ("cause", "what", "property", "before -> after"))


def _brief(value: Any) -> str:
    text = "-" if value is None else " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
