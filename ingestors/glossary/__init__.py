"""Business glossaries: terms, their relations, who answers for them, and the columns that they are the meaning of.

Files are tables with a header (ours, or what Apache Atlas, OpenMetadata, Microsoft Purview, Collibra or Alation writes: told apart
by the header), YAML or JSON of ours, or SKOS. The files of one source that name the same glossary are one; a row or file names it,
else the source's option, else the source itself does. References to columns are read as the catalog prints them; their namespaces
are those of the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from catalog.model.facts import Origin, Snapshot
from catalog.model.ingest import Context, Options
from ingestors.glossary.assets import Assets
from ingestors.glossary.files import read_rows, suffix_of
from ingestors.glossary.rows import Rows
from ingestors.glossary.terms import GlossaryTerms, tell_apart
from ingestors.reading import Reader


class GlossaryOptions(Options):
    """Options of a source of kind `glossary`."""

    path: str | list[str] = Field(
        description="File or pattern, or several: .csv, .tsv, .yaml, .json, .ttl, .jsonld or .rdf."
    )
    format: Literal["auto", "headwater", "atlas", "openmetadata", "purview", "collibra", "alation", "skos"] = Field(
        default="auto", description="Which tool wrote it; else told by the header and the suffix."
    )
    glossary: str | None = Field(
        default=None, min_length=1, description="Name of the glossary; else as the file says, else the source's name."
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="What stands between fields of a .csv; else told by the header.",
    )
    namespace: str | None = Field(
        default=None,
        min_length=1,
        description="Where data is that other tools name without a system, as alias or in full.",
    )
    systems: dict[str, str] = Field(
        default_factory=dict, description="First parts of other tools' names of data, with the namespace of each."
    )
    partial: bool = Field(default=False, description="Terms that the files do not list stay as they are.")


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
            self._sort(self._read(reader, path), Origin(reader.label(path)), context, glossaries)
        tell_apart(glossaries.values())
        at = context.at or max(map(reader.modified, paths))
        for glossary in glossaries.values():
            yield from glossary.snapshots(at, dated=context.at is not None)

    def _read(self, reader: Reader, path: Path) -> Rows:
        options = self._options
        shape = None if options.format == "auto" else options.format
        return read_rows(reader, path, shape, "\t" if suffix_of(path) == ".tsv" else options.delimiter)

    def _sort(self, file: Rows, origin: Origin, context: Context, glossaries: dict[str, GlossaryTerms]) -> None:
        """Gives the rows of a file to their glossaries; what is no row belongs to the first of them."""
        named = dict.fromkeys(row.glossary for row in file.rows if row.glossary)
        main = self._options.glossary or file.about.get("glossary") or file.about.get("name")
        main = main or next(iter(named), None) or context.source
        for row in file.rows:
            glossary = self._glossary(self._options.glossary or row.glossary or main, origin, context, glossaries)
            glossary.rows.append(row)
            glossary.about |= row.about
        first = self._glossary(main, origin, context, glossaries)
        first.about |= {key: text for key, text in file.about.items() if key not in first.about}
        first.skips.extend(file.skips)

    def _glossary(
        self, name: str, origin: Origin, context: Context, glossaries: dict[str, GlossaryTerms]
    ) -> GlossaryTerms:
        if name not in glossaries:
            options = self._options
            assets = Assets(
                context.namespaces,
                {system: context.namespace(space) for system, space in options.systems.items()},
                None if options.namespace is None else context.namespace(options.namespace),
            )
            glossaries[name] = GlossaryTerms(name, {}, assets, origin, partial=options.partial)
        return glossaries[name]
