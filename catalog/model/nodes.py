"""Every kind of node. Keys first, in the order in which they stand in the urn; descriptions are published as written here.

Two planes: *declared* nodes are names and what is true of them now; *observed* nodes are immutable facts, tied to the
declared by VERSION_OF and RUN_OF. The glossary is a plane of its own. To add a kind: a class here and its name in `NODES`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog.model.marks import Mark, Merge
from catalog.model.names import Urn

Plane = Literal["declared", "observed", "glossary"]
Key = Annotated[str, Mark.KEY]
SearchedKey = Annotated[str, Mark.KEY, Mark.SEARCHED]
Prose = Annotated[str | None, Mark.SEARCHED]
Json = str
"""JSON text, canonical: a value of a foreign shape that is kept as it came."""


class Node(BaseModel):
    """A thing with a name. Fields other than the keys are claims: None says nothing about the field."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    plane: ClassVar[Plane] = "declared"

    namespace: Key = Field(description="Where the thing lives: a server, a bucket, a project.")
    name: SearchedKey = Field(description="Its name there.")

    @classmethod
    def label(cls) -> str:
        return cls.__name__

    @classmethod
    def kind(cls) -> str:
        """Returns the kind as it stands in urns."""
        return cls.__name__.lower()

    @classmethod
    def key_fields(cls) -> tuple[str, ...]:
        return _KEYS[cls.__name__]

    @cached_property
    def urn(self) -> Urn:
        return Urn(self.kind(), tuple(getattr(self, key) for key in self.key_fields()))

    def properties(self) -> dict[str, Any]:
        """Returns what is said besides the name: fields that are set, without the keys."""
        keys = self.key_fields()
        return {k: v for k, v in self.__dict__.items() if v is not None and k not in keys and k != "urn"}


# --- declared -------------------------------------------------------------------------------------------------------


class Dataset(Node):
    """A table, view, file or topic: anything that holds rows or bytes and can be read or written."""

    namespace: Key = Field(description="Where it lives, as OpenLineage names it, e.g. `postgres://db:5432`.")
    name: SearchedKey = Field(description="Its name there, e.g. `shop.public.orders` or `data/orders.csv`.")
    type: str | None = Field(
        default=None, description="table, view, materialized view, file, directory, topic, seed, snapshot, ..."
    )
    description: Prose = Field(default=None, description="Prose from the source.")
    columns: list[str] | None = Field(
        default=None, description="All its columns in order. The newest list of any source decides which exist."
    )
    display_name: str | None = Field(default=None, description="The source's spelling, where the platform folds case.")
    storage_format: str | None = Field(default=None, description="parquet, csv, iceberg, delta, ...")
    row_count: int | None = Field(default=None, description="Rows when last counted by the source.")
    byte_size: int | None = Field(default=None, description="Bytes when last measured by the source.")
    unique_id: Annotated[str | None, Mark.INDEXED] = Field(
        default=None, description="The source tool's own id, e.g. dbt's `model.shop.orders`."
    )
    language: str | None = Field(default=None, description="sql or python, where a definition is known.")
    definition: str | None = Field(
        default=None, description="The code that defines it; literals are `?` if it came from a query log."
    )
    repository_path: str | None = Field(default=None, description="File in its repository that defines it.")
    contract_enforced: bool | None = Field(default=None, description="Whether a contract on its columns is enforced.")
    access: str | None = Field(default=None, description="private, protected or public, as dbt has it.")
    group: str | None = Field(default=None, description="The group that it belongs to.")
    version: str | None = Field(default=None, description="Declared version, e.g. of a dbt model.")
    deprecation_date: str | None = Field(default=None, description="Day from which it should not be used.")
    freshness: Json | None = Field(default=None, description="Newest freshness result, as the source wrote it.")
    lifecycle: str | None = Field(default=None, description="Newest lifecycle change: CREATE, ALTER, DROP, RENAME, ...")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")
    facets: Annotated[list[Json] | None, Merge.UNION] = Field(
        default=None,
        description="OpenLineage facets without a field of their own: `facet`, `value` and, in runs, `of`.",
    )


