"""Every kind of edge: a verb read from start to end.

Law: every lineage edge points upstream, from the derived thing to what it stands on (as PROV does). Upstream follows
edges, downstream follows them back. An edge class says which flow it carries. To add a kind: a class here and its name in
`EDGES`. An edge that a source states is a claim of that source: two sources that say the same make two parallel edges.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog.model.names import Urn

Exactness = Literal["exact", "over_approximate", "guessed", "declared"]
ValueKind = Literal["identity", "transformation", "aggregation", "conditional"]
RowKind = Literal["filter", "join", "group_by", "sort", "window"]

ANY: Final = frozenset({"*"})


class Flow(StrEnum):
    """What travels along an edge."""

    VALUE = "value"
    """The value comes from the end, or is chosen by it."""
    ROWS = "rows"
    """The end decides which rows there are or their order, not a value."""
    TABLE = "table"
    """Something of the end is read; which columns may be unknown."""
    RUN = "run"
    """An execution or a version stands on the end."""
    NONE = "none"
    """No data flows."""


def kinds(*names: str) -> frozenset[str]:
    """Returns node kinds as a set, for `starts` and `ends`."""
    return frozenset(names)


class Edge(BaseModel):
    """A directed, typed statement about two things."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    flow: ClassVar[Flow] = Flow.NONE
    starts: ClassVar[frozenset[str]] = ANY
    ends: ClassVar[frozenset[str]] = ANY

    start: Urn = Field(description="The derived, dependent or owning thing.")
    end: Urn = Field(description="What it stands on or is said to be.")
    exactness: Exactness = Field(default="exact", description="exact, over_approximate, guessed or declared.")
    reason: str | None = Field(default=None, description="Why it is not exact.")
    denies: bool = Field(
        default=False, description="True: this says that the edge does not hold. Hides equal claims of lower standing."
    )

    @classmethod
    def type(cls) -> str:
        """Returns the type as it stands in stores and answers, e.g. `DERIVES_FROM`."""
        return _TYPES[cls]

    def properties(self) -> dict[str, Any]:
        """Returns what is said besides type and ends: fields that are set; an exactness of exact and a false mark are left out."""
        return {
            k: v
            for k, v in self.__dict__.items()
            if v is not None and v is not False and v != "exact" and k not in _ENDS
        }


class DerivesFrom(Edge):
    """The value of a column comes from, or is chosen by, another column."""

    flow = Flow.VALUE
    starts, ends = kinds("column"), kinds("column")
    subtype: ValueKind = Field(description="identity, transformation, aggregation or conditional.")
    masking: bool = Field(default=False, description="Whether the value is hashed or redacted on the way.")
    by_star: bool = Field(
        default=False, description="Whether a star carried the name: a rename upstream passes through."
    )
    expression: str | None = Field(
        default=None, description="The expression; every literal is `?` if it came from a query log."
    )


class ComputedFrom(Edge):
    """A feature or metric is computed from a column or another metric."""

    flow = Flow.VALUE
    starts, ends = kinds("feature", "metric"), kinds("column", "metric", "feature")
    subtype: ValueKind | None = Field(
        default=None, description="identity, transformation, aggregation or conditional, where known."
    )
    expression: str | None = Field(default=None, description="The expression, where known.")


class UsesFeature(Edge):
    """A model version was trained on a feature or column."""

    flow = Flow.VALUE
    starts, ends = kinds("modelversion"), kinds("feature", "column")
    role: Literal["feature", "target"] = Field(description="feature or target.")


class InfluencedBy(Edge):
    """A column decides which rows a data set has or their order; with subtype window, how an output column is ordered or partitioned."""

    flow = Flow.ROWS
    starts, ends = kinds("dataset", "column"), kinds("column")
    subtype: RowKind = Field(description="filter, join, group_by, sort; window from a column.")


class DependsOn(Edge):
    """Something of the end is read to make the start."""

    flow = Flow.TABLE
    starts = kinds("dataset", "exposure", "metric", "featureview", "feature", "query")
    ends = kinds("dataset", "metric", "exposure", "featureview")
    columns_known: bool = Field(default=False, description="Whether column edges say all that this edge says.")


class Reads(Edge):
    """A job reads a data set."""

    flow = Flow.TABLE
    starts, ends = kinds("job"), kinds("dataset")


class ProducedBy(Edge):
    """A data set is written by a job."""

    flow = Flow.TABLE
    starts, ends = kinds("dataset"), kinds("job")


class Used(Edge):
    """A run read a version."""

    flow = Flow.RUN
    starts, ends = kinds("run"), kinds("datasetversion", "dataset", "modelversion")
    role: str | None = Field(default=None, description="training, evaluation or any word of the source.")
    sample_digest: str | None = Field(
        default=None, description="Digest that the source gave, where it is too weak to name a version; proves nothing."
    )


class GeneratedBy(Edge):
    """A version was made by a run."""

    flow = Flow.RUN
    starts, ends = kinds("datasetversion", "modelversion", "dataset"), kinds("run")


class TrainedOn(Edge):
    """A model version was trained on the content of a data set."""

    flow = Flow.RUN
    starts, ends = kinds("modelversion"), kinds("datasetversion", "dataset")
    role: str | None = Field(default=None, description="training, evaluation or any word of the source.")


class Serves(Edge):
    """An endpoint answers with a model version."""

    flow = Flow.RUN
    starts, ends = kinds("endpoint"), kinds("modelversion")


