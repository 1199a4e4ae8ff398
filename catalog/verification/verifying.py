"""Whether files still have the digests that were recorded of them: bytes are read again, nothing is believed.

What is recorded is in the graph (DVC files, lock files, Delta, MLflow); where the files lie is in the project's sources. A data set
stands for the version that is recorded of it now; an older version is looked for by its digest in a remote or cache.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from catalog.answers import Answer, Data, node
from catalog.identity import find_all, is_strong
from catalog.links import link_all
from catalog.model.ingest import Source
from catalog.model.names import Urn, dataset_of
from catalog.project import Project
from catalog.refs import Refs
from catalog.store.port import NodeState, Store
from catalog.verification.hashing import ALGORITHMS, Place, UnsafePathError
from catalog.verification.manifests import look, manifest_of

Verdict = Literal["mismatch", "missing", "not_recorded", "match"]
VERDICTS: Final[tuple[Verdict, ...]] = ("mismatch", "missing", "not_recorded", "match")
"""From gravest to lightest."""
Progress = Callable[[int, int, int], None]
"""Is told how many are done, of how many, and how many bytes were read."""

_ANY_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Now, for sources that are asked for lists of files only."""
_TOLD: Final = 256 << 20
"""Bytes after which progress is told within a file."""
_MAX_LISTING: Final = 64 << 20
_NOTHING: Final = "no digest of its whole content is recorded"
_LINKED: Final = frozenset({errno.ELOOP, errno.ENOTDIR})


@dataclass(frozen=True, slots=True)
class Root:
    """A folder whose files are the data sets of a namespace; `prefix` stands before their names and not in the folder.

    Attributes:
        seen: Whether runs tell which version is there: the one that the last run read or wrote.
    """

    namespace: str
    folder: Path
    prefix: str = ""
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """Where recorded files are found: in working trees, and older versions in remotes or caches (by digest)."""

    roots: tuple[Root, ...] = ()
    remotes: tuple[Path, ...] = ()
    lists: tuple[Source, ...] = ()
    """Sources that list the files of their data sets themselves."""
    listed: frozenset[str] = frozenset()
    """Namespaces of those."""
    home: Path | None = None
    """The project's folder: files in it are also found by their recorded address."""

    def places(self, dataset: Urn) -> list[Place]:
        """Returns where a data set's file or folder should lie."""
        return [
            Place(root.folder, dataset.name.removeprefix(root.prefix))
            for root in self.roots
            if root.namespace == dataset.namespace and dataset.name.startswith(root.prefix)
        ]

    def by_address(self, location: str | None) -> list[Place]:
        """Returns where an address leads to, if that is below the project's folder."""
        path = (location or "").removeprefix("file://")
        if self.home is None or not path or "://" in path:
            return []
        whole = Path(os.path.normpath(self.home / path))
        return [Place(self.home, whole.relative_to(self.home).as_posix())] if whole.is_relative_to(self.home) else []

    def objects(self, digest: str) -> list[Place]:
        """Returns where content lies by its digest, as DVC keeps it."""
        below = f"{digest[:2]}/{digest[2:]}"
        return [Place(root, f"{layout}{below}") for root in self.remotes for layout in ("files/md5/", "")]


def files_of(project: Project, remotes: Iterable[Path] = ()) -> Files:
    """Returns where the project's sources say that recorded files lie."""
    roots: list[Root] = []
    known = list(remotes)
    names: dict[str, str] = {}
    for entry in project.entries:
        said = entry.options()
        if entry.kind == "openlineage":
            roots += _seen_by_runs(project, said.get("files"))
        path, space = said.get("path"), said.get("namespace")
        if not isinstance(path, str) or not isinstance(space, str):
            continue
        namespace = project.namespaces.get(space, space)
        if entry.kind == "delta":
            names[entry.name] = namespace
        if entry.kind != "dvc":
            continue
        prefix = str(said.get("subdirectory") or "").strip("/")
        roots.append(Root(namespace, project.root / path, f"{prefix}/" if prefix else ""))
        if isinstance(said.get("remote"), str):
            known.append(project.root / said["remote"])
    lists = tuple(project.sources(_ANY_TIME, tuple(names))) if names else ()
    home = Path(os.path.normpath(project.root.absolute()))
    return Files(tuple(dict.fromkeys(roots)), tuple(known), lists, frozenset(names.values()), home)


