"""What one request may cost, worked out before anything is validated or run.

Cost follows the lists: what stands below a field with `first: 50` counts fifty times, through fragments too. Each fragment is
weighed once for each type it stands on, so that fragments of fragments cannot make the weighing itself expensive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
)

from catalog.model.errors import TooCostlyError, UsageError

LEAF: Final = 1
OBJECT: Final = 5
CONNECTION: Final = 10
UNSIZED: Final = 10
"""How many items a list without `first` is taken for."""

WEIGHTS: Final[Mapping[str, int]] = {
    "lineage": 500, "lineagePath": 500, "impact": 500, "provenance": 500, "attestation": 1000, "diff": 1000, "coverage": 500,
    "check": 5000, "rootCause": 2000, "modelCard": 1000, "checkRuns": 200, "decisionHistory": 200,
    "search": 200, "glossarySearch": 200,
}  # fmt: skip
"""Root fields that ask the store more than once or twice; others weigh `ROOT`."""

ROOT: Final = 50
EDIT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold, and how long it may take."""

    tokens: int = 1_000
    depth: int = 12
    introspection_depth: int = 20
    aliases: int = 30
    cost: int = 200_000
    seconds: float = 10.0
    body_bytes: int = 256 * 1024
    event_bytes: int = 10 * 2**20
    unpacked_bytes: int = 64 * 2**20
    page: int = 200
    ref_chars: int = 1_000
    text_chars: int = 500


class _Weight(NamedTuple):
    cost: int = 0
    height: int = 0
    aliases: int = 0

    def beside(self, other: _Weight) -> _Weight:
        return _Weight(self.cost + other.cost, max(self.height, other.height), self.aliases + other.aliases)


def parsed(text: str, limits: Limits) -> DocumentNode:
    """Returns the document of a query.

    Raises:
        TooCostlyError: it is longer or nested deeper than a query may be.
        GraphQLError: it is no GraphQL.
    """
    try:
        return parse(text, max_tokens=limits.tokens)
    except RecursionError as err:
        raise _too_deep(limits.depth) from err
    except GraphQLError as err:
        if "Parsing aborted" not in err.message:
            raise
        if "tokens" not in err.message:
            raise _too_deep(limits.depth) from err
        raise TooCostlyError(
            f"The query has more than {limits.tokens} words and signs. Ask in several requests."
        ) from err


