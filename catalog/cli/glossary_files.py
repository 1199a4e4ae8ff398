"""`headwater glossary import` and `export`: glossaries as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from catalog.cli.glossary_edits import actor_option
from catalog.cli.options import deliver, format_option, output_option

if TYPE_CHECKING:
    from catalog.cli.workbench import Workbench
    from catalog.model.ingest import Source

_SHAPES: Final = ("auto", "headwater", "atlas", "openmetadata", "purview", "collibra", "alation", "skos")
_MARKS: Final = {"added": "+", "changed": "~", "closed": "-"}
_MOST: Final = 200


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--shape", type=click.Choice(_SHAPES), default="auto", show_default=True, help="Which tool wrote the file."
)
@click.option(
    "--glossary", metavar="NAME", help="Name of the glossary, if the file does not say it or should not count."
)
@click.option("--namespace", metavar="ALIAS", help="Where data is that the file names without a system.")
@click.option(
    "--system", "systems", multiple=True, metavar="NAME=ALIAS", help="Where the data of a system of the other tool is."
)
@click.option("--partial", is_flag=True, help="Terms that the file does not list stay as they are.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@actor_option
@format_option()
@output_option
@click.pass_context
def _import(
    ctx: click.Context,
    file: str,
    shape: str,
    glossary: str | None,
    namespace: str | None,
    systems: tuple[str, ...],
    partial: bool,
    dry_run: bool,
    actor: str | None,
    format_: str,
    output: str | None,
) -> int:
    """Takes a glossary file into the catalog: ours, SKOS, or what another tool exports.

    The shape of a table is told by its header: Apache Atlas, OpenMetadata, Microsoft Purview, Collibra and Alation are known.
    The file replaces what its glossary said before, and nothing that people said. A row with an error is named with line and
    column, the rest is taken; exit code 3 says that there was one.

    \b
    Examples:
      headwater glossary import export.csv --dry-run
      headwater glossary import collibra.csv --system DWH=pg
    """
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.glossary.importing import import_glossary, read_whole

    bench = workbench(ctx)
    source = _source(
        bench,
        file,
        {
            "format": shape,
            "glossary": glossary,
            "namespace": namespace,
            "partial": partial,
            "systems": dict(map(_system, systems)),
        },
    )
    given = read_whole(source)
    with bench.store(fill=True) as store:
        store.migrate()
        answer = import_glossary(
            store, bench.refs(store), source, given, clock=bench.now, actor=actor or bench.actor(), dry_run=dry_run
        )
    give(bench, answer, format_, output, {"text": _imported})
    return 0 if answer.complete else 3


def _source(bench: Workbench, file: str, options: Mapping[str, Any]) -> Source:
    from pathlib import Path

    from catalog.project import SourceEntry

    now = bench.now()
    said = {key: value for key, value in options.items() if value}
    name = Path(file).name.partition(".")[0] or "glossary"
    entry = SourceEntry.model_validate(
        {"name": name, "kind": "glossary", "at": now.isoformat(), "path": str(Path(file).absolute()), **said}
    )
    return bench.project.source_of(entry, now)


def _system(text: str) -> tuple[str, str]:
    name, equals, alias = text.partition("=")
    if not equals or not name or not alias:
        raise click.BadParameter(f"{text!r} is none: expected NAME=ALIAS.", param_hint="'--system'")
    return name, alias


def _imported(data: Mapping[str, Any]) -> str:
    changes = data["changes"]
    lines = [_line(change) for change in changes[:_MOST]]
    if len(changes) > _MOST:
        lines.append(f"and {len(changes) - _MOST} more (--format json lists all)")
    lines += [f"! {e['file']}:{e['place'] or ''}: {e['message']}" for e in data["errors"]]
    counts = data["counts"]
    would = "would be " if data["dryRun"] else ""
    lines.append(
        f"{', '.join(data['glossaries']) or 'nothing'}: {counts['added']} {would}added, {counts['changed']} {would}changed, "
        f"{counts['closed']} {would}closed, {counts['unchanged']} unchanged, {len(data['errors'])} errors"
    )
    return "\n".join(lines)


def _line(change: Mapping[str, Any]) -> str:
    subtype = f" ({change['subtype']})" if change["subtype"] else ""
    what = change["ref"] if change["other"] is None else f"{change['ref']} {change['what']}{subtype} {change['other']}"
    told = [f"{p['name']}: {_brief(p['before'])} -> {_brief(p['after'])}" for p in change["properties"]]
    return f"{_MARKS[change['kind']]} {what}" + (f"  {'; '.join(told)}" if change["kind"] == "changed" else "")


def _brief(value: Any) -> str:
    if value is None:
        return "nothing"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return repr(text if len(text) <= 60 else text[:59] + "…")


@click.command("export")
@click.argument("glossaries", nargs=-1, metavar="[GLOSSARY]...")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["csv", "skos-turtle", "skos-jsonld"]), default="csv", show_default=True,
    help="Form of the file.",
)  # fmt: skip
@output_option
@click.pass_context
def _export(ctx: click.Context, glossaries: tuple[str, ...], format_: str, output: str | None) -> None:
    """Writes glossaries, all of them if none is named, as a table or as SKOS; `glossary import` reads it back as it was.

    \b
    Examples:
      headwater glossary export > terms.csv
      headwater glossary export Risk --format skos-turtle -o risk.ttl
    """
    from catalog.cli.workbench import workbench
    from catalog.glossary.exporting import export_glossaries

    bench = workbench(ctx)
    with bench.store() as store:
        text = export_glossaries(store, bench.refs(store), glossaries, format_)
    deliver(text.rstrip("\n") if output is None else text, output)


COMMANDS: Final = (_import, _export)
