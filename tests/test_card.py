"""Model cards and provenance as Markdown and SVG say what the answer says, and no name in them is markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.drawing.story import story
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Decision, Endpoint, ModelVersion, Node, Prediction, Run
from catalog.policies import Terms
from catalog.provenance.card import background, card, markdown
from catalog.provenance.story import provenance
from catalog.refs import Refs
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, catalog, col, edge, flow, table

ML = "mlflow://tracker"
VERSION = ModelVersion(
    namespace=ML,
    name="score",
    version="1",
    aliases=["live"],
    metrics='[{"key":"auc","value":"0.8","dataset":"holdout"}]',
)
RUN = Run(namespace=ML, name="r1", ended_at="2026-01-20T10:00:00Z", parameters='{"C":"1"}')
HOSTILE = "<script>alert(1)</script>|`x`[a](javascript:b) https://evil.example"


def estate(*more: Node | Edge) -> Store:
    return catalog(
        VERSION, RUN, edge("GENERATED_BY", VERSION.urn, RUN.urn), edge("USED", RUN.urn, table("mart")),
        edge("USES_FEATURE", VERSION.urn, col("mart.a"), role="feature"), flow("mart.a", "raw.a"),
        edge("DEPENDS_ON", table("mart"), table("raw")), *more,
    )  # fmt: skip


def asked(store: Store, terms: Terms | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    refs = Refs(store, NAMESPACES)
    return provenance(store, refs, VERSION.urn).data, background(store, refs, VERSION.urn, terms)


def test_a_card_says_use_origin_figures_data_features_rules_and_gaps() -> None:
    decision = Decision(
        namespace="rule", name="d", policy="consent", subject=str(VERSION.urn), verdict="violated", why="marketing only"
    )
    live = Endpoint(namespace=ML, name="live", region="US")
    given_ = Prediction(namespace=ML, name="p")
    store = estate(
        decision, live, given_, edge("SERVES", live.urn, VERSION.urn), edge("PREDICTED_BY", given_.urn, VERSION.urn),
        edge("OWNED_BY", Urn("model", (ML, "score")), Urn("agent", ("", "ana"))),
    )  # fmt: skip
    text = card(*asked(store, Terms(("scoring",), ("EU",), "team")))
    for row in (
        "| purpose | scoring |", "| deployed in | EU |", "| owner | agent:ana, team |", "| endpoints | endpoint:live |",
        "| decisions recorded | 1 |", "| parameter C | 1 |", "| auc | 0.8 | holdout |", "| a | feature | pg:raw\\#a |",
        "| consent | violated | marketing only |  |", "- no environment is known",
    ):  # fmt: skip
        assert row in text.splitlines(), row


def test_what_is_not_known_is_said() -> None:
    text = card(*asked(catalog(VERSION)))
    assert "| purpose | not stated |" in text
    assert "No rule has been asked about it." in text
    assert "- none of its features" in text or "- no feature is known" in text


@pytest.mark.parametrize("form", ["markdown", "card", "svg"])
def test_names_are_never_markup(form: str) -> None:
    version = ModelVersion(namespace=ML, name=HOSTILE, version="1", description=HOSTILE)
    store = catalog(
        version, flow("mart.a", "raw.a"), edge("USES_FEATURE", version.urn, col(f"{HOSTILE}.a"), role="feature")
    )
    refs = Refs(store, NAMESPACES)
    data, more = provenance(store, refs, version.urn).data, background(store, refs, version.urn)
    text = {"markdown": lambda: markdown(data), "card": lambda: card(data, more), "svg": lambda: story(data)}[form]()
    assert "script" in text
    assert not re.search(r"<script" if form == "svg" else r"(?<!\\)[<\[`]", text)
    assert "https://evil" not in text or form == "svg"
    if form == "svg":
        assert {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(text).iter()} <= {
            "svg",
            "title",
            "style",
            "g",
            "rect",
            "text",
            "path",
        }


@given(st.text(max_size=30))
def test_a_cell_is_one_line_and_ends_where_its_row_says(name: str) -> None:
    rows = [line for line in markdown(_named(name)).splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) in (3, 4, 5) for row in rows)


def _named(name: str) -> dict[str, Any]:
    feature = {"ref": name, "name": name, "role": "feature", "sources": [name]}
    return {
        "modelVersion": {"ref": name},
        "features": [feature],
        "datasets": [],
        "sources": [],
        "missing": [name],
        "parameters": {name: name},
    }


def test_the_picture_has_every_data_set_once_and_leads_to_the_version() -> None:
    data, _ = asked(estate())
    texts = [e.text for e in ElementTree.fromstring(story(data)).iter() if e.tag.endswith("}text")]
    assert sorted(str(t) for t in texts) == ["ml:score/1", "pg:mart", "pg:raw"]
