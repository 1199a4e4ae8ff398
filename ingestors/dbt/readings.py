"""Compiled SQL read into plain values: a task goes to a worker, a reading comes back. Nothing here knows the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from catalog.model.edges import Exactness, RowKind, ValueKind
from catalog.sql import Session
from catalog.sql.names import case_rules
from catalog.sql.results import ColumnName, Problem, Result, Table

_TICKED: Final = frozenset({"bigquery", "databricks", "hive", "mysql", "singlestore", "spark", "spark2", "starrocks"})


def quoted(table: Table, dialect: str) -> str:
    """Returns a table's name as SQL of the dialect writes it, quoted."""
    mark = "`" if dialect in _TICKED else '"'
    return ".".join(mark + part.replace(mark, mark * 2) + mark for part in table)


@dataclass(frozen=True, slots=True)
class Task:
    """The SQL of one model.

    Attributes:
        table: The relation that it fills.
        known: Columns, in order, of the tables that it may read.
        outputs_wanted: Whether the names of its result's columns are needed: no catalog lists them.
    """

    sql: str
    table: Table
    known: Mapping[Table, tuple[str, ...]]
    dialect: str
    database: str | None
    schema: str | None
    limit: int
    outputs_wanted: bool


class Derivation(NamedTuple):
    """A column of the model whose value comes from a column of a table."""

    column: str
    source: ColumnName
    kind: ValueKind
    masking: bool
    exactness: Exactness
    reason: str | None
    by_star: bool
    expression: str | None


class Selection(NamedTuple):
    """A column of a table that decides on the model's rows or, for `window`, on the order behind one of its columns."""

    column: str | None
    source: ColumnName
    kind: RowKind
    exactness: Exactness
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the SQL of a model says.

    Attributes:
        reads: Each table read, with whether the columns that are read of it are known.
        outputs: Names of all its columns, if they were wanted and can be told.
        elsewhere: Other tables that it fills.
    """

    derivations: tuple[Derivation, ...] = ()
    selections: tuple[Selection, ...] = ()
    reads: tuple[tuple[Table, bool], ...] = ()
    outputs: tuple[str, ...] | None = None
    elsewhere: tuple[Table, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def unparsed(self) -> Problem | None:
        """Returns the problem that hides everything, if there is one."""
        return next((problem for problem in self.problems if problem.code in ("unparsed", "limit")), None)


def read(task: Task) -> Reading:
    """Reads the SQL of one model. A table that reads itself (an incremental model) gets no edge to itself."""
    if task.outputs_wanted:
        created = _analyze(task, f"CREATE TABLE {quoted(task.table, task.dialect)} AS\n{task.sql}", first_line=2)
        if created is not None:
            return created
    return _analyze(task, task.sql, first_line=1) or Reading()


def _analyze(task: Task, sql: str, first_line: int) -> Reading | None:
    session = Session(
        task.dialect or None, task.known, default_database=task.database, default_schema=task.schema,
        max_characters=task.limit + len(sql) - len(task.sql),
    )  # fmt: skip
    result = session.analyze(sql)
    if first_line > 1 and (len(result.statements) != 1 or any(p.code == "unparsed" for p in result.problems)):
        return None
    return _reading(task, result, first_line)


def _reading(task: Task, result: Result, first_line: int) -> Reading:
    key = case_rules(task.dialect).table_key
    own = {(), key(task.table)}
    flows = [f for f in result.flows if key(f.target.table) in own and key(f.source.table) not in own]
    influences = [i for i in result.influences if key(_table(i.target)) in own and key(i.source.table) not in own]
    return Reading(
        derivations=tuple(
            Derivation(f.target.column, f.source, f.kind, f.masking, f.exactness, f.reason, f.by_star, f.expression)
            for f in flows
        ),
        selections=tuple(
            Selection(
                i.target.column if isinstance(i.target, ColumnName) else None, i.source, i.kind, i.exactness, i.reason
            )
            for i in influences
        ),
        reads=tuple((t, known) for t, known in _reads(result).items() if key(t) not in own),
        outputs=_outputs(result),
        elsewhere=tuple(t for t in result.writes if key(t) not in own),
        problems=tuple(Problem(p.code, p.message, max(1, p.line - first_line + 1)) for p in result.problems),
    )


def _table(target: Table | ColumnName) -> Table:
    return target.table if isinstance(target, ColumnName) else target


def _reads(result: Result) -> dict[Table, bool]:
    """Returns the tables read and whether all columns that are read of each are known.

    A name that could not be resolved may belong to any table; a star hides those of its own table only.
    """
    clear = not any(problem.code != "star" for problem in result.problems)
    hidden = {t for statement in result.statements for t, columns in statement.read_columns.items() if columns is None}
    return {table: clear and table not in hidden for table in result.reads}


def _outputs(result: Result) -> tuple[str, ...] | None:
    created = result.statements[0].columns if len(result.statements) == 1 else None
    return tuple(column.name for column in created) if created is not None else None
