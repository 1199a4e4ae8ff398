"""What the classic glossary of Microsoft Purview exports.

`Name` is the formal name, of a child `PARENT_CHILD`; `Nick Name` is shown. Lists are separated by `;`, people are
`ADDRESS:REMARK`, resources `NAME:ADDRESS`, attributes of a template stand in columns `[Attribute][TEMPLATE]NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary import fields as f
from ingestors.glossary.own import read_own
from ingestors.glossary.rows import Row
from ingestors.glossary.shapes import Place, Shape

_EXPECTED: Final = "the formal name of a term"
_ATTRIBUTE: Final = "[attribute]"
_TRUE: Final = frozenset({"true", "yes", "1"})


def _people(role: str) -> f.Field:
    def take(row: Row, value: Any, origin: Origin) -> None:
        for one in f.listed(value):
            who, _, remark = one.partition(":")
            f.agent(row, role, who.strip() or one)
            if remark.strip() and remark.strip().casefold() != role:
                row.meta.setdefault(f"{role} remarks", {})[who.strip()] = remark.strip()

    return take


def _resources(row: Row, value: Any, origin: Origin) -> None:
    found = []
    for one in f.listed(value):
        name, _, address = one.partition(":")
        found.append({"name": name.strip(), "endpoint": address.strip()})
    row.meta["resources"] = found


def _acronym(row: Row, value: Any, origin: Origin) -> None:
    first, *more = f.listed(value, ",;\n")
    row.texts["abbreviation"] = first
    if more:
        row.lists.setdefault("synonyms", []).extend(more)


def _other(column: str) -> f.Field | None:
    head, bracket, name = column.strip().rpartition("]")
    if not column.strip().casefold().startswith(_ATTRIBUTE) or not bracket:
        return None
    template = head.partition("][")[2]
    return f.meta(f"{template}.{name}" if template else name)


def _finish(row: Row, record: Mapping[str, str], place: Place) -> list[Row]:
    if record.get("isdefinitionrichtext", "").strip().casefold() in _TRUE and "definition" in row.texts:
        row.texts["definition"] = f.prose(row.texts["definition"])
    if row.texts.get("title") == row.name:
        del row.texts["title"]
    return [row]


PURVIEW: Final = Shape(
    "purview",
    tuple(
        frozenset({"name", "nick name", sign})
        for sign in ("parent term name", "term template names", "isdefinitionrichtext", "acronym")
    ),
    {
        "name": f.name,
        "nick name": f.text("title"),
        "definition": f.text("definition"),
        "isdefinitionrichtext": f.ignore,
        "isdefinitionrichtext(true/false)": f.ignore,
        "status": f.status(),
        "related terms": f.ties("related", read_own, _EXPECTED),
        "synonyms": f.ties("synonym_of", read_own, _EXPECTED, labels="synonyms"),
        "acronym": _acronym,
        "experts": _people("expert"),
        "stewards": _people("steward"),
        "resources": _resources,
        "parent term name": f.ties("broader", read_own, _EXPECTED),
        "term template names": f.meta("templates"),
    },
    other=_other,
    finish=_finish,
)