class Column(Node):
    """A column of a data set, or a nested field of one (dotted path)."""

    name: SearchedKey = Field(description="Name of the data set that holds it, in the same namespace.")
    path: SearchedKey = Field(description="Name of the column; `address.city` for a nested one.")
    data_type: str | None = Field(default=None, description="Type as the source writes it.")
    nullable: bool | None = Field(default=None, description="Whether it may be null.")
    description: Prose = Field(default=None, description="Prose from the source.")
    display_name: str | None = Field(default=None, description="The source's spelling, where the platform folds case.")
    constraints: list[str] | None = Field(
        default=None, description="not_null, unique, primary_key, foreign_key, check, ..."
    )
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class Job(Node):
    """Something that runs and reads or writes data sets: a dbt model build, a pipeline stage, a task, a script."""

    type: str | None = Field(default=None, description="TASK, DAG, MODEL, STAGE, QUERY, ...")
    integration: str | None = Field(default=None, description="Tool that runs it: AIRFLOW, DBT, SPARK, DVC, ...")
    processing: str | None = Field(default=None, description="BATCH, STREAMING or SERVICE.")
    description: Prose = Field(default=None, description="Prose from the source.")
    command: str | None = Field(default=None, description="Command line or code that it runs.")
    repository: str | None = Field(default=None, description="Repository of its code.")
    repository_path: str | None = Field(default=None, description="File in the repository.")
    facets: Annotated[list[Json] | None, Merge.UNION] = Field(
        default=None,
        description="OpenLineage facets without a field of their own: `facet`, `value` and, in runs, `of`.",
    )


class Query(Node):
    """A statement without its literals, seen in a log. Its name is its fingerprint."""

    dialect: str | None = Field(default=None, description="SQL dialect.")
    statement_kind: str | None = Field(default=None, description="insert, merge, create_view, ...")
    text: str | None = Field(default=None, description="The statement; every literal is `?`.")


