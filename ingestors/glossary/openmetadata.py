"""What OpenMetadata exports of one glossary.

Terms are named by their path, `Glossary.Parent.Term`, a part with a dot in double quotes; lists are separated by `;`. The file
does not say which glossary it is of, but for the first part of such paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary import fields as f
from ingestors.glossary.rows import Row, TermRef, split_cell
from ingestors.glossary.shapes import Place, Shape

_EXPECTED: Final = "GLOSSARY.TERM, with the terms that hold it between"
_RELATIONS: Final[Mapping[str, str]] = {
    "relatedto": "related", "synonym": "synonym_of", "broader": "broader", "narrower": "narrower", "antonym": "antonym",
    "partof": "part_of", "haspart": "has_parts", "seealso": "see_also", "typeof": "is_a", "hastypes": "has_types",
}  # fmt: skip
_KINDS: Final = frozenset({"user", "team"})


def read_ref(text: str) -> TermRef | None:
    """Reads a path of at least a glossary and a term."""
    parts = split_cell(text, ".")
    return TermRef(text, tuple(parts[1:]), parts[0]) if len(parts) > 1 else None


def _parent(row: Row, value: Any, origin: Origin) -> None:
    parts = split_cell(f.plain(value), ".")
    row.glossary, row.above = parts[0], tuple(parts[1:])
    if row.above:
        f.tie(row, "broader", f.plain(value), read_ref, _EXPECTED, origin)


def _related(row: Row, value: Any, origin: Origin) -> None:
    for one in f.listed(value):
        kind, colon, path = one.partition(":")
        relation = _RELATIONS.get(kind.strip().casefold()) if colon else None
        if colon and relation is None and kind.isalpha():
            choices = ", ".join(_RELATIONS)
            row.skip("unreadable", f"{kind[:200]!r} is no relation: expected one of {choices}", origin)
        else:
            f.tie(row, relation or "related", path if relation else one, read_ref, _EXPECTED, origin)


def _owners(row: Row, value: Any, origin: Origin) -> None:
    """Takes `user:ana;team:sales`, and as older versions wrote one: `user;ana`."""
    kind = ""
    for one in f.listed(value):
        if one.casefold() in _KINDS:
            kind = one
            continue
        _, colon, who = one.partition(":") if not kind else ("", "", "")
        f.agent(row, "owner", who.strip() if colon else one)
        kind = ""


def _references(row: Row, value: Any, origin: Origin) -> None:
    parts = f.listed(value)
    row.meta["references"] = [
        {"name": name, "endpoint": address} for name, address in zip(parts[::2], parts[1::2], strict=False)
    ]


def _extension(row: Row, value: Any, origin: Origin) -> None:
    for one in f.listed(value):
        key, colon, said = one.partition(":")
        row.meta[key if colon else "extension"] = said if colon else one


def _finish(row: Row, record: Mapping[str, str], _: Place) -> list[Row]:
    if row.texts.get("title") == row.name:
        del row.texts["title"]
    return [row]


OPENMETADATA: Final = Shape(
    "openmetadata",
    tuple(frozenset({"parent", "name", sign}) for sign in ("glossarystatus", "relatedterms", "reviewers", "iconurl")),
    {
        "parent": _parent,
        "name": f.name,
        "displayname": f.text("title"),
        "description": f.text("definition"),
        "synonyms": f.items("synonyms"),
        "relatedterms": _related,
        "references": _references,
        "tags": f.tags(between="."),
        "reviewers": f.agents("reviewer"),
        "owner": _owners,
        "owners": _owners,
        "glossarystatus": f.status(),
        "status": f.status(),
        "color": f.meta("color"),
        "iconurl": f.meta("iconURL"),
        "domains": f.meta("domains"),
        "extension": _extension,
    },
    finish=_finish,
)
