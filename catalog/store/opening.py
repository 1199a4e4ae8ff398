"""Stores by url: which class answers for which scheme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Final
from urllib.parse import urlsplit

from catalog.model.errors import ConfigError
from catalog.store.port import Store

GROUP: Final = "headwater.stores"
SCHEMES: Final = {
    "memory": "memory",
    "sqlite": "sqlite",
    "neo4j": "neo4j", "neo4j+s": "neo4j", "neo4j+ssc": "neo4j", "bolt": "neo4j", "bolt+s": "neo4j", "bolt+ssc": "neo4j",
}  # fmt: skip
"""Scheme of a url to the name of a store's entry point; other stores answer to their own name."""


def open_store(url: str, credentials: Mapping[str, str] | None = None, *, migrate: bool = True) -> Store:
    """Opens a store and brings its schema up to date.

    Args:
        credentials: `user` and `password`, for stores that need them.

    Raises:
        ConfigError: no store answers to the url.
        StoreUnavailableError: it cannot be reached.
        StoreVersionError: a newer version wrote it.
    """
    scheme = urlsplit(url).scheme
    name = SCHEMES.get(scheme, scheme)
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = ", ".join(sorted(SCHEMES.keys() | points.keys()))
        raise ConfigError(
            f"{url!r} is no store: expected a url with one of the schemes {known}. Mend `store` or HEADWATER_STORE."
        )
    build: Callable[..., Any] = points[name].load()
    store: Store = build(url, **(credentials or {}))
    if migrate:
        store.migrate()
    return store
