"""ALTER, as far as the parser leaves it: what moves rows or names, and what lineage need not know."""

from __future__ import annotations

from typing import Final

from sqlglot.tokenizer_core import TokenType

from catalog.sql.kinds import rename
from catalog.sql.options import created_object
from catalog.sql.reading import QUOTED, Rest, find, read_name, word_token
from catalog.sql.results import Table
from catalog.sql.scopes import Pass
from catalog.sql.splitting import Piece


def alter(piece: Piece, run: Pass) -> Rest | None:
    """ALTER TABLE and VIEW; of what is no table only that which changes where tables are."""
    at, word = created_object(piece)
    if word in ("TABLE", "VIEW"):
        return _alter_table(piece, at, run)
    if "VIEW" in (piece.word(at + 1), piece.word(at + 2)) and word != "ROW":
        return None
    if word == "SESSION" and piece.word(3) == "CURRENT_SCHEMA":
        # Oracle: the schema of bare names.
        run.tables.search_path = (run.rules.table(piece.tokens[-1].text, piece.tokens[-1].token_type in QUOTED),)
    if word == "SCHEMA" and piece.word(at + 2) == "TRANSFER":
        return _transfer(piece, at, run)
    return Rest("other")


def _transfer(piece: Piece, at: int, run: Pass) -> Rest | None:
    """T-SQL: ALTER SCHEMA s TRANSFER [OBJECT ::] r.t."""
    schema, _ = read_name(piece.tokens, at + 1)
    table = run.tables.name(read_name(piece.tokens, at + (5 if piece.word(at + 4) == "::" else 3))[0])
    rename(table, (*table[:-2], run.rules.table(*schema[-1]), table[-1]), run)
    return Rest("rename")


def _alter_table(piece: Piece, at: int, run: Pass) -> Rest | None:
    at += 3 if piece.word(at + 1) == "IF" else 1
    at += piece.word(at) == "ONLY"
    if piece.word(at) == "ALL" and piece.word(at + 1) == "IN":
        return Rest("other")  # Oracle and PostgreSQL: all tables of a tablespace
    parts, at = read_name(piece.tokens, at)
    if piece.word(at) == "ON" and piece.word(at + 1) == "CLUSTER":
        at += 3
    table = run.tables.name(parts)
    for words, form in _FORMS:
        if piece.word(at) == words[0] and (len(words) == 1 or piece.word(at + 1) == words[1]):
            found = form(piece, at, table, run)
            if found is not None:
                return found
    if run.dialect == "teradata" and _change_columns(piece, at, table, run):
        return Rest("alter")
    if _changes_no_rows(piece, at):
        run.gathered.writes[table] = None
        run.gathered.temporary |= run.tables.find(parts).temporary
        return Rest("alter")
    return None


# ---------------------------------------------------------------- forms


