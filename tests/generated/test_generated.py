"""Made-up estates of another shape come out as they were made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.glossary.lookup import glossary_search
from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import Question, lineage
from catalog.model.errors import NotFoundError
from catalog.project import load
from catalog.provenance.story import provenance
from catalog.store.opening import open_store
from tests.estate.conftest import Catalog, read
from tests.generated.estate import generate
from tests.generated.truth import Truth

SEEDS = range(1, 7)


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, Truth]]:
    folder: Path = tmp_path_factory.mktemp("generated")
    truth = generate(folder, request.param)
    store, project = open_store(f"sqlite:///{folder}/catalog.db"), load(folder / "headwater.yml", {})
    yield Catalog(store, project, read(store, project)), truth
    store.close()


def upstream(
    catalog: Catalog, ref: str, flow: str = "value", hops: int | None = None, level: str = "column"
) -> dict[str, Any]:
    refs = catalog.refs
    question = Question((refs.parse(ref),), direction="upstream", flow=flow, max_hops=hops, level=level)  # type: ignore[arg-type]
    return lineage(catalog.store, refs, question).data


def test_every_edge_is_there_with_its_kind_and_no_other(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    assert len(truth.edges) > 40
    for to, sources in truth.edges.items():
        edges = [e for e in upstream(catalog, to, "all", 1)["edges"] if e["to"] == to]
        values = {e["from"]: e["subtype"] for e in edges if e["type"] == "DERIVES_FROM"}
        windows = {e["from"] for e in edges if e["type"] == "INFLUENCED_BY"}
        assert values == {source: kind for source, kind in sources.items() if kind != "window"}, to
        assert {source for source, kind in sources.items() if kind == "window"} <= windows, to


def test_what_failed_left_nothing(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    assert truth.absent
    for source, to, why in truth.absent:
        try:
            edges = upstream(catalog, to, "all", 1)["edges"]
        except NotFoundError:
            continue
        assert not [e for e in edges if (e["from"], e["to"], e["type"]) == (source, to, "DERIVES_FROM")], why


def test_values_are_followed_from_the_file_to_the_first_table(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    for to in truth.edges:
        found = {n["ref"] for n in upstream(catalog, to)["nodes"] if n["hops"] and n["kind"] == "Column"}
        found = {
            ref for ref in found if not ref.startswith("hub:")
        }  # the same content under the tracking server's name
        assert found == truth.upstream(to), to


def test_a_python_model_is_followed_by_table(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    for source, to in truth.tables:
        assert source in {e["from"] for e in upstream(catalog, to, "table", 1, "dataset")["edges"]}


def test_dropping_a_raw_column_affects_what_stands_on_it_and_nothing_else(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    refs = catalog.refs
    raw = sorted({source for sources in truth.edges.values() for source in sources} - truth.edges.keys())
    for column in raw:
        findings = impact(catalog.store, refs, [parse_change(f"drop:{column}", refs)]).data["findings"]
        values = {
            f["ref"]
            for f in findings
            if f["kind"] == "Column" and f["effect"] != "rows_change" and not f["ref"].startswith("hub:")
        }
        windows = {to for to, sources in truth.edges.items() if sources.get(column) == "window"}
        assert truth.downstream(column) <= values, column
        through_windows = {other for to in windows for other in {to, *truth.downstream(to)}}
        assert values <= truth.downstream(column) | through_windows, column


def test_words_find_their_terms_and_columns(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    for word, (terms, columns) in truth.terms.items():
        found = glossary_search(catalog.store, catalog.refs, word).data
        assert {hit["name"] for hit in found["terms"]} == terms, word
        assert {hit["ref"] for hit in found["columns"]} == columns, word


def test_every_fault_is_named_with_its_place(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    places = {place for report in catalog.reports for _, place in report.skipped}
    for gap in truth.gaps:
        assert any(place.startswith(gap) for place in places), gap


def test_reading_again_writes_nothing(made: tuple[Catalog, Truth]) -> None:
    catalog, _ = made
    head = catalog.store.info().head
    read(catalog.store, catalog.project)
    assert catalog.store.info().head == head


def test_a_model_version_stands_on_its_data_commit_and_columns(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    assert len(truth.models) == 2
    for ref, wanted in truth.models.items():
        data = provenance(catalog.store, catalog.refs, catalog.refs.parse(ref)).data
        assert data["code"]["commit"] == wanted["commit"]
        assert (wanted["data"], wanted["digest"]) in {
            (d["ref"], d["digest"]) for d in data["datasets"] if d["observed"]
        }
        features = {f["name"]: f for f in data["features"]}
        assert {name for name, f in features.items() if f["role"] == "feature"} == set(wanted["features"])
        assert {name for name, f in features.items() if f["role"] == "target"} == {wanted["target"]}
        for name, feature in features.items():
            roots = {c for c in truth.upstream(f"{wanted['data']}#{name}") if not truth.values_of(c)}
            assert set(feature["sources"]) == roots, (ref, name)
