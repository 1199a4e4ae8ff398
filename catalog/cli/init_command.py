"""`headwater init`: writes a project file for what is found in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

_HEAD: Final = """\
# Headwater project file. Relative paths start at this file; ${VAR} and ${VAR:-default} come from the environment.
store: sqlite:///.headwater/catalog.db     # or neo4j://host:7687 with NEO4J_USERNAME and NEO4J_PASSWORD

# Short names of namespaces, as OpenLineage writes them: a server, a bucket, a project.
namespaces:
"""

_EMPTY: Final = """\
sources: []
# Nothing was found here. Examples of what can be read:
#  - {name: dbt, kind: dbt, path: target, namespace: warehouse}
#  - {name: log, kind: sql-log, format: postgres-csvlog, path: logs/*.csv, namespace: warehouse, dialect: postgres}
#  - {name: tracking, kind: mlflow, path: mlflow.db, namespace: mlflow}
#  - {name: repo, kind: dvc, path: ., namespace: dvc}
#  - {name: events, kind: openlineage, path: "events/*.ndjson"}
#  - {name: terms, kind: glossary, path: glossary.yaml}
"""

_DBT: Final = frozenset({"catalog.json", "run_results.json", "semantic_manifest.json"})
_MAX_FOLDERS: Final = 2000
_SKIPPED: Final = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", ".headwater", "site-packages"})

Found = tuple[str, str, str]
"""Name of a source, its other options, the alias it needs."""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".")
@click.option("--force", is_flag=True, help="Overwrite a project file that is there.")
def command(folder: Path, force: bool) -> None:
    """Writes headwater.yml for what is found in FOLDER (default: here). Looks at names only and reads nothing."""
    from catalog.model.errors import ConfigError
    from catalog.project import FILE_NAME

    path = folder / FILE_NAME
    if path.exists() and not force:
        raise ConfigError(f"{path}: is there already. Edit it, or overwrite it with --force.")
    found = list(_named(_sources(folder)))
    path.write_text(_text(found), encoding="utf-8")
    click.echo(f"wrote {path} with {len(found)} sources; look at its namespaces, then run `headwater ingest`", err=True)


def _text(found: list[Found]) -> str:
    aliases = sorted({alias for *_, alias in found if alias}) or ["warehouse"]
    namespaces = "".join(f"  {alias}: {_NAMESPACES[alias]}\n" for alias in aliases)
    if not found:
        return f"{_HEAD}{namespaces}\n{_EMPTY}"
    rows = "".join(
        f"  - {{name: {name}, {options}{f', namespace: {alias}' if alias else ''}}}\n" for name, options, alias in found
    )
    return f"{_HEAD}{namespaces}\n# `at: TIME` dates an input that has no clock of its own.\nsources:\n{rows}"


_NAMESPACES: Final = {
    "warehouse": "postgres://localhost:5432        # change me: the server that dbt builds in, or that wrote the log",
    "dvc": "file://models                          # change me: the remote of the repository, e.g. s3://bucket",
    "files": "file                                 # change me: where the tables live, e.g. s3://bucket",
    "mlflow": "mlflow://localhost                  # change me: the tracking server",
}


def _sources(folder: Path) -> Iterator[Found]:
    for place, files in _folders(folder):
        inside = place.relative_to(folder).as_posix()
        if files & {"manifest.json", "manifest.json.gz"} and (files & _DBT or place.name == "target"):
            yield "dbt", f"kind: dbt, path: {_quoted(inside)}", "warehouse"
        if ".dvc" in files or "dvc.yaml" in files:
            history = f", history: {_quoted(inside)}" if ".git" in files else ""
            yield "repository", f"kind: dvc, path: {_quoted(inside)}{history}", "dvc"
        if "_delta_log" in files:
            yield "table", f"kind: delta, path: {_quoted(inside)}", "files"
        for name in sorted(files):
            yield from _file(name, name if inside == "." else f"{inside}/{name}")


def _file(name: str, path: str) -> Iterator[Found]:
    lower = name.lower()
    if lower == "mlflow.db":
        yield "tracking", f"kind: mlflow, path: {_quoted(path)}", "mlflow"
    elif lower.endswith((".ndjson", ".ndjson.gz")):
        yield "events", f"kind: openlineage, path: {_quoted(path)}", ""
    elif lower.startswith("glossary") and lower.endswith((".yaml", ".yml", ".csv")):
        yield "glossary", f"kind: glossary, path: {_quoted(path)}", ""
    elif lower.startswith("postgresql") and lower.endswith((".csv", ".json")):
        form = "postgres-csvlog" if lower.endswith(".csv") else "postgres-jsonlog"
        yield "log", f"kind: sql-log, format: {form}, path: {_quoted(path)}, dialect: postgres", "warehouse"


def _folders(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    """Yields folders with the names in them, nearest first; links are not followed."""
    waiting, seen = [folder], 0
    while waiting and seen < _MAX_FOLDERS:
        place = waiting.pop(0)
        seen += 1
        entries = sorted(place.iterdir())
        yield place, {entry.name for entry in entries}
        waiting += [
            e for e in entries if e.is_dir() and not e.is_symlink() and e.name not in _SKIPPED and e.name != ".dvc"
        ]


def _named(found: Iterator[Found]) -> Iterator[Found]:
    """Yields the sources under names that differ."""
    taken: dict[str, int] = {}
    for name, options, alias in found:
        taken[name] = taken.get(name, 0) + 1
        yield (name if taken[name] == 1 else f"{name}-{taken[name]}"), options, alias


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
