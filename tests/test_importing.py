"""Glossary files: what a dry run says is what the import then does, and what is exported is read back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.edits import Editor
from catalog.glossary.exporting import export_glossaries
from catalog.glossary.importing import Facts, foreseen, held, import_glossary, read_whole
from catalog.model.canonical import loads
from catalog.model.errors import NotFoundError, SourceError, UsageError
from catalog.model.ingest import Context, Source
from catalog.model.instants import instant
from catalog.model.names import Urn
from catalog.refs import Refs
from catalog.store.memory import MemoryStore
from ingestors.glossary import GlossaryIngestor, GlossaryOptions

CASES = Path(__file__).parent / "cases" / "glossary"
FORMS = {"csv": "out.csv", "skos-turtle": "out.ttl", "skos-jsonld": "out.jsonld"}
NAMESPACES = {"wh": "postgres://db.example:5432", "lake": "duckdb://lake", "feast": "feast://shop"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


CLOCK = Clock()


def source(root: Path, name: str = "terms", namespaces: dict[str, str] | None = None, **options: Any) -> Source:
    now = instant(CLOCK())
    context = Context(name, root, namespaces or NAMESPACES, now, now)
    return Source(name, "glossary", GlossaryIngestor(GlossaryOptions(**options)), context)


def take(store: MemoryStore, one: Source, *, dry_run: bool = False) -> dict[str, Any]:
    given_ = read_whole(one)
    refs = Refs(store, one.context.namespaces)
    return import_glossary(store, refs, one, given_, clock=CLOCK, actor="ana", dry_run=dry_run).data


def facts(store: MemoryStore) -> set[str]:
    """Returns what holds, wherever it was said, without what was skipped."""
    bodies = (c.body for c in store.all_claims() if c.spans[-1][1] is None)
    return {body for body in bodies if not str(loads(body).get("node", "")).startswith("hw:skipped")}


def in_skos(found: set[str]) -> set[str]:
    """Returns what SKOS says: not what means a term, and nothing of terms that are only named by what means them."""
    read = {body: loads(body) for body in found}
    terms = {said["node"] for said in read.values() if "node" in said}
    told = {body for body, said in read.items() if said.get("edge") != "MEANS"}
    return {body for body in told if read[body].get("edge") != "PART_OF" or read[body]["start"] in terms}


def flat(found: Facts) -> set[tuple[Any, str]]:
    return {(scope, body) for scope, bodies in found.items() for body in bodies.values()}


def cases() -> list[Path]:
    found = sorted(path.parent for path in CASES.glob("*/source.yaml"))
    assert len(found) >= 9
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_what_is_exported_is_read_back_as_it_was(case: Path, form: str, tmp_path: Path) -> None:
    said = yaml.safe_load((case / "source.yaml").read_text())
    first, second = MemoryStore(), MemoryStore()
    take(first, source(case, namespaces=said.get("namespaces"), **said["options"]))
    text = export_glossaries(first, Refs(first, NAMESPACES), [], form)
    (tmp_path / FORMS[form]).write_text(text, newline="")
    told = take(second, source(tmp_path, path=FORMS[form]))
    assert told["errors"] == []
    assert (facts(first) if form == "csv" else in_skos(facts(first))) == facts(second)
    assert export_glossaries(second, Refs(second, NAMESPACES), [], form) == text


WORDS = st.sampled_from(
    ["Party", "Customer", "Order", "Größe", "=cmd|'/C calc'!A0", "a;b", 'say "no"', "two\nlines", "x@de"]
)
TEXTS = st.one_of(WORDS, st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8).map(str.strip))
TERMS = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "definition": TEXTS,
        "status": st.sampled_from(["draft", "proposed", "approved", "deprecated"]),
        "abbreviation": TEXTS,
        "usage": TEXTS,
        "steward": st.sampled_from(["ana@shop.example", "sales team"]),
        "synonyms": st.lists(TEXTS, max_size=3),
        "labels": st.lists(st.sampled_from(["Kunde@de", "Client@fr-CA"]), max_size=2, unique=True),
        "definitions": st.lists(st.sampled_from(["Ein Kunde.@de"]), max_size=1),
        "hidden_labels": st.lists(TEXTS, max_size=2),
        "examples": st.lists(TEXTS, max_size=2),
        "notes": st.lists(TEXTS, max_size=2),
        "tags": st.lists(st.sampled_from(["pii", "law/secret"]), max_size=2, unique=True),
        "owners": st.lists(st.sampled_from(["ben", "cleo"]), max_size=2, unique=True),
        "is_a": st.lists(WORDS, max_size=1),
        "related": st.lists(WORDS, max_size=2, unique=True),
        "antonym": st.lists(WORDS, max_size=1),
        "replaced_by": st.lists(WORDS, max_size=1),
        "columns": st.lists(st.sampled_from(["wh:a.b#c", "lake:d"]), max_size=2, unique=True),
        "Own Field": TEXTS,
    },
)
GLOSSARIES = st.lists(TERMS, min_size=1, max_size=5, unique_by=lambda term: str(term["name"]))


def write(root: Path, terms: list[dict[str, Any]], language: str | None = None) -> None:
    said = {"glossary": "Words", "terms": terms} | ({"language": language} if language else {})
    (root / "terms.yaml").write_text(yaml.safe_dump(said, allow_unicode=True))


@settings(max_examples=25)
@given(GLOSSARIES, st.sampled_from(sorted(FORMS)), st.sampled_from([None, "en"]))
def test_any_glossary_survives_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, terms: list[dict[str, Any]], form: str, language: str | None
) -> None:
    root = tmp_path_factory.mktemp("g")
    write(root, terms, None if form == "csv" else language)
    first, second = MemoryStore(), MemoryStore()
    take(first, source(root, path="terms.yaml"))
    (root / FORMS[form]).write_text(export_glossaries(first, Refs(first, NAMESPACES), [], form), newline="")
    told = take(second, source(root, path=FORMS[form]))
    assert told["errors"] == []
    assert facts(second) == (facts(first) if form == "csv" else in_skos(facts(first)))


@settings(max_examples=25)
@given(st.lists(GLOSSARIES, min_size=1, max_size=4), st.booleans())
def test_a_dry_run_says_what_the_import_then_does(
    tmp_path_factory: pytest.TempPathFactory, versions: list[list[dict[str, Any]]], partial: bool
) -> None:
    root = tmp_path_factory.mktemp("g")
    store = MemoryStore()
    for terms in versions:
        write(root, terms)
        one = source(root, path="terms.yaml", partial=partial)
        given_ = read_whole(one)
        before, head = held(store, given_.glossaries), store.info().head
        foretold = flat(foreseen(before, given_, one.name))
        dry = take(store, one, dry_run=True)
        assert store.info().head == head
        real = take(store, one)
        after = held(store, given_.glossaries)
        assert flat(after) == foretold
        told = ("changes", "counts", "errors")
        assert {key: dry[key] for key in told} == {key: real[key] for key in told}
        assert dry["counts"]["unchanged"] == len(flat(before) & flat(after))
        again = take(store, one)
        assert again["changes"] == []
        assert again["commits"] == [] or again["errors"]


def test_what_people_said_outlives_an_import(tmp_path: Path) -> None:
    write(tmp_path, [{"name": "Customer", "status": "draft", "definition": "Who buys."}])
    store = MemoryStore()
    take(store, source(tmp_path, path="terms.yaml"))
    term = Urn("term", ("Words", "Customer"))
    Editor(store, clock=CLOCK, actor="ana").move_term(term, "proposed")
    Editor(store, clock=CLOCK, actor="ben").move_term(term, "approved")
    write(tmp_path, [{"name": "Customer", "status": "draft", "definition": "Who bought."}])
    take(store, source(tmp_path, path="terms.yaml"))
    said = store.get([term])[term].properties
    assert (said["status"], said["definition"]) == ("approved", "Who bought.")


def test_a_bad_row_spares_the_others_and_loses_nothing_said_before(tmp_path: Path) -> None:
    store = MemoryStore()
    (tmp_path / "t.csv").write_text("term,status,columns\nGood,draft,wh:a#b\nBad,draft,wh:a#c\n")
    take(store, source(tmp_path, path="t.csv"))
    (tmp_path / "t.csv").write_text("term,status,columns\nGood,approved,wh:a#b\nBad,blessed,nowhere:a#c\n")
    told = take(store, source(tmp_path, path="t.csv"))
    assert [(e["line"], e["column"], e["code"]) for e in told["errors"]] == [
        (3, "columns", "unresolved"), (3, "status", "invalid"),
    ]  # fmt: skip
    assert all("expected" in error["message"] for error in told["errors"])
    assert told["counts"]["closed"] == 0
    held_ = facts(store)
    assert any('"a","props"' in body or ":a:c" in body for body in held_ if loads(body).get("edge") == "MEANS")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonld", '{"@context": "https://somewhere.example/context.json", "@id": "x"}'),
        ("a.jsonld", '{"@context": {"@import": "https://somewhere.example/c"}, "@id": "x"}'),
        ("a.jsonld", '{"@graph": [{"@context": [{}, "//somewhere.example"]}]}'),
        ("a.rdf", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r/>'),
        ("a.ttl", "<a> <b> "),
        ("a.rdf", "<r"),
        ("a.jsonld", "[" * 500),
    ],
)
def test_rdf_that_would_fetch_or_is_none_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=name):
        read_whole(source(tmp_path, path=name))


def test_skos_of_others_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("""
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <http://ex.example/t/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
ex: a skos:ConceptScheme ; dct:title "Things"@en ; dct:language "en" .
ex:animal a skos:Concept ; skos:inScheme ex: ; skos:prefLabel "Animal"@en, "Tier"@de ; skos:definition "It lives."@en, "Es lebt."@de ;
  skos:narrower ex:cat ; skos:editorialNote "check" ; skos:notation "A1" ; skos:exactMatch <http://dbpedia.example/Animal> .
