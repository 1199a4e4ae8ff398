"""Recorded hashes: the bytes of a tracked file have the digest that was recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from catalog.policies import Rule
from catalog.rules.judging import Estate, Judgement
from catalog.verification.hashing import ALGORITHMS
from catalog.verification.verifying import Result, Verification

_VERDICTS = {"match": "passed", "mismatch": "violated", "missing": "unknown", "not_recorded": "unknown"}


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every tracked file; one that is not there is unknown."""
    if estate.files is None or not (estate.files.roots or estate.files.lists):
        estate.warn(f"{rule.place}: no source of the project says where recorded files lie")
        return
    _, exempt = estate.exempt(rule)
    for result in Verification(estate.store, estate.files).run():
        if result.urn in exempt:
            yield Judgement(rule.id, result.urn, "passed", exempt[result.urn])
        else:
            yield _judged(rule, result)


def _judged(rule: Rule, result: Result) -> Judgement:
    looked_at = sha256(f"{result.urn}\n{result.digest}\n{result.actual}".encode()).hexdigest()
    recorded = f"{result.algorithm}:{result.digest}, recorded in {result.recorded_in or 'the catalog'}"
    if result.verdict == "mismatch":
        why = result.why or f"its bytes have {result.algorithm}:{result.actual}, not {recorded}"
        return Judgement(
            rule.id, result.urn, "violated", why, result.version, result.urn, (result.urn,), looked_at=looked_at
        )
    if result.verdict == "match" and result.algorithm not in ALGORITHMS:
        return Judgement(rule.id, result.urn, "unknown", f"no digest of its bytes: {result.why}", looked_at=looked_at)
    why = f"its bytes have {recorded}" if result.verdict == "match" else f"{result.verdict}: {result.why}"
    return Judgement(rule.id, result.urn, _VERDICTS[result.verdict], why, looked_at=looked_at)  # type: ignore[arg-type]
