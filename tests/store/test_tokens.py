"""The tokenizer: what can be found by which word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, Term
from catalog.store.tokens import token_string, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("creditLimit_EUR", ["credit", "limit", "creditlimit", "eur"]),
        ("bank.core.accounts", ["bank", "core", "accounts"]),
        ("HTTPServer2", ["http", "server2", "httpserver2"]),
        ("Straße Ærø", ["strasse", "ærø"]),
        ("naïve café", ["naïve", "café"]),
        ("顧客 番号", ["顧客", "番号"]),
        ("ﬁnance", ["finance"]),
        ("a-a_a", ["a"]),
        (" \n$!", []),
    ],
)
def test_words_of_a_name(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text())
def test_words_are_folded_once_and_for_all(text: str) -> None:
    for word in words(text):
        assert word
        assert len(word) <= 64
        assert " " not in word
        assert words(word)[:1] == [word] or len(word) == 64


def test_a_node_is_found_by_its_keys_and_its_searched_fields_only() -> None:
    term = Term(namespace="hidden", name="Credit Limit", synonyms=["Kreditrahmen"], abbreviation="CL", steward="nobody")
    assert token_string(term.urn, term.properties()).split() == ["credit", "limit", "kreditrahmen", "cl"]


def test_a_column_is_found_by_its_data_set_and_its_path() -> None:
    urn = Column(namespace="hidden", name="shop.orders", path="address.city").urn
    assert token_string(urn, {}).split() == ["shop", "orders", "address", "city"]


def test_a_long_description_is_cut_behind_the_name() -> None:
    urn = Dataset(namespace="n", name="shop.orders").urn
    found = token_string(urn, {"description": " ".join(f"word{i}" for i in range(1000))}).split()
    assert found[:2] == ["shop", "orders"]
    assert len(found) == 400


@given(st.text(), st.text())
def test_token_strings_hold_each_word_once(name: str, description: str) -> None:
    found = token_string(Urn("dataset", ("n", name)), {"description": description}).split(" ")
    assert len(set(found)) == len(found)
    assert set(found) - {""} == {*words(name), *words(description)}
