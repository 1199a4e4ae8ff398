"""The output columns of a SELECT: its expressions, and what its stars stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name, own_column, resolve
from catalog.sql.expressions import add_output, gather, sources_of
from catalog.sql.relations import Opening, Output, Relation, Sources, merge, relation
from catalog.sql.results import Table
from catalog.sql.scopes import Scope
from catalog.sql.stars import expand, star_of
from catalog.sql.structures import fields_of


def fill_select_list(node: exp.Expr, scope: Scope) -> Relation:
    """Evaluates the expressions in order; where the dialect allows, each may use the ones before it."""
    outputs: list[Output] = []
    openings: list[Opening] = []
    anything: Sources | None = None
    lateral = scope.in_select_list = scope.run.traits.lateral_aliases
    for position, item in enumerate(node.expressions):
        star = star_of(item)
        if star is not None and scope.rows_only:
            continue
        if star is not None:
            expanded, opened = expand(item, star, scope)
            known = _tables(openings)
            openings += [replace(each, place=len(outputs) + each.place) for each in opened if each.table not in known]
            outputs += expanded
            anything = _anything(item, anything, scope)
            continue
        made = _outputs(item, position, scope)
        outputs += made
        if lateral and isinstance(item, (exp.Alias, exp.Aliases)):
            for output in made:
                scope.aliases.setdefault(scope.run.rules.key(output.name), output)
    scope.in_select_list = False
    answer = relation(outputs, scope.run.rules.key, tuple(openings), scope.rows)
    answer.anything = anything
    return answer


def _anything(item: exp.Expr, found: Sources | None, scope: Scope) -> Sources | None:
    """A star over a file or a function whose columns have no known names passes on whatever is asked for."""
    table = item.args.get("table") if isinstance(item, exp.Column) else None
    items = [scope.relations.get(alias_key(table, scope))] if table is not None else scope.relations.values()
    for each in items:
        if each is not None and each.anything is not None:
            found = dict(found or {})
            merge(found, each.anything)
    return found


def _tables(openings: Sequence[Opening]) -> set[Table]:
    return {opening.table for opening in openings}


def _outputs(item: exp.Expr, position: int, scope: Scope) -> list[Output]:
    if isinstance(item, exp.QueryTransform):
        return _transform(item, scope)
    if isinstance(item, exp.Aliases):
        sources = sources_of(item.this, scope)
        return [Output(output_name(alias, scope), sources, item.this) for alias in item.aliases]
    name, body = _named(item, position, scope)
    if isinstance(body, exp.Column) and isinstance(body.this, exp.Identifier):
        return [_copied(name, body, scope)]
    return [_computed(name, body, scope)]


def _transform(item: exp.Expr, scope: Scope) -> list[Output]:
    """Hive: what a script makes of its input; without a list its columns are `key` and `value`."""
    sources: Sources = {}
    for part in item.expressions:
        gather(part, sources, scope, tags.TRANSFORMATION)
    schema = item.args.get("schema")
    names = [part.this if isinstance(part, exp.ColumnDef) else part for part in schema.expressions] if schema else []
    return [Output(output_name(name, scope), sources, item) for name in names or ("key", "value")]


def _computed(name: str, body: exp.Expr, scope: Scope) -> Output:
    return Output(name, sources_of(body, scope), body, fields_of(body, scope))


def _copied(name: str, column: exp.Column, scope: Scope) -> Output:
    """A column that is passed on keeps the expression that made it."""
    found = own_column(column, scope) or resolve(column, (), scope)
    sources: Sources = {}
    add_output(found, tags.IDENTITY, sources, scope)
    if found is None:
        return Output(name, sources)
    return Output(name, sources, found.node, found.fields or fields_of(column, scope))


def _named(item: exp.Expr, position: int, scope: Scope) -> tuple[str, exp.Expr]:
    if isinstance(item, exp.Alias):
        return output_name(item.args["alias"], scope), item.this
    if isinstance(item, exp.Column):
        return output_name(item.this, scope), item
    assigns = isinstance(item, exp.PropertyEQ) or (isinstance(item, exp.EQ) and scope.run.dialect in ("tsql", "fabric"))
    if assigns and isinstance(item.this, (exp.Column, exp.Identifier)):  # T-SQL: `SELECT name = expression`
        return output_name(_last_identifier(item.this), scope), item.expression
    if isinstance(item, exp.Dot):
        return output_name(item.expression, scope), item
    return output_name(item.output_name, scope) or f"_col_{position}", item


def _last_identifier(node: exp.Expr) -> exp.Expr:
    last: exp.Expr = (
        node.expression if isinstance(node, exp.Dot) else node.this if isinstance(node, exp.Column) else node
    )
    return last
