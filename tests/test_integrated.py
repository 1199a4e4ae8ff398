"""Jobs that say nothing of their data, and data that comes from nowhere, are violations; what is raw or exempt is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.check import check
from catalog.model.edges import Edge
from catalog.model.nodes import Dataset, DatasetVersion, Job, Node, Run
from catalog.policies import read_policies
from catalog.refs import Refs
from tests.catalogs import NAMESPACES, NOON, NS, catalog, edge, flow, table

QUIET, LOAD = Job(namespace="etl", name="quiet"), Job(namespace="etl", name="load")
RAN = Run(namespace="etl", name="r1", state="COMPLETE")
LOADED = Run(namespace="etl", name="r2", state="COMPLETE")
VERSION = DatasetVersion(namespace=NS, name="raw", version="md5:" + "a" * 32, digest="a" * 32, byte_size=3)
ESTATE: list[Node | Edge] = [
    QUIET, RAN, edge("RUN_OF", RAN.urn, QUIET.urn), LOAD, LOADED, edge("RUN_OF", LOADED.urn, LOAD.urn),
    Job(namespace="etl", name="never ran"),
    Dataset(namespace=NS, name="raw"), Dataset(namespace=NS, name="mart"), Dataset(namespace=NS, name="unread"),
    edge("READS", LOAD.urn, table("raw")), edge("PRODUCED_BY", table("mart"), LOAD.urn), edge("DEPENDS_ON", table("report"), table("mart")),
]  # fmt: skip


def violated(tmp_path: Path, *more: Node | Edge, keys: str = "") -> set[str]:
    file = tmp_path / "rules.yaml"
    file.write_text(f"rules:\n  - id: all\n    kind: integrated\n{keys}")
    store = catalog(*ESTATE, *more)
    found = check(store, Refs(store, NAMESPACES), read_policies([file]), NOON)
    assert {one["subject"] for one in found.answer.data["passed"]}.isdisjoint(
        v["subject"] for v in found.answer.data["violations"]
    )
    return {one["subject"] for one in found.answer.data["violations"]}


def test_a_job_that_says_nothing_and_data_from_nowhere_are_found(tmp_path: Path) -> None:
    assert violated(tmp_path) == {"job:etl/quiet", "pg:raw"}


@pytest.mark.parametrize("raw", ["pg:raw", "pg:r*", "pg", NS])
def test_what_is_raw_may_come_from_outside(tmp_path: Path, raw: str) -> None:
    assert violated(tmp_path, keys=f'    raw: ["{raw}"]\n') == {"job:etl/quiet"}


def test_what_is_exempt_passes_with_its_reason(tmp_path: Path) -> None:
    keys = "    exempt:\n      - {subject: job:etl/quiet, reason: it only sends mail, document: OPS-1}\n"
    assert violated(tmp_path, keys=keys) == {"pg:raw"}


@pytest.mark.parametrize(
    "more",
    [
        [edge("DEPENDS_ON", table("raw"), table("source")), edge("PRODUCED_BY", table("source"), LOAD.urn)],
        [flow("raw.a", "source.a")],
        [VERSION, edge("VERSION_OF", VERSION.urn, table("raw")), edge("GENERATED_BY", VERSION.urn, LOADED.urn)],
        [edge("ALIAS_OF", table("raw"), table("mart"))],
    ],
)
def test_any_way_in_which_data_is_written_counts(tmp_path: Path, more: list[Node | Edge]) -> None:
    assert "pg:raw" not in violated(tmp_path, *more)


def test_data_that_only_a_run_read_counts_as_read(tmp_path: Path) -> None:
    given = DatasetVersion(namespace=NS, name="frame", version="md5:" + "b" * 32)
    used: list[Node | Edge] = [
        given,
        edge("VERSION_OF", given.urn, table("frame")),
        edge("USED", LOADED.urn, given.urn),
    ]
    assert "pg:frame" in violated(tmp_path, *used)
