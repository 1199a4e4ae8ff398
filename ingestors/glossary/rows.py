"""Glossary files as rows: CSV with a header, or YAML with a list or a mapping of terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from ingestors.reading import Malformed, Reader

RELATIONS: Final = (
    "related", "exact_match", "close_match", "replaced_by", "translation_of", "valid_value_of", "antonym",
)  # fmt: skip
LISTS: Final = frozenset({"synonyms", "examples", "broader", "columns", *RELATIONS})
TEXTS: Final = frozenset({"name", "definition", "abbreviation", "status", "sensitivity", "steward"})
_SPELLINGS: Final[Mapping[str, str]] = {
    "term": "name", "label": "name", "preferred_label": "name", "preflabel": "name", "title": "name",
    "description": "definition", "meaning": "definition",
    "synonym": "synonyms", "alt_labels": "synonyms", "altlabel": "synonyms", "aliases": "synonyms",
    "acronym": "abbreviation", "abbreviations": "abbreviation",
    "parent": "broader", "parents": "broader", "broader_term": "broader",
    "column": "columns", "assets": "columns", "data": "columns",
    "related_terms": "related", "see_also": "related",
    "owner": "steward", "data_steward": "steward", "example": "examples", "classification": "sensitivity",
}  # fmt: skip
"""Other words for our fields; of several for one field the first in a row wins, the others are kept as they are."""


@dataclass(frozen=True, slots=True)
class Row:
    """One term as a file has it."""

    name: str
    origin: Origin
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    def meta_text(self) -> str | None:
        return json_text(self.meta) if self.meta else None


@dataclass(frozen=True, slots=True)
class Rows:
    """A file: its rows, what is no row, and what it says of the glossary itself."""

    rows: list[Row]
    skips: list[Skip]
    about: dict[str, str]


def read_rows(reader: Reader, path: Path, delimiter: str) -> Rows:
    """Reads a glossary file by its suffix.

    Raises:
        SourceError: it cannot be read, or is neither CSV nor YAML.
    """
    label = reader.label(path)
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return _collect(_csv(reader, path, label, "\t" if suffix == ".tsv" else delimiter), {})
    if suffix not in (".yaml", ".yml", ".json"):
        raise SourceError(label, f"{suffix!r} is no form of a glossary", "Write it as .csv, .yaml or .json.")
    document = reader.json(path) if suffix == ".json" else reader.yaml(path)
    about = document if isinstance(document, dict) and "terms" in document else {}
    terms = about.get("terms", document)
    if not isinstance(terms, (list, dict)):
        raise SourceError(label, "holds no terms", "Write a list under 'terms', or a mapping of names to fields.")
    said = {key: value for key, value in about.items() if key != "terms" and isinstance(value, str)}
    return _collect(_yaml(terms, label, "/terms" if about else ""), said)


def _collect(found: Iterator[Row | Skip], about: dict[str, str]) -> Rows:
    rows, skips = list[Row](), list[Skip]()
    for one in found:
        if isinstance(one, Row):
            rows.append(one)
        else:
            skips.append(one)
    return Rows(rows, skips, about)


def _csv(reader: Reader, path: Path, label: str, delimiter: str) -> Iterator[Row | Skip]:
    for number, record in reader.records(path, delimiter):
        origin = Origin(label, f"row {number}")
        if isinstance(record, Malformed):
            yield Skip("unreadable", f"the row {record.problem}", origin)
        elif any(value.strip() for value in record.values()):
            yield _row(record, origin)


def _yaml(terms: list[Any] | dict[str, Any], label: str, pointer: str) -> Iterator[Row | Skip]:
    if isinstance(terms, dict):
        named = ((key, value if isinstance(value, dict) else {"definition": value}) for key, value in terms.items())
        entries: Iterator[tuple[str, Any]] = ((_token(key), {"name": key, **value}) for key, value in named)
    else:
        entries = ((str(index), value) for index, value in enumerate(terms))
    for place, entry in entries:
        origin = Origin(label, f"{pointer}/{place}")
        if isinstance(entry, str):
            yield _row({"name": entry}, origin)
        elif isinstance(entry, dict):
            yield _row(entry, origin)
        else:
            yield Skip("unreadable", "the entry is no term", origin)


def _token(key: str) -> str:
    """Returns a key as it stands in a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _row(entry: Mapping[str, Any], origin: Origin) -> Row | Skip:
    texts, lists, meta = dict[str, str](), dict[str, list[str]](), dict[str, Any]()
    for key, value in entry.items():
        slug = key.strip().lower().replace(" ", "_").replace("-", "_")
        known = slug if slug in TEXTS | LISTS else _SPELLINGS.get(slug, "")
        if known in LISTS and known not in lists:
            lists[known] = _items(value)
        elif known in TEXTS and known not in texts and not isinstance(value, (list, dict)):
            texts[known] = _text(value)
        elif value not in (None, "", [], {}):
            meta[key] = value
    name = texts.pop("name", "")
    if not name:
        return Skip("unreadable", "the row has no name of a term", origin)
    return Row(name, origin, {key: text for key, text in texts.items() if text}, lists, meta)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _items(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else _text(value).replace("\n", ";").split(";")
    return list(dict.fromkeys(text for part in parts if (text := _text(part))))
