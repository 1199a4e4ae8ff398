"""A short way to write the shape of JSON: Python values that read like the JSON they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

Shape = Any
"""A type (`str`, `int`, `bool`), a list of one shape, a mapping of names to shapes (`name?` may be missing), or one of those below."""


@dataclass(frozen=True)
class Nullable:
    """A shape or null."""

    shape: Shape


@dataclass(frozen=True)
class AnyOf:
    """One of some shapes."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class MapOf:
    """An object with any names, all of one shape."""

    shape: Shape


@dataclass(frozen=True)
class Said:
    """A shape with a sentence on what it holds."""

    shape: Shape
    text: str


ANYTHING: Final = object()
"""Any JSON value."""

_TYPES: Final = {str: "string", int: "integer", bool: "boolean"}


def schema_of(shape: Shape) -> dict[str, Any]:
    """Returns the JSON Schema of a shape. Objects hold nothing but what is named."""
    if shape is ANYTHING:
        return {}
    if isinstance(shape, type):
        return {"type": _TYPES[shape]}
    if isinstance(shape, Said):
        return {"description": shape.text, **schema_of(shape.shape)}
    if isinstance(shape, Nullable):
        return {"anyOf": [schema_of(shape.shape), {"type": "null"}]}
    if isinstance(shape, AnyOf):
        return {"anyOf": [schema_of(one) for one in shape.shapes]}
    if isinstance(shape, OneOf):
        return {"enum": list(shape.words)}
    if isinstance(shape, MapOf):
        return {"type": "object", "additionalProperties": schema_of(shape.shape)}
    if isinstance(shape, list):
        return {"type": "array", "items": schema_of(shape[0])}
    return _object(shape)


def _object(shape: dict[str, Shape]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in shape if not name.endswith("?")],
        "properties": {name.removesuffix("?"): schema_of(item) for name, item in shape.items()},
    }
