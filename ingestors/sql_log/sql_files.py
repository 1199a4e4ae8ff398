"""Plain `.sql` files: each a session of its own, in the order of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from catalog.model.instants import Instant
from ingestors.reading import Reader
from ingestors.sql_log.events import End, Message
from ingestors.sql_log.splitting import split
from ingestors.sql_log.transactions import lead

_META: Final = re.compile(r"^\\(?P<name>[a-z!?]+)[^\n]*$", re.MULTILINE)
_COPIED: Final = re.compile(
    r"^(copy\s[^;]*\sfrom\s+stdin[^;]*;)[ \t]*\n(.*?)^\\\.$", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
"""Rows that pg_dump writes among the statements."""
_RUNS_MORE: Final = frozenset({"i", "ir", "include", "include_relative", "copy", "gexec", "!"})
"""Commands of psql after which something is missing; the others change nothing that matters here."""


def file_events(pattern: str, dialect: str | None, context: Context) -> Iterator[Message | End | Skip]:
    """Yields the statements of each file; all files share `at`, else each has its own time."""
    reader = Reader(context)
    number = 0
    for path in reader.paths(pattern):
        label = reader.label(path)
        if context.at is None:
            number = 0
        at = context.at if context.at is not None else reader.modified(path)
        text = reader.text(path)
        yield from _commands(text, label)
        text = _COPIED.sub(lambda found: found[1] + "\n" * (found[2].count("\n") + 1), text)
        for statement, breaks in split(_META.sub("", text), dialect):
            line = 1 + breaks + statement.count("\n", 0, lead(statement))
            origin = Origin(label, str(line))
            yield Message(statement, Instant(at + number), origin, label, transaction=None)
            number += 1
        yield End(label)


def _commands(text: str, label: str) -> Iterator[Skip]:
    for found in _META.finditer(text):
        if found["name"] in _RUNS_MORE:
            line = text.count("\n", 0, found.start()) + 1
            message = f"what the psql command '\\{found['name']}' runs is not read"
            yield Skip("unsupported", message, Origin(label, str(line)))
