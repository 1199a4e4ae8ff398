"""A tracking server's SQLite file, read without its program and without writing to it.

The file is another's: only tables are read (a view could run anything), nothing that its schema defines is trusted, and
long values are refused. Tables and columns that an older server did not have count as empty.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

from catalog.model.errors import SourceError
from catalog.model.ingest import Limits
from ingestors.documents import clean
from ingestors.mlflow.records import Experiment, Figure, Input, LoggedModel, Registered, RunRecord, Version, figure_text
from ingestors.values import text, whole

Row = Mapping[str, Any]

_BATCH: Final = 500
_OF_RUNS: Final = {
    "params": "SELECT * FROM params WHERE run_uuid IN (SELECT value FROM json_each(?)) ORDER BY key",
    "tags": "SELECT * FROM tags WHERE run_uuid IN (SELECT value FROM json_each(?)) ORDER BY key",
    "latest_metrics": "SELECT * FROM latest_metrics WHERE run_uuid IN (SELECT value FROM json_each(?)) ORDER BY key",
}
_OF_MODELS: Final = {
    "logged_model_params": "SELECT * FROM logged_model_params WHERE model_id IN (SELECT value FROM json_each(?))",
    "logged_model_metrics": "SELECT * FROM logged_model_metrics WHERE model_id IN (SELECT value FROM json_each(?))"
    " ORDER BY metric_timestamp_ms, metric_step, metric_name",
}
_INPUTS: Final = (
    "SELECT datasets.*, inputs.input_uuid, inputs.destination_id FROM inputs"
    " JOIN datasets ON datasets.dataset_uuid = inputs.source_id"
    " WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN'"
    " AND inputs.destination_id IN (SELECT value FROM json_each(?)) ORDER BY inputs.rowid"
)
_INPUT_TAGS: Final = "SELECT * FROM input_tags WHERE input_uuid IN (SELECT value FROM json_each(?)) ORDER BY name"


class DatabaseTracking:
    """Reads a tracking server's SQLite file."""

    def __init__(self, path: Path, place: str, limits: Limits) -> None:
        self.place = place
        try:
            self._db = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
            self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.record_bytes)
            self._db.text_factory = lambda raw: clean(raw.decode("utf-8", "replace"))
            self._db.execute("PRAGMA trusted_schema = OFF")
        except (sqlite3.Error, ValueError) as err:
            raise self._unreadable(err) from err
        self._tables = {row["name"] for row in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "experiments" not in self._tables or "runs" not in self._tables:
            self.close()
            raise SourceError(
                place, "holds no tables 'experiments' and 'runs'", "Name the database of a tracking server."
            )

    def __enter__(self) -> DatabaseTracking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def experiments(self) -> Iterator[Experiment]:
        tags = self._grouped("experiment_tags", "SELECT * FROM experiment_tags", "experiment_id")
        for row in self._rows("SELECT * FROM experiments ORDER BY experiment_id"):
            key = _text(row, "experiment_id")
            yield Experiment(
                id=key,
                name=_text(row, "name"),
                lifecycle=text(row.get("lifecycle_stage")) or "active",
                created=whole(row.get("creation_time")),
                updated=whole(row.get("last_update_time")),
                tags=_pairs(tags[key]),
            )

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        statement = "SELECT * FROM runs WHERE experiment_id = ? ORDER BY start_time, run_uuid"
        for rows in self._batches(statement, experiment):
            keys = [_text(row, "run_uuid") for row in rows]
            params, tags, metrics = (self._grouped(t, sql, "run_uuid", keys) for t, sql in _OF_RUNS.items())
            inputs = self._inputs(keys)
            for row, key in zip(rows, keys, strict=True):
                yield RunRecord(
                    id=key,
                    experiment=experiment,
                    name=text(row.get("name")),
                    user=text(row.get("user_id")),
                    status=text(row.get("status")),
                    started=whole(row.get("start_time")),
                    ended=whole(row.get("end_time")),
                    lifecycle=text(row.get("lifecycle_stage")) or "active",
                    params=_pairs(params[key]),
                    metrics=tuple(_metric(r) for r in metrics[key]),
                    tags=_pairs(tags[key]),
                    inputs=tuple(inputs[key]),
                )

    def models(self, experiment: str) -> Iterator[LoggedModel]:
        if "logged_models" not in self._tables:
            return
        statement = "SELECT * FROM logged_models WHERE experiment_id = ? ORDER BY creation_timestamp_ms, model_id"
        for rows in self._batches(statement, experiment):
            keys = [_text(row, "model_id") for row in rows]
            params, metrics = (self._grouped(t, sql, "model_id", keys) for t, sql in _OF_MODELS.items())
            for row, key in zip(rows, keys, strict=True):
                if row.get("lifecycle_stage") == "deleted":
                    continue
                yield LoggedModel(
                    id=key,
                    experiment=experiment,
                    name=text(row.get("name")),
                    location=text(row.get("artifact_location")),
                    updated=whole(row.get("last_updated_timestamp_ms")),
                    run=text(row.get("source_run_id")),
                    params=_pairs(params[key], "param_key", "param_value"),
                    metrics=tuple(_model_metric(r) for r in metrics[key]),
                )

    def registered(self) -> Iterator[Registered]:
        if "registered_models" not in self._tables:
            return
        tags = self._grouped("registered_model_tags", "SELECT * FROM registered_model_tags", "name")
        aliases = self._grouped("registered_model_aliases", "SELECT * FROM registered_model_aliases", "name")
        for row in self._rows("SELECT * FROM registered_models ORDER BY name"):
            name = _text(row, "name")
            yield Registered(
                name=name,
                description=text(row.get("description")),
                updated=whole(row.get("last_updated_time")),
                tags=_pairs(tags[name]),
                aliases=_pairs(aliases[name], "alias", "version"),
            )

    def versions(self) -> Iterator[Version]:
        if "model_versions" not in self._tables:
            return
        tags: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in self._rows("SELECT * FROM model_version_tags") if "model_version_tags" in self._tables else ():
            tags[_text(row, "name"), _text(row, "version")][_text(row, "key")] = _text(row, "value")
        for row in self._rows("SELECT * FROM model_versions ORDER BY name, version"):
            name, version = _text(row, "name"), _text(row, "version")
            if row.get("current_stage") == "Deleted_Internal":
                continue
            yield Version(
                name=name,
                version=version,
                description=text(row.get("description")),
                created=whole(row.get("creation_time")),
                updated=whole(row.get("last_updated_time")),
                source=text(row.get("source")),
                run=text(row.get("run_id")),
                status=text(row.get("status")),
                tags=tags[name, version],
            )

    def _inputs(self, runs: list[str]) -> defaultdict[str, list[Input]]:
        found: defaultdict[str, list[Input]] = defaultdict(list)
        if not {"inputs", "datasets"} <= self._tables:
            return found
        rows = list(self._rows(_INPUTS, json.dumps(runs)))
        tags = self._grouped("input_tags", _INPUT_TAGS, "input_uuid", [_text(row, "input_uuid") for row in rows])
        for row in rows:
            found[_text(row, "destination_id")].append(
                Input(
                    name=_text(row, "name"),
                    digest=_text(row, "digest"),
                    source_type=text(row.get("dataset_source_type")),
                    source=text(row.get("dataset_source")),
                    schema=text(row.get("dataset_schema")),
                    profile=text(row.get("dataset_profile")),
                    tags=_pairs(tags[_text(row, "input_uuid")], "name"),
                )
            )
        return found

    def _grouped(
        self, table: str, statement: str, key: str, keys: list[str] | None = None
    ) -> defaultdict[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        if table in self._tables:
            for row in self._rows(statement, *([] if keys is None else [json.dumps(keys)])):
                found[_text(row, key)].append(row)
        return found

    def _batches(self, statement: str, *values: str) -> Iterator[list[Row]]:
        batch: list[Row] = []
        for row in self._rows(statement, *values):
            batch.append(row)
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _rows(self, statement: str, *values: str) -> Iterator[Row]:
        try:
            cursor = self._db.execute(statement, values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except (sqlite3.Error, ValueError, OverflowError) as err:
            raise self._unreadable(err) from err

    def _unreadable(self, err: Exception) -> SourceError:
        return SourceError(
            self.place, f"cannot be read as SQLite: {err}", "Copy the database again while it is not written."
        )


def _metric(row: Row) -> Figure:
    value = "NaN" if row.get("is_nan") == 1 else figure_text(row.get("value"))
    return Figure(_text(row, "key"), value, whole(row.get("timestamp")))


def _model_metric(row: Row) -> Figure:
    return Figure(
        key=_text(row, "metric_name"),
        value=figure_text(row.get("metric_value")),
        at=whole(row.get("metric_timestamp_ms")),
        dataset=text(row.get("dataset_name")),
        digest=text(row.get("dataset_digest")),
    )


def _pairs(rows: list[Row], key: str = "key", value: str = "value") -> dict[str, str]:
    return {_text(row, key): _text(row, value) for row in rows}


def _text(row: Row, key: str) -> str:
    return text(row.get(key)) or ""
