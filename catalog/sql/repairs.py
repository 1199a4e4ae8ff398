"""Clauses that the parser does not know and that say nothing about lineage, taken out of the tokens before it sees them.

One row of `REPAIRS` for each: the words that a statement begins with, and what becomes of its tokens. A repair answers
None if it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.cutting import (
    LITERAL_TYPES,
    MYSQL,
    QUERY_WORDS,
    Repair,
    after_name,
    after_parentheses,
    find_or_end,
    without,
    without_options,
    words_at,
)
from catalog.sql.options import created_object
from catalog.sql.reading import WRITTEN_VIEW, word_token
from catalog.sql.splitting import Piece


def repaired(piece: Piece, dialect: str | None) -> Piece:
    """Returns the statement as the parser can read it."""
    for first, repair in REPAIRS:
        if piece.word(0) == first:
            tokens = repair(piece, dialect)
            if tokens is not None:
                piece = Piece(tokens)
    return piece


def _no_data(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE MATERIALIZED VIEW .. WITH [NO] DATA: the definition is the same."""
    if "MATERIALIZED" not in (piece.word(1), piece.word(3)):
        return None
    count = len(piece.tokens)
    for length, words in ((3, ("WITH", "NO", "DATA")), (2, ("WITH", "DATA"))):
        if words_at(piece, count - length, *words):
            return piece.tokens[: count - length]
    return None


def _recursive_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE RECURSIVE VIEW v (a) AS query is CREATE VIEW v (a) AS WITH RECURSIVE v (a) AS (query) SELECT * FROM v."""
    at = next((i for i in range(1, 6) if words_at(piece, i, "RECURSIVE", "VIEW")), 0)
    as_ = find_or_end(piece, "AS", at)
    if not at or as_ >= len(piece.tokens):
        return None
    start, near = at + 2, piece.tokens[at]
    end = after_name(piece, start)
    name = piece.tokens[end - 1 : as_]
    with_ = [(TokenType.WITH, "WITH"), (TokenType.RECURSIVE, "RECURSIVE")]
    tail = [(TokenType.R_PAREN, ")"), (TokenType.SELECT, "SELECT"), (TokenType.STAR, "*"), (TokenType.FROM, "FROM")]
    return [
        *piece.tokens[:at],
        *piece.tokens[at + 1 : as_ + 1],
        *(word_token(kind, text, near) for kind, text in with_),
        *name,
        piece.tokens[as_],
        word_token(TokenType.L_PAREN, "(", near),
        *piece.tokens[as_ + 1 :],
        *(word_token(kind, text, near) for kind, text in tail),
        name[0],
    ]


def _alter_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """ALTER VIEW v [(a, b)] [WITH ..] AS query defines the view anew, as CREATE VIEW does."""
    at, word = created_object(piece)
    as_ = find_or_end(piece, "AS", at)
    if word != "VIEW" or piece.word(as_ + 1) not in QUERY_WORDS:
        return None
    start = at + (3 if piece.word(at + 1) == "IF" else 1)
    end = after_parentheses(piece, after_name(piece, start))
    create = word_token(TokenType.CREATE, "CREATE", piece.tokens[0])
    return [create, piece.tokens[at], *piece.tokens[start:end], *without_options(Piece(piece.tokens[as_:]))]


def _table_properties(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Redshift's TABLE PROPERTIES (..), which the parser takes for a query."""
    if dialect != "redshift":
        return None
    at = next((i for i in range(3, len(piece.tokens)) if words_at(piece, i, "TABLE", "PROPERTIES", "(")), 0)
    return without(piece, at, after_parentheses(piece, at + 2)) if at else None


