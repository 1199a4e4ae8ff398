"""Statements that the parser leaves as opaque text, read from their tokens: a row of `COMMANDS` for each first word."""

from __future__ import annotations

from typing import Final

from sqlglot.tokenizer_core import TokenType

from catalog.sql.altering import alter
from catalog.sql.kinds import rename, swap
from catalog.sql.options import created_object
from catalog.sql.reading import QUOTED, Command, Rest, after, find, inner_query, read_name, word_token
from catalog.sql.scopes import Pass, Scope
from catalog.sql.splitting import TEXT_TYPES, Piece
from catalog.sql.targets import Target, put


def _set(piece: Piece, run: Pass) -> Rest | None:
    at = 2 if piece.word(1) in ("SESSION", "LOCAL") else 1
    if piece.word(at) not in ("SEARCH_PATH", "SCHEMA") or not run.traits.search_path:
        return Rest("set", inner_query(piece), reads_only=True)
    listed = [token for token in piece.tokens[at + 1 :] if token.token_type != TokenType.COMMA]
    names = [token for token in listed if token.text.upper() not in ("TO", "=", "PG_CATALOG", "$USER", "DEFAULT")]
    fold = run.rules.table
    quoted = [fold(token.text, token.token_type in QUOTED) for token in names]
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
    at = find(piece, "AS")
    if at < 0:
        at = find(piece, "FROM")
    if at < 0 or piece.word(1) == "TRANSACTION":
        return Rest("other")
    body = after(piece, at + 1)
    if body is not None and body.tokens[0].token_type == TokenType.STRING:
        body = run.cut(body.tokens[0].text)
    if body is not None:
        run.prepared[piece.tokens[1].text.lower()] = body
        run.tables.not_repeatable()
    return Rest("prepare")


def _execute(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) == "IMMEDIATE":
        run.gathered.report("dynamic", "EXECUTE IMMEDIATE runs text that is put together at run time", piece.line)
        return Rest("execute")
    if piece.word(1) == "TASK":
        return _call(piece, run)
    body = run.prepared.get(piece.tokens[1].text.lower()) if len(piece.tokens) > 1 else None
    if body is not None:
        return Rest("execute", body)
    if run.dialect in ("tsql", "fabric"):
        return _execute_text(piece, run)
    if run.dialect in ("oracle", "teradata") or piece.word(1) in ("FUNCTION", "PROCEDURE"):
        return _call(piece, run)
    if run.in_body or any(piece.word(at) == "||" for at in range(len(piece.tokens))):
        run.gathered.report("dynamic", "EXECUTE runs text that is put together at run time", piece.line)
        return Rest("execute")
    name = piece.tokens[1].text if len(piece.tokens) > 1 else ""
    run.gathered.report("unsupported", f"the prepared statement '{name}' is not known in this session", piece.line)
    return Rest("execute")


