"""Storing a query's answer as a table: what CREATE TABLE AS, CREATE VIEW, SELECT INTO and CACHE have in common."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from catalog.sql.relations import Relation, renamed
from catalog.sql.results import CreatedColumn, Table
from catalog.sql.scopes import Pass
from catalog.sql.tables import table_parts


def store_query(
    table: exp.Table, answer: Relation, names: Sequence[str], run: Pass, *, temporary: bool, whole: bool = True
) -> Table:
    """Writes the answer to a new table and makes the session know it; returns the table's name."""
    parts = table_parts(table)
    name = run.tables.new_name(parts)
    answer = renamed(answer, names, run.rules.key)
    gathered = run.gathered
    gathered.write(name, answer.outputs, answer.rows)
    gathered.temporary = temporary
    gathered.defines_target = whole
    gathered.columns = (
        None
        if answer.is_open or answer.anything is not None
        else [CreatedColumn(output.name) for output in answer.outputs]
    )
    run.tables.define(name, answer, temporary, parts, list(gathered.reads))
    return name
