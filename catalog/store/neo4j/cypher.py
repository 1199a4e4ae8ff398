"""Every statement of the adapter. Labels and types come from the classes of the model, all else is a parameter.

`<TYPE>`, `<KIND>` and the like stand for words of ours; `statements` lists every text that can be sent, for the plan checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, LiteralString, cast

from catalog.model.edges import BY_TYPE
from catalog.model.nodes import BY_KIND
from catalog.store.merging import indexed_fields

PAST: Final = "_PAST"
"""Suffix of the relationship types that hold closed claims."""

TYPES: Final = tuple(BY_TYPE)
LABELS: Final = {kind: cls.label() for kind, cls in BY_KIND.items()}
STORAGES: Final = tuple(f"{name}{suffix}" for name in TYPES for suffix in ("", PAST))
LOOKUPS: Final = tuple((cls.kind(), name) for cls in BY_KIND.values() for name in indexed_fields(cls))
"""Kinds and their properties that can be looked up, besides namespace and name."""

_SPANS: Final = "range(0, size(<R>.since) - 1) WHERE <R>.since[i] <= $at AND $at < coalesce(<R>.until[i], $at + 1)"
_HELD: Final = f"any(i IN {_SPANS.replace('<R>', 'r')})"
_KEPT: Final = (
    "r.scope AS scope, r.fact AS fact, r.deltas AS deltas, r.origin AS origin, r.since AS since, r.until AS until"
)

OWN: Final[dict[str, tuple[str, ...]]] = {
    "create_claims": ("claim", "fact", "origin", "said"),
    "create_withdrawn": ("claim", "fact", "origin", "body"),
    "create_nodes": ("uid", "urn", "tokens", "path", "description"),
    "create_edges": ("claim", "fact", "origin", "expression"),
}
"""Properties that hardly ever repeat, by statement. The others of a row are sent once for all rows that have them alike."""


def _filled(variable: str, place: int, own: tuple[str, ...]) -> str:
    """Returns the clause that sets the shared properties, whose number is at a place in the row, and then the row's own."""
    each = [f"{variable}.{name} = row[{i}]" for i, name in enumerate(own, place + 1)]
    return f"SET {', '.join([f'{variable} = $shared[row[{place}]]', *each])}"


