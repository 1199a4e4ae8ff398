"""Reads the SQL of all definitions, in waves: a model waits for those whose columns no catalog lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from typing import Final

from catalog.sql.results import Table
from ingestors.dbt.definitions import Definition
from ingestors.dbt.history import added_columns
from ingestors.dbt.readings import Reading, Task, read
from ingestors.dbt.relations import Relation, Relations

_WORD: Final = re.compile(r"\w+")
_CHUNK: Final = 16


class Waves:
    """Learns the columns of relations that no catalog lists from the SQL that makes them, upstream first."""

    def __init__(self, relations: Relations, dialect: str, limit: int, executor: Executor | None = None) -> None:
        self._relations, self._dialect = relations, dialect
        self._limit, self._executor = limit, executor
        self._inferred: dict[Table, tuple[str, ...]] = {}

    def readings(self, definitions: Iterable[Definition]) -> dict[str, Reading]:
        """Returns what each SQL says, by unique id. Each text is read once."""
        readings: dict[str, Reading] = {}
        for wave in self._waves({d.unique_id: d for d in definitions if d.sql is not None}):
            for definition, reading in zip(wave, self._map([self._task(d) for d in wave]), strict=True):
                readings[definition.unique_id] = reading
                self._learn(definition.relation, reading)
        return readings

    def _waves(self, waiting: dict[str, Definition]) -> Iterator[list[Definition]]:
        needed = {unique_id: self._unlisted(definition.relation) for unique_id, definition in waiting.items()}
        while waiting:
            ready = [d for uid, d in waiting.items() if not needed[uid] & waiting.keys()] or list(waiting.values())
            yield ready
            for definition in ready:
                del waiting[definition.unique_id]

    def _unlisted(self, relation: Relation) -> set[str]:
        return {p.entry.unique_id for p in self._relations.parents(relation.entry) if p.listed is None}

    def _map(self, tasks: list[Task]) -> Iterable[Reading]:
        return map(read, tasks) if self._executor is None else self._executor.map(read, tasks, chunksize=_CHUNK)

    def _task(self, definition: Definition) -> Task:
        table, sql = definition.relation.table, definition.sql or ""
        return Task(
            sql=sql,
            table=table,
            known=self._known(definition.relation, sql),
            dialect=self._dialect,
            database=table[-3] if len(table) > 2 else None,
            schema=table[-2] if len(table) > 1 else None,
            limit=self._limit,
            outputs_wanted=definition.relation.listed is None,
        )

    def _known(self, relation: Relation, sql: str) -> dict[Table, tuple[str, ...]]:
        """Returns the columns of what the SQL may read: what it depends on, and relations whose schema and name occur in it."""
        words = {word.lower() for word in (*_WORD.findall(sql), *relation.table[-2:-1])}
        named = (other for word in sorted(words) for other in self._relations.named(word) if other.schema in words)
        found: dict[Table, tuple[str, ...]] = {}
        for other in (relation, *self._relations.parents(relation.entry), *named):
            columns = self._columns(other)
            if columns:
                found.setdefault(other.table, columns)
        return found

    def _columns(self, relation: Relation) -> tuple[str, ...] | None:
        """Returns the complete list of a relation's columns: the catalog's, an enforced contract's, or its own SQL's."""
        if relation.listed is not None:
            return relation.top_level
        return relation.columns if relation.promised else self._inferred.get(relation.table)

    def _learn(self, relation: Relation, reading: Reading) -> None:
        if relation.listed is None and reading.outputs:
            added = (relation.rules.column(name, quoted=False) for name in added_columns(relation.entry))
            self._inferred[relation.table] = (*reading.outputs, *added)
