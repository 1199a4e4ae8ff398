"""What an analysis answers: values only, safe to keep, to compare and to send to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from catalog.sql.texts import Fragment

Table = tuple[str, ...]
"""A table's name as its parts, outermost first. The empty tuple is the result of a query that is stored nowhere."""

FlowKind = Literal["identity", "transformation", "aggregation", "conditional"]
InfluenceKind = Literal["filter", "join", "group_by", "sort", "window"]
Exactness = Literal["exact", "over_approximate", "guessed"]
ProblemCode = Literal["unresolved", "ambiguous", "unsupported", "unparsed", "star", "dynamic", "limit"]


class ColumnName(NamedTuple):
    """A column of a table. The path of a nested field is joined by dots: `address.city`."""

    table: Table
    column: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The target's value comes from the source's, or is chosen by it.

    Attributes:
        kind: `conditional` where the source decides which value is taken and is not itself the value.
        masking: the source passed through a function that hides it (a hash, a mask, a count).
        reason: why it is not `exact`; None if it is.
        by_star: no part of the statement names the source column, a `*` carried it.
    """

    target: ColumnName
    source: ColumnName
    kind: FlowKind
    masking: bool = False
    exactness: Exactness = "exact"
    reason: str | None = None
    by_star: bool = False
    fragment: Fragment | None = field(default=None, compare=False, repr=False)

    @property
    def expression(self) -> str | None:
        """The SQL that computes the target, written out when first asked for; None for a copied column."""
        return self.fragment.sql if self.fragment else None

    @property
    def redacted_expression(self) -> str | None:
        """The same with every literal as `?`: for texts that come from query logs."""
        return self.fragment.redacted if self.fragment else None


class Influence(NamedTuple):
    """The source decides which rows the target table holds, or in which order; never the value itself.

    Attributes:
        target: A `Table` (its whole row set), but a `ColumnName` for kind `window`.
    """

    target: Table | ColumnName
    source: ColumnName
    kind: InfluenceKind
    exactness: Exactness = "exact"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not understood; what it could have said is missing from the answer, not guessed.

    Attributes:
        line: Line of the text that was analysed, from 1.
    """

    code: ProblemCode
    message: str
    line: int


class CreatedColumn(NamedTuple):
    """A column of a table that a statement creates; the type as declared, None if none is."""

    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement does.

    Attributes:
        kind: One word of `catalog.sql.kinds.KINDS`.
        start: Offset of the first character in the text that was analysed.
        end: Offset after the last character.
        line: Line of the first character, from 1.
        reads: Tables read, in the order met. Temporary tables are not among them: what they were made from is.
        read_columns: For each table read, the columns that the statement names or that a `*` over known columns
            stands for; None where a `*` over unknown columns hides which.
        through: Temporary tables that it reads.
        writes: Tables whose rows or definition it changes.
        columns: All columns of the table that it creates or replaces, in order; None if they are not known.
        defines_target: The target's content after it stands on this statement alone (CREATE TABLE AS, CREATE VIEW,
            INSERT OVERWRITE of all partitions, ...).
        if_not_exists: It does nothing where the target exists.
        temporary: The target ends with the session.
        emptied: Tables that hold no rows after it (TRUNCATE, DELETE without condition).
        dropped: Tables that exist no more after it.
        renamed: Pairs of old and new name; the old one counts as read. A swap is two pairs.
        undone: A ROLLBACK later in the same text took it back.
        within: The procedure, function or trigger in whose body it stands: it runs when that is called.
    """

    kind: str
    text: str
    start: int
    end: int
    line: int
    reads: tuple[Table, ...] = ()
    through: tuple[Table, ...] = ()
    read_columns: Mapping[Table, tuple[str, ...] | None] = field(default_factory=dict)
    writes: tuple[Table, ...] = ()
    flows: tuple[Flow, ...] = ()
    influences: tuple[Influence, ...] = ()
    columns: tuple[CreatedColumn, ...] | None = None
    defines_target: bool = False
    if_not_exists: bool = False
    temporary: bool = False
    emptied: tuple[Table, ...] = ()
    dropped: tuple[Table, ...] = ()
    renamed: tuple[tuple[Table, Table], ...] = ()
    undone: bool = False
    within: Table | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one text: statement by statement, and end to end.

    End to end, temporary tables that the text reads and tables that it drops again are seen through, a rename moves what
    was written under the old name, and statements rolled back say nothing.
    """

    statements: tuple[Statement, ...]
    flows: tuple[Flow, ...]
    influences: tuple[Influence, ...]
    reads: tuple[Table, ...]
    writes: tuple[Table, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All statements' problems, in order."""
        return tuple(problem for statement in self.statements for problem in statement.problems)
