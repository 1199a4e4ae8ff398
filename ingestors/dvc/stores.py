"""What lies in a local cache or remote: the listings of folders."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from pathlib import Path

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Limits
from ingestors.documents import json_value
from ingestors.reading import Reader
from ingestors.values import mappings, text


class Listings:
    """Finds the listing that a folder's digest is the digest of.

    Args:
        folders: Roots of caches and remotes on this machine; the first that has a listing is read.
    """

    def __init__(self, reader: Reader, folders: Sequence[Path], limits: Limits) -> None:
        self._reader, self._folders, self._limits = reader, folders, limits

    def entries(self, digest: str) -> list[tuple[str, str]] | None:
        """Returns path and digest of each file of a folder, sorted; None if no listing is at hand.

        Raises:
            SourceError: the listing cannot be read, or is not the one that the digest is of.
        """
        for folder in self._folders:
            path = folder / "files" / "md5" / digest[:2] / digest[2:]
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return self._listing(path, digest)
        return None

    def _listing(self, path: Path, digest: str) -> list[tuple[str, str]]:
        data, place = self._reader.data(path), self._reader.label(path)
        if md5(data, usedforsecurity=False).hexdigest() != digest.removesuffix(".dir"):
            raise SourceError(place, f"is not the listing {digest!r}: its digest differs", "Fetch it again.")
        rows = mappings(json_value(data.decode("utf-8", "replace"), place, self._limits.depth))
        if len(rows) > self._limits.files:
            raise LimitError(place, f"lists over {self._limits.files} files", "See the limits.")
        found = {name: text(row.get("md5")) for row in rows if (name := text(row.get("relpath"))) and _inside(name)}
        return sorted((name, value) for name, value in found.items() if value is not None)


def _inside(path: str) -> bool:
    return not path.startswith("/") and "\0" not in path and ".." not in path.split("/")
