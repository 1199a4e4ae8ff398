"""The folder of a data context: its settings, suites, validation definitions and stored results."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalog.model.errors import InvalidTimeError, SourceError
from catalog.model.facts import Origin, Skip
from catalog.model.instants import Instant, parse
from ingestors.reading import Reader
from ingestors.values import items, mapping, mappings, text

_NEVER: Final = Instant(0)
_SETTINGS: Final = "great_expectations.yml"
_DATABASE: Final = re.compile(r"[^:]+://[^/]*/([A-Za-z0-9_$-]+)(?:[/?].*)?")
_STORES: Final = {
    "expectations_store_name": "expectations",
    "validation_results_store_name": "uncommitted/validations",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """One rule of a suite."""

    type: str
    id: str | None
    kwargs: Mapping[str, Any]
    severity: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite as its file has it."""

    name: str
    expectations: tuple[Expectation, ...]
    meta: Mapping[str, Any]
    origin: Origin
    modified: Instant
    complete: bool
    """Whether every expectation could be read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one expectation. `figures` are counts and shares, never values of the data."""

    expectation: Expectation
    success: bool | None
    raised: bool
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Validation:
    """One stored result of a suite."""

    suite: str
    run: str
    at: Instant
    stamp: str
    success: bool | None
    outcomes: tuple[Outcome, ...]
    complete: bool
    """Whether every outcome could be read."""
    asset: tuple[str, str]
    """Data source and asset."""
    fingerprint: str | None
    origin: Origin
    batch: str


@dataclass(slots=True)
class DataContext:
    """What a folder holds; what could not be read is a skip."""

    id: str
    assets: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Data source and asset to database, schema and table."""
    suites: dict[str, Suite] = field(default_factory=dict)
    definitions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Suite to the asset that it is run on."""
    validations: list[Validation] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    newest: Instant = _NEVER
    """When a suite, or the list of suites, was changed last."""


def read_context(reader: Reader, folder: Path) -> DataContext:
    """Reads a data context.

    Raises:
        SourceError: the folder holds neither settings nor suites nor results.
    """
    return _Reading(reader, folder).context()