def _execute_text(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL: EXEC (text) that is put together, or that a variable holds."""
    texts = piece.word(1) == "(" or any(piece.word(at) == "SP_EXECUTESQL" for at in range(1, 6))
    if not texts:
        return None
    run.gathered.report("dynamic", "EXECUTE runs text that is put together at run time", piece.line)
    return Rest("execute")


def _attach(piece: Piece, run: Pass) -> Rest | None:
    """ClickHouse attaches tables; elsewhere databases are attached."""
    return Rest("other") if run.dialect == "clickhouse" else None


def _lock(piece: Piece, run: Pass) -> Rest | None:
    """LOCK TABLE; in Teradata LOCK .. FOR ACCESS stands before a statement."""
    return None if run.dialect == "teradata" else Rest("other")


def _transaction_of_teradata(begins: bool) -> Command:
    def command(piece: Piece, run: Pass) -> Rest | None:
        if len(piece.tokens) > 1:
            return None
        if begins:
            run.tables.begin()
        else:
            run.tables.commit()
        return Rest("begin" if begins else "commit")

    return command


def _deallocate(piece: Piece, run: Pass) -> Rest | None:
    run.prepared.pop(piece.tokens[-1].text.lower(), None)
    return Rest("other")


def _explain(piece: Piece, run: Pass) -> Rest | None:
    return Rest("explain")


def _rename_tables(piece: Piece, run: Pass) -> Rest | None:
    """MySQL and ClickHouse `RENAME TABLE a TO b, c TO d`; Oracle, Teradata and Db2 `RENAME a TO b`."""
    at = 2 if piece.word(1) in ("TABLE", "VIEW", "DATABASE", "OBJECT", "DICTIONARY") else 1
    at += piece.word(at) == "::"
    pairs = []
    while at < len(piece.tokens) and piece.word(at) != "ON":  # ON CLUSTER
        old, at = read_name(piece.tokens, at)
        if piece.word(at) not in ("TO", "AS"):
            return None
        new, at = read_name(piece.tokens, at + 1)
        pairs.append((old, new))
        at += piece.word(at) == ","
    for old, new in pairs if piece.word(1) != "DATABASE" else ():
        table = run.tables.name(old)
        rename(table, (*table[:-1], run.rules.table(*new[0])) if len(new) == 1 else run.tables.new_name(new), run)
    return Rest("rename")


def _exchange(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) != "TABLES":
        return Rest("other")
    first, at = read_name(piece.tokens, 2)
    second, _ = read_name(piece.tokens, at + 1)
    swap(run.tables.name(first), run.tables.name(second), run)
    return Rest("swap")


def _unload(piece: Piece, run: Pass) -> Rest | None:
    """Redshift: the query is a text in parentheses. Athena: it stands there as it is."""
    text = next((token.text for token in piece.tokens if token.token_type in TEXT_TYPES), "")
    if piece.tokens[min(2, len(piece.tokens) - 1)].token_type in TEXT_TYPES:
        return Rest("copy_out", run.cut(text), reads_only=True)
    end = find(piece, "TO")
    return Rest("copy_out", Piece(piece.tokens[1:end]) if end > 1 else None, reads_only=True)


def _insert(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL's INSERT .. EXEC: what the procedure returns is not known. ClickHouse's INSERT of rows behind the text."""
    if run.dialect == "clickhouse":
        found = piece.word(2) != "FUNCTION" and _inserts_file(piece)
    else:
        found = run.dialect in ("tsql", "fabric") and max(find(piece, "EXEC"), find(piece, "EXECUTE")) >= 0
    if not found:
        return None
    parts, _ = read_name(piece.tokens, 1 + (piece.word(1) == "INTO") + (piece.word(2) == "TABLE"))
    definition = run.tables.find(parts)
    put(Target(definition, definition.table), (), {}, Scope(run))
    if run.dialect != "clickhouse":
        run.gathered.report("unsupported", "what the procedure returns is not known", piece.line)
    return Rest("insert")


def _inserts_file(piece: Piece) -> bool:
    """INSERT INTO t [(a, b)] FORMAT x, with the rows behind it, and INSERT .. FROM INFILE."""
    at = max(find(piece, "FORMAT"), find(piece, "INFILE"))
    queries = ("SELECT", "WITH", "VALUES", "TABLE")
    return at > 0 and not any(piece.word(i) in queries for i in range(3, at))


def _bulk(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL: BULK INSERT t FROM a file."""
    parts, _ = read_name(piece.tokens, 2)
    definition = run.tables.find(parts)
    put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("copy_in")


def _create(piece: Piece, run: Pass) -> Rest | None:
    """What is created and holds no rows of its own; a query in it is read."""
    at, word = created_object(piece)
    if word == "VIEW" and piece.word(at + 1) == "LOG":
        return Rest("create_other")
    if word in _HOLDS_ROWS:
        return None
    if "INDEX" in (word, piece.word(at + 1)):
        return Rest("create_other")  # Teradata's join indexes have queries; what they keep is nobody's to read
    if _may_be_table(piece, at, word):
        return None
    if word == "STREAM" and run.dialect in ("snowflake", "", None):
        return _stream(piece, at, run)
    as_ = find(piece, "AS", at)
    body = after(piece, as_ + 1) if as_ > 0 and piece.word(as_ + 1) in ("SELECT", "WITH") else None
    if word == "MODEL" and body is None:
        body = inner_query(piece)
    return Rest("create_other", body, reads_only=True)


def _stream(piece: Piece, at: int, run: Pass) -> Rest | None:
    """Snowflake: CREATE STREAM s ON TABLE t shows the changes of t under its columns."""
    on = find(piece, "ON", at)
    if on < 0 or piece.word(on + 1) not in ("TABLE", "VIEW", "DYNAMIC", "EXTERNAL", "EVENT"):
        return Rest("create_other")
    start = at + (4 if piece.word(at + 1) == "IF" else 1)
    name, _ = read_name(piece.tokens, start)
    source, _ = read_name(piece.tokens, on + 2 + (piece.word(on + 1) in ("DYNAMIC", "EXTERNAL", "EVENT")))
    found = run.tables.find(source)
    run.gathered.read(found.table)
    table = run.tables.new_name(name)
    run.gathered.write(table, found.relation.outputs)
    run.tables.define(table, found.relation, False, name, ())
    return Rest("create_stream")


def _drop(piece: Piece, run: Pass) -> Rest | None:
    _, word = created_object(piece)
    if piece.word(1) != "USER" and (word in ("TABLE", "VIEW") or _may_be_table(piece, 1, word)):
        return None
    return Rest("drop_other")


def _may_be_table(piece: Piece, at: int, word: str) -> bool:
    """Whether a word that is not known could stand before TABLE or VIEW: then the parser has a say."""
    if word in _NO_ROWS:
        return False
    head = [piece.word(i) for i in range(at, at + 8)]
    return "TABLE" in head or "VIEW" in head


_NO_ROWS: Final = frozenset(
    """STAGE PIPE WAREHOUSE ROLE USER DATABASE SCHEMA EXTENSION SERVER PUBLICATION SUBSCRIPTION POLICY INTEGRATION NETWORK
    RESOURCE SHARE SECRET TAG TYPE DOMAIN CAST OPERATOR RULE COLLATION TABLESPACE SYNONYM CATALOG CONNECTION LOGIN
    CREDENTIAL STATISTICS AGGREGATE TRIGGER SEQUENCE INDEX EVENT DATA FILE FUNCTION PROCEDURE PACKAGE MACRO STREAM TASK
    PROPERTY MASKING STATS OWNED ACCESS LANGUAGE PROFILE QUOTA SETTINGS DIRECTORY CONTEXT CLUSTER""".split()
)
"""What is created or dropped, and holds no rows though the word TABLE may follow."""


_HOLDS_ROWS: Final = frozenset(
    """TABLE VIEW SEMANTIC FUNCTION PROCEDURE PROC DICTIONARY CT MT ALGORITHM DEFINER =""".split()
)
"""What the parser, or the reading of routines, has a say about; `=` as in ALGORITHM = MERGE VIEW."""


def _copy(piece: Piece, run: Pass) -> Rest | None:
    """COPY t [(a, b)] FROM a file, whatever options follow; COPY (statement) TO a file."""
    if piece.word(1) == "FROM" and piece.word(2) == "DATABASE":
        return Rest("other")
    if piece.word(1) == "(":
        end = find(piece, "TO", 1)
        return Rest("copy_out", Piece(piece.tokens[2 : end - 1]), reads_only=True) if end > 3 else None
    from_ = find(piece, "FROM")
    if piece.word(1) == "INTO" or from_ < 2 or 0 <= find(piece, "TO") < from_:
        return None
    definition = run.tables.find(read_name(piece.tokens, 1 + (piece.word(1) == "BINARY"))[0])
    put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("copy_in")


def _perform(piece: Piece, run: Pass) -> Rest | None:
    """PL/pgSQL: PERFORM is a SELECT whose answer nobody takes."""
    select = word_token(TokenType.SELECT, "SELECT", piece.tokens[0])
    return Rest("select", Piece([select, *piece.tokens[1:]]), reads_only=True)


def _load(piece: Piece, run: Pass) -> Rest | None:
    at = find(piece, "INTO")
    if at < 0 and piece.word(1) != "DATA":
        return Rest("other")  # DuckDB's extensions, PostgreSQL's libraries
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
    if run.dialect not in _ENDS_TRANSACTION:
        return Rest("other")
    run.tables.commit()
    return Rest("commit")


_ENDS_TRANSACTION: Final = frozenset({"postgres", "redshift", "duckdb", "sqlite", "materialize", "teradata", None})
"""Where END is COMMIT."""


def _abort(piece: Piece, run: Pass) -> Rest | None:
    run.tables.rollback()
    return Rest("rollback")


def _commit(piece: Piece, run: Pass) -> Rest | None:
    if piece.word(1) != "PREPARED":
        run.tables.commit()
    return Rest("commit")


def _savepoint(piece: Piece, run: Pass) -> Rest | None:
    """SAVEPOINT p; T-SQL's SAVE TRANSACTION p."""
    if not run.tables.savepoint(piece.tokens[-1].text.lower()):
        run.gathered.report("limit", "the transaction has more savepoints than are kept", piece.line)
    return Rest("savepoint")


def _rollback(piece: Piece, run: Pass) -> Rest | None:
    """ROLLBACK [TO [SAVEPOINT] p]; T-SQL's ROLLBACK TRANSACTION takes the name of either."""
    name = piece.tokens[-1].text.lower()
    if piece.word(1) == "PREPARED":
        return Rest("other")
    to_savepoint = any(piece.word(at) == "TO" for at in range(1, 4)) or run.tables.has_savepoint(name)
    if to_savepoint:
        run.tables.rollback_to(name)
        return Rest("rollback_to")
    run.tables.rollback()
    return Rest("rollback")


def _statistics(piece: Piece, run: Pass) -> Rest | None:
    """T-SQL's UPDATE STATISTICS changes no row."""
    return Rest("other") if piece.word(0) == "UPDATE STATISTICS" else None


def _reads_inside(kind: str) -> Command:
    """What takes a query's answer into a variable, or checks it: the query reads, and its answer goes to no table."""

    def command(piece: Piece, run: Pass) -> Rest | None:
        return Rest(kind, inner_query(piece), reads_only=True)

    return command


def _declare(piece: Piece, run: Pass) -> Rest | None:
    if find(piece, "TABLE") > 0:
        return None  # a table variable of T-SQL
    return Rest("declare", inner_query(piece), reads_only=True)


def _export(piece: Piece, run: Pass) -> Rest | None:
    """Hive: EXPORT TABLE t TO a folder; BigQuery's EXPORT DATA is the parser's."""
    if piece.word(1) == "DATA":
        return None
    if piece.word(1) == "TABLE":
        run.gathered.read(run.tables.find(read_name(piece.tokens, 2)[0]).table)
    return Rest("copy_out")


def _import(piece: Piece, run: Pass) -> Rest | None:
    """Hive: IMPORT [EXTERNAL] TABLE t FROM a folder."""
    at = 1 + (piece.word(1) == "EXTERNAL")
    if piece.word(at) != "TABLE":
        return Rest("other")
    definition = run.tables.find(read_name(piece.tokens, at + 1)[0])
    put(Target(definition, definition.table), (), {}, Scope(run))
    return Rest("copy_in")


def _apply(piece: Piece, run: Pass) -> Rest | None:
    """Databricks: APPLY CHANGES INTO t FROM s, columns by name."""
    into, from_ = find(piece, "INTO"), find(piece, "FROM")
    if piece.word(1) != "CHANGES" or into < 0 or from_ < 0:
        return None
    at = from_ + (3 if piece.word(from_ + 2) == "(" else 2 if piece.word(from_ + 1) == "STREAM" else 1)
    source = run.tables.find(read_name(piece.tokens, at)[0])
    run.gathered.read(source.table)
    target = run.tables.find(read_name(piece.tokens, into + 1)[0])
    put(Target(target, target.table), source.relation.outputs, {}, Scope(run))
    if source.relation.is_open:
        run.gathered.reads[source.table] = None
        run.gathered.report("star", "the columns of the source are not known: they cannot be listed", piece.line)
    return Rest("merge")


COMMANDS: Final[dict[str, Command]] = {
    "SET": _set,
    "RESET": _ignored,
    "REFRESH": _refresh,
    "CALL": _call,
    "PREPARE": _prepare,
    "EXECUTE": _execute,
    "EXEC": _execute,
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
    "SAVE": _savepoint,
    "COMMIT": _commit,
    "ROLLBACK": _rollback,
    "DROP": _drop,
    "UPDATE": _statistics,
    "ASSERT": _reads_inside("other"),
    "DECLARE": _declare,
    "RETURN": _reads_inside("return"),
    "LET": _reads_inside("set"),
    "EXPORT": _export,
    "IMPORT": _import,
    "APPLY": _apply,
    "COPY": _copy,
    "PERFORM": _perform,
    "LOCK": _lock,
    "ATTACH": _attach,
    "DETACH": _attach,
    "BT": _transaction_of_teradata(begins=True),
    "ET": _transaction_of_teradata(begins=False),
    "UNLOAD": _unload,
    "LOAD": _load,
    "BULK": _bulk,
    "CREATE": _create,
    "INSERT": _insert,
    "ALTER": alter,
    **dict.fromkeys(
        (
            "VACUUM", "ANALYZE", "ANALYSE", "LISTEN", "NOTIFY", "UNLISTEN", "CHECKPOINT", "CLUSTER", "REINDEX",
            "SHOW", "GRANT", "REVOKE", "COMMENT", "CLOSE", "FETCH", "MOVE", "LIST", "PUT", "GET", "REMOVE", "LS", "RM",
            "OPTIMIZE", "UNLOCK", "FLUSH", "KILL", "INSTALL", "UNSET", "DESC", "DESCRIBE", "MSCK", "ADD", "RELOAD",
            "PRAGMA", "HELP", "COLLECT", "DIAGNOSTIC", "PRINT", "GO", "RELEASE", "AUDIT", "NOAUDIT", "ASSOCIATE",
            "DISASSOCIATE", "ADMINISTER", "DBCC", "BACKUP", "DENY", "WAITFOR", "SHUTDOWN", "RECONFIGURE",
            "HANDLER", "CHANGE", "XA", "SIGNAL", "RESIGNAL", "STOP", "REPAIR", "CHECK", "CHECKSUM", "REASSIGN", "SECURITY",
            "UNDROP", "CONVERT", "FSCK", "SYNC", "RESTORE", "GENERATE", "EXISTS", "BREAK", "CONTINUE", "LEAVE", "ITERATE",
            "RAISE", "DO", "PURGE", "BINLOG", "RESUME", "SUSPEND", "SYSTEM", "WHENEVER", "REPLICATE",
        ),
        _ignored,
    ),
}  # fmt: skip
"""By the statement's first word."""
