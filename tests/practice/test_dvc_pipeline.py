"""dvc.yaml and dvc.lock give the DAG with hashes for any commit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.practice.conftest import ESTATES, Begin

TAGS = ("v1", "v2", "v3", "v4")
Edges = set[tuple[str, str]]


@pytest.fixture
def locks(tmp_path: Path) -> dict[str, Any]:
    """What `git show TAG:dvc.lock` prints."""
    bundle = ESTATES / "dvc_pipeline" / "repo.bundle"
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(bundle), str(tmp_path / "git")], check=True, capture_output=True
    )
    show = ("git", "-C", str(tmp_path / "git"), "show")
    return {
        tag: yaml.safe_load(subprocess.run([*show, f"{tag}:dvc.lock"], check=True, capture_output=True).stdout)[
            "stages"
        ]
        for tag in TAGS
    }


def locked(stages: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each output of a lock with each thing that its stage read, as `path@md5`."""
    for stage in stages.values():
        for out in stage["outs"]:
            for dep in stage["deps"]:
                if not dep["path"].startswith("src/"):
                    yield f"{out['path']}@{out['md5']}", f"{dep['path']}@{dep['md5']}"


def below(start: str, edges: Edges) -> Edges:
    """The edges that a walk from one thing takes."""
    near = {edge for edge in edges if edge[0] == start}
    return near.union(*(below(end, edges) for _, end in near))


def known(answer: Any) -> Edges:
    """The same of an answer: versions with what their runs used."""
    pairs = {(e["to"], e["from"], e["type"]) for e in answer["edges"]}
    made = {(out, run) for out, run, kind in pairs if kind == "GENERATED_BY"}
    used = {(run, version) for run, version, kind in pairs if kind == "USED"}
    return {
        (out.removeprefix("dvc:"), version.removeprefix("dvc:"))
        for out, run in made
        for its, version in used
        if its == run
    }


@pytest.mark.parametrize("store", ["sqlite", "neo4j"], indirect=True)
def test_the_dag_with_hashes_is_known_for_any_commit(practice: Begin, locks: dict[str, Any]) -> None:
    asked = practice("dvc_pipeline")
    asked.headwater("ingest")
    seen = set[str]()
    for day, tag in enumerate(TAGS, 2):
        stages, at = locks[tag], f"2026-09-{day:02d}T08:00:00Z"
        version = asked.ask("show", "dvc:model.json", "--as-of", at)["node"]["properties"]["version"]
        model = f"model.json@{stages['train']['outs'][0]['md5']}"
        assert version == model.replace("model.json@", "md5:")
        answer = asked.ask("lineage", f"dvc:{model}", "--upstream", "--flow", "all")
        assert known(answer) == below(model, set(locked(stages)))
        seen.add(model)
    assert len(seen) == len(TAGS)
