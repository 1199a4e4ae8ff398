"""`headwater chart`: a drawn chart against the lineage that is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from catalog.cli.options import format_option, output_option


@click.command("chart")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option()
@output_option
@click.pass_context
def command(ctx: click.Context, file: Path, format_: str, output: str | None) -> int:
    """Compares a chart that somebody drew with the lineage that is known, data set by data set.

    FILE is a Mermaid flowchart whose labels are refs, or a CSV with the columns from and to. Arrows that were never seen, flows
    that were not drawn and names that nothing has are gaps: exit code 1.

    \b
    Example:
      headwater chart docs/churn.mmd
    """
    from catalog.chart import compare_chart, read_chart
    from catalog.cli.asking import ask

    text_of = file.read_text(encoding="utf-8", errors="replace")
    arrows = read_chart(text_of, str(file))
    answer = ask(ctx, lambda _, store, refs: compare_chart(store, refs, arrows), format_, output, {"text": text})
    return 1 if any(answer.data[key] for key in ("notObserved", "notDrawn", "unknown")) else 0


_TITLES = {"agrees": "agrees", "notObserved": "NOT SEEN", "notDrawn": "NOT DRAWN"}


def text(data: Mapping[str, Any]) -> str:
    """Returns one line for each arrow, and for each name that nothing has."""
    lines = [f"{title:<10} {arrow['from']} > {arrow['to']}" for key, title in _TITLES.items() for arrow in data[key]]
    lines += [f"{'UNKNOWN':<10} {name}" for name in data["unknown"]]
    counts = ", ".join(f"{len(data[key])} {title.lower()}" for key, title in _TITLES.items())
    return "\n".join([*lines, counts])
