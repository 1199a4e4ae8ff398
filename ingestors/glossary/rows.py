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
            self.lists[name] = list(dict.fromkeys([*self.lists.get(name, ()), *items]))
        self.ties += other.ties
        self.assets += other.assets
        self.skips += other.skips
        self.agents += other.agents
        self.tags += other.tags


@dataclass(slots=True)
class Rows:
    """A file: its rows, what is no row, and what it says of the glossary itself."""

    rows: list[Row] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    _last: dict[tuple[str | None, tuple[str, ...]], Row] = field(default_factory=dict)

    def add(self, row: Row, *, continues: bool) -> None:
        """Adds a row; where rows may continue others, one that says nothing else of its term is joined to the last of it."""
        key = (row.glossary, row.path)
        known = self._last.get(key) if continues else None
        if known is not None and all(known.texts.get(name) == text for name, text in row.texts.items()):
            known.take(row)
        else:
            self._last[key] = row
            self.rows.append(row)


def split_cell(text: str, separators: str = ";\n") -> list[str]:
    """Returns the items of a cell. One that begins with a double quote runs to the next, which is doubled if it is part of it."""
    items: list[list[str]] = [[]]
    place, begun = 0, False
    while place < len(text):
        char = text[place]
        if char == '"' and not begun and text.find('"', place + 1) > 0:
            quoted, place = _quoted(text, place + 1)
            items[-1], begun = [quoted], True
            continue
        if char in separators:
            items.append([])
            begun = False
        else:
            items[-1].append(char)
            begun = begun or not char.isspace()
        place += 1
    found = ("".join(item).strip() for item in items)
    return list(dict.fromkeys(item for item in found if item))


def _quoted(text: str, place: int) -> tuple[str, int]:
    """Returns what stands up to the closing quote, and the place behind it."""
    parts: list[str] = []
    while (end := text.find('"', place)) >= 0:
        parts.append(text[place:end])
        if text[end + 1 : end + 2] != '"':
            return "".join(parts), end + 1
        parts.append('"')
        place = end + 2
    return "".join([*parts, text[place:]]), len(text)
