"""Logs of SQL statements, and lists of definitions: what databases write about what was asked of them."""

from ingestors.sql_log.ingestor import SqlLogIngestor

__all__ = ["SqlLogIngestor"]
