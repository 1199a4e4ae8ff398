"""Options of the source kind `sql-log`."""

from __future__ import annotations

from typing import Literal

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


class SqlLogOptions(Options):
    """A log of statements, or a list of definitions, of one server."""

    path: str = Field(description="File or pattern; `.gz` is read through.")
    format: Format = Field(description="What wrote it.")
    namespace: str = Field(
        description="Server that it tells about: an alias, or a namespace such as postgres://host:5432."
    )
    dialect: str | None = Field(default=None, description="SQL dialect; by default the format's.")
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

    def sql_dialect(self) -> str | None:
        """Returns the dialect that statements are read with; None for SQL of no particular dialect."""
        if self.dialect is not None:
            return self.dialect
        head = self.format.partition("-")[0]
        return {"postgres": "postgres", "pg": "postgres", "snowflake": "snowflake"}.get(head)

    def search_path(self) -> tuple[str, ...]:
        """Returns the schemas that a session starts with."""
        if self.db_schema is not None:
            return tuple(part.strip() for part in self.db_schema.split(",") if part.strip())
        return {"postgres": ("public",), "redshift": ("public",), "duckdb": ("main",)}.get(self.sql_dialect() or "", ())
