"""Figures that other tools found about data or models: profiles, drift, bias, flagged samples; as JSON or CSV.

Evidently, AIF360, Aequitas, whylogs and others write figures and not what they are about: the option `about` says it. What is
kept is numbers, true and false, each under its place in the file, where items of a list go by their names. Texts are not
kept, since they may be values of the data, but for the labels of rows and whether tests passed.

Each file is a complete snapshot of `("reports", SOURCE, FILE)`. A report without a clock of its own is dated by `at`, else by
the file's time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import Field

from catalog.model.canonical import json_text
from catalog.model.edges import Concerns, EvaluatedOn
from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import show
from catalog.model.names import Urn
from catalog.model.nodes import FileEntry, Report
from ingestors.reading import Malformed, Reader
from ingestors.refs import read_ref

_MOST: Final = 2_000
"""Figures of a report."""
_LABEL_CHARS: Final = 100
_NAMES: Final = ("metric_name", "name", "column", "metric", "check", "feature")
"""Keys by which an object in a list is known."""
_LABELS: Final = frozenset(
    {"attribute_name", "attribute_value", "column", "feature", "group", "metric", "check", "name", "statistic"}
)
"""Columns of a CSV that say what a row is about."""
_STATED: Final = re.compile(r": (-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)$")
"""A figure at the end of a sentence, as AIF360 explains its metrics."""
_PASSED: Final = {"pass": True, "passed": True, "success": True, "fail": False, "failed": False, "error": False}


class ReportsOptions(Options):
    """Options of a source of kind `reports`."""

    path: str = Field(description="Files or pattern: .json or .csv.")
    about: list[str] = Field(
        min_length=1,
        description="What it is about: ALIAS:DATASET, ALIAS:DATASET@DIGEST, modelversion!ALIAS:NAME/VERSION, ...",
    )
    type: str = Field(default="profile", min_length=1, description="profile, drift, bias, flagged samples, ...")
    files: str | None = Field(
        default=None,
        description="Column of a CSV that names files of the folder version in `about`: rows are counted for each.",
    )


class ReportsIngestor:
    """Reads reports."""

    name: ClassVar[str] = "reports"
    options: ClassVar[type[Options]] = ReportsOptions

    def __init__(self, options: ReportsOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields one snapshot for each file.

        Raises:
            SourceError: there is no such file, or it is no JSON or CSV.
        """
        reader = Reader(context)
        for path in reader.paths(self._options.path):
            at = context.at if context.at is not None else reader.modified(path)
            figures = _figures(reader, path, self._options.files)
            said = _Said(self._options, context, reader.label(path), show(at))
            yield Snapshot(
                ("reports", context.source, said.label), at, list(said.facts(figures)), dated=context.at is not None
            )


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a file says: figures by place, tests by name, rows by file, and how many rows could not be read."""

    numbers: Mapping[str, str | bool]
    tests: Mapping[str, bool]
    files: Mapping[str, int]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """Turns the figures of one file into facts."""

    options: ReportsOptions
    context: Context
    label: str
    at: str

    def facts(self, found: _Figures) -> Iterator[Fact | Skip]:
        origin = Origin(self.label)
        kept = dict(list(found.numbers.items())[:_MOST])
        content = {"figures": kept, "tests": dict(found.tests), "files": dict(found.files)}
        verdict = None if not found.tests else "pass" if all(found.tests.values()) else "fail"
        report = Report(
            namespace=self.context.source, name=self.label, type=self.options.type, at=self.at, verdict=verdict,
            content=json_text({key: value for key, value in content.items() if value}),
        )  # fmt: skip
        yield Fact(report, origin)
        for written in self.options.about:
            urn = read_ref(written, self.context.namespaces)
            if urn is None:
                yield Skip(
                    "unresolved",
                    f"{written[:200]!r} is no reference: expected ALIAS:DATASET or KIND!ALIAS:NAME",
                    origin,
                    (report.urn,),
                )
            else:
                yield from self._about(report, urn, found, origin)
        if left := len(found.numbers) - len(kept):
            yield Skip("too_large", f"{left} figures over the first {_MOST} are left out", origin, (report.urn,))
        if found.unread:
            yield Skip(
                "unreadable", f"{found.unread} rows have not as many fields as the header", origin, (report.urn,)
            )

    def _about(self, report: Report, urn: Urn, found: _Figures, origin: Origin) -> Iterator[Fact]:
        ends = [urn]
        if urn.kind == "datasetversion" and found.files:
            entries = [
                FileEntry(namespace=urn.parts[0], name=urn.parts[1], version=urn.parts[2], path=p) for p in found.files
            ]
            ends = [entry.urn for entry in entries]
        for end in ends:
            edge = EvaluatedOn if end.kind in EvaluatedOn.ends else Concerns
            yield Fact(edge(start=report.urn, end=end), origin)


def _figures(reader: Reader, path: Path, files: str | None) -> _Figures:
    if Path(path.name.removesuffix(".gz")).suffix.lower() == ".csv":
        return _table(reader, path, files)
    numbers: dict[str, str | bool] = {}
    tests: dict[str, bool] = {}
    _walk(reader.json(path), "", numbers, tests)
    return _Figures(numbers, tests, {})


def _walk(value: Any, place: str, numbers: dict[str, str | bool], tests: dict[str, bool]) -> None:
    """Puts every number below a value under its place. Depth is bounded by the reader."""
    if isinstance(value, bool | int | float):
        numbers[place] = value if isinstance(value, bool) else _number(value)
    elif isinstance(value, dict):
        passed = _PASSED.get(str(value.get("status", "")).lower())
        if passed is not None:
            tests[_label(value) or place] = passed
        if found := _STATED.search(str(value.get("message", ""))):
            numbers[f"{place}.value"] = found[1]
        for key, item in value.items():
            _walk(item, f"{place}.{key}" if place else str(key), numbers, tests)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            name = _label(item) if isinstance(item, dict) else ""
            _walk(item, f"{place}[{name or number}]", numbers, tests)


def _label(item: Mapping[str, Any]) -> str:
    return next((str(item[key])[:_LABEL_CHARS] for key in _NAMES if isinstance(item.get(key), str)), "")


def _table(reader: Reader, path: Path, files: str | None) -> _Figures:
    numbers: dict[str, str | bool] = {}
    counted: Counter[str] = Counter()
    unread = 0
    for number, record in reader.records(path):
        if isinstance(record, Malformed):
            unread += 1
            continue
        if files is not None and record.get(files):
            counted[record[files]] += 1
            continue
        row = ",".join(record[key][:_LABEL_CHARS] for key in record if key.lower() in _LABELS) or str(number)
        for key, text in record.items():
            if key.lower() not in _LABELS and _is_number(text):
                numbers[f"{row}.{key}"] = text.strip()
    return _Figures(numbers, {}, dict(sorted(counted.items())), unread)


def _number(value: float) -> str:
    return repr(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return len(text) <= 40
