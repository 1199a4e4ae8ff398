"""Statements that the parser leaves as opaque text, read from their tokens: a row of `COMMANDS` for each first word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.kinds import rename, swap
from catalog.sql.scopes import Pass, Scope
from catalog.sql.splitting import Piece
from catalog.sql.targets import Target, put


@dataclass(frozen=True, slots=True)
class Rest:
    """What a command leaves to be read as a statement of its own."""

    kind: str
    piece: Piece | None = None
    keep_effects: bool = True


Command = Callable[[Piece, Pass], Rest | None]
"""Returns None if the tokens are none of its forms: then the parser has its turn."""

_QUOTED: Final = (TokenType.IDENTIFIER, TokenType.STRING)


def read_name(tokens: Sequence[Token], position: int) -> tuple[list[tuple[str, bool]], int]:
    """Reads a dotted name; returns its parts and the position after it."""
    parts: list[tuple[str, bool]] = []
    while position < len(tokens):
        parts.append((tokens[position].text, tokens[position].token_type == TokenType.IDENTIFIER))
        if position + 1 < len(tokens) and tokens[position + 1].token_type == TokenType.DOT:
            position += 2
            continue
        return parts, position + 1
    return parts, position


def _find(piece: Piece, word: str, start: int = 0) -> int:
    """Returns the position of a word outside parentheses, -1 if there is none."""
    depth = 0
    for position in range(start, len(piece.tokens)):
        kind = piece.tokens[position].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth == 0 and piece.word(position) == word:
            return position
    return -1


def _after(piece: Piece, position: int) -> Piece | None:
    return Piece(piece.tokens[position:]) if position < len(piece.tokens) else None


def _set(piece: Piece, run: Pass) -> Rest | None:
    at = 2 if piece.word(1) in ("SESSION", "LOCAL") else 1
    if piece.word(at) not in ("SEARCH_PATH", "SCHEMA") or not run.traits.search_path:
        return Rest("set")
    listed = [token for token in piece.tokens[at + 1 :] if token.token_type != TokenType.COMMA]
    names = [token for token in listed if token.text.upper() not in ("TO", "=", "PG_CATALOG", "$USER", "DEFAULT")]
    fold = run.rules.table
    quoted = [fold(token.text, token.token_type in _QUOTED) for token in names]
    if quoted:
        run.tables.search_path = tuple(part for name in quoted for part in _split_path(name))
    return Rest("set")


def _split_path(text: str) -> list[str]:
    # SET search_path = 'a, b' names both in one string.
    return [part for part in (piece.strip().strip('"') for piece in text.split(",")) if part and part != "$user"]


def _refresh(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) != "MATERIALIZED" or piece.word(2) != "VIEW":
        return Rest("other")
    at = 4 if piece.word(3) == "CONCURRENTLY" else 3
    parts, _ = read_name(piece.tokens, at)
    if parts:
        definition = run.tables.find(parts)
        put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("refresh")


def _call(piece: Piece, run: Pass) -> Rest | None:
    parts, _ = read_name(piece.tokens, 1)
    name = ".".join(text for text, _ in parts)
    run.gathered.report("unsupported", f"what the procedure '{name}' does is not known", piece.line)
    return Rest("call")


def _prepare(piece: Piece, run: Pass) -> Rest | None:
    at = _find(piece, "AS")
    if at < 0:
        at = _find(piece, "FROM")
    if at < 0 or piece.word(1) == "TRANSACTION":
        return Rest("other")
    body = _after(piece, at + 1)
    if body is not None and body.tokens[0].token_type != TokenType.STRING:
        run.prepared[piece.tokens[1].text.lower()] = body
        run.tables.not_repeatable()
    return Rest("prepare")


def _execute(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) == "IMMEDIATE":
        run.gathered.report("dynamic", "EXECUTE IMMEDIATE runs text that is put together at run time", piece.line)
        return Rest("execute")
    body = run.prepared.get(piece.tokens[1].text.lower()) if len(piece.tokens) > 1 else None
    if body is not None:
        return Rest("execute", body)
    if run.dialect in ("tsql", "fabric"):
        return None
    if run.in_body or any(piece.word(at) == "||" for at in range(len(piece.tokens))):
        run.gathered.report("dynamic", "EXECUTE runs text that is put together at run time", piece.line)
        return Rest("execute")
    name = piece.tokens[1].text if len(piece.tokens) > 1 else ""
    run.gathered.report("unsupported", f"the prepared statement '{name}' is not known in this session", piece.line)
    return Rest("execute")


def _deallocate(piece: Piece, run: Pass) -> Rest | None:
    run.prepared.pop(piece.tokens[-1].text.lower(), None)
    return Rest("other")


def _explain(piece: Piece, run: Pass) -> Rest | None:
    return Rest("explain")


def _rename_tables(piece: Piece, run: Pass) -> Rest | None:
    """MySQL and ClickHouse `RENAME TABLE a TO b, c TO d`; Oracle, Teradata and Db2 `RENAME a TO b`."""
    at = 2 if piece.word(1) in ("TABLE", "VIEW", "DATABASE") else 1
    while at < len(piece.tokens):
        old, at = read_name(piece.tokens, at)
        if piece.word(at) not in ("TO", "AS"):
            return None
        new, at = read_name(piece.tokens, at + 1)
        table = run.tables.name(old)
        rename(table, (*table[:-1], run.rules.table(*new[0])) if len(new) == 1 else run.tables.new_name(new), run)
        at += 1
    return Rest("rename")


def _exchange(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) != "TABLES":
        return Rest("other")
    first, at = read_name(piece.tokens, 2)
    second, _ = read_name(piece.tokens, at + 1)
    swap(run.tables.name(first), run.tables.name(second), run)
    return Rest("swap")


def _alter(piece: Piece, run: Pass) -> Rest | None:
    """ALTER of what is no table; Oracle's ALTER SESSION may change the schema of bare names."""
    if piece.word(1) in _ALTERED_TABLES:
        return _alter_table(piece, run)
    if piece.word(1) == "SESSION" and piece.word(3) == "CURRENT_SCHEMA":
        run.tables.search_path = (run.rules.table(piece.tokens[-1].text, piece.tokens[-1].token_type in _QUOTED),)
    return Rest("other")


