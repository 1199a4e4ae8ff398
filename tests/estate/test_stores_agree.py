"""The same estate in two stores: the same answers and the same export, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

from catalog.api.context import Settings
from catalog.api.entities import id_of
from catalog.api.execution import Asked, answer
from catalog.api.schema import core
from catalog.glossary.lookup import glossary_search
from catalog.identity import find_all
from catalog.lineage import Question, lineage
from catalog.model.instants import parse_as_of
from catalog.project import load
from catalog.replay import export_lines, log_of, replay
from catalog.search import search
from catalog.show import show
from catalog.store.opening import open_store
from tests.estate.conftest import NOW, Catalog, read

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


ROOTS: dict[str, str] = {
    "node": 'node(id: "%(id)s") { id ... on Dataset { name } }',
    "nodes": 'nodes(ids: ["%(id)s", "%(other)s"]) { id }',
    "entity": 'entity(ref: "%(table)s") { ref urn kind plane begins implied owners { nodes { ref } } claims { totalCount nodes { scope since } } }',
    "dataset": 'dataset(ref: "%(table)s") { columns { nodes { path dataType terms { nodes { ref } } } } checks { totalCount } evaluations { totalCount } }',
    "column": 'column(ref: "%(column)s") { ref upstream { edges { type subtype exactness node { ref } evidence { source origin } } } }',
    "job": 'job(ref: "%(job)s") { ref reads { nodes { ref } } writes { nodes { ref } } runs { totalCount } }',
    "run": 'run(ref: "%(run)s") { ref state startedAt used { nodes { ref } } code { nodes { ref } } }',
    "model": 'model(ref: "mlflow:credit_score") { ref versions { nodes { ref } } }',
    "modelVersion": 'modelVersion(ref: "mlflow:credit_score/3") { ref aliases trainedOn { nodes { ref } } usesFeatures { nodes { ref } } }',
    "feature": 'feature(ref: "%(feature)s") { ref computedFrom { nodes { ref } } }',
    "term": 'term(ref: "%(term)s") { ref definition meantBy { nodes { ref } } broader { nodes { ref } } }',
    "terms": "terms(first: 20) { nodes { ref name } pageInfo { hasNextPage endCursor } }",
    "search": 'search(text: "credit limit") { totalCount nodes { ref score why } }',
    "glossarySearch": 'glossarySearch(text: "credit risk") { terms { ref score } columns { ref terms } }',
    "lineage": 'lineage(refs: ["%(column)s"], asOf: "2026-03-20") { complete totals { nodes } nodes { ref hops flow } edges { from to subtype } }',
    "lineagePath": 'lineagePath(derived: "%(column)s", source: "pg:bank.raw_core.accounts#credit_limit") { found hops routes nodes { ref } }',
    "impact": 'impact(changes: ["bad-data:pg:bank.raw_digital.app_events@2026-03-16.."]) { findings { ref why since } clean { ref } undecided { ref } }',
    "provenance": 'provenance(ref: "mlflow:credit_score/3") { ... on Provenance { trainedAt features { ref sources } sources { ref flow hops } missing } }',
    "attestation": 'attestation(ref: "mlflow:credit_score/3") { lineageDigest consents { document validAtTraining } missing }',
    "rootCause": 'rootCause(ref: "mlflow:churn_propensity/2") { good { ref why } divergence { ref why } suspects { ref cause score reasons } others { ref } }',
    "modelCard": 'modelCard(ref: "mlflow:churn_propensity/2") { markdown }',
    "diff": 'diff(ref: "mlflow:credit_score/1", other: "mlflow:credit_score/2") { causes changes { ref property before after } }',
    "check": "check { counts { violated unknown passed } violations { rule subject cause hop path } warnings }",
    "policies": "policies { rules { rule kind place } }",
    "decisions": "decisions { nodes { ref verdict } }",
    "decisionHistory": 'decisionHistory(ref: "mlflow:credit_score/3") { decisions { verdict } }',
    "consents": "consents { nodes { document status covers { nodes { ref } } } }",
    "verifications": "verifications { nodes { ref verdict } }",
    "checkRuns": 'checkRuns(ref: "lake:lake.marts.mart_churn_features") { runs { suite run at success failed } }',
    "labels": 'labels(refs: ["%(table)s"]) { complete total things { ref stated { ref status } derived { ref } } labels { ref rule stated derived } }',
    "suggestions": 'suggestions(refs: ["%(table)s"]) { complete total warnings }',
    "statusHistory": 'statusHistory(term: "%(term)s") { term changes { status since by } }',
    "glossaryExport": 'glossaryExport { text }',
    "sources": "sources { name kind }",
    "ingestRuns": "ingestRuns { nodes { source opened closed firstCommit lastCommit } }",
    "commits": "commits(first: 5) { totalCount nodes { seq time source bodyRoot logRoot } }",
    "coverage": "coverage { kinds { kind count } skipped { source code places } }",
    "serverInfo": "serverInfo { head logRoot namespaces { alias } }",
}  # fmt: skip
"""A question for every root field of the API."""


def over_the_api(catalog: Catalog) -> dict[str, object]:
    """Returns the answer to each of those questions."""
    refs, store = catalog.refs, catalog.store

    def some(kind: str) -> str:
        return json.dumps(refs.format(min(n.urn for n in find_all(store, [kind]))))[1:-1]

    table, column = "lake:lake.marts.mart_credit_features", "lake:lake.marts.mart_credit_features#peak_utilisation"
    ids = {"id": id_of(refs.parse(table)), "other": id_of(refs.parse(column))}
    names = {
        "table": table,
        "column": column,
        **ids,
        **{kind: some(kind) for kind in ("job", "run", "feature", "term")},
    }
    settings = Settings(
        clock=lambda: NOW, ticks=lambda: 0.0, namespaces=catalog.project.namespaces, sources=catalog.project.entries,
        policies=catalog.project.policies,
    )  # fmt: skip
    found = {}
    for root, query in ROOTS.items():
        answered = answer(settings, store, Asked("{ " + query % names + " }"), None)
        assert "errors" not in answered.response, (root, answered.response, answered.faults)
        found[root] = answered.response["data"]
    return found


def test_the_api_answers_every_root_field_from_both_stores_alike(in_sqlite: Catalog, in_neo4j: Catalog) -> None:
    assert ROOTS.keys() == core().query_type.fields.keys()  # type: ignore[union-attr]
    wanted, found = over_the_api(in_sqlite), over_the_api(in_neo4j)
    for root in ROOTS:
        assert found[root] == wanted[root], root


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
