"""References in files that people write: `ALIAS:DATA SET#COLUMN`, as the catalog prints them, read without one.

`ALIAS:DATA SET@DIGEST` is a version of it, with its whole digest; models are `model!ALIAS:NAME` and `modelversion!ALIAS:NAME/VERSION`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from catalog.model.names import Urn
from ingestors.naming import version_name

_ESCAPED: Final = re.compile("%(23|40|25)")
_CHARS: Final = {"23": "#", "40": "@", "25": "%"}
_BARE: Final = frozenset({"file", "bigquery", "inmemory"})
"""Namespaces of OpenLineage that are one word."""
_FEATURES: Final = "feast"
"""Scheme of namespaces whose data sets are feature views."""
_KINDS: Final[Mapping[str, int]] = {
    "dataset": 2, "column": 3, "feature": 3, "datasetversion": 3, "model": 2, "modelversion": 3, "prediction": 2, "run": 2,
}  # fmt: skip
"""Kinds that can be named, with the parts of their names."""
_DIVIDED: Final[Mapping[str, str]] = {"modelversion": "/", "datasetversion": "@"}
"""Kinds whose last part stands behind a sign of its own."""


def read_ref(text: str, namespaces: Mapping[str, str]) -> Urn | None:
    """Returns what a reference names; None if its namespace or form is unknown."""
    kind, mark, rest = text.strip().partition("!")
    kind, body = (kind.lower(), rest) if mark and kind.lower() in _KINDS else ("", text.strip())
    if body.startswith("hw:"):
        return None
    namespace, name = _split(body, namespaces)
    if not kind and "@" in name:
        kind = "datasetversion"
    if kind in _DIVIDED:
        head, _, last = name.rpartition(_DIVIDED[kind])
        last = version_name(_decode(last)) if kind == "datasetversion" else _decode(last)
        return Urn(kind, (namespace, _decode(head), last)) if namespace and head and last else None
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
