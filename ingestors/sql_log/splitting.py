"""A text cut into its statements, without parsing it: only quotes, comments and semicolons count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_BACKSLASH: Final = frozenset(
    {"mysql", "bigquery", "snowflake", "spark", "spark2", "databricks", "hive", "clickhouse", "doris"}
)
"""Dialects in which a backslash hides the quote after it."""
_HASH_COMMENTS: Final = frozenset({"mysql", "bigquery", "doris"})
_NO_DOLLARS: Final = frozenset({"mysql", "bigquery", "spark", "spark2", "databricks", "hive", "oracle", "tsql"})


@lru_cache
def _tokens(dialect: str | None) -> re.Pattern[str]:
    # What is never closed reaches to the end: else each such beginning would be searched through the whole text.
    text = r"'(?:[^'\\]|\\.|'')*'?" if dialect in _BACKSLASH else r"\b[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?"
    parts = [text, r'"(?:[^"]|"")*"?', r"`[^`]*`?", r"--[^\n]*", r"/\*(?:.*?\*/|.*)"]
    if dialect in _HASH_COMMENTS:
        parts.append(r"#[^\n]*")
    if dialect not in _NO_DOLLARS:
        parts.append(r"(?<![\w$])\$(?P<tag>[A-Za-z_]\w*|)\$(?:.*?\$(?P=tag)\$|.*)")
    return re.compile("|".join([*parts, r"(?P<end>;)"]), re.DOTALL)


def split(text: str, dialect: str | None) -> Iterator[tuple[str, int]]:
    """Yields each statement with the number of line breaks before it; those without a word are left out."""
    body = text.rstrip("; \t\r\n")
    if ";" not in body:
        if body.strip():
            yield text, 0
        return
    start = 0
    for token in _tokens(dialect).finditer(text):
        if token["end"]:
            yield from _piece(text, start, token.start())
            start = token.end()
    yield from _piece(text, start, len(text))


def _piece(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    piece = text[start:end].strip()
    if piece:
        first = start + len(text[start:end]) - len(text[start:end].lstrip())
        yield piece, text.count("\n", 0, first)
