"""Terms as files have them: what each shape of a file is read into, before it becomes facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.facts import Origin, Skip

STATUSES: Final[Mapping[str, str]] = {
    "draft": "draft", "new": "draft", "in progress": "draft", "wip": "draft", "candidate": "draft", "incomplete": "draft",
    "proposed": "proposed", "in review": "proposed", "under review": "proposed", "approval pending": "proposed",
    "pending": "proposed", "pending approval": "proposed", "reviewed": "proposed", "alert": "proposed",
    "approved": "approved", "accepted": "approved", "published": "approved", "active": "approved", "final": "approved",
    "deprecated": "deprecated", "obsolete": "deprecated", "expired": "deprecated", "archived": "deprecated",
    "retired": "deprecated", "rejected": "deprecated", "inactive": "deprecated",
}  # fmt: skip
"""Words of several tools for our statuses."""


@dataclass(frozen=True, slots=True)
class TermRef:
    """Another term as a row names it.

    Attributes:
        text: As it is written.
        path: Its name, after those of the terms that hold it where the file says them.
        glossary: The glossary that is named with it.
    """

    text: str
    path: tuple[str, ...]
    glossary: str | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """That a term is related to another. `labels` is the list that takes what names no term: it is only another label."""

    relation: str
    other: TermRef
    origin: Origin
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """That a thing means the term.

    Attributes:
        ref: As the catalog prints it or, if there is a kind, the parts of another tool's name for it separated by `>`.
        said: Properties of the edge; None: the status is that of the term.
        kind: column or dataset, of another tool's name.
    """

    ref: str
    origin: Origin
    said: Mapping[str, Any] | None = None
    kind: str = ""


@dataclass(slots=True)
class Row:
    """One term as a file has it.

    Attributes:
        glossary: The one that the row names; None for that of the file.
        above: Names of the terms that hold it, from the top, in files that name terms by their path.
        stated: Whether it says what the term is; else only what means it.
        about: What it says of the glossary.
    """

    origin: Origin
    name: str = ""
    glossary: str | None = None
    above: tuple[str, ...] = ()
    stated: bool = True
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    agents: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str, ...]:
        return (*self.above, self.name)

    def meta_text(self) -> str | None:
        return json_text(self.meta) if self.meta else None

    def skip(self, code: str, message: str, origin: Origin) -> None:
        """Keeps what could not be understood; the rest of the row is taken."""
        self.skips.append(Skip(code, message, origin))

    def take(self, other: Row) -> None:
        """Adds what another row says of the same term."""
        for name, items in other.lists.items():
            known = self.lists.setdefault(name, [])
            known.extend(item for item in items if item not in known)
        for mine, theirs in ((self.ties, other.ties), (self.assets, other.assets), (self.skips, other.skips)):
            _extend(mine, theirs)
        _extend(self.agents, other.agents)
        _extend(self.tags, other.tags)


def _extend(known: list[Any], more: list[Any]) -> None:
    known.extend(one for one in more if one not in known)


@dataclass(slots=True)
class Rows:
    """A file: its rows, what is no row, and what it says of the glossary itself."""

    rows: list[Row] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)


def split_cell(text: str, separators: str = ";\n") -> list[str]:
    """Returns the items of a cell. One that begins with a double quote runs to the next, which is doubled if it is part of it."""
    items, item, place = list[str](), "", 0
    while place < len(text):
        if text[place] == '"' and not item.strip() and '"' in text[place + 1 :]:
            quoted, place = _quoted(text, place + 1)
            item = quoted
        elif text[place] in separators:
            items.append(item)
            item, place = "", place + 1
        else:
            item, place = item + text[place], place + 1
    found = (one.strip() for one in (*items, item))
    return list(dict.fromkeys(one for one in found if one))


def _quoted(text: str, place: int) -> tuple[str, int]:
    found = ""
    while place < len(text):
        if text[place] != '"':
            found, place = found + text[place], place + 1
        elif text[place : place + 2] == '""':
            found, place = found + '"', place + 2
        else:
            return found, place + 1
    return found, place
