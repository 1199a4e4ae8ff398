"""Reading statements from their tokens, for those that the parser leaves as opaque text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.scopes import Pass
from catalog.sql.splitting import Piece


@dataclass(frozen=True, slots=True)
class Rest:
    """What a command leaves to be read as a statement of its own.

    Attributes:
        reads_only: The rest is a query whose answer goes to no table.
    """

    kind: str
    piece: Piece | None = None
    reads_only: bool = False


Command = Callable[[Piece, Pass], Rest | None]
"""Returns None if the tokens are none of its forms: then the parser has its turn."""

QUOTED: Final = (TokenType.IDENTIFIER, TokenType.STRING)


WRITTEN_VIEW: Final = "written view"
"""What a query is called that is written through where the text has no name for it."""


def read_name(tokens: Sequence[Token], position: int) -> tuple[list[tuple[str, bool]], int]:
    """Reads a dotted name; returns its parts and the position after it."""
    parts: list[tuple[str, bool]] = []
    while position < len(tokens):
        parts.append((tokens[position].text, tokens[position].token_type == TokenType.IDENTIFIER))
        if position + 1 < len(tokens) and tokens[position + 1].token_type == TokenType.DOT:
            position += 2
            continue
        return parts, position + 1
    return parts, position


def find(piece: Piece, word: str, start: int = 0) -> int:
    """Returns the position of a word outside parentheses, -1 if there is none."""
    depth = 0
    for position in range(start, len(piece.tokens)):
        kind = piece.tokens[position].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth == 0 and piece.word(position) == word:
            return position
    return -1


def after(piece: Piece, position: int) -> Piece | None:
    return Piece(piece.tokens[position:]) if position < len(piece.tokens) else None


def word_token(kind: TokenType, text: str, near: Token) -> Token:
    """Makes a token that the text does not have, at the place of one that it has."""
    return Token(kind, text, near.line, near.col, near.start, near.end)


def inner_query(piece: Piece, start: int = 0) -> Piece | None:
    """Returns the first query in parentheses."""
    at = next((i for i in range(start + 1, len(piece.tokens)) if _opens_query(piece, i)), 0)
    if not at:
        return None
    depth, end = 1, at
    while end < len(piece.tokens) and depth:
        depth += (piece.word(end) == "(") - (piece.word(end) == ")")
        end += 1
    return Piece(piece.tokens[at : end - (depth == 0)])


def _opens_query(piece: Piece, at: int) -> bool:
    return piece.word(at) in ("SELECT", "WITH", "SEL") and piece.word(at - 1) == "("
