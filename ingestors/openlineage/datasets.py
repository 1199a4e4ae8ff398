"""What events say of data sets: each facet is a scope of its own, `("dataset", NAMESPACE, NAME, FACET)`.

Facets come in parts, over events and over time, and the newest of each key holds. So each is a complete snapshot of its
own scope at the event's time: a newer one replaces it, `_deleted` closes it, and none closes another.

A schema is the whole list of columns only where it describes what was written: at an output of a run that completed, or in
a static event. At an input it is what the reader asked for (a pushed-down query's columns, `value` of a text file,
`_file` of a table format), so that it says types and no list; it lies below the scope of the list, which replaces it. A
producer that is known to report the schema of the build before says no list either.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from catalog.model.edges import AliasOf, DependsOn, Edge, OwnedBy, Tagged, VersionOf
from catalog.model.facts import Scope, Snapshot
from catalog.model.names import Urn, column, dataset_of
from catalog.model.nodes import Column, Dataset, DatasetVersion
from ingestors import naming
from ingestors.openlineage.run_facets import without_values
from ingestors.openlineage.said import Element, Event, Json, Problem, entries, facets_of, foreign, is_deleted
from ingestors.values import mapping, text, whole

Role = Literal["read", "planned", "written"]
"""What an event does with a data set: `planned` is an output of a run that has not completed, or failed."""
_STALE: Final = "/integration/dbt"
"""In the producer of events whose schemas are those of the build before."""
_STABLE: Final = frozenset({"TABLE", "LOCATION"})
"""Types of symlinks that name the table, whatever its version."""
_BUILT_AS: Final = {"incremental": "table", "materialized_view": "materialized view"}
_NESTING: Final = 50
_REMEMBERED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Ref:
    """A data set as one event names it. `extra` are facets of this reading or writing of it."""

    urn: Urn
    facets: Mapping[str, Json]
    extra: Mapping[str, Json]
    role: Role

    @property
    def written(self) -> bool:
        return self.role == "written"

    @property
    def version(self) -> Urn | None:
        facet = self.facets.get("version", {})
        said = None if is_deleted(facet) else text(facet.get("datasetVersion"))
        return Urn("datasetversion", (*self.urn.parts, naming.version_name(said))) if said else None

    @property
    def thing(self) -> Urn:
        """The version where one is named, else the data set."""
        return self.version or self.urn

    @property
    def scope(self) -> Scope:
        return ("dataset", *self.urn.parts)


class Names:
    """What is known over all events of a source: other names of namespaces, and the runs that failed."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._namespaces = namespaces
        self.failed: set[Urn] = set()
        """Runs that failed, as far as was read."""
        self.columns: dict[Urn, tuple[str, ...]] = {}
        """Columns of what was written, as far as was read: for statements that take all of them by a star."""
        self.statements: dict[Hashable, list[Edge] | None] = {}
        """What statements said, as long as the columns are these."""

    def learn(self, dataset: Urn, columns: tuple[str, ...]) -> None:
        if self.columns.get(dataset) != columns and len(self.columns) < _REMEMBERED:
            self.columns[dataset] = columns
            self.statements.clear()

    def dataset(self, holder: Json) -> Urn | None:
        namespace, name = text(holder.get("namespace")), text(holder.get("name"))
        if not namespace or not name:
            return None
        return naming.dataset(self._namespaces.get(namespace, namespace), name)

    def ref(self, holder: Json, role: Role, extra: str = "") -> Ref | None:
        urn = self.dataset(holder)
        return Ref(urn, facets_of(holder), facets_of(holder, extra), role) if urn else None


# --- facets ---------------------------------------------------------------------------------------------------------


def columns(about: Urn, facet: Json) -> Iterator[Column | Problem]:
    """Yields the columns that a schema names, nested ones after what holds them."""
    yield from _fields(about, facet, "", 0)


def _fields(about: Urn, holder: Json, prefix: str, depth: int) -> Iterator[Column | Problem]:
    if depth > _NESTING:
        yield Problem(f"the fields of {prefix[:200]!r} are nested deeper than {_NESTING}", "too_large")
        return
    for field in entries(holder, "fields", "name"):
        if isinstance(field, Problem):
            yield field
            continue
        path = f"{prefix}{text(field['name'])}"
        namespace, name = about.parts
        yield Column(
            namespace=namespace, name=name, path=path,
            data_type=text(field.get("type")), description=text(field.get("description")),
        )  # fmt: skip
        yield from _fields(about, field, f"{path}.", depth + 1)


