"""Unresolved lineage: nothing on the way to a model version may be unknown."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.policies import Rule
from catalog.rules.judging import Estate, Judgement, said


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields a violation for each gap of a model version's lineage; `accept` lists words of gaps that are known and borne."""
    _, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        if ground.version in exempt:
            yield said(rule, ground, "passed", exempt[ground.version])
            continue
        gaps = [gap for gap in ground.gaps(rule.lineage) if not any(word in gap for word in rule.listed("accept"))]
        for gap in gaps:
            yield Judgement(
                rule.id, ground.version, "violated", gap, ground.version, ground.version, (ground.version,),
                looked_at=ground.digest(rule.lineage),
            )  # fmt: skip
        if not gaps:
            yield said(rule, ground, "passed", "every statement and column on the way is known")
