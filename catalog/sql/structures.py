"""Fields of values that a query itself builds: structs, whole rows, and arrays of either."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, resolve
from catalog.sql.expressions import gather, sources_of
from catalog.sql.names import identifier_name
from catalog.sql.relations import Output, Relation, Sources, merge, relation
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
_WITH_FIELDS: Final = (exp.Struct, exp.Array, exp.Column, *_WRAPPING, *_PICKING)


def fields_of(node: exp.Expr, scope: Scope) -> Relation | None:
    """Returns the fields of what an expression builds, or of one element of it; None if it has none that are known."""
    if not scope.run.traits.struct_paths or not isinstance(node, _WITH_FIELDS):
        return None
    operation = tags.IDENTITY
    order: Sources = {}
    while isinstance(node, (*_WRAPPING, *_PICKING)):
        if isinstance(node, _PICKING):
            operation = tags.AGGREGATION
        if isinstance(node, exp.Order):  # which element comes first is a matter of the order
            for key in node.expressions:
                gather(key, order, scope, tags.CONDITIONAL)
        node = node.this
    found = _inside(node, scope)
    return None if found is None else _through(found, operation, order, scope)


def _inside(node: exp.Expr, scope: Scope) -> Relation | None:
    if isinstance(node, exp.Struct):
        return _struct(node, scope)
    if isinstance(node, exp.Column):
        return _of_column(node, scope)
    return _of_array(node, scope) if isinstance(node, exp.Array) else None


def _of_array(node: exp.Expr, scope: Scope) -> Relation | None:
    """An element of `[STRUCT(..), STRUCT(..)]` has the fields of the first, each from any of them."""
    elements = [fields_of(element, scope) for element in node.expressions]
    if not elements or any(element is None for element in elements):
        return None
    rows = [list(element.outputs) for element in elements if element is not None]
    outputs = []
    for fields in zip(*rows, strict=False):
        sources: Sources = {}
        for field in fields:
            merge(sources, field.sources)
        outputs.append(Output(fields[0].name, sources, fields=fields[0].fields if len(fields) == 1 else None))
    return relation(outputs, scope.run.rules.key)


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


def _through(found: Relation, operation: int, order: Sources, scope: Scope) -> Relation:
    if operation == tags.IDENTITY and not order:
        return found
    through = tags.THROUGH[operation]
    outputs = []
    for output in found.outputs:
        sources = {c: through[flags & tags.KIND_BITS] | flags & ~tags.KIND_BITS for c, flags in output.sources.items()}
        merge(sources, order)
        outputs.append(Output(output.name, sources, fields=output.fields))
    return relation(outputs, scope.run.rules.key, found.openings)
