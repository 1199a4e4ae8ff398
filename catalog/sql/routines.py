"""Procedures, functions, triggers and blocks: where their bodies are, and what their variables are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.reading import find, read_name
from catalog.sql.splitting import TEXT_TYPES, TRANSACTION, Piece, routine_at, shifted


@dataclass(frozen=True, slots=True)
class Routine:
    """A body of statements.

    Attributes:
        kind: `procedure`, `function`, `trigger`, or empty for a block that runs at once.
        name: The parts of the routine's name, each with whether it is quoted.
        variables: Names of parameters and declared variables, as written.
        on: The name of the table whose changes set a trigger off.
    """

    kind: str
    name: Sequence[tuple[str, bool]]
    body: Piece
    variables: frozenset[str]
    on: Sequence[tuple[str, bool]] = ()


def routine_of(piece: Piece, dialect: Dialect, text: str) -> Routine | None:
    """Returns the routine that a statement defines, or the block that it is; None if it is neither."""
    at = routine_at(piece)
    if at:
        return _defined(piece, at, dialect, text)
    run_text = _text_at(piece)
    if run_text:
        return _text_block(piece, run_text, dialect, text)
    if piece.word(0) == "WITH" and "PROCEDURE" in (piece.word(3), piece.word(5)):
        return _text_block(piece, next((i for i in range(len(piece.tokens)) if _is_text(piece, i)), 0), dialect, text)
    if piece.word(0) in ("BEGIN", "DECLARE") and piece.word(1) not in TRANSACTION:
        return Routine("", (), piece, _declared(piece))
    return None


def _text_block(piece: Piece, at: int, dialect: Dialect, text: str) -> Routine | None:
    """`DO $$ .. $$`, and statements in a constant text that is run: EXECUTE IMMEDIATE '..', EXEC sp_executesql N'..'."""
    if piece.word(0) == "DO":
        at = next((i for i, token in enumerate(piece.tokens) if token.token_type in TEXT_TYPES), at)
    token = piece.tokens[at] if at < len(piece.tokens) else None
    if token is None or token.token_type not in TEXT_TYPES or piece.word(at + 1) in ("||", "+", "DPIPE"):
        return None
    body = _inside(token, dialect, text)
    return None if body is None else Routine("", (), body, _declared(body))


def _text_at(piece: Piece) -> int:
    """Returns where the text stands that a statement runs, 0 if it runs none."""
    first, second = piece.word(0), piece.word(1)
    if first == "DO" or (first == "EXECUTE" and second == "IMMEDIATE"):
        return 2 if first == "EXECUTE" else 1
    if first in ("EXEC", "EXECUTE"):
        name = next((at for at in range(1, 6) if piece.word(at) == "SP_EXECUTESQL"), 0)
        return name + 1 + (piece.word(name + 1) == "(") if name or second == "(" or _is_text(piece, 1) else 0
    return 0


def _is_text(piece: Piece, at: int) -> bool:
    return at < len(piece.tokens) and piece.tokens[at].token_type in TEXT_TYPES


def _defined(piece: Piece, at: int, dialect: Dialect, text: str) -> Routine | None:
    if at + 1 >= len(piece.tokens):
        return None
    name, start = _name(piece, at + 1)
    if _language(piece) not in ("", "SQL", "PLPGSQL"):
        return None
    kind = {"PROC": "procedure", "PACKAGE": "procedure"}.get(piece.word(at), piece.word(at).lower())
    header_end = _body_start(piece, start)
    if piece.word(header_end) == "EXECUTE" and piece.word(header_end + 1) in ("FUNCTION", "PROCEDURE"):
        return None  # a trigger of PostgreSQL: its function is a routine of its own
    quoted = piece.tokens[header_end] if _is_text(piece, header_end) else None
    if quoted is not None and not _holds_code(quoted):
        return None
    body = _inside(quoted, dialect, text) if quoted is not None else None
    if body is None:
        rest = piece.tokens[header_end:]
        if kind in ("rule", "macro") and rest and rest[0].token_type == TokenType.L_PAREN:
            rest = rest[1:-1]
        body = Piece(rest) if rest and quoted is None else None
    if body is None:
        return None
    variables = frozenset(_parameters(piece, start)) | _declared(body)
    if kind != "trigger":
        return Routine(kind, name, body, variables)
    on = find(piece, "ON", start)
    return Routine(kind, name, _without_colons(body), variables, read_name(piece.tokens, on + 1)[0] if on > 0 else ())


def _without_colons(body: Piece) -> Piece:
    """Oracle's `:new.a` as `new.a`."""
    rows = ("NEW", "OLD")
    return Piece(
        [t for at, t in enumerate(body.tokens) if not (t.token_type == TokenType.COLON and body.word(at + 1) in rows)]
    )


