"""Three lines in a script: what was read, done and written, with digests, and nothing of the data itself."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.recorder import Recording, record
from catalog.recorder.code import code_of

RAW = "id,email,city\n1,a@x.org,Bern\n2,,Basel\n3,c@x.org,\n4,,Bern\n"
SCHEMA = Path(__file__).parents[1] / "schema/json/headwater.recording.json"


def ticking() -> Callable[[], datetime]:
    ticks = iter(range(10_000))
    return lambda: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))


def recording(name: str = "clean", **options: Any) -> Recording:
    return Recording(name, clock=ticking(), run="00000000-0000-4000-8000-000000000001", **options)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.csv"
    path.write_text(RAW)
    return path


def said(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(path.name + ".recording.json").read_text())
    return found


def events(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.openlineage.ndjson"))
        for line in path.read_text().splitlines()
    ]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources(event: dict[str, Any], column: str, output: int = 0) -> list[tuple[str, list[str]]]:
    fields = event["outputs"][output]["facets"]["columnLineage"]["fields"].get(column, {}).get("inputFields", [])
    return [(field["field"], [how["subtype"] for how in field["transformations"]]) for field in fields]


def test_a_cleaning_script_tells_digests_steps_and_dropped_rows(raw: Path) -> None:
    clean = raw.with_name("clean.csv")
    with recording(note="export of 1 March", parameters={"min": "1"}) as rec:
        data = rec.read_csv(raw)
        kept = rec.step("drop rows without email", data.dropna(subset=["email"]), by=["email"], how="any")
        rec.write_csv(kept.drop(columns="city"), clean)
    told = said(clean)
    assert told["inputs"][0]["sha256"] == sha256(raw)
    assert told["outputs"][0]["sha256"] == sha256(clean)
    assert (told["inputs"][0]["rows"], told["outputs"][0]["rows"], told["state"]) == (4, 2, "COMPLETE")
    assert {c["name"]: c["nulls"] for c in told["inputs"][0]["columns"]} == {"id": 0, "email": 2, "city": 1}
    (step,) = told["steps"]
    assert (step["rows_before"], step["rows_after"], step["rows_dropped"]) == (4, 2, 2)
    assert step["parameters"] == {"how": "any"}
    assert told["inputs"][0]["note"] == "export of 1 March"
    assert told["parameters"] == {"min": "1"}
    assert told["environment"]["packages"]["pandas"] == pd.__version__


def test_the_side_file_is_as_its_schema_says_and_holds_no_value_of_the_data(raw: Path) -> None:
    out = raw.with_name("out.csv")
    with recording() as rec:
        rec.write_csv(rec.step("keep", rec.read_csv(raw)), out)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(said(out))
    texts = [p.read_text() for p in raw.parent.iterdir() if p.suffix in (".json", ".ndjson")]
    assert not any(value in text for text in texts for value in ("x.org", "Bern", "Basel"))


def test_events_start_and_complete_one_run(raw: Path) -> None:
    with recording() as rec:
        rec.write_csv(rec.read_csv(raw), raw.with_name("a.csv"))
        rec.write_csv(rec.read_csv(raw), raw.with_name("b.csv"))
    found = events(raw.parent)
    assert [e["eventType"] for e in found] == ["START", "RUNNING", "RUNNING", "COMPLETE"]
    assert len({e["run"]["runId"] for e in found}) == 1
    assert [Path(o["name"]).name for o in found[-1]["outputs"]] == ["a.csv", "b.csv"]
    assert found[-1]["inputs"][0]["facets"]["version"]["datasetVersion"] == f"sha256:{sha256(raw)}"


def test_without_a_block_each_file_completes_the_run(raw: Path) -> None:
    rec = recording()
    rec.write_csv(rec.read_csv(raw), raw.with_name("a.csv"))
    assert [e["eventType"] for e in events(raw.parent)] == ["START", "COMPLETE"]


def test_an_exception_fails_the_run_and_its_message_is_not_kept(raw: Path) -> None:
    def script() -> None:
        with recording() as rec:
            rec.read_csv(raw)
            raise ValueError("a@x.org is twice there")

    with pytest.raises(ValueError, match=r"a@x\.org"):
        script()
    last = events(raw.parent)[-1]
    assert (last["eventType"], last["run"]["facets"]["errorMessage"]["message"]) == ("FAIL", "ValueError")


def test_a_failure_inside_a_call_is_told_once_and_goes_on(raw: Path) -> None:
    def script() -> None:
        with recording() as rec:
            rec.read_csv(raw)
            rec.read_csv(raw.with_name("gone.csv"))

    with pytest.raises(FileNotFoundError):
        script()
    assert [e["eventType"] for e in events(raw.parent)] == ["START", "FAIL"]


# --- columns ----------------------------------------------------------------------------------------------------------


def test_columns_are_told_by_what_was_seen_said_or_only_possible(raw: Path) -> None:
    out = raw.with_name("out.csv")
    with recording() as rec:
        data = rec.read_csv(raw)
        renamed = rec.step("rename", data.rename(columns={"city": "town"}))
        filled = rec.step("fill", renamed.assign(email=renamed["email"].fillna("none")))
        made = rec.step("key", filled.assign(key=filled["id"] * 2, any=1), derives={"key": ["id"]})
        rec.write_csv(made, out)
    last = events(raw.parent)[-1]
    assert sources(last, "id") == [("id", ["IDENTITY"])]
    assert sources(last, "town") == [("city", ["IDENTITY"])]
    assert sources(last, "email") == [("email", [])]
    assert sources(last, "key") == [("id", ["TRANSFORMATION"])]
    assert sources(last, "any") == [("city", []), ("email", []), ("id", [])]
    assert said(out)["steps"][0]["columns_renamed"] == {"town": "city"}


def test_columns_that_decide_which_rows_stay_are_told(raw: Path) -> None:
    with recording() as rec:
        data = rec.read_csv(raw)
        rec.write_csv(rec.step("few", data[data["id"] < 3], by=["id"]), raw.with_name("out.csv"))
    facet = events(raw.parent)[-1]["outputs"][0]["facets"]["columnLineage"]
    assert [(d["field"], d["transformations"]) for d in facet["dataset"]] == [
        ("id", [{"type": "INDIRECT", "subtype": "FILTER"}])
    ]


def test_a_join_stands_on_both(raw: Path) -> None:
    other = raw.with_name("other.csv")
    other.write_text("id,score\n1,5\n3,6\n")
    with recording() as rec:
        left, right = rec.read_csv(raw), rec.read_csv(other)
        rec.write_csv(rec.step("join", left.merge(right, on="id"), of=[left, right]), raw.with_name("out.csv"))
    last = events(raw.parent)[-1]
    fields = last["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert {Path(f["name"]).name for f in fields["score"]["inputFields"]} == {"other.csv"}
    assert {Path(f["name"]).name for f in fields["id"]["inputFields"]} == {"raw.csv", "other.csv"}


def test_columns_are_followed_through_an_array_as_far_as_can_be_told(raw: Path) -> None:
    with recording() as rec:
        data = rec.read_csv(raw)
        array = rec.step("to numbers", data[["id"]].to_numpy(), of=data)
        table = rec.step("back", pd.DataFrame(array * 2, columns=["twice"]), of=array)
        rec.write_csv(table, raw.with_name("out.csv"))
    assert sources(events(raw.parent)[-1], "twice") == [("city", []), ("email", []), ("id", [])]
    first, second = said(raw.with_name("out.csv"))["steps"]
    assert (first["columns_removed"], second["columns_added"]) == ([], ["twice"])


def test_a_table_that_was_changed_in_place_is_not_taken_for_seen(raw: Path) -> None:
    with recording() as rec:
        data = rec.read_csv(raw)
        data["id"] = 0
        rec.write_csv(rec.step("reset", data), raw.with_name("out.csv"))
    assert sources(events(raw.parent)[-1], "id") == [("id", [])]


rows = st.lists(
    st.fixed_dictionaries({"a": st.integers(0, 3), "b": st.sampled_from(["", "x", "y"])}), min_size=1, max_size=8
)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(rows, st.integers(0, 3))
def test_lists_and_data_frames_are_told_alike(tmp_path_factory: Any, data: list[dict[str, Any]], least: int) -> None:
    folder = tmp_path_factory.mktemp("r")
    told = []
    for number, load in enumerate((pd.DataFrame, list)):
        path = folder / f"in{number}.csv"
        path.write_text("x")
        rec = recording(f"job{number}")
        table: Any = rec.read(path, lambda _, load=load: load(data))
        kept = [r for r in data if r["a"] >= least]
        small: Any = rec.step("few", load(kept) if number else table[table["a"] >= least])
        rec.write(small, folder / f"out{number}", lambda _, place: Path(place).write_text(""))
        told.append(said(folder / f"out{number}")["steps"])
    assert told[0][0] | {"columns_removed": []} == told[1][0] | {"columns_removed": []}


def test_without_pandas_a_file_is_a_list_of_mappings(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    out = raw.with_name("out.csv")
    with recording() as rec:
        data = rec.read_csv(raw)
        rec.write_csv(rec.step("with email", [r for r in data if r["email"]]), out)
    assert [r["id"] for r in csv.DictReader(out.read_text().splitlines())] == ["1", "3"]
    assert said(out)["steps"][0]["rows_dropped"] == 2


# --- names, code ------------------------------------------------------------------------------------------------------


def test_names_start_at_a_root_where_one_is_given(raw: Path) -> None:
    with recording(namespace="s3://lake", root=raw.parent) as rec:
        rec.write_csv(rec.read_csv(raw), raw.with_name("out.csv"))
    last = events(raw.parent)[-1]
    assert [(d["namespace"], d["name"]) for d in (*last["inputs"], *last["outputs"])] == [
        ("s3://lake", "raw.csv"), ("s3://lake", "out.csv"),
    ]  # fmt: skip


def test_what_is_no_local_file_is_named_by_its_address_and_has_no_digest(tmp_path: Path) -> None:
    rec = recording(events=tmp_path / "e.openlineage.ndjson")
    rec.read("s3://bucket/a/b.csv", lambda _: [{"a": 1}])
    rec.write_file(tmp_path / "e.openlineage.ndjson")
    (used,) = events(tmp_path)[-1]["inputs"]
    assert (used["namespace"], used["name"], "version" in used["facets"]) == ("s3://bucket", "a/b.csv", False)


def test_the_commit_is_read_from_the_repositorys_files(tmp_path: Path) -> None:
    script = tmp_path / "repo/src/clean.py"
    script.parent.mkdir(parents=True)
    script.write_text("pass\n")
    git = tmp_path / "repo/.git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text(
        '[core]\n\tbare = false\n[remote "origin"]\n\tfetch = x\n\turl = https://me:pw@host/r.git\n'
    )
    (git / "packed-refs").write_text(f"# pack-refs\n{'b' * 40} refs/heads/main\n")
    code = code_of(script)
    assert code is not None
    assert (code.commit, code.branch, code.path) == ("b" * 40, "main", "src/clean.py")
    assert (code.repository, code.sha256) == ("https://host/r.git", sha256(script))
    (git / "refs/heads").mkdir(parents=True)
    (git / "refs/heads/main").write_text("c" * 40 + "\n")
    assert (found := code_of(script)) is not None
    assert found.commit == "c" * 40


def test_without_a_repository_the_scripts_digest_names_the_code(tmp_path: Path) -> None:
    script = tmp_path / "clean.py"
    script.write_text("pass\n")
    code = code_of(script)
    assert code is not None
    assert code.sha256 == sha256(script)
    assert record("x").code is not None
