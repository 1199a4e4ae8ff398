"""Bad data that is known from a consent that ended, a check that failed, bytes that did not match."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contamination.faults import parse_faults
from catalog.contamination.timeline import EVER, NEVER
from catalog.model.edges import Edge
from catalog.model.errors import NotFoundError, UsageError
from catalog.model.instants import parse, show
from catalog.model.names import Urn
from catalog.model.nodes import Check, CheckResult, Column, Consent, Dataset, Incident, Job, ModelVersion, Node, Report
from catalog.refs import Refs
from catalog.store.port import Store
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, edge, flow, snapshot, table
from tests.test_contamination import ML, RAW, ask, at, hit, run, unique, version

CONSENT = Urn("consent", ("register.csv", "C-1 pg:raw"))


def spans(store: Store, text: str) -> list[tuple[str, str | None, str | None]]:
    """Returns which data is bad from when until when; None for always."""
    faults = parse_faults(store, Refs(store, NAMESPACES), text)
    return [
        (
            ".".join(f.urn.parts[1:]),
            None if f.begins == EVER else show(f.begins),
            None if f.ends == NEVER else show(f.ends),
        )
        for f in faults
    ]


def consent(name: str = "C-1 pg:raw", **said: Any) -> Consent:
    return Consent(namespace="register.csv", name=name, document="C-1", **said)


def covering(*rows: Consent) -> list[Node | Edge]:
    return [Dataset(namespace=NS, name="raw"), *rows, *(edge("COVERED_BY", RAW, row.urn) for row in rows)]


# --- consents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ({"status": "expired", "valid_to": "2025-06-30"}, "2025-07-01T00:00:00Z"),
        ({"status": "active", "valid_to": "2027-06-30"}, "2027-07-01T00:00:00Z"),
        (
            {"status": "withdrawn", "valid_to": "2027-06-30", "meta": json.dumps({"Withdrawn on": "2025-03-02"})},
            "2025-03-02T00:00:00Z",
        ),
        ({"status": "active", "meta": json.dumps({"revoked_at": "2025-03-02T10:00:00Z"})}, "2025-03-02T10:00:00Z"),
        ({"status": "withdrawn"}, None),
        ({"status": "withdrawn", "valid_to": "2027-06-30"}, None),
    ],
)
def test_a_consent_ends_when_its_register_says_and_otherwise_it_may_always_have_been_over(
    said: dict[str, str], since: str | None
) -> None:
    store = catalog(*covering(consent(**said)))
    assert spans(store, "bad-data:consent:C-1") == [("raw", since, None)]
    (fault,) = parse_faults(store, Refs(store, NAMESPACES), "bad-data:consent:C-1")
    assert fault.doubtful is (since is None)
    assert fault.origin == CONSENT


def test_a_consent_ends_when_its_register_changes_or_lacks_it() -> None:
    withdrawn = catalog(
        *covering(consent(status="active")), more=[snapshot(covering(consent(status="withdrawn")), at=LATER)]
    )
    assert spans(withdrawn, "bad-data:consent:C-1") == [("raw", "2026-02-01T12:00:00Z", None)]
    gone = catalog(*covering(consent(status="active")), more=[snapshot([Dataset(namespace=NS, name="raw")], at=LATER)])
    assert spans(gone, "bad-data:consent:C-1 pg:raw") == [("raw", "2026-02-01T12:00:00Z", None)]


def test_a_document_stands_for_all_its_rows_and_times_that_are_given_go_first() -> None:
    rows = [consent("C-1 a", status="expired", valid_to="2025-06-30"), consent("C-1 b", status="active")]
    store = catalog(
        *(Dataset(namespace=NS, name=n) for n in "ab"), *rows,
        *(edge("COVERED_BY", table(n), row.urn) for n, row in zip("ab", rows, strict=True)),
    )  # fmt: skip
    assert spans(store, "bad-data:consent:C-1@2025-01-01..2025-12-31") == [
        ("a", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59.999999Z#1023"),
        ("b", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59.999999Z#1023"),
    ]
    with pytest.raises(UsageError, match="active and has no last day"):
        spans(store, "bad-data:consent:C-1")


def test_who_read_before_the_withdrawal_is_clean() -> None:
    runs = [run(f"use-{i}", h, h + 1, [RAW], [table(f"out{i}")], job=f"use{i}") for i, h in enumerate((1, 30))]
    ended = consent(status="withdrawn", meta=json.dumps({"withdrawn": "2026-01-02"}))
    data = ask(unique(*covering(ended), *(f for r in runs for f in r)), "bad-data:consent:C-1")
    assert hit(data) == {"run:use-1", "pg:out1"}
    assert data["changes"][0]["origin"] == "consent:C-1 pg:raw"
    assert data["changes"][0]["why"] == "the consent C-1 was withdrawn"


# --- checks -----------------------------------------------------------------------------------------------------------


def checked(
    *outcomes: tuple[float, bool], on: Urn = RAW, looks_at: Urn = RAW, suite: str | None = None
) -> list[Node | Edge]:
    check = Check(namespace="gx", name="c")
    results = [
        CheckResult(namespace="gx", name="c", run=f"r{h:g}", at=at(h), success=ok, suite=suite) for h, ok in outcomes
    ]
    return [
        check, *results, edge("CHECKS", check.urn, looks_at),
        *(e for r in results for e in (edge("RESULT_OF", r.urn, check.urn), edge("EVALUATED_ON", r.urn, on))),
    ]  # fmt: skip


def test_data_is_bad_from_each_failure_until_the_check_passes_again() -> None:
    store = catalog(
        Dataset(namespace=NS, name="raw"), *checked((1, True), (2, False), (3, False), (4, True), (5, False))
    )
    assert spans(store, "bad-data:check:c") == [("raw", at(2), at(4)), ("raw", at(5), None)]
    assert spans(store, "bad-data:hw:checkresult:gx:c:r3") == [("raw", at(3), at(4))]
    with pytest.raises(UsageError, match="expected a result that failed"):
        spans(store, "bad-data:hw:checkresult:gx:c:r4")
    suite = catalog(Dataset(namespace=NS, name="raw"), *checked((2, False), (4, True), suite="nightly"))
    assert spans(suite, "bad-data:check:nightly") == [("raw", at(2), at(4))]
    passing = catalog(Dataset(namespace=NS, name="raw"), *checked((1, True)))
    with pytest.raises(UsageError, match="never failed"):
        spans(passing, "bad-data:check:c")


def test_a_check_of_a_version_is_about_that_content_under_all_its_names_and_no_other() -> None:
    old, bad, copy = version("file", "aa"), version("file", "bb"), version("copy", "bb", created_at=at(-9))
    store = unique(
        old, bad, copy, *checked((30, False), on=bad.urn, looks_at=table("file")),
        *run("load-1", 1, 2, [RAW], [old.urn]), *run("load-2", 10, 11, [RAW], [bad.urn]),
        *run("train-1", 3, 4, [old.urn], []), *run("train-2", 12, 13, [bad.urn], []), *run("train-3", 12, 13, [copy.urn], []),
        *run("read-1", 5, 6, [table("file")], [table("early")], job="e"), *run("read-2", 12, 13, [table("file")], [table("late")], job="l"),
    )  # fmt: skip
    data = ask(store, "bad-data:check:c")
    assert hit(data) == {"run:train-2", "run:train-3", "pg:copy@bb", "pg:copy", "run:read-2", "pg:late"}
    assert {c["ref"] for c in data["clean"]} >= {"pg:file@aa"}


def test_a_version_without_times_may_have_been_there_always() -> None:
    bad = version("file", "bb")
    store = unique(bad, edge("VERSION_OF", bad.urn, table("file")), *run("use", 1, 2, [table("file")], [table("out")]))
    data = ask(store, "bad-data:pg:file@bb")
    assert {f["ref"]: f["assumed"] for f in data["findings"]} == {"run:use": True, "pg:out": True}


def test_of_a_check_of_columns_only_their_values_count() -> None:
    models = [ModelVersion(namespace=ML, name=name, version="1") for name in ("with", "without")]
    store = unique(
        Column(namespace=NS, name="raw", path="a"), flow("mart.a", "raw.a"), *models,
        edge("DEPENDS_ON", table("mart"), RAW, columns_known=True),
        edge("USES_FEATURE", models[0].urn, col("mart.a"), role="feature"), edge("USES_FEATURE", models[1].urn, col("mart.c"), role="feature"),
        *checked((1, False), looks_at=col("raw.a")), *run("train-1", 5, 6, [table("mart")], []), *run("train-2", 5, 6, [table("mart")], []),
        *(edge("GENERATED_BY", m.urn, Urn("run", ("openlineage", f"train-{i}"))) for i, m in enumerate(models, 1)),
    )  # fmt: skip
    found = ask(store, "bad-data:check:c")
    assert "ml:with/1" in hit(found)
    assert "ml:without/1" in {c["ref"] for c in found["clean"]}


# --- verifications ----------------------------------------------------------------------------------------------------


def verified(verdict: str, of: Urn) -> list[Node | Edge]:
    report = Report(namespace=NS, name="v", type="verification", verdict=verdict, expected="md5:aa", actual="md5:zz")
    return [report, edge("EVALUATED_ON", report.urn, of)]


def test_bytes_that_do_not_match_are_in_doubt_since_they_were_recorded_or_last_matched() -> None:
    one = version("file", "aa", created_at=at(5))
    store = unique(one, *verified("mismatch", one.urn))
    assert spans(store, "bad-data:report:v") == [("file.md5:aa", at(5), None)]
    scope = ("verification", "file")
    again = [
        snapshot(verified(verdict, one.urn), scope, parse(at(hour)))
        for verdict, hour in (("match", 9), ("mismatch", 20))
    ]
    assert spans(catalog(one, more=again), "bad-data:report:v") == [("file.md5:aa", at(9), None)]
    with pytest.raises(UsageError, match="did not match"):
        spans(unique(one, *verified("match", one.urn)), "bad-data:report:v")


def test_who_read_the_file_meanwhile_is_affected_and_a_copy_with_the_recorded_digest_is_not() -> None:
    one, copy = version("file", "aa", created_at=at(5)), version("copy", "aa")
    store = unique(
        one, copy, *verified("mismatch", one.urn), edge("VERSION_OF", one.urn, table("file")),
        *run("train-1", 1, 2, [one.urn], []), *run("train-2", 12, 13, [one.urn], []), *run("read", 12, 13, [table("file")], [table("out")]),
        *run("other", 12, 13, [copy.urn], []),
    )  # fmt: skip
    data = ask(store, "bad-data:report:v")
    assert {f["ref"]: f["assumed"] for f in data["findings"]} == {"run:train-2": True, "run:read": True, "pg:out": True}


def test_an_incident_tells_of_what_it_is_about_while_it_was_open() -> None:
    incident = Incident(namespace="", name="I-1", opened_at=at(5), closed_at=at(9), description="double load")
    store = catalog(Dataset(namespace=NS, name="raw"), incident, edge("CONCERNS", incident.urn, RAW))
    assert spans(store, "bad-data:incident:I-1") == [("raw", at(5), at(9) + "#1023")]


# --- what is none -----------------------------------------------------------------------------------------------------


def test_data_goes_before_what_it_may_be_known_from_and_the_error_tells_the_forms() -> None:
    store = catalog(
        Dataset(namespace=NS, name="raw"), Check(namespace=NS, name="raw"), Job(namespace="etl", name="j"), consent()
    )
    assert spans(store, "bad-data:pg:raw") == [("raw", None, None)]
    with pytest.raises(UsageError, match=r"consent:DOCUMENT.*check:NAME.*report:NAME"):
        spans(store, "bad-data:job:etl/j")
    with pytest.raises(NotFoundError):
        spans(store, "bad-data:consent:C-9")
    with pytest.raises(UsageError, match="about no data"):
        spans(store, "bad-data:consent:C-1@2026-01-01..")


def test_a_model_of_which_only_features_are_known_is_not_called_clean() -> None:
    models = [ModelVersion(namespace=ML, name="m", version=v, created_at=at(h)) for v, h in (("1", 1), ("2", 30))]
    uses = [edge("USES_FEATURE", m.urn, col("raw.a"), role="feature") for m in models]
    data = ask(unique(Dataset(namespace=NS, name="raw", columns=["a"]), *models, *uses), f"bad-data:pg:raw@{at(8)}..")
    assert [u["ref"] for u in data["undecided"]] == ["ml:m/2"]
    assert [c["ref"] for c in data["clean"]] == ["ml:m/1"]
