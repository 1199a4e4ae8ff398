"""PostgreSQL judges the same random queries, if there is one on this machine: see `tests/sql/oracle.py`."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from catalog.sql import Schema, analyze
from tests.sql.grammar import TABLES, queries, rows
from tests.sql.oracle import Answer, Ask, Rows, answer_of, unclaimed
from tests.sql.test_duckdb_oracle import CELLS, EXAMPLES

SCHEMA = Schema({table: list(columns) for table, columns in TABLES.items()}, "postgres")


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _as_server_user() -> list[str]:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("POSTGRESQL IS NOT TESTED: running as root, and there is no user 'postgres' to run it as")
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("POSTGRESQL IS NOT TESTED: there is no initdb on this machine")
    user = _as_server_user()
    folder = Path(mkdtemp(prefix="hw-pg-"))
    if user:
        shutil.chown(folder, "postgres")
    server = [*user, f"{binaries}/pg_ctl", "-D", f"{folder}/data"]
    _run(folder, *user, f"{binaries}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c jit=off"
    _run(folder, *server, "-w", "-o", options, "-l", f"{folder}/log", "start")
    try:
        with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            yield _asker(connection)
    finally:
        _run(folder, *server, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)


def _asker(connection: psycopg.Connection[tuple[object, ...]]) -> Ask:
    for table, columns in TABLES.items():
        definition = ", ".join(f"{column} integer" for column in columns)
        connection.execute(f"create temp table {table} ({definition})".encode())

    def run(query: str, tables: Rows) -> Answer:
        for table, listed in tables.items():
            connection.execute(f"truncate {table}".encode())
            for row in listed:
                connection.execute(f"insert into {table} values (%s, %s, %s)".encode(), row)
        found = connection.execute(query.encode())
        return answer_of([column.name for column in found.description or ()], found.fetchall())

    return run


@settings(
    max_examples=max(EXAMPLES // 3, 1),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(query=queries(), tables=rows(), values=CELLS)
def test_nothing_changes_that_is_not_claimed(ask: Ask, query: str, tables: Rows, values: list[int | None]) -> None:
    result = analyze(query, "postgres", SCHEMA)
    assert not result.problems
    try:
        found = list(unclaimed(query, result, tables, values, ask))
    except psycopg.errors.NumericValueOutOfRange:  # products of products
        return
    assert found == [], query
