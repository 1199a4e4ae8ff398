"""What a name may mean at a place in a statement, and what the whole statement gathers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from catalog.sql.dialects import Traits
from catalog.sql.limits import SHARED, Budget
from catalog.sql.names import CaseRules
from catalog.sql.relations import Output, Relation, Sources, merge
from catalog.sql.results import CreatedColumn, Problem, ProblemCode, Table
from catalog.sql.splitting import Piece
from catalog.sql.tables import Definition, Tables


@dataclass(slots=True)
class Gathered:
    """What one statement touches, filled during the pass. The fields are those of `results.Statement`, still growing.

    Attributes:
        reads: Tables read, in the order met; the columns named, None once a star hides which.
        puts: What goes into which column of which table.
        rows: For each table written, the columns that decide about its rows.
    """

    kind: str = ""
    reads: dict[Table, dict[str, None] | None] = field(default_factory=dict)
    through: dict[Table, None] = field(default_factory=dict)
    writes: dict[Table, None] = field(default_factory=dict)
    puts: list[tuple[Table, Output]] = field(default_factory=list)
    rows: dict[Table, Sources] = field(default_factory=dict)
    columns: list[CreatedColumn] | None = None
    defines_target: bool = False
    if_not_exists: bool = False
    temporary: bool = False
    emptied: list[Table] = field(default_factory=list)
    dropped: list[Table] = field(default_factory=list)
    renamed: list[tuple[Table, Table]] = field(default_factory=list)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def read(self, table: Table) -> None:
        self.reads.setdefault(table, {})

    def read_column(self, table: Table, column: str) -> None:
        columns = self.reads.get(table)
        if columns is not None:
            columns[column] = None

    def write(self, table: Table, outputs: Iterable[Output] = (), rows: Sources | None = None) -> None:
        self.writes[table] = None
        self.puts.extend((table, output) for output in outputs)
        if rows:
            merge(self.rows.setdefault(table, {}), rows)

    def size(self) -> int:
        """Returns how many sources what is written has, and what decides about rows."""
        return sum(len(output.sources) for _, output in self.puts) + sum(map(len, self.rows.values()))

    def report(self, code: ProblemCode, message: str, line: int) -> None:
        """Notes a problem, once for each message."""
        self.problems.setdefault((code, message), Problem(code, message, line))


@dataclass(slots=True)
class Pass:
    """The rules and the knowledge that one statement is read with.

    Attributes:
        names: Identifiers seen so far, quoted ones as tuples, with what they are shown as and compared by.
        found: Tables that have been read in the statement, by the name as it is written.
        macros: Expressions that ClickHouse's WITH gives a name, by its key.
        variables: Keys of the variables of the routine that the statement stands in.
        records: Its variables that hold a row: a trigger's NEW and OLD.
        budget: What the statement may still cost.
    """

    rules: CaseRules
    traits: Traits
    dialect: str | None
    tables: Tables
    cut: Callable[[str], Piece | None]
    prepared: dict[str, Piece] = field(default_factory=dict)
    gathered: Gathered = field(default_factory=Gathered)
    line: int = 1
    names: dict[object, tuple[str, str]] = field(default_factory=dict)
    found: dict[tuple[tuple[str, bool], ...], Definition] = field(default_factory=dict)
    macros: dict[str, exp.Expr] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    records: Mapping[str, Relation] = field(default_factory=dict)
    in_body: bool = False
    budget: Budget = field(default_factory=lambda: Budget(SHARED, 0))

    def report(self, code: ProblemCode, message: str, node: exp.Expr | None = None) -> None:
        self.gathered.report(code, message, line_of(node) or self.line)


@dataclass(slots=True)
class Scope:
    """The names of one query.

    Attributes:
        relations: FROM items by alias.
        versions: Rows that only a qualified name reaches: `excluded`, `inserted`, `deleted`.
        ctes: Common table expressions in force, the outer ones included.
        merged: Columns that a JOIN USING made one.
        aliases: Outputs that later clauses may name.
        named: A query around this one asks for its columns by name: what its stars stand for comes out there.
        rows_only: Nobody asks for the query's columns: it stands in EXISTS.
        bound: Parameters of an enclosing lambda: names with no source.
        rows: Columns that decide which rows there are.
    """

    run: Pass
    outer: Scope | None = None
    ctes: dict[str, Relation] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    versions: dict[str, Relation] = field(default_factory=dict)
    merged: dict[str, Output] = field(default_factory=dict)
    aliases: dict[str, Output] = field(default_factory=dict)
    aliases_first: bool = False
    in_select_list: bool = False
    named: bool = False
    rows_only: bool = False
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    rows: Sources = field(default_factory=dict)
    _open: list[Relation] | None = None

    def add(self, key: str, item: Relation) -> None:
        """Puts a FROM item in the place of what had its name."""
        self.relations[key] = item
        self._open = None

    @property
    def open_items(self) -> list[Relation]:
        """FROM items that may have columns that are not known."""
        if self._open is None:
            self._open = [item for item in self.relations.values() if item.is_open]
        return self._open

    def branch(self) -> Scope:
        """A query in the place of this one: the same names are known around it."""
        return Scope(self.run, self.outer, self.ctes, named=self.named)

    def inner(self) -> Scope:
        """A query inside of this one that may use its columns."""
        return Scope(self.run, self, self.ctes)

    def beside(self) -> Scope:
        """A query in FROM: it sees what is outside, but not its neighbours."""
        return Scope(self.run, self.outer, self.ctes)


def line_of(node: exp.Expr | None) -> int | None:
    """Returns the line of the first identifier at or below the node."""
    if node is None:
        return None
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier) and node.this._meta:
        return int(node.this.meta.get("line") or 0) or None
    for part in node.walk():
        line = part.meta.get("line") if part._meta else None
        if line:
            return int(line)
    return None
