"""Questions that people ask of such estates, besides the projects."""

from __future__ import annotations

import pytest

from tests.practice.conftest import Begin, Practice

COVERED = """{ entity(ref: "policy:only-with-consent") { ... on Policy { covers(first: 5) { nodes {
  ... on Decision { verdict } ... on Incident { state } } } } } }"""


@pytest.fixture
def shop(practice: Begin) -> Practice:
    asked = practice("sessions")
    asked.headwater("ingest")
    return asked


@pytest.fixture
def bank(practice: Begin) -> Practice:
    asked = practice("lending")
    asked.headwater("ingest")
    return asked


def test_from_an_artifact_to_the_state_of_its_feature_tables(practice: Begin) -> None:
    asked = practice("feature_audit")
    asked.headwater("ingest")
    story = asked.ask("provenance", "mlflow:churn/1")
    assert story["run"]["endedAt"] == story["trainedAt"]
    for name in ("usage", "bills"):
        state = asked.ask("show", f"files:data/{name}.parquet", "--as-of", story["trainedAt"])["node"]["properties"]
        (source,) = (d for d in story["datasets"] if d["ref"] == f"files:data/{name}.parquet")
        assert state["version"] == f"md5:{source['digest']}"
    view = asked.ask("show", "feast:bills", "--as-of", story["trainedAt"])["node"]["properties"]
    assert view["source"] == "s3://telco/data/bills.parquet"


def test_why_a_new_version_is_better_or_worse_than_the_last(shop: Practice) -> None:
    found = shop.ask("diff", "mlflow:buyers/1", "mlflow:buyers/2")
    assert found["causes"] == ["code", "data"]
    changed = {c["ref"] for c in found["changes"] if c["cause"] == "data"}
    assert changed == {
        "files:raw_logs", "files:data/sessions.csv", "files:data/train.csv", "files:data/validation.csv", "mlflow:sessions/train",
        "mlflow:sessions/validation", "dbx:main.web.page_events",
    }  # fmt: skip
    assert not [c for c in found["changes"] if c["cause"] in ("parameters", "environment", "features", "schema")]
    causes = shop.ask("rootcause", "mlflow:buyers/2", "--good", "mlflow:buyers/1")
    assert {"files:raw_logs", "dbx:main.web.page_events"} <= {point["ref"] for point in causes["divergence"]}


def test_a_biased_prediction_leads_to_version_snapshot_features_sources_and_runs(bank: Practice) -> None:
    given = bank.ask("provenance", "prediction:D-002")
    assert given["modelVersion"] == "mlflow:credit/2"
    assert [(f["name"], f["sources"]) for f in given["features"]] == [
        ("card_spend", ["lake:/lake/raw/payments.csv#amount"]), ("worst_arrears", ["lake:/lake/raw/arrears.csv#days_late"]),
    ]  # fmt: skip
    way = bank.ask("lineage", "prediction:D-002", "--upstream", "--flow", "all")
    runs = {n["ref"] for n in way["nodes"] if n["kind"] == "Run"}
    assert any(n["ref"].startswith("job:bank-spark/credit_features") for n in way["nodes"])
    assert bank.ask("provenance", "mlflow:credit/2")["run"]["ref"] in runs
    assert len(runs) > 1
    report = bank.graphql(
        '{ modelVersion(ref: "mlflow:credit/2") { evaluations(first: 5) { nodes { ... on Report { type content } } } } }'
    )
    (bias,) = report["modelVersion"]["evaluations"]["nodes"]
    assert (bias["type"], "disparate_impact.value" in bias["content"]) == ("bias", True)


def test_an_artifact_is_bundled_by_hash(shop: Practice) -> None:
    bundle = shop.ask("attest", "mlflow:buyers/2")
    story = shop.ask("provenance", "mlflow:buyers/2")
    assert bundle["artifact"].startswith("sha256:")
    assert len(bundle["commit"]) == 40
    assert all(d["digest"] for d in bundle["datasets"] if d["ref"].startswith("files:"))
    assert story["environment"]["packages"] == {"mlflow": "3.17.2", "scikit-learn": "1.9.1"}
    assert story["parameters"]["C"] == "1.0"


def test_an_incident_names_the_control_that_keeps_it_from_happening_again(bank: Practice) -> None:
    bank.headwater("check", code=1)
    covered = {one["ref"] for one in bank.ask("show", "incident:INC-12")["coveredBy"]}
    assert covered == {"policy:IP-4", "policy:only-with-consent"}
    decided = bank.graphql(COVERED)
    assert {tuple(node.values()) for node in decided["entity"]["covers"]["nodes"]} == {
        ("violated",),
        ("passed",),
        ("open",),
    }
