"""The table that a statement writes to: what goes into which of its columns, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name
from catalog.sql.reading import WRITTEN_VIEW
from catalog.sql.relations import Output, Relation, Sources
from catalog.sql.results import Table
from catalog.sql.scopes import Scope
from catalog.sql.select_list import fill_select_list
from catalog.sql.tables import Definition, table_parts


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
        return [] if known.is_open or known.anything is not None else [output.name for output in known.outputs]


def target_of(table: exp.Table, scope: Scope) -> Target:
    """Returns the table written to; T-SQL may write through a common table expression, Oracle through a query."""
    through = _written_query(table, scope)
    if through is not None:
        tables = [column.table for output in through.outputs for column in output.sources]
        tables += [opening.table for opening in through.openings]
        if tables:
            return target_named(tables[0], scope, through)
    definition = scope.run.tables.find(table_parts(table))
    return Target(definition, definition.table)


def target_named(table: Table, scope: Scope, through: Relation | None = None) -> Target:
    return Target(scope.run.tables.find([(part, True) for part in table]), table, through)


def _written_query(table: exp.Table, scope: Scope) -> Relation | None:
    if len(table.parts) > 1 or (scope.run.dialect not in _WRITE_THROUGH and table.name != WRITTEN_VIEW):
        return None
    return scope.ctes.get(alias_key(table.this, scope))


def base_columns(target: Target) -> list[str]:
    """Returns the columns behind those of a query that is written through, if each stands for one."""
    outputs = target.through.outputs if target.through is not None else ()
    names = [next(iter(output.sources)).column for output in outputs if len(output.sources) == 1]
    return names if len(names) == len(outputs) else []


_WRITE_THROUGH: Final = frozenset({"tsql", "fabric", "oracle"})


def report_dynamic(table: exp.Expr | None, scope: Scope) -> None:
    """Says it where a table's name is put together at run time: IDENTIFIER($x)."""
    if table is not None and table.find(exp.DynamicIdentifier) is not None:
        scope.run.report("dynamic", "the name of the table is put together at run time", table)


def put(target: Target, outputs: Sequence[Output], rows: Sources, scope: Scope) -> None:
    """Writes columns to the target; what goes into a temporary table is remembered with it."""
    gathered = scope.run.gathered
    if not target.table[-1].startswith("@"):  # a variable of T-SQL is no table of the database
        gathered.write(target.table, outputs, rows)
    if any(column.table == target.table for output in outputs for column in output.sources):
        gathered.read(target.table)  # what takes no value from its own table does not read it
    if target.definition.temporary:
        gathered.temporary = True
        scope.run.tables.extend(target.table, outputs, rows, list(gathered.reads))


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


# ---------------------------------------------------------------- RETURNING


def returned(returning: exp.Expr, scope: Scope, target: Target) -> Relation:
    """Evaluates RETURNING or OUTPUT; OUTPUT INTO writes to another table."""
    answer = fill_select_list(returning, scope)
    # Elsewhere RETURNING INTO fills variables.
    into = returning.args.get("into") if scope.run.dialect in ("tsql", "fabric") else None
    if isinstance(into, (exp.Identifier, exp.Anonymous)):
        definition = scope.run.tables.find([(part, False) for part in into.name.split(".")])
        other = Target(definition, definition.table)
        listed = [output_name(column.this, scope) for column in into.args.get("expressions") or ()]
        put(other, placed(other, answer, listed, scope, returning), answer.rows, scope)
    return answer


def written_alias(table: exp.Table, scope: Scope) -> Target | None:
    """`UPDATE a SET .. FROM t AS a`: the target is named by its alias in FROM."""
    found = scope.relations.get(alias_key(table.this, scope)) if len(table.parts) == 1 else None
    if found is None or found.table is None:
        return None
    return target_named(found.table, scope)


def add_target(table: exp.Table, scope: Scope) -> Target:
    target = target_of(table, scope)
    alias = table.args.get("alias")
    name = alias.this if alias is not None else table.parts[-1]
    others, scope.relations = scope.relations, {}
    scope.add(alias_key(name, scope), target.relation)
    for key, item in others.items():
        scope.add(key, item)
    return target


def with_versions(scope: Scope, target: Target) -> Scope:
    scope.versions = dict.fromkeys(("inserted", "deleted", "old", "new"), target.definition.relation)
    return scope
