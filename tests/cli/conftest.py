"""The command line, in process, on a small project of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.cli.main import run

PROJECT = """\
store: sqlite:///catalog.db
namespaces: {wh: "postgres://wh.example:5432"}
sources:
  - {name: statements, kind: sql-log, format: sql-files, path: "*.sql", namespace: wh, dialect: postgres, database: shop,
     columns: columns.csv, at: 2026-02-01T00:00:00Z}
  - {name: terms, kind: glossary, path: terms.csv, at: 2026-02-01T00:00:00Z}
"""
STATEMENTS = """\
create table mart.totals as select o.customer, sum(o.amount) as total from raw.orders o where o.state = 'paid' group by o.customer;
create view mart.ranked as select t.*, total * 2 as doubled from mart.totals t;
"""
COLUMNS = """\
table_catalog,table_schema,table_name,column_name,ordinal_position,data_type
shop,raw,orders,customer,1,bigint
shop,raw,orders,amount,2,numeric
shop,raw,orders,state,3,text
"""
TERMS = """\
term,definition,broader,synonyms,columns
Turnover,What was sold.,,revenue,wh:shop.mart.totals#total
"""

RULES = "rules: [{id: hashes, kind: recorded-hash}, {id: gate, kind: quality-gate}]\n"


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project, as the current one."""
    for name, text in {
        "headwater.yml": PROJECT,
        "a.sql": STATEMENTS,
        "columns.csv": COLUMNS,
        "terms.csv": TERMS,
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADWATER_STORE", raising=False)
    return tmp_path


@pytest.fixture
def headwater(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line and returns what came out."""

    def call(*args: str) -> Result:
        capsys.readouterr()
        code = run(list(args))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def filled(project: Path, headwater: Run) -> Path:
    """The project, read."""
    assert headwater("ingest").code == 0
    return project


@pytest.fixture
def tracked(filled: Path, headwater: Run) -> Path:
    """The project with a tracked file whose digest is right."""
    (filled / "repo" / "data").mkdir(parents=True)
    (filled / "repo" / ".dvc").mkdir()
    (filled / "repo" / "data" / "x.csv").write_text("a\n1\n")
    digest = hashlib.md5(b"a\n1\n", usedforsecurity=False).hexdigest()
    pointer = f"outs:\n- {{md5: {digest}, size: 4, hash: md5, path: x.csv}}\n"
    (filled / "repo" / "data" / "x.csv.dvc").write_text(pointer)
    (filled / "rules.yaml").write_text(RULES)
    project = (filled / "headwater.yml").read_text()
    source = (
        "  - {name: repo, kind: dvc, path: repo, namespace: wh, at: 2026-02-01T00:00:00Z}\npolicies: [rules.yaml]\n"
    )
    (filled / "headwater.yml").write_text(project + source)
    assert headwater("ingest", "repo").code == 0
    return filled
