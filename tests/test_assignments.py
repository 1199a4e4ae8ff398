"""Terms and assignments move between statuses by legal moves only; every move stays known with its person and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.edits import Editor
from catalog.glossary.assignments import assigned, assignment_history, denied, merged, term_history
from catalog.glossary.statuses import MOVES, STATUSES, check_move
from catalog.model.edges import Edge, Means
from catalog.model.errors import ConflictError, NotFoundError, UsageError
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Node, Term
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, Store
from tests.catalogs import LATER, NS, catalog, col, edge, flow, snapshot

TERM = Urn("term", ("Words", "Turnover"))
TAG = Urn("tag", ("", "pii"))
AMOUNT = col("orders.amount")
FACTS = (
    Dataset(namespace=NS, name="orders", columns=["amount", "id"]),
    Dataset(namespace=NS, name="report", columns=["amount"]),
    Term(namespace="Words", name="Turnover"),
    flow("report.amount", "orders.amount"),
    edge("MEANS", AMOUNT, TERM),
    edge("TAGGED", AMOUNT, TAG),
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def shop() -> MemoryStore:
    return catalog(*FACTS)


def status(store: Store, thing: Urn = AMOUNT) -> str | None:
    links = [k for k in assigned(store, [thing]).get(thing, []) if k.end == TERM]
    return merged(links[0]).get("status") if links else "none"


def test_every_status_can_be_left_and_come_to() -> None:
    assert set(MOVES) == {"", *STATUSES}
    assert {after for before, follows in MOVES.items() if before for after in follows} == set(STATUSES)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(STATUSES), max_size=8))
def test_a_term_takes_legal_moves_and_only_those(wanted: list[str]) -> None:
    store, clock = shop(), Clock()
    edit = Editor(store, clock=clock, actor="ana")
    taken: list[str] = []
    for one in wanted:
        head = store.info().head
        if one in MOVES[taken[-1] if taken else ""]:
            edit.move_term(TERM, one)
            taken.append(one)
        else:
            with pytest.raises(UsageError, match="cannot become"):
                edit.move_term(TERM, one)
            assert store.info().head == head
    assert [(c.status, c.by) for c in term_history(store, TERM)] == [(one, "ana") for one in taken]
    assert store.get([TERM])[TERM].properties.get("status") == (taken[-1] if taken else None)


def test_the_newest_of_two_people_decides_and_history_names_both() -> None:
    store, clock = shop(), Clock()
    Editor(store, clock=clock, actor="zoe").move_term(TERM, "proposed", "for the report")
    Editor(store, clock=clock, actor="ana").move_term(TERM, "approved")
    found = store.get([TERM])[TERM].properties
    assert (found["status"], found["status_by"], found["status_note"]) == ("approved", "ana", "")
    Editor(store, clock=clock, actor="zoe").move_term(TERM, "deprecated", "double")
    said = [(c.status, c.by, c.note) for c in term_history(store, TERM)]
    assert said == [
        ("proposed", "zoe", "for the report"), ("approved", "ana", None), ("deprecated", "zoe", "double"),
    ]  # fmt: skip
    Editor(store, clock=clock, actor="ana").upsert_term(TERM, {"definition": "What came in."})
    assert store.get([TERM])[TERM].properties["status"] == "deprecated"


def test_an_assignment_moves_whoever_stated_it() -> None:
    store, clock = shop(), Clock()
    zoe, ana = (Editor(store, clock=clock, actor=name) for name in ("zoe", "ana"))
    assert status(store) is None
    zoe.move_link(AMOUNT, TERM, "proposed")
    ana.move_link(AMOUNT, TERM, "approved", "as agreed")
    zoe.move_link(AMOUNT, TERM, "deprecated")
    assert status(store) == "deprecated"
    with pytest.raises(UsageError, match="cannot become"):
        ana.move_link(AMOUNT, TERM, "approved")
    told = [(c.status, c.by, c.until is None) for c in assignment_history(store, AMOUNT, TERM)]
    assert told == [("proposed", "zoe", False), ("approved", "ana", False), ("deprecated", "zoe", True)]


def test_an_approval_stays_when_the_source_is_read_again() -> None:
    store = shop()
    edit = Editor(store, clock=Clock(), actor="ana")
    edit.move_term(TERM, "approved")
    edit.move_link(AMOUNT, TERM, "approved")
    again: list[Node | Edge] = [*FACTS[:2], Term(namespace="Words", name="Turnover", status="draft"),
             edge("MEANS", AMOUNT, TERM, status="draft")]  # fmt: skip
    store.apply(ChangeSet(snapshots=(snapshot(again, at=LATER),)), Author("2026-03-02T00:00:00Z", "ana", "dbt"))
    assert store.get([TERM])[TERM].properties["status"] == "approved"
    assert status(store) == "approved"


def test_what_nobody_states_does_not_move_but_can_be_denied() -> None:
    store = shop()
    edit = Editor(store, clock=Clock(), actor="ana")
    report = col("report.amount")
    with pytest.raises(NotFoundError):
        edit.move_link(report, TERM, "approved")
    assert edit.unlink_term(report, TERM).commit
    assert edit.unlink_term(report, TAG).commit
    assert denied(store, [report, AMOUNT]) == {report: {TERM, TAG}}
    edit.link_term(report, TERM, "proposed", "0.7", source="suggestion")
    assert denied(store, [report]) == {report: {TAG}}
    assert status(store, report) == "proposed"
    with pytest.raises(ConflictError):
        Editor(store, clock=Clock(), actor="ben").unlink_term(report, TERM)


def test_a_tag_is_put_on_and_taken_off() -> None:
    store = shop()
    edit = Editor(store, clock=Clock(), actor="ana")
    other = col("orders.id")
    edit.link_term(other, TAG)
    assert [k.end for k in assigned(store, [other])[other]] == [TAG]
    edit.unlink_term(other, TAG)
    edit.unlink_term(AMOUNT, TAG)
    assert [k.end for k in assigned(store, [other, AMOUNT]).get(AMOUNT, [])] == [TERM]


@pytest.mark.parametrize("confidence", ["", "2", "-0.1", "much", "0.1234567890", "١"])
def test_what_is_no_confidence_is_refused(confidence: str) -> None:
    with pytest.raises(UsageError, match="no confidence"):
        Editor(shop(), clock=Clock(), actor="ana").link_term(col("orders.id"), TERM, confidence=confidence)


def test_a_word_of_another_tool_may_become_anything_of_ours() -> None:
    for after in STATUSES:
        check_move("x", "Accepted", after)
    with pytest.raises(UsageError, match="no status"):
        check_move("x", None, "Accepted")


def test_the_type_of_assignments_is_the_one_that_history_looks_for() -> None:
    assert Means.type() == "MEANS"
