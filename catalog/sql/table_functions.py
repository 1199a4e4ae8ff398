"""Functions and arrays in FROM: what their columns are called, and which argument each comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import member, output_name
from catalog.sql.expressions import children, gather, sources_of
from catalog.sql.functions import MODELS, NAMING
from catalog.sql.relations import Output, Relation, Sources, merge, merge_rows, relation
from catalog.sql.scopes import Scope
from catalog.sql.structures import fields_of


def function_relation(item: exp.Expr, names: Sequence[str], scope: Scope) -> Relation:
    """Returns the rows of a table function: any argument may reach any column. `names` is its alias list."""
    call = item
    while isinstance(call, _AROUND) and isinstance(call.this, exp.Expr):
        call = call.this
    if isinstance(call, exp.Unnest):
        return _unnested(call, names, scope)
    if isinstance(call, MODELS):
        return _of_model(call, scope)
    sources: Sources = {}
    if function_name(call) not in NAMING:
        # What stands before a dot may be a value with a method, or the function's schema.
        for part in (call,) if isinstance(call, exp.Dot) else children(call):
            if not isinstance(part, exp.TableAlias):
                gather(part, sources, scope, tags.TRANSFORMATION)
    return unfolded(sources, names, scope, _own_columns(call, scope))


_AROUND: Final = (exp.Lateral, exp.Table, exp.TableFromRows)


def _of_model(call: exp.Expr, scope: Scope) -> Relation:
    """The rows given with what the model adds to them: any of their columns may reach that."""
    from catalog.sql.from_items import given_table  # that module evaluates functions in turn

    sources: Sources = {}
    for part in children(call):
        if part is not call.this:
            gather(part, sources, scope, tags.TRANSFORMATION)
    given = given_table(exp.TableFromRows(this=call.expression), scope)
    made = relation(given.outputs if given is not None else (), scope.run.rules.key)
    made.anything = {column: flags | tags.ALL_ARGUMENTS for column, flags in sources.items()}
    return made


def function_name(call: exp.Expr) -> str:
    return call.name.lower() if isinstance(call, exp.Anonymous) else type(call).__name__.lower()


def _unnested(call: exp.Expr, names: Sequence[str], scope: Scope) -> Relation:
    """Several arrays are a column each; of an array of structs that the text builds, its fields are."""
    offset = call.args.get("offset")
    place = [output_name(offset, scope)] if isinstance(offset, exp.Identifier) else []
    arrays = call.expressions
    built = fields_of(arrays[0], scope) if len(arrays) == 1 else None
    each = [_transformed(sources_of(array, scope)) for array in arrays]
    every: Sources = {}
    for sources in each:
        merge(every, sources)
    places = [Output(name, every) for name in place]
    if built is not None:
        return relation([*built.outputs, *places], scope.run.rules.key, built.openings)
    if len(arrays) > 1 and len(names) in (len(arrays), len(arrays) + (offset is not None and not place)):
        each += [every] * (len(names) - len(each))
        row = [Output(name, sources) for name, sources in zip(names, each, strict=True)]
        return relation([*row, *places], scope.run.rules.key)
    named = names or _name_alone(call, scope)
    if not named:
        made = unfolded(every, (), scope)
        made.outputs, made.by_key = places, {scope.run.rules.key(output.name): output for output in places}
        return made
    made = relation([*(Output(name, every) for name in named), *places], scope.run.rules.key)
    made.element = None if names else every
    return made


def _name_alone(call: exp.Expr, scope: Scope) -> list[str]:
    """The alias of an array without a list of columns is its element's name as well."""
    holder: exp.Expr | None = call
    while holder is not None and not holder.args.get("alias") and isinstance(holder.parent, _AROUND):
        holder = holder.parent
    alias = holder.args.get("alias") if holder is not None else None
    return [output_name(alias.this, scope)] if isinstance(alias, exp.TableAlias) and alias.this is not None else []


def _transformed(sources: Sources) -> Sources:
    through = tags.THROUGH[tags.TRANSFORMATION]
    return {column: through[flags & tags.KIND_BITS] | flags & ~tags.KIND_BITS for column, flags in sources.items()}


def unfolded(sources: Sources, names: Sequence[str], scope: Scope, own: Sequence[str] = ()) -> Relation:
    """Makes a function's relation; where its columns have no known names, any name is taken for one of them."""
    seen = _transformed(sources)
    outputs = [Output(name, seen) for name in names or own]
    made = relation(outputs, scope.run.rules.key)
    if not outputs:
        made.anything = {column: flags | tags.ALL_ARGUMENTS for column, flags in seen.items()}
    return made


# ---------------------------------------------------------------- names of columns


