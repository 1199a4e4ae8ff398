"""Reads Git repositories and bundles without the git program: its settings and hooks are code of others."""

from ingestors.git.history import History, open_history
from ingestors.git.objects import Commit

__all__ = ["Commit", "History", "open_history"]
