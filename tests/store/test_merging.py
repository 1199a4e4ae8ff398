"""How claims become a node: precedence, merge marks, and the list of columns in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.instants import Instant
from catalog.store.merging import Listing, Said, in_force, merge, presence
from catalog.store.port import Span

HUMAN, DBT, SQL = ("human", "ana", "x"), ("dbt", "p"), ("sql", "w", "t")
OPEN = None


def said(scope: tuple[str, ...], since: int, **properties: Any) -> Said:
    return Said(scope, Instant(since), properties)


def listing(scope: tuple[str, ...], columns: str, *spans: tuple[int, int | None]) -> Listing:
    return Listing(scope, tuple(columns), tuple(span(*s) for s in spans))


def span(since: int, until: int | None) -> Span:
    return Instant(since), None if until is None else Instant(until)


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ([said(HUMAN, 1, description="h"), said(DBT, 9, description="d")], "h"),
        ([said(DBT, 1, description="d"), said(SQL, 9, description="s")], "d"),
        ([said(DBT, 1, description="old"), said(("dbt", "q"), 2, description="new")], "new"),
        ([said(DBT, 1, description="p"), said(("dbt", "a"), 1, description="a")], "a"),
        ([said(DBT, 1, description="b"), said(DBT, 1, description="a")], "a"),
        ([said(HUMAN, 1, type="view"), said(SQL, 1, description="s")], "s"),
    ],
    ids=["human before declared", "declared before inferred", "newer", "scope", "value", "only who speaks"],
)
def test_each_property_is_the_strongest_claim_s(claims: list[Said], description: str) -> None:
    assert merge("dataset", claims)["description"] == description
    assert merge("dataset", claims[::-1])["description"] == description


def test_the_newest_list_of_columns_decides_whoever_says_it() -> None:
    claims = [said(HUMAN, 1, columns=["a"]), said(SQL, 2, columns=["b"])]
    assert merge("dataset", claims) == {"columns": ["b"]}


def test_marked_fields_take_something_of_every_claim() -> None:
    claims = [
        said(DBT, 1, state="COMPLETE", started_at="2026-01-02", ended_at="2026-01-03", inputs=["b", "a"]),
        said(DBT, 2, state="START", started_at="2026-01-01", ended_at="2026-01-01", inputs=["c", "a"]),
    ]
    assert merge("run", claims) == {
        "state": "COMPLETE",
        "started_at": "2026-01-01",
        "ended_at": "2026-01-03",
        "inputs": ["a", "b", "c"],
    }


@pytest.mark.parametrize(
    ("one", "other", "state"), [("COMPLETE", "FAIL", "FAIL"), ("FAIL", "ABORT", "FAIL"), ("odd", "START", "START")]
)
def test_a_terminal_state_beats_one_that_is_not(one: str, other: str, state: str) -> None:
    assert merge("run", [said(DBT, 1, state=one), said(DBT, 1, state=other)]) == {"state": state}


runs = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["START", "COMPLETE", "FAIL", "x"]),
        "title": st.sampled_from("ab"),
        "inputs": st.lists(st.sampled_from("abc"), max_size=2),
        "started_at": st.sampled_from(["2026", "2025"]),
    },
)
claims = st.builds(Said, st.sampled_from([HUMAN, DBT, SQL, ("dbt", "q")]), st.integers(0, 3).map(Instant), runs)


@given(st.lists(claims, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_claims_does_not_matter(said: list[Said], random: Any) -> None:
    merged = merge("run", said)
    shuffled = list(said)
    random.shuffle(shuffled)
    assert merge("run", shuffled) == merged
    assert merged.keys() == {name for claim in said for name in claim.properties}


def test_a_column_is_absent_while_the_list_in_force_lacks_it() -> None:
    found = presence([listing(DBT, "ab", (1, 5)), listing(SQL, "a", (3, 4))], ["x"])
    assert found["a"].listed == (span(1, 5),)
    assert (found["b"].listed, found["b"].absent) == ((span(1, 3), span(4, 5)), (span(3, 4),))
    assert (found["x"].listed, found["x"].absent) == ((), (span(1, 5),))


def test_two_sources_of_which_one_drops_a_column_drop_it_in_either_order() -> None:
    before, after = listing(DBT, "ab", (1, OPEN)), listing(SQL, "a", (2, OPEN))
    for listings in ([before, after], [after, before]):
        assert presence(listings, ())["b"].absent == (span(2, OPEN),)


def test_columns_that_no_list_ever_spoke_of_are_neither_listed_nor_absent() -> None:
    assert presence([], ["x"])["x"] == ((), ())


def instants(spans: Sequence[Span]) -> set[int]:
    return {t for t in range(8) if in_force(spans, Instant(t)) is not None}


some_spans = (
    st.lists(st.integers(0, 7), min_size=1, max_size=4, unique=True)
    .map(sorted)
    .map(lambda cuts: tuple(span(a, b) for a, b in zip(cuts[::2], [*cuts[1::2], None], strict=False)))
)
listings = st.builds(
    Listing, st.sampled_from([HUMAN, DBT, SQL]), st.sets(st.sampled_from("abc")).map(sorted).map(tuple), some_spans
)


@given(st.lists(listings, max_size=4))
def test_at_any_time_a_column_is_listed_or_absent_as_the_newest_list_says(said: list[Listing]) -> None:
    found = presence(said, "abc")
    for t in range(8):
        held = [(s, in_force(s.spans, Instant(t))) for s in said]
        newest = [(s, where[0]) for s, where in held if where is not None]
        begun = max((since for _, since in newest), default=None)
        lists = [set(s.columns) for s, since in newest if since == begun]
        for name, when in found.items():
            listed, absent = t in instants(when.listed), t in instants(when.absent)
            assert listed + absent == bool(newest)
            if len(lists) == 1:
                assert listed == (name in lists[0])


@given(some_spans)
def test_what_is_in_force_now_is_what_has_no_end(spans: tuple[Span, ...]) -> None:
    now = in_force(spans, None)
    assert (now is not None) == any(until is None for _, until in spans)
