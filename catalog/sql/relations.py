"""What a FROM item offers: its output columns with their sources, and the tables whose columns nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from catalog.sql import tags
from catalog.sql.results import ColumnName, Table

Sources = dict[ColumnName, int]
"""Columns that a value draws on, each with its flags from `catalog.sql.tags`. Shared: never changed once handed on."""

Key = Callable[[str], str]
"""Maps a column's name to what its spellings have in common."""


@dataclass(slots=True)
class Output:
    """One output column of a query.

    Attributes:
        node: The expression that computes it, None for a copied column.
        fields: What a struct, a row or an array of them consists of, if the query itself builds it.
    """

    name: str
    sources: Sources
    node: exp.Expr | None = None
    fields: Relation | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A table whose unknown columns a relation passes on, but for those in `hidden`.

    `place` is the number of known columns before it. `also` are the openings of other branches of a set operation: a
    column is looked for in all of them. `doubt` is a reason of `tags` why it may be another table.
    """

    table: Table
    hidden: frozenset[str] = frozenset()
    also: tuple[Opening, ...] = ()
    doubt: int = 0
    place: int = 0

    def sources(self, name: str, key: str) -> Sources | None:
        """Returns the sources of a column that the table must have; None if it is hidden here."""
        if key in self.hidden:
            return None
        found: Sources = {ColumnName(self.table, name): tags.COPIED | self.doubt}
        for other in self.also:
            for column, flags in (other.sources(name, key) or {}).items():
                found[column] = found.get(column, 0) | flags | tags.BY_NAME
        return found

    def alone(self) -> Opening:
        """Returns the same without the other branches."""
        return replace(self, also=()) if self.also else self

    def tables(self) -> Iterable[Table]:
        yield self.table
        for other in self.also:
            yield from other.tables()


@dataclass(slots=True)
class Relation:
    """Rows with named columns.

    Attributes:
        outputs: The known columns in order; names may repeat.
        openings: Tables whose unknown columns it passes on. More than one: a name could be any one's.
        rows: Columns that decide which rows there are, with `tags` row bits.
        table: Its name if it is a table of the database itself, and not seen through.
        anything: The sources of any column asked for: a function's result whose columns have no known names.
        element: The sources of an array's element, any name behind whose alias is a field of it.
        nested: Some column has known fields.
    """

    outputs: Sequence[Output]
    openings: tuple[Opening, ...] = ()
    rows: Sources = field(default_factory=dict)
    table: Table | None = None
    by_key: dict[str, Output] = field(default_factory=dict)
    anything: Sources | None = None
    nested: bool = False
    element: Sources | None = None
    _supposed: dict[str, Output] = field(default_factory=dict)

    def get(self, name: str, key: str) -> Output | None:
        """Returns the column, taken from the one open table if it is not known; None if there is none or several."""
        found = self.by_key.get(key)
        if found is None and self.anything is not None:
            return Output(name, self.anything)
        if found is None and self.element is not None:
            return Output(name, {column: flags | tags.STRUCT_PATH for column, flags in self.element.items()})
        if found is not None or len(self.openings) != 1:
            return found
        found = self._supposed.get(key)
        if found is None:
            sources = self.openings[0].sources(name, key)
            found = None if sources is None else self._supposed.setdefault(key, Output(name, sources))
        return found

    def is_supposed(self, key: str) -> bool:
        """Whether the text has named the column before: then the table has it."""
        return key in self._supposed

    @property
    def is_open(self) -> bool:
        return bool(self.openings or self.anything)

    @property
    def placed(self) -> int:
        """The number of columns whose place is known: behind an open star nobody knows which column stands where."""
        if self.anything:
            return 0
        return min((opening.place for opening in self.openings), default=len(self.outputs))


def relation(
    outputs: Sequence[Output], key: Key, openings: tuple[Opening, ...] = (), rows: Sources | None = None
) -> Relation:
    """Makes a relation whose columns are found by name; of repeated names the first counts."""
    by_key: dict[str, Output] = {}
    nested = False
    for output in outputs:
        by_key.setdefault(key(output.name), output)
        nested = nested or output.fields is not None
    return Relation(outputs, openings, rows if rows is not None else {}, None, by_key, None, nested)


def base_relation(table: Table, columns: Sequence[str], key: Key) -> Relation:
    """A table of the database with known columns."""
    outputs = [Output(name, {ColumnName(table, name): tags.COPIED}) for name in columns]
    made = relation(outputs, key)
    made.table = table
    return made


def open_relation(table: Table, doubt: int = 0) -> Relation:
    """A table of the database of which nothing is known."""
    return Relation((), (Opening(table, doubt=doubt),), {}, table)


def renamed(source: Relation, names: Sequence[str], key: Key) -> Relation:
    """The same rows with the columns named anew, by position; columns beyond the list keep their names."""
    if not names:
        return source
    placed = source.placed
    outputs = [
        Output(name, o.sources, o.node, o.fields) for name, o in zip(names, source.outputs[:placed], strict=False)
    ]
    if source.openings:
        # Which column stands at which later place is not known.
        return relation([*outputs, *(Output(name, {}) for name in names[placed:])], key, (), source.rows)
    return relation([*outputs, *source.outputs[len(outputs) :]], key, (), source.rows)


def merge(into: Sources, sources: Sources, add: int = 0) -> None:
    for column, flags in sources.items():
        into[column] = into.get(column, 0) | flags | add


def merge_rows(into: Sources, sources: Sources, kind: int) -> None:
    """Adds the sources of a condition, a key or an order to those that decide about rows."""
    for column, flags in sources.items():
        into[column] = into.get(column, 0) | kind | (flags & tags.QUALITY)
