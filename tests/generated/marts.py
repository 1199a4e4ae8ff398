"""A dbt project on the warehouse: manifest, catalog and run results, and where each column comes from."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.generated.truth import Truth
from tests.generated.warehouse import Table, Warehouse
from tests.generated.words import Names

BUILT = "2026-02-03T05:00:00.000000Z"


@dataclass
class Marts:
    """Writes models into artifacts and what they mean into the truth."""

    draw: random.Random
    names: Names
    truth: Truth
    warehouse: Warehouse
    project: str
    nodes: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    exposures: dict[str, Any] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def source(self, table: Table) -> str:
        """Declares a table of the warehouse as a source; returns its id."""
        database, schema, name = table.name.split(".")
        unique_id = f"source.{self.project}.wh.{name.lower()}"
        self.sources[unique_id] = {
            "unique_id": unique_id, "resource_type": "source", "database": database, "schema": schema, "name": name.lower(),
            "identifier": name, "source_name": "wh", "relation_name": table.name, "columns": {}, "description": "", "meta": {}, "tags": [],
        }  # fmt: skip
        self.tables[unique_id] = table
        return unique_id

    def model(
        self,
        columns: tuple[str, ...],
        sql: str,
        needs: list[str],
        *,
        status: str = "success",
        language: str = "sql",
        kind: str = "table",
    ) -> str:
        """Adds a model; `columns` are its columns as the warehouse shows them."""
        name = self.names.word()
        unique_id = f"model.{self.project}.{name}"
        table = Table(f"ANALYTICS.MARTS.{name.upper()}", columns)
        self.nodes[unique_id] = {
            "unique_id": unique_id, "resource_type": "model", "database": "ANALYTICS", "schema": "MARTS", "name": name, "alias": name.upper(),
            "package_name": self.project, "relation_name": None if kind == "ephemeral" else table.name, "language": language,
            "compiled": True, "compiled_code": sql, "raw_code": sql, "depends_on": {"nodes": needs, "macros": []},
            "config": {"materialized": kind, "meta": {}, "tags": []}, "columns": {}, "description": f"about {name}", "meta": {}, "tags": [],
            "original_file_path": f"models/{name}.{'py' if language == 'python' else 'sql'}", "checksum": {"name": "sha256", "checksum": "0"},
        }  # fmt: skip
        self.tables[unique_id] = table
        if kind != "ephemeral":
            self.status[unique_id] = status
        return unique_id

    def edge(self, target: str, path: str, source: str, column: str, kind: str) -> None:
        self.warehouse.edge(self.tables[target], path, self.tables[source], column, kind)

    def staged(self, source: str) -> str:
        """A model that renames the columns of a source."""
        table = self.tables[source]
        names = ("ID", *(w.upper() for w in self.names.words(len(table.columns) - 1)))
        items = [f"t.{c} as {n.lower()}" for c, n in zip(table.columns, names, strict=True)]
        model = self.model(names, f"select {', '.join(items)}\nfrom {table.name} as t", [source])
        for name, column in zip(names, table.columns, strict=True):
            self.edge(model, name, source, column, "identity")
        return model

    def joined(self, left: str, right: str) -> str:
        """A model that takes all of one input by a star and one column of another, through an ephemeral one."""
        a, b = self.tables[left], self.tables[right]
        inner = f"select id, {b.columns[1].lower()} as carried from {b.name}"
        hidden = self.model(("ID", "CARRIED"), inner, [right], kind="ephemeral")
        cte = f"__dbt__cte__{self.nodes[hidden]['name']}"
        extra = self.names.word().upper()
        sql = f"with {cte} as (\n{inner}\n)\nselect a.*, lower(e.carried) as {extra.lower()}\nfrom {a.name} a left join {cte} e on a.id = e.id"
        model = self.model((*a.columns, extra), sql, [left, hidden])
        for column in a.columns:
            self.edge(model, column, left, column, "identity")
        self.edge(model, extra, right, b.columns[1], "transformation")
        return model

    def in_python(self, need: str) -> str:
        """A Python model: its columns cannot be known."""
        model = self.model(
            ("ID", "CLUSTER"), "def model(dbt, session):\n    return dbt.ref('x')", [need], language="python"
        )
        alias = self.warehouse.alias
        self.truth.tables.append((f"{alias}:{self.tables[need].name}", f"{alias}:{self.tables[model].name}"))
        return model

    def broken(self, need: str) -> str:
        """A model whose build failed: the warehouse never saw it."""
        table = self.tables[need]
        model = self.model(
            ("ID", "LOST"), f"select id, {table.columns[1]} as lost from {table.name}", [need], status="error"
        )
        alias = self.warehouse.alias
        self.truth.absent.append(
            (table.column(table.columns[1], alias), self.tables[model].column("LOST", alias), "its build failed")
        )
        return model

    def exposed(self, model: str) -> str:
        """Something that people look at."""
        name = self.names.word()
        unique_id = f"exposure.{self.project}.{name}"
        self.exposures[unique_id] = {
            "unique_id": unique_id, "resource_type": "exposure", "name": name, "type": "dashboard", "depends_on": {"nodes": [model]},
            "owner": {"name": "Port Office", "email": "port@example.org"}, "description": "", "meta": {}, "tags": [],
        }  # fmt: skip
        return name

    def write(self, folder: Path) -> None:
        """Writes the artifacts of one build."""
        meta = {"generated_at": BUILT, "invocation_id": "7d0c7d0c-0000-4000-8000-000000000001", "dbt_version": "1.9.4"}
        schema = "https://schemas.getdbt.com/dbt/{}.json"
        manifest = {
            "metadata": {**meta, "dbt_schema_version": schema.format("manifest/v12"), "project_name": self.project, "adapter_type": "snowflake"},
            "nodes": self.nodes, "sources": self.sources, "exposures": self.exposures, "metrics": {}, "semantic_models": {}, "groups": {},
            "macros": {}, "docs": {}, "disabled": {}, "parent_map": {}, "child_map": {},
        }  # fmt: skip
        built = [u for u in self.tables if self.status.get(u, "success") == "success" and not self._is_ephemeral(u)]
        catalog = {
            "metadata": {**meta, "dbt_schema_version": schema.format("catalog/v1")},
            "nodes": {u: _listed(u, self.tables[u]) for u in built if u.startswith("model.")},
            "sources": {u: _listed(u, self.tables[u]) for u in built if u.startswith("source.")},
            "errors": None,
        }
        results = {
            "metadata": {**meta, "dbt_schema_version": schema.format("run-results/v6")},
            "args": {"which": "build"},
            "results": [{"unique_id": u, "status": s, "timing": [], "message": s} for u, s in self.status.items()],
        }
        for name, content in (("manifest", manifest), ("catalog", catalog), ("run_results", results)):
            (folder / f"{name}.json").write_text(json.dumps(content))

    def _is_ephemeral(self, unique_id: str) -> bool:
        return bool(self.nodes.get(unique_id, {}).get("config", {}).get("materialized") == "ephemeral")


def _listed(unique_id: str, table: Table) -> dict[str, Any]:
    database, schema, name = table.name.split(".")
    return {
        "unique_id": unique_id,
        "metadata": {
            "type": "BASE TABLE",
            "database": database,
            "schema": schema,
            "name": name,
            "comment": None,
            "owner": None,
        },
        "columns": {
            c: {"type": "TEXT", "index": i, "name": c, "comment": None} for i, c in enumerate(table.columns, 1)
        },
    }


def marts(draw: random.Random, names: Names, truth: Truth, warehouse: Warehouse) -> tuple[Marts, str]:
    """Returns a project in which every form of model was used, and the model that is handed on."""
    m = Marts(draw, names, truth, warehouse, names.word())
    inputs = [m.staged(m.source(table)) for table in warehouse.tables[-3:]]
    mart = m.joined(inputs[0], inputs[1])
    m.in_python(mart)
    m.broken(inputs[2])
    m.exposed(mart)
    return m, mart
