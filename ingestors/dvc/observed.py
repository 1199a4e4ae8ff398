"""What was observed at one commit and stays true: content by digest, runs of stages, metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import md5, sha256
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import AtCommit, Edge, EvaluatedOn, GeneratedBy, PartOf, RunOf, Used, VersionOf
from catalog.model.errors import SourceError
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.ingest import Limits
from catalog.model.names import Urn
from catalog.model.nodes import DatasetVersion, FileEntry, Job, Report, Run
from ingestors.documents import json_value, yaml_value
from ingestors.dvc.addresses import stored_at
from ingestors.dvc.declared import Declared, is_among
from ingestors.dvc.files import Files
from ingestors.dvc.project import MD5, Import, Item, Stage
from ingestors.dvc.stores import Listings
from ingestors.values import capped, mapping

_DEFAULT_PARAMS: Final = "params.yaml"
_METRICS_BYTES: Final = 65_536
_CONTENT_BYTES: Final = 200_000


def version_of(item: Item) -> Urn | None:
    """Returns the version that an item records, None without a digest."""
    return None if item.version is None else Urn("datasetversion", (*item.urn.parts, item.version))


class Observer:
    """Yields what each commit adds. Says every thing once, where it is first met: it never closes.

    Args:
        listings: Finds what a folder's digest stands for.
    """

    def __init__(self, namespace: str, limits: Limits, listings: Listings) -> None:
        self._namespace, self._limits, self._listings = namespace, limits, listings
        self._met: set[Urn] = set()

    def facts(self, files: Files, declared: Declared, commit: Urn | None, at: str | None) -> Iterator[Fact | Skip]:
        """Yields the facts of one commit, or of the working tree.

        Args:
            commit: Its code version, where there is one.
            at: When it was committed (ISO 8601).
        """
        store = declared.project.store_url
        stages = declared.project.stages
        written = (*declared.project.tracked, *(out for stage in stages for out in stage.outs))
        for item in (*written, *(item for stage in stages for item in declared.inputs(stage))):
            yield from self._version(item, store if declared.is_stored(item.urn) else None, at)
        for found in declared.project.imports:
            yield from self._import(found)
        for stage in stages:
            yield from self._run(declared, stage, commit)
            yield from self._metrics(files, declared, stage, commit, at)
        for urn in sorted(declared.current):
            yield from self._at(version_of(declared.current[urn]), commit, declared.current[urn].origin)

    def _new(self, urn: Urn) -> bool:
        if urn in self._met:
            return False
        self._met.add(urn)
        return True

    def _at(self, thing: Urn | None, commit: Urn | None, origin: Origin) -> Iterator[Fact]:
        if thing is not None and commit is not None:
            yield Fact(AtCommit(start=thing, end=commit), origin)

    def _version(self, item: Item, store: str | None, at: str | None) -> Iterator[Fact | Skip]:
        urn = version_of(item)
        if urn is None or not self._new(urn):
            return
        yield Fact(_dataset_version(item, store, at), item.origin)
        yield Fact(VersionOf(start=urn, end=item.urn), item.origin)
        if item.digest and item.digest.endswith(".dir"):
            yield from self._entries(urn, item)

    def _entries(self, version: Urn, item: Item) -> Iterator[Fact | Skip]:
        try:
            entries = self._listings.entries(item.digest or "")
        except SourceError as err:
            yield Skip("unreadable", str(err), item.origin, (version,))
            return
        for path, digest in entries or ():
            entry = FileEntry(
                namespace=item.urn.namespace,
                name=item.urn.name,
                version=version.parts[2],
                path=path,
                digest=digest,
                algorithm=item.algorithm,
            )
            yield Fact(entry, item.origin)
            yield Fact(PartOf(start=entry.urn, end=version), item.origin)

    def _import(self, found: Import) -> Iterator[Fact]:
        urn = version_of(found.source)
        if urn is None and found.repository and found.commit and found.out.version:
            urn = Urn("datasetversion", (*found.source.urn.parts, found.out.version))
        if urn is None:
            return
        if self._new(urn):
            digest = found.source if found.source.version else found.out
            item = Item(
                found.source.urn,
                found.source.recorded_in,
                found.source.origin,
                digest.digest,
                digest.algorithm,
                digest.size,
            )
            yield Fact(_dataset_version(item, None, None), item.origin)
            yield Fact(VersionOf(start=urn, end=item.urn), item.origin)
        if found.repository and found.commit:
            yield Fact(
                AtCommit(start=urn, end=Urn("codeversion", (found.repository, found.commit))), found.source.origin
            )

    def _run(self, declared: Declared, stage: Stage, commit: Urn | None) -> Iterator[Fact | Skip]:
        """The run that a lock records. Its name is a digest of the record, so that later commits with the same are one."""
        if not stage.locked or not any(out.version for out in stage.outs):
            return
        record = [stage.command, stage.params, *([i.urn.name, i.version] for i in (*stage.deps, *stage.outs))]
        name = f"{stage.name}@{sha256(json_text(record).encode()).hexdigest()[:16]}"
        job = Job(namespace=self._namespace, name=stage.name).urn
        read, written = _versions(declared.inputs(stage)), _versions(stage.outs)
        parameters, lost = capped(_flat(stage.params))
        code = {item.urn.name: item.version for item in declared.code(stage)}
        run = Run(
            namespace=self._namespace,
            name=name,
            title=stage.name,
            job=str(job),
            state="COMPLETE",
            inputs=[str(urn) for urn in read] or None,
            outputs=[str(urn) for urn in written] or None,
            parameters=parameters,
            facets=[json_text({"facet": "code", "value": code})] if code else None,
        )
        if not self._new(run.urn):
            return
        edges: list[Edge] = [RunOf(start=run.urn, end=job), *(Used(start=run.urn, end=urn) for urn in read)]
        edges += [GeneratedBy(start=urn, end=run.urn) for urn in written]
        yield Fact(run, stage.origin)
        yield from (Fact(edge, stage.origin) for edge in edges)
        yield from self._at(run.urn, commit, stage.origin)
        if lost:
            yield Skip(
                "too_large", f"{lost} parameters of {stage.name!r} were cut or left out", stage.origin, (run.urn,)
            )

    def _metrics(
        self, files: Files, declared: Declared, stage: Stage, commit: Urn | None, at: str | None
    ) -> Iterator[Fact | Skip]:
        for out in stage.outs:
            path = out.urn.name
            if out.urn.namespace != self._namespace or not is_among(declared.project.metrics, path):
                continue
            try:
                data = files.data(path)
                if data is None:
                    continue
                content = _figures(path, data, self._limits)
            except SourceError as err:
                yield Skip("unreadable", str(err), out.origin, (out.urn,))
                continue
            report = Report(
                namespace=self._namespace,
                name=f"{path}@md5:{md5(data, usedforsecurity=False).hexdigest()}",
                type="metrics",
                at=at,
                content=content,
            )
            if self._new(report.urn):
                yield Fact(report, files.origin(path))
                for urn in _versions(declared.inputs(stage)):
                    yield Fact(EvaluatedOn(start=report.urn, end=urn), files.origin(path))
                yield from self._at(report.urn, commit, files.origin(path))


def _dataset_version(item: Item, store: str | None, at: str | None) -> DatasetVersion:
    digest, version = item.digest or "", item.version or ""
    return DatasetVersion(
        namespace=item.urn.namespace,
        name=item.urn.name,
        version=version,
        digest=digest,
        algorithm=item.algorithm,
        strength="strong" if item.algorithm.startswith(MD5) else "weak",
        byte_size=item.size,
        file_count=item.files,
        created_at=at,
        location=stored_at(store, digest) if store and item.algorithm == MD5 else None,
        recorded_in=item.recorded_in,
    )


def _versions(items: list[Item] | tuple[Item, ...]) -> list[Urn]:
    return sorted({urn for item in items if (urn := version_of(item)) is not None})


def _flat(params: Mapping[str, Any]) -> dict[str, Any]:
    """Returns parameters by dotted name; those of other files than `params.yaml` begin with the file's name."""
    flat: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = []
    for file, values in params.items():
        prefix = "" if file == _DEFAULT_PARAMS else f"{file}:"
        waiting += [(prefix + name, value) for name, value in mapping(values).items()]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{name}.{inner}", item) for inner, item in value.items()]
        else:
            flat[name] = value
    return flat


def _figures(path: str, data: bytes, limits: Limits) -> str:
    if len(data) > _METRICS_BYTES:
        raise SourceError(path, f"is longer than {_METRICS_BYTES} bytes", "Keep figures alone in a metrics file.")
    written = data.decode("utf-8", "replace")
    value = json_value(written, path, limits.depth) if path.endswith(".json") else yaml_value(written, path, limits)
    content = json_text(value)
    if len(content.encode()) > _CONTENT_BYTES:
        raise SourceError(path, "is too long with its aliases written out", "Keep figures alone in a metrics file.")
    return content
