"""Tests of the project, what they look at, and how they came out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.edges import Checks, EvaluatedOn, ResultOf
from catalog.model.facts import Fact
from catalog.model.names import Urn, column
from catalog.model.nodes import Check, CheckResult
from ingestors.dbt.outcomes import Outcome
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.relations import Relation, Relations
from ingestors.dbt.values import json_or_none, mapping, text

_REFERENCE: Final = re.compile(r"""\b(ref|source)\s*\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"])?""")
_OUR_ARGUMENTS: Final = frozenset({"model", "column_name"})


@dataclass(frozen=True, slots=True)
class _Target:
    """What a test looks at: relations it is about, and one it compares with."""

    tested: list[Relation]
    others: list[Relation]
    through: str | None = None


def check_facts(project: Project, relations: Relations) -> Iterator[Fact]:
    """Yields each test with the data sets and columns that it looks at."""
    for entry in project.of("test"):
        check = _check(project, entry)
        yield Fact(check, entry.origin())
        yield from _looks_at(check.urn, entry, _target(project, relations, entry))


def result_facts(project: Project, relations: Relations, outcomes: list[Outcome]) -> Iterator[Fact]:
    """Yields the results of the tests of one run."""
    for outcome in outcomes:
        origin = outcome.artifact.origin(outcome.place)
        result = _result(project, outcome)
        yield Fact(result, origin)
        yield Fact(ResultOf(start=result.urn, end=Urn("check", (project.name, outcome.unique_id))), origin)
        entry = project.entries.get(outcome.unique_id)
        for relation in _target(project, relations, entry).tested if entry else ():
            yield Fact(EvaluatedOn(start=result.urn, end=relation.urn), origin)


def is_check(outcome: Outcome) -> bool:
    return outcome.unique_id.startswith("test.")


def _check(project: Project, entry: Entry) -> Check:
    generic = mapping(entry.body.get("test_metadata"))
    arguments = {k: v for k, v in mapping(generic.get("kwargs")).items() if k not in _OUR_ARGUMENTS}
    names = [name for key in ("namespace", "name") if (name := text(generic.get(key)))]
    severity = text(entry.config.get("severity"))
    return Check(
        namespace=project.name,
        name=entry.unique_id,
        type=".".join(names) or "singular",
        suite=project.name,
        column=_column_name(entry),
        parameters=json_or_none(arguments),
        severity=severity.lower() if severity else None,
        description=entry.text("description"),
        unique_id=entry.unique_id,
    )


def _column_name(entry: Entry) -> str | None:
    generic = mapping(entry.body.get("test_metadata"))
    return entry.text("column_name") or text(mapping(generic.get("kwargs")).get("column_name"))


def _target(project: Project, relations: Relations, entry: Entry) -> _Target:
    """A generic test is about one entry; what else it depends on it compares with. A singular one is about all."""
    parents = [project.entries[p] for p in entry.depends_on if p in project.entries]
    about = _subject(entry, parents)
    if about is None:
        return _Target(relations.parents(entry), [])
    others = [relations.by_id[p.unique_id] for p in parents if p is not about and p.unique_id in relations.by_id]
    if about.ephemeral:
        return _Target(relations.parents(about), others, about.unique_id)
    tested = relations.by_id.get(about.unique_id)
    return _Target([tested] if tested else [], others)


def _subject(entry: Entry, parents: list[Entry]) -> Entry | None:
    attached = next((p for p in parents if p.unique_id == entry.text("attached_node")), None)
    generic = mapping(entry.body.get("test_metadata"))
    if attached is not None or not generic:
        return attached
    if len(parents) == 1:
        return parents[0]
    written = text(mapping(generic.get("kwargs")).get("model")) or ""
    named = _REFERENCE.search(written)
    return next((p for p in parents if named and _is_named(p, named)), None)


def _is_named(entry: Entry, reference: re.Match[str]) -> bool:
    kind, first, second = reference.groups()
    if kind == "source":
        return (entry.text("source_name"), entry.name) == (first, second)
    return entry.resource != "source" and entry.name == (second or first)


def _looks_at(check: Urn, entry: Entry, target: _Target) -> Iterator[Fact]:
    name = _column_name(entry)
    kwargs = mapping(mapping(entry.body.get("test_metadata")).get("kwargs"))
    for relation in target.tested:
        if target.through:
            reason = f"it looks at {target.through!r}, which is computed from this and stored nowhere"
            yield Fact(
                Checks(start=check, end=relation.urn, exactness="over_approximate", reason=reason), entry.origin()
            )
        else:
            yield Fact(Checks(start=check, end=_end(relation, name)), entry.origin())
    for relation in target.others:
        yield Fact(Checks(start=check, end=_end(relation, _other_column(kwargs, target))), entry.origin())


def _other_column(kwargs: Mapping[str, Any], target: _Target) -> str | None:
    """Returns the column that `relationships` compares with."""
    return text(kwargs.get("field")) if len(target.others) == 1 else None


def _end(relation: Relation, name: str | None) -> Urn:
    """Returns the column of that name, or the relation where it has none such: the name may be an expression."""
    path = relation.path(name) if name else None
    return column(relation.urn, path) if path in relation.columns and path else relation.urn


def _result(project: Project, outcome: Outcome) -> CheckResult:
    failures = outcome.body.get("failures")
    artifact = outcome.artifact
    return CheckResult(
        namespace=project.name,
        name=outcome.unique_id,
        run=artifact.invocation or artifact.label,
        success={"pass": True, "fail": False, "warn": False, "error": False}.get(outcome.status),
        status=outcome.status or None,
        at=outcome.finished_at,
        suite=project.name,
        run_name=text(mapping(artifact.body.get("args")).get("which")),
        failures=failures if isinstance(failures, int) and not isinstance(failures, bool) else None,
        message=_message(outcome),
    )


def _message(outcome: Outcome) -> str | None:
    """Returns dbt's message. What the warehouse says of an error may quote data: of that, the first line alone."""
    message = text(outcome.body.get("message"))
    return message.strip().splitlines()[0] if message else None
