"""How a command that asks a question runs: open the store, ask, deliver the answer in its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from catalog.answers import Answer
from catalog.cli.options import deliver, deliver_json
from catalog.cli.workbench import Workbench, workbench
from catalog.refs import Refs
from catalog.store.port import Store

Asked = Callable[[Workbench, Store, Refs], Answer]
Renderer = Callable[[Mapping[str, Any]], str]
"""From the `data` of an answer to text."""


def ask(
    ctx: click.Context, asked: Asked, format_: str, output: str | None, renderers: Mapping[str, Renderer]
) -> Answer:
    """Asks the store and delivers the answer; warnings of a text answer go to stderr."""
    bench = workbench(ctx)
    with bench.store() as store:
        answer = asked(bench, store, bench.refs(store))
    give(bench, answer, format_, output, renderers)
    return answer


def give(bench: Workbench, answer: Answer, format_: str, output: str | None, renderers: Mapping[str, Renderer]) -> None:
    """Delivers an answer as JSON or in one of its other forms."""
    if format_ == "json":
        deliver_json(answer.envelope(bench.now().isoformat()), output)
        return
    deliver(renderers[format_](answer.data), output)
    for warning in answer.warnings:
        bench.note(f"note: {warning}")
    if not answer.complete:
        why = "for the reasons above" if answer.warnings else "it marks what is missing or cannot be told"
        bench.note(f"note: the answer is not complete: {why}")


def table(rows: Sequence[tuple[str, ...]], heads: tuple[str, ...]) -> str:
    """Returns rows under heads, columns as wide as they need to be."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [heads, *rows]
    ]
    return "\n".join(lines)
