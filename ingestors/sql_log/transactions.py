"""What took effect: statements of autocommitting sessions, and those of transactions that were committed.

A transaction's statements are kept until its end, so nothing behind this module ever hears of what was taken back.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from catalog.model.facts import Origin, Skip
from catalog.model.instants import Instant
from ingestors.sql_log.events import End, Failure, Message
from ingestors.sql_log.splitting import split


class Settled(NamedTuple):
    """A statement that took effect."""

    text: str
    at: Instant
    origin: Origin
    message: Message


class Ended(NamedTuple):
    """A session (None: every one) is over, or only its transaction."""

    session: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """How a platform's transactions work.

    Attributes:
        ddl_commits: CREATE, ALTER and DROP commit what went before, and themselves.
        error_aborts: After an error the transaction can only be rolled back.
    """

    ddl_commits: bool = False
    error_aborts: bool = False


RULES: Final[dict[str, Rules]] = {
    "postgres": Rules(error_aborts=True),
    "redshift": Rules(error_aborts=True),
    "duckdb": Rules(error_aborts=True),
    "snowflake": Rules(ddl_commits=True),
    "mysql": Rules(ddl_commits=True),
    "oracle": Rules(ddl_commits=True),
}

_TRANSACTION: Final = r"(?:\s+(?:work|tran|transaction))?"
_BEGIN: Final = re.compile(
    rf"(?:begin{_TRANSACTION}|start\s+transaction)(?:\s+(?:name\s|isolation\s|read\s|deferrable|not\s|deferred|immediate|exclusive).*)?",
    re.IGNORECASE | re.DOTALL,
)
_COMMIT: Final = re.compile(
    rf"(?:commit|end){_TRANSACTION}(?P<chain>\s+and\s+chain)?(?:\s+and\s+no\s+chain)?", re.IGNORECASE
)
_ROLLBACK: Final = re.compile(
    rf"(?:rollback|abort){_TRANSACTION}(?P<chain>\s+and\s+chain)?(?:\s+and\s+no\s+chain)?", re.IGNORECASE
)
_ROLLBACK_TO: Final = re.compile(
    rf"rollback{_TRANSACTION}\s+to(?:\s+savepoint)?\s+(?P<name>.+)", re.IGNORECASE | re.DOTALL
)
_SAVEPOINT: Final = re.compile(r"savepoint\s+(?P<name>.+)", re.IGNORECASE | re.DOTALL)
_RELEASE: Final = re.compile(r"release(?:\s+savepoint)?\s+(?P<name>.+)", re.IGNORECASE | re.DOTALL)
_TWO_PHASE: Final = re.compile(
    r"(?P<verb>prepare\s+transaction|commit\s+prepared|rollback\s+prepared)\s+(?P<name>.+)", re.IGNORECASE | re.DOTALL
)
_LASTING: Final = re.compile(r"(?:prepare|deallocate)\b", re.IGNORECASE)
"""What a rollback does not take back."""
_DDL: Final = re.compile(r"(?:create|alter|drop|rename|grant|revoke|undrop|comment)\b", re.IGNORECASE)
_CONTROL: Final = re.compile(r"(?:begin|start|commit|end|rollback|abort|savepoint|release|prepare)\b", re.IGNORECASE)
_LEAD: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|;)*", re.DOTALL)
_VALUES: Final = re.compile(r"insert\b(?:(?!\bselect\b).){0,2000}?\bvalues\b", re.IGNORECASE | re.DOTALL)

MAX_KEPT: Final = 10_000
"""Statements of one transaction."""
MAX_CHARACTERS: Final = 32_000_000
MAX_SESSIONS: Final = 10_000
"""Sessions that may have a transaction open."""


def lead(text: str) -> int:
    """Returns the length of what stands before a statement's first word: blanks and comments."""
    found = _LEAD.match(text)
    return found.end() if found is not None else 0


def bare(text: str) -> str:
    """Returns a statement without what stands before its first word and after its last."""
    return text[lead(text) :].rstrip("; \t\r\n")


@dataclass(slots=True)
class _Open:
    """An open transaction."""

    name: str | None
    kept: list[Settled] = field(default_factory=list)
    marks: list[tuple[str, int]] = field(default_factory=list)
    aborted: bool = False
    size: int = 0
    over: Settled | None = None
    over_count: int = 0

    def keep(self, statement: Settled) -> None:
        if self.kept and _same_rows(self.kept[-1].text, statement.text):
            return  # the next rows of one load say nothing new
        if len(self.kept) >= MAX_KEPT or self.size > MAX_CHARACTERS:
            self.over, self.over_count = self.over or statement, self.over_count + 1
            return
        self.kept.append(statement)
        self.size += len(statement.text)

    def mark(self, name: str) -> None:
        self.marks.append((name, len(self.kept)))

    def back_to(self, name: str) -> None:
        while self.marks and self.marks[-1][0] != name:
            self.marks.pop()
        position = self.marks[-1][1] if self.marks else 0
        del self.kept[position:]
        self.aborted = False

    def release(self, name: str) -> None:
        if any(mark == name for mark, _ in self.marks):
            while self.marks and self.marks.pop()[0] != name:
                pass


def _same_rows(before: str, after: str) -> bool:
    head = _VALUES.match(before)
    return head is not None and after.startswith(head[0]) and "select" not in after[head.end() :].lower()


