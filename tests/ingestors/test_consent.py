"""Consent registers: what covers what, and that a fault neither allows nor withdraws anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.model.edges import CoveredBy
from catalog.model.facts import Fact, Skip, Snapshot
from catalog.model.ingest import Context
from catalog.model.instants import Instant, parse
from catalog.model.nodes import Consent
from ingestors.consent import ConsentIngestor, ConsentOptions

HEADER = "document_id,dataset,purposes,regions,status,valid_from,valid_to"


def read(root: Path, *rows: str, header: str = HEADER) -> list[Snapshot]:
    (root / "r.csv").write_text("\n".join([header, *rows]) + "\n")
    context = Context("r", root, {"wh": "postgres://h:5432"}, now=Instant(0), at=parse("2026-01-05"))
    return list(ConsentIngestor(ConsentOptions(path="r.csv")).snapshots(context))


def facts(snapshots: list[Snapshot]) -> list[object]:
    return [item.element for one in snapshots for item in one.facts if isinstance(item, Fact)]


def skips(snapshots: list[Snapshot]) -> list[Skip]:
    return [item for one in snapshots for item in one.facts if isinstance(item, Skip)]


def test_a_document_allows_different_things_for_different_data(tmp_path: Path) -> None:
    found = facts(read(tmp_path, "D1,wh:a,x;y,EU;US,Active,2024-01-01,", "D1,wh:b,x,EU,active,2024-01-01,2025-01-01"))
    consents = [one for one in found if isinstance(one, Consent)]
    assert [(one.document, one.purposes, one.regions, one.status, one.valid_to) for one in consents] == [
        ("D1", ["x", "y"], ["EU", "US"], "active", None),
        ("D1", ["x"], ["EU"], "active", "2025-01-01"),
    ]
    covered = {edge.start.name: edge.end for edge in found if isinstance(edge, CoveredBy)}
    assert covered == {"a": consents[0].urn, "b": consents[1].urn}


def test_other_words_for_columns_and_other_columns(tmp_path: Path) -> None:
    header = "Consent Document ID,Data,Purpose,Region,Status,Start-Date,Valid Until,Notes,Source"
    (one,) = [
        f
        for f in facts(read(tmp_path, "D,wh:a,x,EU,active,2024-01-01,2025-01-01,n,s", header=header))
        if isinstance(f, Consent)
    ]
    assert (one.document, one.source, one.valid_from, one.valid_to) == ("D", "wh:a", "2024-01-01", "2025-01-01")
    assert one.meta == '{"Notes":"n","Source":"s"}'


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("D,nowhere:a,x,EU,active,2024-01-01,", "unresolved"),
        ("D,wh:a,x,EU,active,1 May 2024,", "unreadable"),
        ("D,wh:a,x,EU,active,2024-02-30,", "unreadable"),
        ("Good,wh:a,other,EU,active,,", "duplicate"),
    ],
)
def test_a_fault_makes_its_own_row_unread(tmp_path: Path, row: str, code: str) -> None:
    snapshots = read(tmp_path, "Good,wh:a,x,EU,active,,", row)
    assert [skip.code for skip in skips(snapshots)] == [code]
    register = snapshots[-1]
    assert (register.scope, register.complete) == (("consent", "r"), True)
    assert register.unread == frozenset(one.scope for one in snapshots if not one.complete)
    assert len(register.unread) == 1


@pytest.mark.parametrize("row", [",,x,EU,active,,", "D,wh:b", 'D,"wh:b'])
def test_a_row_about_nothing_known_withdraws_nothing(tmp_path: Path, row: str) -> None:
    snapshots = read(tmp_path, "Good,wh:a,x,EU,active,,", row)
    assert not snapshots[-1].complete
    assert [str(skip.origin) for skip in skips(snapshots)] == ["r.csv:row 2"]


def test_a_row_with_a_day_that_is_none_allows_nothing(tmp_path: Path) -> None:
    assert facts(read(tmp_path, "D,wh:a,x,EU,active,2024-01-01,for ever")) == []
