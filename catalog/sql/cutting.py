"""Cutting tokens out of a statement: what repairs have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.splitting import Piece

Repair = Callable[[Piece, str | None], Sequence[Token] | None]


def without(piece: Piece, start: int, end: int) -> list[Token]:
    return [*piece.tokens[:start], *piece.tokens[end:]]


def words_at(piece: Piece, position: int, *words: str) -> bool:
    return all(piece.word(position + offset) == word for offset, word in enumerate(words))


MYSQL: Final = frozenset({"mysql", "singlestore", "doris", "starrocks"})


def after_name(piece: Piece, position: int) -> int:
    while piece.word(position + 1) == ".":
        position += 2
    return position + 1


def after_parentheses(piece: Piece, position: int) -> int:
    if piece.word(position) != "(":
        return position
    depth = 0
    for at in range(position, len(piece.tokens)):
        depth += (piece.word(at) == "(") - (piece.word(at) == ")")
        if depth == 0:
            return at + 1
    return len(piece.tokens)


def find_or_end(piece: Piece, word: str, start: int = 0) -> int:
    """Returns the position of a word outside of parentheses, or the number of tokens."""
    depth = 0
    for at in range(start, len(piece.tokens)):
        text = piece.word(at)
        depth += (text == "(") - (text == ")")
        if depth == 0 and text == word:
            return at
    return len(piece.tokens)


QUERY_WORDS: Final = frozenset({"SELECT", "WITH", "(", "FROM", "VALUES", "TABLE", "SEL"})


def without_options(query: Piece) -> Sequence[Token]:
    """Takes off what may stand behind a view's query."""
    for words in AFTER_QUERY:
        start = len(query.tokens) - len(words)
        if start > 0 and words_at(query, start, *words):
            return without_options(Piece(query.tokens[:start]))
    return query.tokens


AFTER_QUERY: Final = (
    ("WITH", "NO", "DATA"),
    ("WITH", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
    ("WITH", "READ", "ONLY"),
    ("WITH", "NO", "SCHEMA", "BINDING"),
)


LITERAL_TYPES: Final = frozenset(
    kind
    for name in """DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMPLTZ TIMESTAMPNTZ DATETIME INTERVAL JSON JSONB UUID
    INET DECIMAL BIGDECIMAL INT BIGINT SMALLINT FLOAT DOUBLE BOOLEAN TEXT VARCHAR CHAR BIT XML VARBINARY HSTORE MONEY
    INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE DATERANGE OBJECT_IDENTIFIER""".split()
    if (kind := getattr(TokenType, name, None)) is not None
)
