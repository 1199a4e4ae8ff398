"""Options of what is created: clauses that say where and how rows are kept, and nothing about what is in them.

Every platform has its own, and no parser knows all. A run of tokens is taken for options only if each of them is known
to be one, a value of one, or `name = value`: what is not understood is never dropped.
"""

from __future__ import annotations

from typing import Final

from sqlglot.tokenizer_core import TokenType

from catalog.sql.splitting import Piece

MODIFIERS: Final = frozenset(
    """OR REPLACE ALTER TEMP TEMPORARY GLOBAL LOCAL PRIVATE VOLATILE MULTISET SET TRANSIENT HYBRID ICEBERG EVENT DYNAMIC
    EXTERNAL FOREIGN UNLOGGED SECURE RECURSIVE MATERIALIZED LIVE STREAMING REFRESH FORCE NOFORCE EDITIONABLE
    NONEDITIONABLE EDITIONING IMMUTABLE BLOCKCHAIN SHARDED DUPLICATED COLUMN ROW SNAPSHOT ERROR INTERACTIVE SQL SECURITY
    INVOKER DEFINER ALGORITHM WINDOW SCOPED NO MINVALUE MAXVALUE DELTA INCREMENTAL""".split()
)
"""Words between CREATE and TABLE or VIEW."""

OPTIONS: Final = frozenset(
    """WITH WITHOUT USING TABLESPACE PARTITION PARTITIONED PARTITIONS SUBPARTITION SUBPARTITIONS TEMPLATE CLUSTER
    CLUSTERED SORTED SKEWED DISTRIBUTED DISTRIBUTE DISTRIBUTION RANDOMLY RANDOM REPLICATED HASH RANGE LIST BY INTO
    BUCKETS STORED ROW FORMAT SERDE SERDEPROPERTIES DELIMITED FIELDS TERMINATED ESCAPED COLLECTION ITEMS MAP KEYS LINES
    NULL DEFINED LOCATION TBLPROPERTIES PROPERTIES OPTIONS OPTION COMMENT ENGINE CHARSET CHARACTER SET COLLATE COLLATION
    DEFAULT AUTO_INCREMENT ROW_FORMAT INHERITS SERVER ON COMMIT PRESERVE DELETE DROP ROWS DISTKEY SORTKEY DISTSTYLE
    COMPOUND INTERLEAVED ENCODE BACKUP YES NO AUTO ALL EVEN KEY PRIMARY INDEX UNIQUE FALLBACK JOURNAL LOG CHECKSUM
    FREESPACE DATABLOCKSIZE MERGEBLOCKRATIO BEFORE AFTER DUAL NOT LOCAL DATA STATISTICS COPY GRANTS TAGS STORAGE PCTFREE
    PCTUSED PCTTHRESHOLD INITRANS MAXTRANS LOGGING NOLOGGING PARALLEL NOPARALLEL COMPRESS NOCOMPRESS FOR OLTP QUERY HIGH
    LOW ORGANIZATION HEAP EXTERNAL SEGMENT CREATION IMMEDIATE DEFERRED CACHE NOCACHE MONITORING NOMONITORING ENABLE
    DISABLE MOVEMENT BUILD REFRESH FAST COMPLETE FORCE DEMAND REWRITE NEVER START NEXT READ ONLY ORDER SAMPLE TTL
    SETTINGS POPULATE EMPTY EVERY SECOND MINUTE HOUR DAY WEEK MONTH SQL SECURITY INVOKER DEFINER TEXTIMAGE_ON
    FILESTREAM_ON IN SCHEMA BINDING CHECK CASCADED ORDERED UNSEGMENTED SEGMENTED NODES KSAFE RETENTION VERSIONING SYSTEM
    AUTO_REFRESH SCHEDULE CRON AT TIME ZONE TRIGGER UPDATE INCLUDE EXCLUDE PRIVILEGES CONNECTION REJECT LIMIT UNLIMITED
    ACCESS PARAMETERS TYPE DIRECTORY DUPLICATE AGGREGATE ROLLUP BROKER LESS THAN VALUES TARGET_LAG WAREHOUSE
    LOB STORE SECUREFILE BASICFILE AND STATS BLOCKCOMPRESSION GRACE PERIOD INTERVAL OF STRICT ROWID
    UNIQUE EACH INTERVAL RANGE_N CASE_N""".split()
)
"""Words of clauses behind a name or a column list."""

_BETWEEN: Final = frozenset({"=", ",", ".", "@", "+", "-", "*", "/", "=>"})
_LITERALS: Final = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.NATIONAL_STRING})


def is_options(piece: Piece, start: int, end: int, words: frozenset[str] = OPTIONS) -> bool:
    """Whether the tokens from `start` to `end` are options and their values, and nothing else."""
    depth = 0
    may_be_value = False
    for at in range(start, end):
        word = piece.word(at)
        if word in ("(", ")"):
            depth += 1 if word == "(" else -1
            may_be_value = False
            continue
        if depth:
            continue
        known = words.issuperset(word.split()) or word in _BETWEEN or piece.word(at + 1) == "=" or _is_format(piece, at)
        if not known and not may_be_value and piece.tokens[at].token_type not in _LITERALS:
            return False
        may_be_value = known
    return True


def _is_format(piece: Piece, at: int) -> bool:
    """The AS of STORED AS, and of Oracle's STORE AS."""
    return piece.word(at) == "AS" and piece.word(at - 1) in ("STORED", "STORE", "OPTIMIZE")


def created_object(piece: Piece) -> tuple[int, str]:
    """Returns where the word for what is created, altered or dropped stands, and that word."""
    at = 1
    while True:
        if piece.word(at) in ("ALGORITHM", "DEFINER") and piece.word(at + 1) == "=":  # MySQL
            at += 5 if piece.word(at + 3) == "@" else 3
        elif piece.word(at) == "SQL" and piece.word(at + 1) == "SECURITY":
            at += 3
        elif piece.word(at) in _ADJECTIVES and piece.word(at + 1) not in ("", "(", ".", "AS"):
            at += 1
        else:
            break
    if piece.word(at) == "DATA" and piece.word(at + 1) == "SOURCE":
        return at, "DATA"
    if piece.word(at) == "TABLE" and piece.word(at + 1) == "FUNCTION":
        return at + 1, "FUNCTION"
    return at, piece.word(at).partition(" ")[0]


_ADJECTIVES: Final = MODIFIERS - {"SQL"} | {"LOGGED", "PUBLIC"}