FIXED: Final[dict[str, str]] = {
    # the head and the log
    "lock": (
        "MATCH (h:Head {name: 'head'}) SET h.lock = $token"
        " RETURN h.log AS log, h.schema AS schema, h.emptying AS emptying"
    ),
    "head": "MATCH (h:Head {name: 'head'}) RETURN h.log AS log, h.schema AS schema, h.emptying AS emptying",
    "found": "MERGE (h:Head {name: 'head'}) ON CREATE SET h.log = $log SET h.schema = $schema",
    "advance": "MATCH (h:Head {name: 'head'}) SET h.log = $log REMOVE h.lock",
    "emptying": "MATCH (h:Head {name: 'head'}) SET h.emptying = true",
    "emptied": "MATCH (h:Head {name: 'head'}) SET h.log = $log REMOVE h.emptying, h.lock",
    "append": "CREATE (c:Commit) SET c = $row",
    "commits": (
        "MATCH (c:Commit) USING INDEX c:Commit(seq) WHERE c.seq > $after"
        " RETURN c.seq AS seq, c.time AS time, c.actor AS actor, c.source AS source,"
        " c.counts AS counts, c.body_root AS body_root, c.log_root AS log_root, c.lines AS lines"
        " ORDER BY c.seq LIMIT $limit"
    ),
    "body": "MATCH (c:Commit {seq: $seq}) USING INDEX SEEK c:Commit(seq) RETURN c.body AS body",
    "set_body": "MATCH (c:Commit {seq: $seq}) USING INDEX SEEK c:Commit(seq) SET c.body = $body",
    # scopes
    "histories": (
        "MATCH (s:Scope) USING INDEX SEEK s:Scope(path) WHERE s.path IN $paths"
        " RETURN s.path AS path, s.history AS history, s.types AS types"
    ),
    "histories_below": (
        "MATCH (s:Scope) USING INDEX s:Scope(path) WHERE s.path STARTS WITH $prefix"
        " RETURN s.path AS path, s.history AS history, s.types AS types ORDER BY s.path"
    ),
    "save_scopes": (
        "UNWIND $rows AS row MERGE (s:Scope {path: row.path})"
        " SET s.history = row.history, s.types = row.types"
    ),
    # the ledger
    "kept_claims": (
        "MATCH (r:Claim)-[:ABOUT]->(n) USING INDEX SEEK r:Claim(claim) WHERE r.claim IN $claims"
        f" RETURN {_KEPT}, n.urn AS about"
    ),
    "kept_claims_of": (
        "MATCH (r:Claim)-[:ABOUT]->(n) USING INDEX SEEK r:Claim(scope, fact)"
        f" WHERE r.scope IN $scopes AND r.fact > '' RETURN {_KEPT}, n.urn AS about"
    ),
    "kept_withdrawn": (
        "MATCH (r:Withdrawn) USING INDEX SEEK r:Withdrawn(claim) WHERE r.claim IN $claims"
        f" RETURN {_KEPT}, r.body AS body, elementId(r) AS element"
    ),
    "kept_withdrawn_of": (
        "MATCH (r:Withdrawn) USING INDEX SEEK r:Withdrawn(scope, fact)"
        f" WHERE r.scope IN $scopes AND r.fact > '' RETURN {_KEPT}, r.body AS body, elementId(r) AS element"
    ),
    "facts_of_claims": (
        "MATCH (r:Claim) USING INDEX SEEK r:Claim(scope, fact) WHERE r.scope = $scope AND r.fact > ''"
        " RETURN r.deltas AS deltas, collect(r.fact) AS facts"
    ),
    "facts_of_withdrawn": (
        "MATCH (r:Withdrawn) USING INDEX SEEK r:Withdrawn(scope, fact) WHERE r.scope = $scope AND r.fact > ''"
        " RETURN r.deltas AS deltas, collect(r.fact) AS facts"
    ),
    # writing nodes and their claims
    "known": "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids RETURN collect(n.uid) AS uids",
    "states": "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids RETURN properties(n) AS node",
    "set_nodes": (
        "UNWIND $rows AS row MATCH (n:Headwater {uid: row.uid}) USING INDEX SEEK n:Headwater(uid)"
        " SET n += row.set"
    ),
    "create_claims": (
        "UNWIND $rows AS row MATCH (n:Headwater {uid: row[0]}) USING INDEX SEEK n:Headwater(uid)"
        f" CREATE (c:Claim)-[:ABOUT]->(n) {_filled('c', 1, OWN['create_claims'])}"
    ),
    "set_claims": (
        "UNWIND $rows AS row MATCH (c:Claim {claim: row.claim}) USING INDEX SEEK c:Claim(claim)"
        " SET c += row.set"
    ),
    "take_claims": (
        "MATCH (c:Claim)-[:ABOUT]->(n) USING INDEX SEEK c:Claim(claim) WHERE c.claim IN $claims"
        " RETURN properties(c) AS props, n.urn AS about, elementId(c) AS element"
    ),
    "delete_nodes": "UNWIND $ids AS id MATCH (n) WHERE elementId(n) = id DETACH DELETE n",
    "delete_edges": "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r",
    "create_withdrawn": f"UNWIND $rows AS row CREATE (w:Withdrawn) {_filled('w', 0, OWN['create_withdrawn'])}",
    "set_withdrawn": (
        "UNWIND $rows AS row MATCH (w:Withdrawn {claim: row.claim}) USING INDEX SEEK w:Withdrawn(claim)"
        " SET w += row.set"
    ),
    "delete_lonely": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids AND NOT EXISTS { (n)--() }"
        " AND NOT EXISTS { MATCH (c:Column {dataset: n.uid}) } WITH n, n.dataset AS dataset DELETE n RETURN dataset"
    ),
    # which columns a data set has
    "listings": (
        "MATCH (n:Headwater)<-[:ABOUT]-(c:Claim) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids AND c.lists"
        " RETURN n.uid AS dataset, c.scope AS scope, c.said AS said, c.since AS since, c.until AS until"
    ),
    "columns": (
        "UNWIND $uids AS uid MATCH (c:Column {dataset: uid}) USING INDEX SEEK c:Column(dataset)"
        " OPTIONAL MATCH (c)<-[r:HAS_COLUMN|HAS_COLUMN_PAST {scope: $derived}]-()"
        " RETURN uid AS dataset, c.urn AS urn, c.absent_since AS absent_since, c.absent_until AS absent_until,"
        " r.since AS since, r.until AS until, elementId(r) AS element"
    ),
    "forget_columns": (
        "UNWIND $uids AS uid MATCH (c:Column {dataset: uid}) USING INDEX SEEK c:Column(dataset)"
        " REMOVE c.absent, c.absent_since, c.absent_until WITH c"
        " OPTIONAL MATCH (c)<-[r:HAS_COLUMN|HAS_COLUMN_PAST {scope: $derived}]-() DELETE r RETURN DISTINCT c.uid AS uid"
    ),
    # reading nodes
    "nodes": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids RETURN properties(n) AS node,"
        " EXISTS { (n)<-[:HAS_COLUMN {scope: $derived}]-() } AS listed"
    ),
    "nodes_then": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids"
        " OPTIONAL MATCH (n)<-[r:HAS_COLUMN|HAS_COLUMN_PAST {scope: $derived}]-()"
        " RETURN properties(n) AS node, r.since AS since, r.until AS until"
    ),
    "urns": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids"
        " RETURN n.uid AS uid, n.urn AS urn"
    ),
    "claims": (
        "MATCH (n:Headwater)<-[:ABOUT]-(c:Claim) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids"
        " RETURN n.uid AS uid, n.urn AS about, c.claim AS claim,"
        " c.scope AS scope, c.fact AS fact, c.said AS said, c.since AS since, c.until AS until, c.origin AS origin"
    ),
    "find": (
        "UNWIND $seeks AS seek CALL (seek) { MATCH (n:Headwater) USING INDEX n:Headwater(kind, uid)"
        " WHERE n.kind = seek.kind AND n.uid > $after AND all(f IN $filters WHERE n[f.name] IN f.values)"
        " RETURN n ORDER BY n.kind, n.uid LIMIT $limit } RETURN n.uid AS uid ORDER BY n.uid LIMIT $limit"
    ),
    "find_namespace": (
        "UNWIND $seeks AS seek CALL (seek) { MATCH (n:Headwater) USING INDEX n:Headwater(kind, namespace, uid)"
        " WHERE n.kind = seek.kind AND n.namespace = seek.value AND n.uid > $after"
        " AND all(f IN $filters WHERE n[f.name] IN f.values)"
        " RETURN n ORDER BY n.kind, n.namespace, n.uid LIMIT $limit } RETURN n.uid AS uid ORDER BY n.uid LIMIT $limit"
    ),
    "find_name": (
        "UNWIND $seeks AS seek CALL (seek) { MATCH (n:Headwater) USING INDEX n:Headwater(kind, name, uid)"
        " WHERE n.kind = seek.kind AND n.name = seek.value AND n.uid > $after"
        " AND all(f IN $filters WHERE n[f.name] IN f.values)"
        " RETURN n ORDER BY n.kind, n.name, n.uid LIMIT $limit } RETURN n.uid AS uid ORDER BY n.uid LIMIT $limit"
    ),
    "match": (
        "CALL db.index.fulltext.queryNodes('headwater_words', $query_) YIELD node"
        " WHERE all(w IN $words WHERE ' ' + node.tokens CONTAINS ' ' + w)"
        " RETURN node.urn AS urn ORDER BY node.uid LIMIT $limit"
    ),
    "absences": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids AND n.absent_since IS NOT NULL"
        " RETURN n.uid AS uid, n.absent_since AS since, n.absent_until AS until"
    ),
    "lifetimes": (
        "MATCH (n:Headwater)<-[:ABOUT]-(c:Claim) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids"
        " RETURN c.since AS since, c.until AS until, collect(DISTINCT n.uid) AS uids"
    ),
    # all claims in order of scope and fact
    "stream_claims": (
        "MATCH (r:Claim) USING INDEX r:Claim(scope, fact) WHERE r.scope > '' AND r.fact > '' MATCH (r)-[:ABOUT]->(n)"
        "RETURN r.scope AS scope, r.fact AS fact, r.said AS said, r.since AS since, r.until AS until, r.origin AS origin,"
        " n.urn AS about ORDER BY r.scope, r.fact"
    ),
}  # fmt: skip
"""Statements without a word to fill in."""

