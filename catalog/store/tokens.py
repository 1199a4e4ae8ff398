"""The one tokenizer: stores match what it writes, `search` ranks what they return, so that all stores answer alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.store.merging import searched_fields

_WORD: Final = re.compile(r"[^\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MAX_TOKENS: Final = 400
_MAX_TOKEN_CHARS: Final = 64


def words(text: str) -> list[str]:
    """Returns the words of a text or a name, folded: `creditLimit_EUR` gives credit, limit, eur and creditlimit."""
    found: dict[str, None] = {}
    for run in _WORD.findall(unicodedata.normalize("NFKC", text)):
        parts = _HUMP.split(run)
        for part in parts if len(parts) == 1 else [*parts, run]:
            found[part.casefold()[:_MAX_TOKEN_CHARS]] = None
    return list(found)


def token_string(urn: Urn, properties: Mapping[str, Any]) -> str:
    """Returns what a store indexes for a node: its searched words once each, keys first, separated by blanks."""
    cls = BY_KIND[urn.kind]
    keys = dict(zip(cls.key_fields(), urn.parts, strict=True))
    found: dict[str, None] = {}
    for name in searched_fields(cls):
        value = keys.get(name, properties.get(name))
        for text in value if isinstance(value, list) else [value]:
            if text:
                found.update(dict.fromkeys(words(str(text))))
    return " ".join(list(found)[:_MAX_TOKENS])
