"""Reads `*.dvc`, `dvc.lock` and `dvc.yaml` files.

The lock is the resolved truth and is read for lineage; `dvc.yaml` is read for what people meant: descriptions, artifacts,
metrics, and stages that never ran. Its templates are not evaluated.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from catalog.model.errors import SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Limits
from catalog.model.names import Urn
from ingestors.documents import yaml_value
from ingestors.dvc.addresses import external, is_address, store_url
from ingestors.dvc.files import CONFIG, Files, required
from ingestors.dvc.project import MD5, Import, Item, Project, Stage
from ingestors.naming import dataset
from ingestors.values import mapping, mappings, text, whole, without_users

_LEGACY_MD5: Final = "md5-dos2unix"
_HEX: Final = re.compile(r"[0-9a-f]{32}(\.dir)?")
_TEMPLATE: Final = re.compile(r"\$\{[^}]*\}")
_KNOWN_DOCUMENTS: Final = 10_000
_ETAGS: Final = ("etag", "checksum", "version_id")


Known = dict[str, dict[str, Any]]
"""Documents that were read before, by what their content is told by."""


def read_project(files: Files, namespace: str, limits: Limits, known: Known) -> Project:
    """Reads the metadata files of one time. A file that cannot be read makes the project incomplete, and is skipped.

    Args:
        known: Kept from one time to the next: a file that did not change is not parsed again.

    Raises:
        SourceError: the list of files cannot be read.
    """
    return _Reading(files, namespace, limits, known).project()


class _Reading:
    def __init__(self, files: Files, namespace: str, limits: Limits, known: Known) -> None:
        self._files, self._namespace, self._limits, self._known = files, namespace, limits, known
        self._project = Project()

    def project(self) -> Project:
        paths = list(self._files.metadata())
        self._project.store_url = self._store_url()
        for path in paths:
            if path.endswith(".dvc"):
                self._tracked(path, self._document(path))
        for folder in sorted({posixpath.dirname(path) for path in paths if not path.endswith(".dvc")}):
            self._pipeline(folder, paths)
        return self._project

    # --- files ------------------------------------------------------------------------------------------------------

    def _document(self, path: str) -> dict[str, Any]:
        content = self._files.metadata()[path]
        known = self._known.get(content)
        if known is not None:
            return known
        try:
            text = required(self._files, path).decode("utf-8", "replace")
            value = yaml_value(text, str(self._files.origin(path)), self._limits)
        except SourceError as err:
            self._skip("unreadable", str(err), self._files.origin(path))
            return {}
        if value is not None and not isinstance(value, dict):
            self._skip(
                "unreadable", f"{path} holds {type(value).__name__}: expected a mapping", self._files.origin(path)
            )
            return {}
        if content:
            if len(self._known) >= _KNOWN_DOCUMENTS:
                self._known.clear()
            self._known[content] = value or {}
        return value or {}

    def _store_url(self) -> str | None:
        try:
            raw = self._files.data(CONFIG)
        except SourceError:
            return None
        return store_url((raw or b"")[:65536].decode("utf-8", "replace"))

    # --- *.dvc ------------------------------------------------------------------------------------------------------

    def _tracked(self, path: str, document: dict[str, Any]) -> None:
        base = posixpath.join(posixpath.dirname(path), text(document.get("wdir")) or "")
        shared = {"desc": document.get("desc"), "meta": document.get("meta")}
        outs = list(self._items(document.get("outs"), path, base, "/outs", shared))
        deps = mappings(document.get("deps"))
        if document.get("cmd") is not None:
            inputs = tuple(self._items(deps, path, base, "/deps"))
            self._project.stages.append(self._stage(path, path, None, document, inputs, tuple(outs)))
            return
        self._project.tracked += outs
        for number, dep in enumerate(deps):
            self._import(path, base, f"/deps/{number}", dep, outs)

    def _import(self, path: str, base: str, place: str, dep: Mapping[str, Any], outs: list[Item]) -> None:
        repo = mapping(dep.get("repo"))
        if url := text(repo.get("url")):
            urn = dataset(without_users(url), text(dep.get("path")) or "")
            commit = text(repo.get("rev_lock"))
        else:
            found, commit = self._urn(text(dep.get("path")) or "", base), None
            if found is None:
                self._skip(
                    "unsupported", f"{dep.get('path')!r} is no path inside the project", self._files.origin(path, place)
                )
                return
            urn = found
        digest, algorithm = self._digest(dep, path, place)
        source = Item(
            urn, f"{path}#{place}", self._files.origin(path, place), digest, algorithm, whole(dep.get("size"))
        )
        self._project.imports += [Import(out, source, without_users(url) if url else None, commit) for out in outs]

    # --- dvc.yaml and dvc.lock --------------------------------------------------------------------------------------

    def _pipeline(self, folder: str, paths: list[str]) -> None:
        lock_path, yaml_path = posixpath.join(folder, "dvc.lock"), posixpath.join(folder, "dvc.yaml")
        lock = self._document(lock_path) if lock_path in paths else {}
        meant = self._document(yaml_path) if yaml_path in paths else {}
        self._check_schema(lock, lock_path)
        locked = mapping(lock.get("stages")) if "stages" in lock or "schema" in lock else lock
        stages = {name: mapping(value) for name, value in mapping(meant.get("stages")).items()}
        for name, entry in locked.items():
            base = name.partition("@")[0]
            own = mapping(stages.get(name) or stages.get(base))
            if yaml_path in paths and meant and not own:
                self._note(
                    "ignored", f"{lock_path} locks {name!r}, which {yaml_path} lacks", self._files.origin(lock_path)
                )
                continue
            self._locked(folder, lock_path, name, mapping(entry), mapping(own.get("do")) or own)
        ran = {name.partition("@")[0] for name in locked} | set(locked)
        for name in stages.keys() - ran:
            self._meant(folder, yaml_path, name, stages[name])
        self._project.stages.sort(key=lambda stage: stage.name)
        self._intent(folder, yaml_path, meant, stages)

    def _check_schema(self, lock: dict[str, Any], path: str) -> None:
        schema = lock.get("schema", "2.0")
        if schema != "2.0":
            self._note("newer_format", f"{path} has schema {schema!r}: read as 2.0", self._files.origin(path))

    def _locked(self, folder: str, path: str, name: str, entry: dict[str, Any], meant: dict[str, Any]) -> None:
        base = self._working_folder(folder, path, name, meant)
        if base is None:
            return
        place = f"/stages/{name}"
        deps = tuple(self._items(entry.get("deps"), path, base, f"{place}/deps"))
        outs = tuple(self._items(entry.get("outs"), path, base, f"{place}/outs"))
        self._project.stages.append(
            self._stage(address(folder, name), path, place, {**meant, **entry}, deps, outs, locked=True)
        )

    def _meant(self, folder: str, path: str, name: str, stage: dict[str, Any]) -> None:
        """Reads a stage that never ran; of one that is a template only the template is known."""
        base = self._working_folder(folder, path, name, stage)
        if base is None:
            return
        origin = self._files.origin(path, f"/stages/{name}")
        inner = mapping(stage.get("do")) or stage
        deps, outs = (
            list(paths_of(inner.get("deps"))),
            [p for key in ("outs", "metrics", "plots") for p in paths_of(inner.get(key))],
        )
        if "foreach" in stage or "matrix" in stage or any(is_template(p) for p in (*deps, *outs)):
            self._note("unresolved", f"stage {name!r} is a template and was never locked: run it once", origin)
            return
        place = f"/stages/{name}"
        self._project.stages.append(
            self._stage(
                address(folder, name),
                path,
                place,
                inner,
                tuple(self._items([{"path": p} for p in deps], path, base, f"{place}/deps")),
                tuple(self._items([{"path": p} for p in outs], path, base, f"{place}/outs")),
            )
        )

    def _working_folder(self, folder: str, path: str, name: str, stage: dict[str, Any]) -> str | None:
        below = text(stage.get("wdir")) or ""
        if is_template(below):
            self._note(
                "unresolved",
                f"stage {name!r} runs in {below!r}, a template",
                self._files.origin(path, f"/stages/{name}"),
            )
            return None
        return posixpath.join(folder, below)

    def _stage(
        self,
        name: str,
        path: str,
        place: str | None,
        said: Mapping[str, Any],
        deps: tuple[Item, ...],
        outs: tuple[Item, ...],
        *,
        locked: bool = False,
    ) -> Stage:
        return Stage(
            name=name,
            origin=self._files.origin(path, place),
            locked=locked,
            command=command_of(said.get("cmd")),
            description=plain(said.get("desc")),
            meta={k: v for k, v in mapping(said.get("meta")).items() if not is_template(str(v))},
            frozen=said.get("frozen") is True,
            deps=deps,
            outs=outs,
            params=mapping(said.get("params")) if locked else {},
        )

    def _intent(self, folder: str, path: str, meant: dict[str, Any], stages: Mapping[str, dict[str, Any]]) -> None:
        for name, artifact in mapping(meant.get("artifacts")).items():
            said = mapping(artifact)
            place = f"/artifacts/{name}"
            for item in self._items([said], path, folder, place):
                self._project.artifacts.append((item, name, said))
        self._outputs(folder, {"metrics": meant.get("metrics")})
        for stage in stages.values():
            inner = mapping(stage.get("do")) or stage
            self._outputs(posixpath.join(folder, text(inner.get("wdir")) or ""), inner)
        if meant.get("datasets"):
            self._note("unsupported", f"the datasets of {path} are not read", self._files.origin(path, "/datasets"))

    def _outputs(self, base: str, said: Mapping[str, Any]) -> None:
        """Notes which outputs are metrics, and which are not kept in the store."""
        metrics = list(paths_of(said.get("metrics")))
        bare = [path for key in ("outs", "metrics", "plots") for path in paths_of(said.get(key), uncached=True)]
        self._project.metrics += [posixpath.normpath(posixpath.join(base, path)) for path in metrics]
        self._project.uncached += [posixpath.normpath(posixpath.join(base, path)) for path in bare]

    # --- items ------------------------------------------------------------------------------------------------------

    def _items(
        self, raw: Any, path: str, base: str, place: str, shared: Mapping[str, Any] | None = None
    ) -> Iterator[Item]:
        for number, entry in enumerate(mappings(raw)):
            here = f"{place}/{number}"
            written = text(entry.get("path")) or ""
            urn = self._urn(written, base)
            if urn is None:
                self._skip("unsupported", f"{written!r} is no path inside the project", self._files.origin(path, here))
                continue
            said = {**(shared or {}), **{k: v for k, v in entry.items() if v is not None}}
            digest, algorithm = self._digest(entry, path, here)
            yield Item(
                urn=urn,
                recorded_in=f"{path}#{here}",
                origin=self._files.origin(path, here),
                digest=digest,
                algorithm=algorithm,
                size=whole(entry.get("size")),
                files=whole(entry.get("nfiles")),
                description=plain(said.get("desc")),
                meta=mapping(said.get("meta")),
            )

    def _urn(self, written: str, base: str) -> Urn | None:
        """Returns the data set of a path in the repository or of an address; None for a path that leads out."""
        if is_address(written):
            return external(written)
        if not written or "\0" in written or "\\" in written or written.startswith(("/", "~")):
            return None
        path = posixpath.normpath(posixpath.join(base, written))
        return None if path == ".." or path.startswith(("../", "/")) else dataset(self._namespace, path)

    def _digest(self, entry: Mapping[str, Any], path: str, place: str) -> tuple[str | None, str]:
        md5 = entry.get(MD5)
        if md5 is None:
            named = next((key for key in _ETAGS if text(entry.get(key))), None)
            return (text(entry[named]), named) if named else (None, MD5)
        digest = str(md5).lower()
        if not _HEX.fullmatch(digest):
            self._skip(
                "unreadable", f"{str(md5)[:100]!r} is no MD5: expected 32 hex digits", self._files.origin(path, place)
            )
            return None, MD5
        return digest, MD5 if entry.get("hash") == MD5 else _LEGACY_MD5

    # --- problems ---------------------------------------------------------------------------------------------------

    def _skip(self, code: str, message: str, origin: Origin) -> None:
        """Something that may hide facts: the project is not complete."""
        self._project.complete = False
        self._note(code, message, origin)

    def _note(self, code: str, message: str, origin: Origin) -> None:
        self._project.skips.append(Skip(code, message, origin))


def is_template(value: Any) -> bool:
    """Returns whether a text, or the text of a value, holds `${...}`."""
    return _TEMPLATE.search(str(value)) is not None


def matches(template: str, path: str) -> bool:
    """Returns whether a path may come of a template. Takes time in proportion to both."""
    first, *rest = _TEMPLATE.split(template)
    if not rest:
        return template == path
    if not path.startswith(first) or len(path) < len(first) + len(rest[-1]) or not path.endswith(rest[-1]):
        return False
    at, end = len(first), len(path) - len(rest[-1])
    for part in rest[:-1]:
        found = path.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def address(folder: str, name: str) -> str:
    """Returns a stage's name as DVC writes it: with the file, if that is not the one at the top."""
    return name if not folder else f"{folder}/dvc.yaml:{name}"


def plain(value: Any) -> str | None:
    """Returns a text without templates."""
    found = text(value)
    return None if found is None or is_template(found) else found


def command_of(value: Any) -> str | None:
    """Returns a command line; several are joined by line breaks."""
    written = "\n".join(str(part) for part in value) if isinstance(value, list) else text(value)
    return without_users(written) if written else None


def paths_of(value: Any, *, uncached: bool = False) -> Iterator[str]:
    """Yields the paths of a list whose items are texts or mappings of a text to options.

    Args:
        uncached: Only those with the option `cache: false`.
    """
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str) and entry and not uncached:
            yield entry
        elif isinstance(entry, dict):
            yield from (
                path for path, options in entry.items() if not uncached or mapping(options).get("cache") is False
            )
