"""Why a model version is bad: what changed upstream since the last good one, ranked, with reasons.

A suspect is a difference between the two versions, or something that happened upstream between their trainings: a definition
that changed, a check that failed, an incident, bytes that did not match. Its score adds up what speaks for it: where the two
versions part, how near it is, what it is, and what else happened there at that time. Scores order; they are no probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.answers import Answer, Data, node, show_as_of
from catalog.comparison import compare_properties
from catalog.contamination.alarms import alarms
from catalog.contamination.faults import Fault
from catalog.contamination.report import spread_of
from catalog.contamination.timeline import EVER, NEVER
from catalog.diff import diff_versions
from catalog.graph import TABLE, Course, reach
from catalog.links import link_all
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, show
from catalog.model.names import Urn, dataset_of
from catalog.provenance.training import Training, training_of
from catalog.refs import Refs
from catalog.rootcause.divergence import Point, Side, differing, points, side_of
from catalog.rootcause.lastgood import Standing, last_good
from catalog.starting import lift
from catalog.store.port import Store

_WEIGHTS: Final[Mapping[str, int]] = {
    "features": 25, "code": 20, "data": 10, "parameters": 18, "schema": 15, "environment": 10, "check": 30, "incident": 30, "verification": 30,
}  # fmt: skip
"""By what is suspected."""
_PARTING, _ALARMED, _FEEDING, _FOLLOWING, _NEAR, _ROWS = 30, 25, 25, -15, 12, 15
"""For where the versions part; for what failed there; for failures that feed it; for what differs only because its inputs do; for each
hop less; for rows lost. Data differs with every training, so that alone says little."""
_FAILURES: Final = frozenset({"check", "incident"})
_FIXES: Final[Mapping[str, str]] = {
    "data": "train again on the content of the last good version, or mend this data and load it anew",
    "code": "go back to the last good commit, or mend what changed since",
    "parameters": "train again with the parameter of the last good version",
    "environment": "train again with the packages of the last good version",
    "features": "serve and train with the feature as it was, or train again on purpose",
    "schema": "agree on the column with who changed it, and hold it by a contract",
    "check": "mend the data that failed, and let no version be promoted on it (rule quality-gate)",
    "incident": "take in what the incident says, and train again on data from after it",
    "verification": "restore the recorded bytes, and train again",
}
_LATE: Final = -20
_LIGHT: Final = -10
_MOST_UPSTREAM: Final = 5_000


@dataclass(slots=True)
class Suspect:
    """Something that changed, with what speaks for its being the cause."""

    urn: Urn
    cause: str
    what: str
    before: Any
    after: Any
    hops: int
    reasons: list[str] = field(default_factory=list)
    score: int = 0

    def add(self, points_: int, reason: str) -> None:
        self.score += points_
        self.reasons.append(reason)

    def order(self) -> tuple[int, int, str, str, str]:
        return (-self.score, self.hops, self.cause, str(self.urn), self.what)


def root_cause(store: Store, refs: Refs, bad: Urn, good: Urn | None = None) -> Answer:
    """Returns what changed since the last good version of a model, most suspicious first, and what else stands on it.

    Args:
        good: The last good version; None: the newest earlier one that was promoted, had better figures or passing checks.

    Raises:
        UsageError: one is no model version, they are the same, or there is no earlier one.
    """
    for urn in (bad, *(() if good is None else (good,))):
        if urn.kind != "modelversion" or good == bad:
            raise UsageError(f"{refs.format(urn)!r}: expected two different model versions. Name a bad one, and a good one with --good.")  # fmt: skip
    after = training_of(store, bad)
    standing = (
        last_good(store, refs, after) if good is None else Standing(training_of(store, good), ("it was named",), ())
    )
    case = _Case(store, refs, standing, after)
    return case.answer()


class _Case:
    def __init__(self, store: Store, refs: Refs, good: Standing, bad: Training) -> None:
        self._store, self._refs, self._standing = store, refs, good
        self._good, self._bad = good.training, bad
        self._sides = side_of(store, self._good), side_of(store, bad)
        self._points = points(refs, *self._sides, bad.version)
        self._upstream = _upstream(store, bad, self._sides[1])
        self._alarms = self._failed()

    # --- suspects

    def suspects(self) -> list[Suspect]:
        """Returns everything that changed, most suspicious first."""
        found = [*self._differences(), *self._redefined(), *self._checks(), *self._told()]
        known = {(s.urn, s.what, str(s.before), str(s.after)): s for s in reversed(found)}
        for one in known.values():
            self._weigh(one)
        return sorted(known.values(), key=Suspect.order)

    def _differences(self) -> Iterator[Suspect]:
        """Yields what `diff` names."""
        data = diff_versions(self._store, self._refs, self._good.version, self._bad.version).data
        for said in data["changes"]:
            urn = self._refs.parse(said["ref"])
            if self._is_another_name(urn, said["cause"]):
                continue
            yield Suspect(
                urn, said["cause"], said["property"] or said["kind"], said["before"], said["after"], self._hops(urn)
            )

    def _is_another_name(self, urn: Urn, cause: str) -> bool:
        """Returns whether a data set has the same content as one at which the versions part: that one stands for both."""
        contents = self._sides[1].contents
        parted = [p.urn for p in self._points if contents.get(p.urn)]
        return cause == "data" and urn not in parted and any(contents.get(urn) == contents[p] for p in parted)

    def _redefined(self) -> Iterator[Suspect]:
        """Yields data sets upstream that were defined otherwise at the two trainings."""
        if self._good.at is None or self._bad.at is None:
            return
        urns = sorted(self._upstream)
        was, now = self._store.get(urns, self._good.at), self._store.get(urns, self._bad.at)
        for urn in urns:
            if urn in was and was[urn].properties and now[urn].properties:
                for change in compare_properties(urn, was[urn].properties, now[urn].properties):
                    if change.cause == "data" or change.kind != "changed":
                        continue  # `diff` compares content; what was not known before is no change
                    yield Suspect(urn, change.cause, change.name, change.before, change.after, self._hops(urn))

    def _failed(self) -> dict[Urn, list[Data]]:
        """Returns the checks that failed upstream between the two trainings, by data set."""
        since = EVER if self._good.at is None else self._good.at
        until = None if self._bad.at is None else show(self._bad.at)
        found: dict[Urn, list[Data]] = {}
        for alarm in alarms(self._store, self._refs, dict.fromkeys(self._upstream, since)):
            if until is None or (alarm["at"] or "") <= until:
                found.setdefault(self._refs.parse(alarm["subject"]), []).append(alarm)
        return found

    def _checks(self) -> Iterator[Suspect]:
        for urn, failed in self._alarms.items():
            names = sorted({str(alarm["suite"] or alarm["check"]) for alarm in failed})
            one = Suspect(urn, "check", ", ".join(names), "passed or not run", "failed", self._hops(urn))
            one.reasons.append(f"failed first at {failed[0]['at']}, between the two trainings")
            yield one

    def _told(self) -> Iterator[Suspect]:
        """Yields incidents about what is upstream, and verifications of it that did not match."""
        versions = [v for vs in self._sides[1].versions.values() for v in vs]
        keys = list(self._store.keys([*self._upstream, *versions]).values())
        links = link_all(self._store, keys, ["CONCERNS", "EVALUATED_ON"], "downstream")
        states = self._store.get([link.start for link in links])
        for link in links:
            said, urn = states[link.start].properties, lift(link.end)
            if link.start.kind == "incident" and self._is_between(said.get("opened_at"), said.get("closed_at")):
                yield Suspect(
                    urn, "incident", self._refs.format(link.start), None, said.get("description"), self._hops(urn)
                )
            elif said.get("verdict") == "mismatch":
                yield self._mismatch(urn, said)

    def _mismatch(self, urn: Urn, said: Mapping[str, Any]) -> Suspect:
        one = Suspect(urn, "verification", "digest", said.get("expected"), said.get("actual"), self._hops(urn))
        if self._bad.at is not None and str(said.get("at") or "") > show(self._bad.at):
            one.add(_LATE, f"found at {said.get('at')}, after the training: since when is not known")
        return one

    def _is_between(self, opened: Any, closed: Any) -> bool:
        """Returns whether something was going on between the two trainings."""
        since = None if self._good.at is None else show(self._good.at)
        until = None if self._bad.at is None else show(self._bad.at)
        return not ((closed and since and str(closed) < since) or (opened and until and str(opened) > until))

    # --- weights

    def _weigh(self, one: Suspect) -> None:
        one.score += _WEIGHTS.get(one.cause, 0)
        one.score += max(_NEAR - 2 * one.hops, 0)
        one.reasons.append(
            "in the training itself" if not one.hops else f"{one.hops} hop{'s' * (one.hops > 1)} upstream"
        )
        place = lift(one.urn)
        parting = self._parting(place) if one.cause != "verification" else None
        if parting is not None and parting.sure:
            one.add(_PARTING, f"here the two versions part: {parting.why}")
        elif one.cause == "data" and place in differing(*self._sides):
            one.add(_FOLLOWING, "it differs because what it was made from does")
        elif one.cause in _FAILURES and (fed := [p for p in self._points if 0 < p.hops < one.hops]):
            one.add(_FEEDING, f"it feeds {self._refs.format(fed[0].urn)}, where the two versions part")
        if place in self._alarms and one.cause != "check":
            one.add(_ALARMED, f"checks failed on it between the two trainings: {self._alarms[place][0]['check']}")
        if one.what == "nullable":
            one.add(_LIGHT, "whether a column may be null is often only how a tool writes it")
        if one.cause == "data" and (lost := self._lost(place)):
            one.add(_ROWS, lost)

    def _parting(self, place: Urn) -> Point | None:
        names = {p: {p.urn, *map(dataset_of, p.versions)} for p in self._points if p.urn.kind == "dataset"}
        names |= {p: {p.urn} for p in self._points if p.urn.kind != "dataset"}
        return next((point for point, known in names.items() if place in known), None)

    def _lost(self, dataset: Urn) -> str | None:
        """Returns words for a number of rows that changed by more than a fifth."""
        was, now = (self._rows(side, t, dataset) for side, t in zip(self._sides, (self._good, self._bad), strict=True))
        return f"it has {now} rows, not {was}" if was and now is not None and abs(now - was) * 5 > was else None

    def _rows(self, side: Side, training: Training, dataset: Urn) -> int | None:
        counts = (training.states[v].properties.get("row_count") for v in side.versions.get(dataset, ()))
        return next((count for count in counts if isinstance(count, int)), None)

    def _hops(self, urn: Urn) -> int:
        place = lift(urn)
        return 0 if urn.kind == "modelversion" else self._upstream.get(place, self._sides[1].hops.get(place, 0) + 1)

    # --- the answer

    def answer(self) -> Answer:
        suspects = self.suspects()
        others = self._others(suspects)
        versions = [self._bad.version, self._good.version]
        texts = self._refs.texts([*versions, *(s.urn for s in suspects), *(p.urn for p in self._points), *others])
        why = "; ".join(self._standing.praise) or "the newest earlier version: nothing says that it was good"
        data: Data = {
            "bad": node(texts, self._bad.version, trainedAt=_shown(self._bad.at)),
            "good": node(texts, self._good.version, trainedAt=_shown(self._good.at), why=why),
            "divergence": [node(texts, p.urn, hops=p.hops, why=p.why) for p in self._points],
            "suspects": [_say(texts, rank, one) for rank, one in enumerate(suspects, 1)],
            "others": [node(texts, urn, why=reason) for urn, reason in sorted(others.items())],
        }
        doubts = [] if self._standing.praise else [f"Nothing says that {texts[self._good.version]} was good."]
        doubts += [
            f"It is not known when {texts[t.version]} was trained." for t in (self._good, self._bad) if t.at is None
        ]
        doubts += [] if self._points else ["Where the two part is not known: no content of their data is."]
        doubts += [f"Of {texts[self._good.version]} it is said: {blame}." for blame in self._standing.blame]
        return Answer("rootcause", data, None, not doubts, tuple(doubts))

    def _others(self, suspects: Sequence[Suspect]) -> dict[Urn, str]:
        """Returns the other model versions that stand on the data at which the versions part, or on its code or features."""
        found = dict(self._by_code(suspects))
        parted = [p for p in self._points if p.urn.kind == "dataset"]
        faults = [Fault("", v) for p in parted for v in p.versions]
        since = self._good.at
        faults += [Fault("", p.urn, EVER if since is None else since, NEVER) for p in parted if not p.versions]
        if faults:
            spread = spread_of(self._store, faults)
            name = self._refs.texts({p.urn for p in parted})
            for urn in spread.arrivals:
                if urn.kind == "modelversion":
                    found[urn] = f"stands on the same content of {', '.join(sorted(name.values()))}"
        return {urn: why for urn, why in found.items() if urn not in (self._bad.version, self._good.version)}

    def _by_code(self, suspects: Sequence[Suspect]) -> Iterator[tuple[Urn, str]]:
        if not any(one.cause == "code" and one.urn == self._bad.version for one in suspects):
            return
        keys = list(self._store.keys(self._bad.commits).values())
        at = {link.start for link in link_all(self._store, keys, ["AT_COMMIT"], "downstream")}
        made = link_all(self._store, list(self._store.keys(at).values()), ["GENERATED_BY"], "downstream")
        for urn in {*at, *(link.start for link in made)}:
            if urn.kind == "modelversion":
                yield urn, "was trained with the same commit"


def _upstream(store: Store, bad: Training, side: Side) -> dict[Urn, int]:
    """Returns the data sets upstream, with hops; those that the run read are one hop away."""
    starts = {urn: hops + 1 for urn, hops in side.hops.items()}
    starts |= {dataset_of(k.end): 1 for k in bad.features if k.end.kind == "column" and dataset_of(k.end) not in starts}
    keys = {key: starts[urn] for urn, key in store.keys(starts).items()}
    found = reach(store, keys, Course(TABLE, "upstream", free=frozenset({"READS"})))
    near = sorted(found.hops, key=lambda key: found.hops[key])[:_MOST_UPSTREAM]
    return {urn: found.hops[key] for key, urn in store.urns(near).items() if urn.kind == "dataset"}


def _say(texts: Mapping[Urn, str], rank: int, one: Suspect) -> Data:
    return node(
        texts, one.urn, rank=rank, score=one.score, cause=one.cause, property=one.what, before=one.before, after=one.after,
        hops=one.hops, reasons=one.reasons, fix=_FIXES.get(one.cause),
    )  # fmt: skip


def _shown(at: Instant | None) -> str | None:
    return None if at is None else show_as_of(at)
