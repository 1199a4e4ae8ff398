"""Which models and snapshots can be read, and where their code is.

Unread are those that were not compiled, and those whose build failed or was skipped by the last run that tried: the
relation in the warehouse is still what an earlier state of the project says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from catalog.model.facts import Origin, Skip
from ingestors.dbt.outcomes import Outcome
from ingestors.dbt.relations import Relation, Relations

_DEFINED: Final = frozenset({"model", "snapshot"})


@dataclass(frozen=True, slots=True)
class Definition:
    """How one relation is made.

    Attributes:
        sql: Its compiled SQL; None if it is unread, or written in another language.
        origin: Where the SQL is.
        unread: Why nothing can be said of its columns.
    """

    relation: Relation
    origin: Origin
    sql: str | None = None
    unread: Skip | None = None

    @property
    def unique_id(self) -> str:
        return self.relation.entry.unique_id


def definitions(relations: Relations, outcomes: Mapping[str, Outcome]) -> Iterator[Definition]:
    """Yields the definitions of all models and snapshots, by unique id. `outcomes` are the newest of each."""
    for relation in relations:
        if relation.entry.resource in _DEFINED:
            yield _definition(relation, outcomes.get(relation.entry.unique_id))


def _definition(relation: Relation, outcome: Outcome | None) -> Definition:
    entry = relation.entry
    if outcome is not None and outcome.failed:
        message = f"{entry.unique_id!r} was not built by the last run that tried (status {outcome.status!r})"
        origin = outcome.artifact.origin(outcome.place)
        return Definition(relation, origin, unread=Skip("not_built", message, origin, (relation.urn,)))
    if (entry.text("language") or "sql").lower() != "sql":
        return Definition(relation, entry.origin("depends_on"))
    compiled = entry.text("compiled_code")
    if compiled is not None:
        return Definition(relation, entry.origin("compiled_code"), compiled)
    # A manifest that was written without compiling leaves the code to the results of the run.
    ran = outcome.compiled_code if outcome else None
    if outcome is not None and ran is not None:
        return Definition(relation, outcome.artifact.origin(f"{outcome.place}/compiled_code"), ran)
    message = f"{entry.unique_id!r} was not compiled: `dbt compile` and `dbt docs generate` compile all models"
    origin = entry.origin()
    return Definition(relation, origin, unread=Skip("not_compiled", message, origin, (relation.urn,)))
