"""The reader of DVC projects: what it promises besides the contract of all ingestors."""

from __future__ import annotations

import json
import re
import tempfile
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog.model.edges import AtCommit, DependsOn, GeneratedBy, Used
from catalog.model.errors import SourceError
from catalog.model.facts import Snapshot, write_scope
from catalog.model.ingest import Context
from catalog.model.instants import parse, show
from catalog.model.nodes import CodeVersion, Dataset, DatasetVersion, Run
from ingestors.dvc import DvcIngestor
from ingestors.dvc.addresses import external, store_url
from ingestors.dvc.documents import matches
from ingestors.dvc.timeline import DvcOptions
from tests.ingestors.cases import Read
from tests.ingestors.git_repository import Repository

NAMESPACE = "s3://mill"


def reads(root: Path, **options: Any) -> list[Read]:
    context = Context(source="mill", root=root, namespaces={"mill": NAMESPACE}, now=parse("2026-11-21"))
    ingestor = DvcIngestor(DvcOptions(namespace="mill", **options))
    return [Read(snapshot, tuple(snapshot.facts)) for snapshot in ingestor.snapshots(context)]


def declared(found: list[Read]) -> list[Read]:
    return [one for one in found if len(one.snapshot.scope) == 3]


def digest(text: str) -> str:
    return md5(text.encode()).hexdigest()


def tracked(path: str, content: str) -> dict[str, bytes | str]:
    name = path.rpartition("/")[2]
    return {f"{path}.dvc": f"outs:\n- md5: {digest(content)}\n  size: {len(content)}\n  hash: md5\n  path: {name}\n"}


def lock(source: str, made: str) -> dict[str, bytes | str]:
    return {
        "dvc.yaml": "stages:\n  clean:\n    cmd: clean\n    deps: [raw.csv]\n    outs: [clean.csv]\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  clean:\n    cmd: clean\n    deps:\n"
        f"    - {{path: raw.csv, hash: md5, md5: {digest(source)}}}\n"
        f"    outs:\n    - {{path: clean.csv, hash: md5, md5: {digest(made)}}}\n",
    }


def summary(one: Read) -> tuple[str, str, bool, bool, tuple[str, ...]]:
    snapshot: Snapshot = one.snapshot
    bodies = tuple(fact.body for fact in one.facts)
    return write_scope(snapshot.scope), show(snapshot.at), snapshot.complete, snapshot.dated, bodies


# --- history --------------------------------------------------------------------------------------------------------


