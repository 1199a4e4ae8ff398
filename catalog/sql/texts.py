"""SQL text of a part of a statement, written out only when somebody asks."""

from __future__ import annotations

from sqlglot import exp

from catalog.sql.redaction import redact


class Fragment:
    """An expression of a statement as text.

    It holds the tree until it is asked or sent to another process; then it holds the texts alone.
    """

    __slots__ = ("_dialect", "_node", "_redacted", "_sql")

    def __init__(self, node: exp.Expr | None, dialect: str | None, sql: str = "", redacted: str = "") -> None:
        self._node, self._dialect = node, dialect
        self._sql, self._redacted = sql, redacted

    @property
    def sql(self) -> str:
        """The text with its literals."""
        if not self._sql:
            self._sql = self._write(self._node)
        return self._sql

    @property
    def redacted(self) -> str:
        """The text with each literal as `?`."""
        if not self._redacted and self._node is not None:
            self._redacted = redact(self.sql, self._dialect)
        return self._redacted

    def without_literals(self) -> Fragment:
        """The same without its literals and without the tree that it came from."""
        return Fragment(None, self._dialect, self.redacted, self.redacted)

    def _write(self, node: exp.Expr | None) -> str:
        if node is None:
            return ""
        try:
            return node.sql(dialect=self._dialect, comments=False)
        except (RecursionError, ValueError):
            return node.key

    def __reduce__(self) -> tuple[type[Fragment], tuple[None, str | None, str, str]]:
        return Fragment, (None, self._dialect, self.sql, self.redacted)
