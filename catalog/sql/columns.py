"""Which column a name stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.names import identifier_name
from catalog.sql.relations import Output, Relation, Sources
from catalog.sql.results import ColumnName
from catalog.sql.scopes import Scope

PSEUDO: Final = frozenset(
    """ctid oid xmin xmax cmin cmax tableoid rowid rownum level sysdate systimestamp user uid current_date current_time
    current_timestamp current_user session_user localtime localtimestamp metadata$action metadata$isupdate
    metadata$row_id metadata$filename metadata$file_row_number _partitiontime _partitiondate _table_suffix _file_name
    input__file__name block__offset__inside__file connect_by_root connect_by_isleaf connect_by_iscycle nextval currval
    found _metadata $action sqlcode sqlerrm rowcount default""".split()
)
"""Names that a platform defines itself: not a column of anybody's, so no problem if none is found."""

_PARAMETER: Final = re.compile(r"\$\d+")

_SEQUENCE: Final = frozenset({"nextval", "currval"})
"""Behind the name of a sequence: its next value."""

NOTHING: Final[Output] = Output("", {})
"""Found, and it has no source."""

Name = tuple[str, str]
"""A name as it is shown, and the key that its spellings share."""


def resolve(column: exp.Expr, fields: Sequence[exp.Identifier], scope: Scope) -> Output | None:
    """Returns what a column reference stands for, `fields` being the path after it; reports what it cannot say."""
    if not fields:
        found = plain(column, scope)
        if found is not None:
            return found
    identifiers = [*_parts(column), *fields] if fields else _parts(column)
    names = [_name(part, scope) for part in identifiers]
    if names[-1][1] == "$action":
        return NOTHING  # T-SQL: what MERGE did with the row
    found = _qualified(identifiers, names, scope) if len(names) > 1 else None
    if found is None and len(names) > 1 and names[-1][1].lower() in _SEQUENCE:
        return NOTHING
    if found is None and len(names) > 1 and scope.run.traits.implicit_from:
        return _from_implied(identifiers, names, scope)
    if found is None and (len(names) == 1 or fields or scope.run.traits.struct_paths):
        found = _bare(names, scope)
    if found is None and names[0][1].lower() not in PSEUDO and names[0][1] not in scope.run.variables:
        _report(column, names, scope)
    return found


def plain(column: exp.Expr, scope: Scope) -> Output | None:
    """The common case, quickly: a known column of the table that is named, or of the only one that has it."""
    args = column.args
    if scope.bound or args["this"].__class__ is not exp.Identifier:
        return None
    key = _name(args["this"], scope)[1]
    table = args.get("table")
    if table is None:
        return None if scope.aliases_first else _only_known(key, scope)
    if args.get("db") is not None:
        return None
    relation = scope.relations.get(_name(table, scope)[1])
    return None if relation is None else relation.by_key.get(key)


_FEW: Final = 8
"""So many tables are asked for a name at no cost to speak of."""


