"""INSERT, UPDATE, DELETE and MERGE as parts of other statements: each evaluates to what its RETURNING gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from catalog.sql.inserting import insert
from catalog.sql.merging import merge_into
from catalog.sql.relations import Relation
from catalog.sql.scopes import Scope
from catalog.sql.updating import delete, update


def evaluate_modification(node: exp.Expr, scope: Scope) -> Relation:
    """Returns what RETURNING gives back, an empty relation if there is none."""
    return _MODIFICATIONS[type(node)](node, scope)


_MODIFICATIONS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Scope], Relation]]] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
    exp.Merge: merge_into,
}