ex:cat skos:prefLabel "Cat"@en ; skos:topConceptOf ex: ; skos:altLabel "puss"@en, "Katze"@de ; owl:deprecated true .
ex:cat2 a skos:Concept ; skos:inScheme ex: ; skos:prefLabel "cat"@en ; skos:related ex:nowhere .
""")
    store = MemoryStore()
    told = take(store, source(tmp_path, path="a.ttl"))
    assert [error["code"] for error in told["errors"]] == ["unresolved"]
    animal, cat, other = (store.get([u])[u].properties for u in map(term, ("Animal", "Cat", "cat (cat2)")))
    assert (animal["labels"], animal["definition"], animal["definitions"]) == (
        ["Tier@de"],
        "It lives.",
        ["Es lebt.@de"],
    )
    assert (animal["iri"], cat["status"], cat["synonyms"]) == (
        "http://ex.example/t/animal",
        "deprecated",
        ["Katze@de", "puss"],
    )
    assert other["title"] == "cat"
    assert loads(animal["meta"]) == {
        "skos:editorialNote": ["check"], "skos:exactMatch": ["<http://dbpedia.example/Animal>"], "skos:notation": ["A1"],
    }  # fmt: skip
    assert any('"edge":"BROADER","end":"hw:term:Things:Animal"' in body for body in facts(store))


def term(name: str) -> Urn:
    return Urn("term", ("Things", name))


def test_an_export_of_what_is_not_there_says_so() -> None:
    store = MemoryStore()
    with pytest.raises(NotFoundError):
        export_glossaries(store, Refs(store, {}), ["Nothing"], "csv")
    with pytest.raises(UsageError, match="no form"):
        export_glossaries(store, Refs(store, {}), [], "xlsx")
    assert export_glossaries(store, Refs(store, {}), [], "csv") == "term,definition\n"
