"""`pg_stat_statements` as CSV: texts with their constants as `$1`, bodies of procedures among them (`toplevel` false).

It knows no outcome, order or session. So a write says only that its table depends on what is read, guessed; bare names are those
of the one known table of that name, and temporary tables are not seen through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from catalog.model.edges import DependsOn
from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Dataset
from catalog.sql import Statement, Table, analyze, fingerprint
from ingestors.naming import relation
from ingestors.reading import Reader
from ingestors.sql_log import guesses
from ingestors.sql_log.connections import prepared_body
from ingestors.sql_log.known import Known
from ingestors.sql_log.options import SqlLogOptions
from ingestors.sql_log.rows import pick, rows
from ingestors.sql_log.skips import Skips
from ingestors.sql_log.transactions import bare

_REASON: Final = "pg_stat_statements does not tell whether it was committed, nor in which session it ran"
_TEMPORARY: Final = re.compile(
    r"create\s+(?:local\s+|global\s+)?temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?(?:pg_temp\.)?\"?([\w$]+)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Reading:
    """What one reading needs at hand, and gathers."""

    options: SqlLogOptions
    namespace: str
    known: Known
    limit: int
    skips: Skips
    temporary: frozenset[str] = frozenset()

    def snapshots(
        self, text: str, database: str | None, origin: Origin, at: Instant, dated: bool
    ) -> Iterator[Snapshot]:
        """Yields what one text says of each table that it writes."""
        word = bare(text)
        body = prepared_body(word) or word
        if guesses.is_inert(body) or guesses.is_elsewhere(body):
            return
        dialect = self.options.sql_dialect()
        result = analyze(body, dialect, self.known.schema, database, max_characters=self.limit)
        for statement in result.statements:
            if statement.kind in _UNDERSTOOD_ELSEWHERE:
                continue
            self._note(statement, origin)
            for table in () if statement.temporary else _filled(statement):
                target = self._resolve(table, database, origin)
                if target is not None:
                    yield self._snapshot(statement, target, database, origin, at, dated)

    def _note(self, statement: Statement, origin: Origin) -> None:
        lost = [p for p in statement.problems if p.code in ("unparsed", "limit", "unsupported", "dynamic")]
        self.skips.extend(Skip(problem.code, problem.message, origin) for problem in lost)

    def _snapshot(
        self, statement: Statement, target: Urn, database: str | None, origin: Origin, at: Instant, dated: bool
    ) -> Snapshot:
        facts = [Fact(Dataset(namespace=target.namespace, name=target.name), origin)]
        ends = dict.fromkeys(self._resolve(read, database, origin, target) for read in statement.reads)
        facts += [
            Fact(DependsOn(start=target, end=end, exactness="guessed", reason=_REASON), origin)
            for end in ends
            if end is not None and end != target
        ]
        part = f"pg_stat_statements:{fingerprint(statement.text, self.options.sql_dialect())}"
        return Snapshot(("sql", self.namespace, target.name, part), at, tuple(facts), dated=dated)

    def _resolve(self, table: Table, database: str | None, origin: Origin, subject: Urn | None = None) -> Urn | None:
        """Returns the table; of a bare name the one known of that name. None, and a skip, if it cannot be told."""
        if len(table) > (2 if database else 1):
            return relation(self.namespace, *table)
        if table[-1] in self.temporary:
            problem = "is a temporary table: what it is made from cannot be told"
        else:
            found = self.known.by_name.get(table[-1], [])
            if len(found) == 1:
                return relation(self.namespace, *found[0])
            problem = f"could be in any schema: {len(found)} known tables have that name"
        self.skips.add(Skip("unresolved", f"the table '{table[-1]}' {problem}", origin, (subject,) if subject else ()))
        return None


_UNDERSTOOD_ELSEWHERE: Final = frozenset({"call", "execute", "explain"})
"""Their bodies have rows of their own."""


def _filled(statement: Statement) -> Iterator[Table]:
    gone = {*statement.dropped, *(table for pair in statement.renamed for table in pair)}
    for table in statement.writes:
        if table not in gone and statement.reads and not statement.kind.startswith("alter"):
            yield table


def statement_snapshots(options: SqlLogOptions, namespace: str, known: Known, context: Context) -> Iterator[Snapshot]:
    """Yields a scope below the table for each text that writes one."""
    reader = Reader(context)
    skips = Skips()
    reading = _Reading(options, namespace, known, context.limits.statement_chars, skips)
    said: dict[Snapshot, None] = {}
    paths = reader.paths(options.path)
    at = context.at if context.at is not None else max(reader.modified(path) for path in paths)
    dated = context.at is not None
    reading.temporary = frozenset(_temporary_names(reader, options.path))
    for path in paths:
        for origin, row in rows(reader, path):
            if isinstance(row, Skip):
                skips.add(row)
                continue
            database = pick(row, ("datname", "database")) or options.database
            said.update(dict.fromkeys(reading.snapshots(pick(row, ("query",)), database, origin, at, dated)))
    yield from said
    yield skips.snapshot(namespace, options.path, at, dated=dated)


def _temporary_names(reader: Reader, pattern: str) -> Iterator[str]:
    for path in reader.paths(pattern):
        for _, row in rows(reader, path):
            if isinstance(row, dict) and (found := _TEMPORARY.match(bare(pick(row, ("query",))))) is not None:
                yield found[1].lower()
