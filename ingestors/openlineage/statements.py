"""Column lineage out of the statement that an event carries, where what the event says of it comes from a weaker reading.

Some producers (the wrappers of dbt and of Airflow's SQL hooks) parse the statement themselves: their lineage says of no column how it
is made, takes the names of common table expressions for data sets, and leaves stars out. Where it is of that kind, or not there, the
statement is read here; what is read counts only if all of it was understood and every table in it is one that the event names, or has a
name as whole as the output's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.model.edges import DerivesFrom, Edge, InfluencedBy
from catalog.model.names import Urn, column
from catalog.model.nodes import Column
from catalog.sql import Session
from catalog.sql.results import ColumnName, Flow, Influence, Result, Table
from ingestors.openlineage.datasets import Names, Ref, columns
from ingestors.openlineage.said import Json
from ingestors.values import items, mapping, mappings, text

_LONGEST: Final = 50_000
_REPEATED: Final = 500
"""Statements whose lineage is remembered: each comes with the start and the end of a run, and again the next day."""
_QUERY: Final = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with|\()", re.IGNORECASE | re.DOTALL)
_WITHIN: Final = re.compile(
    r"(?:\bwith\s+(?:recursive\s+)?|,\s*)([\"`]?)([\w$]+)\1\s*(?:\([^()]*\)\s*)?as\s*(?:not\s+)?(?:materialized\s*)?\(",
    re.IGNORECASE,
)
_INLINED: Final = "__dbt__cte__"
_DIALECTS: Final = {"postgresql": "postgres", "awsathena": "athena", "mssql": "tsql", "sqlserver": "tsql"}
_DATABASES: Final = frozenset(
    "athena awsathena bigquery clickhouse databricks db2 duckdb hive mssql mysql oracle postgres postgresql redshift snowflake"
    " sqlserver teradata trino".split()
)
"""Platforms that name a data set as statements name a table: not files, whose tables have names elsewhere."""
_MARKS: Final = frozenset({"bigquery", "databricks", "hive", "mysql", "spark"})


def names_within(facets: dict[str, Json]) -> frozenset[str]:
    """Returns the names that a job's statement defines within itself: they are no data sets."""
    said = text(facets.get("sql", {}).get("query")) or ""
    return frozenset(found[2] for found in _WITHIN.finditer(said[:_LONGEST]))


def inlined(within: frozenset[str]) -> frozenset[str]:
    """Returns the models that dbt wrote into the statement of another: there is no table of theirs."""
    return frozenset(name.removeprefix(_INLINED) for name in within if name.startswith(_INLINED))


def is_weak(facet: Json | None) -> bool:
    """Whether lineage of columns is not there, or says of none of its inputs how it is used."""
    inputs = [
        one
        for entry in mapping((facet or {}).get("fields")).values()
        for one in mappings(mapping(entry).get("inputFields"))
    ]
    told = any(items(one.get("transformations")) for one in (*inputs, *mappings((facet or {}).get("dataset"))))
    older = any(text(mapping(e).get("transformationType")) for e in mapping((facet or {}).get("fields")).values())
    return not told and not older


