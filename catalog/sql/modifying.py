"""INSERT, UPDATE, DELETE and MERGE: what goes into which column. Each evaluates to what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key
from catalog.sql.expressions import sources_of
from catalog.sql.from_items import add_from, add_join
from catalog.sql.queries import add_ctes, evaluate
from catalog.sql.relations import Output, Relation, Sources, merge, merge_rows, relation
from catalog.sql.results import Table
from catalog.sql.scopes import Scope
from catalog.sql.select_list import fill_select_list, output_name
from catalog.sql.tables import Definition, is_named, table_parts


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a statement writes to."""

    definition: Definition
    table: Table
    through: Relation | None = None

    @property
    def relation(self) -> Relation:
        """What its name means in the statement."""
        return self.through or self.definition.relation

    @property
    def columns(self) -> list[str]:
        """Its columns in order; empty if not known."""
        known = self.definition.relation
        return [] if known.is_open else [output.name for output in known.outputs]


def target_of(table: exp.Table, scope: Scope) -> Target:
    """Returns the table written to; T-SQL may write through a common table expression to its one table."""
    through = scope.ctes.get(alias_key(table.this, scope)) if len(table.parts) == 1 else None
    if through is not None:
        tables = {column.table for output in through.outputs for column in output.sources}
        tables |= {opening.table for opening in through.openings}
        if len(tables) == 1:
            (base,) = tables
            definition = scope.run.tables.find([(part, True) for part in base])
            return Target(definition, definition.table, through)
    definition = scope.run.tables.find(table_parts(table))
    return Target(definition, definition.table)


def put(target: Target, outputs: Sequence[Output], rows: Sources, scope: Scope) -> None:
    """Writes columns to the target; what goes into a temporary table is remembered with it."""
    gathered = scope.run.gathered
    gathered.write(target.table, outputs, rows)
    if target.definition.temporary:
        gathered.temporary = True
        scope.run.tables.extend(target.table, outputs, rows, list(gathered.reads))


def evaluate_modification(node: exp.Expr, scope: Scope) -> Relation:
    """Returns what RETURNING gives back, an empty relation if there is none."""
    return _MODIFICATIONS[type(node)](node, scope)


# ---------------------------------------------------------------- columns by position


def placed(
    target: Target,
    answer: Relation,
    given: Sequence[str],
    scope: Scope,
    node: exp.Expr,
    skip: frozenset[str] = frozenset(),
) -> list[Output]:
    """Returns the query's columns under the target's names: those listed, else its own by place, else the query's."""
    key = scope.run.rules.key
    names = list(given) or [name for name in target.columns if key(name) not in skip]
    if answer.is_open and answer.outputs:
        return _by_name(answer.outputs, names, scope, node)
    if given and len(answer.outputs) > len(names):
        scope.run.report("unresolved", f"{len(answer.outputs)} values for {len(names)} columns", node)
        return []
    if names and len(answer.outputs) <= len(names):
        return [Output(name, o.sources, o.node) for name, o in zip(names, answer.outputs, strict=False)]
    return _by_name(answer.outputs, names, scope, node)


def _by_name(outputs: Sequence[Output], names: Sequence[str], scope: Scope, node: exp.Expr) -> list[Output]:
    key = scope.run.rules.key
    known = {key(name): name for name in names}
    if known and not all(key(output.name) in known for output in outputs):
        scope.run.report("unresolved", "the query's columns match the target's neither in number nor by name", node)
    return [
        Output(known.get(key(o.name), o.name), _doubted(o.sources), o.node)
        for o in outputs
        if not known or key(o.name) in known
    ]


def _doubted(sources: Sources) -> Sources:
    return {column: flags | tags.POSITION for column, flags in sources.items()}


def listed_columns(holder: exp.Expr, scope: Scope) -> list[str]:
    """Returns the column list of `t (a, b)`."""
    if not isinstance(holder, exp.Schema):
        return []
    plain = (part.this if isinstance(part, (exp.Column, exp.ColumnDef)) else part for part in holder.expressions)
    return [output_name(part, scope) for part in plain if isinstance(part, exp.Identifier)]


def _table_of(holder: exp.Expr) -> exp.Table | None:
    table = holder.this if isinstance(holder, exp.Schema) else holder
    return table if isinstance(table, exp.Table) else None


# ---------------------------------------------------------------- INSERT


