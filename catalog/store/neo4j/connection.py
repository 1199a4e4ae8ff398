"""The driver: addresses, transactions, and its errors in our words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, LiteralString, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import neo4j
from neo4j import GraphDatabase, ManagedTransaction
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from catalog.model.errors import ConfigError, StoreError, StoreUnavailableError

# What the driver has to say of a server that is down stands in our error: without a handler of its own it would be printed twice.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

Result = TypeVar("Result")

SCHEMES: Final = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_CONNECT_S: Final = 10.0
_RETRY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and as whom to talk to it. `url` holds no password and may be shown."""

    url: str
    uri: str
    user: str | None
    password: str | None
    database: str | None


def address(url: str, user: str | None = None, password: str | None = None, database: str | None = None) -> Address:
    """Reads `neo4j://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`; arguments win over what the address says.

    Raises:
        ConfigError: the address is none.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in SCHEMES or not host:
        shown = urlunsplit(parts._replace(netloc=host))
        raise ConfigError(
            f"store: {shown!r} is no address of a Neo4j server: expected one of {', '.join(SCHEMES)}, such as "
            "neo4j://localhost:7687. Correct `store:` in the project file or HEADWATER_STORE."
        )
    return Address(
        url=f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        uri=f"{parts.scheme}://{host}",
        user=user or (unquote(parts.username) if parts.username else None),
        password=password or (unquote(parts.password) if parts.password else None),
        database=database or unquote(parts.path.strip("/")) or None,
    )


class Connection:
    """One driver. Opened on first use; safe from one thread at a time."""

    def __init__(self, at: Address) -> None:
        self._at = at
        self._driver: neo4j.Driver | None = None

    def read(self, work: Callable[[ManagedTransaction], Result]) -> Result:
        """Runs a function in a transaction that reads. It may run more than once."""
        with self.session() as session:
            return session.execute_read(work)

    def write(self, work: Callable[[ManagedTransaction], Result]) -> Result:
        """Runs a function in a transaction that writes. It may run more than once, and leaves all or nothing."""

        def guarded(tx: ManagedTransaction) -> Result:
            try:
                return work(tx)
            except TransientError as err:
                if "OutOfMemory" in (err.code or ""):  # it would be too large again each time that the driver tries
                    raise self._too_large(err) from err
                raise

        with self.session() as session:
            return session.execute_write(guarded)

    def run(self, text: LiteralString) -> None:
        """Runs a statement that commits as it goes or that changes the schema."""
        with self.session() as session:
            session.run(text).consume()

    @contextmanager
    def session(self) -> Iterator[neo4j.Session]:
        with self._our_words():
            driver = self._open()
            with driver.session(
                database=self._at.database, bookmark_manager=driver.execute_query_bookmark_manager
            ) as session:
                yield session

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def _open(self) -> neo4j.Driver:
        if self._driver is None:
            at = self._at
            driver = GraphDatabase.driver(
                at.uri,
                auth=(at.user or "neo4j", at.password) if at.password else None,
                connection_timeout=_CONNECT_S,
                max_transaction_retry_time=_RETRY_S,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )
            try:
                driver.verify_connectivity()  # retries nothing: who is not there is said at once
            except BaseException:
                driver.close()
                raise
            self._driver = driver
        return self._driver

    def _too_large(self, err: Neo4jError) -> StoreError:
        return StoreError(
            f"{self._at.url}: the change needs more memory in one transaction than the server has ({_first_line(err)}). "
            "Raise `server.memory.heap.max_size`: about 10 kB for each claim that ends."
        )

    @contextmanager
    def _our_words(self) -> Iterator[None]:
        url = self._at.url
        try:
            yield
        except ConfigurationError as err:
            raise ConfigError(f"{url}: {err}. Correct the address of the store.") from err
        except AuthError as err:
            raise StoreError(
                f"{url}: the server refused user {self._at.user or 'neo4j'!r}: expected valid credentials. "
                "Set NEO4J_USERNAME and NEO4J_PASSWORD."
            ) from err
        except (ServiceUnavailable, SessionExpired) as err:
            raise StoreUnavailableError(
                f"{url}: no Neo4j answers there ({_first_line(err)}). Start it or correct the address, then run the command again."
            ) from err
        except TransientError as err:
            raise StoreUnavailableError(
                f"{url}: Neo4j is busy or out of memory ({_first_line(err)}). Try again later."
            ) from err
        except (Neo4jError, DriverError) as err:
            raise StoreError(
                f"{url}: Neo4j refused a statement ({_first_line(err)}). `headwater doctor` looks at the store."
            ) from err


def _first_line(err: Exception) -> str:
    text = err.message if isinstance(err, Neo4jError) else str(err)
    return ((text or "").strip().splitlines() or [type(err).__name__])[0][:300]
