"""FROM: tables, subqueries, functions and joins, each as a relation under its alias."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name
from catalog.sql.expressions import gather, sources_of
from catalog.sql.names import split_name
from catalog.sql.pivots import pivoted
from catalog.sql.relations import Output, Relation, Sources, merge, merge_rows
from catalog.sql.scopes import Scope
from catalog.sql.stars import rename
from catalog.sql.table_functions import (
    function_relation,
    indexed_array,
    named_table,
    semantic_view,
    table_argument,
    unfolded,
)
from catalog.sql.tables import is_bare, is_file, is_named, table_parts


def add_from(item: exp.Expr, scope: Scope) -> None:
    """Adds a FROM item and the joins that hang on it to the scope."""
    if isinstance(item, exp.Final):
        item = item.this
    if isinstance(item, exp.Subquery) and is_from_item(item.this) and not item.args.get("alias"):
        add_from(item.this, scope)
    else:
        rule = _RULES.get(item.__class__) or _find_rule(item.__class__)
        made = rule(item, scope)
        for pivot in item.args.get("pivots") or ():
            made = pivoted(made, pivot, _own_name(item, scope), scope)
        _name(item, made, scope)
    for join in item.args.get("joins") or ():
        add_join(join, scope)
    for lateral in item.args.get("laterals") or ():
        add_from(lateral, scope)


def is_from_item(inner: exp.Expr) -> bool:
    """Whether parentheses in FROM hold a table, or a subquery with its name or with joins, and not a query."""
    while isinstance(inner, exp.Subquery):
        if inner.args.get("alias") or inner.args.get("joins"):
            return True
        inner = inner.this
    return isinstance(inner, exp.Table)


def _find_rule(cls: type[exp.Expr]) -> Callable[[exp.Expr, Scope], Relation]:
    rule = _RULES[cls] = next((rule for base, rule in _ITEMS if issubclass(cls, base)), _function)
    return rule


def _name(item: exp.Expr, made: Relation, scope: Scope) -> None:
    key = _alias(item, scope)
    if not key or key in scope.relations:
        key = f"{key}\0{len(scope.relations)}"  # no name in SQL text looks like this
    scope.add(key, made)
    scope.run.budget.spend(1 + len(made.rows))
    merge(scope.rows, made.rows)


def _alias(item: exp.Expr, scope: Scope) -> str:
    pivots = item.args.get("pivots") or ()
    return next((_named_as(p.args["alias"], scope) for p in pivots if p.args.get("alias")), "") or _own_name(
        item, scope
    )


def _named_as(alias: exp.Expr, scope: Scope) -> str:
    name = alias.args.get("this") if isinstance(alias, exp.TableAlias) else alias
    return alias_key(name, scope) if name is not None else ""


def _own_name(item: exp.Expr, scope: Scope) -> str:
    """Returns the key of an item's name before it is pivoted."""
    alias = item.args.get("alias")
    name = alias.args.get("this") if isinstance(alias, exp.TableAlias) else alias
    if name is None and isinstance(alias, exp.TableAlias) and alias.columns:
        name = alias.columns[0]  # UNNEST(x) AS y in BigQuery: the column's name is the table's as well
    if name is None and is_named(item):
        name = item.this if is_bare(item) else item.parts[-1]
    if name is None and isinstance(item, exp.Stream):
        return _alias(item.this.this if isinstance(item.this, exp.Subquery) else item.this, scope)
    return alias_key(name, scope) if name is not None else ""


def alias_columns(item: exp.Expr, scope: Scope) -> list[str]:
    alias = item.args.get("alias")
    if not isinstance(alias, exp.TableAlias) or not alias.args.get("columns"):
        return []
    parts = [part.this if isinstance(part, (exp.ColumnDef, exp.Column)) else part for part in alias.columns]
    return [output_name(part, scope) for part in parts]


# ---------------------------------------------------------------- kinds of items