def _seen_by_runs(project: Project, folders: object) -> Iterator[Root]:
    """Yields the project's own folder, whose files events name by whole paths, and folders that the source names."""
    whole = Path(os.path.normpath(project.root.absolute()))
    yield from (Root("file", folder, f"{folder.as_posix()}/", seen=True) for folder in (whole, whole.resolve()))
    for space, folder in folders.items() if isinstance(folders, dict) else ():
        yield Root(project.namespaces.get(space, space), project.root / str(folder), seen=True)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recorded digest.

    Attributes:
        urn: The data set, or the version that was asked for.
        version: The version that records the digest; None if none does.
        actual: Digest of the bytes; None if they were not found.
        location: Address that was recorded with the digest.
    """

    urn: Urn
    version: Urn | None
    verdict: Verdict
    algorithm: str | None = None
    digest: str | None = None
    recorded_in: str | None = None
    actual: str | None = None
    place: str | None = None
    why: str | None = None
    location: str | None = None


@dataclass
class Verification:
    """One run over some data sets and versions; all if none are named."""

    store: Store
    files: Files
    progress: Progress = lambda *_: None
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)

    def run(self, urns: Sequence[Urn] = ()) -> list[Result]:
        """Returns the results in order of urn. Only this thread touches the store; files are read by several."""
        tasks = list(self._recorded(urns))
        done, read = 0, [0]

        def tell(count: int) -> None:
            before, read[0] = read[0], read[0] + count
            if before // _TOLD < read[0] // _TOLD:
                self.progress(done, len(tasks), read[0])

        results = []
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            for result in pool.map(lambda task: self._judge(task[0], task[1], tell), tasks):
                results.append(result)
                done += 1
                self.progress(done, len(tasks), read[0])
        return sorted(results, key=lambda r: str(r.urn))

    # --- what is recorded

    def _recorded(self, urns: Sequence[Urn]) -> Iterator[tuple[Result, bool]]:
        """Yields what to verify, not yet judged, and whether it is the version of the working tree."""
        asked = list(dict.fromkeys(urns)) or self._tracked()
        states = self.store.get([*asked, *(dataset_of(u) for u in asked)])
        versions = self._versions({dataset_of(u) for u in asked})
        seen = self._seen({d: vs for d, vs in versions.items() if self._is_seen(d)})
        weak = self._weak([u for u in asked if not versions.get(dataset_of(u))])
        for urn in asked:
            dataset = dataset_of(urn)
            current = _current(states.get(dataset), versions.get(dataset, []), seen.get(dataset))
            wanted = (
                current if urn.kind == "dataset" else next((v for v in versions.get(dataset, []) if v.urn == urn), None)
            )
            if wanted is None or not wanted.properties.get("digest"):
                yield Result(urn, None, "not_recorded", why=weak.get(urn, _NOTHING)), False
                continue
            said = wanted.properties
            algorithm = str(said.get("algorithm") or wanted.urn.parts[2].partition(":")[0])
            recorded = (algorithm, str(said["digest"]), said.get("recorded_in"))
            result = Result(urn, wanted.urn, "missing", *recorded, location=said.get("location"))
            yield result, current is not None and wanted.urn == current.urn

    def _tracked(self) -> list[Urn]:
        spaces = sorted({root.namespace for root in self.files.roots if not root.seen} | self.files.listed)
        found = find_all(self.store, ["dataset"], {"namespace": spaces}) if spaces else ()
        tracked = {n.urn for n in found if n.closed_since is None and n.properties.get("version")}
        seen = sorted({root.namespace for root in self.files.roots if root.seen})
        versions = find_all(self.store, ["datasetversion"], {"namespace": seen}) if seen else ()
        tracked |= {dataset_of(v.urn) for v in versions if is_strong(v) and self._is_seen(dataset_of(v.urn))}
        return sorted(tracked)

    def _is_seen(self, dataset: Urn) -> bool:
        """Whether runs tell which version of it is there."""
        return any(
            root.seen and root.namespace == dataset.namespace and dataset.name.startswith(root.prefix)
            for root in self.files.roots
        )

    def _versions(self, datasets: set[Urn]) -> dict[Urn, list[NodeState]]:
        found: dict[Urn, list[NodeState]] = {}
        where = {"namespace": sorted({d.namespace for d in datasets}), "name": sorted({d.name for d in datasets})}
        for version in find_all(self.store, ["datasetversion"], where) if datasets else ():
            found.setdefault(dataset_of(version.urn), []).append(version)
        return found

    def _seen(self, versions: Mapping[Urn, Sequence[NodeState]]) -> dict[Urn, Urn]:
        """Returns of each data set the version that the last run read or wrote."""
        keys = self.store.keys([v.urn for several in versions.values() for v in several]).values()
        links = [
            *link_all(self.store, keys, ["GENERATED_BY"]),
            *link_all(self.store, keys, ["USED"], "downstream"),
        ]
        pairs = [
            (link.start, link.end) if link.start.kind == "datasetversion" else (link.end, link.start) for link in links
        ]
        runs = self.store.get([run for _, run in pairs])
        last: dict[Urn, tuple[str, Urn]] = {}
        for version, run in pairs:
            said = runs[run].properties
            at = str(said.get("ended_at") or said.get("started_at") or "")
            dataset = dataset_of(version)
            last[dataset] = max(last.get(dataset, ("", version)), (at, version))
        return {dataset: version for dataset, (_, version) in last.items()}

    def _weak(self, datasets: Sequence[Urn]) -> dict[Urn, str]:
        """Returns what is said of data sets of which runs recorded a digest that is too weak to verify."""
        keys = self.store.keys([u for u in datasets if u.kind == "dataset"]).values()
        links = link_all(self.store, keys, ["USED"], "downstream")
        found = {link.end: link.properties["sample_digest"] for link in links if link.properties.get("sample_digest")}
        return {urn: f"only {digest!r} is recorded, of a sample: it proves nothing" for urn, digest in found.items()}

    # --- what is there

    def _judge(self, task: Result, is_current: bool, tell: Callable[[int], None]) -> Result:
        if task.digest is None or task.algorithm is None:
            return task
        if task.algorithm not in ALGORITHMS:
            return self._in_list(task, tell)
        dataset = dataset_of(task.urn)
        places = self.files.places(dataset) or self.files.by_address(task.location) if is_current else []
        problem = (
            None
            if is_current
            else "it is not the version of the working tree: expected it in a remote or cache (--remote)"
        )
        for place in places:
            try:
                actual = place.digest(task.algorithm, tell)
            except UnsafePathError as err:
                problem = str(err)
            except OSError as err:
                problem = "a link: links are not followed" if err.errno in _LINKED else f"{err.strerror or err}".lower()
            else:
                verdict: Verdict = "match" if actual == task.digest else "mismatch"
                return replace(task, verdict=verdict, actual=actual, place=place.path)
        if is_current:
            return replace(task, why=problem or "no source of the project says where its files lie")
        return self._in_remote(task, problem, tell)

    def _in_list(self, task: Result, tell: Callable[[int], None]) -> Result:
        found = manifest_of(self.files.lists, task.version or task.urn)
        if isinstance(found, str):
            return replace(task, why=found)
        if found is None or found.algorithm != task.algorithm:
            why = f"{task.algorithm} cannot be computed from the bytes alone"
            return replace(task, verdict="not_recorded", why=why)
        seen = look(found, task.digest or "", tell)
        return replace(task, verdict=seen.verdict, actual=seen.actual, place=seen.place, why=seen.why)

    def _in_remote(self, task: Result, problem: str | None, tell: Callable[[int], None]) -> Result:
        digest = task.digest or ""
        for place in self.files.objects(digest):
            try:
                actual = place.digest("md5", tell)
                wrong = None
                if digest.endswith(".dir"):
                    actual += ".dir"
                    wrong = self._in_listing(place, tell) if actual == digest else None
            except (OSError, UnsafePathError):
                continue
            verdict: Verdict = "match" if actual == digest and wrong is None else "mismatch"
            return replace(task, verdict=verdict, actual=actual, place=place.path, why=wrong)
        return replace(task, why=problem)

    def _in_listing(self, place: Place, tell: Callable[[int], None]) -> str | None:
        """Returns what is wrong with the files that a folder's listing names; None if nothing."""
        for entry in _entries(place):
            digest = str(entry.get("md5"))
            found = [found for one in self.files.objects(digest) if (found := _try(one, tell)) is not None]
            if digest not in found:
                return f"{entry.get('relpath')}: {'another digest' if found else 'not there'}"
        return None


