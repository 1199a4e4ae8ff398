"""What a log tells, in one form for all formats: messages of clients, failures, ends of sessions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from catalog.model.facts import Origin
from catalog.model.instants import Instant, instant


@dataclass(frozen=True, slots=True)
class Message:
    """A text that a client sent: one statement, or several with semicolons between.

    Attributes:
        session: Key of the connection; temporary tables, settings and transactions belong to it.
        database: Where names without a database belong; None where the log does not tell.
        db_schema: Where bare names belong, if the log tells that for each statement.
        ok: False if the server refused or took back all of it.
        prepared: The PREPARE that an EXECUTE runs, if the log repeats it.
        transaction: The server's own name of the transaction; empty if the session is in none any more, None where the
            log does not tell.
    """

    text: str
    at: Instant
    origin: Origin
    session: str
    database: str | None = None
    db_schema: str | None = None
    user: str | None = None
    ok: bool = True
    prepared: str | None = None
    transaction: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in a session that belongs to no message of the log."""

    session: str


@dataclass(frozen=True, slots=True)
class End:
    """A session is over; None ends all of them (the server started anew)."""

    session: str | None


class Clock:
    """Tells messages of one time stamp apart by ordinals, in the order of the log."""

    _KEPT = 256

    def __init__(self) -> None:
        self._next: OrderedDict[datetime, int] = OrderedDict()

    def tick(self, moment: datetime) -> Instant:
        """Returns the instant of the next message of that time stamp."""
        ordinal = self._next.pop(moment, 0)
        # A message may hold several statements; each takes an ordinal of its own, hence the distance.
        self._next[moment] = ordinal + STATEMENTS
        if len(self._next) > self._KEPT:
            self._next.popitem(last=False)
        return instant(moment, ordinal)


STATEMENTS = 16
"""Ordinals that a message has for its statements; more than that share the ordinals of what follows."""
