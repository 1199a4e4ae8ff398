"""Text that the parser cannot read: the dialects that are tried in place of its own, or of none."""

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


_KIN: Final[dict[str | None, tuple[str, ...]]] = {
    None: _IN_ORDER,
    "hive": ("databricks",),
    "spark2": ("databricks",),
    "spark": ("databricks",),
    "presto": ("trino",),
    "athena": ("trino", "databricks"),
    "postgres": ("redshift",),
    "redshift": ("postgres", "snowflake"),
    "fabric": ("tsql",),
}
"""A platform's language grows towards its kin's: Spark takes up what Databricks had first."""

_MAX_TOKENS: Final = 20_000
"""What all attempts at one statement may read together."""


def other_dialects(dialect: str | None, token_count: int) -> Iterator[tuple[str, Dialect]]:
    """Yields the dialects to try, by name: fewer for a long text. It is read as the first one's that takes all of it."""
    for name in _KIN.get(dialect, ())[: _MAX_TOKENS // max(token_count, 1)]:
        yield name, Dialect.get_or_raise(name)
