"""Rego: what a policy says about a document that describes the subject.

A query that ends in `allow` has to be true. Any other has to be a set of messages, texts or objects with `msg`: an empty one
passes, and each message is a violation. Everything else (an error, undefined, too long, too large, no interpreter) denies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.rules import rego_input
from catalog.rules.judging import Estate, Judgement
from catalog.rules.rego_engine import Engine, Outcome

_MOST: Final = 50
"""Messages of one subject."""
_CHARS: Final = 500


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the policy says about each of its subjects."""
    _, exempt = estate.exempt(rule)
    query = str(rule.options["query"])
    asked = False
    with Engine(str(rule.options["policy"]), query) as engine:
        for subject, document in rego_input.documents(estate, rule):
            asked = True
            looked_at = rego_input.digest(document)
            if subject in exempt:
                yield Judgement(rule.id, subject, "passed", exempt[subject], looked_at=looked_at)
            else:
                yield from _judged(estate, rule, subject, engine.ask(document), looked_at)
    if not asked:
        estate.warn(f"{rule.place}: the policy was asked about nothing: there is no subject of its kind")


def _judged(estate: Estate, rule: Rule, subject: Urn, outcome: Outcome, looked_at: str) -> Iterator[Judgement]:
    denials = _denials(str(rule.options["query"]), outcome)
    for item in denials[:_MOST]:
        why = _text(item)
        cause = _cause(estate, item)
        yield Judgement(rule.id, subject, "violated", why, cause, cause, looked_at=looked_at)
    if len(denials) > _MOST:
        why = f"and {len(denials) - _MOST} more messages"
        yield Judgement(rule.id, subject, "violated", why, looked_at=looked_at)
    if not denials:
        yield Judgement(rule.id, subject, "passed", f"{rule.options['query']} allows it", looked_at=looked_at)


def _denials(query: str, outcome: Outcome) -> list[Any]:
    """Returns why a subject does not pass; empty if it does."""
    if outcome.failed is not None:
        return [f"denied: {query}: {outcome.failed}"]
    if query.endswith(".allow"):
        return [] if outcome.value is True else [f"{query} is {_text(outcome.value)}"]
    if isinstance(outcome.value, list):
        return outcome.value
    return [f"denied: {query} is {_text(outcome.value)}: expected a set of messages, as of `deny contains msg if`"]


def _text(item: Any) -> str:
    said = item.get("msg") if isinstance(item, dict) else item
    text = said if isinstance(said, str) else json.dumps(item, ensure_ascii=False)
    return text if len(text) <= _CHARS else text[: _CHARS - 1] + "…"


def _cause(estate: Estate, item: Any) -> Urn | None:
    """Returns the thing that a message names in `ref`."""
    ref = item.get("ref") if isinstance(item, dict) else None
    found = estate.refs.candidates(ref) if isinstance(ref, str) and len(ref) <= _CHARS else []
    return found[0] if len(found) == 1 else None
