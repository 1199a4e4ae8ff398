"""CREATE TABLE, VIEW and what makes tables from other tables."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import output_name
from catalog.sql.from_items import find_table
from catalog.sql.queries import add_ctes, evaluate
from catalog.sql.relations import Output, merge, relation
from catalog.sql.results import CreatedColumn
from catalog.sql.scopes import Pass, Scope
from catalog.sql.storing import store_query
from catalog.sql.tables import is_marked, is_named, table_parts
from catalog.sql.targets import listed_columns, put, report_dynamic, target_of


def create(node: exp.Expr, run: Pass) -> str:
    """Evaluates CREATE; returns the statement's kind."""
    kind = str(node.args.get("kind") or "").upper()
    holder = node.this
    table = holder.this if isinstance(holder, exp.Schema) else holder
    if kind in ("FUNCTION", "PROCEDURE"):
        run.report("unsupported", f"the body of a {kind.lower()} is not read: it runs when it is called", node)
        return f"create_{kind.lower()}"
    query = node.args.get("expression")
    if kind == "DICTIONARY" and isinstance(table, exp.Table):
        return _dictionary(node, table, run)
    if kind not in ("TABLE", "VIEW") or not isinstance(table, exp.Table):
        if isinstance(query, (exp.Query, exp.Subquery)):
            evaluate(query, Scope(run))  # BigQuery's models learn from rows, and hold none
        return "create_other"
    if not is_named(table):
        report_dynamic(table, Scope(run))
        if isinstance(query, (exp.Query, exp.Subquery)):
            evaluate(query, Scope(run))
        return "create_other"
    run.gathered.if_not_exists = bool(node.args.get("exists"))
    if isinstance(query, (exp.Query, exp.Subquery, exp.Values)):
        return _from_query(node, table, query, kind, run)
    source = _copied_table(node, run)
    if source is not None:
        return _from_table(node, table, source, run)
    if query is not None or _has(node, exp.ExecuteAsProperty):
        run.report("unsupported", "what the table is made from is not understood", node)
    return _declared(node, table, run)


def _properties(node: exp.Expr) -> Iterable[exp.Expr]:
    properties = node.args.get("properties")
    return properties.expressions if properties is not None else ()


def _has_no_data(node: exp.Expr) -> bool:
    return any(isinstance(item, exp.WithDataProperty) and item.args.get("no") for item in _properties(node))


def _has(node: exp.Expr, kind: type[exp.Expr]) -> bool:
    return any(isinstance(item, kind) for item in _properties(node))


def is_temporary(node: exp.Expr, table: exp.Table) -> bool:
    return any(map(_ends_with_session, _properties(node))) or is_marked((table.name,))


def _ends_with_session(item: exp.Expr) -> bool:
    # Behind another modifier the parser takes Teradata's VOLATILE for that of a function.
    return isinstance(item, (exp.TemporaryProperty, exp.VolatileProperty, exp.StabilityProperty))


def _from_query(node: exp.Expr, table: exp.Table, query: exp.Expr, kind: str, run: Pass) -> str:
    scope = Scope(run)
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    answer = evaluate(query, Scope(run, None, scope.ctes))
    names = listed_columns(node.this, scope) or _declared_names(node.this, scope)
    to = next((item for item in _properties(node) if isinstance(item, exp.ToTableProperty)), None)
    if to is not None and isinstance(to.this, exp.Table):
        # ClickHouse: a materialized view is a trigger that writes to another table, by name.
        target = target_of(to.this, scope)
        put(target, answer.outputs, answer.rows, scope)
        run.gathered.writes[run.tables.new_name(table_parts(table))] = None
        return "create_materialized_view"
    no_data = _has_no_data(node)
    materialized = _has(node, exp.MaterializedProperty)
    if no_data and not materialized:
        answer = relation([Output(output.name, {}) for output in answer.outputs], run.rules.key, answer.openings)
    store_query(table, answer, names, run, temporary=is_temporary(node, table), whole=True)
    return "create_table_as" if kind == "TABLE" else "create_materialized_view" if materialized else "create_view"


def _declared_names(holder: exp.Expr, scope: Scope) -> list[str]:
    """`CREATE TABLE t (a int, b int) AS SELECT`: names by position."""
    if not isinstance(holder, exp.Schema):
        return []
    return [output_name(part.this, scope) for part in holder.expressions if isinstance(part, exp.ColumnDef)]


