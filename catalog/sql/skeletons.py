"""CREATE reduced to what lineage needs: a name, columns, a query. Tried when the parser gave up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.cutting import (
    QUERY_WORDS,
    after_name,
    after_parentheses,
    find_or_end,
    without,
    without_options,
    words_at,
)
from catalog.sql.options import MODIFIERS, is_options
from catalog.sql.splitting import Piece


def skeleton(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE TABLE or VIEW .. AS query: the name, the column list and the query, without options between and after."""
    at = next((i for i in range(1, 24) if piece.word(i) in ("TABLE", "VIEW")), 0)
    if piece.word(0) != "CREATE" or not at or not is_options(piece, 1, at, MODIFIERS):
        return None
    as_ = find_or_end(piece, "AS", at)
    while as_ < len(piece.tokens) and piece.word(as_ + 1) not in QUERY_WORDS:
        as_ = find_or_end(piece, "AS", as_ + 1)
    name_end = after_name(piece, at + (4 if piece.word(at + 1) == "IF" else 1))
    modifiers = [t for i, t in enumerate(piece.tokens[:at]) if _is_kept(piece, i)]
    head = [piece.tokens[0], *modifiers]
    columns_end = after_parentheses(piece, name_end)
    if not is_options(piece, columns_end, as_):
        return None
    if as_ < len(piece.tokens):
        return [*head, *piece.tokens[at:columns_end], *_query_alone(piece, as_)]
    if piece.word(at) == "VIEW" or (columns_end == len(piece.tokens) and len(head) == at):
        return None
    return [*head, *piece.tokens[at:columns_end]]


def plain_columns(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """The same with columns that are a name and a type, without what else may stand in the list."""
    short = skeleton(piece, dialect) or (piece.tokens if piece.word(0) == "CREATE" else None)
    if short is None:
        return None
    made = Piece(short)
    at = next((i for i in range(1, len(short)) if made.word(i) in ("TABLE", "VIEW")), 0)
    start = after_name(made, at + (4 if made.word(at + 1) == "IF" else 1))
    end = after_parentheses(made, start)
    if not at or end - start < 3:
        return None
    kept = [token for item in _items(made, start + 1, end - 1) for token in _plain_column(Piece(item))]
    return [*short[: start + 1], *kept[:-1], *short[end - 1 :]] if kept and len(kept) - 1 < end - start - 2 else None


def _items(piece: Piece, start: int, end: int) -> Iterator[Sequence[Token]]:
    """Returns the parts between commas, each with the comma after it."""
    depth, first = 0, start
    for at in range(start, end):
        depth += (piece.word(at) == "(") - (piece.word(at) == ")")
        if depth == 0 and piece.word(at) == ",":
            yield piece.tokens[first : at + 1]
            first = at + 1
    if first < end:
        last = piece.tokens[end - 1]
        yield [*piece.tokens[first:end], Token(TokenType.COMMA, ",", last.line, last.col, last.start, last.end)]


def _plain_column(item: Piece) -> Sequence[Token]:
    if item.word(0).partition(" ")[0] in _NO_COLUMNS and len(item.tokens) > 2:
        return ()
    if len(item.tokens) < 3 or item.word(0) == "LIKE":
        return item.tokens
    if item.word(1).partition(" ")[0] in _NO_TYPES:
        return [item.tokens[0], item.tokens[-1]]
    end = after_parentheses(item, 2) if item.word(2) == "(" else 2
    return [*item.tokens[:end], item.tokens[-1]]


_NO_TYPES: Final = frozenset(
    "GENERATED AS NOT NULL PRIMARY UNIQUE CHECK DEFAULT COLLATE REFERENCES CONSTRAINT COMMENT OPTIONS".split()
)


_NO_COLUMNS: Final = frozenset(
    "CONSTRAINT PRIMARY FOREIGN UNIQUE CHECK INDEX KEY FULLTEXT SPATIAL PERIOD EXCLUDE SUPPLEMENTAL PROJECTION".split()
)


def _is_kept(piece: Piece, at: int) -> bool:
    return piece.word(at) in _KEPT_MODIFIERS or (piece.word(at) == "OR" and piece.word(at + 1) == "REPLACE")


_KEPT_MODIFIERS: Final = frozenset({"REPLACE", "TEMP", "TEMPORARY", "MATERIALIZED", "VOLATILE"})


def _query_alone(piece: Piece, as_: int) -> Sequence[Token]:
    """The query behind AS, and of what stands behind it only WITH NO DATA."""
    end = after_parentheses(piece, as_ + 1)
    if end == as_ + 1 or not is_options(piece, end, len(piece.tokens)):
        return without_options(Piece(piece.tokens[as_:]))
    return piece.tokens[as_ : end + (3 if words_at(piece, end, "WITH", "NO", "DATA") else 0)]


def clone_version(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """DEEP CLONE t VERSION AS OF 1, CLONE t FOR SYSTEM_TIME .. and options: only the name counts."""
    clone = find_or_end(piece, "CLONE")
    if piece.word(0) != "CREATE" or clone >= len(piece.tokens):
        return None
    end = after_name(piece, clone + 1)
    if end < len(piece.tokens) and piece.word(end) not in ("VERSION", "TIMESTAMP", "FOR", "OPTIONS", "AT", "BEFORE"):
        return None
    kept = [t for t in piece.tokens[:end] if t.text.upper() not in ("DEEP", "SHALLOW", "SNAPSHOT")]
    return kept if len(kept) < len(piece.tokens) else None


def clone_as(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """ClickHouse: CLONE AS s copies the rows as well; the parser knows CLONE s."""
    at = find_or_end(piece, "CLONE")
    return without(piece, at + 1, at + 2) if piece.word(0) == "CREATE" and piece.word(at + 1) == "AS" else None
