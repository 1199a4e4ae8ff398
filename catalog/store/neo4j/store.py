"""The contract of a store, on Neo4j."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from neo4j import ManagedTransaction

from catalog.model.canonical import FactId
from catalog.model.errors import RefusedError, StoreError, StoreUnavailableError, StoreVersionError
from catalog.model.facts import Scope, write_scope
from catalog.model.instants import Instant
from catalog.model.marks import MAX_INDEXED_BYTES
from catalog.model.names import Urn
from catalog.store.claims import project
from catalog.store.derived import check_indexed
from catalog.store.history import ScopeHistory
from catalog.store.log import Log, counts_of, lines_of, ordered, pack, unpack
from catalog.store.neo4j import cypher, nodes, streams, walking
from catalog.store.neo4j.batches import run_rows
from catalog.store.neo4j.connection import Connection, address
from catalog.store.neo4j.ledger import TxLedger
from catalog.store.neo4j.schema import SCHEMA_VERSION, definitions
from catalog.store.neo4j.writing import Writer
from catalog.store.port import (
    Author,
    Bundle,
    ChangeSet,
    Claim,
    Commit,
    Direction,
    Hop,
    Key,
    NodeState,
    Page,
    Span,
    StoreInfo,
)

_PAST: Final = cypher.PAST


class Neo4jStore:
    """Implements `port.Store` on a server.

    Args:
        url: `neo4j://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or with `bolt`, `+s` or `+ssc`.
    """

    def __init__(
        self, url: str, *, user: str | None = None, password: str | None = None, database: str | None = None
    ) -> None:
        at = address(url, user, password, database)
        self.url = at.url
        self._db = Connection(at)

    def close(self) -> None:
        self._db.close()

    # --- the store as a whole

    def migrate(self) -> None:
        head = self._db.read(_head)
        if head is not None and head["schema"] > SCHEMA_VERSION:
            raise _too_new(self.url, head["schema"])
        if not self._db.read(_has_definitions):
            self._define()
        if head is None or head["schema"] < SCHEMA_VERSION:
            self._db.write(_found)
        elif head["emptying"]:
            self.reset()

    def _define(self) -> None:
        texts = definitions().values()

        def work(tx: ManagedTransaction) -> None:
            for text in texts:
                tx.run(text).consume()

        try:
            self._db.write(work)
        except StoreError:
            # Another process may have defined the same in between: IF NOT EXISTS does not see its open transaction.
            if not self._db.read(_has_definitions):
                raise
        self._db.run("CALL db.awaitIndexes(600)")

    def info(self) -> StoreInfo:
        def work(tx: ManagedTransaction) -> StoreInfo:
            head = self._checked(_head(tx))
            found = streams.counts(tx)
            log = Log.loads(head["log"])
            return StoreInfo(self.url, head["schema"], log.size, log.root, _figures(found))

        return self._db.read(work)

    def reset(self) -> None:
        self._db.write(_begin_emptying)
        for _, text in cypher.clearing():
            self._db.run(text)
        self._db.write(_end_emptying)

    def _checked(self, head: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if head is None or head["schema"] < SCHEMA_VERSION:
            raise StoreVersionError(
                f"{self.url}: the store has not been set up for this version. Run `headwater db upgrade`."
            )
        if head["schema"] > SCHEMA_VERSION:
            raise _too_new(self.url, head["schema"])
        if head["emptying"]:
            raise StoreError(
                f"{self.url}: emptying the store was interrupted. Run `headwater db upgrade` to finish it."
            )
        return head

    # --- writing

    def apply(
        self,
        change: ChangeSet,
        author: Author,
        lines: Sequence[str] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Commit:
        change = ordered(change)
        _check(change)
        said = lines_of(change) if lines is None else lines
        body = pack(said)

        def work(tx: ManagedTransaction) -> Commit:
            head = self._checked(_lock(tx))
            ledger = TxLedger(tx, change)
            projection = project(ledger, change, author.source)
            Writer(tx, ledger, projection).write()
            log = Log.loads(head["log"])
            made = counts or counts_of(change, opened=projection.opened, closed=projection.closed)
            commit = log.append(said, made, author)
            tx.run(cypher.fixed("append"), row=_header(commit) | {"body": body}).consume()
            tx.run(cypher.fixed("advance"), log=log.dumps()).consume()
            return commit

        return self._db.write(work)

    # --- scopes and the log

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        return self._db.read(lambda tx: TxLedger(tx, ChangeSet()).histories(scopes))

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        return self._db.read(lambda tx: TxLedger(tx, ChangeSet()).histories_below(scope))

    def members(self, scope: Scope, snapshot: int) -> set[FactId]:
        return self._db.read(lambda tx: streams.members(tx, scope, snapshot))

    def commits(self, after: int = 0, limit: int = 1000) -> list[Commit]:
        rows = self._db.read(lambda tx: tx.run(cypher.fixed("commits"), after=after, limit=limit).data())
        return [Commit(**{**row, "counts": json.loads(row["counts"])}) for row in rows]

    def body(self, seq: int) -> list[str]:
        return self._db.read(lambda tx: self._body(tx, seq))

    def purge(self, seq: int, line: int) -> None:
        def work(tx: ManagedTransaction) -> None:
            self._checked(_lock(tx))
            lines = self._body(tx, seq)
            if not 0 <= line < len(lines):
                raise RefusedError(f"{self.url}: commit {seq} has no line {line}: expected 0 to {len(lines) - 1}.")
            lines = Log.purged(lines, line)
            tx.run(cypher.fixed("set_body"), seq=seq, body=pack(lines)).consume()

        self._db.write(work)

    def _body(self, tx: ManagedTransaction, seq: int) -> list[str]:
        row = tx.run(cypher.fixed("body"), seq=seq).single()
        if row is None:
            raise RefusedError(f"{self.url}: there is no commit {seq}.")
        return unpack(bytes(row["body"]))

    # --- nodes

    def get(self, urns: Collection[Urn], as_of: Instant | None = None) -> dict[Urn, NodeState]:
        uids = list(dict.fromkeys(urn.uid for urn in urns))
        found = self._db.read(lambda tx: nodes.states(tx, uids, as_of)) if uids else []
        return {state.urn: state for state in found}

    def find(
        self,
        kinds: Collection[str] = (),
        where: Mapping[str, Collection[str]] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        return self._db.read(lambda tx: nodes.find(tx, kinds, where or {}, after, limit))

    def match(self, words: Sequence[str], kinds: Collection[str] = (), limit: int = 1000) -> list[Urn]:
        return self._db.read(lambda tx: nodes.match(tx, words, kinds, limit))

    def keys(self, urns: Collection[Urn]) -> dict[Urn, Key]:
        return {urn: uid for uid, urn in self._named([urn.uid for urn in urns]).items()}

    def urns(self, keys: Collection[Key]) -> dict[Key, Urn]:
        return {key: urn for key, urn in self._named([str(key) for key in keys]).items()}  # noqa: C416  # another type of key

    def _named(self, uids: Sequence[str]) -> dict[str, Urn]:
        rows = self._db.read(lambda tx: run_rows(tx, cypher.fixed("urns"), uids, "uids")) if uids else []
        return {row["uid"]: Urn.parse(row["urn"]) for row in rows}

    # --- edges and claims

    def step(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Hop]:
        return self._db.read(lambda tx: walking.step(tx, keys, types, direction, as_of))

    def bundles(self, keys: Collection[Key], types: Collection[str], direction: Direction) -> list[Bundle]:
        return self._db.read(lambda tx: walking.bundles(tx, keys, types, direction))

    def absences(self, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
        return self._db.read(lambda tx: walking.absences(tx, keys))

    def lifetimes(self, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
        return self._db.read(lambda tx: walking.lifetimes(tx, keys))

    def edges(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Claim]:
        return self._db.read(lambda tx: walking.edges(tx, keys, types, direction, as_of))

    def claims(self, urns: Collection[Urn], as_of: Instant | None = None, history: bool = False) -> list[Claim]:
        return self._db.read(lambda tx: walking.claims(tx, urns, as_of, history=history))

    def all_claims(self) -> Iterator[Claim]:
        before = self._db.read(_head)
        with self._db.session() as session, session.begin_transaction() as tx:
            yield from streams.all_claims(tx)
        if (
            self._db.read(_head) != before
        ):  # reads here see each commit as it comes: half of one would be no state at all
            raise StoreUnavailableError(f"{self.url}: another writer committed while all claims were read. Read again.")


def _head(tx: ManagedTransaction) -> Mapping[str, Any] | None:
    row = tx.run(cypher.fixed("head")).single()
    return row.data() if row else None


def _lock(tx: ManagedTransaction) -> Mapping[str, Any] | None:
    """Takes the write lock of the head, which is held until the transaction ends: one writer at a time."""
    row = tx.run(cypher.fixed("lock"), token=uuid4().hex).single()
    return row.data() if row else None


def _found(tx: ManagedTransaction) -> None:
    tx.run(cypher.fixed("found"), log=Log().dumps(), schema=SCHEMA_VERSION).consume()


def _begin_emptying(tx: ManagedTransaction) -> None:
    tx.run(cypher.fixed("emptying")).consume()


def _end_emptying(tx: ManagedTransaction) -> None:
    tx.run(cypher.fixed("emptied"), log=Log().dumps()).consume()


def _has_definitions(tx: ManagedTransaction) -> bool:
    names = set(tx.run("SHOW INDEXES YIELD name").value())
    return names >= definitions().keys()


def _header(commit: Commit) -> dict[str, Any]:
    fields = ("seq", "time", "actor", "source", "body_root", "log_root", "lines")
    return {name: getattr(commit, name) for name in fields} | {"counts": json.dumps(dict(commit.counts))}


def _figures(found: Mapping[str, int]) -> dict[str, int]:
    past = {name: n for name, n in found.items() if name.endswith(_PAST)}
    now = {name: found[name.removesuffix(_PAST)] for name in past}
    kinds = {name: n for name, n in found.items() if name.startswith("node.") and n}
    derived = found["HAS_COLUMN"] + found[f"HAS_COLUMN{_PAST}"]
    edges, closed = sum(now.values()), sum(past.values())
    return {
        "nodes": found["nodes"],
        "edges": edges,
        "closed_edges": closed,
        "claims": found["node claims"] + edges + closed - derived,
        "scopes": found["scopes"],
        "commits": found["commits"],
        **kinds,
    }


def _check(change: ChangeSet) -> None:
    for snap in change.snapshots:
        for fact in snap.added:
            check_indexed(fact)
    for scope in change.scopes():
        path = write_scope(scope)
        if len(path) > MAX_INDEXED_BYTES:
            raise RefusedError(
                f"scope {path[:60]!r}... is {len(path)} bytes long: expected at most {MAX_INDEXED_BYTES}. Shorten it at the source."
            )


def _too_new(url: str, found: int) -> StoreVersionError:
    return StoreVersionError(
        f"{url}: the store has schema version {found}: expected at most {SCHEMA_VERSION}. "
        "Use the version of headwater that wrote it, or a later one."
    )
