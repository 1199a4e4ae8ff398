"""Words that look alike: typing errors, not shared words."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from catalog.store.tokens import words


def folded(text: str) -> str:
    """Returns a phrase without case and punctuation: `Credit-Limit` and `credit limit` are one."""
    return " ".join(dict.fromkeys(words(text)))


def errors_allowed(text: str) -> int:
    """Returns how many letters of a text may be wrong, missing, added or swapped."""
    return 0 if len(text) < 4 else 1 if len(text) < 8 else 2


def mistyped(text: str, meant: str) -> int | None:
    """Returns the number of typing errors that make one text of the other; None if they are more than a person makes."""
    allowed = errors_allowed(min(text, meant, key=len))
    if not allowed or text[:1] != meant[:1]:
        return None
    found = OSA.distance(text, meant, score_cutoff=allowed)
    return found if found <= allowed else None


def nearest(text: str, choices: Iterable[str]) -> list[str]:
    """Returns the choices with the fewest typing errors, in order."""
    found = {choice: errors for choice in choices if (errors := mistyped(text, choice)) is not None}
    least = min(found.values(), default=0)
    return sorted(choice for choice, errors in found.items() if errors == least)
