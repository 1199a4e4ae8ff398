"""The history of one branch by first parent, and the files of its commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Limits
from ingestors.git.objects import FILE_MODES, TREE_MODE, Commit, Entry, commit_of, target_of, tree_of
from ingestors.git.stores import BundleObjects, FolderObjects, Objects

_COMMITS: Final = 1_000_000
_TREES: Final = 100
_TAGS_OF_TAGS: Final = 10
_CACHED_TREES: Final = 10_000


class History:
    """One branch of a repository."""

    def __init__(self, objects: Objects, branch: str | None, limits: Limits) -> None:
        self.place = objects.place
        self._files = limits.files
        self._objects = objects
        names = objects.names()
        self.branch, self.tip = _tip(objects, names, branch)
        self.tags = self._peel(names)
        self._trees: dict[str, tuple[Entry, ...]] = {}
        self._wanted: dict[str, tuple[tuple[str, str], ...]] = {}

    def commits(self) -> list[Commit]:
        """Returns the commits of the branch by first parent, oldest first. Ends where a shallow copy or a bundle does.

        Raises:
            SourceError: one of them cannot be read.
        """
        found: list[Commit] = []
        seen: set[str] = set()
        at: str | None = self.tip
        while at is not None and at not in seen and (raw := self._objects.read(at)) is not None:
            seen.add(at)
            commit = commit_of(at, raw[1], self.place) if raw[0] == "commit" else None
            if commit is None:
                raise SourceError(f"{self.place}:{at}", f"is a {raw[0]}: expected a commit", "Name another branch.")
            if len(found) >= _COMMITS:
                raise LimitError(
                    self.place, f"has over {_COMMITS} commits on {self.branch!r}", "Name a shorter branch."
                )
            found.append(commit)
            at = commit.parents[0] if commit.parents else None
        if not found:
            raise SourceError(f"{self.place}:{self.tip}", "is not there", "Fetch the branch, or name another.")
        return found[::-1]

    def files(self, commit: Commit, wanted: Callable[[str], bool]) -> Mapping[str, str]:
        """Returns path and blob id of each regular file whose name is wanted, sorted by path.

        Args:
            wanted: Must be the same function in every call: folders that did not change are not looked at again.

        Raises:
            SourceError: a tree cannot be read.
        """
        return dict(sorted(self._below(commit.tree, wanted, 0)))

    def find(self, commit: Commit, path: str) -> str | None:
        """Returns the blob id of a regular file, None if there is none."""
        tree = commit.tree
        *folders, name = path.split("/")
        for folder in folders:
            entry = self._entry(tree, folder)
            if entry is None or entry.mode != TREE_MODE:
                return None
            tree = entry.id
        entry = self._entry(tree, name)
        return entry.id if entry and entry.mode in FILE_MODES else None

    def data(self, blob: str) -> bytes:
        """Returns the content of a file.

        Raises:
            SourceError: it is not there or cannot be read.
        """
        return self._typed(blob, "blob")

    def _entry(self, tree: str, name: str) -> Entry | None:
        return next((entry for entry in self._tree(tree) if entry.name == name), None)

    def _below(self, tree: str, wanted: Callable[[str], bool], depth: int) -> tuple[tuple[str, str], ...]:
        known = self._wanted.get(tree)
        if known is None:
            known = tuple(islice(self._look(tree, wanted, depth), self._files + 1))
            if len(known) > self._files:
                raise LimitError(f"{self.place}:{tree}", f"holds over {self._files} files", "See the limits.")
            self._wanted[tree] = known
        return known

    def _look(self, tree: str, wanted: Callable[[str], bool], depth: int) -> Iterator[tuple[str, str]]:
        if depth > _TREES:
            raise LimitError(f"{self.place}:{tree}", f"lies over {_TREES} folders deep", "Flatten the repository.")
        for entry in self._tree(tree):
            if entry.mode == TREE_MODE:
                yield from ((f"{entry.name}/{path}", blob) for path, blob in self._below(entry.id, wanted, depth + 1))
            elif entry.mode in FILE_MODES and wanted(entry.name):
                yield entry.name, entry.id

    def _tree(self, tree: str) -> tuple[Entry, ...]:
        known = self._trees.get(tree)
        if known is None:
            if len(self._trees) >= _CACHED_TREES:
                self._trees.clear()
            known = self._trees[tree] = tuple(tree_of(self._typed(tree, "tree"), f"{self.place}:{tree}"))
        return known

    def _typed(self, object_id: str, kind: str) -> bytes:
        raw = self._objects.read(object_id)
        if raw is None or raw[0] != kind:
            what = "is not there" if raw is None else f"is a {raw[0]}"
            raise SourceError(
                f"{self.place}:{object_id}", f"{what}: expected a {kind}", "Repair the repository (git fsck)."
            )
        return raw[1]

    def _peel(self, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in sorted(names):
            if name.startswith("refs/tags/"):
                found.setdefault(self._commit_at(names[name]), []).append(name.removeprefix("refs/tags/"))
        return {target: tuple(tags) for target, tags in found.items()}

    def _commit_at(self, target: str) -> str:
        for _ in range(_TAGS_OF_TAGS):
            raw = self._objects.read(target)
            if raw is None or raw[0] != "tag":
                break
            target = target_of(raw[1]) or target
        return target


def _tip(objects: Objects, names: Mapping[str, str], branch: str | None) -> tuple[str | None, str]:
    """Returns name and commit of the branch that is asked for, else of the one that is checked out."""
    if branch is not None:
        for name in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
            if name in names:
                return branch, names[name]
        known = ", ".join(sorted(n.removeprefix("refs/heads/") for n in names if n.startswith("refs/heads/"))[:10])
        raise SourceError(objects.place, f"has no branch {branch!r}", f"Name one of these: {known or 'none'}.")
    head = objects.head()
    name = head.removeprefix("ref:").strip()
    if name in names:
        return name.removeprefix("refs/heads/"), names[name]
    tips = {n.removeprefix("refs/heads/"): t for n, t in names.items() if n.startswith("refs/heads/")}
    if head in names.values() or len(head) == 40:
        return next((n for n in ("main", "master", *sorted(tips)) if tips.get(n) == head), None), head
    if len(tips) == 1:
        return next(iter(tips.items()))
    raise SourceError(objects.place, "has no branch checked out", "Name one with `branch:`.")


@contextmanager
def open_history(path: Path, place: str, limits: Limits, branch: str | None = None) -> Iterator[History]:
    """Opens the history of a repository's folder or of a bundle. The git program is not run.

    Raises:
        SourceError: it is neither, is damaged, or has no such branch.
    """
    with ExitStack() as files:
        kind = FolderObjects if path.is_dir() else BundleObjects
        yield History(kind(path, place, limits, files), branch, limits)
