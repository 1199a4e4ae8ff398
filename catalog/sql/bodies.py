"""Statements inside of procedures, blocks and T-SQL batches, where semicolons alone do not part them.

Control flow is not followed: every branch counts. A scan over the tokens finds where statements begin: at a word that
starts one, when none is under way or the one under way cannot go on with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.reading import inner_query
from catalog.sql.splitting import TRANSACTION, Piece

STARTERS: Final = frozenset(
    """SELECT INSERT UPDATE DELETE MERGE WITH CREATE DROP TRUNCATE ALTER EXEC EXECUTE CALL COPY REPLACE RENAME USE SET
    DECLARE COMMIT ROLLBACK PERFORM REFRESH UNLOAD GRANT REVOKE PRINT RAISERROR THROW RETURN OPEN CLOSE FETCH DEALLOCATE
    GOTO WAITFOR BULK LET ANALYZE DENY""".split()
)
"""Words that begin a statement."""

_CONTROL: Final = frozenset(
    """BEGIN END IF ELSE ELSEIF ELSIF WHILE LOOP THEN DO EXCEPTION TRY CATCH GO BREAK CONTINUE LEAVE ITERATE REPEAT UNTIL
    RAISE FOREACH FOR""".split()
)
"""Words of control flow: they end a statement that is under way, and begin none."""

_UNIMPORTANT: Final = frozenset(
    """SET DECLARE PRINT RAISERROR THROW RETURN OPEN CLOSE FETCH DEALLOCATE GOTO WAITFOR LET GRANT REVOKE DENY ANALYZE
    COMMIT ROLLBACK""".split()
)
"""Statements that move no data between tables; but `RETURN QUERY SELECT` and a cursor's SELECT are found inside."""

_WORD_TYPES: Final = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER})


@dataclass(slots=True)
class _Open:
    """The statement under way."""

    start: int
    word: str
    queries: int = 0
    cases: int = 0
    sets: int = 0
    has_as: bool = False


def needs_cutting(piece: Piece, dialect: str | None) -> bool:
    """Whether a piece between two semicolons may hold several statements, or control flow."""
    first = piece.word(0)
    if first in ("BEGIN", "END") and piece.word(1) in TRANSACTION:
        return False
    if first in _BLOCKS:
        return True
    return dialect in ("tsql", "fabric") and (first in _CONTROL or _several(piece))


_BLOCKS: Final = frozenset(
    """DECLARE BEGIN IF ELSE ELSEIF ELSIF WHILE LOOP FOR END EXCEPTION REPEAT UNTIL CASE WHEN""".split()
)


def _several(piece: Piece) -> bool:
    return sum(1 for _ in inner_statements(piece, batch=True)) > 1


def inner_statements(piece: Piece, *, batch: bool) -> Iterator[Piece]:
    """Returns the statements of a body in order.

    Args:
        batch: Statements need no semicolon between them (T-SQL).
    """
    tokens = piece.tokens
    current: _Open | None = None
    depth = resume = 0
    for position, token in enumerate(tokens):
        if position < resume:
            continue
        kind = token.token_type
        if kind == TokenType.L_PAREN and not depth and (assigned := _assigned(piece, position)) is not None:
            current = None
            yield assigned
            resume = position + 1 + len(assigned.tokens)
            continue
        if kind == TokenType.L_PAREN:
            depth += 1
        elif kind == TokenType.R_PAREN:
            depth = max(depth - 1, 0)
        if depth or kind in _WORD_TYPES or kind == TokenType.R_PAREN:
            continue
        word = _SHORT.get(kind) or token.text.upper()
        loop = _loop(piece, position) if word == "FOR" and position + 3 < len(tokens) else None
        if loop is not None:
            if current is not None:
                yield from _piece(tokens, current, position)
                current = None
            inner, resume = loop
            yield inner
            continue
        ends = current is not None and _ends(current, word, tokens, position, batch)
        if current is not None and ends:
            yield from _piece(tokens, current, position)
            current = None
        if current is None:
            if word in STARTERS and _may_start(word, tokens, position):
                current = _Open(position, word)
        else:
            _note(current, word)
    if current is not None:
        yield from _piece(tokens, current, len(tokens))