def _current(dataset: NodeState | None, versions: Sequence[NodeState], seen: Urn | None = None) -> NodeState | None:
    """Returns the version that is recorded now: the one that the data set names, the last run saw, or else the newest."""
    strong = [v for v in versions if is_strong(v) or v.properties.get("digest")]
    named = dataset.properties.get("version") if dataset is not None else None
    for version in strong:
        if version.urn.parts[2] == named or (named is None and version.urn == seen):
            return version
    return max(strong, key=lambda v: (v.begins or 0, v.urn), default=None) if named is None else None


def _entries(place: Place) -> Iterable[Mapping[str, Any]]:
    fd = place.open()
    with os.fdopen(fd, "rb") as file:
        text = file.read(_MAX_LISTING + 1)
    try:
        found = json.loads(text) if len(text) <= _MAX_LISTING else []
    except ValueError:
        found = []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _try(place: Place, tell: Callable[[int], None]) -> str | None:
    try:
        return place.digest("md5", tell)
    except (OSError, UnsafePathError):
        return None


def answer_of(refs: Refs, results: Sequence[Result]) -> Answer:
    """Returns results as an answer, gravest first."""
    texts = refs.texts([*(r.urn for r in results), *(r.version for r in results if r.version)])
    said = [_say(texts, result) for result in results]
    counts = {verdict: sum(r.verdict == verdict for r in results) for verdict in VERDICTS}
    ordered = sorted(said, key=lambda r: (VERDICTS.index(r["verdict"]), r["ref"]))
    return Answer("verify", {"results": ordered, "counts": counts})


def _say(texts: Mapping[Urn, str], result: Result) -> Data:
    recorded = {"algorithm": result.algorithm, "digest": result.digest, "place": result.recorded_in}
    return node(
        texts, result.urn, version=texts[result.version] if result.version else None,
        recorded=recorded if result.digest else None, actual=result.actual, verdict=result.verdict,
        place=result.place, why=result.why,
    )  # fmt: skip
