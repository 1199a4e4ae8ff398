"""What people say: descriptions, owners, terms, lineage, and that something another source says does not hold.

Each thing that a person said is a scope of its own, `human/ACTOR/SUBJECT/PROPERTY`, and an edit is its newest snapshot: so saying
it again changes it, taking it back closes it, and nothing that is ingested later touches it. What another source says cannot be
taken back; it is denied, which hides it as long as the denial stands. A person's word is not hidden by another person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from catalog.glossary.assignments import LABELS, merged
from catalog.glossary.statuses import check_move
from catalog.harvest import Clock, Harvest, said_in
from catalog.intake import AtHand, SourceReport
from catalog.links import Link, Statement, group, link_all
from catalog.model.canonical import loads
from catalog.model.edges import BY_TYPE, Broader, Edge, Means, OwnedBy, Tagged
from catalog.model.errors import ConflictError, NotFoundError, UsageError
from catalog.model.facts import Fact, Origin, Scope, Snapshot
from catalog.model.ingest import Context, Source
from catalog.model.instants import Instant, instant
from catalog.model.marks import Standing, standing
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND, Node
from catalog.sayings import LINEAGE, check_size, checked_confidence, defaults_of, edge_said, lineage_class, node_said
from catalog.store.port import Store

SOURCE: Final = "people"
"""Source of the commits."""

_PROSE: Final = ("description", "definition")
_REQUIRED: Final = ("subtype", "role")


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit came to.

    Attributes:
        commit: Number of the commit; None if nothing changed.
        warnings: What still stands against it.
    """

    urn: Urn | None
    commit: int | None
    warnings: tuple[str, ...] = ()


