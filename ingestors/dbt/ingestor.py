"""The dbt reader: one folder of artifacts to the snapshots of one project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from catalog.model.edges import Edge
from catalog.model.facts import MAX_FACT_BYTES, Fact, Scope, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import Instant, show
from catalog.model.nodes import Dataset, Node
from ingestors.dbt.artifacts import Artifact, Artifacts, read_artifacts
from ingestors.dbt.builds import build_facts
from ingestors.dbt.checks import check_facts, is_check, result_facts
from ingestors.dbt.datasets import dataset_facts
from ingestors.dbt.definitions import definitions
from ingestors.dbt.exposures import exposure_facts
from ingestors.dbt.governance import governance_facts
from ingestors.dbt.lineage import Account, Lineage
from ingestors.dbt.metrics import Metrics
from ingestors.dbt.outcomes import newest, outcomes
from ingestors.dbt.project import Project
from ingestors.dbt.relations import Relations
from ingestors.dbt.values import items, json_or_none, mapping, text
from ingestors.dbt.waves import Waves
from ingestors.reading import Reader


class DbtOptions(Options):
    """Options of a source of kind `dbt`."""

    path: str = Field(description="Folder that holds manifest.json and what else dbt left in `target/`.")
    namespace: str = Field(description="Where the project's relations live: an alias or a namespace.")
    sources: dict[str, str] = Field(
        default_factory=dict,
        description="Name of a dbt source to the namespace that it lives in, where that is another.",
    )
    dialect: str | None = Field(default=None, description="SQL dialect, where the adapter's name does not tell.")
    project: str | None = Field(default=None, description="Name of the project, where the manifest does not tell.")


@dataclass(frozen=True, slots=True)
class _Read:
    """What is shared by the snapshots of one reading."""

    artifacts: Artifacts
    project: Project
    relations: Relations
    namespace: str
    dialect: str
    at: Instant
    dated: bool

    @property
    def scope(self) -> Scope:
        return ("dbt", self.namespace, self.project.name)


class DbtIngestor:
    """Reads manifest, catalog, run results and freshness of a dbt project; needs no warehouse and no dbt.

    Scopes: `dbt/NAMESPACE/PROJECT` for the project; below it one for the definition of each model and snapshot, named by
    its unique id; `dbt-run/NAMESPACE/PROJECT/INVOCATION` for the builds and test results of one run, which no later run takes back.
    """

    name: ClassVar[str] = "dbt"
    options: ClassVar[type[Options]] = DbtOptions

    def __init__(self, options: DbtOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields each definition, the project, and the results of its runs.

        Raises:
            SourceError: the manifest is missing, or an artifact is damaged.
        """
        read = self._read(context)
        unread: set[Scope] = set()
        declared: list[Fact | Skip] = []
        for account in _accounts(read, context):
            scope = (*read.scope, account.unique_id)
            if account.unread is None:
                yield Snapshot(scope, read.at, _fitting(account.facts), account.complete, dated=read.dated)
            else:
                declared += (*account.facts, account.unread)
            if account.unread is not None or not account.complete:
                unread.add(scope)
        facts = _fitting((*_project_facts(read), *declared))
        yield Snapshot(read.scope, read.at, facts, unread=frozenset(unread), dated=read.dated)
        yield from _runs(read)

    def _read(self, context: Context) -> _Read:
        reader = Reader(context)
        artifacts = read_artifacts(reader, self._options.path)
        project = Project(artifacts.manifest, name=self._options.project)
        namespace = context.namespace(self._options.namespace)
        sources = {name: context.namespace(alias) for name, alias in self._options.sources.items()}
        dialect = self._options.dialect or project.dialect
        relations = Relations(project, artifacts.catalog, namespace, sources, dialect)
        own = artifacts.manifest.generated_at or context.at
        at = own or reader.modified(artifacts.manifest.file)
        return _Read(artifacts, project, relations, namespace, dialect, at, own is not None)


