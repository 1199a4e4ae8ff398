"""Event files: one JSON event a line, one event, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import InvalidTimeError, LimitError, SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from catalog.model.instants import TIES, Instant, parse
from ingestors.documents import json_value
from ingestors.openlineage.said import Event
from ingestors.reading import Cut, Reader
from ingestors.values import mapping, text

_OLDEST: Final = parse("2000-01-01")
_AHEAD: Final = timedelta(days=1) // timedelta(microseconds=1) * TIES


class EventFile:
    """The events of one file, in order, and a skip for each that cannot be read."""

    def __init__(self, reader: Reader, context: Context, path: Path) -> None:
        self._reader, self._path = reader, path
        self._depth = context.limits.depth
        self._now = context.now
        self.label = reader.label(path)

    def __iter__(self) -> Iterator[Event | Skip]:
        for place, value in self._values():
            origin = Origin(self.label, place or None)
            if isinstance(value, Skip):
                yield value
            else:
                yield event_of(value, origin, self._now)

    def _values(self) -> Iterator[tuple[str, Any]]:
        document = self._document() if self._is_document() else None
        if document is None:
            yield from self._lines()
        elif isinstance(document, list):
            yield from ((f"/{index}", value) for index, value in enumerate(document))
        else:
            yield "", document

    def _is_document(self) -> bool:
        """Whether the first line is not a value by itself: then the file is one value, or the line is broken."""
        for _, line in self._reader.lines(self._path):
            if line.strip():
                return isinstance(self._parsed(line, "1"), Skip) or line.lstrip()[0] == "["
        return False

    def _document(self) -> Any:
        try:
            return self._reader.json(self._path)
        except LimitError:
            return None
        except SourceError:
            # Only a file that begins as a list or as an object over several lines can be nothing else.
            first = next((line.strip() for _, line in self._reader.lines(self._path) if line.strip()), "")
            if first[:1] == "[" or first == "{":
                raise
            return None

    def _lines(self) -> Iterator[tuple[str, Any]]:
        for number, line in self._reader.lines(self._path):
            if line.strip():
                yield str(number), self._parsed(line, str(number))

    def _parsed(self, line: str, place: str) -> Any:
        origin = Origin(self.label, place)
        if isinstance(line, Cut):
            return Skip("too_large", "the line is over the limit of records", origin)
        try:
            return json_value(line, self.label, self._depth)
        except SourceError as error:
            return Skip("unreadable", f"the line {error.problem}", origin)


def event_of(value: Any, origin: Origin, now: Instant) -> Event | Skip:
    """Returns the event that a JSON value is, or why it is none."""
    if not isinstance(value, dict):
        return Skip("unreadable", "the event is no JSON object", origin)
    stamp = text(value.get("eventTime"))
    at = _time(stamp)
    if at is None or not _OLDEST <= at <= now + _AHEAD:
        return Skip("unreadable", f"eventTime {stamp!r} is no time, before 2000, or ahead of the clock", origin)
    return Event(value, at, origin)


def _time(stamp: str | None) -> Instant | None:
    try:
        return parse(stamp) if stamp and "#" not in stamp else None
    except InvalidTimeError:
        return None


def kind_of(event: Event) -> str | None:
    """Returns run, dataset or job: what the event is about, by what it holds."""
    return next((kind for kind in ("run", "dataset", "job") if mapping(event.body.get(kind))), None)
