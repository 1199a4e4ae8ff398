"""Clauses that the parser does not know and that say nothing about lineage, taken out of the tokens before it sees them.

One row of `REPAIRS` for each: the words that a statement begins with, and what becomes of its tokens. A repair answers
None if it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.options import MODIFIERS as _MODIFIERS
from catalog.sql.options import created_object, is_options
from catalog.sql.reading import WRITTEN_VIEW, word_token
from catalog.sql.splitting import Piece

Repair = Callable[[Piece, str | None], Sequence[Token] | None]


def repaired(piece: Piece, dialect: str | None) -> Piece:
    """Returns the statement as the parser can read it."""
    for first, repair in REPAIRS:
        if piece.word(0) == first:
            tokens = repair(piece, dialect)
            if tokens is not None:
                piece = Piece(tokens)
    return piece


def _without(piece: Piece, start: int, end: int) -> list[Token]:
    return [*piece.tokens[:start], *piece.tokens[end:]]


def _words_at(piece: Piece, position: int, *words: str) -> bool:
    return all(piece.word(position + offset) == word for offset, word in enumerate(words))


def _no_data(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE MATERIALIZED VIEW .. WITH [NO] DATA: the definition is the same."""
    if "MATERIALIZED" not in (piece.word(1), piece.word(3)):
        return None
    count = len(piece.tokens)
    for length, words in ((3, ("WITH", "NO", "DATA")), (2, ("WITH", "DATA"))):
        if _words_at(piece, count - length, *words):
            return piece.tokens[: count - length]
    return None


def _recursive_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE RECURSIVE VIEW v (a) AS query is CREATE VIEW v (a) AS WITH RECURSIVE v (a) AS (query) SELECT * FROM v."""
    at = next((i for i in range(1, 6) if _words_at(piece, i, "RECURSIVE", "VIEW")), 0)
    as_ = _find(piece, "AS", at)
    if not at or as_ >= len(piece.tokens):
        return None
    start, near = at + 2, piece.tokens[at]
    end = _after_name(piece, start)
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
    as_ = _find(piece, "AS", at)
    if word != "VIEW" or piece.word(as_ + 1) not in _QUERY_WORDS:
        return None
    start = at + (3 if piece.word(at + 1) == "IF" else 1)
    end = _after_parentheses(piece, _after_name(piece, start))
    create = word_token(TokenType.CREATE, "CREATE", piece.tokens[0])
    return [create, piece.tokens[at], *piece.tokens[start:end], *_without_options(Piece(piece.tokens[as_:]))]


def _table_properties(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Redshift's TABLE PROPERTIES (..), which the parser takes for a query."""
    if dialect != "redshift":
        return None
    at = next((i for i in range(3, len(piece.tokens)) if _words_at(piece, i, "TABLE", "PROPERTIES", "(")), 0)
    return _without(piece, at, _after_parentheses(piece, at + 2)) if at else None


