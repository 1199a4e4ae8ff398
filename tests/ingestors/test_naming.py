"""Names that several ingestors must give alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.names import Urn
from ingestors import naming

hex32 = st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda text: not text.isdigit())


@pytest.mark.parametrize(
    ("namespace", "quoted", "name"),
    [
        ("postgres://h:5432", False, "shop.public.orders"),
        ("postgres://h:5432", True, "Shop.public.Orders"),
        ("snowflake://org-account", False, "SHOP.PUBLIC.ORDERS"),
        ("bigquery", False, "Shop.public.Orders"),
        ("s3://bucket", False, "Shop.public.Orders"),
    ],
)
def test_relations_are_folded_as_their_platform_does(namespace: str, quoted: bool, name: str) -> None:
    assert naming.relation(namespace, "Shop", "public", "Orders", quoted=quoted) == Urn("dataset", (namespace, name))


def test_a_relation_without_database_has_no_leading_dot() -> None:
    assert naming.relation("duckdb://lake", "", "main", "t").name == "main.t"


@given(hex32)
def test_every_spelling_of_a_digest_is_one_version(digest: str) -> None:
    spellings = [digest, digest.upper(), f"md5:{digest}", f"MD5:{digest.upper()}", f"md5-{digest}"]
    assert {naming.version_name(text) for text in spellings} == {f"md5:{digest}"}
    assert naming.version_name(f"{digest}.dir") == f"md5:{digest}.dir"
    assert naming.digest_of(f"md5:{digest}") == ("md5", digest)


@pytest.mark.parametrize(("length", "algorithm"), [(32, "md5"), (40, "sha1"), (64, "sha256")])
def test_the_length_tells_the_algorithm(length: int, algorithm: str) -> None:
    assert naming.version_name("a" * length) == f"{algorithm}:{'a' * length}"


@pytest.mark.parametrize(
    "text",
    ["1", "2026-03-01", "8066873210481728512", "1" * 32, "a" * 31, "a" * 8, "sha256:" + "a" * 32, "g" * 32, "", "md5:"],
)
def test_what_is_no_digest_stays_as_it_is(text: str) -> None:
    assert naming.version_name(text) == text
    assert naming.digest_of(text) is None


@given(st.text())
def test_a_version_name_names_itself(text: str) -> None:
    assert naming.version_name(naming.version_name(text)) == naming.version_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" Ana@Shop.example ", "ana@shop.example"),
        ("Data Team", "Data Team"),
        ("team:Core", "team:Core"),
        ("a @ b", "a @ b"),
    ],
)
def test_only_addresses_are_lower_cased(text: str, name: str) -> None:
    assert naming.agent(text).name == name
    assert naming.agent(text).namespace == ""
