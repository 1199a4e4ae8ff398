"""A query evaluates to a relation: its output columns with their sources, and what decides about its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name
from catalog.sql.expressions import gather, sources_of
from catalog.sql.from_items import add_from, add_join, is_from_item
from catalog.sql.pivots import match_rows, pivot_statement
from catalog.sql.relations import Opening, Output, Relation, Sources, merge, merge_rows, relation
from catalog.sql.scopes import Scope
from catalog.sql.select_list import fill_select_list
from catalog.sql.stars import rename

Rule = Callable[[exp.Expr, Scope], Relation]
EMPTY: Final = Relation(())
_MODIFYING: Final = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def evaluate(node: exp.Expr, scope: Scope) -> Relation:
    """Returns the relation that a query makes; `scope` is its own and still empty."""
    with_ = node.args.get("with_")
    if with_ is not None:
        add_ctes(with_, scope)
    rule = _QUERIES.get(node.__class__) or _find_rule(node.__class__)
    return rule(node, scope)


def _find_rule(cls: type[exp.Expr]) -> Rule:
    rule = _QUERIES[cls] = next((_QUERIES[base] for base in cls.__mro__ if base in _QUERIES), _not_understood)
    return rule


def _not_understood(node: exp.Expr, scope: Scope) -> Relation:
    scope.run.report("unsupported", f"a query of kind {node.key!r} is not understood", node)
    return EMPTY


def add_ctes(with_: exp.Expr, scope: Scope) -> None:
    """Makes the common table expressions known to `scope`, each seeing those before it."""
    scope.ctes = dict(scope.ctes)
    for cte in with_.expressions:
        key = alias_key(cte.args["alias"].this, scope)
        if cte.args.get("scalar"):  # ClickHouse: WITH expression AS name
            scope.run.macros[key] = cte.this
            continue
        names = column_names(cte, scope)
        scope.ctes[key] = _cte(cte.this, key, names, scope)


def _cte(body: exp.Expr, key: str, names: Sequence[str], scope: Scope) -> Relation:
    inside = Scope(scope.run, scope.outer, scope.ctes, named=True)
    if isinstance(body, exp.SetOperation) and _names_table(body.expression, key, scope):
        return _recursive(body, key, names, inside)
    if isinstance(body, _MODIFYING):
        from catalog.sql.modifying import evaluate_modification  # that module evaluates queries in turn

        answer = evaluate_modification(body, inside)
        for table in (opening.table for opening in answer.openings):
            scope.run.gathered.read(table)
        for column in (column for output in answer.outputs for column in output.sources):
            scope.run.gathered.read(column.table)
            scope.run.gathered.read_column(*column)
    else:
        answer = evaluate(body, inside)
    return rename(answer, names, scope)


def _names_table(body: exp.Expr, key: str, scope: Scope) -> bool:
    return any(alias_key(table.this, scope) == key and not table.db for table in body.find_all(exp.Table))


def _recursive(body: exp.SetOperation, key: str, names: Sequence[str], scope: Scope) -> Relation:
    """Evaluates until no column gains a source: what the recursion passes from column to column is found, too."""
    anchor = rename(evaluate(body.this, scope.branch()), names, scope)
    found = anchor
    for _ in range(len(anchor.outputs) + 2):
        step = Scope(scope.run, scope.outer, {**scope.ctes, key: found}, named=True)
        answer = rename(evaluate(body, step), names, scope)
        scope.run.budget.spend(sum(len(output.sources) for output in answer.outputs))
        stable = [o.sources for o in answer.outputs] == [o.sources for o in found.outputs]
        found = answer
        if stable:
            break
    return found


def column_names(item: exp.Expr, scope: Scope) -> list[str]:
    """Returns the column list of an alias: `AS t (a, b)`."""
    alias = item.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return []
    names = [column.this if isinstance(column, (exp.ColumnDef, exp.Column)) else column for column in alias.columns]
    return [output_name(name, scope) for name in names]


# ---------------------------------------------------------------- set operations, values


def _subquery(node: exp.Expr, scope: Scope) -> Relation:
    inner = node.this
    if is_from_item(inner):
        add_from(inner, scope)
        rows = dict(scope.rows)
        own = [output for item in scope.relations.values() for output in item.outputs]
        outputs = [*scope.merged.values(), *(o for o in own if scope.run.rules.key(o.name) not in scope.merged)]
        openings = tuple(opening for item in scope.relations.values() for opening in item.openings)
        return relation(outputs, scope.run.rules.key, openings, rows)
    answer = evaluate(inner, scope)
    if node.args.get("order") is not None or node.args.get("limit") is not None:
        _order(node, scope, answer)
    return answer


def _set_operation(node: exp.Expr, scope: Scope) -> Relation:
    # A chain of UNIONs leans to the left: walk down it, so that its length is no depth.
    branches: list[tuple[exp.Expr, exp.Expr]] = []
    left = node
    while isinstance(left, exp.SetOperation) and (left is node or left.args.get("with_") is None):
        branches.append((left, left.expression))
        left = left.this
    answer = evaluate(left, scope.branch())
    united: list[Relation] = []
    for operation, branch in reversed(branches):
        right = evaluate(branch, scope.branch())
        if isinstance(operation, exp.Union) and not operation.args.get("by_name"):
            united.append(right)  # a run of them is put together at once: one by one each would copy all before it
            continue
        answer, united = _combined(operation, _united(node, answer, united, scope), right, scope), []
    answer = _united(node, answer, united, scope)
    if node.args.get("order") is not None:
        _order(node, scope, answer)
    return answer


def _combined(node: exp.Expr, left: Relation, right: Relation, scope: Scope) -> Relation:
    if isinstance(node, exp.Intersect) and not node.args.get("by_name"):
        answer = _united(node, left, [right], scope)
        _filter_by(answer.rows, left, right)
        return answer
    scope.run.budget.spend(len(left.outputs) + len(right.outputs) + len(right.rows))
    rows = dict(left.rows)
    merge(rows, right.rows)
    if isinstance(node, (exp.Except, exp.Intersect)):
        _filter_by(rows, left, right)
    if isinstance(node, exp.Except):
        return relation(left.outputs, scope.run.rules.key, left.openings, rows)
    return _by_name(left, right, rows, scope)


def _filter_by(rows: Sources, left: Relation, right: Relation) -> None:
    for output in (*left.outputs, *right.outputs):
        merge_rows(rows, output.sources, tags.FILTER)


def _united(node: exp.Expr, first: Relation, others: Sequence[Relation], scope: Scope) -> Relation:
    """Puts the columns of several queries together by their places."""
    if not others:
        return first
    rows = dict(first.rows)
    for other in others:
        scope.run.budget.spend(len(first.outputs) + len(other.outputs) + len(other.rows))
        merge(rows, other.rows)
        _check_width(node, first, other, scope)
    outputs = [
        _one(output, [_at(other, i) for other in others] if i < first.placed else ())
        for i, output in enumerate(first.outputs)
    ]
    return relation(outputs, scope.run.rules.key, _united_openings(first, others), rows)


def _at(answer: Relation, position: int) -> Output | None:
    return answer.outputs[position] if position < answer.placed else None


def _check_width(node: exp.Expr, left: Relation, right: Relation, scope: Scope) -> None:
    if left.is_open or right.is_open:
        if left.outputs or right.outputs:
            scope.run.report(
                "star", "a set operation over a star with unknown columns cannot be matched by position", node
            )
    elif len(left.outputs) != len(right.outputs):
        scope.run.report("unresolved", "the branches of a set operation differ in their number of columns", node)


def _one(output: Output, others: Sequence[Output | None]) -> Output:
    sources = dict(output.sources)
    node = output.node
    for other in others:
        if other is not None:
            merge(sources, other.sources)
            node = node or other.node
    return Output(output.name, sources, node)


def _united_openings(left: Relation, others: Sequence[Relation]) -> tuple[Opening, ...]:
    opened = [opening for other in others for opening in other.openings]
    if not left.openings or not opened:
        return left.openings
    first = left.openings[0]
    # Each table once, however often the branches are united again.
    also = dict.fromkeys((*first.also, *(branch for opening in opened for branch in (opening.alone(), *opening.also))))
    also.pop(first.alone(), None)
    return (replace(first, also=tuple(also)), *left.openings[1:])


def _by_name(left: Relation, right: Relation, rows: Sources, scope: Scope) -> Relation:
    key = scope.run.rules.key
    outputs = [_one(output, [right.by_key.get(key(output.name))]) for output in left.outputs]
    outputs += [output for output in right.outputs if key(output.name) not in left.by_key]
    return relation(outputs, key, _united_openings(left, [right]) or right.openings, rows)


def _values(node: exp.Expr, scope: Scope) -> Relation:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    columns: list[Sources] = [{} for _ in range(max(map(len, rows), default=0))]
    for row in rows:
        for position, cell in enumerate(row):
            gather(cell, columns[position], scope)
    outputs = [Output(f"column{i}", sources) for i, sources in enumerate(columns, 1)]
    return relation(outputs, scope.run.rules.key, (), scope.rows)


def _table(node: exp.Expr, scope: Scope) -> Relation:
    """`TABLE t`, and `FROM t` of dialects where it is a query."""
    add_from(node, scope)
    (only,) = list(scope.relations.values())[:1] or (EMPTY,)
    return relation(only.outputs, scope.run.rules.key, only.openings, scope.rows)


def _pivot(node: exp.Expr, scope: Scope) -> Relation:
    """DuckDB's PIVOT and UNPIVOT as statements."""
    add_from(node.this, scope)
    answer = pivot_statement(node, scope)
    merge(answer.rows, scope.rows)
    return answer


