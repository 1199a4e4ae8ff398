"""A glossary file as rows: a table of any shape, or our own YAML or JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from ingestors.glossary.alation import ALATION
from ingestors.glossary.atlas import ATLAS
from ingestors.glossary.collibra import COLLIBRA
from ingestors.glossary.openmetadata import OPENMETADATA
from ingestors.glossary.own import NAMES, OWN
from ingestors.glossary.purview import PURVIEW
from ingestors.glossary.rows import Row, Rows
from ingestors.glossary.shapes import Shape, folded
from ingestors.glossary.skos import SUFFIXES as SKOS
from ingestors.glossary.skos import read_skos
from ingestors.reading import Cut, Reader

SHAPES: Final[Mapping[str, Shape]] = {s.name: s for s in (ATLAS, OPENMETADATA, PURVIEW, COLLIBRA, ALATION, OWN)}
_DELIMITERS: Final = ",;\t|"
_TABLES: Final = frozenset({".csv", ".tsv", ".txt"})
_DOCUMENTS: Final = frozenset({".yaml", ".yml", ".json"})


def read_rows(reader: Reader, path: Path, shape: str | None = None, delimiter: str | None = None) -> Rows:
    """Reads a glossary file by its suffix and header.

    Args:
        shape: Name of the shape of a table; None: told by its header.
        delimiter: What stands between fields; None: told by the header.

    Raises:
        SourceError: it cannot be read, or is no glossary.
    """
    label = reader.label(path)
    suffix = suffix_of(path)
    if suffix in SKOS and (shape == "skos" or suffix != ".json"):
        return read_skos(reader, path, SKOS[suffix])
    if suffix in _TABLES:
        return _table(reader, path, label, SHAPES.get(shape or ""), delimiter)
    if suffix not in _DOCUMENTS:
        raise SourceError(
            label,
            f"{suffix!r} is no form of a glossary",
            "Write it as .csv, .yaml, .json, or as SKOS (.ttl, .jsonld, .rdf).",
        )
    return _document(reader.json(path) if suffix == ".json" else reader.yaml(path), label)


def suffix_of(path: Path) -> str:
    """Returns the suffix without that of a packed file."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(reader: Reader, path: Path, label: str, given: Shape | None, delimiter: str | None) -> Rows:
    delimiter = delimiter or _delimiter(reader, path)
    lines = reader.lined_rows(path, delimiter)
    _, header = next(lines, (0, []))
    header = [] if any(isinstance(name, Cut) for name in header) else [name.strip() for name in header]
    shape = given or next((s for s in SHAPES.values() if s.fits(header)), OWN)
    _check(header, shape, label)
    found = Rows()
    for line, values in lines:
        if any(value.strip() for value in values):
            _take(found, shape, header, values, label, line)
    return found


def _delimiter(reader: Reader, path: Path) -> str:
    """Returns the delimiter that the first line has most of."""
    _, first = next(iter(reader.lines(path)), (0, ""))
    return max(_DELIMITERS, key=first.count)


def _check(header: list[str], shape: Shape, label: str) -> None:
    twice = next((name for name, count in Counter(header).items() if count > 1 and name), None)
    if not header or twice is not None:
        problem = "has no header" if not header else f"names the column {twice!r} twice"
        raise SourceError(label, problem, "Write one line with the names of the columns first.")
    if shape is OWN and not set(NAMES) & set(map(folded, header)):
        shown = ", ".join(header)[:200]
        raise SourceError(
            label,
            f"is no glossary of a known shape: its columns are {shown!r}",
            f"Name one column 'term', or say which of {', '.join(SHAPES)} wrote it.",
        )


def _take(found: Rows, shape: Shape, header: list[str], values: list[str], label: str, line: int) -> None:
    origin = Origin(label, f"line {line}")
    if isinstance(values[0], Cut):
        found.skips.append(Skip("unreadable", "the row is too long, or its quote is never closed", origin))
        return
    if len(values) > len(header) or (len(values) < len(header) and not shape.short_rows):
        message = f"the row has {len(values)} fields: expected {len(header)}"
        found.skips.append(Skip("unreadable", message, origin))
        return
    record = dict(zip(header, values, strict=False))
    for row in shape.rows(
        record, origin, lambda column: Origin(label, f"line {line}, column {_shown(header, column)}")
    ):
        _add(found, row, shape)


def _shown(header: list[str], column: str) -> str:
    return next((name for name in header if name == column or folded(name) == column), column)


def _add(found: Rows, row: Row, shape: Shape) -> None:
    if row.about and not row.name:
        found.about |= row.about
    elif not row.name:
        found.skips.append(Skip("unreadable", "the row has no name of a term: expected one", row.origin))
        found.skips.extend(row.skips)
    else:
        found.add(row, continues=shape.continues)


# --- our own documents ------------------------------------------------------------------------------------------------


def _document(document: Any, label: str) -> Rows:
    about = document if isinstance(document, dict) and "terms" in document else {}
    terms = about.get("terms", document)
    if not isinstance(terms, (list, dict)):
        raise SourceError(label, "holds no terms", "Write a list under 'terms', or a mapping of names to fields.")
    said = {key: value for key, value in about.items() if key != "terms" and isinstance(value, str)}
    found = Rows(about=said)
    for place, entry in _entries(terms):
        pointer = f"{'/terms' if about else ''}/{place}"
        origin = Origin(label, pointer)
        if not isinstance(entry, dict):
            found.skips.append(Skip("unreadable", "the entry is no term: expected a name or a mapping", origin))
            continue
        for row in OWN.rows(entry, origin, lambda column, at=pointer: Origin(label, f"{at}/{_token(column)}")):  # type: ignore[misc]
            _add(found, row, OWN)
    return found


def _entries(terms: list[Any] | dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(terms, dict):
        for key, value in terms.items():
            yield _token(key), {"name": key, **(value if isinstance(value, dict) else {"definition": value})}
    else:
        for index, value in enumerate(terms):
            yield str(index), {"name": value} if isinstance(value, str) else value


def _token(key: str) -> str:
    """Returns a key as it stands in a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
