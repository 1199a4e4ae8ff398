"""MERGE: each branch is an update or an insert."""

from __future__ import annotations

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.assigning import assigned_name, assignments
from catalog.sql.columns import output_name
from catalog.sql.expressions import sources_of
from catalog.sql.from_items import add_from, merge_column
from catalog.sql.queries import add_ctes
from catalog.sql.relations import Output, Relation, merge_rows
from catalog.sql.scopes import Scope
from catalog.sql.targets import Target, add_target, placed, put, returned, with_versions


def merge_into(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    target = add_target(node.this, inside)
    add_from(node.args["using"], inside)
    source_key, source = list(inside.relations.items())[-1]
    unmatched = Scope(scope.run, scope.outer, scope.ctes, {source_key: source}, rows=inside.rows)
    on = node.args.get("on")
    if isinstance(on, exp.Expr):
        merge_rows(inside.rows, sources_of(on, inside), tags.JOIN)
    for name in node.args.get("using_cond") or ():
        merge_column(output_name(name, inside), [target.relation], [source], inside)
    outputs: list[Output] = []
    for when in node.args["whens"].expressions if node.args.get("whens") else ():
        # A row that is not matched has no row of the target: names mean the source's columns.
        is_new = not when.args.get("matched") and not when.args.get("source")
        outputs += _branch(when, unmatched if is_new else inside, target, source)
    put(target, outputs, inside.rows, scope)
    returning = node.args.get("returning")
    return returned(returning, with_versions(inside, target), target) if returning is not None else Relation(())


def _branch(when: exp.Expr, scope: Scope, target: Target, source: Relation) -> list[Output]:
    then = when.args.get("then")
    for condition in (when.args.get("condition"), then.args.get("where") if then is not None else None):
        if condition is not None:
            merge_rows(scope.rows, sources_of(condition, scope), tags.FILTER)
    if isinstance(then, exp.Update):
        return _merge_update(then, scope, target, source)
    if isinstance(then, exp.Insert):
        return _merge_insert(then, scope, target, source)
    return []


def _merge_update(then: exp.Update, scope: Scope, target: Target, source: Relation) -> list[Output]:
    listed = then.args.get("expressions") or exp.Star()
    if isinstance(listed, exp.Star) or isinstance(listed[0], exp.Star):
        return _whole_source(scope, target, source, then)
    return list(assignments(listed, scope))


def _whole_source(scope: Scope, target: Target, source: Relation, node: exp.Expr) -> list[Output]:
    """UPDATE * and INSERT *: each column of the source goes to the target's column of the same name."""
    if source.is_open:
        for opening in source.openings:
            scope.run.gathered.reads[opening.table] = None
        scope.run.report("star", "the columns of MERGE's source are not known: its star cannot be expanded", node)
    key = scope.run.rules.key
    known = {key(name): name for name in target.columns}
    return [
        Output(known.get(key(o.name), o.name), o.sources, o.node)
        for o in source.outputs
        if not known or key(o.name) in known
    ]


def _merge_insert(then: exp.Insert, scope: Scope, target: Target, source: Relation) -> list[Output]:
    values = then.args.get("expression")
    if isinstance(then.this, exp.Star) or (not isinstance(values, exp.Expr) and not isinstance(then.this, exp.Tuple)):
        if isinstance(then.this, exp.Var):  # BigQuery's INSERT ROW: by position
            return placed(target, source, (), scope, then)
        return _whole_source(scope, target, source, then)
    columns = (
        then.this.expressions if isinstance(then.this, exp.Tuple) else [then.this] if then.this is not None else []
    )
    cells = values.expressions if isinstance(values, exp.Tuple) else [values] if isinstance(values, exp.Expr) else []
    names = [assigned_name(column, scope) for column in columns] or target.columns
    if not names or (len(cells) > len(names)):
        scope.run.report("unresolved", "MERGE inserts into columns that are not known", then)
        return []
    return [
        Output(name, sources_of(cell, scope), None if isinstance(cell, exp.Column) else cell)
        for name, cell in zip(names, cells, strict=False)
    ]