def _alter_table(piece: Piece, run: Pass) -> Rest | None:
    """The forms of ALTER TABLE that the parser leaves: moving to another schema, moving partitions between tables."""
    at = 4 if piece.word(2) == "IF" else 2
    parts, at = read_name(piece.tokens, at + (piece.word(at) == "ONLY"))
    if piece.word(at) == "SET" and piece.word(at + 1) == "SCHEMA" and at + 2 < len(piece.tokens):
        table = run.tables.name(parts)
        schema = run.rules.table(piece.tokens[at + 2].text, piece.tokens[at + 2].token_type in _QUOTED)
        rename(table, (*table[:-2], schema, table[-1]), run)
        return Rest("rename")
    other = _partner(piece, at)
    if other is None:
        return None
    owner, partner = run.tables.name(parts), run.tables.name(other)
    taken, given = (partner, owner) if piece.word(at) in ("MOVE", "SWITCH") else (owner, partner)
    run.gathered.read(given)
    run.gathered.writes[taken] = None
    if piece.word(at) == "EXCHANGE" and run.dialect not in ("hive", "spark", "spark2", "databricks"):
        run.gathered.writes[given] = None
        run.gathered.read(taken)
    return Rest("alter")


def _partner(piece: Piece, at: int) -> list[tuple[str, bool]] | None:
    """Returns the other table of a command that moves a partition."""
    if piece.word(at) == "ATTACH" and piece.word(at + 1) == "PARTITION" and len(piece.tokens) > at + 2:
        start = at + 2
    else:
        before = {"MOVE": "TABLE", "EXCHANGE": "TABLE", "REPLACE": "FROM", "SWITCH": "TO", "APPEND": "FROM"}.get(
            piece.word(at), ""
        )
        start = _find(piece, before, at) + 1 if before else 0
    if (
        start == 0
        or start >= len(piece.tokens)
        or piece.tokens[start].token_type in (TokenType.STRING, TokenType.NUMBER)
    ):
        return None
    return read_name(piece.tokens, start)[0]


_ALTERED_TABLES: Final = frozenset({"TABLE", "VIEW", "MATERIALIZED", "FOREIGN", "EXTERNAL", "ICEBERG", "DYNAMIC", "IF"})


def _unload(piece: Piece, run: Pass) -> Rest | None:
    """Redshift: the query is a text in parentheses."""
    text = next((token.text for token in piece.tokens if token.token_type == TokenType.STRING), "")
    return Rest("copy_out", run.cut(text))


