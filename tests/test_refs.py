"""What people write is read as what is meant, and what is written for them can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model.errors import AmbiguousNameError, NotFoundError
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND, node_of
from catalog.refs import RESERVED, Refs, decode, encode
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, snapshot, table

ACCOUNTS = table("bank.core.accounts")
KNOWN = {
    "pg:bank.core.accounts": ACCOUNTS,
    "pg:bank.core.accounts#credit_limit": col("bank.core.accounts.credit_limit"),
    "files:data/churn features (new).csv": table("data/churn features (new).csv", "s3://bucket"),
    "files:data/x.csv@0123456789abcdef": Urn("datasetversion", ("s3://bucket", "data/x.csv", "md5:0123456789abcdef")),
    "ml:credit_score/2": Urn("modelversion", ("mlflow://tracker", "credit_score", "2")),
    "ml:credit_score": Urn("model", ("mlflow://tracker", "credit_score")),
    "fs:engagement#sessions_30d": Urn("feature", ("feast://shop", "engagement", "sessions_30d")),
    "fs:engagement": Urn("featureview", ("feast://shop", "engagement")),
    "fs:churn_v1": Urn("featureservice", ("feast://shop", "churn_v1")),
    "term:Credit Limit": Urn("term", ("business", "Credit Limit")),
    "job:warehouse-etl/etl.05_account": Urn("job", ("warehouse-etl", "etl.05_account")),
    "metric:total_spend": Urn("metric", ("shop", "total_spend")),
    "exposure:churn_model": Urn("exposure", ("shop", "churn_model")),
    "prediction:D-1": Urn("prediction", ("ml", "D-1")),
    "oracle://h:1521/HR.EMP": table("HR.EMP", "oracle://h:1521"),
    "delivery:public.orders": table("public.orders", "delivery"),
    "pg:50%25%23%40": table("50%#@"),
}


def refs_of(*urns: Urn) -> Refs:
    return Refs(catalog(*(node_of(urn, {}) for urn in urns)), NAMESPACES)


@pytest.fixture(scope="module")
def refs() -> Refs:
    return refs_of(*KNOWN.values())


@pytest.mark.parametrize("text", KNOWN)
def test_every_written_form_is_read_and_printed(refs: Refs, text: str) -> None:
    assert refs.parse(text) == KNOWN[text]
    assert refs.format(KNOWN[text]) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("postgres://db:5432/bank.core.accounts", "pg:bank.core.accounts"),
        ("postgres://db:5432/bank.core.accounts#credit_limit", "pg:bank.core.accounts#credit_limit"),
        ("core.accounts", "pg:bank.core.accounts"),
        ("accounts.credit_limit", "pg:bank.core.accounts#credit_limit"),
        ("accounts#credit_limit", "pg:bank.core.accounts#credit_limit"),
        ("ACCOUNTS.Credit_Limit", "pg:bank.core.accounts#credit_limit"),
        ("files:data/x.csv@0123", "files:data/x.csv@0123456789abcdef"),
        ("files:data/x.csv@md5:0123", "files:data/x.csv@0123456789abcdef"),
        ("term:business/Credit Limit", "term:Credit Limit"),
        ("term!Credit Limit", "term:Credit Limit"),
        ("metric!metric:total_spend", "metric:total_spend"),
        ("model!ml:credit_score", "ml:credit_score"),
        ("Dataset!pg:bank.core.accounts", "pg:bank.core.accounts"),
        ("total_spend", "metric:total_spend"),
        ("credit_score/2", "ml:credit_score/2"),
        (str(ACCOUNTS), "pg:bank.core.accounts"),
    ],
)
def test_longer_and_shorter_forms_mean_the_same(refs: Refs, text: str, meant: str) -> None:
    assert refs.parse(text) == KNOWN[meant]


def test_an_at_sign_that_was_not_encoded_is_still_found() -> None:
    urn = Urn("job", ("ml-training", "train@credit_score"))
    refs = refs_of(urn)
    assert refs.parse("job:ml-training/train@credit_score") == urn
    assert refs.format(urn) == "job:ml-training/train%40credit_score"


def test_an_ambiguous_suffix_lists_what_it_fits() -> None:
    with pytest.raises(AmbiguousNameError) as caught:
        refs_of(table("a.core.accounts"), table("b.core.accounts")).parse("core.accounts")
    assert caught.value.candidates == ("pg:a.core.accounts", "pg:b.core.accounts")


def test_a_short_form_that_fits_two_kinds_is_printed_with_its_kind() -> None:
    view, service = Urn("featureview", ("feast://shop", "x")), Urn("featureservice", ("feast://shop", "x"))
    refs = refs_of(view, service)
    assert refs.format(view) == "featureview!fs:x"
    with pytest.raises(AmbiguousNameError) as caught:
        refs.parse("fs:x")
    assert caught.value.candidates == ("featureservice!fs:x", "featureview!fs:x")
    assert refs.parse("fs:x", kinds=["featureview"]) == view


def test_terms_of_one_label_are_told_apart_by_their_glossary() -> None:
    one, two = Urn("term", ("Risk", "Exposure")), Urn("term", ("Sales", "Exposure"))
    refs = refs_of(one, two)
    assert refs.texts([one, two]) == {one: "term:Risk/Exposure", two: "term:Sales/Exposure"}


def test_all_unknown_refs_are_named_with_the_nearest() -> None:
    refs = refs_of(ACCOUNTS)
    with pytest.raises(NotFoundError) as caught:
        refs.parse_all(["pg:bank.core.acounts", "pg:bank.core.accounts", "term:Zebra"])
    assert caught.value.refs == ("pg:bank.core.acounts", "term:Zebra")
    assert caught.value.nearest == ("pg:bank.core.accounts",)


def test_what_is_closed_is_found_and_what_holds_is_preferred() -> None:
    old, new = table("old.core.accounts"), table("new.core.accounts")
    store = catalog(node_of(old, {}), more=[snapshot([node_of(new, {})], at=LATER)])
    refs = Refs(store, NAMESPACES)
    assert refs.parse("pg:old.core.accounts") == old
    assert refs.parse("core.accounts") == new


_TEXT = st.text(alphabet="ab.:/#@%!é 5", min_size=0, max_size=5)
_SPACE = st.sampled_from([NS, "s3://bucket", "s3://bucket/a", "x://", "pg", "plain", "job", ""]) | _TEXT


@st.composite
def urns(draw: st.DrawFn) -> Urn:
    kind = draw(st.sampled_from(sorted(BY_KIND)))
    rest = [draw(_TEXT) for _ in BY_KIND[kind].key_fields()[1:]]
    return Urn(kind, (draw(_SPACE), *rest))


@settings(max_examples=150, deadline=None)
@given(st.sets(urns(), min_size=1, max_size=12))
def test_every_name_in_a_catalog_is_read_as_it_was_written(known: set[Urn]) -> None:
    refs = refs_of(*known)
    texts = refs.texts(known)
    assert {urn: Refs(refs._store, NAMESPACES).parse(text) for urn, text in texts.items()} == {u: u for u in known}


@given(st.text())
def test_encoding_of_names_is_reversible(name: str) -> None:
    assert decode(encode(name)) == name
    assert not set(encode(name)) & {"#", "@"}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=12) | st.text(alphabet="hw:#@!/%a", max_size=12))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    refs = refs_of(ACCOUNTS)
    found = refs.candidates(text)
    assert set(found) <= {ACCOUNTS}
    if not found:
        with pytest.raises(NotFoundError):
            refs.parse(text)


def test_words_in_front_of_kinds_cannot_be_aliases() -> None:
    assert {"job", "term", "metric", "exposure", "prediction"} <= RESERVED
    refs = Refs(catalog(node_of(ACCOUNTS, {})), {"job": NS})
    assert refs.format(ACCOUNTS) == "postgres://db:5432/bank.core.accounts"
