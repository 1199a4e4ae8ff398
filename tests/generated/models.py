"""A model repository (Git and DVC), an MLflow store, the events between them and the warehouse, and what they mean."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import yaml
from dulwich import porcelain
from dulwich.repo import Repo

from tests.generated.truth import Truth
from tests.generated.warehouse import Table
from tests.generated.words import Names

AUTHOR = b"Harbour Master <master@example.org>"
TABLES = Path(__file__).parents[1] / "cases" / "mlflow" / "store" / "tracking.db"
"""A store that MLflow made: its tables are copied, none of its rows."""


class Repository:
    """A repository whose data file changes from commit to commit."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder, self.path = folder, path
        folder.mkdir()
        self._git = Repo.init(str(folder))
        self.versions: list[tuple[str, str]] = []
        """(commit, md5 of the data file)."""

    def commit(self, content: str, at: datetime) -> tuple[str, str]:
        """Commits another version of the data file, as DVC records it."""
        digest = md5(content.encode(), usedforsecurity=False).hexdigest()
        file = self.folder / self.path
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
        pointer = {"outs": [{"md5": digest, "size": len(content), "hash": "md5", "path": file.name}]}
        (file.parent / f"{file.name}.dvc").write_text(yaml.safe_dump(pointer))
        porcelain.add(self._git, [str(file.parent / f"{file.name}.dvc")])
        stamp = int(at.timestamp())
        sha = porcelain.commit(
            self._git, message=f"Version {len(self.versions) + 1}".encode(), author=AUTHOR, committer=AUTHOR,
            author_timestamp=stamp, commit_timestamp=stamp, author_timezone=0, commit_timezone=0,
        )  # fmt: skip
        self.versions.append((sha.decode(), digest))
        return self.versions[-1]


