"""What an ingestor yields: facts with their origin, gathered into snapshots of scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from catalog.model.canonical import FactId, digest, dumps, loads
from catalog.model.edges import BY_TYPE, Edge
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Node, node_of

Scope = tuple[str, ...]
"""A path: the part of a source that is replaced as a whole. `("dbt", NAMESPACE, PROJECT)`; what is below is replaced with it."""


@lru_cache(maxsize=65536)
def write_scope(scope: Scope) -> str:
    """Returns a scope as text: parts percent-encoded, joined by `/`. Below `a` is all that starts with `a/`."""
    return "/".join(quote(part, safe="", errors="surrogatepass") for part in scope)


@lru_cache(maxsize=65536)
def read_scope(text: str) -> Scope:
    """Reads a written scope. Law: `read_scope(write_scope(s)) == s` for every scope with at least one part."""
    return tuple(unquote(part, errors="surrogatepass") for part in text.split("/"))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was read: a file, and the line, record or JSON pointer in it."""

    path: str
    place: str | None = None

    def __str__(self) -> str:
        return self.path if self.place is None else f"{self.path}:{self.place}"


@dataclass(frozen=True)
class Fact:
    """A node or an edge with its properties. The origin is no part of it: equal facts from two places are one."""

    element: Node | Edge
    origin: Origin | None = field(default=None, compare=False)

    @cached_property
    def body(self) -> str:
        """The canonical JSON that the log keeps.

        Raises:
            RefusedError: a property holds a value that cannot be kept.
        """
        return dumps(body_of(self.element))

    @cached_property
    def id(self) -> FactId:
        return digest(self.body)


def body_of(element: Node | Edge) -> dict[str, Any]:
    """Returns the JSON form of a node or an edge; equal elements have equal forms."""
    if isinstance(element, Node):
        return {"node": str(element.urn), "props": element.properties()}
    return {"edge": element.type(), "start": str(element.start), "end": str(element.end), "props": element.properties()}


def element_of(text: str) -> Node | Edge:
    """Reads the canonical JSON of a fact back. Law: `element_of(Fact(e).body) == e`."""
    return element_from(loads(text))


def element_from(body: Mapping[str, Any]) -> Node | Edge:
    """Reads the JSON form of a node or an edge back: the inverse of `body_of`."""
    if "node" in body:
        return node_of(Urn.parse(body["node"]), body["props"])
    return BY_TYPE[body["edge"]](start=Urn.parse(body["start"]), end=Urn.parse(body["end"]), **body["props"])


@dataclass(frozen=True, slots=True)
class Skip:
    """What a reader did not understand. Harvest counts it and keeps it as a `Skipped` node in the snapshot's scope.

    Attributes:
        code: A stable word: unparsed, unresolved, unsupported, unreadable, too_large, rolled_back, ...
        subjects: What it might have said something about; impact reports are lower bounds where one is on the way.
    """

    code: str
    message: str
    origin: Origin
    subjects: tuple[Urn, ...] = ()
    occurrences: int = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one scope said at one time.

    Attributes:
        scope: At least one part, none of them empty.
        at: The source's own clock, with an ordinal for ties.
        facts: Facts, and what was skipped. Read once, in order; may be a generator for a large scope.
        complete: What is not listed does not hold any more, here and below (but for `unread`).
        unread: Scopes below this one about which it says nothing. Yield those that have something to say before this one,
            with the same time: then nothing is closed and opened again.
        dated: False if `at` is a stand-in (the file's time), which answers flag.
    """

    scope: Scope
    at: Instant
    facts: Iterable[Fact | Skip] = ()
    complete: bool = True
    unread: frozenset[Scope] = frozenset()
    dated: bool = True


MAX_FACT_BYTES: Final = 1_048_576
"""A fact whose body is longer is refused with its record."""
