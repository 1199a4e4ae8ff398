"""Charts are read as people draw them, and compared with lineage arrow by arrow."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.chart import compare_chart, read_chart
from catalog.drawing import mermaid
from catalog.lineage import Question, lineage
from catalog.model.errors import UsageError
from catalog.refs import Refs
from tests.catalogs import NAMESPACES, catalog, edge, table

FLOW = catalog(edge("DEPENDS_ON", table("b"), table("a")), edge("DEPENDS_ON", table("c"), table("b")))


@pytest.mark.parametrize(
    ("text", "arrows"),
    [
        ("flowchart LR\n  x[pg:a] --> y[pg:b]", [("pg:a", "pg:b")]),
        ('graph TD;\nx["pg:a"] -->|"by night"| y["pg:b"];\ny --> z(pg:c)', [("pg:a", "pg:b"), ("pg:b", "pg:c")]),
        ("flowchart LR\npg:a --> pg:b --> pg:c", [("pg:a", "pg:b"), ("pg:b", "pg:c")]),
        ("flowchart LR\na[pg:a] & b[pg:b] -.-> c[(pg:c)]", [("pg:a", "pg:c"), ("pg:b", "pg:c")]),
        ('flowchart LR\n  n0["pg:a#35;x<br/>a note"]\n  n1["pg:b"]\n  n0 ==> n1\n  style n1 stroke-width:3px', [("pg:a#x", "pg:b")]),
        ("from,to\npg:a,pg:b\n,\n", [("pg:a", "pg:b")]),
        ("from,to,why\npg:a,pg:b,load\n", [("pg:a", "pg:b")]),
    ],
)  # fmt: skip
def test_charts_are_read(text: str, arrows: list[tuple[str, str]]) -> None:
    assert read_chart(text, "chart") == arrows


@pytest.mark.parametrize("text", ["", "flowchart LR", "from,to\n", "a,b\n1,2\n"])
def test_a_file_without_an_arrow_is_no_chart(text: str) -> None:
    with pytest.raises(UsageError, match="0 arrows"):
        read_chart(text, "chart")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert read_chart(text, "chart")


def test_gaps_of_both_kinds_are_named() -> None:
    answer = compare_chart(FLOW, Refs(FLOW, NAMESPACES), [("pg:a", "pg:b"), ("pg:a", "pg:c"), ("pg:x", "pg:c")])
    assert answer.data == {
        "agrees": [{"from": "pg:a", "to": "pg:b"}],
        "notObserved": [{"from": "pg:a", "to": "pg:c"}, {"from": "pg:x", "to": "pg:c"}],
        "notDrawn": [{"from": "pg:b", "to": "pg:c"}],
        "unknown": ["pg:x"],
    }


def test_our_own_picture_agrees_with_itself() -> None:
    refs = Refs(FLOW, NAMESPACES)
    drawn = mermaid(
        lineage(FLOW, refs, Question((table("c"),), direction="upstream", level="dataset", flow="table")).data
    )
    answer = compare_chart(FLOW, refs, read_chart(drawn, "chart"))
    assert [len(answer.data[key]) for key in ("agrees", "notObserved", "notDrawn", "unknown")] == [2, 0, 0, 0]
