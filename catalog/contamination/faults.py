"""What someone says was wrong: `bad-data:REF@FROM..TO`, the data in REF between two times, or where it is known from.

REF is a data set, a column or a version. It may also be a consent that ended, a check that failed or one result of it, or a
verification that did not match: then the data and the times follow from that, and times that are given go before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from catalog.answers import Data, label
from catalog.contamination.origins import ORIGINS, Origin
from catalog.contamination.timeline import EVER, NEVER
from catalog.identity import find_all
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, parse, parse_as_of, show
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs, decode
from catalog.store.port import Store

FORM: Final = "bad-data:REF@FROM..TO"
SUBJECTS: Final = (
    "REF to be a data set, a column or a version, or what bad data is known from: a consent that ended (consent:DOCUMENT), "
    "a check that failed (check:NAME, or the urn of one result), a verification that did not match (report:NAME), "
    "an incident (incident:NAME)"
)
_HEAD: Final = "bad-data:"
_SPAN: Final = re.compile(r"@([^@]*)\.\.([^@]*)$")
_DATA: Final = ("dataset", "column", "datasetversion")


@dataclass(frozen=True, slots=True)
class Fault:
    """The data in a data set, column or version was wrong between two times.

    Attributes:
        columns: What of it was wrong; empty for all.
        origin: What it is known from, if that is not the data itself.
        why: What is known, for people.
        doubtful: Whether it cannot be told that the data was wrong all that time.
    """

    text: str
    urn: Urn
    begins: Instant = EVER
    ends: Instant = NEVER
    columns: frozenset[Urn] = frozenset()
    origin: Urn | None = None
    why: str | None = None
    doubtful: bool = False

    @property
    def dataset(self) -> Urn:
        return dataset_of(self.urn)

    def said(self) -> Data:
        """Returns the fault as answers write it, but for `ref` and `origin`: urns."""
        span = {
            "since": None if self.begins == EVER else show(self.begins),
            "until": None if self.ends == NEVER else show(self.ends),
        }
        return {"change": self.text, "ref": self.urn, "kind": "bad-data", "to": None, "origin": self.origin, "why": self.why, **span}  # fmt: skip


def is_fault(text: str) -> bool:
    """Returns whether a change is of the form for bad data."""
    return text.strip().lower().startswith(_HEAD)


def parse_faults(store: Store, refs: Refs, text: str) -> list[Fault]:
    """Reads `bad-data:REF@FROM..TO`; either end, or all behind the name, may be left out. A bare date FROM is its start, TO its end.

    Returns:
        One fault for data; for a consent, a check or a verification one for each data set and time that it tells of.

    Raises:
        UsageError: the times are none, or the wrong way round; or what is named is no data and tells of no bad data.
        NotFoundError: what it names is not in the catalog.
        AmbiguousNameError: the name fits several things.
    """
    body = text.strip()[len(_HEAD) :]
    span = _SPAN.search(body)
    name = body[: span.start()] if span else body
    begins = parse(span[1]) if span and span[1].strip() else None
    ends = parse_as_of(span[2]) if span and span[2].strip() else None
    if begins is not None and ends is not None and begins > ends:
        raise UsageError(f"{text!r} ends before it begins: expected {FORM}. Swap the times.")
    found: dict[Fault, None] = {}
    for urn in _named(store, refs, name):
        if urn.kind in _DATA:
            found[_plain(text, urn, begins, ends)] = None
        else:
            found |= dict.fromkeys(_known_from(text, urn, told, begins, ends) for told in _told(store, refs, urn))
    return list(found)


def _plain(text: str, urn: Urn, begins: Instant | None, ends: Instant | None) -> Fault:
    columns = frozenset({urn} if urn.kind == "column" else ())
    return Fault(text, urn, EVER if begins is None else begins, NEVER if ends is None else ends, columns)


def _known_from(text: str, urn: Urn, told: Origin, begins: Instant | None, ends: Instant | None) -> Fault:
    since = told.begins if begins is None else begins
    if since is None:
        raise UsageError(f"{text!r}: {told.why}: expected what has ended. Say from when, as in {text}@2026-03-31..")
    until = told.ends if ends is None else ends
    doubtful = told.doubtful and begins is None
    return Fault(text, told.urn, since, until, told.columns, urn, told.why, doubtful)


def _told(store: Store, refs: Refs, urn: Urn) -> Sequence[Origin]:
    told = list(ORIGINS[urn.kind](store, urn))
    if not told:
        name = refs.format(urn)
        raise UsageError(f"{name!r} is about no data that is known: expected {FORM} with {SUBJECTS}. Name the data.")
    return told


def _named(store: Store, refs: Refs, name: str) -> list[Urn]:
    """Returns what a fault is about: data before anything else.

    A document may stand for several rows of a register, and a suite for the failures of its checks.
    """
    if refs.candidates(name, _DATA):
        return [refs.parse(name, _DATA)]
    head, _, document = name.partition(":")
    if head == "consent" and not refs.candidates(name, ("consent",)):
        rows = sorted(n.urn for n in find_all(store, ["consent"], {"document": [decode(document)]}))
        if rows:
            return rows
    if head == "check" and not refs.candidates(name, ("check",)):
        suite = [n for n in find_all(store, ["checkresult"]) if n.properties.get("suite") == decode(document)]
        if suite:
            failed = [n for n in suite if n.properties.get("success") is False]
            return sorted(n.urn for n in failed or suite)
    if not (others := refs.candidates(name)):
        others = refs.candidates(name := name.replace("@", "%40"))  # the names of verifications hold one
    if others and not any(urn.kind in ORIGINS for urn in others):
        raise UsageError(f"{name!r} is a {label(others[0])}: expected {SUBJECTS}. Name one of these.")
    return [refs.parse(name, (*_DATA, *ORIGINS) if not others else tuple(ORIGINS))]
