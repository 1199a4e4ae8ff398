"""Which columns a data set has, kept beside the claims that say so: HAS_COLUMN edges and absences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from catalog.model.edges import HasColumn
from catalog.model.marks import standing
from catalog.model.names import Urn, column
from catalog.store.derived import DERIVED_SCOPE
from catalog.store.merging import Listing, Presence, presence
from catalog.store.sqlite.codec import ids_json
from catalog.store.sqlite.database import Database
from catalog.store.sqlite.nodes import IMPLIED, MENTIONED, About, NodeTable, encode, parts_of

_SAID: Final = standing(DERIVED_SCOPE).value
_OPEN: Final = "edges (start_node, type, end_node, claim, said, since) VALUES (?, ?, ?, 0, ?, ?)"
_CLOSED: Final = "closed_edges (start_node, type, end_node, claim, said, since, until) VALUES (?, ?, ?, 0, ?, ?, ?)"


class _Rows(NamedTuple):
    """What the tables say about the columns of data sets: triples of data set, column and interval."""

    listed: set[tuple[int, int, int, int | None]]
    absent: set[tuple[int, int, int | None]]


class ColumnTable:
    """Brings the columns of data sets up to date inside a write transaction."""

    def __init__(self, database: Database, nodes: NodeTable) -> None:
        self._db, self._nodes = database, nodes

    def refresh(self, datasets: Collection[Urn]) -> None:
        """Works out again which columns these have, and had; makes the nodes of columns that only a list names."""
        if not datasets:
            return
        keys = self._nodes.resolve(sorted(datasets), 0)
        self._nodes.flush()
        about = self._nodes.about(keys.values())
        found = {urn: self._columns_of(urn) for urn in keys}
        when = {urn: presence(_listings(about.get(key, ())), found[urn].mentioned) for urn, key in keys.items()}
        named = {urn: {p for p, seen in when[urn].items() if seen.listed} for urn in keys}
        self._imply(keys, found, named)
        new = [column(urn, path) for urn in keys for path in sorted(named[urn] - found[urn].ids.keys())]
        made = self._nodes.resolve(new, IMPLIED)
        self._nodes.flush()
        for urn, key in made.items():
            found[Urn("dataset", urn.parts[:2])].ids[urn.parts[2]] = key
        self._write(self._stored(keys, found), self._wanted(keys, found, when))

    def _columns_of(self, dataset: Urn) -> _Columns:
        namespace, name = map(encode, dataset.parts)
        select = "SELECT id, rest, known FROM nodes WHERE name = ? AND namespace = ? AND kind = ?"
        rows = self._db.rows(select, (name, namespace, self._db.kinds["column"]))
        paths = [(parts_of("", "", rest)[2], key, known) for key, rest, known in rows]
        return _Columns(
            {path: key for path, key, _ in paths},
            {path for path, _, known in paths if known & MENTIONED},
            {path for path, _, known in paths if known & IMPLIED},
        )

    def _imply(self, keys: Mapping[Urn, int], found: Mapping[Urn, _Columns], named: Mapping[Urn, set[str]]) -> None:
        """Marks the columns that a list names and the data sets that have columns, and unmarks those no longer."""
        gained = [found[u].ids[p] for u in keys for p in named[u] - found[u].implied if p in found[u].ids]
        lost = [found[u].ids[p] for u in keys for p in found[u].implied - named[u]]
        self._nodes.mark([*gained, *(key for u, key in keys.items() if named[u] or found[u].mentioned)], IMPLIED)
        self._nodes.unmark(
            [*lost, *(key for u, key in keys.items() if not named[u] and not found[u].mentioned)], IMPLIED
        )

    def _stored(self, keys: Mapping[Urn, int], found: Mapping[Urn, _Columns]) -> _Rows:
        datasets = ids_json(keys.values())
        columns = ids_json(key for of in found.values() for key in of.ids.values())
        near = "FROM {} WHERE type = ? AND start_node IN (SELECT value FROM json_each(?))"
        has = (self._db.types[HasColumn.type()], datasets)
        listed = self._db.rows(f"SELECT start_node, end_node, since, NULL {near.format('edges')}", has)
        listed += self._db.rows(f"SELECT start_node, end_node, since, until {near.format('closed_edges')}", has)
        select = "SELECT node, since, until FROM absences WHERE node IN (SELECT value FROM json_each(?))"
        return _Rows({_four(row) for row in listed}, {_three(row) for row in self._db.rows(select, (columns,))})

    def _wanted(
        self, keys: Mapping[Urn, int], found: Mapping[Urn, _Columns], when: Mapping[Urn, Mapping[str, Presence]]
    ) -> _Rows:
        rows = _Rows(set(), set())
        for urn, dataset in keys.items():
            for path, seen in when[urn].items():
                key = found[urn].ids[path]
                rows.listed.update((dataset, key, since, until) for since, until in seen.listed)
                rows.absent.update((key, since, until) for since, until in seen.absent)
        return rows

    def _write(self, stored: _Rows, wanted: _Rows) -> None:
        has = self._db.types[HasColumn.type()]
        gone, new = stored.listed - wanted.listed, wanted.listed - stored.listed
        where = "WHERE start_node = ? AND type = ? AND end_node = ? AND claim = 0"
        self._db.many(f"DELETE FROM edges {where}", [(d, has, c) for d, c, _, until in gone if until is None])
        closed = [(d, has, c, since) for d, c, since, until in gone if until is not None]
        self._db.many(f"DELETE FROM closed_edges {where} AND since = ?", closed)
        held = [(d, has, c, _SAID, since) for d, c, since, until in sorted(new, key=_start) if until is None]
        self._db.many(f"INSERT INTO {_OPEN}", held)
        ended = [(d, has, c, _SAID, s, until) for d, c, s, until in sorted(new, key=_start) if until is not None]
        self._db.many(f"INSERT INTO {_CLOSED}", ended)
        away = [row[:2] for row in stored.absent - wanted.absent]
        self._db.many("DELETE FROM absences WHERE node = ? AND since = ?", away)
        self._db.many("INSERT INTO absences VALUES (?, ?, ?)", wanted.absent - stored.absent)


class _Columns(NamedTuple):
    """The columns of a data set that have a row: all by path, those that claims mention, those that a list names."""

    ids: dict[str, int]
    mentioned: set[str]
    implied: set[str]


def _listings(about: Iterable[About]) -> list[Listing]:
    return [Listing(c.scope, tuple(c.properties["columns"]), c.spans) for c in about if "columns" in c.properties]


def _four(row: tuple[Any, ...]) -> tuple[int, int, int, int | None]:
    start, end, since, until = row
    return start, end, since, until


def _three(row: tuple[Any, ...]) -> tuple[int, int, int | None]:
    node, since, until = row
    return node, since, until


def _start(row: tuple[int, int, int, int | None]) -> tuple[int, int, int]:
    return row[:3]
