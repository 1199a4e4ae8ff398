"""Stars: the columns that `*`, `t.*` and `COLUMNS(..)` stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.columns import alias_key, output_name
from catalog.sql.expressions import sources_of
from catalog.sql.relations import Opening, Output, Relation, renamed
from catalog.sql.scopes import Scope
from catalog.sql.structures import fields_of


def star_of(item: exp.Expr) -> exp.Star | None:
    """Returns the star if the item is `*`, `t.*` or `COLUMNS(..)`, with its EXCEPT and REPLACE."""
    if isinstance(item, exp.Star):
        return item
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return item.this
    if isinstance(item, exp.Columns):
        return star_of(item.this) or exp.Star()
    if isinstance(item, exp.Apply):
        return star_of(item.this)
    if isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star):
        return item.expression
    return None


def expand(item: exp.Expr, star: exp.Star, scope: Scope) -> tuple[list[Output], list[Opening]]:
    """Returns the columns that a star stands for, and the tables whose unknown columns it passes on."""
    transformed = False
    while isinstance(item, exp.Apply):  # ClickHouse: `* APPLY(f)`
        item, transformed = item.this, True
    relations = _starred(item, scope)
    plan = _StarPlan(star, scope, _pattern(item, scope), transformed)
    openings: list[Opening] = []
    merged = {} if isinstance(item, exp.Column) else scope.merged
    shown = _merged_first(plan, scope) if merged and scope.run.traits.merged_first else {}
    outputs = list(shown.values())
    for alias, source in relations:
        hidden = plan.hidden | plan.hidden_of.get(alias, frozenset())
        if source.anything:
            scope.run.report("star", "a star cannot be expanded: only the data tells which columns there are", item)
        for opening in source.openings:
            gone = opening.hidden.union(hidden, plan.replaced, plan.renamed)
            place = len(outputs) + (opening.place if gone == opening.hidden else 0)
            openings.append(replace(opening, hidden=gone, place=place))
            if not scope.named:
                hide_columns(opening, scope)
        for output in source.outputs:
            key = scope.run.rules.key(output.name)
            if key in hidden or not plan.wants(output.name) or key in shown:
                continue
            found = plan.apply(merged.get(key, output), key, scope)
            if key in merged:
                shown[key] = found
            outputs.append(found)
        scope.run.budget.spend(2 * len(source.outputs) + 8 * len(source.openings))
    outputs += plan.unplaced([source for _, source in relations], scope) if openings else []
    return outputs, openings


def _merged_first(plan: _StarPlan, scope: Scope) -> dict[str, Output]:
    """The columns that USING made one, which most platforms put before all others."""
    return {
        key: plan.apply(output, key, scope)
        for key, output in scope.merged.items()
        if key not in plan.hidden and plan.wants(output.name)
    }


def _starred(item: exp.Expr, scope: Scope) -> list[tuple[str, Relation]]:
    """Returns the FROM items of a star, each with its alias."""
    if isinstance(item, exp.Dot):
        return [("", _fields(item, scope))]
    if not isinstance(item, exp.Column):
        return list(scope.relations.items())
    key = alias_key(item.args.get("table"), scope)
    level: Scope | None = scope
    while level is not None:
        found = level.relations.get(key) or level.versions.get(key)
        if found is not None:
            return [(key, found)]
        level = level.outer
    structs = (item.by_key[key].fields for item in scope.relations.values() if key in item.by_key)
    found = next((fields for fields in structs if fields is not None), None)
    if found is not None:
        return [(key, found)]
    scope.run.report("unresolved", f"the star of '{item.table}' names no table here", item)
    return []


def _fields(item: exp.Expr, scope: Scope) -> Relation:
    """The fields of a row that an expression makes: `(f(x)).*`."""
    built = fields_of(item.this, scope)
    return built if built is not None else Relation((), anything=sources_of(item.this, scope) or None)


def _pattern(item: exp.Expr, scope: Scope) -> Callable[[str], bool] | None:
    """Returns which names `COLUMNS('pattern')` or `COLUMNS(['a', 'b'])` chooses; None if all."""
    chosen = item.this if isinstance(item, exp.Columns) else None
    if isinstance(chosen, exp.Literal) and _is_plain(chosen.name):
        search = re.compile(chosen.name).search
        return lambda name: search(name) is not None
    if isinstance(chosen, exp.Array):
        names = {part.name.lower() for part in chosen.expressions}
        return lambda name: name.lower() in names
    if chosen is None or isinstance(chosen, exp.Star):
        return None
    scope.run.report("star", "which columns COLUMNS(..) chooses is not known", item)
    return lambda _: False


def _is_plain(pattern: str) -> bool:
    """Whether a pattern can be tried on a name at once: no groups, and hardly a repetition."""
    if not _PLAIN.fullmatch(pattern) or sum(pattern.count(char) for char in "*+?") > _MAX_REPETITIONS:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


_PLAIN: Final = re.compile(r"[\w.^$|*+?\[\]-]{1,200}")
_MAX_REPETITIONS: Final = 3


def hide_columns(opening: Opening, scope: Scope) -> None:
    """Reports that nobody knows which columns of a table a star or a list of names stands for."""
    for table in opening.tables():
        scope.run.gathered.reads[table] = None
        scope.run.report("star", f"the star over '{'.'.join(table)}' cannot be expanded: its columns are not known")


class _StarPlan:
    """What EXCEPT, REPLACE, RENAME, ILIKE and APPLY do to a star."""

    def __init__(self, star: exp.Star, scope: Scope, chosen: Callable[[str], bool] | None, transformed: bool) -> None:
        key = scope.run.rules.key
        self.chosen, self.transformed = chosen, transformed
        left_out = star.args.get("except_") or ()
        self.hidden = frozenset(key(output_name(_bare(part), scope)) for part in left_out if not _owner(part))
        self.hidden_of: dict[str, frozenset[str]] = {}
        for part in filter(_owner, left_out):
            alias = alias_key(part.args["table"], scope)
            names = self.hidden_of.get(alias, frozenset())
            self.hidden_of[alias] = names | {key(output_name(_bare(part), scope))}
        self.replaced = {
            key(output_name(part.args.get("alias"), scope)): part
            for part in star.args.get("replace") or ()
            if isinstance(part, exp.Alias)
        }
        self.renamed = {
            key(output_name(_bare(part.this), scope)): output_name(part.args.get("alias"), scope)
            for part in star.args.get("rename") or ()
        }
        self.renamed_from = {
            output_name(_bare(part.this), scope): output_name(part.args.get("alias"), scope)
            for part in star.args.get("rename") or ()
        }
        pattern = star.args.get("ilike") or star.args.get("like")
        self.pattern = pattern.name if isinstance(pattern, exp.Expr) else None
        self._used = set[str]()

    def wants(self, name: str) -> bool:
        if self.chosen is not None and not self.chosen(name):
            return False
        return self.pattern is None or _like(name.lower(), self.pattern.lower())

    def apply(self, output: Output, key: str, scope: Scope) -> Output:
        name = self.renamed.get(key, output.name)
        if key in self.renamed or key in self.replaced:
            self._used.add(key)
        if key in self.replaced:
            body = self.replaced[key].this
            return Output(name, sources_of(body, scope), body)
        _read(output, scope)
        if self.transformed:
            through = tags.THROUGH[tags.TRANSFORMATION]
            bits = tags.KIND_BITS
            return Output(name, {c: through[flags & bits] | flags & ~bits for c, flags in output.sources.items()})
        return output if name == output.name else replace(output, name=name)

    def unplaced(self, relations: Sequence[Relation], scope: Scope) -> list[Output]:
        """Replaced and renamed columns of tables whose columns are not known: they must be there."""
        outputs = [
            Output(output_name(part.args["alias"], scope), sources_of(part.this, scope), part.this)
            for key, part in self.replaced.items()
            if key not in self._used
        ]
        for old, name in self.renamed_from.items():
            key = scope.run.rules.key(old)
            found = relations[0].get(old, key) if len(relations) == 1 and key not in self._used else None
            if found is not None:
                _read(found, scope)
                outputs.append(Output(name, {c: flags | tags.NAMED for c, flags in found.sources.items()}))
        return outputs


def rename(source: Relation, names: Sequence[str], scope: Scope) -> Relation:
    """Names a relation's columns anew, by position, as far as it is known which they are."""
    if names:
        for opening in source.openings:
            hide_columns(opening, scope)
    return renamed(source, names, scope.run.rules.key)


def _owner(part: exp.Expr) -> object:
    """Returns the alias that a column of EXCLUDE is qualified with."""
    return part.args.get("table") if isinstance(part, exp.Column) else None


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
