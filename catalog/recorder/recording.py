"""One recording: what is read, done and written, as it happens."""

from __future__ import annotations

import csv
import hashlib
import os
import platform
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, TypeVar

from catalog.model.canonical import json_text
from catalog.recorder.code import code_of
from catalog.recorder.columns import Frame, Frames
from catalog.recorder.document import Code, ColumnFigures, Document, File, Software, Step
from catalog.recorder.events import event
from catalog.recorder.frames import nulls_of, shape_of

T = TypeVar("T")
Kind = Literal["START", "RUNNING", "COMPLETE", "FAIL"]
_LIBRARIES: Final = ("pandas", "numpy", "polars", "pyarrow", "sklearn", "xgboost", "lightgbm", "torch")
"""Libraries whose versions are told, if they are loaded."""
_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.-]+://[^/]*)/?(.*)", re.IGNORECASE | re.DOTALL)
_CHUNK: Final = 1 << 20


def record(
    name: str,
    *,
    note: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    namespace: str = "file",
    root: str | Path | None = None,
    job_namespace: str = "scripts",
    events: str | Path | None = None,
) -> Recording:
    """Returns a recording of one run of a script or notebook; use it as a context manager or as it is.

    As a context manager the run is complete when the block ends, and failed when it raises. Without one, each file that is
    written completes it.

    Args:
        name: The job: the same name for every run of the script.
        note: Where the inputs come from, in words.
        parameters: What the run was given. Their values are kept; give no secrets.
        namespace: Where the files live, as in OpenLineage; `file` with whole paths, unless `root` is given.
        root: Folder from which on files are named, so that the names hold on other machines.
        job_namespace: Namespace of the job.
        events: File to append events to. Default: `NAME.openlineage.ndjson` in the folder of the first output; of a run that
            failed before it wrote any, in that of its first input.
    """
    known = sys._getframe(1).f_globals
    script = known.get("__file__") or known.get("__vsc_ipynb_file__")
    return Recording(
        name=name,
        note=note,
        parameters={key: _written(value) for key, value in (parameters or {}).items()},
        namespace=namespace,
        root=None if root is None else _whole(root),
        job_namespace=job_namespace,
        events=None if events is None else Path(events),
        code=code_of(Path(script) if script else None),
    )