def test_a_working_tree_equal_to_its_last_commit_says_nothing(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(tracked("raw.csv", "1") | lock("1", "one"))
    both = reads(tmp_path, path="work", history="work")
    assert [summary(one) for one in both] == [summary(one) for one in reads(tmp_path, history="work")]


def test_a_working_tree_ahead_of_its_commits_is_the_newest_snapshot(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(tracked("raw.csv", "1"))
    repository.write(tracked("raw.csv", "2"))
    *_, last = reads(tmp_path, path="work", history="work")
    (data,) = (fact.element for fact in last.facts if isinstance(fact.element, Dataset))
    assert data.version == f"md5:{digest('2')}"
    assert last.snapshot.at == max(one.snapshot.at for one in declared(reads(tmp_path, path="work", history="work")))
    assert not last.snapshot.dated


contents = st.sampled_from(["one", "two", "three"])
histories = st.lists(
    st.one_of(
        st.tuples(contents).map(lambda c: tracked("raw.csv", c[0])),
        st.tuples(contents, contents).map(lambda c: lock(*c)),
        st.just({"README.md": "words"}),
        st.just({"dvc.lock": "[unreadable"}),
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(changes=histories)
def test_a_history_that_grows_says_the_same_of_its_past(changes: list[dict[str, bytes | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        repository = Repository(root / "work")
        before: list[Any] = []
        for number, files in enumerate(changes):
            repository.commit(files, f"change {number}")
            now = [summary(one) for one in reads(root, history="work")]
            assert now[: len(before)] == before
            before = now


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(changes=histories)
def test_what_was_observed_is_in_scopes_that_no_commit_reads_again(changes: list[dict[str, bytes | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder) / "work")
        for number, files in enumerate(changes):
            repository.commit(files, f"change {number}")
        found = reads(Path(folder), history="work")
        observed = [one.snapshot.scope for one in found if len(one.snapshot.scope) > 3]
        assert len(observed) == len(set(observed)) == len(changes)
        for one in declared(found):
            gaps = one.snapshot.unread
            assert not one.snapshot.complete or all(any(s[: len(gap)] == gap for gap in gaps) for s in observed)
        at = [one.snapshot.at for one in declared(found)]
        assert at == sorted(set(at))


def test_each_commit_says_which_version_it_recorded(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    first = repository.commit(tracked("raw.csv", "1"))
    second = repository.commit(tracked("raw.csv", "2") | tracked("other.csv", "3"))
    recorded = {
        (fact.element.end.name, fact.element.start.name, fact.element.start.parts[2])
        for one in reads(tmp_path, history="work")
        for fact in one.facts
        if isinstance(fact.element, AtCommit)
    }
    assert recorded == {
        (first, "raw.csv", f"md5:{digest('1')}"),
        (second, "raw.csv", f"md5:{digest('2')}"),
        (second, "other.csv", f"md5:{digest('3')}"),
    }


def test_the_run_that_a_lock_records_is_one_over_all_commits_that_keep_it(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(tracked("raw.csv", "1") | lock("1", "one"))
    repository.commit(tracked("other.csv", "x"))
    repository.commit(lock("2", "two"))
    facts = [fact.element for one in reads(tmp_path, history="work") for fact in one.facts]
    runs = [element for element in facts if isinstance(element, Run)]
    assert len(runs) == len({run.urn for run in runs}) == 2
    used = {(edge.start, edge.end.parts[2]) for edge in facts if isinstance(edge, Used)}
    made = {(edge.end, edge.start.parts[2]) for edge in facts if isinstance(edge, GeneratedBy)}
    assert used == {(runs[0].urn, f"md5:{digest('1')}"), (runs[1].urn, f"md5:{digest('2')}")}
    assert made == {(runs[0].urn, f"md5:{digest('one')}"), (runs[1].urn, f"md5:{digest('two')}")}


def test_a_commit_that_cannot_be_read_closes_nothing(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(lock("1", "one"))
    repository.commit({"dvc.lock": "stages: [", "dvc.yaml": "stages: {"})
    repository.commit(lock("1", "one"))
    found = declared(reads(tmp_path, history="work"))
    assert [one.snapshot.complete for one in found] == [True, False, True]
    assert [len(one.skips) for one in found] == [0, 2, 0]


def test_commits_from_the_future_are_dated_after_their_parents_and_say_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(tracked("raw.csv", "1"))
    repository.write(tracked("raw.csv", "2"))
    repository.git("add", "-A")
    tree, parent = repository.git("write-tree"), repository.git("rev-parse", "HEAD")
    stamp = "Ada <ada@example.com> 7258118400 +0000"
    text = f"tree {tree}\nparent {parent}\nauthor {stamp}\ncommitter {stamp}\n\nlate\n"
    (repository.folder / "commit").write_text(text)
    late = repository.git("hash-object", "-w", "-t", "commit", "commit")
    repository.git("update-ref", "refs/heads/main", late)
    first, second = declared(reads(tmp_path, history="work"))
    assert (second.snapshot.at - first.snapshot.at, second.snapshot.dated) == (1, False)


def test_a_project_below_the_top_is_read_with_paths_of_its_own(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit(
        {f"ml/{name}": text for name, text in tracked("raw.csv", "1").items()} | tracked("other.csv", "2")
    )
    found = reads(tmp_path, history="work", path="work/ml", subdirectory="ml", repository="https://git.example/r")
    names = {fact.element.name for one in found for fact in one.facts if isinstance(fact.element, Dataset)}
    assert names == {"raw.csv"}
    (commit,) = (fact.element for one in found for fact in one.facts if isinstance(fact.element, CodeVersion))
    assert commit.namespace == "https://git.example/r"


# --- one tree -------------------------------------------------------------------------------------------------------


def project(root: Path, files: dict[str, bytes | str]) -> list[Read]:
    for name, content in files.items():
        path = root / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return reads(root, path="work")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "~/x", "..\\x", "C:\\x", "a\0b", "", ".."])
def test_paths_out_of_the_project_are_skipped_by_name(path: str, tmp_path: Path) -> None:
    content = f"outs:\n- {{md5: {digest('1')}, hash: md5, path: {_quoted(path)}}}\n"
    (one,) = project(tmp_path, {"x.dvc": content})
    assert not one.facts
    assert [skip.code for skip in one.skips] == ["unsupported"]
    assert not one.snapshot.complete


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace("\0", "\\0") + '"'


@pytest.mark.parametrize("written", ["zz" * 16, "0123", digest("1") + ".dirx", digest("1") + "00", "true"])
def test_what_is_no_md5_names_no_version(written: str, tmp_path: Path) -> None:
    (one,) = project(tmp_path, {"x.dvc": f"outs:\n- {{md5: {written}, hash: md5, path: x}}\n"})
    assert [fact.element.properties() for fact in one.facts] == [{}]
    assert [skip.code for skip in one.skips] == ["unreadable"]


@pytest.mark.parametrize("written", ["0" * 32, "0" * 31 + "8", "1" * 32, "1" + "0" * 29 + "e5", digest("1").upper()])
def test_digests_that_look_like_numbers_stay_digests(written: str, tmp_path: Path) -> None:
    found = project(tmp_path, {"x.dvc": f"outs:\n- {{md5: {written}, hash: md5, path: x}}\n"})
    versions = [fact.element for one in found for fact in one.facts if isinstance(fact.element, DatasetVersion)]
    assert [version.digest for version in versions] == [written.lower()]


def test_links_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.dvc").write_text(str(tracked("secret.csv", "1")["secret.csv.dvc"]))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "x.dvc").symlink_to(tmp_path / "secret.dvc")
    (one,) = reads(tmp_path, path="work")
    assert not one.facts
    assert [skip.code for skip in one.skips] == ["unreadable"]


def test_no_credential_of_the_settings_gets_into_the_facts(tmp_path: Path) -> None:
    settings_file = (
        "[core]\n    remote = r\n['remote \"r\"']\n    url = https://user:hunter2@host.example/x\n"
        "    password = hunter2\n    bearer_token_command = touch hunter2\n"
    )
    found = project(tmp_path, {".dvc/config": settings_file, ".dvc/config.local": "hunter2", **tracked("raw.csv", "1")})
    bodies = " ".join(fact.body for one in found for fact in one.facts)
    assert "hunter2" not in bodies
    assert "https://host.example/x/files/md5" in bodies


def test_a_listing_that_is_not_what_its_digest_says_is_not_believed(tmp_path: Path) -> None:
    listing = json.dumps([{"md5": digest("1"), "relpath": "a.csv"}])
    name = digest(listing)
    good: dict[str, str] = {f".dvc/cache/files/md5/{name[:2]}/{name[2:]}.dir": listing}
    outs: dict[str, bytes | str] = {"d.dvc": f"outs:\n- {{md5: {name}.dir, hash: md5, path: d}}\n"}
    kinds = [type(fact.element).__name__ for one in project(tmp_path / "good", {**outs, **good}) for fact in one.facts]
    assert kinds.count("FileEntry") == 1
    forged: dict[str, bytes | str] = {key: value.replace("a.csv", "b.csv") for key, value in good.items()}
    found = project(tmp_path / "forged", {**outs, **forged})
    assert not any(type(fact.element).__name__ == "FileEntry" for one in found for fact in one.facts)
    assert [skip.code for one in found for skip in one.skips] == ["unreadable"]


def test_a_stage_that_reads_a_folder_stands_on_the_outputs_in_it(tmp_path: Path) -> None:
    files = lock("1", "one")
    files["dvc.yaml"] = str(files["dvc.yaml"]) + "  all:\n    cmd: all\n    deps: [parts]\n    outs: [all.csv]\n"
    files |= tracked("parts/a.csv", "a") | tracked("parts/b.csv", "b")
    edges = [fact.element for one in project(tmp_path, files) for fact in one.facts]
    depends = {(edge.start.name, edge.end.name) for edge in edges if isinstance(edge, DependsOn)}
    assert {("all.csv", "parts"), ("parts", "parts/a.csv"), ("parts", "parts/b.csv")} <= depends


def test_a_folder_without_any_project_is_an_error_and_closes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no \*\.dvc"):
        project(tmp_path, {"README.md": "words"})


def test_options_name_a_tree_or_a_history() -> None:
    with pytest.raises(ValidationError, match="name a folder"):
        DvcOptions(namespace="mill")


# --- pieces ---------------------------------------------------------------------------------------------------------

pieces = st.lists(st.sampled_from(["a", "b/", "-", ".csv", "${item.x}", "${key}"]), max_size=6).map("".join)


@given(pieces, st.text(alphabet="ab/-.csv", max_size=12))
def test_a_template_matches_as_a_wildcard_does(template: str, path: str) -> None:
    pattern = re.sub(r"\\\$\\\{.*?\\\}", ".*", re.escape(template))
    assert matches(template, path) == (re.fullmatch(pattern, path) is not None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("s3://bucket/a/b.csv", ("s3://bucket", "a/b.csv")),
        ("https://me:pw@host:8443/x?y=1", ("https://host:8443", "x?y=1")),
        ("hdfs://name", ("hdfs://name", "/")),
    ],
)
def test_addresses_are_named_by_server_and_path(address: str, expected: tuple[str, str]) -> None:
    assert external(address).parts == expected


@given(st.text(max_size=80))
def test_any_text_is_survived_as_an_address_and_as_settings(text: str) -> None:
    assert store_url(text) is None or "remote" in text
