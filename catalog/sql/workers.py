"""Text that nobody trusts, analysed in processes that may be killed, and spread over as many as there are.

A `Guard` keeps one child process with limits on memory and on seconds for each text. A child that breaches one is killed;
the text is answered by a problem with its digest, and the session goes on in a new child that is told what came before.
`analyze_sessions` cuts a log into chunks by session and hands them to any `concurrent.futures.Executor`.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import Final

from sqlglot.tokens import SQLGLOTC_INSTALLED

from catalog.sql.child import HEADER_BYTES, READY, Answer, Settings, answer_from, framed
from catalog.sql.fingerprints import digest
from catalog.sql.results import Problem, Result, Statement

__all__ = [
    "Guard",
    "GuardPool",
    "SessionResults",
    "SessionTexts",
    "Settings",
    "analyze_sessions",
    "chunks",
    "run_chunk",
]


@dataclass(frozen=True)
class SessionTexts:
    """The texts of one session in order; `key` is the caller's own, to tell answers apart."""

    key: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class SessionResults:
    """The answers to a session's texts, one for each."""

    key: str
    results: tuple[Result, ...]


# ---------------------------------------------------------------- one child


class Guard:
    """One child process that analyses one session after the other. Not for several threads at once; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Guard] | None = None
        self._answered = self._failed = 0

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, texts: Sequence[str]) -> list[Result]:
        """Returns the answers to the texts of one session."""
        results: list[Result] = []
        before: list[str] = []
        self._begin_session(before)
        for text in texts:
            answer = self._ask(text)
            if isinstance(answer, str):
                results.append(_breach(text, answer))
                self.close()
            else:
                results.append(answer.result)
                before += [text] * answer.changed
            if self._is_spent():
                self._begin_session(before)
        return results

    def _is_spent(self) -> bool:
        limits = self._settings
        return (
            self._process is None
            or self._answered >= limits.texts_per_child
            or (SQLGLOTC_INSTALLED and self._failed >= limits.failures_per_child)
        )

    def _begin_session(self, before: list[str]) -> None:
        """Opens a session in which the texts `before` have been heard; one that is too much now is left out."""
        while True:
            if self._is_spent():
                self.close()
                self._start()
            self._send(None)
            refused = next((n for n, text in enumerate(before) if isinstance(self._ask(text), str)), None)
            if refused is None:
                return
            del before[refused]
            self.close()

    def _start(self) -> None:
        command = [sys.executable, "-I", "-X", "utf8", "-c", _PROGRAM, json.dumps([p for p in sys.path if p])]
        self._process = subprocess.Popen(  # the program and its arguments are ours
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        self._end = weakref.finalize(self, _kill, self._process)
        self._answered = self._failed = 0
        try:
            self._send(self._settings)
            ready = self._bytes(HEADER_BYTES, monotonic() + _START_SECONDS) == READY
        except OSError:
            ready = False
        if not ready:
            self.close()
            raise ChildProcessError(f"the process that analyses SQL does not start: {sys.executable} -c {_PROGRAM!r}")

    def _send(self, value: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(framed(value))
        self._process.stdin.flush()

    def _ask(self, text: str) -> Answer | str:
        """Returns the answer, or which limit was breached."""
        try:
            self._send(text)
            answer = answer_from(self._received(monotonic() + self._settings.seconds))
        except TimeoutError:
            return f"it took longer than {self._settings.seconds:g} seconds"
        except OSError:
            return f"it took more than {self._settings.megabytes} megabytes of memory, or ended the process"
        self._answered += 1
        self._failed += any(problem.code == "unparsed" for problem in answer.result.problems)
        return answer

    def _received(self, until: float) -> bytes:
        size = int.from_bytes(self._bytes(HEADER_BYTES, until), "big")
        return self._bytes(size, until)

    def _bytes(self, count: int, until: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        found = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while len(found) < count:
                if not selector.select(max(until - monotonic(), 0)):
                    raise TimeoutError
                part = os.read(self._process.stdout.fileno(), min(count - len(found), 1 << 20))
                if not part:
                    raise BrokenPipeError
                found += part
        return bytes(found)

    def close(self) -> None:
        """Ends the child."""
        if self._end is not None:
            self._end()
        self._process = self._end = None


_START_SECONDS: Final = 30.0
_PROGRAM: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from catalog.sql.child import main; main()"


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):  # what it was to be told when it died
            if stream is not None:
                stream.close()


def _breach(text: str, reason: str) -> Result:
    problem = Problem("limit", f"the statement {digest(text)} was stopped: {reason}", 1)
    return Result((Statement("unparsed", "", 0, len(text), 1, problems=(problem,)),), (), (), (), ())


# ---------------------------------------------------------------- many sessions


class GuardPool:
    """Guards for the threads of one process: each chunk takes an idle one. A context manager that ends them all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: SimpleQueue[Guard] = SimpleQueue()

    def __enter__(self) -> GuardPool:
        return self

    def __exit__(self, *_: object) -> None:
        while not self._idle.empty():
            self._idle.get().close()

    def run(self, chunk: Sequence[SessionTexts]) -> list[SessionResults]:
        guard = Guard(self._settings) if self._idle.empty() else self._idle.get()
        try:
            return [SessionResults(session.key, tuple(guard.run(session.texts))) for session in chunk]
        finally:
            self._idle.put(guard)


_pools: dict[int, tuple[Settings, GuardPool]] = {}


def run_chunk(settings: Settings, chunk: Sequence[SessionTexts]) -> list[SessionResults]:
    """Analyses some sessions; what a foreign executor runs, in whatever process.

    The guards live as long as that process: they are daemons, and end with it.
    """
    known = _pools.get(os.getpid())
    if known is None or known[0] != settings:
        known = _pools[os.getpid()] = (settings, GuardPool(settings))
    return known[1].run(chunk)


def chunks(sessions: Iterable[SessionTexts], characters: int = 200_000) -> Iterator[list[SessionTexts]]:
    """Cuts sessions into groups of about so many characters; a session is never parted."""
    group: list[SessionTexts] = []
    size = 0
    for session in sessions:
        group.append(session)
        size += sum(map(len, session.texts))
        if size >= characters:
            yield group
            group, size = [], 0
    if group:
        yield group


def analyze_sessions(
    sessions: Iterable[SessionTexts],
    settings: Settings,
    executor: Executor | None = None,
    ahead: int = 8,
    characters: int = 200_000,
) -> Iterator[SessionResults]:
    """Yields the answers session by session, in the order given.

    Args:
        executor: Where chunks run: a process pool, Dask, Ray. By default one thread for each processor, which only waits
            for a child process of its own.
        ahead: Chunks handed out before the first is taken: bounds the memory whatever the length of the log.
        characters: Text in a chunk, about.
    """
    parts = chunks(sessions, characters)
    if executor is not None:
        yield from _spread(parts, partial(run_chunk, settings), executor, ahead)
        return
    with GuardPool(settings) as pool, ThreadPoolExecutor(os.cpu_count() or 1) as own:
        yield from _spread(parts, pool.run, own, ahead)


def _spread(
    parts: Iterable[list[SessionTexts]],
    work: Callable[[Sequence[SessionTexts]], list[SessionResults]],
    executor: Executor,
    ahead: int,
) -> Iterator[SessionResults]:
    waiting: deque[Future[list[SessionResults]]] = deque()
    for chunk in parts:
        waiting.append(executor.submit(work, chunk))
        if len(waiting) >= ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()
