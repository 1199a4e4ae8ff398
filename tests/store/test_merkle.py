"""Merkle trees: against the definition of RFC 6962 and its published values."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.store.merkle import (
    EMPTY_ROOT,
    Hash,
    appended,
    inclusion_proof,
    inner_hash,
    leaf_hash,
    root_from_proof,
    root_of,
    root_of_frontier,
)

LEAVES: Final = [
    leaf_hash(bytes.fromhex(text))
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The leaves of the reference implementation of Certificate Transparency."""

some_leaves = st.lists(st.binary(max_size=4).map(leaf_hash), max_size=70)


def defined(leaves: list[Hash]) -> Hash:
    """Returns the root as section 2.1 defines it: split at the largest power of two below the number of leaves."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    split = max(2**k for k in range(len(leaves)) if 2**k < len(leaves))
    return inner_hash(defined(leaves[:split]), defined(leaves[split:]))


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_roots_are_those_of_the_reference_implementation(size: int, root: str) -> None:
    assert root_of(LEAVES[:size]).hex() == root


@given(some_leaves)
def test_a_tree_that_grows_has_the_defined_root_at_every_size(leaves: list[Hash]) -> None:
    frontier: list[Hash] = []
    for size, leaf in enumerate(leaves):
        frontier = appended(frontier, size, leaf)
        assert len(frontier) == (size + 1).bit_count()
    assert root_of_frontier(frontier) == root_of(leaves) == defined(leaves)


@given(some_leaves.filter(bool), st.data())
def test_a_proof_leads_from_a_leaf_to_the_root_and_from_no_other(leaves: list[Hash], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert root_from_proof(leaves[index], index, len(leaves), proof) == root_of(leaves)
    assert root_from_proof(leaf_hash(b"something else"), index, len(leaves), proof) != root_of(leaves)
    for i in range(len(proof)):
        forged = [*proof[:i], leaf_hash(b"forged"), *proof[i + 1 :]]
        assert root_from_proof(leaves[index], index, len(leaves), forged) != root_of(leaves)


@given(some_leaves.filter(bool), st.data())
def test_a_proof_of_the_wrong_length_leads_nowhere(leaves: list[Hash], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert root_from_proof(leaves[index], index, len(leaves), [*proof, leaves[0]]) is None
    assert not proof or root_from_proof(leaves[index], index, len(leaves), proof[:-1]) is None


def test_there_is_no_proof_of_a_leaf_that_is_not_there() -> None:
    assert root_from_proof(LEAVES[0], 8, 8, inclusion_proof(LEAVES, 0)) is None
    for index in (-1, 8):
        with pytest.raises(IndexError):
            inclusion_proof(LEAVES, index)
