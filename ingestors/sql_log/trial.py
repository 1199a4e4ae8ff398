"""Long texts are tried first in a process that may be killed: what is too slow or too large there is not read here."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Final

from catalog.model.ingest import Limits
from catalog.sql import Problem, Statement
from catalog.sql.workers import Guard, SessionTexts, Settings, run_chunk

MIN_CHARACTERS: Final = 100_000
"""Shorter texts are bounded by the engine's own limits on nesting."""
_KEPT: Final = 10_000
"""Characters of a refused text in which its table is looked for."""


class Trial:
    """Tries texts within limits; a context manager that ends the process it may have begun.

    Args:
        executor: Where texts are tried; None keeps one process of its own, begun when it is first needed.
    """

    def __init__(self, dialect: str | None, limits: Limits, executor: Executor | None) -> None:
        self._settings = Settings(dialect, seconds=limits.statement_s, cache_entries=1)
        self._executor = executor
        self._guard: Guard | None = None

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        if self._guard is not None:
            self._guard.close()

    def refused(self, text: str) -> Statement | None:
        """Returns what is said of a text that breached a limit; None if it may be read."""
        if len(text) < MIN_CHARACTERS:
            return None
        stopped = [problem for problem in self._problems(text) if problem.code == "limit"]
        return Statement("unparsed", text[:_KEPT], 0, len(text), 1, problems=tuple(stopped)) if stopped else None

    def _problems(self, text: str) -> tuple[Problem, ...]:
        if self._executor is not None:
            (answer,) = self._executor.submit(run_chunk, self._settings, [SessionTexts("", (text,))]).result()
            return answer.results[0].problems
        self._guard = self._guard or Guard(self._settings)
        return self._guard.run([text])[0].problems
