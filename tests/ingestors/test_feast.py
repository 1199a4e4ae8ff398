"""The reader of Feast registries: what it promises besides the contract of all ingestors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.edges import ComputedFrom, DependsOn, Selects
from catalog.model.errors import SourceError
from catalog.model.ingest import Context
from catalog.model.instants import parse, show
from catalog.model.nodes import Feature, FeatureService, FeatureView
from ingestors.feast import FeastIngestor, FeastOptions
from ingestors.feast.sources import source_of
from ingestors.feast.wire import MESSAGES, decode
from ingestors.tables import named_table
from tests.ingestors.cases import CASES, Read

NAMESPACES = {"store": "feast://orchard", "farm": "duckdb://farm", "flakes": "snowflake://orchard-eu"}


def reads(root: Path, path: str) -> list[Read]:
    context = Context(source="features", root=root, namespaces=NAMESPACES, now=parse("2026-11-21"))
    ingestor = FeastIngestor(FeastOptions(namespace="store", path=path))
    return [Read(snapshot, tuple(snapshot.facts)) for snapshot in ingestor.snapshots(context)]


def state(root: Path, **said: Any) -> Read:
    (root / "registry.json").write_text(json.dumps({"project": "p", **said}))
    (one,) = reads(root, "registry.json")
    return one


def view(name: str, source: dict[str, Any], *features: str) -> dict[str, Any]:
    columns = [{"name": feature, "valueType": "INT64"} for feature in features]
    return {"spec": {"name": name, "features": columns, "batchSource": source}}


def test_the_file_and_its_json_say_the_same(tmp_path: Path) -> None:
    shutil.copy(CASES / "feast" / "binary" / "registry.db", tmp_path)
    shutil.copy(CASES / "feast" / "states" / "state_1.json", tmp_path)
    of_file, second = reads(tmp_path, "registry.db")
    (of_json,) = reads(tmp_path, "state_1.json")
    assert (of_file.snapshot.scope, of_file.snapshot.at) == (of_json.snapshot.scope, of_json.snapshot.at)
    assert {fact.body for fact in of_file.facts} == {fact.body for fact in of_json.facts}
    assert second.snapshot.scope == ("feast", "feast://orchard", "second")


def test_states_of_one_project_are_snapshots_of_one_scope(tmp_path: Path) -> None:
    for name in ("state_1.json", "state_2.json"):
        shutil.copy(CASES / "feast" / "states" / name, tmp_path)
    before, after = reads(tmp_path, "state_*.json")
    assert before.snapshot.scope == after.snapshot.scope
    assert [show(one.snapshot.at)[:10] for one in (before, after)] == ["2026-03-02", "2026-04-02"]
    views = [{e.name: e for e in _of(one, FeatureView)}["tree_visits"] for one in (before, after)]
    assert [(v.ttl, v.source) for v in views] == [
        ("7776000s", "data/visits.parquet"),
        ("2592000s", "data/visits_daily.parquet"),
    ]
    types = [{e.feature: e.data_type for e in _of(one, Feature)}.get("visits_30d") for one in (before, after)]
    assert types == ["INT64", "DOUBLE"]
    assert ["yield_late" in {e.feature for e in _of(one, Feature)} for one in (before, after)] == [True, False]


def _of(one: Read, kind: type) -> list[Any]:
    return [fact.element for fact in one.facts if isinstance(fact.element, kind)]


def test_a_service_selects_its_features_and_their_views(tmp_path: Path) -> None:
    projection = {"featureViewName": "v", "featureColumns": [{"name": "a"}, {"name": "b"}]}
    one = state(tmp_path, featureServices=[{"spec": {"name": "s", "features": [projection]}}])
    (service,) = _of(one, FeatureService)
    assert service.features == ["v#a", "v#b"]
    ends = {edge.end.parts[1:] for edge in _of(one, Selects)}
    assert ends == {("v",), ("v", "a"), ("v", "b")}


def test_a_feature_is_its_column_of_the_table_that_a_tag_names(tmp_path: Path) -> None:
    source = {
        "fileOptions": {"uri": "data/x.parquet"},
        "tags": {"farm_table": "farm.plots.x"},
        "fieldMapping": {"COL": "f"},
    }
    one = state(tmp_path, featureViews=[view("v", source, "f", "g")])
    ends = {edge.end.parts for edge in _of(one, ComputedFrom)}
    assert ends == {("duckdb://farm", "farm.plots.x", "col"), ("duckdb://farm", "farm.plots.x", "g")}
    depends = {(edge.start.name, edge.end.name) for edge in _of(one, DependsOn)}
    assert depends == {("v", "data/x.parquet"), ("data/x.parquet", "farm.plots.x")}


def test_a_source_that_names_no_data_set_is_skipped_and_the_view_kept(tmp_path: Path) -> None:
    source = {"snowflakeOptions": {"query": "select 1"}}
    one = state(tmp_path, featureViews=[view("v", source, "f")])
    assert [skip.code for skip in one.skips] == ["unresolved"]
    assert [v.source for v in _of(one, FeatureView)] == ["select 1"]
    assert one.snapshot.complete


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"fileOptions": {"uri": "s3://key:pw@bucket/a/b.parquet"}}, ("s3://bucket", "a/b.parquet")),
        ({"fileOptions": {"uri": "data/x.parquet"}}, ("feast://orchard", "data/x.parquet")),
        ({"bigqueryOptions": {"table": "project.Set.Table"}}, ("bigquery", "project.Set.Table")),
        (
            {"snowflakeOptions": {"database": "d", "schema": "s", "table": "t"}},
            ("snowflake://orchard-eu", "D.S.T"),
        ),
        ({"kafkaOptions": {"kafkaBootstrapServers": "h:9092", "topic": "t"}}, ("kafka://h:9092", "t")),
        ({"type": "PUSH_SOURCE", "batchSource": {"fileOptions": {"uri": "x"}}}, ("feast://orchard", "x")),
        ({"trinoOptions": {"table": "a.b.c"}}, None),
        ({}, None),
    ],
)
def test_sources_are_named_as_their_platforms_do(source: dict[str, Any], expected: tuple[str, str] | None) -> None:
    found = source_of(source, "feast://orchard", NAMESPACES).data
    assert (None if found is None else found.parts) == expected


@pytest.mark.parametrize(
    ("written", "hint", "expected"),
    [
        ("farm:farm.plots.x", "", ("duckdb://farm", "farm.plots.x")),
        ("plots.X", "farm_table", ("duckdb://farm", "plots.x")),
        ("a.b.c", "flakes_table", ("snowflake://orchard-eu", "A.B.C")),
        ("farm.plots.x", "table", ("duckdb://farm", "farm.plots.x")),
        ("other.plots.x", "table", None),
        ("a sentence. with dots", "farm_table", None),
        ("plain", "farm_table", None),
    ],
)
def test_tables_in_tags_are_named_by_what_leads_to_an_alias(
    written: str, hint: str, expected: tuple[str, str] | None
) -> None:
    found = named_table(written, NAMESPACES, hint)
    assert (None if found is None else found.parts) == expected


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0", b"{}", b"{", b"[]", b"\x0a\xff\xff", b'{"project": 5, "featureViews": 7}']
)
def test_what_is_no_registry_is_refused_or_empty(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(content)
    try:
        found = reads(tmp_path, "registry.db")
    except SourceError as err:
        remedy = err.remedy
        found = []
        assert remedy
    assert not any(one.facts for one in found)


def test_a_message_in_itself_is_not_followed_for_ever() -> None:
    inner = b""
    for _ in range(3000):
        inner = b"\xd2\x01" + _varint(len(inner)) + inner
    with pytest.raises(ValueError, match="nested too deep"):
        decode(inner, 100, "DataSource")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


@given(st.binary(max_size=300), st.sampled_from(sorted(MESSAGES)))
def test_any_bytes_are_read_or_refused(data: bytes, message: str) -> None:
    try:
        found = decode(data, 20, message)
    except ValueError:
        return
    json.dumps(found).encode()
