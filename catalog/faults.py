"""What someone says was wrong: `bad-data:REF@FROM..TO`, the data in REF between two times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from catalog.model.errors import UsageError
from catalog.model.instants import Instant, parse, parse_as_of
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.timeline import EVER, NEVER

FORM: Final = "bad-data:REF@FROM..TO"
_HEAD: Final = "bad-data:"
_SPAN: Final = re.compile(r"@([^@]*)\.\.([^@]*)$")


@dataclass(frozen=True, slots=True)
class Fault:
    """The data in a data set or column was wrong between two times."""

    text: str
    urn: Urn
    begins: Instant = EVER
    ends: Instant = NEVER

    @property
    def dataset(self) -> Urn:
        return dataset_of(self.urn)


def is_fault(text: str) -> bool:
    """Returns whether a change is of the form for bad data."""
    return text.strip().lower().startswith(_HEAD)


def parse_fault(text: str, refs: Refs) -> Fault:
    """Reads `bad-data:REF@FROM..TO`; either end, or all behind the name, may be left out. A bare date FROM is its start, TO its end.

    Raises:
        UsageError: the times are none, or the wrong way round.
        NotFoundError: what it names is not in the catalog.
        AmbiguousNameError: the name fits several things.
    """
    body = text.strip()[len(_HEAD) :]
    span = _SPAN.search(body)
    name = body[: span.start()] if span else body
    begins = parse(span[1]) if span and span[1].strip() else EVER
    ends = parse_as_of(span[2]) if span and span[2].strip() else NEVER
    if begins > ends:
        raise UsageError(f"{text!r} ends before it begins: expected {FORM}. Swap the times.")
    return Fault(text, refs.parse(name, ("dataset", "column", "datasetversion")), begins, ends)
