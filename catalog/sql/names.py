"""Names: how a dialect folds and compares them, and the tables whose columns are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlglot import exp

from catalog.sql.relations import Relation, base_relation
from catalog.sql.results import Table

Fold = Literal["lower", "upper", "keep"]


@dataclass(frozen=True, slots=True)
class CaseRules:
    """How names are written down and compared.

    Attributes:
        unquoted: What becomes of a column's name that is not quoted.
        unquoted_table: The same for tables, schemas and databases.
        exact: Names that differ by case are different columns.
        exact_table: The same for tables.
        quoted_kept: A quoted name is kept as written; else it is folded like any other.
    """

    unquoted: Fold = "lower"
    unquoted_table: Fold = "lower"
    exact: bool = False
    exact_table: bool = False
    quoted_kept: bool = True

    def column(self, name: str, quoted: bool) -> str:
        return name if quoted and self.quoted_kept else _FOLDS[self.unquoted](name)

    def table(self, name: str, quoted: bool) -> str:
        return name if quoted and self.quoted_kept else _FOLDS[self.unquoted_table](name)

    def key(self, column: str) -> str:
        """Returns what two spellings of one column have in common."""
        return column if self.exact else column.lower()

    def table_key(self, table: Table) -> Table:
        """Returns what two spellings of one table have in common."""
        return table if self.exact_table else tuple([part.lower() for part in table])


_FOLDS: Final[dict[Fold, Callable[[str], str]]] = {"lower": str.lower, "upper": str.upper, "keep": str}
_STANDARD: Final = CaseRules("upper", "upper", exact=True, exact_table=True)
_LOWERED: Final = CaseRules(quoted_kept=False)
_PRESERVED: Final = CaseRules()
_TABLES_EXACT: Final = CaseRules(unquoted_table="keep", exact_table=True, quoted_kept=False)

CASE_RULES: Final[dict[str, CaseRules]] = {
    "postgres": CaseRules(exact=True, exact_table=True),
    "snowflake": _STANDARD,
    "oracle": _STANDARD,
    "db2": _STANDARD,
    "exasol": _STANDARD,
    "bigquery": _TABLES_EXACT,
    "mysql": _TABLES_EXACT,
    "clickhouse": CaseRules("keep", "keep", exact=True, exact_table=True),
    "duckdb": _PRESERVED,
    "sqlite": _PRESERVED,
    "teradata": _PRESERVED,
    "redshift": _LOWERED,
    "tsql": _LOWERED,
    "fabric": _LOWERED,
    "spark": _LOWERED,
    "spark2": _LOWERED,
    "databricks": _LOWERED,
    "hive": _LOWERED,
    "trino": _LOWERED,
    "presto": _LOWERED,
    "athena": _LOWERED,
}
"""Dialects that are not listed compare without case and keep quoted names as written."""


def case_rules(dialect: str | None) -> CaseRules:
    return CASE_RULES.get(dialect or "", _PRESERVED)


_PART: Final = re.compile(r'"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([^.]+)')


def split_name(text: str) -> Table:
    """Returns the parts of dotted text: `db."Odd.Name".t` has three."""
    return tuple(
        (quoted.replace('""', '"') if quoted else ticked or bracketed or bare.strip())
        for quoted, ticked, bracketed, bare in _PART.findall(text)
    )


ColumnMapping = (
    Mapping[str, Mapping[str, str | None] | Sequence[str]] | Mapping[Table, Mapping[str, str | None] | Sequence[str]]
)


class Schema:
    """The known tables with their columns in order; made once, shared by any number of sessions.

    A mapping written throughout in the case that the platform does not use for names that are not quoted (all lower for
    Snowflake) is taken as names that are not quoted.
    """

    __slots__ = ("_by_suffix", "_rules", "_tables", "types")

    def __init__(self, columns: ColumnMapping | None = None, dialect: str | None = None) -> None:
        self._rules = case_rules(dialect)
        self._tables: dict[Table, Relation] = {}
        self._by_suffix: dict[Table, Relation | None] = {}
        self.types: dict[Table, dict[str, str | None]] = {}
        named = {
            split_name(key) if isinstance(key, str) else tuple(key): value for key, value in (columns or {}).items()
        }
        refold = self._refold(named)
        for table, listed in named.items():
            self._add(tuple(refold(part) for part in table), [refold(name) for name in listed], listed)

    def _refold(self, named: Mapping[Table, Iterable[str]]) -> Callable[[str], str]:
        fold = _FOLDS[self._rules.unquoted]
        if not self._rules.exact or self._rules.unquoted == "keep":
            return str
        words = [*(part for table in named for part in table), *(name for listed in named.values() for name in listed)]
        other = str.lower if fold is str.upper else str.upper
        return fold if all(word == other(word) for word in words) else str

    def _add(self, table: Table, columns: Sequence[str], listed: Iterable[str]) -> None:
        relation = base_relation(table, columns, self._rules.key)
        types = list(listed.values()) if isinstance(listed, Mapping) else [None] * len(columns)
        self.types[table] = dict(zip(columns, types, strict=True))
        key = self._rules.table_key(table)
        self._tables[key] = relation
        for start in range(1, len(key)):
            suffix = key[start:]
            self._by_suffix[suffix] = None if suffix in self._by_suffix else relation

    def __contains__(self, table: Table) -> bool:
        return self._rules.table_key(table) in self._tables

    def relation(self, table: Table) -> Relation | None:
        """Returns the table's columns, under the schema's own spelling of its name.

        A name with fewer or more parts than the schema's finds its columns if they belong to one table only; the name
        stays as it was asked for.
        """
        key = self._rules.table_key(table)
        found = self._tables.get(key)
        if found is not None:
            return found
        found = self._by_suffix.get(key) or self._shorter(key)
        if found is None:
            return None
        return base_relation(table, [output.name for output in found.outputs], self._rules.key)

    def _shorter(self, key: Table) -> Relation | None:
        tails = (key[start:] for start in range(1, len(key)))
        return next((self._tables[tail] for tail in tails if tail in self._tables), None)


def identifier_name(node: exp.Expr | str | None) -> tuple[str, bool]:
    """Returns the text of an identifier and whether it is quoted."""
    if isinstance(node, exp.Identifier):
        return node.this, bool(node.args.get("quoted"))
    return (node.name if isinstance(node, exp.Expr) else node or ""), False
