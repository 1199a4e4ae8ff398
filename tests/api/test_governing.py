"""Rules, decisions, verifications, bad data, causes and cards over GraphQL: the same functions as behind the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog import decisions
from catalog.api.context import Settings
from catalog.api.execution import Asked, answer
from catalog.api.limits import WEIGHTS
from catalog.api.schema import core
from catalog.check import check
from catalog.contamination.faults import parse_faults
from catalog.contamination.report import contamination
from catalog.model.instants import instant
from catalog.model.names import Urn
from catalog.model.nodes import CheckResult, Consent, Dataset, Report
from catalog.policies import read_policies
from catalog.refs import Refs
from catalog.replay import log_of, replay
from catalog.rootcause.suspects import root_cause
from catalog.store.memory import MemoryStore
from catalog.store.opening import open_store
from catalog.store.port import Store
from tests.api.asking import ask, refused, settings
from tests.api.serving import client
from tests.catalogs import NAMESPACES, NS, catalog, edge, table
from tests.test_check import CHAIN, TRAINED
from tests.test_rootcause import store as versions_of
from tests.test_rootcause import training

RULES = """
licences: {CC-BY-NC: [pg:raw], MIT: [pg:other]}
models: {score: {purpose: scoring, deployment_region: US}}
rules:
  - {id: no-nc, kind: licence, deny: [CC-BY-NC], text: Nothing under it.}
  - {id: bytes, kind: recorded-hash}
  - {id: gaps, kind: unresolved-lineage, exempt: [{model_version: "ml:score/1", reason: an experiment, document: T-1}]}
