"""A dbt project as its manifest describes it: who it is, and its entries by unique id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any, Final

from catalog.model.facts import Origin, Skip
from ingestors.dbt.artifacts import Artifact
from ingestors.dbt.values import mapping, merged, pointer, text, texts, unique

SECTIONS: Final = ("nodes", "sources", "exposures", "metrics", "semantic_models", "groups")
"""The sections that are read. Macros, docs, saved queries, unit tests, functions and what is disabled say nothing about data."""

RELATIONS: Final = frozenset({"model", "seed", "snapshot", "source"})
DIALECTS: Final[dict[str, str]] = {
    "alloydb": "postgres", "athena": "athena", "bigquery": "bigquery", "clickhouse": "clickhouse", "cratedb": "postgres",
    "databricks": "databricks", "dremio": "dremio", "duckdb": "duckdb", "exasol": "exasol", "fabric": "fabric",
    "fabricspark": "spark", "firebolt": "postgres", "glue": "spark", "greenplum": "postgres", "hive": "hive",
    "impala": "hive", "materialize": "materialize", "mysql": "mysql", "oracle": "oracle", "postgres": "postgres",
    "presto": "presto", "redshift": "redshift", "risingwave": "risingwave", "singlestore": "singlestore",
    "snowflake": "snowflake", "spark": "spark", "sqlite": "sqlite", "sqlserver": "tsql", "starrocks": "starrocks",
    "synapse": "tsql", "teradata": "teradata", "trino": "trino", "vertica": "postgres",
}  # fmt: skip
"""Adapter to SQL dialect. An adapter that is not listed is read as standard SQL."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the manifest; accessors return None or nothing for what is absent or of a wrong type."""

    unique_id: str
    section: str
    body: Mapping[str, Any]
    label: str

    @property
    def resource(self) -> str:
        return text(self.body.get("resource_type")) or self.unique_id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.text("name") or self.unique_id.rpartition(".")[2]

    @property
    def config(self) -> dict[str, Any]:
        return mapping(self.body.get("config"))

    @property
    def materialized(self) -> str | None:
        return text(self.config.get("materialized"))

    @property
    def ephemeral(self) -> bool:
        return self.resource == "model" and self.materialized == "ephemeral"

    @property
    def is_relation(self) -> bool:
        return self.resource in RELATIONS and not self.ephemeral

    @property
    def depends_on(self) -> list[str]:
        return unique(texts(mapping(self.body.get("depends_on")).get("nodes")))

    @property
    def meta(self) -> dict[str, Any]:
        return merged(self.body.get("meta"), self.config.get("meta"))

    @property
    def tags(self) -> list[str]:
        return unique([*texts(self.body.get("tags")), *texts(self.config.get("tags"))])

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """The documented columns: name as written to what is said of it."""
        listed = mapping(self.body.get("columns"))
        return {text(mapping(said).get("name")) or key: mapping(said) for key, said in listed.items()}

    def text(self, key: str) -> str | None:
        return text(self.body.get(key))

    def origin(self, *path: str) -> Origin:
        return Origin(self.label, pointer(self.section, self.unique_id, *path))


class Project:
    """The entries that are enabled, by unique id in the order of code points."""

    def __init__(self, manifest: Artifact, *, name: str | None = None) -> None:
        self.manifest = manifest
        self.skipped: list[Skip] = []
        self.entries = dict(sorted((entry.unique_id, entry) for entry in self._read()))
        self.name = name or _project_name(manifest, self.entries)
        self.adapter = text(manifest.metadata.get("adapter_type")) or ""
        self.dialect = DIALECTS.get(self.adapter, "")
        self.quoting = mapping(manifest.metadata.get("quoting"))

    def _read(self) -> Iterator[Entry]:
        for section in SECTIONS:
            for unique_id, body in mapping(self.manifest.body.get(section)).items():
                if not isinstance(body, dict) or not unique_id:
                    origin = self.manifest.origin(pointer(section, unique_id))
                    self.skipped.append(
                        Skip("unreadable", f"{unique_id!r} is no entry: expected an object under its unique id", origin)
                    )
                elif mapping(body.get("config")).get("enabled") is not False:
                    yield Entry(unique_id, section, body, self.manifest.label)

    def of(self, *resources: str) -> list[Entry]:
        """Returns the entries of these resource types."""
        return [entry for entry in self.entries.values() if entry.resource in resources]

    def relations(self) -> list[Entry]:
        """Returns the entries that are tables or views: ephemeral models are none."""
        return [entry for entry in self.entries.values() if entry.is_relation]

    def parents(self, entry: Entry) -> list[Entry]:
        """Returns what the entry depends on, ephemeral models replaced by what they depend on."""
        found: dict[str, Entry] = {}
        seen: set[str] = set()
        queue = list(reversed(entry.depends_on))
        while queue:
            unique_id = queue.pop()
            parent = self.entries.get(unique_id)
            if parent is None or unique_id in seen:
                continue
            seen.add(unique_id)
            if parent.ephemeral:
                queue.extend(reversed(parent.depends_on))
            else:
                found[unique_id] = parent
        return list(found.values())


def _project_name(manifest: Artifact, entries: Mapping[str, Entry]) -> str:
    """Returns the project's name; manifests before v11 only have a digest of it."""
    named = text(manifest.metadata.get("project_name"))
    if named:
        return named
    packages = Counter(package for entry in entries.values() if (package := entry.text("package_name")))
    digest = text(manifest.metadata.get("project_id"))
    for package in sorted(packages):
        if md5(package.encode(), usedforsecurity=False).hexdigest() == digest:
            return package
    return min(packages, key=lambda package: (-packages[package], package), default="dbt")
