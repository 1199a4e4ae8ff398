"""Answers about the example estate are as their published schemas say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import jsonschema_rs
import pytest

from catalog.answers import Answer
from catalog.glossary.lookup import glossary_search
from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import Question, lineage
from catalog.provenance.story import provenance
from catalog.search import search
from catalog.show import show
from tests.estate.conftest import Catalog

SCHEMAS: Final = Path(__file__).parents[2] / "schema" / "json"
KINDS: Final = (
    "dataset",
    "column",
    "job",
    "run",
    "datasetversion",
    "modelversion",
    "term",
    "exposure",
    "metric",
    "check",
    "model",
    "codeversion",
)


def check(answer: Answer) -> None:
    schema = json.loads((SCHEMAS / f"headwater.{answer.command}.json").read_text())
    jsonschema_rs.validator_for(schema).validate(answer.envelope("2026-01-01T00:00:00Z"))


@pytest.mark.parametrize("kind", KINDS)
def test_things_of_every_kind_are_shown_as_the_schema_says(in_sqlite: Catalog, kind: str) -> None:
    nodes = in_sqlite.store.find([kind], limit=40).nodes
    assert nodes
    for node in nodes:
        check(show(in_sqlite.store, in_sqlite.refs, node.urn, history=True))


@pytest.mark.parametrize("kind", ["dataset", "column", "modelversion", "metric"])
def test_lineage_of_every_kind_is_as_the_schema_says(in_sqlite: Catalog, kind: str) -> None:
    for node in in_sqlite.store.find([kind], limit=10).nodes:
        for level in ("column", "dataset"):
            check(lineage(in_sqlite.store, in_sqlite.refs, Question((node.urn,), flow="all", level=level)))


def test_impact_search_and_provenance_are_as_the_schema_says(in_sqlite: Catalog) -> None:
    store, refs = in_sqlite.store, in_sqlite.refs
    for node in store.find(["column"], limit=15).nodes:
        check(impact(store, refs, [parse_change(f"drop:{refs.format(node.urn)}", refs)]))
    for node in store.find(["modelversion"]).nodes:
        check(provenance(store, refs, node.urn))
    check(search(store, refs, "customer"))
    check(glossary_search(store, refs, "credit risk"))
