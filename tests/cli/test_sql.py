"""`headwater sql` needs no project: text in, lineage out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema_rs
import pytest

from tests.cli.conftest import Run

SCHEMA = Path(__file__).parents[2] / "schema" / "json" / "headwater.sql.json"
TEXT = "create table core.t as select upper(a) as x, b from core.s where c > 1;\nselect d from core.u cross join core.v"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "x.sql"
    path.write_text(TEXT)
    return str(path)


def test_the_json_answer_is_as_its_schema_says(headwater: Run, file: str) -> None:
    found = headwater("sql", file, "-d", "postgres", "--format", "json")
    assert found.code == 0
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(found.json)
    assert [(flow["from"], flow["to"]) for flow in found.json["data"]["flows"]] == [
        ("core.s#a", "core.t#x"),
        ("core.s#b", "core.t#b"),
    ]
    assert not found.json["complete"]


def test_the_text_says_what_was_not_understood_and_where(headwater: Run, file: str) -> None:
    found = headwater("sql", file, "-d", "postgres")
    assert "core.t#x  core.s#a    transformation" in found.out
    assert "filter" in found.out
    assert "line 2: column 'd' could belong to several tables" in found.err


def test_known_columns_come_from_a_file(headwater: Run, file: str, tmp_path: Path) -> None:
    listed = tmp_path / "columns.csv"
    listed.write_text("table_schema,table_name,column_name\ncore,u,d\ncore,v,e\n")
    assert headwater("sql", file, "--columns", str(listed), "-f", "json").json["complete"]
    as_json = tmp_path / "columns.json"
    as_json.write_text('{"core.u": ["d"], "core.v": ["e"]}')
    assert headwater("sql", file, "--columns", str(as_json), "-f", "json").json["complete"]


def test_the_picture_is_well_formed(headwater: Run, file: str) -> None:
    assert ElementTree.fromstring(headwater("sql", file, "-f", "svg").out).tag.endswith("svg")
    assert headwater("sql", file, "-f", "mermaid").out.startswith("flowchart LR")
    assert headwater("sql", file, "-f", "dot").out.startswith("digraph")


def test_a_dialect_that_is_not_known_is_a_wrong_use(headwater: Run, file: str) -> None:
    found = headwater("sql", file, "-d", "postgre")
    assert found.code == 2
    assert "postgre" in found.err


def test_several_files_are_one_session(headwater: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.sql", tmp_path / "second.sql"
    first.write_text("create temp table q as select a from s.t")
    second.write_text("insert into s.u (x) select a from q;\nselect nothing from")
    found = headwater("sql", str(first), str(second), "-d", "postgres", "-f", "json")
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(found.json)
    assert [(flow["from"], flow["to"]) for flow in found.json["data"]["flows"]] == [("s.t#a", "s.u#x")]
    assert [statement["file"] for statement in found.json["data"]["statements"]] == [
        str(first),
        str(second),
        str(second),
    ]
    assert found.json["warnings"][0].startswith(f"{second}, line 2: ")


@pytest.mark.parametrize(
    "listed", ['{"core.u": {"d": "int"}, "core.v": {"e": null}}', '{"core": {"u": ["d"], "v": ["e"]}}']
)
def test_known_columns_may_have_types_and_levels(headwater: Run, file: str, tmp_path: Path, listed: str) -> None:
    path = tmp_path / "columns.json"
    path.write_text(listed)
    assert headwater("sql", file, "--columns", str(path), "-f", "json").json["complete"]


@pytest.mark.parametrize("listed", ['{"t": 5}', '["t"]', "{bad", "a,b\n1,2\n", "", "table_name,column_name\n"])
def test_columns_in_another_form_are_a_wrong_use(headwater: Run, file: str, tmp_path: Path, listed: str) -> None:
    path = tmp_path / "columns"
    path.write_text(listed)
    found = headwater("sql", file, "--columns", str(path))
    assert found.code == 2
    assert str(path) in found.err
    assert "column_name" in found.err


def test_text_that_is_not_utf_8_is_a_wrong_use(headwater: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_bytes("select 'ä'".encode("utf-16"))
    found = headwater("sql", str(path))
    assert found.code == 2
    assert f"{path}: byte 0 is not UTF-8" in found.err


def test_an_empty_text_is_said_to_be_empty(headwater: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_text("-- nothing\n")
    assert "no statement" in headwater("sql", str(path)).err
