"""The store is asked a constant number of times for each level of a query, however many things are on it."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, Node
from catalog.store.port import Store
from tests.api.asking import ask
from tests.catalogs import NS, catalog, col, edge, flow, table


class Counted:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.asked[name] += 1
        return getattr(self._store, name)


def wide(count: int) -> Store:
    """Returns a table with so many columns, each with a source, a term and an owner of its own."""
    facts: list[Node | Edge] = [Dataset(namespace=NS, name="wide", columns=[f"c{i:02}" for i in range(count)])]
    for i in range(count):
        source = f"source{i:02}"
        facts += [
            Column(namespace=NS, name="wide", path=f"c{i:02}", data_type="int"),
            Dataset(namespace=NS, name=source, columns=["x"]),
            flow(f"wide.c{i:02}", f"{source}.x"),
            edge("MEANS", col(f"wide.c{i:02}"), Urn("term", ("Words", f"T{i}"))),
            edge("OWNED_BY", table(source), Urn("agent", ("", f"a{i}"))),
        ]
    return catalog(*facts)


QUERIES = {
    "columns": '{ dataset(ref: "pg:wide") { columns { nodes { id ref dataType } } } }',
    "two levels": '{ dataset(ref: "pg:wide") { columns { nodes { upstream { nodes { ref kind } } } } } }',
    "three levels": """{ dataset(ref: "pg:wide") { columns(first: 40) { nodes {
        upstream(first: 5) { nodes { ref ... on Column { dataset { ref owners(first: 2) { nodes { ref } } } } } } } } } }""",
    "several fields of one level": """{ dataset(ref: "pg:wide") { columns { nodes {
        terms(first: 2) { nodes { ref } } owners(first: 2) { nodes { ref } } claims(first: 2) { totalCount } } } } }""",
    "columns of sources": """{ dataset(ref: "pg:wide") { columns { nodes { upstream(first: 2) { nodes {
        ... on Column { dataset { ... on Dataset { columns(first: 3) { nodes { ref } } } } } } } } } } }""",
    "entities of an answer": '{ lineage(refs: ["pg:wide"]) { nodes { entity { ref owners(first: 1) { totalCount } } } } }',
}


@pytest.mark.parametrize("name", QUERIES)
def test_reads_do_not_grow_with_what_is_on_a_level(name: str) -> None:
    counts, sizes = [], []
    for size in (2, 40):
        store = Counted(wide(size))
        found = ask(cast(Store, store), QUERIES[name])
        counts.append(store.asked)
        sizes.append(len(str(found)))
    assert sizes[1] > 10 * sizes[0]
    assert counts[0] == counts[1]
    assert counts[0].total() < 60
