"""What stands before a dot: a struct that the text builds, or the value that a method is called on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from catalog.sql.columns import alias_key, member
from catalog.sql.names import identifier_name
from catalog.sql.relations import Output
from catalog.sql.scopes import Scope

_XML_METHODS: Final = frozenset({"value", "query", "exist", "nodes", "modify", "tostring", "stastext", "stasbinary"})
"""T-SQL's methods of columns: what stands before any other call without an alias is a schema."""

_SCHEMAS: Final = frozenset({"main", "system", "temp", "pg_catalog", "information_schema"})
"""DuckDB's: functions may be written behind one."""


def built_field(head: exp.Expr, path: Sequence[exp.Identifier], scope: Scope) -> Output | None:
    """Returns a field of a struct that the expression itself builds; None if the field is not known."""
    from catalog.sql.structures import fields_of  # that module evaluates expressions in turn

    built = fields_of(head, scope)
    return member(built, path, scope) if built is not None else None


def subject(head: exp.Expr, path: Sequence[exp.Identifier], call: exp.Expr, scope: Scope) -> exp.Expr | None:
    """Returns the value that a method is called on; None if it is but the function's package or schema.

    The parser takes the names before a call for those of a schema, within a subquery too: they are made columns again.
    """
    if isinstance(head, exp.Column):
        return _column([*head.parts, *path])
    if not isinstance(head, exp.Identifier):
        return _restored(head)
    return _column([head, *path]) if _is_column(head, path, call, scope) else None


def _is_column(head: exp.Identifier, path: Sequence[exp.Identifier], call: exp.Expr, scope: Scope) -> bool:
    if path:
        key = alias_key(head, scope)
        level: Scope | None = scope
        while level is not None:
            if key in level.relations:
                return True
            level = level.outer
        return False
    if scope.run.dialect == "duckdb":
        return identifier_name(head)[0].lower() not in _SCHEMAS
    return scope.run.dialect in ("tsql", "fabric") and call.name.lower() in _XML_METHODS


def _column(parts: Sequence[exp.Expr]) -> exp.Expr:
    keys = ("this", "table", "db", "catalog")
    column: exp.Expr = exp.Column(**dict(zip(keys, reversed(parts[:4]), strict=False)))
    for part in parts[4:]:
        column = exp.Dot(this=column, expression=part)
    return column


def _restored(head: exp.Expr) -> exp.Expr:
    for node in list(head.walk()):
        names = _chain(node)
        if names and not _is_name(node):
            node.replace(_column([name.copy() for name in names]))
    return head


def _chain(node: exp.Expr) -> list[exp.Expr]:
    """Returns the identifiers of `a` or `a.b.c`; nothing for any other expression."""
    names: list[exp.Expr] = []
    while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        names.append(node.expression)
        node = node.this
    return [node, *reversed(names)] if isinstance(node, exp.Identifier) else []


def _is_name(node: exp.Expr) -> bool:
    parent = node.parent
    if isinstance(parent, (exp.Alias, exp.Window)):
        return node.arg_key == "alias"
    return isinstance(parent, _NAMING)


_NAMING: Final = (
    exp.Dot,
    exp.Column,
    exp.Table,
    exp.TableAlias,
    exp.CTE,
    exp.Schema,
    exp.ColumnDef,
    exp.DataType,
    exp.Lambda,
    exp.Kwarg,
    exp.PropertyEQ,
)
"""Nodes whose identifiers are names and no values."""
