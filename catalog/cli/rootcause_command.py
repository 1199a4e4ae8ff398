"""`headwater rootcause`: why a model version is bad."""

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

_MAX_LINES: Final = 15
_MAX_CHARS: Final = 50


@click.command("rootcause")
@click.argument("ref")
@click.option(
    "--good", metavar="REF", help="The last good version. Default: the newest earlier one that something speaks for."
)
@format_option("markdown")
@output_option
@click.pass_context
def command(ctx: click.Context, ref: str, good: str | None, format_: str, output: str | None) -> None:
    """Says what changed upstream of a bad model version since the last good one, most suspicious first, with reasons.

    The last good version is the newest earlier one that was promoted, had better figures, or whose checks passed. Where the two
    part is the first place upstream at which inputs agree and outputs differ. Other model versions that stand on the same are listed.

    \b
    Examples:
      headwater rootcause mlflow:churn/8
      headwater rootcause mlflow:churn/8 --good mlflow:churn/5 --format markdown
    """
    from catalog.cli.asking import ask
    from catalog.rootcause.suspects import root_cause

    def asked(_: Workbench, store: Store, refs: Refs) -> Answer:
        bad = refs.parse(ref)
        return root_cause(store, refs, bad, None if good is None else refs.parse(good))

    ask(ctx, asked, format_, output, {"text": text, "markdown": markdown})


def text(data: Mapping[str, Any]) -> str:
    """Returns where the versions part, then the suspects with their reasons, then what else stands on it."""
    lines = [f"{data['bad']['ref']} against {data['good']['ref']} ({data['good']['why']})"]
    lines += [f"parts at {point['ref']}: {point['why']}" for point in data["divergence"]]
    for one in data["suspects"][:_MAX_LINES]:
        lines += ["", f"{one['rank']:>3}. {one['cause']:<12} {_changed(one)}  [{one['score']}]"]
        lines += [f"       {reason}" for reason in one["reasons"]]
        lines += [f"       to mend: {one['fix']}"] if one["fix"] and one["rank"] == 1 else []
    more = len(data["suspects"]) - _MAX_LINES
    lines += [f"and {more} more (--format json lists all)"] if more > 0 else []
    lines += ["", "nothing that changed is known"] if not data["suspects"] else []
    lines += [""] if data["others"] else []
    lines += [f"also affected: {one['ref']}: {one['why']}" for one in data["others"]]
    return "\n".join(lines)


def markdown(data: Mapping[str, Any]) -> str:
    """Returns the same as a page for an incident report."""
    return "\n".join(_page(data))


def _page(data: Mapping[str, Any]) -> Iterator[str]:
    from catalog.drawing.markdown import plain, section, table

    yield f"# Root cause of {plain(data['bad']['ref'])}"
    yield ""
    yield f"Compared with {plain(data['good']['ref'])}: {plain(data['good']['why'])}."
    yield ""
    for point in data["divergence"]:
        yield f"- The versions part at {plain(point['ref'])}: {plain(point['why'])}."
    yield ""
    rows = [
        (one["rank"], one["cause"], _changed(one), "; ".join(one["reasons"]), one["fix"]) for one in data["suspects"]
    ]
    yield from table(("", "cause", "what", "reasons", "to mend"), rows)
    if data["others"]:
        yield from section("Also affected")
        yield from (f"- {plain(one['ref'])}: {plain(one['why'])}" for one in data["others"])


def _changed(one: Mapping[str, Any]) -> str:
    return f"{one['ref']} {one['property']}: {_brief(one['before'])} -> {_brief(one['after'])}"


def _brief(value: Any) -> str:
    shown = "-" if value is None else " ".join(str(value).split())
    return shown if len(shown) <= _MAX_CHARS else shown[: _MAX_CHARS - 1] + "…"
