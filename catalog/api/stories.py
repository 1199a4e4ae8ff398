"""What stands behind a model version or a prediction, and what is different between two things or two times, as types."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from catalog.api.context import Context
from catalog.api.pages import size
from catalog.api.reads import MOST_NODES, clipped, result
from catalog.api.results import CheckRun, Mention, Named, Result
from catalog.diff import diff_times, diff_versions
from catalog.model.errors import UsageError
from catalog.model.instants import Instant
from catalog.provenance.story import provenance

_LISTS = ("datasets", "features", "sources", "hops", "checks")


@strawberry.type(description="The run that trained it.")
class TrainingRun(Mention):
    title: str | None = strawberry.field(description="Name for display.")
    state: str | None = strawberry.field(description="COMPLETE, FAIL, ...")
    started_at: str | None = strawberry.field(description="When it began.")
    ended_at: str | None = strawberry.field(description="When it ended.")
    user: str | None = strawberry.field(description="Who started it.")
    region: str | None = strawberry.field(description="Region that it ran in.")
    aliases: list[str] = strawberry.field(description="Refs of the same run under other names.")
    observed: bool | None = strawberry.field(description="Whether it was seen, not only declared.")


@strawberry.type(description="The code that it was trained with.")
class TrainingCode:
    repository: str | None = strawberry.field(description="Address of the repository.")
    commit: str | None = strawberry.field(description="Commit id.")
    branch: str | None = strawberry.field(description="Branch.")
    tag: str | None = strawberry.field(description="First tag at the commit.")
    tags: list[str] = strawberry.field(description="Tags at the commit.")
    path: str | None = strawberry.field(description="File that was run.")
    message: str | None = strawberry.field(description="First line of the commit's message.")
    author: str | None = strawberry.field(description="Author of the commit.")
    committed_at: str | None = strawberry.field(description="When it was committed.")


@strawberry.type(description="The software that it was trained in.")
class TrainingEnvironment:
    ref: str = strawberry.field(description="Ref of the environment.")
    python: str | None = strawberry.field(description="Python version.")
    image: str | None = strawberry.field(description="Container image.")
    packages: JSON | None = strawberry.field(description="Packages and versions.")
    meta: JSON | None = strawberry.field(description="What else the source says.")


@strawberry.type(description="Data that it stands on.")
class TrainingDataset:
    ref: str = strawberry.field(description="Ref of the data set.")
    version: str | None = strawberry.field(description="Ref of the version.")
    digest: str | None = strawberry.field(description="Digest in hex.")
    algorithm: str | None = strawberry.field(description="md5, sha256, ...")
    strength: str | None = strawberry.field(description="weak: of a sample; proves nothing.")
    recorded_in: str | None = strawberry.field(description="File and place that recorded the digest.")
    role: str | None = strawberry.field(description="training, evaluation, upstream or any word of the source.")
    same_as: str | None = strawberry.field(description="Ref of a version with equal content.")
    observed: bool | None = strawberry.field(description="Whether it was seen, not only declared.")
    hops: int | None = strawberry.field(description="Steps from the run.")


@strawberry.type(description="A feature or the target, with the columns at the far end.")
class TrainingFeature(Mention):
    name: str = strawberry.field(description="Its name.")
    role: str | None = strawberry.field(description="feature or target.")
    sources: list[str] = strawberry.field(description="Refs of the columns that its values come from in the end.")
    also_in: list[str] = strawberry.field(description="Refs under which it was read besides.")
    exactness: str | None = strawberry.field(description="How sure it is that this column is meant.")
    observed: bool | None = strawberry.field(description="Whether it was seen, not only declared.")


@strawberry.type(description="A data set upstream.")
class TrainingSource(Mention):
    flow: str = strawberry.field(description="value if a value of it reaches a feature or the target, else table.")
    hops: int = strawberry.field(description="Steps from the model version.")
    terminal: bool = strawberry.field(description="Whether nothing is upstream of it by that flow.")


@strawberry.type(description="A step of the way back.")
class TrainingHop:
    from_: str = strawberry.field(name="from", description="Ref of the upstream end.")
    to: str = strawberry.field(description="Ref of the derived end.")
    type: str = strawberry.field(description="Type of the edge.")
    subtype: str | None = strawberry.field(description="How.")
    observed: bool | None = strawberry.field(description="Whether it was seen, not only declared.")
    known: str | None = strawberry.field(description="Since when it is known, where that is after the training.")
    reason: str | None = strawberry.field(description="Why the two are one.")


@strawberry.type(description="The last result of a check by the time of training.")
class TrainingCheck(CheckRun):
    subject: str = strawberry.field(description="Ref of the data that was checked.")


@strawberry.type(description="What stands behind a model version, by the lineage of the time of training.")
class Provenance(Result):
    model_version: Named = strawberry.field(description="The model version.")
    trained_at: str | None = strawberry.field(description="When it was trained.")
    run: TrainingRun | None = strawberry.field(description="The run.")
    code: TrainingCode | None = strawberry.field(description="The code.")
    parameters: JSON = strawberry.field(description="Parameters of the run.")
    environment: TrainingEnvironment | None = strawberry.field(description="The software.")
    datasets: list[TrainingDataset] = strawberry.field(description="The data, nearest first.")
    features: list[TrainingFeature] = strawberry.field(description="Features and target.")
    sources: list[TrainingSource] = strawberry.field(description="Every data set upstream.")
    hops: list[TrainingHop] = strawberry.field(description="Every step of the way back.")
    checks: list[TrainingCheck] = strawberry.field(description="Results of checks on what values came from.")
    missing: list[str] = strawberry.field(description="Every gap.")


@strawberry.type(description="What was decided.")
class PredictionDecision:
    at: str | None = strawberry.field(description="When it was given.")
    outcome: str | None = strawberry.field(description="What was decided.")
    score: str | None = strawberry.field(description="Score.")
    subject: str | None = strawberry.field(description="Hash of the subject.")


@strawberry.type(description="A feature that was given as a reason.")
class ReasonFeature:
    ref: str | None = strawberry.field(description="Ref of the feature.")
    name: str = strawberry.field(description="Its name.")
    value: JSON | None = strawberry.field(description="Its value, where the decision may show it.")
    sources: list[str] = strawberry.field(description="Refs of the columns that its values come from in the end.")


@strawberry.type(description="What stands behind one answer of a model.")
class PredictionProvenance(Result):
    prediction: Named = strawberry.field(description="The prediction.")
    model_version: str | None = strawberry.field(description="Ref of the model version that gave it.")
    decision: PredictionDecision = strawberry.field(description="What was decided.")
    features: list[ReasonFeature] = strawberry.field(description="The features given as reasons, in order.")
    missing: list[str] = strawberry.field(description="Every gap.")


ProvenanceResult = Annotated[
    Provenance | PredictionProvenance,
    strawberry.union("ProvenanceResult", description="What stands behind a model version or a prediction."),
]


@strawberry.type(description="Something that is different.")
class Change:
    ref: str = strawberry.field(description="The thing.")
    property: str | None = strawberry.field(description="What of it; null for the thing itself.")
    before: JSON | None = strawberry.field(description="What it was.")
    after: JSON | None = strawberry.field(description="What it is.")
    kind: str = strawberry.field(description="added, removed or changed.")
    cause: str = strawberry.field(description="data, code, parameters, environment, features or schema.")


@strawberry.type(description="What is different.")
class Diff(Result):
    changes: list[Change] = strawberry.field(description="By cause and thing.")
    causes: list[str] = strawberry.field(description="Causes that there are.")


def ask_provenance(context: Context, ref: str, first: int) -> Provenance | PredictionProvenance:
    wanted = size(first, MOST_NODES)
    urn = context.named(ref, ["modelversion", "prediction"])
    answer = provenance(context.store, context.refs, urn)
    data, cut = clipped(answer.data, [name for name in _LISTS if name in answer.data], wanted)
    if urn.kind == "prediction":
        return result(PredictionProvenance, answer, data, cut)
    return result(Provenance, answer, data, cut)


def ask_diff(
    context: Context, ref: str, other: str | None, before: Instant | None, after: Instant | None, first: int
) -> Diff:
    if (other is None) == (before is None) or (other is not None and after is not None):
        raise UsageError("A difference is of two model versions, `ref` and `other`, or of one thing, `ref` and `from`.")
    if other is not None:
        ends = context.all_named([ref, other])
        answer = diff_versions(context.store, context.refs, ends[0], ends[1])
    else:
        assert before is not None
        answer = diff_times(context.store, context.refs, context.named(ref), before, after)
    data, cut = clipped(answer.data, ["changes"], size(first, MOST_NODES))
    return result(Diff, answer, data, cut)
