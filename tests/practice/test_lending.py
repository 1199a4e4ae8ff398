"""A bank's credit model, from Spark to decisions: consent, the request of a data subject, the right to an explanation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalog.provenance.proofs import check_proof
from tests.practice.conftest import Begin, Practice

RAW = "lake:/lake/raw/{}.csv"
QUERY = """query($ref: String!, $purposes: [String!]) { attestation(ref: $ref, purposes: $purposes) {
  trainedAt purposes lineageDigest unproved missing withoutDocument
  consents { source document purposes validAtTraining allowsPurpose why }
  plans { ref steps reviewed }
  proofs { of line index lines path header number commits logPath logRoot }
} }"""

INCIDENT = """{ entity(ref: "incident:INC-12") { ... on Incident {
  state concerns { nodes { ref } } coveredBy { nodes { ref } }
} } }"""


@pytest.fixture
def bank(practice: Begin) -> Practice:
    asked = practice("lending")
    asked.headwater("ingest")
    return asked


def ways(proofs: list[dict[str, Any]], type_: str) -> set[tuple[str, str]]:
    return {(p["of"]["from"], p["of"]["to"]) for p in proofs if p["of"].get("type") == type_}


@pytest.mark.parametrize("store", ["sqlite", "neo4j"], indirect=True)
def test_the_service_attests_consent_and_proves_the_way_from_the_sources(bank: Practice) -> None:
    """Five internal and two external sources; the document of one external source does not allow scoring."""
    said = bank.graphql(QUERY, ref="mlflow:credit/1", purposes=["credit_scoring"])["attestation"]
    documents = {
        one["source"]: (one["document"], one["validAtTraining"], one["allowsPurpose"]) for one in said["consents"]
    }
    assert documents == {
        RAW.format("customers"): ("C-101", True, True), RAW.format("accounts"): ("C-102", True, True),
        RAW.format("payments"): ("C-103", True, True), RAW.format("arrears"): ("C-104", True, True),
        RAW.format("applications"): ("C-105", True, True), RAW.format("bureau"): ("X-201", True, True),
        RAW.format("areas"): ("X-202", True, False),
    }  # fmt: skip
    assert [plan["steps"][0] for plan in said["plans"]] == ["Find the versions that stand on the data."]
    assert (said["unproved"], said["missing"], said["withoutDocument"]) == (0, [], [])
    assert all(check_proof(proof) for proof in said["proofs"])
    store_of, frame = "lake:/lake/features/credit", "mlflow:credit/credit_train"
    proved = ways(said["proofs"], "DERIVES_FROM")
    for source, column in (("customers", "birth_year"), ("areas", "median_income"), ("bureau", "bureau_score")):
        assert any(
            start == f"{RAW.format(source)}#{column}" and end.startswith(f"{store_of}#") for start, end in proved
        )
    assert ways(said["proofs"], "ALIAS_OF") == {(store_of, frame)}
    assert {p["of"]["document"] for p in said["proofs"] if "document" in p["of"]} == {
        d for d, _, _ in documents.values()
    }

    forged = dict(said["proofs"][0], line=said["proofs"][0]["line"].replace("credit", "debit"))
    assert not check_proof(forged)
    assert not check_proof(dict(said["proofs"][0], index=said["proofs"][0]["index"] + 1))


def test_a_source_without_a_document_is_named(practice: Begin) -> None:
    asked = practice("lending")
    register = asked.folder / "consents.csv"
    register.write_text(
        "".join(line for line in register.read_text().splitlines(keepends=True) if not line.startswith("X-201"))
    )
    asked.headwater("ingest")
    assert asked.ask("attest", "mlflow:credit/2")["withoutDocument"] == [RAW.format("bureau")]
    late = asked.headwater("attest", "mlflow:credit/2", "--asked", "2027-01-01", code=2)
    assert "is ahead of now" in late.err


def test_the_consent_rule_and_the_incident_agree_with_the_attestation(bank: Practice) -> None:
    checked = bank.ask("check", code=1)
    assert [(v["subject"], v["cause"], v["hop"], v["documents"]) for v in checked["violations"]] == [
        ("mlflow:credit/1", RAW.format("areas"), "lake:/lake/features/credit", ["X-202"])
    ]
    assert [one["subject"] for one in checked["passed"]] == ["mlflow:credit/2"]
    incident = bank.graphql(INCIDENT)["entity"]
    concerned, controls = ({node["ref"] for node in incident[key]["nodes"]} for key in ("concerns", "coveredBy"))
    assert (incident["state"], concerned) == ("open", {"mlflow:credit/1", RAW.format("areas")})
    assert controls == {"policy:IP-4", "policy:only-with-consent"}


def test_a_decision_is_answered_in_time_and_bound_to_its_lineage(bank: Practice) -> None:
    """The standard procedure allows 72 hours."""
    bank.headwater("attest", "prediction:D-002", "--asked", "2026-11-27T09:00:00Z", "--within", "72", code=1)
    said = bank.ask("attest", "prediction:D-002", "--asked", "2026-11-29T09:00:00Z", "--within", "72", "--record")
    assert said["modelVersion"]["ref"] == "mlflow:credit/2"
    assert [(d["ref"], d["role"]) for d in said["datasets"]] == [
        ("mlflow:credit/credit_train", "training"),
        ("repo:data/train.csv", "training"),
    ]
    assert len({d["digest"] for d in said["datasets"]}) == 1
    assert said["request"] == {
        "asked": "2026-11-29T09:00:00Z", "answered": "2026-12-01T09:00:00Z", "elapsedSeconds": 48 * 3600, "withinSeconds": 72 * 3600, "inTime": True,
    }  # fmt: skip

    later = bank.ask("attest", "mlflow:credit/2")
    assert [(r["lineageDigest"], r["holds"]) for r in later["recorded"]] == [(said["lineageDigest"], True)]
    (binding,) = [p for p in later["proofs"] if "lineageDigest" in p["of"]]
    assert check_proof(binding)
    assert said["lineageDigest"] in binding["line"]
    assert '\\"elapsedSeconds\\":172800' in binding["line"]


def test_a_dossier_explains_a_decision_by_its_source_columns(bank: Practice) -> None:
    decision = bank.headwater("provenance", "prediction:D-002", "--format", "markdown").out
    assert "| model version | mlflow:credit/2 |" in decision
    assert rf"| card\_spend | 402.0 | {RAW.format('payments')}\#amount |" in decision
    assert rf"| worst\_arrears | 64.0 | {RAW.format('arrears')}\#days\_late |" in decision
    drawn = bank.headwater("provenance", "prediction:D-002", "--format", "svg").out
    assert RAW.format("arrears") in drawn

    card = bank.headwater("provenance", "mlflow:credit/2", "--format", "card").out
    figures = dict(re.findall(r"\| bias \| reports/aif360\.json \|  \| (\S+) \| (\S+) \|", card.replace("\\", "")))
    assert figures.keys() == {
        "accuracy",
        "disparate_impact",
        "equal_opportunity_difference",
        "statistical_parity_difference",
    }
    assert figures["accuracy"].startswith("0.7333")
    certificates = re.findall(r"\| training data \| repo:data/train\.csv \| (\S+) \|", card)
    assert certificates == ["passed"]
    lineage = bank.headwater("provenance", "mlflow:credit/2", "--format", "svg").out
    assert all(RAW.format(name) in lineage for name in ("accounts", "bureau", "payments", "arrears", "applications"))