PER_KIND: Final[dict[str, str]] = {
    "create_nodes": f"UNWIND $rows AS row CREATE (n:Headwater:<KIND>) {_filled('n', 0, OWN['create_nodes'])}",
}

PER_LOOKUP: Final[dict[str, str]] = {
    "find": (
        "UNWIND $seeks AS seek CALL (seek) { MATCH (n:<KIND>) USING INDEX n:<KIND>(<FIELD>, uid)"
        " WHERE n.<FIELD> = seek.value AND n.uid > $after AND all(f IN $filters WHERE n[f.name] IN f.values)"
        " RETURN n ORDER BY n.<FIELD>, n.uid LIMIT $limit } RETURN n.uid AS uid ORDER BY n.uid LIMIT $limit"
    ),
}

PER_STORAGE: Final[dict[str, str]] = {
    "create_edges": (
        "UNWIND $rows AS row MATCH (a:Headwater {uid: row[0]}) USING INDEX SEEK a:Headwater(uid)"
        " MATCH (b:Headwater {uid: row[1]}) USING INDEX SEEK b:Headwater(uid)"
        f" CREATE (a)-[r:<TYPE>]->(b) {_filled('r', 2, OWN['create_edges'])}"
    ),
    "set_edges": (
        "UNWIND $rows AS row MATCH ()-[r:<TYPE> {claim: row.claim}]->() USING INDEX SEEK r:<TYPE>(claim)"
        " SET r += row.set"
    ),
    "take_edges": (
        "MATCH (a)-[r:<TYPE>]->(b) USING INDEX SEEK r:<TYPE>(claim) WHERE r.claim IN $claims"
        " RETURN properties(r) AS props, a.urn AS start, b.urn AS end, elementId(r) AS element"
    ),
    "kept_edges": f"MATCH ()-[r:<TYPE>]->() USING INDEX SEEK r:<TYPE>(claim) WHERE r.claim IN $claims RETURN {_KEPT}",
    "kept_edges_of": (
        "MATCH ()-[r:<TYPE>]->() USING INDEX SEEK r:<TYPE>(scope, fact)"
        f" WHERE r.scope IN $scopes AND r.fact > '' RETURN {_KEPT}"
    ),
    "facts_of_edges": (
        "MATCH ()-[r:<TYPE>]->() USING INDEX SEEK r:<TYPE>(scope, fact) WHERE r.scope = $scope AND r.fact > ''"
        " RETURN r.deltas AS deltas, collect(r.fact) AS facts"
    ),
    "stream_edges": (
        "MATCH (a)-[r:<TYPE>]->(b) USING INDEX r:<TYPE>(scope, fact) WHERE r.scope > '' AND r.fact > ''"
        " RETURN properties(r) AS props, a.urn AS start, b.urn AS end ORDER BY r.scope, r.fact"
    ),
}

