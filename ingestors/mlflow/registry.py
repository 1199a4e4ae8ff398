"""A registered version of a model: what it was trained on, by which run, and which columns it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from catalog.model.canonical import json_text
from catalog.model.edges import (
    AtCommit,
    EvaluatedOn,
    ExecutedIn,
    GeneratedBy,
    Selects,
    TrainedOn,
    UsesFeature,
    VersionOf,
)
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn, column
from catalog.model.nodes import ModelVersion
from ingestors.documents import json_value
from ingestors.mlflow.inputs import NamedInput
from ingestors.mlflow.models import ModelFile, names_of
from ingestors.mlflow.records import Input, LoggedModel, Version
from ingestors.mlflow.runs import TrackedRun, iso
from ingestors.values import VALUE_CHARS, capped, items, without_users

_LOGGED: Final = re.compile(r"models:/(m-[0-9a-f]{32})/?")
_SERVICE: Final = "feast.feature_service"
_FIGURES: Final = 500
_BY_NAME: Final = "matched by name to the columns of the run's inputs"


def logged_id(version: Version) -> str | None:
    """Returns the id of the logged model that a version was registered from, if it was one."""
    found = _LOGGED.fullmatch(version.source or "")
    return found[1] if found else None


@dataclass(frozen=True)
class Parameters:
    """Names of the run's parameters that list the features and name the target."""

    features: str
    target: str


