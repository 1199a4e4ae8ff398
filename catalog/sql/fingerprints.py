"""Names for statements that do not change with literals, comments, spacing or the names tools mint for each run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

_DIGEST_BYTES: Final = 8

_ESCAPED_TEXT: Final = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|"""[:-1]
_ESCAPING: Final = frozenset({"bigquery", "mysql", "spark", "spark2", "databricks", "hive", "clickhouse"})
"""Where double quotes hold text and not names, and a backslash escapes."""

_PLAIN_TEXT: Final = r"'(?:[^']|'')*'"
_HASH_COMMENTS: Final = frozenset({"mysql", "bigquery"})


def _texts_and_comments(dialect: str) -> tuple[str, str]:
    """Returns the patterns of a dialect's text literals and comments."""
    text = _ESCAPED_TEXT if dialect in _ESCAPING else _PLAIN_TEXT
    # A comment that is never closed reaches to the end: else each such beginning would be searched through the whole text.
    comment = r"--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?" + (r"|\#[^\n]*" if dialect in _HASH_COMMENTS else "")
    if dialect in ("postgres", "redshift"):
        text = r"\b[eE]'(?:[^'\\]|\\.|'')*'|\b[nNbBxX]'(?:[^']|'')*'|" + text
    return text, comment


@lru_cache(maxsize=64)
def _pattern(dialect: str) -> re.Pattern[str]:
    text, comment = _texts_and_comments(dialect)
    return re.compile(
        rf"""(?P<space>\s+|{comment})
        |(?P<dollar>(?P<tag>\$\w*\$)(?:.*?(?P=tag)|.*))
        |(?P<text>{text})
        |(?P<name>"(?:[^"]|"")*"|`[^`]*`|[^\W\d]\w*(?:\$\w*)*)
        |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
        |(?P<parameter>[$:@]\d+|\?|%s|%\(\w+\)s)
        |(?P<other>.)""",
        re.VERBOSE | re.DOTALL,
    )


_MINTED: Final = re.compile(
    r"""(?:[_-]|\b)(?:
        [0-9a-f]{8}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{12}  # UUID
        |(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}                                # hash
        |\d{6,}(?:_\d+)*                                                               # time, date, counter
    )(?=[_-]|\b|$)""",
    re.VERBOSE | re.IGNORECASE,
)


def normalized(text: str, dialect: str | None = None) -> str:
    """Returns the text without literals, comments and minted names; two statements with one text do the same."""
    words: list[str] = []
    for match in _pattern(dialect or "").finditer(text):
        kind = match.lastgroup
        if kind == "space" or (kind == "other" and match.group() == ";"):
            continue
        word = "?" if kind in ("text", "number", "parameter", "dollar", "tag") else match.group()
        if kind == "name":
            word = _MINTED.sub("#", word if word[0] in '"`' else word.lower())
        words.append(word)
    return _LISTS.sub("? ", _LISTS.sub("? ", " ".join(words)))


_LISTS: Final = re.compile(r"(?:\? (?:, \? ?)+)|(?:\( \? \) (?:, \( \? \) ?)+)")
"""`IN (1, 2, 3)` and VALUES of many rows are one whatever their length."""


def fingerprint(text: str, dialect: str | None = None) -> str:
    """Returns 16 hex digits that name the statement; cost is linear in its length, nothing is parsed."""
    return blake2b(normalized(text, dialect).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def digest(text: str) -> str:
    """Returns 16 hex digits of the text as it is: to name a text that must not be kept."""
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


# ---------------------------------------------------------------- for the cache of answers


_LITERAL_MATTERS: Final = re.compile(
    r"\b(?:pivot|unpivot|unload|immediate|exec|execute|into\s+outfile)\b|\bas\s+'", re.IGNORECASE
)
"""Where a literal names a column, or holds SQL itself."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look at a text tells without parsing.

    Attributes:
        key: The text without comments and without the literals that its lineage cannot depend on; the text itself if
            they may matter, or if it holds several statements.
        start: Where the first statement begins.
        end: Where the last one ends, before a semicolon.
    """

    key: str
    start: int
    end: int


@lru_cache(maxsize=64)
def _skipped(dialect: str) -> re.Pattern[str]:
    text, comment = _texts_and_comments(dialect)
    number = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\b"
    literal = rf"(?:{text}|{number})"
    # A number may be an ordinal (`ORDER BY 2`): only one in a list or after an operator is left out.
    return re.compile(
        rf"""(?=['"`/\#$=<>+*%\-]|\b[benxaloi])(?:(?P<comment>{comment})
        |(?P<list>\bin\s*\((?:\s*-?{literal}\s*,)*\s*-?{literal}\s*\))
        |(?P<text>{text})
        |(?P<name>"(?:[^"]|"")*"|`[^`]*`)
        |(?P<number>[=<>+\-*/%]\s*{number}|\b(?:between|and|limit|offset)\s+{number})
        |(?P<dollar>\$\w*\$))""",
        re.VERBOSE | re.DOTALL | re.IGNORECASE,
    )


_REPLACED: Final = {"comment": " ", "list": "in (?)", "text": "?", "number": "= ?"}


def scan(text: str, dialect: str | None = None) -> Scan:
    """Reads a text once; cost is linear in its length."""
    comments: list[tuple[int, int]] = []
    whole = _LITERAL_MATTERS.search(text) is not None

    def replaced(match: re.Match[str]) -> str:
        nonlocal whole
        kind = match.lastgroup or ""
        if kind == "comment":
            comments.append(match.span())
        elif kind == "dollar":
            whole = True
        return _REPLACED.get(kind) or match.group()

    key = " ".join(_skipped(dialect or "").sub(replaced, text).split()).strip("; ")
    start, end = _content(text, comments)
    return Scan(text if whole or ";" in key else key, start, end)


_BLANK: Final = " \t\r\n\f;"


def _content(text: str, comments: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Returns where the text begins and ends apart from blanks, comments and semicolons around it."""
    start = len(text) - len(text.lstrip(_BLANK))
    for first, last in comments:
        if first != start:
            break
        start = last + len(text) - last - len(text[last:].lstrip(_BLANK))
    end = len(text.rstrip(_BLANK))
    for first, last in reversed(comments):
        if last < end or first < start:
            break
        end = len(text[:first].rstrip(_BLANK))
    return start, max(start, end)