@dataclass
class Recording:
    """What one run does, kept as it is told. `record` makes one."""

    name: str
    note: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    namespace: str = "file"
    root: Path | None = None
    job_namespace: str = "scripts"
    events: Path | None = None
    code: Code | None = None
    run: str = field(default_factory=lambda: str(uuid.uuid4()))
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self._frames = Frames()
        self._written: dict[str, Frame | None] = {}
        self._places: dict[str, Path] = {}
        self._first: Path | None = None
        self._started = self._is_managed = False
        self._document = Document(
            job=self.name, job_namespace=self.job_namespace, run=self.run, state="RUNNING", started_at=self._now(),
            parameters=self.parameters, code=self.code, environment=_software(),
        )  # fmt: skip

    # --- reading

    def read(self, path: str | Path, using: Callable[..., T], *, note: str | None = None, **options: Any) -> T:
        """Returns `using(path, **options)`, and records the file: its digest, rows, columns and missing values.

        Args:
            note: Where this file comes from; else the recording's note.
        """
        with self._failing():
            file = self._file(path, note or self.note)
            data = using(path, **options)
            self._describe(file, data)
            self._document.inputs = [f for f in self._document.inputs if f.name != file.name] + [file]
            self._frames.read(data, file.name)
            return data

    def read_csv(self, path: str | Path, *, note: str | None = None, **options: Any) -> Any:
        """Returns a CSV file as a pandas data frame; without pandas as a list of mappings."""
        return self.read(path, _csv_reader(), note=note, **options)

    def read_file(self, path: str | Path, *, note: str | None = None) -> Path:
        """Records a file that the script opens itself: a model, an image, a configuration."""
        return self.read(path, Path, note=note)

    # --- between

    def step(
        self,
        name: str,
        data: T,
        *,
        of: Any = None,
        derives: Mapping[str, Sequence[str]] | None = None,
        by: Sequence[str] = (),
        **parameters: Any,
    ) -> T:
        """Returns `data`, and records how it differs from what it was made from: rows dropped, columns added, removed, renamed.

        Args:
            name: What the step does, in words.
            data: The table that it made.
            of: The table that it was made from, or a list of those that were joined. Default: the one of the last step.
            derives: Columns that were computed, each with the columns that it was computed from.
            by: Columns that decided which rows stay.
            parameters: What the step was given.
        """
        with self._failing():
            parents = self._parents(of)
            frame, change = self._frames.step(data, parents, derives or {}, by)
            before = parents[0].shape.rows if parents and parents[0].shape else None
            after = frame.shape.rows if frame.shape else None
            dropped = None if before is None or after is None else max(0, before - after)
            step = Step(
                name=name, rows_before=before, rows_after=after, rows_dropped=dropped,
                columns_added=change.added, columns_removed=change.removed, columns_renamed=change.renamed,
                filtered_by=list(by), parameters={key: _written(value) for key, value in parameters.items()},
            )  # fmt: skip
            self._document.steps.append(step)
            return data

    def _parents(self, of: Any) -> list[Frame]:
        if of is None:
            return [self._frames.last] if self._frames.last else []
        given = [of] if shape_of(of) is not None or not isinstance(of, Sequence) else list(of)
        return [self._frames.find(one) or self._frames.meet(one) for one in given]

    # --- writing

    def write(self, data: Any, path: str | Path, using: Callable[..., Any], **options: Any) -> None:
        """Calls `using(data, path, **options)`, and records the file that it wrote.

        A table that no step was told of counts as made from the one of the last step.
        """
        with self._failing():
            using(data, path, **options)
            frame = self._frames.find(data)
            if frame is None and shape_of(data) is not None:
                frame, _ = self._frames.step(data, self._parents(None), {}, ())
            self._take(path, data, frame)

    def write_csv(self, data: Any, path: str | Path, **options: Any) -> None:
        """Writes a data frame (without its index, unless told otherwise) or a list of mappings as CSV."""
        self.write(data, path, _write_csv, **options)

    def write_file(self, path: str | Path) -> None:
        """Records a file that the script wrote itself: a model, a chart, a report."""
        with self._failing():
            self._take(path, None, None)

    def _take(self, path: str | Path, data: Any, frame: Frame | None) -> None:
        file = self._file(path, None)
        self._describe(file, data)
        self._document.outputs = [f for f in self._document.outputs if f.name != file.name] + [file]
        self._written[file.name] = frame
        self._places.setdefault(file.name, Path(path))
        self._tell("RUNNING" if self._is_managed else "COMPLETE")

    # --- the end

    def __enter__(self) -> Recording:
        self._is_managed = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if err is None:
            self._tell("COMPLETE")
        else:
            self.fail(err)

    def fail(self, err: BaseException) -> None:
        """Ends the run as failed. Only the kind of the error is kept: its message may quote the data."""
        if self._document.state != "FAIL":
            self._document.error = type(err).__name__
            self._tell("FAIL")

    def _failing(self) -> _Failing:
        return _Failing(self)

    def _tell(self, kind: Kind) -> None:
        """Appends an event, and writes the side file of every output anew."""
        at = self._now()
        document = self._document
        document.state = "RUNNING" if kind == "START" else kind
        document.ended_at = None if document.state == "RUNNING" else at
        kinds: list[tuple[Kind, str]] = [(kind, at)] if self._started else [("START", document.started_at), (kind, at)]
        self._started = True
        said = "".join(json_text(event(document, one, time, self._written)) + "\n" for one, time in kinds)
        with self._log().open("a", encoding="utf-8") as file:
            file.write(said)
        for place in self._places.values():
            place.with_name(f"{place.name}.recording.json").write_text(document.text(), encoding="utf-8")

    def _log(self) -> Path:
        if self.events is None:
            beside = next(iter(self._places.values()), self._first or Path("x"))
            self.events = _whole(beside.parent) / f"{_slug(self.name)}.openlineage.ndjson"
        return self.events

    # --- files

    def _file(self, path: str | Path, note: str | None) -> File:
        address = _ADDRESS.fullmatch(str(path)) if isinstance(path, str) else None
        if address:
            return File(namespace=address[1], name=address[2], note=note)
        whole = _whole(path)
        inside = self.root is not None and whole.is_relative_to(self.root)
        name = whole.relative_to(self.root).as_posix() if self.root is not None and inside else whole.as_posix()
        digest, length = _digest(whole)
        self._first = self._first or whole
        return File(namespace=self.namespace, name=name, sha256=digest, bytes=length, note=note)

    def _describe(self, file: File, data: Any) -> None:
        shape = shape_of(data)
        if shape is not None:
            nulls = nulls_of(data)
            file.rows = shape.rows
            file.columns = [ColumnFigures(name=n, type=t, nulls=nulls.get(n)) for n, t in shape.columns.items()]

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class _Failing:
    """What raises inside ends the recording as failed, and goes on."""

    recording: Recording

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if err is not None:
            self.recording.fail(err)


def _whole(path: str | Path) -> Path:
    """Returns a path from the root on, its links left as they are."""
    return Path(os.path.normpath(Path(path).absolute()))


def _digest(path: Path) -> tuple[str | None, int | None]:
    """Returns the SHA-256 and length of a file, read as a stream; nothing for what is no regular file."""
    if not path.is_file():
        return None, None
    found, length = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            length += len(chunk)
    return found.hexdigest(), length


def _csv_reader() -> Callable[..., Any]:
    try:
        return getattr(import_module("pandas"), "read_csv", _records)
    except ImportError:
        return _records


def _records(path: str | Path, **options: Any) -> list[dict[str, Any]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, **options))


def _write_csv(data: Any, path: str | Path, **options: Any) -> None:
    if hasattr(data, "to_csv"):
        data.to_csv(path, **{"index": False, **options})
        return
    if hasattr(data, "write_csv"):
        data.write_csv(path, **options)
        return
    shape = shape_of(data)
    if shape is None:
        raise TypeError(f"write_csv: {type(data).__name__!r} is no table: expected a data frame or a list of mappings")
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(shape.columns), **{"lineterminator": "\n", **options})
        writer.writeheader()
        writer.writerows(data)


def _software() -> Software:
    loaded = ((name, getattr(sys.modules.get(name), "__version__", None)) for name in _LIBRARIES)
    return Software(python=platform.python_version(), packages={name: str(v) for name, v in loaded if v})


def _written(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "recording"