# ---------------------------------------------------------------- SELECT


def _select(node: exp.Expr, scope: Scope) -> Relation:
    scope.run.budget.spend(1 + len(node.expressions))
    scope.aliases_first = scope.run.traits.aliases_first
    _fill_from(node, scope)
    match = node.args.get("match")
    if match is not None:
        match_rows(match, scope)
    for window in node.args.get("windows") or ():
        scope.windows[window.this.name.lower()] = window
    answer = fill_select_list(node, scope)
    if not scope.run.traits.lateral_aliases:
        _where(node, scope)
    scope.aliases = answer.by_key | scope.aliases
    if scope.run.traits.lateral_aliases:
        _where(node, scope)
    _group(node, scope, answer)
    for clause in ("having", "qualify"):
        _condition(node.args.get(clause), tags.FILTER, scope)
    _distinct(node, scope, answer)
    _connect(node, scope)
    _order(node, scope, answer)
    for clause in ("limit", "offset"):
        gather(node.args.get(clause), {}, scope)
    return answer


def _fill_from(node: exp.Expr, scope: Scope) -> None:
    from_ = node.args.get("from_")
    if from_ is not None:
        add_from(from_.this, scope)
    laterals, joins = node.args.get("laterals") or [], node.args.get("joins") or []
    # Spark's LATERAL VIEW may stand before or behind a join: each sees what is written before it.
    for item in sorted([*laterals, *joins], key=_place) if laterals and joins else laterals or joins:
        if isinstance(item, exp.Join):
            add_join(item, scope)
        else:
            add_from(item, scope)


