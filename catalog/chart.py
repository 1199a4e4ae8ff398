"""A chart of data flow that somebody drew, against the lineage that is known: what agrees, what was never seen, what was not drawn.

A chart is a Mermaid flowchart whose labels are refs (as `headwater lineage --format mermaid` writes them), or a CSV with the columns
`from` and `to`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from typing import Final

from catalog.answers import Answer, Data
from catalog.lineage import Question, lineage
from catalog.model.errors import UsageError
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.store.port import Store

Arrow = tuple[str, str]
"""Refs: data flows from the first to the second."""

_LABEL: Final = re.compile(r"""([\w.-]+)\s*(?:\[\(|\(\[|\[\[|\[|\(|\{)"?([^"\])}]*)"?(?:\)\]|\]\)|\]\]|\]|\)|\})""")
_LINK: Final = re.compile(r"\s*(?:-\.+->|-{2,}>|={2,}>|--[^-|>]+-->|-\.[^.|>]+\.->)\s*(?:\|[^|]*\|)?\s*")
_NUMBERED: Final = re.compile(r"#(\d{1,7});")
_PASSED_OVER: Final = (
    "flowchart",
    "graph",
    "%%",
    "style",
    "classDef",
    "class ",
    "subgraph",
    "end",
    "direction",
    "linkStyle",
    "click",
)
MAX_ARROWS: Final = 10_000


def read_chart(text: str, place: str) -> list[Arrow]:
    """Returns the arrows of a chart.

    Raises:
        UsageError: there is none, or too many.
    """
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip().lower()
    arrows = list(
        dict.fromkeys(_table(text) if "," in first and {"from", "to"} <= set(first.split(",")) else _flowchart(text))
    )
    if not 0 < len(arrows) <= MAX_ARROWS:
        raise UsageError(
            f"{place}: {len(arrows)} arrows: expected 1 to {MAX_ARROWS}, as a Mermaid flowchart or a CSV with the columns from and to. Mend it."
        )
    return arrows


def _table(text: str) -> Iterator[Arrow]:
    for row in csv.DictReader(text.lstrip("\ufeff").splitlines()):
        said = {str(key).strip().lower(): (value or "").strip() for key, value in row.items() if isinstance(value, str)}
        if said.get("from") and said.get("to"):
            yield said["from"], said["to"]


def _flowchart(text: str) -> Iterator[Arrow]:
    labels: dict[str, str] = {}
    lines = [line.strip().rstrip(";") for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(_PASSED_OVER)]
    for line in lines:
        labels |= {name: _plain(label) for name, label in _LABEL.findall(line)}
    for line in lines:
        names = _LINK.split(_LABEL.sub(r"\1", line))
        groups = [[part.strip() for part in name.split("&")] for name in names]
        for nears, fars in pairwise(groups):
            yield from ((labels.get(a, a), labels.get(b, b)) for a in nears for b in fars if a and b)


def _plain(label: str) -> str:
    """Returns a label as text: Mermaid's `#44;` and HTML's entities as signs, what follows a break left out."""
    first = re.split(r"<br\s*/?>", label, maxsplit=1)[0]
    return unescape(_NUMBERED.sub(lambda found: chr(min(int(found[1]), 0x10FFFF)), first)).strip()


def compare_chart(store: Store, refs: Refs, arrows: list[Arrow]) -> Answer:
    """Returns which arrows between data sets agree with lineage, which were never seen, and what is known and was not drawn.

    Known is what the drawn things stand on, whatever it is read for. A column counts as its data set.
    """
    named = {text: _found(refs, text) for arrow in arrows for text in arrow}
    known = {urn for urn in named.values() if urn is not None}
    observed = _observed(store, refs, known)
    texts = refs.texts(known)
    shown = {text: text if urn is None else texts[urn] for text, urn in named.items()}
    drawn = {(shown[a], shown[b]) for a, b in arrows}
    data: Data = {
        "agrees": _say(drawn & observed),
        "notObserved": _say(drawn - observed),
        "notDrawn": _say(observed - drawn),
        "unknown": sorted(text for text, urn in named.items() if urn is None),
    }
    return Answer("chart", data)


def _found(refs: Refs, text: str) -> Urn | None:
    urns = refs.candidates(text)
    return (dataset_of(urns[0]) if urns[0].kind == "column" else urns[0]) if len(urns) == 1 else None


def _observed(store: Store, refs: Refs, starts: set[Urn]) -> set[Arrow]:
    if not starts:
        return set()
    question = Question(tuple(sorted(starts)), direction="upstream", level="dataset", flow="table")
    return {
        (edge["from"], edge["to"])
        for edge in lineage(store, refs, question).data["edges"]
        if edge["from"] != edge["to"]
    }


def _say(arrows: set[Arrow]) -> list[Data]:
    return [{"from": a, "to": b} for a, b in sorted(arrows)]
