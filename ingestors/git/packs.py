"""Pack files: many objects in one file, most of them as deltas of another.

Format: `gitformat-pack`, version 2 of packs and of their indexes, SHA-1 ids. A folder's pack comes with an index; a
bundle's does not, so it is read through once to find where the objects lie.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from typing import IO, Final

from catalog.model.errors import LimitError, SourceError
from ingestors.git.objects import TYPES, patch

Raw = tuple[str, bytes]
"""Type and content of an object."""

_OFS_DELTA, _REF_DELTA = 6, 7
_CHAIN: Final = 4096
_CHUNK: Final = 1 << 16
_HEADER: Final = 32
_CACHED_BYTES: Final = 1 << 25
_REPAIR: Final = "Repair the repository (git fsck), or make the bundle again."


@dataclass(frozen=True, slots=True)
class _Head:
    """How an object begins: `base` is an offset or an id, for deltas."""

    kind: int
    size: int
    data: int
    base: int | bytes | None


class Index:
    """Where a pack's objects lie, from the `.idx` file beside it."""

    def __init__(self, raw: bytes, place: str) -> None:
        if raw[:8] != b"\xfftOc\0\0\0\x02" or len(raw) < 1032 + 40:
            raise SourceError(place, "is no index of version 2", "Repack the repository (git repack -ad).")
        self._raw = raw
        self._fan = struct.unpack_from(">256I", raw, 8)
        self.count = self._fan[255]
        if len(raw) < 1032 + 28 * self.count + 40 or list(self._fan) != sorted(self._fan):
            raise SourceError(place, "is an index that is cut", "Repack the repository (git repack -ad).")

    def find(self, object_id: bytes) -> int | None:
        """Returns the offset of an object."""
        low, high = self._fan[object_id[0] - 1] if object_id[0] else 0, self._fan[object_id[0]]
        at = bisect_left(range(high), object_id, low, high, key=self._id)
        if at >= high or self._id(at) != object_id:
            return None
        offset: int = struct.unpack_from(">I", self._raw, 1032 + 24 * self.count + 4 * at)[0]
        if offset < 1 << 31:
            return offset
        far = 1032 + 28 * self.count + 8 * (offset & 0x7FFFFFFF)
        return struct.unpack_from(">Q", self._raw, far)[0] if far + 8 <= len(self._raw) else None

    def _id(self, at: int) -> bytes:
        return self._raw[1032 + 20 * at : 1052 + 20 * at]


