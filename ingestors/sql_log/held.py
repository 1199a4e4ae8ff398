"""Ends and beginnings of tables that the same session may still complete.

A nightly DROP and CREATE, a swap by rename, a CREATE with the INSERT that fills it: each is one replacement, and the state in
between is nobody's definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from catalog.model.facts import Snapshot
from catalog.sql import Table

STATEMENTS: Final = 10_000
"""After so many statements of the log what is held is said."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is said of a table unless its session says more.

    Attributes:
        number: Of the statement in the log, counted by this reader.
        empty: The next INSERT of the session gives the whole content.
        made: The table is there (made without content); else it is gone.
    """

    number: int
    snapshots: tuple[Snapshot, ...] = ()
    empty: bool = True
    made: bool = True


class Holds:
    """What is held, by session and table."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, Table], Held] = {}

    def put(self, session: str, table: Table, held: Held) -> None:
        self._held.pop((session, table), None)
        self._held[session, table] = held

    def take(self, session: str, table: Table) -> Held | None:
        """Returns and forgets what is held: the session has completed it."""
        return self._held.pop((session, table), None)

    def release(self, session: str | None) -> Iterator[Snapshot]:
        """Yields what a session that is over (None: all of them) leaves as it is."""
        over = [key for key in self._held if session is None or key[0] == session]
        for key in over:
            yield from self._held.pop(key).snapshots

    def expire(self, number: int) -> Iterator[Snapshot]:
        """Yields what has been held for too many statements."""
        while self._held:
            key = next(iter(self._held))
            if self._held[key].number > number - STATEMENTS:
                return
            yield from self._held.pop(key).snapshots
