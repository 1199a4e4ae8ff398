"""Snowflake's QUERY_HISTORY, exported as CSV or JSON: statements with their outcome, session and context."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from ingestors.reading import Reader
from ingestors.sql_log.events import Clock, Message
from ingestors.sql_log.postgres_log import read_time
from ingestors.sql_log.rows import Row, pick, rows
from ingestors.sql_log.sorting import Keyed, in_order

_PARENTS: Final = frozenset({"multi_statement", "multi-statement"})
"""Kinds of records whose statements have records of their own."""
_CALLS_KEPT: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CUT: Final = 100_000
"""QUERY_TEXT holds no more characters than this."""


def history_events(pattern: str, context: Context) -> Iterator[Message | Skip]:
    """Yields the statements by the time at which they started, whatever the order of the export."""
    reader = Reader(context)
    clock = Clock()
    calls: OrderedDict[str, tuple[str, Origin]] = OrderedDict()
    for key, found in in_order(_keyed(reader, pattern)):
        origin = Origin(*found["origin"])
        if "skip" in found:
            yield Skip(found["skip"][0], found["skip"][1], origin)
            continue
        row: Row = found["row"]
        for name in ("parent_query_id", "root_query_id"):
            calls.pop(pick(row, (name,)), None)
        if _is_call(row):
            calls[pick(row, ("query_id",))] = (_procedure(row), origin)
            if len(calls) > _CALLS_KEPT:
                yield _unknown_call(*calls.popitem(last=False)[1])
        elif pick(row, ("query_type",)).lower() not in _PARENTS:
            yield _message(row, clock, key[0], origin)
    for call in calls.values():
        yield _unknown_call(*call)


def _keyed(reader: Reader, pattern: str) -> Iterator[Keyed]:
    for path in reader.paths(pattern):
        for origin, row in rows(reader, path):
            place = [origin.path, origin.place]
            if isinstance(row, Skip):
                yield [0, ""], {"origin": place, "skip": [row.code, row.message]}
                continue
            try:
                moment = read_moment(pick(row, ("start_time", "end_time")))
            except (ValueError, OverflowError) as err:
                yield [0, ""], {"origin": place, "skip": ["unreadable", f"the record's START_TIME is no time ({err})"]}
                continue
            if not pick(row, ("query_text",)):
                yield [0, ""], {"origin": place, "skip": ["unreadable", "the record has no QUERY_TEXT"]}
                continue
            micros = (moment - _EPOCH) // timedelta(microseconds=1)
            yield [micros, pick(row, ("query_id",))], {"origin": place, "row": _needed(row)}


_NEEDED: Final = (
    "query_id", "query_text", "database_name", "schema_name", "query_type", "session_id", "user_name", "execution_status",
    "error_code", "parent_query_id", "root_query_id",
)  # fmt: skip


def _needed(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _NEEDED if row.get(name)}


def _message(row: Row, clock: Clock, micros: int, origin: Origin) -> Message:
    status = pick(row, ("execution_status",)).upper()
    return Message(
        text=pick(row, ("query_text",)),
        at=clock.tick(_EPOCH + timedelta(microseconds=micros)),
        origin=origin,
        session=pick(row, ("session_id",)) or str(origin),
        database=pick(row, ("database_name",)) or None,
        db_schema=pick(row, ("schema_name",)) or None,
        user=pick(row, ("user_name",)) or None,
        ok=status in ("SUCCESS", "") and not pick(row, ("error_code",)),
    )


def _is_call(row: Row) -> bool:
    return pick(row, ("query_type",)).upper() == "CALL" and pick(row, ("execution_status",)).upper() in ("SUCCESS", "")


def _procedure(row: Row) -> str:
    words = pick(row, ("query_text",)).split("(")[0].split()
    return words[-1] if words else ""


def _unknown_call(procedure: str, origin: Origin) -> Skip:
    return Skip(
        "unsupported", f"what the procedure '{procedure}' does is not known: no statement of it is in the log", origin
    )


def read_moment(text: str) -> datetime:
    """Returns a time as Snowflake exports it: with or without zone, or seconds (with fraction), or milliseconds since 1970.

    Raises:
        ValueError: it is none of them.
    """
    bare = text.strip()
    if bare.replace(".", "", 1).isascii() and bare.replace(".", "", 1).isdigit():
        number = float(bare)
        return _EPOCH + timedelta(seconds=number / 1000 if number > 1e11 else number)
    for read in (datetime.fromisoformat, _spaced, parsedate_to_datetime):
        try:
            moment = read(bare)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    raise ValueError("expected such as 2026-03-02 01:00:00.123 -0800")


def _spaced(text: str) -> datetime:
    date, _, rest = text.partition(" ")
    time, _, zone = rest.partition(" ")
    return read_time(f"{date} {time[:15]} {zone}".strip())[0]
