"""Given a model version: feature definitions and source snapshots at retrieval time, against production now."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.practice.conftest import Begin

USAGE, BILLS = "files:data/usage.parquet", "files:data/bills.parquet"


def recorded(repo: Path, name: str) -> str:
    """What DVC records of a file now."""
    return str(yaml.safe_load((repo / f"{name}.dvc").read_text())["outs"][0]["md5"])


def test_the_features_and_sources_of_a_model_version_are_compared_with_those_of_now(practice: Begin) -> None:
    asked = practice("feature_audit")
    asked.headwater("ingest")
    story = asked.ask("provenance", "mlflow:churn/1")
    at = story["trainedAt"]

    service = asked.ask("show", "feast:churn_v1", "--as-of", at)["node"]["properties"]
    assert service["features"] == ["usage#minutes_7d", "usage#dropped_calls", "bills#overdue", "drop_rate#drop_rate"]
    assert asked.ask("show", "feast:usage", "--as-of", at)["node"]["properties"]["ttl"] == "2592000s"
    sources = {d["ref"]: d["digest"] for d in story["datasets"] if d["role"] == "source"}
    assert sources.keys() == {USAGE, BILLS, "mlflow:churn/usage", "mlflow:churn/bills"}
    assert sources[USAGE] == sources["mlflow:churn/usage"]
    assert {(f["name"], *f["sources"]) for f in story["features"]} >= {
        ("minutes_7d", f"{USAGE}#minutes_7d"), ("dropped_calls", f"{USAGE}#dropped_calls"), ("overdue", f"{BILLS}#overdue"),
    }  # fmt: skip

    audit = asked.ask("diff", "mlflow:churn/1", "--from", at)
    found = {(c["cause"], c["ref"], c["property"]): (c["before"], c["after"]) for c in audit["changes"]}
    computed = [(c["before"], c["after"]) for c in audit["changes"] if c["property"] == "COMPUTED_FROM"]
    assert {(before or after).partition("#")[0] for before, after in computed} == {BILLS, "files:data/bills_v2.parquet"}
    found = {key: value for key, value in found.items() if key[2] not in ("COMPUTED_FROM", "byte_size")}
    before, after = found.pop(("features", "feast:drop_rate", "definition"))
    assert ("+ 1.0" in before, "+ 1.0" in after) == (False, True)
    repo = asked.folder / "repo" / "data"
    assert found == {
        ("data", USAGE, "version"): (f"md5:{sources[USAGE]}", f"md5:{recorded(repo, 'usage.parquet')}"),
        ("data", BILLS, "version"): (f"md5:{sources[BILLS]}", f"md5:{recorded(repo, 'bills.parquet')}"),
        ("features", "feast:usage", "ttl"): ("2592000s", "1209600s"),
        ("features", "feast:usage#dropped_calls", "type"): ("INT64", "DOUBLE"),
        ("features", "feast:usage#roaming_mb", "feature"): (None, "roaming_mb"),
        ("features", "feast:bills", "source"): ("s3://telco/data/bills.parquet", "s3://telco/data/bills_v2.parquet"),
    }
