"""The stores that the contract is asked of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from catalog.store.memory import MemoryStore
from catalog.store.opening import open_store
from catalog.store.port import Store
from tests.servers.shared import credentials, exclusive

NEO4J: Final = pytest.param("neo4j", marks=pytest.mark.xdist_group("neo4j"))
STORES: Final = ("memory", "sqlite", NEO4J)
"""Schemes. A new store is one more, with its address in `address`."""


@pytest.fixture(params=STORES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(scheme: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of one kind, this test's alone."""
    if scheme == "memory":
        yield MemoryStore()
    elif scheme == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'catalog.db'}")
    else:
        uri = request.getfixturevalue("neo4j_uri")
        with exclusive(uri):
            user, password = credentials() or ("", "")
            yield from _opened(uri, {"user": user, "password": password} if user else None)


def _opened(url: str, secret: dict[str, str] | None = None) -> Iterator[Store]:
    store = open_store(url, secret)
    store.reset()
    yield store
    store.close()
