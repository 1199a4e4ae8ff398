"""The glossary over GraphQL: statuses, labels by lineage, suggestions and files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.store.memory import MemoryStore
from tests.api.asking import ask, refused, shop

EDITED = "__typename ... on EditPayload { commit entity { ref } } ... on UserError { code message }"


def edit(store: MemoryStore, mutation: str, actor: str | None = "ana") -> dict[str, Any]:
    told: dict[str, Any] = ask(store, f"mutation {{ it: {mutation} {{ {EDITED} }} }}", actor)["it"]
    return told


def test_a_term_and_an_assignment_move_by_legal_moves_and_their_history_is_told() -> None:
    store = shop()
    assert edit(store, 'setTermStatus(term: "Turnover", status: "proposed", note: "new")')["commit"]
    wrong = edit(store, 'setTermStatus(term: "Turnover", status: "proposed")')
    assert (wrong["__typename"], wrong["code"]) == ("InvalidInput", "USAGE")
    assert edit(store, 'setLinkStatus(ref: "pg:shop.orders#amount", term: "Turnover", status: "deprecated")')["commit"]
    assert edit(store, 'setLinkStatus(ref: "pg:shop.raw#id", term: "Turnover", status: "draft")')["code"] == "NOT_FOUND"
    told = ask(
        store,
        """{ term(ref: "Turnover") { status statusBy statusNote meantBy { edges { assignment { status by } } } }
             a: statusHistory(term: "Turnover") { term thing changes { status by note } }
             b: statusHistory(term: "Turnover", ref: "pg:shop.orders#amount") { thing changes { status by } } }""",
    )
    assert told["term"] == {
        "status": "proposed", "statusBy": "ana", "statusNote": "new",
        "meantBy": {"edges": [{"assignment": {"status": "deprecated", "by": "ana"}}]},
    }  # fmt: skip
    assert told["a"] == {
        "term": "term:Turnover", "thing": None, "changes": [{"status": "proposed", "by": "ana", "note": "new"}],
    }  # fmt: skip
    assert [change["status"] for change in told["b"]["changes"]] == ["approved", "deprecated"]


def test_relations_between_terms_have_their_names() -> None:
    told = ask(shop(), '{ term(ref: "Turnover") { broader { edges { relation assignment { status } } } } }')
    assert told["term"]["broader"]["edges"] == [{"relation": "broader", "assignment": None}]


LABELS = """query ($refs: [String!]) { labels(refs: $refs) { complete total labels { ref stated derived stops }
    things { ref stated { ref status } derived { ref carried exactness from via path hops } denied } } }"""


def test_columns_bear_labels_by_lineage_until_somebody_denies_them() -> None:
    store = shop()
    edit(store, 'linkTerm(input: {ref: "pg:shop.raw#amount", term: "tag:money"})')
    query = '{ column(ref: "pg:shop.orders#amount") { derivedLabels { ref carried from } } }'
    assert ask(store, query)["column"]["derivedLabels"] == [
        {"ref": "tag:money", "carried": "full", "from": "pg:shop.raw#amount"}
    ]
    everywhere = ask(store, LABELS)["labels"]
    assert [thing["ref"] for thing in everywhere["things"]] == ["pg:shop.orders#amount"]
    assert {label["ref"]: label["derived"] for label in everywhere["labels"]} == {"tag:money": 1, "term:Turnover": 0}
    (thing,) = ask(store, LABELS, refs=["pg:shop.orders#amount"])["labels"]["things"]
    assert [one["ref"] for one in thing["stated"]] == ["term:Turnover"]
    assert thing["derived"][0]["path"] == ["pg:shop.raw#amount", "pg:shop.orders#amount"]
    assert edit(store, 'unlinkTerm(ref: "pg:shop.orders#amount", term: "tag:money")')["commit"]
    assert ask(store, query)["column"]["derivedLabels"] == []


def test_a_suggestion_is_accepted_and_what_is_none_is_not() -> None:
    store = shop()
    query = """{ suggestions(refs: ["pg:shop.raw"]) { total suggestions { ref label score reasons { kind why } } } }"""
    (one,) = ask(store, query)["suggestions"]["suggestions"]
    assert (one["ref"], one["label"]) == ("pg:shop.raw#amount", "term:Turnover")
    assert {reason["kind"] for reason in one["reasons"]} == {"downstream", "namesakes"}
    assert edit(store, 'acceptSuggestion(ref: "pg:shop.raw#amount", label: "Turnover")')["commit"]
    assert ask(store, query)["suggestions"] == {"total": 0, "suggestions": []}
    assert edit(store, 'acceptSuggestion(ref: "pg:shop.raw#id", label: "Money")')["code"] == "USAGE"
    assert edit(store, 'acceptSuggestion(ref: "pg:shop.raw#id", label: "Money")', actor=None)["code"] == "FORBIDDEN"
    assert refused(store, "{ suggestions(most: 99) { total } }")[0] == "USAGE"


IMPORT = """mutation ($text: String!, $name: String!, $dry: Boolean!) {
  it: importGlossary(input: {name: $name, text: $text, dryRun: $dry}) { __typename
    ... on GlossaryImport { complete dryRun glossaries counts commits changes { kind what ref other } errors { line column message } }
    ... on UserError { code message } } }"""


def test_a_file_is_tried_and_taken_and_a_bad_one_is_part_of_the_answer() -> None:
    store = shop()
    file = {"name": "words.csv", "text": "term,broader\nOrder,\nBasket,Order\nBad,Nothing\n"}
    tried = ask(store, IMPORT, "ana", dry=True, **file)["it"]
    assert (tried["dryRun"], tried["commits"], tried["complete"]) == (True, [], False)
    assert [(error["line"], error["column"]) for error in tried["errors"]] == [(4, "broader")]
    assert store.info().head == 1
    taken = ask(store, IMPORT, "ana", dry=False, **file)["it"]
    assert taken["changes"] == tried["changes"]
    assert taken["commits"] == [2]
    assert ask(store, '{ term(ref: "Basket") { broader { nodes { ref } } } }')["term"]["broader"]["nodes"] == [
        {"ref": "term:Order"}
    ]
    text = ask(store, '{ glossaryExport(glossaries: ["words"]) { text } }')["glossaryExport"]["text"]
    again = ask(store, IMPORT, "ana", name="words.csv", text=text, dry=True)["it"]
    assert (again["changes"], json.loads(json.dumps(again["counts"]))["unchanged"] > 0) == ([], True)


@pytest.mark.parametrize(
    ("name", "text"),
    [("../x.csv", "term\nA\n"), ("x.exe", "term"), ("x.csv", "foo,bar\n1,2\n"), ("x.csv", ""), (".csv", "term\nA\n")],
)
def test_what_is_no_glossary_is_refused(name: str, text: str) -> None:
    store = shop()
    told = ask(store, IMPORT, "ana", dry=False, name=name, text=text)["it"]
    assert (told["__typename"], told["code"]) == ("InvalidInput", "USAGE")
    assert "/tmp" not in told["message"]
    assert ask(store, IMPORT, None, dry=True, name="x.csv", text="term\nA\n")["it"]["code"] == "FORBIDDEN"
    assert store.info().head == 1
