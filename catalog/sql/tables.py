"""The tables that a session knows: those of the schema, those it made, and where bare names are looked for."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.dialects import Traits
from catalog.sql.names import CaseRules, Schema, identifier_name
from catalog.sql.relations import Output, Relation, Sources, base_relation, merge, open_relation, relation
from catalog.sql.results import Table

if TYPE_CHECKING:
    from catalog.sql.caching import Journal

Parts = Sequence[tuple[str, bool]]
"""The parts of a table's name as written, each with whether it is quoted."""


_Saved = tuple[str, "dict[Table, Definition]", "dict[Table, Definition]"]
"""What was known when a transaction began, or at a savepoint with its name."""


_MAX_SAVEPOINTS = 20
"""Each keeps all that is known of tables."""


def is_named(table: exp.Expr | None) -> TypeGuard[exp.Table]:
    """Whether a node is a table with a name, and not a function, a stage or a variable in its place."""
    if not isinstance(table, exp.Table):
        return False
    name = table.this
    return isinstance(name, (exp.Identifier, exp.Parameter)) or (
        isinstance(name, exp.Dot) and isinstance(name.expression, exp.Identifier)
    )


def is_bare(table: exp.Expr) -> bool:
    """Whether a table's name has one part."""
    args = table.args
    return args.get("db") is None and args.get("catalog") is None and not isinstance(args.get("this"), exp.Dot)


def table_parts(table: exp.Table) -> list[tuple[str, bool]]:
    """Returns the parts of a table's name; an empty part between two dots is kept."""
    name = table.args["this"]
    if isinstance(name, exp.Parameter):  # T-SQL's table variable
        return [(f"@{name.name}", True)]
    if is_bare(table):
        return [identifier_name(name)]
    parts = [identifier_name(part) for part in table.parts]
    if table.args.get("catalog") and not table.args.get("db"):
        parts.insert(1, ("", False))
    return parts


def is_marked(table: Table) -> bool:
    """Whether a name says itself that the table is temporary: `#t` of T-SQL and Redshift, and table variables."""
    return bool(table) and table[-1].startswith(("#", "@"))


def is_file(table: Table) -> bool:
    """Whether a name in the place of a table's is that of a file: `FROM 'x.csv'`, `FROM 's3://bucket/x'`."""
    return len(table) == 1 and _FILE.search(table[0]) is not None


_FILE: Final = re.compile(
    r"://|^\.{0,2}/|\.(?:csv|tsv|parquet|json|jsonl|ndjson|avro|orc|arrow|xlsx)(?:\.\w+)?$", re.IGNORECASE
)


def family(table: Table) -> Table:
    """Returns the one name of BigQuery's tables for single days, of wildcards and of a table's partitions.

    `x_20240131`, `x_*` and `x_2024*` are all `x_yyyymmdd`; `x$20240131` is a partition of `x`.
    """
    bare, day, wildcard = _SHARD.fullmatch(table[-1]).groups()  # type: ignore[union-attr]
    if day is None and wildcard is None:
        return (*table[:-1], bare.partition("$")[0] or bare)
    return (*table[:-1], f"{bare.rstrip('_')}_yyyymmdd")


