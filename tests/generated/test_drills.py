"""Of two trainings that differ in one thing a difference names that and nothing else; equal ones do not differ."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.diff import diff_versions
from catalog.refs import Refs
from catalog.store.memory import MemoryStore
from catalog.store.opening import open_store
from catalog.store.port import Store
from tests.generated.small import ALIASES, KINDS, Small

SEEDS = range(1, 21)


def in_sqlite() -> Store:
    store = open_store("sqlite:///:memory:")
    store.migrate()
    return store


def differences(store: Store, estate: Small) -> list[tuple[Any, ...]]:
    data = diff_versions(store, Refs(store, ALIASES), estate.version(1), estate.version(2)).data
    assert data["causes"] == sorted({c["cause"] for c in data["changes"]})
    return [(c["ref"], c["property"], c["before"], c["after"], c["cause"]) for c in data["changes"]]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_one_thing_that_changed_is_named_and_nothing_else(kind: str, seed: int) -> None:
    estate = Small(seed, kind)
    store = estate.fill(in_sqlite())
    assert differences(store, estate) == estate.expected
    assert {cause for *_, cause in estate.expected} == {kind}
    store.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_training_with_nothing_changed_does_not_differ(seed: int) -> None:
    estate = Small(seed)
    store = estate.fill(in_sqlite())
    assert differences(store, estate) == []
    store.close()


@pytest.mark.parametrize("kind", KINDS)
def test_stores_agree_on_what_changed(kind: str, store: Store) -> None:
    estate = Small(3, kind)
    assert differences(estate.fill(store), estate) == estate.expected


def test_memory_is_a_store_like_others() -> None:
    estate = Small(5, "schema")
    assert differences(estate.fill(MemoryStore()), estate) == estate.expected
