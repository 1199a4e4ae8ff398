"""`pg_stat_statements` as CSV: texts with their constants as `$1`, bodies of procedures among them (`toplevel` false).

It knows no outcome, order or session. So a write says only that its table depends on what is read, guessed; bare names are those
of the one known table of that name, and temporary tables are not seen through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.model.edges import DependsOn
from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Dataset
from catalog.sql import Statement, Table, analyze, fingerprint
from ingestors.naming import relation
from ingestors.reading import Reader
from ingestors.sql_log import guesses
from ingestors.sql_log.claims import LOST
from ingestors.sql_log.connections import prepared_body
from ingestors.sql_log.rows import pick, rows
from ingestors.sql_log.source import Source
from ingestors.sql_log.transactions import bare

_REASON: Final = "pg_stat_statements does not tell whether it was committed, nor in which session it ran"
_TEMPORARY: Final = re.compile(
    r"create\s+(?:local\s+|global\s+)?temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?(?:pg_temp\.)?\"?([\w$]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One text, and what all rows of one reading share."""

    source: Source
    temporary: frozenset[str]
    at: Instant
    origin: Origin
    database: str | None

    def snapshots(self, text: str) -> Iterator[Snapshot]:
        """Yields what the text says of each table that it writes."""
        word = bare(text)
        body = prepared_body(word) or word
        if guesses.is_inert(body) or guesses.is_elsewhere(body):
            return
        for statement in self._statements(body):
            if statement.kind in _BODIES:
                return
            lost = [problem for problem in statement.problems if problem.code in LOST]
            self.source.skips.extend(Skip(problem.code, problem.message, self.origin) for problem in lost)
            for table in _filled(statement):
                target = self._resolve(table)
                if target is not None:
                    yield self._snapshot(statement, target)

    def _statements(self, text: str) -> Sequence[Statement]:
        source = self.source
        refused = source.trial.refused(text)
        if refused is not None:
            return (refused,)
        limit = source.context.limits.statement_chars
        return analyze(text, source.dialect, source.known.schema, self.database, max_characters=limit).statements

    def _snapshot(self, statement: Statement, target: Urn) -> Snapshot:
        facts = [Fact(Dataset(namespace=target.namespace, name=target.name), self.origin)]
        ends = dict.fromkeys(self._resolve(read, target) for read in statement.reads)
        facts += [
            Fact(DependsOn(start=target, end=end, exactness="guessed", reason=_REASON), self.origin)
            for end in ends
            if end is not None and end != target
        ]
        part = f"pg_stat_statements:{fingerprint(statement.text, self.source.dialect)}"
        scope = ("sql", self.source.namespace, target.name, part)
        return Snapshot(scope, self.at, tuple(facts), dated=self.source.context.at is not None)

    def _resolve(self, table: Table, subject: Urn | None = None) -> Urn | None:
        """Returns the table; of a bare name the one known of that name. None, and a skip, if it cannot be told."""
        if len(table) > (2 if self.database else 1):
            return relation(self.source.namespace, *table)
        if table[-1] in self.temporary:
            problem = "is a temporary table: what it is made from cannot be told"
        else:
            found = self.source.known.by_name.get(table[-1], [])
            if len(found) == 1:
                return relation(self.source.namespace, *found[0])
            problem = f"could be in any schema: {len(found)} known tables have that name"
        message = f"the table '{table[-1]}' {problem}"
        self.source.skips.add(Skip("unresolved", message, self.origin, (subject,) if subject else ()))
        return None


_BODIES: Final = frozenset({"call", "execute", "explain", "create_procedure", "create_function", "create_trigger"})
"""What they run has rows of its own."""


def _filled(statement: Statement) -> Iterator[Table]:
    gone = {*statement.dropped, *(table for pair in statement.renamed for table in pair)}
    if statement.reads and not statement.temporary and not statement.kind.startswith("alter"):
        yield from (table for table in statement.writes if table not in gone)


def statement_snapshots(source: Source) -> Iterator[Snapshot]:
    """Yields a scope below the table for each text that writes one."""
    context, options, reader = source.context, source.options, Reader(source.context)
    paths = reader.paths(options.path)
    at = context.at if context.at is not None else max(reader.modified(path) for path in paths)
    temporary = frozenset(_temporary_names(reader, options.path))
    for path in paths:
        for origin, row in rows(reader, path):
            if isinstance(row, Skip):
                source.skips.add(row)
                continue
            database = pick(row, ("datname", "database")) or options.database
            yield from _Row(source, temporary, at, origin, database).snapshots(pick(row, ("query",)))
    yield source.skips.snapshot(source.namespace, options.path, at, dated=context.at is not None)


def _temporary_names(reader: Reader, pattern: str) -> Iterator[str]:
    for path in reader.paths(pattern):
        for _, row in rows(reader, path):
            if isinstance(row, dict) and (found := _TEMPORARY.match(bare(pick(row, ("query",))))) is not None:
                yield found[1].lower()
