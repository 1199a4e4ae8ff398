"""Answers as objects: the JSON of a question poured into the types of the schema, field by field."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from catalog.answers import camel

T = TypeVar("T")
Read = Callable[[Any, Mapping[str, Any]], Any]


def pour(cls: type[T], data: Mapping[str, Any], **shared: Any) -> T:
    """Returns an object of a type with what an answer says; what it leaves out is null.

    Args:
        shared: Values of fields that no answer holds, for this object and the ones in it that have such a field.
    """
    return cls(
        **{
            name: read(data.get(key), shared) if key else shared.get(name)
            for name, key, read in _fields(cast(Any, cls), frozenset(shared))
        }
    )


@lru_cache(maxsize=256)
def _fields(cls: type[Any], shared: frozenset[str]) -> tuple[tuple[str, str, Read], ...]:
    hints = get_type_hints(cls)
    found = [f for f in dataclasses.fields(cls) if f.init]
    return tuple((f.name, "" if f.name in shared else camel(f.name), _reader(hints[f.name])) for f in found)


def _reader(hint: Any) -> Read:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = _reader(next(arg for arg in get_args(hint) if arg is not type(None)))
        return lambda value, shared: None if value is None else inner(value, shared)
    if origin is list:
        one = _reader(get_args(hint)[0])
        return lambda value, shared: [one(item, shared) for item in value or ()]
    if dataclasses.is_dataclass(hint):
        return lambda value, shared: pour(hint, value, **shared)  # type: ignore[arg-type]
    return lambda value, _: value
