"""`headwater doctor`: says what is installed, configured and reachable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from catalog.cli.options import format_option, output_option

if TYPE_CHECKING:
    from catalog.cli.workbench import Workbench


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str


@click.command("doctor")
@format_option()
@output_option
@click.pass_context
def command(ctx: click.Context, format_: str, output: str | None) -> int:
    """Says what is installed, configured and reachable, and how to mend what is not. Exit code 1 if something is wrong."""
    from catalog.answers import Answer
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench

    bench = workbench(ctx)
    findings = [_checked(what, look, bench) for what, look in _LOOKS.items()]
    answer = Answer("doctor", {"findings": [finding._asdict() for finding in findings]})
    give(bench, answer, format_, output, {"text": _text})
    return 0 if all(finding.ok for finding in findings) else 1


def _text(data: Mapping[str, Any]) -> str:
    return "\n".join(f"{'ok  ' if f['ok'] else 'FAIL'}  {f['what']}: {f['said']}" for f in data["findings"])


def _checked(what: str, look: Callable[[Workbench], str], bench: Workbench) -> Finding:
    from catalog.model.errors import CatalogError

    try:
        return Finding(what, True, look(bench))
    except CatalogError as err:
        return Finding(what, False, str(err))


def _versions(bench: Workbench) -> str:
    import platform
    from importlib.metadata import version

    names = ("headwater", "sqlglot", "pydantic", "neo4j", "strawberry-graphql")
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)])


def _engine(bench: Workbench) -> str:
    from importlib.util import find_spec

    return (
        "sqlglot compiled"
        if find_spec("sqlglotc")
        else "sqlglot in pure Python; `pip install headwater[fast]` is quicker"
    )


def _ingestors(bench: Workbench) -> str:
    from importlib.metadata import entry_points

    return ", ".join(sorted(point.name for point in entry_points(group="headwater.ingestors")))


def _project(bench: Workbench) -> str:
    project = bench.project
    return f"{project.path or 'no project file, defaults'}; {len(project.entries)} sources, {len(project.namespaces)} aliases"


def _sources(bench: Workbench) -> str:
    from catalog.model.errors import ConfigError

    missing = [s.name for s in bench.project.sources(bench.now()) if s.ingestor is None]
    if missing:
        raise ConfigError(f"no ingestor is installed for {', '.join(missing)}. Install it or take the source out.")
    return "options fit their kinds"


def _store(bench: Workbench) -> str:
    with bench.store() as store:
        info = store.info()
    return f"{info.head} commits, {info.counts.get('nodes', 0)} nodes, schema {info.schema_version}"


_LOOKS = {
    "versions": _versions,
    "SQL engine": _engine,
    "ingestors": _ingestors,
    "project": _project,
    "sources": _sources,
    "store": _store,
}
