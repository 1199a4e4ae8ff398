"""Files are hashed again and nothing is believed: matches, mismatches, what is missing, and paths that lead astray."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.edges import Used
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, DatasetVersion
from catalog.project import load
from catalog.refs import Refs
from catalog.store.memory import MemoryStore
from catalog.verification.hashing import CHUNK, Place, UnsafePathError
from catalog.verification.reports import record_results
from catalog.verification.verifying import Files, Result, Root, Verification, answer_of, files_of
from tests.catalogs import NAMESPACES, catalog, table

FILES = "s3://bucket"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def recorded(name: str, digest: str, *, current: bool = True, algorithm: str = "md5", **said: Any) -> list[Any]:
    text = f"{algorithm}:{digest}"
    version = DatasetVersion(
        namespace=FILES, name=name, version=text, digest=digest, algorithm=algorithm, strength="strong", **said
    )
    return [version, *([Dataset(namespace=FILES, name=name, version=text)] if current else [])]


def verify(store: MemoryStore, folder: Path, *urns: Urn, remotes: tuple[Path, ...] = ()) -> list[Result]:
    return Verification(store, Files((Root(FILES, folder),), remotes), workers=2).run(urns)


def verdicts(results: list[Result]) -> dict[str, str]:
    return {result.urn.name: result.verdict for result in results}


def test_every_tracked_file_is_a_match_a_mismatch_or_missing(tmp_path: Path) -> None:
    for name, content in (("good", b"x" * 3), ("bad", b"y"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
    facts = [
        *recorded("good", md5(b"xxx")),
        *recorded("bad", md5(b"z")),
        *recorded("gone", md5(b"g")),
        *recorded("empty", md5(b"")),
    ]
    results = verify(catalog(*facts, Dataset(namespace=FILES, name="untracked")), tmp_path)
    assert verdicts(results) == {"good": "match", "bad": "mismatch", "gone": "missing", "empty": "match"}
    (bad,) = [r for r in results if r.verdict == "mismatch"]
    assert (bad.digest, bad.actual) == (md5(b"z"), md5(b"y"))


def test_what_has_no_digest_or_one_that_bytes_alone_do_not_give_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    facts = [Dataset(namespace=FILES, name="a"), *recorded("etag", "e" * 8, algorithm="etag")]
    store = catalog(*facts)
    results = verify(store, tmp_path, table("a", FILES), table("etag", FILES))
    assert verdicts(results) == {"a": "not_recorded", "etag": "not_recorded"}
    assert answer_of(Refs(store, NAMESPACES), results).data["counts"]["not_recorded"] == 2


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@given(content=st.binary(max_size=200), times=st.integers(0, 3))
def test_a_stream_has_the_digest_of_the_whole(
    algorithm: str, content: bytes, times: int, tmp_path_factory: Any
) -> None:
    whole = content + bytes(CHUNK * times)
    folder = tmp_path_factory.mktemp("files")
    (folder / "f").write_bytes(whole)
    read: list[int] = []
    assert Place(folder, "f").digest(algorithm, read.append) == hashlib.new(algorithm, whole).hexdigest()
    assert sum(read) == len(whole)


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a" * 70, b"b"]), max_size=30), st.integers(0, 3))
def test_text_of_old_trackers_is_hashed_with_unix_line_ends(parts: list[bytes], shift: int) -> None:
    import tempfile

    content = b"a" * (CHUNK - shift) + b"".join(parts)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "f").write_bytes(content)
        assert Place(Path(folder), "f").digest("md5-dos2unix") == md5(content.replace(b"\r\n", b"\n"))
        (Path(folder) / "f").write_bytes(b"\0" + content)
        assert Place(Path(folder), "f").digest("md5-dos2unix") == md5(b"\0" + content)


def folder_digest(entries: dict[str, bytes]) -> tuple[str, bytes]:
    listing = json.dumps(
        [{"md5": md5(content), "relpath": path} for path, content in sorted(entries.items())], sort_keys=True
    ).encode()
    return md5(listing) + ".dir", listing


def test_a_folder_has_the_digest_of_its_sorted_listing(tmp_path: Path) -> None:
    entries = {"b.csv": b"2", "a/z.csv": b"1", "a.csv": b"3", "a-b": b"", "ü": b"4"}
    for path, content in entries.items():
        (tmp_path / "d" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / path).write_bytes(content)
    digest, _ = folder_digest(entries)
    assert verdicts(verify(catalog(*recorded("d", digest)), tmp_path)) == {"d": "match"}
    (tmp_path / "d" / "more").write_bytes(b"")
    assert verdicts(verify(catalog(*recorded("d", digest)), tmp_path)) == {"d": "mismatch"}


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "linked/secret", "a/../../secret", "pipe"])
def test_no_path_leads_out_and_no_link_is_followed(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_bytes(b"s")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    (result,) = verify(catalog(*recorded(name, md5(b"s"))), root)
    assert (result.verdict, result.actual) == ("missing", None)
    with pytest.raises((UnsafePathError, OSError)):
        Place(root, name).digest("md5")


def test_a_link_inside_a_folder_makes_it_unreadable_rather_than_read(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").symlink_to("/etc/passwd")
    (result,) = verify(catalog(*recorded("d", "0" * 32 + ".dir")), tmp_path)
    assert result.verdict == "missing"
    assert "link" in (result.why or "")


def put(remote: Path, digest: str, content: bytes) -> None:
    path = remote / "files" / "md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_an_older_version_is_found_in_a_remote_by_its_digest_and_hashed_there(tmp_path: Path) -> None:
    remote = tmp_path / "remote"
    old, spoilt = md5(b"old"), md5(b"spoilt")
    put(remote, old, b"old")
    put(remote, spoilt, b"changed")
    facts = [*recorded("f", md5(b"new")), *recorded("f", old, current=False), *recorded("f", spoilt, current=False)]
    urns = [Urn("datasetversion", (FILES, "f", f"md5:{d}")) for d in (old, spoilt)]
    found = {r.digest: r.verdict for r in verify(catalog(*facts), tmp_path, *urns, remotes=(remote,))}
    assert found == {old: "match", spoilt: "mismatch"}
    without = verify(catalog(*facts), tmp_path, urns[0])
    assert [(r.verdict, "--remote" in (r.why or "")) for r in without] == [("missing", True)]


def test_a_folder_in_a_remote_is_its_listing_and_every_file_of_it(tmp_path: Path) -> None:
    remote, entries = tmp_path / "remote", {"a": b"1", "b": b"2"}
    digest, listing = folder_digest(entries)
    put(remote, digest, listing)
    for content in entries.values():
        put(remote, md5(content), content)
    urn = Urn("datasetversion", (FILES, "d", f"md5:{digest}"))
    store = catalog(*recorded("d", digest, current=False), Dataset(namespace=FILES, name="d", version="md5:other"))
    assert [r.verdict for r in verify(store, tmp_path, urn, remotes=(remote,))] == ["match"]
    put(remote, md5(b"2"), b"3")
    (result,) = verify(store, tmp_path, urn, remotes=(remote,))
    assert (result.verdict, result.why) == ("mismatch", "b: another digest")


def test_results_are_reports_in_the_graph_and_the_newest_stands(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    store = catalog(*recorded("f", md5(b"x")))
    record_results(store, verify(store, tmp_path), NOW, "tester")
    (tmp_path / "f").write_bytes(b"y")
    record_results(store, verify(store, tmp_path), NOW.replace(day=2), "tester")
    (report,) = store.find(["report"]).nodes
    assert report.properties["verdict"] == "mismatch"
    assert (report.properties["expected"], report.properties["actual"]) == (f"md5:{md5(b'x')}", f"md5:{md5(b'y')}")
    assert len(store.claims([report.urn], history=True)) == 2


def test_progress_tells_files_and_bytes(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"12345")
    told: list[tuple[int, int, int]] = []
    store = catalog(*(fact for name in "abc" for fact in recorded(name, md5(b"12345"))))
    Verification(store, Files((Root(FILES, tmp_path),)), lambda *said: told.append(said)).run()
    assert [(done, total) for done, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1][2] == 15


def test_progress_is_told_within_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.verification.verifying._TOLD", CHUNK)
    (tmp_path / "f").write_bytes(bytes(CHUNK * 3))
    told: list[tuple[int, int, int]] = []
    store = catalog(*recorded("f", md5(bytes(CHUNK * 3))))
    Verification(store, Files((Root(FILES, tmp_path),)), lambda *said: told.append(said)).run()
    assert told == [(0, 1, CHUNK), (0, 1, 2 * CHUNK), (0, 1, 3 * CHUNK), (1, 1, 3 * CHUNK)]


def test_a_digest_of_a_sample_is_named_as_what_it_is(tmp_path: Path) -> None:
    used = Used(start=Urn("run", ("ml", "r")), end=table("exp/train", FILES), sample_digest="a1b2c3d4")
    store = catalog(Dataset(namespace=FILES, name="exp/train"), used)
    (result,) = verify(store, tmp_path, table("exp/train", FILES))
    assert (result.verdict, result.why) == (
        "not_recorded", "only 'a1b2c3d4' is recorded, of a sample: it proves nothing",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("location", "verdict"),
    [("data/f", "match"), ("file://{home}/data/f", "match"), ("../secret", "missing"), ("s3://b/data/f", "missing")],
)
def test_a_file_is_found_by_its_recorded_address_inside_the_project_only(
    tmp_path: Path, location: str, verdict: str
) -> None:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (home / "data/f").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"x")
    store = catalog(*recorded("exp/train", md5(b"x"), location=location.format(home=home)))
    (result,) = Verification(store, Files(home=home)).run([table("exp/train", FILES)])
    assert result.verdict == verdict


def test_places_come_from_the_sources_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "headwater.yml").write_text(
        "namespaces: {files: 's3://bucket'}\nsources:\n"
        "  - {name: r, kind: dvc, path: repo/ml, subdirectory: ml, remote: store, namespace: files}\n"
        "  - {name: q, kind: sql-log, path: q.csv, namespace: files}\n"
    )
    files = files_of(load(tmp_path / "headwater.yml", {}))
    assert files.roots == (Root(FILES, tmp_path / "repo/ml", "ml/"),)
    assert files.places(table("ml/data/x.csv", FILES)) == [Place(tmp_path / "repo/ml", "data/x.csv")]
    assert files.places(table("other/x.csv", FILES)) == []
    assert files.remotes == (tmp_path / "store",)
