"""Texts with a language: `Kunde@de`, as terms hold them. A text without one is in the language of its glossary."""

from __future__ import annotations

import re
from typing import Final

_TAG: Final = re.compile(r"@([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)$")


def tagged(text: str, language: str | None) -> str:
    """Returns a text with its language, where it has one."""
    return f"{text}@{language}" if language else text


def language_of(text: str) -> tuple[str, str | None]:
    """Returns a text and its language. Law: `tagged(*language_of(t)) == t`."""
    found = _TAG.search(text)
    return (text[: found.start()], found[1]) if found else (text, None)


def bare(text: str) -> str:
    """Returns a text without its language."""
    return language_of(text)[0]
