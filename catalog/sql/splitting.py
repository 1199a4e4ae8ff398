"""A text as its statements: pieces of tokens, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens of one statement, without the semicolon."""

    tokens: Sequence[Token]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end + 1

    @property
    def line(self) -> int:
        # The parser gives the line on which a token ends: a string may have begun earlier.
        return self.tokens[0].line - self.tokens[0].text.count("\n")

    def word(self, position: int) -> str:
        """Returns the token's text in upper case, empty beyond the end."""
        return self.tokens[position].text.upper() if position < len(self.tokens) else ""


def tokenize(text: str, dialect: Dialect) -> list[Token] | None:
    """Returns None if the text cannot be cut into tokens: a quote or comment that does not end."""
    try:
        return dialect.tokenize(text)
    except (TokenError, RecursionError):
        return None


def pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    """Cuts at semicolons."""
    start = 0
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON:
            if position > start:
                yield Piece(tokens[start:position])
            start = position + 1
    if start < len(tokens):
        yield Piece(tokens[start:])
