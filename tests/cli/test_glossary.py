"""The glossary on the command line: what stewards say, what they are answered, what is wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from tests.cli.conftest import Run

SCHEMAS = Path(__file__).parents[2] / "schema" / "json"
TOTAL = "wh:shop.mart.totals#total"


def check(found: dict[str, object]) -> None:
    name = str(found["schema"]).removesuffix("/1")
    jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.json").read_text())).validate(found)


def test_a_term_is_defined_proposed_approved_and_its_history_told(filled: Path, headwater: Run) -> None:
    made = headwater(
        "glossary", "define", "Profit", "--glossary", "terms", "--definition", "What is left.", "-f", "json"
    )
    assert made.json["data"] == {
        "term": "term:Profit",
        "thing": None,
        "status": "draft",
        "commit": made.json["data"]["commit"],
    }
    check(made.json)
    assert headwater("glossary", "approve", "Profit").code == 2
    assert headwater("glossary", "propose", "Profit", "--actor", "ana", "--note", "for finance").code == 0
    assert "approved" in headwater("glossary", "approve", "term:Profit", "--actor", "ben").out
    told = headwater("glossary", "history", "Profit", "-f", "json").json
    check(told)
    assert [(c["status"], c["by"], c["note"]) for c in told["data"]["changes"]][1:] == [
        ("proposed", "ana", "for finance"), ("approved", "ben", None),
    ]  # fmt: skip
    assert "for finance" in headwater("glossary", "history", "Profit").out


def test_an_assignment_is_made_moved_and_taken_back(
    filled: Path, headwater: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_ACTOR", "ana")
    amount = "wh:shop.raw.orders#amount"
    assert headwater("glossary", "link", amount, "Turnover", "--confidence", "0.8").code == 0
    assert headwater("glossary", "approve", "Turnover", "--on", amount).code == 0
    (term,) = headwater("show", amount, "-f", "json").json["data"]["terms"]
    assert {key: term[key] for key in ("status", "confidence", "by", "source")} == {
        "status": "approved", "confidence": "0.8", "by": "ana", "source": "manual",
    }  # fmt: skip
    changes = headwater("glossary", "history", "Turnover", "--on", amount, "-f", "json").json["data"]["changes"]
    assert [change["status"] for change in changes] == ["proposed", "approved"]
    assert headwater("glossary", "unlink", amount, "Turnover").code == 0
    assert headwater("glossary", "unlink", TOTAL, "Turnover").code == 0
    assert headwater("glossary", "search", "Turnover", "-f", "json").json["data"]["columns"] == []
    assert headwater("glossary", "link", amount, "tag:private").code == 0
    assert [tag["ref"] for tag in headwater("show", amount, "-f", "json").json["data"]["tags"]] == ["tag:private"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("approve", "Nothing"), 4),
        (("approve", "Turnover", "--on", "wh:shop.raw.orders#state"), 4),
        (("link", "wh:shop.raw.orders#state", "Turnover", "--confidence", "much"), 2),
        (("link", "wh:shop.raw.orders#state", "Turnover", "--status", "accepted"), 2),
        (("define", " ", "--glossary", "terms"), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(filled: Path, headwater: Run, asked: tuple[str, ...], code: int) -> None:
    head = headwater("db", "status", "-f", "json").json["data"]["head"]
    found = headwater("glossary", *asked)
    assert found.code == code, found.err
    assert found.err
    assert headwater("db", "status", "-f", "json").json["data"]["head"] == head


def test_a_file_is_tried_taken_and_written_out_again(filled: Path, headwater: Run) -> None:
    (filled / "more.csv").write_text(
        "GlossaryName, TermName, ShortDescription\nSales,Order,What is bought.\nSales,Basket,\n,Nameless,\n"
    )
    tried = headwater("glossary", "import", "more.csv", "--dry-run", "-f", "json")
    check(tried.json)
    assert (tried.code, tried.json["data"]["counts"]["added"], tried.json["data"]["commits"]) == (3, 4, [])
    assert tried.json["data"]["errors"][0]["line"] == 4
    taken = headwater("glossary", "import", "more.csv", "-f", "json")
    assert taken.json["data"]["changes"] == tried.json["data"]["changes"]
    assert "+ term:Order" in headwater("glossary", "import", "more.csv", "--glossary", "Other").out
    for form, name in (("csv", "out.csv"), ("skos-turtle", "out.ttl"), ("skos-jsonld", "out.jsonld")):
        assert headwater("glossary", "export", "Sales", "-f", form, "-o", name).code == 0
        again = headwater("glossary", "import", name, "--dry-run", "-f", "json")
        assert (again.code, again.json["data"]["changes"]) == (0, [])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("import", "nothing.csv"), 2),
        (("import", "columns.csv"), 3),
        (("import", "terms.csv", "--system", "x"), 2),
        (("export", "Nothing"), 4),
    ],
)
def test_a_file_that_is_no_glossary_is_refused(filled: Path, headwater: Run, asked: tuple[str, ...], code: int) -> None:
    found = headwater("glossary", *asked)
    assert (found.code, bool(found.err)) == (code, True)


def test_labels_follow_lineage_and_the_rules_of_the_project(filled: Path, headwater: Run) -> None:
    assert headwater("glossary", "link", "wh:shop.raw.orders#amount", "tag:money").code == 0
    found = headwater("glossary", "labels", "-f", "json")
    check(found.json)
    assert [thing["ref"] for thing in found.json["data"]["things"]] == [
        "wh:shop.mart.ranked#doubled",
        "wh:shop.mart.ranked#total",
    ]
    project = (filled / "headwater.yml").read_text()
    (filled / "headwater.yml").write_text(project + "propagation:\n  - {labels: [tag:money], stops: [masking]}\n")
    told = headwater("glossary", "labels", TOTAL, "-f", "json")
    check(told.json)
    (thing,) = told.json["data"]["things"]
    assert [(one["ref"], one["carried"]) for one in thing["derived"]] == [("tag:money", "derived")]
    assert "tag:money  (derived, exact" in headwater("show", TOTAL).out
    assert "from wh:shop.raw.orders#amount" in headwater("glossary", "labels", "--label", "tag:money").out
    assert headwater("glossary", "labels", "--label", "nothing").code == 4
    (filled / "headwater.yml").write_text(project + "propagation:\n  - {labels: [tag:money], stops: [hashing]}\n")
    wrong = headwater("glossary", "labels")
    assert (wrong.code, "propagation.0.stops" in wrong.err) == (2, True)


def test_suggestions_are_kept_only_if_they_are_accepted(filled: Path, headwater: Run) -> None:
    (filled / "b.sql").write_text("create table mart.copy as select total as revenue from mart.totals;")
    assert headwater("ingest", "-q").code == 0
    found = headwater("glossary", "suggest", "wh:shop.mart.copy", "-f", "json")
    check(found.json)
    (one,) = found.json["data"]["suggestions"]
    assert (one["ref"], one["label"]) == ("wh:shop.mart.copy#revenue", "term:Turnover")
    assert "its name is 'revenue'" in headwater("glossary", "suggest").out
    assert headwater("show", one["ref"], "-f", "json").json["data"]["terms"] == []
    assert headwater("glossary", "suggest", one["ref"], "--accept", "--actor", "ana").code == 0
    (term,) = headwater("show", one["ref"], "-f", "json").json["data"]["terms"]
    assert (term["status"], term["source"], term["by"]) == ("proposed", "suggestion", "ana")
    assert headwater("glossary", "suggest", "x", "--unlabelled").code == 2