def _adjectives(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """DROP EXTERNAL TABLE and the like drop tables; `DROP MATERIALIZED VIEW` the parser knows."""
    at, word = created_object(piece)
    if at == 1 or word not in ("TABLE", "VIEW") or piece.word(1) in ("MATERIALIZED", "TEMPORARY", "TEMP"):
        return None
    return without(piece, 1, at)


def replace_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL and SQLite: REPLACE INTO writes what INSERT would; MySQL needs no INTO."""
    at = 1 + (piece.word(1) in ("LOW_PRIORITY", "DELAYED"))
    if piece.word(at) != "INTO" and dialect not in MYSQL:
        return None
    first = piece.tokens[0]
    start = [word_token(TokenType.INSERT, "INSERT", first), word_token(TokenType.INTO, "INTO", first)]
    return [*start, *piece.tokens[at + (piece.word(at) == "INTO") :]]


def _output_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL's OUTPUT .. INTO s.t: the parser takes a bare name only, so the dotted one becomes one."""
    if dialect not in ("tsql", "fabric"):
        return None
    output = next((i for i in range(len(piece.tokens)) if piece.word(i) == "OUTPUT"), len(piece.tokens))
    into = next((i for i in range(output, len(piece.tokens)) if piece.word(i) == "INTO"), len(piece.tokens)) + 1
    end = after_name(piece, into)
    if end - into < 3 or end > len(piece.tokens):
        return None
    first = piece.tokens[into]
    text = ".".join(token.text for token in piece.tokens[into:end:2])
    name = Token(TokenType.IDENTIFIER, text, first.line, first.col, first.start, piece.tokens[end - 1].end)
    return [*piece.tokens[:into], name, *piece.tokens[end:]]


_TAG_WORDS: Final = (("WITH", "TAG"), ("TAG",), ("WITH", "MASKING", "POLICY"), ("MASKING", "POLICY"))


_POLICY_WORDS: Final = (
    ("WITH", "ROW", "ACCESS", "POLICY"),
    ("ROW", "ACCESS", "POLICY"),
    ("WITH", "AGGREGATION", "POLICY"),
)


def _policies(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Snowflake's TAG (..), MASKING POLICY p [USING (..)] and ROW ACCESS POLICY p ON (..)."""
    if dialect != "snowflake":
        return None
    kept: list[Token] = []
    position = 0
    while position < len(piece.tokens):
        end = _policy_end(piece, position)
        if end:
            position = end
        else:
            kept.append(piece.tokens[position])
            position += 1
    return kept if len(kept) < len(piece.tokens) else None


def _policy_end(piece: Piece, position: int) -> int:
    """Returns the position after a policy clause that begins here, 0 if none does."""
    for words in (*_TAG_WORDS, *_POLICY_WORDS):
        if words_at(piece, position, *words):
            position += len(words)
            if words[-1] == "POLICY":
                position = after_name(piece, position)
                if piece.word(position) in ("USING", "ON"):
                    position += 1
            elif piece.word(position) != "(":
                return 0
            return after_parentheses(piece, position)
    return 0


def marked_again(tree: exp.Expr) -> exp.Expr:
    """Puts the mark of T-SQL's temporary tables back into their names: `#t` is not `t`."""
    for table in tree.find_all(exp.Table):
        name = table.this
        if isinstance(name, exp.Identifier) and not name.this.startswith("#"):
            mark = "##" if name.args.get("global_") else "#" if name.args.get("temporary") else ""
            if mark:
                name.set("this", mark + name.this)
    return tree


def _inline_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Oracle: UPDATE (query) SET .. and DELETE FROM (query) write through the query, as through a CTE."""
    start = 1 + (piece.word(1) in ("FROM", "INTO"))
    if piece.word(start) != "(" or piece.word(start + 1) not in ("SELECT", "WITH"):
        return None
    end = after_parentheses(piece, start)
    near = piece.tokens[start]
    name = word_token(TokenType.IDENTIFIER, WRITTEN_VIEW, near)
    after = end + (piece.word(end) == "AS")
    if piece.word(after) not in ("SET", "WHERE", "(", "VALUES", "SELECT", ""):
        name, end = piece.tokens[after], after + 1
    with_ = [word_token(TokenType.WITH, "WITH", near), name, word_token(TokenType.ALIAS, "AS", near)]
    return [
        *with_,
        *piece.tokens[start : after_parentheses(piece, start)],
        *piece.tokens[:start],
        name,
        *piece.tokens[end:],
    ]


def _top(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL: DELETE TOP (10) FROM t; and the first FROM of DELETE FROM t FROM .."""
    if dialect not in ("tsql", "fabric"):
        return None
    if piece.word(1) == "TOP" and piece.word(2) == "(":
        end = after_parentheses(piece, 2)
        return _top(Piece(cut := without(piece, 1, end + (piece.word(end) == "PERCENT"))), dialect) or cut
    if piece.word(0) == "DELETE" and piece.word(1) == "FROM" and piece.word(after_name(piece, 2)) == "FROM":
        return without(piece, 1, 2)
    return None


def _compound_assignments(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """`SET a += b` as `SET a = a + b`."""
    kept: list[Token] = []
    for token in piece.tokens:
        if token.token_type == TokenType.EQ and kept and _is_compound(kept[-1], token):
            sign = kept.pop()
            start = len(kept) - 1
            while start > 1 and kept[start - 1].token_type == TokenType.DOT:
                start -= 2
            kept += [token, *kept[start:], sign]
        else:
            kept.append(token)
    return kept if len(kept) > len(piece.tokens) - 1 and kept != list(piece.tokens) else None


def _is_compound(sign: Token, equals: Token) -> bool:
    return sign.token_type in _SIGNS and sign.end + 1 == equals.start


_SIGNS: Final = frozenset(
    {
        TokenType.PLUS,
        TokenType.DASH,
        TokenType.STAR,
        TokenType.SLASH,
        TokenType.MOD,
        TokenType.AMP,
        TokenType.PIPE,
        TokenType.CARET,
    }
)


def _locking(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata: LOCKING t FOR ACCESS before a statement, or before a view's query."""
    if dialect != "teradata":
        return None
    start = next((i for i in range(len(piece.tokens)) if piece.word(i) in ("LOCKING", "LOCK")), -1)
    if start < 0 or (start > 0 and piece.word(start - 1) != "AS"):
        return None
    end = next((i for i in range(start, len(piece.tokens)) if piece.word(i) in ("FOR", "IN")), -1)
    if end < 0 or piece.word(end + 1) not in ("ACCESS", "READ", "WRITE", "SHARE", "EXCLUSIVE", "CHECKSUM", "LOAD"):
        return None
    end += 2
    while piece.word(end) in ("MODE", "NOWAIT", "OVERRIDE", "COMMITTED"):
        end += 1
    cut = without(piece, start, end)
    return _locking(Piece(cut), dialect) or cut if cut else None


def _create_table(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata's CT."""
    if dialect != "teradata":
        return None
    first = piece.tokens[0]
    return [
        word_token(TokenType.CREATE, "CREATE", first),
        word_token(TokenType.TABLE, "TABLE", first),
        *piece.tokens[1:],
    ]


def _prior(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Snowflake: PRIOR in the select list of a CONNECT BY query is the same column of the parent's row."""
    if dialect != "snowflake":
        return None
    tokens = piece.tokens
    end = next((i for i, token in enumerate(tokens) if token.token_type is TokenType.CONNECT_BY), 0)
    names = (TokenType.VAR, TokenType.IDENTIFIER)
    dropped = {
        i for i in range(end - 1) if piece.word(i) == "PRIOR" and tokens[i].token_type is TokenType.VAR
        and tokens[i + 1].token_type in names
    }  # fmt: skip
    return [token for i, token in enumerate(tokens) if i not in dropped] if dropped else None


def _casts(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata: `a (DATE)` and `a (CHAR(10), FORMAT 'x')` cast; a function's parenthesis has no blank before it."""
    if dialect != "teradata":
        return None
    kept: list[Token] = []
    at = 0
    while at < len(piece.tokens):
        if (
            at
            and piece.word(at) == "("
            and piece.tokens[at - 1].end + 1 < piece.tokens[at].start
            and _is_cast(piece, at)
        ):
            at = after_parentheses(piece, at)
        else:
            kept.append(piece.tokens[at])
            at += 1
    return kept if len(kept) < len(piece.tokens) else None


def _is_cast(piece: Piece, at: int) -> bool:
    before = piece.tokens[at - 1].token_type
    if before not in (TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.STRING, TokenType.NUMBER):
        return False
    if piece.tokens[at + 1].token_type not in LITERAL_TYPES and piece.word(at + 1) != "BYTEINT":
        return False
    end = after_parentheses(piece, at + 2)
    return piece.word(end) == ")" or (piece.word(end) == "," and piece.word(end + 1) in ("FORMAT", "TITLE", "NAMED"))


REPAIRS: Final[tuple[tuple[str, Repair], ...]] = (
    ("CREATE", _no_data),
    ("CREATE", _recursive_view),
    ("CREATE", _policies),
    ("CREATE", _table_properties),
    ("CT", _create_table),
    *((word, _locking) for word in ("LOCKING", "LOCK", "CREATE", "REPLACE")),
    *((word, _prior) for word in ("SELECT", "WITH", "INSERT", "CREATE")),
    *((word, _casts) for word in ("SELECT", "SEL", "INSERT", "INS", "CREATE", "REPLACE", "WITH", "MERGE", "UPDATE")),
    ("DROP", _adjectives),
    ("ALTER", _alter_view),
    ("ALTER", _adjectives),
    ("REPLACE", replace_into),
    *((word, _inline_view) for word in ("UPDATE", "DELETE", "INSERT")),
    *((word, _top) for word in ("INSERT", "UPDATE", "DELETE", "MERGE")),
    *((word, _compound_assignments) for word in ("UPDATE", "MERGE")),
    *((word, _output_into) for word in ("INSERT", "UPDATE", "DELETE", "MERGE")),
)
