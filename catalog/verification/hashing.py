"""Digests of files, read as streams with flat memory, below a folder that no link leads out of.

A folder's digest is the one that DVC records: md5 of the JSON list of its files, ordered by path, with `.dir` behind it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

CHUNK: Final = 1 << 20
MAX_FILES: Final = 1_000_000
_NOFOLLOW: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
ALGORITHMS: Final = {"md5": "md5", "md5-dos2unix": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}
"""Algorithms that can be recomputed from bytes alone, with the name that hashlib knows."""

Tell = Callable[[int], None]
"""Is told how many more bytes were read."""


class UnsafePathError(ValueError):
    """A path is absolute, leads up, or through a link."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder below a root."""

    root: Path
    path: str

    def parts(self) -> tuple[str, ...]:
        """Returns the components of the path.

        Raises:
            UnsafePathError: it could lead out of the root.
        """
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or "\0" in self.path or not path.parts:
            raise UnsafePathError(f"{self.path!r} leads out of its folder")
        return path.parts

    def open(self) -> int:
        """Returns a file descriptor, opened component by component without following links.

        Raises:
            UnsafePathError: it could lead out of the root.
            OSError: there is none, or a component is a link.
        """
        parts = self.parts()
        fd = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts:
                below = os.open(part, _NOFOLLOW, dir_fd=fd)
                os.close(fd)
                fd = below
        except BaseException:
            os.close(fd)
            raise
        return fd

    def digest(self, algorithm: str, tell: Tell = lambda _: None) -> str:
        """Returns the digest in hex, of a folder with `.dir` behind it.

        Args:
            algorithm: A key of `ALGORITHMS`.

        Raises:
            UnsafePathError: it could lead out of the root.
            OSError: it is not there, is neither file nor folder, or cannot be read.
        """
        fd = self.open()
        try:
            mode = os.fstat(fd).st_mode
            if stat.S_ISDIR(mode):
                return _folder(fd, algorithm, tell)
            if not stat.S_ISREG(mode):
                raise OSError(f"{self.path!r} is no regular file")
            return _bytes(fd, algorithm, tell)
        finally:
            os.close(fd)


def _bytes(fd: int, algorithm: str, tell: Tell) -> str:
    found = hashlib.new(ALGORITHMS[algorithm], usedforsecurity=False)
    as_unix = algorithm == "md5-dos2unix" and _is_text(fd)
    buffer = bytearray(CHUNK)
    held = b""
    while count := os.readv(fd, [buffer]):
        tell(count)
        if not as_unix:
            found.update(memoryview(buffer)[:count])
            continue
        block = held + bytes(memoryview(buffer)[:count])
        held = b"\r" if block.endswith(b"\r") else b""  # its line feed may be in the next block
        found.update(block[: len(block) - len(held)].replace(b"\r\n", b"\n"))
    found.update(held)
    return found.hexdigest()


def _is_text(fd: int) -> bool:
    """Returns whether DVC before version 3 would take it for text: no zero byte and few odd ones in its first 512 bytes."""
    head = os.pread(fd, 512, 0)
    odd = head.translate(None, bytes(range(32, 127)) + b"\n\r\t\f\b")
    return b"\0" not in head and len(odd) <= 0.3 * len(head)


def _folder(fd: int, algorithm: str, tell: Tell) -> str:
    name = "md5" if ALGORITHMS[algorithm] == "md5" else algorithm
    entries = sorted((path, digest) for path, digest in _files(fd, "", algorithm, tell))
    listing = json.dumps([{name: digest, "relpath": path} for path, digest in entries], sort_keys=True)
    return hashlib.new(ALGORITHMS[algorithm], listing.encode(), usedforsecurity=False).hexdigest() + ".dir"


def _files(fd: int, above: str, algorithm: str, tell: Tell) -> Iterator[tuple[str, str]]:
    """Yields every file below a folder with its digest; depth is limited by the names that a system can open."""
    with os.scandir(fd) as listing:
        names = sorted(entry.name for entry in listing)
    for name in names:
        below = os.open(name, _NOFOLLOW, dir_fd=fd)
        try:
            mode = os.fstat(below).st_mode
            if stat.S_ISDIR(mode):
                yield from _files(below, f"{above}{name}/", algorithm, tell)
            elif stat.S_ISREG(mode):
                yield f"{above}{name}", _bytes(below, algorithm, tell)
            else:
                raise OSError(f"{above}{name!r} is neither file nor folder")
        finally:
            os.close(below)