class Feature(Node):
    """A model input that a feature store serves."""

    name: SearchedKey = Field(description="Name of the feature view that holds it.")
    feature: SearchedKey = Field(description="Name of the feature.")
    data_type: str | None = Field(default=None, description="Value type.")
    description: Prose = Field(default=None, description="Prose from the source.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class FeatureView(Node):
    """A group of features computed from one source."""

    ttl: str | None = Field(default=None, description="How long a value may be served, as the source writes it.")
    online: bool | None = Field(default=None, description="Whether it is served online.")
    source: str | None = Field(default=None, description="Where its values are read from, as the source writes it.")
    timestamp_field: str | None = Field(default=None, description="Column that holds the event time.")
    entities: list[str] | None = Field(default=None, description="Entities that it is joined on.")
    definition: str | None = Field(default=None, description="Code of an on-demand transformation.")
    description: Prose = Field(default=None, description="Prose from the source.")
    owner: str | None = Field(default=None, description="Owner as the source writes it.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class FeatureService(Node):
    """The list of features that one model is given."""

    features: list[str] | None = Field(default=None, description="`VIEW#FEATURE`, in order.")
    description: Prose = Field(default=None, description="Prose from the source.")
    owner: str | None = Field(default=None, description="Owner as the source writes it.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class Model(Node):
    """A registered model."""

    description: Prose = Field(default=None, description="Prose from the source.")
    aliases: Json | None = Field(default=None, description="Alias to version, as a JSON object.")
    meta: Json | None = Field(default=None, description="Tags of the registry.")


class Endpoint(Node):
    """A place where a model version answers."""

    url: str | None = Field(default=None, description="Address.")
    region: str | None = Field(default=None, description="Region that it runs in.")


class Exposure(Node):
    """Something downstream of the data that people use: a dashboard, an application, a model."""

    type: str | None = Field(default=None, description="dashboard, notebook, analysis, ml or application.")
    title: Prose = Field(default=None, description="Name for display.")
    maturity: str | None = Field(default=None, description="high, medium or low.")
    url: str | None = Field(default=None, description="Where it is found.")
    description: Prose = Field(default=None, description="Prose from the source.")
    unique_id: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="The source tool's own id.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class Metric(Node):
    """A defined figure, computed from columns or other metrics."""

    type: str | None = Field(default=None, description="simple, ratio, derived, cumulative or conversion.")
    title: Prose = Field(default=None, description="Name for display.")
    expression: str | None = Field(default=None, description="Formula as the source writes it.")
    description: Prose = Field(default=None, description="Prose from the source.")
    unique_id: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="The source tool's own id.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class Check(Node):
    """A test or expectation about data."""

    type: str | None = Field(default=None, description="not_null, unique, expect_column_values_to_be_between, ...")
    suite: str | None = Field(default=None, description="Suite or project that holds it.")
    column: str | None = Field(default=None, description="Column that it looks at.")
    parameters: Json | None = Field(default=None, description="Its arguments.")
    severity: str | None = Field(default=None, description="error or warn.")
    description: Prose = Field(default=None, description="Prose from the source.")
    unique_id: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="The source tool's own id.")


class Policy(Node):
    """A rule over the graph."""

    rule: str | None = Field(default=None, description="Kind of rule.")
    description: Prose = Field(default=None, description="Prose from the source.")
    digest: str | None = Field(default=None, description="Digest of its text.")
    definition: str | None = Field(default=None, description="Its text.")


class Contract(Node):
    """A promise about the columns of a data set."""

    enforced: bool | None = Field(default=None, description="Whether a build fails where it is broken.")
    checksum: str | None = Field(default=None, description="Checksum of its terms.")
    columns: Json | None = Field(default=None, description="Promised columns with types and constraints.")
    description: Prose = Field(default=None, description="Prose from the source.")


class Agent(Node):
    """A person, team or service that owns or did something."""

    namespace: Key = Field(
        default="", description="Directory that the name belongs to; empty for a plain name or address."
    )
    type: str | None = Field(default=None, description="person, team or service.")
    email: str | None = Field(default=None, description="Address.")
    title: Prose = Field(default=None, description="Name for display.")


class Domain(Node):
    """An area of the business."""

    namespace: Key = Field(default="", description="Organisation; empty for one's own.")
    description: Prose = Field(default=None, description="Prose from the source.")


class Tag(Node):
    """A label that people put on things."""

    namespace: Key = Field(default="", description="Set that the tag belongs to; empty for free tags.")
    description: Prose = Field(default=None, description="Prose from the source.")


# --- observed -------------------------------------------------------------------------------------------------------


class Run(Node):
    """One execution of a job."""

    plane = "observed"
    namespace: Key = Field(description="`openlineage` for run ids of events, else the tracking server.")
    name: SearchedKey = Field(description="Run id.")
    title: Prose = Field(default=None, description="Name for display.")
    job: str | None = Field(default=None, description="Urn of its job.")
    state: Annotated[str | None, Merge.RANK] = Field(
        default=None, description="OTHER, START, RUNNING, COMPLETE, ABORT or FAIL."
    )
    started_at: Annotated[str | None, Merge.LEAST] = Field(default=None, description="Earliest start (ISO 8601, UTC).")
    ended_at: Annotated[str | None, Merge.GREATEST] = Field(default=None, description="Latest end (ISO 8601, UTC).")
    nominal_time: str | None = Field(default=None, description="Time that it was scheduled for.")
    inputs: Annotated[list[str] | None, Merge.UNION] = Field(
        default=None, description="Urns of data sets or versions that it read."
    )
    outputs: Annotated[list[str] | None, Merge.UNION] = Field(
        default=None, description="Urns of data sets or versions that it wrote."
    )
    derives: Annotated[list[Json] | None, Merge.UNION] = Field(
        default=None, description="Column lineage that it reported: edges in canonical JSON."
    )
    complete_lineage: Annotated[bool | None, Merge.GREATEST] = Field(
        default=None, description="Whether column lineage came with its outputs."
    )
    parameters: Json | None = Field(default=None, description="Parameters, name to text.")
    metrics: Json | None = Field(default=None, description="Last value of each metric, name to text.")
    tags: Json | None = Field(default=None, description="Tags, name to text.")
    user: str | None = Field(default=None, description="Who started it.")
    error: str | None = Field(default=None, description="Message of its failure.")
    code_version: str | None = Field(default=None, description="Commit that it ran.")
    region: str | None = Field(default=None, description="Region that it ran in.")
    lifecycle: str | None = Field(default=None, description="`deleted` where the source has put it into its bin.")
    facets: Annotated[list[Json] | None, Merge.UNION] = Field(
        default=None,
        description="OpenLineage facets without a field of their own: `facet`, `value` and, in runs, `of`.",
    )


class DatasetVersion(Node):
    """The content of a data set at one time, named by `algorithm:digest`, or by the platform's version where no digest is known."""

    plane = "observed"
    name: SearchedKey = Field(description="Name of the data set, in the same namespace.")
    version: Key = Field(description="`md5:...`, `sha256:...` or the platform's version.")
    digest: Annotated[str | None, Mark.INDEXED] = Field(
        default=None, description="Digest in hex without its algorithm, `.dir` for DVC folders."
    )
    algorithm: str | None = Field(default=None, description="md5, sha256, etag, sample, ...")
    strength: Literal["strong", "weak"] | None = Field(
        default=None, description="weak: of a sample or cut short; proves nothing and joins nothing."
    )
    byte_size: int | None = Field(default=None, description="Bytes.")
    row_count: int | None = Field(default=None, description="Rows.")
    file_count: int | None = Field(default=None, description="Files, for a folder.")
    created_at: Annotated[str | None, Merge.LEAST] = Field(
        default=None, description="When it was written or first seen by the source."
    )
    location: str | None = Field(default=None, description="Address of the bytes.")
    recorded_in: str | None = Field(default=None, description="File and place that recorded the digest.")
    sample_digest: str | None = Field(default=None, description="A weak digest that a tool gave it; proves nothing.")
    columns: list[str] | None = Field(default=None, description="Columns in order, where recorded.")
    meta: Json | None = Field(default=None, description="The owner's own key-values.")


class FileEntry(Node):
    """One file of a folder's version."""

    plane = "observed"
    name: SearchedKey = Field(description="Name of the data set.")
    version: Key = Field(description="Version of the data set.")
    path: SearchedKey = Field(description="Path below the folder.")
    digest: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="Digest in hex.")
    algorithm: str | None = Field(default=None, description="md5, sha256, ...")
    byte_size: int | None = Field(default=None, description="Bytes.")


class ModelVersion(Node):
    """One registered version of a model."""

    plane = "observed"
    name: SearchedKey = Field(description="Name of the model.")
    version: Key = Field(description="Number or name of the version.")
    description: Prose = Field(default=None, description="Prose from the source.")
    status: str | None = Field(default=None, description="State in the registry.")
    aliases: list[str] | None = Field(default=None, description="Aliases that point at it.")
    created_at: str | None = Field(default=None, description="When it was registered.")
    source: str | None = Field(default=None, description="Address of the artifact.")
    digest: Annotated[str | None, Mark.INDEXED] = Field(
        default=None,
        description="`sha256:...` of the artifact, where its files are at hand: of its one file, else of their list as `sha256sum` prints it.",
    )
    model_id: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="Id of the logged model.")
    run_id: Annotated[str | None, Mark.INDEXED] = Field(
        default=None, description="Run that made it, as the registry names it."
    )
    flavors: list[str] | None = Field(default=None, description="Frameworks that can load it.")
    inputs: Json | None = Field(default=None, description="Signature: inputs with types.")
    outputs: Json | None = Field(default=None, description="Signature: outputs with types.")
    features: list[str] | None = Field(default=None, description="Names of its inputs.")
    target: str | None = Field(default=None, description="Column that it was trained to predict.")
    metrics: Json | None = Field(default=None, description="Figures with data set and digest.")
    tags: Json | None = Field(default=None, description="Tags, name to text.")
    region: str | None = Field(default=None, description="Region that it is deployed in.")


