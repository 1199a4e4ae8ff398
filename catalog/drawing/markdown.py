"""Pieces of Markdown pages. Names are hostile text: what is shown is shown as it is, and no address becomes a link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

_ESCAPED: Final = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>|#!&~@"})

FAILED: Final = "**failed**"
"""The one text that is marked up."""


def section(title: str) -> Iterator[str]:
    """Yields the lines of a heading."""
    yield f"## {title}"
    yield ""


def table(heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Yields the lines of a table."""
    yield f"| {' | '.join(heads)} |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: Any) -> str:
    return "" if value is None else str(value) if value == FAILED else plain(str(value))


def plain(text: str) -> str:
    """Returns text that Markdown shows as it is, on one line."""
    plain = "".join(c if c.isprintable() else " " for c in text).translate(_ESCAPED)
    return plain.replace("://", ":\\//").replace("www.", "www\\.")  # no address becomes a link by itself
