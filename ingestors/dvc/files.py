"""Where a project's metadata files are read from: a folder, or one commit. The dvc program is never run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

from catalog.model.errors import LimitError, SourceError
from catalog.model.facts import Origin
from catalog.model.ingest import Limits
from catalog.model.instants import Instant
from ingestors.git import Commit, History
from ingestors.reading import Reader

CONFIG: Final = ".dvc/config"
_PASSED_OVER: Final = frozenset({".git", ".dvc", ".venv", "node_modules", "__pycache__"})


def is_metadata(name: str) -> bool:
    """Returns whether a file of that name says something about data."""
    return name in ("dvc.yaml", "dvc.lock") or (name.endswith(".dvc") and name != ".dvc")


class Files(Protocol):
    """The files of a project at one time; paths start at the project's folder."""

    def metadata(self) -> Mapping[str, str]:
        """Returns the paths of `*.dvc`, `dvc.yaml` and `dvc.lock` files, sorted, each with what its content is told by.

        Raises:
            SourceError: a folder cannot be read.
        """
        ...

    def data(self, path: str) -> bytes | None:
        """Returns the content of a file, None if there is no such file.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def origin(self, path: str, place: str | None = None) -> Origin: ...


class TreeFiles:
    """The files of a folder as they stand."""

    def __init__(self, reader: Reader, folder: Path, limits: Limits) -> None:
        self._reader, self._folder, self._limits = reader, folder, limits
        self._found: dict[str, str] | None = None

    def metadata(self) -> Mapping[str, str]:
        if self._found is None:
            self._found = dict.fromkeys(sorted(self._walk()), "")
        return self._found

    def data(self, path: str) -> bytes | None:
        whole = self._folder / path
        if not whole.is_file() or not whole.resolve().is_relative_to(self._folder.resolve()):
            return None
        return self._reader.data(whole)

    def origin(self, path: str, place: str | None = None) -> Origin:
        return Origin(self._reader.label(self._folder / path), place)

    def modified(self) -> Instant | None:
        """Returns the time of the metadata file that was changed last."""
        return max((self._reader.modified(self._folder / path) for path in self.metadata()), default=None)

    def _walk(self) -> Iterator[str]:
        seen = 0
        for base, folders, names in os.walk(self._folder):
            tracked = {name.removesuffix(".dvc") for name in names if name.endswith(".dvc")}
            folders[:] = sorted(f for f in folders if f not in _PASSED_OVER and f not in tracked)
            seen += len(names)
            if seen > self._limits.files:
                raise LimitError(
                    self._reader.label(self._folder),
                    f"holds over {self._limits.files} files",
                    "Name the project's folder.",
                )
            yield from ((Path(base) / n).relative_to(self._folder).as_posix() for n in names if is_metadata(n))


class CommitFiles:
    """The files of one commit."""

    def __init__(self, history: History, commit: Commit, below: str) -> None:
        self._history, self._commit = history, commit
        self._below = f"{below.strip('/')}/" if below.strip("/") else ""
        self._found: dict[str, str] | None = None

    def metadata(self) -> Mapping[str, str]:
        if self._found is None:
            found = self._history.files(self._commit, is_metadata)
            below = {
                path.removeprefix(self._below): blob for path, blob in found.items() if path.startswith(self._below)
            }
            self._found = {path: blob for path, blob in below.items() if not path.startswith(".dvc/")}
        return self._found

    def data(self, path: str) -> bytes | None:
        blob = self._history.find(self._commit, self._below + path)
        return None if blob is None else self._history.data(blob)

    def origin(self, path: str, place: str | None = None) -> Origin:
        at = f"{self._commit.id[:12]}:{self._below}{path}"
        return Origin(self._history.place, at if place is None else f"{at}#{place}")


def required(files: Files, path: str) -> bytes:
    """Returns the content of a file that was listed.

    Raises:
        SourceError: it cannot be read, or is gone.
    """
    data = files.data(path)
    if data is None:
        raise SourceError(str(files.origin(path)), "is no regular file of the project", "Correct or remove it.")
    return data
