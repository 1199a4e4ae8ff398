"""Bad data is followed along what ran: who read it while it was bad is affected, who read before or after is clean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contamination.faults import parse_faults
from catalog.contamination.report import contamination
from catalog.model.edges import Edge
from catalog.model.errors import NotFoundError, UsageError
from catalog.model.names import Urn
from catalog.model.nodes import (
    CheckResult,
    Dataset,
    DatasetVersion,
    Endpoint,
    Feature,
    FeatureView,
    Job,
    ModelVersion,
    Node,
    Prediction,
    Run,
)
from catalog.refs import Refs
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, flow, table

ML = "mlflow://tracker"
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hour: float) -> str:
    return (START + timedelta(hours=hour)).isoformat().replace("+00:00", "Z")


def run(name: str, begins: float, ends: float, reads: list[Urn], writes: list[Urn], **more: Any) -> list[Node | Edge]:
    """Returns a run of the job that does the same every time."""
    job = Job(namespace="etl", name=more.pop("job", name.split("-")[0]))
    one = Run(
        namespace="openlineage", name=name, job=str(job.urn), state=more.pop("state", "COMPLETE"), started_at=at(begins), ended_at=at(ends),
        inputs=sorted(map(str, reads)) or None, outputs=sorted(map(str, writes)) or None,
    )  # fmt: skip
    lifted = [(u, u if u.kind == "dataset" else table(u.parts[1], u.parts[0])) for u in (*reads, *writes)]
    tables = dict(lifted)
    return [
        one, job, edge("RUN_OF", one.urn, job.urn),
        *(edge("READS", job.urn, tables[u]) for u in reads), *(edge("PRODUCED_BY", tables[u], job.urn) for u in writes),
        *(edge("USED", one.urn, u) for u in reads if u.kind == "datasetversion"),
        *(edge("GENERATED_BY", u, one.urn) for u in writes if u.kind == "datasetversion"),
        *(edge("VERSION_OF", u, t) for u, t in lifted if u != t),
    ]  # fmt: skip


def version(name: str, digest: str, **said: Any) -> DatasetVersion:
    return DatasetVersion(
        namespace=NS, name=name, version=f"md5:{digest}", digest=digest, algorithm="md5", strength="strong", **said
    )


def unique(*facts: Node | Edge) -> Store:
    kept = {
        str(f.urn) + str(f.properties()) if isinstance(f, Node) else f"{f.type()}{f.start}{f.end}": f for f in facts
    }
    return catalog(*kept.values())


def ask(store: Store, *faults: str) -> dict[str, Any]:
    refs = Refs(store, NAMESPACES)
    return contamination(store, refs, [one for fault in faults for one in parse_faults(store, refs, fault)]).data


def hit(data: dict[str, Any]) -> set[str]:
    return {finding["ref"] for finding in data["findings"]}


RAW, MART = table("raw"), table("mart")


def test_a_reader_before_during_and_after_is_clean_affected_and_clean_again() -> None:
    runs = [run(f"load-{i}", hour, hour + 1, [RAW], [MART]) for i, hour in enumerate((0, 10, 20))]
    uses = [run(f"use-{i}", hour, hour + 1, [MART], [table(f"out{i}")]) for i, hour in enumerate((5, 15, 25))]
    data = ask(unique(*(f for r in (*runs, *uses) for f in r)), f"bad-data:pg:raw@{at(8)}..{at(18)}")
    assert hit(data) == {"run:load-1", "pg:mart", "run:use-1", "pg:out1"}
    assert not any(f["assumed"] for f in data["findings"])
    assert {f["ref"]: f["hops"] for f in data["findings"]}["pg:out1"] == 2


@pytest.mark.parametrize(
    ("begins", "ends", "bad"), [(11, 12, True), (9.5, 9.9, False), (5, 10.5, True), (13, 14, True)]
)
def test_runs_that_overlap_count_as_having_read(begins: float, ends: float, bad: bool) -> None:
    store = unique(
        *run("load-0", 0, 1, [RAW], [MART]),
        *run("load", 10, 12, [RAW], [MART]),
        *run("use", begins, ends, [MART], [table("out")]),
    )
    assert ("pg:out" in hit(ask(store, f"bad-data:pg:raw@{at(8)}.."))) is bad


def test_a_known_version_decides_whatever_the_table_held_when_it_was_read() -> None:
    old, new = version("file", "aa"), version("file", "bb")
    models = [ModelVersion(namespace=ML, name="m", version=v) for v in "12"]
    store = unique(
        old, new, *models,
        *run("load-1", 1, 2, [RAW], [old.urn]), *run("load-2", 10, 11, [RAW], [new.urn]),
        *run("train-1", 20, 21, [old.urn], []), *run("train-2", 22, 23, [new.urn], []),
        *(edge("GENERATED_BY", m.urn, Urn("run", ("openlineage", f"train-{m.version}"))) for m in models),
        Endpoint(namespace=ML, name="live"), edge("SERVES", Urn("endpoint", (ML, "live")), models[1].urn),
        *(f for m in models for f in (Prediction(namespace=ML, name=f"p{m.version}"), edge("PREDICTED_BY", Urn("prediction", (ML, f"p{m.version}")), m.urn))),
    )  # fmt: skip
    data = ask(store, f"bad-data:pg:raw@{at(8)}..")
    assert {"ml:m/2", "endpoint:live", "prediction:p2", "pg:file@bb", "run:train-2"} <= hit(data)
    assert not hit(data) & {"ml:m/1", "prediction:p1", "pg:file@aa", "run:train-1"}
    assert {c["ref"] for c in data["clean"]} == {"ml:m/1", "pg:file@aa", "prediction:p1"}


def test_equal_content_is_bad_under_its_other_name_unless_it_was_there_before_the_fault() -> None:
    new, copy, older = version("file", "bb"), version("copy", "bb"), version("early", "bb", created_at=at(2))
    load = run("load", 10, 11, [RAW], [new.urn])
    train = run("train", 20, 21, [copy.urn], [])
    data = ask(unique(new, copy, *load, *train), f"bad-data:pg:raw@{at(8)}..")
    assert {"pg:copy@bb", "run:train"} <= hit(data)
    assert "pg:early@bb" not in hit(ask(unique(new, older, *load), f"bad-data:pg:raw@{at(8)}.."))


@pytest.mark.parametrize(("hour", "bad"), [(2.5, True), (6.0, False)])
def test_another_name_of_a_data_set_is_bad_as_long_as_the_data_set_is(hour: float, bad: bool) -> None:
    """A tracking server has its own name for the table that a run read."""
    raw, mart, name = table("raw"), table("mart"), table("train", ML)
    reader = run("fit", hour, hour + 0.2, [name], [])
    builds = [fact for at_ in (2, 4) for fact in run(f"build-{at_}", at_, at_ + 0.1, [raw], [mart])]
    store = unique(
        Dataset(namespace=ML, name="train"), edge("ALIAS_OF", name, mart), *builds, *reader,
        edge("DEPENDS_ON", mart, raw),
    )  # fmt: skip
    data = ask(store, f"bad-data:pg:raw@{at(1)}..{at(3)}")
    assert ("run:fit" in hit(data)) is bad
    assert {f["assumed"] for f in data["findings"] if f["kind"] == "Run"} == {False}


def test_what_has_no_known_time_is_assumed_and_a_view_is_as_its_source() -> None:
    store = unique(
        Dataset(namespace=NS, name="v", type="view"), edge("DEPENDS_ON", table("v"), RAW), edge("DEPENDS_ON", MART, table("v")),
        *run("use-1", 1, 2, [MART], [table("early")]), *run("use-2", 10, 11, [table("v")], [table("late")]),
        *run("use-3", 30, 31, [table("v")], [table("after")]), *run("use-4", 30, 31, [MART], [table("stale")]),
    )  # fmt: skip
    data = ask(store, f"bad-data:pg:raw@{at(8)}..{at(20)}")
    assert {f["ref"]: f["assumed"] for f in data["findings"] if f["kind"] == "Dataset"} == {
        "pg:v": False, "pg:mart": True, "pg:late": False, "pg:stale": True,
    }  # fmt: skip


def test_a_run_of_no_known_time_is_told_by_the_versions_that_it_read() -> None:
    raw = [version("raw", f"{i}" * 32, created_at=at(hour)) for i, hour in enumerate((5, 20))]
    mart = [version("mart", f"{i + 5}" * 32, created_at=at(hour)) for i, hour in enumerate((5, 20))]
    stages: list[list[Node | Edge]] = [
        [Run(namespace=NS, name=f"stage-{i}"), edge("USED", Urn("run", (NS, f"stage-{i}")), raw[i].urn),
         edge("GENERATED_BY", mart[i].urn, Urn("run", (NS, f"stage-{i}"))),
         edge("VERSION_OF", raw[i].urn, RAW), edge("VERSION_OF", mart[i].urn, MART)]
        for i in (0, 1)
    ]  # fmt: skip
    store = unique(*raw, *mart, edge("DEPENDS_ON", MART, RAW), *(f for stage in stages for f in stage))
    data = ask(store, f"bad-data:pg:raw@{at(1)}..{at(10)}")
    assert {f["ref"] for f in data["findings"] if f["kind"] == "DatasetVersion"} == {
        f"pg:raw@{'0' * 32}",
        f"pg:mart@{'5' * 32}",
    }


def test_a_failed_run_writes_nothing_and_a_stream_does_not_mend_what_it_wrote_before() -> None:
    failed = run("load", 10, 11, [RAW], [MART], state="FAIL")
    assert hit(ask(unique(*run("load-0", 0, 1, [RAW], [MART]), *failed), f"bad-data:pg:raw@{at(8)}..")) == {"run:load"}
    twice = [
        *run("load-1", 0, 1, [RAW], [MART]),
        *run("load-2", 10, 11, [RAW], [MART]),
        *run("load-3", 20, 21, [RAW], [MART]),
    ]
    use = run("use", 30, 31, [MART], [table("out")])
    fault = f"bad-data:pg:raw@{at(8)}..{at(15)}"
    assert "pg:out" not in hit(ask(unique(*twice, *use), fault))
    stream = [Job(namespace="etl", name="load", processing="STREAMING")]
    kept = [f for f in twice if not isinstance(f, Job)]
    assert "pg:out" in hit(ask(unique(*kept, *stream, *use), fault))


def test_what_is_known_by_runs_is_told_from_what_is_assumed_of_the_same_table() -> None:
    store = unique(
        *run("load-1", 10, 11, [RAW], [MART]), *run("use-1", 9, 9.5, [MART], [table("early")], job="a"),
        *run("use-2", 15, 16, [MART], [table("late")], job="b"),
    )  # fmt: skip
    found = {f["ref"]: f["assumed"] for f in ask(store, f"bad-data:pg:raw@{at(8)}..")["findings"]}
    assert found == {
        "run:load-1": False, "pg:mart": False, "run:use-2": False, "pg:late": False, "run:use-1": True, "pg:early": True,
    }  # fmt: skip


def build(name: str, hour: float, reads: list[Urn], writes: Urn, state: str = "COMPLETE") -> list[Node | Edge]:
    """Returns a run of no job, as a dbt build is one."""
    one = Run(
        namespace="shop", name=name, state=state, started_at=at(hour), ended_at=at(hour + 0.5), inputs=sorted(map(str, reads)), outputs=[str(writes)]
    )  # fmt: skip
    return [one, edge("GENERATED_BY", writes, one.urn), *(edge("DEPENDS_ON", writes, r) for r in reads if r != writes)]


def test_builds_tell_when_a_table_was_bad_and_behind_the_last_of_them_it_may_be() -> None:
    builds = [*build("b1", 1, [RAW], MART), *build("b2", 10, [RAW], MART), *build("b3", 20, [RAW], MART)]
    uses = [run(f"use-{i}", h, h + 1, [MART], [table(f"out{i}")], job=f"use{i}") for i, h in enumerate((5, 15, 25, 40))]
    store = unique(*builds, *(f for u in uses for f in u))
    found = {f["ref"]: f["assumed"] for f in ask(store, f"bad-data:pg:raw@{at(8)}..{at(18)}")["findings"]}
    assert found == {"run:b2": False, "pg:mart": False, "run:use-1": False, "pg:out1": False}
    late = {f["ref"]: f["assumed"] for f in ask(store, f"bad-data:pg:raw@{at(30)}..")["findings"]}
    assert late == {"pg:mart": True, "run:use-3": True, "pg:out3": True}


def test_a_build_that_keeps_its_rows_stays_bad_and_one_that_failed_changes_nothing() -> None:
    kept = [
        *build("b1", 1, [RAW, MART], MART),
        *build("b2", 10, [RAW, MART], MART),
        *build("b3", 20, [RAW, MART], MART),
    ]
    use = run("use", 25, 26, [MART], [table("out")])
    assert "pg:out" in hit(ask(unique(*kept, *use), f"bad-data:pg:raw@{at(8)}..{at(18)}"))
    failed = [*build("b1", 1, [RAW], MART), *build("b2", 10, [RAW], MART, "FAIL"), *build("b3", 20, [RAW], MART)]
    assert hit(ask(unique(*failed, *use), f"bad-data:pg:raw@{at(8)}..{at(18)}")) == {"run:b2"}


def test_a_time_that_is_none_is_no_time() -> None:
    odd = version("file", "bb", created_at="last Tuesday")
    assert hit(ask(unique(odd, *run("use", 10, 11, [odd.urn], [])), "bad-data:pg:file@bb")) == {"run:use"}


def test_of_a_bad_column_only_what_its_values_get_into_is_affected() -> None:
    models = [ModelVersion(namespace=ML, name=name, version="1") for name in ("with", "without")]
    store = unique(
        flow("mart.a", "raw.a"), flow("other.b", "raw.b"), *models,
        edge("DEPENDS_ON", MART, RAW, columns_known=True), edge("DEPENDS_ON", table("other"), RAW, columns_known=True),
        edge("USES_FEATURE", models[0].urn, col("mart.a"), role="feature"), edge("USES_FEATURE", models[1].urn, col("mart.c"), role="feature"),
        *run("train-1", 5, 6, [MART], []), *run("train-2", 5, 6, [MART], []),
        *(edge("GENERATED_BY", m.urn, Urn("run", ("openlineage", f"train-{i}"))) for i, m in enumerate(models, 1)),
    )  # fmt: skip
    found = hit(ask(store, "bad-data:pg:raw#a"))
    assert {"pg:mart", "ml:with/1"} <= found
    assert not found & {"pg:other", "ml:without/1"}
    assert {"pg:mart", "pg:other", "ml:with/1", "ml:without/1"} <= hit(ask(store, "bad-data:pg:raw"))


def test_features_of_a_bad_view_are_found_and_the_first_alarm_is_the_first_check_that_failed() -> None:
    view = FeatureView(namespace="feast://shop", name="v")
    feature = Feature(namespace="feast://shop", name="v", feature="f")
    results = [
        CheckResult(namespace=NS, name="c", run=f"r{h}", at=at(h), success=ok)
        for h, ok in ((2, False), (9, True), (12, False), (13, False))
    ]
    store = unique(
        *run("load", 10, 11, [RAW], [MART]), view, feature, edge("DEPENDS_ON", view.urn, MART),
        *results, *(edge("EVALUATED_ON", r.urn, MART) for r in results),
    )  # fmt: skip
    data = ask(store, f"bad-data:pg:raw@{at(8)}..")
    assert {"fs:v#f", "fs:v"} <= hit(data)
    assert [alarm["run"] for alarm in data["alarms"]] == ["r12", "r13"]


def test_times_may_be_left_out_and_what_is_no_fault_is_refused() -> None:
    store = unique(*run("load", 10, 11, [RAW], [MART]), Dataset(namespace=NS, name="a@b"))
    assert "pg:mart" in hit(ask(store, "bad-data:pg:raw"))
    assert "pg:mart" in hit(ask(store, f"bad-data:pg:raw@..{at(10)}"))
    assert "pg:mart" not in hit(ask(store, f"bad-data:pg:raw@..{at(9)}"))
    assert "pg:mart" in hit(ask(store, "bad-data:pg:raw@2026-01-01..2026-01-01"))
    assert hit(ask(store, "bad-data:pg:a%40b@2026-01-01..")) == set()
    with pytest.raises(UsageError):
        ask(store, "bad-data:pg:raw@2026-01-02..2026-01-01")
    with pytest.raises(UsageError):
        ask(store, "bad-data:pg:raw@soon..")
    with pytest.raises(NotFoundError):
        ask(store, "bad-data:pg:none")


STEPS = st.lists(st.tuples(st.sets(st.integers(0, 4), min_size=1, max_size=2), st.integers(1, 5)), max_size=12)


@given(STEPS, st.integers(0, 14), st.integers(0, 14))
def test_it_finds_what_playing_the_runs_through_finds(steps: list[tuple[set[int], int]], one: int, other: int) -> None:
    begins, ends = sorted((one, other))
    tables = [table(f"t{i}") for i in range(6)]
    first = [run(f"j{i}-first", -2, -2, [], [tables[i]]) for i in range(1, 6)]
    later = [
        run(f"j{target}-{i}", i, i, [tables[s] for s in sorted(sources - {target})] or [tables[0]], [tables[target]], job=f"{sorted(sources)}{target}")
        for i, (sources, target) in enumerate(steps)
    ]  # fmt: skip
    data = ask(
        unique(Dataset(namespace=NS, name="t0"), *(f for r in (*first, *later) for f in r)),
        f"bad-data:pg:t0@{at(begins)}..{at(ends)}",
    )
    bad: set[int] = set()
    wanted: set[str] = set()
    for i, (sources, target) in enumerate(steps):
        is_bad = any(s in bad or (s == 0 and begins <= i <= ends) for s in (sources - {target} or {0}))
        wanted |= {f"run:j{target}-{i}"} if is_bad else set()
        bad = bad | {target} if is_bad else bad - {target}
    assert {f["ref"] for f in data["findings"] if f["kind"] == "Run"} == wanted