PER_MOVE: Final[dict[str, str]] = {
    "move_edges": (
        "UNWIND $rows AS row MATCH (a)-[r:<FROM> {claim: row.claim}]->(b) USING INDEX SEEK r:<FROM>(claim)"
        " CREATE (a)-[p:<TO>]->(b)"
        " SET p = properties(r), p += row.set RETURN elementId(r) AS element"
    ),
}

# One record for all claims that are alike but for their ends: the driver takes 20 microseconds for a record, 2 for an item.
_HOP: Final = (
    "WITH type(r) AS type, r.standing AS standing, coalesce(b.absent, false) AS absent,"
    " collect(key) AS near, collect(b.uid) AS far RETURN type, standing, absent, near, far"
)
_HOP_THEN: Final = (
    "WITH type(r) AS type, r.standing AS standing, any(i IN range(0, size(coalesce(b.absent_since, [])) - 1)"
    " WHERE b.absent_since[i] <= $at AND $at < coalesce(b.absent_until[i], $at + 1)) AS absent,"
    " collect(key) AS near, collect(b.uid) AS far RETURN type, standing, absent, near, far"
)
_ALIKE: Final = (
    "RETURN type(r) AS type, r.standing AS standing, r.subtype AS subtype, r.exactness AS exactness, r.masking AS masking,"
    " r.scope AS scope, r.since AS since, r.until AS until, collect(key) AS near, collect(b.uid) AS far"
)
_EVIDENCE: Final = "properties(r) AS props, type(r) AS type, startNode(r).urn AS start, endNode(r).urn AS end"
_NEAR: Final = "UNWIND $keys AS key MATCH (a:Headwater {uid: key})"
_BY_KEY: Final = "USING INDEX SEEK a:Headwater(uid)"

