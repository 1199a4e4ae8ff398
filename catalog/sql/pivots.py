"""PIVOT and UNPIVOT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name
from catalog.sql.expressions import gather, sources_of
from catalog.sql.relations import Output, Relation, Sources, merge_rows, relation
from catalog.sql.scopes import Scope


def pivoted(source: Relation, pivot: exp.Expr, name: str, scope: Scope) -> Relation:
    """Returns the relation after one PIVOT or UNPIVOT, `name` being the source's; its alias list renames by position."""
    inside = scope.beside()
    inside.add("\0pivot", source)
    inside.versions[name] = source
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
    """The rows are grouped by the kept columns and by the keys; each key's value then has columns of its own."""
    fields = [field for field in pivot.args.get("fields") or () if isinstance(field, exp.In)]
    keys = [field.this for field in fields]
    used = _used([*pivot.expressions, *keys], scope)
    values = [sources_of(item, scope) for item in pivot.expressions]
    names = _names(pivot, fields, scope)
    group = pivot.args.get("group")
    grouped = _kept(source, used, scope) if group is None else _keys(group.expressions, scope)
    outputs = grouped + [
        Output(name, values[i % len(values)], pivot.expressions[i % len(values)])
        for i, name in enumerate(names)
        if values
    ]
    rows = dict(source.rows)
    for by in [*(output.sources for output in grouped), *(sources_of(key, scope) for key in keys)]:
        merge_rows(rows, by, tags.GROUP_BY)
    for query in (entry for field in fields for entry in field.expressions if isinstance(entry, exp.Query)):
        gather(query, {}, scope)
    openings = tuple(replace(o, hidden=o.hidden | used) for o in source.openings) if group is None else ()
    made = relation(outputs, scope.run.rules.key, openings, rows)
    if not names:
        made.anything = _any_of(values)
    return made


def _keys(nodes: Sequence[exp.Expr], scope: Scope) -> list[Output]:
    return [Output(output_name(_identifier(node), scope), sources_of(node, scope)) for node in nodes]


def _any_of(values: Sequence[Sources]) -> Sources:
    """The sources of a column whose name only the data tells."""
    return {column: flags | tags.ALL_ARGUMENTS for value in values for column, flags in value.items()}


def _names(pivot: exp.Expr, fields: Sequence[exp.Expr], scope: Scope) -> list[str]:
    if any(isinstance(entry, exp.Query) for field in fields for entry in field.expressions):
        return []
    names = [output_name(part, scope) for part in pivot.args.get("columns") or ()]
    if scope.run.dialect != "oracle" or len(fields) != 1:
        return names
    # Oracle names the column of a text without an alias by the literal, quotes and all.
    each = len(names) // max(len(fields[0].expressions), 1)
    for at, entry in enumerate(fields[0].expressions):
        if isinstance(entry, exp.Literal) and entry.is_string:
            start = at * each
            names[start : start + each] = [f"'{entry.name}'{name[len(entry.name) :]}" for name in names[start:][:each]]
    return names


def _unpivot(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    targets = [target for item in pivot.expressions for target in _cells(item)]
    values: list[Sources] = [{} for _ in targets]
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
    for item, sources in zip(targets, values, strict=True):
        outputs.append(Output(output_name(_identifier(item), scope), sources))
    hidden = _used(used, scope)
    openings = tuple(replace(o, hidden=o.hidden | hidden) for o in source.openings)
    rows = dict(source.rows)
    if not pivot.args.get("include_nulls"):
        for value in values:  # what is null makes no row
            merge_rows(rows, value, tags.FILTER)
    return relation(outputs, scope.run.rules.key, openings, rows)


def _cells(entry: exp.Expr) -> list[exp.Expr]:
    """The columns of one entry of `IN (a, (b, c) AS 'x')`."""
    if isinstance(entry, (exp.PivotAlias, exp.Alias)):
        entry = entry.this
    return list(entry.expressions) if isinstance(entry, exp.Tuple) else [entry]


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


# ---------------------------------------------------------------- statements of DuckDB


def pivot_statement(node: exp.Expr, scope: Scope) -> Relation:
    """Evaluates `PIVOT t ON a USING sum(b) GROUP BY c` over the table in the scope; without IN any name is a column."""
    source = next(iter(scope.relations.values()))
    if node.args.get("unpivot"):
        return _unpivot_statement(source, node, scope)
    keys = [item.this if isinstance(item, exp.In) else item for item in node.expressions]
    using = node.args.get("using") or []
    group = node.args.get("group")
    grouped = (
        _keys(group.expressions, scope) if group is not None else _kept(source, _used([*keys, *using], scope), scope)
    )
    values = [sources_of(item, scope) for item in using]
    made = relation([*grouped, *_pivoted_names(node, values, using)], scope.run.rules.key)
    for by in [*(output.sources for output in grouped), *(sources_of(key, scope) for key in keys)]:
        merge_rows(scope.rows, by, tags.GROUP_BY)
    if len(made.outputs) == len(grouped):
        made.anything = _any_of(values)
    return made


def _pivoted_names(node: exp.Expr, values: list[Sources], using: list[exp.Expr]) -> list[Output]:
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.In):
        return []
    outputs = []
    for entry in node.expressions[0].expressions:
        for item, value in zip(using, values, strict=True):
            suffix = f"_{item.alias}" if item.alias else f"_{item.sql().lower()}" if len(using) > 1 else ""
            outputs.append(Output(f"{entry.alias_or_name}{suffix}", value, item))
    return outputs


def _unpivot_statement(source: Relation, node: exp.Expr, scope: Scope) -> Relation:
    value: Sources = {}
    for item in node.expressions:
        gather(item, value, scope)
    if not node.args.get("include_nulls"):
        merge_rows(scope.rows, value, tags.FILTER)
    into = node.args.get("into")
    name = output_name(_identifier(into.this), scope) if into is not None else "name"
    values = [output_name(_identifier(part), scope) for part in into.expressions] if into is not None else ["value"]
    outputs = [*_kept(source, _used(list(node.expressions), scope), scope), Output(name, {})]
    return relation([*outputs, *(Output(each, value) for each in values)], scope.run.rules.key)


# ---------------------------------------------------------------- MATCH_RECOGNIZE


def match_rows(match: exp.Expr, scope: Scope) -> None:
    """Puts the rows that a pattern finds in place of the table in the scope."""
    key, source = list(scope.relations.items())[-1]
    inside = scope.beside()
    inside.add(key, source)
    parts = [*match.args.get("measures", ()), *match.args.get("define", ())]
    for column in (column for part in parts for column in part.find_all(exp.Column)):
        if column.table:  # the name of a part of the pattern stands for rows of the table
            inside.versions.setdefault(alias_key(column.args["table"], scope), source)
    measures = [measure.this for measure in match.args.get("measures") or ()]
    outputs = [Output(output_name(m.args["alias"], scope), sources_of(m.this, inside), m.this) for m in measures]
    partition = [
        Output(output_name(p.this, scope), sources_of(p, inside)) for p in match.args.get("partition_by") or ()
    ]
    rows = match.args.get("rows")
    kept = list(source.outputs) if rows is not None and rows.name.upper().startswith("ALL") else partition
    made = relation(
        [*kept, *outputs], scope.run.rules.key, source.openings if kept is not partition else (), source.rows
    )
    for part in match.args.get("define") or ():
        merge_rows(scope.rows, sources_of(part.this, inside), tags.FILTER)
    alias = match.args.get("alias")
    scope.relations.pop(key)
    scope.add(alias_key(alias.this, scope) if alias is not None and alias.this is not None else key, made)