def _insert(node: exp.Expr, scope: Scope) -> Relation:
    with_ = node.args.get("with_")
    if with_ is not None:
        add_ctes(with_, scope)
    body = node.args.get("expression")
    answer = evaluate(body, Scope(scope.run, scope.outer, scope.ctes)) if isinstance(body, exp.Expr) else Relation(())
    table = _table_of(node.this)
    if not is_named(table):
        return Relation(())  # INSERT OVERWRITE DIRECTORY, INSERT INTO FUNCTION: no table is written
    target = target_of(table, scope)
    outputs = _insert_outputs(node, target, answer, scope)
    put(target, outputs, answer.rows, scope)
    _overwrites(node, table, target, scope)
    _conflict(node, table, target, outputs, scope)
    return _returned(node, table, target, scope)


def _insert_outputs(node: exp.Expr, target: Target, answer: Relation, scope: Scope) -> list[Output]:
    if node.args.get("by_name"):
        return list(answer.outputs)
    table = _table_of(node.this)
    fixed, computed = _partition(table.args.get("partition") if table is not None else None, scope)
    given = listed_columns(node.this, scope)
    if given and computed:
        given += [name for name in computed if name not in given]
    return placed(target, answer, given, scope, node, fixed)


def _partition(partition: exp.Expr | None, scope: Scope) -> tuple[frozenset[str], list[str]]:
    """Returns the keys of partition columns with a fixed value, and the names of those that the query gives."""
    parts = partition.expressions if partition is not None else ()
    fixed = frozenset(alias_key(part.this.this, scope) for part in parts if isinstance(part, exp.EQ))
    return fixed, [output_name(part.this, scope) for part in parts if isinstance(part, exp.Column)]


def _overwrites(node: exp.Expr, table: exp.Table, target: Target, scope: Scope) -> None:
    if node.args.get("overwrite") and not table.args.get("partition") and not node.args.get("where"):
        scope.run.gathered.defines_target = True
        scope.run.gathered.emptied.append(target.table)


def _conflict(node: exp.Expr, table: exp.Table, target: Target, outputs: Sequence[Output], scope: Scope) -> None:
    conflict = node.args.get("conflict")
    if conflict is None:
        return
    inside = _target_scope(table, target, scope)
    new = relation(outputs, scope.run.rules.key, (), {})
    inside.versions = dict.fromkeys(("excluded", "new"), new)
    condition = conflict.args.get("where")
    rows: Sources = {}
    if condition is not None:
        merge_rows(rows, sources_of(condition, inside), tags.FILTER)
    put(target, list(_assignments(conflict.expressions, inside)), rows, scope)


def _target_scope(table: exp.Table, target: Target, scope: Scope) -> Scope:
    inside = Scope(scope.run, scope.outer, scope.ctes)
    alias = table.args.get("alias")
    name = alias.this if alias is not None else table.parts[-1]
    inside.add(alias_key(name, scope), target.definition.relation)
    return inside


def _returned(node: exp.Expr, table: exp.Table, target: Target, scope: Scope) -> Relation:
    returning = node.args.get("returning")
    if returning is None:
        return Relation(())
    inside = _target_scope(table, target, scope)
    return returned(returning, _with_versions(inside, target), target)


def returned(returning: exp.Expr, scope: Scope, target: Target) -> Relation:
    """Evaluates RETURNING or OUTPUT; OUTPUT INTO writes to another table."""
    answer = fill_select_list(returning, scope)
    into = returning.args.get("into")
    if isinstance(into, (exp.Identifier, exp.Anonymous)):
        definition = scope.run.tables.find([(part, False) for part in into.name.split(".")])
        other = Target(definition, definition.table)
        listed = [output_name(column.this, scope) for column in into.args.get("expressions") or ()]
        put(other, placed(other, answer, listed, scope, returning), answer.rows, scope)
    return answer


# ---------------------------------------------------------------- UPDATE


