"""What the SQL engine says of a text, remembered: a log repeats itself but for its literals."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from catalog.sql import Statement, Table, fingerprint
from ingestors.sql_log.claims import Item
from ingestors.sql_log.connections import Connection

MAX_KEPT: Final = 4_000
MAX_CHARACTERS: Final = 20_000
"""Longer texts are analysed each time."""

_CHANGES_ROWS: Final = frozenset({"insert", "update", "delete", "merge", "truncate", "copy_in", "copy_out", "select"})
"""Kinds that leave a session's names as they were."""
_CHANGES_SERVER: Final = ("create", "alter", "drop", "rename", "swap", "clone", "select_into")
"""Kinds that change what names mean in every session."""
_LITERAL: Final = re.compile(
    r"""("(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/)|'(?:[^']|'')*'|(?<![\w$.])\d{4,}(?:\.\d+)?\b""", re.DOTALL
)
_CHANGES: Final = re.compile(r"(?:insert|update|delete|merge)\b", re.IGNORECASE)
_NAMED_BY_LITERAL: Final = re.compile(
    r"\bpivot\b|\bunpivot\b|\bexecute\b|->|#>|\[|\\|\$\$|\bread_|\btable\s*\(", re.IGNORECASE
)


@dataclass(slots=True)
class Analysed:
    """A statement, and what was made of it for each table that it writes."""

    statement: Statement
    built: dict[tuple[Table, bool], tuple[Item, ...]] = field(default_factory=dict)
    _fingerprint: str = ""

    def fingerprint(self, dialect: str | None) -> str:
        if not self._fingerprint:
            self._fingerprint = fingerprint(self.statement.text, dialect)
        return self._fingerprint


class Analyses:
    """The newest analyses, by text and by what a session knows."""

    def __init__(self, literals: bool) -> None:
        self._literals = literals
        self._kept: OrderedDict[tuple[object, ...], list[Analysed]] = OrderedDict()
        self._shared = 0

    def of(self, text: str, connection: Connection) -> list[Analysed]:
        """Returns the statements of a text, analysed in a session or as one before it."""
        key = None if len(text) > MAX_CHARACTERS else (self._normal(text), self._shared, *connection.state())
        found = self._kept.pop(key, None) if key is not None else None
        if found is None:
            found = [Analysed(statement) for statement in connection.session.analyze(text).statements]
            if not all(one.statement.kind in _CHANGES_ROWS and not one.statement.temporary for one in found):
                self._changed(found, connection)
                return found
        if key is not None:
            self._kept[key] = found
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found

    def _changed(self, found: list[Analysed], connection: Connection) -> None:
        connection.version += 1
        if any(not one.statement.temporary and one.statement.kind.startswith(_CHANGES_SERVER) for one in found):
            self._shared += 1

    def _normal(self, text: str) -> str:
        """Returns a text that is the same for texts whose difference cannot matter.

        Short numbers stay: `GROUP BY 1` names a column.
        """
        if self._literals or _CHANGES.match(text) is None or _NAMED_BY_LITERAL.search(text) is not None:
            return text
        return _LITERAL.sub(lambda found: found[1] or "?", text)
