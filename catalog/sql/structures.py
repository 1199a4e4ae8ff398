"""Fields of values that a query itself builds: structs, whole rows, and arrays of either."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, resolve
from catalog.sql.expressions import sources_of
from catalog.sql.names import identifier_name
from catalog.sql.relations import Output, Relation, relation
from catalog.sql.scopes import Scope

_WRAPPING: Final = (
    exp.Paren,
    exp.Alias,
    exp.Bracket,
    exp.Order,
    exp.Limit,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Ordered,
)
_PICKING: Final = (exp.ArrayAgg, exp.AnyValue, exp.First, exp.Last)
_WITH_FIELDS: Final = (exp.Struct, exp.Column, *_WRAPPING, *_PICKING)


def fields_of(node: exp.Expr, scope: Scope) -> Relation | None:
    """Returns the fields of what an expression builds, or of one element of it; None if it has none that are known."""
    if not scope.run.traits.struct_paths or not isinstance(node, _WITH_FIELDS):
        return None
    operation = tags.IDENTITY
    while isinstance(node, (*_WRAPPING, *_PICKING)):
        if isinstance(node, _PICKING):
            operation = tags.AGGREGATION
        node = node.this
    if isinstance(node, exp.Struct):
        return _through(_struct(node, scope), operation, scope)
    return _through(_of_column(node, scope), operation, scope) if isinstance(node, exp.Column) else None


def _struct(node: exp.Expr, scope: Scope) -> Relation:
    outputs = []
    for position, item in enumerate(node.expressions):
        named = item.this if isinstance(item, exp.PropertyEQ) else item.args.get("alias") or item.output_name
        body = item.expression if isinstance(item, exp.PropertyEQ) else item
        name = scope.run.rules.column(*identifier_name(named)) or f"_field_{position}"
        outputs.append(Output(name, sources_of(body, scope), fields=fields_of(body, scope)))
    return relation(outputs, scope.run.rules.key)


def _of_column(node: exp.Expr, scope: Scope) -> Relation | None:
    key = alias_key(node.this, scope)
    is_alias = not node.args.get("table") and key in scope.relations
    if is_alias and not any(key in item.by_key for item in scope.relations.values()):
        return scope.relations[key]
    if not any(item.nested for item in scope.relations.values()):
        return None
    found = resolve(node, (), scope)
    return found.fields if found is not None else None


def _through(found: Relation | None, operation: int, scope: Scope) -> Relation | None:
    if found is None or operation == tags.IDENTITY:
        return found
    through = tags.THROUGH[operation]
    outputs = [
        Output(
            output.name,
            {c: through[flags & tags.KIND_BITS] | flags & ~tags.KIND_BITS for c, flags in output.sources.items()},
            fields=output.fields,
        )
        for output in found.outputs
    ]
    return relation(outputs, scope.run.rules.key, found.openings)
