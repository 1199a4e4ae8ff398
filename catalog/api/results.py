"""What the questions answer, as types of the schema. `complete` and `warnings` say what an answer leaves out."""

from __future__ import annotations

import strawberry

from catalog.api.context import Context
from catalog.api.entities import Entity, Identified, Info, entities, id_of
from catalog.api.evidence import EVIDENCE, Evidence
from catalog.api.pages import PageInfo
from catalog.api.scalars import Time
from catalog.model.instants import Instant
from catalog.model.names import Urn


@strawberry.interface(description="An answer.")
class Result:
    as_of: Time | None = strawberry.field(description="The time it is about; null is now.")
    complete: bool = strawberry.field(description="Whether that is all there is. False: `warnings` say why.")
    warnings: list[str] = strawberry.field(description="What to know when reading it.")


@strawberry.interface(description="A thing that an answer names.")
class Mention(Identified):
    asked_at: strawberry.Private[Instant | None]

    ref: str = strawberry.field(description="The short name that people write and every question takes.")
    urn: str = strawberry.field(description="The one name that never changes.")
    kind: str = strawberry.field(description="Kind of the thing, e.g. Column.")

    @strawberry.field(description="Opaque; names the thing in this and every other catalog.")
    def id(self) -> strawberry.ID:
        return id_of(Urn.parse(self.urn))

    @strawberry.field(description="The thing itself, as it was at the time of the question.")
    async def entity(self, info: Info) -> Entity:
        return await thing(info.context, self.urn, self.asked_at)


@strawberry.type(description="A thing that is named.")
class Named(Mention):
    pass


async def thing(context: Context, urn: str, as_of: Instant | None) -> Entity:
    """Returns the object of a known thing."""
    (found,) = await entities(context, [Urn.parse(urn)], as_of)
    return found


# --- lineage ----------------------------------------------------------------------------------------------------------


@strawberry.type(description="A thing that lineage reached.")
class LineageNode(Mention):
    hops: int = strawberry.field(description="Least number of steps from any start; 0 for a start.")
    direction: str | None = strawberry.field(description="start, upstream, downstream or both.")
    flow: str | None = strawberry.field(description="Strongest flow that reaches it: value, rows or table.")


@strawberry.type(description="An edge of lineage with all that sources say about it.")
class LineageEdge:
    from_: str = strawberry.field(name="from", description="Ref of the upstream end.")
    to: str = strawberry.field(description="Ref of the derived end.")
    from_urn: str = strawberry.field(description="Urn of the upstream end.")
    to_urn: str = strawberry.field(description="Urn of the derived end.")
    type: str = strawberry.field(description="Type of the edge, e.g. DERIVES_FROM.")
    subtype: str | None = strawberry.field(description="How, where the type has several ways.")
    exactness: str | None = strawberry.field(description="exact, declared, over_approximate or guessed.")
    reason: str | None = strawberry.field(description="Why it is not exact.")
    masking: bool | None = strawberry.field(description="Whether the value is hashed or redacted on the way.")
    by_star: bool | None = strawberry.field(description="Whether a star carried the name.")
    expression: str | None = strawberry.field(description="The expression, where known.")
    role: str | None = strawberry.field(description="feature, target or any word of the source.")
    via: list[str] = strawberry.field(description="Refs of the jobs and runs that stand on it, between data sets.")
    pairs: int | None = strawberry.field(description="How many edges between parts of the ends it stands for.")
    said: strawberry.Private[list[Evidence]]

    @strawberry.field(description="Who says so, strongest first.")
    def evidence(self, info: Info, first: int = EVIDENCE) -> list[Evidence]:
        return info.context.bounded(self.said, first, info.path)


@strawberry.type(description="How much there is, what a limit of hops left out included. Null: too much to count.")
class LineageTotals:
    nodes: int | None = strawberry.field(description="Things in the answer before `first` cut it.")
    edges: int | None = strawberry.field(description="Edges in the answer before `first` cut it.")
    upstream: int | None = strawberry.field(description="Things upstream in the whole closure.")
    downstream: int | None = strawberry.field(description="Things downstream in the whole closure.")


@strawberry.type(description="The subgraph that a walk reached: nodes and edges, flat.")
class LineageGraph(Result):
    nodes: list[LineageNode] = strawberry.field(description="By hops, then by name.")
    edges: list[LineageEdge] = strawberry.field(description="Between the nodes.")
    totals: LineageTotals = strawberry.field(description="How much there is.")


@strawberry.type(description="One shortest way between two things, and how many ways there are.")
class LineagePath(Result):
    found: bool = strawberry.field(description="Whether lineage connects the two.")
    hops: int | None = strawberry.field(description="Steps of the shortest way.")
    routes: str | None = strawberry.field(
        description="Number of distinct ways, a cycle counting as one place; it can be large."
    )
    nodes: list[LineageNode] = strawberry.field(description="From the derived thing to what it stands on.")
    edges: list[LineageEdge] = strawberry.field(description="Between them, in the same order.")


# --- search -----------------------------------------------------------------------------------------------------------