def _table(item: exp.Expr, scope: Scope) -> Relation:
    assert isinstance(item, exp.Table)
    if not is_named(item):
        return _rows(item, scope)
    bare = is_bare(item)
    found = scope.ctes.get(alias_key(item.args["this"], scope)) if bare else _nested_array(item, scope)
    if found is None:
        found = find_table(item, scope)
    return rename(found, alias_columns(item, scope), scope)


def find_table(item: exp.Table, scope: Scope) -> Relation:
    """Returns a table of the database, noting that it is read; of a temporary one, what it was made from is."""
    run = scope.run
    parts = tuple(table_parts(item))
    definition = run.found.get(parts)
    if definition is None:
        definition = run.found[parts] = run.tables.find(parts)
    if definition.temporary and not is_file(definition.table):
        run.gathered.through[definition.table] = None
        run.tables.note_read(definition.table)
    for table in definition.reads if definition.temporary else (definition.table,):
        run.gathered.read(table)
    return definition.relation


def _rows(item: exp.Expr, scope: Scope) -> Relation:
    call = item if isinstance(item, exp.TableFromRows) else item.this
    if isinstance(call, exp.SemanticView) and is_named(call.this):
        return semantic_view(call, find_table(call.this, scope), scope)
    named = _named_by_text(call) or table_argument(call)
    return find_table(named, scope) if named is not None else _function(item, scope)


def _named_by_text(call: exp.Expr) -> exp.Table | None:
    """IDENTIFIER('db.s.t'), and Snowflake's TABLE('db.s.t')."""
    text = call.this if isinstance(call, (exp.DynamicIdentifier, exp.TableFromRows)) else None
    if isinstance(call, exp.Anonymous) and call.name.lower() == "identifier" and call.expressions:
        text = call.expressions[0]
    if not isinstance(text, exp.Literal) or not text.is_string:
        return None
    return named_table([exp.to_identifier(part) for part in split_name(text.name)])


def given_table(call: exp.Expr, scope: Scope) -> Relation | None:
    """Returns the rows that `TABLE(t)`, as an argument of a table function, passes to it."""
    given = call.expressions[0] if isinstance(call, exp.Anonymous) and call.expressions else call.this
    if isinstance(given, exp.Subquery):
        given = given.this
    if isinstance(given, exp.Column):
        given = named_table(given.parts)
    if isinstance(given, exp.Query):
        return _query(given, scope)
    return _table(given, scope) if is_named(given) else None


def _stream(item: exp.Expr, scope: Scope) -> Relation:
    """Databricks: STREAM(t) is the table."""
    inner = item.this.this if isinstance(item.this, exp.Subquery) else item.this
    return _table(inner, scope) if isinstance(inner, exp.Table) else _function(item, scope)


def _nested_array(item: exp.Table, scope: Scope) -> Relation | None:
    """`FROM t, t.items`: in some dialects the second is an array column of the first."""
    if not scope.run.traits.nested_arrays:
        return None
    owner = scope.relations.get(alias_key(item.parts[0], scope))
    if owner is None:
        return None
    name = output_name(item.parts[1], scope)
    column = owner.get(name, scope.run.rules.key(name))
    return None if column is None else unfolded(column.sources, (), scope)


def _query(item: exp.Expr, scope: Scope) -> Relation:
    from catalog.sql.queries import evaluate

    inside = scope.inner() if scope.run.traits.implicit_lateral else scope.beside()
    inside.named = True
    return rename(evaluate(item, inside), alias_columns(item, scope), scope)


def _lateral(item: exp.Expr, scope: Scope) -> Relation:
    from catalog.sql.queries import evaluate

    if isinstance(item.this, (exp.Query, exp.Subquery)):
        inside = scope.inner()
        inside.named = True
        return rename(evaluate(item.this, inside), alias_columns(item, scope), scope)
    return _function(item, scope)


def _function(item: exp.Expr, scope: Scope) -> Relation:
    return function_relation(item, alias_columns(item, scope), scope)


