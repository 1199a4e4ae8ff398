"""Residency across regions: what is permitted for each asset, the first offending hop, and where processing happened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.practice.conftest import Begin, Practice

SPARK = "job:bank-spark/credit_features.adaptive_spark_plan.features_credit"
FEATURES, ACCOUNTS, BUREAU, CUSTOMERS = (
    "lake:/lake/features/credit", "lake:/lake/raw/accounts.csv", "lake:/lake/raw/bureau.csv", "lake:/lake/raw/customers.csv",
)  # fmt: skip


@pytest.fixture
def bank(practice: Begin) -> Practice:
    asked = practice("lending")
    asked.headwater("ingest")
    return asked


def judged(bank: Practice, *changes: tuple[str, str], code: int = 0) -> dict[str, Any]:
    """What the check says after changes of the policy file."""
    file = bank.folder / "regions.yaml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    found: dict[str, Any] = bank.ask("check", "--strict", "--policy", "regions.yaml", code=code)
    return found


def test_permitted_regions_flow_and_violations_name_the_first_offending_hop(bank: Practice) -> None:
    clean = judged(bank)
    said = {one["subject"]: one["why"] for one in clean["passed"]}
    assert {ref: said[ref] for ref in (CUSTOMERS, ACCOUNTS, BUREAU, FEATURES)} == {
        CUSTOMERS: "resides in DE; permitted in DE, FR", ACCOUNTS: "resides in DE; permitted in DE, FR",
        BUREAU: "resides in DE; permitted in CH, DE", FEATURES: "resides in DE; permitted in DE",
    }  # fmt: skip
    assert {ref.partition(":")[0] for ref in said} == {"lake", "repo", "mlflow", "job"}, (
        "an audit of data, processing and models"
    )
    assert (said[SPARK].partition(";")[0], clean["violations"], clean["unknown"]) == ("runs in DE", [], [])

    abroad = judged(bank, ("DE: [bank-spark, mlflow]", "US: [bank-spark]\n  DE: [mlflow]"), code=1)
    assert {(v["subject"], v["cause"], v["hop"]) for v in abroad["violations"]} == {
        (SPARK, source, SPARK)
        for source in (ACCOUNTS, BUREAU)  # one for each set of permitted regions
    }

    deployed = judged(
        bank,
        ("US: [bank-spark]\n  DE: [mlflow]", "DE: [bank-spark, mlflow]"),
        ("deployment_region: DE", "deployment_region: CH"),
        code=1,
    )
    versions = {(v["subject"], v["cause"]): v["hop"] for v in deployed["violations"]}
    assert versions == {
        ("mlflow:credit/1", CUSTOMERS): FEATURES, ("mlflow:credit/1", ACCOUNTS): FEATURES, ("mlflow:credit/2", ACCOUNTS): FEATURES,
    }  # fmt: skip

    moved = judged(
        bank,
        ("deployment_region: CH", "deployment_region: DE"),
        ("DE: [lake, mlflow, repo]", "DE: [lake, repo]\n  FR: [mlflow]"),
        code=1,
    )
    assert {(v["subject"], v["cause"], v["hop"]) for v in moved["violations"]} == {
        ("mlflow:credit/credit_train", BUREAU, "mlflow:credit/credit_train")
    }
