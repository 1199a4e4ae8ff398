"""The server as a process: what `headwater serve` runs."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
import uvicorn

from catalog.api.app import Server, make_app
from catalog.api.context import Settings
from catalog.api.guard import Guard, check_exposure
from catalog.api.workers import THREADS, Workers
from catalog.project import Project
from catalog.store.opening import open_store

SHUTDOWN_S: Final = 15
"""How long requests that are under way may take when the server is told to stop."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and for whom."""

    host: str
    port: int
    tokens: Mapping[str, str]
    allow_writes: bool = False
    hosts: tuple[str, ...] = ()
    threads: int = THREADS


def settings_of(project: Project) -> Settings:
    """Returns what requests share, from a project file."""
    return Settings(
        clock=lambda: datetime.now(UTC),
        ticks=time.monotonic,
        namespaces=project.namespaces,
        sources=project.entries,
        policies=project.policies,
        propagation=project.propagation,
    )


def serve(
    project: Project, url: str, credentials: Mapping[str, str], address: Address, ready: Callable[[int], None]
) -> None:
    """Serves until it is told to stop; requests that are under way are finished.

    Args:
        ready: Called with the port once connections are taken.

    Raises:
        ConfigError: it would be reached from outside without tokens.
        StoreError: the store cannot be opened.
    """
    check_exposure(address.host, address.tokens)
    open_store(url, credentials).close()  # fails here, with its message, and not in a thread
    _log_to_stderr()
    workers = Workers(lambda: open_store(url, credentials, migrate=False), threads=address.threads)
    guard = Guard(address.tokens, address.allow_writes, _hosts(address))
    app = make_app(Server(settings_of(project), guard, workers))
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_S,
        timeout_keep_alive=10,
        limit_concurrency=512,
    )
    # uvicorn raises the signal that stopped it once more when it is done: that is a good end, not a failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with suppress(KeyboardInterrupt):
        _Announcing(config, ready).run()


def _hosts(address: Address) -> frozenset[str]:
    return frozenset(host.lower() for host in address.hosts)


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        ports = _ports(self)
        if self.started and ports:
            self._ready(next(iter(ports)))


def _ports(server: uvicorn.Server) -> Iterable[int]:
    return [sock.getsockname()[1] for one in server.servers for sock in one.sockets]


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