PER_TYPES: Final[dict[str, str]] = {
    "step_upstream": f"{_NEAR}-[r:<TYPES>]->(b) {_BY_KEY} {_HOP}",
    "step_downstream": f"{_NEAR}<-[r:<TYPES>]-(b) {_BY_KEY} {_HOP}",
    "step_upstream_then": f"{_NEAR}-[r:<ALL>]->(b) {_BY_KEY} WHERE {_HELD} {_HOP_THEN}",
    "step_downstream_then": f"{_NEAR}<-[r:<ALL>]-(b) {_BY_KEY} WHERE {_HELD} {_HOP_THEN}",
    "bundles_upstream": f"{_NEAR}-[r:<ALL>]->(b) {_BY_KEY} {_ALIKE}",
    "bundles_downstream": f"{_NEAR}<-[r:<ALL>]-(b) {_BY_KEY} {_ALIKE}",
    "edges_upstream": f"{_NEAR}-[r:<TYPES>]->() {_BY_KEY} RETURN {_EVIDENCE}",
    "edges_downstream": f"{_NEAR}<-[r:<TYPES>]-() {_BY_KEY} RETURN {_EVIDENCE}",
    "edges_upstream_then": f"{_NEAR}-[r:<ALL>]->() {_BY_KEY} WHERE {_HELD} RETURN {_EVIDENCE}",
    "edges_downstream_then": f"{_NEAR}<-[r:<ALL>]-() {_BY_KEY} WHERE {_HELD} RETURN {_EVIDENCE}",
    "ends": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid)"
        " WHERE n.uid IN $uids AND NOT EXISTS { (n)-[:<TYPES>]-() }"
        " CALL (n) { MATCH (n)-[r:<PAST>]-() RETURN max(r.until[-1]) AS edge }"
        " CALL (n) { MATCH (n)<-[:ABOUT]-(c:Claim) RETURN max(c.until[-1]) AS claim }"
        " RETURN n.uid AS uid, edge, claim"
    ),
    "ends_then": (
        "MATCH (n:Headwater) USING INDEX SEEK n:Headwater(uid) WHERE n.uid IN $uids CALL (n) { MATCH (n)-[r:<ALL>]-()"
        f" RETURN max(CASE WHEN {_HELD} THEN 1 ELSE 0 END) AS held, max([t IN r.until WHERE t <= $at][-1]) AS edge }}"
        " WITH n, held, edge WHERE coalesce(held, 0) = 0"
        " CALL (n) { MATCH (n)<-[:ABOUT]-(c:Claim) RETURN max([t IN c.until WHERE t <= $at][-1]) AS claim }"
        " RETURN n.uid AS uid, edge, claim"
    ),
}
"""`<TYPES>` are the types asked for, `<PAST>` their closed twins, `<ALL>` both."""


def ours(text: str) -> LiteralString:
    """Vouches for a text that is made of words of this package and of classes of the model, never of data."""
    return cast("LiteralString", text)  # type: ignore[redundant-cast]  # mypy reads LiteralString as str


def fixed(name: str) -> LiteralString:
    return ours(FIXED[name])