_ITEMS: Final[tuple[tuple[type[exp.Expr], Callable[[exp.Expr, Scope], Relation]], ...]] = (
    (exp.Table, _table),
    (exp.Stream, _stream),
    (exp.TableFromRows, _rows),
    (exp.Lateral, _lateral),
    (exp.Query, _query),
    (exp.Subquery, _query),
    (exp.Values, _query),
    (exp.AtIndex, indexed_array),
    (exp.Pivot, indexed_array),
)
_RULES: Final[dict[type[exp.Expr], Callable[[exp.Expr, Scope], Relation]]] = {}
"""The same by class, filled as classes are met."""


# ---------------------------------------------------------------- joins


def add_join(join: exp.Expr, scope: Scope) -> None:
    if (join.args.get("kind") or "").upper() == "ARRAY":
        _join_arrays(join, scope)
        return
    before = list(scope.relations.values())
    scope.run.budget.spend(len(before) // 2)
    count = len(scope.relations)
    add_from(join.this, scope)
    added = list(scope.relations.values())[count:]
    merged = dict(scope.merged)
    for name in _shared_names(join, before, added, scope):
        merge_column(name, before, added, scope)
    on = join.args.get("on")
    if on is not None:
        merge_rows(scope.rows, sources_of(on, scope), tags.JOIN)
    match = join.args.get("match_condition")
    if match is not None:
        merge_rows(scope.rows, sources_of(match, scope), tags.JOIN)
    words = {(join.args.get(word) or "").upper() for word in ("kind", "side")}
    # ClickHouse alone lets the answer use the row that was found.
    if words & _ROWS_ONLY and scope.run.dialect != "clickhouse":
        keys = list(scope.relations)
        scope.merged = merged
        _hide_columns(keys[:count] if "RIGHT" in words else keys[count:], scope)


_ROWS_ONLY: Final = frozenset({"SEMI", "ANTI"})


def _join_arrays(join: exp.Expr, scope: Scope) -> None:
    """ClickHouse: `ARRAY JOIN arr AS x` is a row for each element; without an alias it hides the array."""
    outputs: list[Output] = []
    for item in (join.this, *join.expressions):
        sources: Sources = {}
        gather(item, sources, scope, tags.TRANSFORMATION)
        name = output_name(item.args.get("alias") or item.this, scope)
        outputs.append(Output(name, sources))
    for output in outputs:
        scope.merged[scope.run.rules.key(output.name)] = output


def _shared_names(join: exp.Expr, before: Sequence[Relation], added: Sequence[Relation], scope: Scope) -> list[str]:
    using = join.args.get("using")
    if using:
        return [output_name(part.this if isinstance(part, exp.Column) else part, scope) for part in using]
    if (join.args.get("method") or "").upper() != "NATURAL":
        return []
    if any(item.is_open for item in (*before, *added)):
        scope.run.report("ambiguous", "a NATURAL JOIN of tables with unknown columns joins on nobody knows what", join)
    known = {key for item in before for key in item.by_key}
    return [output.name for item in added for output in item.outputs if scope.run.rules.key(output.name) in known]


def merge_column(name: str, before: Sequence[Relation], added: Sequence[Relation], scope: Scope) -> None:
    """Makes one column of two that USING joins."""
    key = scope.run.rules.key(name)
    known = scope.merged.get(key)
    left = known or _one_of(before, name, key)
    right = _one_of(added, name, key)
    # What a chain of joins has united already is the scope's own and grows: it is not made anew for each of them.
    sources = known.sources if known is not None else {}
    for side in (right,) if known is not None else (left, right):
        if side is not None:
            merge(sources, side.sources, tags.NAMED)
            merge_rows(scope.rows, side.sources, tags.JOIN)
            for source in side.sources:
                scope.run.gathered.read_column(*source)
    scope.merged[key] = Output(name, sources)


def _one_of(relations: Sequence[Relation], name: str, key: str) -> Output | None:
    for item in relations:
        if key in item.by_key:
            return item.by_key[key]
    opens = [item for item in relations if item.is_open]
    return opens[0].get(name, key) if len(opens) == 1 else None


def _hide_columns(keys: Sequence[str], scope: Scope) -> None:
    """The other side of a semi join decides about rows only: nothing else may name its columns."""
    for key in keys:
        scope.add(key, Relation(()))
