"""A text end to end: from the tables that were there before to those that are left after."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalog.sql.results import ColumnName, Flow, Influence, Result, Statement, Table


def joined(statements: Sequence[Statement]) -> Result:
    """Makes the answer for a text of its statements' answers."""
    if len(statements) == 1 and _stands_alone(statements[0]):
        only = statements[0]
        return Result((only,), only.flows, only.influences, only.reads, only.writes)
    marked = _mark_undone(statements)
    lasting = [statement for statement in marked if not statement.undone]
    history = _History(lasting)
    return Result(
        statements=tuple(marked),
        flows=tuple(dict.fromkeys(history.flows())),
        influences=tuple(dict.fromkeys(history.influences())),
        reads=history.reads(),
        writes=history.writes(),
    )


def _stands_alone(statement: Statement) -> bool:
    """Whether nothing is to be seen through or moved if it is all there is."""
    return not (statement.temporary or statement.dropped or statement.renamed or statement.within is not None)


def _mark_undone(statements: Sequence[Statement]) -> list[Statement]:
    marked = list(statements)
    open_: list[tuple[str, int]] = []  # the transaction with an empty name, then its savepoints
    for position, statement in enumerate(statements):
        if statement.kind == "begin":
            open_ = [("", position)]
        elif statement.kind == "savepoint" and open_:
            open_.append((_last_word(statement), position))
        elif statement.kind == "commit":
            open_ = []
        elif statement.kind in ("rollback", "rollback_to"):
            name = _last_word(statement) if statement.kind == "rollback_to" else ""
            while len(open_) > 1 and open_[-1][0] != name:
                open_.pop()
            if open_ and open_[-1][0] == name:
                for undone in range(open_[-1][1] + 1, position):
                    marked[undone] = replace(marked[undone], undone=True)
            if not name:
                open_ = []
    return marked


def _last_word(statement: Statement) -> str:
    """The name of a savepoint."""
    return statement.text.split()[-1].strip('"`[]').lower()


class _History:
    """What happened to each table in the course of a text."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._passing = self._find_passing()
        self._renames = _Renames(statements)
        used = {table for statement in statements for table in (*statement.through, *statement.dropped)}
        renamed = [pair for statement in reversed(statements) for pair in statement.renamed]
        for old, new in renamed:
            if new in used:
                used.add(old)
        self._temporary = {table for s in statements if s.temporary and s.kind != "drop" for table in s.writes}
        self._unused = {table for s in statements if s.temporary for table in s.writes if table not in used}

    def _is_hidden(self, statement: Statement, table: Table) -> bool:
        """Whether a statement writes to a temporary table that the text goes on to read or drops."""
        return statement.temporary and table not in self._unused

    def _find_passing(self) -> dict[Table, list[tuple[int, int]]]:
        """Returns when tables were there that are made and dropped again, as positions of the two statements."""
        made: dict[Table, int] = {}
        passing: dict[Table, list[tuple[int, int]]] = {}
        for position, statement in enumerate(self._statements):
            if statement.temporary:
                continue
            if statement.kind.startswith(("create", "select_into", "clone")):
                made.update(dict.fromkeys(statement.writes, position))
            for table in statement.dropped:
                if table in made:
                    passing.setdefault(table, []).append((made.pop(table), position))
            for old, new in statement.renamed:
                if old in made:
                    made[new] = made.pop(old)
        return passing

    def _passes(self, table: Table, position: int) -> bool:
        times = self._passing.get(table)
        if times is None:
            return False
        last = bisect_right(times, position, key=lambda time: time[0]) - 1
        return last >= 0 and position < times[last][1]

    def flows(self) -> Iterable[Flow]:
        upstream: dict[ColumnName, list[Flow]] = {}
        for position, statement in enumerate(self._statements):
            for flow in statement.flows:
                if statement.within is not None and not flow.target.table:
                    continue  # what a query of a routine answers is not what the text answers
                for whole in self._seen_through(flow, position, upstream):
                    if self._is_hidden(statement, flow.target.table) or self._passes(flow.target.table, position):
                        upstream.setdefault(whole.target, []).append(whole)
                        continue
                    target = ColumnName(self._renames.final(position, flow.target.table), flow.target.column)
                    yield whole if target == whole.target else replace(whole, target=target)

    def _seen_through(self, flow: Flow, position: int, upstream: dict[ColumnName, list[Flow]]) -> Iterable[Flow]:
        if not self._passes(flow.source.table, position):
            yield flow
            return
        for earlier in upstream.get(flow.source, ()):
            kind = flow.kind if _STRENGTH[flow.kind] >= _STRENGTH[earlier.kind] else earlier.kind
            weak = flow if flow.exactness != "exact" else earlier
            yield replace(
                flow,
                source=earlier.source,
                kind=kind,
                masking=flow.masking or earlier.masking,
                exactness=weak.exactness,
                reason=weak.reason,
                by_star=earlier.by_star,
            )

    def influences(self) -> Iterable[Influence]:
        for position, statement in enumerate(self._statements):
            for influence in statement.influences:
                if statement.within is not None and influence.target == ():
                    continue
                target = influence.target
                table = target.table if isinstance(target, ColumnName) else target
                if self._is_hidden(statement, table) or self._passes(table, position):
                    continue
                if self._passes(influence.source.table, position):
                    continue
                final = self._renames.final(position, table)
                if final != table:
                    moved = ColumnName(final, target.column) if isinstance(target, ColumnName) else final
                    influence = influence._replace(target=moved)
                yield influence

    def reads(self) -> tuple[Table, ...]:
        found: dict[Table, None] = {}
        written: set[Table] = set()
        for position, statement in enumerate(self._statements):
            for table in statement.reads:
                own = bool(statement.renamed) and table in written  # a rename of what the text itself made
                if not own and not self._passes(table, position):
                    found[table] = None
            written.update(statement.writes)
        return tuple(found)

    def writes(self) -> tuple[Table, ...]:
        written: dict[Table, None] = {}
        for position, statement in enumerate(self._statements):
            for table in statement.writes:
                # DROP .. IF EXISTS before a temporary table is made.
                if self._is_hidden(statement, table) or (statement.kind == "drop" and table in self._temporary):
                    continue
                final = self._renames.final(position - bool(statement.renamed), table)
                if table not in self._passing and final not in self._passing:
                    written[final] = None
        return tuple(written)


class _Renames:
    """What tables are called in the end. Each look-up takes one search, however often names move to and fro."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._moves: dict[Table, list[tuple[int, Table]]] = {}
        for position in range(len(statements) - 1, -1, -1):
            seen = set[Table]()
            ends = [(old, self.final(position, new)) for old, new in statements[position].renamed]
            for old, end in ends:
                if old not in seen:
                    seen.add(old)
                    self._moves.setdefault(old, []).append((-position, end))

    def final(self, position: int, table: Table) -> Table:
        """Returns the name that a table has at the end which has this one after a statement."""
        moves = self._moves.get(table)
        if moves is None:
            return table
        # Later moves stand first, as negative positions: the last one below counts.
        following = bisect_left(moves, -position, key=lambda move: move[0]) - 1
        return moves[following][1] if following >= 0 else table


_STRENGTH = {"identity": 0, "transformation": 1, "aggregation": 2, "conditional": 3}
