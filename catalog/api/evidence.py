"""Who says something, where and since when: the same pieces in every answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import strawberry

from catalog.answers import evidence
from catalog.api.pouring import pour
from catalog.links import Statement
from catalog.model.instants import Instant

EVIDENCE: Final = 20
"""Statements of one edge, unless more are asked for."""


@strawberry.type(description="One source's statement.")
class Evidence:
    source: str = strawberry.field(description="Kind of the source, e.g. dbt, sql, human.")
    scope: str = strawberry.field(description="Part of the source that says it, as a path.")
    origin: str | None = strawberry.field(description="File with line, record or pointer.")
    since: str = strawberry.field(description="Since when it says so.")
    until: str | None = strawberry.field(description="When it stopped; null while it holds.")
    exactness: str | None = strawberry.field(description="exact, declared, over_approximate or guessed.")
    subtype: str | None = strawberry.field(description="How, where the type has several ways.")
    reason: str | None = strawberry.field(description="Why it is not exact.")
    denies: bool | None = strawberry.field(description="Whether it says that the edge does not hold.")


def evidence_of(said: Iterable[Statement], as_of: Instant | None) -> list[Evidence]:
    """Returns statements as objects, strongest first."""
    return [pour(Evidence, piece) for piece in evidence(said, as_of)]
