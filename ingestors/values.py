"""Values of others taken for what they should be: something else counts as absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.model.canonical import json_text

_MAX_INT: Final = 2**53 - 1


def mapping(value: Any) -> dict[str, Any]:
    """Returns a mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Returns a list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """Returns the mappings of a list."""
    return [item for item in items(value) if isinstance(item, dict)]


def text(value: Any) -> str | None:
    """Returns a text that is not empty, a number as text; None for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def whole(value: Any) -> int | None:
    """Returns a whole number that is not negative, also from text; None for anything else."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 16:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_INT else None


_USER: Final = re.compile(r"(?<=://)[^/@\s]+@")


def without_users(written: str) -> str:
    """Returns a text with the user names and passwords in its addresses left out: `https://me:pw@host` as `https://host`."""
    return _USER.sub("", written)


VALUE_CHARS: Final = 8_000
_BUDGET: Final = 200_000


def capped(values: Mapping[str, Any]) -> tuple[str | None, int]:
    """Returns names and values as the JSON text of an object of texts, and how many values were cut or left out.

    User names and passwords in addresses are left out. Keeps what a property may hold: values up to `VALUE_CHARS`, and of
    very many the first by name.
    """
    kept: dict[str, str] = {}
    budget, lost = _BUDGET, 0
    for name in sorted(values):
        value = values[name]
        shown = without_users(value if isinstance(value, str) else json_text(value))
        if len(shown) > VALUE_CHARS:
            shown, lost = shown[:VALUE_CHARS] + "…", lost + 1
        budget -= len(json_text({name: shown}).encode())
        if budget < 0:
            return (json_text(kept) if kept else None), lost + len(values) - len(kept)
        kept[name] = shown
    return (json_text(kept) if kept else None), lost
