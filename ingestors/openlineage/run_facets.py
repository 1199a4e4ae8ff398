"""Facets of runs: those that have a field of their own, and the others as they came, without values of the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.names import Urn
from catalog.model.nodes import Environment
from ingestors.openlineage import airflow
from ingestors.openlineage.said import Json, Problem, entries, foreign
from ingestors.values import capped, mapping, text

_KNOWN: Final = frozenset(
    {"parent", "nominalTime", "errorMessage", "processing_engine", "tags", "test", "extractionError", "lineage",
     "dataQualityAssertions", "executionParameters"}
)  # fmt: skip
_RECORDING: Final = "headwater_recording"
"""Facet of `catalog.recorder`: steps and environment."""
_COUNTS: Final = frozenset({"rowCount", "bytes", "fileCount", "lastUpdated", "columnMetrics"})
_COLUMN_COUNTS: Final = frozenset({"nullCount", "distinctCount", "count"})
_QUOTED: Final = re.compile(r"'[^']*'|(?<=: )\"[^\"]*\"")
_LONGEST: Final = 2_000


def described(facets: Mapping[str, Json]) -> dict[str, Any]:
    """Returns the fields of a run that its facets fill."""
    error = text(facets.get("errorMessage", {}).get("message"))
    return {
        "nominal_time": text(facets.get("nominalTime", {}).get("nominalStartTime")),
        "error": plain(error) if error else None,
        "user": airflow.user_of(dict(facets)),
        "tags": _pairs(facets.get("tags", {}), "tags"),
        "parameters": _pairs(facets.get("executionParameters", {}), "parameters"),
    }


def plain(message: str) -> str:
    """Returns the first line of a message; what it quotes may be a value of the data."""
    return _QUOTED.sub("?", message.strip().partition("\n")[0])[:_LONGEST]


def _pairs(facet: Json, key: str) -> str | None:
    pairs = {
        text(entry["key"]): text(entry.get("value")) for entry in entries(facet, key, "key") if isinstance(entry, dict)
    }
    return json_text(pairs) if pairs else None


def environment(facets: Mapping[str, Json]) -> Environment | None:
    """Returns the engine that ran it, and the packages where the recorder listed them."""
    facet = facets.get("processing_engine", {})
    engine = {key: text(facet.get(key)) for key in ("name", "version", "openlineageAdapterVersion")}
    listed = mapping(facets.get(_RECORDING, {}).get("environment"))
    packages, _ = capped({name: text(version) or "" for name, version in mapping(listed.get("packages")).items()})
    said = {key: value for key, value in engine.items() if value}
    if not (said or packages):
        return None
    meta = json_text(said) if said else None
    whole = (meta or "") + (packages or "")
    return Environment(
        namespace="openlineage",
        name=blake2b(whole.encode(), digest_size=16).hexdigest(),
        python=text(listed.get("python")),
        packages=packages,
        meta=meta,
    )


def kept(facets: Iterable[tuple[str, Json, Urn | None]]) -> Iterator[str | Problem]:
    """Yields facets that have no field of their own: name, facet, and the data set that it is about."""
    for name, facet, of in facets:
        if name not in _KNOWN:
            yield foreign(name, without_values(name, facet), of)


def without_values(name: str, facet: Json) -> Json:
    """Returns a facet as it may be kept: figures about data, and no value of it."""
    if name == "dataQualityMetrics":
        return {key: _column_counts(value) for key, value in facet.items() if key in _COUNTS}
    if name == "environmentVariables":
        named = entries(facet, "environmentVariables", "name")
        return {"names": [text(entry["name"]) for entry in named if isinstance(entry, dict)]}
    return facet


def _column_counts(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    columns = {name: figures for name, figures in value.items() if isinstance(figures, dict)}
    return {name: {key: figures[key] for key in _COLUMN_COUNTS & figures.keys()} for name, figures in columns.items()}


def failures(facets: Mapping[str, Json], subjects: tuple[Urn, ...]) -> Iterator[Problem]:
    """Yields what the producer says it could not extract."""
    for error in entries(facets.get("extractionError", {}), "errors"):
        said = error.message if isinstance(error, Problem) else text(error.get("errorMessage"))
        message = f"the producer could not extract lineage: {plain(said or 'it does not say why')}"
        yield Problem(message, "unparsed", subjects)
