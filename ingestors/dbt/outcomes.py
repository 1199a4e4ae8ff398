"""What the runs said of each entry: the newest outcome, and the results of checks run by run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.instants import Instant, show
from ingestors.dbt.artifacts import Artifact
from ingestors.dbt.values import instant, items, mapping, text

FAILED: Final = frozenset({"error", "fail", "runtime error", "skipped"})
"""Statuses after which the relation in the warehouse is still the one built before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run said of one entry."""

    unique_id: str
    body: Mapping[str, Any]
    artifact: Artifact
    place: str

    @property
    def status(self) -> str:
        return (text(self.body.get("status")) or "").lower()

    @property
    def failed(self) -> bool:
        return self.status in FAILED

    @property
    def compiled_code(self) -> str | None:
        return text(self.body.get("compiled_code"))

    @property
    def started_at(self) -> Instant | None:
        """Returns when its execution began, or None if that is not said."""
        phases = [mapping(phase) for phase in items(self.body.get("timing"))]
        begun = {str(phase.get("name")): at for phase in phases if (at := instant(phase.get("started_at")))}
        return begun.get("execute", min(begun.values(), default=None))

    @property
    def finished_at(self) -> str | None:
        """Returns when its last phase ended, or else the run."""
        ends = [end for phase in items(self.body.get("timing")) if (end := instant(mapping(phase).get("completed_at")))]
        last = max(ends, default=self.artifact.generated_at)
        return None if last is None else show(last)


def outcomes(artifact: Artifact) -> Iterator[Outcome]:
    """Yields the outcomes of one run, by unique id."""
    found = enumerate(items(artifact.body.get("results")))
    named = [(unique_id, i, body) for i, body in found if (unique_id := text(mapping(body).get("unique_id")))]
    for unique_id, i, body in sorted(named, key=lambda item: item[:2]):
        yield Outcome(unique_id, body, artifact, f"/results/{i}")


def newest(results: tuple[Artifact, ...]) -> dict[str, Outcome]:
    """Returns the last outcome of each entry; `results` are ordered from oldest to newest."""
    return {outcome.unique_id: outcome for artifact in results for outcome in outcomes(artifact)}
