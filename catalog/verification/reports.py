"""Results of verification, as facts: a report for each version, with what was recorded, what was found, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.decisions import commit
from catalog.intake import SourceReport
from catalog.model.canonical import json_text
from catalog.model.edges import EvaluatedOn
from catalog.model.facts import Fact, Snapshot
from catalog.model.instants import Instant, instant, show
from catalog.model.nodes import Report
from catalog.store.port import Store
from catalog.verification.verifying import Result


def record_results(store: Store, results: Sequence[Result], now: datetime, actor: str) -> SourceReport:
    """Keeps the results; each version's newest result replaces the one before, which stays in its history."""
    at = instant(now)
    snapshots = [Snapshot(("verification", *r.urn.parts), at, list(_facts(r, at))) for r in results]
    return commit(store, "verify", snapshots, now, actor)


def _facts(result: Result, at: Instant) -> Iterator[Fact]:
    expected = f"{result.algorithm}:{result.digest}" if result.digest else None
    actual = f"{result.algorithm}:{result.actual}" if result.actual else None
    said = {"place": result.place, "why": result.why, "recorded_in": result.recorded_in}
    report = Report(
        namespace=result.urn.namespace,
        name="verification@" + "@".join(result.urn.parts[1:]),
        type="verification",
        at=show(at),
        verdict=result.verdict,
        expected=expected,
        actual=actual,
        content=json_text({key: value for key, value in said.items() if value is not None}),
    )
    yield Fact(report)
    yield Fact(EvaluatedOn(start=report.urn, end=result.version or result.urn))
