"""The reader of Great Expectations: what it promises besides the contract of all ingestors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.model.edges import Checks, EvaluatedOn
from catalog.model.errors import SourceError
from catalog.model.ingest import Context
from catalog.model.instants import parse
from catalog.model.nodes import Check, CheckResult
from ingestors.great_expectations import GreatExpectationsIngestor, GreatExpectationsOptions
from tests.ingestors.cases import Read

RULE = {"id": "r1", "type": "expect_column_values_to_be_between", "kwargs": {"column": "Height", "max_value": 9}}
SETTINGS = {"great_expectations.yml": "data_context_id: garden\n"}


def suite(*rules: dict[str, Any], name: str = "trees", **meta: str) -> str:
    return json.dumps({"name": name, "expectations": list(rules), "meta": meta})


def result(*outcomes: dict[str, Any], run: str = "night", day: int = 1, asset: str = "trees", **more: Any) -> str:
    meta = {
        "run_id": {"run_name": run, "run_time": f"2026-03-{day:02d}T00:00:00+00:00"},
        "active_batch_definition": {"datasource_name": "farm", "data_asset_name": asset},
    }
    success = all(outcome["success"] for outcome in outcomes)
    return json.dumps({"suite_name": "trees", "success": success, "results": list(outcomes), "meta": meta, **more})


def outcome(success: bool, rule: dict[str, Any] = RULE, **said: Any) -> dict[str, Any]:
    return {"success": success, "expectation_config": rule, "result": said}


def reads(root: Path, files: dict[str, str], **options: Any) -> list[Read]:
    for name, content in (SETTINGS | files).items():
        path = root / "gx" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    context = Context(source="checks", root=root, namespaces={"farm": "duckdb://farm"}, now=parse("2026-11-21"))
    ingestor = GreatExpectationsIngestor(GreatExpectationsOptions(path="gx", namespace="farm", **options))
    return [Read(snapshot, tuple(snapshot.facts)) for snapshot in ingestor.snapshots(context)]


def below(found: list[Read], *scope: str) -> list[Read]:
    return [one for one in found if one.snapshot.scope[3 : 3 + len(scope)] == scope]


def elements(found: list[Read], kind: type) -> list[Any]:
    return [fact.element for one in found for fact in one.facts if isinstance(fact.element, kind)]


def test_a_result_says_which_expectations_failed_and_on_what(tmp_path: Path) -> None:
    files = {
        "expectations/trees.json": suite(RULE, table="farm.plots.trees"),
        "uncommitted/validations/a.json": result(
            outcome(False, unexpected_count=3), outcome(True, RULE | {"id": "r2"})
        ),
    }
    results = elements(below(reads(tmp_path, files), "result"), CheckResult)
    assert [(r.name, r.run, r.success, r.status, r.failures) for r in results] == [
        ("trees", "night@2026-03-01T00:00:00+00:00", False, "fail", 1),
        ("r1", "night@2026-03-01T00:00:00+00:00", False, "fail", 3),
        ("r2", "night@2026-03-01T00:00:00+00:00", True, "pass", None),
    ]
    assert results[0].failed == ["expect_column_values_to_be_between Height"]
    ends = {edge.end.parts for edge in elements(below(reads(tmp_path, files), "result"), EvaluatedOn)}
    assert ends == {("duckdb://farm", "farm.plots.trees")}


def test_no_value_of_the_data_is_kept(tmp_path: Path) -> None:
    said: dict[str, Any] = {
        "partial_unexpected_list": ["secret"],
        "partial_unexpected_counts": [{"value": "secret", "count": 1}],
        "unexpected_index_list": [{"Name": "secret"}],
        "observed_value": "secret",
        "unexpected_count": 1,
        "details": {"mismatched": "secret"},
    }
    failed = outcome(False, **said) | {"exception_info": {"raised_exception": True, "exception_message": "secret"}}
    extreme = outcome(
        False, {"type": "expect_column_max_to_be_between", "kwargs": {"column": "x"}}, observed_value=987654
    )
    counted = outcome(True, {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}}, observed_value=240)
    found = reads(tmp_path, {"uncommitted/validations/a.json": result(failed, extreme, counted)})
    bodies = " ".join(fact.body for one in found for fact in one.facts)
    assert "secret" not in bodies
    assert "987654" not in bodies
    assert '\\"observed_value\\":240' in bodies


def test_what_a_suite_was_when_it_ran_is_what_its_file_says_later(tmp_path: Path) -> None:
    files = {
        "expectations/trees.json": suite(RULE, table="farm.plots.trees", owner="a@b.example"),
        "uncommitted/validations/a.json": result(outcome(True)),
    }
    then, now = below(reads(tmp_path, files), "suite", "trees")
    assert {fact.body for fact in then.facts} == {fact.body for fact in now.facts}
    assert (then.snapshot.dated, now.snapshot.dated) == (True, False)
    assert then.snapshot.at <= now.snapshot.at


def test_an_expectation_that_is_gone_from_a_suite_is_not_listed_any_more(tmp_path: Path) -> None:
    other = RULE | {"id": "r2"}
    files = {
        "expectations/trees.json": suite(RULE),
        "uncommitted/validations/a.json": result(outcome(True), outcome(True, other)),
    }
    then, now = below(reads(tmp_path, files), "suite", "trees")
    ids = [{check.unique_id for check in elements([one], Check)} - {None} for one in (then, now)]
    assert ids == [{"r1", "r2"}, {"r1"}]


@pytest.mark.parametrize(
    ("options", "meta", "settings", "table"),
    [
        ({"tables": {"trees": "a.b.given"}}, {"table": "a.b.noted"}, True, "a.b.given"),
        ({"tables": {"farm.trees": "a.b.given"}}, {}, True, "a.b.given"),
        ({}, {"table": "A.b.Noted"}, True, "a.b.noted"),
        ({}, {}, True, "db.plots.Trees"),
        ({}, {}, False, None),
    ],
)
def test_tables_are_named_by_options_then_notes_then_settings(
    options: dict[str, Any], meta: dict[str, str], settings: bool, table: str | None, tmp_path: Path
) -> None:
    source = (
        "fluent_datasources:\n  farm:\n    connection_string: postgresql://me:hunter2@h/db\n"
        "    assets: {trees: {type: table, schema_name: plots, table_name: Trees}}\n"
    )
    files = {
        "great_expectations.yml": source if settings else "{}",
        "expectations/trees.json": suite(RULE, **meta),
        "validation_definitions/trees.json": json.dumps(
            {"data": {"datasource": {"name": "farm"}, "asset": {"name": "trees"}}, "suite": {"name": "trees"}}
        ),
    }
    found = reads(tmp_path, files, **options)
    ends = {edge.end.name for edge in elements(found, Checks)}
    assert ends == ({table} if table else set())
    assert [skip.code for one in found for skip in one.skips] == ([] if table else ["unresolved"])
    assert not any("hunter2" in fact.body for one in found for fact in one.facts)


def test_expectations_about_several_columns_check_each(tmp_path: Path) -> None:
    rules = [
        {"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "a", "column_B": "b"}},
        {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["c", "D", 5]}},
    ]
    found = reads(tmp_path, {"expectations/trees.json": suite(*rules, table="x.y.z")})
    assert {edge.end.parts[2] for edge in elements(found, Checks) if edge.end.kind == "column"} == {"a", "b", "c", "d"}


def test_a_suite_run_on_two_batches_at_once_gives_two_results(tmp_path: Path) -> None:
    files = {f"uncommitted/validations/{name}.json": result(outcome(True)) for name in ("one", "two")}
    scopes = {one.snapshot.scope[5] for one in below(reads(tmp_path, files), "result")}
    assert scopes == {"night@2026-03-01T00:00:00+00:00", "night@2026-03-01T00:00:00+00:00/two"}


def test_a_file_that_cannot_be_read_closes_nothing(tmp_path: Path) -> None:
    files = {
        "expectations/trees.json": "{",
        "expectations/more.json": suite(RULE, {"kwargs": {}}, name="more"),
        "uncommitted/validations/a.json": result(outcome(True), {"success": True}),
    }
    found = reads(tmp_path, files)
    assert {one.snapshot.scope[3:]: one.snapshot.complete for one in found} == {
        ("suite", "trees"): False,
        ("result", "trees", "night@2026-03-01T00:00:00+00:00"): False,
        ("suite", "more"): False,
        (): False,
    }
    listing = found[-1].snapshot
    assert (*listing.scope, "suite", "trees") in listing.unread


def test_settings_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.json").write_text(result(outcome(True)))
    store = "stores: {r: {store_backend: {base_directory: ../outside}}}\nvalidation_results_store_name: r\n"
    assert not elements(reads(tmp_path, {"great_expectations.yml": store}), CheckResult)


def test_a_folder_that_is_no_context_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gx").mkdir()
    context = Context(source="checks", root=tmp_path, namespaces={}, now=parse("2026-11-21"))
    ingestor = GreatExpectationsIngestor(GreatExpectationsOptions(path="gx", namespace="x"))
    with pytest.raises(SourceError, match="holds no data context"):
        list(ingestor.snapshots(context))
