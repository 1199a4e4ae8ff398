"""UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.assigning import assignments
from catalog.sql.columns import alias_key
from catalog.sql.expressions import sources_of
from catalog.sql.from_items import add_from, add_join
from catalog.sql.queries import add_ctes
from catalog.sql.relations import Output, Relation, merge_rows
from catalog.sql.results import Table
from catalog.sql.scopes import Scope
from catalog.sql.tables import is_named, table_parts
from catalog.sql.targets import Target, add_target, put, returned, target_named, target_of, with_versions, written_alias


def update(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    table: exp.Table = node.this
    from_ = node.args.get("from_")
    if from_ is not None:
        add_from(from_.this, inside)
    target = written_alias(table, inside) or add_target(table, inside)
    for join in table.args.get("joins") or ():
        add_join(join, inside)
    by_target = _grouped(node.expressions, target, inside)
    where = node.args.get("where")
    if where is not None:
        merge_rows(inside.rows, sources_of(where, inside), tags.FILTER)
    for owner, outputs in by_target:
        for base, columns in _written_through(owner, outputs, scope):
            put(base, columns, inside.rows, scope)
    if not by_target:
        put(target, (), inside.rows, scope)
    returning = node.args.get("returning")
    return returned(returning, with_versions(inside, target), target) if returning is not None else Relation(())


def _written_through(target: Target, outputs: list[Output], scope: Scope) -> Iterable[tuple[Target, list[Output]]]:
    """Names the columns of the tables behind a view or common table expression that is written to."""
    if target.through is None:
        return [(target, outputs)]
    key = scope.run.rules.key
    groups: dict[Table, list[Output]] = {}
    for output in outputs:
        column = target.through.get(output.name, key(output.name))
        if column is not None and len(column.sources) == 1:
            (base,) = column.sources
            groups.setdefault(base.table, []).append(Output(base.column, output.sources, output.node))
    return [(target_named(table, scope), columns) for table, columns in groups.items()]


def _grouped(items: Iterable[exp.Expr], target: Target, scope: Scope) -> list[tuple[Target, list[Output]]]:
    """MySQL's UPDATE of a join may write to several tables: a qualified name says which."""
    groups: dict[Table, tuple[Target, list[Output]]] = {}
    for item in items:
        owner = _owner(item, target, scope)
        groups.setdefault(owner.table, (owner, []))[1].extend(assignments([item], scope))
    return list(groups.values())


def _owner(item: exp.Expr, target: Target, scope: Scope) -> Target:
    left = item.this if isinstance(item, exp.EQ) else None
    if isinstance(left, exp.Column) and left.table and scope.run.dialect == "mysql":
        found = scope.relations.get(alias_key(left.args["table"], scope))
        if found is not None and found.table is not None and found.table != target.table:
            return target_named(found.table, scope)
    return target


# ---------------------------------------------------------------- DELETE


def delete(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    named: list[exp.Table] = node.args.get("tables") or []
    table = node.this
    if not table:
        table, named = named[0], []  # DELETE t WHERE ..
    target = _delete_target(table, inside, bool(named))
    for item in node.args.get("using") or ():
        add_from(item, inside)
    where = node.args.get("where")
    if where is not None:
        merge_rows(inside.rows, sources_of(where, inside), tags.FILTER)
    if node.args.get("using"):  # MySQL: DELETE FROM t, u USING ..
        named = [table, *(join.this for join in table.args.get("joins") or ())] if table.args.get("joins") else named
    targets = [written_alias(item, inside) or target_of(item, inside) for item in named] or [target]
    for one in targets:
        put(one, (), inside.rows, scope)
        _not_read(one, node, named, scope)
    if where is None and not named and not node.args.get("using") and not node.args.get("limit"):
        scope.run.gathered.emptied.append(target.table)
    returning = node.args.get("returning")
    return returned(returning, with_versions(inside, target), target) if returning is not None else Relation(())


def _not_read(target: Target, node: exp.Expr, named: list[exp.Table], scope: Scope) -> None:
    """Standing in FROM as what is deleted from, a table is not read, no more than in DELETE FROM t WHERE."""
    if not named:
        return
    find = scope.run.tables.find
    mentions = [t for t in node.find_all(exp.Table) if is_named(t) and not any(t is each for each in named)]
    if sum(find(table_parts(t)).table == target.table for t in mentions) == 1:
        scope.run.gathered.reads.pop(target.table, None)


def _delete_target(table: exp.Table, scope: Scope, joined: bool) -> Target:
    if joined:
        add_from(table, scope)
        return target_of(table, scope)
    target = add_target(table, scope)
    for join in table.args.get("joins") or ():
        add_join(join, scope)
    return target
