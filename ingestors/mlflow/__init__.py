"""Reads an MLflow tracking server: its SQLite file, or its REST API. Models are never loaded.

Scopes, for a namespace:

- `mlflow/NAMESPACE/experiments/ID/RUN`: what stays true of a run, dated by its end, or by its newest metric if that is later.
- `mlflow/NAMESPACE/models/NAME/VERSION`: a registered version. What cannot change is dated by its registration, the rest by
  its last update.
- `mlflow/NAMESPACE/experiments/ID`, `mlflow/NAMESPACE/models`, `mlflow/NAMESPACE`: which runs, models (with their aliases, which
  have no clock) and experiments there are; dated by the newest update of anything in the store. A run or version that is
  not listed any more ends with these.

A page that cannot be had makes incomplete the listing that it belongs to, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field, model_validator

from catalog.model.facts import Snapshot
from catalog.model.ingest import Context, Options
from ingestors.mlflow.database import DatabaseTracking
from ingestors.mlflow.models import ModelFiles
from ingestors.mlflow.registry import Parameters
from ingestors.mlflow.rest import RestTracking
from ingestors.mlflow.timeline import Timeline
from ingestors.reading import Reader


class MlflowOptions(Options):
    """Options of a source of kind `mlflow`: a database file or an address."""

    namespace: str = Field(description="Namespace of the server's experiments, runs and models.")
    path: str | None = Field(default=None, description="SQLite file of the tracking server.")
    url: str | None = Field(default=None, pattern=r"^https?://[^@\s]+$", description="Address of the tracking server.")
    models: str | None = Field(default=None, description="Folder that holds the MLmodel files of logged models.")
    token_env: str | None = Field(default=None, description="Environment variable that holds a bearer token.")
    features_param: str = Field(default="features", description="Parameter of a run that lists the features.")
    target_param: str = Field(default="target", description="Parameter of a run that names the target.")

    @model_validator(mode="after")
    def _one_input(self) -> MlflowOptions:
        if (self.path is None) == (self.url is None):
            raise ValueError("name either a database file with `path` or a server with `url`")
        return self


class MlflowIngestor:
    """Reads experiments, runs, data sets, logged models and the model registry."""

    name: ClassVar[str] = "mlflow"
    options: ClassVar[type[Options]] = MlflowOptions

    def __init__(self, options: MlflowOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields runs in the order of the server, then versions, then the listings.

        Raises:
            SourceError: the file is no such database, or the server does not answer.
        """
        options, reader = self._options, Reader(context)
        folder = None if options.models is None else reader.folder(options.models)
        files = ModelFiles(reader, folder, context.limits)
        with self._tracking(reader, context) as tracking:
            parameters = Parameters(options.features_param, options.target_param)
            namespace = context.namespace(options.namespace)
            yield from Timeline(tracking, files, namespace, parameters, context).snapshots()

    def _tracking(self, reader: Reader, context: Context) -> DatabaseTracking | RestTracking:
        if self._options.url is not None:
            return RestTracking(self._options.url, context.limits, self._options.token_env)
        path = reader.paths(self._options.path or "")[0]
        return DatabaseTracking(path, reader.label(path), context.limits)