class CodeVersion(Node):
    """A commit of a repository."""

    plane = "observed"
    namespace: Key = Field(description="Repository.")
    name: SearchedKey = Field(description="Commit id.")
    branch: str | None = Field(default=None, description="Branch that it was read from.")
    tags: Annotated[list[str] | None, Merge.UNION] = Field(default=None, description="Tags that point at it.")
    message: Prose = Field(default=None, description="First line of its message.")
    author: str | None = Field(default=None, description="Author.")
    committed_at: str | None = Field(default=None, description="When it was committed.")
    parents: list[str] | None = Field(default=None, description="Parent commits.")


class Environment(Node):
    """The software that a run ran in. Its name is a digest of what it lists."""

    plane = "observed"
    python: str | None = Field(default=None, description="Python version.")
    packages: Json | None = Field(default=None, description="Packages and versions.")
    image: str | None = Field(default=None, description="Container image.")
    meta: Json | None = Field(default=None, description="What else the source says.")


class CheckResult(Node):
    """The outcome of a check in one run."""

    plane = "observed"
    name: SearchedKey = Field(description="Name of the check.")
    run: Key = Field(description="Run and time of the check.")
    success: bool | None = Field(default=None, description="Whether it passed.")
    status: str | None = Field(default=None, description="pass, fail, warn, error or skipped.")
    at: str | None = Field(default=None, description="When it ran.")
    suite: str | None = Field(default=None, description="Suite that it ran in.")
    run_name: str | None = Field(default=None, description="Name of the run.")
    failed: list[str] | None = Field(
        default=None, description="For a suite's result: `type column` of each expectation that failed."
    )
    failures: int | None = Field(default=None, description="Rows that failed.")
    observed: Json | None = Field(default=None, description="Figures, without any value of the data.")
    message: str | None = Field(default=None, description="Message, without any value of the data.")


