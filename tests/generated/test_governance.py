"""Planted violations of made-up estates are found with their first hop, and are gone where the rules no longer find fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.check import Checked, check
from catalog.model.instants import instant
from catalog.policies import read_policies
from catalog.project import load
from catalog.provenance.story import provenance
from catalog.store.opening import open_store
from catalog.verification.verifying import files_of
from tests.estate.conftest import Catalog, read
from tests.generated.estate import generate
from tests.generated.truth import Truth

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module", params=range(1, 7))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, Truth]]:
    folder: Path = tmp_path_factory.mktemp("governed")
    truth = generate(folder, request.param)
    store, project = open_store(f"sqlite:///{folder}/catalog.db"), load(folder / "headwater.yml", {})
    yield Catalog(store, project, read(store, project)), truth
    store.close()


def ask(catalog: Catalog, policies: str) -> Checked:
    rules = read_policies([catalog.project.root / policies])
    return check(catalog.store, catalog.refs, rules, instant(NOW), files_of(catalog.project))


def test_exactly_what_was_planted_is_found(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    violations = ask(catalog, "rules.yaml").answer.data["violations"]
    found = {(v["rule"], v["subject"], None if v["rule"] == truth.hashes else v["cause"]) for v in violations}
    assert found == truth.violations
    assert len(found) > 1


def test_the_first_hop_reads_the_cause(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    for one in ask(catalog, "rules.yaml").answer.data["violations"]:
        if one["rule"] == truth.hashes:
            continue
        readers = {
            to.partition("#")[0]
            for to in truth.edges
            for source in truth.values_of(to)
            if source.startswith(one["cause"] + "#")
        }
        assert one["hop"] in readers


def test_what_is_mended_is_gone(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    left = ask(catalog, "mended.yaml").answer.data["violations"]
    assert {v["rule"] for v in left} == {truth.hashes}


def test_a_prediction_leads_to_its_version_and_the_raw_columns_of_its_reason(made: tuple[Catalog, Truth]) -> None:
    catalog, truth = made
    assert truth.predictions
    for name, (version, reason) in truth.predictions.items():
        data = provenance(catalog.store, catalog.refs, catalog.refs.parse(f"prediction:{name}")).data
        (feature,) = data["features"]
        above = truth.upstream(f"{truth.models[version]['data']}#{reason}")
        raw = {column for column in above if not truth.values_of(column)}
        assert (data["modelVersion"], feature["name"], set(feature["sources"])) == (version, reason, raw)
