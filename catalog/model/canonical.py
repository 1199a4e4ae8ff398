"""Canonical JSON (RFC 8785) for the values that facts may hold, and the hashes over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from catalog.model.errors import RefusedError

FactId = bytes
"""16 bytes: a hash of a fact's canonical body."""

_MAX_INT: Final = 2**53 - 1
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dumps(value: Any) -> str:
    """Returns canonical JSON of text, whole numbers, booleans, None, lists and mappings with ASCII keys.

    Floating point numbers are refused: their canonical form depends on the reader; sources keep them as text. Five times as
    fast as a general RFC 8785 writer, which is the oracle in the tests.

    Raises:
        RefusedError: the value holds something else, a whole number over 2**53 - 1, or text that is no Unicode.
    """
    _check(value)
    return _encode(value)


def _check(value: Any) -> None:
    kind = type(value)
    if kind is str:
        _check_text(value)
    elif kind is int:
        if abs(value) > _MAX_INT:
            raise RefusedError(
                f"{value!r} is out of range: expected a whole number of at most 2**53 - 1. Keep it as text."
            )
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise RefusedError(f"{key!r} is no property name: expected ASCII text. Rename it.")
            _check(item)
    elif kind is list or kind is tuple:
        for item in value:
            _check(item)
    elif kind is not bool and value is not None:
        raise RefusedError(
            f"{value!r} cannot be kept: expected text, a whole number, true, false, null, a list or an object."
        )


def _check_text(value: str) -> None:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as err:
            raise RefusedError(
                f"{value!r} is no Unicode text: it holds a lone surrogate. Read the input with replacement."
            ) from err


def digest(text: str) -> FactId:
    """Returns the 16-byte hash of a canonical body."""
    return blake2b(text.encode(), digest_size=16).digest()


def json_text(value: Any) -> str:
    """Returns JSON text for a property that keeps a foreign value; any JSON value, floats included, with sorted keys."""
    return (
        json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        .encode("utf-8", "replace")
        .decode()
    )


def loads(text: str) -> Mapping[str, Any]:
    """Reads a canonical body back."""
    body: Mapping[str, Any] = json.loads(text)
    return body
