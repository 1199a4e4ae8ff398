"""What is searched for is found by name before prose, and a typing error is forgiven."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model.errors import UsageError
from catalog.model.nodes import Column, Dataset, Job, Term
from catalog.refs import Refs
from catalog.search import search
from catalog.spelling import errors_allowed, mistyped, nearest
from catalog.store.port import Store
from tests.catalogs import LATER, NAMESPACES, NS, catalog, snapshot

STORE = catalog(
    Dataset(namespace=NS, name="bank.core.accounts", description="One row for each account."),
    Dataset(namespace=NS, name="bank.core.account_activity"),
    Column(namespace=NS, name="bank.core.accounts", path="creditLimit_EUR"),
    Column(namespace=NS, name="bank.core.customers", path="id", description="The customer, as the accounts know it."),
    Term(namespace="Business", name="Credit Limit", synonyms=["credit line"]),
    Job(namespace="etl", name="load.accounts"),
)


def hits(text: str, store: Store = STORE, **how: Any) -> list[tuple[str, str]]:
    found = search(store, Refs(store, NAMESPACES), text, **how).data["hits"]
    return [(hit["ref"].removeprefix("pg:"), hit["why"]) for hit in found]


def refs(text: str, store: Store = STORE, **how: Any) -> list[str]:
    return [ref for ref, _ in hits(text, store, **how)]


def test_names_come_before_beginnings_before_prose() -> None:
    assert refs("accounts") == [
        "bank.core.accounts",
        "job:etl/load.accounts",
        "bank.core.accounts#creditLimit_EUR",
        "bank.core.customers#id",
    ]
    assert "bank.core.account_activity" in refs("acc")


def test_words_inside_names_are_found_and_synonyms_too() -> None:
    assert refs("credit limit")[:2] == ["term:Credit Limit", "bank.core.accounts#creditLimit_EUR"]
    assert hits("credit line") == [("term:Credit Limit", "its synonym is 'credit line'")]


def test_a_whole_ref_is_the_first_hit() -> None:
    assert hits("pg:bank.core.accounts#creditLimit_EUR")[0] == (
        "bank.core.accounts#creditLimit_EUR", "this is its name",
    )  # fmt: skip


def test_a_typing_error_is_read_as_the_word_that_was_meant() -> None:
    assert hits("acounts")[0] == ("bank.core.accounts", "read as 'accounts': its name has the words")
    assert refs("zebra") == []
    assert refs("") == []


def test_kinds_narrow_the_search_and_a_wrong_one_is_refused() -> None:
    assert refs("accounts", kinds=["Job"]) == ["job:etl/load.accounts"]
    with pytest.raises(UsageError, match="'table' is no kind"):
        refs("accounts", kinds=["table"])


def test_more_hits_than_are_shown_are_counted() -> None:
    answer = search(STORE, Refs(STORE, NAMESPACES), "accounts", limit=1)
    assert (answer.complete, answer.warnings) == (False, ("3 more hits are not shown.",))
    assert answer.data["total"] == 4


def test_what_is_closed_comes_last_and_says_since_when() -> None:
    store = catalog(
        Dataset(namespace=NS, name="a.orders"),
        more=[snapshot([Dataset(namespace=NS, name="b.b.orders")], at=LATER)],
    )
    found = search(store, Refs(store, NAMESPACES), "orders").data["hits"]
    assert [(hit["ref"], hit.get("closedSince")) for hit in found] == [
        ("pg:b.b.orders", None), ("pg:a.orders", "2026-02-01T12:00:00Z"),
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{2,6}(\.[a-z]{2,6})?", fullmatch=True), min_size=1, max_size=8, unique=True))
def test_everything_is_found_first_by_its_whole_name(names: list[str]) -> None:
    store = catalog(*(Dataset(namespace=NS, name=f"db.{name}") for name in names))
    for name in names:
        assert refs(f"pg:db.{name}", store)[0] == f"db.{name}"
        assert f"db.{name}" in refs(name.replace(".", " "), store)


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_typing_errors_are_symmetric_few_and_never_in_short_words(one: str, other: str) -> None:
    found = mistyped(one, other)
    assert found == mistyped(other, one)
    assert found is None or found <= errors_allowed(min(one, other, key=len)) <= 2
    if min(len(one), len(other)) < 4:
        assert found is None


def test_the_nearest_are_those_with_the_fewest_errors() -> None:
    assert nearest("attriton", ["attrition", "nutrition", "attraction", "traction"]) == ["attrition"]


def test_a_term_is_found_by_its_labels_in_other_languages() -> None:
    store = catalog(Term(namespace="W", name="Customer", labels=["Kunde@de"], hidden_labels=["custmer"]))
    found = [search(store, Refs(store, NAMESPACES), text).data["hits"][0] for text in ("Kunde", "custmer")]
    assert [(hit["ref"], hit["score"] > 80) for hit in found] == [("term:Customer", True)] * 2