@lru_cache(maxsize=1024)
def for_kind(name: str, kind: str) -> LiteralString:
    """Returns a statement about nodes of one kind.

    Raises:
        KeyError: there is no such kind.
    """
    return ours(PER_KIND[name].replace("<KIND>", LABELS[kind]))


@lru_cache(maxsize=1024)
def for_lookup(name: str, kind: str, field: str) -> LiteralString:
    """Returns a statement that looks a property of a kind up.

    Raises:
        ValueError: the property is not indexed.
    """
    LOOKUPS.index((kind, field))
    return ours(PER_LOOKUP[name].replace("<KIND>", LABELS[kind]).replace("<FIELD>", field))


@lru_cache(maxsize=1024)
def for_storage(name: str, storage: str) -> LiteralString:
    """Returns a statement about the relationships of one type, current or past.

    Raises:
        ValueError: there is no such type.
    """
    STORAGES.index(storage)
    return ours(PER_STORAGE[name].replace("<TYPE>", storage))


@lru_cache(maxsize=256)
def for_move(name: str, before: str, after: str) -> LiteralString:
    """Returns a statement that moves relationships between current and past.

    Raises:
        ValueError: there is no such type.
    """
    STORAGES.index(before)
    STORAGES.index(after)
    return ours(PER_MOVE[name].replace("<FROM>", before).replace("<TO>", after))


@lru_cache(maxsize=1024)
def for_types(name: str, types: frozenset[str]) -> LiteralString:
    """Returns a statement that follows these types, of which there is at least one.

    Raises:
        KeyError: there is no such type.
    """
    now = [BY_TYPE[t].type() for t in sorted(types)]
    past = [f"{t}{PAST}" for t in now]
    words = {"<TYPES>": "|".join(now), "<PAST>": "|".join(past), "<ALL>": "|".join([*now, *past])}
    text = PER_TYPES[name]
    for word, value in words.items():
        text = text.replace(word, value)
    return ours(text)


def counts() -> LiteralString:
    """Returns the statement that reads the figures of the database's own count store, in the order of `counted`."""
    return ours(" UNION ALL ".join(f"MATCH {pattern} RETURN count(x) AS n" for _, pattern in counted()))


def counted() -> list[tuple[str, str]]:
    """Returns names and patterns of what is counted."""
    own = [("nodes", "(x:Headwater)"), ("node claims", "(x:Claim)"), ("scopes", "(x:Scope)"), ("commits", "(x:Commit)")]
    kinds = [(f"node.{kind}", f"(x:{label})") for kind, label in LABELS.items()]
    return [*own, *kinds, *((storage, f"()-[x:{storage}]->()") for storage in STORAGES)]


def clearing() -> Iterator[tuple[str, LiteralString]]:
    """Yields the statements that empty the store, one for each label of ours. Each commits as it goes."""
    for label in ("Commit", "Scope", "Claim", "Withdrawn", "Headwater"):
        text = f"MATCH (x:{label}) CALL (x) {{ DETACH DELETE x }} IN TRANSACTIONS OF 5000 ROWS"
        yield label, ours(text)


def statements() -> Iterator[tuple[str, str]]:
    """Yields every statement with a name; those for sets of types for each type and for all."""
    yield from ((name, fixed(name)) for name in FIXED)
    yield from ((f"{name} {kind}", for_kind(name, kind)) for name in PER_KIND for kind in LABELS)
    yield from ((f"{name} {' '.join(at)}", for_lookup(name, *at)) for name in PER_LOOKUP for at in LOOKUPS)
    yield from ((f"{name} {at}", for_storage(name, at)) for name in PER_STORAGE for at in STORAGES)
    yield from ((f"{name} {' '.join(at)}", for_move(name, *at)) for name in PER_MOVE for at in _moves(TYPES))
    sets = [*map(frozenset, ([t] for t in TYPES)), frozenset(TYPES)]
    yield from ((f"{name} {len(s)} {min(s)}", for_types(name, s)) for name in PER_TYPES for s in sets)
    yield "counts", counts()
    yield from ((f"clear {label}", text) for label, text in clearing())


def _moves(types: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in types:
        yield name, f"{name}{PAST}"
        yield f"{name}{PAST}", name