def _own_columns(call: exp.Expr, scope: Scope) -> Sequence[str]:
    """Returns the columns that a call declares, or those that its function always has."""
    if isinstance(call, _DECLARING):
        parts = (part for part in call.find_all(*_DECLARED_COLUMNS) if isinstance(part.this, exp.Identifier))
        declared = [output_name(part.this, scope) for part in parts]
        if declared:
            return declared
    name = function_name(call)
    own = (_OF_SNOWFLAKE.get(name) if scope.run.dialect == "snowflake" else None) or _FUNCTION_COLUMNS.get(name, ())
    return [scope.run.rules.column(column, False) for column in own]


_DECLARING: Final = (exp.OpenJSON, exp.JSONTable, exp.XMLTable)
_DECLARED_COLUMNS: Final = (exp.ColumnDef, exp.OpenJSONColumnDef, exp.JSONColumnDef)

_OF_SNOWFLAKE: Final[dict[str, tuple[str, ...]]] = {
    "explode": ("seq", "key", "path", "index", "value", "this"),
}
"""The parser has FLATTEN under the name of Spark's function."""

_EACH: Final = ("key", "value")
_TREE: Final = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")

_FUNCTION_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "explode": ("col", "key", "value"),
    "explodeouter": ("col", "key", "value"),
    "posexplode": ("pos", "col", "key", "value"),
    "posexplodeouter": ("pos", "col", "key", "value"),
    "flatten": ("seq", "key", "path", "index", "value", "this"),
    "string_split": ("value", "ordinal"),
    "splittotable": ("seq", "index", "value"),
    "strtok_split_to_table": ("seq", "index", "value"),
    "getnextval": ("nextval",),
    "openjson": ("key", "value", "type"),
    "json_each": _TREE,
    "json_tree": _TREE,
    "jsonb_each": _EACH,
    "json_each_text": _EACH,
    "jsonb_each_text": _EACH,
    "jsonb_array_elements": ("value",),
    "json_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_array_elements_text": ("value",),
    "containstable": ("key", "rank"),
    "freetexttable": ("key", "rank"),
}


# ---------------------------------------------------------------- arrays and semantic views


def indexed_array(item: exp.Expr, scope: Scope) -> Relation:
    """Redshift: `FROM t, t.items AS item AT index`, and `UNPIVOT t.object AS value AT name`."""
    if isinstance(item, exp.Pivot):
        item = item.this
    index = item.args.get("expression") if isinstance(item, exp.AtIndex) else None
    array = item.this if isinstance(item, exp.AtIndex) else item
    alias = array.args["alias"] if isinstance(array, exp.Alias) else array.name
    names = [output_name(name, scope) for name in (alias, index) if name is not None]
    return unfolded(sources_of(array, scope), names, scope)


def semantic_view(item: exp.Expr, view: Relation, scope: Scope) -> Relation:
    """Snowflake: `SEMANTIC_VIEW(v DIMENSIONS a.x METRICS b.y AS z)` has a column for each, of the view's."""
    outputs = []
    for clause in ("dimensions", "facts", "metrics"):
        for asked in item.args.get(clause) or ():
            body = asked.this if isinstance(asked, exp.Alias) else asked
            found = _of_view(body, view, scope) or _over_view(body, view, scope)
            name = output_name(asked.args["alias"], scope) if isinstance(asked, exp.Alias) else found.name
            outputs.append(Output(name, found.sources, found.node))
    rows = dict(view.rows)
    where = item.args.get("where")
    for column in where.find_all(exp.Column) if where is not None else ():
        filtering = _of_view(column, view, scope)
        merge_rows(rows, filtering.sources if filtering is not None else {}, tags.FILTER)
    return relation(outputs, scope.run.rules.key, (), rows)


def _over_view(body: exp.Expr, view: Relation, scope: Scope) -> Output:
    sources: Sources = {}
    for column in body.find_all(exp.Column):
        found = _of_view(column, view, scope)
        merge(sources, _transformed(found.sources if found is not None else {}))
    return Output(output_name(body.output_name, scope), sources, body)


def _of_view(column: exp.Expr, view: Relation, scope: Scope) -> Output | None:
    last = column.this if isinstance(column, exp.Column) else column
    return member(view, [last], scope) if isinstance(last, exp.Identifier) else None


# ---------------------------------------------------------------- tables as arguments


def table_argument(call: exp.Expr) -> exp.Table | None:
    """ClickHouse: the table that `remote('host', db.t)`, `cluster('c', 'db', 't')` and their like stand for."""
    if not isinstance(call, exp.Anonymous) or call.name.lower() not in _ELSEWHERE:
        return None
    parts: list[exp.Expr] = []
    for part in call.expressions[1:3]:
        if isinstance(part, exp.Column):
            parts += part.parts
        elif isinstance(part, exp.Literal) and part.is_string:
            parts.append(exp.to_identifier(part.name))
    return named_table(parts[:2]) if parts else None


_ELSEWHERE: Final = frozenset({"remote", "remotesecure", "cluster", "clusterallreplicas"})


def named_table(parts: Sequence[exp.Expr]) -> exp.Table:
    table = exp.Table()
    for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False):
        table.set(key, part.copy())
    return table
