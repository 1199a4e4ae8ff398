"""Times of the world: microseconds with an ordinal for ties, in one integer that sorts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NewType

from catalog.model.errors import InvalidTimeError

Instant = NewType("Instant", int)
"""A point in time: microseconds since 1970 (UTC) times 1,024, plus an ordinal.

Facts of one source that share a time stamp are told apart by the ordinal. An ordinal over 1,023 spills into the next
microsecond: the order among the ties stays, and the time shown is off by less than a millisecond for a million ties.
Fits 63 bits until the year 2255.
"""

TIES: Final = 1024
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def instant(moment: datetime, ordinal: int = 0) -> Instant:
    """Returns the instant of a time; a time without zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Instant((aware - _EPOCH) // timedelta(microseconds=1) * TIES + ordinal)


def from_millis(millis: int, ordinal: int = 0) -> Instant:
    """Returns the instant of milliseconds since 1970, as MLflow, Delta and Spark write times."""
    return Instant(millis * 1000 * TIES + ordinal)


def moment(at: Instant) -> datetime:
    """Returns the time without its ordinal, in UTC."""
    return _EPOCH + timedelta(microseconds=at // TIES)


def show(at: Instant) -> str:
    """Returns ISO 8601 in UTC, with microseconds only if there are any, and `#ordinal` if it is not 0.

    Law: `parse(show(at)) == at`.
    """
    time = moment(at)
    text = time.replace(tzinfo=None).isoformat() + "Z"
    return f"{text}#{at % TIES}" if at % TIES else text


def parse(text: str) -> Instant:
    """Reads ISO 8601, with or without zone (then UTC), with or without `#ordinal`; a bare date means its start.

    Raises:
        InvalidTimeError: the text is no such time.
    """
    stamp, _, ordinal = text.strip().partition("#")
    try:
        return instant(datetime.fromisoformat(stamp), int(ordinal or 0))
    except (ValueError, OverflowError) as err:
        raise InvalidTimeError(text) from err


def parse_as_of(text: str) -> Instant:
    """Reads the time of a question: a bare date means its end (UTC), a stamp the last ordinal at it.

    Raises:
        InvalidTimeError: the text is no such time.
    """
    bare = text.strip()
    if _DATE.fullmatch(bare):
        try:
            return Instant(instant(datetime.fromisoformat(bare) + timedelta(days=1)) - 1)
        except (ValueError, OverflowError) as err:
            raise InvalidTimeError(text) from err
    at = parse(bare)
    return at if "#" in bare else Instant(at // TIES * TIES + TIES - 1)


def day(at: Instant) -> date:
    """Returns the UTC day of an instant."""
    return moment(at).date()
