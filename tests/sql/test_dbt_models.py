"""dbt knows which columns its models have: nearly all of them have a source, and the others are seen to be constants."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.sql import Schema, analyze

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(path.parent for path in (ROOT / "examples").rglob("catalog.json*"))
FEWEST = 0.97


def _read(folder: Path, name: str) -> Any:
    packed = folder / f"{name}.json.gz"
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / f"{name}.json").read_bytes()
    return json.loads(raw)


def _models(folder: Path) -> Iterator[tuple[str, set[str], str, dict[tuple[str, ...], list[str]], str]]:
    manifest, catalog = _read(folder, "manifest"), _read(folder, "catalog")
    entries = {**catalog["nodes"], **catalog["sources"]}
    columns: dict[tuple[str, ...], list[str]] = {
        (e["metadata"]["database"] or "", e["metadata"]["schema"], e["metadata"]["name"]): list(e["columns"])
        for e in entries.values()
    }
    for key, node in manifest["nodes"].items():
        if node["resource_type"] == "model" and node["language"] == "sql" and key in catalog["nodes"]:
            listed = {name.lower() for name in catalog["nodes"][key]["columns"]}
            yield node["name"], listed, node["compiled_code"], columns, manifest["metadata"]["adapter_type"]


def unexplained(folder: Path) -> tuple[list[str], int]:
    """Returns the catalog's columns that have neither a source nor are constants, and the number of all."""
    missing, count = [], 0
    for name, listed, text, columns, dialect in _models(folder):
        result = analyze(f"create table made as {text}", dialect, Schema(columns, dialect))
        (statement,) = result.statements
        with_source = {flow.target.column.lower() for flow in statement.flows}
        made = {column.name.lower() for column in statement.columns or ()}
        constant = made - with_source if not statement.problems else set()
        missing += [f"{name}.{column}" for column in sorted(listed - with_source - constant)]
        count += len(listed)
    return missing, count


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_columns_of_models_have_a_source_or_are_constants(folder: Path) -> None:
    missing, count = unexplained(folder)
    assert count > 0
    assert len(missing) <= (1 - FEWEST) * count, missing


def test_there_are_projects() -> None:
    assert PROJECTS
