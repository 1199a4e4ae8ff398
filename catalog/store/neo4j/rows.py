"""Claims as rows and properties of the database, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from catalog.model.canonical import FactId, dumps
from catalog.model.edges import Edge
from catalog.model.facts import Scope, read_scope, write_scope
from catalog.model.instants import Instant
from catalog.model.marks import standing
from catalog.model.names import Uid, Urn, dataset_of
from catalog.model.nodes import BY_KIND
from catalog.store.claims import Delta, Kept
from catalog.store.merging import Said, merge
from catalog.store.port import Claim, Span
from catalog.store.tokens import token_string

Row = dict[str, Any]
Spans = tuple[Span, ...]

OWN_OF_EDGES: Final = frozenset({"claim", "scope", "fact", "standing", "since", "until", "deltas", "origin"})
"""Properties of relationships that are no properties of the edge."""

OWN_OF_NODES: Final = frozenset(
    {"uid", "urn", "kind", "tokens", "implied", "begins", "held", "dataset", "absent", "absent_since", "absent_until"}
)
"""Properties of nodes that are neither keys nor merged from claims."""


class Said3(NamedTuple):
    """One claim about a node: who says it, when it held, and what it says."""

    scope: Scope
    spans: Spans
    properties: Mapping[str, Any]


def claim_id(path: str, fact: FactId) -> str:
    """Returns the name of a claim: a hash of its written scope and its fact."""
    return blake2b(path.encode() + b"\0" + fact, digest_size=16).hexdigest()


# --- intervals and differences ----------------------------------------------------------------------------------------


def spans_row(spans: Sequence[Span]) -> Row:
    """Returns intervals as two arrays; the open one, if any, is last and has no until."""
    return {"since": [start for start, _ in spans], "until": [end for _, end in spans if end is not None]}


def read_spans(since: Sequence[int] | None, until: Sequence[int] | None) -> Spans:
    """Reads intervals back; None is none."""
    starts, ends = list(since or []), list(until or [])
    closed = zip(map(Instant, starts), map(Instant, ends), strict=False)
    opened: Spans = ((Instant(starts[-1]), None),) if len(starts) > len(ends) else ()
    return (*closed, *opened)


def is_open(spans: Sequence[Span]) -> bool:
    return bool(spans) and spans[-1][1] is None


def kept_row(kept: Kept, origin: str | None) -> Row:
    """Returns what the ledger keeps of a claim. An origin equal to that of the claim is written once."""
    return {**spans_row(kept.spans), "deltas": _deltas(kept.deltas, origin), "origin": origin}


def _deltas(deltas: Sequence[Delta], origin: str | None) -> str:
    if len(deltas) == 1 and deltas[0].added and deltas[0].origin == origin:
        return f"[[{deltas[0].snapshot},1]]"  # as nearly all are
    return json.dumps([_delta(delta, origin) for delta in deltas], separators=(",", ":"))


def _delta(delta: Delta, origin: str | None) -> list[Any]:
    if not delta.added:
        return [delta.snapshot, 0]
    return [delta.snapshot, 1] if delta.origin == origin else [delta.snapshot, 1, delta.origin]


def read_deltas(text: str, origin: str | None) -> tuple[Delta, ...]:
    return tuple(
        Delta(said[0], bool(said[1]), said[2] if len(said) > 2 else origin if said[1] else None)
        for said in json.loads(text)
    )


def read_kept(row: Mapping[str, Any]) -> Kept:
    return Kept(read_deltas(row["deltas"], row["origin"]), read_spans(row["since"], row["until"]))


# --- edges ------------------------------------------------------------------------------------------------------------


def edge_props(scope: Scope, fact: FactId, edge: Edge, kept: Row) -> Row:
    """Returns the properties of the relationship that holds a claim."""
    rank = standing(scope).value
    path = write_scope(scope)
    return {
        **edge.properties(),
        **kept,
        "claim": claim_id(path, fact),
        "scope": path,
        "fact": fact.hex(),
        "standing": -1 - rank if edge.denies else rank,
    }


def edge_body(type_: str, start: str, end: str, props: Mapping[str, Any]) -> str:
    """Returns the canonical JSON of the edge that a relationship holds."""
    said = {name: value for name, value in props.items() if name not in OWN_OF_EDGES}
    return dumps({"edge": type_, "start": start, "end": end, "props": said})


def edge_claim(type_: str, start: str, end: str, props: Mapping[str, Any]) -> Claim:
    body = edge_body(type_, start, end, props)
    return _claim(props, body)


# --- nodes ------------------------------------------------------------------------------------------------------------


def said_text(properties: Mapping[str, Any]) -> str:
    return dumps(dict(properties))


def node_body(urn: str, said: str) -> str:
    """Returns the canonical JSON of a node of which a claim says `said`."""
    return f'{{"node":{dumps(urn)},"props":{said}}}'


def node_claim(row: Mapping[str, Any]) -> Claim:
    return _claim(row, node_body(row["about"], row["said"]))


def _claim(row: Mapping[str, Any], body: str) -> Claim:
    spans = read_spans(row["since"], row["until"])
    return Claim(read_scope(row["scope"]), bytes.fromhex(row["fact"]), body, spans, row.get("origin"))


def node_row(urn: Urn, claims: Collection[Said3]) -> Row:
    """Returns all properties of a node but which list has it: name, merged claims, words."""
    about = [claim for claim in claims if claim.spans]
    said = [Said(c.scope, c.spans[-1][0], c.properties) for c in about if is_open(c.spans)]
    merged = merge(urn.kind, said)
    row: Row = {
        **named(urn),
        **merged,
        "tokens": token_string(urn, merged),
    }
    marks = {"implied": not about, "held": bool(said)}
    row |= {name: True for name, holds in marks.items() if holds}
    if about:
        row["begins"] = min(claim.spans[0][0] for claim in about)
    return row


def named(urn: Urn) -> Row:
    """Returns the properties that follow from a node's name."""
    keys = dict(zip(BY_KIND[urn.kind].key_fields(), map(storable, urn.parts), strict=True))
    row: Row = {**keys, "uid": urn.uid, "urn": str(urn), "kind": urn.kind}
    if urn.kind == "column":
        row["dataset"] = dataset_of(urn).uid
    return row


def storable(text: str) -> str:
    """Returns a text that the database can hold: a lone surrogate, which no encoding has, is spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def merged_of(kind: str, row: Mapping[str, Any]) -> Row:
    """Returns the merged properties among those of a node."""
    own = OWN_OF_NODES.union(BY_KIND[kind].key_fields())
    return {name: value for name, value in row.items() if name not in own}


def uids(urns: Collection[Urn]) -> dict[Uid, Urn]:
    return {urn.uid: urn for urn in urns}
