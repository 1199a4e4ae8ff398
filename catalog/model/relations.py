"""Names of relations between terms, as people and files write them, and the edges that they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Relation(NamedTuple):
    """An edge between two terms. `inverse`: it begins at the other term."""

    type: str
    subtype: str | None
    inverse: bool = False


_BROADER: Final = "BROADER"
_RELATED: Final = "RELATED"

RELATIONS: Final[Mapping[str, Relation]] = {
    "broader": Relation(_BROADER, None), "narrower": Relation(_BROADER, None, True),
    "is_a": Relation(_BROADER, "is_a"), "has_types": Relation(_BROADER, "is_a", True),
    "part_of": Relation(_BROADER, "part_of"), "has_parts": Relation(_BROADER, "part_of", True),
    "instance_of": Relation(_BROADER, "instance_of"), "has_instances": Relation(_BROADER, "instance_of", True),
    "related": Relation(_RELATED, "related"), "see_also": Relation(_RELATED, "see_also"),
    "synonym_of": Relation(_RELATED, "synonym_of"), "antonym": Relation(_RELATED, "antonym"),
    "exact_match": Relation(_RELATED, "exact_match"), "close_match": Relation(_RELATED, "close_match"),
    "broad_match": Relation(_RELATED, "broad_match"), "narrow_match": Relation(_RELATED, "narrow_match"),
    "replaced_by": Relation(_RELATED, "replaced_by"), "replaces": Relation(_RELATED, "replaced_by", True),
    "translation_of": Relation(_RELATED, "translation_of"), "has_translations": Relation(_RELATED, "translation_of", True),
    "valid_value_of": Relation(_RELATED, "valid_value_of"), "has_valid_values": Relation(_RELATED, "valid_value_of", True),
    "preferred_to": Relation(_RELATED, "preferred_to"), "has_preferred": Relation(_RELATED, "preferred_to", True),
}  # fmt: skip


def relation(name: str) -> Relation:
    """Returns the edge of a name; one that is not known is a relation of that subtype."""
    return RELATIONS.get(name) or Relation(_RELATED, name)


def name_of(type_: str, subtype: str | None) -> str:
    """Returns the name of an edge, read from its start. Law: `relation(name_of(t, s))[:2] == (t, s)`."""
    names = (name for name, found in RELATIONS.items() if found == Relation(type_, subtype))
    return next(names, subtype or "related")
