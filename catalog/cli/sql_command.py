"""`headwater sql`: column lineage of SQL text, without a store or a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.sql import ColumnName, Flow, Result, Statement, Table


@click.command("sql")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, allow_dash=True), nargs=-1, metavar="[FILE]...")
@click.option("-d", "--dialect", metavar="D", help="postgres, snowflake, bigquery, tsql, ... Without it: any.")
@click.option("--database", metavar="NAME", help="Database of names that have none.")
@click.option("--schema", metavar="NAME", help="Schema of names that have none.")
@click.option(
    "--columns",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Known columns: JSON {table: [column, ...]} or {table: {column: type}}, or CSV as information_schema.columns gives it.",
)
@format_option("mermaid", "dot", "svg")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    dialect: str | None,
    database: str | None,
    schema: str | None,
    columns: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Shows which column comes from which in SQL text: files, or what is piped in. Needs no catalog.

    Several files are read in order as one session: what the first makes, the second knows.

    \b
    Examples:
      headwater sql etl/customers.sql --dialect postgres --schema core
      pbpaste | headwater sql --dialect snowflake --format json
      headwater sql setup.sql load.sql --columns columns.csv --format svg -o lineage.svg
      headwater sql model.sql --format mermaid
    """
    from catalog.cli.asking import give
    from catalog.cli.sql_input import known_columns, texts
    from catalog.cli.workbench import workbench
    from catalog.drawing import dot, mermaid, svg
    from catalog.model.errors import UsageError
    from catalog.sql import Schema, Session

    known = known_columns(columns) if columns else {}
    try:
        session = Session(dialect, Schema(known, dialect), database, schema)
    except ValueError as err:
        raise UsageError(f"--dialect {dialect}: {err} Without --dialect SQL of any kind is read.") from err
    results = [(name, session.analyze(text)) for name, text in texts(files)]
    forms = {"text": _text, "mermaid": _drawn(mermaid), "dot": _drawn(dot), "svg": _drawn(svg)}
    give(workbench(ctx), _answer(results), format_, output, forms)


# ---------------------------------------------------------------- the answer


def _answer(results: Sequence[tuple[str, Result]]) -> Answer:
    from catalog.answers import Answer
    from catalog.sql.endtoend import joined

    several = len(results) > 1
    placed = [(name if several else "", s) for name, result in results for s in result.statements]
    problems = [(name, problem) for name, statement in placed for problem in statement.problems]
    whole = joined([statement for _, statement in placed]) if several else results[0][1]
    warnings = [f"{f'{name}, ' if name else ''}line {p.line}: {p.message} ({p.code})" for name, p in problems]
    data = {
        "statements": [_in(name, _statement(statement)) for name, statement in placed],
        "flows": [_flow(flow) for flow in whole.flows],
        "influences": [
            {"from": _column(i.source), "to": _target(i.target), "kind": i.kind, "exactness": i.exactness}
            for i in whole.influences
        ],
        "reads": [_table(table) for table in whole.reads],
        "writes": [_table(table) for table in whole.writes],
        "problems": [_in(name, {"code": p.code, "message": p.message, "line": p.line}) for name, p in problems],
    }
    if not placed:
        warnings.append("there is no statement in it")
    return Answer("sql", data, complete=not problems, warnings=tuple(warnings))


def _in(name: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"file": name, **said} if name else said


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
