"""Data sets as a tracking server names them: by experiment and name, with a digest that may prove something or not.

The server's own digest is eight characters of a sample: it proves nothing and names no version. One that its caller gave,
or that stands in an address of a content store, is the whole content's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import AliasOf, DependsOn, DerivesFrom, VersionOf
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin
from catalog.model.names import Urn, column, fold
from catalog.model.nodes import Column, Dataset, DatasetVersion
from ingestors.documents import json_value
from ingestors.mlflow.records import Input
from ingestors.naming import dataset, location, version_name
from ingestors.tables import named_table, only_of
from ingestors.values import mapping, mappings, text, whole, without_users

CONTEXT_TAG: Final = "mlflow.data.context"
_STORED: Final = re.compile(r".*/files/md5/([0-9a-f]{2})/([0-9a-f]{30}(?:\.dir)?)")
_QUERY: Final = re.compile(r"(?<=.)[?#].*", re.DOTALL)
"""What comes after the path of an address may hold a key to it."""
_HUB: Final = "https://huggingface.co"
_EVALUATION: Final = frozenset(
    "evaluation eval evaluate test testing validation validate valid val holdout hold_out scoring inference prediction".split()
)


@dataclass(frozen=True)
class NamedInput:
    """An input with its place in the graph."""

    said: Input
    namespace: str
    experiment: str
    namespaces: Mapping[str, str] = field(default_factory=dict)
    """Alias to namespace, for tables that are named by name."""

    @property
    def role(self) -> str | None:
        return self.said.tags.get(CONTEXT_TAG) or None

    @property
    def trains(self) -> bool:
        """Whether the role is none of the words for evaluation: training data, and what that was made from."""
        return (self.role or "").lower() not in _EVALUATION

    @cached_property
    def urn(self) -> Urn:
        return dataset(self.namespace, f"{self.experiment}/{self.said.name}")

    @cached_property
    def version(self) -> str | None:
        """`algorithm:hex` of the whole content, None where no digest of it is known."""
        named = version_name(self.said.digest)
        if ":" in named and named.partition(":")[0] in ("md5", "sha1", "sha256", "sha512"):
            return named
        stored = _STORED.fullmatch(self.address or "")
        return f"md5:{stored[1]}{stored[2]}" if stored else None

    @property
    def target(self) -> Urn:
        """The version, or the data set where no version is known.

        A version that its source counts (of a Delta table, a revision of a hub) is that of the table itself.
        """
        if self.version is not None:
            return Urn("datasetversion", (*self.urn.parts, self.version))
        return self.counted or self.urn

    @cached_property
    def counted(self) -> Urn | None:
        """The version that its source names by the platform's own count. MLflow leaves version 0 out: it is as good as none."""
        source = mapping(_value(self.said.source))
        number = text(source.get("delta_table_version")) or text(source.get("revision"))
        table = self.table or self.place
        return Urn("datasetversion", (*table.parts, number)) if number and table else None

    @cached_property
    def address(self) -> str | None:
        source = mapping(_value(self.said.source))
        found = next((text(source.get(key)) for key in ("uri", "url", "path") if text(source.get(key))), None)
        return _QUERY.sub("", without_users(found)) if found else None

    @cached_property
    def place(self) -> Urn | None:
        """The file or folder that its source is the address of, as OpenLineage names it; None for content found by digest."""
        if self.address is None or _STORED.fullmatch(self.address):
            return None
        if self.said.source_type == "hugging_face":
            return dataset(_HUB, f"datasets/{self.address}")
        return location(self.address)

    @cached_property
    def table(self) -> Urn | None:
        """The table that a source of Delta or Spark names, where its namespace is known."""
        source = mapping(_value(self.said.source))
        written = text(source.get("delta_table_name")) or text(source.get("table_name"))
        if written is None:
            return None
        namespaces = self.namespaces
        platform = only_of("databricks", namespaces) if source.get("is_databricks_uc_table") is True else None
        known = {**namespaces, written.partition(".")[0]: platform} if platform else namespaces
        return named_table(written, known)

    @cached_property
    def columns(self) -> list[dict[str, Any]] | None:
        """The whole list, None where it is not known."""
        schema = mapping(_value(self.said.schema))
        columns = mappings(schema.get("mlflow_colspec"))
        names = [text(spec.get("name")) for spec in columns]
        return columns if columns and all(names) and len(set(names)) == len(names) else None

    @cached_property
    def column_names(self) -> list[str] | None:
        return None if self.columns is None else [str(spec["name"]) for spec in self.columns]


