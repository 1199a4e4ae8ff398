"""`headwater ingest`: reads the sources of the project file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import deliver, format_option, output_option

if TYPE_CHECKING:
    from catalog.cli.workbench import Workbench
    from catalog.harvest import Harvest
    from catalog.intake import SourceReport
    from catalog.store.port import Store


@click.command("ingest")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--plan", is_flag=True, help="Say what would change; write nothing.")
@click.option("--again", is_flag=True, help="Read again what was taken back.")
@click.option("--reread", is_flag=True, help="Take back what the named sources said, and read them again.")
@click.option("--retire", is_flag=True, help="End what the named sources said: they are gone.")
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    plan: bool,
    again: bool,
    reread: bool,
    retire: bool,
    format_: str,
    output: str | None,
) -> int:
    """Reads the sources of the project file, or those that are named, and commits what is new.

    Reading the same again writes nothing. What cannot be understood is counted and named; exit code 3 says that
    something was. An interrupted run keeps what it committed, and the next one goes on from there.

    `headwater ingest rollback COMMIT` takes back what one commit said.

    \b
    Examples:
      headwater ingest
      headwater ingest dbt --plan
      headwater ingest rollback 42
    """
    from catalog.cli.workbench import workbench

    bench = workbench(ctx)
    if (reread or retire) and not sources:
        raise click.UsageError("--reread and --retire need the names of sources.")
    with bench.store(fill=True) as store:
        reports = _reports(bench, store, sources, plan=plan, again=again or reread, reread=reread, retire=retire)
    _deliver(bench, reports, format_, output)
    return 3 if any(report.is_partial for report in reports) else 0


def _reports(
    bench: Workbench, store: Store, sources: tuple[str, ...], *, plan: bool, again: bool, reread: bool, retire: bool
) -> list[SourceReport]:
    from catalog.cli.progress import ingest_progress
    from catalog.harvest import Harvest

    with ingest_progress(bench.quiet) as progress:
        harvest = Harvest(store, clock=bench.now, actor=bench.actor(), plan=plan, again=again, progress=progress)
        if sources[:1] == ("rollback",):
            return [_rollback(store, harvest, sources[1:])]
        if retire:
            return [_retire(bench, store, harvest, name) for name in sources]
        if not sources and not bench.project.entries:
            raise click.UsageError("the project file names no sources. `headwater init` writes one for what it finds.")
        return [_read(store, harvest, source, reread) for source in bench.project.sources(bench.now(), sources)]


def _read(store: Store, harvest: Harvest, source: Any, reread: bool) -> SourceReport:
    from catalog.harvest import sightings_of

    if reread:
        harvest.retract(source.name, sightings_of(store, source.name))
    return harvest.read(source)


def _retire(bench: Workbench, store: Store, harvest: Harvest, name: str) -> SourceReport:
    from catalog.harvest import scopes_of
    from catalog.model.instants import instant

    return harvest.close(name, scopes_of(store, name), instant(bench.now()))


def _rollback(store: Store, harvest: Harvest, args: tuple[str, ...]) -> SourceReport:
    from catalog.harvest import said_in
    from catalog.model.errors import NotFoundError

    if len(args) != 1 or not args[0].isdigit():
        raise click.UsageError("rollback needs the number of one commit. `headwater db status` shows the newest.")
    seq = int(args[0])
    found = store.commits(after=seq - 1, limit=1) if seq > 0 else []
    if not found:
        raise NotFoundError([f"commit {seq}"])
    said, taken_back = said_in(store, found[0])
    if taken_back and not said:
        raise click.UsageError(f"commit {seq} took something back. `headwater ingest --again` reads it once more.")
    return harvest.retract(found[0].source, said)


def _deliver(bench: Workbench, reports: list[SourceReport], format_: str, output: str | None) -> None:
    from catalog.answers import Answer
    from catalog.cli.asking import give

    answer = Answer(
        "ingest",
        {"sources": [_json(report) for report in reports]},
        complete=not any(report.is_partial for report in reports),
        warnings=tuple(report.error for report in reports if report.error),
    )
    if format_ == "json":
        give(bench, answer, format_, output, {})
    else:
        deliver("\n".join(line for report in reports for line in _lines(report)), output)


def _json(report: SourceReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "kind": report.kind,
        "snapshots": report.snapshots,
        "added": report.added,
        "changed": report.changed,
        "closed": report.closed,
        "unchanged": report.unchanged,
        "skipped": [
            {"reason": reason, "place": place, "count": count}
            for (reason, place), count in sorted(report.skipped.items())
        ],
        "error": report.error,
        "commits": report.commits,
        "seconds": round(report.seconds, 3),
    }


_SHOWN = 10


def _lines(report: SourceReport) -> list[str]:
    """Returns one line on what a source came to, and one on each of the first things that were skipped."""
    mark = "partly" if report.is_partial else "done"
    head = (
        f"{report.name}: {mark}. {report.snapshots} snapshots: {report.added} facts added, {report.closed} closed, "
        f"{report.changed} scopes changed, {report.unchanged} unchanged ({report.seconds:.1f} s)"
    )
    lines = [head] + ([f"  {report.error}"] if report.error else [])
    skipped = sorted(report.skipped.items(), key=lambda item: (-item[1], item[0]))
    for (reason, place), count in skipped[:_SHOWN]:
        words = report.words.get((reason, place))
        lines.append(f"  skipped {count} x {reason}: {place}" + (f": {words}" if words else ""))
    if len(skipped) > _SHOWN:
        more = sum(count for _, count in skipped[_SHOWN:])
        lines.append(f"  and {more} more in {len(skipped) - _SHOWN} places (--format json lists all)")
    return lines
