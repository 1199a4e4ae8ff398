"""Forty diamonds on top of each other have 2^40 ways through: every question looks at each edge, never at each way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.check import check
from catalog.diff import diff_versions
from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import Question, lineage
from catalog.model.instants import instant
from catalog.model.names import Urn
from catalog.policies import read_policies
from catalog.provenance.story import provenance
from catalog.refs import Refs
from catalog.store.opening import open_store
from catalog.store.port import Store
from tests.generated.small import ALIASES, Small

LAYERS = 40
RULES = """
residency: {EU: ["pg:%s"]}
models: {%s: {purpose: p, deployment_region: US}}
rules:
  - {id: home, kind: residency}
  - {id: consent, kind: consent-for-purpose}
  - {id: licence, kind: licence, deny: [X]}
  - {id: kept, kind: retention, datasets: ["pg:%s"], keep_days: 1}
  - {id: gaps, kind: unresolved-lineage}
"""


class Ladder(Small):
    """Two tables a layer, each column of which comes from both below; perhaps the first stands on the last."""

    ring = False

    def __post_init__(self) -> None:
        self.depth = LAYERS
        super().__post_init__()
        self.layers = [[f"shop.l{i}.{side}" for side in "ab"] for i in range(LAYERS)]
        self.columns = {table: ["x", "y"] for layer in self.layers for table in layer}
        self.values = {
            self.col(table, path): [self.col(source, p) for source in above for p in "xy"]
            for above, layer in zip(self.layers, self.layers[1:], strict=False)
            for table in layer
            for path in "xy"
        }
        if self.ring:
            self.values[self.col(self.layers[1][0], "x")].append(self.col(self.layers[-1][1], "y"))
        self.mart, self.used = self.layers[-1][0], ["x", "y"]
        self.types = dict.fromkeys(self.every_column(), "int")
        self.feature_types = dict.fromkeys(self.used, "Int64")


class Ring(Ladder):
    ring = True


@pytest.fixture(scope="module", params=[Ladder, Ring])
def made(request: pytest.FixtureRequest) -> Iterator[tuple[Store, Refs, Small]]:
    estate: Small = request.param(1, "schema")
    store = open_store("sqlite:///:memory:")
    store.migrate()
    yield estate.fill(store), Refs(store, ALIASES), estate
    store.close()


def test_rules_find_the_cause_at_the_bottom(made: tuple[Store, Refs, Small], tmp_path: Path) -> None:
    store, refs, estate = made
    bottom = estate.layers[0][0]
    (tmp_path / "r.yaml").write_text(RULES % (bottom, estate.model, bottom))
    data = check(
        store, refs, read_policies([tmp_path / "r.yaml"]), instant(datetime(2026, 6, 1, tzinfo=UTC))
    ).answer.data
    found = {(v["rule"], v["cause"]) for v in data["violations"]}
    assert ("home", f"pg:{bottom}") in found
    assert ("kept", f"pg:{bottom}") in found
    assert all(len(v["path"]) >= LAYERS for v in data["violations"] if v["rule"] == "home")


def test_provenance_ends_at_the_bottom(made: tuple[Store, Refs, Small]) -> None:
    store, refs, estate = made
    data = provenance(store, refs, estate.version(1)).data
    ends = {f"pg:{table}#{path}" for table in estate.layers[0] for path in "xy"}
    assert all(set(feature["sources"]) == ends for feature in data["features"])


def test_a_difference_names_the_one_column(made: tuple[Store, Refs, Small]) -> None:
    store, refs, estate = made
    (found,) = diff_versions(store, refs, estate.version(1), estate.version(2)).data["changes"]
    assert [(found["ref"], found["property"], found["cause"])] == [
        (ref, name, c) for ref, name, *_, c in estate.expected
    ]


def test_lineage_and_impact_reach_everything(made: tuple[Store, Refs, Small]) -> None:
    store, refs, estate = made
    top, bottom = (estate.col(layer[0], "x") for layer in (estate.layers[-1], estate.layers[0]))
    above = lineage(store, refs, Question((top,), "upstream")).data
    below = impact(store, refs, [parse_change(f"drop:{refs.format(bottom)}", refs)]).data
    assert above["totals"]["nodes"] >= 4 * (LAYERS - 1)
    assert refs.format(top) in {finding["ref"] for finding in below["findings"]}
    assert refs.format(Urn("dataset", top.parts[:2])) in {finding["ref"] for finding in below["findings"]}
