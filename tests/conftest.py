"""Fixtures that all tests may use: a real Neo4j, shared by the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.servers.neo4j import NoServerError
from tests.servers.shared import Run, claim, exclusive, shared_uri, wipe

RUN = pytest.StashKey[Run]()
UNTESTED = "NEO4J IS NOT TESTED"

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="Rewrite the goldens that differ, and fail.")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist which run it belongs to."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN].folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the tests that share the server to one worker, so that no other stands waiting for them."""
    for item in items:
        if "neo4j_uri" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("neo4j"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    reasons = {report.longrepr[2] for report in reports if UNTESTED in str(report.longrepr)}
    for reason in sorted(reasons):
        terminalreporter.write_line(reason, red=True, bold=True)


def _run_folder(config: pytest.Config) -> Path:
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    return Path(worker["run_folder"]) if worker else config.stash[RUN].folder


def _find_neo4j(config: pytest.Config) -> str:
    given = os.environ.get("NEO4J_URI")
    if not given:
        return shared_uri(_run_folder(config))
    claim(given)
    return given


@pytest.fixture(scope="session")
def neo4j_uri(pytestconfig: pytest.Config) -> str:
    """The Bolt URI of a real Neo4j: `NEO4J_URI`, else a container, else the jars of Maven Central, else a loud skip.

    `REQUIRE_NEO4J=1` turns the skip into a failure.
    """
    try:
        return _find_neo4j(pytestconfig)
    except NoServerError as reason:
        if os.environ.get("REQUIRE_NEO4J") == "1":
            pytest.fail(f"REQUIRE_NEO4J=1, but {reason}", pytrace=False)
        pytest.skip(f"{UNTESTED}: {reason}")


@pytest.fixture
def neo4j_clean(neo4j_uri: str) -> Iterator[str]:
    """The URI of an empty Neo4j that is this test's alone while it runs; constraints of earlier tests remain."""
    with exclusive(neo4j_uri):
        wipe(neo4j_uri)
        yield neo4j_uri


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compares a text with the file that keeps it, byte for byte."""

    def compare(path: Path, text: str) -> None:
        kept = path.read_bytes().decode() if path.exists() else None
        if kept != text and pytestconfig.getoption("--update-goldens"):
            path.write_bytes(text.encode())
            pytest.fail(f"{path} was rewritten: read it, then run again without --update-goldens", pytrace=False)
        assert kept is not None, f"{path} is missing: write it with --update-goldens"
        assert text == kept

    return compare
