"""What events say of jobs: each facet is a scope of its own, `("job", NAMESPACE, NAME, "facets", FACET)`.

A job's own scope is what its newest run declares, which harvest says; what is below `facets` is left alone by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from catalog.model.edges import PartOf
from catalog.model.facts import Scope, Snapshot
from catalog.model.names import Urn
from catalog.model.nodes import CodeVersion, Job
from catalog.sql.redaction import is_sensitive, redact
from ingestors.openlineage.datasets import ownership, tags
from ingestors.openlineage.said import REDACTED, Element, Event, Json, Problem, facets_of, foreign, is_deleted
from ingestors.values import mapping, text

_LONGEST: Final = 100_000
"""Characters of code that are kept."""


def _job(about: Urn, **properties: object) -> Job:
    namespace, name = about.parts
    return Job.model_validate({"namespace": namespace, "name": name, **properties})


def job_type(about: Urn, facet: Json) -> Iterator[Element]:
    said = {"type": "jobType", "integration": "integration", "processing": "processingType"}
    yield _job(about, **{field: text(facet.get(key)) for field, key in said.items()})


def documentation(about: Urn, facet: Json) -> Iterator[Element]:
    yield _job(about, description=text(facet.get("description")))


def location(about: Urn, facet: Json) -> Iterator[Element]:
    repository = text(facet.get("repoUrl")) or text(facet.get("url"))
    yield _job(about, repository=repository, repository_path=text(facet.get("path")))


def query(about: Urn, facet: Json) -> Iterator[Element]:
    """Yields the statement with each literal as `?`; one that may carry a secret is left out by name."""
    statement = text(facet.get("query"))
    if statement is None or len(statement) > _LONGEST:
        yield Problem(f"the statement is missing or longer than {_LONGEST} characters", "too_large")
    elif is_sensitive(statement):
        yield Problem("the statement may carry a password or a key, and is not kept", REDACTED)
    else:
        yield _job(about, command=_redacted(statement, text(facet.get("dialect"))))


def _redacted(statement: str, dialect: str | None) -> str:
    try:
        return redact(statement, dialect.lower() if dialect else None)
    except ValueError:
        return redact(statement)


def code(about: Urn, facet: Json) -> Iterator[Element]:
    said = text(facet.get("sourceCode"))
    if said is None or len(said) > _LONGEST or is_sensitive(said):
        yield Problem("the source code is missing, too long, or may carry a password or a key", REDACTED)
    else:
        yield _job(about, command=said)


HANDLERS: Final[dict[str, Callable[[Urn, Json], Iterator[Element]]]] = {
    "jobType": job_type,
    "documentation": documentation,
    "sourceCodeLocation": location,
    "sourceCode": code,
    "sql": query,
    "ownership": ownership,
    "tags": tags,
}


def scope_of(job: Urn, facet: str) -> Scope:
    return ("job", *job.parts, "facets", facet)


def job_snapshots(job: Urn, holder: Json, event: Event) -> Iterator[Snapshot]:
    """Yields what an event says of its job, facet by facet."""
    for name, facet in facets_of(holder).items():
        if name and name != "lineage":
            said: Iterator[Element] = iter(()) if is_deleted(facet) else _said(name, job, facet)
            yield event.snapshot(scope_of(job, name), said)


def _said(name: str, job: Urn, facet: Json) -> Iterator[Element]:
    if handler := HANDLERS.get(name):
        yield from handler(job, facet)
        return
    kept = foreign(name, facet)
    yield kept if isinstance(kept, Problem) else _job(job, facets=[kept])


def code_snapshot(job: Urn, path: str, event: Event) -> Snapshot:
    """Returns the file that a run says its job is defined in."""
    return event.snapshot(scope_of(job, "code"), [_job(job, repository_path=path)])


def parent_snapshot(job: Urn, parent: Urn, event: Event) -> Snapshot:
    """Returns that a job is a part of the one whose run started its own."""
    return event.snapshot(scope_of(job, "parent"), [PartOf(start=job, end=parent)])


def job_of(holder: Json) -> Urn | None:
    namespace, name = text(holder.get("namespace")), text(holder.get("name"))
    return Urn("job", (namespace, name)) if namespace and name else None


def commit_of(holder: Json) -> CodeVersion | None:
    """Returns the commit that a job's code was at."""
    facet = mapping(mapping(holder.get("facets")).get("sourceCodeLocation"))
    repository, commit = text(facet.get("repoUrl")) or text(facet.get("url")), text(facet.get("version"))
    if is_deleted(facet) or repository is None or commit is None:
        return None
    tag = text(facet.get("tag"))
    return CodeVersion(namespace=repository, name=commit, branch=text(facet.get("branch")), tags=[tag] if tag else None)
