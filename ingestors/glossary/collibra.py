"""What Collibra exports of a view of business terms.

A domain is the glossary. Relations stand in columns `[Business Term] ROLE [Asset Type] > Full Name` (older: without the first
bracket), with further columns for the other's domain, type and so on. Several values of one cell are separated by `;` or stand in
further rows of the same asset. Definitions may be rich text. The full name of a column is `SYSTEM>DATABASE>SCHEMA>TABLE>COLUMN`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary import fields as f
from ingestors.glossary.rows import Asset, Row, TermRef, Tie
from ingestors.glossary.shapes import Place, Shape, folded

_RELATION: Final = re.compile(r"(?:\[[^\]]+\] )?(?P<role>[^\[\]]+) \[(?P<tail>[^\]]+)\](?: > (?P<what>.+))?")
_ROLES: Final[Mapping[str, str]] = {
    "synonym": "synonym_of", "synonym of": "synonym_of", "has synonym": "synonym_of", "is synonym of": "synonym_of",
    "antonym": "antonym", "has antonym": "antonym", "is antonym of": "antonym",
    "related to": "related", "is related to": "related", "relates to": "related", "see also": "see_also",
    "groups": "narrower", "is grouped by": "broader", "grouped by": "broader",
    "contains": "has_parts", "has part": "has_parts", "is part of": "part_of", "is contained in": "part_of",
    "classifies": "has_types", "is generalization of": "has_types", "is classified by": "is_a", "is type of": "is_a",
    "specializes": "is_a", "is a": "is_a", "replaces": "replaces", "is replaced by": "replaced_by",
    "allowed value": "has_valid_values", "has allowed value": "has_valid_values",
    "is allowed value of": "valid_value_of", "preferred over": "preferred_to", "is translation of": "translation_of",
}  # fmt: skip
_DATA: Final = frozenset(
    {"column", "table", "database view", "view", "file", "field", "data asset", "data attribute", "data element"}
)
_KINDS: Final[Mapping[str, str]] = dict.fromkeys(("table", "database view", "view", "file", "data asset"), "dataset")
_REPRESENTS: Final = re.compile(
    r"(is )?(represent|implement|describe|map|realiz)\w*( (by|in|to|of))?|has representation"
)
_NO_TERMS: Final = _DATA | {
    "acronym",
    "code value",
    "code set",
    "schema",
    "database",
    "system",
    "technology asset",
    "report",
}
_PEOPLE: Final[Mapping[str, str]] = {
    "business steward": "steward", "data steward": "steward", "steward": "steward", "owner": "owner",
    "business owner": "owner", "data owner": "owner", "subject matter expert": "expert", "stakeholder": "stakeholder",
}  # fmt: skip
_WHO: Final = ("", " > user name", " > username", " > email", " > email address", " > full name", " > name")


def _other(column: str) -> f.Field | None:
    """Relations and responsibilities are read together at last: their cells stand in several columns."""
    known = folded(column)
    about_someone = known.partition(" > ")[0] in _PEOPLE
    return f.ignore if about_someone or _RELATION.fullmatch(known) else None


def _finish(row: Row, record: Mapping[str, str], place: Place) -> list[Row]:
    kind = record.get("asset type", "").strip()
    if kind.casefold() in _NO_TERMS:
        return []
    if kind and kind.casefold() != "business term":
        row.meta["Asset Type"] = kind
    row.name = row.name or record.get("full name", "").strip().rpartition(">")[2].strip()
    row.glossary = record.get("domain", "").strip() or None
    definition = row.texts.get("definition", "")
    if definition.lstrip().startswith("<"):
        row.texts["definition"] = f.prose(definition)
    _people(row, record)
    _relations(row, record, place)
    return [row]


def _people(row: Row, record: Mapping[str, str]) -> None:
    for title, role in _PEOPLE.items():
        cell = next((record[title + who] for who in _WHO if record.get(title + who, "").strip()), "")
        for who in f.listed(cell):
            f.agent(row, role, who)


def _relations(row: Row, record: Mapping[str, str], place: Place) -> None:
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for column, cell in record.items():
        found = _RELATION.fullmatch(column)
        if found and cell.strip():
            groups.setdefault((found["role"], found["tail"]), {})[found["what"] or ""] = cell
    for (role, tail), cells in groups.items():
        origin = place(next(column for column in record if f"{role} [{tail}]" in column and record[column].strip()))
        _relation(row, role, tail, cells, origin)


def _relation(row: Row, role: str, tail: str, cells: Mapping[str, str], origin: Origin) -> None:
    names = f.listed(next((cells[what] for what in ("full name", "name", "") if cells.get(what)), ""))
    if tail == "acronym":
        _acronyms(row, names)
    elif tail in _DATA and _REPRESENTS.fullmatch(role):
        row.assets += [Asset(">".join(_parts(name)), origin, None, _KINDS.get(tail, "column")) for name in names]
    elif role in _ROLES and tail not in _DATA:
        for name, domain in zip(names, _each(f.listed(cells.get("domain", "")), len(names)), strict=False):
            row.ties.append(Tie(_ROLES[role], TermRef(name, (_parts(name)[-1],), domain), origin))
    else:
        row.meta[f"{role} [{tail}]"] = names


def _each(domains: list[str], count: int) -> list[str | None]:
    """Returns a domain for each name: one for all, or one each; the cell holds equal ones once."""
    if len(domains) == 1:
        return [domains[0]] * count
    return [*domains] if len(domains) == count else [None] * count


def _acronyms(row: Row, names: list[str]) -> None:
    for name in (_parts(one)[-1] for one in names):
        if row.texts.setdefault("abbreviation", name) != name:
            row.lists.setdefault("synonyms", []).append(name)


def _parts(full_name: str) -> list[str]:
    """Returns the parts of a full name, without the asset types that may stand behind them."""
    parts = (_untyped(part.strip()) for part in full_name.split(">"))
    return [part for part in parts if part] or [full_name]


def _untyped(part: str) -> str:
    return part[: part.rindex("(")].strip() if part.endswith(")") and "(" in part else part


def _tags(row: Row, value: Any, origin: Origin) -> None:
    f.tags(";,\n")(row, value, origin)


COLLIBRA: Final = Shape(
    "collibra",
    (frozenset({"asset type", "domain"}), frozenset({"full name", "asset type"}), frozenset({"asset id", "domain"})),
    {
        "name": f.name,
        "display name": f.ignore,
        "full name": f.ignore,
        "asset type": f.ignore,
        "domain": f.ignore,
        "domain type": f.ignore,
        "domain id": f.meta("Domain Id"),
        "community": f.meta("Community"),
        "asset id": f.meta("Asset Id"),
        "status": f.status(strict=False),
        "definition": f.text("definition"),
        "description": f.text("usage"),
        "descriptive example": f.items("examples", "\n"),
        "example": f.items("examples", "\n"),
        "note": f.items("notes", "\n"),
        "alias": f.items("synonyms"),
        "synonym": f.items("synonyms"),
        "acronym": f.text("abbreviation"),
        "tags": _tags,
    },
    other=_other,
    finish=_finish,
    continues=True,
)
