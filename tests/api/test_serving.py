"""`headwater serve` as a process: it says where it is, answers, refuses the outside, and ends well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from catalog.store.sqlite import SqliteStore
from tests.api.test_mutations import RUN

TOKEN = "0123456789abcdef0123456789abcdef"


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEADWATER_")}
    return {**kept, **more}


@contextmanager
def serving(folder: Path, *args: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yields the process and the address that it says it is at."""
    command = [
        sys.executable,
        "-m",
        "catalog.cli",
        "--store",
        f"sqlite:///{folder}/catalog.db",
        "serve",
        "--port",
        "0",
        *args,
    ]
    process = subprocess.Popen(command, cwd=folder, env=environment(**variables), stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://\S+:\d+", said)
        assert found, said + process.stderr.read()
        yield process, found[0]
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = SqliteStore(f"sqlite:///{tmp_path}/catalog.db")
    store.migrate()
    store.close()
    return tmp_path


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_takes_events_and_ends_well(folder: Path, how: signal.Signals) -> None:
    with serving(folder, "--allow-writes") as (process, address):
        assert httpx.get(f"{address}/readyz", timeout=20).text == "ok\n"
        assert httpx.post(f"{address}/api/v1/lineage", json=RUN, timeout=20).status_code == 201
        query = {"query": '{ job(ref: "job:etl/load") { reads { totalCount } } commits { nodes { actor } } }'}
        data = httpx.post(f"{address}/graphql", json=query, timeout=20).json()["data"]
        assert data["job"]["reads"]["totalCount"] == 1
        assert data["commits"]["nodes"][0]["actor"] == "local"
        process.send_signal(how)
        assert process.wait(30) == 0


def test_many_ask_at_once_and_all_are_answered(folder: Path) -> None:
    with serving(folder, "--allow-writes") as (_, address):
        answers: list[int] = []

        def ask(number: int) -> None:
            event = {
                **RUN,
                "run": {"runId": f"0192a3b4-0000-7000-8000-{number:012}"},
                "job": {"namespace": "etl", "name": f"j{number}"},
            }
            with httpx.Client(base_url=address, timeout=30) as http:
                answers.append(http.post("/api/v1/lineage", json=event).status_code)
                answers.append(http.post("/graphql", json={"query": "{ serverInfo { head } }"}).status_code)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        query = {"query": "{ coverage { kinds { kind count } } }"}
        kinds = httpx.post(f"{address}/graphql", json=query, timeout=30).json()["data"]["coverage"]["kinds"]
    assert sorted(answers) == [200] * 12 + [201] * 12
    assert {"kind": "Run", "count": 12} in kinds
    assert {"kind": "Job", "count": 12} in kinds


def test_tokens_come_from_the_environment(folder: Path) -> None:
    with serving(folder, "--host", "0.0.0.0", HEADWATER_TOKENS=f"{TOKEN}=ana") as (_, address):
        local = address.replace("0.0.0.0", "127.0.0.1")
        query = {"query": "{ serverInfo { mayWrite } }"}
        assert httpx.post(f"{local}/graphql", json=query, timeout=20).status_code == 401
        answer = httpx.post(f"{local}/graphql", json=query, headers={"authorization": f"Bearer {TOKEN}"}, timeout=20)
        assert answer.json()["data"]["serverInfo"]["mayWrite"] is True


@pytest.mark.parametrize(
    ("args", "tokens", "says"),
    [(["--host", "0.0.0.0"], "", "is reached from other machines"), ([], "oops", "entry 1 is no TOKEN=ACTOR")],
)
def test_it_does_not_start_where_it_would_be_open(folder: Path, args: list[str], tokens: str, says: str) -> None:
    command = [sys.executable, "-m", "catalog.cli", "--store", f"sqlite:///{folder}/catalog.db", "serve", *args]
    found = subprocess.run(
        command, cwd=folder, env=environment(HEADWATER_TOKENS=tokens), capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 2
    assert says in found.stderr


def test_it_does_not_start_without_a_catalog(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "catalog.cli", "--store", f"sqlite:///{tmp_path}/none.db", "serve"]
    found = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert found.returncode == 2
    assert "there is no catalog yet" in found.stderr
    assert not (tmp_path / "none.db").exists()