class Prediction(Node):
    """One answer of a model: a link, without personal data."""

    plane = "observed"
    at: str | None = Field(default=None, description="When it was given.")
    subject: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="Hash of the subject.")
    run_id: str | None = Field(default=None, description="Run that made the model, as the source names it.")
    feature_service: str | None = Field(default=None, description="Feature service that gave its inputs.")
    outcome: str | None = Field(default=None, description="What was decided.")
    score: str | None = Field(default=None, description="Score.")
    reasons: list[str] | None = Field(default=None, description="Features given as reasons, in order.")
    features: Json | None = Field(default=None, description="Feature values that the decision may show.")


class Explanation(Node):
    """Why a model answered as it did."""

    plane = "observed"
    method: str | None = Field(default=None, description="SHAP, LIME, ...")
    attributions: Json | None = Field(default=None, description="Weights by feature.")


class Report(Node):
    """A document about data or a model: a profile, a bias or drift report, a verification."""

    plane = "observed"
    type: str | None = Field(default=None, description="verification, profile, drift, bias, ...")
    at: str | None = Field(default=None, description="When it was made.")
    verdict: str | None = Field(default=None, description="match, mismatch, missing, not_recorded, pass or fail.")
    expected: str | None = Field(default=None, description="What was recorded.")
    actual: str | None = Field(default=None, description="What was found.")
    content: Json | None = Field(default=None, description="Its figures.")


class Consent(Node):
    """A document that allows the use of data for purposes."""

    plane = "observed"
    document: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="Id of the document.")
    source: str | None = Field(default=None, description="Data set that it covers, as the register writes it.")
    status: str | None = Field(default=None, description="active, expired or withdrawn.")
    purposes: list[str] | None = Field(default=None, description="Purposes that it allows.")
    legal_basis: str | None = Field(default=None, description="Legal basis.")
    valid_from: str | None = Field(default=None, description="First day.")
    valid_to: str | None = Field(default=None, description="Last day.")
    regions: list[str] | None = Field(default=None, description="Regions of the subjects.")
    meta: Json | None = Field(default=None, description="Other columns of the register.")


class Incident(Node):
    """Something that went wrong with data."""

    plane = "observed"
    state: str | None = Field(default=None, description="open or closed.")
    severity: str | None = Field(default=None, description="How bad.")
    opened_at: str | None = Field(default=None, description="When it was opened.")
    closed_at: str | None = Field(default=None, description="When it was closed.")
    description: Prose = Field(default=None, description="What happened.")


class Decision(Node):
    """The answer of a policy about one subject."""

    plane = "observed"
    policy: str | None = Field(default=None, description="Policy that was asked.")
    subject: str | None = Field(default=None, description="Urn of what it was about.")
    verdict: str | None = Field(default=None, description="passed, violated or unknown.")
    at: str | None = Field(default=None, description="When it was decided.")
    policy_digest: str | None = Field(default=None, description="Digest of the policy's text.")
    input_digest: str | None = Field(default=None, description="Digest of what it looked at.")
    why: str | None = Field(default=None, description="Reason.")


