"""The files of a table's log: found below a folder, told apart by name, read action by action."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import LimitError, SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from ingestors.documents import json_value
from ingestors.reading import Cut, Reader

LOG: Final = "_delta_log"
_COMMIT: Final = re.compile(r"(\d{20})\.json", re.ASCII)
_COMPACTED: Final = re.compile(r"(\d{20})\.(\d{20})\.compacted\.json", re.ASCII)
_CHECKPOINT: Final = re.compile(r"(\d{20})\.checkpoint(\..+)?\.(json|parquet)", re.ASCII)
_CHECKSUM: Final = re.compile(r"(\d{20})\.crc", re.ASCII)

Json = dict[str, Any]


@dataclass(slots=True)
class Log:
    """The log of one table. Versions are numbers; ranges have both ends."""

    folder: Path
    path: str
    """The table's folder below the one that the source names, with `/` between; empty for that folder itself."""
    commits: dict[int, Path] = field(default_factory=dict)
    compacted: dict[tuple[int, int], Path] = field(default_factory=dict)
    checkpoints: dict[int, Path] = field(default_factory=dict)
    """In JSON."""
    binary: set[int] = field(default_factory=set)
    """Versions that a checkpoint in Parquet holds."""
    checksums: dict[int, Path] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The newest version that anything tells of; -1 for an empty log."""
        told = (*self.commits, *self.checkpoints, *self.binary, *self.checksums, *(end for _, end in self.compacted))
        return max(told, default=-1)

    def take(self, path: Path) -> None:
        """Files a path under what it is, by its name; others are none of ours."""
        name = path.name
        if found := _COMMIT.fullmatch(name):
            self.commits[int(found[1])] = path
        elif found := _COMPACTED.fullmatch(name):
            self.compacted[int(found[1]), int(found[2])] = path
        elif found := _CHECKPOINT.fullmatch(name):
            if found[3] == "json":
                self.checkpoints[int(found[1])] = path
            else:
                self.binary.add(int(found[1]))
        elif found := _CHECKSUM.fullmatch(name):
            self.checksums[int(found[1])] = path


def logs_below(reader: Reader, context: Context, path: str) -> list[Log]:
    """Returns the logs of all tables at and below a folder, in order of path. Links are not followed.

    Raises:
        SourceError: there is no such folder, or no table in it.
    """
    top = reader.folder(path)
    found: list[Log] = []
    for seen, (folder, below, _) in enumerate(os.walk(top, followlinks=False)):
        if seen >= context.limits.files:
            raise LimitError(path, f"holds more than {context.limits.files} folders", "Name a folder further down.")
        here = Path(folder)
        if LOG in below:
            found.append(_log(here, here.relative_to(top).as_posix().removeprefix(".")))
        below[:] = sorted(name for name in below if not name.startswith(("_", ".")))
    if not found:
        remedy = f"Name a folder with {LOG!r} in it, or one above."
        raise SourceError(path, "holds no Delta table", remedy)
    return sorted(found, key=lambda log: log.path)


def log_at(reader: Reader, path: str) -> Log | None:
    """Returns the log of the table in a folder; None if there is no table.

    Raises:
        SourceError: there is no such folder.
    """
    folder = reader.folder(path)
    return _log(folder, "") if (folder / LOG).is_dir() else None


def _log(folder: Path, path: str) -> Log:
    log = Log(folder, path)
    try:
        with os.scandir(folder / LOG) as entries:
            for name in sorted(entry.name for entry in entries):
                log.take(folder / LOG / name)
    except OSError:
        pass  # an empty log, which is told as one
    return log


def actions(reader: Reader, path: Path, depth: int) -> Iterator[tuple[str, Json] | Skip]:
    """Yields the actions of a commit, compaction or checkpoint in JSON, and a skip for each line that is none.

    Raises:
        SourceError: the file cannot be read.
    """
    label = reader.label(path)
    for number, line in reader.lines(path):
        if not line.strip():
            continue
        origin = Origin(label, str(number))
        if isinstance(line, Cut):
            yield Skip("too_large", "the line is over the limit of records", origin)
            continue
        try:
            value = json_value(line, label, depth)
        except SourceError as error:
            yield Skip("unreadable", f"the line {error.problem}", origin)
            continue
        said = (
            [(kind, body) for kind, body in value.items() if isinstance(body, dict)] if isinstance(value, dict) else []
        )
        if said:
            yield from said
        else:
            yield Skip("unreadable", "the line holds no action", origin)
