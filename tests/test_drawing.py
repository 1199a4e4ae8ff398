"""Pictures of lineage answers: every node in its place, nothing twice, nothing outside."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from catalog.drawing.svg import svg
from catalog.drawing.tree import tree


def answer(hops: dict[str, int], *edges: tuple[str, str, str]) -> dict[str, Any]:
    """Returns a lineage answer; ties of content stand in it both ways."""
    both = [*edges, *((b, a, t) for a, b, t in edges if t == "SAME_CONTENT")]
    return {
        "nodes": [{"ref": ref, "kind": "Column", "hops": n} for ref, n in hops.items()],
        "edges": [{"from": a, "to": b, "type": t, "exactness": "exact"} for a, b, t in both],
    }


TIED = answer(
    {"mart": 0, "source": 1, "file": 1, "logged": 2, "model": 3, "old": 2},
    ("source", "mart", "DERIVES_FROM"), ("mart", "file", "DERIVES_FROM"), ("file", "logged", "SAME_CONTENT"),
    ("logged", "model", "USES_FEATURE"), ("old", "source", "SAME_CONTENT"),
)  # fmt: skip


def test_a_tie_is_drawn_once_and_away_from_the_start() -> None:
    assert tree(TIED).splitlines() == [
        "mart",
        "  stands on",
        "    └─ source  [derives from]",
        "       └─ old  [same content]",
        "  is stood on by",
        "    └─ file  [derives from]",
        "       └─ logged  [same content]",
        "          └─ model  [uses feature]",
    ]


def test_what_stands_on_a_thing_is_to_its_right() -> None:
    root = ElementTree.fromstring(svg(TIED))
    ns = "{http://www.w3.org/2000/svg}"
    place = {g.findtext(f"{ns}text"): float(g.find(f"{ns}rect").attrib["x"]) for g in root.iter(f"{ns}g")}  # type: ignore[union-attr]
    assert sorted(place, key=lambda ref: place[ref]) == ["old", "source", "mart", "file", "logged", "model"]
    assert len(list(root.iter(f"{ns}path"))) == 5


@pytest.mark.parametrize("length", [2, 3, 9])
def test_no_curve_leaves_the_picture_even_along_a_cycle(length: int) -> None:
    names = [f"n{i}" for i in range(length)]
    ring = [(a, b, "DERIVES_FROM") for a, b in zip(names, [*names[1:], names[0]], strict=True)]
    drawn = svg(answer({name: i for i, name in enumerate(names)}, *ring))
    width = float(re.search(r'width="(\d+)"', drawn).group(1))  # type: ignore[union-attr]
    for curve in re.findall(r'd="M([-\d.]+),\S+ C([-\d.]+),\S+ ([-\d.]+),\S+ ([-\d.]+),', drawn):
        a, b, c, d = map(float, curve)
        along = [
            (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
            for t in (i / 50 for i in range(51))
        ]
        assert min(along) >= 0
        assert max(along) <= width


def test_columns_without_lineage_are_left_out_where_others_have_some() -> None:
    data = answer({"t": 0, "t#a": 0, "s#a": 1}, ("s#a", "t#a", "DERIVES_FROM"))
    assert tree(data).splitlines()[0] == "t#a"
    assert tree(answer({"t": 0})) == "t\n  nothing is known that way"
