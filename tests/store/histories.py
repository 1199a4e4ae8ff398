"""Random histories: what sources might say, in which order, in which commits; and telling them to a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st

from catalog.model.canonical import FactId
from catalog.model.edges import DependsOn, DerivesFrom, Edge
from catalog.model.facts import Fact, Origin, Scope
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn, column
from catalog.model.nodes import Column, Dataset, Node, Run, Term
from catalog.store.history import snapshot_id, sum_of
from catalog.store.port import Author, ChangeSet, Commit, Seen, SnapshotDelta, Store
from tests.store.definition import Record, Said

NS: Final = "postgres://db:5432"
ORDERS: Final = Dataset(namespace=NS, name="shop.orders").urn
MART: Final = Dataset(namespace=NS, name="shop.mart").urn
ODD: Final = Dataset(namespace="s3://a:b%/\udc80", name='x"y\n:$z').urn
TOTAL, PLACED, GONE = column(ORDERS, "total"), column(ORDERS, "placed_at"), column(ORDERS, "gone")
REVENUE, WHEN = column(MART, "Revenue"), column(MART, "when.day")

SCOPES: Final[tuple[Scope, ...]] = (
    ("dbt", "p"),
    ("dbt", "p", "m"),
    ("dbt", "p", "m", "9f"),
    ("dbt", "p2"),
    ("sql", "w/t"),
    ("human", "ana", "x"),
)
TIMES: Final = tuple(
    map(
        parse,
        (
            "2025-12-31T23:00:00Z",
            "2026-01-01",
            "2026-01-01T08:00:00Z",
            "2026-01-01T08:00:00Z#1",
            "2026-01-01T20:00:00Z",
            "2026-01-02T01:00:00Z",
        ),
    )
)


def _listing(urn: Urn, *columns: str, description: str | None = None) -> Dataset:
    return Dataset(namespace=urn.namespace, name=urn.name, columns=list(columns), description=description)


def _flow(start: Urn, end: Urn, *, subtype: str = "identity", denies: bool = False) -> DerivesFrom:
    return DerivesFrom.model_validate({"start": start, "end": end, "subtype": subtype, "denies": denies})


def _column(urn: Urn, data_type: str) -> Column:
    return Column(namespace=urn.namespace, name=urn.name, path=urn.parts[2], data_type=data_type)


def _run(**said: object) -> Run:
    return Run.model_validate({"namespace": "openlineage", "name": "r1", **said})


ELEMENTS: Final[tuple[Node | Edge, ...]] = (
    _listing(ORDERS, "total", "placed_at"),
    _listing(ORDERS, "total", "gone", description="Orders of the shop"),
    _listing(ORDERS, "placed_at"),
    _listing(MART, "Revenue"),
    Dataset(namespace=NS, name="shop.orders", unique_id="model.shop.orders", description="All orders"),
    Dataset(namespace=NS, name="shop.orders", unique_id="model.shop.other"),
    _column(TOTAL, "int"),
    _column(TOTAL, "numeric"),
    _column(GONE, "text"),
    _flow(REVENUE, TOTAL),
    _flow(REVENUE, TOTAL, subtype="aggregation"),
    _flow(REVENUE, TOTAL, denies=True),
    _flow(WHEN, GONE),
    _flow(WHEN, PLACED),
    DependsOn(start=MART, end=ORDERS),
    DependsOn(start=MART, end=ODD),
    _run(state="COMPLETE", inputs=["b", "a"], started_at="2026-01-01T00:00:00Z"),
    _run(state="FAIL", inputs=["c"], started_at="2025-01-01T00:00:00Z"),
    Term(namespace="shop", name="Gross Revenue", synonyms=["Umsatz", "Erlös"]),
)
FACTS: Final = tuple(Fact(element, Origin("shop.sql", str(i))) for i, element in enumerate(ELEMENTS))
IDS: Final = tuple(fact.id for fact in FACTS)


@dataclass(frozen=True)
class Statement:
    """What a source says in one snapshot; `based` chooses among the snapshots that its scope has."""

    scope: Scope
    at: Instant
    complete: bool
    unread: frozenset[Scope]
    facts: frozenset[int]
    based: int = 0

    @property
    def id(self) -> str:
        return snapshot_id(self.scope, self.complete, self.unread, sum_of(self.ids()), len(self.facts))

    def ids(self) -> frozenset[FactId]:
        return frozenset(IDS[i] for i in self.facts)

    def said(self) -> Said:
        return Said(self.id, self.scope, self.at, self.complete, self.ids(), self.unread)


@dataclass(frozen=True)
class Step:
    """One commit: what is said, and which statements (by number, counted from the start) are taken back."""

    said: tuple[Statement, ...]
    taken_back: tuple[int, ...] = ()


History = tuple[Step, ...]


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    scope = draw(st.sampled_from(SCOPES))
    below = [s for s in SCOPES if s[: len(scope)] == scope and s != scope]
    return Statement(
        scope,
        draw(st.sampled_from(TIMES)),
        draw(st.sampled_from((True, True, False))),
        draw(st.frozensets(st.sampled_from(below), max_size=1)) if below else frozenset(),
        draw(st.frozensets(st.integers(0, len(FACTS) - 1), max_size=6)),
        draw(st.integers(0, 3)),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draws up to six commits; statements come again at other times, and some are taken back."""
    steps: list[Step] = []
    told: list[Statement] = []
    for _ in range(draw(st.integers(1, 6))):
        fresh = draw(st.lists(statements(), min_size=0, max_size=3))
        again = draw(st.lists(st.tuples(st.sampled_from(told), st.sampled_from(TIMES)), max_size=2)) if told else []
        told += (step := (*fresh, *(replace(old, at=at) for old, at in again)))
        back = draw(st.lists(st.integers(0, len(told) - 1), max_size=1)) if told else []
        steps.append(Step(step, tuple(back)))
    return tuple(steps)


