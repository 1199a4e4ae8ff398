"""The connection to a SQLite file: addresses, settings, transactions, errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from catalog.model.edges import BY_TYPE
from catalog.model.errors import StoreError, StoreUnavailableError, StoreVersionError, UsageError
from catalog.model.nodes import BY_KIND
from catalog.store.sqlite import schema

Row = tuple[Any, ...]

MEMORY: Final = ":memory:"
_PREFIX: Final = "sqlite:///"

_SETTINGS: Final = """\
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -131072;
PRAGMA mmap_size = 268435456;
PRAGMA wal_autocheckpoint = 16000;
"""

_UNAVAILABLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
    }
)


def path_of(url: str) -> str:
    """Returns the file of `sqlite:///relative` or `sqlite:////absolute`; `:memory:` for a store that is not kept.

    Raises:
        UsageError: the address has another form.
    """
    path = url.removeprefix(_PREFIX)
    if path == MEMORY or (path != url and path):
        return path
    raise UsageError(f"{url!r} is no SQLite store: expected sqlite:///relative/path.db or sqlite:////absolute/path.db.")


class _Numbers(NamedTuple):
    """What stands for kinds and types in this file."""

    kinds: dict[str, int]
    types: dict[str, int]
    kind_names: dict[int, str]


class Database:
    """One connection, opened when it is first needed."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url, self.path, self._timeout_s = url, path_of(url), timeout_s
        self._connection: sqlite3.Connection | None = None
        self._numbers: _Numbers | None = None

    # --- opening

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection to a store of our version.

        Raises:
            StoreUnavailableError: there is no store, or it cannot be opened.
            StoreVersionError: it was written by another version.
        """
        if self._connection is None:
            if self.path != MEMORY and not Path(self.path).exists():
                raise StoreUnavailableError(
                    f"{self.url}: there is no store. `headwater init` or `headwater ingest` makes it."
                )
            self._open()
        assert self._connection is not None
        return self._connection

    def _open(self) -> None:
        with self._connected() as connection:
            found = self._version(connection)
            if found != schema.VERSION:
                raise StoreVersionError(
                    f"{self.url}: schema version '{found}' is older: expected {schema.VERSION}. Run `headwater db upgrade`."
                )
            self._configure(connection)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Keeps a new connection if all goes well with it."""
        with self.translated():
            connection = sqlite3.connect(
                self.path,
                timeout=self._timeout_s,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
        try:
            yield connection
        except BaseException:
            self._connection = None
            connection.close()
            raise

    def _configure(self, connection: sqlite3.Connection) -> None:
        # Not before the version was looked at: the journal mode is written into the file.
        with self.translated():
            connection.executescript(_SETTINGS)
        self._connection = connection

    def _version(self, connection: sqlite3.Connection) -> int:
        with self.translated():
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and application != schema.APPLICATION_ID:
            raise StoreError(f"{self.url}: the file is another program's database. Name another file.")
        if version > schema.VERSION:
            raise StoreVersionError(
                f"{self.url}: schema version '{version}' is newer than this program's {schema.VERSION}. Upgrade headwater."
            )
        return int(version)

    def migrate(self) -> None:
        """Creates the store, or brings an older one to our version, in one transaction."""
        if self._connection is not None:
            self._upgrade(self._connection)
            return
        if self.path != MEMORY:
            self._make_folder()
        with self._connected() as connection:
            self._version(connection)
            self._configure(connection)
            self._upgrade(connection)

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        if self._is_current(connection):
            return  # without waiting for a writer, or needing the right to write
        with self.writing():
            version = self._version(connection)
            if version == 0:
                self.script(schema.ddl())
            for step in range(version or schema.VERSION, schema.VERSION):
                self.script(schema.UPGRADES[step])
            self.script(schema.seeds())
            self.rows(f"PRAGMA user_version = {schema.VERSION}")
            self.rows(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        self._numbers = None

    def _is_current(self, connection: sqlite3.Connection) -> bool:
        if self._version(connection) != schema.VERSION:
            return False
        numbers = self._numbered()
        return BY_KIND.keys() <= numbers.kinds.keys() and BY_TYPE.keys() <= numbers.types.keys()

    def _make_folder(self) -> None:
        try:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise StoreUnavailableError(f"{self.url}: its folder cannot be made ({err}). Name another place.") from err

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._numbers = None

    @property
    def kinds(self) -> dict[str, int]:
        """Numbers of node kinds."""
        return self._numbered().kinds

    @property
    def types(self) -> dict[str, int]:
        """Numbers of edge types."""
        return self._numbered().types

    @property
    def kind_names(self) -> dict[int, str]:
        return self._numbered().kind_names

    def _numbered(self) -> _Numbers:
        if self._numbers is None:
            kinds: dict[str, int] = dict(self.rows("SELECT name, id FROM kinds"))
            types: dict[str, int] = dict(self.rows("SELECT name, id FROM types"))
            self._numbers = _Numbers(kinds, types, {number: name for name, number in kinds.items()})
        return self._numbers

    # --- statements

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self.translated():
            return self.connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yields rows of one state of the store, however long the reading takes."""
        with self.translated():
            yield from self.connection.execute(sql, parameters)

    def many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        with self.translated():
            self.connection.executemany(sql, parameters)

    def rows_in(self, sql: str, values: Sequence[Any], before: Sequence[Any] = (), size: int = 1000) -> Iterator[Row]:
        """Yields rows of a statement with `{}` where a list of values goes, asked in pieces."""
        for first in range(0, len(values), size):
            piece = values[first : first + size]
            yield from self.rows(sql.format(",".join("?" * len(piece))), (*before, *piece))

    def script(self, text: str) -> None:
        """Runs statements inside the transaction that is open, which `executescript` would end."""
        statement = ""
        for piece in text.split(";"):
            statement += piece + ";"
            if sqlite3.complete_statement(statement):
                self.rows(statement)
                statement = ""

    # --- transactions and errors

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the one writer's place: all of it is kept, or nothing."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Lets several statements see one state."""
        if self.connection.in_transaction:
            yield
        else:
            with self._transaction("BEGIN"):
                yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        connection = self._connection or self.connection
        with self.translated():
            connection.execute(begin)
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def changed_elsewhere(self) -> int:
        """Returns a number that is another after another connection has written."""
        (version,) = self.rows("PRAGMA data_version")[0]
        return int(version)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns errors of the library into ours."""
        try:
            yield
        except sqlite3.Error as err:
            raise self._ours(err) from err

    def _ours(self, err: sqlite3.Error) -> StoreError:
        code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _UNAVAILABLE:
            return StoreUnavailableError(
                f"{self.url}: the store cannot be used now ({err}). See that no other program holds it, that the disk has room, "
                "and that the file and its folder can be written; then try again."
            )
        return StoreError(f"{self.url}: SQLite failed ({err}). `headwater doctor` looks for the cause.")
