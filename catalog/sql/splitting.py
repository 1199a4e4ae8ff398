"""A text as its statements: pieces of tokens, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType


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


def _opened(first: Token, rest: Token, dialect: Dialect, text: str) -> list[Token]:
    """Cuts what the tokenizer keeps whole: all that follows EXECUTE, PREPARE, CALL and the like is one string to it."""
    start, line = first.end + 1, first.line - 1
    return [
        Token(t.token_type, t.text, t.line + line, t.col, t.start + start, t.end + start, t.comments)
        for t in tokenize(text[start : rest.end + 1], dialect) or ()
    ]


def statements_of(tokens: Sequence[Token], dialect: Dialect, text: str) -> Iterator[Piece]:
    """Cuts at semicolons."""
    for piece in pieces(tokens):
        first = piece.tokens[0]
        if (
            first.token_type in _SWALLOWING
            and len(piece.tokens) == 2
            and piece.tokens[1].token_type == TokenType.STRING
        ):
            yield Piece([first, *_opened(first, piece.tokens[1], dialect, text)])
        else:
            yield piece


_SWALLOWING = frozenset(
    {TokenType.COMMAND, TokenType.EXECUTE, TokenType.FETCH, TokenType.SHOW, TokenType.RENAME, TokenType.KILL}
)


def pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    start = 0
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON:
            if position > start:
                yield Piece(tokens[start:position])
            start = position + 1
    if start < len(tokens):
        yield Piece(tokens[start:])
