"""What `headwater sql` is given: texts from files or a pipe, and the columns that are known."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from catalog.model.errors import UsageError
from catalog.sql.names import split_name

Columns: TypeAlias = "dict[tuple[str, ...], Mapping[str, str | None] | Sequence[str]]"

_FORMS: Final = (
    'JSON as {"schema.table": ["column", ...]}, {"table": {"column": "type"}} or {"schema": {"table": [...]}}, '
    "or CSV with the headers table_name and column_name, as information_schema.columns gives it"
)


def texts(files: Sequence[str]) -> list[tuple[str, str]]:
    """Returns each file's name and text; `-` or none is standard input, whose name is empty.

    Raises:
        UsageError: it is not text in UTF-8, or nothing is piped in.
    """
    found = []
    for name in files or ("-",):
        if name == "-" and sys.stdin.isatty():
            raise UsageError("headwater sql: no FILE is given and nothing is piped in. Try `headwater sql --help`.")
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        found.append(("" if name == "-" else name, _decoded(raw, name)))
    return found


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        where = "standard input" if name == "-" else name
        raise UsageError(f"{where}: byte {err.start} is not UTF-8. Convert the text: `iconv -t utf-8` does.") from err


def known_columns(path: str) -> Columns:
    """Reads the columns of tables.

    Raises:
        UsageError: the file has none of the forms.
    """
    text = _decoded(Path(path).read_bytes(), path)
    if text.lstrip()[:1] in "{[":
        try:
            return dict(_tables(json.loads(text), (), path))
        except ValueError as err:
            raise UsageError(f"{path}: not JSON: {err}. Expected {_FORMS}.") from err
    return _from_csv(text, path)


def _tables(said: object, outer: tuple[str, ...], path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yields the tables of a mapping, whose names may be spread over levels: database, schema, table."""
    if not isinstance(said, dict):
        raise UsageError(f"{path}: {json.dumps(said)[:60]} stands where tables should. Expected {_FORMS}.")
    for name, value in said.items():
        table = (*outer, name) if outer else split_name(name)
        if (isinstance(value, list) and all(isinstance(column, str) for column in value)) or (
            isinstance(value, dict) and all(kind is None or isinstance(kind, str) for kind in value.values())
        ):
            yield table, value
        else:
            yield from _tables(value, table, path)


def _from_csv(text: str, path: str) -> Columns:
    tables: Columns = {}
    for row in csv.DictReader(text.splitlines()):
        cells = {key.strip().lower(): value for key, value in row.items() if key and value}
        if not {"table_name", "column_name"} <= cells.keys():
            said = ", ".join(cells)
            raise UsageError(f"{path}: a row has no table_name or no column_name, but {said}. Expected {_FORMS}.")
        parts = (cells.get("table_catalog"), cells.get("table_schema"), cells["table_name"])
        columns: Any = tables.setdefault(tuple(part for part in parts if part), {})
        columns[cells["column_name"]] = cells.get("data_type")
    if not tables:
        raise UsageError(f"{path}: it lists no columns. Expected {_FORMS}.")
    return tables
