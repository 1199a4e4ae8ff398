"""A model version is traced to run, code, data and source columns, as they were when it was trained, and gaps are named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model.edges import Edge
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import (
    CheckResult,
    CodeVersion,
    DatasetVersion,
    Environment,
    ModelVersion,
    Node,
    Prediction,
    Run,
    Skipped,
)
from catalog.provenance.hindsight import Then
from catalog.provenance.story import provenance
from catalog.refs import Refs
from catalog.store.port import SnapshotDelta, Store
from tests.catalogs import LATER, NAMESPACES, NOON, NS, catalog, col, edge, flow, snapshot, table

ML, FILES = "mlflow://tracker", "s3://bucket"
VERSION = ModelVersion(namespace=ML, name="churn", version="2", created_at="2026-01-20T10:05:00Z", features=["a", "n"])
RUN = Run(
    namespace=ML, name="r1", started_at="2026-01-20T09:00:00Z", ended_at="2026-01-20T10:00:00Z", parameters='{"C":"1"}',
    tags='{"mlflow.source.name":"src/train.py"}',
)  # fmt: skip
EVENT = Urn("run", ("openlineage", "e1"))
TRACKED = DatasetVersion(
    namespace=ML, name="exp/train", version="md5:d1", digest="d1", algorithm="md5", strength="strong"
)
STORED = DatasetVersion(
    namespace=FILES, name="data/x.csv", version="md5:d1", digest="d1", algorithm="md5", strength="strong"
)
COMMIT = CodeVersion(namespace="https://git/x", name="abc", branch="main", tags=["v2"])
ENVIRONMENT = Environment(namespace=ML, name="env", python="3.11", packages='{"numpy":"2.0"}')
OBSERVED: list[Node | Edge] = [
    VERSION, RUN, TRACKED, STORED, COMMIT, ENVIRONMENT,
    edge("GENERATED_BY", VERSION.urn, RUN.urn),
    edge("ALIAS_OF", EVENT, RUN.urn),
    edge("USED", RUN.urn, TRACKED.urn, role="training"),
    edge("USED", EVENT, STORED.urn),
    edge("AT_COMMIT", RUN.urn, COMMIT.urn),
    edge("EXECUTED_IN", RUN.urn, ENVIRONMENT.urn),
    edge("VERSION_OF", TRACKED.urn, table("exp/train", ML)),
    edge("VERSION_OF", STORED.urn, table("data/x.csv", FILES)),
    *(edge("USES_FEATURE", VERSION.urn, col(f"exp/train.{c}", ML), role="feature") for c in "an"),
    edge("USES_FEATURE", VERSION.urn, col("exp/train.y", ML), role="target"),
]  # fmt: skip
LINEAGE: list[Node | Edge] = [
    *(edge("DERIVES_FROM", col(f"data/x.csv.{c}", FILES), col(f"mart.{c}"), subtype="identity") for c in "any"),
    flow("mart.a", "raw.a"), flow("mart.y", "raw.b"), flow("mart.y", "raw.c"),
    edge("DEPENDS_ON", table("data/x.csv", FILES), table("mart")),
    edge("DEPENDS_ON", table("mart"), table("raw")),
    edge("DEPENDS_ON", table("mart"), table("lookup")),
]  # fmt: skip


def estate(*more: SnapshotDelta, at: Instant = NOON, extra: tuple[Node | Edge, ...] = ()) -> Store:
    """Returns a catalog of a training in January, with lineage that is known from `at` on."""
    return (
        catalog(*LINEAGE, *extra, more=[snapshot(OBSERVED, ("mlflow", ML)), *more])
        if at == NOON
        else catalog(*OBSERVED, *extra, more=[snapshot(LINEAGE, ("sql", NS, "x"), at), *more])
    )


def ask(store: Store, urn: Urn = VERSION.urn) -> dict[str, Any]:
    return provenance(store, Refs(store, NAMESPACES), urn).envelope("2026-04-01T00:00:00Z")


def sources(answer: dict[str, Any]) -> dict[str, tuple[str, int, bool]]:
    return {s["ref"]: (s["flow"], s["hops"], s["terminal"]) for s in answer["data"]["sources"]}


def test_the_run_the_code_and_the_environment_are_there_under_all_their_names() -> None:
    data = ask(estate())["data"]
    assert data["trainedAt"].startswith("2026-01-20T10:00:00Z")
    assert (data["run"]["ref"], data["run"]["aliases"]) == ("run:r1", ["run:e1"])
    assert {k: data["code"][k] for k in ("repository", "commit", "branch", "tag", "path")} == {
        "repository": "https://git/x", "commit": "abc", "branch": "main", "tag": "v2", "path": "src/train.py",
    }  # fmt: skip
    assert (data["parameters"], data["environment"]["python"]) == ({"C": "1"}, "3.11")
    assert data["environment"]["packages"] == {"numpy": "2.0"}


def test_data_is_named_with_its_digest_and_meets_by_content() -> None:
    data = ask(estate())["data"]
    assert [(d["ref"], d["version"], d["digest"], d["role"]) for d in data["datasets"]] == [
        ("files:data/x.csv", "files:data/x.csv@d1", "d1", "training"),
        ("ml:exp/train", "ml:exp/train@d1", "d1", "training"),
    ]


def test_features_end_at_their_sources_and_what_has_none_is_missing() -> None:
    answer = ask(estate())
    assert [(f["name"], f["role"], f["sources"]) for f in answer["data"]["features"]] == [
        ("a", "feature", ["pg:raw#a"]), ("n", "feature", ["pg:mart#n"]), ("y", "target", ["pg:raw#b", "pg:raw#c"]),
    ]  # fmt: skip
    bare = catalog(VERSION, edge("USES_FEATURE", VERSION.urn, col("exp/train.a", ML), role="feature"))
    missing = ask(bare)["data"]["missing"]
    assert "no run is known that made it" in missing
    assert "the feature a has no known source" in missing
    assert ask(bare)["complete"] is False


def test_sources_say_whether_values_or_only_tables_lead_to_them() -> None:
    assert sources(ask(estate())) == {
        "ml:exp/train": ("value", 1, False),
        "files:data/x.csv": ("value", 2, False),
        "pg:mart": ("value", 3, False),
        "pg:raw": ("value", 4, True),
        "pg:lookup": ("table", 3, True),
    }


def test_lineage_that_was_written_down_later_is_used_and_marked() -> None:
    answer = ask(estate(at=LATER))
    assert sources(answer)["pg:raw"] == ("value", 4, True)
    hop = next(h for h in answer["data"]["hops"] if h["from"] == "pg:raw#a")
    assert (hop["observed"], hop["known"]) == (False, "declared, known only since 2026-02-01T12:00:00Z")
    assert answer["warnings"] == ["Part of the lineage is known only since 2026-02-01T12:00:00Z, after the training."]
    assert not [h for h in ask(estate())["data"]["hops"] if h["known"]]


def test_the_earliest_later_claims_count_and_not_those_of_today() -> None:
    today = parse("2026-03-01T00:00:00Z")
    moved: list[Node | Edge] = [flow("mart.a", "elsewhere.a")]
    store = estate(snapshot(moved, ("sql", NS, "x"), today), at=LATER)
    assert {"pg:raw", "pg:elsewhere"} & sources(ask(store)).keys() == {"pg:raw"}


def test_what_did_not_exist_at_the_time_is_no_source() -> None:
    project = ("sql", NS)
    seen = snapshot([], project, NOON)
    added = snapshot([flow("mart.a", "new.a")], (*project, "new"), LATER)
    assert "pg:new" not in sources(ask(estate(seen, added)))
    alone = snapshot([flow("mart.a", "new.a")], ("dbt-late", "new"), LATER)
    assert "pg:new" in sources(ask(estate(alone)))


def test_a_change_after_the_training_does_not_touch_its_provenance() -> None:
    after = snapshot([flow("mart.a", "other.a")], at=LATER)
    before, now = ask(estate()), ask(estate(after))
    assert before["data"] == now["data"]


def test_checks_are_the_last_ones_before_the_training() -> None:
    results = [
        CheckResult(
            namespace="q",
            name="suite",
            run=f"run@{day}",
            run_name=f"run {day}",
            at=f"2026-01-{day}",
            success=day == "21",
        )
        for day in ("10", "19", "21")
    ]
    check = Urn("check", ("q", "suite"))
    store = estate(
        snapshot(
            [*results, *(edge("RESULT_OF", r.urn, check) for r in results), edge("CHECKS", check, table("mart"))],
            ("gx", "q"),
        )
    )
    assert [(c["subject"], c["run"], c["success"]) for c in ask(store)["data"]["checks"]] == [
        ("pg:mart", "run 19", False)
    ]


def test_what_was_not_understood_upstream_is_missing() -> None:
    skipped = Skipped(
        namespace="log",
        name="1",
        code="unparsed",
        message="cannot be read",
        place="q.sql:7",
        subjects=[str(col("mart.a"))],
    )
    assert ask(estate(extra=(skipped,)))["data"]["missing"] == ["q.sql:7: cannot be read"]


def test_a_prediction_leads_to_the_columns_behind_its_reasons() -> None:
    given_ = Prediction(
        namespace="ml", name="D-1", outcome="declined", score="0.7", reasons=["y", "zebra"], features='{"a":"1","y":3}'
    )
    store = estate(extra=(given_, edge("PREDICTED_BY", given_.urn, VERSION.urn)))
    data = ask(store, given_.urn)["data"]
    assert (data["modelVersion"], data["decision"]["outcome"]) == ("ml:churn/2", "declined")
    assert data["features"] == [
        {"ref": "ml:exp/train#y", "name": "y", "value": 3, "sources": ["pg:raw#b", "pg:raw#c"]},
        {"ref": None, "name": "zebra", "value": None, "sources": []},
    ]
    assert data["missing"] == ["zebra was given as a reason and is no known feature of ml:churn/2"]


def test_forty_diamonds_behind_a_feature_are_walked_once() -> None:
    ladder = [flow(f"t{i}.{c}", f"t{i + 1}.{d}") for i in range(40) for c in "xy" for d in "xy"]
    store = estate(snapshot([flow("raw.a", "t0.x"), *ladder], ("sql", NS, "ladder")))
    (found,) = [f for f in ask(store)["data"]["features"] if f["name"] == "a"]
    assert found["sources"] == ["pg:t40#x", "pg:t40#y"]


@pytest.mark.parametrize("at", [None, NOON, LATER])
def test_without_scopes_that_began_later_hindsight_is_the_store_as_of_the_time(at: Instant | None) -> None:
    store = catalog(*LINEAGE)
    keys = store.keys([table("mart"), col("mart.y")])
    types = ["DERIVES_FROM", "DEPENDS_ON"]
    expected = {(c.scope, c.fact) for c in store.edges(keys.values(), types, "upstream", at)}
    found = Then(store, [at]).links(keys.values(), types)
    assert {(s.claim.scope, s.claim.fact) for h in found for s in h.link.said} == expected
    assert all(h.since is None for h in found)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), min_size=1, max_size=8),
    st.integers(0, 5),
)
def test_hindsight_takes_each_scope_as_of_the_time_or_of_its_own_first_word(
    said: list[tuple[str, int, bool]], asked: int
) -> None:
    """The oracle works it out snapshot by snapshot."""
    history = {(scope, at): flag for scope, at, flag in said}
    more = [
        snapshot([flow("b.x", f"{scope}.{flag}")], ("sql", scope), Instant(NOON + at))
        for (scope, at), flag in sorted(history.items())
    ]
    store = catalog(more=more)
    expected = set()
    for scope in {s for s, _ in history}:
        times = sorted(at for s, at in history if s == scope)
        moment = max((at for at in times if at <= asked), default=times[0])
        expected.add((f"{scope}.{history[scope, moment]}", moment > asked))
    found = Then(store, [Instant(NOON + asked)]).links(store.keys([col("b.x")]).values(), ["DERIVES_FROM"])
    assert {(".".join(h.link.end.parts[1:]), h.since is not None) for h in found} == expected


def test_what_is_no_model_version_and_no_prediction_is_refused() -> None:
    with pytest.raises(UsageError, match="is a Dataset: expected a model version or a prediction"):
        ask(estate(), table("mart"))
