"""The shapes of glossary files with a header: ours and those of other tools, told apart by the names of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.model.facts import Origin
from ingestors.glossary.fields import Field
from ingestors.glossary.rows import Row

Place = Callable[[str], Origin]
"""From a column to the place of its cell."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How one tool writes a glossary as a table.

    Attributes:
        signs: Sets of columns; a header that has all of one is of this shape. Folded.
        fields: Columns, folded, to what they say.
        other: What a column says that is not among the fields; None: it is kept in `meta`.
        finish: Looks at the whole row at last.
        short_rows: Whether rows may leave out empty fields at their end.
        continues: Whether a further row of the same name adds to the first.
    """

    name: str
    signs: tuple[frozenset[str], ...]
    fields: Mapping[str, Field]
    other: Callable[[str], Field | None] = lambda _: None
    finish: Callable[[Row, Mapping[str, str], Place], list[Row]] = lambda row, *_: [row]
    short_rows: bool = False
    continues: bool = False
    cell: Callable[[str], str] = field(default=str)

    def fits(self, header: Iterable[str]) -> bool:
        known = set(map(folded, header))
        return any(sign <= known for sign in self.signs)

    def rows(self, record: Mapping[str, Any], origin: Origin, place: Place) -> list[Row]:
        """Returns what a record says: mostly one row, none if it is about something else."""
        row = Row(origin)
        said = {column: self.cell(v) if isinstance(v, str) else v for column, v in record.items()}
        for column, value in said.items():
            if value in (None, "", [], {}) or (isinstance(value, str) and not value.strip()):
                continue
            take = self.fields.get(folded(column)) or self.other(column)
            if take is None:
                row.meta[column] = value
            else:
                take(row, value, place(column))
        return self.finish(row, {folded(c): str(v) for c, v in said.items() if v is not None}, place)


def folded(column: str) -> str:
    """Returns the name of a column as shapes know it: without case, and without the star of a required one."""
    return " ".join(column.strip().removesuffix("*").casefold().replace("_", " ").replace("-", " ").split())


FORMATS: Final = ("headwater", "atlas", "openmetadata", "purview", "collibra", "alation", "skos")
"""What `format:` may say."""
