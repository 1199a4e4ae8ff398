"""The files of PostgreSQL's log: `postgres-csvlog` and `postgres-jsonlog`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from ingestors.documents import json_value
from ingestors.reading import Cut, Reader
from ingestors.sql_log.events import Message
from ingestors.sql_log.postgres_log import Event, Record, events, of_csv, of_json

_DEPTH: Final = 20
_NONE: Final = (
    "no record tells of a statement: expected messages such as 'statement: ...'; "
    "set log_statement or log_min_duration_statement, and lc_messages to C"
)

Records = Callable[[Reader, Path], Iterator[tuple[Origin, Record | Skip]]]


def csv_records(reader: Reader, path: Path) -> Iterator[tuple[Origin, Record | Skip]]:
    """Yields the records of a csvlog file; a statement in one may span lines."""
    label = reader.label(path)
    for number, fields in reader.rows(path):
        origin = Origin(label, f"record {number}")
        try:
            if isinstance(fields[0], Cut):
                raise ValueError("it is too long, or its quote is never closed")
            yield origin, of_csv(fields)
        except ValueError as err:
            yield origin, Skip("unreadable", f"no record of csvlog: {err}", origin)


def json_records(reader: Reader, path: Path) -> Iterator[tuple[Origin, Record | Skip]]:
    """Yields the records of a jsonlog file, one object a line."""
    label = reader.label(path)
    for number, line in reader.lines(path):
        origin = Origin(label, str(number))
        if not line.strip():
            continue
        try:
            if isinstance(line, Cut):
                raise ValueError("the line is longer than the limit of records")
            yield origin, of_json(json_value(line, str(origin), _DEPTH))
        except (ValueError, SourceError) as err:
            yield origin, Skip("unreadable", f"no record of jsonlog: {err}", origin)


def postgres_events(reader: Reader, pattern: str, records: Records) -> Iterator[Event]:
    """Yields what the files tell, those first that begin first: a session may go on in the next."""
    paths = sorted(reader.paths(pattern), key=lambda path: (_begin(reader, path, records), str(path)))

    def read() -> Iterator[tuple[Origin, Record | Skip]]:
        for path in paths:
            yield from records(reader, path)

    found = False
    for event in events(read):
        found = found or isinstance(event, Message)
        yield event
    if not found:
        yield Skip("ignored", _NONE, Origin(reader.label(paths[0])))


def _begin(reader: Reader, path: Path, records: Records) -> str:
    return next((record.time for _, record in records(reader, path) if isinstance(record, Record)), "")


READERS: Final[dict[str, Records]] = {"postgres-csvlog": csv_records, "postgres-jsonlog": json_records}
