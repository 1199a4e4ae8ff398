"""Bad input and bad surroundings: a clear sentence, the right exit code, nothing lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.cli import demo_command
from catalog.cli.main import MODULES
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("lineage", "wh:shop.mart.totls#total"), 4, "Did you mean"),
        (("lineage", "nothing", "neither"), 4, "'neither'"),
        (("show", "total"), 4, "fits"),
        (("lineage", "wh:shop.mart.totals", "--as-of", "tomorrow"), 2, "is no time"),
        (("impact", "destroy:wh:shop.mart.totals"), 2, "is no change"),
        (("ingest", "terns"), 2, "Did you mean 'terms'"),
        (("lineag", "x"), 2, "Did you mean 'lineage'"),
        (("search", "x", "--kind", "colum"), 2, "colum"),
        (("ingest", "rollback", "99"), 4, "commit 99"),
        (("ingest", "rollback", "x"), 2, "rollback needs"),
        (("db", "purge", "1", "9999"), 4, "line 9999"),
        (("-c", "missing.yml", "ingest"), 2, "cannot be read"),
        (("--store", "oracle://x", "search", "x"), 2, "is no store"),
        (("--store", "bolt://127.0.0.1:1", "db", "status"), 5, "127.0.0.1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_is_wrong_is_said_with_its_exit_code(
    filled: Path, headwater: Run, args: tuple[str, ...], code: int, said: str
) -> None:
    (filled / "b.sql").write_text("create table other.totals as select 1 as total;")
    assert headwater("ingest", "-q").code == 0
    found = headwater(*args)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: [", "no YAML"),
        ("source: []", "Did you mean 'sources'"),
        ("sources: [{kind: dbt}]", "'sources.0.name' is missing"),
        ("namespaces: {term: x}", "cannot be an alias"),
        ("store: ${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE"),
        ("a: &x [1]\nb: *x", "aliases are not read"),
        ("sources: [{name: s, kind: glossary, path: a, pth: b}]", "Did you mean 'path'"),
        ("sources: [{name: s, kind: glossary, path: a}, {name: s, kind: glossary, path: b}]", "two sources"),
    ],
)
def test_a_wrong_project_file_is_told_from_a_right_one(project: Path, headwater: Run, text: str, said: str) -> None:
    (project / "headwater.yml").write_text(text)
    found = headwater("ingest")
    assert found.code == 2
    assert said in found.err


def test_a_kind_that_is_not_installed_is_named_and_the_rest_is_read(project: Path, headwater: Run) -> None:
    (project / "headwater.yml").write_text(
        (project / "headwater.yml").read_text() + "  - {name: odd, kind: abacus, path: x}\n"
    )
    found = headwater("ingest", "-f", "json")
    assert found.code == 3
    last = found.json["data"]["sources"][-1]
    assert last["skipped"] == [{"reason": "not_installed", "place": "abacus", "count": 1}]
    assert found.json["data"]["sources"][0]["added"] > 0


def test_what_is_skipped_is_named_with_what_is_wrong(filled: Path, headwater: Run) -> None:
    (filled / "a.sql").write_text("create table mart.totals as select from where (((")
    lines = [line for line in headwater("ingest").out.splitlines() if "skipped" in line and "a.sql" in line]
    assert lines
    assert all(line.split("a.sql", 1)[1].count(": ") >= 1 for line in lines)


def test_a_file_that_went_missing_or_broke_closes_nothing(filled: Path, headwater: Run) -> None:
    before = headwater("db", "export").out
    (filled / "terms.csv").unlink()
    (filled / "a.sql").write_text("create table mart.totals as select from where (((")
    found = headwater("ingest", "-f", "json")
    assert found.code == 3
    skipped = {s["reason"] for source in found.json["data"]["sources"] for s in source["skipped"]}
    assert {"unparsed", "unreadable"} <= skipped
    after = headwater("db", "export").out.splitlines()
    assert set(before.splitlines()) <= set(after)


def test_a_statement_of_50_megabytes_is_refused_and_the_next_one_read(project: Path, headwater: Run) -> None:
    huge = "insert into mart.totals values " + ",".join(["(1, 'xxxxxxxxxxxxxxxxxxxx')"] * 2_000_000)
    (project / "a.sql").write_text(f"{huge};\ncreate table mart.small as select customer from raw.orders;\n")
    found = headwater("ingest", "statements", "-f", "json")
    assert found.code == 3
    assert headwater("lineage", "wh:shop.mart.small#customer", "--upstream", "-f", "json").json["data"]["edges"]


HOSTILE = ("a'b", 'say "x"', "line\nbreak", "$params {x: 1}", "`) DETACH DELETE n //", "é\u202eü", "x" * 3000)


def test_hostile_names_come_back_as_they_were(project: Path, headwater: Run) -> None:
    quoted = ", ".join(f'customer as "{name.replace(chr(34), chr(34) * 2)}"' for name in HOSTILE)
    (project / "a.sql").write_text(f"create table mart.odd as select {quoted} from raw.orders;")
    assert headwater("ingest", "statements").code == 0
    nodes = headwater("lineage", "wh:shop.raw.orders#customer", "--downstream", "-f", "json").json["data"]["nodes"]
    names = {node["ref"].partition("#")[2] for node in nodes if "odd" in node["ref"]}
    assert names == {name.replace("%", "%25").replace("#", "%23").replace("@", "%40") for name in HOSTILE}


def test_a_store_of_a_newer_version_is_left_alone(filled: Path, headwater: Run) -> None:
    db = sqlite3.connect(filled / "catalog.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    found = headwater("db", "status")
    assert found.code == 5
    assert "newer" in found.err


def test_a_truncated_backup_changes_nothing(filled: Path, headwater: Run) -> None:
    assert headwater("db", "backup", "log.gz").code == 0
    whole = (filled / "log.gz").read_bytes()
    (filled / "log.gz").write_bytes(whole[: len(whole) // 2])
    before = headwater("db", "export").out
    assert headwater("db", "restore", "log.gz", "--force").code == 3
    assert headwater("db", "export").out == before


@pytest.mark.parametrize("name", sorted(MODULES))
def test_help_imports_nothing_heavy(name: str) -> None:
    code = (
        "import sys\nfrom catalog.cli.main import run\n"
        f"assert run([{name!r}, '--help']) == 0\n"
        "heavy = {'pydantic', 'sqlglot', 'neo4j', 'fastapi', 'strawberry', 'yaml', 'sqlite3', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "Usage: headwater" in found.stdout


@pytest.mark.parametrize(
    "args",
    [("db", "export"), ("lineage", "wh:shop.mart.totals#total"), ("lineage", "wh:shop.mart.totals#total", "-f", "svg")],
)
def test_an_output_file_that_cannot_be_written_is_wrong_usage(
    filled: Path, headwater: Run, args: tuple[str, ...]
) -> None:
    found = headwater(*args, "-o", str(filled / "no" / "such" / "folder.txt"))
    assert found.code == 2
    assert "cannot be written" in found.err


@pytest.mark.parametrize(
    "args", [("db", "export"), ("show", "wh:shop.mart.totals"), ("search", "totals", "-f", "json")]
)
def test_a_reader_that_leaves_is_no_failure(filled: Path, args: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "catalog.cli", *args]
    with subprocess.Popen(command, cwd=filled, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_the_demo_names_the_program_so_that_it_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "env" / "bin" / "headwater"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert demo_command._program() == "env/bin/headwater"
    monkeypatch.setenv("PATH", str(program.parent))
    assert demo_command._program() == "headwater"
