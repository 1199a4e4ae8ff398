"""Our own files: one row or entry for each term, lists separated by `;` or line breaks, items with these in double quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from catalog.model.relations import RELATIONS
from ingestors.glossary import fields as f
from ingestors.glossary.rows import Row, TermRef
from ingestors.glossary.shapes import Place, Shape, folded

_ESCAPED: Final = re.compile("%(23|25|2F|40)")
_FORMULA: Final = re.compile(r"'+[=+\-@\t\r]")


def read_own(text: str) -> TermRef | None:
    """Reads a name, or `term:GLOSSARY/NAME` for a term of another glossary."""
    if text.startswith("term:") and "/" in text:
        glossary, _, name = text.removeprefix("term:").partition("/")
        return TermRef(text, (_decoded(name),), _decoded(glossary)) if glossary and name else None
    return TermRef(text, (text,))


def _decoded(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _tags(row: Row, value: Any, origin: Origin) -> None:
    for one in f.listed(value):
        space, _, name = one.rpartition("/")
        row.tags.append((_decoded(space), _decoded(name)) if name else ("", _decoded(one)))


_EXPECTED: Final = "the name of a term, or term:GLOSSARY/NAME"
_TIES: Final = {folded(name): f.ties(name, read_own, _EXPECTED) for name in RELATIONS}
_TEXTS: Final = {
    folded(name): f.text(name)
    for name in (
        "title", "definition", "abbreviation", "usage", "sensitivity", "steward", "iri", "status_by", "status_at", "status_note",
    )
}  # fmt: skip
_LISTS: Final = {
    folded(name): f.items(name) for name in ("synonyms", "examples", "labels", "hidden_labels", "definitions", "notes")
}
_AGENTS: Final = {f"{role}s": f.agents(role) for role in ("steward", "owner", "expert", "reviewer")}
_SAME: Final[Mapping[str, str]] = {
    "description": "definition", "meaning": "definition",
    "synonym": "synonyms", "alt labels": "synonyms", "altlabel": "synonyms", "aliases": "synonyms",
    "acronym": "abbreviation", "abbreviations": "abbreviation",
    "parent": "broader", "parents": "broader", "broader term": "broader",
    "column": "columns", "assets": "columns", "data": "columns",
    "related terms": "related", "owner": "steward", "data steward": "steward", "expert": "experts",
    "example": "examples", "classification": "sensitivity", "note": "notes", "scope note": "usage", "tag": "tags",
}  # fmt: skip
"""Other words for our fields."""

NAMES: Final = ("name", "term", "label", "preferred label", "preflabel", "title")
"""Words for the column of the name; the first of these that a file has is it."""

_FIELDS: dict[str, f.Field] = {
    **_TEXTS, **_LISTS, **_TIES, **_AGENTS, "glossary": f.ignore, "status": f.status(), "tags": _tags, "columns": f.assets,
    "assignments": f.assignments,
}  # fmt: skip


def _about(target: str) -> f.Field:
    def take(row: Row, value: Any, origin: Origin) -> None:
        row.about[target] = f.plain(value)

    return take


def _implied(row: Row, value: Any, origin: Origin) -> None:
    row.stated = f.plain(value).casefold() not in ("yes", "true", "1")


_FIELDS |= {f"glossary {name}": _about(name) for name in ("description", "language", "iri")} | {"implied": _implied}


def _finish(row: Row, record: Mapping[str, str], _: Place) -> list[Row]:
    named = [column for column in NAMES if record.get(column, "").strip()]
    if named:
        row.name = record[named[0]].strip()
        if named[0] == "title":
            row.texts.pop("title", None)
    row.glossary = record.get("glossary", "").strip() or None
    for column in set(row.meta):
        if folded(column) in named[:1]:
            del row.meta[column]
    if isinstance(row.meta.get("meta"), str):  # as `glossary export` writes it
        row.meta |= f.json_object(row.meta.pop("meta"))
    return [row]


def _other(column: str) -> f.Field | None:
    """A column `related: WORD` holds terms that are related in another way, `answers: ROLE` people in another role."""
    head, _, word = (part.strip() for part in column.partition(":"))
    if word and folded(head) == "related":
        return f.ties(word, read_own, _EXPECTED)
    return f.agents(word) if word and folded(head) == "answers" else None


def _cell(text: str) -> str:
    """Returns a cell without the mark that keeps spreadsheets from running it."""
    return text[1:] if _FORMULA.match(text) else text


OWN: Final = Shape(
    "headwater",
    (),
    {**_FIELDS, **{word: _FIELDS[target] for word, target in _SAME.items()}},
    other=_other,
    finish=_finish,
    cell=_cell,
)
