"""Logs of statements, written as the servers write them, and what a reading of them comes to."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.model.facts import Fact, Scope, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import Instant, parse
from catalog.model.nodes import Node
from ingestors.sql_log import SqlLogIngestor
from tests.store.definition import Record, Said

NAMESPACE = "postgres://db:5432"
START = datetime(2026, 2, 3, 4)  # noqa: DTZ001  # a log's time is written without an offset


@dataclass(frozen=True)
class Line:
    """One record of PostgreSQL's log.

    Attributes:
        second: Of its time stamp, counted from `START`; by default its place in the log.
        query: The text that an error belongs to.
    """

    session: str
    message: str
    severity: str = "LOG"
    second: int | None = None
    query: str = ""
    detail: str = ""
    user: str = "etl"
    database: str = "db"
    transaction: str = ""
    zone: str = "UTC"
    backend: str = "client backend"


def said(session: str, text: str, **fields: Any) -> Line:
    """Returns the record of log_statement: written before the statement runs."""
    return Line(session, f"statement: {text}", **fields)


def done(session: str, text: str, **fields: Any) -> Line:
    """Returns the record of log_min_duration_statement: written after the statement has run."""
    return Line(session, f"duration: 0.321 ms  statement: {text}", **fields)


def failed(session: str, text: str, **fields: Any) -> list[Line]:
    """Returns a statement and the error that it ended in."""
    return [said(session, text, **fields), Line(session, "it does not work", "ERROR", query=text, **fields)]


def timed(lines: Iterable[Line]) -> list[Line]:
    """Returns the lines with times, so that some can be taken out without moving the others."""
    return [replace(line, second=number) for number, line in enumerate(lines)]


def _rows(lines: Sequence[Line]) -> Iterable[dict[str, Any]]:
    numbers: dict[str, int] = {}
    for place, line in enumerate(lines):
        numbers[line.session] = numbers.get(line.session, 0) + 1
        moment = START + timedelta(seconds=place if line.second is None else line.second)
        yield {
            "timestamp": f"{moment:%Y-%m-%d %H:%M:%S}.000 {line.zone}", "user": line.user, "dbname": line.database,
            "pid": 100, "session_id": line.session, "line_num": numbers[line.session], "vxid": line.transaction,
            "error_severity": line.severity, "message": line.message, "detail": line.detail, "statement": line.query,
            "backend_type": line.backend,
        }  # fmt: skip


_CSV = (
    "timestamp", "user", "dbname", "pid", "", "session_id", "line_num", "", "", "vxid", "", "error_severity", "", "message",
    "detail", "", "", "", "", "statement", "", "", "", "backend_type", "", "",
)  # fmt: skip


def csvlog(lines: Sequence[Line]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([row.get(key, "") for key in _CSV] for row in _rows(lines))
    return out.getvalue()


def jsonlog(lines: Sequence[Line]) -> str:
    kept = ({key: value for key, value in row.items() if value != ""} for row in _rows(lines))
    return "".join(json.dumps(row) + "\n" for row in kept)


def read(
    folder: Path, files: dict[str, str], at: str | None = None, executor: Executor | None = None, **options: Any
) -> list[Snapshot]:
    """Writes files and reads them as a source with these options."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    given = {"path": next(iter(files)), "namespace": NAMESPACE, "format": "postgres-csvlog", **options}
    source = SqlLogIngestor(SqlLogIngestor.options.model_validate(given))
    moment = parse(at) if at is not None else None
    context = Context("test", folder, {}, parse("2026-11-21"), at=moment, executor=executor)
    return list(source.snapshots(context))


def read_lines(folder: Path, lines: Sequence[Line], **options: Any) -> list[Snapshot]:
    return read(folder, {"log.csv": csvlog(lines)}, **options)


def content(snapshots: Iterable[Snapshot]) -> list[tuple[Any, ...]]:
    """Returns what snapshots of tables say, without the places it was read at, in an order of its own."""
    return sorted(
        (one.scope, one.at, one.complete, sorted(one.unread), [_said(item) for item in one.facts])
        for one in snapshots
        if one.scope[0] == "sql"
    )


def _said(item: Fact | Skip) -> str:
    return item.body if isinstance(item, Fact) else f"{item.code}: {item.message}"


def skips(snapshots: Iterable[Snapshot]) -> list[Skip]:
    return [item for one in snapshots for item in one.facts if isinstance(item, Skip)]


def edges(facts: Iterable[Fact]) -> set[str]:
    """Returns edges as short text: `t.a < r.b identity`, `t < r`; the database and the schema `public` are left out."""
    found: set[str] = set()
    for fact in facts:
        edge = fact.element
        if not isinstance(edge, Node):
            subtype = edge.properties().get("subtype", "")
            found.add(f"{_short(edge.start.parts)} < {_short(edge.end.parts)} {subtype}".strip())
    return found


def _short(parts: tuple[str, ...]) -> str:
    return ".".join((parts[1].removeprefix("db.").removeprefix("public."), *parts[2:]))


def spans(snapshots: Iterable[Snapshot]) -> dict[tuple[Scope, str], list[tuple[Instant, Instant | None]]]:
    """Returns when each fact held, by the definition that all stores agree with."""
    record, bodies = Record(), {}
    for one in snapshots:
        facts = [item for item in one.facts if isinstance(item, Fact)]
        bodies.update({fact.id: fact for fact in facts})
        ids = frozenset(fact.id for fact in facts)
        name = repr((one.scope, one.complete, sorted(ids), sorted(one.unread)))
        record.say(Said(name, one.scope, one.at, one.complete, ids, one.unread))
    return {(scope, bodies[fact].body): list(held) for (scope, fact), held in record.claims().items()}


def now(snapshots: Sequence[Snapshot]) -> set[str]:
    """Returns the edges that hold after the last snapshot, as short text."""
    everything = {item.body: item for one in snapshots for item in one.facts if isinstance(item, Fact)}
    open_facts = [everything[body] for (_, body), held in spans(snapshots).items() if held[-1][1] is None]
    return edges(open_facts)
