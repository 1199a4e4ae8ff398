"""A shop's sessions, from raw logs to predictions: digests by API, an audit, forensics of a bad day, a gate before promotion."""

from __future__ import annotations

import hashlib
import subprocess
from typing import Any

import pytest
import yaml

from tests.practice.conftest import ESTATES, Begin, Practice

TRAINING = """{ provenance(ref: "mlflow:buyers/2") { ... on Provenance {
  datasets { ref role algorithm digest } sources { ref terminal } } } }"""
FORENSICS = """query($profile: String!, $flagged: String!) {
  profile: entity(ref: $profile) { ... on Report { type verdict content evaluatedOn(first: 5) { nodes { ref } } } }
  flagged: entity(ref: $flagged) { ... on Report { content evaluatedOn(first: 5) { nodes { ... on FileEntry {
    path digest partOf(first: 2) { nodes { ref } } } } } } }
}"""
DECIDED = """{ entity(ref: "policy:sessions-promoted") { ... on Policy { digest covers(first: 5) { nodes { ... on Decision {
  subject verdict policyDigest inputDigest } } } } } }"""


@pytest.fixture
def shop(practice: Begin) -> Practice:
    asked = practice("sessions")
    asked.headwater("ingest")
    return asked


@pytest.fixture(scope="module")
def locks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Commit, and digests by path, of each tag: what `git show TAG:dvc.lock` prints."""
    bare = tmp_path_factory.mktemp("git")
    run = {"check": True, "capture_output": True, "text": True}
    subprocess.run(["git", "clone", "-q", "--bare", str(ESTATES / "sessions" / "repo.bundle"), str(bare)], **run)  # type: ignore[call-overload]
    found = {}
    for tag in ("v1.1", "v1.2"):
        commit, lock = (
            subprocess.run(["git", "-C", str(bare), *words], **run).stdout  # type: ignore[call-overload]
            for words in (("rev-parse", tag), ("show", f"{tag}:dvc.lock"))
        )
        stages = yaml.safe_load(lock)["stages"].values()
        found[tag] = {
            "commit": commit.strip(),
            **{f["path"]: f["md5"] for s in stages for f in (*s["outs"], *s["deps"])},
        }
    return found


def artifact(asked: Practice, run: str) -> str:
    """The digest of the pickled model of a run."""
    (file,) = (
        p
        for p in asked.folder.glob("mlflow/models/*/MLmodel")
        if f"run_id: {run.removeprefix('run:')}" in p.read_text()
    )
    return "sha256:" + hashlib.sha256(file.with_name("model.pkl").read_bytes()).hexdigest()


def test_training_and_validation_digests_and_source_tables_come_by_api(shop: Practice, locks: dict[str, Any]) -> None:
    said = shop.graphql(TRAINING)["provenance"]
    digests = {(d["ref"], d["role"]): d["digest"] for d in said["datasets"] if d["algorithm"] == "md5"}
    assert digests["mlflow:sessions/train", "training"] == locks["v1.2"]["data/train.csv"]
    assert digests["mlflow:sessions/validation", "validation"] == locks["v1.2"]["data/validation.csv"]
    assert {s["ref"] for s in said["sources"] if s["terminal"]} == {"dbx:main.web.page_events", "files:raw_logs"}


def test_one_report_binds_artifact_data_and_commit(shop: Practice, locks: dict[str, Any]) -> None:
    """Version 1.2 is known by the tag of its commit."""
    said = shop.ask("attest", "mlflow:buyers/2")
    assert (said["commit"], said["artifact"]) == (locks["v1.2"]["commit"], artifact(shop, said["run"]))
    card = shop.headwater("provenance", "mlflow:buyers/2", "--format", "card").out
    for text in (said["artifact"], locks["v1.2"]["commit"], f"md5:{locks['v1.2']['data/train.csv']}", "| tag | v1.2 |"):
        assert text in card


def test_a_suspect_prediction_leads_to_the_raw_logs_of_a_bad_day(shop: Practice, locks: dict[str, Any]) -> None:
    said = shop.ask("attest", "prediction:P-16")
    assert (said["modelVersion"]["ref"], said["commit"]) == ("mlflow:buyers/1", locks["v1.1"]["commit"])
    snapshot = {d["ref"]: d["digest"] for d in said["datasets"] if d["algorithm"] == "md5"}
    assert snapshot["files:data/sessions.csv"] == locks["v1.1"]["data/sessions.csv"]
    assert snapshot["files:raw_logs"] == locks["v1.1"]["raw_logs"] != locks["v1.2"]["raw_logs"]

    found = shop.graphql(
        FORENSICS, profile="report:slice/reports/slice.json", flagged="report:flagged/reports/flagged.csv"
    )
    profile = found["profile"]
    assert (profile["type"], profile["verdict"]) == ("profile of a slice against the population", "fail")
    assert {n["ref"] for n in profile["evaluatedOn"]["nodes"]} == {
        "mlflow:buyers/1",
        f"files:data/sessions.csv@{snapshot['files:data/sessions.csv']}",
    }
    assert "ValueDrift(column=user_session_duration" in profile["content"]

    (entry,) = found["flagged"]["evaluatedOn"]["nodes"]
    assert found["flagged"]["content"] == '{"files":{"2026-11-03.csv":13}}'
    assert (entry["path"], [n["ref"] for n in entry["partOf"]["nodes"]]) == (
        "2026-11-03.csv",
        [f"files:raw_logs@{snapshot['files:raw_logs']}"],
    )
    today = hashlib.md5(
        (shop.folder / "repo" / "raw_logs" / entry["path"]).read_bytes(), usedforsecurity=False
    ).hexdigest()
    assert entry["digest"] != today  # the day was mended since

    reached = shop.ask("impact", f"bad-data:files:raw_logs@{snapshot['files:raw_logs']}")["findings"]
    proved = {f["ref"] for f in reached if f["kind"] in ("ModelVersion", "Prediction") and not f["assumed"]}
    assert {"mlflow:buyers/1", "prediction:P-16"} <= proved
    assert "mlflow:buyers/2" not in proved


def test_a_feature_is_promoted_only_if_its_suite_passes(shop: Practice, locks: dict[str, Any]) -> None:
    checked = shop.ask("check", code=1)
    verdicts = {(one["rule"], one["subject"]) for one in checked["violations"]}
    assert verdicts == {("sessions-checked", "mlflow:buyers/1"), ("sessions-promoted", "mlflow:buyers/1")}
    assert {(one["rule"], one["subject"]) for one in checked["passed"]} == {
        ("sessions-checked", "mlflow:buyers/2"), ("sessions-promoted", "mlflow:buyers/2"),
    }  # fmt: skip
    (broken,) = (one for one in checked["violations"] if one["rule"] == "sessions-checked")
    assert "expect_column_values_to_be_between user_session_duration" in broken["why"]

    kept = shop.ask("provenance", "mlflow:buyers/1")
    assert kept["code"]["commit"] == locks["v1.1"]["commit"]
    assert locks["v1.1"]["data/sessions.csv"] in {d["digest"] for d in kept["datasets"]}
    assert [(c["suite"], c["success"], c["failed"]) for c in kept["checks"]] == [
        ("sessions", False, ["expect_column_values_to_be_between user_session_duration"])
    ]

    policy = shop.graphql(DECIDED)["entity"]
    decisions = {d["subject"].rpartition(":")[2]: d["verdict"] for d in policy["covers"]["nodes"]}
    assert decisions == {"1": "violated", "2": "passed"}
    assert {d["policyDigest"] for d in policy["covers"]["nodes"]} == {policy["digest"]}
    assert len({d["inputDigest"] for d in policy["covers"]["nodes"]}) == 2