class Pack:
    """Reads single objects out of a pack.

    Args:
        begin: Where the pack starts in the file.
        limit: Largest object in bytes.
        outside: Finds the base of a delta that lies in another pack.
    """

    def __init__(
        self, file: IO[bytes], place: str, *, limit: int, begin: int = 0, outside: Callable[[bytes], Raw] | None = None
    ) -> None:
        self._file, self._place, self._limit, self._begin = file, place, limit, begin
        self._outside = outside
        self._cache: dict[int, Raw] = {}
        self._cached = 0
        head = self._bytes(0, 12)
        if len(head) < 12 or head[:4] != b"PACK" or struct.unpack(">I", head[4:8])[0] not in (2, 3):
            raise SourceError(place, "is no pack of version 2", _REPAIR)
        self.count: int = struct.unpack(">I", head[8:12])[0]
        self.find: Callable[[bytes], int | None] = lambda _: None

    def read(self, offset: int) -> Raw:
        """Returns the object that begins there, its deltas applied.

        Raises:
            SourceError: the pack is damaged, or the base of a delta is not there.
            LimitError: the object, or one that it is made of, is too large.
        """
        deltas: list[tuple[int, bytes]] = []
        made: Raw | None = None
        while made is None:
            if offset in self._cache:
                made = self._cache[offset]
                break
            head = self._head(offset)
            content = self._inflate(head)
            if head.base is None:
                made = (TYPES[head.kind], content)
                self._keep(offset, made)
                break
            deltas.append((offset, content))
            if len(deltas) > _CHAIN:
                raise SourceError(self._place, f"has a chain of over {_CHAIN} deltas", _REPAIR)
            offset, made = self._base(head.base)
        for start, delta in reversed(deltas):
            made = (made[0], self._patch(made[1], delta))
            self._keep(start, made)
        return made

    def scan(self, budget: int) -> dict[bytes, int]:
        """Reads the whole pack once and returns where each object lies. Objects over the limit and deltas without their
        base are left out.

        Args:
            budget: Most bytes that all objects together may unpack to.
        """
        found: dict[bytes, int] = {}
        deltas: list[int] = []
        offset = 12
        for _ in range(self.count):
            start, head = offset, self._head(offset)
            offset, digest, unpacked = self._pass(head)
            budget -= unpacked
            if budget < 0:
                raise LimitError(self._place, "unpacks to more than the limit of files", "Make a smaller bundle.")
            if head.base is None:
                found[digest] = start
            else:
                deltas.append(start)
        self.find = found.get
        self._resolve(found, deltas)
        return found

    def _resolve(self, found: dict[bytes, int], deltas: list[int]) -> None:
        waiting, later = deltas, list[int]()
        while waiting:
            for offset in waiting:
                try:
                    found[_id_of(*self.read(offset))] = offset
                except LimitError:
                    continue
                except SourceError:
                    later.append(offset)
            if len(later) == len(waiting):
                return
            waiting, later = later, []

    def _head(self, offset: int) -> _Head:
        raw = self._bytes(offset, _HEADER)
        if not raw:
            raise self._damaged("ends too early")
        kind, size, shift, at = raw[0] >> 4 & 7, raw[0] & 15, 4, 1
        while raw[at - 1] & 0x80:
            if at >= len(raw) or shift > 60:
                raise self._damaged("has an object without a length")
            size |= (raw[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
        if kind == _REF_DELTA:
            return _Head(kind, size, offset + at + 20, raw[at : at + 20])
        if kind == _OFS_DELTA:
            back, at = self._back(raw, at)
            return _Head(kind, size, offset + at, offset - back)
        if kind not in TYPES:
            raise self._damaged(f"has an object of type {kind}")
        return _Head(kind, size, offset + at, None)

    def _back(self, raw: bytes, at: int) -> tuple[int, int]:
        value = -1
        while at < len(raw):
            value = (value + 1) << 7 | raw[at] & 0x7F
            at += 1
            if not raw[at - 1] & 0x80:
                return value, at
        raise self._damaged("has a delta without a base")

    def _base(self, base: int | bytes) -> tuple[int, Raw | None]:
        if isinstance(base, bytes):
            offset = self.find(base)
            if offset is not None:
                return offset, None
            if self._outside is None:
                raise self._damaged(f"has a delta of {base.hex()}, which is not there")
            return 0, self._outside(base)
        if base < 12:
            raise self._damaged("has a delta of nothing")
        return base, None

    def _patch(self, base: bytes, delta: bytes) -> bytes:
        try:
            return patch(base, delta, self._limit)
        except ValueError as err:
            raise self._damaged(f"is damaged: {err}") from err

    def _inflate(self, head: _Head) -> bytes:
        if head.size > self._limit:
            raise LimitError(
                self._place, f"has an object of {head.size} bytes", f"At most {self._limit} are read; see the limits."
            )
        parts: list[bytes] = []
        self._stream(head, parts.append)
        return b"".join(parts)

    def _pass(self, head: _Head) -> tuple[int, bytes, int]:
        """Passes over an object; returns where the next begins, its id if it is no delta, and its length."""
        digest = sha1(b"%s %d\0" % (TYPES.get(head.kind, "").encode(), head.size), usedforsecurity=False)
        return self._stream(head, digest.update), digest.digest(), head.size

    def _stream(self, head: _Head, take: Callable[[bytes], object]) -> int:
        unpack, at, made = zlib.decompressobj(), head.data, 0
        while not unpack.eof:
            raw = unpack.unconsumed_tail or self._bytes(at, _CHUNK)
            at += 0 if unpack.unconsumed_tail else len(raw)
            try:
                content = unpack.decompress(raw, _CHUNK)
            except zlib.error as err:
                raise self._damaged(f"is damaged: {err}") from err
            made += len(content)
            if made > head.size or (not raw and not content):
                raise self._damaged("has an object of another length than it says")
            take(content)
        if made != head.size:
            raise self._damaged("has an object of another length than it says")
        return at - len(unpack.unused_data)

    def _keep(self, offset: int, made: Raw) -> None:
        self._cached += len(made[1])
        if self._cached > _CACHED_BYTES:
            self._cache.clear()
            self._cached = len(made[1])
        self._cache[offset] = made

    def _bytes(self, offset: int, size: int) -> bytes:
        self._file.seek(self._begin + offset)
        return self._file.read(size)

    def _damaged(self, problem: str) -> SourceError:
        return SourceError(self._place, problem, _REPAIR)


def _id_of(kind: str, content: bytes) -> bytes:
    return sha1(b"%s %d\0" % (kind.encode(), len(content)) + content, usedforsecurity=False).digest()