def cost(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], limits: Limits) -> int:
    """Returns what the dearest operation of a document costs.

    Raises:
        TooCostlyError: it is over a limit; which and by how much is said.
        UsageError: a fragment holds itself.
    """
    weigher = _Weigher(schema, document, variables, limits)
    found = [weigher.operation(d) for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    worst = max((weight.cost for weight in found), default=0)
    aliases = max((weight.aliases for weight in found), default=0)
    if aliases > limits.aliases:
        raise TooCostlyError(
            f"The query has {aliases} aliases: expected at most {limits.aliases}. Ask in several requests."
        )
    if worst > limits.cost:
        raise TooCostlyError(
            f"The query costs {worst}: expected at most {limits.cost}. Ask for fewer items with `first`, or in steps."
        )
    return worst


def _too_deep(depth: int) -> TooCostlyError:
    return TooCostlyError(f"The query is nested deeper than {depth} levels. Ask for what is below by its `ref`.")


class _Weigher:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], limits: Limits
    ) -> None:
        self._schema, self._variables, self._limits = schema, variables, limits
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[tuple[str, bool], _Weight] = {}
        self._open: set[str] = set()
        self._deepest = limits.depth

    def operation(self, node: OperationDefinitionNode) -> _Weight:
        root = self._schema.get_root_type(node.operation)
        asks_schema = _asks_schema(node.selection_set)
        self._deepest = self._limits.introspection_depth if asks_schema else self._limits.depth
        self._known.clear()
        return self._set(node.selection_set, root, 1, sized=False)

    def _set(self, node: SelectionSetNode, parent: GraphQLNamedType | None, depth: int, *, sized: bool) -> _Weight:
        if depth > self._deepest:
            raise _too_deep(self._deepest)
        total = _Weight()
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                total = total.beside(self._field(selection, parent, depth, sized))
            elif isinstance(selection, InlineFragmentNode):
                inner = self._condition(selection, parent)
                total = total.beside(self._set(selection.selection_set, inner, depth, sized=sized))
            elif isinstance(selection, FragmentSpreadNode):
                total = total.beside(self._spread(selection.name.value, depth, sized))
        return total

    def _condition(self, node: InlineFragmentNode, parent: GraphQLNamedType | None) -> GraphQLNamedType | None:
        return parent if node.type_condition is None else self._schema.get_type(node.type_condition.name.value)

    def _spread(self, name: str, depth: int, sized: bool) -> _Weight:
        fragment = self._fragments.get(name)
        if fragment is None:
            return _Weight()
        if name in self._open:
            raise UsageError(f"The fragment {name!r} holds itself. Take the spread out.")
        if (name, sized) not in self._known:
            self._open.add(name)
            inner = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name, sized] = self._set(fragment.selection_set, inner, depth, sized=sized)
            self._open.discard(name)
        found = self._known[name, sized]
        if depth + found.height - 1 > self._deepest:
            raise _too_deep(self._deepest)
        return found

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, depth: int, sized: bool) -> _Weight:
        field: GraphQLField | None = getattr(parent, "fields", {}).get(node.name.value)
        aliases = 1 if node.alias is not None else 0
        if node.selection_set is None:
            return _Weight(LEAF, 1, aliases)
        inner = None if field is None else get_named_type(field.type)
        asked = None if field is None else self._size(node, field)
        below = self._set(node.selection_set, inner, depth + 1, sized=asked is not None)
        times = asked if asked is not None else _unsized(field, sized)
        weight = self._weight(node, parent, inner)
        return _Weight(weight + times * (below.cost + OBJECT), below.height + 1, below.aliases + aliases)

    def _weight(self, node: FieldNode, parent: GraphQLNamedType | None, inner: GraphQLNamedType | None) -> int:
        if parent is not None and parent is self._schema.mutation_type:
            return EDIT
        if parent is not None and parent is self._schema.query_type and not node.name.value.startswith("__"):
            return WEIGHTS.get(node.name.value, ROOT)
        return CONNECTION if inner is not None and inner.name.endswith("Connection") else 0

    def _size(self, node: FieldNode, field: GraphQLField) -> int | None:
        """Returns how many items the caller asks for, as `first` or as a list of names; None if the field takes neither."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "first" in field.args:
            value: Any = given.get("first")
            if isinstance(value, VariableNode):
                value = self._variables.get(value.name.value, field.args["first"].default_value)
            elif isinstance(value, IntValueNode):
                value = int(value.value)
            else:
                value = field.args["first"].default_value
            return max(value, 1) if isinstance(value, int) else self._limits.page
        if "ids" in field.args:
            names: Any = given.get("ids")
            if isinstance(names, VariableNode):
                names = self._variables.get(names.name.value)
                return max(len(names), 1) if isinstance(names, list) else 1
            return max(len(names.values), 1) if isinstance(names, ListValueNode) else 1
        return None


def _unsized(field: GraphQLField | None, sized: bool) -> int:
    """A list of a field that was given its size above has that size; the sizes of others are not asked for."""
    if field is None or sized or not is_list_type(get_nullable_type(field.type)):
        return 1
    inner = get_named_type(field.type)
    return 1 if is_leaf_type(inner) or inner.name.startswith("__") else UNSIZED


def _asks_schema(node: SelectionSetNode) -> bool:
    return all(isinstance(s, FieldNode) and s.name.value.startswith("__") for s in node.selections)
