"""One run: what it was given, with which code and parameters, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.model.edges import AtCommit, PartOf, RunOf, Used
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.instants import from_millis, show
from catalog.model.names import Urn
from catalog.model.nodes import CodeVersion, Job, Run
from ingestors.mlflow.inputs import NamedInput, input_facts
from ingestors.mlflow.records import Experiment, RunRecord
from ingestors.values import capped, without_users

_STATES: Final = {
    "SCHEDULED": "START",
    "RUNNING": "RUNNING",
    "FINISHED": "COMPLETE",
    "FAILED": "FAIL",
    "KILLED": "ABORT",
}
_COMMIT, _BRANCH = "mlflow.source.git.commit", "mlflow.source.git.branch"
_REPOSITORY, _PARENT = "mlflow.source.git.repoURL", "mlflow.parentRunId"
_USER = "mlflow.user"


@dataclass(frozen=True)
class TrackedRun:
    """A run with its place in the graph."""

    said: RunRecord
    experiment: Experiment
    namespace: str
    origin: Origin
    namespaces: Mapping[str, str] = field(default_factory=dict)

    @property
    def urn(self) -> Urn:
        return Urn("run", (self.namespace, self.said.id))

    @property
    def inputs(self) -> list[NamedInput]:
        named = [given for given in self.said.inputs if given.name]
        return [NamedInput(given, self.namespace, self.experiment.name, self.namespaces) for given in named]

    @property
    def code(self) -> CodeVersion | None:
        """The commit that was checked out when the run started."""
        commit = self.said.tags.get(_COMMIT)
        if not commit:
            return None
        repository = without_users(self.said.tags.get(_REPOSITORY, "")) or self.namespace
        return CodeVersion(namespace=repository, name=commit, branch=self.said.tags.get(_BRANCH) or None)

    def facts(self) -> Iterator[Fact | Skip]:
        """Yields what stays true of the run."""
        job, origin = job_of(self.namespace, self.experiment), self.origin
        node, lost = self._node(job)
        yield Fact(node, origin)
        yield Fact(RunOf(start=self.urn, end=job.urn), origin)
        if parent := self.said.tags.get(_PARENT):
            yield Fact(PartOf(start=self.urn, end=Urn("run", (self.namespace, parent))), origin)
        if code := self.code:
            yield Fact(code, origin)
            yield Fact(AtCommit(start=self.urn, end=code.urn), origin)
        inputs = self.inputs
        yield from input_facts(inputs, origin)
        for given in inputs:
            weak = given.said.digest if given.version is None else None
            yield Fact(Used(start=self.urn, end=given.target, role=given.role, sample_digest=weak or None), origin)
        if lost:
            yield Skip("too_large", f"{lost} parameters, metrics or tags were cut or left out", origin, (self.urn,))

    def _node(self, job: Job) -> tuple[Run, int]:
        said = self.said
        parameters, lost_parameters = capped(said.params)
        metrics, lost_metrics = capped({figure.key: figure.value for figure in said.metrics})
        tags, lost_tags = capped(said.tags)
        run = Run(
            namespace=self.namespace,
            name=said.id,
            title=said.name,
            job=str(job.urn),
            state=_STATES.get(said.status or "", "OTHER"),
            started_at=iso(said.started),
            ended_at=iso(said.ended),
            inputs=sorted({str(given.target) for given in self.inputs}) or None,
            parameters=parameters,
            metrics=metrics,
            tags=tags,
            user=said.tags.get(_USER) or said.user,
            code_version=said.tags.get(_COMMIT) or None,
            lifecycle="deleted" if said.lifecycle == "deleted" else None,
        )
        return run, lost_parameters + lost_metrics + lost_tags


def job_of(namespace: str, experiment: Experiment) -> Job:
    """Returns the experiment as what its runs execute."""
    return Job(namespace=namespace, name=experiment.name, type="EXPERIMENT", integration="MLFLOW")


def iso(millis: int | None) -> str | None:
    """Returns milliseconds since 1970 as ISO 8601; None for those out of range."""
    return show(from_millis(millis)) if millis is not None and millis < 8_000_000_000_000 else None
