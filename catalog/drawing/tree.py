"""A lineage answer as two trees for a terminal: what a thing stands on, and what stands on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalog.drawing.ties import drawn

Data = Mapping[str, Any]
_MARKS: Final = {"exact": "", "over_approximate": " ~", "guessed": " ?", "declared": " (declared)"}
MAX_LINES: Final = 2000


def tree(data: Data) -> str:
    """Returns the answer as text: a tree up and a tree down from each start; a node drawn before is named again, not its branches.

    `~` marks an over-approximate step, `?` a guessed one. Cut after `MAX_LINES` lines, and says so.
    """
    up, down = _sides(drawn(data))
    starts = [node["ref"] for node in data["nodes"] if node["hops"] == 0]
    lines: list[str] = []
    for ref in [ref for ref in starts if ref in up or ref in down] or starts:
        lines.append(ref)
        for title, side in (("stands on", up), ("is stood on by", down)):
            if side.get(ref):
                lines.append(f"  {title}")
                _branches(ref, side, lines)
        if not up.get(ref) and not down.get(ref):
            lines.append("  nothing is known that way")
    if len(lines) > MAX_LINES:
        more = len(lines) - MAX_LINES
        lines = [*lines[:MAX_LINES], f"... and {more} lines more: --format json has all of it"]
    return "\n".join(lines)


def _sides(edges: Sequence[Data]) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[tuple[str, str]]]]:
    """Returns, for each node, its neighbours up and down with the label of the edge."""
    up: defaultdict[str, dict[str, str]] = defaultdict(dict)
    down: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for edge in edges:
        label = "; ".join([label_of(edge), *edge.get("notes", ())])
        for side, near, far in ((up, edge["to"], edge["from"]), (down, edge["from"], edge["to"])):
            side[near][far] = f"{side[near][far]}, {label}" if far in side[near] else label
    return (
        {ref: sorted(found.items()) for ref, found in up.items()},
        {ref: sorted(found.items()) for ref, found in down.items()},
    )


def label_of(edge: Data) -> str:
    """Returns what an edge says in a few letters: its subtype, else its type, and how sure it is."""
    name = edge.get("subtype") or edge["type"].lower().replace("_", " ")
    via = ", ".join(edge.get("via") or ())
    return f"{name}{_MARKS.get(edge.get('exactness', 'exact'), '')}{f' via {via}' if via else ''}"


def _branches(start: str, side: Mapping[str, Sequence[tuple[str, str]]], lines: list[str]) -> None:
    """Draws depth first with a stack of its own: the deepest chain costs no recursion."""
    drawn = {start}
    stack = [("    ", list(side[start]))]
    while stack and len(lines) <= MAX_LINES:
        indent, waiting = stack[-1]
        if not waiting:
            stack.pop()
            continue
        ref, label = waiting.pop(0)
        last = not waiting
        again = ref in drawn and bool(side.get(ref))
        lines.append(f"{indent}{'└─' if last else '├─'} {ref}  [{label}]{' (above)' if again else ''}")
        if ref not in drawn and side.get(ref):
            stack.append((indent + ("   " if last else "│  "), list(side[ref])))
        drawn.add(ref)
