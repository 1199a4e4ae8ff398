"""Logs of predictions: the link to the model is kept, the person is not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.model.edges import PredictedBy
from catalog.model.facts import Fact, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import parse, show
from catalog.model.names import Urn
from catalog.model.nodes import Prediction
from ingestors.predictions import PredictionsIngestor, PredictionsOptions

ROW = {
    "decision_id": "D1", "decided_at": "2026-03-05T08:00:00Z", "customer_id": "4711", "model_name": "churn",
    "model_version": "2", "score": "0.5", "outcome": "kept", "reasons": ["late"],
    "features": {"late": 3, "income": 35589.33}, "full_name": "Ana Example",
}  # fmt: skip


def as_csv(rows: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(
            [json.dumps(v) if isinstance(v, dict) else ";".join(v) if isinstance(v, list) else v for v in row.values()]
        )
    return buffer.getvalue()


def read(root: Path, rows: list[dict[str, Any]], suffix: str = ".csv", **options: Any) -> list[Snapshot]:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (root / f"log{suffix}").write_text(as_csv(rows) if suffix == ".csv" else lines)
    context = Context("s", root, {"ml": "mlflow://t"}, now=parse("2026-11-21"))
    source = PredictionsIngestor(PredictionsOptions(path=f"log{suffix}", namespace="ml", **options))
    return list(source.snapshots(context))


def elements(snapshots: list[Snapshot], kind: type) -> list[Any]:
    facts = [item.element for one in snapshots for item in one.facts if isinstance(item, Fact)]
    return [element for element in facts if isinstance(element, kind)]


def skips(snapshots: list[Snapshot]) -> list[str]:
    return [item.code for one in snapshots for item in one.facts if isinstance(item, Skip)]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".ndjson"])
def test_every_form_says_the_same(tmp_path: Path, suffix: str) -> None:
    snapshots = read(tmp_path, [ROW], suffix)
    (prediction,) = elements(snapshots, Prediction)
    assert (prediction.outcome, prediction.score, prediction.reasons) == ("kept", "0.5", ["late"])
    assert prediction.features == '{"late":"3"}'
    (edge,) = elements(snapshots, PredictedBy)
    assert edge.end == Urn("modelversion", ("mlflow://t", "churn", "2"))
    assert not snapshots[0].complete


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_no_personal_data_is_kept(tmp_path: Path, suffix: str) -> None:
    snapshots = read(tmp_path, [ROW], suffix, key="k")
    bodies = "".join(fact.body for one in snapshots for fact in one.facts if isinstance(fact, Fact))
    assert not [secret for secret in ("4711", "Ana", "35589") if secret in bodies]
    assert skips(snapshots) == ["ignored"]


def test_a_subject_is_told_again_by_the_same_key_only(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "decision_id": "D2"}, {**ROW, "decision_id": "D3", "customer_id": "4712"}]
    keyed, other = (elements(read(tmp_path, rows, key=key), Prediction) for key in ("one", "two"))
    assert keyed[0].subject == keyed[1].subject != keyed[2].subject
    assert {one.subject for one in keyed}.isdisjoint({one.subject for one in other})


@pytest.mark.parametrize(
    ("values", "kept"), [("all", '{"income":"35589.33","late":"3"}'), ("reasons", '{"late":"3"}'), ("none", None)]
)
def test_whose_values_are_kept_is_chosen(tmp_path: Path, values: str, kept: str | None) -> None:
    assert elements(read(tmp_path, [ROW], values=values), Prediction)[0].features == kept


def test_a_day_is_a_snapshot_at_its_latest_time(tmp_path: Path) -> None:
    times = ["2026-03-05T08:00:00Z", "2026-03-05T07:00:00Z", "2026-03-06T00:00:00Z"]
    snapshots = read(tmp_path, [{**ROW, "decision_id": f"D{i}", "decided_at": at} for i, at in enumerate(times)])
    assert [(show(one.at), len(list(one.facts))) for one in snapshots] == [
        ("2026-03-05T08:00:00Z", 4), ("2026-03-06T00:00:00Z", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [({"decided_at": "9999-01-01"}, "unreadable"), ({"decided_at": "x"}, "unreadable"), ({"decision_id": ""}, "unreadable"),
     ({"model_version": ""}, "unresolved"), ({"features": "{"}, "unreadable"), ({"features": "[1]"}, "unreadable")],
)  # fmt: skip
def test_a_row_with_a_fault_spares_the_others(tmp_path: Path, change: dict[str, str], code: str) -> None:
    snapshots = read(tmp_path, [{**ROW, **change}, {**ROW, "decision_id": "D2"}])
    assert code in skips(snapshots)
    assert "D2" in {one.name for one in elements(snapshots, Prediction)}


def test_columns_have_the_names_that_the_options_say(tmp_path: Path) -> None:
    row = {"id": "not this", "ref": "R1", "when": "2026-03-05", "model": "m", "version": "1"}
    (one,) = elements(read(tmp_path, [row], columns={"id": "ref", "at": "when"}), Prediction)
    assert (one.name, one.at) == ("R1", "2026-03-05T00:00:00Z")
