"""Scalars of the schema: times, and whole numbers that a GraphQL Int cannot hold."""

from __future__ import annotations

from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from catalog.model.errors import InvalidTimeError
from catalog.model.instants import Instant, parse_as_of, show

Time = NewType("Time", int)
"""An instant, written as text."""

Long = NewType("Long", int)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else show(Instant(value))


def _read(value: Any) -> Time:
    if not isinstance(value, str):
        raise InvalidTimeError(str(value))
    return Time(parse_as_of(value))


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Time: strawberry.scalar(
        name="Time",
        description="ISO 8601 in UTC, `#N` behind it for the Nth of equal times. As a question a bare date means its end.",
        serialize=_written,
        parse_value=_read,
    ),
    Long: strawberry.scalar(
        name="Long", description="A whole number of up to 64 bits.", serialize=int, parse_value=int
    ),
}
