"""What the claims algorithm asks of this store while a commit is applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from catalog.model.canonical import FactId
from catalog.model.facts import Scope, read_scope, write_scope
from catalog.store.claims import Kept
from catalog.store.history import ScopeHistory
from catalog.store.sqlite.codec import read_kept
from catalog.store.sqlite.database import Database, Row

_KEPT = "SELECT fact, id, node, type, target, said, manner, deltas, spans, origin FROM claims WHERE scope = ?"


class ClaimRow(NamedTuple):
    """Where a claim stands. About a node: `type`, `target`, `said` and `manner` are None."""

    id: int
    node: int
    type: int | None
    target: int | None
    said: int | None
    manner: int | None


class SqliteLedger:
    """Implements `claims.Ledger`, and remembers where the claims that it showed stand."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.scopes: dict[Scope, int] = {}
        self.claims: dict[tuple[Scope, FactId], ClaimRow] = {}

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        paths = sorted(map(write_scope, scopes))
        found = self._db.rows_in("SELECT id, path, history FROM scopes WHERE path IN ({})", paths)
        return {history.scope: history for history in map(self._history, found)}

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        return [self._history(row) for row in self._db.rows(*below(scope))]

    def _history(self, row: Row) -> ScopeHistory:
        key, path, text = row
        scope = read_scope(path)
        self.scopes[scope] = key
        return ScopeHistory.loads(scope, text)

    def kept(self, wanted: Mapping[Scope, Collection[FactId] | None]) -> dict[Scope, dict[FactId, Kept]]:
        return {scope: self._kept(scope, facts) for scope, facts in wanted.items() if scope in self.scopes}

    def _kept(self, scope: Scope, facts: Collection[FactId] | None) -> dict[FactId, Kept]:
        key = (self.scopes[scope],)
        some = f"{_KEPT} AND fact IN ({{}})"
        rows = self._db.stream(_KEPT, key) if facts is None else self._db.rows_in(some, sorted(facts), key)
        found: dict[FactId, Kept] = {}
        for fact, claim, node, type_, target, said, manner, deltas, spans, origin in rows:
            found[fact] = read_kept(deltas, spans, origin)
            self.claims[scope, fact] = ClaimRow(claim, node, type_, target, said, manner)
        return found


def below(scope: Scope) -> tuple[str, tuple[str, ...]]:
    """Returns the statement for the scopes strictly below one, in order of path; `()` for all there are."""
    select = "SELECT id, path, history FROM scopes"
    if not scope:
        return f"{select} ORDER BY path", ()
    path = write_scope(scope)
    return f"{select} WHERE path > ? AND path < ? ORDER BY path", (f"{path}/", f"{path}0")
