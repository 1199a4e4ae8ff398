"""A difference is named with its cause, and nothing that is equal is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.diff import diff_times, diff_versions
from catalog.model.edges import Edge
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import (
    CodeVersion,
    Column,
    Dataset,
    DatasetVersion,
    Environment,
    Feature,
    FeatureService,
    FeatureView,
    ModelVersion,
    Node,
    Run,
)
from catalog.refs import Refs
from catalog.store.port import SnapshotDelta, Store
from tests.catalogs import LATER, NAMESPACES, NOON, NS, catalog, col, edge, flow, snapshot, table

ML = "mlflow://tracker"
DAYS = {"1": "2026-01-10", "2": "2026-02-20"}
BASE: dict[str, Any] = {
    "digest": "d1", "commit": "c1", "C": "1", "numpy": "2.0", "features": ["a"], "feature_type": "double", "column_type": "INT",
}  # fmt: skip


def trained(version: str, **how: Any) -> tuple[list[Node | Edge], SnapshotDelta]:
    """Returns a model version, and how its table was described when it was trained."""
    said = {**BASE, **how}
    model = ModelVersion(
        namespace=ML, name="m", version=version, features=said["features"], target="y",
        inputs=json.dumps([{"name": f, "type": said["feature_type"]} for f in said["features"]]),
    )  # fmt: skip
    parameters = json.dumps({"C": said["C"], "features": ",".join(said["features"]), "target": "y"})
    run = Run(namespace=ML, name=f"r{version}", ended_at=f"{DAYS[version]}T10:00:00Z", parameters=parameters)
    content = DatasetVersion(
        namespace=ML, name="train", version=f"md5:{said['digest']}", digest=said["digest"], strength="strong"
    )
    commit = CodeVersion(namespace="https://git/x", name=said["commit"])
    environment = Environment(namespace=ML, name=said["numpy"], packages=json.dumps({"numpy": said["numpy"]}))
    facts: list[Node | Edge] = [
        model, run, content, commit, environment,
        edge("GENERATED_BY", model.urn, run.urn), edge("USED", run.urn, content.urn, role="training"),
        edge("VERSION_OF", content.urn, table("train", ML)), edge("AT_COMMIT", run.urn, commit.urn),
        edge("EXECUTED_IN", run.urn, environment.urn),
        *(edge("USES_FEATURE", model.urn, col(f"train.{f}", ML), role="feature") for f in said["features"]),
        *(edge("DERIVES_FROM", col(f"train.{f}", ML), col(f"mart.{f}"), subtype="identity") for f in said["features"]),
    ]  # fmt: skip
    described = Column(namespace=NS, name="mart", path="a", data_type=said["column_type"])
    return facts, snapshot([described], ("columns", NS), parse(f"{DAYS[version]}T08:00:00Z"))


def changes(**how: Any) -> list[tuple[str, str, Any, Any, str]]:
    first, was = trained("1")
    second, now = trained("2", **how)
    store = catalog(*first, *second, more=[was, now])
    found = diff_versions(
        store, Refs(store, NAMESPACES), Urn("modelversion", (ML, "m", "1")), Urn("modelversion", (ML, "m", "2"))
    ).data["changes"]
    return [(c["ref"], c["property"], c["before"], c["after"], c["cause"]) for c in found]


DRILLS: dict[str, tuple[dict[str, Any], tuple[str, str, Any, Any, str]]] = {
    "data": ({"digest": "d2"}, ("ml:train", "digest", "d1", "d2", "data")),
    "code": ({"commit": "c2"}, ("ml:m/2", "commit", "c1", "c2", "code")),
    "parameters": ({"C": "2"}, ("ml:m/2", "C", "1", "2", "parameters")),
    "environment": ({"numpy": "2.1"}, ("ml:m/2", "packages.numpy", "2.0", "2.1", "environment")),
    "features": ({"feature_type": "long"}, ("ml:m/2", "type of a", "double", "long", "features")),
    "schema": ({"column_type": "TEXT"}, ("pg:mart#a", "type", "INT", "TEXT", "schema")),
}


@pytest.mark.parametrize("cause", DRILLS)
def test_one_change_between_two_versions_is_named_and_nothing_else(cause: str) -> None:
    how, expected = DRILLS[cause]
    assert changes(**how) == [expected]


def test_a_new_feature_is_one_change_of_the_features() -> None:
    assert changes(features=["a", "b"]) == [("ml:m/2", "feature b", None, "b", "features")]


def test_a_retraining_of_the_same_is_no_difference() -> None:
    assert changes() == []


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(sorted(DRILLS))))
def test_several_changes_are_named_side_by_side(causes: set[str]) -> None:
    how = {key: value for cause in causes for key, value in DRILLS[cause][0].items()}
    assert sorted(changes(**how)) == sorted(DRILLS[cause][1] for cause in causes)


def test_a_thing_that_is_no_model_version_needs_two_times() -> None:
    store = catalog(Dataset(namespace=NS, name="a"))
    with pytest.raises(UsageError, match="expected two model versions"):
        diff_versions(store, Refs(store, NAMESPACES), table("a"), table("a"))


def over_time(store: Store, urn: Urn, after: Instant | None = None) -> list[tuple[str, str, Any, Any, str, str]]:
    found = diff_times(store, Refs(store, NAMESPACES), urn, NOON, after).data["changes"]
    return [(c["ref"], c["property"], c["before"], c["after"], c["kind"], c["cause"]) for c in found]


def test_two_times_the_wrong_way_round_are_refused() -> None:
    store = catalog(Dataset(namespace=NS, name="t"))
    with pytest.raises(UsageError, match="Swap them"):
        diff_times(store, Refs(store, NAMESPACES), table("t"), LATER, NOON)


def test_a_data_set_at_two_times_shows_columns_types_code_and_lineage() -> None:
    before: list[Node | Edge] = [
        Dataset(namespace=NS, name="t", columns=["a", "b"], definition="select 1", freshness='{"at":"1"}'),
        Column(namespace=NS, name="t", path="a", data_type="INT"), flow("t.a", "raw.a"),
    ]  # fmt: skip
    after: list[Node | Edge] = [
        Dataset(namespace=NS, name="t", columns=["a", "c"], definition="select 2", freshness='{"at":"2"}'),
        Column(namespace=NS, name="t", path="a", data_type="TEXT"), flow("t.a", "new.a"),
    ]  # fmt: skip
    store = catalog(*before, more=[snapshot(after, at=LATER)])
    assert over_time(store, table("t")) == [
        ("pg:t#a", "DERIVES_FROM", "pg:raw#a", None, "removed", "code"),
        ("pg:t#a", "DERIVES_FROM", None, "pg:new#a", "added", "code"),
        ("pg:t", "definition", "select 1", "select 2", "changed", "code"),
        ("pg:t#a", "type", "INT", "TEXT", "changed", "schema"),
        ("pg:t#b", "column", "b", None, "removed", "schema"),
        ("pg:t#c", "column", None, "c", "added", "schema"),
    ]
    assert over_time(store, table("t"), Instant(LATER - 1)) == []


def test_a_service_takes_in_its_views_features_and_their_sources() -> None:
    service = FeatureService(namespace="feast://shop", name="churn_v1")
    view = Urn("featureview", ("feast://shop", "engagement"))
    kept, gone = (Urn("feature", ("feast://shop", "engagement", f)) for f in ("sessions", "travel"))

    def state(ttl: str, source: str, type_: str, *features: Urn, stamp: str) -> list[Node | Edge]:
        meta = json.dumps({"lastUpdatedTimestamp": stamp, "owner": "ana"})
        return [
            service, FeatureView(namespace="feast://shop", name="engagement", ttl=ttl, source=source, meta=meta),
            *(Feature(namespace="feast://shop", name="engagement", feature=f.parts[2], data_type=type_) for f in features),
            *(edge("PART_OF", f, view) for f in features), *(edge("SELECTS", service.urn, f) for f in features),
            *(edge("COMPUTED_FROM", f, col(f"mart.{f.parts[2]}")) for f in features),
        ]  # fmt: skip

    store = catalog(
        *state("90d", "a.parquet", "INT64", kept, gone, stamp="1"),
        more=[snapshot(state("30d", "b.parquet", "DOUBLE", kept, stamp="2"), at=LATER)],
    )
    assert over_time(store, service.urn) == [
        ("fs:engagement#sessions", "type", "INT64", "DOUBLE", "changed", "features"),
        ("fs:engagement#travel", "feature", "travel", None, "removed", "features"),
        ("fs:engagement", "source", "a.parquet", "b.parquet", "changed", "features"),
        ("fs:engagement", "ttl", "90d", "30d", "changed", "features"),
    ]
