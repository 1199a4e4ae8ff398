"""Provenance of the six model versions, against what people read off the repository and the SQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.provenance.story import provenance
from tests.estate.conftest import Catalog

RAW = ("pg:bank.raw_", "pg:bank.vendor_")


def answers(catalog: Catalog, truth: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    refs = catalog.refs
    found = []
    for case in truth["model_versions"]:
        urn = refs.parse(f"mlflow:{case['model']}/{case['version']}")
        found.append((case, provenance(catalog.store, refs, urn).data))
    assert len(found) == 6
    return found


def test_value_sources_are_exactly_the_tables_behind_features_and_target(
    in_sqlite: Catalog, truth: dict[str, Any]
) -> None:
    for case, data in answers(in_sqlite, truth):
        values = {s["ref"] for s in data["sources"] if s["flow"] == "value" and s["ref"].startswith(RAW)}
        assert values - set(case.get("value_sources_arguable", [])) == set(case["value_sources"]), case["model"]


def test_tables_that_are_only_read_are_table_sources(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    for case, data in answers(in_sqlite, truth):
        sources = {s["ref"] for s in data["sources"]}
        assert set(case["table_sources_besides"]) <= sources, case["model"]


def test_data_file_digest_and_commit_are_those_of_the_training(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    for case, data in answers(in_sqlite, truth):
        assert data["code"]["tag"] == case["git_tag"]
        files = [d for d in data["datasets"] if d["ref"] == case["data_file"]]
        assert files, case["data_file"]
        assert all(d["digest"] and d["observed"] for d in files)


def test_every_feature_has_the_columns_behind_it(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    wanted = truth["explanations"]["feature_columns"]
    checked = 0
    for _, data in answers(in_sqlite, truth):
        for feature in data["features"]:
            if feature["name"] in wanted:
                checked += 1
                assert sorted(feature["sources"]) == sorted(wanted[feature["name"]]), feature["name"]
    assert checked >= 20


@pytest.mark.parametrize("question", ["provenance"])
def test_the_answers_as_of_march_do_not_change_with_the_release_of_april(
    in_sqlite: Catalog, after: Catalog, truth: dict[str, Any], question: str, tmp_path: Path
) -> None:
    before, later = answers(in_sqlite, truth), answers(after, truth)
    assert json.dumps([d for _, d in later]) == json.dumps([d for _, d in before])
