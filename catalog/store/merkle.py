"""Merkle trees of RFC 6962 (section 2.1): roots, a tree that grows by its right edge, proofs that a leaf is in it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

Hash = bytes
"""32 bytes."""

EMPTY_ROOT: Final[Hash] = sha256(b"").digest()


def leaf_hash(data: bytes) -> Hash:
    return sha256(b"\x00" + data).digest()


def inner_hash(left: Hash, right: Hash) -> Hash:
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[Hash]) -> Hash:
    """Returns the root of a tree over these leaf hashes. Cost: as many hashes as leaves."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        # A last one without a partner rises as it is: the same tree as splitting at the largest power of two.
        odd = level[len(level) & ~1 :]
        level = [inner_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def appended(frontier: Sequence[Hash], size: int, leaf: Hash) -> list[Hash]:
    """Returns the frontier of a tree of `size` leaves after one more.

    A frontier is the roots of the full subtrees that a tree is made of, largest first: one for each bit of its size.
    """
    grown = [*frontier, leaf]
    while size & 1:
        right = grown.pop()
        grown[-1] = inner_hash(grown[-1], right)
        size >>= 1
    return grown


def root_of_frontier(frontier: Sequence[Hash]) -> Hash:
    """Returns the root of the tree that a frontier stands for. Law: equals `root_of` over what was appended."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = inner_hash(left, root)
    return root


def inclusion_proof(leaves: Sequence[Hash], index: int) -> list[Hash]:
    """Returns the audit path of a leaf, nearest sibling first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    middle = _largest_power_below(len(leaves))
    left, right = leaves[:middle], leaves[middle:]
    if index < middle:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - middle), root_of(left)]


def root_from_proof(leaf: Hash, index: int, size: int, proof: Sequence[Hash]) -> Hash | None:
    """Returns the root that an audit path leads to (RFC 9162, 2.1.3.2), or None if the path has the wrong length.

    The leaf is in the tree if this is the tree's root.
    """
    if not 0 <= index < size:
        return None
    root, place, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = inner_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = inner_hash(root, sibling)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
