"""A glossary as a table in our own shape, which `glossary import` reads back as it was.

A cell that a spreadsheet would run as a formula begins with an apostrophe, which the reader takes off again.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.glossary.vocabulary import Vocabulary, Word
from catalog.model.names import Urn
from catalog.model.relations import RELATIONS
from catalog.refs import Refs, encode

_TEXTS: Final = (
    "title", "definition", "abbreviation", "status", "status_by", "status_at", "status_note", "sensitivity", "steward",
    "usage", "iri",
)  # fmt: skip
_LISTS: Final = ("synonyms", "labels", "hidden_labels", "definitions", "examples", "notes")
_ABOUT: Final = ("description", "language", "iri")
_ROLES: Final = ("steward", "owner", "expert", "reviewer")
_ROLE: Final = "answers: {}"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_QUOTED: Final = re.compile(r'[;\n\r"]|^\s|\s$')


def glossary_csv(refs: Refs, vocabularies: Iterable[Vocabulary]) -> str:
    """Returns the terms of glossaries, one on each row, in columns that at least one of them fills."""
    words = [(v, word) for v in vocabularies for word in v.words]
    texts = refs.texts([urn for _, word in words for urn, _ in word.assigned])
    rows = [_row(vocabulary.name, word, texts) | _about(vocabulary, word) for vocabulary, word in words]
    filled = {column for row in rows for column, text in row.items() if text}
    order = list(dict.fromkeys(["term", "glossary", *_order(rows)]))
    columns = [column for column in order if column in filled or column in ("term", "definition")]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, extrasaction="ignore", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({column: _safe(text) for column, text in row.items()} for row in rows)
    return buffer.getvalue()


def _about(vocabulary: Vocabulary, word: Word) -> dict[str, str]:
    """Returns what is said of the glossary, in the row of its first term."""
    if word is not vocabulary.words[0]:
        return {}
    return {f"glossary_{name}": vocabulary.said[name] for name in _ABOUT if vocabulary.said.get(name)}


def _order(rows: Iterable[Mapping[str, str]]) -> list[str]:
    known = [*_TEXTS, *_LISTS, *RELATIONS, *(f"{role}s" for role in _ROLES), "tags", "assignments", "meta", "implied"]
    others = sorted({column for row in rows for column in row} - {*known, "term", "glossary"})
    return ["definition", *known, *others]


def _row(glossary: str, word: Word, texts: Mapping[Urn, str]) -> dict[str, str]:
    said = word.said
    row = {"term": word.urn.name, "glossary": glossary, "meta": said.get("meta") or ""}
    row |= {"implied": "yes"} if word.implied else {}
    row |= {name: said[name] for name in _TEXTS if said.get(name)}
    lists: dict[str, list[str]] = {name: list(said[name]) for name in _LISTS if said.get(name)}
    for name, other in word.ties:
        lists.setdefault(name if name in RELATIONS else f"related: {name}", []).append(_other(glossary, other))
    for role, agent in word.agents:
        if (role, agent.name) != ("steward", said.get("steward")):
            lists.setdefault(f"{role}s" if role in _ROLES else _ROLE.format(role), []).append(agent.name)
    if word.tags:
        lists["tags"] = ["/".join(_encoded(part) for part in tag.parts if part) for tag in word.tags]
    if word.assigned:
        row["assignments"] = json.dumps(
            [_assignment(urn, said, texts) for urn, said in word.assigned], ensure_ascii=False
        )
    return row | {name: ";".join(map(_item, items)) for name, items in lists.items()}


def _assignment(urn: Urn, said: Mapping[str, Any], texts: Mapping[Urn, str]) -> dict[str, Any]:
    kept = {key: value for key, value in sorted(said.items()) if key not in ("exactness", "reason")}
    return {"ref": texts[urn], "urn": str(urn), **kept}


def _other(glossary: str, other: Urn) -> str:
    if other.namespace == glossary and not other.name.startswith("term:"):
        return other.name
    return f"term:{_encoded(other.namespace)}/{encode(other.name)}"


def _encoded(text: str) -> str:
    return encode(text).replace("/", "%2F")


def _item(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _safe(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
