"""What the claims algorithm asks of the store, inside the write transaction: one statement for each kind of read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from neo4j import ManagedTransaction

from catalog.model.canonical import FactId
from catalog.model.facts import Fact, Scope, read_scope, write_scope
from catalog.model.nodes import Node
from catalog.store.claims import Kept
from catalog.store.history import ScopeHistory
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import run_rows
from catalog.store.neo4j.rows import claim_id, read_kept
from catalog.store.port import ChangeSet

NODE: Final = "ABOUT"
"""Stands among the types of a scope for claims about nodes."""

WITHDRAWN: Final = "Withdrawn"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the row of a claim is.

    Attributes:
        storage: A relationship type, `ABOUT` or `Withdrawn`.
        about: For a claim about a node, its urn.
        body, element: For a withdrawn claim, its fact and the id of the row.
    """

    storage: str
    about: str = ""
    body: str = ""
    element: str = ""


class TxLedger:
    """Implements `claims.Ledger`, and remembers where it found each claim and which types each scope has."""

    def __init__(self, tx: ManagedTransaction, change: ChangeSet) -> None:
        self._tx = tx
        self._given = {(snap.scope, fact.id): storage_of(fact) for snap in change.snapshots for fact in snap.added}
        self.types: dict[Scope, frozenset[str]] = {}
        self.places: dict[tuple[Scope, FactId], Place] = {}

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        rows = self._tx.run(cypher.fixed("histories"), paths=[write_scope(s) for s in scopes])
        return {history.scope: history for history in map(self._history, rows)}

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        rows = self._tx.run(cypher.fixed("histories_below"), prefix=prefix_of(scope))
        return [self._history(row) for row in rows]

    def _history(self, row: Mapping[str, Any]) -> ScopeHistory:
        scope = read_scope(row["path"])
        self.types[scope] = frozenset(row["types"])
        return ScopeHistory.loads(scope, row["history"])

    def kept(self, wanted: Mapping[Scope, Collection[FactId] | None]) -> dict[Scope, dict[FactId, Kept]]:
        known = {scope: facts for scope, facts in wanted.items() if scope in self.types}
        found: dict[Scope, dict[FactId, Kept]] = {scope: {} for scope in wanted}
        whole = [scope for scope, facts in known.items() if facts is None]
        for scope, fact, kept in [*self._whole(whole), *self._named(known)]:
            found[scope][fact] = kept
        return found

    def _whole(self, scopes: Collection[Scope]) -> Iterator[tuple[Scope, FactId, Kept]]:
        types = {t for scope in scopes for t in self.types[scope]}
        paths = [write_scope(scope) for scope in scopes]
        for storage in _storages(types) if scopes else ():
            yield from self._rows(storage, _text(storage, "_of"), "scopes", paths)

    def _named(self, wanted: Mapping[Scope, Collection[FactId] | None]) -> Iterator[tuple[Scope, FactId, Kept]]:
        """Looks claims up by name, each only where it can be and was not found yet: what holds now first."""
        sought: dict[str, str | None] = {}
        for scope, facts in wanted.items():
            path = write_scope(scope)
            sought |= {claim_id(path, fact): self._given.get((scope, fact)) for fact in facts or ()}
        for storage in _storages({t for scope in wanted for t in self.types[scope]}):
            bare = storage.removesuffix(cypher.PAST)
            here = [name for name, given in sought.items() if storage == WITHDRAWN or given in (None, bare)]
            for scope, fact, kept in self._rows(storage, _text(storage, ""), "claims", here):
                del sought[claim_id(write_scope(scope), fact)]
                yield scope, fact, kept

    def _rows(
        self, storage: str, text: LiteralString, name: str, values: Sequence[str]
    ) -> Iterator[tuple[Scope, FactId, Kept]]:
        for row in run_rows(self._tx, text, values, name):
            scope, fact = read_scope(row["scope"]), bytes.fromhex(row["fact"])
            self.places[scope, fact] = Place(storage, row.get("about", ""), row.get("body", ""), row.get("element", ""))
            yield scope, fact, read_kept(row)


def _storages(types: Collection[str]) -> list[str]:
    """Returns where claims of these types can be."""
    edges = sorted(t for t in types if t != NODE)
    return [*edges, *(t for t in types if t == NODE), *(f"{t}{cypher.PAST}" for t in edges), WITHDRAWN]


def _text(storage: str, suffix: str) -> LiteralString:
    own = {NODE: "kept_claims", WITHDRAWN: "kept_withdrawn"}
    if storage in own:
        return cypher.fixed(f"{own[storage]}{suffix}")
    return cypher.for_storage(f"kept_edges{suffix}", storage)


def facts_texts(types: Collection[str]) -> Iterator[LiteralString]:
    """Yields the statements that read the facts of a scope with these types."""
    own = {NODE: "facts_of_claims", WITHDRAWN: "facts_of_withdrawn"}
    for storage in _storages(types):
        yield cypher.fixed(own[storage]) if storage in own else cypher.for_storage("facts_of_edges", storage)


def storage_of(fact: Fact) -> str:
    """Returns `ABOUT` for a fact about a node, else the type of the edge."""
    return NODE if isinstance(fact.element, Node) else fact.element.type()


def prefix_of(scope: Scope) -> str:
    """Returns what the written scopes below one start with."""
    return f"{write_scope(scope)}/" if scope else ""
