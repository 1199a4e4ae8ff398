"""Scripts that record themselves: a cleaning of a CSV, a churn model from raw data to the model, and a notebook."""

from __future__ import annotations

import hashlib
import json
import re
import runpy
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.recorder.recording import Recording
from tests.practice.conftest import NOW, Begin, Practice

STORY = """{ dataset(ref: "shop:clean.csv") { facets versions(first: 2) { nodes { ... on DatasetVersion { digest
  generatedBy(first: 2) { nodes { ... on Run { state parameters facets
    used(first: 2) { nodes { ref ... on DatasetVersion { digest rowCount } } } } } } } } } } }"""


@pytest.fixture(autouse=True)
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings begin an hour before the catalog's clock, each look a second later."""
    looks = iter(range(10_000))

    def clock(_: Any) -> str:
        return (
            (NOW - timedelta(hours=1) + timedelta(seconds=next(looks)))
            .astimezone(UTC)
            .isoformat()
            .replace("+00:00", "Z")
        )

    monkeypatch.setattr(Recording, "_now", clock)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_cleaned_file_proves_where_it_came_from(practice: Begin) -> None:
    asked = practice("visits")
    runpy.run_path("clean.py", run_name="__main__")
    asked.headwater("ingest")

    said = asked.graphql(STORY)["dataset"]
    (version,) = said["versions"]["nodes"]
    (run,) = version["generatedBy"]["nodes"]
    (used,) = run["used"]["nodes"]
    assert version["digest"] == sha256(asked.folder / "clean.csv")
    assert (used["digest"], used["rowCount"]) == (sha256(asked.folder / "visits.csv"), 7)
    assert (run["state"], json.loads(run["parameters"])) == ("COMPLETE", {"least_minutes": "0"})
    (recorded,) = [f for text in run["facets"] if "steps" in (f := json.loads(text)["value"])]
    assert [(s["name"], s["rows_before"], s["rows_dropped"]) for s in recorded["steps"]] == [
        ("drop rows without email", 7, 1), ("drop repeated rows", 6, 1), ("drop rows without time", 5, 1), ("drop negative times", 4, 1),
    ]  # fmt: skip
    (quality,) = [json.loads(text)["value"] for text in said["facets"]]
    assert (quality["rowCount"], quality["columnMetrics"]["email"]) == (3, {"nullCount": 0})

    results = asked.ask("verify")["results"]
    assert {(r["ref"], r["verdict"]) for r in results} == {("shop:clean.csv", "match"), ("shop:visits.csv", "match")}
    text = (asked.folder / "visits.csv").read_text()
    (asked.folder / "visits.csv").write_text(text.replace("45,FR", "46,FR", 1))
    assert "mismatch     shop:visits.csv" in asked.headwater("verify", code=6).out


def test_a_diagram_shows_the_way_from_raw_data_to_the_model(practice: Begin) -> None:
    asked = practice("churn")
    runpy.run_path("pipeline.py", run_name="__main__")
    asked.headwater("ingest")
    way = ("lineage", "telco:model.json", "--upstream", "--level", "dataset", "--flow", "table", "--notes")
    drawn = asked.headwater(*way, "--format", "mermaid").out
    names = dict(re.findall(r'  (n\d)\["([^"<]+)', drawn))
    arrows = {(names[a], names[b]): label for a, label, b in re.findall(r'  (n\d) -->\|"([^"]+)"\| (n\d)', drawn)}
    assert sorted(arrows) == [
        ("telco:clean.csv", "telco:features.csv"), ("telco:features.csv", "telco:model.json"), ("telco:raw.csv", "telco:clean.csv"),
    ]  # fmt: skip
    assert "CRM export#44; agreed with sales on 2 November" in drawn
    assert "keep #61; contract<br/>only contracts: 6 to 4 rows" in arrows["telco:raw.csv", "telco:clean.csv"]
    assert "days #61; 30<br/>minutes per call: 4 to 4 rows" in arrows["telco:clean.csv", "telco:features.csv"]
    assert "threshold #61; 4.0" in arrows["telco:features.csv", "telco:model.json"]
    picture = asked.headwater(*way, "--format", "svg").out
    assert "CRM export, agreed with sales on 2 November" in picture
    assert "minutes per call: 4 to 4 rows" in asked.headwater(*way).out
    columns = asked.ask("lineage", "telco:features.csv#minutes_per_call", "--upstream")
    ends = {node["ref"] for node in columns["nodes"] if node["hops"] == 2}
    assert ends == {"telco:raw.csv#minutes", "telco:raw.csv#calls"}


def test_a_notebook_s_chart_is_held_against_what_was_seen(practice: Begin) -> None:
    asked = practice("notebook")
    runpy.run_path("notebook.py", run_name="__main__")
    asked.headwater("ingest")
    found = asked.ask("chart", "chart.mmd", code=1)
    arrows = {key: {(a["from"], a["to"]) for a in found[key]} for key in ("agrees", "notObserved", "notDrawn")}
    assert arrows == {
        "agrees": {
            ("shop:customers.csv", "shop:labelled.csv"), ("shop:labelled.csv", "shop:features.csv"), ("shop:features.csv", "shop:model.json"),
        },
        "notObserved": {("shop:survey.csv", "shop:features.csv")},
        "notDrawn": {("shop:orders.csv", "shop:features.csv")},
    }  # fmt: skip
    assert found["unknown"] == ["shop:survey.csv"]
    asked.headwater(
        "lineage",
        "shop:model.json",
        "--upstream",
        "--level",
        "dataset",
        "--flow",
        "table",
        "--format",
        "mermaid",
        "-o",
        "seen.mmd",
    )
    asked.headwater("chart", "seen.mmd")

    nulls = {ref: missing(asked, ref) for ref in ("shop:customers.csv", "shop:features.csv")}
    assert nulls == {"shop:customers.csv": 1, "shop:features.csv": 0}
    way = asked.headwater(
        "lineage", "shop:model.json", "--upstream", "--level", "dataset", "--flow", "table", "--notes"
    ).out
    assert "label is never missing: 4 to 4 rows" in way


def missing(asked: Practice, ref: str) -> int:
    """How many labels were missing in a file, as recorded."""
    facets = asked.ask("show", ref)["node"]["properties"]["facets"]
    (quality,) = [said["value"] for text in facets if (said := json.loads(text))["facet"] == "dataQualityMetrics"]
    count: int = quality["columnMetrics"]["left"]["nullCount"]
    return count
