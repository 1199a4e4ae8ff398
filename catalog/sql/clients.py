"""What command-line clients understand and servers never see: taken out of a script before it is cut into statements.

What is taken out becomes blanks, so that every place in the text stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final


def without_client_commands(text: str, dialect: str | None) -> str:
    """Returns the text as the server gets it, of the same length."""
    for dialects, sign, clean in _CLIENTS:
        if (dialect in dialects or (not dialect and "" in dialects)) and sign.search(text):
            text = clean(text)
    return text


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _blanked(found: re.Match[str]) -> str:
    return _blank(found[0])


# ---------------------------------------------------------------- mysql: DELIMITER //

_DELIMITER: Final = re.compile(r"^[ \t]*delimiter[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def _delimiters(text: str) -> str:
    """Puts a semicolon where the delimiter of the moment stands."""
    done: list[str] = []
    position, current = 0, ";"
    for found in _DELIMITER.finditer(text):
        done += [_with_semicolons(text[position : found.start()], current), _blank(found[0])]
        position, current = found.end(), found[1]
    done.append(_with_semicolons(text[position:], current))
    return "".join(done)


def _with_semicolons(part: str, delimiter: str) -> str:
    return part if delimiter == ";" else part.replace(delimiter, ";".ljust(len(delimiter)))


# ---------------------------------------------------------------- psql: \commands, and rows behind COPY .. FROM stdin

_BACKSLASH: Final = re.compile(r"^[ \t]*\\", re.MULTILINE)
_COPY_STDIN: Final = re.compile(
    r"^[ \t]*copy\b[^;\n]*?\bfrom[ \t]+stdin\b[^;\n]*;[^;\n]*$", re.IGNORECASE | re.MULTILINE
)
_META: Final = re.compile(r"^[ \t]*\\(?!copy\b)[^\n]*", re.MULTILINE | re.IGNORECASE)
_META_COPY: Final = re.compile(r"^([ \t]*)\\(copy\b[^\n;]*);?[ \t]*$", re.MULTILINE | re.IGNORECASE)


def _backslashes(text: str) -> str:
    text = _without_rows(text)
    # Without its backslash a \\copy has room for a semicolon.
    text = _META_COPY.sub(lambda found: f"{found[1]}{found[2]};".ljust(len(found[0])), text)
    return _META.sub(_blanked, text)


def _without_rows(text: str) -> str:
    done: list[str] = []
    position = 0
    while (end := text.find("\n\\.", position)) >= 0:
        copy = _COPY_STDIN.search(text, position, end + 1)
        start = copy.end() if copy else end
        done += [text[position:start], _blank(text[start : end + 3])]
        position = end + 3
    return "".join((*done, text[position:]))


# ---------------------------------------------------------------- BTEQ and SQL*Plus

_DOT: Final = re.compile(r"^[ \t]*\.[a-z][^\n;]*;?", re.IGNORECASE | re.MULTILINE)
_SQLPLUS: Final = re.compile(
    r"^(?:whenever|prompt|spool|exit|quit|undefine|ttitle|btitle|rem|remark|"
    r"col(?:umn)?[ \t]+\S+[ \t]+(?:for|format|head|heading|new_value|noprint)|"
    r"set[ \t]+(?:serveroutput|echo|feedback|heading|define|linesize|pagesize|verify|timing|termout|trimspool|"
    r"sqlblanklines|scan|head|lines|pages|feed|ver)(?![ \t]*=))\b[^\n]*$|^@@?[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_SLASH: Final = re.compile(r"^([ \t]*)/([ \t]*)$", re.MULTILINE)


def _dots(text: str) -> str:
    return _DOT.sub(_blanked, text)


def _sqlplus(text: str) -> str:
    return _SLASH.sub(r"\1;\2", _SQLPLUS.sub(_blanked, text))


_CLIENTS: Final[tuple[tuple[tuple[str, ...], re.Pattern[str], Callable[[str], str]], ...]] = (
    (("mysql", "singlestore", "doris", "starrocks", ""), _DELIMITER, _delimiters),
    (("postgres", "redshift", "materialize", "risingwave", ""), _BACKSLASH, _backslashes),
    (("teradata",), _DOT, _dots),
    (("oracle",), re.compile(f"{_SLASH.pattern}|{_SQLPLUS.pattern}", re.IGNORECASE | re.MULTILINE), _sqlplus),
)
"""By dialect: the sign that a script has such commands, and what takes them out."""
