"""What a resolver may touch. One context for each request: its loaders gather what the fields of one level ask for."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

from graphql.pyutils import Path as FieldPath
from strawberry.dataloader import DataLoader

from catalog.answers import Data
from catalog.api.limits import Limits
from catalog.classification.label_rules import LabelRule
from catalog.classification.labelling import derived_of
from catalog.graph import columns_in
from catalog.links import Link, link_all
from catalog.model.canonical import loads
from catalog.model.errors import DeadlineError, ForbiddenError, UsageError
from catalog.model.facts import write_scope
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.project import SourceEntry
from catalog.refs import Refs
from catalog.store.port import Claim, Direction, NodeState, Store

T = TypeVar("T")
MOST_VALUES: Final = 1_000
"""Items of a list that is no page."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all requests share.

    Attributes:
        clock: The time of what people say, and of commits.
        propagation: How far terms and tags follow values.
        policies: Files with rules; read for each question, so that a rule that is changed is in force at once.
        ticks: A clock that only goes forward, in seconds, for deadlines.
        writing: Held while something is committed: the threads of one server take turns here and not at the store.
    """

    clock: Callable[[], datetime]
    ticks: Callable[[], float]
    namespaces: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = ()
    policies: tuple[Path, ...] = ()
    propagation: tuple[LabelRule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    writing: threading.Lock = field(default_factory=threading.Lock)


def short(text: str, most: int, what: str) -> str:
    """Returns a text that is not too long.

    Raises:
        UsageError: it is.
    """
    if len(text) > most:
        raise UsageError(
            f"{what} has {len(text)} characters: expected at most {most}. Write it shorter, or as an `id`."
        )
    return text


class Tied(NamedTuple):
    """Asks for the edges of a thing: one type or several, seen along a direction."""

    urn: Urn
    types: frozenset[str]
    direction: Direction
    as_of: Instant | None


class Watched:
    """A store that refuses to be asked once the deadline has passed, and otherwise is the one behind it."""

    def __init__(self, store: Store, ticks: Callable[[], float], until: float, seconds: float) -> None:
        self._store, self._ticks, self._until, self._seconds = store, ticks, until, seconds

    def __getattr__(self, name: str) -> Any:
        if self._ticks() > self._until:
            raise DeadlineError(
                f"The answer took longer than {self._seconds:g} s. Ask for less: fewer hops, a smaller `first`, one direction."
            )
        return getattr(self._store, name)


class Context:
    """One request.

    Attributes:
        store: Stops at the request's deadline.
        writer: The same store without a deadline: a commit is finished once it is begun.
        actor: Who asks; None if the caller may only read.
        cut: Paths of property lists that were too long to be given whole.
    """

    def __init__(self, settings: Settings, store: Store, actor: str | None) -> None:
        seconds = settings.limits.seconds
        until = settings.ticks() + seconds
        self.settings, self.writer, self._actor = settings, store, actor
        self.store = cast(Store, Watched(store, settings.ticks, until, seconds))
        self.cut: list[str] = []
        self.renew()

    def renew(self) -> None:
        """Forgets what was loaded: something was written."""
        self.refs = Refs(self.store, self.settings.namespaces)
        self.states: DataLoader[tuple[Urn, Instant | None], NodeState | None] = DataLoader(self._load_states)
        self.texts: DataLoader[Urn, str] = DataLoader(self._load_texts)
        self.links: DataLoader[Tied, list[Link]] = DataLoader(self._load_links)
        self.claims: DataLoader[tuple[Urn, Instant | None], list[Claim]] = DataLoader(self._load_claims)
        self.columns: DataLoader[tuple[Urn, Instant | None], list[Urn]] = DataLoader(self._load_columns)
        self.derived: DataLoader[tuple[Urn, Instant | None], list[Data]] = DataLoader(self._load_derived)

    def actor(self) -> str:
        """Returns who writes.

        Raises:
            ForbiddenError: the caller may only read.
        """
        if self._actor is None:
            raise ForbiddenError(
                "Writing is off here. Start the server with HEADWATER_TOKENS, or on loopback with --allow-writes."
            )
        return self._actor

    def named(self, text: str, kinds: Collection[str] = ()) -> Urn:
        """Returns what a ref or urn of a caller names.

        Raises:
            NotFoundError, AmbiguousNameError: see `Refs.parse`.
            UsageError: it is longer than a name may be: how a text can be read grows faster than the text.
        """
        short(text, self.settings.limits.ref_chars, "A name")
        return self.refs.parse(text, kinds)

    def all_named(self, texts: Sequence[str]) -> list[Urn]:
        """Returns what several refs name."""
        for text in texts:
            short(text, self.settings.limits.ref_chars, "A name")
        return self.refs.parse_all(texts)

    @property
    def may_write(self) -> bool:
        return self._actor is not None

    def bounded(self, values: Sequence[T], first: int, path: FieldPath) -> list[T]:
        """Returns the first of a list that is no page; the answer names the places where that was not all.

        Raises:
            UsageError: fewer than none are asked for, or too many.
        """
        if not 0 <= first <= MOST_VALUES:
            raise UsageError(f"first: {first} is out of bounds: expected 0 to {MOST_VALUES}. Ask for fewer.")
        if len(values) > first:
            self.cut.append(".".join(map(str, path.as_list())))
        return list(values[:first])

    # --- loaders: the store is synchronous, and the loop that they run in is this request's own

    async def _load_states(self, keys: list[tuple[Urn, Instant | None]]) -> list[NodeState | None]:
        found: dict[tuple[Urn, Instant | None], NodeState] = {}
        for as_of, urns in _by(keys, lambda key: key[1], lambda key: key[0]).items():
            found.update(((urn, as_of), state) for urn, state in self.store.get(urns, as_of).items())
        return [found.get(key) for key in keys]

    async def _load_texts(self, urns: list[Urn]) -> list[str]:
        texts = self.refs.texts(urns)
        return [texts[urn] for urn in urns]

    async def _load_links(self, asked: list[Tied]) -> list[list[Link]]:
        links: dict[tuple[Direction, Instant | None], dict[Urn, list[Link]]] = {}
        for (direction, as_of), same in _by(asked, lambda t: (t.direction, t.as_of), lambda t: t).items():
            types = frozenset().union(*(t.types for t in same))
            near: defaultdict[Urn, list[Link]] = defaultdict(list)
            keys = self.store.keys({t.urn for t in same}).values()
            for link in link_all(self.store, keys, types, direction, as_of):
                near[link.start if direction == "upstream" else link.end].append(link)
            links[direction, as_of] = near
        return [[link for link in links[t.direction, t.as_of].get(t.urn, ()) if link.type in t.types] for t in asked]

    async def _load_claims(self, asked: list[tuple[Urn, Instant | None]]) -> list[list[Claim]]:
        found: defaultdict[tuple[str, Instant | None], list[Claim]] = defaultdict(list)
        for as_of, urns in _by(asked, lambda key: key[1], lambda key: key[0]).items():
            for claim in self.store.claims(urns, as_of):
                found[loads(claim.body)["node"], as_of].append(claim)
        return [
            sorted(found[str(urn), as_of], key=lambda c: f"{write_scope(c.scope)} {c.fact.hex()}")
            for urn, as_of in asked
        ]

    async def _load_columns(self, asked: list[tuple[Urn, Instant | None]]) -> list[list[Urn]]:
        found: defaultdict[tuple[Urn, Instant | None], list[Urn]] = defaultdict(list)
        for as_of, datasets in _by(asked, lambda key: key[1], lambda key: key[0]).items():
            for urn in columns_in(self.store, datasets, as_of):
                found[dataset_of(urn), as_of].append(urn)
        return [found[key] for key in asked]

    async def _load_derived(self, asked: list[tuple[Urn, Instant | None]]) -> list[list[Data]]:
        found: dict[tuple[Urn, Instant | None], list[Data]] = {}
        for as_of, urns in _by(asked, lambda key: key[1], lambda key: key[0]).items():
            known = derived_of(self.store, self.refs, urns, self.settings.propagation, as_of)
            found.update(((urn, as_of), known.get(urn, [])) for urn in urns)
        return [found[key] for key in asked]


def _by(items: Iterable[Any], group: Callable[[Any], Any], value: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[group(item)].append(value(item))
    return dict(groups)
