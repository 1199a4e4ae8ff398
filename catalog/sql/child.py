"""The process that analyses text nobody trusts: one frame in, one frame out, until standard input ends.

It is started by its own name and not as a copy of its parent, so that nothing of the caller's program runs in it. Frames are
a length and a pickled value; the parent takes no value from them but answers of this package. The process bounds
its memory, and ends itself if one text takes much longer than it may, should its parent be gone by then.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from catalog.sql.caching import Cache
from catalog.sql.names import Schema
from catalog.sql.results import Result
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
        failures_per_child: The same for texts that the parser refused, where most is lost.
    """

    dialect: str | None = None
    columns: Columns = field(default_factory=dict)
    default_database: str | None = None
    default_schema: str | None = None
    search_path: tuple[str, ...] = ()
    seconds: float = 10.0
    megabytes: int = 1024
    texts_per_child: int = 20_000
    failures_per_child: int = 2_000
    cache_entries: int = 5_000


@dataclass(frozen=True)
class Answer:
    """What the child says of one text.

    Attributes:
        changed: The session is another one after it: a child that goes on in its place has to be told the text.
    """

    result: Result
    changed: bool


# ---------------------------------------------------------------- frames

HEADER_BYTES: Final = 8
READY: Final = bytes(HEADER_BYTES)
"""What the child says first."""


def framed(value: object) -> bytes:
    """Returns a value as bytes with their number before them."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def answer_from(body: bytes) -> Answer:
    """Returns the child's answer.

    Raises:
        OSError: the bytes hold anything but an answer.
    """
    try:
        said = _Answers(io.BytesIO(body)).load()
    except Exception as err:
        raise OSError("no answer of the child") from err
    if not isinstance(said, Answer):
        raise OSError("no answer of the child")
    return said


class _Answers(pickle.Unpickler):
    """Knows the classes that an answer consists of, and no others."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "catalog.sql.results" or (module, name) in _PARTS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")


_PARTS: Final = frozenset({("catalog.sql.texts", "Fragment"), ("catalog.sql.child", "Answer")})


# ---------------------------------------------------------------- the process

OUT_OF_MEMORY: Final = 17
"""Exit code: nothing is sure any more after that."""


def main() -> None:
    """Answers texts from standard input; the first value is the settings, None begins a new session."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not print into answers
    settings: Settings = _received(sys.stdin.buffer)
    schema = Schema(settings.columns, settings.dialect)
    cache = Cache(settings.cache_entries)

    def new_session() -> Session:
        default = settings.default_database, settings.default_schema
        return Session(settings.dialect, schema, *default, settings.search_path, cache=cache)

    gc.freeze()
    _limit_memory(settings.megabytes)
    out.write(READY)
    out.flush()
    try:
        _serve(out, settings.seconds, new_session)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _serve(out: BinaryIO, seconds: float, new_session: Callable[[], Session]) -> None:
    session = new_session()
    while True:
        try:
            text = _received(sys.stdin.buffer)
        except EOFError:
            return
        if text is None:
            session = new_session()
            continue
        _set_alarm(int(seconds) + 2)
        before = session.changes
        result = session.analyze(text)
        out.write(framed(Answer(result, session.changes != before)))
        out.flush()
        _set_alarm(0)


def _received(source: BinaryIO) -> Any:
    header = source.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        raise EOFError
    return pickle.loads(source.read(int.from_bytes(header, "big")))  # noqa: S301  # the parent wrote it


def _set_alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)  # its default is to end the process, in the midst of native code, too


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # not on this platform: the time limit still holds
        return
    status = Path("/proc/self/statm")  # Linux: pages, the whole size first
    used = int(status.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0
    bound = used + megabytes * 1024 * 1024
    for what, most in ((resource.RLIMIT_AS, bound), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # a lower bound is in force already
            resource.setrlimit(what, (most, most))
