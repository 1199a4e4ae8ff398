"""Tables that people name in tags and notes: as `ALIAS:database.schema.table`, or in words that lead to an alias."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from catalog.model.names import Urn
from ingestors.naming import relation

_NAME: Final = re.compile(r"[^\s.:]+(\.[^\s.:]+){1,3}")


def named_table(written: str, namespaces: Mapping[str, str], hint: str = "") -> Urn | None:
    """Returns the table that a text names; None if it is no dotted name, or its namespace is not known.

    The namespace is that of the alias before a colon, else of the alias that the hint begins with (a tag `lake_table`), else
    of the alias or namespace whose last part is the database (`lake.marts.t` in `duckdb://lake`).

    Args:
        namespaces: Alias to namespace.
        hint: Name of the tag or field in which the text stands.
    """
    alias, colon, rest = written.partition(":")
    name = rest if colon and alias in namespaces else written
    if not _NAME.fullmatch(name):
        return None
    database = name.partition(".")[0]
    found = namespaces.get(alias) if name is not written else None
    found = found or namespaces.get(re.split(r"[_\-.]", hint)[0])
    found = found or namespaces.get(database) or _by_tail(namespaces, database)
    return None if found is None else relation(found, *name.split("."), quoted=False)


def _by_tail(namespaces: Mapping[str, str], database: str) -> str | None:
    tails = [namespace for namespace in namespaces.values() if re.split(r"[/:]", namespace)[-1] == database]
    return tails[0] if len(set(tails)) == 1 else None


def only_of(scheme: str, namespaces: Mapping[str, str]) -> str | None:
    """Returns the namespace of a platform if the project has exactly one."""
    found = {namespace for namespace in namespaces.values() if namespace.partition("://")[0] == scheme}
    return found.pop() if len(found) == 1 else None
