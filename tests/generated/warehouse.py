"""A Snowflake account: its query history, its columns, and where each column comes from."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.generated.truth import Truth
from tests.generated.words import Names

HEADS: Final = (
    "QUERY_ID QUERY_TEXT DATABASE_NAME SCHEMA_NAME QUERY_TYPE SESSION_ID USER_NAME ROLE_NAME EXECUTION_STATUS ERROR_CODE START_TIME"
).split()
EXPRESSIONS: Final[tuple[tuple[str, str], ...]] = (
    ("{c}", "identity"),
    ("UPPER({c})", "transformation"),
    ("{c} || '-x'", "transformation"),
    ("({c} + 1) * 2", "transformation"),
    ("CASE WHEN {c} > 10 THEN 'high' ELSE 'low' END", "conditional"),
    ("IFF({c} = 'a', 1, 0)", "conditional"),
)
AGGREGATES: Final = (("SUM({c})", "aggregation"), ("MAX({c})", "aggregation"), ("COUNT(DISTINCT {c})", "aggregation"))


@dataclass(frozen=True)
class Table:
    """A table with its columns, the first of which is a key."""

    name: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.columns[0]

    def column(self, path: str, alias: str) -> str:
        return f"{alias}:{self.name}#{path}"


@dataclass
class Warehouse:
    """Writes statements into a history and what they mean into the truth."""

    draw: random.Random
    names: Names
    truth: Truth
    alias: str
    database: str
    start: datetime
    tables: list[Table] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._session = 1000
        self._clock = self.start

    def raw(self) -> Table:
        """Adds a table that nothing writes."""
        columns = ("ID", *(w.upper() for w in self.names.words(4)))
        table = Table(f"{self.database}.RAW.{self.names.word().upper()}", columns)
        self.tables.append(table)
        return table

    def say(self, text: str, *, session: int | None = None, status: str = "SUCCESS") -> None:
        """Adds a statement to the history."""
        self._clock += timedelta(seconds=self.draw.randint(1, 90))
        self.rows.append(
            {
                "QUERY_ID": f"01{len(self.rows):06x}",
                "QUERY_TEXT": text,
                "DATABASE_NAME": self.database,
                "SCHEMA_NAME": "CORE",
                "QUERY_TYPE": text.split()[0].upper(),
                "SESSION_ID": str(session or self.session()),
                "USER_NAME": "LOADER",
                "ROLE_NAME": "ETL",
                "EXECUTION_STATUS": status,
                "ERROR_CODE": "" if status == "SUCCESS" else "000904",
                "START_TIME": self._clock.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " +0000",
            }
        )

    def session(self) -> int:
        self._session += 1
        return self._session

    def new(self, count: int) -> Table:
        """Returns a table that is to be written, with as many columns besides the key."""
        return Table(
            f"{self.database}.CORE.{self.names.word().upper()}", ("ID", *(w.upper() for w in self.names.words(count)))
        )

    def edge(self, target: Table, path: str, source: Table, column: str, kind: str) -> None:
        self.truth.edges[target.column(path, self.alias)][source.column(column, self.alias)] = kind

    def picked(self, target: Table, source: Table, forms: tuple[tuple[str, str], ...], prefix: str = "s.") -> list[str]:
        """Returns an expression for each column of the target but the key, and notes what it means."""
        found = []
        for path in target.columns[1:]:
            text, kind = self.draw.choice(forms)
            column = self.draw.choice(source.columns[1:])
            found.append(text.format(c=prefix + column))
            self.edge(target, path, source, column, kind)
        return found

    def build(self, form: Callable[[Warehouse, Table, Table], Table | None]) -> None:
        """Adds a derived table in one of the forms of statement."""
        source = self.draw.choice(self.tables)
        target = self.new(self.draw.randint(2, 4))
        self.tables.append(form(self, target, source) or target)

    def write(self, folder: Path) -> None:
        """Writes the history, newest first as Snowflake exports it, and the columns."""
        with (folder / "history.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADS)
            writer.writerows([row[head] for head in HEADS] for row in reversed(self.rows))
        with (folder / "columns.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(
                ["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "DATA_TYPE"]
            )
            for table in self.tables:
                for i, column in enumerate(table.columns, 1):
                    rows.writerow([*table.name.split("."), column, i, "NUMBER" if i == 1 else "TEXT"])


def created(w: Warehouse, target: Table, source: Table) -> None:
    """CREATE TABLE AS with aliases and a filter."""
    items = [
        f"{text} AS {path.lower()}"
        for text, path in zip(w.picked(target, source, EXPRESSIONS), target.columns[1:], strict=True)
    ]
    w.edge(target, "ID", source, source.key, "identity")
    w.say(
        f"create or replace table {target.name} as\nselect s.id, {', '.join(items)}\nfrom {source.name} s where s.{source.columns[-1]} is not null"
    )


def inserted(w: Warehouse, target: Table, source: Table) -> None:
    """INSERT by position into a table that was created with other words."""
    w.say(f"CREATE TABLE {target.name} (ID NUMBER, {', '.join(f'{c} VARCHAR' for c in target.columns[1:])})")
    w.edge(target, "ID", source, source.key, "identity")
    w.say(
        f"INSERT INTO {target.name} SELECT s.ID, {', '.join(w.picked(target, source, EXPRESSIONS))} FROM {source.name} AS s"
    )


def listed(w: Warehouse, target: Table, source: Table) -> None:
    """INSERT with a column list in another order."""
    items = w.picked(target, source, EXPRESSIONS)
    w.edge(target, "ID", source, source.key, "identity")
    names, values = [*reversed(target.columns[1:]), "ID"], [*reversed(items), "s.ID"]
    w.say(f"insert overwrite into {target.name} ({', '.join(names)}) select {', '.join(values)} from {source.name} s")


def viewed(w: Warehouse, target: Table, source: Table) -> None:
    """A view with a column list, over a CTE."""
    items = w.picked(target, source, EXPRESSIONS)
    w.edge(target, "ID", source, source.key, "identity")
    w.say(
        f"create or replace view {target.name} ({', '.join(target.columns)}) as\n"
        f"with s as (select * from {source.name}), t as (select s.ID as k, {', '.join(f'{e} as e{i}' for i, e in enumerate(items))} from s)\n"
        f"select k, {', '.join(f'e{i}' for i in range(len(items)))} from t"
    )


def merged(w: Warehouse, target: Table, source: Table) -> None:
    """MERGE that updates some columns and inserts all."""
    items = w.picked(target, source, EXPRESSIONS)
    w.edge(target, "ID", source, source.key, "identity")
    using = f"select s.ID, {', '.join(f'{e} as {c}' for e, c in zip(items, target.columns[1:], strict=True))} from {source.name} s"
    sets = ", ".join(f"t.{c} = u.{c}" for c in target.columns[1:])
    w.say(
        f"merge into {target.name} t using ({using}) u on t.ID = u.ID\nwhen matched then update set {sets}\n"
        f"when not matched then insert ({', '.join(target.columns)}) values ({', '.join(f'u.{c}' for c in target.columns)})"
    )


def grouped(w: Warehouse, target: Table, source: Table) -> None:
    """Aggregates over a group."""
    items = w.picked(target, source, AGGREGATES)
    w.edge(target, "ID", source, source.key, "identity")
    named = ", ".join(f"{e} as {c}" for e, c in zip(items, target.columns[1:], strict=True))
    w.say(f"create table {target.name} as select s.ID, {named} from {source.name} s group by s.ID having count(*) > 1")


def staged(w: Warehouse, target: Table, source: Table) -> None:
    """A temporary table of a name that other sessions use as well."""
    items = w.picked(target, source, EXPRESSIONS)
    w.edge(target, "ID", source, source.key, "identity")
    session = w.session()
    named = ", ".join(f"{e} as {c}" for e, c in zip(items, target.columns[1:], strict=True))
    w.say(f"create temporary table work_rows as select s.ID, {named} from {source.name} s", session=session)
    w.say(f"create or replace table {target.name} as select * from work_rows", session=session)


def united(w: Warehouse, target: Table, source: Table) -> None:
    """A union by position of two tables."""
    other = w.draw.choice(w.tables)
    halves = []
    for table in (source, other):
        columns = [w.draw.choice(table.columns[1:]) for _ in target.columns[1:]]
        for path, column in zip(target.columns[1:], columns, strict=True):
            w.edge(target, path, table, column, "identity")
        w.edge(target, "ID", table, table.key, "identity")
        names = target.columns[1:] if table is source else columns
        halves.append(
            f"select ID, {', '.join(c if c == n else f'{c} as {n}' for c, n in zip(columns, names, strict=True))} from {table.name}"
        )
    w.say(f"create or replace table {target.name} as {halves[0]} union all {halves[1]}")


def ranked(w: Warehouse, target: Table, source: Table) -> None:
    """A window over the source."""
    items = w.picked(target, source, (("{c}", "identity"),))
    by, order = w.draw.sample(source.columns[1:], 2)
    last = target.columns[-1]
    w.truth.edges[target.column(last, w.alias)] = {
        source.column(by, w.alias): "window",
        source.column(order, w.alias): "window",
    }
    w.edge(target, "ID", source, source.key, "identity")
    items[-1] = f"row_number() over (partition by s.{by} order by s.{order} desc)"
    named = ", ".join(f"{e} as {c}" for e, c in zip(items, target.columns[1:], strict=True))
    w.say(
        f"create or replace table {target.name} as select s.ID, {named} from {source.name} s qualify row_number() over (order by s.ID) > 0"
    )


FORMS: Final = (created, inserted, listed, viewed, merged, grouped, staged, united, ranked)


def faults(w: Warehouse) -> None:
    """Statements that must leave nothing behind: one that failed, one rolled back, one that nobody can read, one with a secret."""
    target, source = w.tables[-1], w.tables[0]
    to = target.column(target.columns[1], w.alias)
    wrong = [c for c in source.columns[1:] if source.column(c, w.alias) not in w.truth.edges.get(to, {})]
    if wrong:
        column = wrong[0]
        text = f"insert into {target.name} (ID, {target.columns[1]}) select ID, {column} from {source.name}"
        w.say(text, status="FAIL")
        session = w.session()
        w.say("begin", session=session)
        w.say(text.replace("insert into", "INSERT INTO"), session=session)
        w.say("rollback", session=session)
        w.truth.absent.append((source.column(column, w.alias), to, "it failed or was rolled back"))
    w.say("insert into core.nothing select from where ((")
    w.truth.gaps.append("history.csv")
    w.say("create user robot password = 'hunter2-hunter2'")


def warehouse(draw: random.Random, names: Names, truth: Truth, alias: str) -> Warehouse:
    """Returns a warehouse in which every form of statement was used."""
    w = Warehouse(draw, names, truth, alias, names.word().split("_")[0].upper(), datetime(2026, 2, 3, 1, tzinfo=UTC))
    for _ in range(3):
        w.raw()
    forms = [*FORMS, *draw.choices(FORMS, k=4)]
    draw.shuffle(forms)
    for form in forms:
        w.build(form)
    faults(w)
    return w
