"""SQL text to measure with: TPC-DS, TPC-H and dbt projects, each with the columns that are known of its tables."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Corpus:
    """Statements of one dialect.

    Attributes:
        columns: By table name as a tuple of its parts, in order with their types; the same for every engine.
    """

    name: str
    dialect: str
    texts: tuple[str, ...]
    columns: dict[tuple[str, ...], dict[str, str]]

    def to_json(self) -> dict[str, Any]:
        columns = [[list(table), listed] for table, listed in self.columns.items()]
        return {"name": self.name, "dialect": self.dialect, "texts": list(self.texts), "columns": columns}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Corpus:
        columns = {tuple(table): dict(listed) for table, listed in said["columns"]}
        return cls(said["name"], said["dialect"], tuple(said["texts"]), columns)


def corpora(limit: int, fixtures: Sequence[Path], projects: Sequence[Path]) -> Iterator[Corpus]:
    """Yields what is there of TPC text and of dbt projects.

    Args:
        limit: Statements of each corpus, from the first.
        fixtures: Folders `tpc-ds` and `tpc-h` as sqlglot's source archive has them.
        projects: Folders with a dbt `manifest.json`, packed or not.
    """
    found: Iterable[Corpus] = [
        *(_fixture(folder) for folder in fixtures),
        _packaged_tpc_ds(),
        *(_dbt_project(path) for folder in projects for path in _manifests(folder)),
    ]
    for corpus in found:
        if corpus.texts:
            yield replace(corpus, texts=corpus.texts[:limit])


def _packaged_tpc_ds() -> Corpus:
    """TPC-DS as the package sqllineage ships it: for Spark, and nothing known of the tables."""
    found = importlib.util.find_spec("sqllineage")
    folder = Path(found.origin).parent / "data" / "tpcds" if found and found.origin else Path("absent")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
    return Corpus("tpc-ds in Spark", "spark", tuple(texts), {})


def _fixture(folder: Path) -> Corpus:
    """Pairs of a statement and what an optimizer makes of it, of which the first counts; the tables are files beside them."""
    pairs = (folder / f"{folder.name}.sql").read_text(encoding="utf-8").split(";")
    texts = [_without_comments(text) for text in pairs[::2]]
    columns: dict[tuple[str, ...], dict[str, str]] = {
        (path.name.partition(".")[0],): _header(path) for path in sorted(folder.glob("*.csv.gz"))
    }
    return Corpus(folder.name, "postgres", tuple(text for text in texts if text), columns)


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(("--", "#"))).strip()


def _header(path: Path) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return dict.fromkeys(re.split(r"[|,]", lines.readline().strip()), "varchar")


# ---------------------------------------------------------------- dbt


def _manifests(folder: Path) -> Iterator[Path]:
    yield from sorted([*folder.rglob("manifest.json"), *folder.rglob("manifest.json.gz")])


def _dbt_project(path: Path) -> Corpus:
    """The compiled models of a project, and the columns that its catalog lists for what they read and make."""
    manifest = _read(path)
    nodes = [n for n in manifest["nodes"].values() if n.get("compiled_code") and n.get("language") == "sql"]
    catalog = path.with_name("catalog.json")
    columns = _columns(_read(catalog)) if catalog.exists() else {}
    name = manifest["metadata"].get("project_name") or path.parent.name
    dialect = manifest["metadata"].get("adapter_type") or "duckdb"
    return Corpus(f"dbt {name}", dialect, tuple(node["compiled_code"] for node in nodes), columns)


def _read(path: Path) -> dict[str, Any]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return dict(json.loads(raw))


def _columns(catalog: dict[str, Any]) -> dict[tuple[str, ...], dict[str, str]]:
    entries = [*catalog["nodes"].values(), *catalog["sources"].values()]
    return {
        (entry["metadata"]["database"] or "", entry["metadata"]["schema"], entry["metadata"]["name"]): {
            name: column["type"] for name, column in entry["columns"].items()
        }
        for entry in entries
    }