class Skipped(Node):
    """Something that a reader did not understand, with its place: counted in coverage, never dropped in silence."""

    plane = "observed"
    namespace: Key = Field(description="Source that it was met in.")
    name: SearchedKey = Field(description="Digest of code, place and message.")
    code: Annotated[str | None, Mark.INDEXED] = Field(
        default=None, description="unparsed, unresolved, unsupported, unreadable, ..."
    )
    message: Prose = Field(default=None, description="What was not understood.")
    place: str | None = Field(default=None, description="File with line, record or pointer.")
    occurrences: int | None = Field(default=None, description="How often.")
    subjects: list[str] | None = Field(default=None, description="Urns of what it may say something about.")


# --- glossary -------------------------------------------------------------------------------------------------------


class Glossary(Node):
    """A set of terms with an owner."""

    plane = "glossary"
    namespace: Key = Field(default="", description="Organisation; empty for one's own.")
    description: Prose = Field(default=None, description="What it covers.")
    language: str | None = Field(default=None, description="Language of its labels.")
    iri: str | None = Field(default=None, description="Address of the concept scheme in SKOS.")


class Term(Node):
    """A word of the business with its meaning (SKOS concept).

    A text in another language than the glossary's ends with `@` and the language: `Kunde@de`.
    """

    plane = "glossary"
    namespace: Key = Field(description="Glossary that holds it.")
    name: SearchedKey = Field(description="Preferred label.")
    title: Prose = Field(default=None, description="Name for display, where it is not the label.")
    definition: Prose = Field(default=None, description="Its meaning.")
    synonyms: Annotated[list[str] | None, Mark.SEARCHED] = Field(
        default=None, description="Other labels (SKOS altLabel)."
    )
    abbreviation: Prose = Field(default=None, description="Short form.")
    labels: Annotated[list[str] | None, Mark.SEARCHED] = Field(
        default=None, description="Preferred labels in other languages: `Kunde@de`."
    )
    hidden_labels: Annotated[list[str] | None, Mark.SEARCHED] = Field(
        default=None, description="Labels to be found and not to be shown, such as common misspellings."
    )
    definitions: list[str] | None = Field(default=None, description="Its meaning in other languages: `...@de`.")
    examples: list[str] | None = Field(default=None, description="Examples.")
    usage: str | None = Field(default=None, description="When it is to be used (SKOS scopeNote).")
    notes: list[str] | None = Field(default=None, description="Other remarks (SKOS note).")
    status: str | None = Field(default=None, description="draft, proposed, approved or deprecated.")
    status_by: str | None = Field(default=None, description="Who gave it its status.")
    status_at: str | None = Field(default=None, description="When it got its status (ISO 8601).")
    status_note: str | None = Field(default=None, description="Why it got its status.")
    sensitivity: str | None = Field(default=None, description="Class of protection.")
    steward: str | None = Field(default=None, description="Who answers for it.")
    iri: Annotated[str | None, Mark.INDEXED] = Field(default=None, description="Address of the concept in SKOS.")
    meta: Json | None = Field(default=None, description="Other fields of the source.")


NODES: Final[tuple[type[Node], ...]] = (
    Dataset, Column, Job, Query, Feature, FeatureView, FeatureService, Model, Endpoint, Exposure, Metric, Check, Policy,
    Contract, Agent, Domain, Tag,
    Run, DatasetVersion, FileEntry, ModelVersion, CodeVersion, Environment, CheckResult, Prediction, Explanation, Report,
    Consent, Incident, Decision, Skipped,
    Glossary, Term,
)  # fmt: skip

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    node.__name__: tuple(name for name, f in node.model_fields.items() if Mark.KEY in f.metadata) for node in NODES
}
BY_KIND: Final[dict[str, type[Node]]] = {node.kind(): node for node in NODES}


def node_class(urn: Urn) -> type[Node]:
    """Returns the class of what a urn names.

    Raises:
        KeyError: no class of that kind.
    """
    return BY_KIND[urn.kind]


def node_of(urn: Urn, properties: dict[str, Any]) -> Node:
    """Returns the node of a urn with these properties.

    Raises:
        KeyError: no class of that kind.
        pydantic.ValidationError: a property does not fit the class.
    """
    cls = node_class(urn)
    return cls(**dict(zip(cls.key_fields(), urn.parts, strict=True)), **properties)
