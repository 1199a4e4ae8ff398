"""The contract of a store, and the values that pass through it.

A store keeps the log and a projection of it: claims with their intervals, nodes with merged properties, scopes with their
histories. It decides nothing: which facts hold when is `claims.project`, how claims merge is `merging`, ranking, policies
and traversals of more than one level are elsewhere. Every operation is synchronous and safe to call from one thread at a
time; a server opens one store for each thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from catalog.model.canonical import FactId
from catalog.model.facts import Fact, Scope
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.store.history import ScopeHistory

Key = int | str
"""A store's own short handle of a node, for walks. Valid as long as the store is open; never shown."""

Direction = Literal["upstream", "downstream"]
"""Upstream follows edges from start to end, downstream follows them back."""

Span = tuple[Instant, Instant | None]
"""Half open; None is "until further notice"."""


# --- writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SnapshotDelta:
    """A snapshot as its difference to `base`, the name of another of its scope (None: the empty set)."""

    id: str
    scope: Scope
    at: Instant
    complete: bool
    unread: frozenset[Scope]
    base: str | None
    added: tuple[Fact, ...]
    removed: tuple[FactId, ...]
    digest: int
    count: int
    dated: bool = True
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A time at which a known snapshot was seen again, or, in `ChangeSet.retracted`, one that is taken back."""

    scope: Scope
    id: str
    at: Instant
    dated: bool = True
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one commit says. `expects` holds the version of each scope that the differences were made against."""

    snapshots: tuple[SnapshotDelta, ...] = ()
    seen: tuple[Seen, ...] = ()
    retracted: tuple[Seen, ...] = ()
    expects: Mapping[Scope, int] = field(default_factory=dict)

    def scopes(self) -> set[Scope]:
        return {op.scope for ops in (self.snapshots, self.seen, self.retracted) for op in ops}

    def is_empty(self) -> bool:
        return not (self.snapshots or self.seen or self.retracted)


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits what, and when (recording time, ISO 8601 in UTC; the caller's clock)."""

    time: str
    actor: str
    source: str


@dataclass(frozen=True, slots=True)
class Commit:
    """The header of a commit.

    Attributes:
        seq: 1 for the first, without gaps.
        counts: What it did: added, removed, snapshots, seen, retracted, opened, closed.
        body_root: RFC 6962 root over the lines of the body, hex.
        log_root: RFC 6962 root over all headers up to this one, hex.
        lines: Number of lines of the body.
    """

    seq: int
    time: str
    actor: str
    source: str
    counts: Mapping[str, int]
    body_root: str
    log_root: str
    lines: int


# --- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node at a time.

    Attributes:
        properties: Merged over the claims in force.
        closed_since: When the last claim about it ended, or, for a column, when the list in force began to lack it; None while
            it holds.
        implied: No claim describes it; edges mention it.
        begins: Time of its earliest claim, None if it is implied.
    """

    urn: Urn
    properties: Mapping[str, Any]
    closed_since: Instant | None = None
    implied: bool = False
    begins: Instant | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Nodes in order of uid; `after` asks for the next ones and is None at the end."""

    nodes: tuple[NodeState, ...]
    after: str | None


class Hop(NamedTuple):
    """One claim seen by a walk. `near` was asked for; `far` is the other end.

    Attributes:
        standing: `Standing` of its scope; -1 - standing if it denies the edge.
        absent: The far end is a column that the list in force lacks: the claim is there and is not walked.
    """

    near: Key
    far: Key
    type: str
    standing: int
    absent: bool


class Bundle(NamedTuple):
    """Claims about edges that are alike but for their ends, for one of the intervals in which they held. `near` were asked for.

    Attributes:
        standing: As in `Hop`.
        subtype, exactness, masking: What the claims say of the edge.
        since, until: The interval; until None is "until further notice".
    """

    type: str
    standing: int
    subtype: str | None
    exactness: str
    masking: bool
    scope: Scope
    since: Instant
    until: Instant | None
    near: Sequence[Key]
    far: Sequence[Key]


class Claim(NamedTuple):
    """One fact in one scope, with the intervals in which it held, in order. `origin` is of the earliest listing in the last one."""

    scope: Scope
    fact: FactId
    body: str
    spans: tuple[Span, ...]
    origin: str | None


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Figures of a store. `counts` has nodes, edges, closed_edges, claims, scopes, commits and `node.KIND` for each kind."""

    url: str
    schema_version: int
    head: int
    log_root: str
    counts: Mapping[str, int]


class Store(Protocol):
    """The narrow contract. `as_of` None is now (no claim's end counts); else claims in force at that time."""

    url: str

    def migrate(self) -> None:
        """Creates or upgrades the store. Idempotent.

        Raises:
            StoreVersionError: the store was written by a newer version.
            StoreUnavailableError: it cannot be reached or is locked.
        """
        ...

    def close(self) -> None: ...

    def info(self) -> StoreInfo: ...

    # writing

    def apply(
        self,
        change: ChangeSet,
        author: Author,
        lines: Sequence[str] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Commit:
        """Appends a commit and projects it, atomically: a crash leaves the state before or after.

        Args:
            lines: The body as it stands in another log, for a replay: it may have purged lines. None: written from the change.
            counts: What the header says, for the replay of a log of which lines were purged. None: what the commit does.

        Raises:
            ScopeMovedError: a scope has another version than `change.expects` says.
            RefusedError: a value cannot be kept, or a snapshot's base is not there.
        """
        ...

    def reset(self) -> None:
        """Drops the log and the projection."""
        ...

    # scopes and the log

    def histories(self, scopes: Collection[Scope]) -> dict[Scope, ScopeHistory]:
        """Returns the histories of those scopes that exist."""
        ...

    def histories_below(self, scope: Scope) -> list[ScopeHistory]:
        """Returns the histories of all scopes strictly below one, `()` for all there are, in order of the written scope."""
        ...

    def members(self, scope: Scope, snapshot: int) -> set[FactId]:
        """Returns the facts of a snapshot, by its index in the history. Cost: the size of the scope."""
        ...

    def commits(self, after: int = 0, limit: int = 1000) -> list[Commit]:
        """Returns headers in order, from the one behind `after`."""
        ...

    def body(self, seq: int) -> list[str]:
        """Returns the lines of a commit, in the order that its root is over. A purged line is `{"purged":"LEAF HASH"}`."""
        ...

    def purge(self, seq: int, line: int) -> None:
        """Replaces a line of the log by its leaf hash, for ever; roots and other proofs hold. The projection is not touched."""
        ...

    # nodes

    def get(self, urns: Collection[Urn], as_of: Instant | None = None) -> dict[Urn, NodeState]:
        """Returns those that are known, closed ones included. One with nothing to say at `as_of` has no properties."""
        ...

    def find(
        self,
        kinds: Collection[str] = (),
        where: Mapping[str, Collection[str]] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        """Returns nodes of any of these kinds (all if empty) whose merged property, `namespace` or `name` is one of the values.

        Only indexed properties can be asked for, besides `namespace` and `name` (the first two parts of the urn).
        """
        ...

    def match(self, words: Sequence[str], kinds: Collection[str] = (), limit: int = 1000) -> list[Urn]:
        """Returns nodes whose token string has, for every word, a token that starts with it, in order of uid, without scores."""
        ...

    def keys(self, urns: Collection[Urn]) -> dict[Urn, Key]: ...

    def urns(self, keys: Collection[Key]) -> dict[Key, Urn]: ...

    # edges and claims

    def step(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Hop]:
        """Returns the claims of one level of a walk, in no order. One statement for a thousand keys or so."""
        ...

    def bundles(self, keys: Collection[Key], types: Collection[str], direction: Direction) -> list[Bundle]:
        """Returns what `step` returns at any time, in no order: what a walk over many times at once needs. No claim is read."""
        ...

    def absences(self, keys: Collection[Key]) -> dict[Key, tuple[Span, ...]]:
        """Returns when columns were lacking in the list in force, for those that ever were: what is `absent` in a `Hop`."""
        ...

    def lifetimes(self, keys: Collection[Key]) -> dict[Key, frozenset[Span]]:
        """Returns the intervals of the claims about nodes, for those that have any: outside their ends nothing about a node changed."""
        ...

    def edges(
        self, keys: Collection[Key], types: Collection[str], direction: Direction, as_of: Instant | None = None
    ) -> list[Claim]:
        """Returns edge claims with body and origin, denying ones included; near ends are among `keys`. Ordered by scope and fact."""
        ...

    def claims(self, urns: Collection[Urn], as_of: Instant | None = None, history: bool = False) -> list[Claim]:
        """Returns the node claims about these; with `history` closed ones too. Ordered by scope and fact."""
        ...

    def all_claims(self) -> Iterator[Claim]:
        """Yields every claim, open and closed, ordered by written scope and fact id: what `db export` writes. Streams."""
        ...