def schema(about: Urn, facet: Json) -> Iterator[Element]:
    """Yields the columns and the list of them."""
    found = list(columns(about, facet))
    yield from found
    listed = [one.path for one in found if isinstance(one, Column)]
    if len(listed) == len(found) and listed:
        yield _dataset(about, columns=list(dict.fromkeys(listed)))


def documentation(about: Urn, facet: Json) -> Iterator[Element]:
    yield _dataset(about, description=text(facet.get("description")))


def dataset_type(about: Urn, facet: Json) -> Iterator[Element]:
    said = [text(facet.get("datasetType")), text(facet.get("subType"))]
    yield _dataset(about, type=" ".join(part.lower() for part in said if part) or None)


def storage(about: Urn, facet: Json) -> Iterator[Element]:
    yield _dataset(about, storage_format=text(facet.get("fileFormat")) or text(facet.get("storageLayer")))


def ownership(about: Urn, facet: Json) -> Iterator[Element]:
    """Yields the owners of a data set or job."""
    for owner in entries(facet, "owners", "name"):
        if isinstance(owner, Problem):
            yield owner
        elif urn := _agent(str(owner["name"])):
            yield OwnedBy(start=about, end=urn, role=text(owner.get("type")))


def _agent(name: str) -> Urn | None:
    agent = naming.agent(name)
    return agent.urn if agent.name else None


def tags(about: Urn, facet: Json) -> Iterator[Element]:
    """Yields the tags of a data set, its columns, or a job."""
    for tag in entries(facet, "tags", "key"):
        if isinstance(tag, Problem):
            yield tag
            continue
        field = text(tag.get("field")) if about.kind == "dataset" else None
        value = tag.get("value")
        said = str(value).lower() if isinstance(value, bool) else text(value)
        yield Tagged(start=column(about, field) if field else about, end=Urn("tag", ("", str(tag["key"]))), value=said)


def _dataset(about: Urn, **properties: object) -> Dataset:
    namespace, name = about.parts
    return Dataset.model_validate({"namespace": namespace, "name": name, **properties})


def materialized(facet: Json) -> str | None:
    """Returns how dbt builds a model: `ephemeral` says that there is no table of it."""
    return text(mapping(facet.get("config")).get("materialized"))


def dbt_model(about: Urn, facet: Json) -> Iterator[Element]:
    said = materialized(facet)
    yield _dataset(about, type=_BUILT_AS.get(said or "", said))


Handler = Callable[[Urn, Json], Iterator[Element]]
HANDLERS: Final[dict[str, Handler]] = {
    "schema": schema,
    "documentation": documentation,
    "datasetType": dataset_type,
    "storage": storage,
    "ownership": ownership,
    "tags": tags,
    "dbt_model": dbt_model,
}
ELSEWHERE: Final = frozenset({"columnLineage", "lineage", "version", "dataQualityAssertions"})
"""Facets that belong to the run, not to the data set."""


# --- snapshots ------------------------------------------------------------------------------------------------------


def dataset_snapshots(ref: Ref, event: Event, names: Names) -> Iterator[Snapshot]:
    """Yields what an event says of a data set, facet by facet."""
    for name, facet in ref.facets.items():
        if name in ELSEWHERE or not name or _says_nothing(name, facet, ref):
            continue
        scope = (*ref.scope, name)
        if is_deleted(facet):
            yield event.snapshot(scope, ())
        elif name == "schema" and not _is_whole(ref, event):
            yield event.snapshot((*scope, "read"), columns(ref.urn, facet))
        elif name == "lifecycleStateChange":
            yield from _lifecycle(ref, event, facet, names)
        elif name == "symlinks":
            yield event.snapshot(scope, _table_aliases(ref, facet, names))
        else:
            yield event.snapshot(scope, _said(name, ref.urn, facet))


def _is_whole(ref: Ref, event: Event) -> bool:
    return ref.written and _STALE not in (text(event.body.get("producer")) or "")


def _says_nothing(name: str, facet: Json, ref: Ref) -> bool:
    """Whether a facet repeats the namespace, foretells a change, or tells of the version alone."""
    if name == "dataSource":
        return {text(facet.get("name")), text(facet.get("uri"))} <= {ref.urn.namespace, None}
    if name == "symlinks" and ref.version:
        kinds = {_kind(entry) for entry in entries(facet, "identifiers") if isinstance(entry, dict)}
        return bool(kinds) and not kinds & _STABLE
    return name in ("lifecycleStateChange", "schema") and ref.role == "planned"


