"""Snowflake's ACCESS_HISTORY, exported as CSV or JSON: which columns were written from which, by the server's own account.

It holds successful queries only, names in full, and no text: the kind of a derivation is not told. What creates or replaces a
table is its definition, the rest lies below it, named by a digest of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from catalog.model.canonical import digest
from catalog.model.edges import DependsOn, DerivesFrom
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.instants import Instant, instant
from catalog.model.names import Urn, column
from catalog.model.nodes import Dataset
from catalog.sql.names import split_name
from ingestors.documents import json_value
from ingestors.naming import relation
from ingestors.reading import Reader
from ingestors.sql_log.query_history import read_moment
from ingestors.sql_log.rows import Row, pick, rows
from ingestors.sql_log.source import Source

_REASON: Final = "ACCESS_HISTORY does not tell how the value is derived"
_DEPTH: Final = 64
_MAKES: Final = frozenset({"CREATE", "REPLACE"})
_OBJECTS: Final = ("objects_modified", "direct_objects_accessed", "base_objects_accessed", "object_modified_by_ddl")


def access_snapshots(source: Source) -> Iterator[Snapshot]:
    """Yields what each record says of each table that it writes."""
    reader, context, path = Reader(source.context), source.context, source.options.path
    last = context.at or Instant(0)
    for file in reader.paths(path):
        for origin, row in rows(reader, file):
            parsed = row if isinstance(row, Skip) else _parsed(row, origin)
            if isinstance(parsed, Skip):
                source.skips.add(parsed)
                continue
            at, objects = parsed
            last = max(last, at)
            yield from _record(objects, source.namespace, at, origin)
    yield source.skips.snapshot(source.namespace, path, last, dated=bool(last))


def _parsed(row: Row, origin: Origin) -> tuple[Instant, dict[str, list[dict[str, Any]]]] | Skip:
    try:
        at = instant(read_moment(pick(row, ("query_start_time", "start_time"))))
        return at, {name: _objects(row, name, origin) for name in _OBJECTS}
    except (ValueError, OverflowError) as err:
        return Skip("unreadable", f"the record's time is none ({err})", origin)
    except SourceError as err:
        return Skip("unreadable", f"the record holds no JSON where objects are expected: {err.problem}", origin)


def _objects(row: Row, name: str, origin: Origin) -> list[dict[str, Any]]:
    value = row.get(name) or []
    if isinstance(value, str):
        value = json_value(value, str(origin), _DEPTH)
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, dict)]


def _record(parsed: dict[str, list[dict[str, Any]]], namespace: str, at: Instant, origin: Origin) -> Iterator[Snapshot]:
    ddl = {_name(item): str(item.get("operationType", "")).upper() for item in parsed["object_modified_by_ddl"]}
    read = parsed["direct_objects_accessed"] or parsed["base_objects_accessed"]
    cut = _is_cut(parsed)
    for item in parsed["objects_modified"]:
        if _name(item) and not _is_cut(item.get("objectName")):
            yield _written(item, read, ddl.get(_name(item), ""), namespace, at, origin, cut)
    for name, operation in ddl.items():
        if operation == "DROP" and name:
            yield Snapshot(("sql", namespace, _urn(namespace, name).name), at)


def _written(
    item: dict[str, Any],
    read: list[dict[str, Any]],
    operation: str,
    namespace: str,
    at: Instant,
    origin: Origin,
    cut: bool,
) -> Snapshot:
    target = _urn(namespace, _name(item))
    kind = str(item.get("objectDomain") or "").lower() or None
    items: list[Fact | Skip] = [Fact(Dataset(namespace=target.namespace, name=target.name, type=kind), origin)]
    columns = [entry for entry in item.get("columns") or () if isinstance(entry, dict)]
    edges = [edge for entry in columns for edge in _derivations(entry, target, namespace)]
    items += [Fact(edge, origin) for edge in dict.fromkeys(edges)]
    told = {edge.end for edge in edges}
    for entry in read:
        end = _urn(namespace, _name(entry))
        if _name(entry) and not _is_cut(entry.get("objectName")) and end != target:
            sure = not cut and _accessed(entry, end) <= told
            items.append(Fact(DependsOn(start=target, end=end, columns_known=sure), origin))
    if cut:
        items.append(
            Skip("too_large", "Snowflake has cut the record short: columns or tables are missing", origin, (target,))
        )
    scope: Scope = ("sql", namespace, target.name)
    if operation not in _MAKES:
        bodies = "\n".join(fact.body for fact in items if isinstance(fact, Fact))
        scope = (*scope, f"access_history:{digest(bodies).hex()}")
    return Snapshot(scope, at, tuple(items), complete=not cut)


def _accessed(entry: dict[str, Any], table: Urn) -> set[Urn]:
    """Returns the columns that a query accessed of a table; those that only filter or join are among them."""
    listed = entry.get("columns")
    names = [item.get("columnName") if isinstance(item, dict) else None for item in listed or ()]
    return {column(table, name) if isinstance(name, str) else table for name in names} if names else {table}


def _derivations(entry: dict[str, Any], target: Urn, namespace: str) -> Iterator[DerivesFrom]:
    name = entry.get("columnName")
    if not isinstance(name, str) or _is_cut(name):
        return
    start = column(target, name)
    for source in entry.get("directSources") or entry.get("baseSources") or ():
        path = source.get("columnName") if isinstance(source, dict) else None
        if isinstance(path, str) and _name(source) and not _is_cut(source):
            end = column(_urn(namespace, _name(source)), path)
            if end != start:
                yield DerivesFrom(
                    start=start, end=end, subtype="transformation", exactness="over_approximate", reason=_REASON
                )


def _name(item: dict[str, Any]) -> str:
    name = item.get("objectName")
    return name if isinstance(name, str) else ""


def _urn(namespace: str, name: str) -> Urn:
    return relation(namespace, *split_name(name))


def _is_cut(value: Any) -> bool:
    """Whether a part of a record is one of the marks that Snowflake leaves where it cuts a record short."""
    if isinstance(value, dict):
        return any(
            _is_cut(item) or (key in ("objectId", "columnId") and str(item) == "-1") for key, item in value.items()
        )
    if isinstance(value, list):
        return any(map(_is_cut, value))
    return isinstance(value, str) and value == "TRUNCATED"
