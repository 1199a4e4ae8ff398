"""`headwater graphql`: queries without a server, the schema, and what a change of it would break."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

PUBLISHED = Path(__file__).parents[2] / "schema" / "graphql" / "schema.graphql"
QUERY = "query ($ref: String!) { column(ref: $ref) { ref upstream { nodes { ref } } } }"


def test_a_query_is_answered_from_an_argument_and_from_a_file(filled: Path, headwater: Run) -> None:
    variables = ("--variables", json.dumps({"ref": "wh:shop.mart.totals#total"}))
    (filled / "q.graphql").write_text(QUERY)
    for how in ([QUERY], ["--file", "q.graphql"]):
        found = headwater("graphql", *how, *variables)
        assert found.code == 0, found.err
        assert found.json["data"]["column"]["upstream"]["nodes"] == [{"ref": "wh:shop.raw.orders#amount"}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ entity(ref: "nothing") { ref } }', 4),
        ('{ entity(ref: "customer") { ref } }', 4),
        ("{ nothing }", 2),
        ("{", 2),
        ('{ search(text: "a", first: 999999) { nodes { ref } } }', 2),
    ],
)
def test_errors_end_with_the_code_that_other_commands_have(filled: Path, headwater: Run, query: str, code: int) -> None:
    found = headwater("graphql", query)
    assert found.code == code
    assert found.json["errors"]


@pytest.mark.parametrize("args", [(), ("{ a }", "--variables", "x"), ("{ a }", "--variables", "[]")])
def test_wrong_usage_is_said(filled: Path, headwater: Run, args: tuple[str, ...]) -> None:
    assert headwater("graphql", *args).code == 2


def test_mutations_write_only_when_it_is_allowed(filled: Path, headwater: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_ACTOR", "ana")
    edit = 'mutation { setDescription(ref: "wh:shop.mart.totals", text: "Totals.") { __typename } }'
    for args, type_ in (((), "Forbidden"), (("--allow-writes",), "EditPayload")):
        found = headwater("graphql", edit, *args)
        assert found.json["data"] == {"setDescription": {"__typename": type_}}
    assert (
        headwater("show", "wh:shop.mart.totals", "--format", "json").json["data"]["node"]["properties"]["description"]
        == "Totals."
    )


def test_the_published_schema_is_the_program_s(headwater: Run) -> None:
    assert headwater("graphql", "--schema").out == PUBLISHED.read_text()
    found = headwater("graphql", "--check", str(PUBLISHED))
    assert (found.code, found.out) == (0, "Nothing changes for the callers of the published schema.\n")


@pytest.mark.parametrize(
    ("was", "says", "code"),
    [
        ("type Query {\n  gone: String\n", "breaks: Field Query.gone was removed.", 1),
        ("enum Level {\n  SCHEMA\n", "breaks: Enum value Level.SCHEMA was removed.", 1),
    ],
)
def test_what_breaks_callers_is_named(tmp_path: Path, headwater: Run, was: str, says: str, code: int) -> None:
    head = was.split("\n")[0] + "\n"
    published = PUBLISHED.read_text()
    assert head in published
    (tmp_path / "old.graphql").write_text(published.replace(head, was, 1))
    found = headwater("graphql", "--check", str(tmp_path / "old.graphql"))
    assert found.code == code
    assert says in found.out


def test_what_is_no_schema_is_an_error(tmp_path: Path, headwater: Run) -> None:
    (tmp_path / "old.graphql").write_text("nothing of the kind")
    found = headwater("graphql", "--check", str(tmp_path / "old.graphql"))
    assert found.code == 2
    assert "old.graphql" in found.err


@pytest.mark.parametrize("command", ["serve", "graphql"])
def test_help_imports_nothing_heavy(command: str) -> None:
    code = (
        f"import sys; from catalog.cli.main import run; run(['{command}', '--help']);"
        "heavy = {'strawberry', 'fastapi', 'uvicorn', 'graphql', 'pydantic', 'sqlglot', 'yaml', 'rich'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
