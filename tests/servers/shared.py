"""One Neo4j for all processes of a test run, and exclusive use of it for one test at a time.

The first process of the run makes a pipe and holds its writing end. Whichever process needs a server first starts one
that reads the pipe; when the run ends, however it ends, the kernel closes the pipe and the server stops.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import neo4j

from tests.servers.neo4j import NoServerError, locked

ROOT = Path(__file__).parent.parent.parent
MAY_WIPE = "headwater_tests_may_wipe"

# Kept for the life of the process: a Popen that is collected while its server runs warns.
_started: list[subprocess.Popen[str]] = []


class Run:
    """The pipe that keeps a run's server alive; held by the first process of the run only."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="headwater-tests-"))
        os.mkfifo(self.folder / "alive")
        # Both ends, because opening the writing end alone waits for a reader.
        self._alive = os.open(self.folder / "alive", os.O_RDWR)

    def close(self) -> None:
        os.close(self._alive)
        for process in _started:
            process.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)


def shared_uri(folder: Path) -> str:
    """Returns the URI of the run's server, started by the first caller of all processes.

    Raises:
        NoServerError: no server can be had; every caller of the run is told the same.
    """
    uri, refused = folder / "uri", folder / "refused"
    with locked(folder / "lock"):
        if not uri.exists() and not refused.exists():
            _start(folder, uri, refused)
    if refused.exists():
        raise NoServerError(refused.read_text())
    return uri.read_text()


def _start(folder: Path, uri: Path, refused: Path) -> None:
    command = [sys.executable, "-m", "tests.servers.neo4j", "--while-stdin"]
    errors = folder / "errors"
    with (folder / "alive").open("rb", buffering=0) as alive, errors.open("w") as stderr:
        process = subprocess.Popen(
            # A session of its own, so that Ctrl-C stops the tests first and they still find their server.
            command,
            cwd=ROOT,
            stdin=alive,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    _started.append(process)
    assert process.stdout is not None
    with process.stdout as stdout:
        answer = stdout.readline().strip()
    if answer:
        uri.write_text(answer)
    else:
        refused.write_text(errors.read_text().strip())


def credentials() -> tuple[str, str] | None:
    """Returns user and password for the server that `NEO4J_URI` names; None where it asks for none."""
    password = os.environ.get("NEO4J_PASSWORD")
    return (os.environ.get("NEO4J_USERNAME", "neo4j"), password) if password else None


def exclusive(uri: str) -> AbstractContextManager[None]:
    """Keeps every other test of this machine off the server: Community has one database, so tests take turns."""
    name = hashlib.sha256(uri.encode()).hexdigest()[:12]
    return locked(Path(tempfile.gettempdir()) / f"headwater-neo4j-{name}.lock")


def wipe(uri: str) -> None:
    """Deletes all nodes and relationships in batches; constraints and indexes stay."""
    with neo4j.GraphDatabase.driver(uri, auth=credentials()) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()


def claim(uri: str) -> None:
    """Marks a server that somebody named in `NEO4J_URI` as the tests' own, by an index that outlives every wipe.

    Raises:
        RuntimeError: the server holds data and is not marked; the tests would have deleted it.
    """
    with neo4j.GraphDatabase.driver(uri, auth=credentials()) as driver:
        if driver.execute_query("SHOW INDEXES YIELD name WHERE name = $name", name=MAY_WIPE).records:
            return
        if driver.execute_query("MATCH (n) RETURN n LIMIT 1").records:
            raise RuntimeError(f'NEO4J_URI: "{uri}" holds data that the tests would delete: name an empty database.')
        driver.execute_query("CREATE INDEX headwater_tests_may_wipe IF NOT EXISTS FOR (n:HeadwaterTests) ON (n.never)")
