"""Alation's data dictionary as CSV: terms and glossaries of a document hub, and columns with the terms that they bear.

`al_datadict_item_properties` is `oid=7;otype=glossary_term`; a field that holds objects is headed `FIELD:TYPE`, people `FIELD:user`
or `FIELD:groupprofile`; `_` stands for an empty value. The key of a column is `SOURCE.SCHEMA.TABLE.COLUMN`, a part with a dot in
double quotes, and begins with the number of the data source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from catalog.model.relations import RELATIONS
from ingestors.glossary import fields as f
from ingestors.glossary.own import read_own
from ingestors.glossary.rows import Asset, Row, split_cell
from ingestors.glossary.shapes import Place, Shape, folded

_ITEM: Final = "al datadict item properties"
_TYPED: Final = re.compile(r'"?(?P<field>.+?)"?:(?P<type>[a-z_]+)')
_PEOPLE: Final = frozenset({"user", "groupprofile", "group"})
_TERMS: Final = frozenset({"glossary_term", "term", "document", "article"})
_GLOSSARIES: Final = frozenset({"glossary_v3", "glossary", "document_folder", "folder"})
_DATA: Final = frozenset({"attribute", "table", "column"})
_ROLES: Final[Mapping[str, str]] = {"expert": "expert", "owner": "owner", "reviewer": "reviewer", "steward": "steward"}
_EXPECTED: Final = "the title of a term"


def _kind(record: Mapping[str, str]) -> str:
    pairs = (pair.partition("=") for pair in record.get(_ITEM, "").split(";"))
    return next((said.strip() for key, _, said in pairs if key.strip() == "otype"), "glossary_term")


def _other(column: str) -> f.Field | None:
    typed = _TYPED.fullmatch(column.strip())
    if typed is None:
        bare = column.strip().strip('"')
        return _PLAIN.get(folded(bare)) or f.meta(bare)
    field, kind = folded(typed["field"]), typed["type"]
    if kind in _PEOPLE:
        return f.agents(next((role for word, role in _ROLES.items() if word in field), field))
    if kind in _TERMS:
        relation = field.replace(" ", "_")
        return f.ties(relation if relation in RELATIONS else "related", read_own, _EXPECTED)
    return _data("dataset" if kind == "table" else "column") if kind in _DATA else None


_PLAIN: Final[Mapping[str, f.Field]] = {
    "status": f.status(strict=False),
    "term status": f.status(strict=False),
    "synonyms": f.items("synonyms"),
    "abbreviation": f.text("abbreviation"),
    "acronym": f.text("abbreviation"),
    "examples": f.items("examples", "\n"),
    "usage": f.text("usage"),
    "sensitivity": f.text("sensitivity"),
    "tags": f.tags(),
}


def _data(kind: str) -> f.Field:
    def take(row: Row, value: Any, origin: Origin) -> None:
        row.assets += [Asset(">".join(split_cell(one, ".")), origin, None, kind) for one in f.listed(value)]

    return take


def _finish(row: Row, record: Mapping[str, str], place: Place) -> list[Row]:
    kind, title = _kind(record), record.get("title", "").strip()
    if kind in _TERMS:
        row.name = title
        return [row]
    if kind in _GLOSSARIES:
        description = row.texts.get("definition", "")
        return [Row(row.origin, about={"glossary": title, **({"description": description} if description else {})})]
    if kind not in _DATA:
        return []
    key = ">".join(split_cell(record.get("key", ""), "."))
    what = "dataset" if kind == "table" else "column"
    return [
        Row(row.origin, tie.other.path[-1], stated=False, assets=[Asset(key, tie.origin, None, what)])
        for tie in row.ties
    ]


def _cell(text: str) -> str:
    return "" if text.strip() == "_" else text


ALATION: Final = Shape(
    "alation",
    (frozenset({_ITEM}),),
    {
        _ITEM: f.meta("object"),
        "key": f.ignore,
        "title": f.ignore,
        "description": f.text("definition"),
        "al datadict item column data type": f.ignore,
    },
    other=_other,
    finish=_finish,
    cell=_cell,
)
