"""`headwater sql`: column lineage of SQL text, without a store or a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.sql import ColumnName, Flow, Result, Statement, Table


@click.command("sql")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-", metavar="[FILE]")
@click.option("-d", "--dialect", metavar="D", help="postgres, snowflake, bigquery, tsql, ... Without it: any.")
@click.option("--database", metavar="NAME", help="Database of names that have none.")
@click.option("--schema", metavar="NAME", help="Schema of names that have none.")
@click.option(
    "--columns",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Known columns: JSON {table: [column, ...]}, or CSV as information_schema.columns gives it.",
)
@format_option("mermaid", "dot", "svg")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Any,
    dialect: str | None,
    database: str | None,
    schema: str | None,
    columns: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Shows which column comes from which in SQL text: a file, or what is piped in. Needs no catalog.

    \b
    Examples:
      headwater sql etl/customers.sql --dialect postgres --schema core
      pbpaste | headwater sql --dialect snowflake --format json
      headwater sql model.sql --format mermaid
    """
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.drawing import dot, mermaid, svg
    from catalog.model.errors import UsageError
    from catalog.sql import analyze

    try:
        known = _known_columns(columns) if columns else {}
        result = analyze(file.read(), dialect, known, database, schema)
    except ValueError as err:
        raise UsageError(f"{err} Give a dialect that the parser knows, and text in UTF-8.") from err
    forms = {"text": _text, "mermaid": _drawn(mermaid), "dot": _drawn(dot), "svg": _drawn(svg)}
    give(workbench(ctx), _answer(result), format_, output, forms)


def _known_columns(path: str) -> dict[Any, Any]:
    import csv
    import json
    from pathlib import Path

    text = Path(path).read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("{"):
        found: dict[Any, Any] = json.loads(text)
        return found
    tables: dict[Any, dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        lower = {key.lower(): value for key, value in row.items() if key}
        parts = (lower.get("table_catalog"), lower.get("table_schema"), lower["table_name"])
        tables.setdefault(tuple(p for p in parts if p), {})[lower["column_name"]] = lower.get("data_type") or ""
    return tables


# ---------------------------------------------------------------- the answer


def _answer(result: Result) -> Answer:
    from catalog.answers import Answer

    warnings = tuple(f"line {problem.line}: {problem.message} ({problem.code})" for problem in result.problems)
    data = {
        "statements": [_statement(statement) for statement in result.statements],
        "flows": [_flow(flow) for flow in result.flows],
        "influences": [
            {"from": _column(i.source), "to": _target(i.target), "kind": i.kind, "exactness": i.exactness}
            for i in result.influences
        ],
        "reads": [_table(table) for table in result.reads],
        "writes": [_table(table) for table in result.writes],
        "problems": [{"code": p.code, "message": p.message, "line": p.line} for p in result.problems],
    }
    return Answer("sql", data, complete=not result.problems, warnings=warnings)


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "kind": statement.kind,
        "line": statement.line,
        "reads": [_table(table) for table in statement.reads],
        "writes": [_table(table) for table in statement.writes],
        "temporary": statement.temporary,
        "undone": statement.undone,
    }


def _flow(flow: Flow) -> dict[str, Any]:
    said: dict[str, Any] = {
        "from": _column(flow.source),
        "to": _column(flow.target),
        "kind": flow.kind,
        "exactness": flow.exactness,
        "masking": flow.masking,
        "byStar": flow.by_star,
    }
    optional = {"reason": flow.reason, "expression": flow.expression}
    return said | {key: value for key, value in optional.items() if value}


def _table(table: Table) -> str:
    return ".".join(f'"{part}"' if "." in part else part for part in table)


def _column(name: ColumnName) -> str:
    return f"{_table(name.table)}#{name.column}" if name.table else name.column


def _target(target: Table | ColumnName) -> str:
    from catalog.sql import ColumnName

    return _column(target) if isinstance(target, ColumnName) else _table(target)


# ---------------------------------------------------------------- for people


def _text(data: Mapping[str, Any]) -> str:
    from catalog.cli.asking import table

    rows: list[tuple[str, ...]] = [(flow["to"], flow["from"], flow["kind"], _notes(flow)) for flow in data["flows"]]
    parts = [table(rows, ("column", "comes from", "how", "")) if rows else "no column comes from another"]
    decides: dict[tuple[str, str], list[str]] = {}
    for influence in data["influences"]:
        decides.setdefault((influence["to"] or "the result", influence["kind"]), []).append(influence["from"])
    if decides:
        found: list[tuple[str, ...]] = [
            (target, kind, ", ".join(sources)) for (target, kind), sources in decides.items()
        ]
        parts.append(table(found, ("rows of", "are decided by a", "on")))
    return "\n\n".join(parts)


def _notes(flow: Mapping[str, Any]) -> str:
    words = [] if flow["exactness"] == "exact" else [f"{flow['exactness']}: {flow.get('reason', '')}"]
    words += ["masked"] * flow["masking"] + ["by *"] * flow["byStar"]
    return ", ".join(words)


def _drawn(draw: Any) -> Any:
    """Returns a renderer that shows the flows as nodes and edges."""

    def render(data: Mapping[str, Any]) -> str:
        targets = {flow["to"] for flow in data["flows"]}
        refs = dict.fromkeys(ref for flow in data["flows"] for ref in (flow["from"], flow["to"]))
        nodes = [{"ref": ref, "kind": "Column", "hops": 0 if ref in targets else 1} for ref in refs]
        edges = [
            {key: flow[key] for key in ("from", "to", "exactness")} | {"type": "DERIVES_FROM", "subtype": flow["kind"]}
            for flow in data["flows"]
        ]
        return str(draw({"nodes": nodes, "edges": edges}))

    return render
