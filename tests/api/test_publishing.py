"""The published schema is the program's, and no change breaks its callers unawares."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.api import publish
from catalog.api.schema import sdl


def test_the_file_is_what_the_program_serves() -> None:
    assert publish.TARGET.read_text() == sdl()
    assert publish.main(["--check"]) == 0


def test_a_change_that_breaks_is_written_only_when_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "graphql" / "schema.graphql"
    monkeypatch.setattr(publish, "TARGET", target)
    assert publish.main([]) == 0
    assert target.read_text() == sdl()
    promised = sdl().replace("type Query {\n", "type Query {\n  promised: String\n", 1)
    target.write_text(promised)
    for args in ([], ["--check"]):
        assert publish.main(args) == 1
        assert "Query.promised" in capsys.readouterr().err
        assert target.read_text() == promised
    assert publish.main(["--break"]) == 0
    assert target.read_text() == sdl()


def test_a_change_that_breaks_nobody_is_written_and_missed_by_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "schema.graphql"
    monkeypatch.setattr(publish, "TARGET", target)
    less = sdl().replace('  """The server and its catalog."""\n  serverInfo: ServerInfo!\n', "")
    assert less != sdl()
    target.write_text(less)
    assert publish.main(["--check"]) == 1
    assert "make schema" in capsys.readouterr().err
    assert publish.main([]) == 0
    assert target.read_text() == sdl()
