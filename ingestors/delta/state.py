"""A table's state at one version: its metadata, and the files that are in it, as the actions so far make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from catalog.model.canonical import json_text
from catalog.model.errors import SourceError
from ingestors.delta.files import Json
from ingestors.documents import json_value
from ingestors.values import mapping, text, whole

ALGORITHM: Final = "delta-files"
"""The sum modulo 2**256 of the SHA-256 of each file's entry, the canonical JSON `[path, size, deletion vector]`.

It stands for a list of names and sizes, not for bytes: equal ones are the same files, and prove nothing of what is in them.
"""
_MODULUS: Final = 1 << 256
Key = tuple[str, str]
"""A file is told apart by its path as the log writes it, and its deletion vector."""


class DataFile(NamedTuple):
    """One file of a table: bytes, and rows that are not deleted, where known."""

    size: int | None
    rows: int | None


@dataclass(slots=True)
class FileSet:
    """The files of a table, with their sums kept as they change."""

    known: bool = True
    """False if some action that made it was not at hand: then nothing is known of the whole."""
    files: dict[Key, DataFile] = field(default_factory=dict)
    _size: int = 0
    _rows: int = 0
    _unsized: int = 0
    _uncounted: int = 0
    _digest: int = 0

    @property
    def digest(self) -> str | None:
        return f"{self._digest:064x}" if self.known else None

    @property
    def size(self) -> int | None:
        return self._size if self.known and not self._unsized else None

    @property
    def rows(self) -> int | None:
        return self._rows if self.known and not self._uncounted else None

    @property
    def count(self) -> int | None:
        return len(self.files) if self.known else None

    def add(self, action: Json) -> None:
        key = _key(action)
        self._drop(key)
        one = DataFile(whole(action.get("size")), _rows(action))
        self.files[key] = one
        self._sum(key, one, 1)

    def remove(self, action: Json) -> None:
        self._drop(_key(action))

    def _drop(self, key: Key) -> None:
        before = self.files.pop(key, None)
        if before is not None:
            self._sum(key, before, -1)

    def _sum(self, key: Key, one: DataFile, sign: int) -> None:
        self._size += sign * (one.size or 0)
        self._rows += sign * (one.rows or 0)
        self._unsized += sign * (one.size is None)
        self._uncounted += sign * (one.rows is None)
        entry = json_text([key[0], one.size, key[1]])
        self._digest = (self._digest + sign * int.from_bytes(sha256(entry.encode()).digest())) % _MODULUS


def _key(action: Json) -> Key:
    vector = mapping(action.get("deletionVector"))
    parts = (text(vector.get(name)) or "" for name in ("storageType", "pathOrInlineDv", "offset"))
    return text(action.get("path")) or "", "|".join(parts).strip("|")


def _rows(action: Json) -> int | None:
    """Returns the rows of a file by its statistics; of these nothing else is looked at, for it holds values of the data."""
    said = action.get("stats")
    try:
        found = mapping(json_value(said, "") if isinstance(said, str) else said)
    except SourceError:
        return None
    count = whole(found.get("numRecords"))
    deleted = whole(mapping(action.get("deletionVector")).get("cardinality")) or 0
    return None if count is None else max(0, count - deleted)


@dataclass(slots=True)
class TableState:
    """What the actions so far say. `metadata` and `protocol` are empty as long as they are not known."""

    metadata: Json = field(default_factory=dict)
    protocol: Json = field(default_factory=dict)
    domains: dict[str, Json] = field(default_factory=dict)
    files: FileSet = field(default_factory=FileSet)

    def apply(self, kind: str, action: Json) -> bool:
        """Takes an action in; returns whether it changed what the table is, rather than what is in it."""
        match kind:
            case "add":
                self.files.add(action)
            case "remove":
                self.files.remove(action)
            case "metaData":
                self.metadata = action
                return True
            case "protocol":
                self.protocol = action
                return True
            case "domainMetadata":
                return self._domain(action)
            case "sidecar":
                self.files.known = False  # the files of this checkpoint are listed in Parquet
            case _:
                pass  # transaction ids, change data, and what newer writers add
        return False

    def _domain(self, action: Json) -> bool:
        name = text(action.get("domain")) or ""
        if action.get("removed") is True:
            self.domains.pop(name, None)
        else:
            self.domains[name] = action
        return name == "delta.clustering"
