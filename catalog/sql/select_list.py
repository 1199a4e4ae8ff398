"""The output columns of a SELECT: its expressions, and what its stars stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name, resolve
from catalog.sql.expressions import add_output, gather, sources_of
from catalog.sql.relations import Opening, Output, Relation, Sources, relation, renamed
from catalog.sql.results import Table
from catalog.sql.scopes import Scope
from catalog.sql.structures import fields_of


def fill_select_list(node: exp.Expr, scope: Scope) -> Relation:
    """Evaluates the expressions in order; where the dialect allows, each may use the ones before it."""
    outputs: list[Output] = []
    openings: list[Opening] = []
    lateral = scope.in_select_list = scope.run.traits.lateral_aliases
    for position, item in enumerate(node.expressions):
        star = star_of(item)
        if star is not None and scope.rows_only:
            continue
        if star is not None:
            expanded, opened = expand(item, star, scope)
            openings += [replace(each, place=len(outputs)) for each in opened if each.table not in _tables(openings)]
            outputs += expanded
            continue
        made = _outputs(item, position, scope)
        outputs += made
        if lateral and isinstance(item, (exp.Alias, exp.Aliases)):
            for output in made:
                scope.aliases.setdefault(scope.run.rules.key(output.name), output)
    scope.in_select_list = False
    return relation(outputs, scope.run.rules.key, tuple(openings), scope.rows)


def _tables(openings: Sequence[Opening]) -> set[Table]:
    return {opening.table for opening in openings}


def _outputs(item: exp.Expr, position: int, scope: Scope) -> list[Output]:
    if isinstance(item, exp.QueryTransform):
        return _transform(item, scope)
    if isinstance(item, exp.Aliases):
        sources = sources_of(item.this, scope)
        return [Output(output_name(alias, scope), sources, item.this) for alias in item.aliases]
    name, body = _named(item, position, scope)
    if isinstance(body, exp.Column) and isinstance(body.this, exp.Identifier):
        return [_copied(name, body, scope)]
    return [_computed(name, body, scope)]


def _transform(item: exp.Expr, scope: Scope) -> list[Output]:
    """Hive: what a script makes of its input; without a list its columns are `key` and `value`."""
    sources: Sources = {}
    for part in item.expressions:
        gather(part, sources, scope, tags.TRANSFORMATION)
    schema = item.args.get("schema")
    names = [part.this if isinstance(part, exp.ColumnDef) else part for part in schema.expressions] if schema else []
    return [Output(output_name(name, scope), sources, item) for name in names or ("key", "value")]


def _computed(name: str, body: exp.Expr, scope: Scope) -> Output:
    return Output(name, sources_of(body, scope), body, fields_of(body, scope))


def _copied(name: str, column: exp.Column, scope: Scope) -> Output:
    """A column that is passed on keeps the expression that made it."""
    found = resolve(column, (), scope)
    sources: Sources = {}
    add_output(found, tags.IDENTITY, sources, scope)
    if found is None:
        return Output(name, sources)
    return Output(name, sources, found.node, found.fields or fields_of(column, scope))


def _named(item: exp.Expr, position: int, scope: Scope) -> tuple[str, exp.Expr]:
    if isinstance(item, exp.Alias):
        return output_name(item.args["alias"], scope), item.this
    if isinstance(item, exp.Column):
        return output_name(item.this, scope), item
    assigns = isinstance(item, exp.PropertyEQ) or (isinstance(item, exp.EQ) and scope.run.dialect in ("tsql", "fabric"))
    if assigns and isinstance(item.this, (exp.Column, exp.Identifier)):  # T-SQL: `SELECT name = expression`
        return output_name(_last_identifier(item.this), scope), item.expression
    if isinstance(item, exp.Dot):
        return output_name(item.expression, scope), item
    return output_name(item.output_name, scope) or f"_col_{position}", item


def _last_identifier(node: exp.Expr) -> exp.Expr:
    last: exp.Expr = (
        node.expression if isinstance(node, exp.Dot) else node.this if isinstance(node, exp.Column) else node
    )
    return last


# ---------------------------------------------------------------- stars


def star_of(item: exp.Expr) -> exp.Star | None:
    """Returns the star if the item is `*`, `t.*` or `COLUMNS(*)`, with its EXCEPT and REPLACE."""
    if isinstance(item, exp.Star):
        return item
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return item.this
    if isinstance(item, exp.Columns) and isinstance(item.this, exp.Star):
        return item.this
    return None


def expand(item: exp.Expr, star: exp.Star, scope: Scope) -> tuple[list[Output], list[Opening]]:
    """Returns the columns that a star stands for, and the tables whose unknown columns it passes on."""
    relations = _starred(item, scope)
    plan = _StarPlan(star, scope)
    outputs: list[Output] = []
    openings: list[Opening] = []
    qualified = isinstance(item, exp.Column)
    merged = set[str]()
    for source in relations:
        if source.anything:
            scope.run.report("star", "a star cannot be expanded: only the data tells which columns there are", item)
        for opening in source.openings:
            openings.append(replace(opening, hidden=opening.hidden | plan.hidden | plan.replaced.keys()))
            if not scope.named:
                hide_columns(opening, scope)
        for output in source.outputs:
            key = scope.run.rules.key(output.name)
            if key in plan.hidden or not plan.wants(output.name) or key in merged:
                continue
            if not qualified and key in scope.merged:
                merged.add(key)
                output = scope.merged[key]
            outputs.append(plan.apply(output, key, scope))
    outputs += plan.unplaced(scope) if openings else []
    return outputs, openings


def _starred(item: exp.Expr, scope: Scope) -> list[Relation]:
    if not isinstance(item, exp.Column):
        return list(scope.relations.values())
    key = alias_key(item.args.get("table"), scope)
    level: Scope | None = scope
    while level is not None:
        if key in level.relations:
            return [level.relations[key]]
        if key in level.versions:
            return [level.versions[key]]
        level = level.outer
    structs = (item.by_key[key].fields for item in scope.relations.values() if key in item.by_key)
    found = next((fields for fields in structs if fields is not None), None)
    if found is not None:
        return [found]
    scope.run.report("unresolved", f"the star of '{item.table}' names no table here", item)
    return []


def hide_columns(opening: Opening, scope: Scope) -> None:
    """Reports that nobody knows which columns of a table a star or a list of names stands for."""
    for table in opening.tables():
        scope.run.gathered.reads[table] = None
        scope.run.report("star", f"the star over '{'.'.join(table)}' cannot be expanded: its columns are not known")


class _StarPlan:
    """What EXCEPT, REPLACE, RENAME and ILIKE do to a star."""

    def __init__(self, star: exp.Star, scope: Scope) -> None:
        key = scope.run.rules.key
        self.hidden = frozenset(key(output_name(_bare(part), scope)) for part in star.args.get("except_") or ())
        self.replaced = {
            key(output_name(part.args.get("alias"), scope)): part
            for part in star.args.get("replace") or ()
            if isinstance(part, exp.Alias)
        }
        self.renamed = {
            key(output_name(_bare(part.this), scope)): output_name(part.args.get("alias"), scope)
            for part in star.args.get("rename") or ()
        }
        pattern = star.args.get("ilike") or star.args.get("like")
        self.pattern = pattern.name if isinstance(pattern, exp.Expr) else None
        self._used = set[str]()

    def wants(self, name: str) -> bool:
        return self.pattern is None or _like(name.lower(), self.pattern.lower())

    def apply(self, output: Output, key: str, scope: Scope) -> Output:
        name = self.renamed.get(key, output.name)
        if key not in self.replaced:
            _read(output, scope)
            return output if name == output.name else replace(output, name=name)
        self._used.add(key)
        body = self.replaced[key].this
        return Output(name, sources_of(body, scope), body)

    def unplaced(self, scope: Scope) -> list[Output]:
        """Replaced and renamed columns of tables whose columns are not known: they must be there."""
        return [
            Output(output_name(part.args["alias"], scope), sources_of(part.this, scope), part.this)
            for key, part in self.replaced.items()
            if key not in self._used
        ]


def rename(source: Relation, names: Sequence[str], scope: Scope) -> Relation:
    """Names a relation's columns anew, by position, as far as it is known which they are."""
    if names:
        for opening in source.openings:
            hide_columns(opening, scope)
    return renamed(source, names, scope.run.rules.key)


def _bare(part: exp.Expr) -> exp.Expr:
    return part.this if isinstance(part, exp.Column) else part


def _read(output: Output, scope: Scope) -> None:
    for source in output.sources:
        scope.run.gathered.read_column(*source)


def _like(text: str, pattern: str) -> bool:
    """Whether SQL's LIKE holds; in time linear in the product of both lengths."""
    reached = {0}
    for char in pattern:
        if char == "%":
            reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(text) and char in ("_", text[i])}
    return len(text) in reached
