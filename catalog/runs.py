"""What a run, merged from all its events, says about its job."""

from __future__ import annotations

from catalog.model.edges import Edge
from catalog.model.facts import Fact, Scope, Snapshot, element_of
from catalog.model.instants import parse
from catalog.model.jobs import job_edges
from catalog.model.names import Urn
from catalog.model.nodes import Run

FACETS = "facets"
"""Below a job's scope: what events said of the job itself, facet by facet. A run says nothing about it."""


def job_scope(job: Urn) -> Scope:
    """Returns the scope that a job's runs are turned into snapshots of."""
    return ("job", *job.parts)


def job_snapshot(run: Run) -> Snapshot | None:
    """Returns what the run says about its job, dated by its end; None if it did not succeed or its job or end is unknown.

    Complete if column lineage came with its outputs: then what an earlier run declared and this one does not is over. A run
    that failed, or did not end, declares nothing. Same run, same snapshot.
    """
    at = run.ended_at or run.started_at
    if run.state != "COMPLETE" or run.job is None or at is None:
        return None
    job = Urn.parse(run.job)
    inputs, outputs = (map(Urn.parse, urns or ()) for urns in (run.inputs, run.outputs))
    said = (element_of(text) for text in run.derives or ())
    edges = job_edges(job, inputs, outputs, (edge for edge in said if isinstance(edge, Edge)))
    scope = job_scope(job)
    return Snapshot(
        scope=scope,
        at=parse(at),
        facts=[Fact(edge) for edge in edges],
        complete=bool(run.complete_lineage),
        unread=frozenset({(*scope, FACETS)}),
    )
