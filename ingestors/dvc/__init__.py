"""Reads DVC projects: their working tree and their Git history. Neither dvc nor git is run.

Scopes, for a namespace and a repository (its address, or `.`):

- `dvc/NAMESPACE/REPOSITORY`: what the project declares, one snapshot for each commit that changed a metadata file, dated by
  the commit, and one for the working tree if it says something else than the last commit.
- `dvc/NAMESPACE/REPOSITORY/commit/ID`: what a commit recorded and stays true: the commit, content by digest, runs, metrics.
- `dvc/NAMESPACE/REPOSITORY/tree`: the same of a working tree that is ahead of its commits.

A commit that is older than the one before it is dated right after that one; one dated over a day ahead likewise, undated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from catalog.model.facts import Snapshot
from catalog.model.ingest import Context, Options
from ingestors.dvc.timeline import DvcOptions, Timeline


class DvcIngestor:
    """Reads `*.dvc`, `dvc.yaml`, `dvc.lock` and metrics files of a folder and of the commits of a branch."""

    name: ClassVar[str] = "dvc"
    options: ClassVar[type[Options]] = DvcOptions

    def __init__(self, options: DvcOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields the commits from the oldest on, then the working tree.

        Raises:
            SourceError: there is no such folder, repository, bundle or branch.
        """
        return Timeline(self._options, context).snapshots()
