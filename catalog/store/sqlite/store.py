"""The store itself: the contract, bound to the parts that do the work."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from catalog.model.canonical import FactId
from catalog.model.errors import RefusedError
from catalog.model.facts import Scope
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.store.claims import project
from catalog.store.collecting import uncollected
from catalog.store.derived import check_indexed
from catalog.store.history import ScopeHistory
from catalog.store.log import Log, counts_of, lines_of, ordered, pack, unpack
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
from catalog.store.sqlite import schema
from catalog.store.sqlite.database import Database
from catalog.store.sqlite.ledger import SqliteLedger
from catalog.store.sqlite.reader import Reader
from catalog.store.sqlite.writer import Writer

TIMEOUT_S = 30.0
"""How long a writer waits for another one."""

_TABLES = ("commits", "scopes", "manners", "claims", "nodes", "lookups", "edges", "closed_edges", "absences", "meta")


class SqliteStore:
    """Implements `port.Store` in one file. Several processes may read and write at once; writers take turns.

    Args:
        url: `sqlite:///relative/path.db`, `sqlite:////absolute/path.db`, or `:memory:`.
        timeout_s: How long to wait for another writer before `StoreUnavailableError`.

    Raises:
        UsageError: the url has another form.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._db = Database(url, timeout_s)
        self._reader = Reader(self._db)
        self._writer = Writer(self._db)

    def migrate(self) -> None:
        self._db.migrate()

    def close(self) -> None:
        self._db.close()

    def info(self) -> StoreInfo:
        with self._db.reading():
            log = self._log()
            return StoreInfo(self.url, schema.VERSION, log.size, log.root, self._reader.counts())

    # --- writing

    def apply(
        self,
        change: ChangeSet,
        author: Author,
        lines: Sequence[str] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Commit:
        change = ordered(change)
        lines = lines_of(change) if lines is None else lines
        for snap in change.snapshots:
            for fact in snap.added:
                check_indexed(fact)
        try:
            with uncollected(), self._db.writing():
                return self._apply(change, lines, author, counts)
        except BaseException:
            self._writer.forget()
            raise

    def _apply(
        self, change: ChangeSet, lines: Sequence[str], author: Author, counts: Mapping[str, int] | None
    ) -> Commit:
        ledger = SqliteLedger(self._db)
        projection = project(ledger, change, author.source)
        log = self._log()
        made = counts or counts_of(change, opened=projection.opened, closed=projection.closed)
        commit = log.append(lines, made, author)
        self._writer.write(projection, ledger)
        head = (commit.seq, commit.time, commit.actor, commit.source, json.dumps(dict(commit.counts)))
        tail = (commit.body_root, commit.log_root, commit.lines, pack(lines))
        self._db.rows("INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*head, *tail))
        self._db.rows("INSERT OR REPLACE INTO meta VALUES ('log', ?)", (log.dumps(),))
        return commit

    def _log(self) -> Log:
        found = self._db.rows("SELECT value FROM meta WHERE key = 'log'")
        return Log.loads(found[0][0]) if found else Log()

    def reset(self) -> None:
        self._writer.forget()
        with self._db.writing():
            self._db.rows("INSERT INTO words (words) VALUES ('delete-all')")
            for table in _TABLES:
                self._db.rows(f"DELETE FROM {table}")

    def purge(self, seq: int, line: int) -> None:
        with self._db.writing():
            lines = self.body(seq)
            if not 0 <= line < len(lines):
                raise RefusedError(f"{self.url}: commit {seq} has no line {line}: expected 0 to {len(lines) - 1}.")
            packed = pack(Log.purged(lines, line))
            self._db.rows("UPDATE commits SET body = ? WHERE seq = ?", (packed, seq))

    # --- scopes and the log

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        return self._reader.histories(scopes)

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        return self._reader.histories_below(scope)

    def members(self, scope: Scope, snapshot: int) -> set[FactId]:
        return self._reader.members(scope, snapshot)

    def commits(self, after: int = 0, limit: int = 1000) -> list[Commit]:
        return self._reader.commits(after, limit)

    def body(self, seq: int) -> list[str]:
        found = self._db.rows("SELECT body FROM commits WHERE seq = ?", (seq,))
        if not found:
            raise RefusedError(f"{self.url}: there is no commit {seq}.")
        return unpack(found[0][0])

    # --- nodes

    def get(self, urns: Collection[Urn], as_of: Instant | None = None) -> dict[Urn, NodeState]:
        return self._reader.get(urns, as_of)

    def find(
        self,
        kinds: Collection[str] = (),
        where: Mapping[str, Collection[str]] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        return self._reader.find(kinds, where or {}, after, limit)

    def match(self, words: Sequence[str], kinds: Collection[str] = (), limit: int = 1000) -> list[Urn]:
        return self._reader.match(words, kinds, limit)

    def keys(self, urns: Collection[Urn]) -> dict[Urn, Key]:
        return self._reader.keys(urns)

    def urns(self, keys: Collection[Key]) -> dict[Key, Urn]:
        return self._reader.urns(keys)

    # --- edges and claims

    def step(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Hop]:
        return self._reader.step(keys, types, direction, as_of)

    def bundles(self, keys: Collection[Key], types: Collection[str], direction: Direction) -> list[Bundle]:
        return self._reader.bundles(keys, types, direction)

    def absences(self, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
        return self._reader.absences(keys)

    def lifetimes(self, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
        return self._reader.lifetimes(keys)

    def edges(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Claim]:
        return self._reader.edges(keys, types, direction, as_of)

    def claims(self, urns: Collection[Urn], as_of: Instant | None = None, history: bool = False) -> list[Claim]:
        return self._reader.claims(urns, as_of, history)

    def all_claims(self) -> Iterator[Claim]:
        return self._reader.all_claims()
