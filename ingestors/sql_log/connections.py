"""A client's session as the SQL engine needs it: where bare names belong, what is prepared, which temporary tables there are."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.sql import Schema, Session
from ingestors.sql_log.events import Message
from ingestors.sql_log.transactions import bare

MAX_SESSIONS: Final = 1_000
"""Sessions that are kept open; of those that the log does not end, the longest idle is taken for over."""

_NAME: Final = r'("[^"]+"|[\w$]+)'
_PREPARE: Final = re.compile(
    rf"prepare\s+{_NAME}\s*(?:\((?:[^()]|\([^()]*\))*\))?\s+as\s+(?P<body>.+)", re.IGNORECASE | re.DOTALL
)
_EXECUTE: Final = re.compile(rf"execute\s+{_NAME}\s*(?:\(.*\))?", re.IGNORECASE | re.DOTALL)
_PATH: Final = r"(?:search_path|schema|current_schema)\s*(?:to\s|=)\s*(?P<path>.+)"
_ROLE_PATH: Final = re.compile(
    rf"alter\s+(?P<what>role|user|database)\s+{_NAME}\s+(?:in\s+database\s+\S+\s+)?set\s+{_PATH}",
    re.IGNORECASE | re.DOTALL,
)
_SET_LOCAL: Final = re.compile(rf"set\s+local\s+{_PATH}", re.IGNORECASE | re.DOTALL)
_SET_CONFIG: Final = re.compile(r"set_config\s*\(\s*'search_path'\s*,\s*'(?P<path>[^']*)'", re.IGNORECASE)
_RESET: Final = re.compile(
    r"(?:reset\s+(?:all|search_path)|discard\s+all|set\s+(?:session\s+)?search_path\s*(?:to\s|=)\s*default)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Connection:
    """One session.

    Attributes:
        first_path: The search path that it began with, to which RESET returns.
        version: Grows with whatever changes what names mean in the session.
        outer_path: The search path outside of the transaction that set another with SET LOCAL.
    """

    key: str
    session: Session
    first_path: tuple[str, ...]
    version: int = 0
    outer_path: tuple[str, ...] | None = None
    prepared: dict[str, str] = field(default_factory=dict)

    def enter(self, message: Message) -> None:
        """Takes over the context that a log tells for each statement."""
        tables = self.session.tables
        if message.database is not None:
            tables.database = message.database
        if message.db_schema is not None:
            tables.search_path = (message.db_schema,)
        if message.prepared is not None:
            self.remember(message.prepared)

    def state(self) -> tuple[object, ...]:
        """Returns what an analysis depends on besides the text: equal states of one session give equal answers."""
        tables = self.session.tables
        return (self.key if self.version else "", self.version, tables.database, tables.search_path)

    def effective(self, text: str) -> str:
        """Returns what a statement runs: the prepared text for an EXECUTE."""
        word = bare(text)
        self.remember(word)
        found = _EXECUTE.fullmatch(word)
        return self.prepared.get(found[1].strip('"').lower(), text) if found is not None else text

    def remember(self, text: str) -> None:
        found = _PREPARE.fullmatch(bare(text))
        if found is not None:
            self.prepared[found[1].strip('"').lower()] = found["body"]

    def settle(self, text: str) -> None:
        """Applies settings that the engine does not know."""
        word = bare(text)
        tables = self.session.tables
        if _RESET.fullmatch(word):
            tables.search_path = self.first_path
        elif (found := _SET_CONFIG.search(word)) is not None:
            tables.search_path = read_path(found["path"]) or tables.search_path

    def before(self, text: str) -> None:
        """Notes what the end of the transaction brings back."""
        if self.outer_path is None and _SET_LOCAL.fullmatch(bare(text)):
            self.outer_path = self.session.tables.search_path

    def end_transaction(self) -> None:
        if self.outer_path is not None:
            self.session.tables.search_path = self.outer_path
            self.outer_path = None


def prepared_body(text: str) -> str | None:
    """Returns the statement that a PREPARE prepares; None if the text is no PREPARE."""
    found = _PREPARE.fullmatch(text)
    return found["body"] if found is not None else None


def read_path(text: str) -> tuple[str, ...]:
    """Returns the schemas of a search path as written in a setting."""
    parts = (part.strip().strip("'").strip() for part in text.split(","))
    named = (part.strip('"') if part.startswith('"') else part.lower() for part in parts)
    return tuple(part for part in named if part and part not in ("$user", "pg_catalog"))


class Connections:
    """The open sessions of a server, and the search paths that its roles and databases begin with."""

    def __init__(
        self, dialect: str | None, schema: Schema, database: str | None, path: Sequence[str], limit: int
    ) -> None:
        self._dialect, self._schema, self._database, self._path = dialect, schema, database, tuple(path)
        self._limit = limit
        self._open: OrderedDict[str, Connection] = OrderedDict()
        self._defaults: dict[tuple[str, str], tuple[str, ...]] = {}
        self._server = Session(dialect, schema)

    def get(self, message: Message) -> tuple[Connection, str | None]:
        """Returns the message's connection, and the key of one that is taken for over."""
        found = self._open.pop(message.session, None)
        connection = found or self._new(message)
        self._open[message.session] = connection
        connection.enter(message)
        over = self._open.popitem(last=False)[0] if len(self._open) > MAX_SESSIONS else None
        return connection, over

    def _new(self, message: Message) -> Connection:
        database = message.database or self._database
        role = self._defaults.get(("role", message.user or "")) or self._defaults.get(("database", database or ""))
        path = role or self._path
        session = Session(self._dialect, self._schema, database, None, path, self._limit)
        session.join(self._server)
        return Connection(message.session, session, path)

    def end(self, session: str | None) -> None:
        if session is None:
            self._open.clear()
        else:
            self._open.pop(session, None)

    def end_transaction(self, session: str | None) -> None:
        connection = self._open.get(session or "")
        if connection is not None:
            connection.end_transaction()

    def note_default(self, text: str) -> None:
        """Notes the search path that ALTER ROLE or ALTER DATABASE gives to sessions to come."""
        found = _ROLE_PATH.fullmatch(bare(text))
        if found is not None:
            what = "database" if found["what"].lower() == "database" else "role"
            self._defaults[what, found[2].strip('"')] = read_path(found["path"])
