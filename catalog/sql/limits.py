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

MAX_PIVOTED: Final = 20_000
"""Columns that a PIVOT makes; the parser writes down their names before anybody can ask."""


class TooMuchError(Exception):
    """A statement stands for more than its budget."""


class Budget:
    """What one statement may cost, in columns and sources handled; a share that all may have, and one for its length.

    Text of a few lines can stand for millions of columns: a star over two copies of itself, twenty times over.
    """

    __slots__ = ("_own", "left")

    def __init__(self, shared: int, tokens: int) -> None:
        self._own = _PER_TOKEN * tokens
        self.left = max(shared, 0) + self._own

    def spend(self, amount: int) -> None:
        """Takes from what is left.

        Raises:
            TooMuchError: nothing is left.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuchError

    def unshared(self, shared: int) -> int:
        """Returns what is left of the share that it was given."""
        return max(0, min(shared, self.left))


SHARED: Final = 150_000
"""What the statements of a text may cost together beyond what their lengths allow."""
_PER_TOKEN: Final = 20

_lock = threading.Lock()
_users = 0
_usual = 0


def too_deep(tokens: Sequence[Token]) -> str | None:
    """Returns why a statement is not parsed; None if it may be."""
    kinds = [token.token_type for token in tokens]
    if len(kinds) <= MAX_NESTING:
        return None
    counts = Counter(kinds)
    if counts[TokenType.DOT] > MAX_RUN and (long := _too_long_path(kinds)) is not None:
        return long
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
    return _too_long_chain(kinds)


def _too_long_path(kinds: Sequence[TokenType]) -> str | None:
    """Fields of fields: `a.b.c..`."""
    links = last = 0
    for position, kind in enumerate(kinds):
        if kind == TokenType.DOT:
            links = links + 1 if position - last == 2 else 1  # a name stands between
            last = position
            if links > MAX_RUN:
                return f"the statement has more than {MAX_RUN} fields in a row"
    return None


def _too_long_chain(kinds: Sequence[TokenType]) -> str | None:
    """Subscripts of subscripts, whatever stands in them: `a[b][c[d]]..`; the parser takes time by their number's square."""
    links = [0]
    previous = None
    for kind in kinds:
        if kind == TokenType.L_BRACKET:
            links[-1] = links[-1] + 1 if previous == TokenType.R_BRACKET else 1
            if links[-1] > MAX_RUN:
                return f"the statement has more than {MAX_RUN} subscripts in a row"
            links.append(0)
        elif kind == TokenType.R_BRACKET and len(links) > 1:
            links.pop()
        previous = kind
    return None


def too_wide(tokens: Sequence[Token]) -> str | None:
    """Returns why a statement with PIVOT is not parsed: aggregates times values are too many columns."""
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.PIVOT and _pivoted(tokens[position + 1 :]) > MAX_PIVOTED:
            return f"a PIVOT makes more than {MAX_PIVOTED} columns"
    return None


def _pivoted(tokens: Sequence[Token]) -> int:
    """Returns how many columns a PIVOT may have at most: items before each FOR and IN, multiplied."""
    product, items, depth = 1, 1, 0
    for token in tokens:
        kind = token.token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth <= 0:
            break
        if kind == TokenType.COMMA:
            items += 1
        elif kind in (TokenType.FOR, TokenType.IN):
            product, items = product * items, 1
    return product * items


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
