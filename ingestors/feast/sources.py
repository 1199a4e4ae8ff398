"""Where a feature view's values come from: a table where one is named, else a file, topic or stream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.names import Urn
from ingestors.naming import dataset, relation
from ingestors.tables import named_table, only_of
from ingestors.values import mapping, text, without_users

_ADDRESS: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://[^/]*)/?(.*)", re.DOTALL)
_TABLE_TAG: Final = re.compile(r"(.*[_.-])?table", re.IGNORECASE)
_PLATFORMS: Final = {
    "snowflakeOptions": "snowflake",
    "redshiftOptions": "redshift",
    "trinoOptions": "trino",
    "athenaOptions": "awsathena",
    "sparkOptions": "spark",
    "bigqueryOptions": "bigquery",
}


@dataclass(frozen=True, slots=True)
class ViewSource:
    """A data source of the registry.

    Attributes:
        written: As the registry writes it: an address, a table or a query.
        stored: The file, topic or stream that is read; None for a table or a query.
        table: The table that holds the values, or that the stored copy is of; None where none is named.
        tag: Tag that names the table.
        columns: Feature to column, where they differ.
    """

    written: str | None
    stored: Urn | None
    table: Urn | None
    tag: str | None
    columns: Mapping[str, str]

    @property
    def data(self) -> Urn | None:
        """The data set whose columns the features are."""
        return self.table or self.stored


def source_of(said: dict[str, Any], namespace: str, namespaces: Mapping[str, str]) -> ViewSource:
    """Reads a data source; of a push or Kafka source with a batch source, that one."""
    inner = mapping(said.get("batchSource"))
    if inner and not mapping(said.get("fileOptions")):
        return source_of(inner, namespace, namespaces)
    tag, table = _tagged(mapping(said.get("tags")), namespaces)
    renamed = {str(feature): str(column) for column, feature in mapping(said.get("fieldMapping")).items()}
    written, stored = _stored(said, namespace)
    if written is None:
        written, own = _table(said, namespaces)
        table = table or own
    return ViewSource(written, stored, table, tag if table else None, renamed)


def _tagged(tags: Mapping[str, Any], namespaces: Mapping[str, str]) -> tuple[str | None, Urn | None]:
    for tag in sorted(tags):
        value = text(tags[tag])
        if value and _TABLE_TAG.fullmatch(tag) and (found := named_table(value, namespaces, tag)) is not None:
            return tag, found
    return None, None


def _stored(said: dict[str, Any], namespace: str) -> tuple[str | None, Urn | None]:
    kafka = mapping(said.get("kafkaOptions"))
    if topic := text(kafka.get("topic")):
        return topic, dataset(f"kafka://{text(kafka.get('kafkaBootstrapServers')) or ''}", topic)
    uri = text(mapping(said.get("fileOptions")).get("uri")) or text(mapping(said.get("sparkOptions")).get("path"))
    if uri is None:
        return None, None
    uri = without_users(uri)
    found = _ADDRESS.fullmatch(uri)
    return uri, dataset(found[1], found[2] or "/") if found else dataset(namespace, uri)


def _table(said: dict[str, Any], namespaces: Mapping[str, str]) -> tuple[str | None, Urn | None]:
    for key, platform in _PLATFORMS.items():
        options = mapping(said.get(key))
        if not options:
            continue
        table = text(options.get("table")) or text(options.get("tableRef"))
        if table is None:
            return text(options.get("query")), None
        parts = [part for name in ("database", "schema") if (part := text(options.get(name)))]
        namespace = platform if platform == "bigquery" else only_of(platform, namespaces)
        name = ".".join([*parts, table])
        return name, relation(namespace, *name.split("."), quoted=platform == "bigquery") if namespace else None
    return None, None
