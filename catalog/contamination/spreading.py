"""How bad data spreads: an earliest-arrival search along what ran.

A reader is affected only if it read while its input was bad; runs that overlap count as having read. A table is clean again
after it was rewritten whole from clean data. Where no time is known, data is taken to follow at once and to stay: what is
affected only if that is so says `assumed`. More affected readers make more data bad and never less, so the search ends, and its order does not matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from catalog.contamination.faults import Fault
from catalog.contamination.happenings import Happenings, Span, united
from catalog.contamination.timeline import EVER, NEVER, Action
from catalog.model.instants import Instant, moment
from catalog.model.names import Urn, dataset_of

_HERE = "is where the fault came in"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How bad data came into a thing.

    Attributes:
        since: When it was first in there.
        near: What it came from; None for the fault itself.
        why: A sentence with `{}` for the name of `near`.
        assumed: Whether no run is known that brought it.
    """

    since: Instant
    hops: int
    near: Urn | None
    why: str
    assumed: bool = False

    def rank(self) -> tuple[bool, Instant, int]:
        """What runs brought before what is assumed, then the earliest."""
        return (self.assumed, self.since, self.hops)

    def onward(self, near: Urn, why: str, *, assumed: bool = False, since: Instant | None = None) -> Arrival:
        """Returns how it comes from here into the next thing."""
        at = self.since if since is None else since
        return Arrival(at, self.hops + 1, near, why, self.assumed or assumed)


def spread(happened: Happenings, fault: Fault, within: set[Urn] | None = None) -> dict[Urn, Arrival]:
    """Returns how bad data came into all that is affected. What is not so by runs that are known alone is assumed.

    Args:
        within: The data sets and model versions that values of a bad column can get to; None for all.
    """
    known, every = (_Spreading(happened, fault, within, is_known).find() for is_known in (True, False))
    return {urn: replace(arrival, assumed=True) for urn, arrival in every.items()} | known


