"""Unity Catalog: answers of its REST API, kept as files: lists of tables, registered models and model versions, page by page.

All files of a source are one snapshot of `("unity-catalog", NAMESPACE)`, dated by the newest update of anything in them. The API
has no lineage; what a view depends on is said with the view, and a model version names its run in MLflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from pydantic import Field

from catalog.model.canonical import json_text
from catalog.model.edges import AliasOf, DependsOn, GeneratedBy, OwnedBy, VersionOf
from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import TIES, Instant, from_millis, show
from catalog.model.names import Urn, column
from catalog.model.nodes import Column, Dataset, Model, ModelVersion
from ingestors.naming import agent, location, relation
from ingestors.reading import Reader
from ingestors.tables import only_of
from ingestors.values import mapping, mappings, text, whole, without_users

_DAY: Final = 86_400 * 1_000_000 * TIES
_LISTS: Final = ("tables", "registered_models", "model_versions")
_TYPES: Final[Mapping[str, str]] = {
    "VIEW": "view", "METRIC_VIEW": "metric view", "MATERIALIZED_VIEW": "materialized view", "STREAMING_TABLE": "streaming table",
}  # fmt: skip


class UnityCatalogOptions(Options):
    """Options of a source of kind `unity-catalog`."""

    path: str = Field(description="JSON answers, or a pattern: lists of tables, registered_models, model_versions.")
    namespace: str = Field(description="Namespace of the metastore, e.g. `databricks://HOST`, or its alias.")
    tracking: str | None = Field(
        default=None,
        description="Namespace of the MLflow server whose runs made the versions; else the project's only one.",
    )


class UnityCatalogIngestor:
    """Reads answers of Unity Catalog."""

    name: ClassVar[str] = "unity-catalog"
    options: ClassVar[type[Options]] = UnityCatalogOptions

    def __init__(self, options: UnityCatalogOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields one snapshot of all that the files say.

        Raises:
            SourceError: there is no such file, or one is no JSON.
        """
        reader, tracking = Reader(context), self._options.tracking
        namespace = context.namespace(self._options.namespace)
        runs = context.namespace(tracking) if tracking else only_of("mlflow", context.namespaces)
        facts: list[Fact | Skip] = []
        times: list[Instant] = []
        said = _Said(namespace, runs)
        paths = reader.paths(self._options.path)
        for path in paths:
            label, answer = reader.label(path), mapping(reader.json(path))
            known = [name for name in _LISTS if name in answer]
            if not known:
                facts.append(Skip("unsupported", f"the answer holds none of {', '.join(_LISTS)}", Origin(label)))
            for name in known:
                for number, entry in enumerate(mappings(answer[name])):
                    times += [
                        at for at in (_time(entry.get("updated_at")),) if at is not None and at <= context.now + _DAY
                    ]
                    facts += said.entry(name, entry, Origin(label, f"/{name}/{number}"))
        at = max(times, default=None) or context.at or max(map(reader.modified, paths))
        complete = not any(isinstance(fact, Skip) for fact in facts)
        yield Snapshot(("unity-catalog", namespace), at, facts, complete, dated=bool(times) or context.at is not None)


def _time(millis: Any) -> Instant | None:
    stamp = whole(millis)
    return from_millis(stamp) if stamp is not None and 0 < stamp < 8_000_000_000_000 else None


@dataclass(frozen=True, slots=True)
class _Said:
    """Turns entries of lists into facts."""

    namespace: str
    runs: str | None

    def entry(self, kind: str, said: Mapping[str, Any], origin: Origin) -> list[Fact | Skip]:
        parts = [
            text(said.get(key))
            for key in ("catalog_name", "schema_name", "model_name" if kind == _LISTS[2] else "name")
        ]
        names = [part for part in parts if part]
        if len(names) != len(parts):
            return [Skip("unreadable", "the entry has no catalog, schema and name", origin)]
        read = {"tables": self._table, "registered_models": self._model, "model_versions": self._version}
        return [*read[kind](names, said, origin)]

    def _table(self, names: list[str], said: Mapping[str, Any], origin: Origin) -> Iterator[Fact | Skip]:
        urn = relation(self.namespace, *names, quoted=False)
        columns = sorted(mappings(said.get("columns")), key=lambda c: whole(c.get("position")) or 0)
        listed = [name for spec in columns if (name := text(spec.get("name")))]
        properties = mapping(said.get("properties"))
        yield Fact(Dataset(
            namespace=urn.namespace, name=urn.name, type=_TYPES.get(str(said.get("table_type")), "table"),
            description=text(said.get("comment")), columns=[column(urn, name).parts[2] for name in listed] or None,
            definition=text(said.get("view_definition")), storage_format=(text(said.get("data_source_format")) or "").lower() or None,
            unique_id=text(said.get("table_id")), meta=json_text(properties) if properties else None,
        ), origin)  # fmt: skip
        for spec in columns:
            if name := text(spec.get("name")):
                nullable = spec.get("nullable")
                yield Fact(Column(
                    namespace=urn.namespace, name=urn.name, path=column(urn, name).parts[2], data_type=text(spec.get("type_text")),
                    description=text(spec.get("comment")), nullable=nullable if isinstance(nullable, bool) else None,
                ), origin)  # fmt: skip
        yield from self._around(urn, said, origin)

    def _around(self, urn: Urn, said: Mapping[str, Any], origin: Origin) -> Iterator[Fact | Skip]:
        """Yields the owner, the files that a table is, and what a view depends on."""
        if owner := text(said.get("owner")):
            node = agent(owner)
            yield Fact(node, origin)
            yield Fact(OwnedBy(start=urn, end=node.urn, role="owner"), origin)
        files = location(without_users(text(said.get("storage_location")) or ""))
        if files is not None:
            yield Fact(AliasOf(start=urn, end=files, subtype="path"), origin)
        for one in mappings(mapping(said.get("view_dependencies")).get("dependencies")):
            if full := text(mapping(one.get("table")).get("table_full_name")):
                yield Fact(DependsOn(start=urn, end=relation(self.namespace, *full.split("."), quoted=False)), origin)

    def _model(self, names: list[str], said: Mapping[str, Any], origin: Origin) -> Iterator[Fact]:
        model = Model(namespace=self.namespace, name=".".join(names), description=text(said.get("comment")))
        yield Fact(model, origin)
        if owner := text(said.get("owner")):
            node = agent(owner)
            yield Fact(node, origin)
            yield Fact(OwnedBy(start=model.urn, end=node.urn, role="owner"), origin)

    def _version(self, names: list[str], said: Mapping[str, Any], origin: Origin) -> Iterator[Fact | Skip]:
        number = whole(said.get("version"))
        if number is None:
            yield Skip("unreadable", "the version has no number", origin)
            return
        created, run = _time(said.get("created_at")), text(said.get("run_id"))
        version = ModelVersion(
            namespace=self.namespace, name=".".join(names), version=str(number), description=text(said.get("comment")),
            status=text(said.get("status")), created_at=None if created is None else show(created), run_id=run,
            source=without_users(text(said.get("source")) or "") or None,
        )  # fmt: skip
        yield Fact(version, origin)
        yield Fact(VersionOf(start=version.urn, end=Urn("model", (self.namespace, version.name))), origin)
        if run and self.runs is not None:
            yield Fact(GeneratedBy(start=version.urn, end=Urn("run", (self.runs, run))), origin)
