"""Other forms of a statement that the parser could not read. A row of the table at the end for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.cutting import (
    LITERAL_TYPES,
    MYSQL,
    Repair,
    after_name,
    after_parentheses,
    find_or_end,
    without,
    words_at,
)
from catalog.sql.reading import word_token
from catalog.sql.repairs import replace_into
from catalog.sql.skeletons import clone_as, clone_version, plain_columns, skeleton
from catalog.sql.splitting import Piece


def _priority(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL: INSERT LOW_PRIORITY, DELETE QUICK and the like."""
    if dialect not in MYSQL or piece.word(1) not in ("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"):
        return None
    return without(piece, 1, 2)


def _strict(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """PL/pgSQL: SELECT .. INTO STRICT v."""
    at = next((i for i in range(len(piece.tokens)) if words_at(piece, i, "INTO", "STRICT")), -1)
    return without(piece, at + 1, at + 2) if at >= 0 else None


def _table_hints(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL: INSERT INTO t WITH (TABLOCK) ..; CLUSTERED and NONCLUSTERED keys."""
    if dialect not in ("tsql", "fabric"):
        return None
    kept = [t for t in piece.tokens if t.text.upper() not in ("CLUSTERED", "NONCLUSTERED")]
    if piece.word(0) == "INSERT":
        end = after_name(piece, 1 + (piece.word(1) == "INTO"))
        if piece.word(end) == "WITH":
            return without(piece, end, after_parentheses(piece, end + 1))
    return kept if len(kept) < len(piece.tokens) else None


def _output_last(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL's DELETE .. OUTPUT .. WHERE: the parser wants OUTPUT behind WHERE."""
    start = find_or_end(piece, "OUTPUT")
    if piece.word(0) != "DELETE" or start >= len(piece.tokens):
        return None
    end = min(
        find_or_end(piece, "WHERE", start), find_or_end(piece, "FROM", start), find_or_end(piece, "OPTION", start)
    )
    return [*without(piece, start, end), *piece.tokens[start:end]] if end < len(piece.tokens) else None


def _merge_clauses(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MERGE WITH SCHEMA EVOLUTION; Oracle's DELETE WHERE after an update."""
    if piece.word(0) != "MERGE":
        return None
    if words_at(piece, 1, "WITH", "SCHEMA", "EVOLUTION"):
        return without(piece, 1, 4)
    at = find_or_end(piece, "DELETE")
    if piece.word(at - 1) != "THEN" and piece.word(at + 1) == "WHERE":
        return without(piece, at, find_or_end(piece, "WHEN", at))
    return None


def _remove_duplicates(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Redshift: MERGE .. REMOVE DUPLICATES updates and inserts whole rows."""
    at = find_or_end(piece, "REMOVE")
    if piece.word(0) != "MERGE" or not words_at(piece, at, "REMOVE", "DUPLICATES"):
        return None
    near = piece.tokens[-1]
    words = [
        (TokenType.WHEN, "WHEN"),
        (TokenType.VAR, "MATCHED"),
        (TokenType.THEN, "THEN"),
        (TokenType.UPDATE, "UPDATE"),
    ]
    other = [(TokenType.WHEN, "WHEN"), (TokenType.NOT, "NOT"), *words[1:3], (TokenType.INSERT, "INSERT")]
    whole = [*words, (TokenType.SET, "SET"), (TokenType.STAR, "*"), *other, (TokenType.STAR, "*")]
    return [*piece.tokens[:at], *(word_token(kind, text, near) for kind, text in whole)]


def _bulk(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL: OPENROWSET(BULK 'x', ..) is a file."""
    kept = [t for at, t in enumerate(piece.tokens) if not (piece.word(at) == "BULK" and piece.word(at - 1) == "(")]
    return kept if len(kept) < len(piece.tokens) else None


def _dropped_words(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Words that change nothing for lineage, wherever they stand."""
    for first, words in _DROPPED:
        if first not in ("", piece.word(0)):
            continue
        for at in range(len(piece.tokens)):
            if words_at(piece, at, *words):
                return _dropped_words(Piece(without(piece, at, at + len(words))), dialect) or without(
                    piece, at, at + len(words)
                )
    return None


_DROPPED: Final = (
    ("INSERT", ("IF", "NOT", "EXISTS")),
    ("INSERT", ("OVERRIDING", "SYSTEM", "VALUE")),
    ("INSERT", ("OVERRIDING", "USER", "VALUE")),
    ("UPDATE", ("OR", "IGNORE")),
    ("UPDATE", ("OR", "REPLACE")),
    ("UPDATE", ("OR", "ABORT")),
    ("UPDATE", ("OR", "FAIL")),
    ("UPDATE", ("OR", "ROLLBACK")),
    ("CREATE", ("SNAPSHOT",)),
)


def _directory_format(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Spark: INSERT OVERWRITE DIRECTORY 'x' USING format OPTIONS (..) before the query."""
    using = find_or_end(piece, "USING")
    if piece.word(0) != "INSERT" or "DIRECTORY" not in (piece.word(2), piece.word(3)) or using >= len(piece.tokens):
        return None
    end = using + 2
    if piece.word(end) == "OPTIONS":
        end = after_parentheses(piece, end + 1)
    return without(piece, using, end)


def _minus(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MINUS as Oracle and others say for EXCEPT."""
    if not any(_is_minus(piece, at) for at in range(len(piece.tokens))):
        return None
    return [
        word_token(TokenType.EXCEPT, "EXCEPT", t) if _is_minus(piece, at) else t for at, t in enumerate(piece.tokens)
    ]


def _is_minus(piece: Piece, at: int) -> bool:
    return piece.word(at) == "MINUS" and piece.word(at + 1) in ("SELECT", "(", "WITH", "ALL")


def _error_table(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Oracle: LOG ERRORS INTO t .. keeps rows that could not be written; WHERE CURRENT OF a cursor."""
    log = next((i for i in range(len(piece.tokens)) if words_at(piece, i, "LOG", "ERRORS")), 0)
    if log:
        return piece.tokens[:log]
    current = next((i for i in range(len(piece.tokens)) if words_at(piece, i, "WHERE", "CURRENT", "OF")), 0)
    return without(piece, current, current + 4) if current else None


def _into_file(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL: SELECT .. INTO OUTFILE."""
    at = next((i for i in range(len(piece.tokens)) if piece.word(i) == "INTO" and piece.word(i + 1) in _FILES), 0)
    if not at:
        return None
    return without(piece, at, max(find_or_end(piece, "FROM", at), at + 1))


_FILES: Final = frozenset({"OUTFILE", "DUMPFILE"})


def _update_from(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata: in UPDATE t FROM s SET the parser takes SET for an alias of s, so it is given one."""
    from_, set_ = find_or_end(piece, "FROM"), find_or_end(piece, "SET")
    if piece.word(0) != "UPDATE" or from_ >= set_ or set_ >= len(piece.tokens):
        return None
    last = piece.tokens[set_ - 1]
    as_ = Token(TokenType.ALIAS, "AS", last.line, last.col, last.start, last.end)
    return [*piece.tokens[:set_], as_, last, *piece.tokens[set_:]]


def _column_phrases(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata: `a (TITLE 'x')`, `a (FORMAT 'x')` and `a (NAMED x)`."""
    if dialect != "teradata":
        return None
    kept: list[Token] = []
    at = 0
    while at < len(piece.tokens):
        word = piece.word(at + 1) if piece.word(at) == "(" else ""
        if word not in ("TITLE", "FORMAT", "NAMED"):
            kept.append(piece.tokens[at])
            at += 1
            continue
        end = after_parentheses(piece, at)
        if word == "NAMED":
            first = piece.tokens[at]
            kept += [
                Token(TokenType.ALIAS, "AS", first.line, first.col, first.start, first.end),
                *piece.tokens[at + 2 : end - 1],
            ]
        at = end
    return kept if len(kept) < len(piece.tokens) else None


def _upsert(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    return replace_into(piece, dialect) if piece.word(0) == "UPSERT" else None


def _parameters(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Parameters of drivers and clients: `%(name)s`, `%s`, `:1`, `:'x'`, `&x`."""
    kept: list[Token] = []
    at = 0
    while at < len(piece.tokens):
        length = _parameter_length(piece, at)
        kept.append(word_token(TokenType.NULL, "NULL", piece.tokens[at]) if length else piece.tokens[at])
        at += length or 1
    return kept if len(kept) < len(piece.tokens) else None


def _parameter_length(piece: Piece, at: int) -> int:
    """Returns of how many tokens the parameter consists that begins here, 0 if none does."""
    if at and piece.tokens[at - 1].token_type in _OPERANDS:
        return 0
    if words_at(piece, at, "%", "(") and words_at(piece, at + 3, ")", "S"):
        return 5
    length = 1 + (piece.word(at) == "&" == piece.word(at + 1))
    if piece.word(at) not in ("%", ":", "&") or at + length >= len(piece.tokens):
        return 0
    last, name = piece.tokens[at + length - 1], piece.tokens[at + length]
    adjacent = last.end + 1 == name.start
    return length + 1 if adjacent and (piece.word(at) != "%" or name.text == "s") else 0


_OPERANDS: Final = frozenset(
    {TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN, TokenType.R_BRACKET}
)


def _typed_parameters(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """`date $1` and `interval $2`: statistics of statements put a parameter in the place of every literal."""
    kept: list[Token] = []
    at = 0
    while at < len(piece.tokens):
        token = piece.tokens[at]
        if at and token.text == "$" and _is_number(piece, at + 1) and _may_type_literal(piece, at - 1):
            number = piece.tokens[at + 1]
            kept.append(Token(TokenType.STRING, "$", token.line, token.col, token.start, number.end))
            at += 2
        else:
            kept.append(token)
            at += 1
    return kept if len(kept) < len(piece.tokens) else None


def _is_number(piece: Piece, at: int) -> bool:
    return at < len(piece.tokens) and piece.tokens[at].token_type == TokenType.NUMBER


def _may_type_literal(piece: Piece, at: int) -> bool:
    """Whether a token ends the name of a type that a literal may follow: `date`, `timestamp with time zone`."""
    return piece.tokens[at].token_type in LITERAL_TYPES or words_at(piece, at - 1, "TIME", "ZONE")


def second_chances(piece: Piece, dialect: str | None) -> Iterator[Piece]:
    """Yields other forms of a statement that the parser could not read: each repair alone, then all together."""
    together, count = piece, 0
    for repair in _SECOND_CHANCES:
        tokens = repair(piece, dialect)
        if tokens is not None:
            yield Piece(tokens)
        tokens = repair(together, dialect)
        if tokens is not None:
            together, count = Piece(tokens), count + 1
    if count > 1:
        yield together


_SECOND_CHANCES: Final[tuple[Repair, ...]] = (
    _dropped_words,
    _strict,
    _table_hints,
    _output_last,
    _merge_clauses,
    _remove_duplicates,
    _bulk,
    _priority,
    clone_as,
    _minus,
    _error_table,
    _into_file,
    _directory_format,
    clone_version,
    _update_from,
    _column_phrases,
    _upsert,
    _parameters,
    _typed_parameters,
    skeleton,
    plain_columns,
)
