"""Tables with a log and events of what wrote them, end to end: bad data reaches exactly the versions that hold it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

PROJECT = """\
store: sqlite:///catalog.db
sources:
  - {name: events, kind: openlineage, path: events.ndjson}
  - {name: tables, kind: delta, path: lake, namespace: file, prefix: /lake}
"""
HOUR = 3_600_000
NINE = 1_772_355_600_000  # 2026-03-01T09:00:00Z
SCHEMA = json.dumps({"type": "struct", "fields": [{"name": "a", "type": "integer", "nullable": True, "metadata": {}}]})


def commit(folder: Path, number: int, hour: int, operation: str, **parameters: Any) -> None:
    said = {"timestamp": NINE + hour * HOUR, "operation": operation, "operationParameters": parameters}
    actions: list[dict[str, Any]] = [{"commitInfo": said}, {"add": {"path": f"f{number}", "size": 1}}]
    if number == 0:
        actions.append({"metaData": {"id": "t", "schemaString": SCHEMA}})
    log = folder / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{number:020d}.json").write_text("".join(json.dumps(one) + "\n" for one in actions))


def event(number: int, hour: int, kind: str, source: str) -> str:
    return json.dumps(
        {
            "eventType": kind, "eventTime": f"2026-03-01T{9 + hour:02d}:00:0{kind == 'COMPLETE':d}Z",
            "run": {"runId": f"01936f2a-7c00-7000-8000-00000000000{number}"}, "job": {"namespace": "etl", "name": f"write-{number}"},
            "inputs": [{"namespace": "file", "name": source}], "outputs": [{"namespace": "file", "name": "/lake/t"}],
        }
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "headwater.yml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADWATER_STORE", raising=False)
    return tmp_path


def test_bad_data_reaches_the_versions_that_hold_it_and_no_others(lake: Path, headwater: Run) -> None:
    commit(lake / "lake/t", 0, 0, "WRITE", mode="ErrorIfExists")
    commit(lake / "lake/t", 1, 2, "WRITE", mode="Append")  # from bad data
    commit(lake / "lake/t", 2, 3, "OPTIMIZE")
    commit(lake / "lake/t", 3, 4, "RESTORE", version=0)
    commit(lake / "lake/t", 4, 5, "WRITE", mode="Append")
    runs = [(1, 0, "/good.csv"), (2, 2, "/bad.csv"), (3, 5, "/good.csv")]
    lines = [event(number, hour, kind, source) for number, hour, source in runs for kind in ("START", "COMPLETE")]
    (lake / "events.ndjson").write_text("\n".join(lines))
    assert headwater("ingest").code == 0
    found = headwater("impact", "bad-data:file:/bad.csv@2026-03-01T00:00:00Z..", "--format", "json").json["data"]
    bad = {f["ref"].rpartition("@")[2] for f in found["findings"] if f["kind"] == "DatasetVersion"}
    assert bad == {"1", "2"}


def test_a_model_stands_on_the_version_that_its_run_was_given(lake: Path, headwater: Run) -> None:
    case = Path(__file__).parents[1] / "cases/mlflow/log_input"
    table = "/home/ml/churn/data/churn_delta"
    for number in range(3):
        commit(lake / "lake", number, number, "WRITE", mode="Append")
    (lake / "headwater.yml").write_text(
        "store: sqlite:///catalog.db\nnamespaces: {ml: 'mlflow://tracker'}\nsources:\n"
        f"  - {{name: table, kind: delta, path: lake, namespace: file, prefix: {table}}}\n"
        f"  - {{name: runs, kind: mlflow, path: '{case}/tracking.db', namespace: ml}}\n"
    )
    headwater("ingest")
    told = headwater("provenance", "ml:churn_from_table/1", "--format", "json").json["data"]["datasets"]
    (trained,) = [d for d in told if table in d["ref"] and d["role"] == "training"]
    shown = headwater("show", f"file:{table}@1", "--format", "json").json["data"]["node"]["properties"]
    assert trained["digest"].endswith(shown["digest"])
    assert (shown["fileCount"], shown["strength"]) == (2, "weak")
