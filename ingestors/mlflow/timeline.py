"""A tracking server over time: runs and versions by their own clocks, then the lists of what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from catalog.model.canonical import json_text
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import TIES, Instant, from_millis
from catalog.model.nodes import Model, ModelVersion, Run
from ingestors.mlflow.models import ModelFiles
from ingestors.mlflow.records import Experiment, LoggedModel, Registered, Tracking, Version
from ingestors.mlflow.registry import Parameters, TrackedVersion, logged_id
from ingestors.mlflow.runs import TrackedRun, job_of
from ingestors.tables import only_of
from ingestors.values import capped

_DAY: Final = 86_400 * 1_000_000 * TIES
_LATEST_MILLIS: Final = 8_000_000_000_000
T = TypeVar("T")


@dataclass
class _Listing:
    """What there is of one kind, and what could not be listed."""

    skips: list[Skip] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.skips


@dataclass
class _Experiment(_Listing):
    said: Experiment = field(default_factory=lambda: Experiment("", ""))
    runs: list[str] = field(default_factory=list)


class Timeline:
    """One reading of a tracking server. Holds the versions and the runs that they came from, and ids of the other runs."""

    def __init__(
        self, tracking: Tracking, files: ModelFiles, namespace: str, parameters: Parameters, context: Context
    ) -> None:
        self._tracking, self._files, self._context = tracking, files, context
        self._namespace, self._parameters = namespace, parameters
        self._scope: Scope = ("mlflow", namespace)
        self._latest = context.now + _DAY
        self._newest = Instant(0)
        self._registry = _Listing()
        self._models = _Listing()
        self._experiments: list[_Experiment] = []
        self._runs: dict[str, TrackedRun] = {}
        self._logged: dict[str, LoggedModel] = {}

    def snapshots(self) -> Iterator[Snapshot]:
        """Yields runs, versions, then listings.

        Raises:
            SourceError: not even the experiments can be listed.
        """
        registered = self._all(self._tracking.registered(), self._registry)
        versions = self._all(self._tracking.versions(), self._registry)
        top = _Listing()
        experiments = self._all(self._tracking.experiments(), top)
        if top.skips and not experiments:
            raise SourceError(self._tracking.place, top.skips[0].message, "Check that this is a tracking server.")
        self._clock(*(m.updated for m in registered), *(v.updated for v in versions), *(v.created for v in versions))
        self._keep_models(experiments, versions)
        wanted = {version.run or self._run_of(version) for version in versions}
        for experiment in experiments:
            yield from self._experiment(experiment, wanted)
        for version in versions:
            yield from self._version(version)
        yield from self._listings(registered, versions, top)

    # --- runs -------------------------------------------------------------------------------------------------------

    def _keep_models(self, experiments: list[Experiment], versions: list[Version]) -> None:
        wanted = {logged_id(version) for version in versions}
        for experiment in experiments:
            for model in self._each(self._tracking.models(experiment.id), self._models):
                self._clock(model.updated)
                if model.id in wanted:
                    self._logged[model.id] = model

    def _run_of(self, version: Version) -> str | None:
        model = self._logged.get(logged_id(version) or "")
        return model.run if model else None

    def _experiment(self, experiment: Experiment, wanted: set[str | None]) -> Iterator[Snapshot]:
        listing = _Experiment(said=experiment)
        self._experiments.append(listing)
        self._clock(experiment.created, experiment.updated)
        for said in self._each(self._tracking.runs(experiment.id), listing):
            if not said.id:
                listing.skips.append(Skip("unreadable", "a run has no id", self._origin("experiments", experiment.id)))
                continue
            origin = self._origin("runs", said.id)
            run = TrackedRun(said, experiment, self._namespace, origin, self._context.namespaces)
            listing.runs.append(said.id)
            if said.id in wanted:
                self._runs[said.id] = run
            at = self._clock(said.started, said.ended, *(figure.at for figure in said.metrics))
            yield Snapshot(
                self._run_scope(experiment, said.id), at or Instant(0), list(run.facts()), dated=at is not None
            )

    def _run_scope(self, experiment: Experiment, run: str) -> Scope:
        return (*self._scope, "experiments", experiment.id, run)

    # --- versions ---------------------------------------------------------------------------------------------------

    def _version(self, version: Version) -> Iterator[Snapshot]:
        if not version.name or not version.version:
            self._registry.skips.append(
                Skip("unreadable", "a version has no name or number", self._origin("model-versions"))
            )
            return
        run = version.run or self._run_of(version)
        model = logged_id(version)
        origin = self._origin("model-versions", version.name, version.version)
        tracked = TrackedVersion(
            said=version,
            namespace=self._namespace,
            origin=origin,
            parameters=self._parameters,
            features_of=only_of("feast", self._context.namespaces),
            run=self._runs.get(run or ""),
            model=self._logged.get(model or ""),
            file=self._files.find(model, run, version.source),
        )
        scope = (*self._scope, "models", version.name, version.version)
        created, updated = self._time(version.created), self._time(version.created, version.updated)
        if created is not None and created != updated:
            yield Snapshot(scope, created, list(tracked.facts(registered=True)), complete=False)
        facts = list(tracked.facts())
        gaps = self._gaps(tracked, run)
        yield Snapshot(
            scope, updated or Instant(0), [*facts, *gaps], self._whole(tracked, run), dated=updated is not None
        )

    def _gaps(self, tracked: TrackedVersion, run: str | None) -> Iterator[Skip]:
        if run and tracked.run is None:
            yield Skip("unresolved", f"the run {run!r} is not there", tracked.origin, (tracked.urn,))
        if self._files.given and tracked.file is None:
            yield Skip(
                "missing", "no MLmodel file of it is at hand: its signature is unknown", tracked.origin, (tracked.urn,)
            )

    def _whole(self, tracked: TrackedVersion, run: str | None) -> bool:
        """Returns whether all that a version says could be read: nothing that it needs lies on a page that failed."""
        known_run = tracked.run is not None or not run or all(listing.complete for listing in self._experiments)
        known_model = tracked.model is not None or logged_id(tracked.said) is None or self._models.complete
        known_file = tracked.file is not None or not self._files.skips
        return known_run and known_model and known_file

    # --- listings ---------------------------------------------------------------------------------------------------

    def _listings(self, registered: list[Registered], versions: list[Version], top: _Listing) -> Iterator[Snapshot]:
        at, dated = self._now()
        for listing in self._experiments:
            scope = (*self._scope, "experiments", listing.said.id)
            unread = frozenset(self._run_scope(listing.said, run) for run in listing.runs)
            yield Snapshot(scope, at, self._runs_of(listing), listing.complete, unread, dated)
        scope = (*self._scope, "models")
        unread = frozenset((*scope, v.name, v.version) for v in versions if v.name and v.version)
        facts: list[Fact | Skip] = [*self._registered(registered, versions), *self._registry.skips]
        yield Snapshot(scope, at, facts, self._registry.complete, unread, dated)
        below = {(*self._scope, "experiments", listing.said.id) for listing in self._experiments} | {scope}
        jobs = [
            Fact(job_of(self._namespace, e.said), self._origin("experiments", e.said.id)) for e in self._experiments
        ]
        skips = [*top.skips, *self._models.skips, *self._files.skips]
        yield Snapshot(self._scope, at, [*jobs, *skips], top.complete, frozenset(below), dated)

    def _runs_of(self, listing: _Experiment) -> list[Fact | Skip]:
        origin = self._origin("experiments", listing.said.id)
        facts: list[Fact | Skip] = [Fact(Run(namespace=self._namespace, name=run), origin) for run in listing.runs]
        return [*facts, *listing.skips]

    def _registered(self, registered: list[Registered], versions: list[Version]) -> Iterator[Fact]:
        aliases: dict[tuple[str, str], list[str]] = {}
        for model in registered:
            tags, _ = capped(model.tags)
            for alias, number in sorted(model.aliases.items()):
                aliases.setdefault((model.name, number), []).append(alias)
            node = Model(
                namespace=self._namespace,
                name=model.name,
                description=model.description,
                aliases=json_text(dict(model.aliases)) if model.aliases else None,
                meta=tags,
            )
            yield Fact(node, self._origin("registered-models", model.name))
        for said in versions:
            if said.name and said.version:
                key = (said.name, said.version)
                listed = ModelVersion(namespace=self._namespace, name=key[0], version=key[1], aliases=aliases.get(key))
                yield Fact(listed, self._origin("registered-models", *key))

    # --- pages and clocks -------------------------------------------------------------------------------------------

    def _all(self, found: Iterator[T], listing: _Listing) -> list[T]:
        return list(self._each(found, listing))

    def _each(self, found: Iterator[T], listing: _Listing) -> Iterator[T]:
        """Yields what can be had; what cannot is a skip of the listing."""
        try:
            yield from found
        except SourceError as err:
            listing.skips.append(Skip("unreadable", str(err), Origin(self._tracking.place)))

    def _origin(self, *parts: str) -> Origin:
        return Origin(self._tracking.place, "/".join(parts))

    def _time(self, *millis: int | None) -> Instant | None:
        """Returns the newest of some times; those over a day ahead are mistakes and do not count."""
        known = (from_millis(m) for m in millis if m is not None and 0 < m < _LATEST_MILLIS)
        return max((at for at in known if at <= self._latest), default=None)

    def _clock(self, *millis: int | None) -> Instant | None:
        at = self._time(*millis)
        self._newest = max(self._newest, at or self._newest)
        return at

    def _now(self) -> tuple[Instant, bool]:
        if self._newest:
            return self._newest, True
        return self._context.at or Instant(0), self._context.at is not None
