"""References to data in files that people write: `ALIAS:DATA SET#COLUMN`, as the catalog prints them, read without one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from catalog.model.names import Urn

_ESCAPED: Final = re.compile("%(23|40|25)")
_CHARS: Final = {"23": "#", "40": "@", "25": "%"}
_BARE: Final = frozenset({"file", "bigquery", "inmemory"})
"""Namespaces of OpenLineage that are one word."""
_FEATURES: Final = "feast"
"""Scheme of namespaces whose data sets are feature views."""
_KINDS: Final[Mapping[str, int]] = {"dataset": 2, "column": 3, "feature": 3}
"""Kinds of data that can be named, with the parts of their names."""


def read_ref(text: str, namespaces: Mapping[str, str]) -> Urn | None:
    """Returns the data set, column or feature that a reference names; None if its namespace or form is unknown."""
    kind, mark, rest = text.strip().partition("!")
    kind, body = (kind.lower(), rest) if mark and kind.lower() in _KINDS else ("", text.strip())
    if body.startswith("hw:"):
        return None
    namespace, name = _split(body, namespaces)
    head, has_path, path = name.partition("#")
    parts = tuple(map(_decode, (head, path) if has_path else (head,)))
    if not namespace or not all(parts) or "#" in path:
        return None
    kind = kind or ("dataset" if not has_path else "feature" if _scheme(namespace) == _FEATURES else "column")
    return Urn(kind, (namespace, *parts)) if len(parts) + 1 == _KINDS[kind] else None


def _split(body: str, namespaces: Mapping[str, str]) -> tuple[str, str]:
    alias, _, rest = body.partition(":")
    if alias in namespaces:
        return namespaces[alias], rest
    known = [full for full in namespaces.values() if body.startswith((f"{full}/", f"{full}:"))]
    if known:
        full = max(known, key=len)
        return full, body[len(full) + 1 :]
    scheme, mark, address = body.partition("://")
    if mark and scheme.isidentifier():
        authority, _, name = address.partition("/")
        return f"{scheme}://{authority}", name
    return (alias, rest) if alias in _BARE else ("", "")


def _scheme(namespace: str) -> str:
    return namespace.partition("://")[0]


def _decode(text: str) -> str:
    return _ESCAPED.sub(lambda found: _CHARS[found[1]], text)
