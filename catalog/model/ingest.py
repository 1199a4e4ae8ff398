"""The contract of an ingestor: what it is given and what it yields.

An ingestor reads what a tool left behind and yields snapshots. It opens no store, prints nothing and swallows nothing: what
it cannot understand is a `Skip` in the snapshot that it belongs to; an input that cannot be read at all is a `SourceError`.
It is found by the entry point group `headwater.ingestors`, whose names are the `kind` of a source in the project file.

Laws, held by the contract tests for every ingestor:

1. Same bytes, same snapshots, in the same order.
2. One bad record or statement never stops the rest, and never makes complete what it could have hidden.
3. Names go through `ingestors.naming`; scopes hold full namespaces, never aliases.
4. Snapshots of scopes below a scope come before the scope's own of the same time.
5. No network but hosts that the options name; no symlink out of the root; no code of others is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from catalog.model.facts import Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may cost. Over a limit, a record is skipped and an input refused, by name."""

    file_bytes: int = 4 * 2**30
    document_bytes: int = 512 * 2**20
    """For formats that are read whole: JSON, YAML."""
    record_bytes: int = 16 * 2**20
    """For one line, record or statement of a streamed format."""
    depth: int = 100
    """Nesting of JSON and YAML."""
    yaml_nodes: int = 1_000_000
    """Nodes of a YAML document after aliases."""
    statement_chars: int = 1_000_000
    statement_s: float = 10.0
    files: int = 100_000
    """Files that one pattern may match."""


class Options(BaseModel):
    """Options of a source in the project file, without `name` and `kind`. Subclass; unknown options are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Context:
    """What an ingestor may know besides its options.

    Attributes:
        source: Name of the source in the project file.
        root: Folder of the project file: relative paths start here, and links may not lead out of it.
        namespaces: Alias to namespace, from the project file.
        now: The clock, for checks only; it is never the time of a snapshot.
        at: The `at:` of the source, for inputs without a clock of their own.
        executor: Where parsing may be spread; None parses in this process.
    """

    source: str
    root: Path
    namespaces: Mapping[str, str]
    now: Instant
    at: Instant | None = None
    limits: Limits = field(default_factory=Limits)
    executor: Executor | None = None

    def namespace(self, alias: str) -> str:
        """Returns the namespace of an alias; a text that is no alias is taken as a namespace itself."""
        return self.namespaces.get(alias, alias)


class Ingestor(Protocol):
    """One kind of source. Constructed once for each source of the project file."""

    name: ClassVar[str]
    """The `kind` in the project file."""
    options: ClassVar[type[Options]]

    def __init__(self, options: Any) -> None: ...

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields what the source says, scope by scope.

        Raises:
            SourceError: the input as a whole cannot be read; what was yielded before stands.
        """
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that one version of a data set is made of, as its own log lists them now.

    Attributes:
        folder: Where they lie.
        algorithm: How the digest is made of the list.
        digest: Of the list as the log has it now; None if the log does not say it whole.
        files: Path below the folder and bytes, in order of path; the path is None for a file that lies elsewhere.
    """

    folder: Path
    algorithm: str
    digest: str | None
    files: Sequence[tuple[str | None, int | None]]


@runtime_checkable
class Lister(Protocol):
    """An ingestor whose source lists the files of its data sets, so that they can be looked for."""

    def manifest(self, context: Context, version: Urn) -> Manifest | None:
        """Returns the files of a version; None for a data set or version that is not of this source.

        Raises:
            SourceError: the source cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the project file, ready to be read. `ingestor` is None where its kind is not installed."""

    name: str
    kind: str
    ingestor: Ingestor | None
    context: Context
