"""The same facts give the same answers, byte for byte, from every embedded store and in any order of loading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.answers import Answer, camel, listed
from catalog.glossary.lookup import glossary_search
from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import Question, lineage
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Node, Term
from catalog.provenance.story import provenance
from catalog.refs import Refs
from catalog.search import search
from catalog.show import show
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, SnapshotDelta, Store
from catalog.store.sqlite import SqliteStore
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, edge, flow, snapshot, table

MODEL = Urn("modelversion", ("mlflow://tracker", "m", "1"))
TERM = Term(namespace="Business", name="Limit", synonyms=["line"])


@contextmanager
def stores(snapshots: Iterable[SnapshotDelta]) -> Iterator[list[Store]]:
    listed_ = list(snapshots)
    opened: list[Store] = [MemoryStore(), SqliteStore(":memory:")]
    try:
        for store in opened:
            store.migrate()
            for snap in listed_:
                store.apply(ChangeSet(snapshots=(snap,)), Author("2026-03-01T00:00:00Z", "ana", "x"))
        yield opened
    finally:
        for store in opened:
            store.close()


def answers(store: Store) -> Iterator[Answer]:
    refs = Refs(store, NAMESPACES)
    known = sorted(store.keys([*(table(t) for t in "abcd"), *(col(f"{t}.{c}") for t in "abcd" for c in "xy")]))
    for urn in known:
        for flow_name, level in (("value", "column"), ("rows", "column"), ("all", "dataset"), ("table", "dataset")):
            yield lineage(store, refs, Question((urn,), flow=flow_name, level=level))  # type: ignore[arg-type]
        yield impact(store, refs, [parse_change(f"drop:{refs.format(urn)}", refs)])
        yield show(store, refs, urn, history=True)
    yield glossary_search(store, refs, "line")
    yield search(store, refs, "limit a")
    if store.keys([MODEL]):
        yield provenance(store, refs, MODEL)


_FACT = st.tuples(st.sampled_from("vfwtjmnd"), st.sampled_from("abcd"), st.sampled_from("xy"), st.sampled_from("abcd"))


def fact(kind: str, t: str, c: str, u: str) -> Node | Edge:
    forms: dict[str, Node | Edge] = {
        "v": flow(f"{t}.{c}", f"{u}.x"),
        "f": edge("INFLUENCED_BY", table(t), col(f"{u}.{c}"), subtype="filter"),
        "w": edge("INFLUENCED_BY", col(f"{t}.{c}"), col(f"{u}.y"), subtype="window"),
        "t": edge("DEPENDS_ON", table(t), table(u)),
        "j": edge("PRODUCED_BY", table(t), Urn("job", ("etl", u))),
        "m": edge("USES_FEATURE", MODEL, col(f"{t}.{c}"), role="feature"),
        "n": edge("MEANS", col(f"{t}.{c}"), TERM.urn),
        "d": Dataset(namespace=NS, name=t, columns=[c]),
    }
    return forms[kind]


@settings(max_examples=25, deadline=None)
@given(st.lists(_FACT, min_size=1, max_size=8, unique=True), st.lists(_FACT, max_size=5, unique=True))
def test_stores_answer_alike(first: list[tuple[str, str, str, str]], second: list[tuple[str, str, str, str]]) -> None:
    made = [
        snapshot([TERM, *(fact(*row) for row in first)]),
        snapshot([fact(*row) for row in second], ("sql", NS, "t"), LATER),
    ]
    with stores(made) as opened:
        said = [[json.dumps(a.envelope("now")) for a in answers(store)] for store in opened]
    assert said[0] == said[1]


def test_an_envelope_says_what_it_is_and_of_when() -> None:
    said = Answer("lineage", {"x": 1}, LATER, complete=False, warnings=("careful",)).envelope("2026-03-01T00:00:00Z")
    assert said == {
        "schema": "headwater.lineage/1", "generatedAt": "2026-03-01T00:00:00Z", "asOf": "2026-02-01T12:00:00Z",
        "complete": False, "warnings": ["careful"], "data": {"x": 1},
    }  # fmt: skip


def test_long_lists_are_shortened_with_their_length() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcde")) == "a, b, c and 2 more"
    assert camel("data_type") == "dataType"
    assert catalog().info().counts["nodes"] == 0
