"""A drill over Airflow, scripts and MLflow: model version in, all upstream sources and run ids out."""

from __future__ import annotations

import json

import pytest

from tests.practice.conftest import ESTATES, Begin

API, FILE, STAGE, MART = "api:v1/orders", "lake:/lake/raw/orders.csv", "pg:shop.stage.orders", "pg:shop.mart.revenue"
EXPORT, FRAME = "ml:features/revenue.csv", "mlflow:revenue/revenue"


def completed() -> set[str]:
    """Ids of the runs that ended well and wrote data, as the events say."""
    files = [ESTATES / "orders" / name for name in ("airflow.ndjson", "scripts.ndjson")]
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return {f"run:{e['run']['runId']}" for e in events if e["eventType"] == "COMPLETE" and e["outputs"]}


@pytest.mark.parametrize("store", ["sqlite", "neo4j"], indirect=True)
def test_a_model_version_leads_to_all_sources_and_runs_and_a_prediction_to_the_api_call(practice: Begin) -> None:
    asked = practice("orders")
    asked.headwater("ingest", code=3)  # two statements of the provider are templates with %s
    answer = asked.ask("lineage", "mlflow:revenue/1", "--upstream", "--flow", "all")
    kinds: dict[str, set[str]] = {}
    for node in answer["nodes"]:
        kinds.setdefault(node["kind"], set()).add(node["ref"])
    assert kinds["Dataset"] == {API, FILE, STAGE, MART, EXPORT, FRAME}
    training = asked.ask("provenance", "mlflow:revenue/1")["run"]["ref"]
    assert kinds["Run"] == completed() | {training}

    story = asked.ask("provenance", "mlflow:revenue/1")
    assert {s["ref"]: s["flow"] for s in story["sources"] if s["terminal"]} == {STAGE: "value", API: "table"}
    assert {(f["name"], *f["sources"]) for f in story["features"]} == {
        ("customer_id", f"{STAGE}#customer_id"), ("revenue", f"{STAGE}#qty", f"{STAGE}#unit_price"),
    }  # fmt: skip

    way = asked.ask("lineage", "prediction:R-3", "--upstream", "--flow", "all", "--level", "dataset")
    calls = [edge["via"] for edge in way["edges"] if (edge["from"], edge["to"]) == (API, FILE)]
    assert calls == [["job:shop-scripts/fetch_orders", "run:0193f2a0-0000-7000-8000-000000000001"]]
