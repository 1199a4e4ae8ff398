"""A table's schema as columns. Nested fields have dotted paths: `address.city`, `lines._element.amount`, `marks.value.at`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.errors import SourceError
from ingestors.documents import json_value
from ingestors.values import items, mapping, text

_NESTING: Final = 50
_ID, _PHYSICAL = "delta.columnMapping.id", "delta.columnMapping.physicalName"


@dataclass(frozen=True, slots=True)
class Field:
    """One column, by its logical path."""

    path: str
    type: str
    nullable: bool
    comment: str | None
    metadata: dict[str, Any]

    @property
    def identity(self) -> str | None:
        """What stays when it is renamed; None where the table maps columns by name."""
        return text(self.metadata.get(_ID)) or self.physical

    @property
    def physical(self) -> str | None:
        """Its name in the data files, where it has one of its own."""
        return text(self.metadata.get(_PHYSICAL))

    @property
    def generated(self) -> str | None:
        """The expression that fills it."""
        return text(self.metadata.get("delta.generationExpression"))

    @property
    def invariant(self) -> str | None:
        """A condition on it, as old writers keep it."""
        said = text(self.metadata.get("delta.invariants"))
        try:
            found = mapping(mapping(json_value(said, "")).get("expression")) if said else {}
        except SourceError:
            return None
        return text(found.get("expression"))


def fields_of(written: str | None, place: str, depth: int) -> list[Field] | None:
    """Returns the columns of a schema string, nested ones after what holds them; None for one that cannot be read."""
    try:
        schema = mapping(json_value(written or "", place, depth))
    except SourceError:
        return None
    if schema.get("type") != "struct" or not isinstance(schema.get("fields"), list):
        return None
    return list(_fields(schema, "", 0))


def _fields(struct: dict[str, Any], above: str, depth: int) -> Iterator[Field]:
    for said in map(mapping, items(struct.get("fields"))):
        name = text(said.get("name"))
        if name is None:
            continue
        path = f"{above}{name}"
        metadata = mapping(said.get("metadata"))
        kind = said.get("type")
        yield Field(path, _written(kind, 0), said.get("nullable") is not False, text(metadata.get("comment")), metadata)
        if depth < _NESTING:
            yield from _inside(kind, f"{path}.", depth + 1)


def _inside(kind: Any, above: str, depth: int) -> Iterator[Field]:
    """Yields the fields of the structs in a type; lists and maps without one have no columns of their own."""
    said = mapping(kind)
    if said.get("type") == "struct":
        yield from _fields(said, above, depth)
    for key, step in (("elementType", "_element."), ("keyType", "key."), ("valueType", "value.")):
        if isinstance(said.get(key), dict) and depth < _NESTING:
            yield from _inside(said[key], f"{above}{step}", depth + 1)


def _written(kind: Any, depth: int) -> str:
    """Returns a type as people write it: `array<struct>`, `map<string,long>`."""
    said = mapping(kind)
    if not said or depth > _NESTING:
        return text(kind) or "unknown"
    inner = [_written(said[key], depth + 1) for key in ("elementType", "keyType", "valueType") if key in said]
    return f"{text(said.get('type')) or 'unknown'}" + (f"<{','.join(inner)}>" if inner else "")
