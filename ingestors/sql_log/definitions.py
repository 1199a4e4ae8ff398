"""What the log has said of each table, so that a rename can say it of the new name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from catalog.model.edges import DependsOn
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Node, node_of
from catalog.sql import Table
from ingestors.sql_log.bounded import Bounded
from ingestors.sql_log.claims import Item

MAX_WEIGHT: Final = 20_000
"""Facts of definitions that are kept; the least recently used are forgotten first."""


@dataclass(slots=True)
class Defined:
    """The newest definition of a table and what was added since, by the last part of the scope."""

    whole: tuple[Item, ...]
    complete: bool
    below: dict[str, tuple[Item, ...]] = field(default_factory=dict)


class Definitions:
    """The tables whose definitions the log has told."""

    def __init__(self) -> None:
        self._kept: Bounded[Table, Defined] = Bounded(MAX_WEIGHT)

    def put(self, table: Table, defined: Defined) -> None:
        self._kept.put(table, defined, len(defined.whole) + sum(map(len, defined.below.values())) + 1)

    def add(self, table: Table, part: str, items: Sequence[Item]) -> None:
        """Adds what is below the definition; without a definition there is nothing to move."""
        defined = self._kept.get(table)
        if defined is not None:
            defined.below[part] = tuple(items)
            self.put(table, defined)

    def take(self, table: Table) -> Defined | None:
        return self._kept.take(table)

    def get(self, table: Table) -> Defined | None:
        return self._kept.get(table)


def moved(items: Sequence[Item], old: Urn, new: Urn) -> tuple[Item, ...]:
    """Returns what was said of one data set as said of another."""
    return tuple(_moved(item, old, new) for item in items)


def _moved(item: Item, old: Urn, new: Urn) -> Item:
    if isinstance(item, Skip):
        return replace(item, subjects=tuple(_renamed(urn, old, new) for urn in item.subjects))
    element = item.element
    if isinstance(element, Node):
        properties = element.properties()
        if isinstance(element, Dataset) and element.definition:
            properties["definition"] = _retitled(element.definition, old.name, new.name)
        return Fact(node_of(_renamed(element.urn, old, new), properties), item.origin)
    update = {"start": _renamed(element.start, old, new), "end": _renamed(element.end, old, new)}
    return Fact(element.model_copy(update=update), item.origin)


def _renamed(urn: Urn, old: Urn, new: Urn) -> Urn:
    same = urn.parts[:2] == old.parts and urn.kind in ("dataset", "column")
    return Urn(urn.kind, (*new.parts, *urn.parts[2:])) if same else urn


def _retitled(text: str, old: str, new: str) -> str:
    # A name minted for one night would make each night's definition another one.
    before, after = old.rpartition(".")[2], new.rpartition(".")[2]
    return re.sub(rf"(?<![\w$]){re.escape(before)}(?![\w$])", lambda _: after, text, count=1, flags=re.IGNORECASE)


def unknown(old: Urn, new: Urn, origin: Origin) -> Fact:
    """Returns what is said of a renamed table where the log has not told its definition."""
    reason = "renamed; its definition is not in the log"
    return Fact(DependsOn(start=new, end=old, exactness="guessed", reason=reason), origin)
