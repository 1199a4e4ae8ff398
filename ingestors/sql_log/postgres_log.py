"""PostgreSQL's server log, as csvlog or jsonlog: records in one form, and what clients sent read out of their messages.

A statement shows as `statement: ...` before it runs (log_statement), as `duration: N ms  statement: ...` after it has run
(log_min_duration_statement), or both; in the extended protocol as `execute NAME: ...`, beside parse and bind. That it
failed is told by a later record of its session. Hence two passes: the first finds what failed, so that the second
knows the outcome of every statement at its place, and neither keeps the log in memory.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from catalog.model.facts import Origin, Skip
from ingestors.sql_log.events import Clock, End, Failure, Message

Event = Message | Failure | End | Skip


class Record(NamedTuple):
    """One record of the log; texts are empty where it has none."""

    time: str
    user: str
    database: str
    session: str
    line: int
    transaction: str
    severity: str
    message: str
    detail: str
    query: str
    backend: str


_ERRORS: Final = frozenset({"ERROR", "FATAL", "PANIC"})
_SENT: Final = re.compile(
    r"(?:duration: (?P<ms>[\d.]+) ms  )?(?:statement|execute (?!fetch from )[^:]*): (?P<text>.*)", re.DOTALL
)
_SESSIONS_KEPT: Final = 100_000


def of_csv(fields: list[str]) -> Record:
    """Reads a row of csvlog; versions 9.0 to 17 have 23 to 26 fields of the same order.

    Raises:
        ValueError: it is none.
    """
    if len(fields) < 23:
        raise ValueError(f"it has {len(fields)} fields, expected 23 or more")
    return Record(
        fields[0], fields[1], fields[2], fields[5], int(fields[6]), fields[9], fields[11], fields[13], fields[14],
        fields[19], fields[23] if len(fields) > 23 else "",
    )  # fmt: skip


_JSON_KEYS: Final = ("timestamp", "user", "dbname", "session_id")
_JSON_TEXTS: Final = ("vxid", "error_severity", "message", "detail", "statement", "backend_type")


def of_json(value: Any) -> Record:
    """Reads an object of jsonlog, which leaves empty keys out.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, dict) or "timestamp" not in value:
        raise ValueError("expected an object with 'timestamp'")
    time, user, database, session = (str(value.get(key, "")) for key in _JSON_KEYS)
    line = int(value.get("line_num", 0))
    return Record(time, user, database, session, line, *(str(value.get(key, "")) for key in _JSON_TEXTS))


# --- the first pass --------------------------------------------------------------------------------------------------


class Failed:
    """The statements that failed, by session and line."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._found: set[tuple[str, int]] = set()
        running: OrderedDict[str, tuple[int, int]] = OrderedDict()
        for record in records:
            if record.severity in _ERRORS:
                line, text = running.pop(record.session, (0, 0))
                if line and (not record.query or hash(record.query.strip()) == text):
                    self._found.add((record.session, line))
            elif (sent := _SENT.fullmatch(record.message)) is not None:
                running.pop(record.session, None)
                if sent["ms"] is None:
                    running[record.session] = (record.line, hash(sent["text"].strip()))
                    if len(running) > _SESSIONS_KEPT:
                        running.popitem(last=False)

    def __contains__(self, record: Record) -> bool:
        return (record.session, record.line) in self._found


# --- the second pass -------------------------------------------------------------------------------------------------


class Events:
    """Turns records into events; keeps what a session's next record may complete."""

    def __init__(self, failed: Failed) -> None:
        self._failed = failed
        self._clock = Clock()
        self._running: OrderedDict[str, str] = OrderedDict()

    def of(self, record: Record, origin: Origin) -> Iterator[Event]:
        """Yields what one record tells."""
        sent = _SENT.fullmatch(record.message)
        if record.severity in _ERRORS:
            if self._running.pop(record.session, None) is None or record.query:
                yield Failure(record.session)
            if record.severity != "ERROR":
                yield End(record.session)
        elif sent is not None:
            yield from self._sent(record, sent, origin)
        elif record.message.startswith("disconnection: "):
            yield End(record.session)
        elif record.backend == "postmaster" and record.message.startswith("database system is ready"):
            yield End(None)

    def _sent(self, record: Record, sent: re.Match[str], origin: Origin) -> Iterator[Event]:
        text, before = sent["text"], self._running.pop(record.session, None)
        if sent["ms"] is None:
            self._running[record.session] = text
            if len(self._running) > _SESSIONS_KEPT:
                self._running.popitem(last=False)
        elif text == before:
            return  # the same statement a second time, now with its duration
        moment, known = read_time(record.time)
        if not known:
            yield Skip("unsupported", f"the time zone of {record.time!r} is not known: taken for UTC", origin)
        detail = record.detail
        yield Message(
            text=text,
            at=self._clock.tick(moment),
            origin=origin,
            session=record.session,
            database=record.database or None,
            user=record.user or None,
            ok=record not in self._failed,
            prepared=detail.removeprefix("prepare: ") if detail.startswith("prepare: ") else None,
            transaction="" if record.transaction.endswith("/0") else record.transaction or None,
        )


def events(read: Callable[[], Iterator[tuple[Origin, Record | Skip]]]) -> Iterator[Event]:
    """Yields what a log tells, in its order; `read` is called twice."""
    second = Events(Failed(record for _, record in read() if isinstance(record, Record)))
    for origin, record in read():
        if isinstance(record, Skip):
            yield record
            continue
        try:
            yield from second.of(record, origin)
        except ValueError as err:
            yield Skip("unreadable", f"the record's time {record.time!r} is none ({err})", origin)


# --- times -----------------------------------------------------------------------------------------------------------

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ?([A-Za-z]+|[+-]\d\d(?::?\d\d)?)?")
_ZONES: Final[dict[str, float]] = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "SAST": 2,
    "EEST": 3, "MSK": 3, "EAT": 3, "GST": 4, "PKT": 5, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10,
    "ACDT": 10.5, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ADT": -3, "AST": -4, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6,
    "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
"""Hours east of Greenwich of the abbreviations that PostgreSQL writes; those that mean two zones are not among them (CST, IST)."""


def read_time(text: str) -> tuple[datetime, bool]:
    """Returns a log's time, and whether its zone is known; an unknown one is taken for UTC.

    Raises:
        ValueError: it is no time.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("expected 2026-03-02 01:00:00.123 UTC")
    naive, zone = datetime.fromisoformat(match[1]), match[2] or "UTC"
    if zone[0] in "+-":
        return datetime.fromisoformat(f"{match[1]}{zone}"), True
    if zone.upper() not in _ZONES:
        return naive.replace(tzinfo=UTC), False
    return naive.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone.upper()]))), True
