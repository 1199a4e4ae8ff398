"""The project file `headwater.yml`: which store, which namespaces, which sources, which policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from catalog.classification.label_rules import LabelRule
from catalog.model.errors import ConfigError, InvalidTimeError
from catalog.model.ingest import Context, Ingestor, Limits, Source
from catalog.model.instants import Instant, instant, parse
from catalog.model.nodes import BY_KIND

FILE_NAME: Final = "headwater.yml"
DEFAULT_STORE: Final = "sqlite:///.headwater/catalog.db"
GROUP: Final = "headwater.ingestors"
RESERVED: Final = frozenset({*BY_KIND, "service", "namespace"}) - {"dataset", "column"}
"""Words that stand before the colon of a ref themselves and so cannot be an alias."""

_MAX_BYTES: Final = 4 * 2**20
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}")


class SourceEntry(BaseModel):
    """One entry under `sources`. What is not named here are the options of its kind."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(min_length=1, description="Name of the source, unique in the file.")
    kind: str = Field(min_length=1, description="Which ingestor reads it.")
    at: str | None = Field(default=None, description="Date of an input that has no clock of its own.")

    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class ProjectFile(BaseModel):
    """The content of `headwater.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str = Field(default=DEFAULT_STORE, description="Where the catalog lives.")
    namespaces: dict[str, str] = Field(default_factory=dict, description="Short names of namespaces, for refs.")
    sources: list[SourceEntry] = Field(default_factory=list, description="What to read.")
    policies: list[str] = Field(default_factory=list, description="Files with rules, for `headwater check`.")
    propagation: list[LabelRule] = Field(
        default_factory=list, description="How far terms and tags follow values, for `headwater glossary labels`."
    )


@dataclass(frozen=True, slots=True)
class Project:
    """A project file in force.

    Attributes:
        root: Folder that relative paths start from.
        path: The file, or None where defaults are used.
        store: Store url; a relative SQLite path is relative to the root.
    """

    root: Path
    path: Path | None
    store: str
    namespaces: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[SourceEntry, ...] = ()
    policies: tuple[Path, ...] = ()
    propagation: tuple[LabelRule, ...] = ()

    def sources(self, now: datetime, names: tuple[str, ...] = ()) -> Iterator[Source]:
        """Yields the sources, or those that are named, ready to be read.

        Raises:
            ConfigError: a name is unknown, or the options of a source do not fit its kind.
        """
        known = {entry.name: entry for entry in self.entries}
        for name in names:
            if name not in known:
                raise ConfigError(f"{self._place()}: there is no source {name!r}. {_choices(name, list(known))}")
        installed = {point.name: point for point in entry_points(group=GROUP)}
        for entry in self.entries:
            if not names or entry.name in names:
                yield self._source(entry, installed, now)

    def source_of(self, entry: SourceEntry, now: datetime) -> Source:
        """Returns a source that the file does not name.

        Raises:
            ConfigError: its options do not fit its kind, or the kind is not installed.
        """
        found = self._source(entry, {point.name: point for point in entry_points(group=GROUP)}, now)
        if found.ingestor is None:
            raise ConfigError(f"no ingestor of kind {entry.kind!r} is installed. Install Headwater again.")
        return found

    def _source(self, entry: SourceEntry, installed: Mapping[str, EntryPoint], now: datetime) -> Source:
        point = installed.get(entry.kind)
        context = Context(
            source=entry.name,
            root=self.root,
            namespaces=self.namespaces,
            now=instant(now),
            at=_at(entry, self._place()),
            limits=Limits(),
        )
        ingestor = None if point is None else _construct(_loaded(point, self._place()), entry, self._place())
        return Source(entry.name, entry.kind, ingestor, context)

    def _place(self) -> str:
        return str(self.path or FILE_NAME)


def load(path: Path, environment: Mapping[str, str]) -> Project:
    """Reads a project file. `HEADWATER_STORE` in the environment wins over its `store`.

    Raises:
        ConfigError: it is missing, no YAML, or does not fit.
    """
    raw = _fill(_read(path), environment, str(path))
    try:
        content = ProjectFile.model_validate(raw or {})
    except ValidationError as err:
        raise ConfigError(f"{path}: {_explain(err)}") from err
    _check(content, path)
    root = path.resolve().parent
    return Project(
        root=root,
        path=path,
        store=store_url(environment.get("HEADWATER_STORE") or content.store, root),
        namespaces=content.namespaces,
        entries=tuple(content.sources),
        policies=tuple(root / name for name in content.policies),
        propagation=tuple(content.propagation),
    )


def default(root: Path, environment: Mapping[str, str]) -> Project:
    """Returns a project without a file: the default store below a folder, no sources."""
    return Project(root, None, store_url(environment.get("HEADWATER_STORE") or DEFAULT_STORE, root))


def store_url(url: str, root: Path) -> str:
    """Returns a store url whose SQLite path, if relative, starts at a folder."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/") or url == prefix + ":memory:":
        return url
    return prefix + str(root / url.removeprefix(prefix))


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path}: larger than {_MAX_BYTES} bytes: expected a project file. Name another with -c.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(
            f"{path}: cannot be read ({err}). `headwater init` writes one; -c FILE names another."
        ) from err
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError(f"{path}: aliases are not read here. Write the value out.")
        return yaml.safe_load(text)
    except yaml.YAMLError as err:
        raise ConfigError(f"{path}: no YAML: {err}. Mend it.") from err


