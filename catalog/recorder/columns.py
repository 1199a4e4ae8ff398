"""Where the columns of tables in memory come from, told honestly: what was seen, what the caller said, and what is only possible.

A column that holds the values of one before it, row by row, is that column (`IDENTITY`). One that the caller declares is
derived from those (`TRANSFORMATION`). One of the same name with other values is taken to come from its namesake, and a new
one may come from anything that its step was given: for both nothing is said about how, which readers take as an upper bound.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from catalog.recorder.frames import Shape, is_same, shape_of

How = Literal["IDENTITY", "TRANSFORMATION", "UNSAID"]
_WEIGHT: Final[dict[How, int]] = {"IDENTITY": 0, "TRANSFORMATION": 1, "UNSAID": 2}
_WHOLE: Final = ""
"""Stands for all that is in something without columns, such as an array: what is made of it may come from anywhere in it."""
_RENAMES: Final = 400
"""Pairs of a column that went and one that came, of which more are not compared."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A column of an input, and how its value came here."""

    dataset: str
    column: str
    how: How = "IDENTITY"

    def by(self, how: How) -> Source:
        """Returns the source one step on: the vaguer of the two words holds."""
        return Source(self.dataset, self.column, max(self.how, how, key=_WEIGHT.__getitem__))


Sources = frozenset[Source]


@dataclass(frozen=True, slots=True)
class Frame:
    """A table in memory at one point of a recording."""

    get: Callable[[], Any]
    """Returns the table, None once it is gone."""
    shape: Shape | None
    columns: Mapping[str, Sources]
    inputs: frozenset[str]
    filters: Sources = frozenset()
    """Columns that the caller says decided which rows are there."""


@dataclass(frozen=True, slots=True)
class Change:
    """How the columns of a table differ from those that it was made from."""

    added: list[str]
    removed: list[str]
    renamed: dict[str, str]
    """New name to old."""


@dataclass
class Frames:
    """The tables of one recording, found again by identity. They are not kept alive (lists, which cannot be watched, are)."""

    _known: dict[int, Frame] = field(default_factory=dict)
    last: Frame | None = None

    def read(self, data: Any, dataset: str) -> Frame:
        """Takes in a table as it was read."""
        shape = shape_of(data)
        names = shape.columns if shape else ()
        return self._keep(
            data, Frame(_watch(data), shape, {n: frozenset({Source(dataset, n)}) for n in names}, frozenset({dataset}))
        )

    def meet(self, data: Any) -> Frame:
        """Takes in a table that was made without being told of: its columns come from nowhere that is known."""
        shape = shape_of(data)
        return self._keep(
            data, Frame(_watch(data), shape, dict.fromkeys(shape.columns if shape else (), frozenset()), frozenset())
        )

    def find(self, data: Any) -> Frame | None:
        """Returns what is known of a table; None for one that no step was told of."""
        found = self._known.get(id(data))
        return found if found is not None and found.get() is data else None

    def step(
        self, data: Any, parents: Sequence[Frame], derives: Mapping[str, Sequence[str]], by: Sequence[str]
    ) -> tuple[Frame, Change]:
        """Takes in a table that was made from others."""
        shape = shape_of(data)
        before = list(dict.fromkeys(name for parent in parents for name in parent.columns if name != _WHOLE))
        after = list(shape.columns) if shape else before
        added, removed = [n for n in after if n not in before], [n for n in before if n not in after]
        renamed = _renamed(parents, data, added, removed, derives)
        change = Change(
            [n for n in added if n not in renamed], [n for n in removed if n not in renamed.values()], renamed
        )
        wanted = after if shape else [_WHOLE]
        found = {name: frozenset(_sources(name, data, parents, derives, renamed)) for name in wanted}
        inputs = frozenset[str]().union(*(parent.inputs for parent in parents))
        filters = frozenset(_named(parents, by)).union(*(parent.filters for parent in parents))
        return self._keep(data, Frame(_watch(data), shape, found, inputs, filters)), change

    def _keep(self, data: Any, frame: Frame) -> Frame:
        self._known[id(data)] = self.last = frame
        return frame


def _watch(data: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(data)
    except TypeError:
        return lambda: data


def _sources(
    name: str, data: Any, parents: Sequence[Frame], derives: Mapping[str, Sequence[str]], renamed: Mapping[str, str]
) -> Iterator[Source]:
    if name in derives:
        yield from (source.by("TRANSFORMATION") for source in _named(parents, derives[name]))
        return
    old = renamed.get(name, name)
    namesakes = [parent for parent in parents if old in parent.columns]
    for parent in namesakes:
        seen = is_same(parent.get(), old, data, name) if parent.get() is not data else False
        yield from (source if seen else source.by("UNSAID") for source in parent.columns[old])
    if not namesakes:
        yield from (s.by("UNSAID") for parent in parents for column in parent.columns.values() for s in column)


def _named(parents: Sequence[Frame], names: Sequence[str]) -> Iterator[Source]:
    for name in names:
        for parent in parents:
            yield from parent.columns.get(name, ())


def _renamed(
    parents: Sequence[Frame], data: Any, added: list[str], removed: list[str], derives: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Returns new names of columns that went, where exactly one that came has their values."""
    candidates = [name for name in added if name not in derives]
    if len(candidates) * len(removed) > _RENAMES:
        return {}
    pairs = [
        (new, old)
        for new in candidates
        for old in removed
        if any(old in p.columns and p.get() is not data and is_same(p.get(), old, data, new) for p in parents)
    ]
    return {
        new: old for new, old in pairs if sum(n == new for n, _ in pairs) == 1 and sum(o == old for _, o in pairs) == 1
    }
