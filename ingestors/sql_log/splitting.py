"""A text cut into its statements, without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sqlglot.dialects.dialect import Dialect

from catalog.sql.splitting import statements_of, tokenize

MAX_CHARACTERS: Final = 2_000_000
BATCHES: Final = frozenset({"tsql", "fabric"})
"""Dialects in which a line with GO ends what came before it."""
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
    """Yields each statement with the number of line breaks before it; blocks and bodies of routines stay whole."""
    body = text.rstrip("; \t\r\n")
    if ";" not in body and dialect not in BATCHES:
        if body.strip():
            yield text, 0
        return
    tokens = tokenize(text, Dialect.get_or_raise(dialect or None)) if len(text) <= MAX_CHARACTERS else None
    if tokens is None:
        yield from _cut(text, dialect)
        return
    for piece in statements_of(tokens, dialect in BATCHES):
        yield text[piece.start : piece.end], piece.line - 1


def _cut(text: str, dialect: str | None) -> Iterator[tuple[str, int]]:
    """Cuts what is too long for tokens, or cannot be cut into them, at its semicolons."""
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
