"""Where walks set out, and what things are part of: the steps between a thing and its parts that are no edges of lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from catalog.graph import columns_of
from catalog.identity import find_all
from catalog.links import Link
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.store.port import Direction, Key, Store

_PARTS: Final[tuple[tuple[str, str, Direction], ...]] = (
    ("featureservice", "SELECTS", "upstream"),
    ("model", "VERSION_OF", "downstream"),
)
_IN_DATASETS: Final = frozenset({"column", "datasetversion", "fileentry"})


def lift(urn: Urn) -> Urn:
    """Returns the thing at the level of data sets that a column, version, file or feature is part of."""
    if urn.kind in _IN_DATASETS:
        return dataset_of(urn)
    return Urn("featureview", urn.parts[:2]) if urn.kind == "feature" else urn


def start_keys(store: Store, urns: Iterable[Urn], *, table_only: bool, as_of: Instant | None = None) -> dict[Key, Urn]:
    """Returns the nodes that a walk sets out from: those asked for, and what of them carries the flow.

    The values of a data set are in its columns, those of a view or service in features, those of a model in versions; the table
    flow of a column is that of its data set.
    """
    asked = {key: urn for urn, key in store.keys(set(urns)).items()}
    parts = _features(store, asked, as_of)
    if table_only:
        parts |= set(store.keys({dataset_of(u) for u in asked.values() if u.kind == "column"}).values())
    else:
        datasets = {key: urn for key, urn in asked.items() if urn.kind == "dataset"}
        parts |= set(columns_of(store, datasets, as_of)) if datasets else set()
    return asked | dict(store.urns(parts - asked.keys()))


def _features(store: Store, asked: Mapping[Key, Urn], as_of: Instant | None) -> set[Key]:
    views = sorted(urn for urn in asked.values() if urn.kind == "featureview")
    features = [
        node.urn for v in views for node in find_all(store, ["feature"], {"namespace": [v.namespace], "name": [v.name]})
    ]
    found = set(store.keys(features).values())
    for kind, type_, way in _PARTS:
        keys = [key for key, urn in asked.items() if urn.kind == kind]
        if keys:
            found |= {hop.far for hop in store.step(keys, [type_], way, as_of) if hop.standing >= 0}
    return found


def columns_known(link: Link) -> bool:
    """Returns whether column edges say all that a DEPENDS_ON edge says.

    A source that knows the columns of one statement and not of another leaves them unknown; one that never knows columns, or
    that only guesses, takes nothing from one that does.
    """
    said = [(s.claim.scope[0], bool(s.properties.get("columns_known")), s.exactness) for s in link.said if not s.denies]
    knowing = {head for head, known, _ in said if known}
    return bool(knowing) and all(known or head not in knowing or how == "guessed" for head, known, how in said)
