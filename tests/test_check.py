"""Rules over lineage: what they call violated, what unknown, what passed, and where."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog import decisions
from catalog.check import Checked, check
from catalog.model.edges import Edge
from catalog.model.errors import UsageError
from catalog.model.instants import instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import (
    CheckResult,
    Column,
    Consent,
    Dataset,
    DatasetVersion,
    Endpoint,
    ModelVersion,
    Node,
    Run,
    Skipped,
)
from catalog.policies import Policies, read_policies
from catalog.provenance.attestation import Request, attest
from catalog.refs import Refs
from catalog.store.opening import open_store
from catalog.store.port import Author, ChangeSet, SnapshotDelta, Store
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, edge, flow, snapshot, table

ML = "mlflow://tracker"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
VERSION = ModelVersion(namespace=ML, name="score", version="1", aliases=["live"])
RUN = Run(namespace=ML, name="r1", started_at="2026-01-20T09:00:00Z", ended_at="2026-01-20T10:00:00Z")
TRAINED: list[Node | Edge] = [
    VERSION, RUN,
    Dataset(namespace=NS, name="mart", type="table"),
    edge("GENERATED_BY", VERSION.urn, RUN.urn),
    edge("USED", RUN.urn, table("mart"), role="training"),
    edge("USES_FEATURE", VERSION.urn, col("mart.a"), role="feature"),
    edge("USES_FEATURE", VERSION.urn, col("mart.y"), role="target"),
]  # fmt: skip
CHAIN: list[Node | Edge] = [
    flow("stage.a", "raw.a"), flow("mart.a", "stage.a"), flow("mart.y", "other.y"),
    edge("DEPENDS_ON", table("stage"), table("raw"), columns_known=True),
    edge("DEPENDS_ON", table("stage"), table("joined"), columns_known=True),
    edge("DEPENDS_ON", table("mart"), table("stage"), columns_known=True),
    edge("DEPENDS_ON", table("mart"), table("other"), columns_known=True),
]  # fmt: skip
MODELS = "models: {score: {purpose: scoring, deployment_region: US}}\n"


def consent(dataset: str, name: str = "D-1", **said: Any) -> list[Node | Edge]:
    document = Consent.model_validate(
        {"namespace": "register", "name": f"{name} {dataset}", "document": name, "status": "active", "purposes": ["scoring"]} | said
    )  # fmt: skip
    start = col(dataset) if "." in dataset else table(dataset)
    return [document, edge("COVERED_BY", start, document.urn)]


ALL = [*consent("raw"), *consent("other", "D-2"), *consent("joined", "D-3")]


def estate(*more: Node | Edge, registered: Sequence[Node | Edge] = ALL, snaps: Sequence[SnapshotDelta] = ()) -> Store:
    return catalog(*TRAINED, *CHAIN, *more, more=[snapshot(registered, ("consent", "register")), *snaps])


def rules(folder: Path, text: str, models: str = MODELS) -> Policies:
    path = folder / "rules.yaml"
    path.write_text(models + text)
    return read_policies([path])


def ask(store: Store, policies: Policies) -> Checked:
    return check(store, Refs(store, NAMESPACES), policies, instant(NOW))


def brief(checked: Checked) -> dict[str, Any]:
    data = checked.answer.data
    found = [(v["cause"], v["hop"]) for v in data["violations"]]
    return {"violated": found, **{k: [one["subject"] for one in data[k]] for k in ("unknown", "passed")}}


CONSENT = "rules: [{id: c, kind: consent-for-purpose, ignore_status: [no_personal_data]}]"
PASSED = {"violated": [], "unknown": [], "passed": ["ml:score/1"]}


def violated(cause: str, hop: str) -> dict[str, Any]:
    return {"violated": [(cause, hop)], "unknown": [], "passed": []}


def test_a_model_whose_sources_are_all_allowed_passes(tmp_path: Path) -> None:
    assert brief(ask(estate(), rules(tmp_path, CONSENT))) == PASSED


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"purposes": ["marketing"]}, "marketing"),
        ({"status": "withdrawn"}, "withdrawn"),
        ({"status": None}, "not known"),
        ({"valid_to": "2026-01-19"}, "ended on 2026-01-19"),
        ({"valid_from": "2026-01-21"}, "begins on 2026-01-21"),
    ],
)
def test_a_document_that_does_not_allow_the_use_on_the_day_is_named(tmp_path: Path, said: Any, word: str) -> None:
    store = estate(registered=[*consent("raw", **said), *consent("other", "D-2")])
    checked = ask(store, rules(tmp_path, CONSENT))
    assert brief(checked) == violated("pg:raw", "pg:stage")
    (one,) = checked.answer.data["violations"]
    assert word in one["why"]
    assert (one["documents"], one["features"], one["targets"]) == (["D-1"], ["a"], [])
    assert one["path"] == ["pg:raw#a", "pg:stage#a", "pg:mart#a", "ml:score/1"]
    assert {e.get("from") for e in one["evidence"]} >= {"pg:raw#a", "pg:stage#a"}


@pytest.mark.parametrize(
    "said", [{"valid_from": "2026-01-20"}, {"valid_to": "2026-01-20"}, {"status": "no_personal_data"}]
)
def test_first_and_last_day_count_and_what_is_not_personal_needs_no_purpose(tmp_path: Path, said: Any) -> None:
    store = estate(registered=[*consent("raw", **said), *consent("other", "D-2")])
    assert brief(ask(store, rules(tmp_path, CONSENT))) == PASSED


def test_words_for_a_status_that_counts_are_read_without_regard_to_capitals(tmp_path: Path) -> None:
    """Registers are read that way too."""
    registered = [*consent("raw", status="in force"), *consent("other", "D-2", status="not personal")]
    text = "rules: [{id: c, kind: consent-for-purpose, active_status: [In Force], ignore_status: Not Personal}]"
    assert brief(ask(estate(registered=registered), rules(tmp_path, text))) == PASSED


def test_an_auditor_is_told_by_the_purposes_and_statuses_of_the_policies(tmp_path: Path) -> None:
    store = estate(registered=[*consent("raw", status="in force"), *consent("other", "D-2")])
    text = "rules: [{id: c, kind: consent-for-purpose, active_status: [In Force]}]"
    policies = rules(tmp_path, text)
    data = attest(store, Refs(store, NAMESPACES), VERSION.urn, (), Request(NOW, NOW), policies).data
    assert {one["document"]: one["validAtTraining"] for one in data["consents"]} == {"D-1": True, "D-2": False}
    assert data["purposes"] == ["scoring"]


def test_one_document_that_allows_it_is_enough(tmp_path: Path) -> None:
    old = consent("raw", "D-0", status="expired")
    assert brief(ask(estate(registered=[*ALL, *old]), rules(tmp_path, CONSENT))) == PASSED


def test_a_column_of_its_own_goes_before_its_data_set(tmp_path: Path) -> None:
    narrow = consent("raw.a", "D-9", purposes=["marketing"])
    assert brief(ask(estate(registered=[*ALL, *narrow]), rules(tmp_path, CONSENT))) == violated("pg:raw", "pg:stage")
    elsewhere = consent("raw.b", "D-9", purposes=["marketing"])
    assert brief(ask(estate(registered=[*ALL, *elsewhere]), rules(tmp_path, CONSENT))) == PASSED


def test_a_source_without_a_document_is_a_violation_but_not_behind_one_that_has(tmp_path: Path) -> None:
    bare = ask(estate(registered=consent("raw")), rules(tmp_path, CONSENT))
    assert brief(bare) == violated("pg:other", "pg:mart")
    loaded = estate(flow("raw.a", "topic.a"))
    assert brief(ask(loaded, rules(tmp_path, CONSENT))) == PASSED


def test_what_is_only_joined_counts_at_the_level_of_tables_alone(tmp_path: Path) -> None:
    store = estate(registered=[*consent("raw"), *consent("other", "D-2"), *consent("joined", "D-3", purposes=["ads"])])
    assert brief(ask(store, rules(tmp_path, CONSENT))) == PASSED
    by_table = rules(tmp_path, CONSENT.replace("kind:", "lineage: table, kind:"))
    assert brief(ask(store, by_table)) == violated("pg:joined", "pg:stage")


def test_unknown_never_passes(tmp_path: Path) -> None:
    unknown = {"violated": [], "unknown": ["ml:score/1"], "passed": []}
    skip = Skipped(
        namespace="log", name="1", code="unparsed", message="no", place="f:1", subjects=[str(table("stage"))]
    )
    assert brief(ask(estate(skip), rules(tmp_path, CONSENT))) == unknown
    assert brief(ask(estate(), rules(tmp_path, CONSENT, models=""))) == unknown
    assert brief(ask(estate(registered=[]), rules(tmp_path, CONSENT))) == unknown
    named = rules(tmp_path, CONSENT.replace("kind:", "register: other.csv, kind:"))
    assert brief(ask(estate(), named)) == unknown
    untaught = catalog(VERSION, more=[snapshot(ALL, ("consent", "register"))])
    assert brief(ask(untaught, rules(tmp_path, CONSENT))) == unknown


def test_the_register_counts_as_it_stood_at_the_training(tmp_path: Path) -> None:
    withdrawn = snapshot(consent("other", "D-2"), ("consent", "register"), LATER)
    assert brief(ask(estate(snaps=[withdrawn]), rules(tmp_path, CONSENT))) == PASSED
    late = [snapshot(ALL, ("consent", "late"), LATER)]
    assert brief(ask(estate(registered=[], snaps=late), rules(tmp_path, CONSENT))) == PASSED


RESIDENCY = "residency: {EU: ['pg:raw'], US: ['pg:other']}\nrules: [{id: r, from_residency: EU%s}]"


def test_values_must_not_leave_their_region(tmp_path: Path) -> None:
    assert brief(ask(estate(), rules(tmp_path, RESIDENCY % ", to_deployment_region: US"))) == violated(
        "pg:raw", "pg:stage"
    )
    assert brief(ask(estate(), rules(tmp_path, RESIDENCY % ""))) == violated("pg:raw", "pg:stage")
    assert brief(ask(estate(), rules(tmp_path, RESIDENCY % ", to_deployment_region: [BR]"))) == {
        "violated": [], "unknown": [], "passed": [],
    }  # fmt: skip


def test_where_an_endpoint_or_the_registry_deploys_it_counts_and_an_unknown_place_is_unknown(tmp_path: Path) -> None:
    asked = rules(tmp_path, RESIDENCY % ", to_deployment_region: US", models="")
    assert brief(ask(estate(), asked))["unknown"] == ["ml:score/1"]
    served = Urn("endpoint", (ML, "live"))
    store = estate(Endpoint(namespace=ML, name="live", region="US"), edge("SERVES", served, VERSION.urn))
    assert brief(ask(store, asked)) == violated("pg:raw", "pg:stage")
    nowhere = estate(registered=[])
    harmless = rules(tmp_path, "residency: {EU: ['pg:joined']}\nrules: [{id: r, from_residency: EU}]", models="")
    assert brief(ask(nowhere, harmless)) == PASSED


def test_an_exempt_data_set_takes_nothing_on_and_another_way_around_it_still_counts(tmp_path: Path) -> None:
    exempt = ", exempt: [{dataset: 'pg:stage', reason: masked, document: T-1%s}]"
    through = rules(tmp_path, RESIDENCY % (exempt % ""))
    assert brief(ask(estate(), through)) == PASSED
    assert brief(ask(estate(flow("mart.y", "raw.b")), through)) == violated("pg:raw", "pg:mart")
    over = ask(estate(), rules(tmp_path, RESIDENCY % (exempt % ", until: 2026-05-31")))
    assert brief(over) == violated("pg:raw", "pg:stage")
    assert "ended on" in over.answer.warnings[0]
    whole = RESIDENCY % ", exempt: [{model_version: 'ml:score/1', reason: trial, document: T-2}]"
    assert brief(ask(estate(), rules(tmp_path, whole))) == PASSED


def test_promotion_needs_passing_checks_of_the_data_from_before_the_training(tmp_path: Path) -> None:
    def result(name: str, at: str, success: bool) -> list[Node | Edge]:
        node = CheckResult(
            namespace=NS, name="suite", run=name, at=at, success=success, suite="suite", failed=["between a"]
        )
        return [node, edge("EVALUATED_ON", node.urn, table("mart"))]

    gate = rules(tmp_path, "rules: [{id: quality-gate}]")
    assert brief(ask(estate(), gate))["unknown"] == ["ml:score/1"]
    good, bad = result("1", "2026-01-18T00:00:00Z", True), result("2", "2026-01-19T00:00:00Z", False)
    assert brief(ask(estate(*good), gate)) == PASSED
    assert brief(ask(estate(*good, *bad), gate)) == violated("pg:mart", "ml:score/1")
    assert brief(ask(estate(*good, *result("3", "2026-02-19T00:00:00Z", False)), gate)) == PASSED
    unpromoted = rules(tmp_path, "rules: [{id: quality-gate, promoted_by: champion}]")
    assert brief(ask(estate(*bad), unpromoted)) == {"violated": [], "unknown": [], "passed": []}


def test_a_result_about_another_version_of_the_data_does_not_count(tmp_path: Path) -> None:
    used, other = (
        DatasetVersion(namespace=NS, name="mart", version=f"md5:{v}", digest=v, strength="strong") for v in ("aa", "bb")
    )
    good = CheckResult(namespace=NS, name="suite", run="1", at="2026-01-17T00:00:00Z", success=True)
    bad = CheckResult(namespace=NS, name="suite", run="2", at="2026-01-19T00:00:00Z", success=False)
    facts: list[Node | Edge] = [
        used, other, good, bad, edge("USED", RUN.urn, used.urn, role="training"),
        edge("VERSION_OF", used.urn, table("mart")), edge("VERSION_OF", other.urn, table("mart")), edge("EVALUATED_ON", good.urn, used.urn),
    ]  # fmt: skip
    gate = rules(tmp_path, "rules: [{id: quality-gate}]")
    assert brief(ask(estate(*facts, edge("EVALUATED_ON", bad.urn, other.urn)), gate)) == PASSED
    assert brief(ask(estate(*facts, edge("EVALUATED_ON", bad.urn, used.urn)), gate)) == violated(
        "pg:mart", "ml:score/1"
    )


def test_a_licence_is_allowed_denied_or_unknown(tmp_path: Path) -> None:
    tagged = edge("TAGGED", table("other"), Urn("tag", ("", "license:MIT")))
    text = "licences: {NC: ['pg:raw']}\nrules: [{id: licence, %s}]"
    assert brief(ask(estate(tagged), rules(tmp_path, text % "deny: [NC]"))) == violated("pg:raw", "pg:stage")
    assert brief(ask(estate(tagged), rules(tmp_path, text % "allow: [MIT]"))) == violated("pg:raw", "pg:stage")
    assert brief(ask(estate(tagged), rules(tmp_path, text % "allow: [MIT, NC]"))) == PASSED
    assert brief(ask(estate(), rules(tmp_path, text % "deny: [GPL]")))["unknown"] == ["ml:score/1"]


def test_what_was_made_from_data_is_kept_no_longer_than_the_data_may_be(tmp_path: Path) -> None:
    old, new = (
        DatasetVersion(namespace=NS, name="mart", version=f"md5:{v}", digest=v, created_at=at)
        for v, at in (("a1", "2026-01-01T00:00:00Z"), ("b2", "2026-05-20T00:00:00Z"))
    )
    asked = rules(tmp_path, "retention: {'pg:raw': 30}\nrules: [{id: retention}]")
    found = brief(ask(estate(old, new), asked))
    assert found["violated"] == [("pg:raw", "pg:stage")]
    assert (found["passed"], found["unknown"]) == (["pg:mart@b2"], ["pg:raw"])


def test_unresolved_lineage_is_a_violation_of_its_own_rule(tmp_path: Path) -> None:
    skip = Skipped(
        namespace="log", name="1", code="unparsed", message="no", place="f:1", subjects=[str(table("stage"))]
    )
    asked = rules(tmp_path, "rules: [{id: unresolved-lineage}]")
    assert brief(ask(estate(), asked)) == PASSED
    assert brief(ask(estate(skip), asked))["violated"] == [("ml:score/1", "ml:score/1")]
    borne = rules(tmp_path, "rules: [{id: unresolved-lineage, accept: ['f:1']}]")
    assert brief(ask(estate(skip), borne)) == PASSED


def test_a_rule_is_asked_by_id_or_kind_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    policies, store = rules(tmp_path, "rules: [{id: licence}, {id: q, kind: quality-gate}]"), estate()
    chosen = check(store, Refs(store, NAMESPACES), policies, instant(NOW), only=["quality-gate"])
    assert [rule.id for rule in chosen.judged] == ["q"]
    with pytest.raises(UsageError, match="licence, q"):
        check(store, Refs(store, NAMESPACES), policies, instant(NOW), only=["no"])


@pytest.mark.parametrize("seed", range(20))
def test_a_planted_violation_at_any_depth_is_found_with_its_first_hop_and_gone_when_removed(
    seed: int, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    depth, width = draw.randint(3, 40), 2
    at = draw.randrange(depth)
    layers = [
        flow(f"l{i}_{a}.c", f"l{i + 1}_{b}.c", "transformation") for i in range(depth) for a in range(width) for b in range(width)
    ]  # fmt: skip
    place = f"l{at}_{draw.randrange(width)}"
    base = [*TRAINED, flow("mart.a", "l0_0.c"), flow("mart.a", "l0_1.c"), flow("mart.y", "l0_0.c"), *layers]
    ends = [d for i in range(width) for d in consent(f"l{depth}_{i}", f"E-{i}")]
    planted = [*ends, *consent("vendor", "V-1", purposes=["ads"])]
    policies = rules(tmp_path, CONSENT)
    for facts, wanted in (
        ([*base, flow(f"{place}.c", "vendor.x")], violated("pg:vendor", f"pg:{place}")),
        (base, PASSED),
    ):
        store = open_store(f"sqlite:///{tmp_path / str(len(facts))}.db")
        for snap in (snapshot(facts), snapshot(planted, ("consent", "register"))):
            store.apply(ChangeSet(snapshots=(snap,)), Author("2026-03-01T00:00:00Z", "ana", snap.scope[0]))
        assert brief(ask(store, policies)) == wanted
        store.close()


def test_decisions_are_kept_with_digests_and_a_check_that_decides_the_same_again_adds_no_claim(tmp_path: Path) -> None:
    store, policies = (
        estate(registered=[*consent("raw"), *consent("other", "D-2", purposes=["ads"])]),
        rules(tmp_path, CONSENT),
    )
    for _ in range(2):
        decisions.record(store, ask(store, policies), policies, NOW, "tester")
    (kept,) = store.find(["decision"]).nodes
    assert (kept.properties["verdict"], kept.properties["subject"]) == ("violated", str(VERSION.urn))
    assert kept.properties["policy_digest"] == policies.digest(policies.rules[0])
    assert len(store.claims([kept.urn], history=True)) == 1
    fixed = snapshot(ALL, ("consent", "register"), parse("2026-01-02T00:00:00Z"))
    mended = estate(registered=[*consent("raw"), *consent("other", "D-2", purposes=["ads"])], snaps=[fixed])
    decisions.record(mended, ask(mended, policies), policies, NOW, "tester")
    (later,) = mended.find(["decision"]).nodes
    assert later.properties["verdict"] == "passed"
    assert later.properties["input_digest"] != kept.properties["input_digest"]  # another document is another input


def test_names_of_any_form_are_subjects_and_causes(tmp_path: Path) -> None:
    odd = "weird#name@1 %"
    store = catalog(
        *TRAINED, edge("DERIVES_FROM", col("mart.a"), Urn("column", (NS, odd, "x")), subtype="identity"), Column(namespace=NS, name=odd, path="x"),
        flow("mart.y", "other.y"), more=[snapshot([*consent("other"), Dataset(namespace=NS, name=odd)], ("consent", "register"))],
    )  # fmt: skip
    (one,) = ask(store, rules(tmp_path, CONSENT)).answer.data["violations"]
    assert Refs(store, NAMESPACES).parse(one["cause"]) == Urn("dataset", (NS, odd))


# --- where data may be

PERMITTED = """
permitted: {"pg:raw": [EU, CH]}
locations: {EU: [pg]}
processing: {EU: [etl, ml]}
rules: [{id: home, kind: permitted-regions}]
"""
AWAY = PERMITTED.replace("processing", "residency: {US: ['pg:mart'], EU: ['pg:stage']}\nprocessing")
JOB = Urn("job", ("etl", "load"))
AT_HOME = MODELS.replace("US", "EU")


def told(store: Store, policies: Policies) -> dict[str, Any]:
    data = ask(store, policies).answer.data
    found = {(v["subject"], v["cause"], v["hop"]) for v in data["violations"]}
    return {"violated": found, **{k: {one["subject"] for one in data[k]} for k in ("unknown", "passed")}}


def test_data_that_stays_in_its_regions_passes_with_all_that_holds_values_of_it(tmp_path: Path) -> None:
    store = estate(edge("READS", JOB, table("raw")), edge("PRODUCED_BY", table("stage"), JOB))
    found = told(store, rules(tmp_path, PERMITTED, AT_HOME))
    held = {"pg:raw", "pg:stage", "pg:mart"}
    assert found == {"violated": set(), "unknown": set(), "passed": {*held, "job:etl/load", "run:r1"}}


def test_a_data_set_elsewhere_is_named_and_all_behind_it_with_the_first_that_was_outside(tmp_path: Path) -> None:
    found = told(
        estate(flow("report.a", "mart.a")),
        rules(tmp_path, AWAY.replace("'pg:mart'", "'pg:mart', 'pg:report'"), AT_HOME),
    )
    assert found["violated"] == {("pg:mart", "pg:raw", "pg:mart"), ("pg:report", "pg:raw", "pg:mart")}
    assert found["passed"] == {"pg:raw", "pg:stage", "run:r1"}


def test_two_sources_may_only_be_where_both_may_be(tmp_path: Path) -> None:
    both = PERMITTED.replace('"pg:raw": [EU, CH]', '"pg:raw": [EU, CH], "pg:other": [CH]')
    found = told(estate(flow("mart.a", "other.y")), rules(tmp_path, both, AT_HOME))
    assert {subject for subject, _, _ in found["violated"]} == {"pg:mart", "pg:other", "run:r1", "ml:score/1"}


def test_where_nobody_says_where_data_resides_it_is_unknown(tmp_path: Path) -> None:
    assert told(estate(), rules(tmp_path, PERMITTED.replace("locations: {EU: [pg]}", ""), AT_HOME))["unknown"] == {
        "pg:raw", "pg:stage", "pg:mart",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "verdict"), [("US: [etl]", "violated"), ("CH: ['job:etl/load'], US: [etl]", "passed"), ("", "unknown")]
)
def test_jobs_are_judged_by_where_they_run(tmp_path: Path, said: str, verdict: str) -> None:
    store = estate(edge("READS", JOB, table("raw")), edge("PRODUCED_BY", table("stage"), JOB))
    found = told(store, rules(tmp_path, PERMITTED.replace("EU: [etl, ml]", said), AT_HOME))
    if verdict == "violated":
        assert found["violated"] == {("job:etl/load", "pg:raw", "job:etl/load")}
    else:
        assert "job:etl/load" in found[verdict]


def test_a_run_that_reports_another_region_counts_before_what_is_declared(tmp_path: Path) -> None:
    run = Run(namespace="openlineage", name="x", region="US", ended_at="2026-01-10T10:00:00Z")
    store = estate(
        run, edge("RUN_OF", run.urn, JOB), edge("USED", run.urn, table("raw")), edge("READS", JOB, table("raw"))
    )
    found = told(store, rules(tmp_path, PERMITTED, AT_HOME))
    assert found["violated"] == {("job:etl/load", "pg:raw", "job:etl/load")}


def test_what_reads_restricted_data_by_columns_that_are_not_known_is_unknown_if_it_lies_elsewhere(
    tmp_path: Path,
) -> None:
    store = estate(edge("DEPENDS_ON", table("copy"), table("raw")))
    elsewhere = PERMITTED.replace("processing", "residency: {US: ['pg:copy']}\nprocessing")
    assert told(store, rules(tmp_path, elsewhere, AT_HOME))["unknown"] == {"pg:copy"}
    assert told(store, rules(tmp_path, PERMITTED, AT_HOME))["unknown"] == set()


def test_an_exempt_data_set_hands_on_nothing_that_is_restricted(tmp_path: Path) -> None:
    exempt = AWAY.replace("regions}", "regions, exempt: [{dataset: 'pg:stage', reason: summed, document: T-1}]}")
    found = told(estate(), rules(tmp_path, exempt))
    assert (found["violated"], found["passed"]) == (set(), {"pg:raw", "pg:stage", "ml:score/1"})


def test_a_model_is_deployed_only_where_its_data_may_be(tmp_path: Path) -> None:
    found = told(estate(), rules(tmp_path, PERMITTED))
    assert found["violated"] == {("ml:score/1", "pg:raw", "pg:stage")}
