"""Bounds on what one text may cost, judged before it is parsed."""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

MAX_CHARACTERS: Final = 2_000_000
"""Longer texts are refused: parsing takes memory of some hundred times their length."""

MAX_NESTING: Final = 300
"""Parentheses and CASE within each other. A compiled parser has no guard of its own against deeper ones."""

MAX_RUN: Final = 300
"""Prefix operators (`NOT NOT ..`) or subscripts (`a[1][1]..`) in a row: each is a level of the tree."""

_FRAMES: Final = 12_000
"""Enough for a tree of `MAX_NESTING`: a level takes the parser some thirty calls."""

_OPENING: Final = frozenset({TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACE})
_CLOSING: Final = frozenset({TokenType.R_PAREN, TokenType.END, TokenType.R_BRACE})
_PREFIXES: Final = frozenset({TokenType.NOT, TokenType.DASH, TokenType.TILDE, TokenType.PLUS, TokenType.R_BRACKET})
_NEUTRAL: Final = frozenset({TokenType.NUMBER, TokenType.L_BRACKET})

_lock = threading.Lock()
_users = 0
_usual = 0


def too_deep(tokens: Sequence[Token]) -> str | None:
    """Returns why a statement is not parsed; None if it may be."""
    kinds = [token.token_type for token in tokens]
    if len(kinds) <= MAX_NESTING:
        return None
    counts = Counter(kinds)
    if sum(counts[kind] for kind in _OPENING) <= MAX_NESTING and sum(counts[kind] for kind in _PREFIXES) <= MAX_RUN:
        return None  # whatever their order
    depth = run = 0
    for kind in kinds:
        if kind in _OPENING:
            depth += 1
            if depth > MAX_NESTING:
                return f"the statement is nested more than {MAX_NESTING} levels deep"
        elif kind in _CLOSING:
            depth = max(depth - 1, 0)
        if kind in _PREFIXES:
            run += 1
            if run > MAX_RUN:
                return f"the statement has more than {MAX_RUN} operators in a row"
        elif kind not in _NEUTRAL:
            run = 0
    return None


@contextmanager
def uncollected(characters: int) -> Iterator[None]:
    """Puts off garbage collection until a short text is analysed.

    A tree is one large cycle. Collections in its midst find nothing, and move it on to where the next full one has to
    look for it; after it, the first one frees it whole.
    """
    mine = characters <= _SHORT and gc.isenabled()
    if mine:
        gc.disable()
    try:
        yield
    finally:
        if mine:
            gc.enable()


_SHORT: Final = 50_000
"""Characters of a text whose tree is no burden."""


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Lets the parser recurse as deep as `too_deep` allows; the interpreter's own limit comes back with the last user."""
    global _users, _usual
    with _lock:
        if _users == 0:
            _usual = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_usual, _FRAMES))
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                sys.setrecursionlimit(_usual)
