"""Column lineage of models and snapshots from their compiled SQL: one scope for each of them.

A scope is read if its SQL was compiled, is understood, and was built by the last run that tried. The others are unread: the
relation in the warehouse is still what an earlier state of the project says; the project then only declares what they
depend on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Final

from catalog.model.edges import DependsOn, DerivesFrom, InfluencedBy
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn
from catalog.sql.results import Problem, Table
from ingestors import naming
from ingestors.dbt.history import added_columns, added_derivations
from ingestors.dbt.outcomes import Outcome
from ingestors.dbt.project import Entry
from ingestors.dbt.readings import Derivation, Reading, Selection, Task, read
from ingestors.dbt.relations import Relation, Relations

_DEFINED: Final = frozenset({"model", "snapshot"})
_WORD: Final = re.compile(r"\w+")
_CHUNK: Final = 16


@dataclass(frozen=True, slots=True)
class Definition:
    """What one model or snapshot says of itself.

    Attributes:
        unread: Why nothing can be said of its columns; facts are then what the project declares.
        complete: Whether nothing is hidden.
    """

    relation: Relation
    facts: tuple[Fact | Skip, ...]
    unread: Skip | None = None
    complete: bool = True


@dataclass(frozen=True)
class Lineage:
    """Reads the definitions of a project.

    Attributes:
        outcomes: The newest outcome of each entry.
        stale: Why the catalog's columns may be others than those at the time of the manifest; None if they are not.
    """

    relations: Relations
    outcomes: Mapping[str, Outcome]
    dialect: str
    limit: int
    stale: str | None = None
    executor: Executor | None = None
    inferred: dict[Table, tuple[str, ...]] = field(default_factory=dict)

    def definitions(self) -> Iterator[Definition]:
        """Yields the definitions of all models and snapshots, by unique id."""
        unread = {uid: why for uid in self._defined() if (why := self._not_read(self.relations.by_id[uid]))}
        readings = self._readings([uid for uid in self._defined() if uid not in unread and self._is_sql(uid)])
        for unique_id in self._defined():
            relation = self.relations.by_id[unique_id]
            if unique_id in unread:
                yield self._declared(relation, unread[unique_id])
            elif unique_id in readings:
                yield self._defined_by(relation, readings[unique_id])
            else:
                yield Definition(relation, tuple(self._dependencies(relation, {})))

    # --- which are read -------------------------------------------------------------------------------------------------

    def _defined(self) -> list[str]:
        return [uid for uid, relation in self.relations.by_id.items() if relation.entry.resource in _DEFINED]

    def _is_sql(self, unique_id: str) -> bool:
        return (self.relations.by_id[unique_id].entry.text("language") or "sql").lower() == "sql"

    def _not_read(self, relation: Relation) -> Skip | None:
        entry = relation.entry
        outcome = self.outcomes.get(entry.unique_id)
        if outcome is not None and outcome.failed:
            message = f"{entry.unique_id!r} was not built in the last run that tried (status {outcome.status!r})"
            return Skip("not_built", message, outcome.artifact.origin(outcome.place), (relation.urn,))
        if self._is_sql(entry.unique_id) and self._code(entry) is None:
            message = f"{entry.unique_id!r} was not compiled: `dbt compile` and `dbt docs generate` compile all models"
            return Skip("not_compiled", message, entry.origin("compiled_code"), (relation.urn,))
        return None

    def _code(self, entry: Entry) -> tuple[str, Origin] | None:
        """Returns the compiled SQL; a manifest that was written without compiling leaves it to the run's results."""
        compiled = entry.text("compiled_code")
        if compiled is not None:
            return compiled, entry.origin("compiled_code")
        outcome = self.outcomes.get(entry.unique_id)
        code = outcome.body.get("compiled_code") if outcome else None
        if outcome is None or not isinstance(code, str) or not code.strip():
            return None
        return code, outcome.artifact.origin(f"{outcome.place}/compiled_code")

    # --- reading --------------------------------------------------------------------------------------------------------

    def _readings(self, unique_ids: list[str]) -> dict[str, Reading]:
        """Reads what can be read now, wave by wave: a model waits for those whose columns no catalog lists."""
        readings: dict[str, Reading] = {}
        for wave in self._waves(unique_ids):
            tasks = [self._task(self.relations.by_id[uid]) for uid in wave]
            for unique_id, reading in zip(wave, self._map(tasks), strict=True):
                readings[unique_id] = reading
                self._learn(self.relations.by_id[unique_id], reading)
        return readings

    def _waves(self, unique_ids: list[str]) -> Iterator[list[str]]:
        waiting = {uid: self._waits_for(self.relations.by_id[uid]) for uid in unique_ids}
        while waiting:
            ready = [uid for uid, needed in waiting.items() if not needed & waiting.keys()] or list(waiting)
            yield ready
            for unique_id in ready:
                del waiting[unique_id]

    def _waits_for(self, relation: Relation) -> set[str]:
        return {p.entry.unique_id for p in self.relations.parents(relation.entry) if p.listed is None}

    def _map(self, tasks: list[Task]) -> Iterable[Reading]:
        return map(read, tasks) if self.executor is None else self.executor.map(read, tasks, chunksize=_CHUNK)

    def _task(self, relation: Relation) -> Task:
        entry = relation.entry
        code = self._code(entry)
        sql = code[0] if code else ""
        return Task(
            sql=sql,
            table=relation.table,
            known=self._known(relation, sql),
            dialect=self.dialect,
            database=relation.table[-3] if len(relation.table) > 2 else None,
            schema=relation.table[-2] if len(relation.table) > 1 else None,
            limit=self.limit,
            outputs_wanted=relation.listed is None,
        )

    def _known(self, relation: Relation, sql: str) -> dict[Table, tuple[str, ...]]:
        """Returns the columns of what the SQL may read: what it depends on, and relations whose schema and name occur in it."""
        words = {word.lower() for word in (*_WORD.findall(sql), *relation.table[-2:-1])}
        named = (other for word in sorted(words) for other in self.relations.named(word) if other.schema in words)
        found: dict[Table, tuple[str, ...]] = {}
        for other in (relation, *self.relations.parents(relation.entry), *named):
            columns = self._columns(other)
            if columns and other.table not in found:
                found[other.table] = columns
        return found

    def _columns(self, relation: Relation) -> tuple[str, ...] | None:
        """Returns the complete list of a relation's columns: the catalog's, an enforced contract's, or its own SQL's."""
        if relation.listed is not None:
            return relation.top_level
        return relation.columns if relation.promised else self.inferred.get(relation.table)

    def _learn(self, relation: Relation, reading: Reading) -> None:
        if relation.listed is None and reading.outputs:
            added = (relation.rules.column(name, quoted=False) for name in added_columns(relation.entry))
            self.inferred[relation.table] = (*reading.outputs, *added)

    # --- facts ----------------------------------------------------------------------------------------------------------

    def _declared(self, relation: Relation, why: Skip) -> Definition:
        reason = "not built since" if why.code == "not_built" else "not compiled"
        facts = [
            Fact(DependsOn(start=relation.urn, end=parent.urn, exactness="declared", reason=reason), _depends(relation))
            for parent in self.relations.parents(relation.entry)
            if parent.urn != relation.urn
        ]
        return Definition(relation, tuple(facts), unread=why)

    def _defined_by(self, relation: Relation, reading: Reading) -> Definition:
        code = self._code(relation.entry)
        origin = code[1] if code else relation.entry.origin()
        if reading.unparsed is not None:
            return self._declared(relation, _skip(relation, reading.unparsed, origin))
        derivations = (*reading.derivations, *added_derivations(relation, reading))
        facts: list[Fact | Skip] = [Fact(self._derives(relation, d), origin) for d in derivations]
        facts += [Fact(self._influenced(relation, s), origin) for s in reading.selections]
        facts += self._dependencies(relation, {self._urn(relation, t): known for t, known in reading.reads})
        skips = [_skip(relation, problem, origin) for problem in reading.problems]
        skips += [_elsewhere(relation, table, origin) for table in reading.elsewhere]
        return Definition(relation, (*_in_order(facts), *skips), complete=not skips)

    def _dependencies(self, relation: Relation, reads: Mapping[Urn, bool]) -> list[Fact | Skip]:
        """Returns the tables read; those that only the project names are declared, with columns unknown."""
        code = "the code" if not self._is_sql(relation.entry.unique_id) else "the compiled SQL"
        edges = [DependsOn(start=relation.urn, end=end, columns_known=known) for end, known in reads.items()]
        for parent in self.relations.parents(relation.entry):
            if parent.urn not in reads and self._is_sql(relation.entry.unique_id):
                reason = f"named by the project, not read by {code}"
                edges.append(DependsOn(start=relation.urn, end=parent.urn, exactness="declared", reason=reason))
            elif parent.urn not in reads:
                edges.append(DependsOn(start=relation.urn, end=parent.urn))
        return [Fact(edge, _depends(relation)) for edge in edges if edge.end != relation.urn]

    def _derives(self, relation: Relation, found: Derivation) -> DerivesFrom:
        stale = self.stale if found.by_star and found.exactness == "exact" else None
        return DerivesFrom(
            start=relation.column(found.column),
            end=self._source(relation, found.source.table, found.source.column),
            subtype=found.kind,
            masking=found.masking,
            by_star=found.by_star,
            expression=found.expression,
            exactness="over_approximate" if stale else found.exactness,
            reason=stale or found.reason,
        )

    def _influenced(self, relation: Relation, found: Selection) -> InfluencedBy:
        return InfluencedBy(
            start=relation.urn if found.column is None else relation.column(found.column),
            end=self._source(relation, found.source.table, found.source.column),
            subtype=found.kind,
            exactness=found.exactness,
            reason=found.reason,
        )

    def _source(self, relation: Relation, table: Table, name: str) -> Urn:
        known = self._relation(relation, table)
        return known.column(name) if known else Urn("column", (*self._urn(relation, table).parts, name))

    def _urn(self, relation: Relation, table: Table) -> Urn:
        known = self._relation(relation, table)
        return known.urn if known else naming.relation(self.relations.namespace, *table)

    def _relation(self, relation: Relation, table: Table) -> Relation | None:
        """Finds a table; one of that name that the model depends on comes before another one."""
        key = self.relations.rules.table_key(table)
        own = (p for p in self.relations.parents(relation.entry) if self.relations.rules.table_key(p.table) == key)
        return next(own, None) or self.relations.of_table(table)


def _depends(relation: Relation) -> Origin:
    return relation.entry.origin("depends_on")


def _in_order(facts: list[Fact | Skip]) -> list[Fact | Skip]:
    return sorted(facts, key=lambda item: item.body if isinstance(item, Fact) else "")


def _skip(relation: Relation, problem: Problem, origin: Origin) -> Skip:
    place = replace(origin, place=f"{origin.place}:{problem.line}")
    return Skip(problem.code, f"{relation.entry.unique_id!r}: {problem.message}", place, (relation.urn,))


def _elsewhere(relation: Relation, table: Table, origin: Origin) -> Skip:
    message = f"{relation.entry.unique_id!r} writes {'.'.join(table)!r}, which is not its own relation"
    return Skip("unsupported", message, origin, (relation.urn,))
