"""What people and runs say of the things in a lineage answer: descriptions, parameters and recorded steps, for a picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from catalog.answers import Answer, Data
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.provenance.training import read_json
from catalog.refs import Refs
from catalog.store.port import NodeState, Store

_MOST: Final = 20
"""Lines on one thing."""
_CHARS: Final = 120


def with_notes(store: Store, refs: Refs, answer: Answer) -> Answer:
    """Returns a lineage answer whose nodes have `notes`: what describes them; a job's are those of its last complete run.

    An edge has the notes of the jobs that stand on it.
    """
    urns = {node["ref"]: Urn.parse(node["urn"]) for node in answer.data["nodes"]}
    via = sorted({job for edge in answer.data["edges"] for job in edge.get("via") or ()})
    jobs = dict(zip(via, refs.parse_all(via), strict=True)) | {
        ref: urn for ref, urn in urns.items() if urn.kind == "job"
    }
    states = store.get(list(urns.values()))
    said = {ref: _described(states[urn]) for ref, urn in urns.items()} | _of_jobs(store, jobs)
    nodes = [{**node, **_noted(said, [node["ref"]])} for node in answer.data["nodes"]]
    edges = [{**edge, **_noted(said, edge.get("via") or ())} for edge in answer.data["edges"]]
    return replace(answer, data={**answer.data, "nodes": nodes, "edges": edges})


def _noted(said: Mapping[str, list[str]], refs: Iterable[str]) -> Data:
    lines = [line for ref in refs for line in said.get(ref, ())]
    return {"notes": lines[:_MOST]} if lines else {}


def _described(state: NodeState) -> list[str]:
    text = " ".join(str(state.properties.get("description") or "").split())
    return [_short(text)] if text else []


def _of_jobs(store: Store, jobs: Mapping[str, Urn]) -> dict[str, list[str]]:
    runs = link_all(store, store.keys(jobs.values()).values(), ["RUN_OF"], "downstream")
    states = store.get({link.start for link in runs})
    last: dict[Urn, Mapping[str, Any]] = {}
    for link in runs:
        properties = states[link.start].properties
        ended = str(properties.get("ended_at") or "")
        if properties.get("state") == "COMPLETE" and ended >= str(last.get(link.end, {}).get("ended_at") or ""):
            last[link.end] = properties
    return {ref: list(_of_run(last[urn])) for ref, urn in jobs.items() if urn in last}


def _of_run(said: Mapping[str, Any]) -> Iterator[str]:
    for name, value in sorted(read_json(said.get("parameters")).items()):
        yield _short(f"{name} = {value}")
    for text in said.get("facets") or ():
        value = json.loads(text).get("value")
        for step in value.get("steps") or () if isinstance(value, dict) else ():
            if isinstance(step, dict) and step.get("name"):
                rows = f": {step['rows_before']} to {step['rows_after']} rows" if "rows_after" in step else ""
                yield _short(f"{step['name']}{rows}")


def _short(text: str) -> str:
    return text if len(text) <= _CHARS else text[: _CHARS - 1] + "…"