def _said(name: str, about: Urn, facet: Json) -> Iterator[Element]:
    if handler := HANDLERS.get(name):
        yield from handler(about, facet)
        return
    kept = foreign(name, without_values(name, facet))
    yield kept if isinstance(kept, Problem) else _dataset(about, facets=[kept])


def _lifecycle(ref: Ref, event: Event, facet: Json, names: Names) -> Iterator[Snapshot]:
    """A data set that was dropped, or is called otherwise now, has nothing of what was said of it under its name."""
    change = _change(facet)
    before = names.dataset(mapping(facet.get("previousIdentifier")))
    renamed = change == "RENAME" and before is not None and before != ref.urn
    elements: list[Element] = [_dataset(ref.urn, lifecycle=change or None)]
    if renamed and before and not event.body.get("inputs"):
        elements.append(DependsOn(start=ref.urn, end=before, exactness="guessed", reason="it was renamed"))
    yield event.snapshot((*ref.scope, "lifecycleStateChange"), elements)
    gone = before if renamed else ref.urn if change == "DROP" else None
    if gone:
        yield event.snapshot(("dataset", *gone.parts), ())


def _change(facet: Json) -> str:
    return (text(facet.get("lifecycleStateChange")) or "").upper()


def _aliases(ref: Ref, facet: Json, names: Names) -> Iterator[tuple[Urn, str] | Problem]:
    for entry in entries(facet, "identifiers", "namespace", "name"):
        if isinstance(entry, Problem):
            yield entry
        elif (urn := names.dataset(entry)) and urn != ref.urn:
            yield urn, _kind(entry)


def _kind(identifier: Json) -> str:
    return (text(identifier.get("type")) or "").upper()


def _is_of_version(ref: Ref, kind: str) -> bool:
    return ref.version is not None and kind not in _STABLE


def _table_aliases(ref: Ref, facet: Json, names: Names) -> Iterator[Element]:
    for alias in _aliases(ref, facet, names):
        if isinstance(alias, Problem):
            yield alias
        elif not _is_of_version(ref, alias[1]):
            yield AliasOf(start=ref.urn, end=alias[0], subtype="symlink")


def version_elements(ref: Ref, names: Names) -> Iterator[Element]:
    """Yields the version that an event names, and the other names of this version.

    A symlink next to a version names that version (the address of one run's model, a file at one commit), unless its type
    says that it names the table.
    """
    version = ref.version
    if version is None:
        return
    yield _version(version, ref)
    yield VersionOf(start=version, end=ref.urn)
    for alias in _aliases(ref, ref.facets.get("symlinks", {}), names):
        if not isinstance(alias, Problem) and _is_of_version(ref, alias[1]):
            end = Urn("datasetversion", (*alias[0].parts, version.parts[2]))
            yield AliasOf(start=version, end=end, subtype="symlink")


def _version(urn: Urn, ref: Ref) -> DatasetVersion:
    namespace, name, said = urn.parts
    algorithm, digest = naming.digest_of(said) or (None, None)
    counted = (
        {} if ref.role == "planned" else ref.facets.get("dataQualityMetrics") or ref.extra.get("dataQualityMetrics", {})
    )
    return DatasetVersion(
        namespace=namespace, name=name, version=said,
        algorithm=algorithm, digest=digest, strength="strong" if digest else None,
        row_count=whole(counted.get("rowCount")), byte_size=whole(counted.get("bytes")),
    )  # fmt: skip


def static_snapshots(ref: Ref, event: Event, names: Names, edges: Iterator[Edge | Problem]) -> Iterator[Snapshot]:
    """Yields what a static event says of a data set, its lineage and version included."""
    yield from dataset_snapshots(ref, event, names)
    if ref.version:
        yield event.snapshot((*ref.scope, "version"), version_elements(ref, names))
    said = list(edges)
    if said or {"columnLineage", "lineage"} & set(ref.facets):
        yield event.snapshot((*ref.scope, "lineage"), [*said, *_whole_sets(said)])
    if _change(ref.facets.get("lifecycleStateChange", {})) != "DROP":
        yield event.snapshot(ref.scope, [_dataset(ref.urn)], complete=False)


def _whole_sets(edges: list[Edge | Problem]) -> Iterator[DependsOn]:
    """Yields which data sets the edges of columns tie."""
    pairs = {(_dataset_of(e.start), _dataset_of(e.end)) for e in edges if isinstance(e, Edge) and e.end.kind != "job"}
    for start, end in sorted(pairs):
        if start != end:
            yield DependsOn(start=start, end=end, columns_known=True)


def _dataset_of(urn: Urn) -> Urn:
    return dataset_of(urn) if urn.kind == "column" else urn
