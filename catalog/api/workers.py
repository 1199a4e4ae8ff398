"""The synchronous core behind an asynchronous server: a bounded pool of threads with a store for each.

Nothing of ours runs on the event loop. What is asked beyond the bound is refused at once, so that a burst costs waiting
callers a retry and not the server its memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from catalog.model.errors import BusyError, DeadlineError
from catalog.store.port import Store

T = TypeVar("T")
THREADS: Final = 8
WAITING: Final = 64
"""Requests that may wait for a thread."""

GRACE_S: Final = 2.0
"""How long after its deadline an answer is still waited for: the store stops it at its next question."""


class Workers:
    """A pool of threads. Use it from one event loop; close it from anywhere."""

    def __init__(self, open_store: Callable[[], Store], *, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._open, self._most = open_store, threads + waiting
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="headwater")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._stores: list[Store] = []
        self._taken = 0

    async def run(self, work: Callable[[Store], T], seconds: float) -> T:
        """Returns what work comes to in a thread of the pool.

        Args:
            seconds: How long to wait. The work itself must stop by then; it is not killed.

        Raises:
            BusyError: too much is asked already.
            DeadlineError: it took longer.
        """
        with self._lock:
            if self._taken >= self._most:
                raise BusyError("The server has more to do than it takes. Ask again in a second.")
            self._taken += 1
        try:
            future = self._pool.submit(self._call, work)
        except RuntimeError as err:
            self._done()
            raise BusyError("The server is shutting down. Ask again when it is back.") from err
        future.add_done_callback(lambda _: self._done())
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), seconds + GRACE_S)
        except TimeoutError as err:
            raise DeadlineError(f"The answer took longer than {seconds:g} s. Ask for less.") from err

    def close(self) -> None:
        """Waits for what is being done, refuses what waits, and closes the stores."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for store in self._stores:
            store.close()
        self._stores.clear()

    def _call(self, work: Callable[[Store], T]) -> T:
        store: Store | None = getattr(self._own, "store", None)
        if store is None:
            store = self._own.store = self._open()
            with self._lock:
                self._stores.append(store)
        return work(store)

    def _done(self) -> None:
        with self._lock:
            self._taken -= 1
