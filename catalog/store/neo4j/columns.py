"""Keeps what the lists of columns decide: HAS_COLUMN, and which columns the list in force lacks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from neo4j import ManagedTransaction

from catalog.model.edges import HasColumn
from catalog.model.facts import read_scope, write_scope
from catalog.model.names import Uid, Urn, column, dataset_of
from catalog.store.derived import DERIVED_SCOPE, has_column
from catalog.store.merging import Listing, Presence, presence
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import create_rows, run_rows, write_rows
from catalog.store.neo4j.rows import Row, Said3, Spans, claim_id, edge_props, is_open, node_row, read_spans, spans_row

DERIVED: Final = write_scope(DERIVED_SCOPE)
_TYPE: Final = HasColumn.type()


class _Written(NamedTuple):
    """What is written of a column: when it is listed and absent, and the element that says so."""

    when: Presence
    element: str | None


class Settled(NamedTuple):
    """What is left to be deleted: data sets that lost a column and may have nothing to stand on, and edges by element id."""

    lonely: set[Uid]
    gone: list[str]


@dataclass
class _Writes:
    """What a change of lists asks for."""

    gone: list[str] = field(default_factory=list)
    nodes: list[tuple[Row]] = field(default_factory=list)
    absent: list[Row] = field(default_factory=list)
    edges: defaultdict[tuple[str, ...], list[Any]] = field(default_factory=lambda: defaultdict(list))


_NEW: Final = _Written(Presence((), ()), None)


class Fresh(NamedTuple):
    """A data set that was made in this transaction: all that is said of it, and the columns made with it."""

    said: Sequence[Said3]
    columns: Sequence[Urn]


def settle_columns(
    tx: ManagedTransaction, datasets: Mapping[Uid, Urn], fresh: Mapping[Uid, Fresh], unlisted: Mapping[Uid, Urn]
) -> Settled:
    """Brings these data sets up to date with the lists of their columns.

    Args:
        datasets: Those with new claims or new columns.
        fresh: Those of them that were not there before, of which nothing needs to be read.
        unlisted: Those of which a list was withdrawn: nothing that it said stays.
    """
    lonely = _forget(tx, unlisted) if unlisted else set()
    touched = {**datasets, **unlisted}
    old = {uid: urn for uid, urn in touched.items() if uid not in fresh}
    listings = _listings(tx, old)
    known = _known(tx, listings)
    for uid, new in fresh.items():
        if said := [_listing(claim) for claim in new.said if "columns" in claim.properties]:
            listings[uid], known[uid] = said, {urn.parts[2]: _NEW for urn in new.columns}
    writes = _Writes()
    for uid, said in sorted(listings.items()):
        for path, when in presence(said, known[uid]).items():
            _settle_one(writes, column(touched[uid], path), when, known[uid].get(path))
    _write(tx, writes)
    return Settled(lonely, writes.gone)


def _listing(claim: Said3) -> Listing:
    return Listing(claim.scope, tuple(claim.properties["columns"]), claim.spans)


def _forget(tx: ManagedTransaction, datasets: Mapping[Uid, Urn]) -> set[Uid]:
    rows = run_rows(tx, cypher.fixed("forget_columns"), list(datasets), "uids", derived=DERIVED)
    gone = run_rows(tx, cypher.fixed("delete_lonely"), [row["uid"] for row in rows], "uids")
    return {row["dataset"] for row in gone if row["dataset"]}


def _listings(tx: ManagedTransaction, datasets: Mapping[Uid, Urn]) -> dict[Uid, list[Listing]]:
    found: defaultdict[Uid, list[Listing]] = defaultdict(list)
    for row in run_rows(tx, cypher.fixed("listings"), list(datasets), "uids"):
        spans = read_spans(row["since"], row["until"])
        found[row["dataset"]].append(_listing(Said3(read_scope(row["scope"]), spans, json.loads(row["said"]))))
    return found


def _known(tx: ManagedTransaction, datasets: Mapping[Uid, Any]) -> dict[Uid, dict[str, _Written]]:
    """Returns, for each column that is there, what is written of it now."""
    found: dict[Uid, dict[str, _Written]] = {uid: {} for uid in datasets}
    for row in run_rows(tx, cypher.fixed("columns"), list(datasets), "uids", derived=DERIVED):
        listed = read_spans(row["since"], row["until"])
        absent = read_spans(row["absent_since"], row["absent_until"])
        found[row["dataset"]][Urn.parse(row["urn"]).parts[2]] = _Written(Presence(listed, absent), row["element"])
    return found


def _settle_one(writes: _Writes, urn: Urn, when: Presence, before: _Written | None) -> None:
    if before is None:
        writes.nodes.append((node_row(urn, ()) | _absence(when.absent),))
    elif before.when.absent != when.absent:
        writes.absent.append({"uid": urn.uid, "set": _absence(when.absent)})
    was = before.when.listed if before else ()
    if was != when.listed:
        _move(writes, urn, was, when.listed, before.element if before else None)


def _absence(spans: Spans) -> Row:
    if not spans:
        return {"absent": None, "absent_since": None, "absent_until": None}
    row = spans_row(spans)
    return {"absent": is_open(spans) or None, "absent_since": row["since"], "absent_until": row["until"]}


def _move(writes: _Writes, urn: Urn, was: Spans, now: Spans, element: str | None) -> None:
    fact = has_column(urn)
    name = claim_id(DERIVED, fact.id)
    before, after = _storage(was), _storage(now)
    if not was:
        kept = {**spans_row(now), "deltas": "[]"}
        edge = HasColumn(start=dataset_of(urn), end=urn)
        props = edge_props(DERIVED_SCOPE, fact.id, edge, kept)
        writes.edges["create_edges", after].append((edge.start.uid, urn.uid, props))
    elif not now:
        writes.gone += [element] if element else []
    elif before == after:
        writes.edges["set_edges", after].append({"claim": name, "set": spans_row(now)})
    else:
        writes.edges["move_edges", before, after].append({"claim": name, "set": spans_row(now)})


def _storage(spans: Spans) -> str:
    return _TYPE if is_open(spans) else f"{_TYPE}{cypher.PAST}"


def _write(tx: ManagedTransaction, writes: _Writes) -> None:
    create_rows(tx, cypher.for_kind("create_nodes", "column"), writes.nodes, cypher.OWN["create_nodes"])
    run_rows(tx, cypher.fixed("set_nodes"), writes.absent)
    for (name, *words), rows in sorted(writes.edges.items()):
        writes.gone += write_rows(tx, name, words, rows)
