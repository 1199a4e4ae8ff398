"""A lineage answer as SVG: columns by distance, curves between them, nothing that a browser would run or fetch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from catalog.drawing.ties import drawn
from catalog.drawing.tree import label_of

Data = Mapping[str, Any]

_CHAR: Final = 6.6
"""Width of a letter of 11 px monospace, about."""
_ROW: Final = 34
_BOX: Final = 24
_GAP: Final = 90
_PAD: Final = 16
_MAX_CHARS: Final = 64
_SWEEPS: Final = 4

_STYLE: Final = """\
text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#1f2937}
rect{fill:#f8fafc;stroke:#94a3b8}
.start{fill:#e0f2fe;stroke:#0369a1;stroke-width:2}
path{fill:none;stroke:#64748b}
.rows{stroke-dasharray:4 3}.guess{stroke:#d97706}
@media(prefers-color-scheme:dark){text{fill:#e5e7eb}rect{fill:#1f2937;stroke:#64748b}.start{fill:#0c4a6e}}"""


class _Box(NamedTuple):
    x: float
    y: float
    width: float


def svg(data: Data) -> str:
    """Returns a picture of the induced subgraph: sources at the left, what stands on them at the right."""
    edges = [edge for edge in drawn(data) if edge["from"] != edge["to"]]
    layers = _layers([node["ref"] for node in data["nodes"]], edges)
    boxes, width, height = _placed(layers)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        ),
        "<title>Lineage</title>",
        f"<style>{_STYLE}</style>",
        *(_curve(edge, boxes) for edge in edges),
        *(_box(node, boxes[node["ref"]]) for node in data["nodes"]),
        "</svg>",
    ]
    return "\n".join(parts)


def _layers(refs: Sequence[str], edges: Sequence[Data]) -> list[list[str]]:
    """Returns the nodes by layer, left to right: longest way from a source, cycles cut where they close; then sorted to cross less."""
    inputs: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        inputs[edge["to"]].append(edge["from"])
    depth = _depths(refs, inputs)
    layers: defaultdict[int, list[str]] = defaultdict(list)
    for ref in sorted(depth):
        layers[depth[ref]].append(ref)
    return _untangled([layers[d] for d in sorted(layers)], edges)


def _depths(refs: Sequence[str], inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for root in refs:
        stack = [(root, iter(inputs.get(root, ())))] if root not in depth else []
        path = {root}
        while stack:
            ref, waiting = stack[-1]
            following = next((n for n in waiting if n not in depth and n not in path), None)
            if following is not None:
                path.add(following)
                stack.append((following, iter(inputs.get(following, ()))))
                continue
            depth[ref] = 1 + max((depth[n] for n in inputs.get(ref, ()) if n in depth), default=-1)
            path.discard(ref)
            stack.pop()
    return depth


def _untangled(layers: list[list[str]], edges: Sequence[Data]) -> list[list[str]]:
    """Orders each layer by the mean place of its neighbours, to and fro a few times."""
    near: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        near[edge["from"]].add(edge["to"])
        near[edge["to"]].add(edge["from"])
    for sweep in range(_SWEEPS):
        order = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        place = {ref: i for layer in layers for i, ref in enumerate(layer)}
        for index in order:
            layers[index].sort(key=lambda ref: (_mean([place[n] for n in near[ref]], place[ref]), ref))
            place.update({ref: i for i, ref in enumerate(layers[index])})
    return layers


def _mean(values: Sequence[int], otherwise: int) -> float:
    return sum(values) / len(values) if values else otherwise


def _placed(layers: Sequence[Sequence[str]]) -> tuple[dict[str, _Box], float, float]:
    boxes: dict[str, _Box] = {}
    tallest = max((len(layer) for layer in layers), default=1)
    x = float(_PAD)
    for layer in layers:
        width = max(len(_short(ref)) for ref in layer) * _CHAR + 16
        top = _PAD + (tallest - len(layer)) * _ROW / 2
        for i, ref in enumerate(layer):
            boxes[ref] = _Box(x, top + i * _ROW, width)
        x += width + _GAP
    return boxes, x - _GAP + _PAD if layers else 2 * _PAD, tallest * _ROW + 2 * _PAD


def _short(ref: str) -> str:
    return ref if len(ref) <= _MAX_CHARS else "…" + ref[1 - _MAX_CHARS :]


def _plain(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text))


def _notes(of: Data) -> str:
    return "".join(f"\n{_plain(line)}" for line in of.get("notes", ()))


def _box(node: Data, box: _Box) -> str:
    start = ' class="start"' if node["hops"] == 0 else ""
    return (
        f"<g><title>{_plain(node['ref'])} ({_plain(node['kind'])}){_notes(node)}</title>"
        f'<rect{start} x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{_BOX}" rx="4"/>'
        f'<text x="{box.x + 8:.1f}" y="{box.y + 16:.1f}">{_plain(_short(node["ref"]))}</text></g>'
    )


def _curve(edge: Data, boxes: Mapping[str, _Box]) -> str:
    a, b = boxes[edge["from"]], boxes[edge["to"]]
    x1, y1, x2, y2 = a.x + a.width, a.y + _BOX / 2, b.x, b.y + _BOX / 2
    bend = max(40.0, (x2 - x1) / 2)  # back along a cycle it stays small, so that the curve stays in the picture
    rows = edge["type"] in ("INFLUENCED_BY", "DEPENDS_ON")
    sure = edge.get("exactness", "exact") in ("exact", "declared")
    classes = " ".join(name for name, on in (("rows", rows), ("guess", not sure)) if on)
    return (
        f"<path{f' class={chr(34)}{classes}{chr(34)}' if classes else ''} "
        f'd="M{x1:.1f},{y1:.1f} C{x1 + bend:.1f},{y1:.1f} {x2 - bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}">'
        f"<title>{_plain(label_of(edge))}{_notes(edge)}</title></path>"
    )
