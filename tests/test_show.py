"""One thing is shown with all that is tied to it."""

from __future__ import annotations

from typing import Any

from catalog.model.instants import parse
from catalog.model.names import Urn
from catalog.model.nodes import Check, CheckResult, Column, Dataset, DatasetVersion
from catalog.refs import Refs
from catalog.show import show
from catalog.store.port import Store
from tests.catalogs import LATER, NAMESPACES, NOON, NS, catalog, col, edge, snapshot, table

CHECK = Urn("check", ("quality", "orders_suite"))
RESULT = CheckResult(
    namespace="quality", name="orders_suite", run="nightly@1", suite="orders_suite", run_name="nightly", at="2026-01-02",
    success=False, failed=["not_null id"],
)  # fmt: skip
STORE = catalog(
    Dataset(namespace=NS, name="orders", columns=["id", "amount"], description="Orders."),
    Column(namespace=NS, name="orders", path="amount", data_type="numeric", nullable=True),
    DatasetVersion(namespace=NS, name="orders", version="md5:ab", digest="ab", algorithm="md5"),
    RESULT,
    edge("OWNED_BY", table("orders"), Urn("agent", ("", "ana@shop.example")), role="owner"),
    edge("MEANS", table("orders"), Urn("term", ("Business", "Order")), status="approved"),
    edge("TAGGED", table("orders"), Urn("tag", ("", "gold"))),
    edge("VERSION_OF", Urn("datasetversion", (NS, "orders", "md5:ab")), table("orders")),
    edge("CHECKS", CHECK, table("orders")),
    edge("RESULT_OF", RESULT.urn, CHECK),
    more=[snapshot([Dataset(namespace=NS, name="orders", columns=["id"], description="Now.")], ("columns", NS), LATER)],
)


def ask(urn: Urn, store: Store = STORE, **how: Any) -> dict[str, Any]:
    return show(store, Refs(store, NAMESPACES), urn, **how).data


def test_a_data_set_has_columns_in_order_owners_terms_versions_and_checks() -> None:
    found = ask(table("orders"), as_of=NOON)
    assert found["node"]["properties"] == {"columns": ["id", "amount"], "description": "Orders."}
    assert [(c["ref"], c.get("dataType")) for c in found["columns"]] == [
        ("pg:orders#id", None),
        ("pg:orders#amount", "numeric"),
    ]
    assert [(o["ref"], o["role"]) for o in found["owners"]] == [("agent:ana%40shop.example", "owner")]
    assert [(t["ref"], t["status"]) for t in found["terms"]] == [("term:Order", "approved")]
    assert [t["ref"] for t in found["tags"]] == ["tag:gold"]
    assert [(v["ref"], v["digest"]) for v in found["versions"]] == [("pg:orders@ab", "ab")]
    assert found["checks"] == [
        {
            "check": "check:orders_suite", "suite": "orders_suite", "run": "nightly", "at": "2026-01-02",
            "success": False, "status": "fail", "failed": ["not_null id"],
        }
    ]  # fmt: skip


def test_a_suite_fails_with_the_names_of_what_failed_in_it() -> None:
    checks = [Check(namespace="q", name=n, type="not_null", column=n) for n in ("a", "b")]
    results = [
        CheckResult(namespace="q", name=n, run=f"{day}", suite="nightly", at=f"2026-01-{day}", success=n == "a" or day == "01")
        for n in ("a", "b") for day in ("01", "02")
    ]  # fmt: skip
    alone = CheckResult(namespace="q", name="b", run="03", at="2026-01-03", success=True)
    store = catalog(
        *checks, *results, alone, *(edge("CHECKS", c.urn, table("t")) for c in checks),
        *(edge("RESULT_OF", r.urn, Urn("check", ("q", r.name))) for r in [*results, alone]),
    )  # fmt: skip
    assert [(c["check"], c["run"], c["success"], c["failed"]) for c in ask(table("t"), store)["checks"]] == [
        ("nightly", "01", True, []),
        ("nightly", "02", False, ["not_null b"]),
        ("check:b", "03", True, []),
    ]


def test_claims_of_all_sources_are_listed_and_those_of_the_past_on_request() -> None:
    assert [(c["source"], c["properties"]["description"]) for c in ask(table("orders"))["claims"]] == [
        ("columns", "Now."), ("dbt", "Orders."),
    ]  # fmt: skip
    one, two = (Dataset(namespace=NS, name="a", description=text) for text in ("One.", "Two."))
    store = catalog(one, more=[snapshot([two], at=LATER)])
    assert [c["properties"]["description"] for c in ask(table("a"), store)["claims"]] == ["Two."]
    assert len(ask(table("a"), store, history=True)["claims"]) == 2


def test_what_is_closed_shows_the_claims_that_it_had() -> None:
    store = catalog(Dataset(namespace=NS, name="a"), more=[snapshot([Dataset(namespace=NS, name="b")], at=LATER)])
    (old,) = ask(table("a"), store)["claims"]
    assert (old["since"], old["until"]) == ("2026-01-01T12:00:00Z", "2026-02-01T12:00:00Z")


def test_as_of_a_time_says_what_a_catalog_of_that_time_would() -> None:
    here, gone = [Dataset(namespace=NS, name="a")], [Dataset(namespace=NS, name="b")]
    then, last = parse("2026-01-15"), parse("2026-03-01")
    young = catalog(*here)
    old = catalog(*here, more=[snapshot(gone, at=LATER), snapshot(here, at=last)])
    seen = [show(s, Refs(s, NAMESPACES), table("a"), then).data["claims"] for s in (young, old)]
    assert seen[0] == seen[1]
    assert (seen[1][0]["since"], seen[1][0]["until"]) == ("2026-01-01T12:00:00Z", None)


def test_what_is_closed_says_since_when() -> None:
    assert [c["ref"] for c in ask(table("orders"))["columns"]] == ["pg:orders#id"]
    answer = show(STORE, Refs(STORE, NAMESPACES), col("orders.amount"))
    assert answer.data["node"]["closedSince"] == "2026-02-01T12:00:00Z"
    assert answer.warnings == ("pg:orders#amount is closed since 2026-02-01T12:00:00Z.",)
