"""What can be told of a statement without understanding it: whether it can matter, and which table it seems to write."""

from __future__ import annotations

import re
from typing import Final

from ingestors.sql_log.transactions import bare

_READS: Final = re.compile(
    r"(?:select|with|table|values|show|explain|fetch|move|close|listen|unlisten|notify|list|ls)\b", re.IGNORECASE
)
_WRITES: Final = re.compile(r"\b(?:into|insert|update|delete|merge|set_config)\b", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"(?:create|alter|drop|comment\s+on)\s+(?:or\s+replace\s+)?(?:unique\s+|global\s+|event\s+|secure\s+)*"
    r"(?:system|role|user|group|database|extension|index|sequence|trigger|policy|type|domain|aggregate|"
    r"operator|publication|subscription|server|tablespace|rule|language|cast|collation|schema|statistics|text\s+search|"
    r"conversion|default\s+privileges|foreign\s+data|large\s+object|warehouse|stage|file\s+format|pipe|task|stream|network|"
    r"session|account|share|resource|integration|tag|masking|row\s+access|secret|api|notification|security|storage)\b",
    re.IGNORECASE,
)
_NAME: Final = (
    r"(?P<name>(?:\"(?:[^\"]|\"\")+\"|`[^`]+`|[\w$]+)(?:\s*\.\s*(?:\"(?:[^\"]|\"\")+\"|`[^`]+`|[\w$]+)){0,3})"
)
_MAKES: Final = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:\w+\s+){0,4}?(?:table|view)\s+(?:if\s+not\s+exists\s+)?" + _NAME, re.IGNORECASE
)
_ADDS: Final = re.compile(
    r"\b(?:insert\s+(?:overwrite\s+)?(?:into\s+)?(?:table\s+)?|merge\s+into\s+|update\s+(?:only\s+)?|"
    r"delete\s+from\s+(?:only\s+)?|copy\s+(?:into\s+)?|alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?)" + _NAME,
    re.IGNORECASE,
)
_PART: Final = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|([\w$]+)')
_HEAD: Final = 10_000


def is_inert(text: str) -> bool:
    """Whether the statement surely writes nothing and changes nothing of its session: most of a log."""
    return _READS.match(text) is not None and _WRITES.search(text) is None


def is_elsewhere(text: str) -> bool:
    """Whether the statement is about something that is no table: roles (whose passwords nobody shall read), indexes, ..."""
    return _ELSEWHERE.match(text) is not None


def target(text: str) -> tuple[list[tuple[str, bool]], bool] | None:
    """Returns the parts (each with whether it is quoted) of the table that a statement seems to write, and whether it makes it."""
    head = bare(text)[:_HEAD]
    makes = _MAKES.match(head)
    found = makes or _ADDS.search(head)
    if found is None:
        return None
    parts = [
        ((quoted.replace('""', '"') or ticked, True) if quoted or ticked else (plain, False))
        for quoted, ticked, plain in _PART.findall(found["name"])
    ]
    return parts, makes is not None
