"""The embedded store: one SQLite file, no service.

`schema` holds the tables, `database` the connection, `ledger` what the claims algorithm asks for, `writer` with `nodes` and
`columns` what it writes, `reader` the questions.
"""

from catalog.store.sqlite.schema import ddl
from catalog.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "ddl"]