_SHARD: Final = re.compile(r"(.*?)(?:_(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))|(_?\d{0,8}\*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a table's name stands for.

    Attributes:
        relation: Its columns. Of a temporary table those of the query it was made from, so that it is seen through.
        reads: The tables that a temporary table was made from.
    """

    table: Table
    relation: Relation
    temporary: bool = False
    reads: tuple[Table, ...] = ()

    def content(self) -> Hashable:
        """Returns what an answer can depend on, to compare."""
        relation = self.relation
        names = tuple(output.name for output in relation.outputs)
        if not self.temporary:
            return self.table, names, tuple((opening.table, opening.doubt) for opening in relation.openings)
        openings = tuple(map(repr, relation.openings))
        sources = tuple(tuple(sorted(output.sources.items())) for output in relation.outputs)
        return self.table, names, openings, sources, tuple(sorted(relation.rows.items())), self.reads


class Tables:
    """Names to tables, for one session.

    Bare names mean: a temporary table of the session; else the first schema of the search path that has it.

    Attributes:
        branching: The statements stand in a body, whose control flow is not followed: a temporary table that is made
            again before anybody has read it is made on another branch, and holds what either makes.
    """

    def __init__(
        self,
        schema: Schema,
        rules: CaseRules,
        traits: Traits,
        database: str | None = None,
        search_path: Sequence[str] = (),
    ) -> None:
        self.schema, self.rules, self.traits = schema, rules, traits
        self.database, self.search_path = database, tuple(search_path)
        self.journal: Journal | None = None
        self.changes = 0
        self._made: dict[Table, Definition] = {}
        self._temporary: dict[Table, Definition] = {}
        self._saved: list[_Saved] = []
        self.branching = False
        self._unread: dict[Table, Definition] = {}

    # ------------------------------------------------------------ finding

    def find(self, parts: Parts, temporary: bool = False) -> Definition:
        """Returns what a name stands for when it is read; a table that nobody knows is open."""
        found = self._find(parts, temporary)
        if self.journal is not None:
            self.journal.asked.append(("find", (tuple(parts), temporary), found.content()))
        return found

    def answer(self, question: str, arguments: tuple[Any, ...]) -> Hashable:
        """Returns what a question of the journal would be answered now."""
        return self._find(*arguments).content() if question == "find" else self._new_name(*arguments)

    def not_repeatable(self) -> None:
        """Notes that what is going on now cannot be done again from the journal."""
        self.changes += 1
        if self.journal is not None:
            self.journal.repeatable = False

    def _note(self, change: str, *arguments: Any) -> None:
        self.changes += 1
        if self.journal is not None:
            self.journal.done.append((change, arguments))

    def _find(self, parts: Parts, temporary: bool = False) -> Definition:
        shown = tuple([self.rules.table(*part) for part in parts])
        if is_marked(shown):
            shown, temporary = shown[-1:], True
        found = self._temporary.get(self.rules.table_key(shown)) if self._temporary else None
        if found is not None:
            return found
        candidates = self._candidates(shown)
        for table in candidates:
            known = self._known(table)
            if known is not None:
                return known
        doubt = tags.SEARCH_PATH if len(candidates) > 1 else 0
        if self.traits.date_shards and family(candidates[0]) != candidates[0]:
            return self._find([(part, True) for part in family(candidates[0])], temporary)
        if is_file(shown) or shown[-1].startswith("@"):  # what is in a parameter of a table's type, its caller knows
            return Definition(shown, Relation((), anything={}), True)
        return Definition(candidates[0], open_relation(candidates[0], doubt), temporary)

    def name(self, parts: Parts) -> Table:
        """Returns the full name of a table that is written to or made."""
        definition = self.find(parts)
        if self._known(definition.table) is not None or definition.temporary:
            return definition.table
        return self._new_name(parts)

    def new_name(self, parts: Parts) -> Table:
        """Returns the full name of a table to be made: in the first schema of the search path."""
        return self._new_name(parts)

    def _new_name(self, parts: Parts) -> Table:
        name = self._candidates(tuple(self.rules.table(*part) for part in parts))[0]
        return family(name) if self.traits.date_shards and self._known(name) is None else name

    def is_temporary(self, table: Table) -> bool:
        """Whether a name means a table that ends with the session."""
        return self.rules.table_key(table) in self._temporary

    def columns_of(self, table: Table) -> tuple[str, ...] | None:
        """Returns a table's columns as they are known now; None if they are not all known."""
        known = self._known(table)
        if known is None or known.relation.openings:
            return None
        return tuple(output.name for output in known.relation.outputs)

    def _known(self, table: Table) -> Definition | None:
        if self._temporary or self._made:
            key = self.rules.table_key(table)
            made = self._temporary.get(key) or self._made.get(key)
            if made is not None:
                return made
        known = self.schema.relation(table)
        return None if known is None or known.table is None else Definition(known.table, known)

    def _candidates(self, shown: Table) -> list[Table]:
        if is_marked(shown):
            return [shown[-1:]]
        if "" in shown:  # `db..t`: the default schema of that database
            schema = self.search_path[0] if self.search_path else ""
            return [tuple(part for part in (part or schema for part in shown) if part)]
        database = (self.database,) if self.database else ()
        if len(shown) == 1:
            return [(*database, schema, *shown) for schema in self.search_path] or [(*database, *shown)]
        if (
            len(shown) == 2
            and database
            and (self.search_path or (not self.traits.two_levels and shown[0] != database[0]))
        ):
            return [(*database, *shown)]
        return [shown]

    # ------------------------------------------------------------ changing

    def define(self, table: Table, made: Relation, temporary: bool, written: Parts, reads: Sequence[Table]) -> None:
        """Remembers a table that the session made.

        Args:
            written: Its name as the statement has it: a bare temporary one is found by that, too.
            reads: What a temporary one was made from.
        """
        self._note("define", table, made, temporary, written, reads)
        key = self.rules.table_key(table)
        if not temporary:
            self._made[key] = Definition(table, self._as_base(table, made))
            return
        definition = self._with_branches(key, Definition(table, made, True, tuple(reads)))
        self._temporary[key] = self._unread[key] = definition
        if len(written) == 1:
            self._temporary[self.rules.table_key((self.rules.table(*written[0]),))] = definition

    def _with_branches(self, key: Table, made: Definition) -> Definition:
        other = self._unread.get(key) if self.branching else None
        if other is None:
            return made
        outputs = [
            _joined(output, other.relation.by_key.get(self.rules.key(output.name))) for output in made.relation.outputs
        ]
        rows = dict(made.relation.rows)
        merge(rows, other.relation.rows)
        united = relation(outputs, self.rules.key, made.relation.openings or other.relation.openings, rows)
        united.anything = made.relation.anything
        return Definition(made.table, united, True, tuple(dict.fromkeys((*other.reads, *made.reads))))

    def note_read(self, table: Table) -> None:
        """Notes that a temporary table has been read."""
        self._unread.pop(self.rules.table_key(table), None)

    def _as_base(self, table: Table, made: Relation) -> Relation:
        base = base_relation(table, [output.name for output in made.outputs], self.rules.key)
        if made.openings or made.anything is not None:
            base.openings = open_relation(table).openings
        return base

    def extend(self, table: Table, outputs: Sequence[Output], rows: Sources, reads: Sequence[Table]) -> None:
        """Adds what a statement writes to a temporary table to what is in it."""
        self._note("extend", table, outputs, rows, reads)
        definition = self._temporary.get(self.rules.table_key(table))
        if definition is None and is_marked(table):  # made by whoever called this
            made = relation(outputs, self.rules.key, open_relation(table).openings, dict(rows))
            self.define(table, made, True, [(table[-1], True)], reads)
        if definition is None:
            return
        key = self.rules.key
        added = {key(output.name): output for output in outputs}
        merged = [_joined(output, added.pop(key(output.name), None)) for output in definition.relation.outputs]
        all_rows = dict(definition.relation.rows)
        merge(all_rows, rows)
        made = relation([*merged, *added.values()], key, definition.relation.openings, all_rows)
        made.anything = definition.relation.anything
        united = Definition(definition.table, made, True, tuple(dict.fromkeys((*definition.reads, *reads))))
        for name, other in list(self._temporary.items()):
            if other is definition:
                self._temporary[name] = united
        key_of_table = self.rules.table_key(definition.table)
        if key_of_table in self._unread:
            self._unread[key_of_table] = united

    def drop(self, table: Table) -> None:
        """Forgets a table."""
        self._note("drop", table)
        self._forget(table)

    def _forget(self, table: Table) -> None:
        gone = self._temporary.get(self.rules.table_key(table))
        if gone is not None:
            self._temporary = {key: made for key, made in self._temporary.items() if made is not gone}
        else:
            self._made.pop(self.rules.table_key(table), None)

    def rename(self, old: Table, new: Table) -> None:
        """Moves what is known of a table to another name."""
        self.not_repeatable()
        known = self._known(old)
        self._forget(old)
        if known is None:
            return
        reads = known.reads
        self.define(new, known.relation, known.temporary, [(new[-1], True)], reads)

    def swap(self, first: Table, second: Table) -> None:
        """Exchanges what two names stand for."""
        self.not_repeatable()
        one, other = self._known(first), self._known(second)
        for table, taken in ((first, other), (second, one)):
            self._forget(table)
            if taken is not None:
                self.define(table, taken.relation, taken.temporary, (), taken.reads)

    def change_columns(
        self, table: Table, added: Sequence[str], dropped: Sequence[str], renamed: dict[str, str]
    ) -> None:
        """Applies ALTER TABLE to what is known of the columns."""
        self.not_repeatable()
        known = self._known(table)
        if known is None:
            return
        key = self.rules.key
        gone = {key(name) for name in dropped}
        kept = [output for output in known.relation.outputs if key(output.name) not in gone]
        outputs = [Output(renamed.get(key(o.name), o.name), o.sources, o.node) for o in kept]
        outputs += [Output(name, {}) for name in added if key(name) not in known.relation.by_key]
        made = relation(outputs, key, known.relation.openings, known.relation.rows)
        self.define(known.table, made, known.temporary, [(table[-1], True)], known.reads)

    def use(self, parts: Sequence[str], kind: str) -> None:
        """Applies USE: where names that are not qualified belong from now on."""
        self.not_repeatable()
        if kind == "SCHEMA" or (len(parts) > 1 and kind != "CATALOG"):
            self.search_path = (parts[-1],)
            self.database = parts[0] if len(parts) > 1 else self.database
        elif self.traits.two_levels and kind != "CATALOG":
            self.search_path = (parts[-1],)
        else:
            self.database = parts[-1]

    def forget_temporary(self) -> None:
        """Applies DISCARD TEMP."""
        self.not_repeatable()
        self._temporary = {}

    def copy(self) -> Tables:
        """Returns tables that know the same and forget what happens to them."""
        other = Tables(self.schema, self.rules, self.traits, self.database, self.search_path)
        other._made, other._temporary = dict(self._made), dict(self._temporary)
        other._unread, other.branching = dict(self._unread), self.branching
        return other

    def join(self, other: Tables) -> None:
        """Shares the lasting tables that another session of the same server makes, from now on both ways."""
        self._made = other._made

    # ------------------------------------------------------------ transactions

    def begin(self) -> None:
        self.not_repeatable()
        self._saved = [("", dict(self._made), dict(self._temporary))]

    def commit(self) -> None:
        self.not_repeatable()
        self._saved = []

    def rollback(self) -> None:
        self.not_repeatable()
        if self._saved:
            self._restore(self._saved[0])
        self._saved = []

    def savepoint(self, name: str) -> bool:
        """Remembers what is known now; returns False if there are too many savepoints to do so."""
        self.not_repeatable()
        if len(self._saved) > _MAX_SAVEPOINTS:
            return False
        self._saved.append((name, dict(self._made), dict(self._temporary)))
        return True

    def has_savepoint(self, name: str) -> bool:
        return any(saved[0] == name for saved in self._saved)

    def rollback_to(self, name: str) -> None:
        """Goes back to a savepoint, which stays; those after it are gone."""
        self.not_repeatable()
        while self._saved and self._saved[-1][0] != name:
            self._saved.pop()
        if self._saved:
            self._restore(self._saved[-1])

    def _restore(self, saved: _Saved) -> None:
        if self.traits.transactional_ddl:
            self._made, self._temporary = dict(saved[1]), dict(saved[2])


def _joined(output: Output, added: Output | None) -> Output:
    if added is None:
        return output
    sources = dict(output.sources)
    merge(sources, added.sources)
    return Output(output.name, sources, output.node or added.node)
