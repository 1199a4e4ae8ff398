"""A word of the business finds its terms and the columns that mean them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.glossary.lookup import glossary_search
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Node, Term
from catalog.refs import Refs
from catalog.show import show
from catalog.store.port import Store
from tests.catalogs import LATER, NAMESPACES, NOON, NS, catalog, col, edge, snapshot


def term(name: str) -> Urn:
    return Urn("term", ("Business", name))


def broader(narrow: str, wide: str) -> Edge:
    return edge("BROADER", term(narrow), term(wide))


FACTS: list[Node | Edge] = [
    Term(namespace="Business", name="Risk", definition="What may go wrong."),
    Term(namespace="Business", name="Delinquency"),
    Term(namespace="Business", name="Days Past Due", abbreviation="DPD", synonyms=["days late", "delay"]),
    Term(namespace="Business", name="Customer", synonyms=["client"]),
    Term(namespace="Business", name="Customer Segment"),
    Term(namespace="Business", name="Blood Group"),
    broader("Delinquency", "Risk"),
    broader("Days Past Due", "Delinquency"),
    broader("Risk", "Days Past Due"),
    broader("Customer Segment", "Customer"),
    edge("MEANS", col("loans.days_late"), term("Days Past Due"), status="approved"),
    edge("MEANS", col("loans.maybe"), term("Days Past Due"), status="draft"),
    edge("MEANS", col("crm.segment"), term("Customer Segment")),
    edge("MEANS", col("crm.segment"), term("Customer")),
    edge("MEANS", Urn("metric", ("shop", "arrears")), term("Delinquency")),
]
STORE = catalog(*FACTS)


def ask(text: str, store: Store = STORE, **how: Any) -> dict[str, Any]:
    return glossary_search(store, Refs(store, NAMESPACES), text, **how).data


def names(text: str, store: Store = STORE, **how: Any) -> list[str]:
    return [found["name"] for found in ask(text, store, **how)["terms"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client", ["Customer", "Customer Segment"]),
        ("CLIENT", ["Customer", "Customer Segment"]),
        ("customer-segment", ["Customer Segment"]),
        ("dpd", ["Days Past Due", "Risk", "Delinquency"]),
        ("delay", ["Days Past Due", "Risk", "Delinquency"]),
        ("risk", ["Risk", "Delinquency", "Days Past Due"]),
        ("past due", ["Days Past Due", "Risk", "Delinquency"]),
        ("delinqency", ["Delinquency", "Days Past Due", "Risk"]),
        ("segment", ["Customer Segment"]),
        ("blood pressure", []),
        ("", []),
    ],
)
def test_a_word_finds_its_terms_and_all_narrower_ones(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_columns_are_ranked_by_nearness_and_status_and_say_why() -> None:
    found = ask("delinquency")
    assert [(c["ref"], c["why"]) for c in found["columns"]] == [
        ("pg:loans#days_late", "means 'Days Past Due': narrower than 'Delinquency' (label 'Delinquency')"),
        ("pg:loans#maybe", "means 'Days Past Due': narrower than 'Delinquency' (label 'Delinquency')"),
    ]
    assert [c["ref"] for c in found["others"]] == ["metric:arrears"]
    assert found["terms"][0]["why"] == "label 'Delinquency'"


def test_a_column_that_means_two_terms_is_listed_once_with_the_better() -> None:
    (found,) = ask("client")["columns"]
    assert found["terms"] == ["term:Customer", "term:Customer Segment"]
    assert found["why"] == "means 'Customer': synonym 'client'"


def test_an_unlinked_column_and_one_that_is_gone_are_not_found() -> None:
    link = edge("MEANS", col("crm.segment"), term("Customer"))
    denied = edge("MEANS", col("crm.segment"), term("Customer"), denies=True)
    store = catalog(*FACTS[:6], link, more=[snapshot([denied], ("human", "ana", "1", "means"), LATER)])
    assert ask("client", store)["columns"] == []
    assert len(ask("client", store, as_of=NOON)["columns"]) == 1
    gone = catalog(*FACTS[:6], link, Dataset(namespace=NS, name="crm", columns=["other"]))
    assert ask("client", gone)["columns"] == []


def test_a_term_that_is_gone_is_found_as_of_its_time_only() -> None:
    store = catalog(*FACTS, more=[snapshot(FACTS[:3], at=LATER)])
    assert names("client", store) == []
    assert names("client", store, as_of=NOON) == ["Customer", "Customer Segment"]


def test_a_term_shows_each_way_in_which_it_is_related_and_what_means_it() -> None:
    relations = [edge("RELATED", term("Customer"), term("Blood Group"), subtype=how) for how in ("see_also", "antonym")]
    data = show(catalog(*FACTS, *relations), Refs(STORE, NAMESPACES), term("Customer")).data
    assert [(one["ref"], one["subtype"]) for one in data["related"]] == [
        ("term:Blood Group", "antonym"), ("term:Blood Group", "see_also"),
    ]  # fmt: skip
    assert [one["ref"] for one in data["narrower"]] == ["term:Customer Segment"]
    assert [one["ref"] for one in data["meantBy"]] == ["pg:crm#segment"]
