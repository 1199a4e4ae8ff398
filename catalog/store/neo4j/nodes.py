"""Reads nodes: their state at a time, by property, by words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from neo4j import ManagedTransaction

from catalog.model.facts import read_scope
from catalog.model.instants import Instant
from catalog.model.names import Uid, Urn
from catalog.model.nodes import BY_KIND
from catalog.store.merging import Said, in_force, indexed_fields, merge
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import run_rows
from catalog.store.neo4j.columns import DERIVED
from catalog.store.neo4j.rows import Row, Said3, Spans, merged_of, read_spans, storable
from catalog.store.port import NodeState, Page
from catalog.store.tokens import words

_TYPES: Final = frozenset(cypher.TYPES)
_NAMES: Final = ("name", "namespace")


# --- states -----------------------------------------------------------------------------------------------------------


def states(tx: ManagedTransaction, uids: Sequence[Uid], as_of: Instant | None) -> list[NodeState]:
    """Returns the states of those nodes that are there, in no order."""
    found = _now(tx, uids) if as_of is None else _then(tx, uids, as_of)
    unsure = [state.urn.uid for state, said in found if not said and state.closed_since is None]
    ends = _ends(tx, unsure, as_of)
    return [_closed(state, ends[state.urn.uid]) if state.urn.uid in ends else state for state, _ in found]


def _now(tx: ManagedTransaction, uids: Sequence[Uid]) -> list[tuple[NodeState, bool]]:
    rows = run_rows(tx, cypher.fixed("nodes"), uids, "uids", derived=DERIVED)
    return [(_state_now(row["node"]), bool(row["node"].get("held") or row["listed"])) for row in rows]


def _state_now(node: Row) -> NodeState:
    gone = in_force(read_spans(node.get("absent_since"), node.get("absent_until")), None)
    return _state(node, merged_of(node["kind"], node), gone[0] if gone else None)


def _state(node: Row, properties: Mapping[str, Any], closed_since: Instant | None) -> NodeState:
    begins = node.get("begins")
    return NodeState(
        urn=Urn.parse(node["urn"]),
        properties=properties,
        closed_since=closed_since,
        implied=node.get("implied", False),
        begins=None if begins is None else Instant(begins),
    )


def _then(tx: ManagedTransaction, uids: Sequence[Uid], as_of: Instant) -> list[tuple[NodeState, bool]]:
    said: defaultdict[Uid, list[Said]] = defaultdict(list)
    for uid, claim in said_of(tx, uids):
        span = in_force(claim.spans, as_of)
        if span is not None:
            said[uid].append(Said(claim.scope, span[0], claim.properties))
    rows = run_rows(tx, cypher.fixed("nodes_then"), uids, "uids", derived=DERIVED)
    return [_state_then(row["node"], read_spans(row["since"], row["until"]), said, as_of) for row in rows]


def _state_then(node: Row, listed: Spans, said: Mapping[Uid, Sequence[Said]], as_of: Instant) -> tuple[NodeState, bool]:
    gone = in_force(read_spans(node.get("absent_since"), node.get("absent_until")), as_of)
    claims = said.get(node["uid"], ())
    state = _state(node, merge(node["kind"], claims), gone[0] if gone else None)
    return state, bool(claims) or in_force(listed, as_of) is not None


def said_of(tx: ManagedTransaction, uids: Sequence[Uid]) -> Iterable[tuple[Uid, Said3]]:
    """Yields all claims about nodes, closed ones included."""
    for row in run_rows(tx, cypher.fixed("claims"), uids, "uids"):
        spans = read_spans(row["since"], row["until"])
        yield row["uid"], Said3(read_scope(row["scope"]), spans, json.loads(row["said"]))


def _ends(tx: ManagedTransaction, uids: Sequence[Uid], as_of: Instant | None) -> dict[Uid, Instant | None]:
    """Returns, for nodes that no claim mentions at the time, when the last claim that did ended."""
    if as_of is None:
        rows = run_rows(tx, cypher.for_types("ends", _TYPES), uids, "uids")
    else:
        rows = run_rows(tx, cypher.for_types("ends_then", _TYPES), uids, "uids", at=as_of)
    return {
        row["uid"]: max((Instant(t) for t in (row["edge"], row["claim"]) if t is not None), default=None)
        for row in rows
    }


def _closed(state: NodeState, since: Instant | None) -> NodeState:
    return NodeState(state.urn, state.properties, since, state.implied, state.begins)


# --- by property and by words -----------------------------------------------------------------------------------------


def find(
    tx: ManagedTransaction, kinds: Collection[str], where: Mapping[str, Collection[str]], after: str | None, limit: int
) -> Page:
    """Returns a page of nodes by kind and property, in order of uid."""
    rows = _hits(tx, kinds, where, after=after or "", limit=limit + 1)
    uids = [row["uid"] for row in rows]
    page = sorted(states(tx, uids[:limit], None), key=lambda state: state.urn.uid)
    return Page(tuple(page), uids[limit - 1] if len(uids) > limit else None)


def _hits(
    tx: ManagedTransaction, kinds: Collection[str], where: Mapping[str, Collection[str]], **page: Any
) -> list[Row]:
    fitting = sorted(k for k in BY_KIND if (not kinds or k in kinds) and all(_can_ask(k, name) for name in where))
    values = {name: sorted({storable(v) for v in asked}) for name, asked in where.items()}
    first = min(values, key=lambda name: (name in _NAMES, name), default=None)
    filters = [{"name": name, "values": asked} for name, asked in values.items() if name != first]
    if first is None:
        return _ask(tx, cypher.fixed("find"), [{"kind": kind} for kind in fitting], filters, page)
    if first in _NAMES:
        seeks = [{"kind": kind, "value": value} for kind in fitting for value in values[first]]
        return _ask(tx, cypher.fixed(f"find_{first}"), seeks, filters, page)
    seeks = [{"value": value} for value in values[first]]
    found = [row for kind in fitting for row in _ask(tx, cypher.for_lookup("find", kind, first), seeks, filters, page)]
    return sorted(found, key=lambda row: str(row["uid"]))[: page["limit"]]


def _can_ask(kind: str, name: str) -> bool:
    return name in _NAMES or name in indexed_fields(BY_KIND[kind])


def _ask(tx: ManagedTransaction, text: Any, seeks: list[Row], filters: list[Row], page: Row) -> list[Row]:
    return tx.run(text, seeks=seeks, filters=filters, **page).data() if seeks else []


def match(tx: ManagedTransaction, texts: Sequence[str], kinds: Collection[str], limit: int) -> list[Urn]:
    """Returns nodes that have, for every word, one that starts with it, in order of uid."""
    wanted = sorted({word for text in texts for word in words(text)})
    fitting = [kind for kind in BY_KIND if kind in kinds]
    if not wanted or (kinds and not fitting):
        return []
    # Words are letters and digits, folded: nothing in them means something to the query language of the index.
    query = " ".join(f"+tokens:{word}*" for word in wanted)
    if fitting:
        query += f" +kind:({' '.join(fitting)})"
    rows = tx.run(cypher.fixed("match"), query_=query, words=wanted, limit=limit)
    return [Urn.parse(row["urn"]) for row in rows]
