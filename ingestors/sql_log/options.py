"""Options of the source kind `sql-log`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, field_validator
from sqlglot.dialects.dialect import Dialect

from catalog.model.ingest import Options

Format = Literal[
    "postgres-csvlog",
    "postgres-jsonlog",
    "pg-stat-statements",
    "postgres-views",
    "snowflake-query-history",
    "snowflake-access-history",
    "sql-files",
]

_DIALECTS: Final = {
    "pg": "postgres", "postgres": "postgres", "postgresql": "postgres", "snowflake": "snowflake", "mssql": "tsql",
    "sqlserver": "tsql", "unitycatalog": "databricks", "awsathena": "athena", "mariadb": "mysql",
}  # fmt: skip
"""By the first word of a format, or the scheme of a namespace that is no dialect's name."""
_SEARCH_PATHS: Final = {"postgres": ("public",), "redshift": ("public",), "duckdb": ("main",), "tsql": ("dbo",)}


class SqlLogOptions(Options):
    """A log of statements, or a list of definitions, of one server."""

    path: str = Field(description="File or pattern; `.gz` is read through.")
    format: Format = Field(description="What wrote it.")
    namespace: str = Field(
        description="Server that it tells about: an alias, or a namespace such as postgres://host:5432."
    )
    dialect: str | None = Field(default=None, description="SQL dialect; by default the format's or the namespace's.")
    columns: str | None = Field(
        default=None,
        description="CSV file or pattern with table_catalog, table_schema, table_name, column_name, data_type, ordinal_position.",
    )
    database: str | None = Field(default=None, description="Database of names and records that do not tell theirs.")
    db_schema: str | None = Field(
        default=None,
        alias="schema",
        description="Schema of bare names where the session does not tell; several with commas.",
    )

    @field_validator("dialect")
    @classmethod
    def _is_known(cls, dialect: str | None) -> str | None:
        Dialect.get_or_raise(dialect or None)
        return dialect

    def sql_dialect(self, namespace: str) -> str | None:
        """Returns the dialect that statements are read with: the option's, the format's, or that of the namespace.

        None is SQL of no particular dialect.
        """
        scheme = namespace.partition("://")[0].lower()
        by_format = _DIALECTS.get(self.format.partition("-")[0])
        return self.dialect or by_format or _DIALECTS.get(scheme, scheme if scheme in Dialect.classes else None)

    def search_path(self, dialect: str | None) -> tuple[str, ...]:
        """Returns the schemas that a session starts with."""
        if self.db_schema is not None:
            return tuple(part.strip() for part in self.db_schema.split(",") if part.strip())
        return _SEARCH_PATHS.get(dialect or "", ())
