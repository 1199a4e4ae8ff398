"""Whether the files that a data set's own log lists are there, with the sizes that it recorded.

What the catalog was told is the digest of the list: a log that was changed since does not give it any more. Bytes of the files
prove nothing here, since the log holds no digest of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from catalog.model.errors import SourceError
from catalog.model.ingest import Lister, Manifest, Source
from catalog.model.names import Urn
from catalog.verification.hashing import Place, UnsafePathError


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one list of files."""

    verdict: Literal["match", "mismatch", "missing", "not_recorded"]
    why: str
    actual: str | None = None
    place: str | None = None


def manifest_of(sources: tuple[Source, ...], version: Urn) -> Manifest | str | None:
    """Returns the list that a source has of a version, or why it cannot be read; None if none knows the version."""
    problem = None
    for source in sources:
        lister: object = source.ingestor
        if not isinstance(lister, Lister):
            continue
        try:
            found = lister.manifest(source.context, version)
        except SourceError as err:
            problem = str(err)
        else:
            if found is not None:
                return found
    return problem


def look(manifest: Manifest, recorded: str, tell: Callable[[int], None]) -> Finding:
    """Returns whether a list is the one that was recorded, and its files are there with their sizes."""
    place = str(manifest.folder)
    if manifest.digest is None:
        return Finding("not_recorded", "its log does not say any more which files it had", None, place)
    if manifest.digest != recorded:
        return Finding("mismatch", "its log lists other files than when it was read", manifest.digest, place)
    missing: list[str] = []
    other: list[str] = []
    elsewhere = 0
    for path, size in manifest.files:
        if path is None:
            elsewhere += 1
            continue
        found = _size(Place(manifest.folder, path))
        tell(0)
        if found is None:
            missing.append(path)
        elif size is not None and found != size:
            other.append(path)
    return _judge(manifest, place, missing, other, elsewhere)


def _judge(manifest: Manifest, place: str, missing: list[str], other: list[str], elsewhere: int) -> Finding:
    count, digest = len(manifest.files), manifest.digest
    if other:
        return Finding(
            "mismatch", f"{len(other)} of {count} files have another size, first {other[0]!r}", digest, place
        )
    if missing:
        return Finding("missing", f"{len(missing)} of {count} files are not there, first {missing[0]!r}", None, place)
    if elsewhere:
        return Finding(
            "missing", f"{elsewhere} of {count} files lie in another folder, which is not looked at", None, place
        )
    why = f"{count} files by name and size: its log records no digest of their bytes"
    return Finding("match", why, digest, place)


def _size(place: Place) -> int | None:
    """Returns the bytes of a regular file that no link leads to; None if there is none."""
    try:
        fd = place.open()
    except (OSError, UnsafePathError):
        return None
    try:
        found = os.fstat(fd)
        return found.st_size if stat.S_ISREG(found.st_mode) else None
    finally:
        os.close(fd)