def _fill(value: Any, environment: Mapping[str, str], place: str) -> Any:
    """Fills `${VAR}` and `${VAR:-default}` in every text."""
    if isinstance(value, dict):
        return {key: _fill(item, environment, place) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, environment, place) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str):
        return value

    def fill(found: re.Match[str]) -> str:
        given = environment.get(found[1])
        if given is None and found[2] is None:
            raise ConfigError(
                f"{place}: the environment has no variable {found[1]!r}. Set it, or write ${{{found[1]}:-DEFAULT}}."
            )
        return given if given is not None else found[3]

    return _VARIABLE.sub(fill, value)


def _check(content: ProjectFile, path: Path) -> None:
    names = [entry.name for entry in content.sources]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"{path}: two sources are called {name!r}. Rename one.")
    for alias in content.namespaces:
        if alias.lower() in RESERVED or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", alias):
            raise ConfigError(
                f"{path}: {alias!r} cannot be an alias: expected a word that does not name a kind "
                f"({', '.join(sorted(RESERVED))}). Choose another."
            )


def _at(entry: SourceEntry, place: str) -> Instant | None:
    try:
        return None if entry.at is None else parse(entry.at)
    except InvalidTimeError as err:
        raise ConfigError(f"{place}: source {entry.name!r}: at: {err}") from err


def _loaded(point: EntryPoint, place: str) -> type[Ingestor]:
    try:
        cls: type[Ingestor] = point.load()
    except (ImportError, AttributeError) as err:
        raise ConfigError(
            f"{place}: the ingestor {point.name!r} ({point.value}) cannot be loaded: {err}. Install it again."
        ) from err
    return cls


def _construct(cls: type[Ingestor], entry: SourceEntry, place: str) -> Ingestor:
    try:
        return cls(cls.options.model_validate(entry.options()))
    except ValidationError as err:
        known = sorted(cls.options.model_fields)
        raise ConfigError(f"{place}: source {entry.name!r} ({entry.kind}): {_explain(err, known)}") from err


def _explain(err: ValidationError, known: list[str] | None = None) -> str:
    """Returns what is wrong with the first few values, in one sentence each."""
    said = []
    for problem in err.errors()[:5]:
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            said.append(f"{where!r} is not known. {_choices(where, known or list(ProjectFile.model_fields))}")
        elif problem["type"] == "missing":
            said.append(f"{where!r} is missing. Add it.")
        else:
            said.append(f"{where!r} is {str(problem['input'])[:80]!r}: {problem['msg'].lower()}.")
    return " ".join(said)


def _choices(word: str, known: list[str]) -> str:
    nearest = process.extractOne(word, known, score_cutoff=70)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return f"Known: {', '.join(sorted(known)) or 'none'}.{hint}"