def _only_known(key: str, scope: Scope) -> Output | None:
    if key in scope.merged:
        return None
    if len(scope.relations) > _FEW:
        scope.run.budget.spend(len(scope.relations) // 2)
    found: Output | None = None
    for relation in scope.relations.values():
        hit = relation.by_key.get(key)
        if hit is not None:
            if found is not None:
                return None  # `_known` says whether that matters
            found = hit
    return found


def _parts(column: exp.Expr) -> list[exp.Identifier]:
    args = column.args
    table = args.get("table")
    if args["this"].__class__ is exp.Identifier and args.get("db") is None:
        return [args["this"]] if table is None else [table, args["this"]]
    parts = [args[key] for key in ("catalog", "db", "table", "this") if args.get(key) is not None]
    # Behind a table's name with dots in it BigQuery's parser leaves a path.
    return [name for part in parts for name in part.find_all(exp.Identifier)]


def _name(identifier: exp.Expr, scope: Scope) -> Name:
    run = scope.run
    args = identifier.args
    written = (args["this"],) if args.get("quoted") else args["this"]
    found = run.names.get(written)
    if found is None:
        shown = run.rules.column(*identifier_name(identifier))
        found = run.names[written] = shown, run.rules.key(shown)
    return found


def _report(column: exp.Expr, names: Sequence[Name], scope: Scope) -> None:
    text = ".".join(shown for shown, _ in names)
    level: Scope | None = scope
    while level is not None:
        if len(level.open_items) > 1 or any(len(item.openings) > 1 for item in level.open_items):
            scope.run.report("ambiguous", f"column '{text}' could belong to several tables of unknown columns", column)
            return
        level = level.outer
    scope.run.report("unresolved", f"no table here has the column '{text}'", column)


# ---------------------------------------------------------------- qualified names


def alias_key(identifier: exp.Expr | str | None, scope: Scope) -> str:
    """Returns the key under which a FROM item's name is kept: tables' and columns' rules are one for aliases."""
    if isinstance(identifier, exp.Identifier):
        return _name(identifier, scope)[1]
    shown = scope.run.rules.column(*identifier_name(identifier))
    return scope.run.rules.key(shown)


def output_name(node: exp.Expr | str | None, scope: Scope) -> str:
    """Returns a name as the platform shows it."""
    if isinstance(node, exp.Identifier):
        return _name(node, scope)[0]
    return scope.run.rules.column(*identifier_name(node))


def _qualified(identifiers: Sequence[exp.Identifier], names: Sequence[Name], scope: Scope) -> Output | None:
    level: Scope | None = scope
    while level is not None:
        if names[0][1] in level.bound:
            return NOTHING
        relation = level.relations.get(names[0][1]) or level.versions.get(names[0][1])
        if relation is not None:
            return _member(relation, names[1:], scope)
        found = _by_table_name(identifiers, names, level)
        if found is not None:
            return found
        level = level.outer
    record = scope.run.records.get(names[0][1])
    return _member(record, names[1:], scope) if record is not None else None


def _from_implied(identifiers: Sequence[exp.Identifier], names: Sequence[Name], scope: Scope) -> Output | None:
    """Teradata: a table that only qualifies a name is in FROM all the same."""
    from catalog.sql.from_items import find_table  # these modules resolve names in turn
    from catalog.sql.table_functions import named_table

    relation = find_table(named_table(identifiers[:-1]), scope)
    scope.add(names[-2][1], relation)
    return _member(relation, names[-1:], scope)


def _by_table_name(identifiers: Sequence[exp.Identifier], names: Sequence[Name], level: Scope) -> Output | None:
    rules = level.run.rules
    for count in (3, 2):
        if len(names) <= count:
            continue
        wanted = rules.table_key(tuple(rules.table(*identifier_name(part)) for part in identifiers[:count]))
        for relation in level.relations.values():
            if relation.table is not None and rules.table_key(relation.table)[-count:] == wanted:
                return _member(relation, names[count:], level)
    return None


def _member(relation: Relation, path: Sequence[Name], scope: Scope) -> Output | None:
    """Returns a column of a relation that the text names, with a field's path after it if there is one."""
    shown, key = path[0]
    found = relation.get(shown, key)
    if found is None and relation.table is not None and not relation.is_open and key.lower() not in PSEUDO:
        # The text says that the column is there; the schema may be older than the text.
        found = Output(shown, {ColumnName(relation.table, shown): tags.COPIED | tags.NOT_IN_SCHEMA})
    if found is None or len(path) == 1:
        return found
    return _field(relation, found, path, scope)


def member(relation: Relation, path: Sequence[exp.Identifier], scope: Scope) -> Output | None:
    """Returns a column of a relation, or a field of one; None if it has none of that name."""
    return _member(relation, [_name(part, scope) for part in path], scope)


def relation_of(column: exp.Expr, scope: Scope) -> Relation | None:
    """Returns the FROM item whose alias stands before `.*` or `.$1`; reports it if there is none."""
    table = column.args.get("table")
    key = alias_key(table, scope)
    level: Scope | None = scope
    while level is not None:
        found = level.relations.get(key) or level.versions.get(key)
        if found is not None:
            return found
        level = level.outer
    scope.run.report("unresolved", f"'{table}' names no table here", column)
    return None


def own_column(column: exp.Expr, scope: Scope) -> Output | None:
    """Returns what a column that is only copied must be, of a table that nobody knows: not its row, not a copy's alias."""
    if column.args.get("table") is not None:
        return None
    shown, key = _name(column.this, scope)
    alias = scope.aliases.get(key) if scope.in_select_list else None
    if alias is not None and alias.node is None and alias.sources and not scope.aliases_first:
        return _not_the_copy(shown, key, scope)
    relation = scope.relations.get(key) if scope.run.traits.whole_rows else None
    if relation is None or relation.table is None or not relation.openings:
        return None
    return relation.get(shown, key) if scope.run.rules.key(relation.table[-1]) == key else None


def _not_the_copy(shown: str, key: str, scope: Scope) -> Output | None:
    """`SELECT a AS b, b AS c`: nobody copies a copy, so the second is the table's b, if any table may have one."""
    if len(scope.open_items) != 1 or any(key in item.by_key for item in scope.relations.values()):
        return None
    found = scope.open_items[0].get(shown, key)
    if found is None:
        return None
    return Output(shown, {source: flags | tags.ALIAS_OR_COLUMN for source, flags in found.sources.items()})


def _field(relation: Relation, column: Output, path: Sequence[Name], scope: Scope) -> Output:
    """Returns a nested field: its own column if the schema lists the path, else the whole column."""
    if relation.table is not None:
        for count in range(len(path), 1, -1):
            key = ".".join(key for _, key in path[:count])
            if key in relation.by_key:
                return relation.by_key[key]
    if column.fields is not None:
        found = column.fields.get(*path[1])
        if found is not None:
            return found if len(path) == 2 else _field(column.fields, found, path[1:], scope)
    if path[0][1] not in relation.by_key and relation.openings:
        rest = ".".join(shown for shown, _ in path[1:])
        guessed = {
            ColumnName(source.table, f"{source.column}.{rest}"): flags | tags.FIELD_GUESSED
            for source, flags in column.sources.items()
        }
        return Output(path[-1][0], guessed)
    sources = {
        source: tags.THROUGH[tags.TRANSFORMATION][flags & tags.KIND_BITS] | flags & ~tags.KIND_BITS | tags.STRUCT_PATH
        for source, flags in column.sources.items()
    }
    return Output(path[-1][0], sources)


# ---------------------------------------------------------------- bare names


def _bare(names: Sequence[Name], scope: Scope) -> Output | None:
    if names[0][1] in scope.run.macros:
        return _macro(names, scope)
    level: Scope | None = scope
    while level is not None:
        found = _in_level(names, level)
        if found is not None:
            return _doubtful(found, names[0][1], level) if found.sources else found
        if len(level.open_items) > 1:
            return None  # any of them may have it: looking further out would be a wrong edge
        level = level.outer
    return None


def _macro(names: Sequence[Name], scope: Scope) -> Output:
    """ClickHouse: WITH expression AS name stands for the expression wherever the name is used."""
    from catalog.sql.expressions import sources_of  # the two modules are one recursion

    shown, key = names[0]
    node = scope.run.macros.pop(key)  # within the expression the name is a column's
    try:
        found = Output(shown, sources_of(node, scope), node)
    finally:
        scope.run.macros[key] = node
    return found if len(names) == 1 else _field(_NO_TABLE, found, names, scope)


_NO_TABLE: Final = Relation(())


def _in_level(names: Sequence[Name], level: Scope) -> Output | None:
    shown, key = names[0]
    if key in level.bound:
        return NOTHING
    single = len(names) == 1
    if single and level.aliases_first and key in level.aliases:
        return level.aliases[key]
    if key in level.merged:
        return level.merged[key] if single else _field(_NO_TABLE, level.merged[key], names, level)
    found = _known(key, level)
    if found is not None:
        relation, column = found
        return column if single else _field(relation, column, names, level)
    if key in level.aliases and (single or level.aliases[key].fields is not None):
        return _lateral(names, level)
    if single and key in level.run.variables:
        return NOTHING
    if (
        single
        and (item := level.relations.get(key)) is not None
        and (level.run.traits.whole_rows or item.anything is not None)
    ):
        return row_of(item, shown, level)
    if single and (key in level.run.traits.pseudo or _PARAMETER.fullmatch(key)):
        return NOTHING
    return _only_open(names, level)


def _lateral(names: Sequence[Name], level: Scope) -> Output | None:
    """Returns an earlier output, unless the text itself shows that an open table has a column of that name."""
    shown, key = names[0]
    output = level.aliases[key]
    if len(names) > 1:
        output = _field(_NO_TABLE, output, names, level)
    if not level.in_select_list or not level.open_items or not output.sources:
        return output
    if len(level.open_items) == 1 and level.open_items[0].is_supposed(key):
        return _member(level.open_items[0], names, level)
    sources = {column: flags | tags.ALIAS_OR_COLUMN for column, flags in output.sources.items()}
    return Output(shown, sources, output.node, output.fields)


def _known(key: str, level: Scope) -> tuple[Relation, Output] | None:
    hits = [relation for relation in level.relations.values() if key in relation.by_key]
    if not hits:
        return None
    first = hits[0].by_key[key]
    if len(hits) > 1 and any(hit.by_key[key].sources != first.sources for hit in hits[1:]):
        level.run.report("ambiguous", f"column '{first.name}' is in several tables of the query")
        return hits[0], Output(first.name, {})
    return hits[0], first


def _only_open(names: Sequence[Name], level: Scope) -> Output | None:
    opens = level.open_items
    if len(opens) == 1:
        return _member(opens[0], names, level)
    if not opens and any(relation.anything is not None for relation in level.relations.values()):
        return NOTHING  # a function of constants: whatever the name, it has no source
    if not opens and len(level.relations) == 1 and level.outer is None and len(names) == 1:
        (only,) = level.relations.values()
        return _member(only, names, level) if only.table is not None else None
    return None


def _doubtful(found: Output, key: str, level: Scope) -> Output:
    """Marks a column of an open table that an outer query offers as well."""
    if not _taken_from_open(key, level):
        return found
    outer = level.outer
    while outer is not None:
        if any(key in relation.by_key for relation in outer.relations.values()):
            return Output(found.name, {source: flags | tags.OUTER_OR_INNER for source, flags in found.sources.items()})
        outer = outer.outer
    return found


def _taken_from_open(key: str, level: Scope) -> bool:
    known = any(key in relation.by_key for relation in level.relations.values())
    return not known and key not in level.merged and key not in level.aliases


# ---------------------------------------------------------------- whole rows


def row_of(relation: Relation, name: str, scope: Scope) -> Output:
    """A table's alias in place of a column is its whole row."""
    sources: Sources = {}
    for output in relation.outputs:
        for column, flags in output.sources.items():
            kinds = tags.THROUGH[tags.TRANSFORMATION][flags & tags.KIND_BITS]
            sources[column] = sources.get(column, 0) | kinds | (flags & ~tags.KIND_BITS) | tags.WHOLE_ROW
    for column, flags in (relation.anything or {}).items():
        sources[column] = sources.get(column, 0) | flags
    for opening in relation.openings:
        scope.run.gathered.reads[opening.table] = None
        scope.run.report("star", f"the row of '{'.'.join(opening.table)}' is used: its columns are not known")
    return Output(name, sources)


def at_place(place: int, relations: Sequence[Relation], scope: Scope) -> Output | None:
    """Returns the column at a place, from 1, as far as the columns before it are known."""
    for relation in relations:
        if relation.openings:
            scope.run.report("star", f"which column is ${place} is not known")
            return None
        if place <= len(relation.outputs):
            return relation.outputs[place - 1]
        place -= len(relation.outputs)
    return NOTHING
