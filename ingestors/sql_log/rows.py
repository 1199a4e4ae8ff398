"""Rows of exported tables: CSV with a header, a JSON array of objects, or one JSON object a line, whatever the case of the names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from ingestors.documents import json_value
from ingestors.reading import Cut, Malformed, Reader

Row = dict[str, Any]
"""Names in lower case. Values of CSV are texts, and so are JSON's but for arrays and objects."""

_DEPTH: Final = 64


def rows(reader: Reader, path: Path) -> Iterator[tuple[Origin, Row | Skip]]:
    """Yields the rows of a file with their places; the format is told by its first character.

    Raises:
        SourceError: the file as a whole is none of the three.
    """
    first = next((line.lstrip() for _, line in reader.lines(path) if line.strip()), "")
    if first.startswith("["):
        yield from _array(reader, path)
    elif first.startswith("{"):
        yield from _lines(reader, path)
    else:
        yield from _table(reader, path)


def _array(reader: Reader, path: Path) -> Iterator[tuple[Origin, Row | Skip]]:
    label = reader.label(path)
    value = reader.json(path)
    for number, item in enumerate(value if isinstance(value, list) else ()):
        origin = Origin(label, f"/{number}")
        yield origin, _object(item, origin)


def _lines(reader: Reader, path: Path) -> Iterator[tuple[Origin, Row | Skip]]:
    label = reader.label(path)
    for number, line in reader.lines(path):
        origin = Origin(label, str(number))
        if isinstance(line, Cut):
            yield origin, Skip("too_large", "the line is longer than the limit of records", origin)
        elif line.strip():
            try:
                yield origin, _object(json_value(line, str(origin), _DEPTH), origin)
            except SourceError as err:
                yield origin, Skip("unreadable", f"the line is no JSON: {err.problem}", origin)


def _table(reader: Reader, path: Path) -> Iterator[tuple[Origin, Row | Skip]]:
    label = reader.label(path)
    for number, record in reader.records(path):
        origin = Origin(label, f"record {number}")
        if isinstance(record, Malformed):
            yield origin, Skip("unreadable", f"the record {record.problem}", origin)
        else:
            yield origin, lowered(record)


def _object(value: Any, origin: Origin) -> Row | Skip:
    if not isinstance(value, dict):
        return Skip("unreadable", "expected an object with the columns of the row", origin)
    return {str(key).strip().lower(): _text(item) for key, item in value.items()}


def _text(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return value
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def lowered(record: Mapping[str, str]) -> dict[str, str]:
    """Returns a record with its names in lower case."""
    return {key.strip().lower(): value for key, value in record.items()}


def pick(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Returns the first of these columns that holds text; empty if none does."""
    return next((value for name in names if isinstance(value := row.get(name), str) and value), "")
