"""The columns that an expression draws on, and how.

One walk with an explicit stack: an entry is a node and the operation that everything above it amounts to, so that the
cost is linear in the tree and depth is no danger. What a class of node does to its parts is a row of `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, at_place, plain, relation_of, resolve, row_of
from catalog.sql.date_functions import NAMED, WITH_UNIT, dated_values, named_values
from catalog.sql.functions import AGGREGATES, MASKS, NAMING, PICKERS, RANKINGS, is_masking
from catalog.sql.methods import built_field, subject
from catalog.sql.relations import Output, Relation, Sources, merge
from catalog.sql.scopes import Scope

Stack = list[tuple[exp.Expr, int]]
Rule = Callable[[exp.Expr, int, Sources, Scope, Stack], None]


_FEW: Final = 8
"""So many sources of one column cost no more than the column."""


def gather(node: exp.Expr | None, into: Sources, scope: Scope, operation: int = tags.IDENTITY) -> None:
    """Adds the sources of an expression to `into`, as seen through `operation`."""
    if node is None:
        return
    stack: Stack = [(node, operation)]
    rules = RULES
    while stack:
        part, op = stack.pop()
        cls = part.__class__
        rule = rules.get(cls) or _find_rule(cls)
        rule(part, op, into, scope, stack)


def sources_of(node: exp.Expr | None, scope: Scope) -> Sources:
    found: Sources = {}
    gather(node, found, scope)
    return found


def children(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif value.__class__ is list:
            for item in value:
                if isinstance(item, exp.Expr):
                    yield item


def _spread(node: exp.Expr, operation: int, stack: Stack) -> None:
    """Pushes all parts of a node but the leaves that have no source."""
    for value in node.args.values():
        cls = value.__class__
        if cls is list:
            stack.extend([(item, operation) for item in value if isinstance(item, exp.Expr)])
        elif cls not in _LEAVES and isinstance(value, exp.Expr):
            stack.append((value, operation))


def _push(stack: Stack, node: object, operation: int) -> None:
    if isinstance(node, list):
        stack.extend((item, operation) for item in node if isinstance(item, exp.Expr))
    elif isinstance(node, exp.Expr):
        stack.append((node, operation))


# ---------------------------------------------------------------- rules


def _column(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    name = node.args["this"].__class__
    if name is exp.Identifier or name is exp.Dot:
        add_output(plain(node, scope) or resolve(node, (), scope), op, into, scope)
    else:
        relation = relation_of(node, scope)
        if relation is not None:
            add_output(_at(node.this, relation, scope), op, into, scope)


def _at(name: exp.Expr, relation: Relation, scope: Scope) -> Output | None:
    """Returns the whole row for `t.*`, a column by its place for Snowflake's `t.$1`."""
    if isinstance(name, exp.Star):
        return row_of(relation, "*", scope)
    place = name.this if isinstance(name, exp.Parameter) else None
    return at_place(int(place.name), [relation], scope) if isinstance(place, exp.Literal) else None


def add_output(found: Output | None, op: int, into: Sources, scope: Scope) -> None:
    """Adds the sources of what a column reference stands for, as seen through an operation."""
    if found is None:
        return
    through, kinds = tags.THROUGH[op], tags.KIND_BITS
    reads = scope.run.gathered.reads
    if len(found.sources) > _FEW:
        scope.run.budget.spend(len(found.sources))
    for source, flags in found.sources.items():
        into[source] = into.get(source, 0) | through[flags & kinds] | (flags & ~kinds) | tags.NAMED
        columns = reads.get(source[0])
        if columns is not None:
            columns[source[1]] = None