_SHORT: Final = {
    TokenType.SELECT: "SELECT", TokenType.INSERT: "INSERT", TokenType.UPDATE: "UPDATE", TokenType.DELETE: "DELETE",
}  # fmt: skip
"""Teradata's SEL, INS, UPD and DEL are these."""


def _assigned(piece: Piece, at: int) -> Piece | None:
    """`r := (statement)` and `r RESULTSET DEFAULT (statement)` of Snowflake run it, and r holds what it answers."""
    before = piece.word(at - 1)
    if before not in (":=", "DEFAULT") or piece.word(at + 1) not in _RESULTS:
        return None
    depth, end = 1, at + 1
    while end < len(piece.tokens) and depth:
        depth += (piece.word(end) == "(") - (piece.word(end) == ")")
        end += 1
    name = at - 2
    while name > 0 and piece.word(name) in ("RESULTSET", "CURSOR", *_SCALARS):
        name -= 1
    queries = piece.word(at + 1) in ("SELECT", "WITH")
    return Piece(piece.tokens[at + 1 : end - (depth == 0)], piece.tokens[name].text if queries else "")


_RESULTS: Final = frozenset(
    {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL", "COPY", "CREATE", "EXECUTE"}
)
_SCALARS: Final = ("INT", "INTEGER", "NUMBER", "FLOAT", "VARCHAR", "STRING", "DATE", "TIMESTAMP", "BOOLEAN", "VARIANT")


def _loop(piece: Piece, at: int) -> tuple[Piece, int] | None:
    """`FOR r IN (query)` and `FOR r IN cursor`, with the position after it."""
    if piece.word(at + 2) != "IN":
        return None
    record = piece.tokens[at + 1].text
    if piece.word(at + 3) == "(":
        query = inner_query(piece, at + 2)
        if query is None or query.tokens[0] is not piece.tokens[at + 4]:
            return None
        return Piece(query.tokens, record), at + 4 + len(query.tokens)
    if piece.word(at + 3) not in ("SELECT", "WITH", "EXECUTE", "REVERSE") and piece.word(at + 4) in ("LOOP", "DO"):
        return Piece(piece.tokens[at : at + 4], record), at + 4
    return None


def _record(tokens: Sequence[Token], start: int) -> str:
    """Returns the variable that takes the rows of a query: `FOR r IN`, `CURSOR c IS`, `c CURSOR FOR`."""
    before = _word(tokens, start - 1)
    if before == "IN" and _word(tokens, start - 3) == "FOR":
        return tokens[start - 2].text
    if before not in ("IS", "FOR"):
        return ""
    for at in range(start - 2, max(start - 20, -1), -1):
        if _word(tokens, at) == "CURSOR":
            return tokens[at + 1 if before == "IS" else max(at - 1, 0)].text
    return ""


def _piece(tokens: Sequence[Token], current: _Open, end: int) -> Iterator[Piece]:
    piece = Piece(tokens[current.start : end], _record(tokens, current.start))
    makes_table = current.word == "DECLARE" and any(t.text.upper() == "TABLE" for t in piece.tokens)
    reads = current.word in _TAKES_QUERY and inner_query(piece) is not None
    if (current.word not in _UNIMPORTANT or makes_table or reads) and end > current.start:
        yield piece


_TAKES_QUERY: Final = frozenset({"SET", "DECLARE", "RETURN", "LET"})


def _note(current: _Open, word: str) -> None:
    current.cases += (word == "CASE") - (word == "END" and current.cases > 0)
    if current.word == "WITH" and word in ("INSERT", "UPDATE", "DELETE", "MERGE"):
        current.word = word
    current.sets += word == "SET"
    current.has_as = current.has_as or word == "AS"
    current.queries += word in ("SELECT", "VALUES", "EXEC", "EXECUTE")


def _ends(current: _Open, word: str, tokens: Sequence[Token], position: int, batch: bool) -> bool:
    if word == ";":
        return True
    if word in _CONTROL:
        return _control_ends(current, word, tokens, position, batch)
    if current.word in _UNIMPORTANT and word in ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH"):
        return _may_start(word, tokens, position)
    return batch and word in STARTERS and not _goes_on(current, word, tokens, position)


def _control_ends(current: _Open, word: str, tokens: Sequence[Token], position: int, batch: bool) -> bool:
    before = _word(tokens, position - 1)
    after = _word(tokens, position + 1)
    if word == "END":
        return current.cases == 0
    if word in ("ELSE", "THEN"):
        return current.cases == 0 and current.word != "MERGE"
    if word == "IF":
        return batch and (before not in _IF_PARTNERS or after not in ("EXISTS", "NOT"))
    if word in ("FOR", "DO", "REPEAT", "TRY", "GO", "LOOP", "BEGIN"):
        return (
            word in ("LOOP", "BEGIN")
            or (word == "GO" and batch)
            or (word == "DO" and before != "CONFLICT" and not batch)
        )
    return word in ("WHILE", "EXCEPTION", "BREAK", "CONTINUE", "ELSEIF", "ELSIF", "UNTIL") and (
        batch or word == "EXCEPTION"
    )


_IF_PARTNERS: Final = frozenset(
    """TABLE VIEW SCHEMA DATABASE PROCEDURE PROC FUNCTION INDEX COLUMN CONSTRAINT TRIGGER TYPE USER ROLE SEQUENCE SYNONYM
    STATISTICS RULE DEFAULT AGGREGATE ASSEMBLY LOGIN""".split()
)


def _goes_on(current: _Open, word: str, tokens: Sequence[Token], position: int) -> bool:
    """Whether the statement under way may continue with a word that could start another."""
    before = _word(tokens, position - 1)
    if word == "SELECT":
        return before in _BEFORE_SELECT or _owes_query(current)
    if word == "MERGE" and _word(tokens, position + 1) == "JOIN":
        return True  # a hint
    if word in ("INSERT", "UPDATE", "DELETE", "MERGE"):
        return (
            before in _BEFORE_CHANGE
            or (current.word == "WITH" and current.queries == 0)
            or current.word in ("GRANT", "DENY")
        )
    if word == "SET":
        goes_on = current.word == "ALTER" or (current.word in ("UPDATE", "WITH") and current.sets == 0)
        return goes_on or before in ("UPDATE", "DELETE", "NULL")
    if word == "WITH" and _word(tokens, position + 1) in _VIEW_OPTIONS:
        return True
    if word == "WITH":
        return (_word(tokens, position + 2) != "AS" and _word(tokens, position + 2) != "(") or _owes_query(current)
    if word in ("EXEC", "EXECUTE"):
        return (current.word == "INSERT" and current.queries == 0) or before in ("GRANT", "WITH", "AS")
    if word in ("DROP", "ALTER", "CREATE"):
        return current.word in ("ALTER", "GRANT") and _word(tokens, position + 1) in ("COLUMN", "CONSTRAINT")
    if word == "TRUNCATE":
        return _word(tokens, position + 1) != "TABLE"
    if word in ("OPEN", "CLOSE", "USE", "RETURN", "DEALLOCATE", "FETCH"):
        return before in ("ROW", "ROWS") or tokens[position - 1].line == tokens[position].line
    return word in ("REPLACE", "COPY", "LET", "RENAME", "ANALYZE")


_VIEW_OPTIONS: Final = frozenset({"SCHEMABINDING", "ENCRYPTION", "VIEW_METADATA", "RECOMPILE", "NATIVE_COMPILATION"})
_BEFORE_SELECT: Final = frozenset(
    {"UNION", "ALL", "EXCEPT", "INTERSECT", "MINUS", "AS", "DISTINCT", "(", "FOR", "QUERY"}
)
_BEFORE_CHANGE: Final = frozenset(
    {"THEN", "ON", "FOR", "OF", "AFTER", "BEFORE", "OR", ",", "DO", "KEY", "INSTEAD", "BY", "BULK"}
)


def _owes_query(current: _Open) -> bool:
    if current.word == "CREATE":
        return current.queries == 0 and current.has_as
    return current.queries == 0 and current.word in ("INSERT", "WITH", "REPLACE")


def _may_start(word: str, tokens: Sequence[Token], position: int) -> bool:
    if word == "WITH":  # not the options of a procedure: WITH RECOMPILE, WITH (NOLOCK)
        return _word(tokens, position + 2) in ("AS", "(") or _word(tokens, position + 1) == "RECURSIVE"
    if word in ("UPDATE", "INSERT", "DELETE"):
        return _word(tokens, position - 1) not in ("ON", "FOR", "AFTER", "BEFORE", "OR", ",", "OF")
    return True


def _word(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].text.upper() if 0 <= position < len(tokens) else ""
