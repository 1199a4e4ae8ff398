"""What follows from claims and is stored beside them: the same in every store. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from catalog.model.edges import HasColumn
from catalog.model.errors import RefusedError
from catalog.model.facts import Fact, Scope
from catalog.model.instants import Instant
from catalog.model.marks import MAX_INDEXED_BYTES
from catalog.model.names import Urn, dataset_of
from catalog.model.nodes import Node
from catalog.store.merging import in_force, indexed_fields
from catalog.store.port import Span

DERIVED_SCOPE: Final[Scope] = ("derived",)
"""Scope of edges that follow from others, HAS_COLUMN above all. They are walked and shown, and are in no log and no export."""


def check_indexed(fact: Fact) -> None:
    """Refuses text that an index cannot hold.

    Raises:
        RefusedError: a key or an indexed property is over `MAX_INDEXED_BYTES`.
    """
    if len(fact.body) * 4 <= MAX_INDEXED_BYTES:
        return  # a character is at most four bytes, and the body holds all of it
    element = fact.element
    if not isinstance(element, Node):
        texts = [str(element.start), str(element.end)]
    else:
        properties = element.properties()
        texts = [str(element.urn), *(str(properties.get(name, "")) for name in indexed_fields(type(element)))]
    for text in texts:
        if len(text.encode()) > MAX_INDEXED_BYTES:
            raise RefusedError(
                f"{fact.origin or 'a fact'}: {text[:60]!r}... is {len(text.encode())} bytes long: "
                f"expected at most {MAX_INDEXED_BYTES} for a name or an indexed property. Shorten it at the source."
            )


def closed_since(spans: Sequence[Sequence[Span]], as_of: Instant | None) -> Instant | None:
    """Returns when the last of these claims ended, or None if one holds at the time or none has ended by then."""
    if any(in_force(s, as_of) for s in spans):
        return None
    ends = [end for s in spans for _, end in s if end is not None and (as_of is None or end <= as_of)]
    return max(ends, default=None)


def has_column(urn: Urn) -> Fact:
    """Returns the derived fact that a data set has a column."""
    return Fact(HasColumn(start=dataset_of(urn), end=urn))
