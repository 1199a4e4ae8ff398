"""Reads edges: one level of a walk, and the evidence behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, LiteralString

from neo4j import ManagedTransaction

from catalog.model.facts import read_scope, write_scope
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.store.merging import in_force
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import run_rows
from catalog.store.neo4j.rows import edge_claim, node_claim, read_spans
from catalog.store.port import Bundle, Claim, Direction, Hop, Key, Span


def step(
    tx: ManagedTransaction, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None
) -> list[Hop]:
    """Returns the claims of one level of a walk, with one statement for `BATCH` keys."""
    text = _text("step", types, direction, as_of)
    if text is None or not keys:
        return []
    rows = run_rows(tx, text, sorted(set(map(str, keys))), "keys", at=as_of)
    return [
        Hop(near, far, row["type"].removesuffix(cypher.PAST), row["standing"], row["absent"])
        for row in rows
        for near, far in zip(row["near"], row["far"], strict=True)
    ]


def bundles(
    tx: ManagedTransaction, keys: Collection[Key], types: Collection[str], direction: Direction
) -> list[Bundle]:
    """Returns the claims of one level of a walk over all times, those together that are alike but for their ends."""
    known = frozenset(types).intersection(cypher.TYPES)
    if not known or not keys:
        return []
    rows = run_rows(tx, cypher.for_types(f"bundles_{direction}", known), sorted(set(map(str, keys))), "keys")
    return [
        Bundle(row["type"].removesuffix(cypher.PAST), row["standing"], row["subtype"], row["exactness"] or "exact",
               bool(row["masking"]), read_scope(row["scope"]), *span, row["near"], row["far"])
        for row in rows
        for span in read_spans(row["since"], row["until"])
    ]  # fmt: skip


def absences(tx: ManagedTransaction, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
    rows = run_rows(tx, cypher.fixed("absences"), sorted(set(map(str, keys))), "uids")
    return {row["uid"]: read_spans(row["since"], row["until"]) for row in rows}


def lifetimes(tx: ManagedTransaction, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
    found: defaultdict[Key, set[Span]] = defaultdict(set)
    for row in run_rows(tx, cypher.fixed("lifetimes"), sorted(set(map(str, keys))), "uids"):
        for uid in row["uids"]:
            found[uid].update(read_spans(row["since"], row["until"]))
    return {uid: frozenset(spans) for uid, spans in found.items() if spans}


def edges(
    tx: ManagedTransaction, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None
) -> list[Claim]:
    """Returns edge claims with their evidence, ordered by scope and fact."""
    text = _text("edges", types, direction, as_of)
    if text is None or not keys:
        return []
    rows = run_rows(tx, text, sorted(set(map(str, keys))), "keys", at=as_of)
    return in_order(
        edge_claim(row["type"].removesuffix(cypher.PAST), row["start"], row["end"], row["props"]) for row in rows
    )


def _text(name: str, types: Collection[str], direction: Direction, as_of: Instant | None) -> LiteralString | None:
    known = frozenset(types).intersection(cypher.TYPES)
    suffix = "" if as_of is None else "_then"
    return cypher.for_types(f"{name}_{direction}{suffix}", known) if known else None


def claims(tx: ManagedTransaction, urns: Collection[Urn], as_of: Instant | None, *, history: bool) -> list[Claim]:
    """Returns what is said of nodes, ordered by scope and fact."""
    rows = run_rows(tx, cypher.fixed("claims"), _uids(urns), "uids")
    return in_order(c for c in map(node_claim, rows) if history or in_force(c.spans, as_of))


def _uids(urns: Collection[Urn]) -> Sequence[Any]:
    return [urn.uid for urn in urns]


def in_order(found: Iterator[Claim]) -> list[Claim]:
    return sorted(found, key=lambda claim: (write_scope(claim.scope), claim.fact))
