"""Glossaries: the same terms from each form, faults one by one, and no circle of broader terms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.edges import Broader, Means, PartOf
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import Term
from ingestors.glossary import GlossaryIngestor, GlossaryOptions
from ingestors.refs import read_ref

AT = parse("2026-01-05")
NAMESPACES = {
    "wh": "postgres://h:5432",
    "lake": "duckdb://lake",
    "deep": "postgres://h:5432/deep",
    "feast": "feast://shop",
}
ENTRIES = [
    {"name": "Party", "definition": "Somebody, or something", "synonyms": ["actor"]},
    {"name": "Customer", "broader": ["Party"], "synonyms": ["client", "buyer"], "columns": ["wh:a.b#c", "lake:d#e.f"]},
    {
        "name": "Lapse",
        "abbreviation": "LPS",
        "related": ["Customer"],
        "steward": "ana@shop.example",
        "Reviewed": "2026-01-01",
    },
]


def snapshots(root: Path, at: Instant | None = AT, **options: Any) -> list[Snapshot]:
    context = Context("terms", root, NAMESPACES, now=Instant(0), at=at)
    return list(GlossaryIngestor(GlossaryOptions(**options)).snapshots(context))


def facts(found: list[Snapshot]) -> list[tuple[tuple[str, ...], str]]:
    return [(one.scope, fact.body) for one in found for fact in one.facts if isinstance(fact, Fact)]


def skips(found: list[Snapshot]) -> list[Skip]:
    return [item for one in found for item in one.facts if isinstance(item, Skip)]


def elements(found: list[Snapshot], kind: type) -> Iterator[Any]:
    return (f.element for one in found for f in one.facts if isinstance(f, Fact) and isinstance(f.element, kind))


def as_csv(entries: list[dict[str, Any]], names: dict[str, str] | None = None) -> str:
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([(names or {}).get(column, column) for column in columns])
    for entry in entries:
        values = (entry.get(column, "") for column in columns)
        writer.writerow(["; ".join(value) if isinstance(value, list) else value for value in values])
    return buffer.getvalue()


def test_every_form_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(as_csv(ENTRIES))
    (tmp_path / "words.csv").write_text(
        as_csv(ENTRIES, {"name": "Preferred Label", "synonyms": "alt-labels", "broader": "Parent"})
    )
    (tmp_path / "t.tsv").write_text(
        as_csv(ENTRIES).replace("Somebody, or", "Somebody or").replace(",", "\t").replace("body or", "body, or")
    )
    (tmp_path / "t.yaml").write_text(json.dumps({"terms": ENTRIES}))
    (tmp_path / "list.yml").write_text(json.dumps(ENTRIES))
    (tmp_path / "t.json").write_text(
        json.dumps({"terms": {e["name"]: {k: v for k, v in e.items() if k != "name"} for e in ENTRIES}})
    )
    said = {path.name: sorted(facts(snapshots(tmp_path, path=path.name))) for path in sorted(tmp_path.iterdir())}
    assert all(one == said["t.csv"] for one in said.values())
    assert len(said["t.csv"]) == 12


def test_each_term_is_a_scope_and_a_fault_makes_only_its_own_unread(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("term,columns\nGood,wh:a#b\nBad,nowhere:a#b;wh:a#c\n")
    good, bad, glossary = snapshots(tmp_path, path="t.csv")
    assert (good.scope, good.complete) == (("glossary", "terms", "Good"), True)
    assert (bad.scope, bad.complete) == (("glossary", "terms", "Bad"), False)
    assert (glossary.scope, glossary.complete) == (("glossary", "terms"), True)
    assert glossary.unread == frozenset({bad.scope})
    assert [edge.start.parts for edge in elements([bad], Means)] == [("postgres://h:5432", "a", "c")]


def test_a_row_that_names_no_term_may_hide_any(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("term,definition\nGood,fine\n,nameless\n")
    *_, glossary = snapshots(tmp_path, path="t.csv")
    assert not glossary.complete
    assert [str(skip.origin) for skip in skips([glossary])] == ["t.csv:line 3"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("A,,\nA,,\n", "duplicate"),
        ("A,,\n a ,,\n", "duplicate"),
        ("É,,\nE\u0301,,\n", "duplicate"),
        ("A,Nothing,\n", "unresolved"),
        ("A,A,\n", "circular"),
        ("A,B,\nB,A,\n", "circular"),
        ("A,,\nB\n", "unreadable"),
        ('A,,\nB,"open\n', "unreadable"),
        ("A,,nothing:x\n", "unresolved"),
    ],
)
def test_faults_are_named_with_their_row(tmp_path: Path, rows: str, code: str) -> None:
    (tmp_path / "t.csv").write_text("term,broader,columns\n" + rows)
    (skip,) = skips(snapshots(tmp_path, path="t.csv"))
    assert skip.code == code
    assert (skip.origin.place or "").split(",")[0] == f"line {rows.count(chr(10)) + 1}"


def test_a_term_that_is_gone_is_missing_from_the_members_of_the_glossary(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("term\nA\nB\n")
    *_, both = snapshots(tmp_path, path="t.csv")
    (tmp_path / "t.csv").write_text("term\nA\n")
    *_, one = snapshots(tmp_path, path="t.csv")
    assert {edge.start.name for edge in elements([both], PartOf)} == {"A", "B"}
    assert {edge.start.name for edge in elements([one], PartOf)} == {"A"}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_broader_terms_never_form_a_circle(
    tmp_path_factory: pytest.TempPathFactory, links: list[tuple[int, int]]
) -> None:
    root = tmp_path_factory.mktemp("g")
    entries = [{"name": f"t{i}", "broader": [f"t{b}" for a, b in links if a == i]} for i in range(7)]
    (root / "t.json").write_text(json.dumps(entries))
    found = snapshots(root, path="t.json")
    edges = {(edge.start.name, edge.end.name) for edge in elements(found, Broader)}
    left_out = sum(skip.code == "circular" for skip in skips(found))
    assert len(edges) + left_out == len(set(links))
    remaining = set(edges)
    while leaves := {start for start, _ in remaining} - {end for _, end in remaining}:
        remaining = {link for link in remaining if link[0] not in leaves}
    assert not remaining


def test_files_of_one_glossary_are_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("glossary: Shop\nterms: [{name: A, broader: B}]")
    (tmp_path / "b.yaml").write_text("glossary: Shop\nterms: [B]")
    found = snapshots(tmp_path, path="*.yaml")
    assert not skips(found)
    assert [one.scope for one in found] == [("glossary", "Shop", "A"), ("glossary", "Shop", "B"), ("glossary", "Shop")]


def test_the_time_of_the_file_stands_in_and_is_flagged(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("[A]")
    assert {one.dated for one in snapshots(tmp_path, at=None, path="a.yaml")} == {False}
    assert {one.dated for one in snapshots(tmp_path, path="a.yaml")} == {True}


def test_names_and_definitions_stay_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {name: 'NO', definition: 1.10}\n- {name: 007, definition: on}")
    assert [(term.name, term.definition) for term in elements(snapshots(tmp_path, path="a.yaml"), Term)] == [
        ("NO", "1.10"), ("007", "on"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"), [("a.yaml", "7"), ("a.json", '{"x": '), ("a.xlsx", "x"), ("a.csv", ""), ("a.yaml", "terms: x")]
)
def test_a_file_that_is_no_glossary_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=name):
        snapshots(tmp_path, path=name)


# --- references -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "urn"),
    [
        ("wh:bank.core.t", Urn("dataset", ("postgres://h:5432", "bank.core.t"))),
        ("wh:bank.core.t#a.b", Urn("column", ("postgres://h:5432", "bank.core.t", "a.b"))),
        ("column!wh:t#a", Urn("column", ("postgres://h:5432", "t", "a"))),
        ("postgres://h:5432/t#a", Urn("column", ("postgres://h:5432", "t", "a"))),
        ("postgres://h:5432/deep/t#a", Urn("column", ("postgres://h:5432/deep", "t", "a"))),
        ("s3://bucket/data/a.csv#x", Urn("column", ("s3://bucket", "data/a.csv", "x"))),
        ("file:/data/a.csv", Urn("dataset", ("file", "/data/a.csv"))),
        ("lake:50%25%23%40#a (b) [c]", Urn("column", ("duckdb://lake", "50%#@", "a (b) [c]"))),
        ("feast:view#f", Urn("feature", ("feast://shop", "view", "f"))),
        (" wh:t#a ", Urn("column", ("postgres://h:5432", "t", "a"))),
    ],
)
def test_references_are_read(ref: str, urn: Urn) -> None:
    assert read_ref(ref, NAMESPACES) == urn


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "t",
        "t#a",
        "nope:t#a",
        "wh:",
        "wh:#a",
        "wh:t#",
        "wh:t#a#b",
        "dataset!wh:t#a",
        "column!wh:t",
        "hw:column:a:b:c",
        "://x",
    ],
)
def test_what_is_no_reference_is_none(ref: str) -> None:
    assert read_ref(ref, NAMESPACES) is None


@given(st.text())
def test_no_text_makes_a_reference_raise(ref: str) -> None:
    urn = read_ref(ref, NAMESPACES)
    assert urn is None or all(urn.parts)
