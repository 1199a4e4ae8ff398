"""What commands share: the project in force, the store, the clock and where answers go."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from catalog.model.errors import ConfigError
from catalog.project import FILE_NAME, Project, default, load, store_url
from catalog.refs import Refs
from catalog.store.opening import open_store
from catalog.store.port import Store


class Workbench:
    """The project, the store and the clock of one call of a command."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.quiet: bool = settings["quiet"]
        self._settings = settings
        self._project: Project | None = None

    @property
    def project(self) -> Project:
        """The project file that `-c` names, or the nearest `headwater.yml` above, or the defaults.

        Raises:
            ConfigError: the file is missing or wrong.
        """
        if self._project is None:
            self._project = self._find()
        return self._project

    def _find(self) -> Project:
        named = self._settings["config"]
        here = Path.cwd()
        path = (
            Path(named)
            if named
            else next((d / FILE_NAME for d in (here, *here.parents) if (d / FILE_NAME).is_file()), None)
        )
        return load(path, os.environ) if path else default(here, os.environ)

    @property
    def url(self) -> str:
        given = self._settings["store"]
        return store_url(given, Path.cwd()) if given else self.project.store

    @contextmanager
    def store(self, *, fill: bool = False) -> Iterator[Store]:
        """Opens the store for the time of a command.

        Args:
            fill: Whether the command may create it; otherwise an embedded store that is not there is an error.

        Raises:
            ConfigError: there is nothing to ask yet.
        """
        prepare(self.url, fill=fill)
        store = open_store(self.url, credentials())
        try:
            yield store
        finally:
            store.close()

    def refs(self, store: Store) -> Refs:
        return Refs(store, self.project.namespaces)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def actor(self) -> str:
        """Who commits: HEADWATER_ACTOR, else the login name."""
        try:
            return os.environ.get("HEADWATER_ACTOR") or getpass.getuser()
        except (KeyError, OSError):  # no such user in a bare container
            return "local"

    def note(self, text: str) -> None:
        """Says something on stderr, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)


def workbench(ctx: click.Context) -> Workbench:
    """Returns the workbench of a call."""
    root = ctx.find_root()
    if not isinstance(root.obj, Workbench):
        root.obj = Workbench(root.obj)
    found: Workbench = root.obj
    return found


def credentials() -> dict[str, str]:
    """Returns user and password for a server store from the environment, if they are there."""
    given = {"user": os.environ.get("NEO4J_USERNAME"), "password": os.environ.get("NEO4J_PASSWORD")}
    return {key: value for key, value in given.items() if value}


def prepare(url: str, *, fill: bool) -> None:
    if not url.startswith("sqlite:///"):
        return
    path = Path(url.removeprefix("sqlite:///"))
    if path.exists() or str(path) == ":memory:":
        return
    if not fill:
        raise ConfigError(
            f"{path}: there is no catalog yet. `headwater ingest` fills it, `headwater demo` shows an example."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
