"""A recording as OpenLineage events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.recorder.columns import Frame, Source
from catalog.recorder.document import Code, Document, File

_PRODUCER: Final = "urn:headwater:recorder"
_SPEC: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS: Final = "https://openlineage.io/spec/facets"
_VERSIONS: Final = {
    "schema": "1-1-1/SchemaDatasetFacet", "version": "1-0-1/DatasetVersionDatasetFacet",
    "documentation": "1-0-1/DocumentationDatasetFacet", "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "dataQualityMetrics": "1-0-2/DataQualityMetricsDatasetFacet", "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "executionParameters": "1-0-0/ExecutionParametersRunFacet", "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "processing_engine": "1-1-1/ProcessingEngineRunFacet", "jobType": "2-0-3/JobTypeJobFacet",
    "sourceCodeLocation": "1-0-1/SourceCodeLocationJobFacet",
}  # fmt: skip
RECORDING: Final = "headwater_recording"
"""Run facet with steps and environment: the side file without its files."""
_LISTED: Final = 60
"""Names that a step lists in the facet; the side file has them all."""
Json = dict[str, Any]


def event(document: Document, kind: str, at: str, frames: Mapping[str, Frame | None]) -> Json:
    """Returns one run event.

    Args:
        frames: For each output by its name, the table that was written; None for one that is no table.
    """
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": _PRODUCER,
        "schemaURL": _SPEC,
        "run": {"runId": document.run, "facets": _run_facets(document)},
        "job": {"namespace": document.job_namespace, "name": document.job, "facets": _job_facets(document.code)},
        "inputs": [_dataset(file) for file in document.inputs],
        "outputs": [
            _dataset(file, _lineage(file, frames.get(file.name), document), {"outputStatistics": _written(file)})
            for file in document.outputs
        ],
    }


def _facet(name: str, said: Mapping[str, Any]) -> Json:
    known = _VERSIONS.get(name)
    url = f"{_FACETS}/{known.partition('/')[0]}/{known.partition('/')[2]}.json" if known else _PRODUCER
    kept = {key: value for key, value in said.items() if value is not None}
    return {"_producer": _PRODUCER, "_schemaURL": url, **kept}


def _facets(said: Mapping[str, Json | None]) -> Json:
    return {name: _facet(name, facet) for name, facet in said.items() if facet}


# --- run and job ----------------------------------------------------------------------------------------------------


def _run_facets(document: Document) -> Json:
    environment = document.environment
    parameters = [{"key": key, "name": key, "value": value} for key, value in document.parameters.items()]
    error = {"message": document.error, "programmingLanguage": "PYTHON"} if document.error else None
    recording = {
        "steps": [_step(step.model_dump(exclude_none=True, exclude_defaults=True)) for step in document.steps],
        "environment": environment.model_dump(),
        "script": document.code.model_dump(exclude_none=True) if document.code else None,
    }
    return _facets(
        {
            "processing_engine": {"name": "python", "version": environment.python},
            "executionParameters": {"parameters": parameters} if parameters else None,
            "errorMessage": error,
            RECORDING: recording,
        }
    )


def _step(said: Json) -> Json:
    """Returns a step with long lists cut; how long they were is said."""
    cut = dict(said)
    for key in ("columns_added", "columns_removed", "filtered_by"):
        if len(said.get(key, ())) > _LISTED:
            cut[key] = [*said[key][:_LISTED], f"and {len(said[key]) - _LISTED} more"]
    renamed = list(said.get("columns_renamed", {}).items())
    if len(renamed) > _LISTED:
        cut["columns_renamed"] = dict(renamed[:_LISTED])
    return cut


def _job_facets(code: Code | None) -> Json:
    location = None
    if code is not None:
        kind = "git" if code.commit else "file"
        version = code.commit or f"sha256:{code.sha256}"
        location = {
            "type": kind, "url": code.repository, "repoUrl": code.repository,
            "path": code.path, "version": version, "branch": code.branch,
        }  # fmt: skip
    job_type = {"processingType": "BATCH", "integration": "HEADWATER", "jobType": "SCRIPT"}
    return _facets({"jobType": job_type, "sourceCodeLocation": location})


# --- files ----------------------------------------------------------------------------------------------------------


def _dataset(file: File, lineage: Json | None = None, extra: Mapping[str, Json] | None = None) -> Json:
    fields = [{"name": c.name, **({"type": c.type} if c.type else {})} for c in file.columns]
    counted = {c.name: {"nullCount": c.nulls} for c in file.columns if c.nulls is not None}
    quality = {"rowCount": file.rows, "bytes": file.bytes, "columnMetrics": counted}
    facets = _facets(
        {
            "schema": {"fields": fields} if fields else None,
            "version": {"datasetVersion": f"sha256:{file.sha256}"} if file.sha256 else None,
            "documentation": {"description": file.note} if file.note else None,
            "dataQualityMetrics": quality if file.rows is not None or file.bytes is not None else None,
            "columnLineage": lineage,
        }
    )
    return {"namespace": file.namespace, "name": file.name, "facets": facets} | (
        {"outputFacets": _facets(extra)} if extra else {}
    )


def _written(file: File) -> Json:
    return {"rowCount": file.rows, "size": file.bytes, "fileCount": 1}


def _lineage(file: File, frame: Frame | None, document: Document) -> Json | None:
    if frame is None or not frame.columns:
        return None
    namespaces = {one.name: one.namespace for one in document.inputs}
    fields = {name: {"inputFields": _inputs(sources, namespaces)} for name, sources in frame.columns.items() if sources}
    indirect = [
        {**_field(source, namespaces), "transformations": [{"type": "INDIRECT", "subtype": "FILTER"}]}
        for source in sorted({Source(s.dataset, s.column) for s in frame.filters})
    ]
    return {"fields": fields} | ({"dataset": indirect} if indirect else {})


def _inputs(sources: Iterable[Source], namespaces: Mapping[str, str]) -> list[Json]:
    return [
        {**_field(source, namespaces), "transformations": _how(source)} for source in sorted(sources)
    ]  # fmt: skip


def _field(source: Source, namespaces: Mapping[str, str]) -> Json:
    return {"namespace": namespaces[source.dataset], "name": source.dataset, "field": source.column}


def _how(source: Source) -> list[Json]:
    return [] if source.how == "UNSAID" else [{"type": "DIRECT", "subtype": source.how, "masking": False}]
