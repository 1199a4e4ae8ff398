"""Text of no particular dialect that the plain parser cannot read: the dialects that are tried in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot.dialects.dialect import Dialect

_IN_ORDER: Final = (
    "snowflake",
    "postgres",
    "oracle",
    "tsql",
    "databricks",
    "mysql",
    "bigquery",
    "clickhouse",
)
"""Those first in which double quotes hold names, as they do in plain SQL."""


_MAX_TOKENS: Final = 20_000
"""What all attempts at one statement may read together."""


def other_dialects(token_count: int = 1) -> Iterator[tuple[str, Dialect]]:
    """Yields the dialects to try, by name: fewer for a long text. It is read as the first one's that takes all of it."""
    for name in _IN_ORDER[: _MAX_TOKENS // max(token_count, 1)]:
        yield name, Dialect.get_or_raise(name)
