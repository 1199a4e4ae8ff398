"""Names for statements that do not change with literals, comments, spacing or the names tools mint for each run."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sqlglot.dialects.dialect import Dialect

_DIGEST_BYTES: Final = 8

_ESCAPED_TEXT: Final = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|"""[:-1]
_ESCAPING: Final = frozenset({"bigquery", "mysql", "spark", "spark2", "databricks", "hive", "clickhouse"})
"""Where double quotes hold text and not names, and a backslash escapes."""

_PLAIN_TEXT: Final = r"'(?:[^']|'')*'"
_HASH_COMMENTS: Final = frozenset({"mysql", "bigquery"})


@lru_cache(maxsize=64)
def _pattern(dialect: str) -> re.Pattern[str]:
    text = _ESCAPED_TEXT if dialect in _ESCAPING else _PLAIN_TEXT
    comment = r"--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/" + (r"|\#[^\n]*" if dialect in _HASH_COMMENTS else "")
    if dialect in ("postgres", "redshift"):
        text = r"[eE]'(?:[^'\\]|\\.|'')*'|[nNbBxX]?" + text
    return re.compile(
        rf"""(?P<space>\s+|{comment})
        |(?P<dollar>(?P<tag>\$\w*\$).*?(?P=tag))
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


def knows(dialect: str | None) -> bool:
    """Whether the parser has a dialect of this name."""
    return not dialect or Dialect.get(dialect) is not None
