"""Edits over GraphQL: what a caller did wrong is part of the answer, and then nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.store.memory import MemoryStore
from tests.api.asking import ask, refused, run, shop

EDITED = "__typename ... on EditPayload { commit warnings entity { ref } } ... on UserError { code message }"


def edit(store: MemoryStore, mutation: str, actor: str | None = "ana", **variables: Any) -> dict[str, Any]:
    head = "mutation ($text: String) {" if "text" in variables else "mutation {"
    found = ask(store, f"{head} it: {mutation} {{ {EDITED} }} }}", actor, **variables)
    told: dict[str, Any] = found["it"]
    return told


def test_edits_are_seen_at_once_and_are_the_actor_s() -> None:
    store = shop()
    done = edit(store, 'setDescription(ref: "pg:shop.raw", text: $text)', text="Raw $x {} '\"")
    assert done == {"__typename": "EditPayload", "commit": 2, "warnings": [], "entity": {"ref": "pg:shop.raw"}}
    query = '{ dataset(ref: "pg:shop.raw") { description claims { nodes { source scope } } } commits(first: 1) { nodes { actor source } } }'
    found = ask(store, query)
    assert found["dataset"]["description"] == "Raw $x {} '\""
    assert [c["source"] for c in found["dataset"]["claims"]["nodes"]] == ["dbt", "human"]
    assert found["dataset"]["claims"]["nodes"][1]["scope"].startswith("human/ana/")
    assert found["commits"]["nodes"] == [{"actor": "ana", "source": "people"}]


def test_a_term_is_made_and_linked_and_unlinked() -> None:
    store = shop()
    made = edit(
        store,
        'upsertTerm(input: {glossary: "Business", name: "Order", definition: "A sale.", broader: ["term:Money"]})',
    )
    assert made["entity"] == {"ref": "term:Order"}
    assert edit(store, 'linkTerm(input: {ref: "pg:shop.orders", term: "Order", status: "approved"})')["commit"]
    query = '{ term(ref: "Order") { definition broader { nodes { ref } } meantBy { nodes { ref } edges { says } } } }'
    assert ask(store, query)["term"] == {
        "definition": "A sale.", "broader": {"nodes": [{"ref": "term:Money"}]},
        "meantBy": {"nodes": [{"ref": "pg:shop.orders"}], "edges": [{"says": "approved"}]},
    }  # fmt: skip
    assert edit(store, 'unlinkTerm(ref: "pg:shop.orders", term: "term:Order")')["commit"]
    assert ask(store, query)["term"]["meantBy"]["nodes"] == []
    edit(store, 'upsertTerm(input: {glossary: "Business", name: "Order", status: "draft"})')
    assert ask(store, '{ term(ref: "Order") { definition status } }')["term"] == {
        "definition": "A sale.",
        "status": "draft",
    }


def test_lineage_is_asserted_and_retracted() -> None:
    store = shop()
    query = (
        '{ lineage(refs: ["pg:shop.report#total"], direction: UPSTREAM) { nodes { ref } edges { to from exactness } } }'
    )
    edit(store, 'retractLineage(derived: "pg:shop.orders#amount", source: "pg:shop.raw#amount")')
    assert [n["ref"] for n in ask(store, query)["lineage"]["nodes"]] == [
        "pg:shop.report#total",
        "pg:shop.orders#amount",
    ]
    edit(
        store,
        'assertLineage(input: {derived: "pg:shop.report#total", source: "pg:shop.raw#id", subtype: "conditional"})',
    )
    assert {"to": "pg:shop.report#total", "from": "pg:shop.raw#id", "exactness": "declared"} in ask(store, query)[
        "lineage"
    ]["edges"]


def test_an_owner_is_set_by_address_team_or_ref() -> None:
    store = shop()
    for name, ref in (
        ("Ben@Shop.example", "agent:ben%40shop.example"),
        ("team", "agent:team"),
        ("agent:ana%40shop.example", "agent:ana%40shop.example"),
    ):
        edit(store, f'setOwner(ref: "pg:shop.orders", owner: "{name}")')
        found = ask(store, '{ dataset(ref: "pg:shop.orders") { owners { nodes { ref } } } }')
        assert found["dataset"]["owners"]["nodes"] == [{"ref": ref}]


def test_a_commit_is_taken_back() -> None:
    store = shop()
    seq = edit(store, 'setDescription(ref: "pg:shop.orders", text: $text)', text="Wrong.")["commit"]
    assert edit(store, f"revertCommit(seq: {seq})")["commit"] == seq + 1
    assert ask(store, '{ dataset(ref: "pg:shop.orders") { description } }')["dataset"]["description"] == "Orders."


@pytest.mark.parametrize(
    ("mutation", "type_", "code"),
    [
        ('setDescription(ref: "pg:nowhere", text: "x")', "UnknownName", "NOT_FOUND"),
        ('setDescription(ref: "amount", text: "x")', "UnknownName", "AMBIGUOUS_NAME"),
        ('linkTerm(input: {ref: "pg:shop.orders", term: "pg:shop.raw"})', "UnknownName", "NOT_FOUND"),
        ('linkTerm(input: {ref: "job:etl/nightly", term: "Money"})', "InvalidInput", "USAGE"),
        ('assertLineage(input: {derived: "term:Money", source: "pg:shop.raw"})', "InvalidInput", "USAGE"),
        ('retractLineage(derived: "pg:shop.raw", source: "pg:shop.report")', "UnknownName", "NOT_FOUND"),
        ('upsertTerm(input: {glossary: " ", name: "x"})', "InvalidInput", "USAGE"),
        ('setOwner(ref: "pg:shop.orders", owner: " ")', "InvalidInput", "USAGE"),
        ("revertCommit(seq: 99)", "UnknownName", "NOT_FOUND"),
    ],
)
def test_what_is_wrong_is_part_of_the_answer(mutation: str, type_: str, code: str) -> None:
    store = shop()
    told = edit(store, mutation)
    assert (told["__typename"], told["code"]) == (type_, code)
    assert told["message"]
    assert store.info().head == 1


def test_another_person_s_word_is_a_conflict() -> None:
    store = shop()
    edit(store, 'linkTerm(input: {ref: "pg:shop.raw", term: "Money"})', actor="ana")
    told = edit(store, 'unlinkTerm(ref: "pg:shop.raw", term: "Money")', actor="ben")
    assert (told["__typename"], told["code"]) == ("Conflict", "CONFLICT")


@pytest.mark.parametrize(
    "mutation",
    [
        'setDescription(ref: "pg:nowhere", text: "x")',
        'setOwner(ref: "pg:shop.raw", owner: "x")',
        "revertCommit(seq: 1)",
    ],
)
def test_who_may_only_read_learns_nothing_and_writes_nothing(mutation: str) -> None:
    store = shop()
    told = edit(store, mutation, actor=None)
    assert (told["__typename"], told["code"]) == ("Forbidden", "FORBIDDEN")
    assert "nowhere" not in told["message"]
    assert store.info().head == 1


def test_edits_of_one_request_are_made_in_order_and_are_bounded() -> None:
    store = shop()
    one = 'setDescription(ref: "pg:shop.raw", text: "%d") { __typename ... on EditPayload { entity { ... on Dataset { description } } } }'
    found = ask(store, "mutation {" + " ".join(f"e{i}: {one % i}" for i in range(3)) + "}", "ana")
    assert [found[f"e{i}"]["entity"]["description"] for i in range(3)] == ["0", "1", "2"]
    many = "mutation {" + " ".join(f"e{i}: revertCommit(seq: 1) {{ __typename }}" for i in range(60)) + "}"
    assert refused(store, many, "ana")[0] == "TOO_COSTLY"


# --- events -----------------------------------------------------------------------------------------------------------

RUN = {
    "eventType": "COMPLETE", "eventTime": "2026-02-01T10:00:00Z", "producer": "https://producer.example",
    "run": {"runId": "0192a3b4-0000-7000-8000-000000000001"}, "job": {"namespace": "etl", "name": "load"},
    "inputs": [{"namespace": "postgres://db:5432", "name": "shop.orders"}],
    "outputs": [{"namespace": "postgres://db:5432", "name": "shop.daily"}],
}  # fmt: skip
INGEST = """mutation ($e: [JSON!]!) { ingestEvents(events: $e) {
    __typename ... on IngestPayload { received commits refused { index reason } } ... on UserError { code } } }"""


def test_events_are_taken_once_and_what_is_none_is_named() -> None:
    store = shop()
    broken = {**RUN, "eventTime": "yesterday"}
    told = ask(store, INGEST, "ana", e=[RUN, broken, 7])["ingestEvents"]
    assert told["received"] == 3
    assert [r["index"] for r in told["refused"]] == [1, 2]
    assert told["commits"]
    found = ask(
        store,
        '{ job(ref: "job:etl/load") { reads { nodes { ref } } writes { nodes { ref } } runs { nodes { ... on Run { state } } } } }',
    )
    assert found["job"] == {
        "reads": {"nodes": [{"ref": "pg:shop.orders"}]}, "writes": {"nodes": [{"ref": "pg:shop.daily"}]},
        "runs": {"nodes": [{"state": "COMPLETE"}]},
    }  # fmt: skip
    assert ask(store, INGEST, "ana", e=[RUN])["ingestEvents"]["commits"] == []


def test_events_need_an_actor_and_come_in_bounded_lists() -> None:
    store = shop()
    assert ask(store, INGEST, None, e=[RUN])["ingestEvents"] == {"__typename": "Forbidden", "code": "FORBIDDEN"}
    assert ask(store, INGEST, "ana", e=[1] * 300)["ingestEvents"]["code"] == "USAGE"
    assert store.info().head == 1


@pytest.mark.parametrize(
    "event", [None, [], "x", {"run": {}}, {"eventTime": "2026-01-01"}, json.loads("[" * 150 + "]" * 150)]
)
def test_what_is_no_event_is_refused_and_not_a_fault(event: Any) -> None:
    found = run(shop(), INGEST, "ana", e=[event])
    assert not found.faults
    assert found.response.get("errors") or found.response["data"]["ingestEvents"]["refused"]