def input_facts(inputs: Sequence[NamedInput], origin: Origin) -> Iterator[Fact]:
    """Yields data sets, columns, versions and where they were read; of two inputs with one name, the columns are those of the first.

    A file is the same under its address; what was read from a table stands on it, column by column of the same name.
    """
    named: set[Urn] = set()
    versions: set[Urn] = set()
    for given in inputs:
        if given.urn not in named:
            named.add(given.urn)
            yield from _dataset(given, origin)
            yield from _read_from(given, origin)
        if given.version is not None and given.target not in versions:
            versions.add(given.target)
            yield from _version(given, given.version, origin)
        elif given.target == given.counted and given.target not in versions:
            versions.add(given.target)
            namespace, name, number = given.target.parts
            yield Fact(DatasetVersion(namespace=namespace, name=name, version=number), origin)
            yield Fact(VersionOf(start=given.target, end=dataset(namespace, name)), origin)


def _dataset(given: NamedInput, origin: Origin) -> Iterator[Fact]:
    where = {"source_type": given.said.source_type, "uri": given.address}
    known = given.version is None and any(where.values())
    yield Fact(
        Dataset(
            namespace=given.urn.namespace,
            name=given.urn.name,
            columns=given.column_names,
            facets=[json_text({"facet": "source", "value": where})] if known else None,
        ),
        origin,
    )
    for spec in given.columns or ():
        required = spec.get("required")
        yield Fact(
            Column(
                namespace=given.urn.namespace,
                name=given.urn.name,
                path=column(given.urn, str(spec["name"])).parts[2],
                data_type=spec["type"] if isinstance(spec.get("type"), str) else json_text(spec.get("type")),
                nullable=not required if isinstance(required, bool) else None,
            ),
            origin,
        )


def _read_from(given: NamedInput, origin: Origin) -> Iterator[Fact]:
    table = given.table
    why: dict[str, Any] = {"exactness": "declared", "reason": "its source names it"}
    if table is not None:
        yield Fact(DependsOn(start=given.urn, end=table, **why), origin)
        for name in given.column_names or ():
            ends = {"start": column(given.urn, name), "end": column(table, fold(table.namespace, name, quoted=False))}
            yield Fact(DerivesFrom(subtype="identity", **ends, **why), origin)
    elif given.place is not None and given.place != given.urn:
        yield Fact(AliasOf(start=given.urn, end=given.place, subtype="path", **why), origin)


def _version(given: NamedInput, version: str, origin: Origin) -> Iterator[Fact]:
    algorithm, _, digest = version.partition(":")
    own = given.said.digest
    node = DatasetVersion(
        namespace=given.urn.namespace,
        name=given.urn.name,
        version=version,
        digest=digest,
        algorithm=algorithm,
        strength="strong",
        row_count=whole(mapping(_value(given.said.profile)).get("num_rows")),
        location=given.address,
        sample_digest=own if version_name(own) != version else None,
        columns=given.column_names,
    )
    yield Fact(node, origin)
    yield Fact(VersionOf(start=node.urn, end=given.urn), origin)


def _value(raw: str | None) -> Any:
    """Returns the value of a JSON text; None for what is none. Some kinds of source write plain text here."""
    try:
        return None if raw is None else json_value(raw, "")
    except SourceError:
        return None
