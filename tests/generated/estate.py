"""A whole estate from a seed."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import yaml

from tests.generated.governance import governance
from tests.generated.marts import marts
from tests.generated.models import models
from tests.generated.truth import Truth
from tests.generated.warehouse import warehouse
from tests.generated.words import Names


def generate(folder: Path, seed: int) -> Truth:
    """Writes an estate with its project file into a folder; returns what is true of it."""
    draw, truth = random.Random(seed), Truth()
    names = Names(draw)
    alias = draw.choice(["snow", "account", "ice"])
    namespaces = {
        alias: f"snowflake://port{seed}-eu",
        "files": "s3://port-models",
        "hub": "mlflow://tracking.port.example",
    }
    wh = warehouse(draw, names, truth, alias)
    wh.write(folder)
    project, mart = marts(draw, names, truth, wh)
    (folder / "target").mkdir()
    project.write(folder / "target")
    table = project.tables[mart]
    models(draw, names, truth, table, f"{alias}:{table.name}", namespaces, folder)
    _glossary(folder, names, truth, [f"{alias}:{table.name}#{column}" for column in table.columns[1:3]])
    sources = [
        {"name": "history", "kind": "sql-log", "format": "snowflake-query-history", "path": "history.csv", "namespace": alias,
         "columns": "columns.csv", "at": "2026-02-03T04:00:00Z"},
        {"name": "build", "kind": "dbt", "path": "target", "namespace": alias},
        {"name": "repository", "kind": "dvc", "path": "repo", "history": "repo", "namespace": "files"},
        {"name": "hub", "kind": "mlflow", "path": "tracking.db", "namespace": "hub", "features_param": "features", "target_param": "target"},
        {"name": "events", "kind": "openlineage", "path": "events.ndjson"},
        {"name": "words", "kind": "glossary", "path": "terms.csv", "at": "2026-01-01T00:00:00Z"},
    ]  # fmt: skip
    sources += governance(draw, names, truth, folder)
    draw.shuffle(sources)
    project_file = {"namespaces": namespaces, "sources": sources, "policies": ["rules.yaml"]}
    (folder / "headwater.yml").write_text(yaml.safe_dump(project_file))
    return truth


def _glossary(folder: Path, names: Names, truth: Truth, columns: list[str]) -> None:
    above, below, synonym = (names.word().replace("_", " ").title() for _ in range(3))
    with (folder / "terms.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["term", "definition", "broader", "synonyms", "columns"])
        rows.writerow([above, "The wider word.", "", synonym, columns[0]])
        rows.writerow([below, "The narrower word.", above, "", columns[1]])
        rows.writerow(["", "A row without a term.", "", "", ""])
    truth.terms = {
        synonym.lower(): ({above, below}, set(columns)),
        below: ({below}, {columns[1]}),
        "qqqqqq": (set(), set()),
    }
    truth.gaps.append("terms.csv")
