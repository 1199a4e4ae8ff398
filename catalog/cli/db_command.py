"""`headwater db`: looks after the store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import deliver, format_option, output_option, writing

if TYPE_CHECKING:
    from catalog.cli.workbench import Workbench
    from catalog.store.port import Store


@click.group("db")
def command() -> None:
    """Looks after the store: status, upgrade, rebuild, export, backup, restore, purge."""


@command.command()
@format_option()
@output_option
@click.pass_context
def status(ctx: click.Context, format_: str, output: str | None) -> None:
    """Says what the store holds, and its newest commits."""
    from catalog.answers import Answer
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench

    bench = workbench(ctx)
    with bench.store() as store:
        info = store.info()
        newest = store.commits(after=max(0, info.head - 10))
    data = {
        "store": _shown(info.url),
        "schemaVersion": info.schema_version,
        "head": info.head,
        "logRoot": info.log_root,
        "counts": dict(sorted(info.counts.items())),
        "commits": [
            {"seq": c.seq, "time": c.time, "actor": c.actor, "source": c.source, "counts": dict(c.counts)}
            for c in newest
        ],
    }
    give(bench, Answer("db.status", data), format_, output, {"text": _status_text})


def _status_text(data: Mapping[str, Any]) -> str:
    root = data["logRoot"] or "-"
    lines = [f"{data['store']}  schema {data['schemaVersion']}, {data['head']} commits, log root {root}"]
    lines += [f"  {name:<24}{count:>12,}" for name, count in data["counts"].items()]
    lines += [
        f"  commit {c['seq']}  {c['time']}  {c['source']}: {_counted(c['counts'])}" for c in reversed(data["commits"])
    ]
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items() if n) or "nothing"


def _shown(url: str) -> str:
    """Returns a url without user and password."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


@command.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Brings the store's schema up to this version. Idempotent."""
    from catalog.cli.workbench import workbench

    bench = workbench(ctx)
    with bench.store(fill=True) as store:
        bench.note(f"{_shown(bench.url)}: schema version {store.info().schema_version}")


@command.command()
@click.option("--into", metavar="URL", help="Fill this empty store instead of rebuilding in place.")
@click.pass_context
def rebuild(ctx: click.Context, into: str | None) -> None:
    """Replays the log into an empty store: the same graph comes out, or an error says where it differs.

    In place, the log is first written to a file beside the project; it is kept if anything fails.
    """
    from catalog.cli.workbench import credentials, workbench
    from catalog.replay import log_of, replay
    from catalog.store.opening import open_store

    bench = workbench(ctx)
    with bench.store() as store:
        if into is None:
            _rebuild_in_place(bench, store)
            return
        from catalog.cli.workbench import prepare
        from catalog.project import store_url

        url = store_url(into, Path.cwd())
        prepare(url, fill=True)
        target = open_store(url, credentials())
        try:
            count = replay(log_of(store), target)
        finally:
            target.close()
    bench.note(f"replayed {count} commits into {_shown(url)}")


def _rebuild_in_place(bench: Workbench, store: Store) -> None:
    from catalog.replay import read_backup, replay, write_backup

    folder = bench.project.root / ".headwater"
    folder.mkdir(exist_ok=True)
    kept = folder / "rebuild.log.gz"
    write_backup(store, kept)
    try:
        store.reset()
        count = replay(read_backup(kept), store)
    except BaseException:
        bench.note(f"not finished: the log is in {kept}. `headwater db restore {kept}` replays it.")
        raise
    kept.unlink()
    bench.note(f"replayed {count} commits")


@command.command()
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["jsonl"]),
    default="jsonl",
    show_default=True,
    help="Form of the dump.",
)
@output_option
@click.pass_context
def export(ctx: click.Context, format_: str, output: str | None) -> None:
    """Writes the graph: every claim, open and closed, one canonical JSON object a line, the same bytes from every store."""
    import sys

    from catalog.cli.workbench import workbench
    from catalog.replay import export_lines

    bench = workbench(ctx)
    with bench.store() as store:
        if output and output != "-":
            with writing(output) as file:
                file.writelines(line + "\n" for line in export_lines(store))
            return
        for line in export_lines(store):
            sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Writes the log to FILE (compressed), whole or not at all."""
    from catalog.cli.workbench import workbench
    from catalog.replay import write_backup

    bench = workbench(ctx)
    with bench.store() as store:
        count = write_backup(store, file)
    bench.note(f"{file}: {count} commits")


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Empty the store first if it holds something.")
@click.pass_context
def restore(ctx: click.Context, file: Path, force: bool) -> None:
    """Replays the log in FILE into the store, which must be empty."""
    from catalog.cli.workbench import workbench
    from catalog.replay import read_backup, replay

    bench = workbench(ctx)
    with bench.store(fill=True) as store:
        if force:
            for _ in read_backup(file):  # read to its end before anything is emptied
                pass
            store.reset()
        count = replay(read_backup(file), store)
    bench.note(f"replayed {count} commits from {file}")


@command.command()
@click.argument("commit", type=click.IntRange(min=1))
@click.argument("line", type=click.IntRange(min=1))
@click.option("--yes", is_flag=True, help="Do it; without this the line is only shown.")
@click.pass_context
def purge(ctx: click.Context, commit: int, line: int, yes: bool) -> None:
    """Takes the text of one LINE (from 1) of a COMMIT out of the log for ever, and keeps its hash.

    Proofs of other lines hold. What the line said stays in the graph until its source stops saying it.
    """
    from catalog.cli.workbench import workbench
    from catalog.model.errors import NotFoundError

    bench = workbench(ctx)
    with bench.store() as store:
        body = store.body(commit) if commit <= store.info().head else []
        if line > len(body):
            raise NotFoundError([f"line {line} of commit {commit}"])
        if not yes:
            deliver(body[line - 1])
            bench.note("this is the line; add --yes to take it out for ever")
            return
        store.purge(commit, line - 1)
    bench.note(f"line {line} of commit {commit} is taken out")
