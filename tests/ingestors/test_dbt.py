"""The dbt reader beyond its cases: what it refuses, what it survives, and what a definition's scope says."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.edges import DerivesFrom, Edge, InfluencedBy
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Skip, Snapshot, element_of
from catalog.model.ingest import Context
from catalog.model.instants import parse
from catalog.model.names import dataset_of
from catalog.model.nodes import CheckResult, Column, Dataset
from ingestors.dbt import DbtIngestor, DbtOptions
from tests.ingestors.cases import CASES

NAMESPACE = "postgres://db:5432"
AT = "2026-05-01T06:00:00Z"
SNOWFLAKE = CASES / "dbt" / "snowflake"
steady = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
JsonObject = dict[str, Any]


# --- a project in memory --------------------------------------------------------------------------------------------------


def named(kind: str, version: int, invocation: str = "one", **more: Any) -> JsonObject:
    schema = f"https://schemas.getdbt.com/dbt/{kind}/v{version}.json"
    return {"metadata": {"dbt_schema_version": schema, "generated_at": AT, "invocation_id": invocation, **more}}


def model(name: str, sql: str | None, *parents: str, **more: Any) -> JsonObject:
    unique_id = more.pop("unique_id", f"model.shop.{name}")
    entry = {
        "resource_type": unique_id.partition(".")[0], "name": name, "unique_id": unique_id, "language": "sql",
        "relation_name": f'"shop"."dw"."{name}"', "compiled_code": sql, "depends_on": {"nodes": list(parents)},
        "config": {"materialized": "table"},
    }  # fmt: skip
    return {unique_id: {**entry, **more}}


def manifest(*models: JsonObject, **sections: JsonObject) -> JsonObject:
    nodes = {unique_id: entry for each in models for unique_id, entry in each.items()}
    return {**named("manifest", 12, project_name="shop", adapter_type="postgres"), "nodes": nodes, **sections}


def listing(**columns: list[str]) -> JsonObject:
    """A catalog: names of models, each with its columns."""
    nodes = {
        f"model.shop.{name}": {"columns": {c: {"name": c, "index": i, "type": "text"} for i, c in enumerate(names)}}
        for name, names in columns.items()
    }
    return {**named("catalog", 1), "nodes": nodes, "sources": {}}


def results(generated_at: str = AT, **statuses: str) -> JsonObject:
    body = named("run-results", 6, generated_at, generated_at=generated_at)
    return {**body, "results": [{"unique_id": f"model.shop.{n}", "status": s} for n, s in statuses.items()]}


def write(folder: Path, **files: Any) -> Path:
    for stem, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{stem}.json").write_text(text, encoding="utf-8")
    return folder


def context(root: Path) -> Context:
    return Context(source="dbt", root=root, namespaces={"wh": NAMESPACE}, now=parse("2026-06-01"))


def read(root: Path, given: Context | None = None, **options: Any) -> list[Snapshot]:
    ingestor = DbtIngestor(DbtOptions(**{"path": ".", "namespace": "wh", **options}))
    return list(ingestor.snapshots(given or context(root)))


@dataclass(frozen=True)
class Said:
    """What was read, ready to ask."""

    snapshots: list[Snapshot]

    @property
    def project(self) -> Snapshot:
        return next(s for s in self.snapshots if s.scope == ("dbt", NAMESPACE, "shop"))

    @property
    def unread(self) -> set[str]:
        return {scope[-1] for scope in self.project.unread}

    @property
    def skips(self) -> list[Skip]:
        return [item for s in self.snapshots for item in s.facts if isinstance(item, Skip)]

    def facts(self) -> Iterator[Fact]:
        for snapshot in self.snapshots:
            yield from (item for item in snapshot.facts if isinstance(item, Fact))

    def of(self, name: str) -> Snapshot | None:
        return next((s for s in self.snapshots if s.scope[-1] == f"model.shop.{name}"), None)

    def value_edges(self) -> set[tuple[str, str, str]]:
        found = (f.element for f in self.facts() if isinstance(f.element, DerivesFrom))
        return {(_short(e.start.parts), _short(e.end.parts), e.subtype) for e in found}


def _short(parts: tuple[str, ...]) -> str:
    return ".".join((parts[1].rpartition(".")[2], *parts[2:]))


def said(folder: Path, **files: Any) -> Said:
    return Said(read(write(folder, **files)))


# --- refusals -------------------------------------------------------------------------------------------------------------


def test_a_manifest_that_is_missing_is_named_with_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"\./manifest\.json: is missing\. .*dbt build"):
        read(write(tmp_path, run_results=results()))


def test_the_folder_of_a_project_is_answered_with_the_folder_of_its_artifacts(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    write(tmp_path / "target", manifest=manifest())
    with pytest.raises(SourceError, match=r"is missing\. It is in '\./target': name that folder\."):
        read(tmp_path)


@pytest.mark.parametrize("stem", ["manifest", "catalog", "run_results", "sources"])
def test_a_file_cut_anywhere_is_an_error_that_names_file_and_place(stem: str, tmp_path: Path) -> None:
    whole = {
        "manifest": manifest(model("a", "select 1 as x")),
        "catalog": listing(a=["x"]),
        "run_results": results(a="success"),
    }
    whole["sources"] = named("sources", 3)
    text = json.dumps(whole[stem])
    for end in range(0, len(text) - 1, 7):
        write(tmp_path, **{**whole, stem: text[:end]})
        with pytest.raises(SourceError, match=rf"^{stem}\.json:1:\d+: is no JSON: .+\. \w"):
            read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "holds no JSON object: expected a dbt manifest"),
        ({}, "names no schema in metadata.dbt_schema_version: expected a dbt manifest"),
        (named("catalog", 1), r"names the schema '.*/catalog/v1\.json': expected a dbt manifest"),
        (named("manifest", 7), "dbt manifest version 'v7' is not supported: expected v10 to v12"),
    ],
)
def test_what_is_no_manifest_of_a_known_version_is_refused(content: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"^manifest\.json: {message}\. \S"):
        read(write(tmp_path, manifest=content))


# --- laws -----------------------------------------------------------------------------------------------------------------


def _bodies(snapshots: list[Snapshot]) -> list[Any]:
    items = [[item.body if isinstance(item, Fact) else item for item in s.facts] for s in snapshots]
    return [(s.scope, s.at, s.complete, s.unread, body) for s, body in zip(snapshots, items, strict=True)]


@steady
@given(st.randoms(use_true_random=False))
def test_the_order_of_entries_in_the_manifest_does_not_matter(shuffle: random.Random) -> None:
    whole = json.loads((SNOWFLAKE / "manifest.json").read_text())
    mixed = {**whole, **{key: _shuffled(value, shuffle) for key, value in whole.items() if key != "metadata"}}
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        first, second = (write(Path(f), manifest=m) for f, m in ((one, whole), (two, mixed)))
        assert _bodies(read(first)) == _bodies(read(second))


def _shuffled(section: JsonObject, shuffle: random.Random) -> JsonObject:
    keys = sorted(section)
    shuffle.shuffle(keys)
    return {key: section[key] for key in keys}


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    3.5,
    "",
    " ",
    "x",
    "a.b",
    "q'\"`;--",
    "\0",
    [],
    ["x"],
    [None],
    [{}],
    {},
    {"name": {}},
    {"a": [1]},
    10**14,
]


@steady
@given(st.data())
def test_values_of_wrong_types_anywhere_give_legal_facts_or_a_named_error(data: st.DataObject) -> None:
    names = ["manifest", "run_results", "sources"]
    files = {name: json.loads((SNOWFLAKE / f"{name}.json").read_text()) for name in names}
    spoiled = data.draw(st.sampled_from(names))
    for _ in range(data.draw(st.integers(1, 5))):
        _spoil(files[spoiled], data)
    with TemporaryDirectory() as folder:
        write(Path(folder), **files)
        try:
            snapshots = read(Path(folder))
        except SourceError:
            return
        for snapshot in snapshots:
            assert all(snapshot.scope)
            assert all(element_of(item.body) == item.element for item in snapshot.facts if isinstance(item, Fact))


def _spoil(document: Any, data: st.DataObject) -> None:
    """Puts an odd value at a random place below `document`."""
    here = document
    while True:
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
        below = here[key]
        if not isinstance(below, dict | list) or not below or data.draw(st.integers(0, 5)) == 0:
            here[key] = deepcopy(data.draw(st.sampled_from(ODD)))
            return
        here = below


@pytest.mark.parametrize("case", sorted((CASES / "dbt").iterdir()), ids=lambda path: path.name)
def test_no_relation_stands_on_itself(case: Path) -> None:
    for fact in Said(read(case)).facts():
        if isinstance(fact.element, DerivesFrom | InfluencedBy):
            assert dataset_of(fact.element.start) != dataset_of(fact.element.end)


def test_an_incremental_model_that_keeps_its_own_values_does_not_stand_on_itself(tmp_path: Path) -> None:
    sql = "select n.id, o.seen + n.seen as seen from src.t n left join shop.dw.a o on o.id = n.id"
    answer = said(tmp_path, manifest=manifest(model("a", sql)))
    assert answer.value_edges() == {("a.id", "t.id", "identity"), ("a.seen", "t.seen", "transformation")}
    edges = {
        (_short(f.element.start.parts), _short(f.element.end.parts))
        for f in answer.facts()
        if isinstance(f.element, Edge)
    }
    assert edges == {("a.id", "t.id"), ("a.seen", "t.seen"), ("a", "t.id"), ("a", "t")}


@pytest.mark.parametrize("case", sorted((CASES / "dbt").iterdir()), ids=lambda path: path.name)
def test_an_executor_changes_nothing(case: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        spread = read(case, replace(context(case), executor=executor))
    assert _bodies(spread) == _bodies(read(case))


# --- definitions ----------------------------------------------------------------------------------------------------------


def test_a_model_that_was_not_built_is_unread_and_only_declared(tmp_path: Path) -> None:
    models = manifest(model("a", "select x from src.t"), model("b", "select x from shop.dw.a", "model.shop.a"))
    answer = said(tmp_path, manifest=models, run_results=results(a="success", b="error"))
    assert answer.unread == {"model.shop.b"}
    assert answer.of("b") is None
    (edge,) = [f.element for f in answer.project.facts if isinstance(f, Fact) and isinstance(f.element, Edge)]
    assert (edge.type(), edge.exactness) == ("DEPENDS_ON", "declared")
    assert [skip.code for skip in answer.skips] == ["not_built"]
    first = answer.of("a")
    assert first is not None
    assert first.complete


def test_the_newest_outcome_of_a_model_counts_whatever_the_files_are_called(tmp_path: Path) -> None:
    models = manifest(model("a", "select x from src.t"), model("b", "select x from src.t"))
    older = results("2026-05-01T01:00:00Z", a="error", b="success")
    newer = results("2026-05-01T02:00:00Z", a="success")
    assert said(tmp_path, manifest=models, run_results=older, run_results_1=newer).unread == set()
    assert said(tmp_path, manifest=models, run_results=newer, run_results_1=older).unread == set()


def test_code_that_the_manifest_lacks_is_taken_from_the_run(tmp_path: Path) -> None:
    run = results(a="success")
    run["results"][0]["compiled_code"] = "select upper(x) as y from src.t"
    answer = said(tmp_path, manifest=manifest(model("a", None)), run_results=run)
    assert answer.value_edges() == {("a.y", "t.x", "transformation")}
    assert answer.unread == set()


def test_a_definition_with_a_hidden_part_closes_nothing(tmp_path: Path) -> None:
    answer = said(tmp_path, manifest=manifest(model("a", "select *, x + 1 as y from src.unknown")))
    snapshot = answer.of("a")
    assert snapshot is not None
    assert not snapshot.complete
    assert answer.unread == {"model.shop.a"}
    assert [skip.code for skip in answer.skips] == ["star"]
    assert answer.value_edges() == {("a.y", "unknown.x", "transformation")}


def test_ephemeral_models_are_seen_through(tmp_path: Path) -> None:
    inlined = "with __dbt__cte__e as (select x as z from shop.dw.a) select z from __dbt__cte__e"
    hidden = model(
        "e", "select x as z from shop.dw.a", "model.shop.a", config={"materialized": "ephemeral"}, relation_name=None
    )
    models = manifest(model("a", "select x from src.t"), hidden, model("b", inlined, "model.shop.e"))
    answer = said(tmp_path, manifest=models)
    assert ("b.z", "a.x", "identity") in answer.value_edges()
    assert {f.element.name for f in answer.facts() if isinstance(f.element, Dataset)} == {"shop.dw.a", "shop.dw.b"}
    assert ("b", "a") in {
        (_short(f.element.start.parts), _short(f.element.end.parts))
        for f in answer.facts()
        if isinstance(f.element, Edge)
    }


def test_without_a_catalog_stars_are_expanded_by_what_is_upstream(tmp_path: Path) -> None:
    c = model("c", "select *, 1 as n from shop.dw.b", "model.shop.b")
    b = model("b", "select * from shop.dw.a where x > 0", "model.shop.a")
    answer = said(tmp_path, manifest=manifest(c, b, model("a", "select t.x, t.y from src.t")))
    assert ("c.x", "b.x", "identity") in answer.value_edges()
    assert ("c.y", "b.y", "identity") in answer.value_edges()
    assert all(f.element.columns is None for f in answer.facts() if isinstance(f.element, Dataset))


def test_the_catalog_decides_which_columns_there_are(tmp_path: Path) -> None:
    documented = {"x": {"name": "x", "description": "kept"}, "gone": {"name": "gone", "description": "lost"}}
    answer = said(
        tmp_path, manifest=manifest(model("a", "select 1", columns=documented)), catalog=listing(a=["y", "x"])
    )
    columns = [f.element for f in answer.facts() if isinstance(f.element, Column)]
    assert [(c.path, c.description) for c in columns] == [("y", None), ("x", "kept")]
    (dataset,) = [f.element for f in answer.facts() if isinstance(f.element, Dataset)]
    assert dataset.columns == ["y", "x"]
    assert ["'gone'" in skip.message for skip in answer.skips] == [True]


def test_a_star_expanded_by_a_catalog_of_another_time_is_over_approximate(tmp_path: Path) -> None:
    models = manifest(
        model("a", "select x from src.t"), model("b", "select *, x + 1 as z from shop.dw.a", "model.shop.a")
    )
    catalog = listing(a=["x"], b=["x", "z"])
    catalog["metadata"]["invocation_id"] = "another"
    edges = [f.element for f in said(tmp_path, manifest=models, catalog=catalog).facts()]
    found = {(_short(e.start.parts), e.by_star, e.exactness) for e in edges if isinstance(e, DerivesFrom)}
    assert found == {("a.x", False, "exact"), ("b.x", True, "over_approximate"), ("b.z", False, "exact")}


def test_sources_may_live_in_another_namespace(tmp_path: Path) -> None:
    source = model("t", None, unique_id="source.shop.erp.t", source_name="erp", relation_name='"erp"."public"."t"')
    models = manifest(model("a", 'select x from "erp"."public"."t"', "source.shop.erp.t"), sources=source)
    answer = Said(read(write(tmp_path, manifest=models), sources={"erp": "postgres://erp:5432"}))
    ends = {f.element.end.namespace for f in answer.facts() if isinstance(f.element, Edge)}
    assert ends == {"postgres://erp:5432"}


# --- the rest -------------------------------------------------------------------------------------------------------------


def test_a_text_over_the_limit_is_left_out_by_name_and_the_rest_stays(tmp_path: Path) -> None:
    answer = said(
        tmp_path, manifest=manifest(model("a", "select 1 as x", description="x" * 2_000_000, raw_code="select 1"))
    )
    (dataset,) = [f.element for f in answer.facts() if isinstance(f.element, Dataset)]
    assert (dataset.description, dataset.definition) == (None, "select 1")
    assert [(skip.code, "'description'" in skip.message) for skip in answer.skips] == [("too_large", True)]


def test_a_project_without_a_time_is_dated_by_the_source_or_else_flagged(tmp_path: Path) -> None:
    undated = manifest(model("a", "select 1 as x"))
    del undated["metadata"]["generated_at"]
    write(tmp_path, manifest=undated)
    assert {s.dated for s in read(tmp_path)} == {False}
    given_at = replace(context(tmp_path), at=parse("2026-01-05"))
    assert {(s.at, s.dated) for s in read(tmp_path, given_at)} == {(parse("2026-01-05"), True)}


def test_results_of_two_runs_stand_side_by_side(tmp_path: Path) -> None:
    runs = {f"run_results_{i}": _tested(f"2026-05-0{i}T00:00:00Z", status) for i, status in ((1, "fail"), (2, "pass"))}
    answer = said(tmp_path, manifest=manifest(model("a", "select 1 as x")), **runs)
    found = [(s.scope[0], s.at, r.success) for s in answer.snapshots for r in _results(s)]
    assert found == [("dbt-run", parse("2026-05-01"), False), ("dbt-run", parse("2026-05-02"), True)]


def _tested(at: str, status: str) -> Mapping[str, Any]:
    body = named("run-results", 6, at, generated_at=at)
    return {**body, "results": [{"unique_id": "test.shop.t", "status": status, "message": "Got 1 result\nJane Doe"}]}


def _results(snapshot: Snapshot) -> list[CheckResult]:
    elements = [item.element for item in snapshot.facts if isinstance(item, Fact)]
    return [element for element in elements if isinstance(element, CheckResult)]


def test_what_the_warehouse_says_of_an_error_is_not_kept(tmp_path: Path) -> None:
    answer = said(tmp_path, manifest=manifest(), run_results=_tested(AT, "error"))
    assert not any("Jane" in fact.body for fact in answer.facts())
