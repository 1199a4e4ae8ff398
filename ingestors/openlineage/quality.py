"""Checks that events report: what was checked and whether it held, without any value of the data."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from catalog.model.canonical import json_text
from catalog.model.edges import Checks, EvaluatedOn, ResultOf
from catalog.model.instants import Instant, show
from catalog.model.names import Urn, column
from catalog.model.nodes import Check, CheckResult
from ingestors.openlineage.datasets import Ref
from ingestors.openlineage.said import Element, Json, Problem, entries
from ingestors.values import mapping, text

_FAILED = frozenset({"fail", "failed", "error"})


def assertions(ref: Ref, facet: Json, run: str, suite: str | None, at: Instant) -> Iterator[Element]:
    """Yields checks of a data set and their results in one run; expected and actual values are left out."""
    for entry in entries(facet, "assertions", "assertion"):
        if isinstance(entry, Problem):
            yield entry
            continue
        field = text(entry.get("column"))
        check = _check(ref.urn.namespace, entry, str(entry["assertion"]), field, suite, ref.urn.name)
        yield check
        yield Checks(start=check.urn, end=column(ref.urn, field) if field else ref.urn)
        success = entry.get("success") is True
        yield from _result(check, run, "pass" if success else "fail", at, ref.thing)


def tests(
    facet: Json, subject: Ref | None, namespace: str, run: str, suite: str | None, at: Instant
) -> Iterator[Element]:
    """Yields the tests that a run made, and their results; they look at its one input, if it has one."""
    for entry in entries(facet, "tests", "name", "status"):
        if isinstance(entry, Problem):
            yield entry
            continue
        check = _check(namespace, entry, text(entry.get("type")), None, suite, "")
        yield check
        if subject:
            yield Checks(start=check.urn, end=subject.urn)
        yield from _result(check, run, str(entry["status"]).lower(), at, subject.thing if subject else None)


def _check(
    namespace: str, entry: Json, kind: str | None, field: str | None, suite: str | None, dataset: str
) -> Check:  # fmt: skip
    parameters = json_text(entry["params"]) if mapping(entry.get("params")) else None
    name = text(entry.get("name"))
    if name is None:
        mark = sha256(parameters.encode()).hexdigest()[:8] if parameters else None
        name = ".".join(part for part in (dataset, field, kind, mark) if part)
    return Check(
        namespace=namespace, name=name, type=kind, suite=suite, column=field, parameters=parameters,
        severity=text(entry.get("severity")), description=text(entry.get("description")),
    )  # fmt: skip


def _result(check: Check, run: str, status: str, at: Instant, thing: Urn | None) -> Iterator[Element]:
    result = CheckResult(
        namespace=check.namespace, name=check.name, run=run,
        success=status not in _FAILED, status=status, at=show(at), suite=check.suite,
    )  # fmt: skip
    yield result
    yield ResultOf(start=result.urn, end=check.urn)
    if thing:
        yield EvaluatedOn(start=result.urn, end=thing)
