"""Lineage of the example estate against what people read off its inputs."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.glossary.lookup import glossary_search
from catalog.lineage import Question, lineage
from catalog.model.errors import NotFoundError
from tests.estate.conftest import Catalog

WINDOW = "INFLUENCED_BY"
VALUE = "DERIVES_FROM"


def upstream(
    catalog: Catalog, ref: str, flow: str = "value", hops: int | None = None, level: str = "column"
) -> dict[str, Any]:
    refs = catalog.refs
    question = Question((refs.parse(ref),), direction="upstream", flow=flow, max_hops=hops, level=level)  # type: ignore[arg-type]
    return lineage(catalog.store, refs, question).data


def test_every_listed_column_edge_is_there_and_no_other_value_edge_leads_into_a_listed_column(
    in_sqlite: Catalog, truth: dict[str, Any]
) -> None:
    wanted: dict[str, dict[str, str]] = {}
    for edge in truth["column_edges"]:
        wanted.setdefault(edge["to"], {})[edge["from"]] = edge["kind"]
    assert sum(map(len, wanted.values())) == 192
    wrong: list[object] = []
    for to, sources in wanted.items():
        edges = [e for e in upstream(in_sqlite, to, "all", 1)["edges"] if e["to"] == to]
        values = {e["from"] for e in edges if e["type"] == VALUE}
        windows = {e["from"] for e in edges if e["type"] == WINDOW}
        named = {source for source, kind in sources.items() if kind == "window"}
        if named - windows or values != sources.keys() - named:
            wrong.append((to, named - windows, values ^ (sources.keys() - named)))
    assert wrong == []


def test_no_edge_is_there_that_people_ruled_out(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    assert len(truth["column_edges_absent"]) == 11
    for edge in truth["column_edges_absent"]:
        try:
            edges = upstream(in_sqlite, edge["to"])["edges"]
        except NotFoundError:
            continue  # the target column does not exist, as it should be
        assert not [e for e in edges if (e["from"], e["to"]) == (edge["from"], edge["to"])], edge["why"]


def test_table_edges_are_there_where_columns_cannot_be_known(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    assert len(truth["table_edges"]) == 3
    for edge in truth["table_edges"]:
        edges = upstream(in_sqlite, edge["to"], "table", 1, "dataset")["edges"]
        assert edge["from"] in {e["from"] for e in edges}, edge["why"]


@pytest.mark.parametrize(("group", "count", "target", "source"), [
    ("end_to_end", 11, "{to}", "from"),
    ("metric_sources", 3, "metric:{metric}", "column"),
])  # fmt: skip
def test_values_are_followed_across_systems(
    in_sqlite: Catalog, truth: dict[str, Any], group: str, count: int, target: str, source: str
) -> None:
    assert len(truth[group]) == count
    for case in truth[group]:
        nodes = upstream(in_sqlite, target.format(**case))["nodes"]
        assert case[source] in {node["ref"] for node in nodes}, case


def test_words_lead_to_terms_and_columns(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    assert len(truth["glossary_search"]) == 9
    for case in truth["glossary_search"]:
        found = glossary_search(in_sqlite.store, in_sqlite.refs, case["query"]).data
        assert sorted(hit["ref"].partition(":")[2] for hit in found["terms"]) == sorted(case["terms"]), case
        assert {hit["ref"] for hit in found["columns"]} >= set(case.get("columns", [])), case
