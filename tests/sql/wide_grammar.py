"""Forms that not every dialect has, and statements that write: for the database that executes them."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from tests.sql.grammar import TABLES, Frame, Writer

TARGET: Final = ("p", "q", "z")
"""The columns of the table `r` that statements write to; `p` is its key."""
Query = tuple[str, tuple[str, ...]]

_FORMS: Final = (
    "using", "qualify", "sets", "recursive", "unnest", "pivot", "unpivot", "by_name", "replaced", "aliased", "named_window",
)  # fmt: skip


class WideWriter(Writer):
    """Writes queries of the forms above, plain ones within them."""

    def query(self, frame: Frame, depth: int) -> Query:
        if frame.outer is not None or not self._often(2):
            return super().query(frame, depth)
        text, names = getattr(self, f"_{self._one_of(*_FORMS)}")(frame, depth)
        return text, names

    def _table(self) -> tuple[str, str, Frame]:
        table, alias = self._one_of(*TABLES), self._name("f")
        return f"{table} as {alias}", alias, Frame({alias: TABLES[table]})

    def _using(self, frame: Frame, depth: int) -> Query:
        (left, one, here), (right, other, there) = self._table(), self._table()
        both = Frame(here.items | there.items)
        kind = self._one_of("join", "left join", "right join", "full join")
        shared, value = self._name("x"), self._name("x")
        same = here.items[one] == there.items[other]  # NATURAL would join on all of them
        join = f"{kind} {right} using (k)" if same or self._often(2) else f"natural {kind} {right}"
        return f"select k as {shared}, {self.value(both, 1)} as {value} from {left} {join}", (shared, value)

    def _qualify(self, frame: Frame, depth: int) -> Query:
        from_, here = self._from(depth - 1, frame)
        name = self._name("x")
        rank = f"rank() over (partition by {self.value(here, 1)} order by {self.value(here, 1)})"
        return f"select {self.value(here)} as {name} from {from_} qualify {rank} = 1", (name,)

    def _sets(self, frame: Frame, depth: int) -> Query:
        from_, here = self._from(depth - 1, frame)
        one, other = (self._draw(st.sampled_from(here.columns())) for _ in range(2))
        names = tuple(self._name("x") for _ in range(3))
        group = self._one_of(
            f"rollup ({one}, {other})", f"cube ({one}, {other})", f"grouping sets (({one}), ({one}, {other}), ())"
        )
        shown = f"{one} as {names[0]}, {other} as {names[1]}, {self.aggregate(here)} as {names[2]}"
        return f"select {shown} from {from_} group by {group}", names

    def _recursive(self, frame: Frame, depth: int) -> Query:
        """Counts to four, so that it ends; what it carries along changes place."""
        (start, _, here), (step, alias, _) = self._table(), self._table()
        name, count, carried, other = (self._name(prefix) for prefix in ("w", "n", "x", "x"))
        inside = Frame({name: (count, carried, other), alias: TABLES[step.split()[0]]})
        on = f"{name}.{carried} = {alias}.k"
        anchor = f"select 1, {self.value(here, 1)}, {self.value(here, 1)} from {start}"
        moved = f"select {name}.{count} + 1, {name}.{other}, {self.value(inside, 1)} from {name} join {step} on {on} where {count} < 4"
        made = f"with recursive {name} ({count}, {carried}, {other}) as ({anchor} union all {moved})"
        return f"{made} select {carried}, {other} from {name}", (carried, other)

    def _unnest(self, frame: Frame, depth: int) -> Query:
        from_, _, here = self._table()
        name, row, value = self._name("x"), self._name("q"), self._name("v")
        cells = f"[{self.value(here, 1)}, {self.value(here, 1)}]"
        return f"select {row}.{value} as {name} from {from_} cross join unnest({cells}) as {row} ({value})", (name,)

    def _pivot(self, frame: Frame, depth: int) -> Query:
        table = self._one_of(*TABLES)
        by, summed, kept = TABLES[table]
        names = tuple(self._name("x") for _ in range(2))
        inner = f"select {kept}, {by}, {summed} from {table}"
        pivoted = f"({inner}) pivot (sum({summed}) for {by} in (0, 1, 2))"
        return f'select {kept} as {names[0]}, "1" as {names[1]} from {pivoted}', names

    def _unpivot(self, frame: Frame, depth: int) -> Query:
        table = self._one_of(*TABLES)
        one, other, kept = TABLES[table]
        names = tuple(self._name("x") for _ in range(2))
        unpivoted = f"{table} unpivot (val for nam in ({one}, {other}))"
        return f"select {kept} as {names[0]}, val as {names[1]} from {unpivoted}", names

    def _by_name(self, frame: Frame, depth: int) -> Query:
        (first, _, here), (second, _, there) = self._table(), self._table()
        one, other = self._name("x"), self._name("x")
        left = f"select {self.value(here)} as {one}, {self.value(here)} as {other} from {first}"
        right = f"select {self.value(there)} as {other}, {self.value(there)} as {one} from {second}"
        return f"{left} union all by name {right}", (one, other)

    def _replaced(self, frame: Frame, depth: int) -> Query:
        from_, alias, here = self._table()
        first, *rest = here.items[alias]
        if self._often(2):
            return f"select * exclude ({first}) from {from_}", tuple(rest)
        return f"select * replace ({self.value(here)} as {first}) from {from_}", (first, *rest)

    def _aliased(self, frame: Frame, depth: int) -> Query:
        from_, here = self._from(depth - 1, frame)
        one, other = self._name("x"), self._name("x")
        first = " + ".join(self._draw(st.sampled_from(here.columns())) for _ in range(2))  # a subquery may not be named
        return f"select {first} as {one}, {one} + {self.value(here, 1)} as {other} from {from_}", (one, other)

    def _named_window(self, frame: Frame, depth: int) -> Query:
        from_, here = self._from(depth - 1, frame)
        name, window = self._name("x"), self._name("w")
        spec = f"partition by {self.value(here, 1)} order by {self.value(here, 1)}"
        return f"select sum({self.value(here, 1)}) over {window} as {name} from {from_} window {window} as ({spec})", (
            name,
        )

    # ------------------------------------------------------------ statements

    def statement(self) -> str:
        """Returns a statement that fills or changes `r`, or that makes `made`."""
        return str(getattr(self, f"_{self._one_of('insert', 'update', 'delete', 'merge', 'upsert', 'make')}")())

    def _insert(self) -> str:
        text, (first, *_) = self.query(Frame(), 1)
        each = f"select distinct {first} as c from ({text}) as {self._name('s')} where {first} is not null"
        return f"insert into r ({self._one_of(*TARGET[1:])}, p) select c, 1000 + c from ({each}) as {self._name('s')}"

    def _update(self) -> str:
        from_, _, here = self._table()
        here.items["r"] = TARGET
        set_ = f"q = {self.value(here)}" + (f", z = {self.value(here)}" if self._often(2) else "")
        return f"update r set {set_} from {from_} where {self.condition(here)}"

    def _delete(self) -> str:
        from_, _, here = self._table()
        here.items["r"] = TARGET
        return f"delete from r using {from_} where {self.condition(here)}"

    def _merge(self) -> str:
        text, (first, *_) = self.query(Frame(), 1)
        key, value = self._name("k"), self._name("v")
        source = (
            f"select {first} as {key}, max({first} * 2) as {value} from ({text}) as {self._name('s')} group by {first}"
        )
        alias = self._name("m")
        here = Frame({"r": TARGET, alias: (key, value)})
        matched = f"when matched and {self.condition(here, 0)} then update set q = {self.value(here, 1)}"
        new = (
            f"when not matched and {alias}.{key} is not null then insert (p, z) values ({alias}.{key}, {alias}.{value})"
        )
        return f"merge into r using ({source}) as {alias} on r.p = {alias}.{key} {self._one_of(matched, new, f'{matched} {new}')}"

    def _upsert(self) -> str:
        text, (first, *_) = self.query(Frame(), 1)
        alias = self._name("s")
        rows = f"select {first}, max({first} + 1) from ({text}) as {alias} where {first} is not null group by {first}"
        return f"insert into r (p, q) {rows} on conflict (p) do update set q = excluded.q, z = r.q"

    def _make(self) -> str:
        text, names = self.query(Frame(), 1)
        made = ", ".join(f"y{n}" for n in range(len(names)))
        kind = self._one_of("table made as", f"view made ({made}) as", f"table made ({made}) as")
        return f"create {kind} {text}"


@st.composite
def wide_queries(draw: st.DrawFn) -> str:
    """Draws a query over `TABLES` in DuckDB's SQL."""
    return WideWriter(draw).query(Frame(), 2)[0]


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Draws a statement that writes."""
    return WideWriter(draw).statement()
