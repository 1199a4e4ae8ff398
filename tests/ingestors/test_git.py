"""The reader of Git objects against repositories that the real git makes."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Limits
from catalog.model.instants import show
from ingestors.git import History, open_history
from ingestors.git.objects import patch, tree_of
from tests.ingestors.git_repository import Repository

names = st.sampled_from(["a.txt", "b/c.txt", "b/d/e.bin", "f g.txt", "ü.txt", "b/x", "long/" * 8 + "z"])
contents = st.one_of(
    st.binary(max_size=60),
    st.integers(1, 400).map(lambda n: b"".join(b"line %d\n" % i for i in range(n))),
)
commits = st.lists(st.dictionaries(names, contents, max_size=3), min_size=1, max_size=4)


def everything(_: str) -> bool:
    return True


@contextmanager
def opened(path: Path, limits: Limits | None = None, branch: str | None = None) -> Iterator[History]:
    with open_history(path, "place", limits or Limits(), branch) as history:
        yield history


def listed(repository: Repository, commit: str) -> dict[str, str]:
    lines = repository.git("ls-tree", "-r", "-z", commit).split("\0")
    rows = [line.partition("\t") for line in lines if line]
    return {name: head.split()[2] for head, _, name in rows}


def loose(repository: Repository, root: Path) -> Path:
    return repository.folder


def packed(repository: Repository, root: Path) -> Path:
    repository.git("gc", "-q", "--aggressive", "--prune=now")
    return repository.folder


def bare(repository: Repository, root: Path) -> Path:
    repository.git("clone", "-q", "--bare", str(repository.folder), str(root / "bare.git"))
    return root / "bare.git"


def bundled(repository: Repository, root: Path) -> Path:
    return repository.bundle(root / "it.bundle")


def bundled_in_version_3(repository: Repository, root: Path) -> Path:
    return repository.bundle(root / "it.bundle", version=3)


@pytest.mark.parametrize("keep", [loose, packed, bare, bundled, bundled_in_version_3])
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(changes=commits)
def test_reads_what_git_reads(keep: Callable[[Repository, Path], Path], changes: list[dict[str, bytes | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        repository = Repository(root / "work")
        made = [repository.commit(files) for files in changes]
        with opened(keep(repository, root)) as history:
            found = history.commits()
            assert [commit.id for commit in found] == made
            assert history.branch == "main"
            for commit in found:
                files = history.files(commit, everything)
                assert files == listed(repository, commit.id)
                assert all(history.find(commit, path) == blob for path, blob in files.items())
                for blob in files.values():
                    data = history.data(blob)
                    assert sha1(b"blob %d\0" % len(data) + data).hexdigest() == blob


def test_commits_carry_time_author_first_line_and_tags(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    first = repository.commit({"a": "1"}, "Begin\n\nThe body.")
    repository.git("tag", "light")
    repository.git("tag", "-a", "-m", "heavy", "heavy")
    repository.git("tag", "-a", "-m", "of a tag", "heavier", "heavy")
    for path in (repository.folder, repository.bundle(tmp_path / "it.bundle")):
        with opened(path) as history:
            (commit,) = history.commits()
            assert (commit.author, commit.message, commit.parents) == ("Ada <ada@example.com>", "Begin", ())
            assert commit.at is not None
            assert show(commit.at) == "2026-01-01T01:00:00Z"
            assert history.tags == {first: ("heavier", "heavy", "light")}


def test_follows_the_first_parent_of_the_branch_that_is_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    base = repository.commit({"a": "1"})
    repository.git("checkout", "-q", "-b", "side")
    side = repository.commit({"b": "1"})
    repository.git("checkout", "-q", "main")
    main = repository.commit({"a": "2"})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merged = repository.git("rev-parse", "HEAD")
    with opened(repository.folder) as history:
        assert [commit.id for commit in history.commits()] == [base, main, merged]
    with opened(repository.folder, branch="side") as history:
        assert [commit.id for commit in history.commits()] == [base, side]
    with pytest.raises(SourceError, match=r"no branch 'gone'.*main, side"), opened(repository.folder, branch="gone"):
        pass


def test_a_bundle_that_builds_on_others_begins_where_they_end(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit({"a": "1"})
    later = repository.commit({"a": "2"})
    with opened(repository.bundle(tmp_path / "it.bundle", "main", "^main~1")) as history:
        assert [commit.id for commit in history.commits()] == [later]


def test_deltas_of_large_files_are_applied(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    text = "".join(f"row {n},{n * n}\n" for n in range(9000))
    for number in range(4):
        repository.commit({"data.csv": text.replace("row 77,", f"row changed {number},")})
    repository.git("gc", "-q", "--aggressive", "--prune=now")
    chains = repository.git("verify-pack", "-v", *(str(p) for p in repository.folder.glob(".git/objects/pack/*.idx")))
    assert "chain length" in chains
    for path in (repository.folder, repository.bundle(tmp_path / "it.bundle")):
        with opened(path) as history:
            read = [history.data(history.find(commit, "data.csv") or "") for commit in history.commits()]
            assert [b"row changed %d," % number in data for number, data in enumerate(read)] == [True] * 4


def test_settings_and_hooks_are_never_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repository = Repository(tmp_path / "work")
    repository.commit({"a": "1"})
    script = repository.folder / ".git" / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    (repository.folder / ".git" / "config").write_text(
        f"[core]\n\tfsmonitor = {script}\n\thooksPath = {script.parent}\n\tsshCommand = {script}\n"
        f'[filter "x"]\n\tsmudge = {script}\n[include]\n\tpath = {script}\n'
    )
    with opened(repository.folder) as history:
        assert history.files(history.commits()[0], everything)
    assert not canary.exists()


def test_objects_outside_the_repository_are_not_borrowed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit({"secret": "1"})
    thief = Repository(tmp_path / "thief")
    inner = thief.folder / ".git"
    (inner / "objects" / "info" / "alternates").write_text(f"{repository.folder}/.git/objects\n")
    (inner / "refs" / "heads" / "main").write_text(repository.git("rev-parse", "HEAD") + "\n")
    with opened(thief.folder) as history, pytest.raises(SourceError, match="is not there"):
        history.commits()


def test_links_in_the_repository_are_not_followed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit({"a": "1"})
    repository.git("branch", "other")
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    head = repository.folder / ".git" / "HEAD"
    head.unlink()
    head.symlink_to(tmp_path / "HEAD")
    with pytest.raises(SourceError, match="no branch checked out"), opened(repository.folder):
        pass


def test_a_large_object_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit({"small": "1", "zeros": b"\0" * 3_000_000})
    limits = Limits(record_bytes=100_000)
    for keep in (loose, packed, bundled):
        with opened(keep(repository, tmp_path), limits) as history:
            (commit,) = history.commits()
            files = history.files(commit, everything)
            assert history.data(files["small"]) == b"1"
            with pytest.raises(SourceError) as refused:
                history.data(files["zeros"])
            assert isinstance(refused.value, LimitError)


def test_a_bundle_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit({"zeros": b"\0" * 3_000_000})
    bundle = repository.bundle(tmp_path / "it.bundle")
    with pytest.raises(LimitError, match="unpacks to more"), opened(bundle, Limits(file_bytes=1_000_000)):
        pass


def test_a_tree_that_multiplies_itself_is_refused(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    (repository.folder / "f").write_text("x")
    blob = repository.git("hash-object", "-w", "f")
    tree = _tree(repository, [("100644", f"{n}", blob) for n in range(10)])
    for _ in range(9):
        tree = _tree(repository, [("40000", f"{n}", tree) for n in range(10)])
    repository.git("update-ref", "refs/heads/main", repository.git("commit-tree", "-m", "bomb", tree))
    with opened(repository.folder) as history, pytest.raises(LimitError, match="holds over 100000 files"):
        history.files(history.commits()[0], everything)


def _tree(repository: Repository, entries: list[tuple[str, str, str]]) -> str:
    raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(target) for mode, name, target in entries)
    whole = b"tree %d\0" % len(raw) + raw
    name = sha1(whole).hexdigest()
    path = repository.folder / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return name


def test_names_that_lead_out_of_the_tree_are_left_out() -> None:
    entries = [("100644", name) for name in ("ok", "..", ".", "a/b")]
    raw = b"".join(f"{mode} {name}\0".encode() + b"\1" * 20 for mode, name in entries)
    assert [entry.name for entry in tree_of(raw, "place")] == ["ok"]


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_a_delta_of_any_bytes_ends_in_a_result_or_a_refusal(base: bytes, delta: bytes) -> None:
    try:
        made = patch(base, delta, 1000)
    except ValueError:
        return
    assert len(made) <= 1000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("bundle")
    repository = Repository(root / "work")
    for number in range(3):
        repository.commit({"a/b.txt": "".join(f"{n}\n" for n in range(number, 200))})
    return repository.bundle(root / "it.bundle").read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_bundle_is_read_or_refused_in_our_words(bundle: bytes, data: st.DataObject) -> None:
    at, byte = data.draw(st.integers(0, len(bundle) - 1)), data.draw(st.integers(0, 255))
    cut = data.draw(st.booleans())
    spoiled = bundle[:at] if cut else bundle[:at] + bytes([byte]) + bundle[at + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.bundle"
        path.write_bytes(spoiled)
        with suppress(SourceError), opened(path) as history:
            for commit in history.commits():
                for blob in history.files(commit, everything).values():
                    history.data(blob)


@pytest.mark.parametrize(
    "content", [b"", b"# v9 git bundle\n", b"# v2 git bundle\n", b"# v3 git bundle\n@object-format=sha256\n"]
)
def test_what_is_no_bundle_is_refused_with_a_remedy(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "it.bundle").write_bytes(content)
    with pytest.raises(SourceError) as refused, opened(tmp_path / "it.bundle"):
        pass
    assert refused.value.remedy
