"""Consent registers as CSV: which document allows the use of which data, for what, for whom, from when to when.

Each row is a `Consent` of its own, since a document may allow different things for different data; the data that it
names are `COVERED_BY` it. Each is a scope below the register's: a row with a fault is named, keeps what it said before, and
spares the others, so that a row that is gone (a consent withdrawn) is closed all the same. A row with a date that cannot
be read allows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from pydantic import Field

from catalog.model.canonical import json_text
from catalog.model.edges import CoveredBy
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.nodes import Consent
from ingestors.reading import Malformed, Reader
from ingestors.refs import read_ref

_SPELLINGS: Final[Mapping[str, str]] = {
    "consent_document_id": "document", "document_id": "document", "consent_id": "document", "id": "document",
    "data": "dataset", "source": "dataset", "data_set": "dataset",
    "purpose": "purposes", "basis": "legal_basis", "data_subject_regions": "regions", "region": "regions",
    "start_date": "valid_from", "valid_until": "valid_to", "expires": "valid_to", "end_date": "valid_to",
}  # fmt: skip
"""Other words for our fields; of several for one the first counts."""
_DATES: Final = ("valid_from", "valid_to")
_FIELDS: Final = frozenset({"document", "dataset", "status", "legal_basis", "purposes", "regions", *_DATES})


class ConsentOptions(Options):
    """Options of a source of kind `consent`."""

    path: str = Field(description="CSV file or pattern: a document and a data set in each row.")
    register_name: str | None = Field(
        default=None, min_length=1, description="Name of the register; else the source's."
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1, description="What stands between fields.")


class ConsentIngestor:
    """Reads consent registers."""

    name: ClassVar[str] = "consent"
    options: ClassVar[type[Options]] = ConsentOptions

    def __init__(self, options: ConsentOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        reader = Reader(context)
        register = _Register(self._options.register_name or context.source, context.namespaces)
        paths = reader.paths(self._options.path)
        for path in paths:
            for number, record in reader.records(path, self._options.delimiter):
                register.add(record, Origin(reader.label(path), f"row {number}"))
        at, dated = context.at or max(map(reader.modified, paths)), context.at is not None
        scope: Scope = ("consent", register.name)
        unread = set[Scope]()
        for name, items in register.rows.items():
            whole = not any(isinstance(item, Skip) for item in items)
            unread |= set() if whole else {(*scope, name)}
            yield Snapshot((*scope, name), at, items, complete=whole, dated=dated)
        nameless = register.nameless
        yield Snapshot(scope, at, nameless, complete=not nameless, unread=frozenset(unread), dated=dated)


@dataclass(frozen=True, slots=True)
class _Register:
    """What rows say, by the name of the consent; `nameless` rows may be about any."""

    name: str
    namespaces: Mapping[str, str]
    rows: dict[str, list[Fact | Skip]] = field(default_factory=dict)
    nameless: list[Skip] = field(default_factory=list)

    def add(self, record: dict[str, str], origin: Origin) -> None:
        fields, meta = _sorted_out(record)
        name = " ".join(part for part in (fields.get("document"), fields.get("dataset")) if part)
        if isinstance(record, Malformed):
            self.nameless.append(Skip("unreadable", f"the row {record.problem}", origin))
        elif not name and any(record.values()):
            self.nameless.append(Skip("unreadable", "the row names no document and no data set", origin))
        elif name in self.rows:
            message = f"a row about {name[:200]!r} is there already: this one is left out"
            self.rows[name].append(Skip("duplicate", message, origin))
        elif name:
            self.rows[name] = list(self._items(name, fields, meta, origin))

    def _items(self, name: str, fields: dict[str, str], meta: dict[str, str], origin: Origin) -> Iterator[Fact | Skip]:
        wrong = [key for key in _DATES if not _is_day(fields.get(key))]
        for key in wrong:
            message = f"{key} {fields[key][:50]!r} is no day: expected one such as 2026-03-31. The row allows nothing"
            yield Skip("unreadable", message, origin)
        if wrong:
            return
        consent = Consent(
            namespace=self.name, name=name, document=fields.get("document"), source=fields.get("dataset"),
            status=fields.get("status", "").lower() or None, legal_basis=fields.get("legal_basis"),
            purposes=_items(fields.get("purposes")), regions=_items(fields.get("regions")),
            valid_from=fields.get("valid_from"), valid_to=fields.get("valid_to"), meta=json_text(meta) if meta else None,
        )  # fmt: skip
        yield Fact(consent, origin)
        for ref in _items(fields.get("dataset")) or ():
            urn = read_ref(ref, self.namespaces)
            if urn is None:
                expected = "expected ALIAS:DATASET, its alias one of the project's namespaces"
                yield Skip("unresolved", f"{ref[:200]!r} is no reference: {expected}", origin, (consent.urn,))
            else:
                yield Fact(CoveredBy(start=urn, end=consent.urn), origin)


def _sorted_out(record: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns our fields, and the others under their own names."""
    fields, meta = dict[str, str](), dict[str, str]()
    for key, value in record.items():
        slug = key.lower().replace(" ", "_").replace("-", "_")
        known = slug if slug in _FIELDS else _SPELLINGS.get(slug, "")
        if text := value.strip():
            if known and known not in fields:
                fields[known] = text
            else:
                meta[key] = text
    return fields, meta


def _items(text: str | None) -> list[str] | None:
    return list(dict.fromkeys(item for part in (text or "").split(";") if (item := part.strip()))) or None


def _is_day(text: str | None) -> bool:
    try:
        return text is None or bool(date.fromisoformat(text[:10]))
    except ValueError:
        return False
