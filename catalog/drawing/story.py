"""Provenance as a picture: the data sets that a model version stands on, at the level of data sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from catalog.drawing.svg import svg

Data = Mapping[str, Any]
_TABLE: Final = "DEPENDS_ON"


def story(data: Data) -> str:
    """Returns the SVG of a provenance answer; of a prediction, its model version and what its reasons come from."""
    start = str((data.get("prediction") or data["modelVersion"])["ref"])
    edges: dict[tuple[str, str], str] = {}
    for hop in data.get("hops") or ():
        _add(edges, _owner(hop["from"]), _owner(hop["to"]), hop["type"])
    for feature in data.get("features") or ():
        if feature.get("ref"):
            _add(edges, _owner(feature["ref"]), start, "USES_FEATURE")
        if data.get("prediction"):
            for source in feature["sources"]:
                _add(edges, _owner(source), start, "USES_FEATURE")
    nodes = dict.fromkeys([start, *(ref for ends in sorted(edges) for ref in ends)])
    return svg(
        {
            "nodes": [
                {"ref": ref, "kind": "Dataset" if ref != start else "", "hops": int(ref != start)} for ref in nodes
            ],
            "edges": [
                {"from": a, "to": b, "type": type_, "subtype": None, "exactness": "exact"}
                for (a, b), type_ in sorted(edges.items())
            ],
        }
    )


def _add(edges: dict[tuple[str, str], str], source: str, derived: str, type_: str) -> None:
    """Keeps one edge for each pair: that of a value before that of a table."""
    if source != derived and edges.get((source, derived), _TABLE) == _TABLE:
        edges[source, derived] = type_


def _owner(ref: str) -> str:
    return ref.partition("#")[0]
