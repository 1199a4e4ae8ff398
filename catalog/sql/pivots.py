"""PIVOT and UNPIVOT."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key
from catalog.sql.expressions import gather, sources_of
from catalog.sql.relations import Output, Relation, Sources, merge, merge_rows, relation
from catalog.sql.scopes import Scope
from catalog.sql.select_list import output_name


def pivoted(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    """Returns the relation after one PIVOT or UNPIVOT; its alias list renames by position."""
    inside = scope.beside()
    inside.relations["\0pivot"] = source
    made = _unpivot(source, pivot, inside) if pivot.args.get("unpivot") else _pivot(source, pivot, inside)
    alias = pivot.args.get("alias")
    names = [output_name(part, scope) for part in alias.columns] if isinstance(alias, exp.TableAlias) else []
    if names and len(names) == len(made.outputs):
        outputs = [Output(name, o.sources, o.node) for name, o in zip(names, made.outputs, strict=True)]
        made = relation(outputs, scope.run.rules.key, made.openings, made.rows)
    return made


def _kept(source: Relation, used: frozenset[str], scope: Scope) -> list[Output]:
    return [output for output in source.outputs if scope.run.rules.key(output.name) not in used]


def _used(nodes: list[exp.Expr], scope: Scope) -> frozenset[str]:
    return frozenset(alias_key(column.this, scope) for node in nodes for column in node.find_all(exp.Column))


def _pivot(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    fields = [field for field in pivot.args.get("fields") or () if isinstance(field, exp.In)]
    keys = [field.this for field in fields]
    used = _used([*pivot.expressions, *keys], scope)
    chosen: Sources = {}
    for key in keys:
        gather(key, chosen, scope, tags.CONDITIONAL)
    values = [_aggregate(item, chosen, scope) for item in pivot.expressions]
    names = [output_name(part, scope) for part in pivot.args.get("columns") or ()]
    grouped = _kept(source, used, scope)
    outputs = grouped + [
        Output(name, values[i % len(values)], pivot.expressions[i % len(values)])
        for i, name in enumerate(names)
        if values
    ]
    rows = dict(source.rows)
    for output in grouped:
        merge_rows(rows, output.sources, tags.GROUP_BY)
    openings = tuple(replace(o, hidden=o.hidden | used) for o in source.openings)
    return relation(outputs, scope.run.rules.key, openings, rows)


def _aggregate(item: exp.Expr, chosen: Sources, scope: Scope) -> Sources:
    found = sources_of(item, scope)
    merge(found, chosen)
    return found


def _unpivot(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    values: list[Sources] = [{} for _ in pivot.expressions]
    used: list[exp.Expr] = []
    names: list[Output] = []
    for field in pivot.args.get("fields") or ():
        if not isinstance(field, exp.In):
            continue
        names.append(Output(output_name(_identifier(field.this), scope), {}))
        for entry in field.expressions:
            cells = _cells(entry)
            used += cells
            for position, cell in enumerate(cells):
                gather(cell, values[min(position, len(values) - 1)], scope)
    outputs = _kept(source, _used(used, scope), scope) + names
    for item, sources in zip(pivot.expressions, values, strict=True):
        outputs.append(Output(output_name(_identifier(item), scope), sources))
    return relation(outputs, scope.run.rules.key, source.openings, source.rows)


def _cells(entry: exp.Expr) -> list[exp.Expr]:
    """The columns of one entry of `IN (a, (b, c) AS 'x')`."""
    if isinstance(entry, (exp.PivotAlias, exp.Alias)):
        entry = entry.this
    return list(entry.expressions) if isinstance(entry, exp.Tuple) else [entry]


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node
