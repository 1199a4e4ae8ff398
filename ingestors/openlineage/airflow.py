"""What Airflow says in facets of its own: where a DAG's code is, who started it, and assets that no provider translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from catalog.model.names import Urn
from ingestors.naming import location
from ingestors.openlineage.said import Json
from ingestors.values import items, mapping, mappings, text

_URI: Final = re.compile(r"""["']uri["']:\s*["']((?:s3|s3a|s3n|gs|abfss?|wasbs?|hdfs|file)://[^"'\s]{1,2000})["']""")
"""In the text of a list of assets, as Python prints it. Addresses of servers have names of their own and are left alone."""


def code_of(facets: dict[str, Json]) -> str | None:
    """Returns the file that defines the DAG of a run."""
    return text(_part(facets, "dag").get("fileloc"))


def user_of(facets: dict[str, Json]) -> str | None:
    """Returns who started the DAG's run by hand."""
    return text(_part(facets, "dagRun").get("triggering_user_name"))


def _part(facets: dict[str, Json], name: str) -> Json:
    holder = facets.get("airflow") or facets.get("airflowDagRun") or {}
    return mapping(holder.get(name))


def assets(facets: dict[str, Json], key: str) -> Iterator[Urn]:
    """Yields the inlets or outlets of a task that it could not translate; `key` is the one or the other."""
    for item in mappings(items(facets.get("unknownSourceAttribute", {}).get("unknownItems"))):
        written = text(mapping(item.get("properties")).get(key)) or ""
        for found in _URI.finditer(written[:100_000]):
            urn = location(found[1])
            if urn is not None:
                yield urn
