"""A timeline by what each thing took part in: who wrote it, who read it, what follows it, what has the same content."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from catalog.contamination.timeline import NEVER, Action, Timeline, time_of
from catalog.identity import is_strong
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.store.port import NodeState

Span = tuple[Instant, Instant]
"""From the first to the last instant."""


class Happenings:
    """A timeline, indexed once.

    Attributes:
        writers: Actions with known times that wrote a data set, in order of time.
        readers: Actions that read a data set or version.
        makers: Actions that made a version of data or of a model.
        followers: What reads a data set at times that are not known.
        versions: Versions of a data set.
    """

    def __init__(self, line: Timeline) -> None:
        self.line = line
        self.writers: defaultdict[Urn, list[Action]] = defaultdict(list)
        self.readers: defaultdict[Urn, list[Action]] = defaultdict(list)
        self.makers: defaultdict[Urn, list[Action]] = defaultdict(list)
        self.followers: defaultdict[Urn, set[Urn]] = defaultdict(set)
        self.versions: defaultdict[Urn, list[Urn]] = defaultdict(list)
        self._contents: defaultdict[str, set[Urn]] = defaultdict(set)
        for action in line.actions:
            self._add(action)
        for near, fars in (*line.follows.items(), *line.resumes.items(), *line.ties.items()):
            for far in fars:
                self.followers[far].add(near)
        for urn, state in line.versions.items():
            self.versions[dataset_of(urn)].append(urn)
            if (content := _content(urn, state)) is not None:
                self._contents[content].add(urn)
        for actions in self.writers.values():
            actions.sort(key=lambda a: (a.begins, a.ends))

    def _add(self, action: Action) -> None:
        for urn in action.writes:
            if urn.kind != "dataset":
                self.makers[urn].append(action)
            if action.timed and urn.kind in ("dataset", "datasetversion"):
                self.writers[dataset_of(urn) if urn.kind == "datasetversion" else urn].append(action)
        for urn in action.reads:
            self.readers[urn].append(action)

    def equals(self, urn: Urn) -> set[Urn]:
        """Returns the versions of the same content, itself included if its content is known."""
        state = self.line.versions.get(urn)
        content = None if state is None else _content(urn, state)
        return self._contents.get(content, set()) if content is not None else set()

    def is_made_by_run(self, urn: Urn) -> bool:
        """Returns whether it is known which run made a version, and when that ran or which versions it read."""
        return any(action.timed or self._read_versions(action) for action in self.makers.get(urn, ()))

    def _read_versions(self, action: Action) -> bool:
        """Returns whether an action read versions alone, and when each was made is known: then its own time decides nothing."""
        return bool(action.reads) and all(
            urn.kind == "datasetversion" and self.made(urn) is not None for urn in action.reads
        )

    def is_told(self, urn: Urn) -> bool:
        """Returns whether it is known how or when the content of a version came about, under whichever name."""
        return any(self.made(u) is not None or self.is_made_by_run(u) for u in {urn, *self.equals(urn)})

    def made(self, urn: Urn) -> Instant | None:
        """Returns when a version was made, as it says itself."""
        state = self.line.versions.get(urn) or self.line.models.get(urn)
        return None if state is None else made(state)

    def fed(self, urn: Urn) -> set[Urn]:
        """Returns the data sets that readers of a data set write."""
        return {far for action in self.readers.get(urn, ()) for far in action.writes if far.kind == "dataset"}

    def superseded(self, urn: Urn) -> Instant:
        """Returns when the next version of the same data set was made."""
        mine = self.made(urn)
        times = sorted(at for other in self.versions[dataset_of(urn)] if (at := self.made(other)) is not None)
        return NEVER if mine is None else next(iter(times[bisect_right(times, mine) :]), NEVER)


def made(state: NodeState) -> Instant | None:
    """Returns when a version was made, as it says itself."""
    return time_of(state.properties.get("created_at"))


def united(spans: list[Span]) -> list[Span]:
    """Returns spans in order, those that touch as one."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def _content(urn: Urn, state: NodeState) -> str | None:
    """Returns the digest that a version's content is known by: its own, or the one that names it where nothing else is said."""
    if is_strong(state):
        return str(state.properties["digest"])
    algorithm, colon, digest = urn.parts[-1].partition(":")
    named = colon and algorithm.isalnum() and not state.properties.get("digest") and urn.kind == "datasetversion"
    return digest if named else None
