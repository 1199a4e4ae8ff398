"""Answers on the command line: forms, schemas, exit codes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Final

import jsonschema_rs
import pytest

from tests.cli.conftest import Run

SCHEMAS: Final = Path(__file__).parents[2] / "schema" / "json"
TOTAL: Final = "wh:shop.mart.totals#total"
QUESTIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("lineage", TOTAL),
    ("lineage", TOTAL, "--flow", "all", "--upstream"),
    ("lineage", "wh:shop.mart.totals", "--level", "dataset", "--flow", "table"),
    ("impact", "drop:wh:shop.raw.orders#amount"),
    ("search", "total"),
    ("glossary", "search", "revenue"),
    ("show", "wh:shop.mart.totals", "--history"),
    ("show", TOTAL),
    ("ingest",),
    ("ingest", "--plan"),
    ("diff", "wh:shop.mart.totals", "--from", "2026-01-31"),
    ("db", "status"),
    ("doctor",),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_json_answers_are_as_their_schema_says(filled: Path, headwater: Run, question: tuple[str, ...]) -> None:
    found = headwater(*question, "--format", "json")
    assert found.code == 0, found.err
    name = found.json["schema"].removesuffix("/1")
    jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.json").read_text())).validate(found.json)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_every_question_has_an_answer_as_text(filled: Path, headwater: Run, question: tuple[str, ...]) -> None:
    found = headwater(*question)
    assert found.code == 0
    assert found.out.strip()


def test_a_tree_names_sources_and_what_stands_on_them(filled: Path, headwater: Run) -> None:
    text = headwater("lineage", TOTAL).out
    assert "wh:shop.raw.orders#amount  [aggregation]" in text
    assert "wh:shop.mart.ranked#doubled  [transformation]" in text


@pytest.mark.parametrize("form", ["svg", "mermaid", "dot"])
def test_pictures_hold_every_node_and_no_markup_from_names(filled: Path, headwater: Run, form: str) -> None:
    (filled / "b.sql").write_text(
        'create table mart."<script>x</script>" as select customer as "a""|b" from raw.orders;'
    )
    assert headwater("ingest").code == 0
    picture = headwater("lineage", "wh:shop.raw.orders#customer", "--format", form).out
    assert picture.count("script") >= 2
    if form == "dot":
        assert all(line.replace('\\"', "").count('"') % 2 == 0 for line in picture.splitlines())
    else:
        assert "<script>" not in picture
    if form == "svg":
        ElementTree.fromstring(picture)


def test_an_answer_can_go_to_a_file(filled: Path, headwater: Run) -> None:
    assert headwater("lineage", TOTAL, "-f", "svg", "-o", "picture.svg").out == ""
    assert (filled / "picture.svg").read_text().startswith("<svg")


def test_a_gate_trips_only_if_asked(filled: Path, headwater: Run) -> None:
    change = "drop:wh:shop.raw.orders#amount"
    assert headwater("impact", change).code == 0
    assert headwater("impact", change, "--fail-on", "breaks").code == 1


def test_the_options_of_the_program_may_stand_anywhere(filled: Path, headwater: Run) -> None:
    before = headwater("-c", "headwater.yml", "search", "total").out
    assert headwater("search", "total", "-c", "headwater.yml").out == before


def test_a_question_about_another_day_sees_that_day(filled: Path, headwater: Run) -> None:
    found = headwater("lineage", TOTAL, "--as-of", "2026-01-31", "-f", "json").json
    assert found["asOf"].startswith("2026-01-31T23:59:59")
    assert not found["data"]["edges"]


def test_a_backup_brings_everything_back(filled: Path, headwater: Run) -> None:
    export = headwater("db", "export").out
    assert export.count("\n") > 10
    assert headwater("db", "backup", "log.gz").code == 0
    assert headwater("--store", "sqlite:///copy.db", "db", "restore", "log.gz").code == 0
    assert headwater("--store", "sqlite:///copy.db", "db", "export").out == export
    assert headwater("db", "rebuild").code == 0
    assert headwater("db", "export").out == export
    assert headwater("db", "rebuild", "--into", "sqlite:///third.db").code == 0
    assert headwater("--store", "sqlite:///third.db", "db", "export").out == export


def test_a_rolled_back_commit_is_as_if_it_had_never_been_and_is_not_read_again_by_itself(
    filled: Path, headwater: Run
) -> None:
    before = headwater("db", "export").out
    (filled / "b.sql").write_text("create table mart.extra as select customer from raw.orders;")
    assert headwater("ingest", "statements").code == 0
    head = headwater("db", "status", "-f", "json").json["data"]["head"]
    assert headwater("db", "export").out != before
    assert headwater("ingest", "rollback", str(head)).code == 0
    assert headwater("db", "export").out == before
    again = headwater("ingest", "-f", "json")
    assert again.code == 3
    assert "retracted" in {s["reason"] for source in again.json["data"]["sources"] for s in source["skipped"]}
    assert headwater("db", "export").out == before
    assert headwater("ingest", "--again").code == 0
    assert headwater("db", "export").out != before


def test_a_plan_writes_nothing(project: Path, headwater: Run) -> None:
    found = headwater("ingest", "--plan", "-f", "json")
    assert sum(source["added"] for source in found.json["data"]["sources"]) > 10
    assert headwater("db", "status", "-f", "json").json["data"]["head"] == 0


def test_a_purged_line_is_gone_and_the_log_still_replays(filled: Path, headwater: Run) -> None:
    shown = headwater("db", "purge", "1", "1").out
    assert headwater("db", "purge", "1", "1", "--yes").code == 0
    gone = headwater("db", "purge", "1", "1").out
    assert "purged" in gone
    assert gone != shown
