"""What people say stands above what sources say, stays when they are read again, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.edits import Editor
from catalog.graph import Course, reach
from catalog.links import Link, link_all
from catalog.model.errors import ConflictError, NotFoundError, RefusedError, UsageError
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Term
from catalog.sayings import agent_urn, term_urn
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, Store
from tests.catalogs import LATER, NS, catalog, col, edge, flow, snapshot, table

TERM = Urn("term", ("Words", "Turnover"))
ORDERS = table("orders")


class Clock:
    """Moves on by a second at each look, unless it is held."""

    def __init__(self, step: int = 1) -> None:
        self.now, self.step = datetime(2026, 3, 1, tzinfo=UTC), timedelta(seconds=step)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def facts() -> list[object]:
    return [
        Dataset(namespace=NS, name="orders", columns=["x"], description="From dbt."),
        Dataset(namespace=NS, name="raw", columns=["x", "y"]),
        Term(namespace="Words", name="Turnover"),
        flow("orders.x", "raw.x", "aggregation"),
        edge("MEANS", col("orders.x"), TERM),
        edge("OWNED_BY", ORDERS, Urn("agent", ("", "bob")), role="owner"),
    ]


def shop() -> MemoryStore:
    return catalog(*facts())  # type: ignore[arg-type]


def editor(store: Store, actor: str = "ana", clock: Clock | None = None) -> Editor:
    return Editor(store, clock=clock or Clock(), actor=actor)


def links(store: Store, urn: Urn, *types: str) -> list[Link]:
    return link_all(store, store.keys([urn]).values(), types)


def said(store: Store, urn: Urn) -> dict[str, object]:
    return dict(store.get([urn])[urn].properties)


def again(store: MemoryStore) -> None:
    """Reads the source once more, later, with another fact in it."""
    more = [*facts(), Dataset(namespace=NS, name="new")]
    store.apply(ChangeSet(snapshots=(snapshot(more, at=LATER),)), Author("2026-03-02T00:00:00Z", "ana", "dbt"))  # type: ignore[arg-type]


def test_a_description_stands_above_the_source_s_and_comes_off_again() -> None:
    store = shop()
    edit = editor(store)
    assert edit.set_description(ORDERS, "From Ana.").commit == 2
    assert said(store, ORDERS)["description"] == "From Ana."
    again(store)
    assert said(store, ORDERS)["description"] == "From Ana."
    edit.set_description(ORDERS, None)
    assert said(store, ORDERS)["description"] == "From dbt."


def test_the_newest_of_two_people_s_words_is_shown() -> None:
    store, clock = shop(), Clock()
    editor(store, "ana", clock).set_description(ORDERS, "Ana's.")
    editor(store, "ben", clock).set_description(ORDERS, "Ben's.")
    assert said(store, ORDERS)["description"] == "Ben's."
    editor(store, "ben", clock).set_description(ORDERS, None)
    assert said(store, ORDERS)["description"] == "Ana's."


@given(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=6), st.integers(-2, 1))
def test_the_last_word_counts_whatever_the_clock_does(words: list[str | None], step: int) -> None:
    store = shop()
    edit = editor(store, clock=Clock(step))
    for word in words:
        edit.set_description(ORDERS, word)
    assert said(store, ORDERS)["description"] == (words[-1] or "From dbt.")


def test_saying_the_same_again_changes_nothing_that_holds() -> None:
    store = shop()
    edit = editor(store)
    edit.set_description(ORDERS, "Same.")
    before = [claim[:3] for claim in store.claims([ORDERS])]
    edit.set_description(ORDERS, "Same.")
    assert [claim[:3] for claim in store.claims([ORDERS])] == before


def test_what_has_no_description_says_so() -> None:
    store = shop()
    with pytest.raises(UsageError, match="no description"):
        editor(store).set_description(Urn("agent", ("", "bob")), "Bob.")


def test_a_denied_edge_is_hidden_and_not_walked_and_stays_so_when_its_source_is_read_again() -> None:
    store = shop()
    edit = editor(store)
    edit.retract_lineage(col("orders.x"), col("raw.x"))
    again(store)
    assert links(store, col("orders.x"), "DERIVES_FROM") == []
    keys = list(store.keys([col("orders.x")]).values())
    assert reach(store, keys, Course(frozenset({"DERIVES_FROM"}), "upstream")).hops.keys() == set(keys)
    edit.assert_lineage(col("orders.x"), col("raw.x"), subtype="aggregation")
    (link,) = links(store, col("orders.x"), "DERIVES_FROM")
    assert {s.claim.scope[0] for s in link.said} == {"dbt", "human"}


def test_one_s_own_word_is_taken_back_and_not_denied() -> None:
    store = shop()
    edit = editor(store)
    edit.assert_lineage(col("orders.x"), col("raw.y"))
    (link,) = [k for k in links(store, col("orders.x"), "DERIVES_FROM") if k.end == col("raw.y")]
    assert (link.exactness, link.subtype) == ("declared", "transformation")
    edit.retract_lineage(col("orders.x"), col("raw.y"))
    assert [k.end for k in links(store, col("orders.x"), "DERIVES_FROM")] == [col("raw.x")]
    bodies = [c.body for c in store.all_claims() if c.scope[0] == "human"]
    assert len(bodies) == 1
    assert "denies" not in bodies[0]


def test_another_person_s_word_stands() -> None:
    store, clock = shop(), Clock()
    editor(store, "ana", clock).assert_lineage(col("orders.x"), col("raw.y"))
    with pytest.raises(ConflictError, match="ana says so"):
        editor(store, "ben", clock).retract_lineage(col("orders.x"), col("raw.y"))
    with pytest.raises(NotFoundError):
        editor(store, "ben", clock).retract_lineage(col("orders.x"), col("nowhere.z"))


@pytest.mark.parametrize(
    ("derived", "source", "type_"),
    [
        (col("orders.x"), col("raw.x"), "DERIVES_FROM"),
        (table("orders"), table("raw"), "DEPENDS_ON"),
        (table("orders"), col("raw.x"), "INFLUENCED_BY"),
        (Urn("modelversion", ("m", "n", "1")), col("raw.x"), "USES_FEATURE"),
        (Urn("job", ("j", "n")), table("raw"), "READS"),
    ],
)
def test_lineage_takes_the_type_that_fits(derived: Urn, source: Urn, type_: str) -> None:
    store = shop()
    editor(store).assert_lineage(derived, source)
    found = [k for k in links(store, derived, type_) if k.end == source]
    assert any(s.claim.scope[0] == "human" for k in found for s in k.said)


@pytest.mark.parametrize(
    ("derived", "source", "how"),
    [
        (TERM, col("raw.x"), {}),
        (col("orders.x"), col("raw.x"), {"type_": "MEANS"}),
        (col("orders.x"), col("raw.x"), {"type_": "DEPENDS_ON"}),
        (col("orders.x"), col("raw.x"), {"subtype": "magic"}),
        (table("orders"), table("raw"), {"role": "feature"}),
    ],
)
def test_lineage_that_cannot_be_is_refused_and_nothing_is_written(
    derived: Urn, source: Urn, how: dict[str, str]
) -> None:
    store = shop()
    with pytest.raises(UsageError):
        editor(store).assert_lineage(derived, source, **how)
    assert store.info().head == 1


def test_an_owner_is_the_one_owner_in_the_role() -> None:
    store, clock = shop(), Clock()
    edit = editor(store, "ana", clock)
    edit.set_owner(ORDERS, agent_urn("Cleo@Shop.example"))
    assert [k.end.name for k in links(store, ORDERS, "OWNED_BY")] == ["cleo@shop.example"]
    edit.set_owner(ORDERS, agent_urn("dan"), role="steward")
    assert {k.end.name for k in links(store, ORDERS, "OWNED_BY")} == {"cleo@shop.example", "dan"}
    warned = editor(store, "ben", clock).set_owner(ORDERS, agent_urn("eve")).warnings
    assert warned == ("ana named cleo@shop.example as owner; only they can take it back.",)
    edit.set_owner(ORDERS, None)
    assert {k.end.name for k in links(store, ORDERS, "OWNED_BY")} == {"eve", "dan"}


def test_an_owner_who_was_denied_is_back_when_the_edit_is_taken_back() -> None:
    store = shop()
    edit = editor(store)
    edit.set_owner(ORDERS, agent_urn("cleo"))
    edit.set_owner(ORDERS, agent_urn("cleo"))
    assert [k.end.name for k in links(store, ORDERS, "OWNED_BY")] == ["cleo"]
    edit.set_owner(ORDERS, None)
    assert [k.end.name for k in links(store, ORDERS, "OWNED_BY")] == ["bob"]


def test_a_term_keeps_what_is_not_said_anew() -> None:
    store = shop()
    edit = editor(store)
    urn = term_urn("Words", "Revenue")
    edit.upsert_term(urn, {"definition": "What came in.", "synonyms": ["income"]}, [TERM])
    edit.upsert_term(urn, {"status": "approved", "synonyms": None})
    known = said(store, urn)
    assert (known["definition"], known["status"], known["status_by"]) == ("What came in.", "approved", "ana")
    assert "synonyms" not in known
    assert [k.end for k in links(store, urn, "BROADER")] == [TERM]
    edit.upsert_term(urn, {}, [])
    assert links(store, urn, "BROADER") == []
    with pytest.raises(UsageError, match="broader than itself"):
        edit.upsert_term(urn, {}, [urn])


def test_a_term_is_linked_and_unlinked() -> None:
    store = shop()
    edit = editor(store)
    edit.link_term(ORDERS, TERM, status="approved", confidence="0.9")
    (link,) = links(store, ORDERS, "MEANS")
    assert {key: link.properties[key] for key in ("status", "confidence", "steward", "by")} == {
        "status": "approved", "confidence": "0.9", "steward": "ana", "by": "ana",
    }  # fmt: skip
    edit.unlink_term(ORDERS, TERM)
    edit.unlink_term(col("orders.x"), TERM)
    assert links(store, ORDERS, "MEANS") == links(store, col("orders.x"), "MEANS") == []
    with pytest.raises(UsageError, match="cannot start"):
        edit.link_term(Urn("agent", ("", "bob")), TERM)


def test_a_commit_is_reverted_and_a_reverted_edit_can_be_made_again() -> None:
    store = shop()
    edit = editor(store, clock=Clock(0))
    seq = edit.set_description(ORDERS, "Wrong.").commit
    assert seq is not None
    edit.revert(seq)
    assert said(store, ORDERS)["description"] == "From dbt."
    edit.set_description(ORDERS, "Wrong.")
    assert said(store, ORDERS)["description"] == "Wrong."
    for unknown in (0, -1, 99):
        with pytest.raises(NotFoundError):
            edit.revert(unknown)


def test_a_revert_is_not_reverted() -> None:
    store = shop()
    edit = editor(store)
    seq = edit.set_description(ORDERS, "Wrong.").commit
    assert seq is not None
    reverted = edit.revert(seq).commit
    assert reverted is not None
    with pytest.raises(UsageError, match="took something back"):
        edit.revert(reverted)


def test_text_that_cannot_be_kept_is_refused() -> None:
    store = shop()
    with pytest.raises(RefusedError):
        editor(store).set_description(ORDERS, "\ud800")
    with pytest.raises(UsageError, match="characters"):
        editor(store).set_description(ORDERS, "a" * 200_000)
    assert store.info().head == 1