def _language(piece: Piece) -> str:
    at = next((i for i in range(len(piece.tokens)) if piece.word(i) == "LANGUAGE"), -1)
    return piece.word(at + 1).strip("'") if at >= 0 else ""


def _holds_code(token: Token) -> bool:
    return token.token_type != TokenType.STRING or any(
        word in token.text.upper() for word in ("SELECT", "BEGIN", "INSERT")
    )


def _name(piece: Piece, position: int) -> tuple[list[tuple[str, bool]], int]:
    if piece.word(position) == "IF":
        position = min(position + 3, len(piece.tokens) - 1)  # IF NOT EXISTS
    parts = [(piece.tokens[position].text, piece.tokens[position].token_type == TokenType.IDENTIFIER)]
    position += 1
    while piece.word(position) == "." and position + 1 < len(piece.tokens):
        parts.append((piece.tokens[position + 1].text, piece.tokens[position + 1].token_type == TokenType.IDENTIFIER))
        position += 2
    return parts, position


def _body_start(piece: Piece, position: int) -> int:
    """Returns the position after AS or IS, or of BEGIN or RETURN, outside of parentheses."""
    before = _BODY_WORDS.get(piece.word(routine_at(piece)))
    if before is not None:
        at = next((at for at in range(position, len(piece.tokens)) if piece.word(at) == before), len(piece.tokens))
        return at + 1 + (piece.word(at + 1) in ("ALSO", "INSTEAD"))
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
    return _statement_start(piece, position)


_BODY_WORDS: Final = {"RULE": "DO", "EVENT": "DO", "ALERT": "THEN"}
"""The word before the body, where it is not AS."""


def _statement_start(piece: Piece, position: int) -> int:
    """MySQL: a body of one statement stands behind the parameters, with no word between."""
    depth = 0
    for at in range(position, len(piece.tokens)):
        word = piece.word(at)
        depth += (word == "(") - (word == ")")
        if (
            depth == 0
            and at > position
            and word in _BODY_STARTERS
            and piece.word(at - 1) not in ("SQL", "READS", "BEFORE")
        ):
            return at
    return len(piece.tokens)


_BODY_STARTERS: Final = frozenset(
    {"INSERT", "UPDATE", "DELETE", "SELECT", "WITH", "REPLACE", "CALL", "TRUNCATE", "MERGE", "RETURN"}
)

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


def script_variables(piece: Piece) -> frozenset[str]:
    """Returns the names of `DECLARE a, b INT64` outside of any block: they are known to the rest of the script."""
    if piece.word(0) != "DECLARE" or any(piece.word(at) in ("BEGIN", "CURSOR") for at in range(len(piece.tokens))):
        return frozenset()
    at, names = 1, {piece.tokens[1].text} if len(piece.tokens) > 1 else set[str]()
    while piece.word(at + 1) == "," and at + 2 < len(piece.tokens):
        at += 2
        names.add(piece.tokens[at].text)
    return frozenset(names)


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
        elif word in ("PROCEDURE", "FUNCTION"):
            names.update(_parameters(body, at + 2))
        elif word in ("FOR", "FORALL", "LET"):
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
