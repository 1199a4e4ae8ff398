"""Git objects as plain values: commits, trees, tags, and the deltas that packs keep them in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from catalog.model.errors import SourceError
from catalog.model.instants import TIES, Instant
from ingestors.documents import clean

TYPES: Final = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
TREE_MODE: Final = "40000"
FILE_MODES: Final = frozenset({"100644", "100664", "100755"})
OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}")

_STAMP: Final = re.compile(r"(.*?) ?(-?\d+)(?: [+-]\d+)?")
_LAST_SECOND: Final = 2**63 // (TIES * 1_000_000)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `at` is None where the committer's time is none that can be kept."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str | None
    at: Instant | None
    message: str
    """First line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a tree."""

    name: str
    mode: str
    id: str


def text_of(raw: bytes) -> str:
    """Returns bytes as text that every store can keep; what is no UTF-8 is replaced."""
    return clean(raw.decode("utf-8", "replace"))


def commit_of(commit: str, raw: bytes, place: str) -> Commit:
    """Reads a commit.

    Raises:
        SourceError: it names no tree.
    """
    head, _, message = raw.partition(b"\n\n")
    fields: dict[bytes, list[str]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, []).append(text_of(value))
    tree = fields.get(b"tree", [""])[0]
    if not OBJECT_ID.fullmatch(tree):
        raise SourceError(f"{place}:{commit}", "is no commit: it names no tree", "Repair the repository (git fsck).")
    author, _ = _signature(fields.get(b"author", [""])[0])
    _, at = _signature(fields.get(b"committer", [""])[0])
    parents = tuple(p for p in fields.get(b"parent", []) if OBJECT_ID.fullmatch(p))
    return Commit(commit, tree, parents, author or None, at, text_of(message.strip().partition(b"\n")[0])[:1000])


def _signature(text: str) -> tuple[str, Instant | None]:
    parts = _STAMP.fullmatch(text)
    if not parts:
        return text, None
    seconds = int(parts[2]) if len(parts[2]) < 12 else -1
    return parts[1], Instant(seconds * 1_000_000 * TIES) if 0 <= seconds < _LAST_SECOND else None


def tree_of(raw: bytes, place: str) -> list[Entry]:
    """Reads a tree. Names that no path can hold (empty, `.`, `..`, with a slash) are left out.

    Raises:
        SourceError: it is cut.
    """
    entries: list[Entry] = []
    at = 0
    while at < len(raw):
        blank, end = raw.find(b" ", at), raw.find(b"\0", at)
        if not at < blank < end or end + 21 > len(raw):
            raise SourceError(place, "is no tree: an entry is cut", "Repair the repository (git fsck).")
        name = text_of(raw[blank + 1 : end])
        if name not in ("", ".", "..") and "/" not in name:
            entries.append(Entry(name, text_of(raw[at:blank]), raw[end + 1 : end + 21].hex()))
        at = end + 21
    return entries


def target_of(tag: bytes) -> str | None:
    """Returns what an annotated tag points at."""
    line = tag.partition(b"\n")[0]
    target = line.removeprefix(b"object ").decode("ascii", "replace")
    return target if OBJECT_ID.fullmatch(target) else None


def patch(base: bytes, delta: bytes, limit: int) -> bytes:
    """Applies a delta.

    Raises:
        ValueError: it does not fit its base, or makes more than `limit` bytes.
    """
    size, at = _varint(delta, 0)
    if size != len(base):
        raise ValueError("a delta does not fit its base")
    size, at = _varint(delta, at)
    if size > limit:
        raise ValueError(f"an object is longer than {limit} bytes")
    parts: list[bytes] = []
    made = 0
    while at < len(delta) and made <= size:
        part, at = _step(base, delta, at)
        parts.append(part)
        made += len(part)
    if made != size:
        raise ValueError("a delta makes another length than it says")
    return b"".join(parts)


def _step(base: bytes, delta: bytes, at: int) -> tuple[bytes, int]:
    order = delta[at]
    at += 1
    if not order & 0x80:
        if order == 0 or at + order > len(delta):
            raise ValueError("a delta is cut")
        return delta[at : at + order], at + order
    offset = length = 0
    for bit in range(7):
        if order & (1 << bit):
            if at >= len(delta):
                raise ValueError("a delta is cut")
            if bit < 4:
                offset |= delta[at] << (8 * bit)
            else:
                length |= delta[at] << (8 * (bit - 4))
            at += 1
    length = length or 0x10000
    if offset + length > len(base):
        raise ValueError("a delta copies from beyond its base")
    return base[offset : offset + length], at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a length is cut")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
