"""A text as its statements: pieces of tokens, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.lexing import tokens_of


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens of one statement, without the semicolon.

    Attributes:
        record: The variable of a routine that takes its rows one by one: of FOR .. IN, or a cursor.
    """

    tokens: Sequence[Token]
    record: str = ""

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


_SWALLOWING: Final = frozenset(
    {
        TokenType.COMMAND,
        TokenType.DECLARE,
        TokenType.EXECUTE,
        TokenType.FETCH,
        TokenType.SHOW,
        TokenType.RENAME,
        TokenType.KILL,
        TokenType.REPLACE,
    }
)
"""At the begin of a statement the tokenizer keeps all that follows one of these as a single string."""


def tokenize(text: str, dialect: Dialect) -> list[Token] | None:
    """Returns None if the text cannot be cut into tokens: a quote or comment that does not end."""
    try:
        tokens = tokens_of(text, dialect)
    except (TokenError, RecursionError):
        return None
    kinds = {token.token_type for token in tokens}
    if TokenType.HASH in kinds:
        tokens = _with_hash_names(tokens)
    if _SWALLOWING.isdisjoint(kinds):
        return tokens
    return [inner for position, token in enumerate(tokens) for inner in _opened(tokens, position, token, dialect, text)]


def _with_hash_names(tokens: Sequence[Token]) -> list[Token]:
    """T-SQL's `#t` and `##1t` as one name each: the mark is part of it."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is not None and last.text.startswith("#") and last.end + 1 == token.start and _goes_on_name(token):
            found[-1] = Token(TokenType.IDENTIFIER, last.text + token.text, last.line, last.col, last.start, token.end)
        else:
            found.append(token)
    return found


def _goes_on_name(token: Token) -> bool:
    return token.text == "#" or token.text.replace("$", "_").replace("@", "_").isidentifier() or token.text.isdigit()


def _opened(tokens: Sequence[Token], position: int, token: Token, dialect: Dialect, text: str) -> Sequence[Token]:
    if token.token_type != TokenType.STRING or position == 0 or tokens[position - 1].token_type not in _SWALLOWING:
        return (token,)
    start = tokens[position - 1].end + 1
    written = text[start : token.end + 1].lstrip()
    if written[:1] in ("'", '"') and not token.text.startswith(written[:1]):
        return (token,)  # a string of its own, without its quotes: EXECUTE 'x'
    return shifted(text[start : token.end + 1], dialect, start, tokens[position - 1].line)


def shifted(part: str, dialect: Dialect, start: int, line: int) -> list[Token]:
    """Returns the tokens of a part of a text with their places in the whole: `start`, and `line` from 1."""
    return [
        Token(t.token_type, t.text, t.line + line - 1, t.col, t.start + start, t.end + start, t.comments)
        for t in tokenize(part, dialect) or ()
    ]


def statements_of(tokens: Sequence[Token], batch: bool) -> Iterator[Piece]:
    """Cuts at semicolons, but keeps blocks and bodies of routines whole.

    Args:
        batch: A routine reaches to the end of its batch, which ends with GO on a line of its own (T-SQL).
    """
    for part in _batches(tokens) if batch else (tokens,):
        yield from _whole_blocks(list(_cut_at_semicolons(part)), part, batch)


def _batches(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for position, token in enumerate(tokens):
        if token.text.upper() == "GO" and _alone(tokens, position):
            yield tokens[start:position]
            start = position + 1
    yield tokens[start:]


def _alone(tokens: Sequence[Token], position: int) -> bool:
    line = tokens[position].line
    before = tokens[position - 1].line if position else 0
    return before < line and (position + 1 == len(tokens) or tokens[position + 1].line > line)


def _cut_at_semicolons(tokens: Sequence[Token]) -> Iterator[Piece]:
    start = 0
    kinds = [token.token_type for token in tokens]
    if TokenType.SEMICOLON not in kinds:
        kinds = []
    for position, kind in enumerate(kinds):
        if kind == TokenType.SEMICOLON:
            if position > start:
                yield Piece(tokens[start:position])
            start = position + 1
    if start < len(tokens):
        yield Piece(tokens[start:])


# ---------------------------------------------------------------- blocks


def _whole_blocks(cut: Sequence[Piece], tokens: Sequence[Token], batch: bool) -> Iterator[Piece]:
    """Joins pieces again that belong to one BEGIN .. END or to one routine."""
    position = 0
    while position < len(cut):
        last = _last_of_block(cut, position, batch)
        if last == position:
            yield cut[position]
        else:
            start, end = cut[position].start, cut[last].end
            yield Piece([token for token in tokens if start <= token.start < end])
        position = last + 1


def _last_of_block(cut: Sequence[Piece], first: int, batch: bool) -> int:
    piece = cut[first]
    routine = is_routine(piece)
    if routine and batch:
        return len(cut) - 1
    if routine and piece.word(routine_at(piece)) in ("RULE", "MACRO"):
        return _end_of_parentheses(cut, first)
    declares = piece.word(0) == "DECLARE" or (routine and _declares(piece))
    if piece.word(0) == "WITH":
        routine = piece.word(1) == "FUNCTION"  # Trino: functions of one statement
    if not declares and not (routine and _has_begin(piece)) and piece.word(0) != "BEGIN":
        return first
    depth, owed = 0, 1 + _inner_routines(piece, routine_at(piece) + 1)
    for position in range(first, len(cut)):
        if position > first:
            owed += _inner_routines(cut[position], 0)
        before, depth = depth, depth + open_blocks(cut[position].tokens, ";")
        if depth < 0 or (depth == 0 and (before > 0 or (not declares and position == first))):
            owed, depth = owed - 1, 0
        if owed <= 0:
            return position
    return first


def _end_of_parentheses(cut: Sequence[Piece], first: int) -> int:
    """The statements of a rule in PostgreSQL and of a macro in Teradata stand in parentheses."""
    depth = 0
    for position in range(first, len(cut)):
        kinds = [token.token_type for token in cut[position].tokens]
        depth += kinds.count(TokenType.L_PAREN) - kinds.count(TokenType.R_PAREN)
        if depth <= 0:
            return position
    return first


def _has_begin(piece: Piece) -> bool:
    return any(token.text.upper() == "BEGIN" and token.token_type not in TEXT_TYPES for token in piece.tokens)


def _declares(piece: Piece) -> bool:
    """Whether a routine's body goes on behind the first semicolon: it begins with declarations, or is a package."""
    at = routine_at(piece)
    if piece.word(at) == "PACKAGE" or _has_begin(piece):
        return piece.word(at) == "PACKAGE" or _inner_routines(piece, at + 1) > 0
    if any(token.token_type in TEXT_TYPES for token in piece.tokens):
        return False  # the body is a text
    if any(token.text.upper() == "DECLARE" for token in piece.tokens):
        return True
    start = _body_word(piece, at + 1)
    return start > 0 and piece.word(start) not in _ONE_STATEMENT


