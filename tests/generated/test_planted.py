"""A violation of each kind, planted at a random depth, is found with its cause and first hop; taken out again, it is gone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.check import check
from catalog.model.edges import Edge
from catalog.model.instants import instant, parse
from catalog.model.nodes import Check, CheckResult, Consent, ModelVersion, Node
from catalog.policies import read_policies
from catalog.refs import Refs
from catalog.store.opening import open_store
from catalog.store.port import SnapshotDelta, Store
from tests.catalogs import edge, snapshot
from tests.generated.small import ALIASES, HUB, Small

NOW = instant(datetime(2026, 6, 1, tzinfo=UTC))
SEEDS = range(1, 11)


@dataclass
class Plant:
    """What is said besides the estate: facts, and policies."""

    facts: list[Node | Edge] = field(default_factory=list)
    policies: dict[str, Any] = field(default_factory=dict)

    def snapshots(self) -> list[SnapshotDelta]:
        return [snapshot(self.facts, ("said", "besides"), parse("2026-01-02T00:00:00Z"))] if self.facts else []


def documents(estate: Small, tables: Iterable[str], refused: str | None) -> list[Node | Edge]:
    found: list[Node | Edge] = []
    for table in sorted(tables):
        purposes = ["else"] if table == refused else ["scoring", "else"]
        one = Consent(namespace="register", name=table, document=f"D {table}", status="active", purposes=purposes)
        found += [one, edge("COVERED_BY", estate.table(table), one.urn)]
    return found


def consent(estate: Small, table: str, *, planted: bool) -> Plant:
    facts = documents(estate, {*estate.layers[0], table}, table if planted else None)
    terms = {estate.model: {"purpose": "scoring"}}
    return Plant(facts, {"models": terms, "rules": [{"id": "r", "kind": "consent-for-purpose"}]})


def residency(estate: Small, table: str, *, planted: bool) -> Plant:
    terms = {estate.model: {"deployment_region": "US" if planted else "EU"}}
    rules = [{"id": "r", "kind": "residency", "from_residency": "EU"}]
    return Plant([], {"residency": {"EU": [f"pg:{table}"]}, "models": terms, "rules": rules})


def licence(estate: Small, table: str, *, planted: bool) -> Plant:
    named = {
        "MIT": [f"pg:{t}" for t in estate.layers[0] if t != table],
        "CC-BY-NC" if planted else "BSD": [f"pg:{table}"],
    }
    return Plant([], {"licences": named, "rules": [{"id": "r", "kind": "licence", "deny": ["CC-BY-NC"]}]})


def retention(estate: Small, table: str, *, planted: bool) -> Plant:
    days = 20 if planted else 4000
    return Plant([], {"retention": {f"pg:{table}": days}, "rules": [{"id": "r", "kind": "retention"}]})


def quality(estate: Small, table: str, *, planted: bool) -> Plant:
    looked_at = Check(namespace="suites", name="fresh", suite="fresh")
    result = CheckResult(
        namespace="suites", name="fresh", run="n1", suite="fresh", success=not planted, at="2026-02-01T00:00:00Z"
    )
    live = [ModelVersion(namespace=HUB, name=estate.model, version=v, aliases=["live"]) for v in ("1", "2")]
    facts: list[Node | Edge] = [
        looked_at, result, *live, edge("CHECKS", looked_at.urn, estate.table(table)),
        edge("RESULT_OF", result.urn, looked_at.urn), edge("EVALUATED_ON", result.urn, estate.table(table)),
    ]  # fmt: skip
    return Plant(facts, {"rules": [{"id": "r", "kind": "quality-gate"}]})


PLANTS: list[Callable[..., Plant]] = [consent, residency, licence, retention, quality]


def in_sqlite() -> Store:
    store = open_store("sqlite:///:memory:")
    store.migrate()
    return store


def ask(store: Store, plant: Plant, folder: Path) -> dict[str, Any]:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(plant.policies))
    return check(store, Refs(store, ALIASES), read_policies([path]), NOW).answer.data


def found_in(store: Store, estate: Small, plant: Plant, folder: Path) -> set[tuple[str, str, str]]:
    data = ask(estate.fill(store, *plant.snapshots()), plant, folder)
    for one in data["violations"]:
        assert one["path"][0].partition("#")[0] == one["cause"]
        assert one["path"][-1] == one["subject"]
    return {(v["subject"].partition("@")[0], v["cause"], v["hop"]) for v in data["violations"]}


def somewhere(seed: int) -> tuple[Small, str]:
    estate = Small(seed, depth=random.Random(seed).randint(2, 12))
    behind = sorted({urn.name for urn in estate.behind()})
    return estate, random.Random(seed).choice(behind)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", PLANTS, ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_found_with_its_first_hop(rule: Callable[..., Plant], seed: int, tmp_path: Path) -> None:
    estate, table = somewhere(seed)
    found = found_in(in_sqlite(), estate, rule(estate, table, planted=True), tmp_path)
    subjects = {f"files:{estate.file}"} if rule is retention else {f"hub:{estate.model}/{n}" for n in (1, 2)}
    assert {subject for subject, _, _ in found} == subjects
    assert {cause for _, cause, _ in found} == {f"pg:{table}"}
    readers = {f"pg:{reader}" for reader in estate.readers(table)} | {f"files:{estate.file}"}
    assert {hop for _, _, hop in found} <= readers


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", PLANTS, ids=lambda rule: rule.__name__)
def test_a_violation_that_is_taken_out_is_gone(rule: Callable[..., Plant], seed: int, tmp_path: Path) -> None:
    estate, table = somewhere(seed)
    plant = rule(estate, table, planted=False)
    data = ask(estate.fill(in_sqlite(), *plant.snapshots()), plant, tmp_path)
    assert data["violations"] == []
    aged = {f"pg:{table}"} if rule is retention else set[str]()  # no version of it is recorded
    assert {one["subject"] for one in data["unknown"]} == aged
    assert data["passed"] or rule is residency  # a model at home is no concern of the rule


@pytest.mark.parametrize("rule", PLANTS, ids=lambda rule: rule.__name__)
def test_stores_agree_on_what_is_violated(rule: Callable[..., Plant], store: Store, tmp_path: Path) -> None:
    estate, table = somewhere(4)
    found = found_in(store, estate, rule(estate, table, planted=True), tmp_path)
    again, same = somewhere(4)
    assert found == found_in(in_sqlite(), again, rule(again, same, planted=True), tmp_path)
    assert found
