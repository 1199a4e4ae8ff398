"""The practice projects: what real tools left behind, read and asked on the command line, as a user would."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from catalog.cli.main import run
from catalog.cli.workbench import Workbench

ESTATES = Path(__file__).parent / "estates"
SCHEMAS = Path(__file__).parents[2] / "schema" / "json"
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str


class Practice:
    """One project in a folder of its own, with a catalog."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def headwater(self, *args: str, code: int = 0) -> Result:
        """Runs a command that ends with this exit code."""
        self._capsys.readouterr()
        ended = run(["--quiet", *args])
        captured = self._capsys.readouterr()
        assert ended == code, captured.err or captured.out
        return Result(ended, captured.out, captured.err)

    def ask(self, *args: str, code: int = 0) -> Any:
        """Returns the data of a JSON answer that is as its published schema says."""
        answer = json.loads(self.headwater(*args, "--format", "json", code=code).out)
        schema = json.loads((SCHEMAS / f"{answer['schema'].partition('/')[0]}.json").read_text())
        jsonschema_rs.validator_for(schema).validate(answer)
        return answer["data"]

    def graphql(self, query: str, **variables: Any) -> Any:
        """Returns what the API answers."""
        answer = json.loads(self.headwater("graphql", query, "--variables", json.dumps(variables)).out)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


Begin = Callable[[str], Practice]


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store; a test that takes Neo4j too names both as parameters."""
    if request.param == "neo4j":
        return str(request.getfixturevalue("neo4j_clean"))
    return f"sqlite:///{tmp_path / 'catalog.db'}"


@pytest.fixture
def practice(tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Copies a project and makes its folder the current one. The clock stands still."""

    def begin(name: str) -> Practice:
        folder = tmp_path / name
        shutil.copytree(ESTATES / name, folder, ignore=shutil.ignore_patterns("make"))
        monkeypatch.chdir(folder)
        monkeypatch.setenv("HEADWATER_STORE", store)
        monkeypatch.setenv("HEADWATER_ACTOR", "auditor")
        monkeypatch.setattr(Workbench, "now", lambda _: NOW)
        return Practice(folder, capsys)

    return begin
