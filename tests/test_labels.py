"""Labels follow values as a slow reading of the rule says, stop where they should, and come by ways that are there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.classification.label_rules import BUILT_IN, LabelRule, stops
from catalog.classification.labelling import derived_of, labels_everywhere, labels_of
from catalog.classification.labels import Field, Quality, Spread, Way
from catalog.links import EXACTNESS
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Node, Term
from catalog.refs import Refs
from catalog.store.port import Author, ChangeSet, Store
from catalog.store.sqlite import SqliteStore
from tests.catalogs import LATER, NAMESPACES, NS, catalog, col, edge, flow, snapshot

PII = Urn("tag", ("", "pii"))
MAIL = Urn("term", ("Words", "Email"))
OTHER = Urn("term", ("Words", "Other"))
LABELS = (PII, MAIL, OTHER)
THINGS = [col(f"t.c{i}") for i in range(7)]
STEPS = ("identity", "transformation", "aggregation", "conditional")

ways = st.builds(
    Way,
    st.sampled_from(THINGS),
    st.sampled_from(THINGS),
    st.sampled_from(STEPS),
    st.booleans(),
    st.sampled_from(EXACTNESS),
)
said = st.dictionaries(st.sampled_from(THINGS), st.sets(st.sampled_from(LABELS), min_size=1), max_size=4)
rules = st.dictionaries(
    st.sampled_from(LABELS),
    st.builds(LabelRule, stops=st.lists(st.sampled_from((*STEPS, "masking")), max_size=3).map(tuple)),
)


def naive(ground: Field, chosen: dict[Urn, LabelRule]) -> dict[tuple[Urn, Urn], Quality]:
    """The rule as it reads: every quality in which every label arrives, one edge at a time, until nothing changes."""
    arrived = {
        (thing, label, Quality(0, 0))
        for thing, labels in ground.stated.items()
        for label in labels
        if label not in ground.denied.get(thing, set())
    }
    while True:
        more = set(arrived)
        for way in ground.ways:
            for thing, label, quality in arrived:
                rule = chosen.get(label, BUILT_IN)
                if thing != way.far or stops(rule, way.step, masking=way.masking):
                    continue
                if label in ground.denied.get(way.near, set()):
                    continue
                worse = Quality(
                    max(quality.carried, way.quality.carried), max(quality.exactness, way.quality.exactness)
                )
                more.add((way.near, label, worse))
        if more == arrived:
            break
        arrived = more
    best: dict[tuple[Urn, Urn], Quality] = {}
    for thing, label, quality in arrived:
        if label not in ground.stated.get(thing, set()):
            best[thing, label] = min(quality, best.get((thing, label), quality))
    return best


@settings(max_examples=150)
@given(st.lists(ways, max_size=14), said, said, rules)
def test_labels_come_where_a_slow_reading_says(
    edges: list[Way], stated: dict[Urn, set[Urn]], gone: dict[Urn, set[Urn]], chosen: dict[Urn, LabelRule]
) -> None:
    denied = {u: labels - stated.get(u, set()) for u, labels in gone.items() if labels - stated.get(u, set())}
    ground = Field(edges, stated, denied)
    spread = Spread(ground, chosen)
    found = {(thing, label): q for thing in spread.things() for label, q in spread.of(thing).items()}
    assert found == naive(ground, chosen)
    assert spread.counts() == {label: sum(one == label for _, one in found) for label in ground.labels()}
    for one in spread.all_derived(spread.things()):
        assert one.label in stated[one.source]
        assert one.path[-1] == one.thing
        rule = chosen.get(one.label, BUILT_IN)
        quality = found[one.thing, one.label]
        for far, near in pairwise(one.path):
            assert one.label not in denied.get(near, set())
            assert any(
                (w.near, w.far) == (near, far)
                and not stops(rule, w.step, masking=w.masking)
                and quality.holds(w.quality)
                for w in edges
            )


def facts() -> list[Node | Edge]:
    return [
        Dataset(namespace=NS, name="raw", columns=["mail", "name", "id"]),
        Dataset(namespace=NS, name="clean", columns=["mail", "name", "hash", "many"]),
        Dataset(namespace=NS, name="mart", columns=["mail", "domain", "chosen"]),
        Term(namespace="Words", name="Email"),
        Term(namespace="Words", name="Personal"),
        Term(namespace="Words", name="Old", status="deprecated"),
        edge("BROADER", MAIL, Urn("term", ("Words", "Personal"))),
        edge("TAGGED", col("raw.mail"), PII),
        edge("MEANS", col("raw.mail"), MAIL, status="approved"),
        edge("MEANS", col("raw.name"), Urn("term", ("Words", "Old"))),
        edge("MEANS", col("raw.name"), OTHER, status="deprecated"),
        flow("clean.mail", "raw.mail"),
        flow("clean.name", "raw.name"),
        flow("clean.hash", "raw.mail", "transformation", masking=True),
        flow("clean.many", "raw.mail", "aggregation"),
        flow("mart.mail", "clean.mail", exactness="over_approximate"),
        flow("mart.domain", "clean.mail", "transformation"),
        flow("mart.chosen", "clean.mail", "conditional"),
        edge("COMPUTED_FROM", Urn("metric", ("shop", "mails")), col("mart.domain")),
        edge("USES_FEATURE", Urn("modelversion", ("ml", "m", "1")), col("mart.mail"), role="feature"),
    ]


def borne(store: Store, chosen: tuple[LabelRule, ...] = ()) -> dict[str, dict[str, tuple[str, str]]]:
    data = labels_everywhere(store, Refs(store, NAMESPACES), chosen).data
    return {
        thing["ref"]: {one["ref"]: (one["carried"], one["exactness"]) for one in thing["derived"]}
        for thing in data["things"]
    }


FULL = {"tag:pii": ("full", "exact"), "term:Email": ("full", "exact")}


def test_a_label_stops_at_masking_at_sums_and_at_choices_unless_a_rule_says_otherwise() -> None:
    store = catalog(*facts())
    assert borne(store) == {
        "pg:clean#mail": FULL,
        "pg:mart#mail": dict.fromkeys(FULL, ("full", "over_approximate")),
        "pg:mart#domain": dict.fromkeys(FULL, ("derived", "exact")),
        "metric:mails": dict.fromkeys(FULL, ("derived", "exact")),
    }
    everything = borne(store, (LabelRule(labels=("tag:pii",), stops=()),))
    assert set(everything) == {
        "pg:clean#mail", "pg:clean#hash", "pg:clean#many", "pg:mart#mail", "pg:mart#domain", "pg:mart#chosen", "metric:mails",
    }  # fmt: skip
    assert set(everything["pg:clean#hash"]) == {"tag:pii"}
    narrow = borne(
        store, (LabelRule(labels=("term:Personal",), stops=("identity",)), LabelRule(stops=("transformation",)))
    )
    assert narrow == {
        "pg:clean#mail": {"tag:pii": ("full", "exact")},
        "pg:clean#hash": {"term:Email": ("derived", "exact")},
        "pg:clean#many": dict.fromkeys(FULL, ("derived", "exact")),
        "pg:mart#mail": {"tag:pii": ("full", "over_approximate")},
        "pg:mart#chosen": {"tag:pii": ("derived", "exact")},
    }


def test_a_denial_stops_a_label_there_and_behind() -> None:
    denial = edge("TAGGED", col("clean.mail"), PII, denies=True)
    store = catalog(*facts(), more=[snapshot([denial], ("human", "ana", "1", "x"), LATER)])
    found = borne(store)
    assert all("tag:pii" not in labels for labels in found.values())
    assert found["pg:mart#mail"] == {"term:Email": ("full", "over_approximate")}
    (thing,) = labels_of(store, Refs(store, NAMESPACES), [col("clean.mail")]).data["things"]
    assert (thing["denied"], [one["ref"] for one in thing["derived"]]) == (["tag:pii"], ["term:Email"])
    assert borne(catalog(*facts()))["pg:clean#mail"] == FULL


def test_each_label_says_where_it_is_stated_and_by_what_way_it_came() -> None:
    store = catalog(*facts())
    told = {
        one["ref"]: one for one in derived_of(store, Refs(store, NAMESPACES), [col("mart.domain")])[col("mart.domain")]
    }
    assert set(told) == {"tag:pii", "term:Email"}
    one = told["tag:pii"]
    assert (one["from"], one["via"], one["hops"]) == ("pg:raw#mail", "pg:clean#mail", 2)
    assert one["path"] == ["pg:raw#mail", "pg:clean#mail", "pg:mart#domain"]


def test_a_data_set_shows_its_columns_and_a_name_that_is_not_there_is_said() -> None:
    store = catalog(*facts())
    refs = Refs(store, NAMESPACES)
    answer = labels_of(store, refs, [Urn("dataset", (NS, "mart"))], (LabelRule(labels=("tag:nothing",), stops=()),))
    assert [thing["ref"] for thing in answer.data["things"]] == ["pg:mart", "pg:mart#domain", "pg:mart#mail"]
    assert [warning.partition(" names")[0] for warning in answer.warnings] == ["propagation: 'tag:nothing'"]
    cut = labels_everywhere(store, refs, limit=1)
    assert (len(cut.data["things"]), cut.data["total"], cut.complete) == (1, 4, False)
    assert labels_everywhere(catalog(), Refs(catalog(), {})).data == {"things": [], "labels": [], "total": 0}


def test_nothing_derived_is_stored(tmp_path: Path) -> None:
    store = catalog(*facts())
    before = [claim.body for claim in store.all_claims()]
    labels_everywhere(store, Refs(store, NAMESPACES))
    assert [claim.body for claim in store.all_claims()] == before


@pytest.mark.parametrize("asked", ["everywhere", "mart.domain"])
def test_both_stores_answer_alike(tmp_path: Path, asked: str) -> None:
    told: list[Any] = []
    sqlite = SqliteStore(f"sqlite:///{tmp_path / 'c.db'}")
    sqlite.migrate()
    sqlite.apply(ChangeSet(snapshots=(snapshot(facts()),)), Author("2026-03-01T00:00:00Z", "ana", "dbt"))
    for store in (catalog(*facts()), sqlite):
        refs = Refs(store, NAMESPACES)
        answer = labels_everywhere(store, refs) if asked == "everywhere" else labels_of(store, refs, [col(asked)])
        told.append((answer.data, answer.warnings))
    sqlite.close()
    assert told[0] == told[1]


def test_a_label_goes_round_a_circle_once() -> None:
    store = catalog(
        Term(namespace="Words", name="Email"), edge("MEANS", col("a.x"), MAIL), flow("b.x", "a.x"), flow("c.x", "b.x"),
        flow("b.x", "c.x"), flow("a.x", "c.x"),
    )  # fmt: skip
    assert set(borne(store)) == {"pg:b#x", "pg:c#x"}
