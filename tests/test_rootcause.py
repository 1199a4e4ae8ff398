"""Why a model version is bad: the last good one, where the two part, and what is suspected in which order."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.cli.rootcause_command import markdown, text
from catalog.model.edges import Edge
from catalog.model.errors import UsageError
from catalog.model.names import Urn
from catalog.model.nodes import (
    Check,
    CheckResult,
    CodeVersion,
    DatasetVersion,
    Environment,
    Incident,
    Model,
    ModelVersion,
    Node,
    Report,
    Run,
)
from catalog.refs import Refs
from catalog.rootcause.suspects import root_cause
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, edge, table
from tests.test_contamination import ML, at

SCHEMA = Path(__file__).parents[1] / "schema/json/headwater.rootcause.json"
LONG = 3


def training(number: int, **changes: Any) -> list[Node | Edge]:
    """Returns a version of a model that stands on a chain of files, `f0` the furthest; `changes` names what is other than usual.

    Args:
        changes: `digests` (list, from f0 on), `parameter`, `package`, `commit`, `type`, `aliases`, `auc`, `rows`.
    """
    hour = number * 100
    digests = changes.get("digests") or [f"d{i}" for i in range(LONG)]
    files = [
        DatasetVersion(
            namespace=NS, name=f"f{i}", version=f"md5:{d}", digest=d, algorithm="md5", strength="strong",
            row_count=None if i else changes.get("rows"),
        )
        for i, d in enumerate(digests)
    ]  # fmt: skip
    commit = changes.get("commit", "c0")
    environment = Environment(
        namespace=ML, name=changes.get("package", "1.0"), packages=json.dumps({"lib": changes.get("package", "1.0")})
    )
    runs = [
        Run(namespace=NS, name=f"step{i}-{number}", started_at=at(hour + i), ended_at=at(hour + i))
        for i in range(1, LONG)
    ]
    train = Run(
        namespace=ML, name=f"train-{number}", started_at=at(hour + 50), ended_at=at(hour + 51), parameters=json.dumps({"depth": changes.get("parameter", "3")}),
        metrics=json.dumps({"holdout_auc": str(changes.get("auc", 0.5)), "train_auc": "0.9"}), code_version=commit,
    )  # fmt: skip
    version = ModelVersion(
        namespace=ML, name="m", version=str(number), aliases=changes.get("aliases"), created_at=at(hour + 52), features=["x"],
        inputs=json.dumps([{"name": "x", "type": changes.get("type", "double")}]),
    )  # fmt: skip
    code = CodeVersion(namespace="git", name=commit)
    links = [edge("VERSION_OF", f.urn, table(f.name)) for f in files]
    for i, run in enumerate(runs, 1):
        links += [edge("USED", run.urn, files[i - 1].urn), edge("GENERATED_BY", files[i].urn, run.urn)]
    links += [
        edge("USED", train.urn, files[-1].urn, role="training"), edge("GENERATED_BY", version.urn, train.urn), edge("AT_COMMIT", train.urn, code.urn),
        edge("EXECUTED_IN", train.urn, environment.urn), edge("VERSION_OF", version.urn, Urn("model", (ML, "m"))),
    ]  # fmt: skip
    return [*files, *runs, train, version, code, environment, *links]


def store(*parts: list[Node | Edge]) -> Store:
    kept = {
        f"{f.urn} {f.properties()}" if isinstance(f, Node) else f"{f.type()} {f.start} {f.end}": f for part in parts for f in part
    }  # fmt: skip
    return catalog(Model(namespace=ML, name="m"), *kept.values())


def ask(of: Store, bad: str = "ml:m/2", good: str | None = None) -> dict[str, Any]:
    refs = Refs(of, NAMESPACES)
    answer = root_cause(of, refs, refs.parse(bad), None if good is None else refs.parse(good))
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(answer.envelope("2026-01-01T00:00:00Z"))
    return {**answer.data, "complete": answer.complete, "warnings": answer.warnings}


def first(data: dict[str, Any]) -> tuple[str, str, str]:
    one = data["suspects"][0]
    return (one["cause"], one["ref"], one["property"])


# --- the last good version --------------------------------------------------------------------------------------------


def test_the_last_good_version_is_the_newest_that_something_speaks_for_and_nothing_against() -> None:
    worse, better, promoted = {"auc": 0.3}, {"auc": 0.8}, {"aliases": ["champion"]}
    bad = training(9, auc=0.5)
    of = store(training(1, **better), training(2, **promoted), training(3, **worse), training(4), bad)
    assert ask(of, "ml:m/9")["good"]["ref"] == "ml:m/2"
    assert ask(store(training(1, **better), training(2, **worse), bad), "ml:m/9")["good"]["ref"] == "ml:m/1"
    found = ask(store(training(1, **better), training(2, **worse), bad), "ml:m/9", "ml:m/2")
    assert (found["good"]["ref"], found["good"]["why"]) == ("ml:m/2", "it was named")


def test_a_version_whose_checks_failed_is_not_good_and_without_a_better_one_the_answer_says_so() -> None:
    def checked(version: int, success: bool) -> list[Node | Edge]:
        result = CheckResult(namespace=NS, name="c", run=f"r{version}", at=at(version * 100 + 10), success=success)
        return [result, edge("EVALUATED_ON", result.urn, table("f2"))]

    of = store(
        training(1), checked(1, success=True), training(2, aliases=["live"]), checked(2, success=False), training(9)
    )
    assert ask(of, "ml:m/9")["good"]["ref"] == "ml:m/1"
    nothing = ask(store(training(1), training(9)), "ml:m/9")
    assert (nothing["good"]["ref"], nothing["complete"]) == ("ml:m/1", False)
    assert nothing["warnings"] == ("Nothing says that ml:m/1 was good.",)
    with pytest.raises(UsageError, match="first version"):
        ask(store(training(1)), "ml:m/1")
    for good in ("ml:m/9", "pg:f0"):
        with pytest.raises(UsageError, match="expected two different model versions"):
            ask(store(training(1), training(9)), "ml:m/9", good)


# --- where two versions part ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(LONG))
def test_two_versions_part_at_the_first_place_whose_inputs_agree(place: int) -> None:
    digests = [f"d{i}" if i < place else f"e{i}" for i in range(LONG)]
    data = ask(store(training(1, aliases=["live"]), training(2, digests=digests)))
    (point,) = data["divergence"]
    assert (point["ref"], point["hops"]) == (f"pg:f{place}", LONG - place)
    said = "all that it was made from agrees" if place else "nothing is known of what it was made from"
    assert said in point["why"]
    assert first(data) == ("data", f"pg:f{place}", "digest")
    following = [one for one in data["suspects"] if one["ref"] in {f"pg:f{i}" for i in range(place + 1, LONG)}]
    assert all("it differs because what it was made from does" in one["reasons"] for one in following)
    assert len(following) == LONG - place - 1


def test_where_the_data_agrees_the_versions_part_in_the_training() -> None:
    data = ask(store(training(1, aliases=["live"]), training(2, parameter="9")))
    assert [p["ref"] for p in data["divergence"]] == ["ml:m/2"]
    assert first(data) == ("parameters", "ml:m/2", "depth")


def test_where_no_content_is_known_nobody_says_where_they_part() -> None:
    def named(version: int, parameter: str) -> list[Node | Edge]:
        run = Run(namespace=ML, name=f"t{version}", ended_at=at(version), parameters=json.dumps({"depth": parameter}))
        made = ModelVersion(namespace=ML, name="m", version=str(version), aliases=["live"] if version == 1 else None)
        return [made, run, edge("GENERATED_BY", made.urn, run.urn), edge("USED", run.urn, table("mart"))]

    data = ask(store(named(1, "3"), named(2, "9")))
    assert (data["divergence"], data["complete"]) == ([], False)
    assert not any("part" in reason for reason in data["suspects"][0]["reasons"])


CHANGES: dict[str, dict[str, Any]] = {
    "parameters": {"parameter": "9"}, "environment": {"package": "2.0"}, "code": {"commit": "c1"}, "features": {"type": "long"},
    "data": {"digests": ["e0", "e1", "e2"]},
}  # fmt: skip


@settings(max_examples=25)
@given(st.sets(st.sampled_from(sorted(CHANGES)), min_size=1), st.integers(0, 999))
def test_everything_that_changed_is_suspected_and_nothing_else(kinds: set[str], seed: int) -> None:
    changes: dict[str, Any] = {}
    for kind in sorted(kinds):
        changes |= CHANGES[kind]
    parts = [training(1, aliases=["live"]), training(2, **changes)]
    Random(seed).shuffle(parts)
    data = ask(store(*parts))
    assert {one["cause"] for one in data["suspects"]} == kinds
    scores = [one["score"] for one in data["suspects"]]
    assert scores == sorted(scores, reverse=True)
    assert [one["rank"] for one in data["suspects"]] == list(range(1, len(scores) + 1))


# --- what else happened -----------------------------------------------------------------------------------------------


def upstream() -> list[Node | Edge]:
    return [edge("DEPENDS_ON", table("f0"), table("mart")), edge("DEPENDS_ON", table("mart"), table("raw"))]


def test_a_check_that_failed_between_the_trainings_comes_before_data_that_always_differs() -> None:
    def failed(hour: float) -> list[Node | Edge]:
        check = Check(namespace="gx", name="c")
        result = CheckResult(namespace="gx", name="c", run=f"r{hour}", at=at(hour), success=False)
        return [
            check,
            result,
            edge("RESULT_OF", result.urn, check.urn),
            edge("EVALUATED_ON", result.urn, table("mart")),
        ]

    pair = [training(1, aliases=["live"]), training(2, digests=["e0", "e1", "e2"], commit="c1"), upstream()]
    data = ask(store(*pair, failed(160)))
    assert first(data) == ("check", "pg:mart", "check:c")
    assert any("it feeds pg:f0, where the two versions part" in reason for reason in data["suspects"][0]["reasons"])
    for outside in (110, 290):
        assert not [one for one in ask(store(*pair, failed(outside)))["suspects"] if one["cause"] == "check"]


def test_incidents_and_bytes_that_did_not_match_are_suspected() -> None:
    incident = Incident(namespace="", name="I-1", opened_at=at(150), description="double load")
    old = Incident(namespace="", name="I-0", opened_at=at(10), closed_at=at(20))
    report = Report(
        namespace=NS, name="v", type="verification", verdict="mismatch", at=at(160), expected="md5:d0", actual="md5:zz"
    )
    f0 = Urn("datasetversion", (NS, "f0", "md5:e0"))
    told: list[Node | Edge] = [
        incident,
        old,
        report,
        *(edge("CONCERNS", i.urn, table("raw")) for i in (incident, old)),
        edge("EVALUATED_ON", report.urn, f0),
    ]
    data = ask(store(training(1, aliases=["live"]), training(2, digests=["e0", "e1", "e2"]), upstream(), told))
    found = {one["cause"]: one for one in data["suspects"]}
    assert first(data)[:2] == ("incident", "pg:raw")
    assert [one["property"] for one in data["suspects"] if one["cause"] == "incident"] == ["incident:I-1"]
    assert found["verification"]["ref"] == "pg:f0"


def test_rows_that_were_lost_speak_against_data() -> None:
    digests = ["e0", "e1", "e2"]
    less, same = (
        ask(store(training(1, aliases=["live"], rows=100), training(2, digests=digests, rows=rows)))["suspects"][0]
        for rows in (50, 95)
    )
    assert less["score"] > same["score"]
    assert "it has 50 rows, not 100" in less["reasons"]


def test_other_models_on_the_same_content_are_affected_too() -> None:
    other = ModelVersion(namespace=ML, name="other", version="1")
    run = Run(namespace=ML, name="other-run", started_at=at(300), ended_at=at(301))
    f0 = Urn("datasetversion", (NS, "f0", "md5:e0"))
    extra: list[Node | Edge] = [other, run, edge("USED", run.urn, f0), edge("GENERATED_BY", other.urn, run.urn)]
    data = ask(store(training(1, aliases=["live"]), training(2, digests=["e0", "e1", "e2"]), extra))
    assert [one["ref"] for one in data["others"]] == ["ml:other/1"]
    assert ask(store(training(1, aliases=["live"]), training(2, parameter="9"), extra))["others"] == []


def test_the_report_tells_the_story_and_hostile_names_stay_text() -> None:
    data = ask(store(training(1, aliases=["live"]), training(2, parameter="<script>|x")))
    assert "parts at ml:m/2" in text(data)
    assert "  1. parameters   ml:m/2 depth: 3 -> <script>|x" in text(data)
    page = markdown(data)
    assert "\\<script\\>\\|x" in page
    assert "<script>" not in page
