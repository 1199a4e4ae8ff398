"""A recorded script, end to end: what it wrote is read, its path is shown, and one changed byte is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.recorder import record
from tests.cli.conftest import Run

PROJECT = """\
store: sqlite:///catalog.db
sources:
  - {name: scripts, kind: openlineage, path: "data/*.openlineage.ndjson"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "headwater.yml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADWATER_STORE", raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/raw.csv").write_text("id,email,age\n1,a@x.org,30\n2,,40\n3,c@x.org,50\n")
    return tmp_path / "data"


def run_scripts(data: Path) -> None:
    rec = record("clean", note="export of 1 March", parameters={"columns": 3})
    raw = rec.read_csv(data / "raw.csv")
    rec.write_csv(rec.step("drop rows without email", raw.dropna(subset=["email"]), by=["email"]), data / "clean.csv")
    with record("features") as rec:
        clean = rec.read_csv(data / "clean.csv")
        made = clean.assign(decade=clean["age"] // 10)
        rec.write_csv(rec.step("decades", made, derives={"decade": ["age"]}), data / "featured.csv")
    with record("train") as rec:
        rec.read_csv(data / "featured.csv")
        (data / "model.bin").write_bytes(b"model")
        rec.write_file(data / "model.bin")


def test_raw_to_model_is_one_path_with_its_steps_and_a_changed_byte_is_found(folder: Path, headwater: Run) -> None:
    run_scripts(folder)
    assert headwater("ingest").code == 0

    def ref(name: str) -> str:
        return f"file:{(folder / name).as_posix()}"

    columns = headwater("lineage", ref("featured.csv") + "#decade", "--upstream", "--format", "json").json["data"]
    assert {edge["from"]: edge["subtype"] for edge in columns["edges"]} == {
        ref("clean.csv") + "#age": "transformation", ref("raw.csv") + "#age": "identity",
    }  # fmt: skip
    told = headwater(
        "lineage", ref("model.bin"), "--upstream", "--level", "dataset", "--flow", "table", "--format", "json"
    ).json["data"]
    assert {(edge["from"], edge["to"]) for edge in told["edges"]} == {
        (ref("featured.csv"), ref("model.bin")), (ref("clean.csv"), ref("featured.csv")), (ref("raw.csv"), ref("clean.csv")),
    }  # fmt: skip
    drawn = headwater("lineage", ref("model.bin"), "--level", "dataset", "--flow", "table", "--format", "svg").out
    assert "raw.csv" in drawn
    assert [r["verdict"] for r in headwater("verify", "--format", "json").json["data"]["results"]] == ["match"] * 4
    text = (folder / "raw.csv").read_text()
    (folder / "raw.csv").write_text(text.replace("40", "41"))
    found = headwater("verify", "--format", "json")
    assert found.code == 6
    assert [r["ref"] for r in found.json["data"]["results"] if r["verdict"] == "mismatch"] == [ref("raw.csv")]


def test_a_version_that_comes_back_is_the_one_that_the_last_run_saw(folder: Path, headwater: Run) -> None:
    texts = [(folder / "raw.csv").read_text(), "id,email,age\n1,b@x.org,31\n"]
    for text in (texts[0], texts[1], texts[0]):
        (folder / "raw.csv").write_text(text)
        run_scripts(folder)
    headwater("ingest")
    assert headwater("verify").code == 0


def test_steps_with_their_row_counts_are_shown_with_the_run(folder: Path, headwater: Run) -> None:
    run_scripts(folder)
    headwater("ingest")
    run = json.loads((folder / "clean.csv.recording.json").read_text())["run"]
    assert "drop rows without email  3 -> 2 rows" in headwater("show", f"run:{run}").out
    shown = headwater("show", f"run:{run}", "--format", "json").json["data"]["node"]["properties"]
    (step,) = json.loads(shown["facets"][0])["value"]["steps"]
    assert (step["rows_before"], step["rows_after"], step["filtered_by"]) == (3, 2, ["email"])
    assert json.loads(shown["parameters"]) == {"columns": "3"}
