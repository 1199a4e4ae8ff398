"""Proofs of claims hold on every store, from the first listing on, and a proof of anything else does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.model.nodes import Dataset
from catalog.provenance.proofs import _levels, _path, check_proof, prove
from catalog.store.memory import MemoryStore
from catalog.store.merkle import inclusion_proof, leaf_hash
from catalog.store.opening import open_store
from catalog.store.port import Author, ChangeSet, Store
from tests.catalogs import LATER, NOON, NS, edge, snapshot, table

FACTS = [Dataset(namespace=NS, name=f"t{n}", description=f"Table {n}.") for n in range(9)]
MORE = [edge("DEPENDS_ON", table(f"t{n + 1}"), table(f"t{n}")) for n in range(8)]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Three commits of three sources."""
    found: Store = MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path / 'c.db'}")
    snaps = [snapshot(FACTS), snapshot(MORE, ("openlineage", "x"), LATER), snapshot(FACTS[:1], ("glossary", "g"), NOON)]
    for second, snap in enumerate(snaps):
        found.apply(ChangeSet(snapshots=(snap,)), Author(f"2026-03-01T00:00:0{second}Z", "ana", snap.scope[0]))
    yield found
    found.close()


def test_every_claim_has_a_proof_that_leads_to_the_root(store: Store) -> None:
    claims = list(store.all_claims())
    found = prove(store, claims)
    assert found.keys() == {(claim.scope, claim.fact) for claim in claims}
    for claim in claims:
        proof = found[claim.scope, claim.fact]
        assert claim.body in proof.line
        assert proof.log_root == store.info().log_root
        assert check_proof(proof.say())


def test_nothing_else_is_proved(store: Store) -> None:
    (proof, *_) = prove(store, list(store.all_claims())).values()
    said = proof.say()
    changed = {
        "line": proof.line.replace("t", "u", 1), "index": proof.index + 1, "lines": proof.lines + 1, "path": list(proof.path[:-1]),
        "header": proof.header.replace("ana", "bob"), "number": proof.number + 1, "commits": proof.commits + 5, "logPath": [],
        "logRoot": "0" * 64,
    }  # fmt: skip
    assert changed.keys() == said.keys()
    for name, value in changed.items():
        assert not check_proof({**said, name: value}), name
    for broken in ({}, {**said, "path": ["zz"]}, {**said, "index": "0"}, {**said, "header": "[]"}):
        assert not check_proof(broken)


def test_a_purged_line_has_no_proof_and_others_keep_theirs(store: Store) -> None:
    before = prove(store, list(store.all_claims()))
    line = next(i for i, text in enumerate(store.body(1)) if "Table 3." in text)
    store.purge(1, line)
    after = prove(store, list(store.all_claims()))
    (gone,) = before.keys() - after.keys()
    assert "Table 3." in before[gone].line
    assert all(check_proof(proof.say()) for proof in after.values())
    assert {key: proof.log_root for key, proof in after.items()} == {key: before[key].log_root for key in after}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 31])
def test_paths_of_a_whole_tree_are_those_of_each_leaf(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    for index in range(size):
        assert _path(_levels(leaves), index) == tuple(one.hex() for one in inclusion_proof(leaves, index))