def _place(item: exp.Expr) -> int:
    name = item.find(exp.Identifier)
    return int(name.meta.get("start") or 0) if name is not None else 0


def _condition(node: exp.Expr | None, kind: int, scope: Scope) -> None:
    if node is not None:
        merge_rows(scope.rows, sources_of(node, scope), kind)


def _where(node: exp.Expr, scope: Scope) -> None:
    for clause in ("prewhere", "where"):
        _condition(node.args.get(clause), tags.FILTER, scope)


def _connect(node: exp.Expr, scope: Scope) -> None:
    connect = node.args.get("connect")
    if connect is not None:
        _condition(connect.args.get("start"), tags.FILTER, scope)
        _condition(connect.args.get("connect"), tags.JOIN, scope)


def _group(node: exp.Expr, scope: Scope, answer: Relation) -> None:
    group = node.args.get("group")
    if group is None:
        return
    if group.args.get("all"):
        for output in answer.outputs:
            if not any(flags >> tags.AGGREGATION & 1 for flags in output.sources.values()):
                merge_rows(scope.rows, output.sources, tags.GROUP_BY)
    for key in ("expressions", "grouping_sets", "cube", "rollup"):
        for item in group.args.get(key) or ():
            _ranked(item, tags.GROUP_BY, scope, answer)


def _ranked(item: exp.Expr, kind: int, scope: Scope, answer: Relation) -> None:
    """A key of GROUP BY or ORDER BY: an ordinal, or an expression."""
    if isinstance(item, exp.Ordered):
        item = item.this
    if isinstance(item, exp.Literal) and not item.is_string and item.name.isdigit():
        position = int(item.name) - 1
        if position < len(answer.outputs) and not answer.is_open:
            merge_rows(scope.rows, answer.outputs[position].sources, kind)
        return
    merge_rows(scope.rows, sources_of(item, scope), kind)


def _distinct(node: exp.Expr, scope: Scope, answer: Relation) -> None:
    distinct = node.args.get("distinct")
    if distinct is None:
        return
    on = distinct.args.get("on")
    if on is not None:
        _condition(on, tags.GROUP_BY, scope)
        return
    for output in answer.outputs:
        merge_rows(scope.rows, output.sources, tags.GROUP_BY)


def _order(node: exp.Expr, scope: Scope, answer: Relation) -> None:
    for clause in ("order", "sort", "cluster", "distribute"):
        order = node.args.get(clause)
        for item in order.expressions if order is not None else ():
            _ordered(item, scope, answer)
    if not isinstance(node, exp.Select):
        merge(answer.rows, scope.rows)


def _ordered(item: exp.Expr, scope: Scope, answer: Relation) -> None:
    """A bare name in ORDER BY is an output first, a column after that."""
    inner = item.this if isinstance(item, exp.Ordered) else item
    if isinstance(inner, exp.Column) and not inner.table:
        output = answer.by_key.get(alias_key(inner.this, scope))
        if output is not None:
            merge_rows(scope.rows, output.sources, tags.SORT)
            return
        if not scope.relations:
            return
    _ranked(item, tags.SORT, scope, answer)


def _modification(node: exp.Expr, scope: Scope) -> Relation:
    """T-SQL: FROM (MERGE .. OUTPUT ..) has the rows that it gives back."""
    from catalog.sql.modifying import evaluate_modification  # that module evaluates queries in turn

    return evaluate_modification(node, scope)


_QUERIES: Final[dict[type, Rule]] = {
    exp.Select: _select,
    exp.SetOperation: _set_operation,
    exp.Subquery: _subquery,
    exp.Paren: _subquery,
    exp.Values: _values,
    exp.Table: _table,
    exp.Pivot: _pivot,
    **dict.fromkeys(_MODIFYING, _modification),
}
