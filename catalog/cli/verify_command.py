"""`headwater verify`: computes recorded digests again from the files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from catalog.cli.options import format_option, output_option

_EVERY_S: Final = 5.0
_MEBIBYTE: Final = 1 << 20


@click.command("verify")
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option(
    "--remote",
    "remotes",
    multiple=True,
    metavar="FOLDER",
    help="A DVC remote or cache in which older versions are found by their digest.",
)
@click.option("--record", is_flag=True, help="Keep the results in the catalog, with their time.")
@click.option("--workers", type=click.IntRange(1, 256), help="Files read at once. Default: one for each core.")
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    refs: tuple[str, ...],
    remotes: tuple[str, ...],
    record: bool,
    workers: int | None,
    format_: str,
    output: str | None,
) -> int:
    """Computes the digests of files again and compares them with what was recorded.

    Without REF, every file that is recorded in the project's sources now: tracked by DVC, read or written by the last run that
    told its digest, or listed by a Delta log (there by name and size). REF@DIGEST is an older version, looked for in the
    remotes. Exit code 6 says that a file does not have the digest that was recorded of it.

    \b
    Examples:
      headwater verify
      headwater verify dvc:data/orders.csv
      headwater verify dvc:data/orders.csv@3b69 --remote /mnt/dvc
    """
    import os
    from pathlib import Path

    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.verification.reports import record_results
    from catalog.verification.verifying import Verification, answer_of, files_of

    bench = workbench(ctx)
    with bench.store() as store:
        names = bench.refs(store)
        wanted = names.parse_all(refs, ("dataset", "datasetversion"))
        files = files_of(bench.project, [Path(folder).resolve() for folder in remotes])
        run = Verification(store, files, _progress(bench.quiet), workers or os.cpu_count() or 1)
        results = run.run(wanted)
        if record:
            record_results(store, results, bench.now(), bench.actor())
        answer = answer_of(names, results)
    give(bench, answer, format_, output, {"text": text})
    return 6 if answer.data["counts"]["mismatch"] else 0


def _progress(quiet: bool) -> Callable[[int, int, int], None]:
    last = time.monotonic()

    def tell(done: int, total: int, read: int) -> None:
        nonlocal last
        if not quiet and time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            click.echo(f"{done} of {total}, {read // _MEBIBYTE} MiB read", err=True)

    return tell


def text(data: Mapping[str, Any]) -> str:
    """Returns one line for each file that does not match, and how many do."""
    lines = [_line(one) for one in data["results"]]
    counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in data["counts"].items())
    return "\n".join([*lines, counts])


def _line(one: Mapping[str, Any]) -> str:
    recorded = one["recorded"]
    shown = f"{one['verdict'].replace('_', ' '):<12} {one['ref']}"
    if one["verdict"] == "mismatch":
        return f"{shown}  recorded {recorded['algorithm']}:{recorded['digest']}, found {one['actual']}" + _why(one)
    digest = f"  {recorded['algorithm']}:{recorded['digest']}" if one["verdict"] == "match" else ""
    return shown + digest + _why(one)


def _why(one: Mapping[str, Any]) -> str:
    return f"  ({one['why']})" if one.get("why") else ""
