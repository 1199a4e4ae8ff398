"""Procedures, functions, triggers and blocks: where their bodies are, and what their variables are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.splitting import TEXT_TYPES, TRANSACTION, Piece, routine_at, shifted


@dataclass(frozen=True, slots=True)
class Routine:
    """A body of statements.

    Attributes:
        kind: `procedure`, `function`, `trigger`, or empty for a block that runs at once.
        name: The parts of the routine's name, each with whether it is quoted.
        variables: Names of parameters and declared variables, as written.
    """

    kind: str
    name: Sequence[tuple[str, bool]]
    body: Piece
    variables: frozenset[str]


def routine_of(piece: Piece, dialect: Dialect, text: str) -> Routine | None:
    """Returns the routine that a statement defines, or the block that it is; None if it is neither."""
    at = routine_at(piece)
    if at:
        return _defined(piece, at, dialect, text)
    if piece.word(0) == "DO" or (piece.word(0) == "EXECUTE" and piece.word(1) == "IMMEDIATE"):
        return _text_block(piece, dialect, text)
    if piece.word(0) in ("BEGIN", "DECLARE") and piece.word(1) not in TRANSACTION:
        return Routine("", (), piece, _declared(piece))
    return None


def _text_block(piece: Piece, dialect: Dialect, text: str) -> Routine | None:
    """`DO $$ .. $$` and EXECUTE IMMEDIATE of a constant text."""
    texts = [token for token in piece.tokens if token.token_type in TEXT_TYPES]
    if len(texts) != 1 or any(piece.word(i) in ("||", "+") for i in range(len(piece.tokens))):
        return None
    body = _inside(texts[0], dialect, text)
    return None if body is None else Routine("", (), body, _declared(body))


def _defined(piece: Piece, at: int, dialect: Dialect, text: str) -> Routine | None:
    name, start = _name(piece, at + 1)
    if _language(piece) not in ("", "SQL", "PLPGSQL"):
        return None
    kind = {"PROC": "procedure", "PACKAGE": "procedure"}.get(piece.word(at), piece.word(at).lower())
    header_end = _body_start(piece, start)
    if piece.word(header_end) == "EXECUTE" and piece.word(header_end + 1) in ("FUNCTION", "PROCEDURE"):
        return None  # a trigger of PostgreSQL: its function is a routine of its own
    quoted = next((t for t in piece.tokens[start:] if t.token_type in TEXT_TYPES and _holds_code(t)), None)
    body = _inside(quoted, dialect, text) if quoted is not None else None
    if body is None:
        rest = piece.tokens[header_end:]
        body = Piece(rest) if rest and quoted is None else None
    if body is None:
        return None
    variables = frozenset(_parameters(piece, start)) | _declared(body)
    return Routine(kind, name, body, variables)


def _language(piece: Piece) -> str:
    at = next((i for i in range(len(piece.tokens)) if piece.word(i) == "LANGUAGE"), -1)
    return piece.word(at + 1).strip("'") if at >= 0 else ""


def _holds_code(token: Token) -> bool:
    return token.token_type != TokenType.STRING or any(
        word in token.text.upper() for word in ("SELECT", "BEGIN", "INSERT")
    )


def _name(piece: Piece, position: int) -> tuple[list[tuple[str, bool]], int]:
    if piece.word(position) == "IF":
        position += 3  # IF NOT EXISTS
    parts = [(piece.tokens[position].text, piece.tokens[position].token_type == TokenType.IDENTIFIER)]
    position += 1
    while piece.word(position) == "." and position + 1 < len(piece.tokens):
        parts.append((piece.tokens[position + 1].text, piece.tokens[position + 1].token_type == TokenType.IDENTIFIER))
        position += 2
    return parts, position


def _body_start(piece: Piece, position: int) -> int:
    """Returns the position after AS or IS, or of BEGIN or RETURN, outside of parentheses."""
    depth = 0
    for at in range(position, len(piece.tokens)):
        word = piece.word(at)
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in ("AS", "IS") and piece.word(at + 1) not in _EXECUTE_AS:
            return at + 1
        if depth == 0 and word == "BEGIN":
            return at
        if (
            depth == 0
            and word == "ROW"
            and piece.word(at - 1) == "EACH"
            and piece.word(at + 1) not in ("WHEN", "BEGIN")
        ):
            return at + 1
    return len(piece.tokens)


_EXECUTE_AS: Final = frozenset({"CALLER", "OWNER", "SELF", "CURRENT"})


def _parameters(piece: Piece, position: int) -> Iterator[str]:
    if piece.word(position) != "(":
        return
    depth = 0
    expected = False
    for at in range(position, len(piece.tokens)):
        word = piece.word(at)
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return
        if depth == 1 and word in ("(", ","):
            expected = True
        elif expected and word not in ("IN", "OUT", "INOUT", "VARIADIC"):
            expected = False
            if piece.word(at + 1) not in (",", ")"):  # a type alone is an unnamed parameter
                yield piece.tokens[at].text


def _declared(body: Piece) -> frozenset[str]:
    """Returns the names declared in DECLARE sections, before BEGIN, by FOR loops and by LET."""
    names: set[str] = set()
    section = body.word(0) not in ("BEGIN", "DECLARE", "RETURN") and "BEGIN" in (t.text.upper() for t in body.tokens)
    fresh = section
    for at, token in enumerate(body.tokens):
        word = body.word(at)
        if word == "DECLARE":
            section = fresh = True
        elif word == "BEGIN":
            section = False
        elif word in ("FOR", "LET"):
            names.add(body.tokens[min(at + 1, len(body.tokens) - 1)].text)
        elif section and fresh and word != ";":
            names.add(token.text)
            fresh = False
        fresh = fresh or (section and word == ";")
    return frozenset(names)


def _inside(token: Token | None, dialect: Dialect, text: str) -> Piece | None:
    if token is None:
        return None
    content = token.text
    start = text.find(content, token.start) if content else -1
    if start < 0 or start > token.end:
        start = token.start
    line = token.line - content.count("\n")
    tokens = shifted(content, dialect, start, line)
    return Piece(tokens) if tokens else None
