"""Rules on estates of other shapes: no columns, no features, one run for several models, endpoints alone, odd names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.check import check
from catalog.model.edges import Edge
from catalog.model.instants import instant
from catalog.model.names import Urn, column
from catalog.model.nodes import Consent, Dataset, Endpoint, ModelVersion, Node, Run
from catalog.policies import read_policies
from catalog.refs import Refs
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, flow, table

ML = "mlflow://tracker"
RUN = Run(namespace=ML, name="r1", started_at="2026-01-20T09:00:00Z", ended_at="2026-01-20T10:00:00Z")
NOW = instant(datetime(2026, 6, 1, tzinfo=UTC))
HOME = "residency: {EU: ['pg:raw']}\nrules: [{id: home, kind: residency}]\n"
CONSENT = "rules: [{id: c, kind: consent-for-purpose}]\n"
LICENCE = "licences: {MIT: ['pg:raw']}\nrules: [{id: l, kind: licence, deny: [NC]}]\n"
US, PURPOSE = "models: {score: {deployment_region: US}}\n", "models: {score: {purpose: scoring}}\n"


def version(name: str = "score", number: str = "1") -> ModelVersion:
    return ModelVersion(namespace=ML, name=name, version=number, aliases=["live"])


def trained(one: ModelVersion, *features: str, data: str = "mart") -> list[Node | Edge]:
    uses = [edge("USES_FEATURE", one.urn, col(f"{data}.{path}"), role="feature") for path in features]
    listed = Dataset(namespace=NS, name=data, type="table")
    return [one, RUN, listed, edge("GENERATED_BY", one.urn, RUN.urn), edge("USED", RUN.urn, table(data)), *uses]


def document(of: Urn, *purposes: str) -> list[Node | Edge]:
    one = Consent(namespace="register", name=str(of), document=f"D {of.name}", status="active", purposes=list(purposes))
    return [one, edge("COVERED_BY", of, one.urn)]


def ask(store: Store, folder: Path, text: str, **more: str) -> dict[str, Any]:
    (folder / "rules.yaml").write_text(text)
    data = check(store, Refs(store, NAMESPACES | more), read_policies([folder / "rules.yaml"]), NOW).answer.data
    violated = {(v["subject"], v["cause"], v["hop"]) for v in data["violations"]}
    return {"violated": violated, **{k: {one["subject"] for one in data[k]} for k in ("unknown", "passed")}}


SCORE = "ml:score/1"
BY_TABLE: list[Node | Edge] = [
    *trained(version(), "a"), edge("DEPENDS_ON", table("mart"), table("stage")), edge("DEPENDS_ON", table("stage"), table("raw")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "more", "verdict"),
    [
        (US + HOME, [], "unknown"),
        (US + HOME.replace("EU", "US"), [], None),
        (PURPOSE + CONSENT, document(table("raw"), "else"), "unknown"),
        (PURPOSE + CONSENT, document(table("raw"), "scoring"), "passed"),
        (PURPOSE + CONSENT, [], "unknown"),
        (PURPOSE + CONSENT, document(table("mart"), "else"), "violated"),
        (PURPOSE + CONSENT, document(table("mart"), "scoring"), "passed"),
        (LICENCE.replace("MIT", "NC"), [], "unknown"),
        (LICENCE, [], "passed"),
        (LICENCE.replace("raw", "stage"), [], "unknown"),
    ],
)
def test_lineage_by_table_alone_leaves_it_open_which_values_get_in(
    said: str, more: list[Node | Edge], verdict: str | None, tmp_path: Path
) -> None:
    found = ask(catalog(*BY_TABLE, *more), tmp_path, said)
    if verdict == "violated":
        assert {subject for subject, _, _ in found["violated"]} == {SCORE}
    else:
        assert found == {"violated": set(), "unknown": set(), "passed": set()} | ({verdict: {SCORE}} if verdict else {})


def test_at_the_level_of_tables_what_is_read_counts_whatever_the_columns(tmp_path: Path) -> None:
    said = US + HOME.replace("residency}", "residency, lineage: table}")
    assert ask(catalog(*BY_TABLE), tmp_path, said)["violated"] == {(SCORE, "pg:raw", "pg:stage")}


def test_known_columns_say_that_nothing_else_gets_in(tmp_path: Path) -> None:
    joined = [flow("mart.a", "other.a"), edge("DEPENDS_ON", table("mart"), table("raw"), columns_known=True)]
    found = ask(catalog(*trained(version(), "a"), *joined), tmp_path, US + HOME)
    assert found == {"violated": set(), "unknown": set(), "passed": {SCORE}}


def test_a_model_without_features_is_unknown_by_value_and_judged_by_table(tmp_path: Path) -> None:
    store = catalog(*trained(version()), edge("DEPENDS_ON", table("mart"), table("raw")))
    assert ask(store, tmp_path, US + HOME)["unknown"] == {SCORE}
    by_table = ask(store, tmp_path, US + HOME.replace("residency}", "residency, lineage: table}"))
    assert by_table["violated"] == {(SCORE, "pg:raw", "pg:mart")}


def test_a_model_version_of_which_nothing_is_known_is_unknown(tmp_path: Path) -> None:
    for rules in (US + HOME, PURPOSE + CONSENT, LICENCE):
        store = catalog(version(), Dataset(namespace=NS, name="raw"), *document(table("raw"), "scoring"))
        assert ask(store, tmp_path, rules)["unknown"] == {SCORE}


def test_models_that_share_a_run_are_each_judged(tmp_path: Path) -> None:
    two = [*trained(version(), "a"), *trained(version("twin"), "b"), flow("mart.a", "raw.a"), flow("mart.b", "raw.b")]
    terms = "models: {score: {deployment_region: US}, twin: {deployment_region: EU}}\n"
    assert ask(catalog(*two), tmp_path, terms + HOME)["violated"] == {(SCORE, "pg:raw", "pg:mart")}


def test_an_endpoint_alone_tells_where_a_model_is_deployed(tmp_path: Path) -> None:
    endpoint = Endpoint(namespace="serving", name="e", region="AP")
    store = catalog(
        *trained(version(), "a"), flow("mart.a", "raw.a"), endpoint, edge("SERVES", endpoint.urn, version().urn)
    )
    assert ask(store, tmp_path, HOME)["violated"] == {(SCORE, "pg:raw", "pg:mart")}


def test_names_with_dots_colons_and_nested_columns_of_another_platform(tmp_path: Path) -> None:
    place = "bigquery"
    raw, mart = Urn("dataset", (place, "p-1.d.s: raw #1")), Urn("dataset", (place, "p-1.d.MART v2.1"))
    derives = edge("DERIVES_FROM", column(mart, "a.b"), column(raw, "x.y.z"), subtype="identity")
    uses = edge("USES_FEATURE", version().urn, column(mart, "a.b"), role="feature")
    listed = [Dataset(namespace=place, name=urn.name, type="table") for urn in (raw, mart)]
    base: list[Node | Edge] = [
        version(),
        RUN,
        *listed,
        edge("GENERATED_BY", version().urn, RUN.urn),
        edge("USED", RUN.urn, mart),
    ]
    store = catalog(*base, derives, uses)
    refs = Refs(store, NAMESPACES)
    said = f"residency: {{EU: ['{refs.format(raw)}']}}\nrules: [{{id: home, kind: residency}}]\n"
    assert ask(store, tmp_path, US + said)["violated"] == {(SCORE, refs.format(raw), refs.format(mart))}


def test_one_column_that_is_exempt_leaves_the_others(tmp_path: Path) -> None:
    flows = [flow("mart.a", "raw.a"), flow("mart.b", "raw.b")]
    exempt = HOME.replace("residency}", "residency, exempt: [{dataset: 'pg:raw#a', reason: public, document: T}]}")
    one, both = catalog(*trained(version(), "a"), *flows), catalog(*trained(version(), "a", "b"), *flows)
    assert ask(one, tmp_path, US + exempt)["passed"] == {SCORE}
    assert ask(both, tmp_path, US + exempt)["violated"] == {(SCORE, "pg:raw", "pg:mart")}


def test_an_exemption_ends_with_its_last_day(tmp_path: Path) -> None:
    store = catalog(*trained(version(), "a"), flow("mart.a", "raw.a"))
    for until, verdict in (("2026-06-01", "passed"), ("2026-05-31", "violated")):
        exempt = f"residency, exempt: [{{model: score, reason: r, document: T, until: {until}}}]}}"
        assert ask(store, tmp_path, US + HOME.replace("residency}", exempt))[verdict]


def test_a_document_of_one_column_covers_no_other(tmp_path: Path) -> None:
    flows = [flow("mart.a", "raw.a"), flow("mart.b", "raw.b")]
    store = catalog(*trained(version(), "a", "b"), *flows, *document(col("raw.a"), "scoring"))
    assert ask(store, tmp_path, PURPOSE + CONSENT)["violated"] == {(SCORE, "pg:raw", "pg:mart")}


def test_things_that_stand_on_each_other_are_judged_like_others(tmp_path: Path) -> None:
    ring = [flow("mart.a", "stage.a"), flow("stage.a", "back.a"), flow("back.a", "stage.a"), flow("back.a", "raw.a")]
    found = ask(catalog(*trained(version(), "a"), *ring), tmp_path, US + HOME)
    assert found["violated"] == {(SCORE, "pg:raw", "pg:back")}


def test_a_way_that_only_jobs_tell_is_shown_with_what_they_read_and_wrote(tmp_path: Path) -> None:
    job = Urn("job", ("etl", "load"))
    jobs = [edge("PRODUCED_BY", table("mart"), job), edge("READS", job, table("raw"))]
    (tmp_path / "r.yaml").write_text(US + HOME.replace("residency}", "residency, lineage: table}"))
    store = catalog(*trained(version(), "a"), *jobs)
    data = check(store, Refs(store, NAMESPACES), read_policies([tmp_path / "r.yaml"]), NOW).answer.data
    (found,) = data["violations"]
    assert (found["cause"], found["hop"]) == ("pg:raw", "pg:mart")
    assert {one["type"] for one in found["evidence"]} == {"PRODUCED_BY", "READS"}