def _copied_table(node: exp.Expr, run: Pass) -> tuple[exp.Table, bool] | None:
    """Returns the table that is copied, and whether with its rows: CLONE and COPY are, LIKE is not."""
    clone = node.args.get("clone")
    if clone is not None and isinstance(clone.this, exp.Table):
        return clone.this, True
    if isinstance(node.args.get("expression"), exp.Table):  # Teradata: CREATE TABLE t AS s WITH [NO] DATA
        return node.expression, run.dialect == "teradata" and not _has_no_data(node)
    holder = node.this
    for item in _properties(node):
        if isinstance(item, exp.PartitionedOfProperty) and isinstance(item.this, exp.Table):
            return item.this, False  # PostgreSQL: a partition has its table's columns
    parts = [*_properties(node), *(holder.expressions if isinstance(holder, exp.Schema) else ())]
    for part in parts:
        if isinstance(part, exp.LikeProperty) and isinstance(part.this, exp.Table):
            return part.this, False
    return None


def _from_table(node: exp.Expr, table: exp.Table, source: tuple[exp.Table, bool], run: Pass) -> str:
    original, with_rows = source
    scope = Scope(run)
    found = find_table(original, scope)
    outputs = [Output(output.name, output.sources if with_rows else {}) for output in found.outputs]
    if with_rows:
        for opening in found.openings:
            run.gathered.reads[opening.table] = None
            run.report("star", f"the columns of the copied table '{'.'.join(opening.table)}' are not known", node)
    else:
        outputs += [Output(name, {}) for name in _declared_names(node.this, scope)]
    temporary = is_temporary(node, table)
    answer = relation(outputs, run.rules.key, found.openings if with_rows or not temporary else ())
    if found.is_open and temporary and not with_rows:
        answer.anything = {}  # columns that nobody knows, and no rows in them
    store_query(table, answer, (), run, temporary=temporary, whole=True)
    if found.is_open:
        run.gathered.columns = None
    return "clone" if with_rows else "create_table_like"


def _declared(node: exp.Expr, table: exp.Table, run: Pass) -> str:
    scope = Scope(run)
    holder = node.this
    defined = (
        [part for part in holder.expressions if isinstance(part, exp.ColumnDef)]
        if isinstance(holder, exp.Schema)
        else []
    )
    parts = table_parts(table)
    name = run.tables.new_name(parts)
    gathered = run.gathered
    gathered.writes[name] = None
    gathered.temporary = is_temporary(node, table)
    if not defined:
        return "create_table"
    columns = [CreatedColumn(output_name(part.this, scope), _type(part, run)) for part in defined]
    gathered.columns = columns
    gathered.defines_target = True
    made = relation([Output(column.name, {}) for column in columns], run.rules.key)
    run.tables.define(name, made, gathered.temporary, parts, ())
    return "create_table"


def _type(part: exp.Expr, run: Pass) -> str | None:
    kind = part.args.get("kind")
    return kind.sql(dialect=run.dialect) if isinstance(kind, exp.Expr) else None


# ---------------------------------------------------------------- ClickHouse's dictionaries


def _dictionary(node: exp.Expr, table: exp.Table, run: Pass) -> str:
    """A dictionary keeps rows of its source, each attribute under the column's name."""
    name = run.tables.new_name(table_parts(table))
    columns = _declared_names(node.this, Scope(run))
    source = next(
        (item for item in _properties(node) if isinstance(item, exp.DictProperty) and item.this == "SOURCE"), None
    )
    settings = {item.name.lower(): item.args["value"] for item in source.args.get("settings") or ()} if source else {}
    outputs = [Output(column, {}) for column in columns]
    if "table" in settings and source is not None and str(source.args.get("kind")).lower() == "clickhouse":
        parts = [(settings[key].name, True) for key in ("db", "table") if key in settings]
        found = run.tables.find(parts)
        run.gathered.read(found.table)
        key = run.rules.key
        for output in outputs:
            column = found.relation.get(output.name, key(output.name))
            merge(output.sources, column.sources if column is not None else {}, tags.NAMED)
    elif "query" in settings:
        run.report("unsupported", "the query of the dictionary's source is not read", node)
    run.gathered.write(name, outputs)
    run.gathered.columns = [CreatedColumn(column) for column in columns]
    run.tables.define(name, relation(outputs, run.rules.key), False, table_parts(table), ())
    return "create_dictionary"
