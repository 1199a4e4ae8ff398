"""What a column of a glossary file says: functions that take a cell into a row. Shapes are tables of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary.rows import STATUSES, Asset, Row, TermRef, Tie, split_cell

Field = Callable[[Row, Any, Origin], None]
"""Takes the value of a column, of which something is there, and the place of the cell."""
ReadRef = Callable[[str], TermRef | None]

_SHOWN: Final = 200
ASSIGNMENT: Final = frozenset({"status", "confidence", "steward", "source", "by", "at", "note", "expression"})


def plain(value: Any) -> str:
    """Returns a scalar as text."""
    return "" if value is None else str(value).strip()


def listed(value: Any, separators: str = ";\n") -> list[str]:
    """Returns the texts of a cell or a list."""
    if isinstance(value, list):
        return list(dict.fromkeys(text for part in value if not isinstance(part, dict) and (text := plain(part))))
    return split_cell(plain(value), separators)


def name(row: Row, value: Any, _: Origin) -> None:
    row.name = plain(value)


def text(target: str) -> Field:
    """Returns the field of a text; of several columns for one, the first counts."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        if isinstance(value, (list, dict)):
            row.meta[target] = value
        else:
            row.texts.setdefault(target, plain(value))

    return take


def items(target: str, separators: str = ";\n") -> Field:
    """Returns the field of a list of texts."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        row.lists[target] = list(dict.fromkeys([*row.lists.get(target, ()), *listed(value, separators)]))

    return take


def agents(role: str, separators: str = ";\n") -> Field:
    """Returns the field of people who answer for the term in a role."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        for one in listed(value, separators):
            agent(row, role, one)

    return take


def agent(row: Row, role: str, who: str) -> None:
    """Adds someone who answers for the term; the first steward is the steward."""
    if role == "steward":
        row.texts.setdefault("steward", who)
    row.agents.append((role, who))


def tags(separators: str = ";\n", between: str = "/") -> Field:
    """Returns the field of tags, each after the set that it belongs to, if it has one."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        for one in listed(value, separators):
            space, _, bare = one.rpartition(between)
            row.tags.append((space, bare) if bare else ("", one))

    return take


def ties(relation: str, read: ReadRef, expected: str, separators: str = ";\n", *, labels: str = "") -> Field:
    """Returns the field of other terms.

    Args:
        labels: The list of labels that takes a text that turns out to name no term.
    """

    def take(row: Row, value: Any, origin: Origin) -> None:
        for one in listed(value, separators):
            tie(row, relation, one, read, expected, origin, labels)

    return take


def tie(row: Row, relation: str, written: str, read: ReadRef, expected: str, origin: Origin, labels: str = "") -> None:
    """Adds a relation to another term."""
    other = read(written)
    if other is None:
        row.skip("unreadable", f"{written[:_SHOWN]!r} names no term: expected {expected}", origin)
    else:
        row.ties.append(Tie(relation, other, origin, labels=labels))


def status(*, strict: bool = True) -> Field:
    """Returns the field of the status. A word that is none is skipped if strict, else kept as a remark of the source."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        word = plain(value)
        known = STATUSES.get(" ".join(word.replace("_", " ").casefold().split()))
        if known is not None:
            row.texts.setdefault("status", known)
        elif strict:
            choices = ", ".join(dict.fromkeys(STATUSES.values()))
            row.skip(
                "invalid", f"{word[:_SHOWN]!r} is no status: expected {choices}, or a word for one of them", origin
            )
        if known != word.casefold() and (known is not None or not strict):
            row.meta["status"] = word

    return take


def assets(row: Row, value: Any, origin: Origin) -> None:
    """Takes references to what means the term; those of a list may be mappings with the properties of the assignment."""
    mappings = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    row.assets += [Asset(one, origin) for one in listed(value)]
    for one in mappings:
        _assignment(row, one, origin)


def assignments(row: Row, value: Any, origin: Origin) -> None:
    """Takes a JSON list of assignments with all their properties."""
    found = value
    if isinstance(value, str):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        row.skip("unreadable", "the assignments are no JSON list: expected a list of objects with `ref`", origin)
        return
    for one in found:
        _assignment(row, one, origin)


def _assignment(row: Row, said: dict[str, Any], origin: Origin) -> None:
    ref = plain(said.get("urn") or said.get("ref") or said.get("column"))
    if not ref:
        row.skip("unreadable", "an assignment names nothing: expected `ref`", origin)
        return
    row.assets.append(Asset(ref, origin, {key: plain(said[key]) for key in ASSIGNMENT & said.keys()}))


def meta(target: str) -> Field:
    """Returns the field of a value that is kept as it is."""

    def take(row: Row, value: Any, origin: Origin) -> None:
        row.meta[target] = value

    return take


def json_object(text: str) -> dict[str, Any]:
    """Returns a JSON object; anything else as one with the text in it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"meta": text}


def ignore(row: Row, value: Any, origin: Origin) -> None:
    """Takes nothing."""


class _Prose(HTMLParser):
    """Collects the text of markup; nothing of it is run."""

    _BREAKS: Final = frozenset({"p", "br", "div", "li", "tr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in self._BREAKS:
            self.found.append("\n")


def prose(markup: str) -> str:
    """Returns the text of rich text, paragraphs on lines of their own."""
    parser = _Prose()
    parser.feed(markup)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.found).splitlines())
    return "\n".join(line for line in lines if line)
