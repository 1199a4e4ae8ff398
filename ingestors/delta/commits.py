"""What one commit made: a version of the table, and the run that wrote it.

A commit stands on the table as it was, a restored version on the one that it restores, a clone on what it was made from. What else a
commit read the log does not say. Where nothing of the table before is left, it says nothing of what the version stands on: then there
is no run, which would claim that it stood on nothing, and the version tells the commit itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import Edge, ExecutedIn, GeneratedBy, RunOf, Used, VersionOf
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.instants import TIES, Instant, show
from catalog.model.names import Urn
from catalog.model.nodes import DatasetVersion, Environment, Job, Node, Run
from catalog.sql.redaction import is_sensitive, redact
from ingestors.delta.files import Json
from ingestors.delta.replay import Version
from ingestors.delta.state import ALGORITHM
from ingestors.documents import json_value
from ingestors.naming import location
from ingestors.tables import named_table
from ingestors.values import capped, mapping, text, whole

NAMESPACE: Final = "delta"
_TOLD: Final = (
    "operation", "readVersion", "isolationLevel", "isBlindAppend", "engineInfo", "txnId", "userId", "clusterId", "userMetadata",
    "clientVersion", "tags", "notebook",
)  # fmt: skip
_EMPTY: Final = frozenset({"CREATE TABLE", "CREATE OR REPLACE TABLE", "REPLACE TABLE"})
"""Operations that leave nothing in the table."""
_FILLED: Final = frozenset(f"{operation} AS SELECT" for operation in _EMPTY)
"""Operations that fill it from elsewhere."""
_CONDITIONS: Final = ("predicate", "condition", "where", "query")
"""Words in the names of parameters that hold code with values of the data."""
_NUMBERED: Final = re.compile(r"(\w)#\d+L?")
"""Spark numbers the columns in a condition."""
_CLONE, _RESTORE = "CLONE", "RESTORE"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit with its place in the graph."""

    version: Version
    dataset: Urn
    at: Instant
    origin: Origin
    columns: list[str] | None
    namespaces: Mapping[str, str]

    @property
    def urn(self) -> Urn:
        return self._of(self.version.number)

    @property
    def time(self) -> str:
        return show(Instant(self.at // TIES * TIES))

    @property
    def operation(self) -> str:
        return (text(self.version.info.get("operation")) or "").upper()

    @property
    def parameters(self) -> Json:
        return mapping(self.version.info.get("operationParameters"))

    @property
    def is_filled_from_elsewhere(self) -> bool:
        """Whether all that is in the table came with this commit, from where is not known."""
        overwritten = self._parameter("mode") in ("Overwrite", "overwrite") and not self._parameter("predicate")
        first = self.version.number == 0 and self.operation not in (_CLONE, *_EMPTY)
        return first or self.operation in _FILLED or (overwritten and "partitionOverwriteMode" not in self.parameters)

    @property
    def replaces(self) -> bool:
        """Whether all that was in the table before is gone."""
        return self.is_filled_from_elsewhere or self.operation in (_CLONE, _RESTORE, *_EMPTY)

    @property
    def source(self) -> tuple[Urn, str | None] | None:
        """The table that a clone was made from and its version, where they are named in a way that can be followed."""
        written = self._parameter("source") if self.operation == _CLONE else None
        if written is None:
            return None
        bare = written.removeprefix("delta.").strip("`")
        found = location(bare) or named_table(written.replace("`", ""), self.namespaces)
        return (found, self._parameter("sourceVersion")) if found else None

    def _parameter(self, name: str) -> str | None:
        """Returns a parameter; some writers put each into JSON once more."""
        said = text(self.parameters.get(name))
        return said.strip('"') or None if said is not None and said not in ("[]", "null") else None

    def _of(self, number: int) -> Urn:
        return Urn("datasetversion", (*self.dataset.parts, str(number)))

    @property
    def run(self) -> Urn:
        return Urn("run", (self.dataset.namespace, f"{self.dataset.name}@{self.version.number}"))

    def facts(self) -> Iterator[Fact | Skip]:
        """Yields the version and what made it."""
        run, lost = self._run()
        yield from (Fact(element, self.origin) for element in (self._version(run), *self._around(run)))
        yield from self.version.skips
        if self.operation == _CLONE and self.source is None:
            message = (
                f"the table that it was cloned from, {self._parameter('source')!r}, is of no namespace that is known"
            )
            yield Skip("unresolved", message, self.origin, (self.dataset,))
        if lost:
            yield Skip("too_large", f"{lost} parameters or figures of the commit were cut or left out", self.origin)

    def _around(self, run: Run) -> Iterator[Node | Edge]:
        yield VersionOf(start=self.urn, end=self.dataset)
        if not self.is_filled_from_elsewhere:
            yield from (run, GeneratedBy(start=self.urn, end=run.urn), *self._used(), *self._job(), *self._engine())

    def _version(self, run: Run) -> DatasetVersion:
        namespace, name = self.dataset.parts
        state, digest = self.version.state, self.version.state.files.digest
        said = {"tableId": text(state.metadata.get("id")), "operation": run.title}
        if self.is_filled_from_elsewhere:
            said |= {name: getattr(run, name) for name in ("user", "parameters", "metrics", "tags")}
        return DatasetVersion(
            namespace=namespace,
            name=name,
            version=str(self.version.number),
            digest=digest,
            algorithm=ALGORITHM if digest else None,
            strength="weak" if digest else None,
            byte_size=self.version.size,
            row_count=state.files.rows,
            file_count=self.version.count,
            created_at=self.time,
            recorded_in=str(self.origin),
            columns=self.columns,
            meta=json_text({name: value for name, value in said.items() if value}) or None,
        )

    def _used(self) -> Iterator[Used]:
        if self.operation == _CLONE and self.source is not None:
            table, number = self.source
            end = Urn("datasetversion", (*table.parts, number)) if number else table
            yield Used(start=self.run, end=end, role="clone")
        restored = whole(self._parameter("version"))
        if self.operation == _RESTORE and restored is not None:
            yield Used(start=self.run, end=self._of(restored), role="restored")
        elif not self.replaces and self.version.number > 0:
            yield Used(start=self.run, end=self.dataset, role="previous")

    def _run(self) -> tuple[Run, int]:
        info = self.version.info
        parameters, lost = capped({name: _plain(name, value) for name, value in self.parameters.items()})
        metrics, more = capped(mapping(info.get("operationMetrics")))
        tags, last = capped({name: info[name] for name in _TOLD if info.get(name) is not None})
        run = Run(
            namespace=self.run.namespace,
            name=self.run.name,
            title=text(info.get("operation")),
            job=next((str(job.urn) for job in self._job() if isinstance(job, Job)), None),
            state="COMPLETE",
            started_at=self.time,
            ended_at=self.time,
            inputs=[str(edge.end) for edge in self._used()] or None,
            outputs=[str(self.urn)],
            parameters=parameters,
            metrics=metrics,
            tags=tags,
            user=text(info.get("userName")),
        )
        return run, lost + more + last

    def _job(self) -> Iterator[Job | RunOf]:
        """Yields the job of the platform that ran the commit, where it says so."""
        said = mapping(self.version.info.get("job"))
        number = text(said.get("jobId"))
        if number is not None:
            job = Job(
                namespace=self.dataset.namespace, name=f"job/{number}", type="JOB", integration="DATABRICKS",
                description=text(said.get("jobName")),
            )  # fmt: skip
            yield from (job, RunOf(start=self.run, end=job.urn))

    def _engine(self) -> Iterator[Environment | ExecutedIn]:
        said = text(self.version.info.get("engineInfo")) or text(self.version.info.get("clientVersion"))
        if said is not None:
            meta = json_text({"engine": said})
            environment = Environment(namespace=NAMESPACE, name=sha256(meta.encode()).hexdigest()[:32], meta=meta)
            yield from (environment, ExecutedIn(start=self.run, end=environment.urn))


def _plain(name: str, value: Any) -> str:
    """Returns a parameter as text: of conditions without their literals, and of what may carry a secret nothing."""
    written = value if isinstance(value, str) else json_text(value)
    if is_sensitive(written):
        return "?"
    if not any(word in name.lower() for word in _CONDITIONS):
        return written
    try:
        return json_text(_without_literals(json_value(written, "")))
    except SourceError:
        return str(_without_literals(written))


def _without_literals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_literals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_literals(item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return redact(_NUMBERED.sub(r"\1", value), "databricks")
    except ValueError:
        return "?"
