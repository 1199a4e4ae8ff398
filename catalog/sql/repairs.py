"""Clauses that the parser does not know and that say nothing about lineage, taken out of the tokens before it sees them.

One row of `REPAIRS` for each: the words that a statement begins with, and what becomes of its tokens. A repair answers
None if it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.splitting import Piece

Repair = Callable[[Piece, str | None], Sequence[Token] | None]


def repaired(piece: Piece, dialect: str | None) -> Piece:
    """Returns the statement as the parser can read it."""
    for first, repair in REPAIRS:
        if piece.word(0) == first:
            tokens = repair(piece, dialect)
            if tokens is not None:
                piece = Piece(tokens)
    return piece


def _without(piece: Piece, start: int, end: int) -> list[Token]:
    return [*piece.tokens[:start], *piece.tokens[end:]]


def _words_at(piece: Piece, position: int, *words: str) -> bool:
    return all(piece.word(position + offset) == word for offset, word in enumerate(words))


def _no_data(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE MATERIALIZED VIEW .. WITH [NO] DATA: the definition is the same."""
    if "MATERIALIZED" not in (piece.word(1), piece.word(3)):
        return None
    count = len(piece.tokens)
    for length, words in ((3, ("WITH", "NO", "DATA")), (2, ("WITH", "DATA"))):
        if _words_at(piece, count - length, *words):
            return piece.tokens[: count - length]
    return None


def _recursive_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    at = next((i for i in range(1, 5) if _words_at(piece, i, "RECURSIVE", "VIEW")), 0)
    return _without(piece, at, at + 1) if at else None


def _replace_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL and SQLite: REPLACE INTO writes what INSERT would."""
    if piece.word(1) != "INTO":
        return None
    first = piece.tokens[0]
    insert = Token(TokenType.INSERT, "INSERT", first.line, first.col, first.start, first.end)
    return [insert, *piece.tokens[1:]]


def _perform(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """PL/pgSQL: PERFORM is a SELECT whose answer nobody takes."""
    first = piece.tokens[0]
    return [Token(TokenType.SELECT, "SELECT", first.line, first.col, first.start, first.end), *piece.tokens[1:]]


def _output_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL's OUTPUT .. INTO s.t: the parser takes a bare name only, so the dotted one becomes one."""
    if dialect not in ("tsql", "fabric"):
        return None
    output = next((i for i in range(len(piece.tokens)) if piece.word(i) == "OUTPUT"), len(piece.tokens))
    into = next((i for i in range(output, len(piece.tokens)) if piece.word(i) == "INTO"), len(piece.tokens)) + 1
    end = _after_name(piece, into)
    if end - into < 3 or end > len(piece.tokens):
        return None
    first = piece.tokens[into]
    text = ".".join(token.text for token in piece.tokens[into:end:2])
    name = Token(TokenType.IDENTIFIER, text, first.line, first.col, first.start, piece.tokens[end - 1].end)
    return [*piece.tokens[:into], name, *piece.tokens[end:]]


_TAG_WORDS: Final = (("WITH", "TAG"), ("TAG",), ("WITH", "MASKING", "POLICY"), ("MASKING", "POLICY"))
_POLICY_WORDS: Final = (
    ("WITH", "ROW", "ACCESS", "POLICY"),
    ("ROW", "ACCESS", "POLICY"),
    ("WITH", "AGGREGATION", "POLICY"),
)


def _policies(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Snowflake's TAG (..), MASKING POLICY p [USING (..)] and ROW ACCESS POLICY p ON (..)."""
    if dialect != "snowflake":
        return None
    kept: list[Token] = []
    position = 0
    while position < len(piece.tokens):
        end = _policy_end(piece, position)
        if end:
            position = end
        else:
            kept.append(piece.tokens[position])
            position += 1
    return kept if len(kept) < len(piece.tokens) else None


def _policy_end(piece: Piece, position: int) -> int:
    """Returns the position after a policy clause that begins here, 0 if none does."""
    for words in (*_TAG_WORDS, *_POLICY_WORDS):
        if _words_at(piece, position, *words):
            position += len(words)
            if words[-1] == "POLICY":
                position = _after_name(piece, position)
                if piece.word(position) in ("USING", "ON"):
                    position += 1
            elif piece.word(position) != "(":
                return 0
            return _after_parentheses(piece, position)
    return 0


def _after_name(piece: Piece, position: int) -> int:
    while piece.word(position + 1) == ".":
        position += 2
    return position + 1


def _after_parentheses(piece: Piece, position: int) -> int:
    if piece.word(position) != "(":
        return position
    depth = 0
    for at in range(position, len(piece.tokens)):
        depth += (piece.word(at) == "(") - (piece.word(at) == ")")
        if depth == 0:
            return at + 1
    return len(piece.tokens)


REPAIRS: Final[tuple[tuple[str, Repair], ...]] = (
    ("CREATE", _no_data),
    ("CREATE", _recursive_view),
    ("CREATE", _policies),
    ("REPLACE", _replace_into),
    ("PERFORM", _perform),
    *((word, _output_into) for word in ("INSERT", "UPDATE", "DELETE", "MERGE")),
)
