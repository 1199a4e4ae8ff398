"""One event to its snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from catalog.model.edges import Edge, Reads
from catalog.model.facts import Skip, Snapshot
from catalog.model.jobs import job_edges
from catalog.model.names import Urn
from catalog.model.nodes import Column
from ingestors.openlineage import airflow
from ingestors.openlineage.datasets import Names, Ref, Role, columns, dataset_snapshots, materialized, static_snapshots
from ingestors.openlineage.events import kind_of
from ingestors.openlineage.jobs import code_snapshot, job_of, job_snapshots, parent_snapshot
from ingestors.openlineage.lineage import Lineage, covers
from ingestors.openlineage.runs import FAILED, RunEvent, own_run, run_facets, run_urn, state_of
from ingestors.openlineage.said import Event, Json, Problem, entries, facets_of, is_deleted
from ingestors.openlineage.statements import Statement, inlined, is_weak, learn_schema, names_within
from ingestors.values import mapping

LINEAGE: Final = ("columnLineage", "lineage")


def snapshots_of(event: Event, names: Names) -> Iterator[Snapshot | Skip]:
    """Yields what one event says, the narrower scopes first; a skip if it names nothing."""
    reader = _READERS.get(kind_of(event) or "")
    if reader is None:
        yield Skip("unsupported", "it holds no run, dataset or job: it is no OpenLineage event", event.origin)
    else:
        yield from reader(event, names)


def _run_event(event: Event, names: Names) -> Iterator[Snapshot | Skip]:
    run, job = run_urn(mapping(event.body["run"])), job_of(mapping(event.body.get("job")))
    if run is None or job is None:
        yield Skip("unreadable", "the run has no id, or the job no namespace or name", event.origin)
        return
    run = own_run(event, run, job)
    inputs, outputs, problems = _refs(event, names, _role(event, run, names))
    within = names_within(facets_of(mapping(event.body.get("job"))))
    inputs = [ref for ref in inputs if ref.urn.name.rpartition(".")[2] not in inlined(within)]
    facets = run_facets(event)
    inputs += _assets(facets, "inlets", inputs, "read")
    outputs += _assets(facets, "outlets", outputs, _role(event, run, names))
    yield from _surroundings(event, job, names, [*inputs, *outputs])
    if path := airflow.code_of(facets):
        yield code_snapshot(job, path, event)
    parent = job_of(mapping(facets.get("parent", {}).get("job")))
    if parent and parent != job:
        yield parent_snapshot(job, parent, event)
    said = [*lineage_of(event, job, inputs, outputs, names), *problems]
    read = RunEvent(event, run, job, names, inputs, outputs, said)
    yield event.snapshot(("run", run.name), read.elements(), complete=False)


def _role(event: Event, run: Urn, names: Names) -> Role:
    return "written" if _is_done(event, run, names) else "planned"


def _assets(facets: dict[str, Json], key: str, known: list[Ref], role: Role) -> list[Ref]:
    """Returns what a task of Airflow declares besides what it translated into data sets."""
    listed = {ref.urn for ref in known}
    return [Ref(urn, {}, {}, role) for urn in dict.fromkeys(airflow.assets(facets, key)) if urn not in listed]


def _is_done(event: Event, run: Urn, names: Names) -> bool:
    """Whether what the event says of outputs was written: some tools send COMPLETE for a run after its FAIL."""
    state = state_of(event)
    if state in FAILED:
        names.failed.add(run)
    return state == "COMPLETE" and run not in names.failed


def _job_event(event: Event, names: Names) -> Iterator[Snapshot | Skip]:
    job = job_of(mapping(event.body["job"]))
    if job is None:
        yield Skip("unreadable", "the job has no namespace or no name", event.origin)
        return
    inputs, outputs, problems = _refs(event, names, "written")
    yield from _surroundings(event, job, names, [*inputs, *outputs])
    said = lineage_of(event, job, inputs, outputs, names)
    edges = [edge for edge in said if isinstance(edge, Edge)]
    problems += [problem for problem in said if isinstance(problem, Problem)]
    whole = covers(edges, outputs)
    follows = job_edges(job, (ref.urn for ref in inputs), (ref.urn for ref in outputs), edges)
    yield event.snapshot(("job", *job.parts), [*follows, *problems], complete=whole)


def _dataset_event(event: Event, names: Names) -> Iterator[Snapshot | Skip]:
    ref = names.ref(mapping(event.body["dataset"]), "written")
    if ref is None:
        yield Skip("unreadable", "the data set has no namespace or no name", event.origin)
    else:
        yield from static_snapshots(ref, event, names, _lineage_of_output(ref, names))


_READERS: Final[dict[str, Callable[[Event, Names], Iterator[Snapshot | Skip]]]] = {
    "run": _run_event,
    "job": _job_event,
    "dataset": _dataset_event,
}


def _surroundings(event: Event, job: Urn, names: Names, refs: list[Ref]) -> Iterator[Snapshot]:
    for ref in refs:
        yield from dataset_snapshots(ref, event, names)
    yield from job_snapshots(job, mapping(event.body["job"]), event)


def _refs(event: Event, names: Names, role: Role) -> tuple[list[Ref], list[Ref], list[Problem]]:
    inputs = list(_refs_in(event, "inputs", "inputFacets", names, "read"))
    outputs = list(_refs_in(event, "outputs", "outputFacets", names, role))
    problems = [one for one in (*inputs, *outputs) if isinstance(one, Problem)]
    return [one for one in inputs if isinstance(one, Ref)], [one for one in outputs if isinstance(one, Ref)], problems


def _refs_in(event: Event, key: str, extra: str, names: Names, role: Role) -> Iterator[Ref | Problem]:
    for entry in entries(event.body, key, "namespace", "name"):
        if isinstance(entry, Problem):
            yield entry
        elif (ref := names.ref(entry, role, extra)) and not _has_no_table(ref):
            yield ref


def _has_no_table(ref: Ref) -> bool:
    """Whether dbt names the relation that a test would keep its failures in, were it asked to."""
    return materialized(ref.facets.get("dbt_model", {})) == "test"


# --- lineage --------------------------------------------------------------------------------------------------------


def lineage_of(event: Event, job: Urn, inputs: list[Ref], outputs: list[Ref], names: Names) -> list[Edge | Problem]:
    """Returns how the outputs derive: from their own facets, from those of the job and the run, or from its statement."""
    facets = facets_of(mapping(event.body.get("job")))
    listed = {ref.urn.name.rpartition(".")[2] for ref in (*inputs, *outputs)}
    within = names_within(facets) - listed
    said: list[Edge | Problem] = []
    for ref in outputs:
        learn_schema(ref, names)
        read = (
            _of_statement(facets, ref, [*inputs, *outputs], names) if is_weak(ref.facets.get("columnLineage")) else None
        )
        said += _lineage_of_output(ref, names, within) if read is None else read
    for holder in ("job", "run"):
        facet = facets_of(mapping(event.body.get(holder))).get("lineage", {})
        said += [] if is_deleted(facet) else _entries(facet, job, names)
    return said


def _of_statement(facets: dict[str, Json], ref: Ref, refs: list[Ref], names: Names) -> list[Edge] | None:
    """Returns what the job's statement says of an output, if it says all, and of no column that the schema lacks."""
    if "lineage" in ref.facets:
        return None
    statement = Statement.of(facets, ref, refs, names)
    edges = None if statement is None else statement.edges()
    known = _columns_of(ref)
    told = {edge.start.parts[2] for edge in edges or () if edge.start.kind == "column"}
    return edges if edges is not None and (not known or told <= known) else None


def _lineage_of_output(ref: Ref, names: Names, within: frozenset[str] = frozenset()) -> Iterator[Edge | Problem]:
    for key in LINEAGE:
        facet = ref.facets.get(key)
        if facet is not None and not is_deleted(facet):
            yield from Lineage(ref.urn, facet, names.dataset, _columns_of(ref), within).edges()


def _columns_of(ref: Ref) -> frozenset[str]:
    schema = ref.facets.get("schema", {})
    return frozenset(one.path for one in columns(ref.urn, schema) if isinstance(one, Column))


def _entries(facet: Json, job: Urn, names: Names) -> Iterator[Edge | Problem]:
    for entry in entries(facet, "entries"):
        if isinstance(entry, Problem):
            yield entry
        elif entry.get("type") == "JOB":
            sources = (names.dataset(one) for one in entries(entry, "inputs") if isinstance(one, dict))
            yield from (Reads(start=job_of(entry) or job, end=source) for source in sources if source)
        elif target := names.dataset(entry):
            yield from Lineage(target, entry, names.dataset).edges()
        else:
            yield Problem("an entry of the lineage names no data set and no job")
