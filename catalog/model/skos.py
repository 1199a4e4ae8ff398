"""How a glossary is said in SKOS: which property of RDF is which of ours, for what writes it and what reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PREFIXES: Final[Mapping[str, str]] = {
    "dct": "http://purl.org/dc/terms/",
    "hv": "hw:vocab:",
    "isothes": "http://purl.org/iso25964/skos-thes#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
"""`hv` holds what SKOS has no word for. What has no address of its own is called by its urn."""

LISTS: Final[Mapping[str, str]] = {
    "synonyms": "skos:altLabel", "hidden_labels": "skos:hiddenLabel", "examples": "skos:example", "notes": "skos:note",
}  # fmt: skip
TEXTS: Final[Mapping[str, str]] = {
    "usage": "skos:scopeNote", "title": "hv:title", "abbreviation": "hv:abbreviation", "status": "hv:status",
    "status_by": "hv:statusBy", "status_at": "hv:statusAt", "status_note": "hv:statusNote",
    "sensitivity": "hv:sensitivity", "steward": "hv:steward",
}  # fmt: skip
RELATIONS: Final[Mapping[str, str]] = {
    "broader": "skos:broader", "narrower": "skos:narrower",
    "is_a": "isothes:broaderGeneric", "has_types": "isothes:narrowerGeneric",
    "part_of": "isothes:broaderPartitive", "has_parts": "isothes:narrowerPartitive",
    "instance_of": "isothes:broaderInstantial", "has_instances": "isothes:narrowerInstantial",
    "related": "skos:related", "see_also": "rdfs:seeAlso", "exact_match": "skos:exactMatch",
    "close_match": "skos:closeMatch", "broad_match": "skos:broadMatch", "narrow_match": "skos:narrowMatch",
    "replaced_by": "dct:isReplacedBy", "replaces": "dct:replaces", "synonym_of": "hv:synonymOf", "antonym": "hv:antonym",
    "translation_of": "hv:translationOf", "valid_value_of": "hv:validValueOf", "preferred_to": "hv:preferredTo",
}  # fmt: skip
"""Names of relations. The kinds of broader imply `skos:broader`, which is written besides."""

OTHER_RELATION: Final = "hw:relation:"
"""Before the percent-encoded word of a relation that has no property here."""

KINDS_OF_BROADER: Final[Mapping[str, str]] = {
    "is_a": "broader", "part_of": "broader", "instance_of": "broader",
    "has_types": "narrower", "has_parts": "narrower", "has_instances": "narrower",
}  # fmt: skip

KEPT: Final = (
    "skos:changeNote", "skos:editorialNote", "skos:historyNote", "skos:notation", "skos:relatedMatch", *(
        RELATIONS[name] for name in ("exact_match", "close_match", "broad_match", "narrow_match", "see_also")
    ),
)  # fmt: skip
"""Properties that are kept among the other fields of a term; of relations, those to what is no term here."""

LABEL, DEFINITION, META, ANSWERS, TAG, ORDER = (
    "skos:prefLabel", "skos:definition", "hv:meta", "hv:answers", "hv:tag", "hv:order",
)  # fmt: skip


def expanded(name: str) -> str:
    """Returns the address of a property that is written with a prefix."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
