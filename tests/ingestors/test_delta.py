"""Delta logs: what is told does not hang on what of the log is left, meets what others saw, and holds no value of the data."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.harvest import Harvest
from catalog.model.edges import DependsOn, DerivesFrom, GeneratedBy, Used
from catalog.model.facts import Fact, Skip, Snapshot
from catalog.model.ingest import Context, Ingestor, Limits, Source
from catalog.model.instants import parse
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, DatasetVersion, Run
from catalog.replay import export_lines
from catalog.store.memory import MemoryStore
from catalog.verification.verifying import Files, Verification
from ingestors.delta import DeltaIngestor, DeltaOptions
from ingestors.delta.state import FileSet
from ingestors.openlineage import OpenLineageIngestor, OpenLineageOptions

NOON = 1_772_366_400_000
SCHEMA = json.dumps({"type": "struct", "fields": [{"name": "a", "type": "integer", "nullable": True, "metadata": {}}]})
META: dict[str, Any] = {"metaData": {"id": "t-1", "schemaString": SCHEMA, "partitionColumns": [], "configuration": {}}}
PROTOCOL: dict[str, Any] = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
Action = dict[str, Any]


def add(path: str, rows: int | None = 1, *, size: int = 10, **more: Any) -> Action:
    stats = None if rows is None else json.dumps({"numRecords": rows, "minValues": {"a": "SECRET"}})
    return {"add": {"path": path, "size": size, "stats": stats, "dataChange": True, **more}}


def remove(path: str, **more: Any) -> Action:
    return {"remove": {"path": path, "dataChange": True, **more}}


def info(number: int, operation: str = "WRITE", **parameters: Any) -> Action:
    return {
        "commitInfo": {"timestamp": NOON + number * 1000, "operation": operation, "operationParameters": parameters}
    }


def write(root: Path, commits: Iterable[Iterable[Action]], table: str = "lake/t", first: int = 0) -> Path:
    log = root / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    for version, actions in enumerate(commits, first):
        keep(log / f"{version:020d}.json", actions)
    return log


def keep(path: Path, actions: Iterable[Action]) -> None:
    path.write_text("".join(json.dumps(action) + "\n" for action in actions))


def context(root: Path, **limits: Any) -> Context:
    return Context("lake", root, {}, parse("2026-11-21"), limits=Limits(**limits))


def read(root: Path, path: str = "lake", **limits: Any) -> list[Snapshot]:
    options = DeltaOptions(path=path, namespace="file", prefix="/lake")
    found = list(DeltaIngestor(options).snapshots(context(root, **limits)))
    return [Snapshot(s.scope, s.at, list(s.facts), s.complete, s.unread, s.dated) for s in found]


def elements(snapshots: Iterable[Snapshot], kind: type[Any]) -> list[Any]:
    facts = (item.element for one in snapshots for item in one.facts if isinstance(item, Fact))
    return [element for element in facts if isinstance(element, kind)]


def skips(snapshots: Iterable[Snapshot]) -> list[Skip]:
    return [item for one in snapshots for item in one.facts if isinstance(item, Skip)]


def versions(root: Path) -> dict[str, DatasetVersion]:
    return {version.version: version for version in elements(read(root), DatasetVersion)}


# --- files ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), max_size=30))
def test_the_sums_of_files_are_those_of_what_is_left(changes: list[tuple[bool, int, int]]) -> None:
    files, left = FileSet(), dict[str, int]()
    for added, number, rows in changes:
        if added:
            left[f"f{number}"] = rows
            files.add(add(f"f{number}", rows, size=rows)["add"])
        else:
            left.pop(f"f{number}", None)
            files.remove(remove(f"f{number}")["remove"])
    again = FileSet()
    for path in random.Random(1).sample(sorted(left), len(left)):
        again.add(add(path, left[path], size=left[path])["add"])
    assert (files.rows, files.size, files.count) == (sum(left.values()), sum(left.values()), len(left))
    assert files.digest == again.digest


def test_rows_that_a_deletion_vector_marks_do_not_count_whatever_the_order_of_actions(tmp_path: Path) -> None:
    vector: Any = {"deletionVector": {"storageType": "u", "pathOrInlineDv": "x", "offset": 1, "cardinality": 2}}
    commits = [[META, add("f", 5)], [add("f", 5, **vector), remove("f")]]
    write(tmp_path, commits)
    found = versions(tmp_path)
    assert (found["0"].row_count, found["1"].row_count, found["1"].file_count) == (5, 3, 1)
    assert found["0"].digest != found["1"].digest


def test_rows_are_unknown_where_a_file_has_no_statistics(tmp_path: Path) -> None:
    write(tmp_path, [[META, add("f", None)], [add("g", 3)], [remove("f")]])
    assert [versions(tmp_path)[n].row_count for n in "012"] == [None, None, 3]


# --- what is left of a log --------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[list[Action]]:
    """Commits that add new files and remove some that are there."""
    commits: list[list[Action]] = []
    there: list[str] = []
    for number in range(draw(st.integers(2, 7))):
        actions: list[Action] = [info(number), *([META, PROTOCOL] if number == 0 else [])]
        gone = draw(st.lists(st.sampled_from(there), unique=True, max_size=2)) if there else []
        new = [f"f{number}-{i}" for i in range(draw(st.integers(0, 3)))]
        actions += [remove(path) for path in gone] + [add(path, draw(st.integers(0, 9))) for path in new]
        there = [path for path in there if path not in gone] + new
        commits.append(actions)
    return commits


def reconciled(commits: Iterable[list[Action]], *, whole: bool) -> list[Action]:
    """Returns what a checkpoint (`whole`) or a compaction of some commits holds."""
    last: dict[str, Action] = {}
    for actions in commits:
        for action in actions:
            ((kind, body),) = action.items()
            last[body["path"] if kind in ("add", "remove") else kind] = action
    last.pop("commitInfo", None)
    return [action for action in last.values() if not (whole and "remove" in action)]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(histories(), st.data())
def test_versions_are_the_same_from_commits_a_checkpoint_or_a_compaction(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Action]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(commits) - 1))
    roots = [tmp_path_factory.mktemp("log") for _ in range(3)]
    write(roots[0], commits)
    log = write(roots[1], commits[cut:], first=cut)
    keep(log / f"{cut - 1:020d}.checkpoint.0000-1111.json", reconciled(commits[:cut], whole=True))
    log = write(roots[2], commits[cut:], first=cut)
    start = data.draw(st.integers(0, cut - 1))
    for number in range(start):
        keep(log / f"{number:020d}.json", commits[number])
    keep(log / f"{start:020d}.{cut - 1:020d}.compacted.json", reconciled(commits[start:cut], whole=False))
    whole, checkpoint, compaction = map(versions, roots)
    for number in range(cut, len(commits)):
        told = set()
        for found in (whole, checkpoint, compaction):
            one = found[str(number)]
            told.add((one.digest, one.row_count, one.byte_size, one.file_count, tuple(one.columns or ())))
        assert len(told) == 1


def test_a_checkpoint_in_parquet_is_told_as_a_gap_and_the_checksum_gives_what_it_can(tmp_path: Path) -> None:
    log = write(tmp_path, [[info(4), add("f")]], first=4)
    (log / f"{3:020d}.checkpoint.parquet").write_bytes(b"PAR1")
    keep(log / f"{4:020d}.crc", [{"metadata": META["metaData"], "protocol": {}, "tableSizeBytes": 70, "numFiles": 7}])
    found = read(tmp_path)
    (version,) = elements(found, DatasetVersion)
    assert (version.digest, version.row_count, version.byte_size, version.file_count) == (None, None, 70, 7)
    assert version.columns == ["a"]
    assert ["versions 0 to 3" in skip.message for skip in skips(found)] == [True]


def test_a_line_that_is_no_action_costs_its_version_what_it_could_have_hidden(tmp_path: Path) -> None:
    log = write(tmp_path, [[META, info(0), add("f")], [info(1), add("g")]])
    with (log / f"{1:020d}.json").open("a") as file:
        file.write('{"add": {"path": \n')
    found = read(tmp_path)
    assert {s.scope[-1]: s.complete for s in found if s.scope[-2] == "versions"} == {"0": True, "1": False}
    assert [v.digest is None for v in elements(found, DatasetVersion)] == [False, True]
    assert [skip.code for skip in skips(found)] == ["unreadable"]


def test_a_line_over_the_limit_is_skipped_by_name(tmp_path: Path) -> None:
    write(tmp_path, [[META, info(0), add("f" * 5000)]])
    assert [skip.code for skip in skips(read(tmp_path, record_bytes=2000))] == ["too_large"]


def test_many_commits_are_read_in_order_of_their_versions_whatever_their_clocks_say(tmp_path: Path) -> None:
    write(tmp_path, [[META, info(0)], *([info(-number), add(f"f{number}")] for number in range(1, 1500))])
    found = read(tmp_path)
    times = [s.at for s in found if s.scope[-2] == "versions"]
    assert times == sorted(times)
    assert len(set(times)) == 1500
    (newest,) = [d for d in elements(found, Dataset) if d.version]
    assert (newest.version, newest.row_count) == ("1499", 1499)


# --- what stands on what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("WRITE", {"mode": "Append"}, ("/lake/t", "previous")),
        ("WRITE", {"mode": "Overwrite"}, None),
        ("WRITE", {"mode": "Overwrite", "predicate": "day = 1"}, ("/lake/t", "previous")),
        ("MERGE", {}, ("/lake/t", "previous")),
        ("CREATE OR REPLACE TABLE AS SELECT", {}, None),
        ("RESTORE", {"version": 0}, ("0", "restored")),
    ],
)
def test_a_version_stands_on_what_its_operation_left(
    tmp_path: Path, operation: str, parameters: Action, expected: tuple[str, str] | None
) -> None:
    write(tmp_path, [[META, info(0)], [info(1)], [info(2, operation, **parameters), add("f")]])
    used = [edge for edge in elements(read(tmp_path), Used) if edge.start.name == "/lake/t@2"]
    assert [(edge.end.parts[-1], edge.role) for edge in used] == ([expected] if expected else [])


def test_a_version_of_which_nothing_is_known_that_it_stands_on_has_no_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        [[META, info(0), add("f")], [info(1, "WRITE", mode="Append"), add("g")], [info(2, "WRITE", mode="Overwrite")]],
    )
    found = read(tmp_path)
    assert [edge.start.parts[2] for edge in elements(found, GeneratedBy)] == ["1"]
    told = {v.version: json.loads(v.meta or "") for v in elements(found, DatasetVersion)}
    assert told["2"]["operation"] == "WRITE"
    assert json.loads(told["2"]["parameters"]) == {"mode": "Overwrite"}
    assert "parameters" not in told["1"]


def test_a_clone_stands_on_its_source_until_it_is_overwritten(tmp_path: Path) -> None:
    write(tmp_path, [[info(0, "CLONE", source="delta.`s3a://b/lake/x`", sourceVersion=3), META]])
    found = read(tmp_path)
    assert [(e.end.parts, e.role) for e in elements(found, Used)] == [(("s3://b", "lake/x", "3"), "clone")]
    assert [e.end.parts for e in elements(found, DependsOn)] == [("s3://b", "lake/x")]
    assert [e.end.parts for e in elements(found, DerivesFrom)] == [("s3://b", "lake/x", "a")]
    write(tmp_path, [[info(1, "WRITE", mode="Overwrite"), add("f")]], first=1)
    clones = [s for s in read(tmp_path) if s.scope[-1] == "clone"]
    assert [len(list(s.facts)) for s in clones] == [2, 0]


def test_a_renamed_column_says_what_it_was_called(tmp_path: Path) -> None:
    def named(name: str) -> Action:
        mapped = {"delta.columnMapping.id": 1, "delta.columnMapping.physicalName": "col-1"}
        fields = [{"name": name, "type": "string", "nullable": True, "metadata": mapped}]
        return {"metaData": {**META["metaData"], "schemaString": json.dumps({"type": "struct", "fields": fields})}}

    write(tmp_path, [[named("email")], [named("mail")], [named("contact")], [named("mail")], [named("contact")]])
    last = [s for s in read(tmp_path) if s.scope[-1] == "table"][-1]
    (column,) = elements([last], Column)
    assert column.path == "contact"
    assert json.loads(column.meta or "") == {"id": 1, "physicalName": "col-1", "renamedFrom": ["email", "mail"]}


def test_no_value_of_the_data_is_kept(tmp_path: Path) -> None:
    condition = {"predicate": "[\"(name#12 = 'Ada')\"]", "matchedPredicates": '[{"predicate":"(age = 417708)"}]'}
    write(tmp_path, [[META, info(0), add("f")], [info(1, "MERGE", **condition)]])
    written = "".join(item.body for one in read(tmp_path) for item in one.facts if isinstance(item, Fact))
    assert not any(value in written for value in ("SECRET", "Ada", "417708"))
    (run,) = elements(read(tmp_path), Run)
    assert json.loads(run.parameters or "{}")["predicate"] == '["(name = ?)"]'


# --- names, and what others saw ---------------------------------------------------------------------------------------


def test_every_table_below_the_folder_is_found_and_named_by_its_path(tmp_path: Path) -> None:
    for table in ("lake/a", "lake/deep/er/b", "lake/a/_delta_log/x", "lake/.hidden/c"):
        write(tmp_path, [[META]], table)
    assert {s.scope[2] for s in read(tmp_path)} == {"/lake/a", "/lake/deep/er/b"}
    assert {s.scope[2] for s in read(tmp_path, "lake/a")} == {"/lake"}


def test_links_are_not_followed_out(tmp_path: Path) -> None:
    write(tmp_path / "outside", [[META, info(0)]])
    (tmp_path / "in/lake").mkdir(parents=True)
    (tmp_path / "in/lake/t").symlink_to(tmp_path / "outside/lake/t")
    write(tmp_path / "in", [[META, info(0)]], "lake/u")
    assert {s.scope[2] for s in read(tmp_path / "in")} == {"/lake/u"}


def harvest(store: MemoryStore, *sources: tuple[Ingestor, Context]) -> None:
    harvester = Harvest(store, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), actor="tester")
    for number, (ingestor, where) in enumerate(sources):
        harvester.read(Source(str(number), ingestor.name, ingestor, where))


def test_a_version_is_the_one_that_events_name(tmp_path: Path) -> None:
    write(tmp_path, [[META, info(0)], [info(1, mode="Append"), add("f")]])
    out = {"namespace": "file", "name": "/lake/t", "facets": {"version": {"datasetVersion": "1"}}}
    event = {
        "eventType": "COMPLETE", "eventTime": "2026-03-01T12:00:01Z", "run": {"runId": "0190b6a0-0000-7000-8000-000000000001"},
        "job": {"namespace": "spark", "name": "write"}, "inputs": [], "outputs": [out],
    }  # fmt: skip
    (tmp_path / "e.json").write_text(json.dumps(event))
    store = MemoryStore()
    harvest(
        store,
        (DeltaIngestor(DeltaOptions(path="lake", namespace="file", prefix="/lake")), context(tmp_path)),
        (OpenLineageIngestor(OpenLineageOptions(path="e.json")), context(tmp_path)),
    )
    version = Urn("datasetversion", ("file", "/lake/t", "1"))
    (key,) = store.keys([version]).values()
    makers = {hop.far for hop in store.step([key], ["GENERATED_BY"], "upstream", None)}
    assert {urn.namespace for urn in store.urns(makers).values()} == {"file", "openlineage"}


@pytest.mark.parametrize(
    ("path", "prefix", "named"),
    [
        ("lake", None, "lake/t"),
        ("lake/t", None, "lake/t"),
        (".", None, "lake/t"),
        ("./lake/", "/lake", "/lake/t"),
        ("lake", "/", "/t"),
    ],
)
def test_a_table_is_found_again_by_its_name(tmp_path: Path, path: str, prefix: str | None, named: str) -> None:
    write(tmp_path, [[META, info(0), add("f")]])
    ingestor = DeltaIngestor(DeltaOptions(path=path, namespace="file", prefix=prefix))
    assert {s.scope[2] for s in ingestor.snapshots(context(tmp_path))} == {named}
    version = Urn("datasetversion", ("file", named, "0"))
    assert (found := ingestor.manifest(context(tmp_path), version)) is not None
    assert found.folder == tmp_path / "lake/t"
    for other in ("../lake/t", "lake/../lake/t", f"{named}/", f"{named}/../t", f"{named}//x"):
        assert ingestor.manifest(context(tmp_path), Urn("datasetversion", ("file", other, "0"))) is None


def test_readings_of_a_growing_log_come_to_the_same_in_any_order(tmp_path: Path) -> None:
    commits = [
        [META, info(0), add("f")],
        [info(1), add("g")],
        [info(2), remove("f")],
        [info(3, "WRITE", mode="Overwrite")],
    ]
    early, late = tmp_path / "early", tmp_path / "late"
    write(early, commits[:2])
    write(late, commits)
    stores = []
    for roots in ((early, late), (late, early), (late, early, late)):
        store = MemoryStore()
        for root in roots:
            harvest(store, (DeltaIngestor(DeltaOptions(path="lake", namespace="file", prefix="/lake")), context(root)))
        stores.append([(fact["fact"], fact["spans"]) for fact in map(json.loads, export_lines(store))])
    assert stores[0] == stores[1] == stores[2]


# --- verification -----------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write(tmp_path, [[META, info(0), add("p=a%20b/f.parquet", size=3)], [info(1), add("g.parquet", size=2)]])
    folder = tmp_path / "lake/t"
    (folder / "p=a b").mkdir()
    (folder / "p=a b/f.parquet").write_bytes(b"abc")
    (folder / "g.parquet").write_bytes(b"de")
    return folder


def verdict(root: Path, store: MemoryStore | None = None) -> tuple[str, str]:
    where = context(root)
    ingestor = DeltaIngestor(DeltaOptions(path="lake", namespace="file", prefix="/lake"))
    if store is None:
        store = MemoryStore()
        harvest(store, (ingestor, where))
    files = Files(lists=(Source("lake", "delta", ingestor, where),), listed=frozenset({"file"}))
    (result,) = Verification(store, files, workers=1).run()
    return result.verdict, result.why or ""


def test_files_of_a_table_are_there_with_their_sizes(lake: Path) -> None:
    assert verdict(lake.parents[1]) == ("match", "2 files by name and size: its log records no digest of their bytes")
    (lake / "g.parquet").write_bytes(b"def")
    assert verdict(lake.parents[1]) == ("mismatch", "1 of 2 files have another size, first 'g.parquet'")
    (lake / "g.parquet").unlink()
    assert verdict(lake.parents[1]) == ("missing", "1 of 2 files are not there, first 'g.parquet'")


def test_a_table_that_is_gone_is_missing(lake: Path) -> None:
    store = MemoryStore()
    where = context(lake.parents[1])
    harvest(store, (DeltaIngestor(DeltaOptions(path="lake", namespace="file", prefix="/lake")), where))
    lake.rename(lake.with_name("moved"))
    found, why = verdict(lake.parents[1], store)
    assert (found, "is no folder" in why) == ("missing", True)


def test_a_log_that_was_changed_since_it_was_read_is_a_mismatch(lake: Path) -> None:
    store = MemoryStore()
    where = context(lake.parents[1])
    harvest(store, (DeltaIngestor(DeltaOptions(path="lake", namespace="file", prefix="/lake")), where))
    (lake / "g.parquet").write_bytes(b"other")
    keep(lake / "_delta_log" / f"{1:020d}.json", [info(1), add("g.parquet", size=5)])
    assert verdict(lake.parents[1], store) == ("mismatch", "its log lists other files than when it was read")


@pytest.mark.parametrize("path", ["../../secret", "%2e%2e/%2e%2e/secret", "link", "sub/../../../secret"])
def test_no_path_of_a_log_leads_out_of_its_table(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"s")
    log = write(tmp_path, [[META, info(0), add(path, size=1)]])
    (log.parent / "link").symlink_to(tmp_path / "secret")
    assert verdict(tmp_path)[0] == "missing"


def test_files_that_a_clone_shares_are_not_looked_at_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, [[META, info(0), add("file:/etc/passwd", size=1)]])
    assert verdict(tmp_path) == ("missing", "1 of 1 files lie in another folder, which is not looked at")
