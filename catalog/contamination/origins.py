"""What tells of bad data: a consent that ended, a check that failed, bytes that are not those that were recorded.

Each kind of thing that does so has a row in `ORIGINS`: which data it is about, from when and until when. Where the time is not
known, the whole time counts, and the origin is doubtful.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from catalog.answers import label
from catalog.contamination.timeline import EVER, NEVER, time_of
from catalog.links import link_all
from catalog.model.canonical import loads
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, parse_as_of
from catalog.model.names import Urn, dataset_of
from catalog.provenance.training import read_json
from catalog.store.port import NodeState, Store

_DATA: Final = frozenset({"dataset", "column", "datasetversion"})
_ACTIVE: Final = frozenset({"active", "valid", "given", "granted", "effective", "in force", "in effect"})
_ENDED: Final = re.compile(r"(?i)withdr|revo[kc]|cancel|terminat|expire|opt.?out")


class Origin(NamedTuple):
    """Data that is known to be bad.

    Attributes:
        begins: None if it is not bad yet: whoever asks has to say from when it is to count as such.
        why: What is known, for people.
        columns: What of it is bad; empty for all.
        doubtful: Whether it cannot be told that it was bad all that time.
    """

    urn: Urn
    begins: Instant | None
    ends: Instant
    why: str
    columns: frozenset[Urn] = frozenset()
    doubtful: bool = False


# --- consents ---------------------------------------------------------------------------------------------------------


def _of_consent(store: Store, urn: Urn) -> Iterator[Origin]:
    """Yields what a consent covered, from the day on which it ended."""
    state = store.get([urn])[urn]
    last = None if state.closed_since is None else Instant(state.closed_since - 1)
    said = store.get([urn], last)[urn].properties
    name = f"the consent {said.get('document') or urn.name}"
    begins, why, doubtful = _end(store, state, said, name)
    covered = link_all(store, store.keys([urn]).values(), ["COVERED_BY"], "downstream", last)
    for thing in sorted(link.start for link in covered if link.start.kind in _DATA):
        columns = frozenset({thing} if thing.kind == "column" else ())
        yield Origin(thing, begins, NEVER, why, columns, doubtful)


def _end(store: Store, state: NodeState, said: Mapping[str, Any], name: str) -> tuple[Instant | None, str, bool]:
    """Returns when a consent ended (None: it did not), how, and whether that is only the earliest that it can have been."""
    status = str(said.get("status") or "active").lower()
    known = dict.fromkeys(_withdrawals(said), f"{name} was withdrawn")
    is_dated = bool(known) or status in _ACTIVE
    if (last := time_of(said.get("valid_to"), parse_as_of)) is not None:
        known.setdefault(Instant(last + 1), f"{name} expired")
    if state.closed_since is not None:
        known.setdefault(state.closed_since, f"{name} was taken out of its register")
    seen = EVER
    if status not in _ACTIVE:
        seen = _seen(store, state.urn, status)
        if state.begins is not None and seen > state.begins:
            known.setdefault(seen, f"{name} is {status}")
    if known and (is_dated or min(known) <= seen):
        return min(known), known[min(known)], False
    if status not in _ACTIVE:
        return EVER, f"{name} is {status}, since when is not known", True
    return None, f"{name} is {status} and has no last day", False


def _withdrawals(said: Mapping[str, Any]) -> Iterator[Instant]:
    """Yields the days that other columns of the register give for the end."""
    for key, value in read_json(said.get("meta")).items():
        if _ENDED.search(key) and (at := time_of(value)) is not None:
            yield at


def _seen(store: Store, urn: Urn, status: str) -> Instant:
    """Returns since when the register says that a consent has this status."""
    spans = [
        claim.spans[-1][0]
        for claim in store.claims([urn], history=True)
        if str(loads(claim.body)["props"].get("status")).lower() == status
    ]
    return max(spans, default=EVER)


# --- checks -----------------------------------------------------------------------------------------------------------


def _of_result(store: Store, urn: Urn) -> Iterator[Origin]:
    """Yields what a failed check looked at: the very version, or the data set until the check passed again."""
    said = store.get([urn])[urn].properties
    if said.get("success") is not False:
        raise UsageError(f"{urn.name!r} is {said.get('status') or 'no failure'} in {urn.parts[2]!r}: expected a result that failed. Name another.")  # fmt: skip
    checks = [k.end for k in link_all(store, store.keys([urn]).values(), ["RESULT_OF"])]
    yield from _failures(store, checks, {urn})


def _of_check(store: Store, urn: Urn) -> Iterator[Origin]:
    """Yields what a check looked at whenever it failed."""
    found = list(_failures(store, [urn], None))
    if not found:
        raise UsageError(f"the check {urn.name!r} never failed: expected one that did. Name another.")
    yield from found


def _failures(store: Store, checks: list[Urn], only: set[Urn] | None) -> Iterator[Origin]:
    results = {k.start for k in link_all(store, store.keys(checks).values(), ["RESULT_OF"], "downstream")} | (
        only or set()
    )
    states = store.get(sorted(results))
    checked = {k.end for k in link_all(store, store.keys(checks).values(), ["CHECKS"])}
    subjects = _subjects(store, results, checked)
    passes: defaultdict[Urn, list[Instant]] = defaultdict(list)
    for result in sorted(results, key=lambda u: _at(states[u])):
        for thing in subjects[result] if states[result].properties.get("success") else ():
            passes[thing].append(_at(states[result]))
    told: set[tuple[Urn, Instant]] = set()
    for result in sorted(results, key=lambda u: (_at(states[u]), u)):
        said = states[result].properties
        if said.get("success") is not False or (only is not None and result not in only):
            continue
        why = f"{said.get('suite') or result.name} failed" + (f" at {said['at']}" if said.get("at") else "")
        for thing in sorted(subjects[result]):
            if thing.kind == "datasetversion":
                yield Origin(thing, EVER, NEVER, why, _columns(thing, checked))
            else:
                begins = _at(states[result])
                ends = next(iter(passes[thing][bisect_right(passes[thing], begins) :]), NEVER)
                if (thing, ends) not in told:  # until it passes again it is one failure
                    told.add((thing, ends))
                    yield Origin(thing, begins, ends, why, _columns(thing, checked), begins == EVER)


def _subjects(store: Store, results: set[Urn], checked: set[Urn]) -> dict[Urn, set[Urn]]:
    """Returns what results are about: versions where any are named, else data sets, else what their check looks at."""
    found: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in link_all(store, store.keys(results).values(), ["EVALUATED_ON"]):
        found[link.start].add(_whole(link.end))
    usual = {dataset_of(urn) if urn.kind == "column" else urn for urn in checked}
    told: dict[Urn, set[Urn]] = {}
    for result in results:
        about = {urn for urn in found[result] or usual if urn.kind in _DATA}
        told[result] = {urn for urn in about if urn.kind == "datasetversion"} or about
    return told


def _columns(thing: Urn, checked: set[Urn]) -> frozenset[Urn]:
    """Returns the columns of a data set that a check looks at; none if it looks at the data set as such."""
    inside = {urn for urn in checked if dataset_of(urn) == dataset_of(thing)}
    return frozenset(inside if all(urn.kind == "column" for urn in inside) else ())


# --- verifications ----------------------------------------------------------------------------------------------------


def _of_report(store: Store, urn: Urn) -> Iterator[Origin]:
    """Yields the content whose bytes did not match, since they last did, or else since the digest was recorded."""
    said = store.get([urn])[urn].properties
    if said.get("verdict") != "mismatch":
        raise UsageError(
            f"{urn.name!r} is a {said.get('type') or label(urn)} ({said.get('verdict') or 'no verdict'}): "
            "expected a verification that did not match. Name the data and times."
        )
    matched = [
        claim.spans[-1][0]
        for claim in store.claims([urn], history=True)
        if loads(claim.body)["props"].get("verdict") == "match"
    ]
    why = f"its bytes have {said.get('actual')}, not {said.get('expected')}"
    ends = sorted({_whole(k.end) for k in link_all(store, store.keys([urn]).values(), ["EVALUATED_ON"])})
    for thing, state in store.get([end for end in ends if end.kind in _DATA]).items():
        recorded = time_of(state.properties.get("created_at"))
        since = recorded if recorded is not None else state.begins if state.begins is not None else EVER
        yield Origin(thing, max([since, *matched]), NEVER, why, doubtful=True)


# --- incidents --------------------------------------------------------------------------------------------------------


def _of_incident(store: Store, urn: Urn) -> Iterator[Origin]:
    """Yields the data that an incident is about, from when it was opened until it was closed."""
    said = store.get([urn])[urn].properties
    begins, ends = time_of(said.get("opened_at")), time_of(said.get("closed_at"), parse_as_of)
    why = f"the incident {urn.name}" + (f": {said['description']}" if said.get("description") else "")
    for link in link_all(store, store.keys([urn]).values(), ["CONCERNS"]):
        if link.end.kind in _DATA:
            columns = frozenset({link.end} if link.end.kind == "column" else ())
            span = (EVER if begins is None else begins, NEVER if ends is None else ends)
            yield Origin(link.end, *span, why, columns, begins is None)


def _whole(urn: Urn) -> Urn:
    """Returns the version that a file is in; anything else as it is."""
    return Urn("datasetversion", urn.parts[:3]) if urn.kind == "fileentry" else urn


def _at(state: NodeState) -> Instant:
    at = time_of(state.properties.get("at"))
    return EVER if at is None else at


ORIGINS: Final[Mapping[str, Callable[[Store, Urn], Iterator[Origin]]]] = {
    "consent": _of_consent, "check": _of_check, "checkresult": _of_result, "report": _of_report,
    "incident": _of_incident,
}  # fmt: skip
"""By kind of what tells of bad data."""
