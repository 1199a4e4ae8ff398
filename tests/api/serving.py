"""A real server on loopback, for the length of a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import structlog
import uvicorn

from catalog.api.app import Server, make_app
from catalog.api.guard import Guard
from catalog.api.limits import Limits
from catalog.api.workers import Workers
from catalog.store.port import Store
from tests.api.asking import settings, shop


@contextmanager
def client(
    store: Store | None = None,
    guard: Guard | None = None,
    limits: Limits | None = None,
    host: str | None = None,
    waiting: int = 8,
) -> Iterator[httpx.Client]:
    """Yields a client of a server that has one thread: a store in memory is asked by one at a time.

    Args:
        host: Name under which the server is asked; its address by default.
    """
    kept = store or shop()
    workers = Workers(lambda: kept, threads=1, waiting=waiting)
    app = make_app(Server(settings(limits), guard or Guard(), workers, log=structlog.get_logger("headwater")))
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not running.started and time.monotonic() < until and thread.is_alive():
            time.sleep(0.005)
        port = running.servers[0].sockets[0].getsockname()[1]
        headers = {"host": host} if host else {}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as http:
            yield http
    finally:
        running.should_exit = True
        thread.join(20)
