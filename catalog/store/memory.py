"""The slow, obvious store: it keeps the snapshots and works the state out from them, so that the laws hold by construction.

It is the oracle of the contract tests and serves small throw-away catalogs. Nothing is saved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.model.canonical import FactId, loads
from catalog.model.errors import RefusedError, ScopeMovedError
from catalog.model.facts import Fact, Scope, write_scope
from catalog.model.instants import Instant
from catalog.model.marks import standing
from catalog.model.names import Urn, column, dataset_of
from catalog.model.nodes import node_class
from catalog.store.claims import ancestors, intervals
from catalog.store.derived import DERIVED_SCOPE, check_indexed, closed_since, has_column
from catalog.store.history import ScopeHistory, Sighting, SnapshotMeta, sum_of
from catalog.store.log import Log, counts_of, lines_of, ordered
from catalog.store.merging import Listing, Presence, Said, in_force, indexed_fields, merge, presence
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
    SnapshotDelta,
    Span,
    StoreInfo,
)
from catalog.store.tokens import token_string
from catalog.store.tokens import words as words_of

SCHEMA_VERSION = 1


@dataclass
class _ScopeState:
    """A scope with the whole content of its snapshots: fact to origin, by index."""

    history: ScopeHistory
    contents: list[dict[FactId, str | None]] = field(default_factory=list)

    def listed(self, fact: FactId) -> dict[Instant, str | None]:
        """Returns when a fact was listed; the first snapshot (by index) that lists it at a time gives the origin."""
        found: dict[Instant, str | None] = {}
        for index, content in enumerate(self.contents):
            if fact in content:
                for at in self.history.times_of(index):
                    found.setdefault(at, content[fact])
        return found

    def defined(self) -> dict[Instant, frozenset[FactId]]:
        """Returns what the complete snapshots of each time list."""
        return {
            at: frozenset(fact for i in snapshots for fact in self.contents[i])
            for at, snapshots in self.history.completions().items()
        }

    def changes(self) -> set[Instant]:
        """Returns the times at which the definition became another than before."""
        found: set[Instant] = set()
        before: frozenset[FactId] | None = None
        for at, facts in sorted(self.defined().items()):
            if facts != before:
                found.add(at)
            before = facts
        return found

    def ends(self, scope: Scope) -> set[Instant]:
        """Returns the times at which this scope ends what it does not list in a scope below."""
        reading = {
            at
            for at, snapshots in self.history.completions().items()
            if any(self.history.snapshots[i].reads(scope) for i in snapshots)
        }
        return reading & self.changes()


class MemoryStore:
    """Implements `port.Store` in plain Python."""

    def __init__(self, url: str = "memory://") -> None:
        self.url = url
        self.reset()

    def reset(self) -> None:
        self._facts: dict[FactId, Fact] = {}
        self._scopes: dict[Scope, _ScopeState] = {}
        self._commits: list[Commit] = []
        self._bodies: list[list[str]] = []
        self._log = Log()
        self._view: _View | None = None

    def migrate(self) -> None:
        """Nothing to create."""

    def close(self) -> None:
        """Nothing to close."""

    def info(self) -> StoreInfo:
        view = self._state()
        open_edges = sum(1 for c in view.edge_claims if in_force(c.spans, None))
        kinds = Counter(f"node.{urn.kind}" for urn in view.nodes)
        counts = {
            "nodes": len(view.nodes),
            "edges": open_edges,
            "closed_edges": len(view.edge_claims) - open_edges,
            "claims": len(view.claims),
            "scopes": len(self._scopes),
            "commits": len(self._commits),
            **kinds,
        }
        return StoreInfo(self.url, SCHEMA_VERSION, self._log.size, self._log.root, counts)

    # --- writing

    def apply(
        self,
        change: ChangeSet,
        author: Author,
        lines: Sequence[str] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Commit:
        change = ordered(change)
        self._check(change)
        before = self._state().open_claims()
        for snap in change.snapshots:
            self._add_snapshot(snap, author.source)
        for seen in change.seen:
            state = self._scopes[seen.scope]
            index = _index(state, seen.id)
            state.history.add_sighting(Sighting(seen.at, index, author.source, seen.dated, seen.cause))
        for seen in change.retracted:
            state = self._scopes[seen.scope]
            state.history.retract(_index(state, seen.id), seen.at)
        for scope in change.scopes():
            self._scopes[scope].history.version += 1
        self._view = None
        after = self._state().open_claims()
        body = lines_of(change) if lines is None else list(lines)
        made = counts or counts_of(change, opened=len(after - before), closed=len(before - after))
        return self._append(body, made, author)

    def _check(self, change: ChangeSet) -> None:
        moved = [
            s for s, v in change.expects.items() if (self._scopes[s].history.version if s in self._scopes else 0) != v
        ]
        if moved:
            raise ScopeMovedError(sorted(map(write_scope, moved)))
        for snap in change.snapshots:
            for fact in snap.added:
                check_indexed(fact)
        known = {(s, meta.id) for s, state in self._scopes.items() for meta in state.history.snapshots}
        known |= {(snap.scope, snap.id) for snap in change.snapshots}
        named = [(o.scope, o.id) for o in (*change.seen, *change.retracted)]
        named += [(s.scope, s.base) for s in change.snapshots if s.base is not None]
        for scope, snapshot in named:
            if (scope, snapshot) not in known:
                raise RefusedError(f"{write_scope(scope)}: there is no snapshot {snapshot!r}.")

    def _add_snapshot(self, snap: SnapshotDelta, source: str) -> None:
        state = self._scopes.setdefault(snap.scope, _ScopeState(ScopeHistory(snap.scope)))
        base = None if snap.base is None else _index(state, snap.base)
        known = len(state.contents)
        meta = SnapshotMeta(snap.id, base, snap.complete, snap.unread, snap.digest, snap.count)
        index = state.history.add_snapshot(meta)
        if index == known:
            content = {} if base is None else dict(state.contents[base])
            for fact in snap.added:
                self._facts[fact.id] = fact
                content[fact.id] = str(fact.origin) if fact.origin else None
            for gone in snap.removed:
                content.pop(gone, None)
            state.contents.append(content)
        state.history.add_sighting(Sighting(snap.at, index, source, snap.dated, snap.cause))

    def _append(self, lines: list[str], counts: Mapping[str, int], author: Author) -> Commit:
        commit = self._log.append(lines, counts, author)
        self._commits.append(commit)
        self._bodies.append(lines)
        return commit

    # --- scopes and the log

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        return {scope: self._history(scope) for scope in scopes if scope in self._scopes}

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        below = [s for s in self._scopes if s[: len(scope)] == scope and s != scope]
        return [self._history(s) for s in sorted(below, key=write_scope)]

    def _history(self, scope: Scope) -> ScopeHistory:
        state = self._scopes[scope]
        history = state.history.copy()
        held = [c.fact for c in self._state().claims if c.scope == scope and in_force(c.spans, None)]
        crowded = {at: s for at, s in history.completions().items() if len(s) > 1}
        history.unions = {at: sum_of(state.defined()[at]) for at in crowded}
        history.open_digest, history.open_count = sum_of(held), len(held)
        return history

    def members(self, scope: Scope, snapshot: int) -> set[FactId]:
        return set(self._scopes[scope].contents[snapshot])

    def commits(self, after: int = 0, limit: int = 1000) -> list[Commit]:
        return self._commits[after : after + limit]

    def body(self, seq: int) -> list[str]:
        return list(self._bodies[seq - 1])

    def purge(self, seq: int, line: int) -> None:
        self._bodies[seq - 1] = Log.purged(self._bodies[seq - 1], line)

    # --- reading

    def _state(self) -> _View:
        if self._view is None:
            self._view = _View(self._facts, self._scopes)
        return self._view

    def get(self, urns: Collection[Urn], as_of: Instant | None = None) -> dict[Urn, NodeState]:
        view = self._state()
        return {urn: view.node(urn, as_of) for urn in urns if urn in view.nodes}

    def find(
        self,
        kinds: Collection[str] = (),
        where: Mapping[str, Collection[str]] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        view = self._state()
        hits = [view.node(urn, None) for urn in view.nodes if not kinds or urn.kind in kinds]
        hits = [n for n in hits if all(_value(n, name) in values for name, values in (where or {}).items())]
        ordered = sorted((n for n in hits if after is None or n.urn.uid > after), key=lambda n: n.urn.uid)
        return Page(tuple(ordered[:limit]), ordered[limit - 1].urn.uid if len(ordered) > limit else None)

    def match(self, words: Sequence[str], kinds: Collection[str] = (), limit: int = 1000) -> list[Urn]:
        wanted = [w for text in words for w in words_of(text)]
        view = self._state()
        hits = [urn for urn in view.nodes if (not kinds or urn.kind in kinds) and _matches(view.tokens(urn), wanted)]
        return sorted(hits, key=lambda urn: urn.uid)[:limit]

    def keys(self, urns: Collection[Urn]) -> dict[Urn, Key]:
        return {urn: urn.uid for urn in urns if urn in self._state().nodes}

    def urns(self, keys: Collection[Key]) -> dict[Key, Urn]:
        by_uid = self._state().by_uid
        return {key: by_uid[str(key)] for key in keys if key in by_uid}

    def step(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Hop]:
        view = self._state()
        hops: list[Hop] = []
        for claim, near, far, body in self._near(keys, types, direction):
            if not in_force(claim.spans, as_of):
                continue
            rank = standing(claim.scope).value
            denies = bool(body["props"].get("denies"))
            hops.append(Hop(near.uid, far.uid, body["edge"], -1 - rank if denies else rank, view.is_absent(far, as_of)))
        return hops

    def bundles(self, keys: Collection[Key], types: Collection[str], direction: Direction) -> list[Bundle]:
        found: list[Bundle] = []
        for claim, near, far, body in self._near(keys, types, direction):
            said, rank = body["props"], standing(claim.scope).value
            how = (said.get("subtype"), said.get("exactness", "exact"), bool(said.get("masking")))
            rank = -1 - rank if said.get("denies") else rank
            for since, until in claim.spans:
                found.append(Bundle(body["edge"], rank, *how, claim.scope, since, until, (near.uid,), (far.uid,)))
        return found

    def absences(self, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
        view = self._state()
        return {key: when for key in keys if key in view.by_uid and (when := view.absences(view.by_uid[str(key)]))}

    def lifetimes(self, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
        claims = self.claims(list(self.urns(keys).values()), history=True)
        found: defaultdict[Key, set[Span]] = defaultdict(set)
        for claim in claims:
            found[Urn.parse(loads(claim.body)["node"]).uid].update(claim.spans)
        return {key: frozenset(spans) for key, spans in found.items()}

    def edges(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Claim]:
        near = self._near(keys, types, direction)
        return [claim for claim, *_ in near if in_force(claim.spans, as_of)]

    def _near(
        self, keys: Collection[Key], types: Collection[str], direction: Direction
    ) -> Iterator[tuple[Claim, Urn, Urn, Mapping[str, Any]]]:
        for claim in self._state().edge_claims:
            body = loads(claim.body)
            start, end = Urn.parse(body["start"]), Urn.parse(body["end"])
            near, far = (start, end) if direction == "upstream" else (end, start)
            if near.uid in keys and body["edge"] in types:
                yield claim, near, far, body

    def claims(self, urns: Collection[Urn], as_of: Instant | None = None, history: bool = False) -> list[Claim]:
        wanted = {str(urn) for urn in urns}
        return [
            c
            for c in self._state().claims
            if (history or in_force(c.spans, as_of)) and loads(c.body).get("node") in wanted
        ]

    def all_claims(self) -> Iterator[Claim]:
        return (c for c in self._state().claims if c.scope != DERIVED_SCOPE)


def _index(state: _ScopeState, snapshot: str) -> int:
    index = state.history.index_of(snapshot)
    if index is None:
        raise RefusedError(f"{write_scope(state.history.scope)}: there is no snapshot {snapshot!r}.")
    return index


def _value(node: NodeState, name: str) -> object:
    if name in ("namespace", "name"):
        return node.urn.parts[0 if name == "namespace" else 1]
    return node.properties.get(name) if name in indexed_fields(node_class(node.urn)) else None


def _matches(tokens: Sequence[str], wanted: Sequence[str]) -> bool:
    return bool(wanted) and all(any(token.startswith(word) for token in tokens) for word in wanted)


class _View:
    """The state that a set of snapshots defines."""

    def __init__(self, facts: Mapping[FactId, Fact], scopes: Mapping[Scope, _ScopeState]) -> None:
        said = [c for scope, state in scopes.items() for c in _claims_of(scope, state, scopes, facts)]
        self._mentions(said)
        self._presence = self._columns()
        self.edge_claims += self._has_column()
        self.claims = sorted(said, key=lambda c: (write_scope(c.scope), c.fact))
        self.edge_claims.sort(key=lambda c: (write_scope(c.scope), c.fact))
        self.by_uid = {urn.uid: urn for urn in self.nodes}

    def _mentions(self, claims: list[Claim]) -> None:
        self.edge_claims: list[Claim] = []
        self._about: defaultdict[Urn, list[Claim]] = defaultdict(list)
        self.nodes: set[Urn] = set()
        for claim in claims:
            body = loads(claim.body)
            if "node" in body:
                urn = Urn.parse(body["node"])
                self._about[urn].append(claim)
                self.nodes.add(urn)
            else:
                self.edge_claims.append(claim)
                self.nodes |= {Urn.parse(body["start"]), Urn.parse(body["end"])}

    def _columns(self) -> dict[Urn, Presence]:
        mentioned: defaultdict[Urn, set[str]] = defaultdict(set)
        for urn in self.nodes:
            if urn.kind == "column":
                mentioned[dataset_of(urn)].add(urn.parts[2])
        found: dict[Urn, Presence] = {}
        for dataset in mentioned.keys() | {u for u in self._about if u.kind == "dataset"}:
            listings = [
                Listing(c.scope, tuple(props["columns"]), c.spans)
                for c in self._about.get(dataset, ())
                if "columns" in (props := loads(c.body)["props"])
            ]
            for path, when in presence(listings, mentioned.get(dataset, ())).items():
                found[column(dataset, path)] = when
        self.nodes |= found.keys()
        self.nodes |= {dataset_of(urn) for urn in found}
        return found

    def _has_column(self) -> list[Claim]:
        return [
            Claim(DERIVED_SCOPE, fact.id, fact.body, when.listed, None)
            for urn, when in self._presence.items()
            if when.listed
            for fact in [has_column(urn)]
        ]

    def open_claims(self) -> set[tuple[Scope, FactId]]:
        return {(c.scope, c.fact) for c in self.claims if in_force(c.spans, None)}

    def absences(self, urn: Urn) -> tuple[Span, ...]:
        return self._presence[urn].absent if urn in self._presence else ()

    def is_absent(self, urn: Urn, as_of: Instant | None) -> bool:
        when = self._presence.get(urn)
        return when is not None and in_force(when.absent, as_of) is not None

    def node(self, urn: Urn, as_of: Instant | None) -> NodeState:
        about = self._about.get(urn, [])
        said = [
            Said(c.scope, span[0], loads(c.body)["props"])
            for c in about
            if (span := in_force(c.spans, as_of)) is not None
        ]
        begins = min((c.spans[0][0] for c in about if c.spans), default=None)
        return NodeState(urn, merge(urn.kind, said), self._closed(urn, said, as_of), not about, begins)

    def _closed(self, urn: Urn, said: list[Said], as_of: Instant | None) -> Instant | None:
        when = self._presence.get(urn)
        if when is not None and (gone := in_force(when.absent, as_of)) is not None:
            return gone[0]
        if said or (when is not None and in_force(when.listed, as_of)):
            return None
        return closed_since([c.spans for c in [*self._about.get(urn, ()), *self._touching(urn)]], as_of)

    def _touching(self, urn: Urn) -> list[Claim]:
        text = str(urn)
        return [c for c in self.edge_claims if text in (loads(c.body)["start"], loads(c.body)["end"])]

    def tokens(self, urn: Urn) -> list[str]:
        return token_string(urn, self.node(urn, None).properties).split()


def _claims_of(
    scope: Scope, state: _ScopeState, scopes: Mapping[Scope, _ScopeState], facts: Mapping[FactId, Fact]
) -> Iterator[Claim]:
    above = [scopes[s] for s in ancestors(scope) if s in scopes]
    denied = {at for a in above for at in a.ends(scope)} | state.defined().keys()
    for fact in {f for content in state.contents for f in content}:
        listed = state.listed(fact)
        spans = intervals(listed, denied)
        if spans:
            yield Claim(scope, fact, facts[fact].body, spans, listed[spans[-1][0]])
