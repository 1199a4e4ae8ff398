"""What a definition says as facts: column edges, and the tables that it depends on."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from catalog.model.edges import DependsOn, DerivesFrom, Exactness, InfluencedBy
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn, column
from catalog.sql.results import ColumnName, Problem, Table
from ingestors import naming
from ingestors.dbt.definitions import Definition
from ingestors.dbt.history import added_derivations
from ingestors.dbt.readings import Derivation, Reading, Selection
from ingestors.dbt.relations import Relation, Relations


@dataclass(frozen=True, slots=True)
class Account:
    """What can be said of one definition.

    Attributes:
        unread: Why its scope is unread; the facts are then what the project declares, and belong to the project.
        complete: Whether nothing of it is hidden.
    """

    unique_id: str
    facts: tuple[Fact | Skip, ...]
    unread: Skip | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Lineage:
    """Turns readings into facts.

    Attributes:
        stale: Why the catalog's columns may be others than those at the time of the manifest; None if they are not.
    """

    relations: Relations
    stale: str | None = None

    def account(self, definition: Definition, reading: Reading | None) -> Account:
        """Returns the facts of a definition; `reading` is None for one that is unread or not written in SQL."""
        if definition.unread is not None:
            return self._declared(definition, definition.unread)
        if reading is None:
            return Account(definition.unique_id, tuple(self._parents(definition, (), None)))
        hidden = reading.unparsed
        if hidden is not None:
            return self._declared(definition, _skip(definition, hidden))
        return self._read(definition, reading)

    def _declared(self, definition: Definition, why: Skip) -> Account:
        reason = "not built by the last run" if why.code == "not_built" else "its code could not be read"
        facts = self._parents(definition, (), reason)
        return Account(definition.unique_id, tuple(facts), unread=why)

    def _read(self, definition: Definition, reading: Reading) -> Account:
        relation, source = definition.relation, _Source(definition.relation, self.relations)
        derivations = (*reading.derivations, *added_derivations(relation, reading))
        facts = [Fact(self._derives(relation, source, found), definition.origin) for found in derivations]
        facts += [Fact(_influenced(relation, source, found), definition.origin) for found in reading.selections]
        facts += self._dependencies(definition, {source.urn(table): known for table, known in reading.reads})
        skips = [_skip(definition, problem) for problem in reading.problems]
        skips += [_elsewhere(definition, table) for table in reading.elsewhere]
        ordered = sorted(facts, key=lambda fact: fact.body)
        return Account(definition.unique_id, (*ordered, *skips), complete=not skips)

    def _dependencies(self, definition: Definition, reads: Mapping[Urn, bool]) -> Iterator[Fact]:
        start, origin = definition.relation.urn, definition.relation.entry.origin("depends_on")
        for end, known in reads.items():
            yield Fact(DependsOn(start=start, end=end, columns_known=known), origin)
        yield from self._parents(definition, reads.keys(), "named by the project, not read by the compiled SQL")

    def _parents(self, definition: Definition, besides: Container[Urn], reason: str | None) -> Iterator[Fact]:
        """Yields what the project says that it depends on: declared, with a reason, where code tells more or other."""
        start, origin = definition.relation.urn, definition.relation.entry.origin("depends_on")
        for parent in self.relations.parents(definition.relation.entry):
            if parent.urn not in besides and parent.urn != start:
                exactness: Exactness = "declared" if reason else "exact"
                yield Fact(DependsOn(start=start, end=parent.urn, exactness=exactness, reason=reason), origin)

    def _derives(self, relation: Relation, source: _Source, found: Derivation) -> DerivesFrom:
        stale = self.stale if found.by_star and found.exactness == "exact" else None
        return DerivesFrom(
            start=relation.column(found.column),
            end=source.column(found.source),
            subtype=found.kind,
            masking=found.masking,
            by_star=found.by_star,
            expression=found.expression,
            exactness="over_approximate" if stale else found.exactness,
            reason=stale or found.reason,
        )


def _influenced(relation: Relation, source: _Source, found: Selection) -> InfluencedBy:
    return InfluencedBy(
        start=relation.urn if found.column is None else relation.column(found.column),
        end=source.column(found.source),
        subtype=found.kind,
        exactness=found.exactness,
        reason=found.reason,
    )


class _Source:
    """Finds what the SQL of one relation reads: of two tables of one name, the one that it depends on."""

    def __init__(self, relation: Relation, relations: Relations) -> None:
        self._relations = relations
        parents = relations.parents(relation.entry)
        self._own = {relations.rules.table_key(parent.table): parent for parent in parents}

    def urn(self, table: Table) -> Urn:
        known = self._relation(table)
        return known.urn if known else naming.relation(self._relations.namespace, *table)

    def column(self, name: ColumnName) -> Urn:
        known = self._relation(name.table)
        return known.column(name.column) if known else column(self.urn(name.table), name.column)

    def _relation(self, table: Table) -> Relation | None:
        return self._own.get(self._relations.rules.table_key(table)) or self._relations.of_table(table)


def _skip(definition: Definition, problem: Problem) -> Skip:
    origin = Origin(definition.origin.path, f"{definition.origin.place}:{problem.line}")
    return Skip(problem.code, f"{definition.unique_id!r}: {problem.message}", origin, (definition.relation.urn,))


def _elsewhere(definition: Definition, table: Table) -> Skip:
    message = f"{definition.unique_id!r} writes {'.'.join(table)!r}, which is not its own relation"
    return Skip("unsupported", message, definition.origin, (definition.relation.urn,))