def _set_schema(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    if at + 2 >= len(piece.tokens):
        return None
    schema = run.rules.table(piece.tokens[at + 2].text, piece.tokens[at + 2].token_type in QUOTED)
    rename(table, (*table[:-2], schema, table[-1]), run)
    return Rest("rename")


def _rename(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """RENAME [TO | AS] t; RENAME [COLUMN] a TO b."""
    start = at + 1 + (piece.word(at + 1) in ("TO", "AS", "=", "COLUMN"))
    new, end = read_name(piece.tokens, start)
    if end == len(piece.tokens) and piece.word(at + 1) != "COLUMN":
        rename(table, (*table[:-1], run.rules.table(*new[0])) if len(new) == 1 else run.tables.new_name(new), run)
        return Rest("rename")
    if piece.word(at + 1) == "PARTITION" or (
        piece.word(at + 1) in ("CONSTRAINT", "INDEX", "KEY") and piece.word(at + 3) in ("TO", "AS")
    ):
        run.gathered.writes[table] = None
        return Rest("alter")
    if piece.word(end) not in ("TO", "AS") or end + 2 > len(piece.tokens) or len(new) > 1:
        return None
    following = end + 3
    # BigQuery: RENAME COLUMN a TO b, RENAME COLUMN c TO d
    goes_on = following < len(piece.tokens)
    if goes_on and (piece.word(end + 2) != "," or _rename(piece, following, table, run) is None):
        return None
    return _rename_column(piece, start, end + 1, table, run)


def _change(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """MySQL and Hive: CHANGE [COLUMN] a b type."""
    start = at + 1 + (piece.word(at + 1) == "COLUMN")
    if start + 2 >= len(piece.tokens) or find(piece, ",", start) >= 0:
        return None
    return _rename_column(piece, start, start + 1, table, run)


def _rename_column(piece: Piece, old: int, new: int, table: Table, run: Pass) -> Rest:
    names = [
        run.rules.column(piece.tokens[i].text, piece.tokens[i].token_type == TokenType.IDENTIFIER) for i in (old, new)
    ]
    run.gathered.writes[table] = None
    run.tables.change_columns(table, [], [], {run.rules.key(names[0]): names[1]})
    return Rest("alter")


def _add(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """SQLite: ADD [COLUMN] a without a type."""
    start = at + 1 + (piece.word(at + 1) == "COLUMN")
    if start + 1 != len(piece.tokens) or piece.word(start) == "COLUMN":
        return None
    name = run.rules.column(*read_name(piece.tokens, start)[0][0])
    run.gathered.writes[table] = None
    run.tables.change_columns(table, [name], [], {})
    return Rest("alter")


def _update(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """ClickHouse: ALTER TABLE t UPDATE a = b WHERE .. is an UPDATE."""
    name = piece.tokens[2 : at if piece.word(at - 3) != "ON" else at - 3]
    first, word = piece.tokens[0], piece.tokens[at]
    start = [word_token(TokenType.UPDATE, "UPDATE", first), *name, word_token(TokenType.SET, "SET", word)]
    return Rest("update", Piece([*start, *piece.tokens[at + 1 :]]))


def _delete(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """ClickHouse: ALTER TABLE t DELETE WHERE .. is a DELETE."""
    name = piece.tokens[2 : at if piece.word(at - 3) != "ON" else at - 3]
    first, word = piece.tokens[0], piece.tokens[at]
    start = [word_token(TokenType.DELETE, "DELETE", first), word_token(TokenType.FROM, "FROM", word)]
    return Rest("delete", Piece([*start, *name, *piece.tokens[at + 1 :]]))


def _change_columns(piece: Piece, at: int, table: Table, run: Pass) -> bool:
    """Teradata: ADD a type, DROP b, RENAME c TO d, without the word COLUMN; returns False if there is more."""
    added, dropped, renamed = list[str](), list[str](), dict[str, str]()
    while at < len(piece.tokens):
        end = find(piece, ",", at)
        end = len(piece.tokens) if end < 0 else end
        action, name = piece.word(at), run.rules.column(*read_name(piece.tokens, at + 1)[0][-1]) if end > at + 1 else ""
        if action not in ("ADD", "DROP", "RENAME") or piece.word(at + 1) in _HARMLESS_OBJECTS["ADD"]:
            return False
        if action == "ADD":
            added.append(name)
        elif action == "DROP":
            dropped.append(name)
        elif end == at + 4:
            renamed[run.rules.key(name)] = run.rules.column(piece.tokens[at + 3].text, False)
        at = end + 1
    run.gathered.writes[table] = None
    run.tables.change_columns(table, added, dropped, renamed)
    return True


def _move_rows(piece: Piece, at: int, table: Table, run: Pass) -> Rest | None:
    """Partitions that go from one table to another."""
    other = _partner(piece, at)
    if other is None:
        return None
    partner = run.tables.name(other)
    taken, given = (partner, table) if piece.word(at) in ("MOVE", "SWITCH") else (table, partner)
    run.gathered.read(given)
    run.gathered.writes[taken] = None
    if piece.word(at) == "EXCHANGE" and run.dialect not in ("hive", "spark", "spark2", "databricks"):
        run.gathered.writes[given] = None
        run.gathered.read(taken)
    return Rest("alter")


def _partner(piece: Piece, at: int) -> list[tuple[str, bool]] | None:
    """Returns the other table of a command that moves a partition."""
    if piece.word(at) == "ATTACH" and find(piece, "FROM", at) < 0:
        start = at + 2 if piece.word(at + 1) == "PARTITION" and len(piece.tokens) > at + 2 else 0
    else:
        before = _PARTNERS[piece.word(at)]
        start = find(piece, before, at) + 1
    if start == 0 or start >= len(piece.tokens) or piece.tokens[start].token_type in _NO_NAMES:
        return None
    return read_name(piece.tokens, start)[0]


_PARTNERS: Final = {
    "MOVE": "TABLE", "EXCHANGE": "TABLE", "REPLACE": "FROM", "SWITCH": "TO", "APPEND": "FROM", "ATTACH": "FROM",
}  # fmt: skip
_NO_NAMES: Final = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.L_PAREN})

_FORMS: Final = (
    (("SET", "SCHEMA"), _set_schema),
    (("RENAME",), _rename),
    (("CHANGE",), _change),
    (("ADD",), _add),
    (("UPDATE",), _update),
    (("DELETE", "WHERE"), _delete),
    *(((word,), _move_rows) for word in _PARTNERS),
)
"""By the first words behind the table's name."""


# ---------------------------------------------------------------- what lineage need not know


def _changes_no_rows(piece: Piece, at: int) -> bool:
    """Whether the one action is known to move neither rows nor names."""
    first, second = piece.word(at), piece.word(at + 1)
    if first == "" or (find(piece, ",", at) >= 0 and first not in ("SET", "OPTIONS", "UNSET")):
        return False
    return first in _HARMLESS or second in _HARMLESS_OBJECTS.get(first, ())


_HARMLESS: Final = frozenset(
    """OWNER RESET UNSET CLUSTER RECLUSTER ENABLE DISABLE FORCE NO VALIDATE MOVE COMPRESS MODIFY CONVERT TRUNCATE SPLIT
    MERGE COALESCE REBUILD CHECK NOCHECK REFRESH SUSPEND RESUME COMPILE INHERIT NOINHERIT OF NOT DETACH REPLICA OPTIONS
    TOUCH ARCHIVE UNARCHIVE CONCATENATE COMPACT RECOVER FREEZE UNFREEZE FETCH MATERIALIZE CLEAR COMMENT APPLY PARTITION
    PARTITIONS REMOVE SHRINK LOGGING NOLOGGING CACHE NOCACHE PARALLEL NOPARALLEL READ ENGINE ORDER SAMPLE TTL SET
    UPGRADE IMPORT DISCARD REPAIR OPTIMIZE ANALYZE REORGANIZE ALLOCATE DEALLOCATE MINIMIZE FLASHBACK PERSISTENT
    LOCK ALGORITHM AUTO_INCREMENT CHARSET CHARACTER DEFAULT COLLATE SKEWED CLUSTERED INTO INITRANS PCTFREE STORAGE
    EXECUTE SWAP_PARTITION ALTER UNCLUSTER INCLUDE EVOLVE""".split()
)
_HARMLESS_OBJECTS: Final = {
    "ADD": frozenset(
        """CONSTRAINT PRIMARY FOREIGN UNIQUE CHECK INDEX KEY FULLTEXT SPATIAL PARTITION SUBPARTITION SUPPLEMENTAL ROW
        SEARCH CLUSTERING PROJECTION STATISTICS PERIOD TAG AGGREGATION RANGE HASH VALUE FILES""".split()
    ),
    "DROP": frozenset(
        """CONSTRAINT PRIMARY FOREIGN UNIQUE CHECK INDEX KEY PARTITION SUBPARTITION SUPPLEMENTAL ROW SEARCH CLUSTERING
        PROJECTION STATISTICS PERIOD DETACHED STORAGE AGGREGATION RANGE FEATURE ALL EXPRESSION IDENTITY FILES""".split()
    ),
}