def _dot(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    head, fields = node, list[exp.Expr]()
    while isinstance(head, exp.Dot):
        fields.append(head.expression)
        head = head.this
    fields.reverse()
    path = _leading_names(fields)
    if isinstance(head, exp.Paren) and isinstance(head.this, exp.Column):
        head = head.this
    inner = tags.INSIDE[op][tags.TRANSFORMATION]
    if len(path) < len(fields):
        _push(stack, subject(head, path, fields[len(path)], scope), inner)
        _push(stack, [part for part in fields if not isinstance(part, exp.Identifier)], inner)
    elif isinstance(head, exp.Column):
        add_output(resolve(head, path, scope), op, into, scope)
    elif (built := built_field(head, path, scope)) is not None:
        add_output(built, op, into, scope)
    else:
        stack.append((head, inner))


def _leading_names(parts: Iterable[exp.Expr]) -> list[exp.Identifier]:
    names = []
    for part in parts:
        if not isinstance(part, exp.Identifier):
            break
        names.append(part)
    return names


def _nothing(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """A leaf without a source."""


def _same(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _spread(node, op, stack)


def _first_only(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, node.this, op)


def _transformed(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _spread(node, tags.INSIDE[op][tags.TRANSFORMATION], stack)


def _masked(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _spread(node, tags.INSIDE[op][tags.TRANSFORMATION + tags.MASKED], stack)


def _aggregated(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _spread(node, tags.INSIDE[op][tags.AGGREGATION], stack)


def _counted(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    inner = tags.INSIDE[op][tags.AGGREGATION + tags.MASKED]
    _push(stack, [part for part in children(node) if part.__class__ is not exp.Star], inner)


def _star(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """`f(*)` is given every column of every FROM item."""
    level: Scope | None = scope
    while level is not None and not level.relations:
        level = level.outer
    for relation in level.relations.values() if level is not None else ():
        add_output(row_of(relation, "*", scope), op, into, scope)


def _columns(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """DuckDB: an expression over COLUMNS(..) is one for each column."""
    scope.run.report("star", "COLUMNS(..) within an expression is not expanded", node)


def _comprehension(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """`[f(x) for x in list if g(x)]`: x is an element of the list."""
    inner = tags.INSIDE[op][tags.TRANSFORMATION]
    _push(stack, node.args.get("iterator"), inner)
    inside = scope.inner()
    inside.bound = frozenset(alias_key(part, scope) for part in node.expression.find_all(exp.Identifier))
    for part in (node.this, node.args.get("condition")):
        gather(part, into, inside, inner)


def _parameter(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """Snowflake: `$1` is the first column."""
    place = node.this
    if scope.run.dialect == "snowflake" and isinstance(place, exp.Literal) and not place.is_string:
        add_output(at_place(int(place.name), list(scope.relations.values()), scope), op, into, scope)
    else:
        _transformed(node, op, into, scope, stack)


def _anonymous(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    name = node.name.lower()
    if name == "values" and len(node.expressions) == 1 and (found := _to_be_inserted(node.expressions[0], scope)):
        add_output(found, op, into, scope)
        return
    if name in NAMING:
        return
    if name == "table":
        _given_rows(node, op, into, scope, stack)
        return
    kind = tags.AGGREGATION if name in AGGREGATES else tags.TRANSFORMATION
    inner = tags.INSIDE[op][kind + (tags.MASKED if is_masking(name) else 0)]
    _push(stack, named_values(node.expressions) if name in NAMED else node.expressions, inner)


def _dated(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, list(dated_values(node)), tags.INSIDE[op][tags.TRANSFORMATION])


def _given_rows(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """`f(TABLE(t))`: a table function is given every column of a table."""
    from catalog.sql.from_items import given_table  # that module evaluates expressions in turn

    found = given_table(exp.TableFromRows(this=node) if isinstance(node, exp.Table) else node, scope)
    if found is not None:
        add_output(row_of(found, "*", scope), tags.INSIDE[op][tags.TRANSFORMATION], into, scope)


def _to_be_inserted(column: exp.Expr, scope: Scope) -> Output | None:
    """MySQL: VALUES(c) in ON DUPLICATE KEY UPDATE is the value that was to be inserted into c."""
    level: Scope | None = scope
    while level is not None and "excluded" not in level.versions:
        level = level.outer
    if level is None:
        return None
    rules = scope.run.rules
    name = rules.column(column.name, False)
    return level.versions["excluded"].get(name, rules.key(name)) or Output(name, {})


def _order_in_aggregate(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, node.this, op)
    # The order decides which values come first: the aggregate's content is the same.
    _push(stack, node.expressions, tags.INSIDE[op][tags.CONDITIONAL])


def _within_group(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, node.this, op)
    order = node.args.get("expression")
    picks = isinstance(node.this, PICKERS)
    inner = tags.AGGREGATION if picks else tags.CONDITIONAL
    _push(stack, order.expressions if order is not None else None, tags.INSIDE[op][inner])


def _filtered(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, node.this, op)
    _push(stack, node.args.get("expression"), tags.INSIDE[op][tags.CONDITIONAL])


def _case(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    decides = tags.INSIDE[op][tags.CONDITIONAL]
    _push(stack, node.this, decides)
    for branch in node.args.get("ifs") or ():
        _push(stack, branch.this, decides)
        _push(stack, branch.args.get("true"), op)
    _push(stack, node.args.get("default"), op)


def _if(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _push(stack, node.this, tags.INSIDE[op][tags.CONDITIONAL])
    _push(stack, node.args.get("true"), op)
    _push(stack, node.args.get("false"), op)


def _coalesce(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    for child in children(node):
        _value_and_test(child, op, into, scope, stack)


def _value_and_test(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """The value of a part is taken, and decides whether it is. Looked at once: such parts may stand within each other."""
    operations = tags.INSIDE[op][tags.TRANSFORMATION], tags.INSIDE[op][tags.CONDITIONAL]
    if node.__class__ is exp.Column:
        stack += [(node, operation) for operation in operations]
        return
    found = sources_of(node, scope)
    for operation in operations:
        _add_through(operation, found, into)


def _add_through(operation: int, sources: Sources, into: Sources) -> None:
    through = tags.THROUGH[operation]
    for source, flags in sources.items():
        into[source] = into.get(source, 0) | through[flags & tags.KIND_BITS] | (flags & ~tags.KIND_BITS)


def _decode(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    subject, *pairs = node.expressions
    decides = tags.INSIDE[op][tags.CONDITIONAL]
    stack.append((subject, decides))
    for position, part in enumerate(pairs):
        is_result = position % 2 == 1 or position == len(pairs) - 1
        stack.append((part, op if is_result else decides))


def _nullif(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    _value_and_test(node.this, op, into, scope, stack)
    _push(stack, node.args["expression"], tags.INSIDE[op][tags.CONDITIONAL])


def _window(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    if not isinstance(_function_of(node), RANKINGS):
        _push(stack, node.this, tags.INSIDE[op][tags.TRANSFORMATION])
    _window_spec(node, tags.INSIDE[op][tags.WINDOW], scope, stack)


def _function_of(node: exp.Expr) -> exp.Expr:
    inner = node.this
    while isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls, exp.Filter)):
        inner = inner.this
    return inner  # type: ignore[no-any-return]


def _window_spec(node: exp.Expr, inner: int, scope: Scope, stack: Stack) -> None:
    _push(stack, node.args.get("partition_by"), inner)
    order = node.args.get("order")
    if order is not None:
        _push(stack, order.expressions, inner)
    alias = node.args.get("alias")
    named = scope.windows.get(alias.name.lower()) if isinstance(alias, exp.Expr) else None
    if named is not None and named is not node:
        _window_spec(named, inner, scope, stack)


def _lambda(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    keys = (scope.run.rules.key(scope.run.rules.column(part.name, False)) for part in node.expressions)
    inside = scope.inner()
    inside.bound = frozenset(keys)
    gather(node.this, into, inside, op)


def _subquery(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    from catalog.sql.queries import evaluate  # the two modules are one recursion

    answer = evaluate(node, scope.inner())
    merge(scope.rows, answer.rows)
    through = tags.THROUGH[op]
    for output in answer.outputs:
        for source, flags in output.sources.items():
            into[source] = into.get(source, 0) | through[flags & tags.KIND_BITS] | (flags & ~tags.KIND_BITS)


def _exists(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    if not isinstance(node.this, exp.Query):
        _transformed(node, op, into, scope, stack)
        return
    from catalog.sql.queries import evaluate

    # Its columns say nothing; what decides about its rows is kept with the rows, as for any subquery.
    inside = scope.inner()
    inside.rows_only = True
    merge(scope.rows, evaluate(node.this, inside).rows)


def _assignment(node: exp.Expr, op: int, into: Sources, scope: Scope, stack: Stack) -> None:
    """`name := value` and `name => value`: the name is no column."""
    _push(stack, node.args.get("expression"), op)


_LEAVES: Final[frozenset[type]] = frozenset(
    {
        type(None),
        bool,
        str,
        exp.Literal,
        exp.Identifier,
        exp.Var,
        exp.DataType,
        exp.Null,
        exp.Boolean,
        exp.Placeholder,
    }
)
"""Nodes without a source, and arguments that are no nodes."""

RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Column: _column,
    exp.Dot: _dot,
    exp.Paren: _first_only,
    exp.Alias: _first_only,
    exp.Aliases: _first_only,
    exp.Case: _case,
    exp.If: _if,
    exp.Nvl2: _if,
    exp.DecodeCase: _decode,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Window: _window,
    exp.Filter: _filtered,
    exp.Order: _order_in_aggregate,
    exp.WithinGroup: _within_group,
    exp.Ordered: _first_only,
    exp.Distinct: _same,
    exp.IgnoreNulls: _first_only,
    exp.RespectNulls: _first_only,
    exp.Where: _first_only,
    exp.Prior: _first_only,
    exp.Lambda: _lambda,
    exp.Exists: _exists,
    exp.Subquery: _subquery,
    exp.Anonymous: _anonymous,
    exp.AnonymousAggFunc: _aggregated,
    exp.Count: _counted,
    exp.Star: _star,
    exp.Table: _given_rows,
    exp.TableFromRows: _given_rows,
    exp.Columns: _columns,
    exp.Comprehension: _comprehension,
    exp.Parameter: _parameter,
    exp.PropertyEQ: _assignment,
    exp.Kwarg: _assignment,
    exp.Tuple: _same,
    exp.NextValueFor: _nothing,
    **dict.fromkeys(WITH_UNIT, _dated),
    **dict.fromkeys(MASKS, _masked),
    **{leaf: _nothing for leaf in _LEAVES if issubclass(leaf, exp.Expr)},
}
"""What each class of node does to its parts. Others: an aggregate function aggregates, anything else transforms."""


def _find_rule(cls: type[exp.Expr]) -> Rule:
    if issubclass(cls, exp.Query):
        rule: Rule = _subquery
    elif issubclass(cls, exp.AggFunc) and cls not in (exp.Lag, exp.Lead, exp.NthValue):
        rule = _aggregated
    else:
        rule = _transformed
    RULES[cls] = rule
    return rule
