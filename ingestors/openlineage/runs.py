"""What run events say of the run: incomplete snapshots of `("run", ID)`, which merge in any order.

Inputs are those that the event lists and those that its column lineage names (they are `USED` with role lineage). A version
that the same event names at an output is not read: tools give the input of a MERGE the version that it wrote. Before the
end, the version at an output is the one that is about to be replaced, so that only a run that completed made one. Lists are
cut into several claims, which merge into one, so that none is too large.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final
from uuid import UUID

from catalog.model.canonical import dumps
from catalog.model.edges import AliasOf, AtCommit, Edge, ExecutedIn, GeneratedBy, PartOf, RunOf, Used
from catalog.model.facts import body_of
from catalog.model.instants import show
from catalog.model.marks import RUN_STATES
from catalog.model.names import Urn, dataset_of
from catalog.model.nodes import Run
from ingestors.openlineage.datasets import Names, Ref, version_elements
from ingestors.openlineage.jobs import commit_of
from ingestors.openlineage.lineage import covers
from ingestors.openlineage.quality import assertions, tests
from ingestors.openlineage.run_facets import described, environment, failures, kept
from ingestors.openlineage.said import Element, Event, Json, Problem, entries, facets_of, is_deleted
from ingestors.values import mapping, text

NAMESPACE: Final = "openlineage"
TERMINAL: Final = frozenset({"COMPLETE", "FAIL", "ABORT"})
FAILED: Final = frozenset({"FAIL", "ABORT"})
_CHUNK: Final = 200_000
_OTHER_NAMES: Final = {"parentRun": "parent", "processingEngine": "processing_engine"}
"""Facets as some producers call them."""
_ONE_ID_FOR_ALL: Final = "/integration/dagster"
_CHECKS: Final = "__checks"
_MODEL_RUN: Final = re.compile(r"runs:/([0-9a-f]{32})(?:/.*)?", re.DOTALL)


def run_urn(holder: Json) -> Urn | None:
    """Returns a run, its id in one spelling; None for what names no run."""
    said = text(holder.get("runId"))
    try:
        uuid = UUID((said or "").lower())
    except ValueError:
        return Urn("run", (NAMESPACE, said)) if said else None
    return Urn("run", (NAMESPACE, str(uuid))) if uuid.int else None


def run_facets(event: Event) -> dict[str, Json]:
    """Returns the facets of a run by their names in the specification; what was deleted is none."""
    found = {name: f for name, f in facets_of(mapping(event.body.get("run"))).items() if not is_deleted(f)}
    return found | {
        ours: found.pop(other) for other, ours in _OTHER_NAMES.items() if other in found and ours not in found
    }


def own_run(event: Event, run: Urn, job: Urn) -> Urn:
    """Returns the run of one job, where the producer gives all that one execution makes the same id.

    Dagster names each asset, and the checks of each, as a job of the same run; that one fails must not undo the others.
    """
    shared = _ONE_ID_FOR_ALL in (text(event.body.get("producer")) or "") and "parent" not in run_facets(event)
    about_data = event.body.get("inputs") or event.body.get("outputs") or job.name.endswith(_CHECKS)
    return Urn("run", (NAMESPACE, f"{run.name}/{job.name}")) if shared and about_data else run


def state_of(event: Event) -> str:
    """Returns the state that an event reports; a word that is none is OTHER."""
    said = (text(event.body.get("eventType")) or "OTHER").upper()
    return said if said in RUN_STATES else "OTHER"


@dataclass(frozen=True)
class RunEvent:
    """A run event, its parts read. `lineage` is what it says of how outputs derive."""

    event: Event
    run: Urn
    job: Urn
    names: Names
    inputs: list[Ref]
    outputs: list[Ref]
    lineage: list[Edge | Problem]

    @cached_property
    def facets(self) -> dict[str, Json]:
        return run_facets(self.event)

    @cached_property
    def edges(self) -> list[Edge]:
        return [edge for edge in self.lineage if isinstance(edge, Edge)]

    def elements(self) -> Iterator[Element]:
        """Yields everything that the event says of its run."""
        foreign = list(kept(self._foreign()))
        said = {"job": str(self.job), "state": state_of(self.event), "complete_lineage": self._covers()}
        yield self._node(**said, **self._times(), **described(self.facets))
        yield from chain(self._around(), self._read(), self._written())
        yield from self._lists([facet for facet in foreign if isinstance(facet, str)])
        yield from self._checked()
        yield from (problem for problem in (*self.lineage, *foreign) if isinstance(problem, Problem))
        yield from failures(self.facets, tuple(ref.urn for ref in self.outputs))

    def _node(self, **properties: Any) -> Run:
        namespace, name = self.run.parts
        return Run.model_validate({"namespace": namespace, "name": name, **properties})

    def _times(self) -> dict[str, str]:
        at, state = show(self.event.at), state_of(self.event)
        return ({"started_at": at} if state == "START" else {}) | ({"ended_at": at} if state in TERMINAL else {})

    def _covers(self) -> bool | None:
        """Whether each output came with lineage, all of it understood; None where a tool failed to extract it."""
        unknown = "extractionError" in self.facets or len(self.edges) < len(self.lineage)
        return True if covers(self.edges, self.outputs) and not unknown else None

    def _around(self) -> Iterator[Element]:
        yield RunOf(start=self.run, end=self.job)
        parents = (self.facets.get("parent", {}).get("run"), self.event.body.get("run"))
        for parent in dict.fromkeys(run_urn(mapping(said)) for said in parents):
            if parent and parent != self.run:
                yield PartOf(start=self.run, end=parent)
        if commit := commit_of(mapping(self.event.body.get("job"))):
            yield from (commit, AtCommit(start=self.run, end=commit.urn), self._node(code_version=commit.name))
        if engine := environment(self.facets):
            yield from (engine, ExecutedIn(start=self.run, end=engine.urn))

    @cached_property
    def _things_read(self) -> list[Urn]:
        written = {ref.version for ref in self.outputs}
        return [ref.urn if ref.version in written else ref.thing for ref in self.inputs]

    @cached_property
    def _only_in_lineage(self) -> list[Urn]:
        listed = {ref.urn for ref in (*self.inputs, *self.outputs)}
        ends = {dataset_of(edge.end) for edge in self.edges if edge.end.kind in ("column", "dataset")}
        return sorted(ends - listed)

    def _read(self) -> Iterator[Element]:
        for ref in self.inputs:
            yield from version_elements(ref, self.names)
        yield from (Used(start=self.run, end=thing) for thing in self._things_read)
        yield from (Used(start=self.run, end=urn, role="lineage") for urn in self._only_in_lineage)

    def _written(self) -> Iterator[Element]:
        for ref in self.outputs:
            yield from version_elements(ref, self.names)
            if ref.written:
                yield GeneratedBy(start=ref.thing, end=self.run)
            yield from self._other_ids(ref)

    def _other_ids(self, ref: Ref) -> Iterator[AliasOf]:
        """A model that lies at an address of an MLflow run was made by that run: two ids of one training."""
        for entry in entries(ref.facets.get("symlinks", {}), "identifiers", "name"):
            found = None if isinstance(entry, Problem) else _MODEL_RUN.fullmatch(str(entry["name"]))
            if found:
                yield AliasOf(start=self.run, end=Urn("run", (ref.urn.namespace, found[1])), subtype="run")

    def _foreign(self) -> Iterator[tuple[str, Json, Urn | None]]:
        yield from ((name, facet, None) for name, facet in self.facets.items())
        for ref in (*self.inputs, *self.outputs):
            yield from ((name, facet, ref.thing) for name, facet in ref.extra.items() if not is_deleted(facet))

    def _lists(self, foreign: list[str]) -> Iterator[Run]:
        lists: dict[str, Iterable[str]] = {
            "inputs": map(str, [*self._things_read, *self._only_in_lineage]),
            "outputs": (str(ref.thing if ref.written else ref.urn) for ref in self.outputs),
            "derives": (dumps(body_of(edge)) for edge in self.edges),
            "facets": foreign,
        }
        for name, values in lists.items():
            yield from (self._node(**{name: chunk}) for chunk in _chunks(sorted(set(values))))

    def _checked(self) -> Iterator[Element]:
        run, suite, at = self.run.name, self.job.name, self.event.at
        for ref in (*self.inputs, *self.outputs):
            facet = ref.extra.get("dataQualityAssertions") or ref.facets.get("dataQualityAssertions", {})
            yield from assertions(ref, facet, run, suite, at)
        subject = self.inputs[0] if len(self.inputs) == 1 else None
        yield from tests(self.facets.get("test", {}), subject, self.job.namespace, run, suite, at)


def _chunks(values: list[str]) -> Iterator[list[str]]:
    chunk, size = list[str](), 0
    for value in values:
        if chunk and size + len(value.encode()) > _CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(value)
        size += len(value.encode()) + 8
    if chunk:
        yield chunk
