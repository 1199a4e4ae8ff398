"""Business glossaries as CSV, YAML or JSON files: terms, their relations, and the columns that they are the meaning of.

The files of one source that name the same glossary are one; a file names it by `glossary` or `name`, else the source's
option, else the source itself does. References to columns are read as the catalog prints them; their namespaces are
those of the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from catalog.model.facts import Origin, Snapshot
from catalog.model.ingest import Context, Options
from ingestors.glossary.rows import Rows, read_rows
from ingestors.glossary.terms import GlossaryTerms
from ingestors.reading import Reader


class GlossaryOptions(Options):
    """Options of a source of kind `glossary`."""

    path: str | list[str] = Field(description="File or pattern, or several: .csv, .tsv, .yaml or .json.")
    glossary: str | None = Field(
        default=None, min_length=1, description="Name of the glossary; else the source's name."
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1, description="What stands between fields of a .csv.")


class GlossaryIngestor:
    """Reads glossaries."""

    name: ClassVar[str] = "glossary"
    options: ClassVar[type[Options]] = GlossaryOptions

    def __init__(self, options: GlossaryOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        reader = Reader(context)
        patterns = [self._options.path] if isinstance(self._options.path, str) else self._options.path
        paths = list(dict.fromkeys(path for pattern in patterns for path in reader.paths(pattern)))
        glossaries = dict[str, GlossaryTerms]()
        for path in paths:
            file = read_rows(reader, path, self._options.delimiter)
            name = self._name(file, context)
            one = GlossaryTerms(name, [], [], file.about, context.namespaces, Origin(reader.label(path)))
            known = glossaries.setdefault(name, one)
            known.rows.extend(file.rows)
            known.skips.extend(file.skips)
        at = context.at or max(map(reader.modified, paths))
        for glossary in glossaries.values():
            yield from glossary.snapshots(at, dated=context.at is not None)

    def _name(self, file: Rows, context: Context) -> str:
        return self._options.glossary or file.about.get("glossary") or file.about.get("name") or context.source
