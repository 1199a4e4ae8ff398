"""Assignments: `SET a = expression` and `SET (a, b) = (x, y)`."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from catalog.sql.columns import output_name
from catalog.sql.expressions import sources_of
from catalog.sql.queries import evaluate
from catalog.sql.relations import Output, merge
from catalog.sql.scopes import Scope


def assignments(items: Iterable[exp.Expr], scope: Scope) -> Iterable[Output]:
    """Evaluates `a = expression` and `(a, b) = (x, y)`."""
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        left, right = item.this, item.expression
        if isinstance(left, exp.Parameter):  # T-SQL: SET @v = expression, SET @v = column = expression
            yield from assignments([right], scope)
            continue
        if isinstance(left, exp.Tuple):
            yield from _tuple_assignment(left, right, scope)
        else:
            body = None if isinstance(right, exp.Column) else right
            yield Output(assigned_name(left, scope), sources_of(right, scope), body)


def assigned_name(left: exp.Expr, scope: Scope) -> str:
    while isinstance(left, (exp.Dot, exp.Bracket)):
        left = left.this  # `SET a.b = ..` and `a[1] = ..` change the column a
    return output_name(left.this if isinstance(left, exp.Column) else left, scope)


def _tuple_assignment(left: exp.Tuple, right: exp.Expr, scope: Scope) -> Iterable[Output]:
    names = [assigned_name(part, scope) for part in left.expressions]
    if isinstance(right, (exp.Tuple, exp.Anonymous, exp.Struct)):  # (x, y), ROW (x, y)
        for name, part in zip(names, right.expressions, strict=False):
            yield Output(name, sources_of(part, scope), part)
        return
    if isinstance(right, (exp.Query, exp.Subquery)):
        answer = evaluate(right, scope.inner())
        merge(scope.rows, answer.rows)
        for name, output in zip(names, answer.outputs, strict=False):
            yield Output(name, output.sources, output.node)