def _adjectives(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """DROP EXTERNAL TABLE and the like drop tables; `DROP MATERIALIZED VIEW` the parser knows."""
    at, word = created_object(piece)
    if at == 1 or word not in ("TABLE", "VIEW") or piece.word(1) in ("MATERIALIZED", "TEMPORARY", "TEMP"):
        return None
    return _without(piece, 1, at)


def _replace_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL and SQLite: REPLACE INTO writes what INSERT would; MySQL needs no INTO."""
    at = 1 + (piece.word(1) in ("LOW_PRIORITY", "DELAYED"))
    if piece.word(at) != "INTO" and dialect not in _MYSQL:
        return None
    first = piece.tokens[0]
    start = [word_token(TokenType.INSERT, "INSERT", first), word_token(TokenType.INTO, "INTO", first)]
    return [*start, *piece.tokens[at + (piece.word(at) == "INTO") :]]


_MYSQL: Final = frozenset({"mysql", "singlestore", "doris", "starrocks"})


def _priority(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL: INSERT LOW_PRIORITY, DELETE QUICK and the like."""
    if dialect not in _MYSQL or piece.word(1) not in ("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"):
        return None
    return _without(piece, 1, 2)


def _strict(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """PL/pgSQL: SELECT .. INTO STRICT v."""
    at = next((i for i in range(len(piece.tokens)) if _words_at(piece, i, "INTO", "STRICT")), -1)
    return _without(piece, at + 1, at + 2) if at >= 0 else None


def _output_into(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL's OUTPUT .. INTO s.t: the parser takes a bare name only, so the dotted one becomes one."""
    if dialect not in ("tsql", "fabric"):
        return None
    output = next((i for i in range(len(piece.tokens)) if piece.word(i) == "OUTPUT"), len(piece.tokens))
    into = next((i for i in range(output, len(piece.tokens)) if piece.word(i) == "INTO"), len(piece.tokens)) + 1
    end = _after_name(piece, into)
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
        if _words_at(piece, position, *words):
            position += len(words)
            if words[-1] == "POLICY":
                position = _after_name(piece, position)
                if piece.word(position) in ("USING", "ON"):
                    position += 1
            elif piece.word(position) != "(":
                return 0
            return _after_parentheses(piece, position)
    return 0


def _after_name(piece: Piece, position: int) -> int:
    while piece.word(position + 1) == ".":
        position += 2
    return position + 1


def _after_parentheses(piece: Piece, position: int) -> int:
    if piece.word(position) != "(":
        return position
    depth = 0
    for at in range(position, len(piece.tokens)):
        depth += (piece.word(at) == "(") - (piece.word(at) == ")")
        if depth == 0:
            return at + 1
    return len(piece.tokens)


def marked_again(tree: exp.Expr) -> exp.Expr:
    """Puts the mark of T-SQL's temporary tables back into their names: `#t` is not `t`."""
    for table in tree.find_all(exp.Table):
        name = table.this
        if isinstance(name, exp.Identifier) and not name.this.startswith("#"):
            mark = "##" if name.args.get("global_") else "#" if name.args.get("temporary") else ""
            if mark:
                name.set("this", mark + name.this)
    return tree


# ---------------------------------------------------------------- tried when the parser gave up


def _find(piece: Piece, word: str, start: int = 0) -> int:
    """Returns the position of a word outside of parentheses, or the number of tokens."""
    depth = 0
    for at in range(start, len(piece.tokens)):
        text = piece.word(at)
        depth += (text == "(") - (text == ")")
        if depth == 0 and text == word:
            return at
    return len(piece.tokens)


def _skeleton(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """CREATE TABLE or VIEW .. AS query: the name, the column list and the query, without options between and after."""
    at = next((i for i in range(1, 24) if piece.word(i) in ("TABLE", "VIEW")), 0)
    if piece.word(0) != "CREATE" or not at or not is_options(piece, 1, at, _MODIFIERS):
        return None
    as_ = _find(piece, "AS", at)
    while as_ < len(piece.tokens) and piece.word(as_ + 1) not in _QUERY_WORDS:
        as_ = _find(piece, "AS", as_ + 1)
    name_end = _after_name(piece, at + (4 if piece.word(at + 1) == "IF" else 1))
    modifiers = [t for i, t in enumerate(piece.tokens[:at]) if _is_kept(piece, i)]
    head = [piece.tokens[0], *modifiers]
    columns_end = _after_parentheses(piece, name_end)
    if not is_options(piece, columns_end, as_):
        return None
    if as_ < len(piece.tokens):
        return [*head, *piece.tokens[at:columns_end], *_query_alone(piece, as_)]
    if piece.word(at) == "VIEW" or (columns_end == len(piece.tokens) and len(head) == at):
        return None
    return [*head, *piece.tokens[at:columns_end]]


def _plain_columns(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """The same with columns that are a name and a type, without what else may stand in the list."""
    short = _skeleton(piece, dialect) or (piece.tokens if piece.word(0) == "CREATE" else None)
    if short is None:
        return None
    made = Piece(short)
    at = next((i for i in range(1, len(short)) if made.word(i) in ("TABLE", "VIEW")), 0)
    start = _after_name(made, at + (4 if made.word(at + 1) == "IF" else 1))
    end = _after_parentheses(made, start)
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
    end = _after_parentheses(item, 2) if item.word(2) == "(" else 2
    return [*item.tokens[:end], item.tokens[-1]]


_NO_TYPES: Final = frozenset(
    "GENERATED AS NOT NULL PRIMARY UNIQUE CHECK DEFAULT COLLATE REFERENCES CONSTRAINT COMMENT OPTIONS".split()
)
_NO_COLUMNS: Final = frozenset(
    "CONSTRAINT PRIMARY FOREIGN UNIQUE CHECK INDEX KEY FULLTEXT SPATIAL PERIOD EXCLUDE SUPPLEMENTAL PROJECTION".split()
)


_QUERY_WORDS: Final = frozenset({"SELECT", "WITH", "(", "FROM", "VALUES", "TABLE", "SEL"})


def _is_kept(piece: Piece, at: int) -> bool:
    return piece.word(at) in _KEPT_MODIFIERS or (piece.word(at) == "OR" and piece.word(at + 1) == "REPLACE")


_KEPT_MODIFIERS: Final = frozenset({"REPLACE", "TEMP", "TEMPORARY", "MATERIALIZED", "VOLATILE"})


def _query_alone(piece: Piece, as_: int) -> Sequence[Token]:
    """The query behind AS, and of what stands behind it only WITH NO DATA."""
    end = _after_parentheses(piece, as_ + 1)
    if end == as_ + 1 or not is_options(piece, end, len(piece.tokens)):
        return _without_options(Piece(piece.tokens[as_:]))
    return piece.tokens[as_ : end + (3 if _words_at(piece, end, "WITH", "NO", "DATA") else 0)]


def _without_options(query: Piece) -> Sequence[Token]:
    """Takes off what may stand behind a view's query."""
    for words in _AFTER_QUERY:
        start = len(query.tokens) - len(words)
        if start > 0 and _words_at(query, start, *words):
            return _without_options(Piece(query.tokens[:start]))
    return query.tokens


_AFTER_QUERY: Final = (
    ("WITH", "NO", "DATA"),
    ("WITH", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
    ("WITH", "READ", "ONLY"),
    ("WITH", "NO", "SCHEMA", "BINDING"),
)


def _inline_view(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Oracle: UPDATE (query) SET .. and DELETE FROM (query) write through the query, as through a CTE."""
    start = 1 + (piece.word(1) in ("FROM", "INTO"))
    if piece.word(start) != "(" or piece.word(start + 1) not in ("SELECT", "WITH"):
        return None
    end = _after_parentheses(piece, start)
    near = piece.tokens[start]
    name = word_token(TokenType.IDENTIFIER, WRITTEN_VIEW, near)
    after = end + (piece.word(end) == "AS")
    if piece.word(after) not in ("SET", "WHERE", "(", "VALUES", "SELECT", ""):
        name, end = piece.tokens[after], after + 1
    with_ = [word_token(TokenType.WITH, "WITH", near), name, word_token(TokenType.ALIAS, "AS", near)]
    return [
        *with_,
        *piece.tokens[start : _after_parentheses(piece, start)],
        *piece.tokens[:start],
        name,
        *piece.tokens[end:],
    ]


def _top(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL: DELETE TOP (10) FROM t; and the first FROM of DELETE FROM t FROM .."""
    if dialect not in ("tsql", "fabric"):
        return None
    if piece.word(1) == "TOP" and piece.word(2) == "(":
        end = _after_parentheses(piece, 2)
        return _top(Piece(cut := _without(piece, 1, end + (piece.word(end) == "PERCENT"))), dialect) or cut
    if piece.word(0) == "DELETE" and piece.word(1) == "FROM" and piece.word(_after_name(piece, 2)) == "FROM":
        return _without(piece, 1, 2)
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


def _table_hints(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL: INSERT INTO t WITH (TABLOCK) ..; CLUSTERED and NONCLUSTERED keys."""
    if dialect not in ("tsql", "fabric"):
        return None
    kept = [t for t in piece.tokens if t.text.upper() not in ("CLUSTERED", "NONCLUSTERED")]
    if piece.word(0) == "INSERT":
        end = _after_name(piece, 1 + (piece.word(1) == "INTO"))
        if piece.word(end) == "WITH":
            return _without(piece, end, _after_parentheses(piece, end + 1))
    return kept if len(kept) < len(piece.tokens) else None


def _output_last(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """T-SQL's DELETE .. OUTPUT .. WHERE: the parser wants OUTPUT behind WHERE."""
    start = _find(piece, "OUTPUT")
    if piece.word(0) != "DELETE" or start >= len(piece.tokens):
        return None
    end = min(_find(piece, "WHERE", start), _find(piece, "FROM", start), _find(piece, "OPTION", start))
    return [*_without(piece, start, end), *piece.tokens[start:end]] if end < len(piece.tokens) else None


def _merge_clauses(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MERGE WITH SCHEMA EVOLUTION; Oracle's DELETE WHERE after an update."""
    if piece.word(0) != "MERGE":
        return None
    if _words_at(piece, 1, "WITH", "SCHEMA", "EVOLUTION"):
        return _without(piece, 1, 4)
    at = _find(piece, "DELETE")
    if piece.word(at - 1) != "THEN" and piece.word(at + 1) == "WHERE":
        return _without(piece, at, _find(piece, "WHEN", at))
    return None


def _remove_duplicates(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Redshift: MERGE .. REMOVE DUPLICATES updates and inserts whole rows."""
    at = _find(piece, "REMOVE")
    if piece.word(0) != "MERGE" or not _words_at(piece, at, "REMOVE", "DUPLICATES"):
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
            if _words_at(piece, at, *words):
                return _dropped_words(Piece(_without(piece, at, at + len(words))), dialect) or _without(
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
    using = _find(piece, "USING")
    if piece.word(0) != "INSERT" or "DIRECTORY" not in (piece.word(2), piece.word(3)) or using >= len(piece.tokens):
        return None
    end = using + 2
    if piece.word(end) == "OPTIONS":
        end = _after_parentheses(piece, end + 1)
    return _without(piece, using, end)


def _clone_version(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """DEEP CLONE t VERSION AS OF 1, CLONE t FOR SYSTEM_TIME .. and options: only the name counts."""
    clone = _find(piece, "CLONE")
    if piece.word(0) != "CREATE" or clone >= len(piece.tokens):
        return None
    end = _after_name(piece, clone + 1)
    if end < len(piece.tokens) and piece.word(end) not in ("VERSION", "TIMESTAMP", "FOR", "OPTIONS", "AT", "BEFORE"):
        return None
    kept = [t for t in piece.tokens[:end] if t.text.upper() not in ("DEEP", "SHALLOW", "SNAPSHOT")]
    return kept if len(kept) < len(piece.tokens) else None


def _minus(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MINUS as Oracle and others say for EXCEPT."""
    if not any(_is_minus(piece, at) for at in range(len(piece.tokens))):
        return None
    return [
        word_token(TokenType.EXCEPT, "EXCEPT", t) if _is_minus(piece, at) else t for at, t in enumerate(piece.tokens)
    ]


def _is_minus(piece: Piece, at: int) -> bool:
    return piece.word(at) == "MINUS" and piece.word(at + 1) in ("SELECT", "(", "WITH", "ALL")


def _clone_as(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """ClickHouse: CLONE AS s copies the rows as well; the parser knows CLONE s."""
    at = _find(piece, "CLONE")
    return _without(piece, at + 1, at + 2) if piece.word(0) == "CREATE" and piece.word(at + 1) == "AS" else None


def _error_table(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Oracle: LOG ERRORS INTO t .. keeps rows that could not be written; WHERE CURRENT OF a cursor."""
    log = next((i for i in range(len(piece.tokens)) if _words_at(piece, i, "LOG", "ERRORS")), 0)
    if log:
        return piece.tokens[:log]
    current = next((i for i in range(len(piece.tokens)) if _words_at(piece, i, "WHERE", "CURRENT", "OF")), 0)
    return _without(piece, current, current + 4) if current else None


def _into_file(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """MySQL: SELECT .. INTO OUTFILE."""
    at = next((i for i in range(len(piece.tokens)) if piece.word(i) == "INTO" and piece.word(i + 1) in _FILES), 0)
    if not at:
        return None
    return _without(piece, at, max(_find(piece, "FROM", at), at + 1))


_FILES: Final = frozenset({"OUTFILE", "DUMPFILE"})


def _update_from(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    """Teradata: in UPDATE t FROM s SET the parser takes SET for an alias of s, so it is given one."""
    from_, set_ = _find(piece, "FROM"), _find(piece, "SET")
    if piece.word(0) != "UPDATE" or from_ >= set_ or set_ >= len(piece.tokens):
        return None
    last = piece.tokens[set_ - 1]
    as_ = Token(TokenType.ALIAS, "AS", last.line, last.col, last.start, last.end)
    return [*piece.tokens[:set_], as_, last, *piece.tokens[set_:]]


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
    cut = _without(piece, start, end)
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
            at = _after_parentheses(piece, at)
        else:
            kept.append(piece.tokens[at])
            at += 1
    return kept if len(kept) < len(piece.tokens) else None


def _is_cast(piece: Piece, at: int) -> bool:
    before = piece.tokens[at - 1].token_type
    if before not in (TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.STRING, TokenType.NUMBER):
        return False
    if piece.tokens[at + 1].token_type not in _LITERAL_TYPES and piece.word(at + 1) != "BYTEINT":
        return False
    end = _after_parentheses(piece, at + 2)
    return piece.word(end) == ")" or (piece.word(end) == "," and piece.word(end + 1) in ("FORMAT", "TITLE", "NAMED"))


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
        end = _after_parentheses(piece, at)
        if word == "NAMED":
            first = piece.tokens[at]
            kept += [
                Token(TokenType.ALIAS, "AS", first.line, first.col, first.start, first.end),
                *piece.tokens[at + 2 : end - 1],
            ]
        at = end
    return kept if len(kept) < len(piece.tokens) else None


def _upsert(piece: Piece, dialect: str | None) -> Sequence[Token] | None:
    return _replace_into(piece, dialect) if piece.word(0) == "UPSERT" else None


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
    if _words_at(piece, at, "%", "(") and _words_at(piece, at + 3, ")", "S"):
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
    return piece.tokens[at].token_type in _LITERAL_TYPES or _words_at(piece, at - 1, "TIME", "ZONE")


_LITERAL_TYPES: Final = frozenset(
    kind
    for name in """DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMPLTZ TIMESTAMPNTZ DATETIME INTERVAL JSON JSONB UUID
    INET DECIMAL BIGDECIMAL INT BIGINT SMALLINT FLOAT DOUBLE BOOLEAN TEXT VARCHAR CHAR BIT XML VARBINARY HSTORE MONEY
    INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE DATERANGE OBJECT_IDENTIFIER""".split()
    if (kind := getattr(TokenType, name, None)) is not None
)


def second_chances(piece: Piece, dialect: str | None) -> Iterator[Piece]:
    """Yields other forms of a statement that the parser could not read, as long as there are any."""
    for repair in _SECOND_CHANCES:
        tokens = repair(piece, dialect)
        if tokens is not None:
            yield Piece(tokens)


_SECOND_CHANCES: Final[tuple[Repair, ...]] = (
    _dropped_words,
    _strict,
    _table_hints,
    _output_last,
    _merge_clauses,
    _remove_duplicates,
    _bulk,
    _priority,
    _clone_as,
    _minus,
    _error_table,
    _into_file,
    _directory_format,
    _clone_version,
    _update_from,
    _column_phrases,
    _upsert,
    _parameters,
    _typed_parameters,
    _skeleton,
    _plain_columns,
)


REPAIRS: Final[tuple[tuple[str, Repair], ...]] = (
    ("CREATE", _no_data),
    ("CREATE", _recursive_view),
    ("CREATE", _policies),
    ("CREATE", _table_properties),
    ("CT", _create_table),
    *((word, _locking) for word in ("LOCKING", "LOCK", "CREATE", "REPLACE")),
    *((word, _casts) for word in ("SELECT", "SEL", "INSERT", "INS", "CREATE", "REPLACE", "WITH", "MERGE", "UPDATE")),
    ("DROP", _adjectives),
    ("ALTER", _alter_view),
    ("ALTER", _adjectives),
    ("REPLACE", _replace_into),
    *((word, _inline_view) for word in ("UPDATE", "DELETE", "INSERT")),
    *((word, _top) for word in ("INSERT", "UPDATE", "DELETE", "MERGE")),
    *((word, _compound_assignments) for word in ("UPDATE", "MERGE")),
    *((word, _output_into) for word in ("INSERT", "UPDATE", "DELETE", "MERGE")),
)
