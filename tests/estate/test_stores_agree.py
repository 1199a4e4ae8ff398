"""The same estate in two stores: the same answers and the same export, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

from catalog.glossary import glossary_search
from catalog.lineage import Question, lineage
from catalog.model.instants import parse_as_of
from catalog.project import load
from catalog.replay import export_lines, log_of, replay
from catalog.search import search
from catalog.show import show
from catalog.store.opening import open_store
from tests.estate.conftest import Catalog, read

AS_OF = parse_as_of("2026-03-10")


def answers(catalog: Catalog) -> list[str]:
    """Returns answers to a fixed set of questions as text."""
    store, refs = catalog.store, catalog.refs
    asked = []
    for ref in (
        "lake:lake.marts.mart_credit_features#peak_utilisation",
        "pg:bank.raw_core.accounts#credit_limit",
        "dvc:data/churn_features.csv",
    ):
        urn = refs.parse(ref)
        asked += [
            lineage(store, refs, Question((urn,), flow=flow, as_of=t))
            for flow in ("value", "rows", "all")
            for t in (None, AS_OF)
        ]
        asked += [
            lineage(store, refs, Question((urn,), level="dataset", flow="table")),
            show(store, refs, urn),
            show(store, refs, urn, AS_OF),
        ]
    asked += [search(store, refs, text) for text in ("credit limit", "late", "churn")]
    asked += [glossary_search(store, refs, text) for text in ("PII", "credit risk", "delinquncy")]
    return [json.dumps(answer.envelope("now")) for answer in asked]


def test_neo4j_answers_as_sqlite_does(in_sqlite: Catalog, in_neo4j: Catalog) -> None:
    assert answers(in_neo4j) == answers(in_sqlite)


def test_neo4j_exports_what_sqlite_exports(in_sqlite: Catalog, in_neo4j: Catalog) -> None:
    assert list(export_lines(in_neo4j.store)) == list(export_lines(in_sqlite.store))


def test_a_replayed_log_gives_the_same_catalog(in_sqlite: Catalog, tmp_path: Path) -> None:
    copy = open_store(f"sqlite:///{tmp_path}/copy.db")
    replay(log_of(in_sqlite.store), copy)
    assert list(export_lines(copy)) == list(export_lines(in_sqlite.store))
    assert copy.info().log_root == in_sqlite.store.info().log_root


def test_the_order_of_sources_does_not_matter(after: Catalog, estate: Path, tmp_path: Path) -> None:
    backwards = open_store(f"sqlite:///{tmp_path}/backwards.db")
    read(backwards, load(estate / "headwater-after.yml", {}), -1)
    assert list(export_lines(backwards)) == list(export_lines(after.store))


def test_reading_again_writes_nothing(in_sqlite: Catalog) -> None:
    head = in_sqlite.store.info().head
    again = read(in_sqlite.store, in_sqlite.project)
    assert in_sqlite.store.info().head == head
    assert {(r.added, r.closed, r.changed) for r in again} == {(0, 0, 0)}
