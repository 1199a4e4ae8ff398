"""What can be told of a table in memory without knowing its library: pandas, polars, or a list of mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_ODD: Final = (AttributeError, KeyError, TypeError, ValueError, IndexError, NotImplementedError)
"""What a library raises where an operation does not fit its data."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows, and columns with their types, of a table. No value of it."""

    rows: int
    columns: Mapping[str, str | None]


def shape_of(data: Any) -> Shape | None:
    """Returns the shape of a data frame or a list of mappings; None for anything else, such as a model."""
    if hasattr(data, "columns") and hasattr(data, "shape"):
        kinds = getattr(data, "dtypes", None)
        names = [str(name) for name in data.columns]
        types = list(kinds) if isinstance(kinds, Iterable) else [None] * len(names)
        return Shape(int(data.shape[0]), {n: None if t is None else str(t) for n, t in zip(names, types, strict=False)})
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)) and all(isinstance(r, Mapping) for r in data):
        return Shape(len(data), _types(data))
    return None


def _types(records: Sequence[Mapping[Any, Any]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for record in records:
        for key, value in record.items():
            kind = None if _is_missing(value) else type(value).__name__
            known = found.setdefault(str(key), kind)
            found[str(key)] = known if kind is None or known == kind else kind if known is None else "mixed"
    return found


def nulls_of(data: Any) -> dict[str, int]:
    """Returns how many values of each column are missing; nothing where that cannot be counted."""
    try:
        if hasattr(data, "isna"):
            counts = data.isna().sum()
            return {str(name): int(count) for name, count in zip(data.columns, counts, strict=True)}
        if hasattr(data, "null_count"):
            return {str(n): int(c) for n, c in zip(data.columns, data.null_count().row(0), strict=True)}
        shape = shape_of(data)
        return {n: sum(_is_missing(r.get(n)) for r in data) for n in shape.columns} if shape else {}
    except _ODD:
        return {}


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or value != value  # NaN


def is_same(before: Any, old: str, after: Any, new: str) -> bool:
    """Returns whether a column was seen to hold the values that another had, row by row; False where that cannot be seen.

    Rows are matched by a unique index (pandas), or by their place where both have as many. No rows prove nothing.
    """
    try:
        if hasattr(before, "index") and hasattr(after, "index") and hasattr(before, "columns"):
            left, right = before[old], after[new]
            if not len(right) or not before.index.is_unique:
                return False
            return bool((left if left.index is right.index else left.reindex(right.index)).equals(right))
        if len(before) != len(after) or not len(after):
            return False
        if hasattr(before, "columns"):
            return bool((before[old] == after[new]).all())
        return all(b.get(old) == a.get(new) for b, a in zip(before, after, strict=True))
    except _ODD:
        return False
