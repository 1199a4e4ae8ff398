"""The example estate, read once into each store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.harvest import Harvest
from catalog.intake import SourceReport
from catalog.project import Project, load
from catalog.refs import Refs
from catalog.store.opening import open_store
from catalog.store.port import Store
from tests.servers.shared import exclusive, wipe

ESTATE = Path(__file__).parents[2] / "examples" / "demo"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Catalog:
    """An estate in a store."""

    store: Store
    project: Project
    reports: tuple[SourceReport, ...]

    @property
    def refs(self) -> Refs:
        return Refs(self.store, self.project.namespaces)


def read(store: Store, project: Project, order: int = 1) -> tuple[SourceReport, ...]:
    """Reads every source of a project into a store, first to last or (-1) last to first."""
    harvest = Harvest(store, clock=lambda: NOW, actor="tester")
    return tuple(harvest.read(source) for source in list(project.sources(NOW))[::order])


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    """What people read off the inputs."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "truth.json").read_text())
    return found


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example estate."""
    folder = tmp_path_factory.mktemp("estate") / "demo"
    shutil.copytree(ESTATE, folder)
    return folder


def _in_sqlite(estate: Path, name: str, folder: Path) -> Catalog:
    store = open_store(f"sqlite:///{folder / name}.db")
    project = load(estate / f"{name}.yml", {})
    return Catalog(store, project, read(store, project))


@pytest.fixture(scope="session")
def in_sqlite(estate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The estate of 31 March in SQLite."""
    catalog = _in_sqlite(estate, "headwater", tmp_path_factory.mktemp("store"))
    yield catalog
    catalog.store.close()


@pytest.fixture(scope="session")
def after(estate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The estate with the release of 1 April in SQLite."""
    catalog = _in_sqlite(estate, "headwater-after", tmp_path_factory.mktemp("store"))
    yield catalog
    catalog.store.close()


@pytest.fixture(scope="module")
def in_neo4j(estate: Path, neo4j_uri: str) -> Iterator[Catalog]:
    """The estate of 31 March in Neo4j."""
    with exclusive(neo4j_uri):
        wipe(neo4j_uri)
        store = open_store(neo4j_uri)
        project = load(estate / "headwater.yml", {})
        yield Catalog(store, project, read(store, project))
        store.close()
