"""Reads what is too large for memory: all claims in order, the members of a snapshot."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

from neo4j import ManagedTransaction, Transaction

from catalog.model.canonical import FactId
from catalog.model.facts import Scope, write_scope
from catalog.store.claims import listed_in
from catalog.store.neo4j import cypher
from catalog.store.neo4j.columns import DERIVED
from catalog.store.neo4j.ledger import TxLedger, facts_texts
from catalog.store.neo4j.rows import edge_claim, node_claim, read_deltas
from catalog.store.port import ChangeSet, Claim

Counts = dict[str, int]


def counts(tx: ManagedTransaction | Transaction) -> Counts:
    """Returns the figures of the database's own count store; costs the same however large the graph is."""
    return dict(zip((name for name, _ in cypher.counted()), tx.run(cypher.counts()).value(), strict=True))


def all_claims(tx: Transaction) -> Iterator[Claim]:
    """Yields every claim in order of written scope and fact. Each kind of row is one open result, read as it is needed."""
    found = counts(tx)
    streams = [_edges(tx, storage) for storage in cypher.STORAGES if found[storage]]
    if found["node claims"]:
        streams.append(_nodes(tx))
    for _, _, claim in heapq.merge(*streams, key=lambda entry: entry[:2]):
        yield claim


def _edges(tx: Transaction, storage: str) -> Iterator[tuple[str, str, Claim]]:
    name = storage.removesuffix(cypher.PAST)
    for row in tx.run(cypher.for_storage("stream_edges", storage)):
        props: dict[str, Any] = row["props"]
        if props["scope"] != DERIVED:
            yield props["scope"], props["fact"], edge_claim(name, row["start"], row["end"], props)


def _nodes(tx: Transaction) -> Iterator[tuple[str, str, Claim]]:
    for row in tx.run(cypher.fixed("stream_claims")):
        yield row["scope"], row["fact"], node_claim(row)


def members(tx: ManagedTransaction, scope: Scope, snapshot: int) -> set[FactId]:
    """Returns the facts of a snapshot. Cost: the size of the scope.

    Raises:
        KeyError: there is no such scope.
    """
    ledger = TxLedger(tx, ChangeSet())
    history = ledger.histories([scope])[scope]
    found: set[FactId] = set()
    for text in facts_texts(ledger.types[scope]):
        # Most claims have the same differences to the same snapshots, and come as one record.
        for row in tx.run(text, scope=write_scope(scope)):
            if snapshot in listed_in(read_deltas(row["deltas"], None), history.snapshots):
                found.update(map(bytes.fromhex, row["facts"]))
    return found
