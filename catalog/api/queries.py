"""The root fields that read. Each takes `asOf`, but for those that ask about the log itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, cast

import strawberry

from catalog.api import attesting, governing, ledger, reads, stories
from catalog.api.context import Context
from catalog.api.entities import Entity, Identified, Info, entities, entity, urn_of
from catalog.api.kinds import KINDS, pages_of
from catalog.api.pages import PAGE, connection, read_cursor, size
from catalog.api.results import GlossaryHits, ImpactReport, LineageGraph, LineagePath, SearchConnection
from catalog.api.scalars import Time
from catalog.lineage import Question
from catalog.model.errors import UsageError
from catalog.model.instants import Instant
from catalog.store.port import NodeState


@strawberry.enum(description="Which way a walk goes.")
class Direction(Enum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


@strawberry.enum(description="Columns, or whole data sets with jobs on the edges.")
class Level(Enum):
    COLUMN = "column"
    DATASET = "dataset"


@strawberry.enum(
    description="VALUE: where values come from. ROWS: also what decides which rows there are. TABLE: what is read at all."
)
class LineageFlow(Enum):
    VALUE = "value"
    ROWS = "rows"
    TABLE = "table"
    ALL = "all"


def _at(as_of: Time | None) -> Instant | None:
    return None if as_of is None else Instant(as_of)


def _one(kind: str) -> Any:
    """Returns the field that finds one thing of a kind by its ref."""

    async def resolve(info: Info, ref: str, as_of: Time | None = None) -> Any:
        return await _named(info.context, ref, (kind,), _at(as_of))

    type_ = cast(Any, KINDS[kind])
    return strawberry.field(
        resolver=resolve, graphql_type=type_ | None, description=f"The {type_.__name__} that a ref or urn names."
    )


async def _named(context: Context, ref: str, kinds: tuple[str, ...], as_of: Instant | None) -> Entity:
    (found,) = await entities(context, [context.named(ref, kinds)], as_of)
    return found


@strawberry.type(description="What can be asked.")
class Query:
    dataset = _one("dataset")
    column = _one("column")
    job = _one("job")
    run = _one("run")
    model = _one("model")
    model_version = _one("modelversion")
    feature = _one("feature")
    term = _one("term")

    @strawberry.field(description="The thing with an `id`; null if there is none.")
    async def node(self, info: Info, id: strawberry.ID, as_of: Time | None = None) -> Identified | None:  # noqa: A002
        return (await _nodes(info.context, [id], _at(as_of)))[0]

    @strawberry.field(description="The things with these `id`s, in their order; null for each that is not there.")
    async def nodes(self, info: Info, ids: list[strawberry.ID], as_of: Time | None = None) -> list[Identified | None]:
        return await _nodes(info.context, reads.few(ids, "ids"), _at(as_of))

    @strawberry.field(description="The thing that a ref or urn names, of whatever kind.")
    async def entity(self, info: Info, ref: str, as_of: Time | None = None) -> Entity | None:
        return await _named(info.context, ref, (), _at(as_of))

    @strawberry.field(description="Things by name, title or description, best first.")
    def search(
        self,
        info: Info,
        text: str,
        kinds: list[str] | None = None,
        first: int = PAGE,
        after: str | None = None,
        as_of: Time | None = None,
    ) -> SearchConnection:
        return reads.ask_search(info.context, text, kinds or (), first, after, _at(as_of))

    @strawberry.field(description="Terms, of one glossary or all.", graphql_type=pages_of("term"))
    def terms(
        self,
        info: Info,
        glossary: str | None = None,
        first: int = PAGE,
        after: str | None = None,
        as_of: Time | None = None,
    ) -> Any:
        where = {} if glossary is None else {"namespace": glossary}
        return _listed(info.context, "term", where, {}, first, after, _at(as_of))

    @strawberry.field(description="What things stand on and what stands on them: the whole closure, as a subgraph.")
    def lineage(
        self,
        info: Info,
        refs: list[str],
        direction: Direction = Direction.BOTH,
        level: Level = Level.COLUMN,
        flow: LineageFlow = LineageFlow.VALUE,
        max_hops: int | None = None,
        first: int = 500,
        as_of: Time | None = None,
    ) -> LineageGraph:
        starts = tuple(info.context.all_named(reads.few(refs, "refs")))
        if max_hops is not None and max_hops < 1:
            raise UsageError(
                f"maxHops: {max_hops} is out of bounds: expected 1 or more, or null for the whole closure."
            )
        asked = Question(starts, direction.value, level.value, flow.value, max_hops, _at(as_of))
        return reads.ask_lineage(info.context, asked, first)

    @strawberry.field(description="A shortest way from a derived thing to what it stands on.")
    def lineage_path(
        self,
        info: Info,
        derived: str,
        source: str,
        flow: LineageFlow = LineageFlow.VALUE,
        as_of: Time | None = None,
    ) -> LineagePath:
        return reads.ask_path(info.context, derived, source, flow.value, _at(as_of))

    @strawberry.field(
        description="What changes would break: `drop:REF`, `rename:REF=NEW`, `retype:REF=TYPE`, `add-not-null:REF`; or what stands "
        "on bad data: `bad-data:REF@FROM..TO`, where REF may be `consent:DOCUMENT`, `check:NAME`, `report:NAME` or `incident:NAME`."
    )
    def impact(self, info: Info, changes: list[str], first: int = 500, as_of: Time | None = None) -> ImpactReport:
        return reads.ask_impact(info.context, changes, first, _at(as_of))

    @strawberry.field(
        description="What stands behind a model version or a prediction. It is about the time of training, and says so."
    )
    def provenance(self, info: Info, ref: str, first: int = 500) -> stories.ProvenanceResult:
        return stories.ask_provenance(info.context, ref, first)

    @strawberry.field(
        description="Data, consents, plans and proofs for an auditor, of a model version or the one that gave a prediction."
    )
    def attestation(
        self, info: Info, ref: str, purposes: list[str] | None = None, first: int = 500
    ) -> attesting.Attestation:
        return attesting.ask_attestation(info.context, ref, purposes or [], first)

    @strawberry.field(description="What is different between two model versions, or in one thing since `from`.")
    def diff(
        self,
        info: Info,
        ref: str,
        other: str | None = None,
        from_: Annotated[Time | None, strawberry.argument(name="from")] = None,
        to: Time | None = None,
        first: int = 500,
    ) -> stories.Diff:
        return stories.ask_diff(info.context, ref, other, _at(from_), _at(to), first)

    @strawberry.field(description="Why a model version is bad: what changed upstream since the last good one.")
    def root_cause(self, info: Info, ref: str, good: str | None = None, first: int = 500) -> governing.RootCause:
        return governing.ask_root_cause(info.context, ref, good, first)

    @strawberry.field(description="A model card as Markdown. It is about the time of training.")
    def model_card(self, info: Info, ref: str) -> governing.ModelCard:
        return governing.ask_card(info.context, ref)

    @strawberry.field(
        description="What the rules of the policy files say now; `rules` names some by id or kind. Nothing is recorded."
    )
    def check(self, info: Info, rules: list[str] | None = None, first: int = 500) -> governing.CheckReport:
        return governing.ask_check(info.context, rules, first)

    @strawberry.field(description="The rules of the policy files of the project.")
    def policies(self, info: Info) -> governing.PolicyList:
        return governing.ask_policies(info.context)

    @strawberry.field(description="What rules, or one of them, decided about a thing, all along.")
    def decision_history(
        self, info: Info, ref: str, rule: str | None = None, first: int = 500
    ) -> governing.DecisionHistory:
        return governing.ask_decisions(info.context, ref, rule, first)

    @strawberry.field(
        description="Decisions in force, of one rule or verdict or all.", graphql_type=pages_of("decision")
    )
    def decisions(
        self,
        info: Info,
        rule: str | None = None,
        verdict: str | None = None,
        first: int = PAGE,
        after: str | None = None,
        as_of: Time | None = None,
    ) -> Any:
        where = {} if rule is None else {"namespace": rule}
        said = {} if verdict is None else {"verdict": verdict}
        return _listed(info.context, "decision", where, said, first, after, _at(as_of))

    @strawberry.field(
        description="Documents that allow the use of data, of one register or id or all.",
        graphql_type=pages_of("consent"),
    )
    def consents(
        self,
        info: Info,
        register: str | None = None,
        document: str | None = None,
        status: str | None = None,
        first: int = PAGE,
        after: str | None = None,
        as_of: Time | None = None,
    ) -> Any:
        given = {"namespace": register, "document": document}
        where = {key: value for key, value in given.items() if value is not None}
        said = {} if status is None else {"status": status}
        return _listed(info.context, "consent", where, said, first, after, _at(as_of))

    @strawberry.field(
        description="Stored results of `headwater verify`, of one verdict or all: the newest of each file.",
        graphql_type=pages_of("report"),
    )
    def verifications(
        self,
        info: Info,
        verdict: str | None = None,
        first: int = PAGE,
        after: str | None = None,
        as_of: Time | None = None,
    ) -> Any:
        said = {"type": "verification"} | ({} if verdict is None else {"verdict": verdict})
        return _listed(info.context, "report", {}, said, first, after, _at(as_of))

    @strawberry.field(description="Runs of checks over a data set, a column or a version, the newest.")
    def check_runs(self, info: Info, ref: str, first: int = PAGE, as_of: Time | None = None) -> governing.CheckRuns:
        return governing.ask_check_runs(info.context, ref, first, _at(as_of))

    @strawberry.field(description="Terms that a word finds, and the columns that mean them.")
    def glossary_search(self, info: Info, text: str, first: int = PAGE, as_of: Time | None = None) -> GlossaryHits:
        return reads.ask_glossary(info.context, text, first, _at(as_of))

    @strawberry.field(description="The sources of the project file.")
    def sources(self, info: Info) -> list[ledger.SourceInfo]:
        return ledger.sources(info.context)

    @strawberry.field(description="What was read when, newest first.")
    def ingest_runs(self, info: Info, first: int = PAGE, after: str | None = None) -> ledger.IngestRunConnection:
        return ledger.ingest_runs(info.context, first, after)

    @strawberry.field(description="The log, newest first.")
    def commits(self, info: Info, first: int = PAGE, after: str | None = None) -> ledger.CommitConnection:
        return ledger.commits(info.context, first, after)

    @strawberry.field(description="What the catalog knows, and what its readers did not understand.")
    def coverage(self, info: Info, source: str | None = None, as_of: Time | None = None) -> ledger.Coverage:
        return ledger.coverage(info.context, source, _at(as_of))

    @strawberry.field(description="The server and its catalog.")
    def server_info(self, info: Info) -> ledger.ServerInfo:
        return ledger.server_info(info.context)


async def _nodes(context: Context, ids: Any, as_of: Instant | None) -> list[Identified | None]:
    urns = [urn_of(text) for text in ids]
    states = await context.states.load_many([(urn, as_of) for urn in urns])
    return [None if s is None else entity(urn, s, as_of) for urn, s in zip(urns, states, strict=True)]


def _listed(
    context: Context,
    kind: str,
    where: Mapping[str, str],
    said: Mapping[str, str],
    first: int,
    after: str | None,
    as_of: Instant | None,
) -> Any:
    """Returns a page of the things of a kind that hold.

    Args:
        where: What the store finds them by; `said`: what they have to say besides.
    """
    wanted = size(first)
    last: str | None = None if after is None else read_cursor(after, like=("",))[0]
    found: list[NodeState] = []
    while len(found) <= wanted:
        part = context.store.find([kind], {key: [value] for key, value in where.items()} or None, last, wanted + 1)
        states = context.store.get([node.urn for node in part.nodes], as_of)
        found += [
            s for node in part.nodes if _holds(s := states[node.urn], as_of) and said.items() <= s.properties.items()
        ]
        last = part.after
        if last is None:
            break
    things = [entity(state.urn, state, as_of) for state in found[:wanted]]
    return connection(things, lambda thing: (thing.node_state.urn.uid,), more=len(found) > wanted, total=None)


def _holds(state: NodeState, as_of: Instant | None) -> bool:
    begun = as_of is None or state.begins is None or state.begins <= as_of
    return begun and state.closed_since is None