@dataclass(frozen=True)
class Statement:
    """The statement of an event, and what the event names."""

    sql: str
    dialect: str
    output: Ref
    others: Sequence[Urn]
    names: Names

    @classmethod
    def of(cls, facets: dict[str, Json], output: Ref, refs: Iterable[Ref], names: Names) -> Statement | None:
        """Returns the statement, if there is one that can be looked at."""
        said = text(facets.get("sql", {}).get("query"))
        scheme = output.urn.namespace.partition("://")[0].lower()
        if not said or len(said) > _LONGEST or scheme not in _DATABASES:
            return None
        dialect = (text(facets.get("sql", {}).get("dialect")) or scheme).lower()
        return cls(said, _DIALECTS.get(dialect, dialect), output, [ref.urn for ref in refs], names)

    def edges(self) -> list[Edge] | None:
        """Returns how the output derives; None if not all of the statement was understood. A repeated one is not read again."""
        key = (self.sql, self.dialect, self.output.urn, tuple(self.others))
        known = self.names.statements
        if key not in known:
            if len(known) >= _REPEATED:
                known.clear()
            found = self._read()
            known[key] = found
        return known[key]

    def _read(self) -> list[Edge] | None:
        try:
            result = self._session().analyze(self._text())
        except ValueError:  # a dialect that the engine does not know
            return None
        if result.problems or not (result.flows or result.influences):
            return None
        self._learn(result)
        found = list(self._found(result))
        known = [edge for edge in found if edge is not None]
        return known if known and len(known) == len(found) else None

    def _session(self) -> Session:
        parts = self._parts
        known = {tuple(urn.name.split(".")): names for urn, names in self._known() if names}
        database = parts[0] if len(parts) > 2 else None
        return Session(self.dialect, known, default_database=database)

    @property
    def _parts(self) -> tuple[str, ...]:
        return tuple(self.output.urn.name.split("."))

    def _known(self) -> Iterator[tuple[Urn, tuple[str, ...]]]:
        for urn in dict.fromkeys((self.output.urn, *self.others, *self.names.columns)):
            if urn.namespace == self.output.urn.namespace:
                yield urn, self.names.columns.get(urn, ())

    def _text(self) -> str:
        if not _QUERY.match(self.sql):
            return self.sql
        mark = "`" if self.dialect in _MARKS else '"'
        name = ".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in self._parts)
        return f"CREATE TABLE {name} AS\n{self.sql}"

    def _learn(self, result: Result) -> None:
        """Remembers the columns that the statement gives its output, for later ones that read it with a star."""
        made = [statement.columns for statement in result.statements if statement.columns]
        if len(result.statements) == 1 and made:
            self.names.learn(self.output.urn, tuple(one.name for one in made[0] or ()))

    def _found(self, result: Result) -> Iterator[Edge | None]:
        """Yields what is said of the output; None for each table that cannot be told."""
        yield from (self._value(flow) for flow in result.flows if self._is_output(flow.target.table))
        for influence in result.influences:
            target = influence.target
            if self._is_output(target.table if isinstance(target, ColumnName) else target):
                yield self._row(influence)

    def _value(self, flow: Flow) -> Edge | None:
        source = self._dataset(flow.source.table)
        return None if source is None else DerivesFrom(
            start=column(self.output.urn, flow.target.column), end=column(source, flow.source.column), subtype=flow.kind,
            masking=flow.masking, by_star=flow.by_star, expression=flow.redacted_expression,
            exactness=flow.exactness, reason=flow.reason,
        )  # fmt: skip

    def _row(self, influence: Influence) -> Edge | None:
        source, target = self._dataset(influence.source.table), influence.target
        start = column(self.output.urn, target.column) if isinstance(target, ColumnName) else self.output.urn
        return None if source is None else InfluencedBy(
            start=start, end=column(source, influence.source.column), subtype=influence.kind,
            exactness=influence.exactness, reason=influence.reason,
        )  # fmt: skip

    def _is_output(self, table: Table) -> bool:
        return bool(table) and self._dataset(table) == self.output.urn

    def _dataset(self, table: Table) -> Urn | None:
        """Returns the data set of a table: the only one of the event whose name ends like it, else by its whole name."""
        wanted = _folded(table)
        found = {
            urn for urn in (self.output.urn, *self.others) if _folded(urn.name.split("."))[-len(wanted) :] == wanted
        }
        if len(found) == 1:
            return found.pop()
        whole = len(table) == len(self._parts) and not found
        return Urn("dataset", (self.output.urn.namespace, ".".join(table))) if whole else None


def _folded(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.lower() for part in parts)


def learn_schema(ref: Ref, names: Names) -> None:
    """Remembers the columns of an output as its schema lists them."""
    listed = [one.path for one in columns(ref.urn, ref.facets.get("schema", {})) if isinstance(one, Column)]
    if ref.role != "read" and listed:
        names.learn(ref.urn, tuple(listed))
