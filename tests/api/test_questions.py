"""The questions over GraphQL: what they answer, how their lists end, what time they are about."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type

from catalog.answers import Answer
from catalog.api.reads import result
from catalog.api.results import ImpactReport
from catalog.api.schema import core
from catalog.lineage import Question, lineage
from catalog.model.nodes import Dataset, Term
from catalog.refs import Refs
from tests.api.asking import ask, refused, run, shop
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, flow, snapshot, table

STORE = shop()

ABOUT_THE_LOG = {"sources", "ingestRuns", "commits", "serverInfo", "policies"}
TIMES_OF_THEIR_OWN = {
    "provenance": "the time of training", "modelCard": "the time of training", "attestation": "the time of training",
    "diff": "two times, or two trainings", "rootCause": "two trainings", "check": "now", "decisionHistory": "all times",
    "suggestions": "now", "glossaryExport": "now", "statusHistory": "all times",
}  # fmt: skip


def test_every_field_that_reads_the_world_takes_a_time() -> None:
    fields = core().query_type.fields  # type: ignore[union-attr]
    without = {name for name, field in fields.items() if "asOf" not in field.args}
    assert without == ABOUT_THE_LOG | TIMES_OF_THEIR_OWN.keys()


def test_the_roots_are_those_that_were_promised() -> None:
    promised = """node nodes entity search dataset column job run model modelVersion feature term terms lineage lineagePath
        impact provenance glossarySearch diff sources ingestRuns commits coverage serverInfo attestation rootCause modelCard
        check policies decisions decisionHistory consents verifications checkRuns labels suggestions statusHistory glossaryExport"""
    assert set(core().query_type.fields) == set(promised.split())  # type: ignore[union-attr]
    promised = """upsertTerm linkTerm unlinkTerm assertLineage retractLineage setOwner setDescription ingestEvents
        revertCommit setTermStatus setLinkStatus acceptSuggestion importGlossary"""
    assert set(core().mutation_type.fields) == set(promised.split())  # type: ignore[union-attr]


# --- lineage ----------------------------------------------------------------------------------------------------------

LINEAGE = """query ($refs: [String!]!, $way: Direction! = BOTH, $level: Level! = COLUMN, $first: Int! = 500, $hops: Int) {
  lineage(refs: $refs, direction: $way, level: $level, first: $first, maxHops: $hops) {
    complete warnings asOf totals { nodes edges upstream downstream }
    nodes { ref urn kind hops direction flow }
    edges { from to type subtype exactness expression evidence { source scope origin since until } } } }"""


@pytest.mark.parametrize("level", ["COLUMN", "DATASET"])
def test_lineage_is_the_answer_of_the_question(level: str) -> None:
    told = ask(STORE, LINEAGE, refs=["pg:shop.orders"], level=level)["lineage"]
    asked = Question((table("shop.orders"),), level="column" if level == "COLUMN" else "dataset")
    answer = lineage(STORE, Refs(STORE, NAMESPACES), asked)
    assert told["totals"] == answer.data["totals"]
    assert [(n["ref"], n["hops"], n["flow"]) for n in told["nodes"]] == [
        (n["ref"], n["hops"], n["flow"]) for n in answer.data["nodes"]
    ]
    assert [(e["from"], e["to"], e["subtype"]) for e in told["edges"]] == [
        (e["from"], e["to"], e["subtype"]) for e in answer.data["edges"]
    ]
    assert all(e["evidence"][0]["origin"] == "f.sql:1" for e in told["edges"])
    assert told["complete"]


def test_lineage_that_is_cut_says_so_and_has_no_loose_ends() -> None:
    told = ask(STORE, LINEAGE, refs=["ml:score/1"], way="UPSTREAM", first=2)["lineage"]
    assert [n["ref"] for n in told["nodes"]] == ["ml:score/1", "pg:shop.report#total"]
    assert [(e["from"], e["to"]) for e in told["edges"]] == [("pg:shop.report#total", "ml:score/1")]
    assert not told["complete"]
    assert told["warnings"] == ["Only the first 2 of 4 nodes are given."]
    assert told["totals"] == {"nodes": 4, "edges": 3, "upstream": 3, "downstream": None}


def test_hops_bound_a_walk() -> None:
    told = ask(STORE, LINEAGE, refs=["ml:score/1"], way="UPSTREAM", hops=1)["lineage"]
    assert [n["ref"] for n in told["nodes"]] == ["ml:score/1", "pg:shop.report#total"]
    assert (told["complete"], told["totals"]["upstream"]) == (False, 3)
    assert refused(STORE, LINEAGE, refs=["ml:score/1"], hops=0)[0] == "USAGE"


def test_unknown_starts_are_all_named() -> None:
    code, message = refused(STORE, LINEAGE, refs=["pg:a", "pg:shop.raw", "pg:b"])
    assert code == "NOT_FOUND"
    assert "'pg:a', 'pg:b'" in message


PATH = '{ lineagePath(derived: "%s", source: "%s") { found hops routes nodes { ref } edges { from to fromUrn } } }'


def test_a_path_is_a_shortest_way_with_the_number_of_ways() -> None:
    flows = [
        flow("d.x", "b.x"),
        flow("d.x", "c.x"),
        flow("b.x", "a.x"),
        flow("c.x", "a.x"),
        flow("c.x", "e.x"),
        flow("e.x", "a.x"),
    ]
    store = catalog(*(Dataset(namespace=NS, name=n, columns=["x"]) for n in "abcde"), *flows)
    found = ask(store, PATH % ("pg:d#x", "pg:a#x"))["lineagePath"]
    assert (found["found"], found["hops"], found["routes"]) == (True, 2, "3")
    assert [n["ref"] for n in found["nodes"]] == ["pg:d#x", "pg:b#x", "pg:a#x"]
    assert [(e["from"], e["to"]) for e in found["edges"]] == [("pg:b#x", "pg:d#x"), ("pg:a#x", "pg:b#x")]
    assert found["edges"][0]["fromUrn"] == str(col("b.x"))
    none = ask(store, PATH % ("pg:a#x", "pg:d#x"))["lineagePath"]
    assert none == {"found": False, "hops": None, "routes": None, "nodes": [], "edges": []}


# --- words ------------------------------------------------------------------------------------------------------------

SEARCH = """query ($text: String!, $kinds: [String!], $first: Int!, $after: String) {
  search(text: $text, kinds: $kinds, first: $first, after: $after) {
    totalCount nodes { ref kind score why } edges { cursor node { ref } } pageInfo { hasNextPage endCursor } } }"""


def test_search_goes_on_where_a_page_ended() -> None:
    store = catalog(*(Dataset(namespace=NS, name=f"shop.orders_{i}") for i in range(7)))
    whole = ask(store, SEARCH, text="orders", first=50)["search"]
    assert whole["totalCount"] == 7
    seen: list[Any] = []
    after = None
    for _ in range(4):
        page = ask(store, SEARCH, text="orders", first=2, after=after)["search"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == (len(seen) < 7)
    assert seen == whole["nodes"]


def test_search_is_narrowed_by_kind_and_refuses_what_is_none() -> None:
    found = ask(STORE, SEARCH, text="orders", kinds=["dataset"], first=5)["search"]
    assert [hit["ref"] for hit in found["nodes"]] == ["pg:shop.orders"]
    code, message = refused(STORE, SEARCH, text="orders", kinds=["tabel"], first=5)
    assert code == "USAGE"
    assert "'tabel'" in message


def test_a_word_leads_to_terms_and_columns() -> None:
    query = (
        '{ glossarySearch(text: "money") { terms { ref name why } columns { ref terms why entity { ref } } complete } }'
    )
    found = ask(STORE, query)["glossarySearch"]
    assert [t["ref"] for t in found["terms"]] == ["term:Money", "term:Turnover"]
    assert [(c["ref"], c["terms"], c["entity"]["ref"]) for c in found["columns"]] == [
        ("pg:shop.orders#amount", ["term:Turnover"], "pg:shop.orders#amount")
    ]
    assert found["complete"]


def test_terms_come_in_pages_of_one_glossary_or_all_without_those_that_are_closed() -> None:
    first = [Term(namespace="A", name=f"a{i}") for i in range(5)] + [Term(namespace="B", name="b")]
    store = catalog(*first, more=[snapshot([t for t in first if t.name != "a2"], at=LATER)])
    query = """query ($g: String, $after: String, $t: Time) { terms(glossary: $g, first: 2, after: $after, asOf: $t) {
        nodes { name } pageInfo { hasNextPage endCursor } } }"""

    def names(**how: Any) -> list[str]:
        seen: list[str] = []
        after, more = None, True
        while more:
            page = ask(store, query, after=after, **how)["terms"]
            seen += [term["name"] for term in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        return sorted(seen)

    assert names(g="A") == ["a0", "a1", "a3", "a4"]
    assert names() == ["a0", "a1", "a3", "a4", "b"]
    assert names(g="A", t="2026-01-15") == ["a0", "a1", "a2", "a3", "a4"]
    assert names(g="nobody's") == []


# --- changes and histories --------------------------------------------------------------------------------------------


def test_impact_names_what_breaks_and_counts_all_of_it() -> None:
    query = """query ($first: Int!) { impact(changes: ["drop:pg:shop.orders#amount"], first: $first) {
        verdict complete warnings changes { ref kind } counts { kind effect count } findings { ref effect entity { ref } } } }"""
    whole, one = ask(STORE, query, first=500)["impact"], ask(STORE, query, first=1)["impact"]
    assert whole["verdict"] == "breaks"
    assert {f["ref"] for f in whole["findings"]} >= {"pg:shop.report", "ml:score/1"}
    assert whole["counts"] == one["counts"]
    assert sum(c["count"] for c in whole["counts"]) == len(whole["findings"])
    assert (len(one["findings"]), one["complete"]) == (1, False)
    assert refused(STORE, '{ impact(changes: ["paint:pg:shop.raw"]) { verdict } }')[0] == "USAGE"


def test_provenance_is_that_of_a_model_version() -> None:
    query = '{ provenance(ref: "ml:score/1") { __typename ... on Provenance { modelVersion { ref } features { ref sources } missing } } }'
    found = ask(STORE, query)["provenance"]
    assert found["__typename"] == "Provenance"
    assert [(f["ref"], f["sources"]) for f in found["features"]] == [("pg:shop.report#total", ["pg:shop.raw#amount"])]
    assert found["missing"]


def test_a_difference_is_of_two_times_or_two_versions() -> None:
    store = catalog(
        Dataset(namespace=NS, name="a", columns=["x", "y"]),
        more=[snapshot([Dataset(namespace=NS, name="a", columns=["x"])], at=LATER)],
    )
    found = ask(store, '{ diff(ref: "pg:a", from: "2026-01-15") { changes { ref kind cause } } }')["diff"]
    assert ("pg:a#y", "removed", "schema") in {(c["ref"], c["kind"], c["cause"]) for c in found["changes"]}
    assert refused(store, '{ diff(ref: "pg:a") { causes } }')[0] == "USAGE"
    assert refused(store, '{ diff(ref: "pg:a", other: "pg:a", from: "2026-01-15") { causes } }')[0] == "USAGE"
    assert refused(store, '{ diff(ref: "pg:a", from: "yesterday") { causes } }')[0] == "INVALID_TIME"


def test_the_log_is_read_backwards_in_pages() -> None:
    more = [
        snapshot([Dataset(namespace=NS, name=f"t{i}")], (source, NS)) for i, source in enumerate(["sql", "sql", "dvc"])
    ]
    store = catalog(Dataset(namespace=NS, name="a"), more=more)
    query = """query ($n: Int!, $a: String) { commits(first: $n, after: $a) {
        totalCount nodes { seq source counts { name count } } pageInfo { hasNextPage endCursor } } }"""
    page = ask(store, query, n=3)["commits"]
    assert [(c["seq"], c["source"]) for c in page["nodes"]] == [(4, "dvc"), (3, "sql"), (2, "sql")]
    assert page["pageInfo"]["hasNextPage"]
    rest = ask(store, query, n=3, a=page["pageInfo"]["endCursor"])["commits"]
    assert [c["seq"] for c in rest["nodes"]] == [1]
    assert not rest["pageInfo"]["hasNextPage"]
    runs = ask(store, "{ ingestRuns { nodes { source firstCommit lastCommit } pageInfo { hasNextPage } } }")[
        "ingestRuns"
    ]
    assert [(r["source"], r["firstCommit"], r["lastCommit"]) for r in runs["nodes"]] == [
        ("dvc", 4, 4), ("sql", 2, 3), ("dbt", 1, 1),
    ]  # fmt: skip


def test_the_server_says_what_it_is_and_nothing_of_where_its_store_is() -> None:
    found = ask(
        STORE,
        """{ serverInfo { version store head mayWrite limits { cost page } namespaces { alias namespace } }
            sources { name } coverage { kinds { kind count } skipped { code } } }""",
    )
    info = found["serverInfo"]
    assert (info["store"], info["head"], info["mayWrite"]) == ("memory", 1, False)
    assert {a["alias"] for a in info["namespaces"]} == set(NAMESPACES)
    assert {"kind": "Dataset", "count": 3} in found["coverage"]["kinds"]
    assert ask(STORE, "{ serverInfo { mayWrite } }", actor="ana")["serverInfo"]["mayWrite"]


# --- bounds -----------------------------------------------------------------------------------------------------------

BOUNDED = {
    "Query.nodes": "as many as ids are given, which are counted",
    "Query.sources": "the project file",
    "ServerInfo.namespaces": "the project file",
    "Coverage.kinds": "kinds of things",
    "Coverage.skipped": "sources times codes",
    "Commit.counts": "names of counts",
    "UnknownName.nearest": "a few names",
    "EditPayload.warnings": "people who named an owner",
    "IngestPayload.commits": "as many as events are given, which are counted",
    "IngestPayload.refused": "as many as events are given, which are counted",
}


def test_every_list_is_a_page_has_a_size_or_stands_in_an_answer_that_is_bounded_as_a_whole() -> None:
    types = {n: t for n, t in core().type_map.items() if isinstance(t, GraphQLObjectType) and not n.startswith("__")}
    answers = {n for n, t in types.items() if "Result" in {i.name for i in t.interfaces}}
    while True:  # what an answer holds is bounded with it
        fields = [f for n in answers for f in types[n].fields.values()]
        inner = {get_named_type(f.type).name for f in fields if not f.args} & types.keys() - answers
        if not inner:
            break
        answers |= inner
    loose = {
        f"{name}.{field}"
        for name, type_ in types.items()
        for field, definition in type_.fields.items()
        if is_list_type(get_nullable_type(definition.type)) and "first" not in definition.args
        if name not in answers and not name.endswith("Connection")
    }
    assert loose == BOUNDED.keys()


def test_a_list_in_an_answer_is_cut_and_named() -> None:
    data = {"reasons": ["r"] * 30_000, "findings": [{"owners": ["o"] * 2_000}], "verdict": "breaks"}
    found = result(ImpactReport, Answer("impact", data), data)
    assert (len(found.reasons), len(found.findings[0].owners)) == (20_000, 1_000)
    assert (found.complete, found.warnings) == (False, ["Lists of owners, reasons are too long to be given whole."])


def test_evidence_is_bounded_and_says_so() -> None:
    more = [snapshot([flow("shop.orders.amount", "shop.raw.amount")], (f"s{i:02}", NS)) for i in range(25)]
    store = catalog(flow("shop.orders.amount", "shop.raw.amount"), more=more)
    query = """{ lineage(refs: ["pg:shop.orders#amount"]) { edges { evidence { source } few: evidence(first: 1) { source } } }
        column(ref: "pg:shop.orders#amount") { upstream { edges { evidence(first: 100) { source } } } } }"""
    found = run(store, query).response
    (edge,) = found["data"]["lineage"]["edges"]
    assert (len(edge["evidence"]), len(edge["few"])) == (20, 1)
    assert len(found["data"]["column"]["upstream"]["edges"][0]["evidence"]) == 26
    assert found["extensions"]["cut"] == ["lineage.edges.0.evidence", "lineage.edges.0.few"]
