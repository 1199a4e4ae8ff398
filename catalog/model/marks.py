"""What a field is to the stores: marks that stand in `Annotated`, next to the type."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic.fields import FieldInfo


class Mark(Enum):
    """How a field is stored."""

    KEY = "key"
    """Part of the identity, in the order of the class."""
    INDEXED = "indexed"
    """Looked up by equality; at most `MAX_INDEXED_BYTES` long."""
    SEARCHED = "searched"
    """Its words are found by `search`."""


class Merge(Enum):
    """How several open claims about one field become one value. Unmarked fields take the claim of the highest standing."""

    LEAST = "least"
    GREATEST = "greatest"
    RANK = "rank"
    """A terminal state beats one that is not, FAIL and ABORT beat COMPLETE."""
    UNION = "union"
    """Lists are united, ordered by code point."""


class Standing(Enum):
    """Who said it. Human over declared over inferred."""

    HUMAN = 0
    DECLARED = 1
    INFERRED = 2


MAX_INDEXED_BYTES = 4000

INFERRED_HEADS = frozenset({"sql", "run", "job"})
"""First components of scopes whose facts were concluded from what ran, not written down by someone."""

RUN_STATES = ("OTHER", "START", "RUNNING", "COMPLETE", "ABORT", "FAIL")
"""From weakest to strongest, as `Merge.RANK` compares them."""


def standing(scope: tuple[str, ...]) -> Standing:
    """Returns the standing of what a scope says."""
    if scope[0] == "human":
        return Standing.HUMAN
    return Standing.INFERRED if scope[0] in INFERRED_HEADS else Standing.DECLARED


def mark_of(field: FieldInfo, kind: type[Any]) -> Any:
    """Returns the mark of that kind in a field's annotation, or None."""
    return next((m for m in field.metadata if isinstance(m, kind)), None)


def marks_of(field: FieldInfo) -> frozenset[Mark]:
    """Returns all storage marks of a field."""
    return frozenset(m for m in field.metadata if isinstance(m, Mark))
