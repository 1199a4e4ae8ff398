"""What was not understood and belongs to no table: gathered, equal ones once, and said at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from catalog.model.facts import Skip, Snapshot
from catalog.model.instants import Instant

MAX_KEPT: Final = 1_000
"""Different ones; more of a code are counted with the last of it."""

MAX_SUBJECTS: Final = 1_000


class Skips:
    """Skips of one source, equal ones counted with the first place."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Skip] = {}

    def add(self, skip: Skip) -> None:
        key = (skip.code, skip.message)
        if key not in self._kept and len(self._kept) >= MAX_KEPT:
            key = (skip.code, "and others")
            skip = replace(skip, message="others of this kind", subjects=())
        found = self._kept.get(key)
        if found is not None:
            subjects = found.subjects if len(found.subjects) >= MAX_SUBJECTS else found.subjects + skip.subjects
            count = found.occurrences + skip.occurrences
            skip = replace(found, occurrences=count, subjects=tuple(dict.fromkeys(subjects)))
        self._kept[key] = skip

    def extend(self, skips: Iterable[Skip]) -> None:
        for skip in skips:
            self.add(skip)

    def snapshot(self, namespace: str, path: str, at: Instant, *, dated: bool) -> Snapshot:
        """Returns all of them, in place of those of the last reading of the same input."""
        return Snapshot(("sql-log", namespace, path), at, tuple(self._kept.values()), dated=dated)