def _body_word(piece: Piece, position: int) -> int:
    """Returns the position after AS or IS outside of parentheses, 0 if there is none."""
    depth = 0
    for at in range(position, len(piece.tokens)):
        word = piece.word(at)
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in ("AS", "IS"):
            return at + 1
    return 0


def _inner_routines(piece: Piece, start: int) -> int:
    """Returns how many routines with a body begin in the declarations of another."""
    found = 0
    pending = False
    for at in range(start, len(piece.tokens)):
        word = piece.word(at)
        if word in ("PROCEDURE", "FUNCTION") and piece.word(at - 1) not in ("END", "DROP", "CREATE", "REPLACE"):
            pending = True
        elif pending and word in ("IS", "AS"):
            found, pending = found + 1, False
    return found


_ONE_STATEMENT: Final = frozenset(
    """( SELECT WITH INSERT UPDATE DELETE MERGE CALL RETURN TABLE COPY TRUNCATE EXECUTE ALTER CREATE DROP ON REFRESH""".split()
) | {""}
_ROUTINES: Final = frozenset(
    {"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "TASK", "EVENT", "RULE", "ALERT", "PIPE", "MACRO"}
)
_MODIFIERS: Final = frozenset(
    "CREATE OR REPLACE ALTER SECURE TEMP TEMPORARY EDITIONABLE NONEDITIONABLE AGGREGATE CONSTRAINT EXTERNAL BODY".split()
)
TEXT_TYPES: Final = frozenset(
    kind
    for name in ("HEREDOC_STRING", "RAW_STRING", "STRING", "NATIONAL_STRING")
    if (kind := getattr(TokenType, name, None)) is not None
)
TRANSACTION: Final = frozenset(
    """TRANSACTION TRAN WORK ; DISTRIBUTED ISOLATION IMMEDIATE EXCLUSIVE DEFERRED CONCURRENT READ""".split()
) | {""}
_ENDS_CONTROL: Final = frozenset({"IF", "LOOP", "WHILE", "FOR", "REPEAT"})


def is_routine(piece: Piece) -> bool:
    """Whether a piece begins the definition of a procedure, function, trigger or package."""
    return routine_at(piece) > 0


def routine_at(piece: Piece) -> int:
    """Returns the position of the word PROCEDURE, FUNCTION and so on; 0 if the piece defines no routine."""
    if piece.word(0) not in ("CREATE", "ALTER", "REPLACE"):
        return 0
    if piece.word(0) == "ALTER" and not _body_word(piece, 1):
        return 0  # changes an owner, a state, a name
    position = 1
    while piece.word(position) in _MODIFIERS or (
        piece.word(position) == "TABLE" and piece.word(position + 1) == "FUNCTION"
    ):
        position += 1
    if piece.word(position) == "DEFINER":  # MySQL: DEFINER = user @ host
        position = next((at for at in range(position, position + 8) if piece.word(at) in _ROUTINES), position)
    found = piece.word(position) in _ROUTINES and piece.word(position + 1) not in ("TABLE", "TRIGGER")
    return position if found else 0


def open_blocks(tokens: Sequence[Token], following: str = "") -> int:
    """Returns how many BEGIN and CASE are not yet ended."""
    depth = 0
    words = [token.text.upper() if token.token_type not in TEXT_TYPES else "" for token in tokens] + [following]
    for position, word in enumerate(words[:-1]):
        before = words[position - 1] if position else ""
        if (word == "BEGIN" and words[position + 1] not in TRANSACTION) or (word == "CASE" and before != "END"):
            depth += 1
        elif word == "END" and words[position + 1] not in _ENDS_CONTROL:
            depth -= 1
    return depth


def schema_elements(piece: Piece) -> list[Piece]:
    """Returns CREATE SCHEMA and the statements that it holds, each a piece; nothing if it holds none."""
    if piece.word(0) != "CREATE" or piece.word(1) != "SCHEMA":
        return []
    depth, starts = 0, [0]
    for at, token in enumerate(piece.tokens):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and at > 2 and token.text.upper() in ("CREATE", "GRANT"):
            starts.append(at)
    ends = [*starts[1:], len(piece.tokens)]
    return [Piece(piece.tokens[start:end]) for start, end in zip(starts, ends, strict=True)] if len(starts) > 1 else []
