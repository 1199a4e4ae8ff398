"""INSERT, with what it does about rows that are there already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.assigning import assignments
from catalog.sql.columns import alias_key, output_name
from catalog.sql.expressions import sources_of
from catalog.sql.from_items import alias_columns
from catalog.sql.queries import add_ctes, evaluate
from catalog.sql.relations import Output, Relation, Sources, merge_rows, relation, renamed
from catalog.sql.scopes import Scope
from catalog.sql.tables import is_named
from catalog.sql.targets import (
    Target,
    base_columns,
    listed_columns,
    placed,
    put,
    report_dynamic,
    returned,
    target_of,
    with_versions,
)


def insert(node: exp.Expr, scope: Scope) -> Relation:
    with_ = node.args.get("with_")
    if with_ is not None:
        add_ctes(with_, scope)
    body = node.args.get("expression") or node.args.get("source")  # INSERT .. TABLE s
    source = Scope(scope.run, scope.outer, scope.ctes)
    answer = evaluate(body, source) if isinstance(body, exp.Expr) else Relation(())
    table = _table_of(node.this)
    if not is_named(table):
        report_dynamic(table, scope)
        return Relation(())  # INSERT OVERWRITE DIRECTORY, INSERT INTO FUNCTION: no table is written
    target = target_of(table, scope)
    outputs = _insert_outputs(node, target, answer, scope)
    put(target, outputs, answer.rows, scope)
    _overwrites(node, table, target, scope)
    _conflict(node, table, target, outputs, scope, source)
    return _returned(node, table, target, scope)


def _insert_outputs(node: exp.Expr, target: Target, answer: Relation, scope: Scope) -> list[Output]:
    if node.args.get("by_name"):
        return list(answer.outputs)
    table = _table_of(node.this)
    fixed, computed = _partition(table.args.get("partition") if table is not None else None, scope)
    given = listed_columns(node.this, scope) or base_columns(target)
    if given and computed:
        given += [name for name in computed if name not in given]
    return placed(target, answer, given, scope, node, fixed)


def _partition(partition: exp.Expr | None, scope: Scope) -> tuple[frozenset[str], list[str]]:
    """Returns the keys of partition columns with a fixed value, and the names of those that the query gives."""
    parts = partition.expressions if partition is not None else ()
    fixed = frozenset(alias_key(part.this.this, scope) for part in parts if isinstance(part, exp.EQ))
    return fixed, [output_name(part.this, scope) for part in parts if isinstance(part, exp.Column)]


def _overwrites(node: exp.Expr, table: exp.Table, target: Target, scope: Scope) -> None:
    if node.args.get("overwrite") and not table.args.get("partition") and not node.args.get("where"):
        scope.run.gathered.defines_target = True
        scope.run.gathered.emptied.append(target.table)


def _conflict(
    node: exp.Expr, table: exp.Table, target: Target, outputs: Sequence[Output], scope: Scope, source: Scope
) -> None:
    conflict = node.args.get("conflict")
    if conflict is None:
        return
    inside = _target_scope(table, target, scope)
    new = relation(outputs, scope.run.rules.key, (), {})
    new.anything = {}  # columns that are not listed get a default; those of an unknown target nobody knows
    # MySQL: the tables of the query may be named, too; so may the row, where VALUES has an alias.
    inside.versions = {**source.relations, **dict.fromkeys(("excluded", "new"), new), **_row_alias(node, new, scope)}
    condition = conflict.args.get("where")
    rows: Sources = {}
    if condition is not None:
        merge_rows(rows, sources_of(condition, inside), tags.FILTER)
    put(target, list(assignments(conflict.expressions, inside)), rows, scope)


def _row_alias(node: exp.Expr, new: Relation, scope: Scope) -> dict[str, Relation]:
    """MySQL: INSERT .. VALUES (..) AS n (x, y) ON DUPLICATE KEY UPDATE a = n.x."""
    body = node.args.get("expression")
    alias = body.args.get("alias") if isinstance(body, exp.Values) else None
    if not isinstance(body, exp.Values) or alias is None or alias.this is None:
        return {}
    return {alias_key(alias.this, scope): renamed(new, alias_columns(body, scope), scope.run.rules.key)}


def _target_scope(table: exp.Table, target: Target, scope: Scope) -> Scope:
    inside = Scope(scope.run, scope.outer, scope.ctes)
    alias = table.args.get("alias")
    name = alias.this if alias is not None else table.parts[-1]
    inside.add(alias_key(name, scope), target.definition.relation)
    return inside


def _returned(node: exp.Expr, table: exp.Table, target: Target, scope: Scope) -> Relation:
    returning = node.args.get("returning")
    if returning is None:
        return Relation(())
    inside = _target_scope(table, target, scope)
    return returned(returning, with_versions(inside, target), target)


def _table_of(holder: exp.Expr) -> exp.Table | None:
    table = holder.this if isinstance(holder, exp.Schema) else holder
    return table if isinstance(table, exp.Table) else None
