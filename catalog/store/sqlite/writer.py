"""Writes what a commit does to claims, edges and nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.model.edges import Edge
from catalog.model.facts import Fact, Scope, write_scope
from catalog.model.marks import standing
from catalog.model.names import Urn, dataset_of
from catalog.store.claims import ClaimChange, Projection
from catalog.store.history import ScopeHistory
from catalog.store.port import Span
from catalog.store.sqlite.codec import ids_json, write_deltas, write_spans
from catalog.store.sqlite.columns import ColumnTable
from catalog.store.sqlite.database import Database, Row
from catalog.store.sqlite.ledger import ClaimRow, SqliteLedger
from catalog.store.sqlite.nodes import MENTIONED, About, NodeTable, encode, parts_of

Manner = tuple[int, int, str, str, int]
"""A row of `manners` without its number."""

_TOUCHED: Final = """\
SELECT id FROM nodes n WHERE id IN (SELECT value FROM json_each(?))
AND NOT EXISTS (SELECT 1 FROM claims WHERE node = n.id AND type IS NULL AND spans <> '[]')
AND NOT EXISTS (SELECT 1 FROM edges WHERE start_node = n.id AND claim > 0)
AND NOT EXISTS (SELECT 1 FROM edges WHERE end_node = n.id AND claim > 0)
AND NOT EXISTS (SELECT 1 FROM closed_edges WHERE start_node = n.id AND claim > 0)
AND NOT EXISTS (SELECT 1 FROM closed_edges WHERE end_node = n.id AND claim > 0)"""


@dataclass(slots=True)
class _Batch:
    """Rows to write, and what they touch."""

    inserts: list[Row] = field(default_factory=list)
    updates: list[Row] = field(default_factory=list)
    opened: list[Row] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)
    unopened: list[Row] = field(default_factory=list)
    unclosed: list[Row] = field(default_factory=list)
    described: set[int] = field(default_factory=set)
    """Nodes that were there before and about which a claim changed."""
    revived: set[int] = field(default_factory=set)
    """Nodes that a claim mentions again."""
    voided: set[int] = field(default_factory=set)
    """Nodes that perhaps no claim mentions any more."""
    datasets: set[Urn] = field(default_factory=set)
    """Data sets whose columns may have become others."""


class Writer:
    """Writes projections inside a write transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._nodes = NodeTable(database)
        self._columns = ColumnTable(database, self._nodes)

    def forget(self) -> None:
        """Forgets what was remembered of a transaction that failed."""
        self._nodes.forget()

    def write(self, projection: Projection, ledger: SqliteLedger) -> None:
        self._nodes.begin()
        scopes = self._write_histories(projection.histories, ledger)
        ids = self._resolve(projection.claims)
        batch = self._gather(projection.claims, ledger, scopes, ids)
        self._write_rows(batch)
        batch.datasets |= {dataset_of(urn) for urn in self._nodes.new if urn.kind == "column"}
        self._nodes.mark(sorted(batch.revived), MENTIONED)
        self._nodes.flush()
        self._nodes.refresh(batch.described)
        self._take_back(batch)
        batch.datasets |= self._datasets_of(batch.described, ("dataset",))
        moved = batch.revived | batch.voided | self._nodes.woken
        batch.datasets |= self._datasets_of(moved, ("dataset", "column"))
        self._columns.refresh(batch.datasets)

    def _write_histories(self, histories: Iterable[ScopeHistory], ledger: SqliteLedger) -> dict[Scope, int]:
        ((last,),) = self._db.rows("SELECT coalesce(max(id), 0) FROM scopes")
        scopes = dict(ledger.scopes)
        rows: list[Row] = []
        for history in histories:
            if history.scope not in scopes:
                last += 1
                scopes[history.scope] = last
            rows.append((scopes[history.scope], write_scope(history.scope), history.dumps()))
        upsert = "INSERT INTO scopes VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET history = excluded.history"
        self._db.many(upsert, rows)
        return scopes

    def _resolve(self, claims: Iterable[ClaimChange]) -> dict[Urn, int]:
        """Finds or makes the nodes of new claims; columns bring their data sets with them."""
        held: dict[Urn, None] = {}
        void: dict[Urn, None] = {}
        for change in claims:
            if change.fact is not None:
                (held if change.after.spans else void).update(dict.fromkeys(_ends(change.fact)))
        ids = self._nodes.resolve(held, MENTIONED)
        ids.update(self._nodes.resolve([urn for urn in void if urn not in ids], 0))
        return ids

    def _gather(
        self, claims: Collection[ClaimChange], ledger: SqliteLedger, scopes: dict[Scope, int], ids: dict[Urn, int]
    ) -> _Batch:
        batch = _Batch()
        ranks = {scope: (key, standing(scope).value) for scope, key in scopes.items()}
        manners = [_manner(change.fact, *ranks[change.scope]) for change in claims]
        numbers = self._numbered({manner for manner in manners if manner is not None})
        ((last,),) = self._db.rows("SELECT coalesce(max(id), 0) FROM claims")
        for change, manner in zip(claims, manners, strict=True):
            spans, deltas = write_spans(change.after.spans), write_deltas(change.after.deltas, change.origin)
            if change.fact is None:
                row = ledger.claims[change.scope, change.id]
                batch.updates.append((deltas, spans, change.origin, row.id))
            else:
                last += 1
                row = self._new_row(last, change.fact, ids, manner, numbers)
                head = (row.id, scopes[change.scope], change.id, row.node, row.type, row.target, row.said)
                batch.inserts.append((*head, deltas, spans, change.origin, change.fact.body, row.manner))
            self._touch(batch, change, row)
        return batch

    def _new_row(
        self, key: int, fact: Fact, ids: dict[Urn, int], manner: Manner | None, numbers: Mapping[Manner, int]
    ) -> ClaimRow:
        element = fact.element
        if not isinstance(element, Edge) or manner is None:
            (node,) = (ids[urn] for urn in _ends(fact))
            return ClaimRow(key, node, None, None, None, None)
        type_ = self._db.types[element.type()]
        return ClaimRow(key, ids[element.start], type_, ids[element.end], manner[1], numbers[manner])

    def _numbered(self, wanted: set[Manner]) -> dict[Manner, int]:
        """Returns the rows of manners in which edges are said; makes those that are new."""
        columns = "scope, said, subtype, exactness, masking"
        self._db.many(f"INSERT OR IGNORE INTO manners ({columns}) VALUES (?, ?, ?, ?, ?)", sorted(wanted))
        select = f"SELECT id, {columns} FROM manners WHERE scope IN (SELECT value FROM json_each(?))"
        rows = self._db.rows(select, (ids_json({manner[0] for manner in wanted}),)) if wanted else []
        return {(scope, said, *how): key for key, scope, said, *how in rows}

    def _touch(self, batch: _Batch, change: ClaimChange, row: ClaimRow) -> None:
        """Notes what follows from a claim for edges and nodes."""
        before = change.before.spans if change.before else ()
        if row.type is None:
            self._touch_node(batch, change, row.node)
        elif before != change.after.spans:
            _touch_edge(batch, row, before, change.after.spans)
        if change.fact is None and bool(before) != bool(change.after.spans):
            nodes = {row.node} if row.target is None else {row.node, row.target}
            (batch.revived if change.after.spans else batch.voided).update(nodes)

    def _touch_node(self, batch: _Batch, change: ClaimChange, node: int) -> None:
        element = change.fact.element if change.fact else None
        if element is None or isinstance(element, Edge) or element.urn not in self._nodes.new:
            batch.described.add(node)
        elif change.after.spans:
            properties = element.properties()
            self._nodes.new[element.urn].about.append(About(change.scope, change.after.spans, properties))
            if "columns" in properties and element.urn.kind == "dataset":
                batch.datasets.add(element.urn)

    def _write_rows(self, batch: _Batch) -> None:
        self._db.many("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch.inserts)
        self._db.many("UPDATE claims SET deltas = ?, spans = ?, origin = ? WHERE id = ?", batch.updates)
        where = "WHERE start_node = ? AND type = ? AND end_node = ? AND claim = ?"
        self._db.many(f"DELETE FROM edges {where}", batch.unopened)
        self._db.many(f"DELETE FROM closed_edges {where} AND since = ?", batch.unclosed)
        self._db.many("INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?, ?)", batch.opened)
        self._db.many("INSERT INTO closed_edges VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch.closed)

    def _take_back(self, batch: _Batch) -> None:
        """Unmarks nodes that no claim mentions any more."""
        lost = [key for (key,) in self._db.rows(_TOUCHED, (ids_json(batch.voided),))] if batch.voided else []
        self._nodes.unmark(lost, MENTIONED)

    def _datasets_of(self, keys: set[int], kinds: tuple[str, ...]) -> set[Urn]:
        """Returns the data sets among these nodes and those of the columns among them, as far as their kind is asked for."""
        if not keys:
            return set()
        select = f"""\
            SELECT DISTINCT namespace, name FROM nodes
            WHERE id IN (SELECT value FROM json_each(?)) AND +kind IN ({",".join("?" * len(kinds))})"""
        rows = self._db.rows(select, (ids_json(keys), *(self._db.kinds[kind] for kind in kinds)))
        return {Urn("dataset", parts_of(namespace, name, "")) for namespace, name in rows}


def _manner(fact: Fact | None, scope: int, rank: int) -> Manner | None:
    """Returns how a fact of a scope says an edge; None if it is about a node or not new."""
    element = fact.element if fact is not None else None
    if not isinstance(element, Edge):
        return None
    said = -1 - rank if element.denies else rank
    subtype, masking = getattr(element, "subtype", None), getattr(element, "masking", False)
    return (scope, said, encode(subtype) if subtype else "", element.exactness, int(masking))


def _ends(fact: Fact) -> tuple[Urn, ...]:
    element = fact.element
    return (element.start, element.end) if isinstance(element, Edge) else (element.urn,)


def _touch_edge(batch: _Batch, row: ClaimRow, before: tuple[Span, ...], after: tuple[Span, ...]) -> None:
    edge = (row.node, row.type, row.target, row.id)
    for since, until in before:
        if (since, until) in after:
            continue
        if until is None:
            batch.unopened.append(edge)
        else:
            batch.unclosed.append((*edge, since))
    for since, until in after:
        if (since, until) in before:
            continue
        if until is None:
            batch.opened.append((*edge, row.said, since, row.manner))
        else:
            batch.closed.append((*edge, since, until, row.said, row.manner))