class Transactions:
    """Passes on what took effect, in the order in which it did."""

    def __init__(self, dialect: str | None) -> None:
        self._rules = RULES.get(dialect or "", Rules())
        self._dialect = dialect
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._prepared: dict[str, _Open] = {}

    def feed(self, event: Message | Failure | End) -> Iterator[Settled | Ended | Skip]:
        """Yields what is certain after this event."""
        if isinstance(event, Failure):
            self._abort(event.session)
        elif isinstance(event, End):
            # The server rolls back what its client did not commit.
            for session in [event.session] if event.session is not None else list(self._open):
                self._open.pop(session, None)
            yield Ended(event.session, whole=True)
        else:
            yield from self._message(event)

    def finish(self) -> Iterator[Skip]:
        """Yields what the log does not tell the end of."""
        for unfinished in (*self._open.values(), *self._prepared.values()):
            yield from _unfinished(unfinished)
        self._open.clear()

    # --- one message ----------------------------------------------------------------------------------------------------

    def _message(self, message: Message) -> Iterator[Settled | Ended | Skip]:
        parts = list(split(message.text, self._dialect))
        yield from self._lost(message, parts[0][0] if parts else "")
        if not message.ok:
            if any(_BEGIN.fullmatch(bare(text)) for text, _ in parts):
                self._open.setdefault(message.session, _Open(message.transaction))
            self._abort(message.session)
            return
        for number, (text, _) in enumerate(parts):
            statement = Settled(text, Instant(message.at + number), message.origin, message)
            word = bare(text)
            if not _CONTROL.match(word) or not (yield from self._control(word, statement)):
                yield from self._plain(word, statement)

    def _plain(self, word: str, statement: Settled) -> Iterator[Settled | Ended | Skip]:
        session = statement.message.session
        current = self._open.get(session)
        if current is not None and self._rules.ddl_commits and _DDL.match(word):
            yield from self._commit(session)
            current = None
        if current is None:
            yield statement
        elif not current.aborted:
            current.keep(statement)

    def _control(self, word: str, statement: Settled) -> Generator[Settled | Ended | Skip, None, bool]:
        """Yields what a statement of transaction control settles; returns whether it is one."""
        session = statement.message.session
        current = self._open.get(session)
        if _BEGIN.fullmatch(word):
            yield from self._begin(session, statement.message.transaction)
        elif (found := _COMMIT.fullmatch(word)) is not None:
            yield from self._commit(session)
            if found["chain"]:
                yield from self._begin(session, None)
        elif (found := _ROLLBACK.fullmatch(word)) is not None:
            yield from self._rollback(session)
            if found["chain"]:
                yield from self._begin(session, None)
        elif (found := _TWO_PHASE.fullmatch(word)) is not None:
            yield from self._two_phase(found["verb"].split()[0].lower(), found["name"].strip(), session)
        elif current is not None and (found := _ROLLBACK_TO.fullmatch(word)) is not None:
            current.back_to(found["name"].strip().lower())
        elif current is not None and (found := _SAVEPOINT.fullmatch(word)) is not None:
            current.mark(found["name"].strip().lower())
        elif current is not None and (found := _RELEASE.fullmatch(word)) is not None:
            current.release(found["name"].strip().lower())
        else:
            return False
        return True

    # --- transactions ---------------------------------------------------------------------------------------------------

    def _begin(self, session: str, name: str | None) -> Iterator[Skip]:
        if session not in self._open:
            self._open[session] = _Open(name or None)
            if len(self._open) > MAX_SESSIONS:
                _, oldest = self._open.popitem(last=False)
                yield from _unfinished(oldest)

    def _commit(self, session: str) -> Iterator[Settled | Ended | Skip]:
        current = self._open.pop(session, None)
        if current is not None and not current.aborted:
            yield from _settle(current)
        elif current is not None:
            yield from _lasting(current)
        yield Ended(session, whole=False)

    def _rollback(self, session: str) -> Iterator[Settled | Ended | Skip]:
        current = self._open.pop(session, None)
        if current is not None:
            yield from _lasting(current)
        yield Ended(session, whole=False)

    def _two_phase(self, verb: str, name: str, session: str) -> Iterator[Settled | Ended | Skip]:
        if verb == "prepare":
            current = self._open.pop(session, None)
            if current is not None and not current.aborted and len(self._prepared) < MAX_SESSIONS:
                self._prepared[name] = current
            return
        prepared = self._prepared.pop(name, None)
        if prepared is not None and verb == "commit":
            yield from _settle(prepared)

    def _abort(self, session: str) -> None:
        current = self._open.get(session)
        if current is not None and self._rules.error_aborts:
            current.aborted = True

    def _lost(self, message: Message, text: str) -> Iterator[Skip]:
        """The server names its transactions: another name tells that the end of this one is not in the log."""
        current = self._open.get(message.session)
        if current is None or message.transaction is None:
            return
        if current.name is None:
            current.name = message.transaction or None
        elif message.transaction != current.name and not (message.transaction == "" and _CONTROL.match(bare(text))):
            del self._open[message.session]
            yield from _unfinished(current)


def _settle(done: _Open) -> Iterator[Settled | Skip]:
    yield from done.kept
    if done.over is not None:
        yield Skip(
            "limit",
            f"a transaction has more than {MAX_KEPT} statements or {MAX_CHARACTERS} characters: the rest is not read",
            done.over.origin,
            occurrences=done.over_count,
        )


def _lasting(undone: _Open) -> Iterator[Settled]:
    return (statement for statement in undone.kept if _LASTING.match(bare(statement.text)))


def _unfinished(undone: _Open) -> Iterator[Skip]:
    if undone.kept and not undone.aborted:
        message = "the log does not tell how the transaction of this statement ended: it claims nothing"
        yield Skip("unfinished", message, undone.kept[0].origin, occurrences=len(undone.kept))