class _Reading:
    def __init__(self, reader: Reader, folder: Path) -> None:
        self._reader, self._folder = reader, folder
        self._context = DataContext(folder.name)

    def context(self) -> DataContext:
        settings = self._settings()
        folders = {name: self._store(settings, name, usual) for name, usual in _STORES.items()}
        suites = self._folder / folders["expectations_store_name"]
        self._assets(mapping(settings.get("fluent_datasources")))
        for path in self._files(suites):
            self._suite(path)
        for path in self._files(self._folder / "validation_definitions"):
            self._definition(path)
        for path in self._files(self._folder / folders["validation_results_store_name"]):
            self._validation(path)
        known = self._context
        if not (settings or known.suites or known.validations or known.skips):
            raise SourceError(
                self._reader.label(self._folder),
                "holds no data context",
                "Name the folder with great_expectations.yml in it.",
            )
        known.validations.sort(key=lambda v: (v.at, v.suite, v.run, v.batch))
        changed = [suite.modified for suite in known.suites.values()]
        known.newest = max([*changed, self._reader.modified(suites)] if suites.is_dir() else [_NEVER, *changed])
        return known

    # --- files ------------------------------------------------------------------------------------------------------

    def _files(self, folder: Path) -> Iterator[Path]:
        if not folder.is_dir():
            return
        try:
            found = self._reader.paths(str(folder / "**" / "*.json"))
        except SourceError:
            return
        yield from (path for path in found if not path.name.startswith("."))

    def _json(self, path: Path) -> dict[str, Any] | None:
        try:
            value = self._reader.json(path)
        except SourceError as err:
            self._skip(str(err), path)
            return None
        if not isinstance(value, dict):
            self._skip(f"it holds {type(value).__name__}: expected an object", path)
            return None
        return value

    def _skip(self, message: str, path: Path) -> None:
        self._context.skips.append(Skip("unreadable", message, Origin(self._reader.label(path))))

    def _settings(self) -> dict[str, Any]:
        path = self._folder / _SETTINGS
        if not path.is_file():
            return {}
        try:
            settings = mapping(self._reader.yaml(path))
        except SourceError as err:
            self._skip(str(err), path)
            return {}
        self._context.id = text(settings.get("data_context_id")) or self._context.id
        return settings

    def _store(self, settings: dict[str, Any], name: str, usual: str) -> str:
        """Returns the folder of a store; the usual one if the settings lead out of the context."""
        store = mapping(mapping(settings.get("stores")).get(text(settings.get(name)) or ""))
        written = text(mapping(store.get("store_backend")).get("base_directory")) or usual
        folder = posixpath.normpath(written.replace("\0", ""))
        return usual if folder.startswith(("/", "..")) else folder

    # --- what they say ----------------------------------------------------------------------------------------------

    def _assets(self, sources: dict[str, Any]) -> None:
        for source, said in sources.items():
            found = _DATABASE.fullmatch(text(mapping(said).get("connection_string")) or "")
            for asset, about in mapping(mapping(said).get("assets")).items():
                table = text(mapping(about).get("table_name"))
                if table is not None:
                    parts = (found[1] if found else None, text(mapping(about).get("schema_name")), table)
                    self._context.assets[source, asset] = tuple(part for part in parts if part)

    def _suite(self, path: Path) -> None:
        said = self._json(path)
        if said is None:
            return
        name = text(said.get("name")) or text(said.get("expectation_suite_name"))
        if name is None:
            self._skip("a suite has no name", path)
            return
        rules = tuple(filter(None, map(_expectation, mappings(said.get("expectations")))))
        whole = len(rules) == len(items(said.get("expectations")))
        if not whole:
            self._skip(f"an expectation of {name!r} has no type", path)
        origin = Origin(self._reader.label(path))
        suite = Suite(name, rules, mapping(said.get("meta")), origin, self._reader.modified(path), whole)
        self._context.suites[name] = suite

    def _definition(self, path: Path) -> None:
        said = self._json(path) or {}
        data = mapping(said.get("data"))
        source, asset = (text(mapping(data.get(key)).get("name")) for key in ("datasource", "asset"))
        suite = text(mapping(said.get("suite")).get("name"))
        if suite and source and asset:
            self._context.definitions.setdefault(suite, (source, asset))

    def _validation(self, path: Path) -> None:
        said = self._json(path)
        if said is None:
            return
        meta = mapping(said.get("meta"))
        run = mapping(meta.get("run_id"))
        suite = text(said.get("suite_name")) or text(meta.get("expectation_suite_name"))
        stamp = text(run.get("run_time")) or text(meta.get("validation_time"))
        at = _time(stamp)
        if suite is None or stamp is None or at is None:
            self._skip("a result has no suite or no time", path)
            return
        batch = mapping(meta.get("active_batch_definition"))
        outcomes = tuple(filter(None, map(_outcome, mappings(said.get("results")))))
        self._context.validations.append(
            Validation(
                suite=suite,
                run=text(run.get("run_name")) or "",
                at=at,
                stamp=stamp,
                success=_flag(said.get("success")),
                outcomes=outcomes,
                complete=len(outcomes) == len(items(said.get("results"))) and isinstance(said.get("results"), list),
                asset=(text(batch.get("datasource_name")) or "", text(batch.get("data_asset_name")) or ""),
                fingerprint=text(mapping(meta.get("batch_markers")).get("pandas_data_fingerprint")),
                origin=Origin(self._reader.label(path)),
                batch=path.stem,
            )
        )


_FIGURES: Final = re.compile(
    r"(element|unexpected|missing)_(count|percent)|unexpected_percent_(total|nonmissing)|unexpected_rows_count"
)
_FIGURE_TYPES: Final = re.compile(
    r".*(row_count|column_count|_mean_|_stdev_|_sum_|proportion|unique_value_count|kl_divergence).*"
)


def _expectation(said: dict[str, Any]) -> Expectation | None:
    kind = text(said.get("type")) or text(said.get("expectation_type"))
    if kind is None:
        return None
    kwargs = {key: value for key, value in mapping(said.get("kwargs")).items() if key != "batch_id"}
    notes = text(said.get("description")) or text(said.get("notes"))
    return Expectation(kind, text(said.get("id")), kwargs, text(said.get("severity")), notes)


def _outcome(said: dict[str, Any]) -> Outcome | None:
    expectation = _expectation(mapping(said.get("expectation_config")))
    if expectation is None:
        return None
    result = mapping(said.get("result"))
    figures = {key: value for key, value in result.items() if _FIGURES.fullmatch(key) and _is_number(value)}
    if _FIGURE_TYPES.fullmatch(expectation.type) and _is_number(result.get("observed_value")):
        figures["observed_value"] = result["observed_value"]
    raised = mapping(said.get("exception_info")).get("raised_exception") is True
    return Outcome(expectation, _flag(said.get("success")), raised, figures)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _time(stamp: str | None) -> Instant | None:
    try:
        return parse(stamp) if stamp else None
    except InvalidTimeError:
        return None
