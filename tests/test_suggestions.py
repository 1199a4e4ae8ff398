"""Suggestions: each kind of evidence speaks for the right label, nothing is kept unasked, and the quality does not fall."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.classification.categories import CATEGORIES, family, told_by_check, told_by_name
from catalog.classification.suggesting import Suggester, accept, best_of_each, suggest, targets_of, unlabelled
from catalog.classification.words import words_of
from catalog.edits import Editor
from catalog.glossary.assignments import assigned, merged
from catalog.model.edges import Edge
from catalog.model.facts import element_of
from catalog.model.names import Urn
from catalog.model.nodes import Check, Column, Dataset, Node, Term
from catalog.refs import Refs
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet
from catalog.store.sqlite import SqliteStore
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, flow, snapshot
from tests.labelled_estates import labelled_estate, measure

MAIL, LIMIT, DUE = (Urn("term", ("Words", name)) for name in ("Email Address", "Credit Limit", "Days Past Due"))


def column(name: str, data_type: str | None = None, description: str | None = None) -> Column:
    table, _, path = name.rpartition(".")
    return Column(namespace=NS, name=table, path=path, data_type=data_type, description=description)


TERMS: list[Node | Edge] = [
    Term(namespace="Words", name="Email Address", synonyms=["e-mail", "Mailadresse@de"]),
    Term(namespace="Words", name="Credit Limit", synonyms=["credit line"]),
    Term(namespace="Words", name="Days Past Due", abbreviation="DPD"),
    Term(namespace="Words", name="Gone", status="deprecated"),
]


def best(store: MemoryStore, thing: Urn, **how: Any) -> dict[Urn, set[str]]:
    """Returns the labels that are suggested, each with the kinds of its reasons."""
    return {one.label: {r.kind for r in one.reasons} for one in Suggester(store, [thing], **how).of(thing)}


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("crm.email_address", MAIL),
        ("crm.customer_email_addr", MAIL),
        ("crm.mailadresse", MAIL),
        ("cards.creditLimit", LIMIT),
        ("cards.CRDT_LMT", LIMIT),
        ("cards.max_credit_limit_eur", LIMIT),
        ("credit.lim", LIMIT),
        ("loans.dpd", DUE),
        ("loans.days_past_deu", DUE),
        ("loans.gone", None),
        ("loans.weather", None),
    ],
)
def test_a_name_is_read_as_people_write_it(name: str, term: Urn | None) -> None:
    found = best(catalog(*TERMS, column(name)), col(name))
    assert next((label for label in found if label.kind == "term"), None) == term


def test_neighbours_namesakes_descriptions_and_checks_speak_too() -> None:
    facts = [
        *TERMS,
        column("raw.x1", "text"),
        column("mart.x9", "text"),
        column("mart.sum9", "text"),
        column("a.ceiling", "numeric"),
        column("b.ceiling", "numeric"),
        column("c.note7", "text", "The credit line of the card."),
        column("c.contact", "text"),
        edge("MEANS", col("raw.x1"), MAIL),
        edge("MEANS", col("a.ceiling"), LIMIT),
        flow("mart.x9", "raw.x1"),
        flow("mart.sum9", "raw.x1", "aggregation"),
        flow("raw.x1", "src.x0"),
        Check(namespace="gx", name="k", type="expect_column_values_to_match_regex", parameters=json.dumps({"regex": "^[^@]+@.+$"})),
        edge("CHECKS", Urn("check", ("gx", "k")), col("c.contact")),
    ]  # fmt: skip
    store = catalog(*facts)
    assert best(store, col("mart.x9")) == {MAIL: {"upstream"}}
    assert best(store, col("mart.sum9")) == {MAIL: {"upstream"}}
    assert best(store, col("src.x0")) == {MAIL: {"downstream"}}
    assert best(store, col("b.ceiling")) == {LIMIT: {"namesakes"}}
    assert best(store, col("c.note7")) == {LIMIT: {"description"}}
    assert best(store, col("c.contact")) == {MAIL: {"check"}}
    scores = {name: Suggester(store, [col(name)]).of(col(name))[0].score for name in ("mart.x9", "mart.sum9")}
    assert scores["mart.x9"] > scores["mart.sum9"]


def test_a_category_without_a_term_is_a_tag() -> None:
    store = catalog(column("crm.iban", "varchar(34)"), column("crm.email", "text"), *TERMS[:1])
    assert best(store, col("crm.iban")) == {Urn("tag", ("pii", "iban")): {"category"}}
    assert list(best(store, col("crm.email"))) == [MAIL]


@pytest.mark.parametrize(
    ("name", "data_type", "category"),
    [
        ("email", "text", "email"), ("cust_email_addr", "varchar(80)", "email"), ("mobile_no", "text", "phone"),
        ("client_ip", "inet", "ip address"), ("dob", "date", "birth date"), ("birth_dt", "date", "birth date"),
        ("ssn", "char(11)", "social security number"), ("card_number", "text", "credit card number"), ("zip", "text", "postcode"),
        ("first_name", "text", "first name"), ("lname", "text", "last name"), ("billing_address", "text", "street address"),
        ("gender", "char(1)", "gender"), ("email_sent", "boolean", None), ("email_count", "integer", None),
        ("email", "boolean", None), ("is_phone_verified", "text", None), ("product_name", "text", None),
        ("order_date", "date", None), ("area_median_income", "numeric", None), ("address_type", "text", None),
    ],
)  # fmt: skip
def test_names_and_types_give_categories_away(name: str, data_type: str, category: str | None) -> None:
    assert [one.category.phrases[0] for one in told_by_name(name, data_type)][:1] == ([category] if category else [])


@pytest.mark.parametrize(
    ("type_", "regex", "category"),
    [
        ("expect_column_values_to_be_valid_iban", None, "iban"),
        ("expect_column_values_to_match_regex", r"^\d{3}-\d{2}-\d{4}$", "social security number"),
        ("expect_column_values_to_be_valid_ipv4", None, "ip address"),
        ("not_null", None, None),
        ("expect_column_values_to_match_regex", "(a+)+$", None),
    ],
)
def test_checks_give_categories_away(type_: str, regex: str | None, category: str | None) -> None:
    parameters = None if regex is None else json.dumps({"regex": regex})
    assert [one.category.phrases[0] for one in told_by_check(type_, parameters)] == ([category] if category else [])


def test_every_category_knows_its_own_names() -> None:
    for category in CATEGORIES:
        for phrase in category.phrases:
            kind = {"text": "text", "number": "int", "time": "date"}[max(category.families)]
            assert category in [one.category for one in told_by_name(phrase.replace(" ", "_"), kind)], phrase


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [("NUMBER(38,0)", "number"), ("timestamp with time zone", "time"), ("VARCHAR", "text"), ("BOOLEAN", "boolean"),
     ("bigint", "number"), ("geography", None), (None, None)],
)  # fmt: skip
def test_types_are_of_families(data_type: str | None, expected: str | None) -> None:
    assert family(data_type) == expected


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_any_name_can_be_asked_about(name: str) -> None:
    words_of(name)
    told_by_name(name, name)
    told_by_check(name, name)


def test_a_type_unlike_all_others_lessens_the_score() -> None:
    facts = [*TERMS, *(column(f"t{i}.limit_{i}", "numeric") for i in range(3)), column("x.credit_limit", "boolean"),
             *(edge("MEANS", col(f"t{i}.limit_{i}"), LIMIT) for i in range(3))]  # fmt: skip
    (one,) = Suggester(catalog(*facts), [col("x.credit_limit")]).of(col("x.credit_limit"))
    assert one.score < 0.6
    assert one.reasons[-1].kind == "type"


def test_what_is_stated_or_denied_is_not_suggested_and_accepting_keeps_score_and_reasons() -> None:
    store = catalog(
        *TERMS, Dataset(namespace=NS, name="crm", columns=["email", "mail2"]), column("crm.email"), column("crm.mail2")
    )
    refs = Refs(store, NAMESPACES)
    before = store.info().head
    answer, found = suggest(store, refs, unlabelled(store))
    assert [(s["ref"], s["label"]) for s in answer.data["suggestions"]][:1] == [("pg:crm#email", "term:Email Address")]
    assert store.info().head == before
    editor = Editor(store, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), actor="ana")
    accept(editor, best_of_each(found)[:1])
    (link,) = assigned(store, [col("crm.email")])[col("crm.email")]
    said = merged(link)
    assert (said["status"], said["source"], said["confidence"]) == ("proposed", "suggestion", f"{found[0].score:.2f}")
    assert "its name" in said["note"]
    assert col("crm.email") not in unlabelled(store)
    assert best(store, col("crm.email")) == {}
    editor.unlink_term(col("crm.mail2"), MAIL)
    assert MAIL not in best(store, col("crm.mail2"))
    assert targets_of(store, [Urn("dataset", (NS, "crm"))]) == [col("crm.email"), col("crm.mail2")]


def test_suggestions_are_the_same_every_time_and_from_both_stores(tmp_path: Path) -> None:
    estate = labelled_estate(3)
    claims = snapshot([*_facts(estate.store)])
    sqlite = SqliteStore(f"sqlite:///{tmp_path / 'c.db'}")
    sqlite.migrate()
    sqlite.apply(ChangeSet(snapshots=(claims,)), Author("2026-03-01T00:00:00Z", "ana", "dbt"))
    told = [
        suggest(store, Refs(store, NAMESPACES), unlabelled(store))[0].data for store in (estate.store, sqlite, sqlite)
    ]
    sqlite.close()
    assert told[0]["suggestions"]
    assert told[0] == told[1] == told[2]


def _facts(store: MemoryStore) -> list[Any]:

    return [element_of(claim.body) for claim in store.all_claims()]


def test_hidden_assignments_are_found_again() -> None:
    estate = labelled_estate(1)
    found = measure(estate.store, estate.means[::5], estate.others)
    assert found.asked >= 8
    assert found.precision >= 0.95
    assert found.recall >= 0.85
    assert found.disturbed <= found.others // 20


def test_names_alone_find_most() -> None:
    for seed in (1, 2):
        estate = labelled_estate(seed)
        suggester = Suggester(estate.store, [thing for thing, _ in estate.means], estate.means)
        first = [(suggester.of(thing, 1), term) for thing, term in estate.means]
        right = sum(bool(found) and found[0].label == term for found, term in first)
        assert right >= 0.85 * sum(bool(found) for found, _ in first)
        assert right >= 0.75 * len(first)
