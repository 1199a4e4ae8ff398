"""What a project declares at one time: data sets with the version that is current, stages, and what stands on what."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import DependsOn, PartOf, ProducedBy, Reads, Tagged
from catalog.model.facts import Fact
from catalog.model.names import Urn
from catalog.model.nodes import Dataset, Job, Tag
from ingestors.dvc.documents import is_template, matches
from ingestors.dvc.project import Item, Project, Stage
from ingestors.values import mapping, text

_CODE: Final = frozenset(
    ".py .ipynb .r .rmd .jl .sh .bash .ps1 .bat .sql .scala .java .kt .js .ts .go .rs .c .cc .cpp .h .hpp .cu .pl .rb .m .lua".split()
)
_FORMATS: Final = {"jsonl": "ndjson", "pq": "parquet", "tsv": "tsv", "pkl": "pickle"}
_KNOWN_FORMATS: Final = frozenset(
    "csv tsv json ndjson jsonl parquet pq avro orc feather arrow xlsx xml yaml txt npy npz h5 pkl".split()
)


class Declared:
    """A project with its data sets told from its code.

    Attributes:
        current: The version of each data set that stands: what a `.dvc` file says, else the output of a stage, else what a
            stage read.
    """

    def __init__(self, project: Project, repository: str | None) -> None:
        self.project, self._repository = project, repository
        outs = [*project.tracked, *(out for stage in project.stages for out in stage.outs)]
        self.outs: dict[Urn, Item] = {}
        for item in outs:
            self.outs.setdefault(item.urn, item)
        self.current = dict(self.outs)
        for stage in project.stages:
            for item in self.inputs(stage):
                self.current.setdefault(item.urn, item)
        self._paths = sorted(urn.name for urn in self.outs)

    def inputs(self, stage: Stage) -> list[Item]:
        """Returns what a stage reads that is data: tracked, or no program's file."""
        return [item for item in stage.deps if not self._is_code(item)]

    def code(self, stage: Stage) -> list[Item]:
        """Returns the programs of a stage."""
        return [item for item in stage.deps if self._is_code(item)]

    def is_stored(self, urn: Urn) -> bool:
        """Returns whether the content lies in the store: of outputs, and of files in folders that are outputs."""
        parts = urn.name.split("/")
        above = (Urn("dataset", (urn.namespace, "/".join(parts[:n]))) for n in range(1, len(parts) + 1))
        return any(place in self.outs and not is_among(self.project.uncached, place.name) for place in above)

    def _is_code(self, item: Item) -> bool:
        return item.urn not in self.outs and posixpath.splitext(item.urn.name)[1].lower() in _CODE

    def facts(self, namespace: str) -> Iterator[Fact]:
        """Yields what holds as long as the project says it."""
        for urn in sorted(self.current):
            item = self.current[urn]
            yield Fact(self._dataset(urn, item), item.origin)
            yield from self._nested(urn, item)
        for item, _, said in self.project.artifacts:
            for label in sorted({str(name) for name in said.get("labels") or () if isinstance(name, str) and name}):
                yield Fact(Tagged(start=item.urn, end=Tag(name=label).urn), item.origin)
        for found in self.project.imports:
            yield Fact(DependsOn(start=found.out.urn, end=found.source.urn), found.source.origin)
        for stage in self.project.stages:
            yield from self._stage(namespace, stage)

    def _dataset(self, urn: Urn, item: Item) -> Dataset:
        said = next((a for a in self.project.artifacts if a[0].urn == urn), None)
        artifact: dict[str, Any] = dict(said[2]) if said else {}
        about = {**mapping(artifact.get("meta")), **item.meta}
        if said:
            about |= {"artifact": said[1]} | ({"type": artifact["type"]} if text(artifact.get("type")) else {})
        return Dataset(
            namespace=urn.namespace,
            name=urn.name,
            type=_type(item),
            description=item.description or text(artifact.get("desc")),
            version=item.version,
            byte_size=item.size,
            storage_format=_format(urn.name),
            meta=json_text(about) if about else None,
        )

    def _nested(self, urn: Urn, item: Item) -> Iterator[Fact]:
        """A file in a tracked folder stands on the folder; a folder stands on the tracked files in it."""
        parts = urn.name.split("/")
        for above in ("/".join(parts[:n]) for n in range(1, len(parts))):
            folder = Urn("dataset", (urn.namespace, above))
            if folder in self.outs:
                yield Fact(PartOf(start=urn, end=folder), item.origin)
                if urn not in self.outs:
                    yield Fact(DependsOn(start=urn, end=folder), item.origin)
        if urn in self.outs:
            return
        at = bisect_left(self._paths, urn.name + "/")
        while at < len(self._paths) and self._paths[at].startswith(urn.name + "/"):
            inner = Urn("dataset", (urn.namespace, self._paths[at]))
            if inner in self.outs:
                yield Fact(DependsOn(start=urn, end=inner), item.origin)
            at += 1

    def _stage(self, namespace: str, stage: Stage) -> Iterator[Fact]:
        inputs = self.inputs(stage)
        code = self.code(stage)
        said = {"frozen": stage.frozen, "meta": stage.meta}
        job = Job(
            namespace=namespace,
            name=stage.name,
            type="STAGE",
            integration="DVC",
            processing="BATCH",
            description=stage.description,
            command=stage.command,
            repository=self._repository,
            repository_path=code[0].urn.name if code else None,
            facets=[json_text({"facet": key, "value": value}) for key, value in said.items() if value] or None,
        )
        exact: dict[str, Any] = {} if stage.locked else {"exactness": "declared", "reason": "the stage never ran"}
        yield Fact(job, stage.origin)
        for item in inputs:
            yield Fact(Reads(start=job.urn, end=item.urn, **exact), item.origin)
        for out in stage.outs:
            yield Fact(ProducedBy(start=out.urn, end=job.urn, **exact), out.origin)
            for item in inputs:
                if item.urn != out.urn:
                    yield Fact(DependsOn(start=out.urn, end=item.urn, **exact), out.origin)


def _type(item: Item) -> str | None:
    if item.digest is None:
        return None
    return "directory" if item.digest.endswith(".dir") else "file"


def _format(path: str) -> str | None:
    suffix = posixpath.splitext(path)[1].lower().removeprefix(".")
    return _FORMATS.get(suffix, suffix) if suffix in _KNOWN_FORMATS else None


def is_among(paths: list[str], path: str) -> bool:
    """Returns whether a path is among paths that may be templates."""
    return any(matches(written, path) if is_template(written) else written == path for written in paths)
