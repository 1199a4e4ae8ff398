"""What a change would break is found through stars, filters, tables and files, and nothing untouched is accused."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.model.edges import Edge
from catalog.model.errors import NotFoundError, UsageError
from catalog.model.names import Urn
from catalog.model.nodes import Contract, Dataset, Node, Skipped
from catalog.refs import Refs
from catalog.store.port import SnapshotDelta, Store
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, edge, flow, snapshot, table

CONTRACT = Contract(namespace="shop", name="mart", enforced=True)
EXPOSURE = Urn("exposure", ("shop", "dashboard"))
RUN = Urn("run", ("mlflow://tracker", "r1"))
MODEL = Urn("modelversion", ("mlflow://tracker", "churn", "1"))


def ask(store: Store, *changes: str, **how: Any) -> dict[str, Any]:
    refs = Refs(store, NAMESPACES)
    found: dict[str, Any] = impact(store, refs, [parse_change(text, refs) for text in changes], **how).data
    return found


def effects(store: Store, *changes: str, **how: Any) -> dict[str, str]:
    return {f["ref"].removeprefix("pg:"): f["effect"] for f in ask(store, *changes, **how)["findings"]}


def shop(*more: Node | Edge, snapshots: tuple[SnapshotDelta, ...] = ()) -> Store:
    return catalog(
        Dataset(namespace=NS, name="mart", columns=["a", "sum", "other"]),
        flow("stg.a", "raw.a", by_star=True),
        flow("mart.a", "stg.a"),
        flow("mart.sum", "stg.a", "aggregation"),
        flow("mart.other", "stg.b"),
        *(edge("DEPENDS_ON", table(t), table(s), columns_known=True) for t, s in (("stg", "raw"), ("mart", "stg"))),
        *more,
        more=snapshots,
    )


def test_a_drop_passes_through_stars_and_breaks_what_names_the_column() -> None:
    assert effects(shop(flow("rpt.a", "mart.a")), "drop:pg:raw#a") == {
        "stg#a": "passes_through", "stg": "passes_through",
        "mart#a": "breaks", "mart#sum": "breaks", "mart": "breaks",
        "rpt#a": "value_changes", "rpt": "value_changes",
    }  # fmt: skip


def test_a_retype_changes_values_and_breaks_the_contract_that_promises_the_column() -> None:
    store = shop(CONTRACT, edge("COVERED_BY", table("mart"), CONTRACT.urn))
    found = {f["ref"]: f for f in ask(store, "retype:pg:raw#a=VARCHAR")["findings"]}
    assert {ref: f["effect"] for ref, f in found.items()} == {
        "pg:stg#a": "value_changes", "pg:stg": "value_changes",
        "pg:mart#a": "breaks", "pg:mart#sum": "breaks", "pg:mart": "breaks",
    }  # fmt: skip
    assert found["pg:mart#a"]["contract"] == "contract:mart"
    assert found["pg:mart#a"]["why"] == "contract:mart promises it"


def test_a_filter_breaks_its_statement_and_changes_rows_further_down_without_naming_columns() -> None:
    store = shop(
        edge("INFLUENCED_BY", table("f"), col("raw.a"), subtype="filter"),
        flow("f.x", "z.x"), flow("g.x", "f.x"),
    )  # fmt: skip
    found = effects(store, "drop:pg:raw#a")
    assert (found["f"], found["g"]) == ("breaks", "rows_change")
    assert not {"f#x", "g#x"} & found.keys()
    assert effects(store, "retype:pg:raw#a=INT")["f"] == "rows_change"


def test_columns_that_are_unknown_are_reported_by_table_only() -> None:
    store = shop(
        edge("DEPENDS_ON", table("py"), table("mart")), flow("after.x", "py.x"), edge("DEPENDS_ON", EXPOSURE, table("py")),
        edge("DEPENDS_ON", table("known"), table("mart"), columns_known=True), flow("known.o", "mart.other"),
    )  # fmt: skip
    found = effects(store, "retype:pg:raw#a=INT")
    assert (found["py"], found["after"], found["exposure:dashboard"]) == ("value_changes",) * 3
    assert not {"py#x", "after#x", "known", "known#o"} & found.keys()


def test_runs_that_read_a_version_and_models_that_came_of_them_are_found() -> None:
    content = Urn("datasetversion", (NS, "mart", "md5:1"))
    other = Urn("datasetversion", (NS, "elsewhere", "md5:2"))
    store = shop(
        edge("VERSION_OF", content, table("mart")), edge("USED", RUN, content), edge("GENERATED_BY", MODEL, RUN),
        edge("SERVES", Urn("endpoint", ("ml", "api")), MODEL),
        edge("GENERATED_BY", other, RUN), edge("VERSION_OF", other, table("elsewhere")),
        edge("OWNED_BY", table("mart"), Urn("agent", ("", "ana"))),
    )  # fmt: skip
    found = {f["ref"]: f for f in ask(store, "drop:pg:stg#a")["findings"]}
    assert [(ref, found[ref]["effect"], found[ref]["hops"]) for ref in ("run:r1", "ml:churn/1", "endpoint:api")] == [
        ("run:r1", "value_changes", 2), ("ml:churn/1", "value_changes", 3), ("endpoint:api", "value_changes", 4),
    ]  # fmt: skip
    assert found["pg:mart#a"]["owners"] == found["pg:mart"]["owners"] == ["agent:ana"]
    assert "pg:elsewhere" not in found


def test_dropping_a_data_set_breaks_whatever_reads_it() -> None:
    store = shop(edge("DEPENDS_ON", EXPOSURE, table("stg")))
    found = effects(store, "drop:pg:stg")
    assert {ref: found[ref] for ref in ("mart", "mart#a", "mart#other", "exposure:dashboard")} == dict.fromkeys(
        ("mart", "mart#a", "mart#other", "exposure:dashboard"), "breaks"
    )


def test_not_null_concerns_what_writes_the_column_and_passes_through_what_reads_it() -> None:
    found = ask(shop(), "add-not-null:pg:stg#a")
    assert {f["ref"]: f["effect"] for f in found["findings"]} == {
        "pg:stg": "breaks", "pg:mart": "passes_through", "pg:mart#a": "passes_through", "pg:mart#sum": "passes_through",
    }  # fmt: skip


def test_a_check_on_a_dropped_column_breaks() -> None:
    store = shop(edge("CHECKS", Urn("check", ("shop", "not_null_a")), col("raw.a")))
    assert effects(store, "drop:pg:raw#a")["check:not_null_a"] == "breaks"
    assert "check:not_null_a" not in effects(store, "retype:pg:raw#a=INT")


def test_what_was_not_understood_on_the_way_makes_it_a_lower_bound() -> None:
    skipped = Skipped(
        namespace="log", name="1", code="unparsed", message="cannot be read.", place="q.sql:7", subjects=[str(table("mart"))]
    )  # fmt: skip
    elsewhere = Skipped(namespace="log", name="2", code="unparsed", message="no", subjects=[str(table("far away"))])
    found = ask(shop(skipped, elsewhere), "drop:pg:raw#a")
    assert (found["lowerBound"], found["reasons"]) == (True, ["q.sql:7: cannot be read"])
    assert ask(shop(elsewhere), "drop:pg:raw#a")["lowerBound"] is False


def test_several_changes_show_the_gravest_effect_of_each_thing() -> None:
    found = ask(shop(), "retype:pg:raw#a=INT", "drop:pg:stg#a")
    assert found["verdict"] == "breaks"
    by_ref = {f["ref"]: f["effect"] for f in found["findings"]}
    assert (by_ref["pg:stg#a"], by_ref["pg:mart#a"]) == ("value_changes", "breaks")
    assert found["counts"] == {
        "Column": {"breaks": 2, "value_changes": 1}, "Dataset": {"breaks": 1, "value_changes": 1},
    }  # fmt: skip


def test_an_unused_column_has_no_impact_and_time_matters() -> None:
    assert ask(shop(), "drop:pg:mart#other")["verdict"] == "no_impact"
    moved = catalog(flow("b.x", "a.x"), more=[snapshot([flow("c.x", "a.x")], at=LATER)])
    assert set(effects(moved, "retype:pg:a#x=INT")) == {"c", "c#x"}
    assert set(effects(moved, "retype:pg:a#x=INT", as_of=LATER - 1)) == {"b", "b#x"}


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("remove:pg:raw#a", UsageError, "is no change: expected drop:REF, rename:REF=NEW"),
        ("rename:pg:raw#a", UsageError, "says nothing of what it becomes"),
        ("retype:pg:raw=INT", UsageError, "is a data set: expected a column"),
        ("drop:pg:raw#zebra", NotFoundError, "nothing of that name"),
    ],
)
def test_a_change_that_is_none_is_refused_with_the_forms(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ask(shop(), text)


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("xy"), st.sampled_from("abcde"), st.sampled_from("xy")), min_size=1),
    st.booleans(),
)  # fmt: skip
def test_columns_are_found_exactly_where_values_flow(pairs: set[tuple[str, str, str, str]], star: bool) -> None:
    store = catalog(*(flow(f"{t}.{c}", f"{u}.{d}", by_star=star) for t, c, u, d in sorted(pairs)))
    graph = nx.DiGraph((f"{u}#{d}", f"{t}#{c}") for t, c, u, d in pairs)
    start = min(graph.nodes)
    for change in (f"drop:pg:{start}", f"retype:pg:{start}=INT"):
        found = effects(store, change)
        assert {ref for ref in found if "#" in ref} == nx.descendants(graph, start)
    if star:
        assert set(effects(store, f"drop:pg:{start}").values()) <= {"passes_through"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("vfwt"), st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=8)
)
def test_the_order_of_facts_and_of_changes_does_not_matter(rows: list[tuple[str, str, str]]) -> None:
    made: list[Edge] = []
    for kind, t, u in rows:
        forms = {
            "v": flow(f"{t}.x", f"{u}.x"),
            "f": edge("INFLUENCED_BY", table(t), col(f"{u}.x"), subtype="filter"),
            "w": edge("INFLUENCED_BY", col(f"{t}.x"), col(f"{u}.x"), subtype="window"),
            "t": edge("DEPENDS_ON", table(t), table(u)),
        }
        made.append(forms[kind])
    columns = sorted({f"drop:pg:{u}#x" for kind, _, u in rows if kind != "t"})
    first = ask(catalog(*made), *columns) if columns else {}
    again = ask(catalog(*reversed(made)), *reversed(columns)) if columns else {}
    assert first.get("findings") == again.get("findings")
