"""Repositories made by the real git, with fixed names and times, for tests of the reader."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PLAIN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


class Repository:
    """A repository whose commits are an hour apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hours = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        stamp = f"2026-01-01T{self._hours:02d}:00:00Z"
        env = {"PATH": os.environ["PATH"], **PLAIN, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        done = subprocess.run(["git", *words], cwd=self.folder, env=env, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "surrogateescape").strip("\n")

    def write(self, files: dict[str, bytes | str]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: dict[str, bytes | str], message: str = "change") -> str:
        """Writes files, commits everything and returns the commit's id."""
        self.write(files)
        self._hours += 1
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def bundle(self, path: Path, *what: str, version: int = 2) -> Path:
        self.git("bundle", "create", "-q", f"--version={version}", str(path), *(what or ("HEAD", "--all")))
        return path
