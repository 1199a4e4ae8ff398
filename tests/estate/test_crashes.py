"""An ingest that is killed at any moment leaves a store that its log explains, and the next run makes up for it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.replay import export_lines, log_of, replay
from catalog.store.opening import open_store
from tests.estate.conftest import Catalog
from tests.servers.shared import exclusive, wipe

KILLS = int(os.environ.get("HEADWATER_KILLS", "5"))
"""For each store; `make bench` asks for more."""

LATEST_S = 2.5
"""The moment of the kill is drawn from the time that an undisturbed run takes, about."""


def command(estate: Path, url: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "catalog.cli",
        "-q",
        "-c",
        str(estate / "headwater-after.yml"),
        "--store",
        url,
        "ingest",
    ]


def killed_after(estate: Path, url: str, seconds: float) -> bool:
    """Starts an ingest and kills it; returns whether it was still running."""
    process = subprocess.Popen(command(estate, url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def exported(url: str) -> list[str]:
    store = open_store(url)
    try:
        return list(export_lines(store))
    finally:
        store.close()


def replayed(url: str, folder: Path) -> list[str]:
    """Returns the export of a store that was filled from the log of another."""
    path = folder / "replayed.db"
    for old in folder.glob("replayed.db*"):
        old.unlink()
    source, copy = open_store(url), open_store(f"sqlite:///{path}")
    try:
        replay(log_of(source), copy)
        return list(export_lines(copy))
    finally:
        source.close()
        copy.close()


def check(estate: Path, url: str, folder: Path, whole: list[str]) -> None:
    draw = random.Random(7)
    for _ in range(KILLS):
        killed_after(estate, url, draw.uniform(0.2, LATEST_S))
        assert exported(url) == replayed(url, folder)
    assert (
        subprocess.run(command(estate, url), check=False, capture_output=True).returncode == 3
    )  # the log has gaps by design
    assert exported(url) == whole


@pytest.fixture
def whole(after: Catalog) -> list[str]:
    """What a run that nobody disturbs ends in."""
    return list(export_lines(after.store))


def test_a_killed_ingest_loses_nothing_in_sqlite(estate: Path, tmp_path: Path, whole: list[str]) -> None:
    check(estate, f"sqlite:///{tmp_path}/catalog.db", tmp_path, whole)


def check_two_at_once(estate: Path, url: str, whole: list[str]) -> None:
    both = [subprocess.Popen(command(estate, url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [3, 3], errors
    assert exported(url) == whole


def test_two_ingests_at_once_end_as_one_does_in_sqlite(estate: Path, tmp_path: Path, whole: list[str]) -> None:
    check_two_at_once(estate, f"sqlite:///{tmp_path}/catalog.db", whole)


@pytest.fixture
def emptied_neo4j(neo4j_uri: str) -> Iterator[str]:
    with exclusive(neo4j_uri):
        wipe(neo4j_uri)
        yield neo4j_uri


def test_a_killed_ingest_loses_nothing_in_neo4j(
    estate: Path, tmp_path: Path, whole: list[str], emptied_neo4j: str
) -> None:
    check(estate, emptied_neo4j, tmp_path, whole)


def test_two_ingests_at_once_end_as_one_does_in_neo4j(estate: Path, whole: list[str], emptied_neo4j: str) -> None:
    check_two_at_once(estate, emptied_neo4j, whole)
