"""The template by which Apache Atlas imports terms in bulk.

Lists are separated by `|`; a related term is `GLOSSARY:TERM` (in its API `TERM@GLOSSARY`), further attributes are `KEY:VALUE`.
A row may end before the header does. Atlas knows no hierarchy of terms but is-a.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary import fields as f
from ingestors.glossary.rows import Row, TermRef
from ingestors.glossary.shapes import Place, Shape

_BAR: Final = "|"
_EXPECTED: Final = "GLOSSARY:TERM"


def read_ref(text: str) -> TermRef | None:
    """Reads `GLOSSARY:TERM` or `TERM@GLOSSARY`."""
    glossary, colon, name = (part.strip() for part in text.partition(":"))
    if not colon:
        name, _, glossary = (part.strip() for part in text.rpartition("@"))
    return TermRef(text, (name,), glossary) if name and glossary else None


def _ties(relation: str) -> f.Field:
    return f.ties(relation, read_ref, _EXPECTED, _BAR)


def _attributes(row: Row, value: Any, origin: Origin) -> None:
    for one in f.listed(value, _BAR):
        key, colon, said = (part.strip() for part in one.partition(":"))
        if colon and key:
            row.meta[key] = said
        else:
            row.skip("unreadable", f"{one[:200]!r} is no attribute: expected KEY:VALUE", origin)


def _finish(row: Row, record: Mapping[str, str], place: Place) -> list[Row]:
    row.glossary = record.get("glossaryname", "").strip() or None
    if row.glossary is None:
        row.skip("unreadable", "the row names no glossary: expected its name", place("GlossaryName"))
    brief = record.get("shortdescription", "").strip()
    if brief and row.texts.setdefault("definition", brief) != brief:
        row.meta["ShortDescription"] = brief
    return [row]


ATLAS: Final = Shape(
    "atlas",
    (frozenset({"glossaryname", "termname"}),),
    {
        "glossaryname": f.ignore,
        "termname": f.name,
        "shortdescription": f.ignore,
        "longdescription": f.text("definition"),
        "examples": f.items("examples", _BAR),
        "abbreviation": f.text("abbreviation"),
        "usage": f.text("usage"),
        "additionalattributes": _attributes,
        "translationterms": _ties("has_translations"),
        "translatedterms": _ties("translation_of"),
        "validvaluesfor": _ties("valid_value_of"),
        "validvalues": _ties("has_valid_values"),
        "synonyms": _ties("synonym_of"),
        "replacedby": _ties("replaced_by"),
        "replacementterms": _ties("replaces"),
        "seealso": _ties("see_also"),
        "isa": _ties("is_a"),
        "classifies": _ties("has_types"),
        "antonyms": _ties("antonym"),
        "preferredtoterms": _ties("preferred_to"),
        "preferredterms": _ties("has_preferred"),
    },
    finish=_finish,
    short_rows=True,
)
