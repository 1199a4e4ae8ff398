"""The ingestor: options and context in, snapshots out. One row of `_FORMATS` for each format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from catalog.model.facts import Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import Instant
from ingestors.reading import Reader
from ingestors.sql_log.access_history import access_snapshots
from ingestors.sql_log.events import End, Failure, Message
from ingestors.sql_log.known import Known, read_columns
from ingestors.sql_log.options import SqlLogOptions
from ingestors.sql_log.pg_stat_statements import statement_snapshots
from ingestors.sql_log.postgres_files import READERS, postgres_events
from ingestors.sql_log.postgres_views import view_events
from ingestors.sql_log.query_history import history_events
from ingestors.sql_log.server import Server
from ingestors.sql_log.skips import Skips
from ingestors.sql_log.sql_files import file_events
from ingestors.sql_log.thinning import Thinned
from ingestors.sql_log.transactions import Transactions

Event = Message | Failure | End | Skip


class SqlLogIngestor:
    """Reads statements that ran, works out which columns stand on which, and yields a scope for each table."""

    name: ClassVar[str] = "sql-log"
    options: ClassVar[type[Options]] = SqlLogOptions

    def __init__(self, options: Any) -> None:
        self._options: SqlLogOptions = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields the columns first, then what the statements say in the order in which that is certain.

        Raises:
            SourceError: no file, or none of this format.
        """
        options = self._options
        namespace = context.namespace(options.namespace)
        known = read_columns(options.columns, options.sql_dialect(), options.database, context)
        if known.at is not None:
            yield known.snapshot(namespace)
        thinned = Thinned()
        for snapshot in _FORMATS[options.format](options, namespace, known, context):
            yield from thinned.feed(snapshot)
        yield from thinned.finish()


def _statements(
    events: Iterator[Event], options: SqlLogOptions, namespace: str, known: Known, context: Context, *, dated: bool
) -> Iterator[Snapshot]:
    skips = Skips()
    transactions = Transactions(options.sql_dialect())
    server = Server(options, namespace, known, skips, context.limits, dated=dated)
    last = context.at or Instant(0)
    for event in events:
        if isinstance(event, Skip):
            skips.add(event)
            continue
        if isinstance(event, Message):
            last = max(last, event.at)
        for item in transactions.feed(event):
            yield from server.feed(item)
    skips.extend(transactions.finish())
    yield from server.finish()
    if not last:
        reader = Reader(context)
        last, dated = max(reader.modified(path) for path in reader.paths(options.path)), False
    yield skips.snapshot(namespace, options.path, last, dated=dated)


def _postgres(options: SqlLogOptions, namespace: str, known: Known, context: Context) -> Iterator[Snapshot]:
    events = postgres_events(Reader(context), options.path, READERS[options.format])
    return _statements(events, options, namespace, known, context, dated=True)


def _views(options: SqlLogOptions, namespace: str, known: Known, context: Context) -> Iterator[Snapshot]:
    events = view_events(options.path, options.sql_dialect(), context)
    return _statements(events, options, namespace, known, context, dated=context.at is not None)


def _files(options: SqlLogOptions, namespace: str, known: Known, context: Context) -> Iterator[Snapshot]:
    events = file_events(options.path, options.sql_dialect(), context)
    return _statements(events, options, namespace, known, context, dated=context.at is not None)


def _history(options: SqlLogOptions, namespace: str, known: Known, context: Context) -> Iterator[Snapshot]:
    return _statements(history_events(options.path, context), options, namespace, known, context, dated=True)


_Format = Callable[[SqlLogOptions, str, Known, Context], Iterator[Snapshot]]

_FORMATS: Final[dict[str, _Format]] = {
    "postgres-csvlog": _postgres,
    "postgres-jsonlog": _postgres,
    "postgres-views": _views,
    "pg-stat-statements": statement_snapshots,
    "snowflake-query-history": _history,
    "snowflake-access-history": access_snapshots,
    "sql-files": _files,
}
