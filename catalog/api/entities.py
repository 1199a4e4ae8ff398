"""A thing of the catalog as the schema shows it, whatever its kind, and the pages of what is tied to it."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final

import strawberry
from strawberry.types import Info as AnyInfo

from catalog.api.context import Context, Tied
from catalog.api.evidence import EVIDENCE, Evidence, evidence_of
from catalog.api.pages import PAGE, PageInfo, page
from catalog.api.scalars import Time
from catalog.glossary.assignments import merged
from catalog.links import Link
from catalog.model.canonical import json_text, loads
from catalog.model.edges import BY_TYPE, Broader, Flow, Means, Related, types_of
from catalog.model.errors import InvalidNameError, UsageError
from catalog.model.facts import write_scope
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.model.relations import name_of
from catalog.store.port import Claim, Direction, NodeState

Info = AnyInfo[Context, None]
LINEAGE: Final = types_of(Flow.VALUE, Flow.ROWS, Flow.TABLE, Flow.RUN)


def relation_field(type_: str, direction: Direction, description: str) -> Any:
    """Returns the field for the edges of one type."""
    types = frozenset({type_})

    async def resolve(root: Any, info: Info, first: int = PAGE, after: str | None = None) -> LinkConnection:
        return await linked(info.context, Tied(root.node_state.urn, types, direction, root.as_of), first, after)

    return strawberry.field(resolver=resolve, description=f"{description} ({type_})")


def step_field(direction: Direction, description: str) -> Any:
    """Returns the field for one hop of lineage along a direction."""

    async def resolve(
        root: Any, info: Info, types: list[str] | None = None, first: int = PAGE, after: str | None = None
    ) -> LinkConnection:
        wanted = LINEAGE if types is None else checked_types(types)
        return await linked(info.context, Tied(root.node_state.urn, wanted, direction, root.as_of), first, after)

    return strawberry.field(
        resolver=resolve, description=f"{description} `types` narrows it; `lineage` answers all hops."
    )


def checked_types(names: Sequence[str]) -> frozenset[str]:
    """Returns edge types by their names.

    Raises:
        UsageError: one is none.
    """
    for name in names:
        if name not in BY_TYPE:
            raise UsageError(f"{name[:80]!r} is no type of edge: expected one of {', '.join(sorted(BY_TYPE))}.")
    return frozenset(names)


@strawberry.interface(name="Node", description="Anything with a global id.")
class Identified:
    @strawberry.field(description="Opaque; names the thing in this and every other catalog.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


@strawberry.interface(description="A thing that the catalog knows, as it was at the time of the question.")
class Entity(Identified):
    node_state: strawberry.Private[NodeState]
    as_of: strawberry.Private[Instant | None]

    @strawberry.field(description="Opaque; names the thing in this and every other catalog.")
    def id(self) -> strawberry.ID:
        return id_of(self.node_state.urn)

    @strawberry.field(description="The one name that never changes: kind, namespace, name.")
    def urn(self) -> str:
        return str(self.node_state.urn)

    @strawberry.field(description="The short name that people write and every question takes.")
    async def ref(self, info: Info) -> str:
        return await info.context.texts.load(self.node_state.urn)

    @strawberry.field(description="Kind of the thing, e.g. DatasetVersion.")
    def kind(self) -> str:
        return BY_KIND[self.node_state.urn.kind].label()

    @strawberry.field(description="declared: a name and what is true of it; observed: a fact that stays; glossary.")
    def plane(self) -> str:
        return BY_KIND[self.node_state.urn.kind].plane

    @strawberry.field(description="Since when it does not hold any more; null while it does.")
    def closed_since(self) -> Time | None:
        return _time(self.node_state.closed_since)

    @strawberry.field(description="Time of the earliest claim about it; null if there is none.")
    def begins(self) -> Time | None:
        return _time(self.node_state.begins)

    @strawberry.field(description="Whether no source describes it: edges mention it.")
    def implied(self) -> bool:
        return self.node_state.implied

    owners = relation_field("OWNED_BY", "upstream", "Who answers for it.")
    tagged = relation_field("TAGGED", "upstream", "Tags that it bears.")
    part_of = relation_field("PART_OF", "upstream", "What it is a part or member of.")
    parts = relation_field("PART_OF", "downstream", "Its parts or members.")
    covered_by = relation_field("COVERED_BY", "upstream", "Contracts, consents and policies that cover it.")
    other_names = relation_field("ALIAS_OF", "upstream", "Other names of the same thing.")
    upstream = step_field("upstream", "Edges of lineage to what it stands on, one hop.")
    downstream = step_field("downstream", "Edges of lineage from what stands on it, one hop.")

    @strawberry.field(description="What sources say about it, each with its place and time.")
    async def claims(self, info: Info, first: int = PAGE, after: str | None = None) -> ClaimConnection:
        found = await info.context.claims.load((self.node_state.urn, self.as_of))
        part = page(found, lambda claim: (f"{write_scope(claim.scope)} {claim.fact.hex()}",), first, after)
        return ClaimConnection(
            nodes=[_said(claim) for claim in part.nodes], page_info=part.page_info, total_count=len(found)
        )


_BETWEEN_TERMS: Final = frozenset({Broader.type(), Related.type()})


@strawberry.type(description="The assignment of a term to a thing.")
class Assignment:
    status: str | None = strawberry.field(description="draft, proposed, approved or deprecated.")
    confidence: str | None = strawberry.field(description="From 0 to 1, as text.")
    steward: str | None = strawberry.field(description="Who answers for it.")
    source: str | None = strawberry.field(description="How it was found: manual, suggestion or a word of the source.")
    by: str | None = strawberry.field(description="Who gave it its status.")
    at: str | None = strawberry.field(description="When it got its status.")
    note: str | None = strawberry.field(description="Why it got its status.")
    expression: str | None = strawberry.field(description="How the term is found in the data.")


@strawberry.type(description="An edge of the graph, seen from the thing that was asked about.")
class LinkEdge:
    link: strawberry.Private[Link]
    as_of: strawberry.Private[Instant | None]

    cursor: str = strawberry.field(description="Names this place in the list.")
    node: Entity = strawberry.field(description="The thing at the other end.")

    @strawberry.field(description="Type of the edge, e.g. DERIVES_FROM. It is read from `start` to `end`.")
    def type(self) -> str:
        return self.link.type

    @strawberry.field(description="Urn of the derived, dependent or owning end.")
    def start(self) -> str:
        return str(self.link.start)

    @strawberry.field(description="Urn of the end that it stands on.")
    def end(self) -> str:
        return str(self.link.end)

    @strawberry.field(description="How, where the type has several ways.")
    def subtype(self) -> str | None:
        return self.link.subtype

    @strawberry.field(description="exact, declared, over_approximate or guessed, by the strongest source.")
    def exactness(self) -> str:
        return self.link.exactness

    @strawberry.field(description="Role, status or value that the edge says besides.")
    def says(self) -> str | None:
        said = (self.link.properties.get(key) for key in ("role", "status", "value"))
        return next((str(value) for value in said if value is not None), None)

    @strawberry.field(description="Of an edge between terms, its name as glossaries have it, e.g. synonym_of.")
    def relation(self) -> str | None:
        return name_of(self.link.type, self.link.subtype) if self.link.type in _BETWEEN_TERMS else None

    @strawberry.field(description="Of the assignment of a term, what is said of it by all sources together.")
    def assignment(self) -> Assignment | None:
        if self.link.type != Means.type():
            return None
        said = merged(self.link, self.as_of)
        return Assignment(**{f.name: said.get(f.name) for f in dataclasses.fields(Assignment)})

    @strawberry.field(description="Who says so, strongest first.")
    def evidence(self, info: Info, first: int = EVIDENCE) -> list[Evidence]:
        return evidence_of(info.context.bounded(self.link.said, first, info.path), self.as_of)


@strawberry.type(description="A page of the edges of a thing.")
class LinkConnection:
    edges: list[LinkEdge] = strawberry.field(description="The edges with their cursors.")
    nodes: list[Entity] = strawberry.field(description="The things at their other ends.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    total_count: int = strawberry.field(description="How many there are.")


async def linked(context: Context, asked: Tied, first: int, after: str | None) -> LinkConnection:
    """Returns a page of the edges of a thing, in order of the far ends."""
    found, as_of = await context.links.load(asked), asked.as_of
    far = {id(link): link.end if asked.direction == "upstream" else link.start for link in found}

    def key(link: Link) -> tuple[str]:
        return (f"{far[id(link)]} {link.type}",)

    part = page(sorted(found, key=key), key, first, after)
    states = await context.states.load_many([(far[id(link)], as_of) for link in part.nodes])
    edges = [
        LinkEdge(link=edge.node, as_of=as_of, cursor=edge.cursor, node=entity(far[id(edge.node)], state, as_of))
        for edge, state in zip(part.edges, states, strict=True)
    ]
    return LinkConnection(
        edges=edges, nodes=[e.node for e in edges], page_info=part.page_info, total_count=part.total_count or 0
    )


_CLASSES: dict[str, Callable[..., Entity]] = {}


def register(kind: str, cls: Callable[..., Entity]) -> None:
    """Says which class shows things of a kind."""
    _CLASSES[kind] = cls


def entity(urn: Urn, state: NodeState | None, as_of: Instant | None) -> Entity:
    """Returns the object of a thing."""
    return _CLASSES[urn.kind](node_state=state or NodeState(urn, {}, implied=True), as_of=as_of)


async def entities(context: Context, urns: Sequence[Urn], as_of: Instant | None) -> list[Entity]:
    """Returns the objects of several things, in their order; all must be known."""
    states = await context.states.load_many([(urn, as_of) for urn in urns])
    return [entity(urn, state, as_of) for urn, state in zip(urns, states, strict=True)]


@strawberry.type(description="What one source says about a thing.")
class SourceClaim:
    source: str = strawberry.field(description="Kind of the source, e.g. dbt, sql, human.")
    scope: str = strawberry.field(description="Part of the source that says it, as a path.")
    origin: str | None = strawberry.field(description="File with line, record or pointer.")
    since: Time = strawberry.field(description="Since when it says so.")
    until: Time | None = strawberry.field(description="When it stopped; null while it holds.")
    properties: str = strawberry.field(description="What it says, as a JSON object.")


@strawberry.type(description="A page of what sources say about a thing.")
class ClaimConnection:
    nodes: list[SourceClaim] = strawberry.field(description="The claims, by scope.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    total_count: int = strawberry.field(description="How many there are.")


def _said(claim: Claim) -> SourceClaim:
    since, until = claim.spans[-1]
    return SourceClaim(
        source=claim.scope[0],
        scope=write_scope(claim.scope),
        origin=claim.origin,
        since=Time(since),
        until=_time(until),
        properties=json_text(loads(claim.body)["props"]),
    )


def _time(at: Instant | None) -> Time | None:
    return None if at is None else Time(at)


def id_of(urn: Urn) -> strawberry.ID:
    """Returns the global id of a thing. Law: `urn_of(id_of(u)) == u`."""
    return strawberry.ID(base64.urlsafe_b64encode(str(urn).encode()).decode().rstrip("="))


def urn_of(text: str) -> Urn:
    """Reads a global id back.

    Raises:
        InvalidNameError: the text is no id of ours.
    """
    try:
        urn = Urn.parse(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode())
    except (binascii.Error, UnicodeError, ValueError, InvalidNameError) as err:
        raise InvalidNameError(text[:80], "an `id` that this catalog gave") from err
    cls = BY_KIND.get(urn.kind)
    if cls is None or len(cls.key_fields()) != len(urn.parts):
        raise InvalidNameError(text[:80], "an `id` that this catalog gave")
    return urn