@dataclass(frozen=True)
class TrackedVersion:
    """A version with the run, the logged model and the file that it came with, where they are known."""

    said: Version
    namespace: str
    origin: Origin
    parameters: Parameters
    features_of: str | None = None
    """Namespace of the feature store whose services the tag names."""
    run: TrackedRun | None = None
    model: LoggedModel | None = None
    file: ModelFile | None = None

    @property
    def urn(self) -> Urn:
        return Urn("modelversion", (self.namespace, self.said.name, self.said.version))

    def facts(self, *, registered: bool = False) -> Iterator[Fact | Skip]:
        """Yields what is known of the version.

        Args:
            registered: Only what cannot have changed since it was registered.
        """
        node, lost = self._node(registered)
        yield Fact(node, self.origin)
        yield Fact(VersionOf(start=self.urn, end=Urn("model", (self.namespace, self.said.name))), self.origin)
        yield from self._run_facts()
        yield from self._feature_facts(registered)
        if not registered and self.features_of is not None and (service := self._service):
            yield Fact(Selects(start=self.urn, end=Urn("featureservice", (self.features_of, service))), self.origin)
        if self.file is not None and (environment := self.file.environment(self.namespace)) is not None:
            yield Fact(environment, self.file.origin)
            yield Fact(ExecutedIn(start=self.urn, end=environment.urn), self.file.origin)
            if self.run is not None:
                yield Fact(ExecutedIn(start=self.run.urn, end=environment.urn), self.file.origin)
        if lost and not registered:
            yield Skip("too_large", f"{lost} tags or metrics were cut or left out", self.origin, (self.urn,))

    @property
    def _service(self) -> str | None:
        """The feature service that served the training data, as Feast tags it."""
        return self.said.tags.get(_SERVICE) or (self.run.said.tags.get(_SERVICE) if self.run else None)

    # --- the node ---------------------------------------------------------------------------------------------------

    def _node(self, registered: bool) -> tuple[ModelVersion, int]:
        said, file = self.said, self.file
        tags, lost = capped(said.tags)
        figures = (
            sorted(self.model.metrics, key=lambda f: (f.key, f.dataset or "", f.digest or "", f.at or 0))
            if self.model
            else []
        )
        metrics = [
            {"key": f.key, "value": f.value, "dataset": f.dataset, "digest": f.digest} for f in figures[:_FIGURES]
        ]
        run = self.run.said.id if self.run else said.run
        node = ModelVersion(
            namespace=self.namespace,
            name=said.name,
            version=said.version,
            created_at=iso(said.created),
            source=without_users((self.model.location if self.model else None) or said.source or "") or None,
            model_id=logged_id(said),
            run_id=run,
            flavors=list(file.flavors) or None if file else None,
            digest=file.digest if file else None,
            inputs=_specs(file.inputs) if file else None,
            outputs=_specs(file.outputs) if file else None,
            features=self.features or None,
            target=self.target,
        )
        if registered:
            return node, 0
        later: dict[str, Any] = {
            "description": said.description,
            "status": said.status,
            "tags": tags,
            "metrics": json_text(metrics) if metrics else None,
        }
        return node.model_copy(update=later), lost + max(0, len(figures) - _FIGURES)

    # --- the run ----------------------------------------------------------------------------------------------------

    def _run_facts(self) -> Iterator[Fact]:
        if self.run is None:
            return
        yield Fact(GeneratedBy(start=self.urn, end=self.run.urn), self.origin)
        if code := self.run.code:
            yield Fact(AtCommit(start=self.urn, end=code.urn), self.origin)
        trained: set[Urn] = set()
        for given in self.run.inputs:
            if given.trains:
                trained.add(given.target)
                yield Fact(TrainedOn(start=self.urn, end=given.target, role=given.role), self.origin)
        evaluated = {given.target for given in (*self.run.inputs, *self._measured(self.run))} - trained
        for target in sorted(evaluated):
            yield Fact(EvaluatedOn(start=self.urn, end=target), self.origin)

    def _measured(self, run: TrackedRun) -> Iterator[NamedInput]:
        """The data sets that figures of the logged model were found on."""
        for figure in self.model.metrics if self.model else ():
            if figure.dataset and figure.digest:
                known = next(
                    (i for i in run.inputs if (i.said.name, i.said.digest) == (figure.dataset, figure.digest)), None
                )
                given = known.said if known else Input(figure.dataset, figure.digest)
                yield NamedInput(given, self.namespace, run.experiment.name, run.namespaces)

    # --- features ---------------------------------------------------------------------------------------------------

    @property
    def features(self) -> list[str]:
        """The inputs of the signature, else the names in the run's parameter."""
        signed = self.file.features if self.file else []
        return signed or listed(self._parameter(self.parameters.features))

    @property
    def target(self) -> str | None:
        """The output of the signature if it is a column of the training data, else what the run's parameter names."""
        signed = names_of(self.file.outputs) if self.file else []
        known = [name for name in signed if self._with_column(name)]
        return next(iter(known or listed(self._parameter(self.parameters.target))), None)

    def _parameter(self, name: str) -> str:
        own = self.run.said.params.get(name) if self.run else None
        return own or (self.model.params.get(name) if self.model else None) or ""

    def _with_column(self, name: str) -> list[NamedInput]:
        """Returns the training inputs that have a column; those whose content is proved, if there are any."""
        given = self.run.inputs if self.run else []
        found = [i for i in given if i.trains and name in (i.column_names or ())]
        return [i for i in found if i.version is not None] or found

    def _feature_facts(self, registered: bool) -> Iterator[Fact | Skip]:
        wanted: list[tuple[str, Literal["feature", "target"]]] = [
            (name, "feature") for name in dict.fromkeys(self.features)
        ]
        if self.target is not None:
            wanted.append((self.target, "target"))
        missing: list[str] = []
        for name, role in wanted:
            ends = sorted({column(given.urn, name) for given in self._with_column(name)})
            for end in ends:
                yield Fact(
                    UsesFeature(start=self.urn, end=end, role=role, exactness="declared", reason=_BY_NAME), self.origin
                )
            if not ends:
                missing.append(name)
        if missing and self.run is not None and not registered:
            shown = ", ".join(repr(name) for name in missing[:10]) + (" and more" if len(missing) > 10 else "")
            yield Skip("unresolved", f"no training input of the run has a column {shown}", self.origin, (self.urn,))


def listed(written: str) -> list[str]:
    """Reads a list of names as people write it into a parameter: JSON, Python, or with commas.

    >>> listed("a, b"), listed('["a", "b"]'), listed("['a', 'b']")
    (['a', 'b'], ['a', 'b'], ['a', 'b'])
    """
    try:
        if names := [name for name in items(json_value(written, "")) if isinstance(name, str)]:
            return names
    except SourceError:
        pass
    bare = written.strip()
    if bare[:1] in "[(" and bare[-1:] in "])":
        bare = bare[1:-1]
    return [name for part in bare.split(",") if (name := part.strip().strip("'\"")) and len(name) <= VALUE_CHARS]


def _specs(specs: Sequence[dict[str, Any]]) -> str | None:
    written = json_text(list(specs))
    return written if specs and len(written.encode()) <= 200_000 else None