def _insert(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL's INSERT .. EXEC: what the procedure returns is not known."""
    if run.dialect not in ("tsql", "fabric") or (_find(piece, "EXEC") < 0 and _find(piece, "EXECUTE") < 0):
        return None
    parts, _ = read_name(piece.tokens, 1 + (piece.word(1) == "INTO"))
    definition = run.tables.find(parts)
    put(Target(definition, definition.table), (), {}, Scope(run))
    run.gathered.report("unsupported", "what the procedure returns is not known", piece.line)
    return Rest("insert")


def _bulk(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL: BULK INSERT t FROM a file."""
    parts, _ = read_name(piece.tokens, 2)
    definition = run.tables.find(parts)
    put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("copy_in")


def _create(piece: Piece, run: Pass) -> Rest | None:
    """What is created and holds no rows of its own."""
    words = [piece.word(at) for at in range(1, 5)]
    return Rest("create_other") if any(word in _NO_TABLES for word in words[:4]) and not _has_table(words) else None


def _has_table(words: Sequence[str]) -> bool:
    return any(word in ("TABLE", "VIEW") for word in words)


_NO_TABLES: Final = frozenset(
    """STREAM STAGE PIPE WAREHOUSE ROLE USER DATABASE SCHEMA EXTENSION SERVER PUBLICATION SUBSCRIPTION POLICY INTEGRATION
    NETWORK RESOURCE SHARE SECRET TAG TYPE DOMAIN CAST OPERATOR RULE COLLATION TABLESPACE SYNONYM CATALOG CONNECTION
    DICTIONARY LOGIN CREDENTIAL STATISTICS MACRO""".split()
)


def _load(piece: Piece, run: Pass) -> Rest | None:
    at = _find(piece, "INTO")
    if piece.word(at + 1) != "TABLE":
        return None
    parts, _ = read_name(piece.tokens, at + 2)
    definition = run.tables.find(parts)
    put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("copy_in")


def _ignored(piece: Piece, run: Pass) -> Rest | None:
    return Rest("other")


def _discard(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) in ("ALL", "TEMP", "TEMPORARY"):
        run.tables.forget_temporary()
    return Rest("other")


def _begin(piece: Piece, run: Pass) -> Rest | None:
    """`START TRANSACTION` and `BEGIN` alone; a BEGIN with a body is the parser's."""
    if (
        piece.word(0) == "BEGIN"
        and len(piece.tokens) > 1
        and piece.word(1) not in ("WORK", "TRANSACTION", "TRAN", "ISOLATION")
    ):
        return None
    run.tables.begin()
    return Rest("begin")


def _end(piece: Piece, run: Pass) -> Rest | None:
    if len(piece.tokens) > 2 or not run.traits.transactional_ddl:
        return None
    run.tables.commit()
    return Rest("commit")


def _abort(piece: Piece, run: Pass) -> Rest | None:
    run.tables.rollback()
    return Rest("rollback")


def _savepoint(piece: Piece, run: Pass) -> Rest | None:
    return Rest("savepoint")


COMMANDS: Final[dict[str, Command]] = {
    "SET": _set,
    "RESET": _ignored,
    "REFRESH": _refresh,
    "CALL": _call,
    "PREPARE": _prepare,
    "EXECUTE": _execute,
    "DEALLOCATE": _deallocate,
    "EXPLAIN": _explain,
    "RENAME": _rename_tables,
    "EXCHANGE": _exchange,
    "DISCARD": _discard,
    "BEGIN": _begin,
    "START": _begin,
    "END": _end,
    "ABORT": _abort,
    "SAVEPOINT": _savepoint,
    "UNLOAD": _unload,
    "LOAD": _load,
    "BULK": _bulk,
    "CREATE": _create,
    "INSERT": _insert,
    "ALTER": _alter,
    "RELEASE": _savepoint,
    **dict.fromkeys(
        (
            "VACUUM", "ANALYZE", "ANALYSE", "LISTEN", "NOTIFY", "UNLISTEN", "LOCK", "CHECKPOINT", "CLUSTER", "REINDEX",
            "SHOW", "GRANT", "REVOKE", "COMMENT", "CLOSE", "FETCH", "MOVE", "LIST", "PUT", "GET", "REMOVE", "LS", "RM",
            "OPTIMIZE", "UNLOCK", "FLUSH", "KILL", "INSTALL", "UNSET", "DESC", "DESCRIBE", "MSCK", "ADD", "RELOAD",
            "PRAGMA", "HELP", "COLLECT", "DIAGNOSTIC", "PRINT", "GO",
        ),
        _ignored,
    ),
}  # fmt: skip
"""By the statement's first word."""
