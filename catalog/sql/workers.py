"""Text that nobody trusts, analysed in processes that may be killed, and spread over as many as there are.

A `Guard` keeps one child process with limits on memory and on seconds for each text. A child that breaches one is killed;
the text is answered by a problem with its digest, and the session goes on in a new child that is told what came before.
`analyze_sessions` cuts a log into chunks by session and hands them to any `concurrent.futures.Executor`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from catalog.sql.caching import Cache
from catalog.sql.fingerprints import digest
from catalog.sql.names import Schema
from catalog.sql.results import Problem, Result, Statement
from catalog.sql.sessions import Session

Columns = Mapping[Any, Any]


@dataclass(frozen=True)
class Settings:
    """How texts are analysed; sent to each worker once.

    Attributes:
        columns: As `catalog.sql.Schema` takes them.
        seconds: For one text, start to end.
        megabytes: Address space of a child beyond what it starts with.
        texts_per_child: A child is replaced after so many: a compiled parser loses memory bit by bit.
    """

    dialect: str | None = None
    columns: Columns = field(default_factory=dict)
    default_database: str | None = None
    default_schema: str | None = None
    search_path: tuple[str, ...] = ()
    seconds: float = 10.0
    megabytes: int = 1024
    texts_per_child: int = 20_000
    cache_entries: int = 5_000


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


# ---------------------------------------------------------------- in the child


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # not on this platform: the time limit still holds
        return
    status = Path("/proc/self/statm")  # Linux: pages, the whole size first
    pages = int(status.read_text(encoding="ascii").split()[0]) if status.exists() else 0
    used = pages * os.sysconf("SC_PAGE_SIZE")
    bound = used + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _serve(pipe: Connection, settings: Settings) -> None:
    """Answers texts until the pipe closes. None instead of a text begins a new session."""
    schema = Schema(settings.columns, settings.dialect)
    cache = Cache(settings.cache_entries)
    _limit_memory(settings.megabytes)
    session = _session(settings, schema, cache)
    while True:
        try:
            text = pipe.recv()
        except EOFError:
            return
        if text is None:
            session = _session(settings, schema, cache)
            continue
        try:
            pipe.send(session.analyze(text))
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)  # nothing is sure any more after that


_OUT_OF_MEMORY: Final = 17


def _session(settings: Settings, schema: Schema, cache: Cache) -> Session:
    return Session(
        settings.dialect,
        schema,
        settings.default_database,
        settings.default_schema,
        settings.search_path,
        cache=cache,
    )


# ---------------------------------------------------------------- in the parent


class Guard:
    """One child process that analyses one session after the other. Not for several threads at once; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._answered = 0

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
            if isinstance(answer, Result):
                before.append(text)
                results.append(answer)
                continue
            results.append(_breach(text, answer))
            self.close()
            self._begin_session(before)
        return results

    def _begin_session(self, before: Sequence[str]) -> None:
        if self._pipe is None or self._answered >= self._settings.texts_per_child:
            self.close()
            self._start()
        assert self._pipe is not None
        self._pipe.send(None)
        for text in before:  # they have been answered once within the limits
            self._ask(text)

    def _start(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._settings), daemon=True)
        self._process.start()
        theirs.close()
        self._answered = 0

    def _ask(self, text: str) -> Result | str:
        """Returns the answer, or which limit was breached."""
        assert self._pipe is not None
        try:
            self._pipe.send(text)
            # The first answer of a child also waits for it to start.
            patience = self._settings.seconds + (_START_SECONDS if self._answered == 0 else 0)
            if not self._pipe.poll(patience):
                return f"it took longer than {self._settings.seconds:g} seconds"
            answer: Result = self._pipe.recv()
        except (EOFError, OSError):
            return f"it took more than {self._settings.megabytes} megabytes of memory, or ended the process"
        self._answered += 1
        return answer

    def close(self) -> None:
        """Ends the child."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe = self._process = None


_START_SECONDS: Final = 30.0


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
