"""Files of others, opened safely: the one door through which ingestors read.

A path may be relative to the project file's folder or absolute. Links are followed only as long as they stay inside
that folder; for a path that the options place elsewhere, inside its part before the first wildcard. Only regular files
are opened. `.gz` is read through. What cannot be read as a whole is a `SourceError`; one line or record that cannot be
read comes marked (`Cut`, `Malformed`), so that the reader can skip it by name and go on.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import stat
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Context
from catalog.model.instants import TIES, Instant
from ingestors.documents import json_value, yaml_value

_WILD: Final = re.compile(r"[*?\[]")
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_SHOWN: Final = 200


class Cut(str):
    """The beginning of a line or record that could not be read whole: over the limit, or the input ends within it."""

    quotes: int = 0
    """How many double quotes the whole of it has."""

    @classmethod
    def of(cls, text: str, quotes: int) -> Cut:
        cut = cls(text)
        cut.quotes = quotes
        return cut


class Malformed(dict[str, str]):
    """A record that does not fit the header; holds what could be told."""

    def __init__(self, fields: dict[str, str], problem: str) -> None:
        super().__init__(fields)
        self.problem = problem


class Reader:
    """Reads files for one source, within its limits."""

    def __init__(self, context: Context) -> None:
        self._limits = context.limits
        self._root = Path(os.path.normpath(Path.cwd() / context.root))
        self._fences = {self._root.resolve()}
        """Folders that files may lie in: the project's, and those that the options name."""

    # --- paths ------------------------------------------------------------------------------------------------------

    def paths(self, pattern: str) -> list[Path]:
        """Returns the file of that path, or the files that a pattern with `*`, `?`, `[...]` or `**` matches, sorted.

        Raises:
            SourceError: there is none, it is no regular file, or a link leads out of the folder that it may be in.
        """
        _refuse_nul(pattern)
        whole = self._place(pattern)
        if os.path.lexists(whole) or not _WILD.search(pattern):
            return [self._inside(whole, self._fence(whole))]
        base, rest = _split(whole)
        fence = self._fence(base)
        found: list[Path] = []
        for path in base.glob(rest) if base.is_dir() else ():
            if not path.is_dir():
                found.append(self._inside(path, fence))
            if len(found) > self._limits.files:
                raise LimitError(
                    pattern,
                    f"matches more than {self._limits.files} files",
                    "Write a narrower pattern, or several sources.",
                )
        if not found:
            raise SourceError(pattern, "matches no file", f"Correct the pattern; it starts at {str(self._root)!r}.")
        return sorted(found, key=os.fspath)

    def folder(self, path: str) -> Path:
        """Returns an existing folder.

        Raises:
            SourceError: it does not exist, is no folder, or a link leads out of the project's folder.
        """
        _refuse_nul(path)
        whole = self._place(path)
        fence = self._fence(whole)
        if not whole.is_dir():
            raise SourceError(path, "is no folder", f"Correct the path; it starts at {str(self._root)!r}.")
        _stay(whole, fence)
        return whole

    def label(self, path: Path) -> str:
        """Returns the path as origins show it: from the project's folder on where it is inside, else absolute."""
        try:
            shown = path.relative_to(self._root).as_posix()
        except ValueError:
            shown = path.as_posix()
        return os.fsencode(shown).decode("utf-8", "replace")

    def modified(self, path: Path) -> Instant:
        """Returns the file's time: a stand-in for inputs that have no clock."""
        try:
            return Instant(path.stat().st_mtime_ns // 1000 * TIES)
        except OSError as err:
            raise self._unreadable(path, err) from err

    def _place(self, path: str) -> Path:
        return Path(os.path.normpath(self._root / path))

    def _fence(self, base: Path) -> Path:
        """Links may lead anywhere below this."""
        fence = (self._root if base.is_relative_to(self._root) else base).resolve()
        self._fences.add(fence)
        return fence

    def _inside(self, path: Path, fence: Path) -> Path:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as err:
            raise self._unreadable(path, err) from err
        _stay(path, fence)
        if not stat.S_ISREG(mode):
            what = "is a folder" if stat.S_ISDIR(mode) else "is no regular file"
            raise SourceError(self.label(path), what, "Name a file, or a pattern such as 'folder/*.json'.")
        return path

    # --- content ----------------------------------------------------------------------------------------------------

    def data(self, path: Path) -> bytes:
        """Returns the whole content.

        Raises:
            SourceError: it cannot be read, or is longer than the limit of documents.
        """
        limit = self._limits.document_bytes
        with self._open(path) as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise LimitError(
                self.label(path), f"is longer than {limit} bytes", "Split it, or raise the limit of documents."
            )
        return content

    def text(self, path: Path) -> str:
        """Returns the whole content as text: UTF-8 without byte order mark; bytes that are none become U+FFFD."""
        return self.data(path).decode("utf-8", "replace").removeprefix("\ufeff")

    def json(self, path: Path) -> Any:
        """Returns the value of a JSON file; see `documents.json_value`.

        Raises:
            SourceError: it is no JSON, or deeper than the limit; with line and column.
        """
        return json_value(self.text(path), self.label(path), self._limits.depth)

    def yaml(self, path: Path) -> Any:
        """Returns the value of a YAML file of one document; see `documents.yaml_value`.

        Raises:
            SourceError: it is no YAML, has tags of a programming language, or is over a limit; with line and column.
        """
        return yaml_value(self.text(path), self.label(path), self._limits)

    def lines(self, path: Path) -> Iterator[tuple[int, str]]:
        """Yields number and text of each line, without its end; a line over the limit comes as `Cut`."""
        limit, total = self._limits.record_bytes, 0
        with self._open(path) as file:
            for number, line in enumerate(iter(lambda: file.readline(limit + 1), b""), 1):
                total += len(line)
                if len(line) > limit and not line.endswith(b"\n"):
                    dropped, quotes = _drop_line(file)
                    total += dropped
                    text: str = Cut.of(line[:_SHOWN].decode("utf-8", "replace"), quotes + line.count(b'"'))
                else:
                    text = line.rstrip(b"\r\n").decode("utf-8", "replace")
                if total > self._limits.file_bytes:
                    raise LimitError(self.label(path), f"is longer than {self._limits.file_bytes} bytes", "Split it.")
                yield number, text.removeprefix("\ufeff") if number == 1 and text[:1] == "\ufeff" else text

    def rows(self, path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
        """Yields number and fields of each CSV record, empty ones left out.

        A record that is over the limit is a list of one `Cut`. So is the first line of one whose quote is never closed;
        what follows that line is read again.
        """
        yield from enumerate((fields for _, fields in self.lined_rows(path, delimiter)), 1)

    def lined_rows(self, path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
        """Yields the same as `rows`, each with the number of the line that it begins on."""
        csv.field_size_limit(self._limits.record_bytes)
        feed = _Feed(self.lines(path), self._limits.record_bytes, delimiter)
        yield from ((line, fields) for line, fields in feed.rows() if fields)

    def records(self, path: Path, delimiter: str = ",") -> Iterator[tuple[int, dict[str, str]]]:
        """Yields number (the first after the header is 1) and fields by header of each CSV record.

        One that is cut, or has more or fewer fields than the header, comes as `Malformed`.

        Raises:
            SourceError: there is no header, or it names a column twice.
        """
        rows = self.rows(path, delimiter)
        _, header = next(rows, (0, []))
        header = [] if any(isinstance(name, Cut) for name in header) else [name.strip() for name in header]
        twice = next((name for name, count in Counter(header).items() if count > 1), None)
        if not header or twice is not None:
            problem = "has no header" if not header else f"names the column {twice!r} twice"
            raise SourceError(self.label(path), problem, "Write one line with the names of the columns first.")
        for number, fields in rows:
            record = dict(zip(header, fields, strict=False))
            if isinstance(fields[0], Cut):
                yield number - 1, Malformed(record, "is too long, or its quote is never closed")
            elif len(fields) != len(header):
                yield number - 1, Malformed(record, f"has {len(fields)} fields: expected {len(header)}")
            else:
                yield number - 1, record

    @contextmanager
    def _open(self, path: Path) -> Iterator[IO[bytes]]:
        try:
            real = path.resolve(strict=True)
            if not any(real.is_relative_to(fence) for fence in self._fences):
                raise _escape(path, self._root)
            raw = os.fdopen(os.open(real, _OPEN), "rb")
        except (OSError, ValueError, RuntimeError) as err:
            raise self._unreadable(path, err) from err
        with raw:
            if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
                raise SourceError(self.label(path), "is no regular file", "Name a file.")
            try:
                if path.suffix == ".gz":
                    with gzip.open(raw, "rb") as unpacked:
                        yield io.BufferedReader(unpacked)
                else:
                    yield raw
            except (OSError, EOFError, zlib.error) as err:
                raise self._unreadable(path, err) from err

    def _unreadable(self, path: Path, err: Exception) -> SourceError:
        why = getattr(err, "strerror", None) or str(err) or type(err).__name__
        return SourceError(self.label(path), f"cannot be read: {why}", "Correct the path, the permissions or the file.")


class _Feed:
    """Gives lines to a CSV reader, and knows which of them make the record that is being read."""

    def __init__(self, lines: Iterator[tuple[int, str]], limit: int, delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._limit = limit
        self._record: list[tuple[int, str]] = []
        self._size = 0
        self._ended = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        numbered = next(self._lines, None)
        if numbered is None:
            self._ended = True
            raise StopIteration
        self._record.append(numbered)
        line = numbered[1]
        self._size += len(line)
        if self._size > self._limit or isinstance(line, Cut):
            raise csv.Error("over the limit")
        return line + "\n"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self, delimiter=self._delimiter)
        while True:
            self._record, self._size = [], 0
            try:
                fields: list[str] = next(reader)
            except StopIteration:
                return
            except csv.Error:
                fields = [Cut(self._record[0][1][:_SHOWN])]
                self._drop_record()
                reader = csv.reader(self, delimiter=self._delimiter)
            begins = self._record[0][0]
            if self._ended and _quotes(self._texts()) % 2:
                fields = [Cut(self._record[0][1][:_SHOWN])]
                self._lines, self._ended = iter(self._record[1:]), False
                reader = csv.reader(self, delimiter=self._delimiter)
            yield begins, fields

    def _texts(self) -> list[str]:
        return [line for _, line in self._record]

    def _drop_record(self) -> None:
        """Passes over the rest of a record that is over the limit."""
        quotes = _quotes(self._texts())
        self._record = self._record[:1]
        while quotes % 2 and (numbered := next(self._lines, None)) is not None:
            quotes += _quotes([numbered[1]])


def _quotes(lines: list[str]) -> int:
    return sum(line.quotes if isinstance(line, Cut) else line.count('"') for line in lines)


def _split(pattern: Path) -> tuple[Path, str]:
    """Parts a pattern before its first wildcard."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if _WILD.search(part))
    return Path(*parts[:first]), "/".join(parts[first:])


def _stay(path: Path, fence: Path) -> None:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as err:
        raise SourceError(str(path), "is a link that leads nowhere", "Correct or remove the link.") from err
    if not real.is_relative_to(fence):
        raise _escape(path, fence)


def _escape(path: Path, fence: Path) -> SourceError:
    remedy = "Copy the file to where the link is, or name it outright."
    return SourceError(str(path), f"is a link out of {str(fence)!r}", remedy)


def _refuse_nul(path: str) -> None:
    if "\0" in path or not path:
        raise SourceError(repr(path), "is no path", "Name a file, a folder or a pattern.")


def _drop_line(file: IO[bytes]) -> tuple[int, int]:
    """Passes over the rest of a line; returns its bytes and its double quotes."""
    dropped, quotes = 0, 0
    while part := file.readline(1 << 20):
        dropped, quotes = dropped + len(part), quotes + part.count(b'"')
        if part.endswith(b"\n"):
            break
    return dropped, quotes
