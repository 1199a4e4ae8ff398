"""The `columns` file: which columns the tables of a server have, at one time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import Instant
from catalog.model.nodes import Column, Dataset
from catalog.sql import Schema, Table
from ingestors.naming import relation
from ingestors.reading import Malformed, Reader

_NAMES: Final = {
    "database": ("table_catalog", "database_name", "table_database", "catalog", "database"),
    "schema": ("table_schema", "schema_name", "schemaname", "schema"),
    "table": ("table_name", "tablename", "table"),
    "column": ("column_name", "column"),
    "type": ("data_type", "type"),
    "position": ("ordinal_position", "position"),
    "nullable": ("is_nullable", "nullable"),
    "comment": ("comment", "description"),
}
_TRUE: Final = frozenset({"yes", "true", "t", "y", "1"})


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    name: str
    data_type: str
    nullable: bool | None
    comment: str
    origin: Origin


@dataclass(slots=True)
class Known:
    """What a `columns` file says.

    Attributes:
        at: When it was so; None without a file.
        by_name: Tables by their last part, for names that no session qualifies.
    """

    schema: Schema
    at: Instant | None = None
    dated: bool = True
    tables: dict[Table, list[_Row]] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    by_name: dict[str, list[Table]] = field(default_factory=dict)

    def snapshot(self, namespace: str) -> Snapshot:
        """Returns the file as facts: a complete list for each table, and the columns' types."""
        return Snapshot(
            ("columns", namespace),
            self.at if self.at is not None else Instant(0),
            [*self._facts(namespace), *self.skips],
            complete=not self.skips,
            dated=self.dated,
        )

    def _facts(self, namespace: str) -> Iterator[Fact]:
        for table, rows in self.tables.items():
            urn = relation(namespace, *table)
            listed = [row.name for row in rows]
            yield Fact(Dataset(namespace=urn.namespace, name=urn.name, columns=listed), rows[0].origin)
            for row in rows:
                node = Column(
                    namespace=urn.namespace,
                    name=urn.name,
                    path=row.name,
                    data_type=row.data_type or None,
                    nullable=row.nullable,
                    description=row.comment or None,
                )
                yield Fact(node, row.origin)


def read_columns(pattern: str | None, dialect: str | None, database: str | None, context: Context) -> Known:
    """Reads the `columns` files of a source; without one nothing is known.

    Raises:
        SourceError: a file cannot be read, or has no header.
    """
    if pattern is None:
        return Known(Schema(None, dialect))
    reader = Reader(context)
    found: dict[Table, dict[str, _Row]] = {}
    skips: list[Skip] = []
    paths = reader.paths(pattern)
    for path in paths:
        label = reader.label(path)
        for number, record in reader.records(path):
            origin = Origin(label, f"record {number}")
            named = _named(record)
            if isinstance(record, Malformed) or not (named["table"] and named["column"]):
                problem = record.problem if isinstance(record, Malformed) else "names no table or no column"
                skips.append(Skip("unreadable", f"a record of the columns {problem}", origin))
                continue
            table = tuple(
                part for part in (named["database"] or database or "", named["schema"], named["table"]) if part
            )
            found.setdefault(table, {})[named["column"]] = _row(named, number, origin)
    tables = {table: sorted(rows.values(), key=lambda row: row.position) for table, rows in sorted(found.items())}
    schema = Schema({table: {row.name: row.data_type for row in rows} for table, rows in tables.items()}, dialect)
    at = context.at if context.at is not None else max(reader.modified(path) for path in paths)
    by_name: dict[str, list[Table]] = {}
    for table in tables:
        by_name.setdefault(table[-1], []).append(table)
    return Known(schema, at, context.at is not None, tables, skips, by_name)


def _named(record: dict[str, str]) -> dict[str, str]:
    lowered = {key.strip().lower(): value for key, value in record.items()}
    return {name: next((lowered[key] for key in keys if lowered.get(key)), "") for name, keys in _NAMES.items()}


def _row(named: dict[str, str], number: int, origin: Origin) -> _Row:
    position, nullable = named["position"], named["nullable"].lower()
    return _Row(
        int(position) if position.isascii() and position.isdigit() else number,
        named["column"],
        named["type"],
        nullable in _TRUE if nullable else None,
        named["comment"],
        origin,
    )
