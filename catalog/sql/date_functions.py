"""Functions of dates: which of their arguments is a unit of time, and which a value.

The parser knows where each dialect puts the unit; text of no particular dialect has it where another one would.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

UNITS: Final = frozenset(
    """year years yyyy yy y yr yrs quarter quarters qtr qtrs qq q month months mon mons mm m week weeks wk ww w iso_week
    isoweek week_iso weekiso isowk isoww weekofyear isoyear iso_year year_of_week yearofweek day days dd d dayofweek dow
    dw weekday dayofyear doy dy dayofmonth hour hours hh hr hrs h minute minutes mi min mins n second seconds sec secs ss
    s millisecond milliseconds ms msec microsecond microseconds us usec mcs nanosecond nanoseconds ns nsec epoch
    epoch_second epoch_seconds epoch_millisecond epoch_milliseconds decade decades century centuries millennium timezone
    tz_hour tz_minute timezone_hour timezone_minute tzoffset""".split()
)

WITH_UNIT: Final[tuple[type[exp.Expr], ...]] = tuple(cls for cls in exp.ALL_FUNCTIONS if "unit" in cls.arg_types)
"""The parser's classes of such functions."""

NAMED: Final = frozenset(
    """dateadd datediff date_add date_sub date_diff date_part datepart datename date_name timestampadd timestampdiff
    timestamp_add timestamp_diff datetime_add datetime_diff timeadd timediff date_bucket""".split()
)
"""Those that it does not know in some dialects: the unit comes first."""


def dated_values(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yields the arguments of a function of `WITH_UNIT` that are values."""
    unit = node.args.get("unit")
    others = [part for key, part in node.args.items() if key != "unit" and isinstance(part, exp.Expr)]
    misplaced = any(_is_unit(part) for part in others)
    swallowed = isinstance(unit, exp.Var) and unit.name.isidentifier() and unit.name.lower() not in UNITS
    if unit is not None and (swallowed or (isinstance(unit, exp.Literal) and misplaced)):
        yield _column(unit)
    elif isinstance(unit, exp.Expr) and not isinstance(unit, _SPELLED):
        yield unit
    else:
        misplaced = False
    yield from (part for part in others if not misplaced or not _is_unit(part))


_SPELLED: Final = (exp.Var, exp.Literal, exp.Week, exp.WeekStart, exp.IntervalSpan)
"""Ways to write a unit."""


def named_values(arguments: list[exp.Expr]) -> list[exp.Expr]:
    """Returns the arguments that are values of a function of `NAMED`."""
    return arguments[1:] if len(arguments) > 1 and _is_unit(arguments[0]) else arguments


def _is_unit(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and not node.args.get("table") and node.name.lower() in UNITS


def _column(name: exp.Expr) -> exp.Expr:
    # The parser wrote it in capitals.
    return exp.column(name.name.lower())
