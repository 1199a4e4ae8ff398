"""Small catalogs for the tests of the questions: facts in, a store in memory out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.model.edges import BY_TYPE, DerivesFrom, Edge
from catalog.model.facts import Fact, Origin, Scope
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import Node
from catalog.store.history import snapshot_id, sum_of
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, SnapshotDelta

NS = "postgres://db:5432"
NAMESPACES = {"pg": NS, "files": "s3://bucket", "ml": "mlflow://tracker", "fs": "feast://shop"}
NOON = parse("2026-01-01T12:00:00Z")
LATER = parse("2026-02-01T12:00:00Z")


def snapshot(facts: Iterable[Node | Edge | Fact], scope: Scope = ("dbt", "shop"), at: Instant = NOON) -> SnapshotDelta:
    """Returns a complete snapshot without a base."""
    added = {f.id: f for f in (e if isinstance(e, Fact) else Fact(e, Origin("f.sql", "1")) for e in facts)}
    digest = sum_of(added)
    name = snapshot_id(scope, True, (), digest, len(added))
    return SnapshotDelta(name, scope, at, True, frozenset(), None, tuple(added.values()), (), digest, len(added))


def catalog(*facts: Node | Edge | Fact, more: Iterable[SnapshotDelta] = ()) -> MemoryStore:
    """Returns a store that holds facts of one dbt project, and other snapshots besides."""
    store = MemoryStore()
    for i, snap in enumerate([snapshot(facts), *more]):
        store.apply(ChangeSet(snapshots=(snap,)), Author(f"2026-03-01T00:00:{i % 60:02d}Z", "ana", snap.scope[0]))
    return store


def table(name: str, namespace: str = NS) -> Urn:
    return Urn("dataset", (namespace, name))


def col(text: str, namespace: str = NS) -> Urn:
    """Returns the column of `table.column`."""
    dataset, _, path = text.rpartition(".")
    return Urn("column", (namespace, dataset, path))


def flow(derived: str, source: str, subtype: str = "identity", **props: Any) -> DerivesFrom:
    """Returns the value edge from `table.column` to the `table.column` that it derives from."""
    return DerivesFrom.model_validate({"start": col(derived), "end": col(source), "subtype": subtype, **props})


def edge(type_: str, start: Urn, end: Urn, **props: Any) -> Edge:
    return BY_TYPE[type_].model_validate({"start": start, "end": end, **props})


def names(texts: Mapping[Urn, Any]) -> dict[str, Any]:
    """Returns a mapping by urn as one by `table.column`."""
    return {".".join(urn.parts[1:]): value for urn, value in texts.items()}