def _accounts(read: _Read, context: Context) -> Iterator[Account]:
    """Yields what each definition says, by unique id."""
    defined = list(definitions(read.relations, newest(read.artifacts.results)))
    waves = Waves(read.relations, read.dialect, context.limits.statement_chars, context.executor)
    readings = waves.readings(defined)
    lineage = Lineage(read.relations, _stale(read.artifacts))
    for definition in defined:
        yield lineage.account(definition, readings.get(definition.unique_id))


def _stale(artifacts: Artifacts) -> str | None:
    """Returns why a star may stand for other columns than those of the catalog: it was written by another invocation."""
    catalog = artifacts.catalog
    if catalog is None or catalog.invocation == artifacts.manifest.invocation:
        return None
    at = catalog.generated_at
    return f"expanded by the columns of {show(at)}" if at else "expanded by columns of an unknown time"


def _project_facts(read: _Read) -> Iterator[Fact | Skip]:
    project, relations, artifacts = read.project, read.relations, read.artifacts
    yield from artifacts.warnings
    yield from (*project.skipped, *relations.skipped)
    yield from _catalog_errors(artifacts.catalog)
    yield from dataset_facts(relations, artifacts.catalog)
    yield from governance_facts(project, relations)
    yield from _freshness(artifacts.freshness, relations)
    yield from check_facts(project, relations)
    yield from Metrics(project, relations, read.dialect).facts()
    yield from exposure_facts(project, relations)


def _catalog_errors(catalog: Artifact | None) -> Iterator[Skip]:
    for i, message in enumerate(items(catalog.body.get("errors")) if catalog else ()):
        assert catalog is not None
        yield Skip("unreadable", f"dbt could not list a relation: {text(message)}", catalog.origin(f"/errors/{i}"))


def _freshness(freshness: Artifact | None, relations: Relations) -> Iterator[Fact]:
    """A fact of its own: it changes with every check, the rest of the source does not."""
    for i, result in enumerate(items(freshness.body.get("results")) if freshness else ()):
        assert freshness is not None
        relation = relations.by_id.get(text(mapping(result).get("unique_id")) or "")
        said = {key: mapping(result).get(key) for key in ("status", "max_loaded_at", "snapshotted_at", "criteria")}
        if relation is not None:
            told = json_or_none({key: value for key, value in said.items() if value})
            node = Dataset(namespace=relation.urn.namespace, name=relation.urn.name, freshness=told)
            yield Fact(node, freshness.origin(f"/results/{i}"))


def _runs(read: _Read) -> Iterator[Snapshot]:
    for artifact in read.artifacts.results:
        found = list(outcomes(artifact))
        checked = [outcome for outcome in found if is_check(outcome)]
        facts = _fitting(
            (*result_facts(read.project, read.relations, checked), *build_facts(read.project, read.relations, found))
        )
        if facts:
            scope = ("dbt-run", read.namespace, read.project.name, artifact.invocation or artifact.label)
            at = artifact.generated_at
            yield Snapshot(scope, at or read.at, facts, dated=at is not None or read.dated)


def _fitting(facts: Iterable[Fact | Skip]) -> tuple[Fact | Skip, ...]:
    """Returns the facts, each once; a property over the limit is left out and named."""
    seen: set[bytes] = set()
    kept: list[Fact | Skip] = []
    for item in facts:
        for fitting in _fit(item) if isinstance(item, Fact) else (item,):
            if isinstance(fitting, Fact) and fitting.id in seen:
                continue
            if isinstance(fitting, Fact):
                seen.add(fitting.id)
            kept.append(fitting)
    return tuple(kept)


def _fit(fact: Fact) -> Iterator[Fact | Skip]:
    element, dropped = fact.element, []
    while len(Fact(element).body.encode()) > MAX_FACT_BYTES and (large := _largest(element)):
        dropped.append(large)
        element = element.model_copy(update={large: None})
    yield Fact(element, fact.origin) if dropped else fact
    for key in dropped:
        assert fact.origin is not None
        message = f"{key!r} is left out: with it, the fact is over {MAX_FACT_BYTES} bytes"
        yield Skip("too_large", message, fact.origin)


def _largest(element: Node | Edge) -> str | None:
    texts = {key: value for key, value in element.properties().items() if isinstance(value, str | list)}
    return max(texts, key=lambda key: len(str(texts[key])), default=None)
