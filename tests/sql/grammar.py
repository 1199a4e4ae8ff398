"""Random queries over three small tables, as a hypothesis strategy: text that a database executes and the engine reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

TABLES: Final = {"t": ("a", "b", "k"), "u": ("c", "d", "k"), "v": ("e", "f", "k")}
"""Every column is an integer."""


@dataclass
class Frame:
    """What may be named at a place: FROM items by alias with their columns, and the common table expressions."""

    items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ctes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outer: Frame | None = None

    def columns(self) -> list[str]:
        own = [f"{alias}.{column}" for alias, listed in self.items.items() for column in listed]
        return own + (self.outer.columns() if self.outer is not None else [])


class Writer:
    """Writes one query; every choice is a draw, so that hypothesis can shrink it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._names = 0

    def _one_of(self, *choices: str) -> str:
        return self._draw(st.sampled_from(choices))

    def _often(self, chance: int = 3) -> bool:
        return self._draw(st.integers(1, chance)) == 1

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    # ------------------------------------------------------------ expressions

    def value(self, frame: Frame, depth: int = 2) -> str:
        columns = frame.columns()
        if depth == 0 or self._often():
            return self._draw(st.sampled_from(columns)) if columns else str(self._draw(st.integers(0, 3)))
        kind = self._one_of(
            "add", "case", "simple_case", "coalesce", "nullif", "greatest", "abs", "literal", "subquery", "cast"
        )
        return getattr(self, f"_{kind}")(frame, depth - 1)  # type: ignore[no-any-return]

    def _add(self, frame: Frame, depth: int) -> str:
        return f"({self.value(frame, depth)} {self._one_of('+', '-', '*')} {self.value(frame, depth)})"

    def _case(self, frame: Frame, depth: int) -> str:
        default = f" else {self.value(frame, depth)}" if self._often(2) else ""
        return f"case when {self.condition(frame, depth)} then {self.value(frame, depth)}{default} end"

    def _simple_case(self, frame: Frame, depth: int) -> str:
        return f"case {self.value(frame, depth)} when 1 then {self.value(frame, depth)} else {self.value(frame, depth)} end"

    def _coalesce(self, frame: Frame, depth: int) -> str:
        return f"coalesce({self.value(frame, depth)}, {self.value(frame, depth)})"

    def _nullif(self, frame: Frame, depth: int) -> str:
        return f"nullif({self.value(frame, depth)}, {self.value(frame, depth)})"

    def _greatest(self, frame: Frame, depth: int) -> str:
        return f"greatest({self.value(frame, depth)}, {self.value(frame, depth)})"

    def _abs(self, frame: Frame, depth: int) -> str:
        return f"abs({self.value(frame, depth)})"

    def _cast(self, frame: Frame, depth: int) -> str:
        return f"cast({self.value(frame, depth)} as bigint)"

    def _literal(self, frame: Frame, depth: int) -> str:
        return str(self._draw(st.integers(0, 3)))

    def _subquery(self, frame: Frame, depth: int) -> str:
        table = self._one_of(*TABLES)
        alias = self._name("q")
        inner = Frame({alias: TABLES[table]}, frame.ctes, frame)
        only = Frame({alias: TABLES[table]})
        where = f" where {self.condition(inner, depth)}" if self._often(2) else ""
        return (
            f"(select {self._one_of('max', 'min', 'count')}({self.value(only, depth)}) from {table} as {alias}{where})"
        )

    def condition(self, frame: Frame, depth: int = 1) -> str:
        left, right = self.value(frame, depth), self.value(frame, depth)
        kind = self._one_of("compare", "null", "in", "and", "exists")
        if kind == "null":
            return f"{left} is null"
        if kind == "in" and depth:
            table = self._one_of(*TABLES)
            return f"{left} in (select {self._one_of(*TABLES[table])} from {table})"
        if kind == "and" and depth:
            return (
                f"({self.condition(frame, depth - 1)} {self._one_of('and', 'or')} {self.condition(frame, depth - 1)})"
            )
        if kind == "exists" and depth:
            table, alias = self._one_of(*TABLES), self._name("q")
            inner = Frame({alias: TABLES[table]}, frame.ctes, frame)
            return f"exists (select 1 from {table} as {alias} where {self.condition(inner, depth - 1)})"
        return f"{left} {self._one_of('<', '=', '>=', '<>')} {right}"

    def aggregate(self, frame: Frame) -> str:
        body = self.value(frame, 1)
        text = self._one_of(f"sum({body})", f"max({body})", f"count({body})", f"count(distinct {body})", "count(*)")
        return f"{text} filter (where {self.condition(frame, 0)})" if self._often(4) else text

    def window(self, frame: Frame) -> str:
        partition = f"partition by {self.value(frame, 1)}" if self._often(2) else ""
        if self._often(2):
            return f"{self._one_of('rank', 'dense_rank')}() over ({partition} order by {self.value(frame, 1)})"
        return f"sum({self.value(frame, 1)}) over ({partition})"

    # ------------------------------------------------------------ queries

    def query(self, frame: Frame, depth: int) -> tuple[str, tuple[str, ...]]:
        """Returns a query's text and the names of its columns."""
        kind = self._one_of("select", "select", "grouped", "set", "with") if depth else "select"
        if kind == "set":
            return self._set(frame, depth)
        if kind == "with":
            return self._with(frame, depth)
        return self._grouped(frame, depth) if kind == "grouped" else self._select(frame, depth)

    def _set(self, frame: Frame, depth: int) -> tuple[str, tuple[str, ...]]:
        width = self._draw(st.integers(1, 2))
        names = tuple(self._name("x") for _ in range(width))
        branches = []
        for _ in range(2):
            text, columns = self.query(frame, depth - 1)
            alias = self._name("s")
            picked = ", ".join(f"{alias}.{self._draw(st.sampled_from(columns))} as {name}" for name in names)
            branches.append(f"select {picked} from ({text}) as {alias}")
        # UNION's own DISTINCT is left out: as in OpenLineage, it is no influence.
        operation = self._one_of("union all", "except", "intersect")
        return f"{branches[0]} {operation} {branches[1]}", names

    def _with(self, frame: Frame, depth: int) -> tuple[str, tuple[str, ...]]:
        name = self._name("w")
        text, columns = self.query(frame, depth - 1)
        inner = Frame({}, {**frame.ctes, name: columns}, frame.outer)
        body, names = self.query(inner, depth - 1)
        if body.startswith("with"):
            body = f"select * from ({body}) as {self._name('s')}"
        return f"with {name} as ({text}) {body}", names

    def _from(self, depth: int, frame: Frame) -> tuple[str, Frame]:
        here = Frame({}, frame.ctes, frame.outer)
        text = self._item(here, depth)
        if self._often(2):
            text += self._join(here, depth)
        return text, here

    def _item(self, here: Frame, depth: int) -> str:
        alias = self._name("f")
        if here.ctes and self._often(2):
            name = self._draw(st.sampled_from(sorted(here.ctes)))
            here.items[alias] = here.ctes[name]
            return f"{name} as {alias}"
        if depth and self._often(3):
            text, columns = self.query(Frame({}, here.ctes), depth - 1)
            here.items[alias] = columns
            return f"({text}) as {alias}"
        table = self._one_of(*TABLES)
        here.items[alias] = TABLES[table]
        return f"{table} as {alias}"

    def _join(self, here: Frame, depth: int) -> str:
        if self._often(4):
            table, alias, name = self._one_of(*TABLES), self._name("l"), self._name("x")
            inner = Frame({alias: TABLES[table]}, here.ctes, Frame(dict(here.items)))
            body = f"select {self.value(inner, 1)} as {name} from {table} as {alias} where {self.condition(inner, 0)}"
            lateral = self._name("f")
            here.items[lateral] = (name,)
            return f" cross join lateral ({body}) as {lateral}"
        kind = self._one_of("join", "left join", "full join")
        item = self._item(here, depth)
        left, right = ([f"{alias}.{c}" for c in cols] for alias, cols in list(here.items.items())[-2:])
        return f" {kind} {item} on {self._draw(st.sampled_from(left))} = {self._draw(st.sampled_from(right))}"

    def _select(self, frame: Frame, depth: int) -> tuple[str, tuple[str, ...]]:
        from_, here = self._from(depth, frame)
        names: list[str] = []
        items: list[str] = []
        if self._often(4) and len(here.items) == 1:
            items.append("*")
            names += next(iter(here.items.values()))
        for _ in range(self._draw(st.integers(1, 2))):
            name = self._name("x")
            items.append(f"{self.window(here) if self._often(4) else self.value(here)} as {name}")
            names.append(name)
        where = f" where {self.condition(here)}" if self._often(2) else ""
        distinct = "distinct " if self._often(5) else ""
        tail = f" order by {', '.join(names)} limit 3" if self._often(6) else ""
        return f"select {distinct}{', '.join(items)} from {from_}{where}{tail}", tuple(names)

    def _grouped(self, frame: Frame, depth: int) -> tuple[str, tuple[str, ...]]:
        from_, here = self._from(depth - 1, frame)
        key, aggregate = self._name("x"), self._name("x")
        by = self._draw(st.sampled_from(here.columns()))
        having = f" having {self.aggregate(here)} > 1" if self._often(4) else ""
        text = f"select {by} as {key}, {self.aggregate(here)} as {aggregate} from {from_} group by {by}{having}"
        return text, (key, aggregate)


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Draws the text of one query over `TABLES`."""
    return Writer(draw).query(Frame(), 2)[0]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, list[tuple[int | None, ...]]]:
    """Draws four rows for each table."""
    cell = st.one_of(st.integers(0, 3), st.none())
    return {table: draw(st.lists(st.tuples(*[cell] * 3), min_size=4, max_size=4)) for table in TABLES}
