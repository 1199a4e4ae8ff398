"""What a tracking server knows, as plain values: the same from its database and from its REST API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Experiment:
    """Times here and below are milliseconds since 1970."""

    id: str
    name: str
    lifecycle: str = "active"
    created: int | None = None
    updated: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """A data set that a run was given. `source`, `schema` and `profile` are JSON texts of the server."""

    name: str
    digest: str
    source_type: str | None = None
    source: str | None = None
    schema: str | None = None
    profile: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """The last value of a metric, and the data set that it was found on, where known."""

    key: str
    value: str
    at: int | None = None
    dataset: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    id: str
    experiment: str
    name: str | None = None
    user: str | None = None
    status: str | None = None
    started: int | None = None
    ended: int | None = None
    lifecycle: str = "active"
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Figure, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedModel:
    id: str
    experiment: str
    name: str | None = None
    location: str | None = None
    updated: int | None = None
    run: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    name: str
    description: str | None = None
    updated: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    version: str
    description: str | None = None
    created: int | None = None
    updated: int | None = None
    source: str | None = None
    run: str | None = None
    status: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Tracking(Protocol):
    """A tracking server. What was yielded before a `SourceError` stands; what comes after is unknown."""

    place: str
    """What origins show."""

    def experiments(self) -> Iterator[Experiment]: ...

    def runs(self, experiment: str) -> Iterator[RunRecord]: ...

    def models(self, experiment: str) -> Iterator[LoggedModel]: ...

    def registered(self) -> Iterator[Registered]: ...

    def versions(self) -> Iterator[Version]: ...


def figure_text(value: object) -> str:
    """Returns a metric's value as text; a whole number like the float that it is."""
    if value is None:
        return "NaN"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return repr(float(value))
