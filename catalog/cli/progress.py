"""Progress of long work on stderr: a bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

from catalog.intake import SourceReport

_EVERY_S: Final = 5.0


@contextmanager
def ingest_progress(quiet: bool) -> Iterator[Callable[[SourceReport], None]]:
    """Gives a function that is told how far a source is."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Callable[[SourceReport], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", counts="", total=None)

        def tell(report: SourceReport) -> None:
            progress.update(task, description=report.name, counts=_counts(report))

        yield tell


def _lines() -> Callable[[SourceReport], None]:
    last = time.monotonic()

    def tell(report: SourceReport) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            click.echo(f"{report.name}: {_counts(report)}", err=True)

    return tell


def _counts(report: SourceReport) -> str:
    return f"{report.snapshots} snapshots, {report.facts} facts, {report.added} added, {report.closed} closed"
