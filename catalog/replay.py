"""The log as files, and from one store into another: backup, restore, rebuild, export.

The log is the truth and the graph follows from it, so a copy of the log is a copy of the catalog: a backup is the log, a restore
is its replay, and moving from one kind of store to another is both at once.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

from catalog.model.canonical import dumps
from catalog.model.errors import EvidenceError, RefusedError, SourceError
from catalog.model.facts import write_scope
from catalog.model.instants import show
from catalog.store.log import change_of, is_purged
from catalog.store.port import Author, Claim, Commit, Store

Record = tuple[Commit, list[str]]
"""A header with the lines of its body."""

FORMAT: Final = "headwater.log/1"
_PAGE: Final = 200


def log_of(store: Store) -> Iterator[Record]:
    """Yields the log of a store from its start."""
    seq = 0
    while commits := store.commits(after=seq, limit=_PAGE):
        for commit in commits:
            yield commit, store.body(commit.seq)
        seq = commits[-1].seq


def replay(log: Iterable[Record], target: Store, progress: Callable[[int], None] = lambda _: None) -> int:
    """Applies a log to an empty store; returns how many commits it had. Every header must come out as it was.

    Raises:
        RefusedError: the store is not empty.
        EvidenceError: a commit does not come out as the log says.
    """
    if target.info().head:
        raise RefusedError(f"{target.url}: holds {target.info().head} commits: expected an empty store. Name another.")
    count, whole = 0, True
    for commit, lines in log:
        author = Author(commit.time, commit.actor, commit.source)
        whole = whole and not any(map(is_purged, lines))
        # What a purged line did to the counts, here and later, nobody knows any more but the header.
        made = target.apply(change_of(lines), author, lines=lines, counts=None if whole else commit.counts)
        if made != commit:
            raise EvidenceError(
                f"commit {commit.seq}: replaying gives the root {made.log_root!r}: expected {commit.log_root!r}. "
                "The log or the backup was altered; restore another one."
            )
        count += 1
        progress(count)
    return count


def write_backup(store: Store, path: Path) -> int:
    """Writes the log to a compressed file, whole or not at all; returns how many commits it has."""
    partial = path.with_name(path.name + ".part")
    count = 0
    with gzip.open(partial, "wt", encoding="utf-8", newline="\n", compresslevel=6) as file:
        file.write(json.dumps({"format": FORMAT}) + "\n")
        for commit, lines in log_of(store):
            file.write(json.dumps({"commit": {**asdict(commit), "counts": dict(commit.counts)}}) + "\n")
            file.writelines(line + "\n" for line in lines)
            count += 1
        file.write(json.dumps({"end": count}) + "\n")
    partial.replace(path)
    return count


def read_backup(path: Path) -> Iterator[Record]:
    """Yields the log in a backup.

    Raises:
        SourceError: the file is no backup, or it is cut short.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from _records(path, (line.rstrip("\n") for line in file))
    except (OSError, EOFError, UnicodeDecodeError) as err:
        raise SourceError(str(path), f"cannot be read ({err})", "Name another backup.") from err


def _records(path: Path, lines: Iterator[str]) -> Iterator[Record]:
    head = _object(path, next(lines, ""))
    if head.get("format") != FORMAT:
        raise SourceError(
            str(path), f"is no backup: expected the format {FORMAT!r}", "Name a file that `db backup` wrote."
        )
    count = 0
    for line in lines:
        said = _object(path, line)
        if "end" in said:
            if said["end"] != count:
                raise SourceError(str(path), f"holds {count} of {said['end']} commits", "Name another backup.")
            return
        commit = Commit(**said["commit"])
        yield commit, list(islice(lines, commit.lines))
        count += 1
    raise SourceError(str(path), f"ends after {count} commits without an end mark", "Name another backup.")


def _object(path: Path, line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except json.JSONDecodeError as err:
        raise SourceError(str(path), f"holds a line that is no JSON: {line[:60]!r}", "Name another backup.") from err
    return said if isinstance(said, dict) else {}


def export_lines(store: Store) -> Iterator[str]:
    """Yields every claim, open and closed, as canonical JSON: the same lines from every store that was told the same."""
    return map(_export_line, store.all_claims())


def _export_line(claim: Claim) -> str:
    spans = [[show(start), None if end is None else show(end)] for start, end in claim.spans]
    return f'{{"fact":{claim.body},"id":"{claim.fact.hex()}","scope":{dumps(write_scope(claim.scope))},"spans":{dumps(spans)}}}'
