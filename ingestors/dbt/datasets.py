"""Facts about tables and views and their columns: what the catalog saw, and what people wrote about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from catalog.model.facts import Fact, Origin, Skip
from catalog.model.nodes import Column, Dataset
from ingestors.dbt.artifacts import Artifact
from ingestors.dbt.relations import Relation, Relations
from ingestors.dbt.values import items, json_or_none, mapping, merged, text, texts, unique, written

_TYPES: Final = {
    "base table": "table", "incremental": "table", "materialized_view": "materialized view", "materializedview": "materialized view",
    "matview": "materialized view", "dynamic_table": "dynamic table", "external_table": "external table",
}  # fmt: skip
_ROWS: Final = ("row_count", "num_rows")
_BYTES: Final = ("bytes", "num_bytes")


class _Documented(NamedTuple):
    """A column as the project writes it."""

    name: str
    said: Mapping[str, Any]


def dataset_facts(relations: Relations, catalog: Artifact | None) -> Iterator[Fact | Skip]:
    """Yields each relation with its columns."""
    for relation in relations:
        yield Fact(_dataset(relation), relation.entry.origin())
        yield from _statistics(relation, catalog)
        yield from _columns(relation)


def _dataset(relation: Relation) -> Dataset:
    entry, body = relation.entry, relation.entry.body
    return Dataset(
        namespace=relation.urn.namespace,
        name=relation.urn.name,
        type=_type(relation),
        description=entry.text("description") or relation.comment,
        columns=list(relation.listed) if relation.listed is not None else None,
        display_name=relation.written if relation.written != relation.urn.name else None,
        unique_id=entry.unique_id,
        language=entry.text("language") if entry.text("raw_code") else None,
        definition=entry.text("raw_code") or entry.text("compiled_code"),
        repository_path=entry.text("original_file_path"),
        contract_enforced=mapping(body.get("contract")).get("enforced") is True or None,
        access=entry.text("access") or text(entry.config.get("access")),
        group=entry.text("group") or text(entry.config.get("group")),
        version=written(body.get("version")),
        deprecation_date=entry.text("deprecation_date"),
        meta=json_or_none(merged(body.get("source_meta"), entry.meta)),
    )


def _type(relation: Relation) -> str | None:
    """A seed or snapshot is called that; else the warehouse knows best, then the configuration."""
    entry = relation.entry
    if entry.resource in ("seed", "snapshot"):
        return entry.resource
    named = (relation.type or entry.materialized or "").lower()
    return _TYPES.get(named, named) or None


def _statistics(relation: Relation, catalog: Artifact | None) -> Iterator[Fact]:
    """Counts are facts of their own: they change from run to run, the rest does not."""
    rows, size = (_figure(relation.statistics, names) for names in (_ROWS, _BYTES))
    if catalog is not None and (rows is not None or size is not None):
        node = Dataset(namespace=relation.urn.namespace, name=relation.urn.name, row_count=rows, byte_size=size)
        yield Fact(node, catalog.origin())


def _figure(statistics: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    values = (mapping(statistics.get(name)).get("value") for name in names)
    found = next((v for v in values if isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v < 2**53), None)
    return None if found is None else int(found)


def _columns(relation: Relation) -> Iterator[Fact | Skip]:
    documented: dict[str, _Documented] = {}
    for name, said in relation.entry.columns.items():
        path = relation.path(name, quoted=said.get("quote") is True)
        if path is None:
            yield _missing(relation, name)
        else:
            documented[path] = _Documented(name, said)
    together = _table_constraints(relation)
    for path in relation.columns:
        known = documented.get(path, _Documented(path, {}))
        yield Fact(_column(relation, path, known, together), _origin(relation, known))


def _missing(relation: Relation, name: str) -> Skip:
    message = f"column {name!r} is documented, but {relation.urn.name!r} in the warehouse does not have it"
    subject = relation.urn
    return Skip("unresolved", message, relation.entry.origin("columns", name), (subject,))


def _origin(relation: Relation, known: _Documented) -> Origin:
    return relation.entry.origin("columns", known.name) if known.said else relation.entry.origin()


def _column(relation: Relation, path: str, known: _Documented, together: Mapping[str, list[str]]) -> Column:
    name, said = known
    seen = mapping((relation.listed or {}).get(path))
    own = [kind for item in items(said.get("constraints")) if (kind := text(mapping(item).get("type")))]
    return Column(
        namespace=relation.urn.namespace,
        name=relation.urn.name,
        path=path,
        data_type=text(seen.get("type")) or text(said.get("data_type")),
        description=text(said.get("description")) or text(seen.get("comment")),
        display_name=name if name != path and relation.listed is None else None,
        constraints=unique([*own, *together.get(path, ())]) or None,
        meta=json_or_none(merged(said.get("meta"), mapping(said.get("config")).get("meta"))),
    )


def _table_constraints(relation: Relation) -> dict[str, list[str]]:
    """Returns the constraints that are written at the relation for several columns, by column."""
    found: dict[str, list[str]] = {}
    for item in items(relation.entry.body.get("constraints")):
        kind = text(mapping(item).get("type"))
        for name in texts(mapping(item).get("columns")) if kind else ():
            path = relation.path(name)
            if kind and path:
                found.setdefault(path, []).append(kind)
    return found
