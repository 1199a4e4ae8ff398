"""What the rules of the example estate find, against what people read off its registers and its repository."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.check import Checked, check
from catalog.contamination.faults import parse_faults
from catalog.contamination.report import contamination
from catalog.model.instants import instant
from catalog.policies import read_policies
from catalog.verification.verifying import Files, Root, Verification, answer_of, files_of
from tests.estate.conftest import Catalog
from tests.estate.test_answer_schemas import check as as_published

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NAMES = ("model_version", "source", "dataset", "data_file")


def ask(catalog: Catalog) -> Checked:
    policies = read_policies(catalog.project.policies)
    return check(catalog.store, catalog.refs, policies, instant(NOW), files_of(catalog.project))


@pytest.fixture(scope="module")
def checked(in_sqlite: Catalog) -> Checked:
    return ask(in_sqlite)


def found(checked: Checked) -> dict[tuple[str, str], dict[str, Any]]:
    return {(v["rule"], v["subject"]): v for v in checked.answer.data["violations"]}


def test_every_violation_is_found_with_its_cause_and_no_other(checked: Checked, truth: dict[str, Any]) -> None:
    wanted = {(v["rule"], v.get("model_version") or v["data_file"]): v for v in truth["violations"]}
    violations = found(checked)
    assert violations.keys() == wanted.keys()
    assert len(violations) == len(checked.answer.data["violations"]) == 3
    for key, said in wanted.items():
        one = violations[key]
        assert one["cause"] == said.get("source") or one["cause"].startswith(said.get("data_file", "?") + "@")
        assert one["documents"] == ([said["document"]] if "document" in said else [])
        assert sorted(one["features"]) == sorted(said.get("features", []))
        assert one["targets"] == ([said["target"]] if "target" in said else [])


def test_the_first_hop_is_the_first_table_behind_the_source(checked: Checked) -> None:
    hops = {v["cause"]: (v["hop"], v["path"][0]) for v in checked.answer.data["violations"] if len(v["path"]) > 1}
    assert len(hops) == 2
    for cause, (hop, first) in hops.items():
        assert first.startswith(cause + "#")
        assert hop.startswith("lake:lake.landing.")


def test_what_is_no_violation_is_none_and_passes_where_the_rule_applies(
    checked: Checked, truth: dict[str, Any]
) -> None:
    named = {(v["rule"], name) for v in checked.answer.data["violations"] for name in (v["subject"], v["cause"])}
    assert len(truth["not_violations"]) == 9
    for case in truth["not_violations"]:
        (name,) = [case[key] for key in NAMES if key in case]
        assert (case["rule"], name) not in named
    passed = {(p["rule"], p["subject"]) for p in checked.answer.data["passed"]}
    judged = {
        (c["rule"], c.get("model_version") or c.get("data_file"))
        for c in truth["not_violations"]
        if c["rule"] != "eu-data-stays"
    }
    assert {(rule, name) for rule, name in judged if name} <= passed


def test_files_that_are_not_there_are_unknown(in_sqlite: Catalog, checked: Checked, tmp_path: Path) -> None:
    elsewhere = Files(tuple(Root(root.namespace, tmp_path) for root in files_of(in_sqlite.project).roots))
    policies = read_policies(in_sqlite.project.policies)
    found = check(in_sqlite.store, in_sqlite.refs, policies, instant(NOW), elsewhere, ["recorded-hash"]).answer.data
    judged = [j for j in checked.judgements if j.rule == "recorded-hash"]
    assert len(found["unknown"]) == len(judged) > 20
    assert not found["passed"]
    assert not found["violations"]


def test_the_answer_is_as_its_schema_says(checked: Checked) -> None:
    as_published(checked.answer)


def test_the_release_of_april_changes_no_verdict(checked: Checked, after: Catalog) -> None:
    later = ask(after)
    assert [(j.rule, j.subject, j.verdict) for j in later.judgements] == [
        (j.rule, j.subject, j.verdict) for j in checked.judgements
    ]


def test_both_stores_answer_alike(checked: Checked, in_neo4j: Catalog) -> None:
    assert ask(in_neo4j).answer.data == checked.answer.data


def test_what_stands_on_the_bad_batch_is_found_and_the_rest_is_clean(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    said = truth["contamination"]
    faults = parse_faults(in_sqlite.store, in_sqlite.refs, f"bad-data:{said['enters_at']}@2026-03-16..")
    answer = contamination(in_sqlite.store, in_sqlite.refs, faults)
    hit = {f["ref"]: f for f in answer.data["findings"]}
    assert set(said["tables_after"]) <= hit.keys()
    assert {ref for ref, f in hit.items() if f["kind"] == "ModelVersion"} == set(said["model_versions_affected"])
    assert not any(hit[ref]["assumed"] for ref in said["model_versions_affected"])
    clean = {c["ref"] for c in answer.data["clean"] if c["kind"] == "ModelVersion"}
    assert clean == set(said["model_versions_clean"])
    assert answer.data["alarms"][0]["run"] == said["first_alarm"].rpartition("run ")[2]
    as_published(answer)


def test_before_the_second_night_nothing_trained_was_bad(in_sqlite: Catalog) -> None:
    faults = parse_faults(in_sqlite.store, in_sqlite.refs, "bad-data:pg:bank.raw_digital.app_events@..2026-03-01")
    found = contamination(in_sqlite.store, in_sqlite.refs, faults).data["findings"]
    observed = [f["ref"] for f in found if f["kind"] == "ModelVersion" and not f["assumed"]]
    assert observed == []


def test_recorded_digests_are_computed_again(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    results = Verification(in_sqlite.store, files_of(in_sqlite.project)).run()
    answer = answer_of(in_sqlite.refs, results)
    as_published(answer)
    verdicts = {r["ref"]: r["verdict"] for r in answer.data["results"]}
    edited = {v["data_file"] for v in truth["violations"] if "data_file" in v}
    assert {ref for ref, verdict in verdicts.items() if verdict == "mismatch"} == edited
    assert all(verdicts[v["data_file"]] == "match" for v in truth["not_violations"] if "data_file" in v)


def test_a_model_trained_on_data_whose_checks_failed_does_not_pass_the_gate(in_sqlite: Catalog, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "rules: [{id: quality-gate}, {id: unresolved-lineage}, {id: tables, kind: unresolved-lineage, lineage: table}]"
    )
    found = check(in_sqlite.store, in_sqlite.refs, read_policies([rules]), instant(NOW)).answer.data
    assert [(v["rule"], v["subject"]) for v in found["violations"]] == [("quality-gate", "mlflow:churn_propensity/2")]
    assert found["violations"][0]["cause"] == "lake:lake.marts.mart_churn_features"
    assert not found["unknown"]
