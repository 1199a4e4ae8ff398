"""OpenLineage events: what is made of column lineage, of facets that come in parts, and of runs in any order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.edges import AliasOf, DependsOn, DerivesFrom, Edge, GeneratedBy, InfluencedBy, PartOf, Used
from catalog.model.facts import Fact, Skip, Snapshot, element_of
from catalog.model.ingest import Context, Limits
from catalog.model.instants import parse
from catalog.model.names import Urn, column
from catalog.model.nodes import CheckResult, Dataset, Environment, Job, Run
from catalog.runs import job_snapshot
from ingestors.openlineage import OpenLineageIngestor, OpenLineageOptions
from ingestors.openlineage.datasets import Names
from ingestors.openlineage.lineage import Lineage
from ingestors.openlineage.run_facets import plain
from ingestors.openlineage.said import Problem

NS = "postgres://h:5432"
SOURCE, TARGET = Urn("dataset", (NS, "db.s.source")), Urn("dataset", (NS, "db.s.target"))
A, X = column(SOURCE, "a"), column(TARGET, "x")
RUN = "01936f2a-7c00-7000-8000-000000000001"


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": NS, "name": f"db.s.{name}", "facets": facets}


def event(kind: str = "COMPLETE", time: str = "2026-03-02T01:00:00Z", run: str = RUN, **rest: Any) -> dict[str, Any]:
    facets = rest.pop("run_facets", {})
    job = {"namespace": "etl", "name": "load", "facets": rest.pop("job_facets", {})}
    return {"eventType": kind, "eventTime": time, "run": {"runId": run, "facets": facets}, "job": job, **rest}


def read(folder: Path, events: Iterable[Any], **limits: int) -> list[Snapshot]:
    path = folder / "events.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in events))
    context = Context("s", folder, {}, now=parse("2026-11-21"), limits=Limits(**limits))
    return list(OpenLineageIngestor(OpenLineageOptions(path="events.ndjson")).snapshots(context))


def elements(snapshots: Iterable[Snapshot], *kinds: type) -> list[Any]:
    facts = [fact.element for one in snapshots for fact in one.facts if isinstance(fact, Fact)]
    return [element for element in facts if isinstance(element, kinds or (object,))]


def skips(snapshots: Iterable[Snapshot]) -> list[Skip]:
    return [item for one in snapshots for item in one.facts if isinstance(item, Skip)]


def lineage(facet: dict[str, Any], columns: frozenset[str] = frozenset()) -> list[Edge | Problem]:
    return list(Lineage(TARGET, facet, Names({}).dataset, columns).edges())


def field(name: str, *transformations: Any, of: str = "source") -> dict[str, Any]:
    return {"namespace": NS, "name": f"db.s.{of}", "field": name, "transformations": list(transformations)}


def merged(snapshots: Iterable[Snapshot]) -> Run:
    """Returns the run as a store would merge it, in a simple way."""
    said: dict[str, Any] = {}
    order = ("OTHER", "START", "RUNNING", "COMPLETE", "ABORT", "FAIL")
    for run in elements(snapshots, Run):
        for key, value in run.properties().items():
            if isinstance(value, list):
                said[key] = sorted({*said.get(key, ()), *value})
            elif key == "state":
                said[key] = max(said.get(key, "OTHER"), value, key=order.index)
            else:
                said[key] = value
    return Run(namespace="openlineage", name=RUN, **said)


# --- column lineage -------------------------------------------------------------------------------------------------

VALUES = [
    ("DIRECT", "IDENTITY", "identity"),
    ("DIRECT", "TRANSFORMATION", "transformation"),
    ("DIRECT", "AGGREGATION", "aggregation"),
    ("INDIRECT", "CONDITIONAL", "conditional"),
    ("INDIRECT", "FILTER", "conditional"),
]
ROWS = [("JOIN", "join"), ("GROUP_BY", "group_by"), ("SORT", "sort"), ("WINDOW", "window")]


@pytest.mark.parametrize(("kind", "subtype", "ours"), VALUES)
def test_where_a_value_comes_from(kind: str, subtype: str, ours: Any) -> None:
    how = {"type": kind, "subtype": subtype, "masking": True}
    assert lineage({"fields": {"x": {"inputFields": [field("a", how)]}}}) == [
        DerivesFrom(start=X, end=A, subtype=ours, masking=True)
    ]


@pytest.mark.parametrize(("subtype", "ours"), ROWS)
def test_what_orders_and_groups_a_column(subtype: str, ours: Any) -> None:
    how = {"type": "INDIRECT", "subtype": subtype}
    assert lineage({"fields": {"x": {"inputFields": [field("a", how)]}}}) == [
        InfluencedBy(start=X, end=A, subtype=ours)
    ]


@pytest.mark.parametrize(("subtype", "ours"), [("FILTER", "filter"), *ROWS[:3]])
def test_what_decides_the_rows(subtype: str, ours: Any) -> None:
    how = {"type": "INDIRECT", "subtype": subtype}
    assert lineage({"fields": {}, "dataset": [field("a", how)]}) == [InfluencedBy(start=TARGET, end=A, subtype=ours)]


@pytest.mark.parametrize(
    ("how", "subtype"),
    [([{"type": "DIRECT", "subtype": "AGGREGATION"}], "sort"), ([], "filter"), ([{"type": "NEW"}], "filter")],
)
def test_what_is_not_said_of_rows_is_over_approximate(how: list[Any], subtype: str) -> None:
    (edge,) = lineage({"dataset": [field("a", *how)]})
    assert isinstance(edge, InfluencedBy)
    assert (edge.start, edge.subtype, edge.exactness) == (TARGET, subtype, "over_approximate")
    assert edge.reason


@pytest.mark.parametrize("how", [[], [{"type": "DIRECT"}], [{"type": "DIRECT", "subtype": "NEW"}], [{}], ["text"]])
def test_what_is_not_said_of_values_is_over_approximate(how: list[Any]) -> None:
    (edge,) = lineage({"fields": {"x": {"inputFields": [field("a", *how)]}}})
    assert isinstance(edge, DerivesFrom)
    assert (edge.subtype, edge.exactness) == ("transformation", "over_approximate")


@pytest.mark.parametrize(
    ("said", "subtype", "masking"), [("IDENTITY", "identity", False), ("MASKED", "transformation", True)]
)
def test_the_older_form_names_one_transformation_for_a_field(said: str, subtype: Any, masking: bool) -> None:
    entry = {"inputFields": [field("a")], "transformationType": said, "transformationDescription": ""}
    assert lineage({"fields": {"x": entry}}) == [DerivesFrom(start=X, end=A, subtype=subtype, masking=masking)]


def test_a_column_does_not_derive_from_itself() -> None:
    own = field("x", {"type": "DIRECT", "subtype": "IDENTITY"}, of="target")
    assert lineage({"fields": {"x": {"inputFields": [own]}}}) == []


def test_a_column_that_the_schema_lacks_is_kept_apart() -> None:
    facet = {"fields": {"_0": {"inputFields": [field("a")]}, "x": {"inputFields": [field("a")]}}}
    problem, edge = lineage(facet, frozenset({"x"}))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.subjects) == ("unresolved", (TARGET,))
    assert isinstance(edge, DerivesFrom)


def test_the_explicit_facet_ties_columns_and_whole_data_sets() -> None:
    source = {"namespace": NS, "name": "db.s.source", "type": "DATASET"}
    edges = lineage({"inputs": [source], "fields": {"x": {"inputs": [{**source, "field": "a"}, source]}}})
    assert [(edge.type(), edge.end) for edge in edges if isinstance(edge, Edge)] == [
        ("DERIVES_FROM", A), ("DEPENDS_ON", SOURCE), ("DEPENDS_ON", SOURCE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "facet",
    [{"fields": 3}, {"fields": {"x": 3}}, {"fields": {"x": {"inputFields": 3}}}, {"fields": {"x": {"inputFields": [3]}}},
     {"fields": {"x": {"inputFields": [{"name": "n", "field": "f"}]}}}, {"dataset": [{"namespace": "n", "name": "n"}]}],
)  # fmt: skip
def test_a_facet_of_another_shape_yields_no_edge(facet: dict[str, Any]) -> None:
    assert not [one for one in lineage(facet) if isinstance(one, Edge)]


def test_what_a_transformation_says_is_kept_without_literals() -> None:
    how = {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "CASE WHEN name = 'Ana' THEN 17 END"}
    (edge,) = lineage({"fields": {"x": {"inputFields": [field("a", how)]}}})
    assert isinstance(edge, DerivesFrom)
    assert edge.expression == "CASE WHEN name = ? THEN ? END"


# --- runs -----------------------------------------------------------------------------------------------------------

IDENTITY = {"type": "DIRECT", "subtype": "IDENTITY"}
OUTPUT = dataset("target", columnLineage={"fields": {"x": {"inputFields": [field("a", IDENTITY)]}}})
LIFE = [
    event("START", "2026-03-02T01:00:00Z", inputs=[dataset("other")], outputs=[dataset("target")]),
    event("RUNNING", "2026-03-02T01:00:30Z"),
    event("COMPLETE", "2026-03-02T01:01:00Z", inputs=[], outputs=[OUTPUT]),
]


@given(st.permutations([*LIFE, *LIFE]))
def test_a_run_is_the_same_in_any_order(tmp_path_factory: pytest.TempPathFactory, events: list[Any]) -> None:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    assert merged(read(one, LIFE)) == merged(read(other, events))


def test_a_run_that_succeeded_with_lineage_declares_its_job(tmp_path: Path) -> None:
    declared = job_snapshot(merged(read(tmp_path, LIFE)))
    assert declared is not None
    assert declared.scope == ("job", "etl", "load")
    assert declared.complete
    assert declared.at == parse("2026-03-02T01:01:00Z")
    assert declared.unread == {("job", "etl", "load", "facets")}
    other = Urn("dataset", (NS, "db.s.other"))
    found = {(edge.type(), edge.start, edge.end) for edge in elements([declared])}
    job = Urn("job", ("etl", "load"))
    assert found == {
        ("READS", job, SOURCE), ("READS", job, other), ("PRODUCED_BY", TARGET, job), ("DEPENDS_ON", TARGET, SOURCE),
        ("DEPENDS_ON", TARGET, other), ("DERIVES_FROM", X, A),
    }  # fmt: skip
    known = {edge.end: edge.columns_known for edge in elements([declared], DependsOn)}
    assert known == {SOURCE: True, other: False}


@pytest.mark.parametrize("end", ["FAIL", "ABORT", None])
def test_a_run_that_failed_or_did_not_end_declares_nothing(tmp_path: Path, end: str | None) -> None:
    events = [LIFE[0], LIFE[1], *([event(end, "2026-03-02T01:00:50Z"), LIFE[2]] if end else [])]
    assert job_snapshot(merged(read(tmp_path, events))) is None


def test_a_run_without_column_lineage_declares_but_closes_nothing(tmp_path: Path) -> None:
    declared = job_snapshot(merged(read(tmp_path, [event(inputs=[dataset("source")], outputs=[dataset("target")])])))
    assert declared is not None
    assert not declared.complete
    assert [edge.type() for edge in elements([declared])] == ["READS", "PRODUCED_BY", "DEPENDS_ON"]


@pytest.mark.parametrize(
    "facets", [{"extractionError": {"errors": [{"errorMessage": "Expected: an expression, found: 'Ana'"}]}}]
)
def test_lineage_that_a_tool_failed_to_extract_makes_nothing_complete(tmp_path: Path, facets: dict[str, Any]) -> None:
    snapshots = read(tmp_path, [event(outputs=[OUTPUT], run_facets=facets)])
    assert merged(snapshots).complete_lineage is None
    (skip,) = skips(snapshots)
    assert skip.code == "unparsed"
    assert "Ana" not in skip.message
    assert skip.subjects == (TARGET,)


def test_inputs_are_united_with_those_of_the_lineage_and_marked(tmp_path: Path) -> None:
    used = elements(read(tmp_path, [LIFE[2]]), Used)
    assert [(edge.end, edge.role) for edge in used] == [(SOURCE, "lineage")]


def test_a_run_does_not_read_the_version_that_it_wrote(tmp_path: Path) -> None:
    target = dataset("target", version={"datasetVersion": "7"})
    snapshots = read(tmp_path, [event(inputs=[target], outputs=[target])])
    version = Urn("datasetversion", (*TARGET.parts, "7"))
    assert [edge.end for edge in elements(snapshots, Used)] == [TARGET]
    assert [edge.start for edge in elements(snapshots, GeneratedBy)] == [version]
    assert merged(snapshots).inputs == [str(TARGET)]
    assert merged(snapshots).outputs == [str(version)]


def test_only_a_run_that_completed_made_a_version(tmp_path: Path) -> None:
    target = dataset("target", version={"datasetVersion": "6"}, schema={"fields": [{"name": "x"}]})
    for kind in ("START", "RUNNING", "FAIL"):
        snapshots = read(tmp_path, [event(kind, outputs=[target])])
        assert not elements(snapshots, GeneratedBy)
        assert not elements(snapshots, Dataset)
    after_its_failure = read(tmp_path, [event("FAIL", outputs=[target]), event(outputs=[target])])
    assert not elements(after_its_failure, GeneratedBy)
    assert not elements(after_its_failure, Dataset)


def test_ids_of_runs_have_one_spelling(tmp_path: Path) -> None:
    events = [event(run=RUN), event(run=RUN.upper()), event(run=f"urn:uuid:{RUN}")]
    assert {one.scope for one in read(tmp_path, events) if one.scope[0] == "run"} == {("run", RUN)}


def test_a_wide_event_is_cut_into_claims_that_merge(tmp_path: Path) -> None:
    fields = {f"c{i}": {"inputFields": [field(f"a{i}", IDENTITY)]} for i in range(3_000)}
    snapshots = read(tmp_path, [event(outputs=[dataset("target", columnLineage={"fields": fields})])])
    assert all(len(fact.body) < 262_144 for one in snapshots for fact in one.facts if isinstance(fact, Fact))
    assert len(merged(snapshots).derives or ()) == 3_000


def test_the_two_ids_of_a_training_are_tied(tmp_path: Path) -> None:
    address = {"namespace": "mlflow", "name": f"runs:/{'e' * 32}/model", "type": "MLFLOW_RUN"}
    model = {"namespace": "mlflow://t", "name": "models/churn", "facets": {"symlinks": {"identifiers": [address]}}}
    (alias,) = [edge for edge in elements(read(tmp_path, [event(outputs=[model])]), AliasOf) if edge.subtype == "run"]
    assert (alias.start, alias.end) == (Urn("run", ("openlineage", RUN)), Urn("run", ("mlflow://t", "e" * 32)))


# --- data sets ------------------------------------------------------------------------------------------------------

SCHEMA = {"schema": {"fields": [{"name": "x", "type": "int", "fields": [{"name": "y"}]}]}}


def lists(snapshots: list[Snapshot]) -> list[list[str]]:
    return [node.columns for node in elements(snapshots, Dataset) if node.columns]


def test_the_schema_of_an_output_is_the_list_of_its_columns(tmp_path: Path) -> None:
    assert lists(read(tmp_path, [event(outputs=[dataset("target", **SCHEMA)])])) == [["x", "x.y"]]


def test_the_schema_of_an_input_says_types_and_no_list(tmp_path: Path) -> None:
    snapshots = read(tmp_path, [event(inputs=[dataset("source", **SCHEMA)])])
    assert lists(snapshots) == []
    assert ("dataset", *SOURCE.parts, "schema", "read") in {one.scope for one in snapshots}


def test_a_producer_that_reports_the_schema_of_the_build_before_says_no_list(tmp_path: Path) -> None:
    producer = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/integration/dbt"
    assert lists(read(tmp_path, [event(outputs=[dataset("target", **SCHEMA)], producer=producer)])) == []


@pytest.mark.parametrize("broken", [[{"name": "x"}, {"type": "int"}], [{"name": "x"}, 3], "text"])
def test_a_schema_with_a_fault_is_no_list_and_closes_nothing(tmp_path: Path, broken: Any) -> None:
    snapshots = read(tmp_path, [event(outputs=[dataset("target", schema={"fields": broken})])])
    (one,) = [one for one in snapshots if one.scope[-1] == "schema"]
    assert not one.complete
    assert lists(snapshots) == []
    assert skips([one])


def test_facets_replace_only_themselves_and_deleted_ones_close(tmp_path: Path) -> None:
    first = dataset("a", documentation={"description": "d"}, ownership={"owners": [{"name": "Ana@x.y"}]})
    second = dataset("a", ownership={"_deleted": True})
    snapshots = read(
        tmp_path, [{"eventTime": f"2026-03-0{day}", "dataset": one} for day, one in enumerate((first, second), 1)]
    )
    owners = [one for one in snapshots if one.scope[-1] == "ownership"]
    assert [(one.complete, len(list(one.facts))) for one in owners] == [(True, 1), (True, 0)]
    assert len([one for one in snapshots if one.scope[-1] == "documentation"]) == 1


def test_a_symlink_next_to_a_version_names_the_version(tmp_path: Path) -> None:
    other = {"namespace": "https://git", "name": "data/a.csv", "type": "DVC"}
    table = {"namespace": "hive://h", "name": "a", "type": "TABLE"}
    one = dataset("a", version={"datasetVersion": "3"}, symlinks={"identifiers": [other, table]})
    aliases = elements(read(tmp_path, [event(inputs=[one])]), AliasOf)
    assert {(edge.start.kind, edge.end.parts) for edge in aliases} == {
        ("datasetversion", ("https://git", "data/a.csv", "3")), ("dataset", ("hive://h", "a")),
    }  # fmt: skip


def test_facets_without_a_field_of_their_own_are_kept(tmp_path: Path) -> None:
    said = {"_producer": "p", "_schemaURL": "u", "deep": {"z": [1.5, None], "ä": "ü"}}
    snapshots = read(
        tmp_path, [event(inputs=[dataset("a", custom=said)], run_facets={"mine": said}, job_facets={"ours": said})]
    )
    value = {"deep": {"z": [1.5, None], "ä": "ü"}}
    kept = [json.loads(text) for node in elements(snapshots, Dataset, Job, Run) for text in node.facets or ()]
    assert kept == [{"facet": name, "value": value} for name in ("custom", "ours", "mine")]


# --- what must not be kept ------------------------------------------------------------------------------------------


def test_no_value_of_the_data_is_kept(tmp_path: Path) -> None:
    secret = "ana@example.com"
    checked = {
        **dataset("a"),
        "inputFacets": {
            "dataQualityAssertions": {
                "assertions": [{"assertion": "in", "success": False, "actual": secret, "expected": secret}]
            },
            "dataQualityMetrics": {
                "rowCount": 1,
                "columnMetrics": {"x": {"min": secret, "nullCount": 0, "quantiles": {"0.5": secret}}},
            },
        },
    }
    sql = {"query": f"select * from t where email = '{secret}'", "dialect": "no such dialect"}
    error = {"message": f"invalid input: \"{secret}\", value '{secret}'\n{secret}", "stackTrace": secret}
    variables = {"environmentVariables": [{"name": "TOKEN", "value": secret}]}
    tests = {"tests": [{"name": "t", "status": "FAIL", "actual": secret, "content": secret}]}
    facets = {"errorMessage": error, "environmentVariables": variables, "test": tests}
    snapshots = read(tmp_path, [event("FAIL", inputs=[checked], run_facets=facets, job_facets={"sql": sql})])
    assert all(secret not in fact.body for one in snapshots for fact in one.facts if isinstance(fact, Fact))
    assert [result.success for result in elements(snapshots, CheckResult)] == [False, False]


def test_a_statement_with_a_password_is_left_out_by_name(tmp_path: Path) -> None:
    snapshots = read(tmp_path, [event(job_facets={"sql": {"query": "alter user u password 'hunter2'"}})])
    assert [skip.code for skip in skips(snapshots)] == ["redacted"]
    assert not elements(snapshots, Job)
    assert next(one for one in snapshots if one.scope[-1] == "sql").complete


def test_messages_lose_what_they_quote() -> None:
    assert plain('relation "t" does not exist') == 'relation "t" does not exist'
    assert plain('invalid input syntax for type integer: "Ana"\nLINE 1') == "invalid input syntax for type integer: ?"


# --- files ----------------------------------------------------------------------------------------------------------


def test_one_bad_line_spares_the_others_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(json.dumps(event()) + '\n{"cut": \n' + json.dumps(event(run="2")) + "\n")
    context = Context("s", tmp_path, {}, now=parse("2026-11-21"))
    snapshots = list(OpenLineageIngestor(OpenLineageOptions(path="a.ndjson")).snapshots(context))
    assert {one.scope for one in snapshots} == {("run", RUN), ("run", "2"), ("openlineage", "a.ndjson")}
    assert [(skip.code, str(skip.origin)) for skip in skips(snapshots)] == [("unreadable", "a.ndjson:2")]


@pytest.mark.parametrize(
    "time",
    ["9999-12-31T00:00:00Z", "0001-01-01", "1999-12-31", "+99:99", "yesterday", "", None, 5, "2026-11-23T00:00:00Z"],
)
def test_an_event_at_no_possible_time_is_skipped(tmp_path: Path, time: Any) -> None:
    snapshots = read(tmp_path, [{**event(), "eventTime": time}])
    assert [skip.code for skip in skips(snapshots)] == ["unreadable"]
    assert not elements(snapshots)


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text("broken\n" * 1_500)
    context = Context("s", tmp_path, {}, now=parse("2026-11-21"), at=parse("2026-01-01"))
    found = skips(OpenLineageIngestor(OpenLineageOptions(path="a.ndjson")).snapshots(context))
    assert sum(skip.occurrences for skip in found) == 1_500
    assert len(found) == 1_001


# --- statements that events carry -----------------------------------------------------------------------------------


def weak(*fields: str, of: str = "source") -> dict[str, Any]:
    """Column lineage as parsers write it that do not say how: each field from the one of its name."""
    return {
        "fields": {name: {"inputFields": [{"namespace": NS, "name": f"db.s.{of}", "field": name}]} for name in fields}
    }


def derivations(snapshots: list[Snapshot]) -> set[tuple[str, str, str]]:
    found = [edge for text in merged(snapshots).derives or () if isinstance(edge := element_of(text), DerivesFrom)]
    return {(edge.start.parts[2], ".".join(edge.end.parts[1:]), f"{edge.subtype} {edge.exactness}") for edge in found}


def statement(sql: str, **rest: Any) -> dict[str, Any]:
    return event(job_facets={"sql": {"query": sql, "dialect": "postgres"}}, **rest)


def test_a_statement_says_more_than_lineage_that_says_no_how(tmp_path: Path) -> None:
    sql = (
        "insert into s.target (day, total) select at::date, sum(qty * price) from s.source where state = 'x' group by 1"
    )
    out = dataset("target", columnLineage=weak("_0", "at"), schema={"fields": [{"name": "day"}, {"name": "total"}]})
    found = read(tmp_path, [statement(sql, inputs=[], outputs=[out])])
    assert derivations(found) == {
        ("day", "db.s.source.at", "transformation exact"), ("total", "db.s.source.qty", "aggregation exact"),
        ("total", "db.s.source.price", "aggregation exact"),
    }  # fmt: skip
    assert merged(found).complete_lineage
    assert not skips(found)


@pytest.mark.parametrize(
    "sql",
    [
        "select a as x from elsewhere",  # of no known schema
        "select * from s.source",  # of no known columns
        "select a as other from s.source",  # a column that the schema lacks
        "select frobnicate(from s.source",
    ],
)
def test_a_statement_that_is_not_understood_whole_leaves_the_events_own_lineage(tmp_path: Path, sql: str) -> None:
    out = dataset("target", columnLineage=weak("x"), schema={"fields": [{"name": "x"}]})
    found = read(tmp_path, [statement(sql, inputs=[dataset("source")], outputs=[out])])
    assert derivations(found) == {("x", "db.s.source.x", "transformation over_approximate")}


def test_a_statement_names_no_files(tmp_path: Path) -> None:
    out = {"namespace": "file", "name": "/lake/shop.db/daily"}
    found = read(tmp_path, [statement("select a as x from shop.orders", inputs=[], outputs=[out])])
    assert derivations(found) == set()
    assert merged(found).inputs is None


def test_lineage_that_says_how_stands_whatever_the_statement_says(tmp_path: Path) -> None:
    how = {
        "fields": {
            "x": {"inputFields": [{**field("b"), "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}]}]}
        }
    }
    out = dataset("target", columnLineage=how)
    found = read(tmp_path, [statement("select a as x from s.source", inputs=[dataset("source")], outputs=[out])])
    assert derivations(found) == {("x", "db.s.source.b", "identity exact")}


def test_a_star_takes_the_columns_that_an_event_before_gave_the_table(tmp_path: Path) -> None:
    first = statement("select id, a + b as c from s.raw", inputs=[dataset("raw")], outputs=[dataset("source")])
    second = statement(
        "with kept as (select * from s.source where id > 3) select * from kept",
        run=RUN[:-1] + "2", inputs=[dataset("source")], outputs=[dataset("target", columnLineage=weak("id", of="kept"))],
    )  # fmt: skip
    found = read(tmp_path, [first, second])
    runs = [run for run in elements(found, Run) if run.name.endswith("2") and run.derives]
    texts = [text for run in runs for text in run.derives or ()]
    assert {(e.start.parts[2], e.end.name) for e in map(element_of, texts) if isinstance(e, DerivesFrom)} == {
        ("id", "db.s.source"), ("c", "db.s.source"),
    }  # fmt: skip


def test_a_name_that_the_statement_defines_within_itself_is_no_data_set(tmp_path: Path) -> None:
    sql = "with other as (select 1), recent as materialized (select * from s.source) select * from recent"
    out = dataset("target", columnLineage=weak("x", of="recent"))
    found = read(tmp_path, [statement(sql, inputs=[dataset("source")], outputs=[out])])
    assert derivations(found) == set()
    assert [skip.code for skip in skips(found)] == ["unresolved"]
    assert not any("recent" in urn for urn in merged(found).inputs or ())


def test_a_model_that_dbt_inlined_is_seen_through(tmp_path: Path) -> None:
    sql = "with __dbt__cte__kept as (select a from s.source) select a as x from __dbt__cte__kept"
    out = dataset("target", columnLineage=weak("x", of="__dbt__cte__kept"))
    found = read(tmp_path, [statement(sql, inputs=[dataset("kept")], outputs=[out])])
    assert derivations(found) == {("x", "db.s.source.a", "identity exact")}
    assert merged(found).inputs == [str(SOURCE)]


def test_the_table_that_a_test_might_have_kept_its_failures_in_is_no_data_set(tmp_path: Path) -> None:
    model = {"dbt_model": {"config": {"materialized": "test"}}}
    found = read(tmp_path, [event(inputs=[dataset("source")], outputs=[dataset("audit", **model)])])
    assert merged(found).outputs is None


# --- orchestrators ----------------------------------------------------------------------------------------------------


def test_assets_that_airflow_did_not_translate_tie_the_tasks(tmp_path: Path) -> None:
    def task(outlets: str, inlets: str, run: str) -> dict[str, Any]:
        properties = {"outlets": outlets, "inlets": inlets}
        return event(run=run, run_facets={"unknownSourceAttribute": {"unknownItems": [{"properties": properties}]}})

    asset = (
        "[{'uri': 's3://reports/daily.csv', 'extra': {}}, {'uri': 'x-internal://y/z'}, {'uri': 'postgres://h/d/s/t'}]"
    )
    found = read(tmp_path, [task(asset, "[]", RUN), task("[]", asset, RUN[:-1] + "2")])
    report = Urn("dataset", ("s3://reports", "daily.csv"))
    assert [edge.start for edge in elements(found, GeneratedBy)] == [report]
    assert [edge.end for edge in elements(found, Used)] == [report]


def test_airflow_names_the_file_of_a_dag_and_who_started_it(tmp_path: Path) -> None:
    said = {"airflow": {"dag": {"fileloc": "dags/nightly.py"}, "dagRun": {"triggering_user_name": "ana"}}}
    found = read(tmp_path, [event(run_facets=said)])
    assert [job.repository_path for job in elements(found, Job) if job.repository_path] == ["dags/nightly.py"]
    assert merged(found).user == "ana"


def test_assets_of_one_execution_of_dagster_are_runs_of_their_own(tmp_path: Path) -> None:
    def asset(kind: str, name: str) -> dict[str, Any]:
        out = {"namespace": "dagster", "name": name}
        said = event(kind, outputs=[out], producer="https://github.com/x/tree/0.2.1/integration/dagster")
        return said | {"job": {"namespace": "dagster", "name": name}}

    found = read(tmp_path, [asset("COMPLETE", "good"), asset("FAIL", "bad")])
    states = {run.name.removeprefix(f"{RUN}/"): run.state for run in elements(found, Run) if run.state}
    assert states == {"good": "COMPLETE", "bad": "FAIL"}
    assert {edge.end.name for edge in elements(found, PartOf)} == {RUN}
    assert [edge.start.name for edge in elements(found, GeneratedBy)] == ["good"]


def test_facets_are_known_by_the_names_that_prefect_gives_them(tmp_path: Path) -> None:
    parent = {"run": {"runId": RUN[:-1] + "9"}, "job": {"namespace": "etl", "name": "flow"}}
    said = {"parentRun": parent, "processingEngine": {"name": "Prefect", "version": "3.8.8"}}
    found = read(tmp_path, [event(run_facets=said)])
    assert {(edge.start.kind, edge.end.name) for edge in elements(found, PartOf)} == {
        ("run", RUN[:-1] + "9"),
        ("job", "flow"),
    }
    assert [json.loads(one.meta)["name"] for one in elements(found, Environment)] == ["Prefect"]
