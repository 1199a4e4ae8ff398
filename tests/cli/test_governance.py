"""Rules and verification on the command line: exit codes, forms, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import jsonschema_rs

from tests.cli.conftest import Run

SCHEMAS: Final = Path(__file__).parents[2] / "schema" / "json"


def as_published(answer: object, command: str) -> None:
    schema = json.loads((SCHEMAS / f"headwater.{command}.json").read_text())
    jsonschema_rs.validator_for(schema).validate(answer)


def test_a_clean_check_ends_with_0_and_a_broken_rule_with_1(tracked: Path, headwater: Run) -> None:
    clean = headwater("check", "--format", "json")
    assert clean.code == 0, clean.err
    as_published(clean.json, "check")
    assert clean.json["data"]["passed"] == [
        {"rule": "hashes", "subject": "wh:data/x.csv", "why": clean.json["data"]["passed"][0]["why"]}
    ]
    (tracked / "repo" / "data" / "x.csv").write_text("a\n2\n")
    broken = headwater("check")
    assert broken.code == 1
    assert "VIOLATED hashes: wh:data/x.csv" in broken.out
    assert headwater("check", "gate").code == 0


def test_what_is_unknown_trips_the_gate_only_if_it_is_strict(tracked: Path, headwater: Run) -> None:
    (tracked / "repo" / "data" / "x.csv").unlink()
    assert headwater("check", "--no-record").code == 0
    strict = headwater("check", "--strict", "--no-record")
    assert (strict.code, "unknown  hashes: wh:data/x.csv" in strict.out) == (1, True)


def test_decisions_are_kept_unless_told_not_to(tracked: Path, headwater: Run) -> None:
    assert headwater("check", "--no-record").code == 0
    assert headwater("db", "status", "--format", "json").json["data"]["counts"].get("node.decision", 0) == 0
    assert headwater("check").code == 0
    assert headwater("db", "status", "--format", "json").json["data"]["counts"]["node.decision"] == 1


def test_verify_ends_with_6_on_a_mismatch_and_keeps_results_on_demand(tracked: Path, headwater: Run) -> None:
    found = headwater("verify", "--format", "json")
    shown = headwater("verify").out
    assert all(one["why"] in shown for one in found.json["data"]["results"] if one["why"])
    assert found.code == 0, found.err
    as_published(found.json, "verify")
    assert [r["verdict"] for r in found.json["data"]["results"]] == ["match"]
    (tracked / "repo" / "data" / "x.csv").write_text("a\n2\n")
    spoilt = headwater("verify", "wh:data/x.csv", "--record")
    assert (spoilt.code, "mismatch" in spoilt.out) == (6, True)
    assert headwater("db", "status", "--format", "json").json["data"]["counts"]["node.report"] == 1


def test_no_policies_an_unknown_rule_and_a_wrong_file_are_wrong_usage(tracked: Path, headwater: Run) -> None:
    assert headwater("check", "nothing").code == 2
    assert headwater("check", "--policy", "none.yaml").code == 2
    (tracked / "headwater.yml").write_text(
        (tracked / "headwater.yml").read_text().replace("policies: [rules.yaml]", "")
    )
    assert headwater("check").code == 2
    assert headwater("verify", "wh:nothing").code == 4


def test_bad_data_is_asked_apart_from_other_changes(tracked: Path, headwater: Run) -> None:
    asked = headwater("impact", "bad-data:wh:shop.raw.orders@2026-01-01..", "--format", "json")
    assert asked.code == 0, asked.err
    as_published(asked.json, "impact")
    assert "wh:shop.mart.totals" in {f["ref"] for f in asked.json["data"]["findings"]}
    assert headwater("impact", "bad-data:wh:shop.raw.orders", "drop:wh:shop.raw.orders").code == 2
    assert "clean" not in headwater("impact", "drop:wh:shop.raw.orders", "--format", "json").json["data"]