def _update(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    table: exp.Table = node.this
    from_ = node.args.get("from_")
    if from_ is not None:
        add_from(from_.this, inside)
    target = _written_alias(table, inside) or _add_target(table, inside)
    for join in table.args.get("joins") or ():
        add_join(join, inside)
    by_target = _grouped(node.expressions, target, inside)
    where = node.args.get("where")
    if where is not None:
        merge_rows(inside.rows, sources_of(where, inside), tags.FILTER)
    for owner, outputs in by_target:
        put(owner, _written_through(owner, outputs, scope), inside.rows, scope)
    if not by_target:
        put(target, (), inside.rows, scope)
    _note_own_read(target, by_target, scope)
    returning = node.args.get("returning")
    return returned(returning, _with_versions(inside, target), target) if returning is not None else Relation(())


def _written_through(target: Target, outputs: list[Output], scope: Scope) -> list[Output]:
    """Names the columns of the table behind a common table expression that is written to."""
    if target.through is None:
        return outputs
    key = scope.run.rules.key
    found = [(output, target.through.get(output.name, key(output.name))) for output in outputs]
    return [
        Output(next(iter(column.sources)).column, output.sources, output.node)
        for output, column in found
        if column is not None and len(column.sources) == 1
    ]


def _written_alias(table: exp.Table, scope: Scope) -> Target | None:
    """`UPDATE a SET .. FROM t AS a`: the target is named by its alias in FROM."""
    found = scope.relations.get(alias_key(table.this, scope)) if len(table.parts) == 1 else None
    if found is None or found.table is None:
        return None
    return Target(scope.run.tables.find([(part, True) for part in found.table]), found.table)


def _add_target(table: exp.Table, scope: Scope) -> Target:
    target = target_of(table, scope)
    alias = table.args.get("alias")
    name = alias.this if alias is not None else table.parts[-1]
    others, scope.relations = scope.relations, {}
    scope.add(alias_key(name, scope), target.relation)
    for key, item in others.items():
        scope.add(key, item)
    return target


def _with_versions(scope: Scope, target: Target) -> Scope:
    scope.versions = dict.fromkeys(("inserted", "deleted", "old", "new"), target.definition.relation)
    return scope


def _grouped(assignments: Iterable[exp.Expr], target: Target, scope: Scope) -> list[tuple[Target, list[Output]]]:
    """MySQL's UPDATE of a join may write to several tables: a qualified name says which."""
    groups: dict[Table, tuple[Target, list[Output]]] = {}
    for item in assignments:
        owner = _owner(item, target, scope)
        groups.setdefault(owner.table, (owner, []))[1].extend(_assignments([item], scope))
    return list(groups.values())


def _owner(item: exp.Expr, target: Target, scope: Scope) -> Target:
    left = item.this if isinstance(item, exp.EQ) else None
    if isinstance(left, exp.Column) and left.table and scope.run.dialect == "mysql":
        found = scope.relations.get(alias_key(left.args["table"], scope))
        if found is not None and found.table is not None and found.table != target.table:
            return Target(scope.run.tables.find([(part, True) for part in found.table]), found.table)
    return target


def _note_own_read(target: Target, written: Sequence[tuple[Target, list[Output]]], scope: Scope) -> None:
    """An UPDATE that takes no value from its own table does not read it."""
    sources = {source.table for _, outputs in written for output in outputs for source in output.sources}
    if target.table in sources:
        scope.run.gathered.read(target.table)


def _assignments(items: Iterable[exp.Expr], scope: Scope) -> Iterable[Output]:
    """Evaluates `a = expression` and `(a, b) = (x, y)`."""
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        left, right = item.this, item.expression
        if isinstance(left, exp.Tuple):
            yield from _tuple_assignment(left, right, scope)
        else:
            body = None if isinstance(right, exp.Column) else right
            yield Output(_assigned_name(left, scope), sources_of(right, scope), body)


def _assigned_name(left: exp.Expr, scope: Scope) -> str:
    while isinstance(left, (exp.Dot, exp.Bracket)):
        left = left.this  # `SET a.b = ..` and `a[1] = ..` change the column a
    return output_name(left.this if isinstance(left, exp.Column) else left, scope)


def _tuple_assignment(left: exp.Tuple, right: exp.Expr, scope: Scope) -> Iterable[Output]:
    names = [_assigned_name(part, scope) for part in left.expressions]
    if isinstance(right, exp.Tuple):
        for name, part in zip(names, right.expressions, strict=False):
            yield Output(name, sources_of(part, scope), part)
        return
    if isinstance(right, (exp.Query, exp.Subquery)):
        answer = evaluate(right, scope.inner())
        merge(scope.rows, answer.rows)
        for name, output in zip(names, answer.outputs, strict=False):
            yield Output(name, output.sources, output.node)


# ---------------------------------------------------------------- DELETE


def _delete(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    table = node.this
    named = node.args.get("tables") or ()
    target = _delete_target(table, inside, bool(named))
    for item in node.args.get("using") or ():
        add_from(item, inside)
    where = node.args.get("where")
    if where is not None:
        merge_rows(inside.rows, sources_of(where, inside), tags.FILTER)
    targets = [_written_alias(item, inside) or target_of(item, inside) for item in named] or [target]
    for one in targets:
        put(one, (), inside.rows, scope)
    if where is None and not named and not node.args.get("using") and not node.args.get("limit"):
        scope.run.gathered.emptied.append(target.table)
    returning = node.args.get("returning")
    return returned(returning, _with_versions(inside, target), target) if returning is not None else Relation(())


def _delete_target(table: exp.Table, scope: Scope, joined: bool) -> Target:
    if joined:
        add_from(table, scope)
        return target_of(table, scope)
    target = _add_target(table, scope)
    for join in table.args.get("joins") or ():
        add_join(join, scope)
    return target


# ---------------------------------------------------------------- MERGE


def _merge(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    inside = Scope(scope.run, scope.outer, scope.ctes)
    target = _add_target(node.this, inside)
    add_from(node.args["using"], inside)
    source = list(inside.relations.values())[-1]
    on = node.args.get("on")
    if on is not None:
        merge_rows(inside.rows, sources_of(on, inside), tags.JOIN)
    outputs: list[Output] = []
    for when in node.args["whens"].expressions if node.args.get("whens") else ():
        outputs += _branch(when, inside, target, source)
    put(target, outputs, inside.rows, scope)
    if any(column.table == target.table for output in outputs for column in output.sources):
        scope.run.gathered.read(target.table)
    returning = node.args.get("returning")
    return returned(returning, _with_versions(inside, target), target) if returning is not None else Relation(())


def _branch(when: exp.Expr, scope: Scope, target: Target, source: Relation) -> list[Output]:
    then = when.args.get("then")
    for condition in (when.args.get("condition"), then.args.get("where") if then is not None else None):
        if condition is not None:
            merge_rows(scope.rows, sources_of(condition, scope), tags.FILTER)
    if isinstance(then, exp.Update):
        return _merge_update(then, scope, target, source)
    if isinstance(then, exp.Insert):
        return _merge_insert(then, scope, target, source)
    return []


def _merge_update(then: exp.Update, scope: Scope, target: Target, source: Relation) -> list[Output]:
    if not then.expressions or isinstance(then.expressions[0], exp.Star):
        return _whole_source(scope, target, source, then)
    return list(_assignments(then.expressions, scope))


def _whole_source(scope: Scope, target: Target, source: Relation, node: exp.Expr) -> list[Output]:
    """UPDATE * and INSERT *: each column of the source goes to the target's column of the same name."""
    if source.is_open:
        for opening in source.openings:
            scope.run.gathered.reads[opening.table] = None
        scope.run.report("star", "the columns of MERGE's source are not known: its star cannot be expanded", node)
    key = scope.run.rules.key
    known = {key(name): name for name in target.columns}
    return [
        Output(known.get(key(o.name), o.name), o.sources, o.node)
        for o in source.outputs
        if not known or key(o.name) in known
    ]


def _merge_insert(then: exp.Insert, scope: Scope, target: Target, source: Relation) -> list[Output]:
    values = then.args.get("expression")
    if isinstance(then.this, exp.Star) or (not isinstance(values, exp.Expr) and not isinstance(then.this, exp.Tuple)):
        if isinstance(then.this, exp.Var):  # BigQuery's INSERT ROW: by position
            return placed(target, source, (), scope, then)
        return _whole_source(scope, target, source, then)
    columns = (
        then.this.expressions if isinstance(then.this, exp.Tuple) else [then.this] if then.this is not None else []
    )
    cells = values.expressions if isinstance(values, exp.Tuple) else [values] if isinstance(values, exp.Expr) else []
    names = [_assigned_name(column, scope) for column in columns] or target.columns
    if not names or (len(cells) > len(names)):
        scope.run.report("unresolved", "MERGE inserts into columns that are not known", then)
        return []
    return [
        Output(name, sources_of(cell, scope), None if isinstance(cell, exp.Column) else cell)
        for name, cell in zip(names, cells, strict=False)
    ]


_MODIFICATIONS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Scope], Relation]]] = {
    exp.Insert: _insert,
    exp.Update: _update,
    exp.Delete: _delete,
    exp.Merge: _merge,
}