class _Spreading:
    """The search from one fault.

    Args:
        only_known: Whether only runs with known times, and views, hand anything on.
    """

    def __init__(self, happened: Happenings, fault: Fault, within: set[Urn] | None, only_known: bool) -> None:
        self._only_known = only_known
        self.happened, self._line, self._fault, self._within = happened, happened.line, fault, within
        self.arrivals: dict[Urn, Arrival] = {}
        self._spans: dict[Urn, list[Span]] = {}
        self._affected: set[Action] = set()
        self._waiting: dict[Urn, None] = {}
        """Things that became bad, or worse: what reads them is looked at anew."""
        self._stale: dict[Urn, tuple[Urn, str, bool]] = {}
        """Data sets that may have become bad, or worse, with the best reason so far: from what, why, whether it is assumed."""

    @property
    def _is_alone(self) -> bool:
        """Whether bytes no longer match: that says nothing of other places that hold, or once held, the recorded content."""
        return self._fault.doubtful and self._fault.urn.kind == "datasetversion"

    def find(self) -> dict[Urn, Arrival]:
        """Returns the arrivals in data sets, versions, runs, views and exposures, and then in model versions."""
        self._begin()
        while self._waiting or self._stale:
            if self._waiting:
                self._spread(_taken(self._waiting))
            else:
                urn = next(iter(self._stale))
                self._settle(urn, *self._stale.pop(urn))
        self._models()
        for urn in [u for u in self.arrivals if u.kind == "modelversion" and not self._is_within(u)]:
            del self.arrivals[urn]
        return self.arrivals

    # --- the beginning

    def _begin(self) -> None:
        fault = self._fault
        if fault.urn.kind == "datasetversion":
            self._mark(fault.urn, Arrival(fault.begins, 0, None, _HERE, fault.doubtful))
            self._affected |= {a for a in self.happened.makers.get(fault.urn, ()) if a.timed}
            spans, known = self._bad_spans(fault.dataset) or self._lifetime(fault.urn), self.happened.is_told(fault.urn)
        else:
            spans, known = [(fault.begins, fault.ends)], True
        self._spans[fault.dataset] = spans
        self._arrive(fault.dataset, Arrival(fault.begins, 0, None, _HERE, fault.doubtful or not known))
        self._waiting[fault.dataset] = None

    def _lifetime(self, version: Urn) -> list[Span]:
        """Returns how long a data set held a version, where no run tells; always, where nothing does."""
        fault, begins = self._fault, self.happened.made(version)
        if begins is None:
            return [(fault.begins, fault.ends)]
        span = (max(begins, fault.begins), min(self.happened.superseded(version), fault.ends))
        return [span] if span[0] <= span[1] else []

    # --- one step

    def _arrive(self, urn: Urn, arrival: Arrival) -> None:
        known = self.arrivals.get(urn)
        if known is None or arrival.rank() < known.rank():
            self.arrivals[urn] = arrival

    def _mark(self, urn: Urn, arrival: Arrival) -> None:
        if urn not in self.arrivals:
            self._arrive(urn, arrival)
            self._waiting[urn] = None

    def _spread(self, urn: Urn) -> None:
        """Marks what became bad, or worse, because a data set or version did."""
        for action in self.happened.readers.get(urn, ()):
            if action not in self._affected and (since := self._is_read_bad(action, urn)) is not None:
                self._strike(action, urn, since)
        if urn.kind != "dataset":
            self._equals(urn)
            return
        for near in sorted(self.happened.followers.get(urn, ())):
            self._doubt(near, urn, "reads {}; when is not known")
        self._versions_of(urn)
        for near in sorted(self.happened.fed(urn)):
            self._doubt(near, urn, "reads {}; of that time no run is known")

    def _is_read_bad(self, action: Action, urn: Urn) -> Instant | None:
        """Returns since when an action had bad data from one of its inputs; None if it had none."""
        if urn.kind == "datasetversion":
            if urn not in self.arrivals or (urn == self._fault.urn and not self._is_in_time(action)):
                return None
            return max(action.begins, self.arrivals[urn].since)
        if not action.timed:
            return None
        return next(
            (max(a, action.begins) for a, b in self._spans.get(urn, ()) if a <= action.ends and b >= action.begins),
            None,
        )

    def _is_in_time(self, action: Action) -> bool:
        return not action.timed or (self._fault.begins <= action.ends and action.begins <= self._fault.ends)

    def _strike(self, action: Action, near: Urn, since: Instant) -> None:
        """Marks an action and what it wrote."""
        if self._within is not None and action.writes and not any(self._is_within(u) for u in action.writes):
            return
        self._affected.add(action)
        came = self.arrivals[near]
        why = f"was written from {{}}{_at(since)}, when it was bad"
        if action.urn.kind == "run":
            self._arrive(action.urn, came.onward(near, f"read {{}}{_at(since)}, when it was bad", since=since))
        for urn in sorted(action.writes):
            if urn.kind == "dataset":
                self._doubt(urn, near, why, came.assumed)
            elif self._is_bad_version(urn):
                self._mark(urn, came.onward(near, why, since=since))
                self._doubt(dataset_of(urn), near, why, came.assumed)

    def _is_bad_version(self, urn: Urn) -> bool:
        """Returns whether a version that an affected run wrote can hold the fault."""
        return urn.kind == "datasetversion" and self._is_within(urn) and not self._is_older(urn)

    def _is_within(self, urn: Urn) -> bool:
        """Returns whether values of a bad column can get there; of a bad data set everything that reads it is."""
        if self._within is None or urn.kind not in ("dataset", "datasetversion", "modelversion"):
            return True
        return (dataset_of(urn) if urn.kind == "datasetversion" else urn) in self._within

    # --- data sets

    def _doubt(self, urn: Urn, near: Urn, why: str, assumed: bool = True) -> None:
        """Has a data set looked at anew, once all that is known to be bad upstream has been spread."""
        if urn == self._fault.dataset or not self._is_within(urn):
            return
        if urn in self._line.views and near in self._line.follows.get(urn, ()):
            why, assumed = "is a view of {}", self.arrivals[near].assumed
        elif self._is_name_of(urn, near):
            why, assumed = "is another name of {}", self.arrivals[near].assumed
        elif assumed and self._only_known:
            return
        known = self._stale.get(urn)
        if known is None or self._rank(near, assumed) < self._rank(known[0], known[2]):
            self._stale[urn] = (near, why, assumed)

    def _is_name_of(self, urn: Urn, near: Urn) -> bool:
        """Returns whether two names are of one data set: they are bad at the same times. Bytes that no longer match are one place's."""
        return near in self._line.names.get(urn, ()) and not self._is_alone

    def _rank(self, near: Urn, assumed: bool) -> tuple[bool, int]:
        return (assumed, self.arrivals[near].hops)

    def _settle(self, urn: Urn, near: Urn, why: str, assumed: bool) -> None:
        """Works out anew when a data set was bad."""
        spans = self._bad_spans(urn)
        if spans and spans != self._spans.get(urn):
            self._spans[urn] = spans
            self._arrive(urn, Arrival(spans[0][0], self.arrivals[near].hops + 1, near, why, assumed))
            self._waiting[urn] = None

    def _bad_spans(self, urn: Urn) -> list[Span]:
        """Returns when a data set was bad, by what is known now."""
        writers = self.happened.writers.get(urn, [])
        ends = _ends([a for a in writers if a.replaces and a not in self._affected])
        found: list[Span] = []
        for near in self._followed(urn):
            for begins, until in self._spans.get(near, ()):
                if urn in self._line.views:
                    found.append((begins, until))
                else:
                    found.append((begins, min(until, ends(begins)) if self._is_name_of(urn, near) else ends(begins)))
        for near in self._line.resumes.get(urn, ()) if writers and not self._only_known else ():
            last = writers[-1].ends
            found += [(max(begins, last), NEVER) for begins, until in self._spans.get(near, ()) if until > last]
        if (
            writers
            and not self._only_known
            and any(a.timed and a.begins < writers[0].begins for a in self.happened.readers.get(urn, ()))
        ):
            found += [(begins, ends(begins)) for begins in self._before(writers)]
        for action in writers:
            if action in self._affected:
                read = [since for r in action.reads if (since := self._is_read_bad(action, r)) is not None]
                found.append((min(read, default=action.begins), ends(action.begins)))
        return united(found)

    def _followed(self, urn: Urn) -> set[Urn]:
        if self._only_known:
            views = self._line.follows.get(urn, set()) if urn in self._line.views else set()
            return views | {near for near in self._line.names.get(urn, ()) if self._is_name_of(urn, near)}
        ties = self._line.ties.get(urn, set())
        return self._line.follows.get(urn, set()) | (ties - {self._fault.dataset} if self._is_alone else ties)

    def _before(self, writers: list[Action]) -> Iterator[Instant]:
        """Yields since when a data set that was read before its first write that is known may have been bad: no run tells."""
        first = writers[0].begins
        for near in sorted({urn for action in writers for urn in action.reads if urn.kind == "dataset"}):
            yield from (begins for begins, _ in self._spans.get(near, ()) if begins < first)

    # --- versions

    def _versions_of(self, dataset: Urn) -> None:
        """Marks versions that no run is known to have made, and that were made while the data set was bad."""
        for urn in self.happened.versions.get(dataset, ()) if not self._only_known else ():
            if urn in self.arrivals or self.happened.is_made_by_run(urn) or urn.kind != "datasetversion":
                continue
            at = self.happened.made(urn)
            if at is not None and any(a <= at <= b for a, b in self._spans.get(dataset, ())):
                came = self.arrivals[dataset]
                self._mark(urn, came.onward(dataset, "was made while {} was bad", assumed=True, since=at))

    def _equals(self, urn: Urn) -> None:
        """Marks versions of the same content."""
        if urn == self._fault.urn and self._is_alone:
            return
        for other in sorted(self.happened.equals(urn)):
            if not self._is_older(other):
                self._mark(other, self.arrivals[urn].onward(urn, "has the same content as {}"))

    def _is_older(self, urn: Urn) -> bool:
        """Returns whether content was there before the fault: then the fault is not in it."""
        at = self.happened.made(urn)
        return at is not None and at < self._fault.begins

    # --- model versions

    def _models(self) -> None:
        makers, line = self.happened.makers, self._line
        for urn in line.models:
            for action in makers.get(urn, ()):
                if action in self._affected and action.urn in self.arrivals:
                    self._arrive(urn, self.arrivals[action.urn].onward(action.urn, "came of {}"))
        for model, data in line.trained:
            came = self.arrivals.get(data)
            if came is None:
                continue
            if data.kind == "datasetversion":
                self._arrive(model, came.onward(data, "was trained on {}"))
            elif not self._only_known and not makers.get(model) and self._is_trained_in_time(model, data):
                self._arrive(model, came.onward(data, "was trained on {}", assumed=True))

    def _is_trained_in_time(self, model: Urn, dataset: Urn) -> bool:
        at = self.happened.made(model)
        return at is None or any(a <= at <= b for a, b in self._spans.get(dataset, ()))


def _ends(clean: list[Action]) -> Callable[[Instant], Instant]:
    """Returns when bad data that came in at a time is gone: at the end of the first clean rewrite behind it, in order of time."""

    def until(begins: Instant) -> Instant:
        place = bisect_right(clean, begins, key=lambda action: action.begins)
        return clean[place].ends if place < len(clean) else NEVER

    return until


def _taken(waiting: dict[Urn, None]) -> Urn:
    urn = next(iter(waiting))
    del waiting[urn]
    return urn


def _at(since: Instant) -> str:
    return "" if since in (EVER, NEVER) else f" at {moment(since):%Y-%m-%d %H:%M:%S}"
