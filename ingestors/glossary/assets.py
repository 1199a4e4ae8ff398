"""Names of data in glossary files: as the catalog prints them, as urns, or as the parts of another tool's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.model.edges import Means
from catalog.model.errors import InvalidNameError
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from ingestors import naming
from ingestors.glossary.rows import Asset
from ingestors.refs import read_ref

_LEAST: Final = {"column": 2, "dataset": 1}


@dataclass(frozen=True, slots=True)
class Assets:
    """What names mean in one source.

    Attributes:
        namespaces: Alias to namespace, of the project.
        systems: The first part of another tool's names, e.g. the number of a data source, to a namespace.
        namespace: Where things are whose names begin with none of these.
    """

    namespaces: Mapping[str, str]
    systems: Mapping[str, str]
    namespace: str | None = None

    def find(self, asset: Asset) -> Urn | None:
        """Returns what a name means; None if it cannot be told."""
        if asset.ref.startswith("hw:"):
            return _urn(asset.ref)
        if asset.kind:
            return self._foreign(asset.ref.split(">"), asset.kind)
        return read_ref(asset.ref, self.namespaces)

    def _foreign(self, parts: list[str], kind: str) -> Urn | None:
        system, rest = parts[0], parts[1:]
        namespace = self.systems.get(system) or self.namespaces.get(system)
        if namespace is None:
            namespace, rest = self.namespace, rest if system.isdecimal() else parts
        if namespace is None or len(rest) < _LEAST[kind] or not all(rest):
            return None
        table = naming.relation(self.namespaces.get(namespace, namespace), *(rest[:-1] if kind == "column" else rest))
        return Urn("column", (*table.parts, rest[-1])) if kind == "column" else table

    def expected(self, asset: Asset) -> str:
        """Returns what should have been there."""
        if asset.ref.startswith("hw:"):
            return "expected the urn of a column, data set, feature or metric"
        if asset.kind:
            return "expected the options to say where it is: `systems: {FIRST PART: NAMESPACE}`, or `namespace`"
        return "expected ALIAS:DATASET#COLUMN, its alias one of the project's namespaces"


def _urn(text: str) -> Urn | None:
    try:
        urn = Urn.parse(text)
    except (InvalidNameError, UnicodeDecodeError):
        return None
    cls = BY_KIND.get(urn.kind)
    fits = cls is not None and urn.kind in Means.starts and len(cls.key_fields()) == len(urn.parts) and all(urn.parts)
    return urn if fits else None
