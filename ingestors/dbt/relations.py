"""Tables and views: how each entry's relation is named, and which columns it is known to have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.facts import Skip
from catalog.model.names import Urn, column, fold
from catalog.sql.names import CaseRules, case_rules
from catalog.sql.results import Table
from ingestors import naming
from ingestors.dbt.artifacts import Artifact
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.values import mapping, text

_PART: Final = re.compile(r'"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([^.\s"`\[\]][^.]*)')
_UNQUOTED_BY_DEFAULT: Final = frozenset({"snowflake"})


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the project.

    Attributes:
        table: Its name as SQL of the adapter's dialect calls it, folded.
        written: The same as the project spells it.
        listed: What the catalog says of its columns, in order; None if the catalog does not list it.
        columns: Names of the columns that it is known to have: the catalog's, else the documented ones.
        comment: Comment of the relation in the warehouse.
    """

    entry: Entry
    urn: Urn
    table: Table
    written: str
    rules: CaseRules
    listed: Mapping[str, Mapping[str, Any]] | None
    columns: tuple[str, ...]
    statistics: Mapping[str, Any]
    comment: str | None = None
    type: str | None = None

    @property
    def schema(self) -> str:
        """Returns the schema in lower case."""
        return "".join(self.table[-2:-1]).lower()

    @property
    def promised(self) -> bool:
        """Whether the documented columns are all: dbt refuses to build a relation that breaks an enforced contract."""
        return mapping(self.entry.body.get("contract")).get("enforced") is True

    @property
    def top_level(self) -> tuple[str, ...]:
        """Returns the known columns without the nested fields that some warehouses list beside them."""
        known = set(self.columns)
        return tuple(name for name in self.columns if name.partition(".")[0] not in known - {name})

    def path(self, name: str, *, quoted: bool = False) -> str | None:
        """Returns a column's name as the relation has it, or None if the whole list is known and lacks it."""
        for spelling in (name, self.rules.column(name, quoted)):
            if spelling in self.columns:
                return spelling
        alike = [known for known in self.columns if self.rules.key(known) == self.rules.key(name)]
        if len(alike) == 1:
            return alike[0]
        return None if self.listed is not None else self.rules.column(name, quoted)

    def column(self, name: str) -> Urn:
        """Returns a column by its name in SQL, already folded; one that the relation is not known to have is named all the same."""
        return column(self.urn, self.path(name, quoted=True) or name)


class Relations:
    """All tables and views of a project, by unique id and by name."""

    def __init__(
        self, project: Project, catalog: Artifact | None, namespace: str, sources: Mapping[str, str], dialect: str
    ) -> None:
        self.namespace = namespace
        self.rules = case_rules(dialect)
        self.skipped: list[Skip] = []
        self._project = project
        self._sources = sources
        self._listings = _listings(catalog)
        self._dialect = dialect
        found = ((entry, self._relation(entry)) for entry in project.relations())
        self.by_id = {entry.unique_id: relation for entry, relation in found if relation is not None}
        self._by_table = {self.rules.table_key(relation.table): relation for relation in reversed(self.by_id.values())}
        self._by_name: dict[str, list[Relation]] = {}
        for relation in self:
            self._by_name.setdefault(relation.table[-1].lower(), []).append(relation)

    def __iter__(self) -> Iterator[Relation]:
        return iter(self.by_id.values())

    def parents(self, entry: Entry) -> list[Relation]:
        """Returns the relations that an entry depends on, ephemeral models seen through."""
        return [self.by_id[p.unique_id] for p in self._project.parents(entry) if p.unique_id in self.by_id]

    def of_table(self, table: Table) -> Relation | None:
        return self._by_table.get(self.rules.table_key(table))

    def named(self, name: str) -> list[Relation]:
        """Returns the relations of that name, whatever their schema and case."""
        return self._by_name.get(name.lower(), [])

    def _relation(self, entry: Entry) -> Relation | None:
        parts = _parts(entry, self._project)
        if not parts or not all(part for part, _ in parts):
            message = f"{entry.unique_id!r} has no relation_name and no schema and name"
            self.skipped.append(Skip("unreadable", message, entry.origin()))
            return None
        table = tuple(self._fold(part, quoted) for part, quoted in parts)
        urn = naming.relation(self._sources.get(entry.text("source_name") or "", self.namespace), *table)
        listing = self._listings.get(entry.unique_id, {})
        about = mapping(listing.get("metadata"))
        listed = _listed(listing)
        columns = tuple(listed or (self.rules.column(name, _quoted(said)) for name, said in entry.columns.items()))
        return Relation(
            entry, urn, table, ".".join(part for part, _ in parts), self.rules, listed, columns,
            mapping(listing.get("stats")), text(about.get("comment")), text(about.get("type")),
        )  # fmt: skip

    def _fold(self, part: str, quoted: bool) -> str:
        return self.rules.table(part, quoted) if self._dialect else fold(self.namespace, part, quoted=quoted)


def _quoted(said: Mapping[str, Any]) -> bool:
    return said.get("quote") is True


def _listings(catalog: Artifact | None) -> dict[str, dict[str, Any]]:
    body = catalog.body if catalog else {}
    return {
        unique_id: mapping(listing)
        for section in ("nodes", "sources")
        for unique_id, listing in mapping(body.get(section)).items()
    }


def _listed(listing: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Returns the columns in the warehouse's order; a relation listed without any is one whose columns were not seen."""
    found = [
        (text(mapping(said).get("name")) or key, mapping(said)) for key, said in mapping(listing.get("columns")).items()
    ]
    ordered = sorted(found, key=lambda pair: index if isinstance(index := pair[1].get("index"), int) else len(found))
    return dict(ordered) or None


def _parts(entry: Entry, project: Project) -> list[tuple[str, bool]]:
    """Returns database, schema and name, as many as there are, each with whether it is quoted."""
    rendered = entry.text("relation_name")
    if rendered:
        return [_unquote(match) for match in _PART.finditer(rendered)]
    name = entry.text("identifier") or entry.text("alias") or entry.text("name")
    parts = {"database": entry.text("database"), "schema": entry.text("schema"), "identifier": name}
    default = project.dialect not in _UNQUOTED_BY_DEFAULT
    quoting = [mapping(q) for q in (entry.body.get("quoting"), entry.config.get("quoting"), project.quoting)]
    return [
        (part, next((q[key] for q in quoting if isinstance(q.get(key), bool)), default))
        for key, part in parts.items()
        if part
    ]


def _unquote(match: re.Match[str]) -> tuple[str, bool]:
    double, ticked, bracketed, bare = match.groups()
    if bare is not None:
        return bare.strip(), False
    return (double.replace('""', '"') if double is not None else ticked if ticked is not None else bracketed), True
