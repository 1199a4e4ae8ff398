"""A lineage answer as Mermaid and as DOT. Data flows from left to right, from upstream to downstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.drawing.tree import label_of

Data = Mapping[str, Any]


def mermaid(data: Data) -> str:
    """Returns a Mermaid flowchart. Nodes are numbered, so that no name can be syntax; labels are escaped as entities."""
    ids = _ids(data)
    lines = ["flowchart LR"]
    lines += [f'  {ids[n["ref"]]}["{_lines(n["ref"], n)}"]' for n in data["nodes"]]
    lines += [f'  {ids[e["from"]]} -->|"{_lines(label_of(e), e)}"| {ids[e["to"]]}' for e in data["edges"]]
    starts = [ids[n["ref"]] for n in data["nodes"] if n["hops"] == 0]
    return "\n".join([*lines, *(f"  style {start} stroke-width:3px" for start in starts)])


def dot(data: Data) -> str:
    """Returns a DOT digraph. Labels are escaped; control characters become blanks."""
    ids = _ids(data)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for node in data["nodes"]:
        bold = ", penwidth=3" if node["hops"] == 0 else ""
        lines.append(f'  {ids[node["ref"]]} [label="{_rows(node["ref"], node)}"{bold}];')
    lines += [f'  {ids[e["from"]]} -> {ids[e["to"]]} [label="{_rows(label_of(e), e)}"];' for e in data["edges"]]
    return "\n".join([*lines, "}"])


def _ids(data: Data) -> dict[str, str]:
    return {node["ref"]: f"n{i}" for i, node in enumerate(data["nodes"])}


def _lines(first: str, of: Data) -> str:
    return "<br/>".join(_entities(line) for line in (first, *of.get("notes", ())))


def _rows(first: str, of: Data) -> str:
    return "\\n".join(_escaped(line) for line in (first, *of.get("notes", ())))


def _entities(text: str) -> str:
    return "".join(c if c.isalnum() or c in " ._-/:" else f"#{ord(c)};" for c in text)


def _escaped(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"')