class Teller:
    """Tells a store what a history says, as harvest would: as differences to what the store has."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.record = Record()
        self._told: list[Statement] = []
        self._contents: dict[str, frozenset[FactId]] = {}
        self._facts = dict(zip(IDS, FACTS, strict=True))

    def tell(self, step: Step) -> Commit:
        """Applies one step."""
        known = self.store.histories({s.scope for s in step.said} | {s.scope for s in self._told})
        names = {scope: [meta.id for meta in history.snapshots] for scope, history in known.items()}
        snapshots: dict[str, SnapshotDelta] = {}
        seen: list[Seen] = []
        for statement in step.said:
            if statement.id in snapshots or statement.id in names.get(statement.scope, ()):
                seen.append(Seen(statement.scope, statement.id, statement.at))
            else:
                snapshots[statement.id] = self._delta(statement, names.setdefault(statement.scope, []))
        self._told += step.said
        back = [self._told[i] for i in step.taken_back]
        for statement in step.said:
            self.record.say(statement.said())
        for statement in back:
            self.record.take_back(statement.said())
        scopes = {s.scope for s in (*step.said, *back)}
        expects = {scope: known[scope].version if scope in known else 0 for scope in scopes}
        retracted = tuple(Seen(s.scope, s.id, s.at) for s in back)
        change = ChangeSet(tuple(snapshots.values()), tuple(seen), retracted, expects)
        return self.store.apply(change, author(len(self._told)))

    def _delta(self, statement: Statement, names: list[str]) -> SnapshotDelta:
        base = names[statement.based] if statement.based < len(names) else None
        names.append(statement.id)
        before = self._contents[base] if base else frozenset()
        now = self._contents[statement.id] = statement.ids()
        return SnapshotDelta(
            statement.id,
            statement.scope,
            statement.at,
            statement.complete,
            statement.unread,
            base,
            tuple(self._facts[f] for f in sorted(now - before)),
            tuple(sorted(before - now)),
            sum_of(now),
            len(now),
        )


def author(number: int = 0) -> Author:
    return Author(f"2026-06-01T00:00:{number % 60:02d}Z", "ana", "shop")


def steps_of(said: Iterable[Statement], size: int) -> History:
    """Returns statements as commits of so many."""
    every: Sequence[Statement] = list(said)
    return tuple(Step(tuple(every[i : i + size])) for i in range(0, len(every), size))
