"""Answers kept for statements that come again: a query log is mostly repetition.

An answer is found by the statement without the literals that cannot matter, and used again only where everything that
it was worked out from is the same: each table name that was looked up still stands for the same columns. What the
statement did to the session is done again. An answer is kept when its statement comes the second time, so that
statements that never repeat cost no memory; expressions in kept answers have no literals.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from catalog.sql.fingerprints import Scan, scan
from catalog.sql.results import Flow, Result, Statement
from catalog.sql.tables import Tables
from catalog.sql.texts import Fragment

_VARIANTS: Final = 4
"""Answers kept for one statement that depend on different tables."""


@dataclass(slots=True)
class Journal:
    """What an analysis asked of the session's tables and what it did to them."""

    asked: list[tuple[str, tuple[Any, ...], Hashable]] = field(default_factory=list)
    done: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    repeatable: bool = True

    def holds(self, tables: Tables) -> bool:
        """Whether all questions would be answered the same way now."""
        return all(tables.answer(question, arguments) == answer for question, arguments, answer in self.asked)

    def repeat(self, tables: Tables) -> None:
        for change, arguments in self.done:
            getattr(tables, change)(*arguments)


@dataclass(frozen=True, slots=True)
class _Entry:
    result: Result
    journal: Journal


class Cache:
    """Answers by statement, the least recently used ones forgotten first. Share one among the sessions of a process."""

    def __init__(self, max_entries: int = 5_000) -> None:
        self._max_entries = max_entries
        self._entries: OrderedDict[Hashable, list[_Entry]] = OrderedDict()
        self._seen: OrderedDict[Hashable, None] = OrderedDict()
        self._scans: OrderedDict[str, Scan] = OrderedDict()
        self.hits = self.misses = 0

    def scan(self, text: str, dialect: str | None) -> Scan:
        """Returns what the text's key is; a text that comes again to the letter is not read again."""
        found = self._scans.get(text)
        if found is None:
            found = self._scans[text] = scan(text, dialect)
            if len(self._scans) > self._max_entries:
                self._scans.popitem(last=False)
        return found

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable, text: str, found: Scan, tables: Tables) -> Result | None:
        """Returns the answer for a text, after doing to the tables what the text does; None if there is none."""
        for entry in self._entries.get(key, ()):
            if entry.journal.holds(tables):
                entry.journal.repeat(tables)
                self._entries.move_to_end(key)
                self.hits += 1
                return _moved(entry.result, text, found)
        self.misses += 1
        return None

    def is_wanted(self, key: Hashable) -> bool:
        """Whether the answer should be kept: the statement has come before."""
        if key in self._seen or key in self._entries:
            return True
        self._seen[key] = None
        if len(self._seen) > 4 * self._max_entries:
            self._seen.popitem(last=False)
        return False

    def keep(self, key: Hashable, result: Result, journal: Journal) -> None:
        if not journal.repeatable:
            return
        self._seen.pop(key, None)
        variants = self._entries.setdefault(key, [])
        variants.insert(0, _Entry(_redacted(result), journal))
        del variants[_VARIANTS:]
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)


def _moved(result: Result, text: str, found: Scan) -> Result:
    """Gives a kept answer the places of the text at hand."""
    if len(result.statements) != 1:
        return result  # kept for this very text
    old = result.statements[0]
    line = text.count("\n", 0, found.start) + 1
    problems = tuple(replace(problem, line=problem.line - old.line + line) for problem in old.problems)
    part = text[found.start : found.end]
    new = replace(old, text=part, start=found.start, end=found.end, line=line, problems=problems)
    return replace(result, statements=(new,))


def _redacted(result: Result) -> Result:
    fragments: dict[int, Fragment] = {}

    def plain(flow: Flow) -> Flow:
        if flow.fragment is None:
            return flow
        known = fragments.setdefault(id(flow.fragment), flow.fragment.without_literals())
        return replace(flow, fragment=known)

    def statement(old: Statement) -> Statement:
        return replace(old, flows=tuple(plain(flow) for flow in old.flows))

    return replace(
        result,
        statements=tuple(statement(old) for old in result.statements),
        flows=tuple(plain(flow) for flow in result.flows),
    )
