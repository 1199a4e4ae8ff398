"""Which columns tables have by the log's own DDL, and what ALTER TABLE does to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from catalog.model.edges import DerivesFrom, Edge, InfluencedBy
from catalog.model.facts import Fact, Origin
from catalog.model.instants import Instant
from catalog.model.names import Urn, column
from catalog.model.nodes import Column, Dataset
from catalog.sql import Session, Table
from ingestors.sql_log.claims import Item, structure

_RENAMES: Final = re.compile(r"\brename\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """A list of columns before and after.

    Attributes:
        renamed: Old names to new ones.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    renamed: dict[str, str]

    def now(self, name: str) -> str | None:
        """Returns what a column of before is called; None if it is gone."""
        new = self.renamed.get(name, name)
        return new if new in self.after else None

    def structure(self, urn: Urn, said: Sequence[Item], origin: Origin) -> list[Fact]:
        """Returns the structure after the change, with the types that were said of it."""
        nodes = [item.element for item in said if isinstance(item, Fact)]
        types = {self.now(node.path): node.data_type for node in nodes if isinstance(node, Column)}
        kind = next((node.type for node in nodes if isinstance(node, Dataset)), None)
        return structure(urn, kind, {name: types.get(name) for name in self.after}, origin)


class Structures:
    """Tables whose columns the log tells for sure, by their DDL in it."""

    def __init__(self, known_at: Instant | None) -> None:
        self._known_at = known_at
        self._sure: dict[Table, tuple[str, ...]] = {}

    def of_another_time(self, table: Table, now: Instant) -> bool:
        """Whether what is known of a table's columns may not have held at a time."""
        return table not in self._sure and self._known_at != now

    def made(self, table: Table, said: Sequence[Fact]) -> None:
        """Notes what a statement said of a table that it makes."""
        listed = next((f.element.columns for f in said if isinstance(f.element, Dataset)), None)
        self.gone(table)
        self.arrived(table, tuple(listed) if listed is not None else None)

    def gone(self, table: Table) -> tuple[str, ...] | None:
        return self._sure.pop(table, None)

    def arrived(self, table: Table, columns: tuple[str, ...] | None) -> None:
        if columns is not None:
            self._sure[table] = columns

    def change(self, table: Table, session: Session, text: str) -> Change | None:
        """Returns what an ALTER has made of the columns; None if they were not known, or are the same."""
        before, after = self._sure.get(table), session.columns_of(table)
        if before is None or after is None or before == after:
            return None
        renames = _RENAMES.search(text) is not None and len(before) == len(after)
        renamed = {old: new for old, new in zip(before, after, strict=True) if old != new} if renames else {}
        return Change(before, after, renamed)


def altered(items: Sequence[Item], urn: Urn, change: Change) -> tuple[Item, ...]:
    """Returns what was said of a table's columns as it is after the change: renamed, and without those that are gone."""
    return tuple(new for item in items if (new := _altered(item, urn, change)) is not None)


def _altered(item: Item, urn: Urn, change: Change) -> Item | None:
    if not isinstance(item, Fact) or not isinstance(item.element, (DerivesFrom, InfluencedBy)):
        return item
    edge: Edge = item.element
    if edge.start.kind != "column" or edge.start.parts[:2] != urn.parts:
        return item
    path = edge.start.parts[2]
    now = change.now(path)
    if now is None:
        return None
    return item if now == path else Fact(edge.model_copy(update={"start": column(urn, now)}), item.origin)
