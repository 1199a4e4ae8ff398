"""The questions that a store answers, in SQL."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from catalog.model.canonical import FactId
from catalog.model.edges import DERIVED
from catalog.model.facts import Scope, read_scope, write_scope
from catalog.model.instants import Instant
from catalog.model.marks import standing
from catalog.model.names import Urn
from catalog.store.claims import listed_in
from catalog.store.collecting import uncollected
from catalog.store.derived import DERIVED_SCOPE, closed_since, has_column
from catalog.store.history import ScopeHistory
from catalog.store.merging import Said, in_force, merge
from catalog.store.port import Bundle, Claim, Commit, Direction, Hop, Key, NodeState, Page, Span
from catalog.store.sqlite.codec import ids_json, read_deltas, read_spans
from catalog.store.sqlite.database import Database, Row
from catalog.store.sqlite.ledger import SqliteLedger
from catalog.store.sqlite.nodes import HELD, NEVER, About, NodeTable, decode, encode, parts_of
from catalog.store.tokens import words

_NODE: Final = "n.id, n.kind, n.namespace, n.name, n.rest, n.described, n.begins, n.properties"
_IN: Final = "IN (SELECT value FROM json_each(?))"
_NOW: Final = "until IS NULL"
_THEN: Final = "since <= ?2 AND (until IS NULL OR until > ?2)"


class Reader:
    """Reads nodes, edges and claims."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._nodes = NodeTable(database)

    # --- nodes

    def get(self, urns: Collection[Urn], as_of: Instant | None) -> dict[Urn, NodeState]:
        uids = sorted({bytes.fromhex(urn.uid) for urn in urns})
        with self._db.reading():
            rows = self._db.rows_in(f"SELECT {_NODE} FROM nodes n WHERE uid IN ({{}}) AND known > 0", uids)
            return {state.urn: state for state in self._states(list(rows), as_of)}

    def find(
        self,
        kinds: Collection[str],
        where: Mapping[str, Collection[str]],
        after: str | None,
        limit: int,
    ) -> Page:
        tests, parameters = self._tests(kinds, where)
        if after is not None:
            tests.append("n.uid > ?")
            parameters.append(bytes.fromhex(after))
        sql = f"SELECT {_NODE} FROM nodes n WHERE {' AND '.join(tests)} ORDER BY n.uid LIMIT ?"
        with self._db.reading():
            rows = self._db.rows(sql, (*parameters, limit + 1))
            states = self._states(rows[:limit], None)
        return Page(tuple(states), states[-1].urn.uid if len(rows) > limit else None)

    def _tests(self, kinds: Collection[str], where: Mapping[str, Collection[str]]) -> tuple[list[str], list[Any]]:
        """Returns the conditions of `find` and their parameters."""
        tests = ["n.known > 0"]
        parameters: list[Any] = []
        if kinds:
            # Given a name or a value, an index finds few rows; without, that of kinds has them in order.
            narrow = "+" if where.keys() - {"namespace"} else ""
            tests.append(f"{narrow}n.kind IN ({','.join('?' * len(kinds))})")
            parameters += [self._db.kinds.get(kind, -1) for kind in kinds]
        for name, values in where.items():
            if name in ("namespace", "name"):
                tests.append(f"n.{name} {_IN}")
                parameters.append(json.dumps(sorted(map(encode, values))))
            else:
                tests.append(f"n.id IN (SELECT node FROM lookups WHERE field = ? AND value {_IN})")
                parameters += [name, json.dumps(sorted(values))]
        return tests, parameters

    def match(self, texts: Sequence[str], kinds: Collection[str], limit: int) -> list[Urn]:
        wanted = sorted({word for text in texts for word in words(text)})
        if not wanted:
            return []
        tests, parameters = self._tests(kinds, {})
        sql = f"""\
            SELECT n.kind, n.namespace, n.name, n.rest FROM words CROSS JOIN nodes n ON n.id = words.rowid
            WHERE words MATCH ? AND {" AND ".join(tests).replace("n.kind", "+n.kind")} ORDER BY n.uid LIMIT ?"""
        asked = " AND ".join(f'"{word}" *' for word in wanted)
        return [self._urn(*row) for row in self._db.rows(sql, (asked, *parameters, limit))]

    def keys(self, urns: Collection[Urn]) -> dict[Urn, Key]:
        by_uid = {bytes.fromhex(urn.uid): urn for urn in urns}
        sql = "SELECT uid, id FROM nodes WHERE uid IN ({}) AND known > 0"
        return {by_uid[uid]: key for uid, key in self._db.rows_in(sql, sorted(by_uid))}

    def urns(self, keys: Collection[Key]) -> dict[Key, Urn]:
        numbers = _numbers(keys)
        sql = f"SELECT id, kind, namespace, name, rest FROM nodes WHERE id {_IN} AND known > 0"
        return {key: self._urn(*row) for key, *row in self._db.rows(sql, (numbers,))}

    def _urn(self, kind: int, namespace: str, name: str, rest: str) -> Urn:
        return Urn(self._db.kind_names[kind], parts_of(namespace, name, rest))

    def _states(self, rows: list[Row], as_of: Instant | None) -> list[NodeState]:
        keys = [row[0] for row in rows]
        about = {} if as_of is None else self._nodes.about(keys)
        absent = self._absent([row[0] for row in rows if row[1] == self._db.kinds["column"]], as_of)
        quiet = [row[0] for row in rows if not _speaks(row, about, as_of) and row[0] not in absent]
        closed = self._closed(quiet, as_of)
        states: list[NodeState] = []
        for row in rows:
            key, kind, namespace, name, rest, described, begins, properties = row
            urn = self._urn(kind, namespace, name, rest)
            merged = json.loads(properties) if as_of is None else _merged(urn, about.get(key, ()), as_of)
            since = absent.get(key, closed.get(key))
            states.append(NodeState(urn, merged, since, described == NEVER, begins))
        return states

    def _absent(self, keys: Collection[int], as_of: Instant | None) -> dict[int, Instant]:
        """Returns the columns that the list in force lacks, with the time since when."""
        if not keys:
            return {}
        sql = "SELECT node, since FROM absences WHERE node IN (SELECT value FROM json_each(?1)) AND "
        return dict(self._db.rows(sql + (_NOW if as_of is None else _THEN), _at(ids_json(keys), as_of)))

    def _closed(self, keys: Collection[int], as_of: Instant | None) -> dict[int, Instant | None]:
        """Returns, for nodes that nothing describes, when the last claim about or at them ended."""
        if not keys:
            return {}
        spans: defaultdict[int, list[tuple[Span, ...]]] = defaultdict(list)
        parameter = (ids_json(keys),)
        for key, text in self._db.rows(f"SELECT node, spans FROM claims WHERE type IS NULL AND node {_IN}", parameter):
            spans[key].append(read_spans(text))
        for sql in _TOUCHING:
            for key, since, until in self._db.rows(sql, parameter):
                spans[key].append(((since, until),))
        return {key: closed_since(found, as_of) for key, found in spans.items()}

    # --- edges

    def step(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None
    ) -> list[Hop]:
        codes = tuple(sorted((self._db.types[name], name) for name in types if name in self._db.types))
        if not codes or not keys:
            return []
        with uncollected():
            rows = self._db.rows(_step(codes, direction, as_of is None), _at(_numbers(keys), as_of))
            return list(map(Hop._make, rows))

    def bundles(self, keys: Collection[Key], types: Collection[str], direction: Direction) -> list[Bundle]:
        codes = tuple(sorted((self._db.types[name], name) for name in types if name in self._db.types))
        if not codes or not keys:
            return []
        with uncollected(), self._db.reading():
            alike: defaultdict[Row, tuple[list[Key], list[Key]]] = defaultdict(lambda: ([], []))
            for row in self._db.rows(_bundles(codes, direction), (_numbers(keys),)):
                nears, fars = alike[row[2:]]
                nears.append(row[0])
                fars.append(row[1])
            manners = self._manners({how[1] for how in alike})
            return [
                Bundle(type_, *manners[manner], since, until, *ends)
                for (type_, manner, since, until), ends in alike.items()
            ]

    def _manners(self, numbers: Collection[int]) -> dict[int, tuple[int, str | None, str, bool, Scope]]:
        """Returns standing, subtype, exactness, masking and scope."""
        select = f"""\
            SELECT m.id, m.said, m.subtype, m.exactness, m.masking, s.path FROM manners m JOIN scopes s ON s.id = m.scope
            WHERE m.id {_IN}"""
        found: dict[int, tuple[int, str | None, str, bool, Scope]] = {}
        found[0] = (standing(DERIVED_SCOPE).value, None, "exact", False, DERIVED_SCOPE)
        for key, said, subtype, exactness, masking, path in self._db.rows(select, (ids_json(numbers),)):
            found[key] = (said, decode(subtype) or None, exactness, bool(masking), read_scope(path))
        return found

    def absences(self, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
        select = f"SELECT node, since, until FROM absences WHERE node {_IN} ORDER BY node, since"
        found: defaultdict[Key, list[Span]] = defaultdict(list)
        for key, since, until in self._db.rows(select, (_numbers(keys),)):
            found[key].append((since, until))
        return {key: tuple(spans) for key, spans in found.items()}

    def lifetimes(self, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
        select = f"SELECT node, spans FROM claims WHERE type IS NULL AND node {_IN} AND spans <> '[]'"
        found: defaultdict[Key, set[str]] = defaultdict(set)
        for key, spans in self._db.rows(select, (_numbers(keys),)):
            found[key].add(spans)
        return {key: frozenset(span for text in texts for span in read_spans(text)) for key, texts in found.items()}

    def edges(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None
    ) -> list[Claim]:
        near = _numbers(keys)
        with self._db.reading():
            found = self._stated(near, types, direction, as_of)
            if not DERIVED.isdisjoint(types):
                found += self._derived(near, direction, as_of)
        return sorted(found, key=lambda c: (write_scope(c.scope), c.fact))

    def _stated(self, near: str, types: Collection[str], direction: Direction, as_of: Instant | None) -> list[Claim]:
        codes = json.dumps([self._db.types[name] for name in types if name in self._db.types])
        end = "start_node" if direction == "upstream" else "end_node"
        parts = [_CLAIMS_OF.format(table="edges", end=end)]
        if as_of is not None:
            parts[0] += " AND e.since <= ?3"
            parts.append(_CLAIMS_OF.format(table="closed_edges", end=end) + " AND e.since <= ?3 AND e.until > ?3")
        parameters = (near, codes) if as_of is None else (near, codes, as_of)
        return [_claim(row) for row in self._db.rows(" UNION ALL ".join(parts), parameters)]

    def _derived(self, near: str, direction: Direction, as_of: Instant | None) -> list[Claim]:
        end = "start_node" if direction == "upstream" else "end_node"
        spans: defaultdict[int, list[Span]] = defaultdict(list)
        for key, since, until in self._db.rows(_LISTED.format(end=end), (near, self._db.types["HAS_COLUMN"])):
            spans[key].append((since, until))
        held = {key: tuple(sorted(s, key=_begin)) for key, s in spans.items()}
        held = {key: s for key, s in held.items() if in_force(s, as_of) is not None}
        facts = {key: has_column(urn) for key, urn in self.urns(held).items() if isinstance(key, int)}
        return [Claim(DERIVED_SCOPE, fact.id, fact.body, held[key], None) for key, fact in facts.items()]

    # --- claims

    def claims(self, urns: Collection[Urn], as_of: Instant | None, history: bool) -> list[Claim]:
        with self._db.reading():
            rows = self._db.rows(_ABOUT, (_numbers(self.keys(urns).values()),))
        return [claim for claim in map(_claim, rows) if history or in_force(claim.spans, as_of) is not None]

    def all_claims(self) -> Iterator[Claim]:
        return map(_claim, self._db.stream(_ALL))

    # --- scopes and the log

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        return SqliteLedger(self._db).histories(scopes)

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        return SqliteLedger(self._db).histories_below(scope)

    def members(self, scope: Scope, snapshot: int) -> set[FactId]:
        with self._db.reading():
            history = self.histories([scope])[scope]
            sql = "SELECT c.deltas, c.fact FROM claims c JOIN scopes s ON s.id = c.scope WHERE s.path = ?"
            # Most claims have the same differences: each text is looked at once.
            inside: dict[str, bool] = {}
            found: set[FactId] = set()
            for deltas, fact in self._db.stream(sql, (write_scope(scope),)):
                if deltas not in inside:
                    inside[deltas] = snapshot in listed_in(read_deltas(deltas, None), history.snapshots)
                if inside[deltas]:
                    found.add(fact)
        return found

    def commits(self, after: int, limit: int) -> list[Commit]:
        sql = """\
            SELECT seq, time, actor, source, counts, body_root, log_root, lines FROM commits
            WHERE seq > ? ORDER BY seq LIMIT ?"""
        rows = self._db.rows(sql, (after, limit))
        return [
            Commit(seq, time, actor, source, json.loads(counts), body_root, log_root, lines)
            for seq, time, actor, source, counts, body_root, log_root, lines in rows
        ]

    def counts(self) -> dict[str, int]:
        """Returns the figures of `StoreInfo`."""
        with self._db.reading():
            found = {name: self._db.rows(sql)[0][0] for name, sql in _COUNTS.items()}
            for kind, count in self._db.rows("SELECT kind, count(*) FROM nodes WHERE known > 0 GROUP BY kind"):
                found[f"node.{self._db.kind_names[kind]}"] = count
        return found


_SELECT: Final = "SELECT s.path, c.fact, c.body, c.spans, c.origin FROM"
_CLAIMS_OF: Final = f"""\
{_SELECT} json_each(?1) k CROSS JOIN json_each(?2) t
CROSS JOIN {{table}} e ON e.{{end}} = k.value AND e.type = t.value
JOIN claims c ON c.id = e.claim JOIN scopes s ON s.id = c.scope WHERE e.claim > 0"""
_ABOUT: Final = f"""\
{_SELECT} claims c JOIN scopes s ON s.id = c.scope
WHERE c.type IS NULL AND c.node {_IN} AND c.spans <> '[]' ORDER BY s.path, c.fact"""
_ALL: Final = f"""\
{_SELECT} scopes s CROSS JOIN claims c ON c.scope = s.id WHERE c.spans <> '[]' ORDER BY s.path, c.fact"""
_TOUCHING: Final = tuple(
    f"SELECT {end}, since, {until} FROM {table} WHERE {end} {_IN}"
    for table, until in (("edges", "NULL"), ("closed_edges", "until"))
    for end in ("start_node", "end_node")
)
_LISTED: Final = """\
WITH pairs AS (
  SELECT start_node, end_node FROM edges WHERE type = ?2 AND {end} IN (SELECT value FROM json_each(?1))
  UNION SELECT start_node, end_node FROM closed_edges WHERE type = ?2 AND {end} IN (SELECT value FROM json_each(?1))
)
SELECT e.end_node, e.since, NULL FROM pairs p JOIN edges e USING (start_node, end_node) WHERE e.type = ?2
UNION ALL
SELECT e.end_node, e.since, e.until FROM pairs p JOIN closed_edges e USING (start_node, end_node) WHERE e.type = ?2"""
_COUNTS: Final = {
    "nodes": "SELECT count(*) FROM nodes WHERE known > 0",
    "edges": "SELECT count(*) FROM edges",
    "closed_edges": """\
        SELECT count(*) FROM (SELECT DISTINCT start_node, type, end_node, claim FROM closed_edges) c WHERE NOT EXISTS (
          SELECT 1 FROM edges e WHERE e.start_node = c.start_node AND e.type = c.type AND e.end_node = c.end_node
          AND e.claim = c.claim)""",
    "claims": "SELECT (SELECT count(*) FROM claims) - (SELECT count(*) FROM claims WHERE spans = '[]')",
    "scopes": "SELECT count(*) FROM scopes",
    "commits": "SELECT count(*) FROM commits",
}


@lru_cache(maxsize=512)
def _step(codes: tuple[tuple[int, str], ...], direction: Direction, now: bool) -> str:
    """Returns the statement of one level of a walk: keys go in as one list, names of types come out as literals."""
    near, far = ("start_node", "end_node") if direction == "upstream" else ("end_node", "start_node")
    name = "".join(f" WHEN {code} THEN '{name}'" for code, name in codes)
    absent = _NOW if now else _THEN.replace("since", "a.since").replace("until", "a.until")
    select = f"""\
        SELECT e.{near}, e.{far}, CASE e.type{name} END, e.said,
          EXISTS (SELECT 1 FROM absences a WHERE a.node = e.{far} AND {absent})
        FROM json_each(?1) k CROSS JOIN {{}} e ON e.{near} = k.value
        WHERE {_among([code for code, _ in codes])}"""
    if now:
        return select.format("edges")
    return f"{select.format('edges')} AND e.since <= ?2 UNION ALL {select.format('closed_edges')} AND e.since <= ?2 AND e.until > ?2"


@lru_cache(maxsize=512)
def _bundles(codes: tuple[tuple[int, str], ...], direction: Direction) -> str:
    """Returns the statement of one level of a walk over all times."""
    near, far = ("start_node", "end_node") if direction == "upstream" else ("end_node", "start_node")
    name = "".join(f" WHEN {code} THEN '{name}'" for code, name in codes)
    select = f"""\
        SELECT e.{near}, e.{far}, CASE e.type{name} END, e.manner, e.since, {{}}
        FROM json_each(?1) k CROSS JOIN {{}} e ON e.{near} = k.value WHERE {_among([code for code, _ in codes])}"""
    return f"{select.format('NULL', 'edges')} UNION ALL {select.format('e.until', 'closed_edges')}"


def _among(numbers: Sequence[int]) -> str:
    """Returns the condition on types: one range where they lie close, as those of a flow do, else one search for each."""
    listed = f"e.type IN ({','.join(map(str, numbers))})"
    least, most = min(numbers), max(numbers)
    return f"e.type BETWEEN {least} AND {most} AND +{listed}" if most - least < 2 * len(numbers) else listed


def _at(parameter: str, as_of: Instant | None) -> tuple[Any, ...]:
    return (parameter,) if as_of is None else (parameter, as_of)


def _numbers(keys: Collection[Key]) -> str:
    """Returns keys as one parameter; those of other stores name nothing here."""
    return ids_json([key for key in keys if isinstance(key, int)])


def _begin(span: Span) -> Instant:
    return span[0]


def _claim(row: Row) -> Claim:
    path, fact, body, spans, origin = row
    return Claim(read_scope(path), fact, body, read_spans(spans), origin)


def _speaks(row: Row, about: Mapping[int, Collection[About]], as_of: Instant | None) -> bool:
    """Returns whether a claim describes the node of a row at a time."""
    if as_of is None:
        return bool(row[5] == HELD)
    return any(in_force(claim.spans, as_of) is not None for claim in about.get(row[0], ()))


def _merged(urn: Urn, about: Collection[About], as_of: Instant) -> dict[str, Any]:
    said = [Said(c.scope, span[0], c.properties) for c in about if (span := in_force(c.spans, as_of)) is not None]
    return merge(urn.kind, said)
