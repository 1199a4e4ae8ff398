"""Values of foreign JSON, taken as what they should be: a wrong type is an absent value, never a crash."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from catalog.model.canonical import json_text
from catalog.model.errors import InvalidTimeError
from catalog.model.instants import Instant, parse

T = TypeVar("T")
_NOTHING: Final[dict[str, Any]] = {}


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else _NOTHING


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """Returns a text that is not blank, or None."""
    return value if isinstance(value, str) and value.strip() else None


def texts(value: Any) -> list[str]:
    """Returns the texts of a list; a text alone is a list of one."""
    return [found for item in (value if isinstance(value, list) else [value]) if (found := text(item))]


def written(value: Any) -> str | None:
    """Returns a text, or a number as text: versions and counts come as either."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text(value)


def instant(value: Any) -> Instant | None:
    """Returns a time, or None for what is none."""
    try:
        return parse(text(value) or "")
    except InvalidTimeError:
        return None


def json_or_none(value: Any) -> str | None:
    """Returns JSON text, or None for an empty value."""
    return json_text(value) if value else None


def pointer(*path: str) -> str:
    """Returns a JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def unique(values: Iterable[T]) -> list[T]:
    """Returns the values without repetition, in the order in which they first came."""
    return list(dict.fromkeys(values))


def merged(*values: Any) -> dict[str, Any]:
    """Returns the union of mappings; later ones win."""
    return {key: item for value in values for key, item in mapping(value).items()}