class PredictedBy(Edge):
    """A prediction was given by a model version."""

    flow = Flow.RUN
    starts, ends = kinds("prediction"), kinds("modelversion")


class HasColumn(Edge):
    """A data set has a column. Derived from the list in force; no source states it."""

    starts, ends = kinds("dataset"), kinds("column")


class VersionOf(Edge):
    """An observed version is one of a declared thing."""

    starts, ends = kinds("datasetversion", "modelversion"), kinds("dataset", "model")


class RunOf(Edge):
    """A run executes a job."""

    starts, ends = kinds("run"), kinds("job")


class PartOf(Edge):
    """The start is a part or member of the end."""


class AliasOf(Edge):
    """Two names of one thing at one time. Reversible: closing the claim parts them again."""

    subtype: str | None = Field(default=None, description="symlink, path, run, ...")


class SameContent(Edge):
    """Two versions have the same strong digest of non-empty content. Derived; no source states it."""

    flow = Flow.RUN
    starts, ends = kinds("datasetversion", "fileentry"), kinds("datasetversion", "fileentry")


class Means(Edge):
    """A column, data set, feature or metric holds what a term names."""

    starts, ends = kinds("column", "dataset", "feature", "metric"), kinds("term")
    status: str | None = Field(default=None, description="draft, proposed, approved or deprecated.")
    confidence: str | None = Field(default=None, description="From 0 to 1, as text.")
    steward: str | None = Field(default=None, description="Who answers for it.")
    source: str | None = Field(
        default=None, description="How it was found: manual, suggestion or a word of the source."
    )
    by: str | None = Field(default=None, description="Who gave it its status.")
    at: str | None = Field(default=None, description="When it got its status (ISO 8601).")
    note: str | None = Field(default=None, description="Why it got its status, or what else is to be known.")
    expression: str | None = Field(default=None, description="How the term is found in the data.")


class Broader(Edge):
    """The start is a narrower term than the end (SKOS)."""

    starts, ends = kinds("term"), kinds("term")
    subtype: str | None = Field(
        default=None, description="is_a: the start is a kind of the end; part_of: a part of it; instance_of: one of it."
    )
    status: str | None = Field(default=None, description="draft, proposed, approved or deprecated.")
    source: str | None = Field(default=None, description="Who or what says so, in the words of the source.")


class Related(Edge):
    """Two terms are related in a way that the subtype names."""

    starts, ends = kinds("term"), kinds("term")
    subtype: str = Field(
        description=(
            "related, see_also, synonym_of, antonym, preferred_to, replaced_by, translation_of, valid_value_of, exact_match, "
            "close_match, broad_match, narrow_match, ..."
        )
    )
    status: str | None = Field(default=None, description="draft, proposed, approved or deprecated.")
    source: str | None = Field(default=None, description="Who or what says so, in the words of the source.")


class OwnedBy(Edge):
    """An agent answers for the start."""

    ends = kinds("agent")
    role: str | None = Field(default=None, description="owner, steward or any word of the source.")


class Tagged(Edge):
    """The start bears a tag."""

    ends = kinds("tag")
    value: str | None = Field(default=None, description="Value, for tags of key and value.")


class Checks(Edge):
    """A check looks at a data set or column."""

    starts, ends = kinds("check"), kinds("dataset", "column")


class ResultOf(Edge):
    """A result of a check."""

    starts, ends = kinds("checkresult"), kinds("check")


class EvaluatedOn(Edge):
    """A result was found on this content or data set; a model version was evaluated on it."""

    starts, ends = (
        kinds("checkresult", "modelversion", "report"),
        kinds("datasetversion", "dataset", "modelversion", "fileentry"),
    )


class CoveredBy(Edge):
    """A contract, consent or policy covers the start."""

    ends = kinds("contract", "consent", "policy")


class Concerns(Edge):
    """An incident or report is about the end."""

    starts = kinds("incident", "report")


class AtCommit(Edge):
    """A run, version or job stands on a commit."""

    ends = kinds("codeversion")


class ExecutedIn(Edge):
    """A run ran in an environment."""

    starts, ends = kinds("run", "modelversion"), kinds("environment")


class Selects(Edge):
    """A feature service or model version takes a feature or feature service."""

    starts, ends = kinds("featureservice", "modelversion"), kinds("feature", "featureservice", "featureview")


EDGES: Final[tuple[type[Edge], ...]] = (
    DerivesFrom, ComputedFrom, UsesFeature, InfluencedBy, DependsOn, Reads, ProducedBy, Used, GeneratedBy, TrainedOn,
    Serves, PredictedBy, HasColumn, VersionOf, RunOf, PartOf, AliasOf, SameContent, Means, Broader, Related, OwnedBy,
    Tagged, Checks, ResultOf, EvaluatedOn, CoveredBy, Concerns, AtCommit, ExecutedIn, Selects,
)  # fmt: skip


def _screaming(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).upper()


_ENDS: Final = frozenset({"start", "end"})
_TYPES: Final[dict[type[Edge], str]] = {edge: _screaming(edge.__name__) for edge in EDGES}
BY_TYPE: Final[dict[str, type[Edge]]] = {edge.type(): edge for edge in EDGES}
DERIVED: Final = frozenset({HasColumn.type(), SameContent.type()})
"""Types that no source may state: they follow from other facts."""


def types_of(*flows: Flow) -> frozenset[str]:
    """Returns the edge types that carry any of these flows."""
    return frozenset(edge.type() for edge in EDGES if edge.flow in flows)
