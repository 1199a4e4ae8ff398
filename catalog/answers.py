"""The form of answers: the envelope around them and the pieces that several share. Deterministic: equal graphs, equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.links import Link, Statement
from catalog.model.facts import write_scope
from catalog.model.instants import TIES, Instant, show
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.store.merging import in_force
from catalog.store.port import Claim, NodeState

Data = dict[str, Any]
"""JSON-ready."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question found.

    Attributes:
        command: Name of the schema without `headwater.` and version, e.g. `lineage`.
        complete: False if a limit of the caller's cut it or something on the way is known to be missing.
    """

    command: str
    data: Data
    as_of: Instant | None = None
    complete: bool = True
    warnings: tuple[str, ...] = ()

    def envelope(self, generated_at: str) -> Data:
        """Returns the JSON answer.

        Args:
            generated_at: The caller's clock, ISO 8601 in UTC.
        """
        return {
            "schema": f"headwater.{self.command}/1",
            "generatedAt": generated_at,
            "asOf": None if self.as_of is None else show_as_of(self.as_of),
            "complete": self.complete,
            "warnings": list(self.warnings),
            "data": self.data,
        }


def show_as_of(at: Instant) -> str:
    """Returns the time of a question; that it means the last of the ties at its stamp goes without saying."""
    return show(at).removesuffix(f"#{TIES - 1}")


def label(urn: Urn) -> str:
    """Returns the kind as answers write it, e.g. `DatasetVersion`."""
    return BY_KIND[urn.kind].label()


def node(texts: Mapping[Urn, str], urn: Urn, **more: Any) -> Data:
    """Returns a node of an answer."""
    return {"ref": texts[urn], "urn": str(urn), "kind": label(urn), **more}


def edge(texts: Mapping[Urn, str], link: Link, as_of: Instant | None) -> Data:
    """Returns an edge of an answer: `from` is the upstream end."""
    said = link.properties
    found = {
        "from": texts[link.end],
        "to": texts[link.start],
        "type": link.type,
        "subtype": link.subtype,
        "exactness": link.exactness,
    }
    found |= {camel(key): said[key] for key in ("reason", "masking", "by_star", "expression", "role") if key in said}
    return found | {"evidence": evidence(link.said, as_of)}


def evidence(said: Iterable[Statement], as_of: Instant | None) -> list[Data]:
    """Returns who says so, strongest first."""
    return [_piece(statement, as_of) for statement in said]


def _piece(said: Statement, as_of: Instant | None) -> Data:
    claim = said.claim
    piece = {
        "source": claim.scope[0],
        "scope": write_scope(claim.scope),
        "origin": claim.origin,
        **held(claim, as_of),
        "exactness": said.exactness,
    }
    piece |= {key: said.properties[key] for key in ("subtype", "reason") if key in said.properties}
    return piece | ({"denies": True} if said.denies else {})


def held(claim: Claim, as_of: Instant | None) -> Data:
    """Returns since and until when a claim held: the interval in force then, else the last.

    What ended it later was not known at `as_of`: a catalog given only what came up to then says the same.
    """
    start, end = in_force(claim.spans, as_of) or claim.spans[-1]
    later = as_of is not None and end is not None and end > as_of
    return {"since": show(start), "until": None if end is None or later else show(end)}


def camel(name: str) -> str:
    """Returns a property's name as answers write it: `data_type` is `dataType`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def closed_warnings(texts: Mapping[Urn, str], states: Mapping[Urn, NodeState]) -> list[str]:
    """Returns a sentence for each of these nodes that does not hold any more."""
    return [
        f"{texts[urn]} is closed since {show(state.closed_since)}."
        for urn, state in states.items()
        if state.closed_since is not None
    ]


def listed(items: Sequence[str], most: int = 3) -> str:
    """Returns a few of many as text, with how many more there are."""
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")
