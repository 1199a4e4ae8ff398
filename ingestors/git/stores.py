"""Where the objects and names of a repository lie: a folder or a bundle.

The git program is never run, its settings are never read. Nothing outside the folder is opened:
alternates, worktrees and links that lead out of it are not followed.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, Protocol

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Limits
from ingestors.git.objects import OBJECT_ID, text_of
from ingestors.git.packs import Index, Pack, Raw

_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_NAMES_BYTES: Final = 1 << 26
_LOOSE_NAMES: Final = 100_000


class Objects(Protocol):
    """Objects by id, and the names that point at them."""

    place: str

    def read(self, object_id: str) -> Raw | None:
        """Returns type and content; None if it is not there.

        Raises:
            SourceError: it is there and cannot be read.
        """
        ...

    def names(self) -> dict[str, str]:
        """Returns full names of branches and tags with what they point at, tags unpeeled."""
        ...

    def head(self) -> str:
        """Returns what HEAD holds: `ref: NAME`, an id, or nothing."""
        ...


class FolderObjects:
    """A repository's folder: `.git`, or a bare one."""

    def __init__(self, folder: Path, place: str, limits: Limits, files: ExitStack) -> None:
        self.place = place
        self._limits, self._files = limits, files
        inner = folder / ".git"
        self._folder = inner if inner.is_dir() and not inner.is_symlink() else folder
        self._real = self._folder.resolve()
        if not (self._folder / "objects").is_dir() or not (self._folder / "HEAD").is_file():
            raise SourceError(
                place, "is no Git repository", "Name a folder that has .git in it, a bare one, or a bundle."
            )
        self._packs = list(self._open_packs())

    def read(self, object_id: str) -> Raw | None:
        raw = bytes.fromhex(object_id)
        for index, pack in self._packs:
            offset = index.find(raw)
            if offset is not None:
                return pack.read(offset)
        return self._loose(object_id)

    def names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self._text("packed-refs", _NAMES_BYTES).splitlines():
            target, _, name = line.partition(" ")
            if OBJECT_ID.fullmatch(target):
                found[name] = target
        for path in self._walk(self._folder / "refs"):
            name = text_of(os.fsencode(path.relative_to(self._folder).as_posix()))
            target = self._text(name, 1024).strip()
            if OBJECT_ID.fullmatch(target):
                found[name] = target
        return found

    def head(self) -> str:
        return self._text("HEAD", 1024).strip()

    def _walk(self, folder: Path) -> Iterator[Path]:
        count = 0
        for base, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                count += 1
                if count > _LOOSE_NAMES:
                    raise LimitError(
                        self.place, f"has over {_LOOSE_NAMES} loose names", "Pack them (git pack-refs --all)."
                    )
                yield Path(base) / name

    def _open_packs(self) -> Iterator[tuple[Index, Pack]]:
        folder = self._folder / "objects" / "pack"
        for path in sorted(folder.glob("*.idx")) if folder.is_dir() else ():
            relative = path.relative_to(self._folder).as_posix()
            packed = self._file(relative.removesuffix(".idx") + ".pack")
            index = self._file(relative)
            if packed is None or index is None:
                continue
            raw = index.read(self._limits.document_bytes + 1)
            if len(raw) > self._limits.document_bytes:
                raise LimitError(f"{self.place}/{relative}", "is too long", "Raise the limit of documents.")
            found = Index(raw, f"{self.place}/{relative}")
            pack = Pack(packed, f"{self.place}/{relative}", limit=self._limits.record_bytes, outside=self._outside)
            pack.find = found.find
            yield found, pack

    def _outside(self, object_id: bytes) -> Raw:
        found = self.read(object_id.hex())
        if found is None:
            raise SourceError(f"{self.place}:{object_id.hex()}", "is not there", "Repair the repository (git fsck).")
        return found

    def _loose(self, object_id: str) -> Raw | None:
        file = self._file(f"objects/{object_id[:2]}/{object_id[2:]}", keep=False)
        if file is None:
            return None
        place, limit = f"{self.place}:{object_id}", self._limits.record_bytes
        with file:
            unpack = zlib.decompressobj()
            try:
                content = unpack.decompress(file.read(limit + 1024), limit + 64)
            except zlib.error as err:
                raise SourceError(place, f"is damaged: {err}", "Repair the repository (git fsck).") from err
        head, _, body = content.partition(b"\0")
        kind, _, size = head.partition(b" ")
        if len(body) > limit or not unpack.eof:
            raise LimitError(
                place, f"is longer than {limit} bytes, or cut", "Leave it out of the repository; see the limits."
            )
        if size != str(len(body)).encode():
            raise SourceError(place, "is damaged: its length differs", "Repair the repository (git fsck).")
        return text_of(kind), body

    def _text(self, name: str, limit: int) -> str:
        file = self._file(name, keep=False)
        if file is None:
            return ""
        with file:
            raw = file.read(limit + 1)
        if len(raw) > limit:
            raise LimitError(
                f"{self.place}/{name}", f"is longer than {limit} bytes", "Remove stale names, then pack them."
            )
        return text_of(raw)

    def _file(self, name: str, *, keep: bool = True) -> IO[bytes] | None:
        """Opens a regular file of the folder; None if it is none, or a link is on the way."""
        path = self._folder / name
        try:
            if not path.parent.resolve(strict=True).is_relative_to(self._real):
                return None
            file = os.fdopen(os.open(path, _OPEN), "rb")
        except (OSError, ValueError, RuntimeError):
            return None
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            return None
        return self._files.enter_context(file) if keep else file


class BundleObjects:
    """A bundle: names, then a pack. What lies before the commits that it builds on is not in it."""

    def __init__(self, path: Path, place: str, limits: Limits, files: ExitStack) -> None:
        self.place = place
        self._names: dict[str, str] = {}
        try:
            file = files.enter_context(os.fdopen(os.open(path.resolve(strict=True), _OPEN), "rb"))
        except (OSError, RuntimeError) as err:
            raise SourceError(place, f"cannot be read: {err}", "Correct the path or the permissions.") from err
        self._header(file)
        begin = file.tell()
        self._pack = Pack(file, place, limit=limits.record_bytes, begin=begin)
        self._pack.scan(limits.file_bytes)

    def read(self, object_id: str) -> Raw | None:
        offset = self._pack.find(bytes.fromhex(object_id))
        return None if offset is None else self._pack.read(offset)

    def names(self) -> dict[str, str]:
        return {name: target for name, target in self._names.items() if name != "HEAD"}

    def head(self) -> str:
        return self._names.get("HEAD", "")

    def _header(self, file: IO[bytes]) -> None:
        if file.readline(64) not in (b"# v2 git bundle\n", b"# v3 git bundle\n"):
            raise SourceError(
                self.place, "is no Git bundle of version 2 or 3", "Name a folder with .git in it, or a bundle."
            )
        total = 0
        for line in iter(lambda: file.readline(65536), b"\n"):
            total += len(line)
            if not line.endswith(b"\n") or total > _NAMES_BYTES:
                raise SourceError(self.place, "is a bundle whose head is cut", "Make the bundle again.")
            text = text_of(line.rstrip(b"\n"))
            if text.startswith("@"):
                self._capability(text[1:])
            elif not text.startswith("-"):
                target, _, name = text.partition(" ")
                if OBJECT_ID.fullmatch(target) and name:
                    self._names[name] = target

    def _capability(self, text: str) -> None:
        key, _, value = text.partition("=")
        if key == "filter" or (key == "object-format" and value == "sha1"):
            return
        raise SourceError(self.place, f"needs {text!r}", "Bundles of SHA-1 repositories are read: make one of these.")
