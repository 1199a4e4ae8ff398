"""Ties of identity in a picture: an answer has them both ways, a picture draws each once, away from where it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

Data = Mapping[str, Any]
_TIES: Final = frozenset({"ALIAS_OF", "SAME_CONTENT"})


def drawn(data: Data) -> list[Data]:
    """Returns the edges without those ties that lead back: their mirror image is drawn instead."""
    ties = {(edge["type"], edge["from"], edge["to"]) for edge in data["edges"] if edge["type"] in _TIES}
    if not ties:
        return list(data["edges"])
    hops = {node["ref"]: node["hops"] for node in data["nodes"]}
    down = _downstream(data)

    def leads_back(edge: Data) -> bool:
        if (edge["type"], edge["to"], edge["from"]) not in ties:
            return False
        near, far = sorted((edge["from"], edge["to"]), key=lambda ref: (hops.get(ref, 0), ref))
        return bool((edge["from"], edge["to"]) != ((near, far) if far in down else (far, near)))

    return [edge for edge in data["edges"] if edge["from"] != edge["to"] and not leads_back(edge)]


def _downstream(data: Data) -> set[str]:
    """Returns what stands on the starts, themselves included."""
    onward: defaultdict[str, list[str]] = defaultdict(list)
    for edge in data["edges"]:
        onward[edge["from"]].append(edge["to"])
    found = {node["ref"] for node in data["nodes"] if node["hops"] == 0}
    waiting = list(found)
    while waiting:
        for ref in onward[waiting.pop()]:
            if ref not in found:
                found.add(ref)
                waiting.append(ref)
    return found
