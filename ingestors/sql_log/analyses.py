"""What the SQL engine says of a text, remembered: a log repeats itself but for its literals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from catalog.model.facts import Origin
from catalog.sql import Statement, Table, fingerprint
from ingestors.sql_log.bounded import Bounded
from ingestors.sql_log.claims import Claims, Item
from ingestors.sql_log.connections import Connection
from ingestors.sql_log.trial import Trial

MAX_WEIGHT: Final = 20_000
"""Facts, about a kilobyte each."""
MAX_CHARACTERS: Final = 20_000
"""Longer texts are analysed each time."""

_CHANGES_ROWS: Final = frozenset({"insert", "update", "delete", "merge", "truncate", "copy_in", "copy_out", "select"})
"""Kinds that leave a session's names as they were."""
_CHANGES_SERVER: Final = ("create", "alter", "drop", "rename", "swap", "clone", "select_into")
"""Kinds that change what names mean in every session."""
_LITERAL: Final = re.compile(
    r"""("(?:[^"]|"")*"|--[^\n]*|/\*(?:.*?\*/|.*))|'(?:[^']|'')*'|(?<![\w$.])\d{4,}(?:\.\d+)?\b""", re.DOTALL
)
_CHANGES: Final = re.compile(r"(?:insert|update|delete|merge)\b", re.IGNORECASE)
_NAMED_BY_LITERAL: Final = re.compile(
    r"\bpivot\b|\bunpivot\b|\bexecute\b|->|#>|\[|\\|\$\$|\bread_|\btable\s*\(", re.IGNORECASE
)


@dataclass(slots=True)
class Analysed:
    """A statement, and what is said of it; the statement itself without its flows, which hold its tree.

    Attributes:
        filled: Tables of which it fills columns from others.
        starred: Tables whose columns it takes by a star.
        lineage: What it says of each table that it writes.
    """

    statement: Statement
    filled: frozenset[Table]
    starred: frozenset[Table]
    lineage: dict[Table, tuple[Item, ...]]
    _fingerprint: str = ""

    def fingerprint(self, dialect: str | None) -> str:
        """Returns the name of statements like this one."""
        if not self._fingerprint:
            self._fingerprint = fingerprint(self.statement.text, dialect)
        return self._fingerprint

    def weight(self) -> int:
        """Returns roughly how many facts' memory it takes."""
        return 1 + len(self.statement.text) // 500 + sum(map(len, self.lineage.values()))


class Analyses:
    """The newest analyses, by text and by what a session knows."""

    def __init__(self, claims: Claims, trial: Trial) -> None:
        self._claims, self._trial = claims, trial
        self._kept: Bounded[tuple[object, ...], list[Analysed]] = Bounded(MAX_WEIGHT)
        self._shared = 0

    def of(self, text: str, connection: Connection, origin: Origin) -> list[Analysed]:
        """Returns the statements of a text, analysed in a session or as one before it."""
        key = None if len(text) > MAX_CHARACTERS else (self._normal(text), self._shared, *connection.state())
        found = self._kept.get(key) if key is not None else None
        if found is not None:
            return found
        refused = self._trial.refused(text)
        statements = (refused,) if refused is not None else connection.session.analyze(text).statements
        found = [self._analysed(statement, origin) for statement in statements]
        if not all(one.statement.kind in _CHANGES_ROWS and not one.statement.temporary for one in found):
            self._changed(found, connection)
        elif key is not None:
            self._kept.put(key, found, sum(one.weight() for one in found))
        return found

    def _analysed(self, statement: Statement, origin: Origin) -> Analysed:
        written = () if statement.temporary else statement.writes
        return Analysed(
            replace(statement, flows=(), influences=()),
            frozenset(flow.target.table for flow in statement.flows),
            frozenset(flow.source.table for flow in statement.flows if flow.by_star),
            {table: tuple(self._claims.lineage(statement, table, origin)) for table in written},
        )

    def _changed(self, found: list[Analysed], connection: Connection) -> None:
        connection.version += 1
        if any(not one.statement.temporary and one.statement.kind.startswith(_CHANGES_SERVER) for one in found):
            self._shared += 1

    def _normal(self, text: str) -> str:
        """Returns a text that is the same for texts whose difference cannot matter.

        Short numbers stay: `GROUP BY 1` names a column.
        """
        if self._claims.literals or _CHANGES.match(text) is None or _NAMED_BY_LITERAL.search(text) is not None:
            return text
        return _LITERAL.sub(lambda found: found[1] or "?", text)