@strawberry.type(description="A thing that a search found.")
class SearchHit(Mention):
    score: int = strawberry.field(description="From 0 to 100.")
    why: str = strawberry.field(description="What of it fits.")
    description: str | None = strawberry.field(description="Prose from the source.")
    closed_since: str | None = strawberry.field(description="Since when it does not hold any more.")


@strawberry.type(description="A hit with its place in the list.")
class SearchEdge:
    cursor: str = strawberry.field(description="Names this place in the list.")
    node: SearchHit = strawberry.field(description="The hit.")


@strawberry.type(description="A page of hits, best first.")
class SearchConnection:
    edges: list[SearchEdge] = strawberry.field(description="The hits with their cursors.")
    nodes: list[SearchHit] = strawberry.field(description="The hits alone.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    total_count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="A term that a word found.")
class TermHit(Mention):
    name: str = strawberry.field(description="Preferred label.")
    score: int = strawberry.field(description="From 0 to 100.")
    why: str = strawberry.field(description="What of it fits.")
    definition: str | None = strawberry.field(description="Its meaning.")
    status: str | None = strawberry.field(description="draft, proposed, approved or deprecated.")
    steward: str | None = strawberry.field(description="Who answers for it.")


@strawberry.type(description="A column or other thing that holds what the terms name.")
class MeantHit(Mention):
    score: int = strawberry.field(description="From 0 to 100.")
    why: str = strawberry.field(description="Which term it means, and why that was found.")
    terms: list[str] = strawberry.field(description="Refs of the terms that it means.")


@strawberry.type(description="Terms that a word found, and what means them.")
class GlossaryHits(Result):
    terms: list[TermHit] = strawberry.field(description="Best first; narrower terms are included.")
    columns: list[MeantHit] = strawberry.field(description="Best first.")
    others: list[MeantHit] = strawberry.field(description="Data sets, features and metrics, best first.")


# --- checks of data -----------------------------------------------------------------------------------------------------


@strawberry.type(description="A run of a suite of checks, or of a check outside any suite.")
class CheckRun:
    check: str = strawberry.field(description="Ref of the check, or name of the suite.")
    suite: str | None = strawberry.field(description="Suite that it ran in.")
    run: str = strawberry.field(description="Run of the check.")
    at: str | None = strawberry.field(description="When it ran.")
    success: bool | None = strawberry.field(description="Whether all passed.")
    status: str | None = strawberry.field(description="pass, fail, warn, error or skipped.")
    failed: list[str] = strawberry.field(description="What failed.")


# --- impact -----------------------------------------------------------------------------------------------------------


@strawberry.type(description="What a change does to one thing.")
class ImpactFinding(Mention):
    effect: str = strawberry.field(description="breaks, value_changes, rows_change or passes_through.")
    hops: int = strawberry.field(description="Steps from what is changed.")
    why: str = strawberry.field(description="How the change arrives.")
    owners: list[str] = strawberry.field(description="Refs of who answers for it.")
    contract: str | None = strawberry.field(description="Ref of the contract that covers it.")
    since: str | None = strawberry.field(description="For bad data: when it was first in there; null: always.")
    assumed: bool | None = strawberry.field(description="For bad data: whether no run is known that brought it.")


@strawberry.type(description="A change as it was understood.")
class ProposedChange:
    change: str = strawberry.field(description="As it was written.")
    ref: str = strawberry.field(description="What is changed.")
    kind: str = strawberry.field(description="drop, rename, retype, add-not-null or bad-data.")
    to: str | None = strawberry.field(description="New name or type.")
    origin: str | None = strawberry.field(
        description="For bad data: ref of the consent, check or report that tells of it."
    )
    why: str | None = strawberry.field(description="For bad data: what that says.")
    since: str | None = strawberry.field(description="For bad data: from when; null: always.")
    until: str | None = strawberry.field(description="For bad data: until when; null: still.")


@strawberry.type(description="How many findings of a kind have an effect.")
class ImpactCount:
    kind: str = strawberry.field(description="Kind of thing.")
    effect: str = strawberry.field(description="Effect.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="A check that failed on bad data.")
class ImpactAlarm(CheckRun):
    subject: str = strawberry.field(description="Ref of the data that was checked.")


@strawberry.type(description="What changes would do, or what stands on bad data.")
class ImpactReport(Result):
    verdict: str = strawberry.field(description="The gravest effect, or no_impact.")
    changes: list[ProposedChange] = strawberry.field(description="The changes as they were understood.")
    findings: list[ImpactFinding] = strawberry.field(description="Gravest first.")
    counts: list[ImpactCount] = strawberry.field(description="All findings counted, those that `first` cut included.")
    lower_bound: bool = strawberry.field(description="Whether something on the way was not understood.")
    reasons: list[str] = strawberry.field(description="What was not understood.")
    clean: list[Named] = strawberry.field(
        description="For bad data: versions, endpoints and predictions that do not stand on it."
    )
    undecided: list[Named] = strawberry.field(description="For bad data: versions of which it cannot be told.")
    alarms: list[ImpactAlarm] = strawberry.field(description="For bad data: checks that failed on it, earliest first.")
