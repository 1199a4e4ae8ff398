"""Builds: when a run wrote a relation, and from what. Views hold nothing, and are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from catalog.model.edges import GeneratedBy
from catalog.model.facts import Fact
from catalog.model.instants import show
from catalog.model.nodes import Run
from ingestors.dbt.outcomes import Outcome
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.relations import Relations
from ingestors.dbt.values import mapping

_HOLDING_NOTHING: Final = frozenset({"view", "ephemeral"})
_STATES: Final = {"success": "COMPLETE", "error": "FAIL", "runtime error": "FAIL", "partial success": "FAIL"}
"""What was skipped, or is no build, is not listed."""


def build_facts(project: Project, relations: Relations, outcomes: list[Outcome]) -> Iterator[Fact]:
    """Yields a run for each table, incremental model, snapshot and seed that was built at a known time.

    What keeps its rows reads itself too: a bad row stays until it is built anew.
    """
    for outcome in outcomes:
        entry, relation = project.entries.get(outcome.unique_id), relations.by_id.get(outcome.unique_id)
        state = _STATES.get(outcome.status)
        if entry is None or relation is None or state is None or outcome.started_at is None or _holds_nothing(entry):
            continue
        read = [parent.urn for parent in relations.parents(entry)]
        if _keeps(entry, outcome):
            read.append(relation.urn)
        origin = outcome.artifact.origin(outcome.place)
        run = Run(
            namespace=project.name, name=f"{outcome.unique_id}@{outcome.artifact.invocation or outcome.artifact.label}",
            title=f"dbt build of {entry.name}", state=state, started_at=show(outcome.started_at), ended_at=outcome.finished_at,
            inputs=sorted(map(str, read)) or None, outputs=[str(relation.urn)],
        )  # fmt: skip
        yield Fact(run, origin)
        yield Fact(GeneratedBy(start=relation.urn, end=run.urn), origin)


def _holds_nothing(entry: Entry) -> bool:
    return entry.resource == "model" and (entry.materialized or "view") in _HOLDING_NOTHING


def _keeps(entry: Entry, outcome: Outcome) -> bool:
    """Returns whether rows of earlier builds stay."""
    whole = mapping(outcome.artifact.body.get("args")).get("full_refresh") is True
    return entry.resource == "snapshot" or (entry.materialized == "incremental" and not whole)