class Editor:
    """Writes what one person says. `urn`s must be known to the catalog but for terms and agents, which an edit may name first.

    Every method raises `UsageError` for what cannot be said of the thing, and `ConflictError` where another person's word stands
    against it.
    """

    def __init__(self, store: Store, *, clock: Clock, actor: str) -> None:
        self._store, self._clock, self._actor = store, clock, actor

    # --- things

    def set_description(self, urn: Urn, text: str | None) -> Edited:
        """Describes a thing; None takes back what this person said before."""
        cls = BY_KIND[urn.kind]
        name = next((name for name in _PROSE if name in cls.model_fields), None)
        if name is None:
            raise UsageError(f"{cls.label()} has no description. Describe the thing that it belongs to.")
        said = [] if text is None else [node_said(urn, {name: text})]
        return self._say(urn, name, said)

    def set_owner(self, urn: Urn, owner: Urn | None, role: str = "owner") -> Edited:
        """Makes an agent the one owner in a role: other sources' owners in that role are denied.

        None takes back what this person said before.
        """
        if owner is None:
            return self._say(urn, f"owner {role}", [])
        held = [link for link in self._links(urn, OwnedBy.type()) if _role(link) == role and link.end != owner]
        others, denied = [], list[Edge]()
        for link in held:
            if self._speakers(link):
                others.append(
                    f"{', '.join(self._speakers(link))} named {link.end.name} as {role}; only they can take it back."
                )
            elif not all(map(self._is_mine, link.said)):
                denied.append(_denial(link))
        said = [OwnedBy(start=urn, end=owner, role=role), *denied]
        return self._say(urn, f"owner {role}", said, warnings=others)

    def upsert_term(self, urn: Urn, said: Mapping[str, Any], broader: Sequence[Urn] | None = None) -> Edited:
        """Defines a term. What is left out stays as this person said it before; None takes it back.

        Args:
            broader: Terms that hold it, all of them; None leaves them as they are.
        """
        if urn in (broader or ()):
            raise UsageError(f"{urn.name!r} cannot be broader than itself. Name another term.")
        kept = self._own_properties(urn, "term") | dict(said)
        status = kept.pop("status", None)
        parts: list[tuple[str, list[Node | Edge]]] = []
        if "status" in said:
            parts.append(("status", self._status(urn, said["status"]) if said["status"] else []))
        elif status is not None:  # said before a status was a thing of its own
            parts.append(("status", [node_said(urn, {"status": status})]))
        parts.append(("term", [node_said(urn, {k: v for k, v in kept.items() if v is not None})]))
        if broader is not None:
            parts.append(("broader", [Broader(start=urn, end=term) for term in broader]))
        return self._commit(urn, parts)

    def move_term(self, urn: Urn, status: str, note: str | None = None) -> Edited:
        """Gives a term another status, by a legal move."""
        return self._say(urn, "status", self._status(urn, status, note, anew=True))

    # --- ties

    def link_term(
        self,
        urn: Urn,
        term: Urn,
        status: str | None = None,
        confidence: str | None = None,
        source: str | None = None,
        note: str | None = None,
    ) -> Edited:
        """Says that a thing holds what a term names, or bears a tag.

        Args:
            confidence: From 0 to 1, as text.
            source: How it was found.
        """
        if term.kind == "tag":
            return self._say(urn, f"{Tagged.type()} {term}", [edge_said(Tagged, urn, term)])
        before = self._assignment(urn, term)
        if status is not None and status != before.get("status"):
            check_move(f"{urn.name} means {term.name!r}", before.get("status"), status)
        said = {"status": status, "confidence": checked_confidence(confidence), "source": source, "note": note}
        if status is not None:
            said |= {"by": self._actor, "at": self._time()}
        edge = edge_said(Means, urn, term, steward=self._actor, **said)
        return self._say(urn, _tie(edge), [edge])

    def move_link(self, urn: Urn, term: Urn, status: str, note: str | None = None) -> Edited:
        """Gives an assignment that somebody states another status, by a legal move.

        Raises:
            NotFoundError: nobody states it.
        """
        before = self._assignment(urn, term)
        if not before:
            raise NotFoundError([f"an assignment of {term} to {urn}"])
        check_move(f"{urn.name} means {term.name!r}", before.get("status"), status)
        kept = {key: before[key] for key in ("confidence", "steward", "source", "expression") if key in before}
        edge = edge_said(Means, urn, term, **kept, status=status, note=note, by=self._actor, at=self._time())
        return self._say(urn, _tie(edge), [edge])

    def unlink_term(self, urn: Urn, term: Urn) -> Edited:
        """Says that a thing does not hold what a term names, or does not bear a tag, whether it is stated or only follows."""
        links = [k for k in self._links(urn, *LABELS) if k.end == term]
        if links:
            return self._deny(links, urn, term)
        edge = edge_said(Tagged if term.kind == "tag" else Means, urn, term, denies=True)
        return self._say(urn, _tie(edge), [edge])

    def assert_lineage(self, derived: Urn, source: Urn, type_: str | None = None, **said: Any) -> Edited:
        """Says that one thing stands on another.

        Args:
            type_: Type of the edge; None takes the first that fits the two kinds.
            said: Subtype, role, expression or reason.
        """
        cls = lineage_class(derived, source, type_)
        fits = {key: value for key, value in said.items() if value is not None}
        for key in fits:
            if key not in cls.model_fields:
                raise UsageError(f"{cls.type()} says nothing of {key!r}. Leave it out.")
        edge = edge_said(cls, derived, source, exactness="declared", **(defaults_of(cls) | fits))
        return self._say(derived, _tie(edge), [edge])

    def retract_lineage(self, derived: Urn, source: Urn, type_: str | None = None) -> Edited:
        """Says that one thing does not stand on another, in one way or any."""
        types = [cls.type() for cls in LINEAGE] if type_ is None else [lineage_class(derived, source, type_).type()]
        return self._deny([k for k in self._links(derived, *types) if k.end == source], derived, source)

    # --- the log

    def revert(self, seq: int) -> Edited:
        """Takes back what one commit said, as if it had never been read.

        Raises:
            NotFoundError: there is no such commit.
        """
        found = self._store.commits(after=seq - 1, limit=1) if seq > 0 else []
        if not found:
            raise NotFoundError([f"commit {seq}"])
        said, taken_back = said_in(self._store, found[0])
        if taken_back and not said:
            raise UsageError(f"commit {seq} took something back. Read its source again with `ingest --again`.")
        report = self._harvest().retract(found[0].source, said)
        return Edited(None, _last(report))

    # --- how

    def _status(self, urn: Urn, status: str, note: str | None = None, *, anew: bool = False) -> list[Node | Edge]:
        """Returns the claim that a term has a status; saying the one that it has is no move unless it is to be one."""
        states = self._store.get([urn])
        before = states[urn].properties.get("status") if urn in states else None
        if anew or before != status:
            check_move(f"term {urn.name!r}", before, status)
        return [
            node_said(
                urn, {"status": status, "status_by": self._actor, "status_at": self._time(), "status_note": note or ""}
            )
        ]

    def _assignment(self, urn: Urn, term: Urn) -> dict[str, Any]:
        """Returns what is said about an assignment, nothing if nobody states it or it is denied."""
        keys = self._store.keys([urn]).values()
        found = [link for link in link_all(self._store, keys, [Means.type()]) if link.end == term]
        return {"stated": True, **merged(found[0])} if found else {}

    def _time(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="seconds")

    def _say(self, urn: Urn, what: str, elements: Iterable[Node | Edge], warnings: Iterable[str] = ()) -> Edited:
        return self._commit(urn, [(what, list(elements))], warnings)

    def _commit(self, urn: Urn, said: Sequence[tuple[str, list[Node | Edge]]], warnings: Iterable[str] = ()) -> Edited:
        snapshots = []
        for what, elements in said:
            facts = [Fact(element, Origin(SOURCE, self._actor)) for element in elements]
            for fact in facts:
                check_size(fact)
            scope = self._scope(urn, what)
            snapshots.append(Snapshot(scope, self._now(scope), facts))
        now = instant(self._clock())
        context = Context(SOURCE, Path(), {}, now)
        report = self._harvest().read(Source(SOURCE, SOURCE, AtHand(snapshots), context))
        for reason, place in report.skipped:
            raise UsageError(f"{place}: was not taken: {reason}. Say it in another way.")
        return Edited(urn, _last(report), tuple(warnings))

    def _deny(self, links: Sequence[Link], start: Urn, end: Urn) -> Edited:
        if not links:
            raise NotFoundError([f"an edge from {start} to {end}"])
        said = []
        for link in links:
            if self._speakers(link):
                raise ConflictError(
                    f"{', '.join(self._speakers(link))} says so: a person's word is taken back by that person, or by "
                    "reverting the commit."
                )
            foreign = not all(map(self._is_mine, link.said))
            said.append((f"{link.type} {end}", list[Node | Edge]([_denial(link)] if foreign else [])))
        return self._commit(start, said)

    def _links(self, urn: Urn, *types: str) -> list[Link]:
        """Returns the edges that anybody states, those that are denied already included, without the denials."""
        claims = self._store.edges(list(self._store.keys([urn]).values()), types, "upstream")
        return group(claim for claim in claims if not loads(claim.body)["props"].get("denies"))

    def _speakers(self, link: Link) -> list[str]:
        """Returns other people who say so."""
        people = {s.claim.scope[1] for s in link.said if standing(s.claim.scope) is Standing.HUMAN}
        return sorted(people - {self._actor})

    def _is_mine(self, said: Statement) -> bool:
        return said.claim.scope[:2] == ("human", self._actor)

    def _scope(self, urn: Urn, what: str) -> Scope:
        return ("human", self._actor, str(urn), what)

    def _own_properties(self, urn: Urn, what: str) -> dict[str, Any]:
        scope = self._scope(urn, what)
        mine = [claim for claim in self._store.claims([urn]) if claim.scope == scope]
        return dict(loads(mine[0].body)["props"]) if mine else {}

    def _now(self, scope: Scope) -> Instant:
        """Returns the time of an edit: after all that was said there before, also if the clock went back."""
        history = self._store.histories([scope]).get(scope)
        newest = history.newest() if history else None
        now = instant(self._clock())
        return now if newest is None or newest.at < now else Instant(newest.at + 1)

    def _harvest(self) -> Harvest:
        return Harvest(self._store, clock=self._clock, actor=self._actor, again=True)


def _last(report: SourceReport) -> int | None:
    return report.commits[-1] if report.commits else None


def _tie(edge: Edge) -> str:
    return f"{edge.type()} {edge.end}"


def _role(link: Link) -> str:
    return str(link.properties.get("role") or "owner")


def _denial(link: Link) -> Edge:
    needed = {key: link.properties[key] for key in _REQUIRED if key in link.properties}
    return BY_TYPE[link.type](start=link.start, end=link.end, denies=True, **needed)
