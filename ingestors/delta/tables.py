"""What a table is: its columns, properties, constraints, and what of it is computed within it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import Checks, DependsOn, DerivesFrom, Edge
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn, column
from catalog.model.nodes import Check, Column, Dataset, Node
from catalog.sql import analyze
from ingestors.delta.schema import Field, fields_of
from ingestors.delta.state import TableState
from ingestors.documents import json_value
from ingestors.values import capped, items, mapping, text

_CONSTRAINT: Final = "delta.constraints."
_LONGEST: Final = 2_000
"""Characters of an expression that is looked at."""
_CLUSTERING: Final = "delta.clustering"
_OF_FIELDS: Final = {
    "delta.columnMapping.physicalName": "physicalName", "delta.columnMapping.id": "id", "delta.generationExpression": "generated",
    "CURRENT_DEFAULT": "default", "delta.identity.start": "identityStart", "delta.identity.step": "identityStep",
}  # fmt: skip


@dataclass
class Table:
    """One table over its versions. It remembers under which names columns were known before."""

    dataset: Urn
    depth: int
    _names: dict[str, str] = field(default_factory=dict)
    """What stays of a column to its newest name."""
    _before: dict[str, list[str]] = field(default_factory=dict)
    """What stays of a column to its older names."""

    def fields(self, state: TableState) -> list[Field] | None:
        return fields_of(text(state.metadata.get("schemaString")), self.dataset.name, self.depth)

    def facts(self, state: TableState, fields: list[Field], origin: Origin) -> Iterator[Fact | Skip]:
        """Yields what the table is at one version."""
        self._remember(fields)
        elements: list[Node | Edge] = [self._dataset(state, fields)]
        elements += (self._column(one) for one in fields)
        elements += self._checks(state, fields)
        yield from (Fact(element, origin) for element in elements)
        yield from self._generated(fields, origin)

    def _dataset(self, state: TableState, fields: list[Field]) -> Dataset:
        said, protocol = state.metadata, state.protocol
        settings = mapping(said.get("configuration"))
        meta, _ = capped({name: value for name, value in settings.items() if not name.startswith(_CONSTRAINT)})
        shape = {
            "tableId": text(said.get("id")),
            "partitionColumns": [text(name) for name in items(said.get("partitionColumns"))],
            "clusteringColumns": _clustering(state.domains.get(_CLUSTERING)),
            "protocol": {name: protocol[name] for name in sorted(protocol)},
        }
        namespace, name = self.dataset.parts
        return Dataset(
            namespace=namespace,
            name=name,
            type="table",
            display_name=text(said.get("name")),
            description=text(said.get("description")),
            columns=list(dict.fromkeys(one.path for one in fields)),
            storage_format="delta",
            unique_id=shape["tableId"],
            meta=meta,
            facets=[json_text({"facet": "delta", "value": {key: value for key, value in shape.items() if value}})],
        )

    def _column(self, one: Field) -> Column:
        said = {
            ours: one.metadata[theirs] for theirs, ours in _OF_FIELDS.items() if one.metadata.get(theirs) is not None
        }
        before = [name for name in dict.fromkeys(self._before.get(one.identity or "", ())) if name != one.path]
        said |= {"renamedFrom": before} if before else {}
        namespace, name = self.dataset.parts
        constraints = [*(["not_null"] if not one.nullable else []), *(["check"] if one.invariant else [])]
        return Column(
            namespace=namespace,
            name=name,
            path=one.path,
            data_type=one.type,
            nullable=one.nullable,
            description=one.comment,
            constraints=constraints or None,
            meta=json_text(said) if said else None,
        )

    def _remember(self, fields: list[Field]) -> None:
        for one in fields:
            if one.identity is None:
                continue
            known = self._names.get(one.identity)
            if known is not None and known != one.path:
                self._before.setdefault(one.identity, []).append(known)
            self._names[one.identity] = one.path

    def _checks(self, state: TableState, fields: list[Field]) -> Iterator[Node | Edge]:
        said: list[tuple[str, Any, Field | None]] = [
            (name.removeprefix(_CONSTRAINT), value, None)
            for name, value in sorted(mapping(state.metadata.get("configuration")).items())
            if name.startswith(_CONSTRAINT)
        ]
        said += [(one.path, one.invariant, one) for one in fields if one.invariant]
        namespace, table = self.dataset.parts
        for name, expression, one in said:
            check = Check(
                namespace=namespace, name=f"{table}.{name}", type="check", column=one.path if one else None,
                parameters=json_text({"expression": text(expression)}), severity="error",
            )  # fmt: skip
            yield check
            yield Checks(start=check.urn, end=column(self.dataset, one.path) if one else self.dataset)

    def _generated(self, fields: list[Field], origin: Origin) -> Iterator[Fact | Skip]:
        """Yields what generated columns are computed from, within the row."""
        known = {one.path: one.type for one in fields}
        for one in fields:
            if one.generated is None:
                continue
            edges = list(self._computed(one, known))
            yield from (Fact(edge, origin) for edge in edges)
            if not edges and any(name in one.generated for name in known):
                message = f"the expression that generates {one.path[:200]!r} is not understood"
                yield Skip("unparsed", message, origin, (column(self.dataset, one.path),))

    def _computed(self, one: Field, known: Mapping[str, str]) -> Iterator[DerivesFrom]:
        if len(one.generated or "") > _LONGEST:
            return
        columns = {path.lower(): path for path in known if path != one.path}
        statement = " ".join(("SELECT", one.generated or "", "AS g FROM t"))  # it is read, never run
        found = analyze(statement, dialect="databricks", columns={"t": dict(known)})
        for flow in found.flows:
            end = columns.get(flow.source.column.lower()) if flow.source.table == ("t",) else None
            if end is not None:
                yield DerivesFrom(
                    start=column(self.dataset, one.path), end=column(self.dataset, end), subtype=flow.kind,
                    expression=one.generated,
                )  # fmt: skip


def copied(dataset: Urn, source: Urn, fields: list[Field] | None, origin: Origin) -> Iterator[Fact]:
    """Yields that a table was made from all of another."""
    yield Fact(DependsOn(start=dataset, end=source, columns_known=bool(fields)), origin)
    for one in fields or ():
        yield Fact(
            DerivesFrom(start=column(dataset, one.path), end=column(source, one.path), subtype="identity"), origin
        )


def _clustering(domain: Mapping[str, Any] | None) -> list[str]:
    """Returns the columns that a table is clustered by, by their physical names."""
    try:
        said = mapping(json_value(text((domain or {}).get("configuration")) or "{}", ""))
    except SourceError:
        return []
    return [".".join(map(str, items(parts))) for parts in items(said.get("clusteringColumns"))]
