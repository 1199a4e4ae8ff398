"""What a source does to a value, as bits: kinds of flow, masking, and why a claim is not exact.

A set of flows from one column is one integer. Combining alternatives is `|`; passing through an expression is a look-up
in `THROUGH`. An operation is an index: the kind, plus `MASKED` if the function hides its argument.
"""

from __future__ import annotations

from typing import Final

from catalog.sql.results import Exactness, FlowKind, InfluenceKind

IDENTITY: Final = 0
TRANSFORMATION: Final = 1
AGGREGATION: Final = 2
CONDITIONAL: Final = 3
WINDOW: Final = 4
MASKED: Final = 5
"""Added to an operation whose function hides its argument."""

_OPERATIONS: Final = 10
KIND_BITS: Final = (1 << _OPERATIONS) - 1
COPIED: Final = 1 << IDENTITY
"""The flags of a column that is taken as it is."""
WINDOW_BITS: Final = (1 << WINDOW) | (1 << (WINDOW + MASKED))

NAMED: Final = 1 << 10
"""The statement names the column; without it a star carried it."""

OUTER_OR_INNER: Final = 1 << 11
NOT_IN_SCHEMA: Final = 1 << 12
STRUCT_PATH: Final = 1 << 13
WHOLE_ROW: Final = 1 << 14
BY_NAME: Final = 1 << 15
ALL_ARGUMENTS: Final = 1 << 16
SEARCH_PATH: Final = 1 << 17
POSITION: Final = 1 << 18
DYNAMIC: Final = 1 << 19
FIELD_GUESSED: Final = 1 << 20
ALIAS_OR_COLUMN: Final = 1 << 21

REASONS: Final[dict[int, tuple[Exactness, str]]] = {
    OUTER_OR_INNER: (
        "guessed",
        "the name may belong to the inner or to the outer query",
    ),
    NOT_IN_SCHEMA: ("guessed", "the table's known columns do not include it"),
    BY_NAME: ("guessed", "branches with unknown columns are matched by name"),
    POSITION: ("guessed", "the target's columns are not known: the query's names are taken for them"),
    SEARCH_PATH: ("guessed", "several schemas of the search path could hold the table"),
    DYNAMIC: ("guessed", "the statement is put together at run time"),
    ALIAS_OR_COLUMN: ("guessed", "the name may be an earlier output's or a column's of a table that is not known"),
    FIELD_GUESSED: ("guessed", "a field of a nested column of a table whose columns are not known"),
    STRUCT_PATH: ("over_approximate", "a field of a nested column is taken for the whole column"),
    WHOLE_ROW: ("over_approximate", "the whole row is used"),
    ALL_ARGUMENTS: ("over_approximate", "every argument of a table function may reach every column"),
}

KIND_NAMES: Final[tuple[FlowKind, ...]] = ("identity", "transformation", "aggregation", "conditional")

FILTER: Final = 1
JOIN: Final = 2
GROUP_BY: Final = 4
SORT: Final = 8
ROW_NAMES: Final[tuple[tuple[int, InfluenceKind], ...]] = (
    (FILTER, "filter"),
    (JOIN, "join"),
    (GROUP_BY, "group_by"),
    (SORT, "sort"),
)
ROW_BITS: Final = FILTER | JOIN | GROUP_BY | SORT
INFLUENCES: Final[tuple[tuple[InfluenceKind, ...], ...]] = tuple(
    tuple(kind for bit, kind in ROW_NAMES if bits & bit) for bits in range(ROW_BITS + 1)
)
"""`INFLUENCES[row bits]` lists the kinds in them."""
QUALITY: Final = sum(REASONS)


def _compose(outer: int, inner: int) -> int:
    # OpenLineage's rule: what is indirect stays so, the outermost first; else the strongest wins.
    first, second = outer % MASKED, inner % MASKED
    if first >= CONDITIONAL:
        kind = first
    elif second >= CONDITIONAL:
        kind = second
    else:
        kind = max(first, second)
    return kind + (MASKED if outer >= MASKED or inner >= MASKED else 0)


INSIDE: Final = tuple(tuple(_compose(outer, inner) for inner in range(_OPERATIONS)) for outer in range(_OPERATIONS))
"""`INSIDE[outer][inner]` is the operation that both make together."""


def _through(operation: int, bits: int) -> int:
    result = 0
    for inner in range(_OPERATIONS):
        if bits >> inner & 1:
            result |= 1 << INSIDE[operation][inner]
    return result


THROUGH: Final = tuple(tuple(_through(op, bits) for bits in range(KIND_BITS + 1)) for op in range(_OPERATIONS))
"""`THROUGH[operation][kind bits]` are the kind bits after the operation."""

FLOWS: Final[tuple[tuple[tuple[FlowKind, bool], ...], ...]] = tuple(
    tuple(
        (KIND_NAMES[op % MASKED], op >= MASKED) for op in range(_OPERATIONS) if bits >> op & 1 and op % MASKED != WINDOW
    )
    for bits in range(KIND_BITS + 1)
)
"""`FLOWS[kind bits]` lists (kind, masking) of each flow in them."""


_EXACT: Final[tuple[Exactness, None]] = ("exact", None)


def exactness(flags: int) -> tuple[Exactness, str | None]:
    """Returns the weakest exactness in the flags with its reason."""
    if not flags & QUALITY:
        return _EXACT
    return next(REASONS[bit] for bit in REASONS if flags & bit)