def handover(
    source: Table, namespace: str, target: str, digest: str, target_namespace: str, at: datetime, run: str
) -> list[dict[str, Any]]:
    """Returns the events of a job that exports a table to a file, column by column."""
    lineage = {
        column: {"inputFields": [{"namespace": namespace, "name": source.name, "field": column,
                                  "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}]}]}
        for column in source.columns
    }  # fmt: skip
    output = {
        "namespace": target_namespace,
        "name": target,
        "facets": {
            "schema": {
                "_producer": "p",
                "_schemaURL": "s",
                "fields": [{"name": c, "type": "string"} for c in source.columns],
            },
            "columnLineage": {"_producer": "p", "_schemaURL": "s", "fields": lineage},
            "version": {"_producer": "p", "_schemaURL": "s", "datasetVersion": digest},
        },
    }
    base = {"producer": "p", "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", "run": {"runId": run},
            "job": {"namespace": "port-exports", "name": f"export.{target}"}, "inputs": [{"namespace": namespace, "name": source.name}]}  # fmt: skip
    stamps = [(kind, (at + timedelta(minutes=i)).isoformat()) for i, kind in enumerate(("START", "COMPLETE"))]
    return [{**base, "eventType": kind, "eventTime": stamp, "outputs": [output]} for kind, stamp in stamps]


def failed(events: list[dict[str, Any]], wrong: tuple[str, str, str], run: str) -> list[dict[str, Any]]:
    """Returns events of another run that failed and completed after that, as some emitters write; its lineage is wrong."""
    namespace, name, column = wrong
    found: list[dict[str, Any]] = json.loads(json.dumps(events))
    for event, kind in zip(found, ("FAIL", "COMPLETE"), strict=True):
        event["eventType"], event["run"]["runId"] = kind, run
        event["job"]["name"] += ".again"
        for field in event["outputs"][0]["facets"]["columnLineage"]["fields"].values():
            field["inputFields"] = [{"namespace": namespace, "name": name, "field": column, "transformations": []}]
    return found


def tracking(path: Path, model: str, runs: list[dict[str, Any]]) -> None:
    """Writes an MLflow store with one experiment, a run and a version for each of the runs."""
    template = sqlite3.connect(f"file:{TABLES}?mode=ro", uri=True)
    db = sqlite3.connect(path)
    for (sql,) in template.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"):
        db.execute(sql)
    db.executemany(
        "INSERT INTO alembic_version VALUES (?)", template.execute("SELECT version_num FROM alembic_version")
    )
    template.close()
    first = runs[0]["start"]
    _insert(
        db,
        "experiments",
        experiment_id=1,
        name="harbour",
        lifecycle_stage="active",
        creation_time=first,
        last_update_time=first,
    )
    _insert(db, "registered_models", name=model, creation_time=first, last_updated_time=runs[-1]["start"])
    for version, run in enumerate(runs, 1):
        _run(db, model, version, run)
    db.commit()
    db.close()


def _run(db: sqlite3.Connection, model: str, version: int, run: dict[str, Any]) -> None:
    uuid, start = run["id"], run["start"]
    _insert(db, "runs", run_uuid=uuid, name=f"train {version}", status="FINISHED", start_time=start, end_time=start + 60_000,
            lifecycle_stage="active", experiment_id=1, user_id="master", source_type="LOCAL", artifact_uri="s3://a")  # fmt: skip
    params = {"features": json.dumps(run["features"]), "target": run["target"], "depth": str(version)}
    for key, value in params.items():
        _insert(db, "params", key=key, value=value, run_uuid=uuid)
    tags = {
        "mlflow.source.git.commit": run["commit"],
        "mlflow.source.git.repoURL": "https://git.example.org/port.git",
        "mlflow.user": "master",
    }
    for key, value in tags.items():
        _insert(db, "tags", key=key, value=value, run_uuid=uuid)
    schema = json.dumps({"mlflow_colspec": [{"type": "double", "name": c, "required": True} for c in run["columns"]]})
    dataset = f"d{version}"
    _insert(db, "datasets", dataset_uuid=dataset, experiment_id=1, name="training", digest=run["digest"], dataset_source_type="s3",
            dataset_source=json.dumps({"uri": "s3://port/files"}), dataset_schema=schema, dataset_profile="{}")  # fmt: skip
    _insert(
        db,
        "inputs",
        input_uuid=f"i{version}",
        source_type="DATASET",
        source_id=dataset,
        destination_type="RUN",
        destination_id=uuid,
    )
    _insert(db, "input_tags", input_uuid=f"i{version}", name="mlflow.data.context", value="training")
    _insert(db, "model_versions", name=model, version=version, creation_time=start + 90_000, last_updated_time=start + 90_000,
            current_stage="None", source=f"runs:/{uuid}/model", run_id=uuid, status="READY")  # fmt: skip


def _insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", tuple(values.values()))


def models(
    draw: random.Random,
    names: Names,
    truth: Truth,
    mart: Table,
    mart_ref: str,
    namespaces: dict[str, str],
    folder: Path,
) -> None:
    """Writes repository, events and store, and notes what each model version stands on."""
    alias = mart_ref.partition(":")[0]
    path = f"data/{names.word()}.csv"
    repository = Repository(folder / "repo", path)
    name, events, runs = names.word(), [], []
    for version in (1, 2):
        at = datetime(2026, 2, 4 + version, 8, tzinfo=UTC)
        commit, digest = repository.commit(f"{','.join(mart.columns)}\n{version},{draw.random()}\n", at)
        events += handover(
            mart,
            namespaces[alias],
            path,
            digest,
            namespaces["files"],
            at - timedelta(hours=1),
            f"0194d0c0-0000-7000-8000-00000000000{version}",
        )
        features = sorted(draw.sample(mart.columns[1:-1], min(2, len(mart.columns) - 2)))
        start = int((at + timedelta(hours=1)).timestamp() * 1000)
        runs.append({"id": f"{version:032x}", "start": start, "features": features, "target": mart.columns[-1], "commit": commit,
                     "digest": digest, "columns": mart.columns})  # fmt: skip
        truth.models[f"hub:{name}/{version}"] = {"data": f"files:{path}", "digest": digest, "commit": commit, "features": features,
                                                 "target": mart.columns[-1]}  # fmt: skip
    for column in mart.columns:
        truth.edges[f"files:{path}#{column}"][f"{mart_ref}#{column}"] = "identity"
    events += failed(events[:2], (namespaces[alias], "NO.SUCH.TABLE", "WRONG"), "0194d0c0-0000-7000-8000-000000000009")
    truth.absent.append((f"{alias}:NO.SUCH.TABLE#WRONG", f"files:{path}#{mart.columns[1]}", "the run failed"))
    draw.shuffle(events)
    lines = [json.dumps(event) for event in events]
    lines.insert(draw.randrange(len(lines)), '{"eventType": "START", "run": {"runId": "01')
    truth.gaps.append("events.ndjson")
    (folder / "events.ndjson").write_text("\n".join(lines) + "\n")
    tracking(folder / "tracking.db", name, runs)
