"""Column lineage from SQL text: what each statement reads, writes, and which column comes from which.

Two doors. `analyze` answers for one text. A `Session` keeps what a connection keeps between texts: temporary tables,
`search_path` and `USE`, prepared statements, tables created, renamed and dropped earlier.

    from catalog.sql import Session, analyze

    known = {"DB.S.T": {"A": "NUMBER"}}
    result = analyze(text, dialect="snowflake", columns=known, default_database="DB", default_schema="S")
    for statement in result.statements:     # in the order of the text
        statement.kind                      # "insert", "create_table_as", "create_view", "merge", "select", ...
        statement.reads, statement.writes   # tuples of Table, which is a tuple of name parts: ("DB", "S", "T")
        statement.read_columns              # {table: (column, ...)}: the columns it names; None: cannot be known
        statement.flows                     # Flow(target, source, kind, masking, exactness, reason, by_star)
        statement.influences                # Influence(target, source, kind): which rows, in which order
        statement.columns                   # of a table it makes: ((name, type or None), ...), or None if unknown
        statement.problems                  # Problem(code, message, line)
    result.flows, result.influences, result.reads, result.writes    # the script end to end

    session = Session(dialect="postgres", columns=known, default_database="bank", search_path=("core", "public"))
    session.analyze(text)                   # one Result per call; state is kept

`target` and `source` of a flow are `ColumnName(table, column)`, a named pair. A SELECT that is stored nowhere has the
target table `()`. Names come in the platform's folded form (PostgreSQL lower, Snowflake upper, ...), quoted names as
written. `Flow.expression` and `.redacted_expression` write the SQL of the target column out when they are asked for.

`columns` maps a table to its columns in order. Keys are dotted text (`'db."Odd.Name".t'`) or tuples; values are
`{column: type}` or a sequence of names. A mapping used often is interned once, `schema = Schema(columns, "postgres")`,
and given as `columns=schema`.

`Session(..., cache=cache)` with one `Cache` for all sessions of a log answers repeated statements without parsing them.

`fingerprint(text, dialect)` names a statement without its literals, comments and the names tools mint for each run.
`redact(text, dialect)` gives the text with every literal as `?`; `is_sensitive(text, dialect)` says that a statement
carries a password or key, whose text must not be kept at all, only its kind and `digest(text)`.
"""

from catalog.sql.caching import Cache
from catalog.sql.fingerprints import digest, fingerprint
from catalog.sql.names import Schema
from catalog.sql.redaction import is_sensitive, redact
from catalog.sql.results import (
    ColumnName,
    CreatedColumn,
    Flow,
    Influence,
    Problem,
    Result,
    Statement,
    Table,
)
from catalog.sql.sessions import Session, analyze

__all__ = [
    "Cache",
    "ColumnName",
    "CreatedColumn",
    "Flow",
    "Influence",
    "Problem",
    "Result",
    "Schema",
    "Session",
    "Statement",
    "Table",
    "analyze",
    "digest",
    "fingerprint",
    "is_sensitive",
    "redact",
]
