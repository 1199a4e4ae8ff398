"""A project over time: one snapshot for each commit that says something new, then the working tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import Field, model_validator

from catalog.model.canonical import FactId
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Scope, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import TIES, Instant, show
from catalog.model.nodes import CodeVersion, Dataset
from ingestors.dvc.addresses import is_address, store_url
from ingestors.dvc.declared import Declared
from ingestors.dvc.documents import Known, read_project
from ingestors.dvc.files import CONFIG, CommitFiles, Files, TreeFiles
from ingestors.dvc.observed import Observer
from ingestors.dvc.stores import Listings
from ingestors.git import Commit, History, open_history
from ingestors.reading import Reader

_DAY: Final = 86_400 * 1_000_000 * TIES


class DvcOptions(Options):
    """Options of a source of kind `dvc`: a working tree, a history, or both."""

    namespace: str = Field(description="Namespace of the data sets.")
    path: str | None = Field(default=None, description="Folder of the project.")
    history: str | None = Field(default=None, description="Folder of its Git repository, or a bundle.")
    branch: str | None = Field(default=None, description="Branch to read by first parent; that of HEAD if not given.")
    repository: str | None = Field(default=None, description="Address of the repository, the namespace of its commits.")
    remote: str | None = Field(default=None, description="Folder of a remote or cache with the listings of folders.")
    subdirectory: str = Field(default="", description="Folder of the project in the repository, if it is not the top.")

    @model_validator(mode="after")
    def _one_input(self) -> DvcOptions:
        if self.path is None and self.history is None:
            raise ValueError("name a folder with `path`, a repository or bundle with `history`, or both")
        return self


class Timeline:
    """One reading of a source. Remembers the newest commit, so that a working tree equal to it is not said again."""

    def __init__(self, options: DvcOptions, context: Context) -> None:
        self._options, self._context, self._reader = options, context, Reader(context)
        self._namespace = context.namespace(options.namespace)
        self._repository = options.repository
        self._scope: Scope = ("dvc", self._namespace, options.repository or ".")
        self._apart = frozenset({(*self._scope, "commit"), (*self._scope, "tree")})
        self._folder = None if options.path is None else self._reader.folder(options.path)
        self._observer = Observer(
            self._namespace, context.limits, Listings(self._reader, self._stores(), context.limits)
        )
        self._newest: Instant | None = None
        self._metadata: dict[str, str] = {}
        self._documents: Known = {}
        self._said: list[Fact] = []

    def snapshots(self) -> Iterator[Snapshot]:
        """Yields the snapshots in the order of time."""
        if self._options.history is not None:
            path = self._place(self._options.history)
            with open_history(path, self._reader.label(path), self._context.limits, self._options.branch) as history:
                for commit in history.commits():
                    yield from self._commit(history, commit)
        if self._folder is not None:
            yield from self._tree(TreeFiles(self._reader, self._folder, self._context.limits))

    # --- commits ----------------------------------------------------------------------------------------------------

    def _commit(self, history: History, commit: Commit) -> Iterator[Snapshot]:
        at, dated = self._at(commit)
        files = CommitFiles(history, commit, self._options.subdirectory)
        version = CodeVersion(
            namespace=self._repository or self._namespace,
            name=commit.id,
            branch=history.branch,
            tags=sorted(history.tags.get(commit.id, ())) or None,
            message=commit.message or None,
            author=commit.author,
            committed_at=show(commit.at) if commit.at is not None else None,
            parents=list(commit.parents) or None,
        )
        seen: list[Fact | Skip] = [Fact(version, files.origin(""))]
        declared: Snapshot | None = None
        try:
            metadata = dict(files.metadata())
            if metadata != self._metadata:
                declared = self._declared(files, version, seen, at, dated)
                self._metadata = metadata
        except SourceError as err:
            declared = Snapshot(
                self._scope, at, [Skip("unreadable", str(err), files.origin(""))], complete=False, dated=dated
            )
        yield Snapshot((*self._scope, "commit", commit.id), at, seen, dated=dated)
        if declared is not None:
            yield declared

    def _declared(
        self, files: Files, commit: CodeVersion | None, seen: list[Fact | Skip], at: Instant, dated: bool
    ) -> Snapshot:
        """Returns what the project declares, and adds what is observed to `seen`."""
        project = read_project(files, self._namespace, self._context.limits, self._documents)
        declared = Declared(project, self._repository)
        facts = list(declared.facts(self._namespace))
        self._said = facts
        stamp = commit.committed_at if commit else None
        seen += self._observer.facts(files, declared, commit.urn if commit else None, stamp)
        return Snapshot(self._scope, at, [*facts, *project.skips], project.complete, self._apart, dated)

    def _at(self, commit: Commit) -> tuple[Instant, bool]:
        """Returns the commit's time, or the one right after its parent's if that is later; and whether it can be trusted."""
        after = Instant(self._newest + 1) if self._newest is not None else Instant(0)
        trusted = commit.at is not None and commit.at <= self._context.now + _DAY
        self._newest = max(after, commit.at) if trusted and commit.at is not None else after
        return self._newest, trusted

    # --- the working tree -------------------------------------------------------------------------------------------

    def _tree(self, files: TreeFiles) -> Iterator[Snapshot]:
        """The working tree, unless it says what the newest commit says. Prose alone that differs is dated by that commit."""
        if not files.metadata():
            raise SourceError(
                self._options.path or "", "holds no *.dvc, dvc.yaml or dvc.lock", "Name the folder of a DVC project."
            )
        before, newest, seen = self._said, self._newest, list[Fact | Skip]()
        at, dated = self._now(files)
        snapshot = self._declared(files, None, seen, at, dated)
        if newest is not None and snapshot.complete and _ids(self._said) == _ids(before):
            return
        if newest is not None and _ids(map(_without_prose, self._said)) == _ids(map(_without_prose, before)):
            at, dated = Instant(newest + 1), False
        if seen:
            yield Snapshot((*self._scope, "tree"), at, seen, complete=False, dated=dated)
        yield replace(snapshot, at=at, dated=dated)

    def _now(self, files: TreeFiles) -> tuple[Instant, bool]:
        given = self._context.at
        at = given if given is not None else files.modified() or Instant(0)
        after = Instant(self._newest + 1) if self._newest is not None else at
        return max(at, after), given is not None

    # --- places -----------------------------------------------------------------------------------------------------

    def _place(self, written: str) -> Path:
        try:
            return self._reader.folder(written)
        except SourceError:
            return self._reader.paths(written)[0]

    def _stores(self) -> list[Path]:
        """Returns the folders that may hold listings: the remote of the options, the cache, the default remote if it is here."""
        found = [self._reader.folder(self._options.remote)] if self._options.remote is not None else []
        if self._folder is None:
            return found
        found.append(self._folder / ".dvc" / "cache")
        config = self._folder / CONFIG
        url = store_url(self._reader.text(config)[:65536]) if config.is_file() else None
        if url is not None and not is_address(url):
            remote, root = (self._folder / url).resolve(), (Path.cwd() / self._context.root).resolve()
            found += [remote] if remote.is_relative_to(root) else []
        return found


def _ids(facts: Iterable[Fact]) -> set[FactId]:
    return {fact.id for fact in facts}


def _without_prose(fact: Fact) -> Fact:
    """Returns a fact without what people wrote about a data set."""
    element = fact.element
    prose = {"description": None, "meta": None}
    return Fact(element.model_copy(update=prose)) if isinstance(element, Dataset) else fact
