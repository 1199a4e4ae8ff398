"""Kinds of sensitive data that names, types and checks give away, wherever a glossary has no term for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from catalog.classification.words import folded_word, words_of
from catalog.model.names import Urn

TEXT, NUMBER, TIME, TRUTH = "text", "number", "time", "boolean"
_FAMILIES: Final = (
    (TIME, re.compile(r"date|time|year|interval", re.IGNORECASE)),
    (TRUTH, re.compile(r"^bool|^bit$|^logical", re.IGNORECASE)),
    (NUMBER, re.compile(r"int|num|dec|float|double|real|money|serial|long|short|byte$", re.IGNORECASE)),
    (TEXT, re.compile(r"char|text|string|str$|clob|uuid|json|enum|variant|utf8|object|inet|cidr", re.IGNORECASE)),
)


def family(data_type: str | None) -> str | None:
    """Returns text, number, time or boolean; None if a type is unknown or something else."""
    return next((name for name, sign in _FAMILIES if data_type and sign.search(data_type)), None)


class Category(NamedTuple):
    """A kind of data.

    Attributes:
        phrases: What columns of it, or terms for it, are called; the first is the label of the tag.
        families: Families of types that it can have.
        checks: What a check of its values says, in the name of its type or in its pattern.
    """

    phrases: tuple[str, ...]
    families: frozenset[str]
    checks: re.Pattern[str] | None = None

    @property
    def tag(self) -> Urn:
        return Urn("tag", ("pii", self.phrases[0]))


def _category(phrases: str, families: str, checks: str | None = None) -> Category:
    sign = None if checks is None else re.compile(checks, re.IGNORECASE)
    return Category(tuple(phrases.split("|")), frozenset(families.split()), sign)


CATEGORIES: Final = (
    _category("email|email address|contact email|electronic mail", "text", r"email|@"),
    _category("phone|phone number|mobile phone|mobile number|mobile|fax number", "text number", r"phone"),
    _category("iban|bank account number|account iban", "text", r"iban|\[A-Z\]\{2\}(\\d|\[0-9\])\{2\}"),
    _category(
        "social security number|national insurance number|national id|tax number|personal identity number", "text number",
        r"ssn|social_security|(\\d|\[0-9\])\{3\}-(\\d|\[0-9\])\{2\}-(\\d|\[0-9\])\{4\}",
    ),
    _category("credit card number|card number|primary account number|credit card", "text number", r"credit_card|card_number"),
    _category("ip address|client ip|remote ip|source ip", "text", r"ipv?4|ipv?6|valid_ip|(\\\.|\[\.\])(\(?\\d|\[0-9\])\{1,3\}"),
    _category("birth date|date of birth", "time text", None),
    _category("first name|given name|forename", "text", None),
    _category("last name|family name", "text", None),
    _category("full name|person name|customer name|contact name", "text", None),
    _category("street address|postal address|home address|delivery address|billing address|street|address line", "text", None),
    _category("postcode|postcode code", "text number", r"post(al)?_?code|zip"),
    _category("passport number|passport", "text", r"passport"),
    _category("driving licence number|driver license number", "text", None),
    _category("gender|sex", "text number", None),
    _category("password|password hash", "text", None),
    _category("salary|annual income", "number", None),
    _category("latitude|longitude|geo location", "number text", r"latitude|longitude"),
)  # fmt: skip

VETO: Final = frozenset(
    folded_word(word)
    for word in ("sent", "flag", "is", "has", "count", "verified", "status", "valid", "domain", "type", "opt", "hash", "hashed", "length",
     "area", "rate", "ratio", "score", "bounced", "template", "subject", "opened", "clicked", "label", "campaign", "average",
     "median")
)  # fmt: skip
"""Words that make of a column something about the data and not the data itself."""


class Told(NamedTuple):
    """That a column is of a category, how sure and why."""

    category: Category
    score: float
    why: str


def told_by_name(name: str, data_type: str | None) -> list[Told]:
    """Returns the categories that a name and a type give away."""
    words, kind = set(words_of(name)), family(data_type)
    found: list[Told] = []
    for category in CATEGORIES:
        best = 0.0
        for phrase in category.phrases:
            meant = set(words_of(phrase))
            if meant <= words and not (words - meant) & VETO:
                best = max(best, 0.85 if meant == words else 0.75 if len(words - meant) == 1 else 0.6)
        if best and kind is not None and kind not in category.families:
            best = 0.0
        if best:
            sure = best if kind is not None else best - 0.1
            shown = f" and its type {data_type!r}" if kind else ""
            found.append(Told(category, sure, f"its name{shown} look like {category.phrases[0]!r}"))
    top = max((len(words_of(one.category.phrases[0])) for one in found), default=0)
    return [one for one in found if one.score > 0.6 or top < 2]


def told_by_check(type_: str, parameters: str | None) -> list[Told]:
    """Returns the categories that a check of the values of a column gives away. Its patterns are read and not run."""
    texts = [type_, *_patterns(parameters)]
    return [
        Told(category, 0.8, f"a check, {type_!r}, expects values like {category.phrases[0]!r}")
        for category in CATEGORIES
        if category.checks is not None and any(category.checks.search(text[:2000]) for text in texts)
    ]


def _patterns(parameters: str | None) -> list[str]:
    try:
        said: Any = json.loads(parameters or "{}")
    except (ValueError, RecursionError):
        return []
    known: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return [value for key, value in known.items() if "regex" in key and isinstance(value, str)]
