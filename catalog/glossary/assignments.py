"""What terms and tags things bear by what was stated: every source's word joined into one, the newest person's first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from catalog.links import Link, link_all
from catalog.model.canonical import loads
from catalog.model.edges import Means, Tagged
from catalog.model.instants import Instant
from catalog.model.marks import standing
from catalog.model.names import Urn
from catalog.store.merging import in_force
from catalog.store.port import Claim, Direction, Store

LABELS: Final = (Means.type(), Tagged.type())
"""Edges from a thing to what it is said to be: a term or a tag."""

_PEOPLE: Final = "human"


def merged(link: Link, as_of: Instant | None = None) -> dict[str, Any]:
    """Returns what is said about an edge: for each property people before sources, then the newest; ties go by scope."""
    found: dict[str, Any] = {}
    speakers = [said for said in link.said if not said.denies]
    for said in sorted(speakers, key=lambda s: _precedence(s.claim, as_of)):
        for name, value in said.properties.items():
            found.setdefault(name, value)
    return found


def _precedence(claim: Claim, as_of: Instant | None) -> tuple[Any, ...]:
    since, _ = in_force(claim.spans, as_of) or claim.spans[-1]
    return (standing(claim.scope).value, -since, claim.scope, claim.body)


def assigned(
    store: Store, urns: Collection[Urn], direction: Direction = "upstream", as_of: Instant | None = None
) -> dict[Urn, list[Link]]:
    """Returns what is stated, and not denied, about things (upstream) or with labels (downstream), by the end that was asked for."""
    found: defaultdict[Urn, list[Link]] = defaultdict(list)
    for link in link_all(store, store.keys(urns).values(), LABELS, direction, as_of):
        found[link.start if direction == "upstream" else link.end].append(link)
    return dict(found)


def denied(store: Store, urns: Collection[Urn], as_of: Instant | None = None) -> dict[Urn, set[Urn]]:
    """Returns for each thing the labels that somebody says it does not bear, and that are hidden by it."""
    held = {(link.start, link.end) for links in assigned(store, urns, "upstream", as_of).values() for link in links}
    found: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for claim in store.edges(list(store.keys(urns).values()), LABELS, "upstream", as_of):
        body = loads(claim.body)
        if body["props"].get("denies"):
            ends = (Urn.parse(body["start"]), Urn.parse(body["end"]))
            if ends not in held:
                found[ends[0]].add(ends[1])
    return dict(found)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status that somebody gave to a term or an assignment.

    Attributes:
        by: The person; for a source, whom it names, if it does.
        thing: What bears the term, of an assignment; None for the status of the term itself.
    """

    since: Instant
    until: Instant | None
    status: str
    by: str | None
    source: str
    note: str | None
    thing: Urn | None = None


def term_history(store: Store, term: Urn) -> list[StatusChange]:
    """Returns every status that a term had, in order of time."""
    return _in_order(
        _change(claim, loads(claim.body)["props"], span, None)
        for claim in store.claims([term], history=True)
        for span in claim.spans
        if loads(claim.body)["props"].get("status")
    )


def assignment_history(store: Store, thing: Urn, term: Urn) -> list[StatusChange]:
    """Returns every status of an assignment that people gave it, and those that sources state now, in order of time."""
    keys = list(store.keys([thing]).values())
    times: set[Instant | None] = {None}
    for history in store.histories_below((_PEOPLE,)):
        if history.scope[2:] == (str(thing), f"{Means.type()} {term}"):
            times |= {sighting.at for sighting in history.live()}
    found: dict[tuple[Any, ...], StatusChange] = {}
    for at in times:
        for claim in store.edges(keys, [Means.type()], "upstream", at):
            body = loads(claim.body)
            if body["end"] == str(term) and (body["props"].get("status") or body["props"].get("denies")):
                for span in claim.spans:
                    found[claim.scope, claim.fact, span] = _change(claim, body["props"], span, thing)
    return _in_order(found.values())


def _change(
    claim: Claim, said: Mapping[str, Any], span: tuple[Instant, Instant | None], thing: Urn | None
) -> StatusChange:
    person = claim.scope[1] if claim.scope[0] == _PEOPLE else said.get("status_by") or said.get("by")
    note = said.get("status_note") or said.get("note")
    status = "denied" if said.get("denies") else str(said["status"])
    return StatusChange(span[0], span[1], status, person, claim.scope[0], note, thing)


def _in_order(changes: Iterable[StatusChange]) -> list[StatusChange]:
    """Returns changes in order of time; a person's word ends where the next person's begins."""
    found = sorted(changes, key=lambda c: (c.since, c.source, c.by or "", c.status))
    people = [change for change in found if change.source == _PEOPLE]
    ends = {id(one): other.since for one, other in pairwise(people)}
    return [
        replace(one, until=min(ends[id(one)], one.until or ends[id(one)])) if id(one) in ends else one for one in found
    ]
