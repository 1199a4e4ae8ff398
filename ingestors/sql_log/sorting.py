"""Records put into the order of time, however many: runs of a bounded size on disk, then merged."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Any, Final

MAX_CHARACTERS: Final = 64_000_000
"""Of records that are held in memory at once."""

Keyed = tuple[list[Any], Any]
"""A key of numbers and texts, and any JSON value."""


def in_order(records: Iterable[Keyed], limit: int = MAX_CHARACTERS) -> Iterator[Keyed]:
    """Yields the records by key; those of equal keys in the order in which they came."""
    with ExitStack() as stack:
        runs: list[IO[str]] = []
        held: list[tuple[list[Any], int, str]] = []
        size = 0
        for number, (key, value) in enumerate(records):
            text = json.dumps(value)
            held.append((key, number, text))
            size += len(text)
            if size > limit:
                runs.append(stack.enter_context(_written(held)))
                held, size = [], 0
        held.sort(key=_key)
        for key, _, text in heapq.merge(held, *map(_read, runs), key=_key):
            yield key, json.loads(text)


def _key(item: tuple[list[Any], int, str]) -> tuple[list[Any], int]:
    return item[0], item[1]


def _written(held: list[tuple[list[Any], int, str]]) -> IO[str]:
    held.sort(key=_key)
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # the caller's stack closes it
    for item in held:
        file.write(json.dumps(item) + "\n")
    file.seek(0)
    return file


def _read(file: IO[str]) -> Iterator[tuple[list[Any], int, str]]:
    for line in file:
        key, number, text = json.loads(line)
        yield key, number, text
