"""Which code ran: the commit of the repository around a script, read from its files, and the script's own digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from catalog.recorder.document import Code

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ORIGIN: Final = re.compile(r'^\[remote "origin"\]\s*$(?:\n(?!\[).*)*?\n\s*url\s*=\s*(.+?)\s*$', re.MULTILINE)
_USER: Final = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST: Final = 4 << 20
_LINKS: Final = 5


def code_of(script: Path | None) -> Code | None:
    """Returns what is known of the code in a file; None for none. Uncommitted changes show in the digest alone."""
    if script is None or not script.is_file():
        return None
    found = next(_repositories(script.resolve().parent), None)
    digest = hashlib.sha256(script.read_bytes()).hexdigest()
    if found is None:
        return Code(repository=script.resolve().parent.as_uri(), path=script.name, sha256=digest)
    tree, folder = found
    commit, branch = _head(folder)
    return Code(
        repository=_origin(_common(folder)) or tree.as_uri(),
        commit=commit,
        branch=branch,
        path=script.resolve().relative_to(tree).as_posix(),
        sha256=digest,
    )


def _repositories(start: Path) -> Iterator[tuple[Path, Path]]:
    """Yields working trees around a folder with their Git folders, the nearest first."""
    for tree in (start, *start.parents):
        git = tree / ".git"
        if git.is_dir():
            yield tree, git
        elif (named := _read(git)).startswith("gitdir:"):
            yield tree, (tree / named.removeprefix("gitdir:").strip()).resolve()


def _common(folder: Path) -> Path:
    """The Git folder that holds branches and settings: another one for a linked working tree."""
    named = _read(folder / "commondir").strip()
    return (folder / named).resolve() if named else folder


def _head(folder: Path) -> tuple[str | None, str | None]:
    said, name = _read(folder / "HEAD").strip(), None
    for _ in range(_LINKS):
        if not said.startswith("ref:"):
            break
        name = said.removeprefix("ref:").strip()
        said = _read(folder / name).strip() or _read(_common(folder) / name).strip() or _packed(_common(folder), name)
    commit = said if _COMMIT.fullmatch(said) else None
    return commit, name.removeprefix("refs/heads/") if name else None


def _packed(folder: Path, name: str) -> str:
    lines = (line.split() for line in _read(folder / "packed-refs").splitlines())
    return next((line[0] for line in lines if len(line) == 2 and line[1] == name), "")


def _origin(folder: Path) -> str | None:
    found = _ORIGIN.search(_read(folder / "config"))
    return _USER.sub("", found[1]) if found else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:_LONGEST] if path.is_file() else ""
    except OSError:
        return ""
