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
from ingestors.sql_log.known import read_columns
from ingestors.sql_log.options import SqlLogOptions
from ingestors.sql_log.pg_stat_statements import statement_snapshots
from ingestors.sql_log.postgres_files import READERS, postgres_events
from ingestors.sql_log.postgres_views import view_events
from ingestors.sql_log.query_history import history_events
from ingestors.sql_log.server import Server
from ingestors.sql_log.source import Source
from ingestors.sql_log.sql_files import file_events
from ingestors.sql_log.thinning import Thinned
from ingestors.sql_log.transactions import Transactions
from ingestors.sql_log.trial import Trial

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
        dialect = options.sql_dialect(namespace)
        known = read_columns(options.columns, dialect, options.database, context)
        if known.at is not None:
            yield known.snapshot(namespace)
        thinned = Thinned()
        with Trial(dialect, context.limits, context.executor) as trial:
            for snapshot in _FORMATS[options.format](Source(options, namespace, known, context, trial)):
                yield from thinned.feed(snapshot)
        yield from thinned.finish()


def _statements(events: Iterator[Event], source: Source, *, dated: bool) -> Iterator[Snapshot]:
    transactions, server = Transactions(source.dialect), Server(source, dated=dated)
    last = source.context.at or Instant(0)
    for event in events:
        if isinstance(event, Skip):
            source.skips.add(event)
            continue
        if isinstance(event, Message):
            last = max(last, event.at)
        for item in transactions.feed(event):
            yield from server.feed(item)
    source.skips.extend(transactions.finish())
    yield from server.finish()
    path = source.options.path
    if not last:
        reader = Reader(source.context)
        last, dated = max(reader.modified(file) for file in reader.paths(path)), False
    yield source.skips.snapshot(source.namespace, path, last, dated=dated)


def _postgres(source: Source) -> Iterator[Snapshot]:
    options = source.options
    events = postgres_events(Reader(source.context), options.path, READERS[options.format])
    return _statements(events, source, dated=True)


def _views(source: Source) -> Iterator[Snapshot]:
    events = view_events(source.options.path, source.dialect, source.context)
    return _statements(events, source, dated=source.context.at is not None)


def _files(source: Source) -> Iterator[Snapshot]:
    events = file_events(source.options.path, source.dialect, source.context)
    return _statements(events, source, dated=source.context.at is not None)


def _history(source: Source) -> Iterator[Snapshot]:
    return _statements(history_events(source.options.path, source.context), source, dated=True)


_Format = Callable[[Source], Iterator[Snapshot]]

_FORMATS: Final[dict[str, _Format]] = {
    "postgres-csvlog": _postgres,
    "postgres-jsonlog": _postgres,
    "postgres-views": _views,
    "pg-stat-statements": statement_snapshots,
    "snowflake-query-history": _history,
    "snowflake-access-history": access_snapshots,
    "sql-files": _files,
}