"""


def governed() -> MemoryStore:
    consent = Consent(namespace="register.csv", name="D-1", document="D-1", status="withdrawn", valid_to="2025-12-31")
    results = [
        CheckResult(namespace=NS, name="c", run=f"r{day}", at=f"2026-01-0{day}T00:00:00Z", success=day > 1, suite="s")
        for day in (1, 2)
    ]
    report = Report(namespace=NS, name="v", type="verification", verdict="mismatch", expected="md5:aa", actual="md5:bb")
    return catalog(
        *TRAINED, *CHAIN, consent, report, Dataset(namespace=NS, name="raw", columns=["a"]), edge("COVERED_BY", table("raw"), consent.urn),
        *results, *(edge("EVALUATED_ON", r.urn, table("mart")) for r in results), edge("EVALUATED_ON", report.urn, table("raw")),
    )  # fmt: skip


@pytest.fixture
def ruled(tmp_path: Path) -> Settings:
    (tmp_path / "rules.yaml").write_text(RULES)
    return replace(settings(), policies=(tmp_path / "rules.yaml",))


def asked(ruled: Settings, store: Store, query: str) -> dict[str, Any]:
    found = answer(ruled, store, Asked(query), None)
    assert not found.faults, found.faults
    return found.response


CHECK = """{ check(rules: %s) { complete warnings counts { violated unknown passed } rules { rule kind text }
    exemptions { rule of reason document until } passed { rule subject why } unknown { rule subject }
    violations { rule subject why cause hop path features targets documents evidence } } }"""


def test_check_answers_as_the_command_does_but_reads_no_file(ruled: Settings) -> None:
    store = governed()
    told = asked(ruled, store, CHECK % "null")["data"]["check"]
    policies = read_policies(ruled.policies)
    now = instant(datetime(2026, 3, 1, tzinfo=UTC))
    data = check(store, Refs(store, NAMESPACES), policies, now, only=["no-nc", "gaps"]).answer.data
    for name in ("counts", "exemptions"):
        assert told[name] == data[name]
    for one, wanted in zip(told["violations"], data["violations"], strict=True):
        assert one == {key: wanted[key] for key in one}
    assert [p["rule"] for p in told["passed"]] == ["gaps"]
    assert told["complete"] is False
    assert told["warnings"][-1].startswith("The rule bytes reads files")
    only = asked(ruled, store, CHECK % '["licence"]')["data"]["check"]
    assert ([r["rule"] for r in only["rules"]], only["complete"]) == (["no-nc"], True)
    files = asked(ruled, store, CHECK % '["bytes"]')["data"]["check"]
    assert (files["rules"], files["complete"]) == ([], False)


def test_what_is_wrong_with_the_question_is_a_typed_error(ruled: Settings, tmp_path: Path) -> None:
    store = governed()
    for query, code in (
        (CHECK % '["none"]', "USAGE"), (CHECK % "[]", "USAGE"), ('{ rootCause(ref: "ml:score/1") { bad { ref } } }', "USAGE"),
        ('{ rootCause(ref: "pg:raw") { bad { ref } } }', "NOT_FOUND"), ('{ modelCard(ref: "ml:score/9") { markdown } }', "NOT_FOUND"),
        ('{ impact(changes: ["bad-data:pg:raw", "drop:pg:raw"]) { verdict } }', "USAGE"),
        ('{ impact(changes: ["bad-data:pg:raw"], asOf: "2026-01-01") { verdict } }', "USAGE"),
        ('{ impact(changes: ["bad-data:pg:raw@soon.."]) { verdict } }', "INVALID_TIME"),
        ('{ checkRuns(ref: "pg:raw", first: 5001) { runs { at } } }', "USAGE"),
    ):  # fmt: skip
        response = asked(ruled, store, query)
        assert response["errors"][0]["extensions"]["code"] == code, query
    assert "names no policies" in refused(store, "{ policies { rules { rule } } }")[1]
    broken = replace(ruled, policies=(tmp_path / "secret-place.yaml",))
    message = asked(broken, store, "{ policies { rules { rule } } }")["errors"][0]["message"]
    assert "cannot be read" in message
    assert "secret-place" not in message


def test_policies_say_where_they_stand_without_the_servers_folders(ruled: Settings) -> None:
    told = asked(ruled, governed(), "{ policies { rules { rule kind text place } exemptions { rule document } } }")[
        "data"
    ]["policies"]
    assert told["rules"][0] == {
        "rule": "no-nc",
        "kind": "licence",
        "text": "Nothing under it.",
        "place": "rules.yaml:5",
    }
    assert told["exemptions"] == [{"rule": "gaps", "document": "T-1"}]


def test_decisions_are_told_with_all_that_was_decided_before(ruled: Settings, tmp_path: Path) -> None:
    store = governed()
    refs = Refs(store, NAMESPACES)
    for day, text in ((1, RULES), (2, RULES.replace("deny: [CC-BY-NC]", "deny: [other]"))):
        (tmp_path / "rules.yaml").write_text(text)
        now = datetime(2026, 3, day, tzinfo=UTC)
        policies = read_policies(ruled.policies)
        decisions.record(store, check(store, refs, policies, instant(now), only=["no-nc"]), policies, now, "ana")
    told = ask(
        store,
        '{ decisionHistory(ref: "ml:score/1", rule: "no-nc") { decisions { verdict since until policyDigest subject } } }',
    )
    first, last = told["decisionHistory"]["decisions"]
    assert (first["verdict"], first["until"], last["verdict"], last["until"]) == (
        "violated",
        last["since"],
        "passed",
        None,
    )
    assert first["policyDigest"] != last["policyDigest"]
    now = ask(store, '{ decisions(rule: "no-nc") { nodes { verdict subject why } } }')["decisions"]["nodes"]
    assert [(one["verdict"], one["subject"]) for one in now] == [
        ("passed", str(Urn("modelversion", ("mlflow://tracker", "score", "1"))))
    ]
    assert ask(store, '{ decisions(verdict: "violated") { nodes { verdict } } }')["decisions"]["nodes"] == []


def test_consents_verifications_and_runs_of_checks_are_listed() -> None:
    store = governed()
    told = ask(
        store,
        """{ consents(document: "D-1", status: "withdrawn") { nodes { document status covers { nodes { ref } } } }
             none: consents(status: "active") { nodes { document } }
             verifications(verdict: "mismatch") { nodes { verdict expected actual evaluatedOn { nodes { ref } } } }
             checkRuns(ref: "pg:mart") { complete runs { suite run success failed } }
             newest: checkRuns(ref: "pg:mart", first: 1) { complete warnings runs { run } }
             before: checkRuns(ref: "pg:mart", asOf: "2025-01-01") { runs { run } } }""",
    )
    assert told["consents"]["nodes"][0]["covers"]["nodes"] == [{"ref": "pg:raw"}]
    assert told["none"]["nodes"] == []
    assert told["verifications"]["nodes"][0]["evaluatedOn"]["nodes"] == [{"ref": "pg:raw"}]
    assert [(r["run"], r["success"]) for r in told["checkRuns"]["runs"]] == [("r1", False), ("r2", True)]
    assert (told["newest"]["runs"], told["newest"]["complete"]) == ([{"run": "r2"}], False)
    assert told["before"]["runs"] == []


BAD = """{ impact(changes: ["%s"]) { verdict complete changes { change ref kind origin why since until }
    findings { ref kind effect hops why since assumed owners } clean { ref kind entity { ref } } undecided { ref } alarms { subject run at } } }"""


@pytest.mark.parametrize("change", ["bad-data:pg:raw@2026-01-01..", "bad-data:consent:D-1", "bad-data:report:v"])
def test_bad_data_is_the_answer_of_the_command(change: str) -> None:
    store = governed()
    refs = Refs(store, NAMESPACES)
    told = ask(store, BAD % change)["impact"]
    data = contamination(store, refs, parse_faults(store, refs, change)).data
    assert told["changes"] == [{key: c[key] for key in told["changes"][0]} for c in data["changes"]]
    assert told["findings"] == [{key: f[key] for key in told["findings"][0]} for f in data["findings"]]
    assert [c["ref"] for c in told["clean"]] == [c["ref"] for c in data["clean"]]
    assert [u["ref"] for u in told["undecided"]] == [u["ref"] for u in data["undecided"]]


def test_a_root_cause_and_a_card_are_answers_with_things_in_them() -> None:
    store = versions_of(training(1, aliases=["live"]), training(2, parameter="9"))
    told = ask(
        store,
        """{ rootCause(ref: "ml:m/2") { complete bad { ref entity { kind } } good { ref why } divergence { ref why hops }
             suspects { rank ref cause property before after reasons fix } others { ref why } }
             modelCard(ref: "ml:m/2") { markdown modelVersion { ref } } }""",
    )
    refs = Refs(store, NAMESPACES)
    data = root_cause(store, refs, refs.parse("ml:m/2")).data
    found = told["rootCause"]
    assert found["suspects"] == [{key: s[key] for key in found["suspects"][0]} for s in data["suspects"]]
    assert (found["bad"]["entity"]["kind"], found["good"]["why"]) == ("ModelVersion", "promoted: alias live")
    assert told["modelCard"]["markdown"].startswith("# ")
    assert told["modelCard"]["modelVersion"]["ref"] == "ml:m/2"


def test_what_works_through_the_catalog_weighs_more_than_a_look_at_a_thing() -> None:
    fields = core().query_type.fields  # type: ignore[union-attr]
    assert WEIGHTS.keys() <= set(fields)
    assert WEIGHTS["check"] >= WEIGHTS["rootCause"] >= WEIGHTS["impact"] > 50


def test_over_http_on_a_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/c.db")
    memory = governed()
    replay(log_of(memory), store)
    with client(store) as http:
        for query in (BAD % "bad-data:pg:raw@2026-01-01..", '{ checkRuns(ref: "pg:mart") { runs { run } } }'):
            over = http.post("/graphql", json={"query": query})
            assert over.status_code == httpx.codes.OK
            assert over.json()["data"] == json.loads(json.dumps(ask(memory, query)))
        assert (
            http.post("/graphql", json={"query": CHECK % "null"}).json()["errors"][0]["extensions"]["code"] == "USAGE"
        )
