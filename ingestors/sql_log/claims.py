"""One statement as facts about one table that it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.edges import DependsOn, DerivesFrom, Edge, InfluencedBy
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn, column
from catalog.model.nodes import Column, Dataset, Node
from catalog.sql import ColumnName, Flow, Problem, Statement, Table, digest, is_sensitive, redact
from ingestors.naming import relation

Item = Fact | Skip

_OTHER_TIME: Final = "a star over columns that were read at another time than the statement ran"
_MAX_TEXT: Final = 200_000
_MAX_EXPRESSION: Final = 10_000
LOST: Final = frozenset({"unparsed", "limit", "unsupported", "dynamic"})
"""Problems after which tables may be missing from what the statement is said to read."""


@dataclass(frozen=True, slots=True)
class Claims:
    """How statements of one source become facts.

    Attributes:
        literals: Code of a repository keeps its literals; text of a query log does not.
        of_another_time: Whether a table's columns are known for another time than the statement's only.
    """

    namespace: str
    dialect: str | None
    literals: bool
    of_another_time: Callable[[Table], bool]

    def dataset(self, table: Table) -> Urn:
        return relation(self.namespace, *table)

    def column(self, name: ColumnName) -> Urn:
        return column(self.dataset(name.table), name.column)

    # --- what it is ---------------------------------------------------------------------------------------------------

    def definition(self, statement: Statement, table: Table, origin: Origin) -> Iterator[Item]:
        """Yields the table with the text that defines it."""
        urn = self.dataset(table)
        text = self.text(statement)
        if len(text) > _MAX_TEXT:
            yield Skip("ignored", f"a definition of {len(text)} characters is not kept", origin, (urn,))
            text = ""
        yield Fact(Dataset(namespace=urn.namespace, name=urn.name, language="sql", definition=text or None), origin)

    def mention(self, table: Table, origin: Origin) -> Iterator[Item]:
        """Yields the table without saying anything of it: it is there."""
        urn = self.dataset(table)
        yield Fact(Dataset(namespace=urn.namespace, name=urn.name), origin)

    def text(self, statement: Statement) -> str:
        """Returns what may be kept of a statement's text."""
        if is_sensitive(statement.text, self.dialect):
            return f"{statement.kind} {digest(statement.text)}"
        return statement.text if self.literals else redact(statement.text, self.dialect)

    def structure(self, statement: Statement, starred: frozenset[Table], table: Table, origin: Origin) -> list[Fact]:
        """Returns what kind of data set a statement makes, and its columns if all of them are known.

        Args:
            starred: Tables whose columns it takes by a star.
        """
        copied = statement.reads if statement.kind in _COPIES else ()
        doubtful = any(map(self.of_another_time, (*starred, *copied)))
        listed = None if statement.problems or doubtful else statement.columns
        types = {c.name: c.type for c in listed} if listed else None
        return structure(self.dataset(table), dataset_type(statement.kind), types, origin)

    # --- where it comes from --------------------------------------------------------------------------------------------

    def lineage(self, statement: Statement, table: Table, origin: Origin) -> Iterator[Item]:
        """Yields what the statement says about where the table's values and rows come from, and what it did not say."""
        yield from (Fact(edge, origin) for edge in _distinct(self._edges(statement, table)))
        yield from self.skips(statement.problems, origin, self.dataset(table))

    def _edges(self, statement: Statement, table: Table) -> Iterator[Edge]:
        for flow in statement.flows:
            if flow.target.table == table and flow.source != flow.target and flow.source.table:
                yield self._flow(flow)
        start = self.dataset(table)
        for influence in statement.influences:
            target = influence.target
            where = {"end": self.column(influence.source), "subtype": influence.kind}
            how = {"exactness": influence.exactness, "reason": influence.reason}
            if isinstance(target, ColumnName):
                if target.table == table and target != influence.source:
                    yield InfluencedBy(start=self.column(target), **where, **how)
            elif target == table:
                yield InfluencedBy(start=start, **where, **how)
        for read in statement.reads:
            if read != table:
                yield DependsOn(start=start, end=self.dataset(read), columns_known=_columns_known(statement, read))

    def _flow(self, flow: Flow) -> DerivesFrom:
        exactness, reason = flow.exactness, flow.reason
        if exactness == "exact" and flow.by_star and self.of_another_time(flow.source.table):
            exactness, reason = "over_approximate", _OTHER_TIME
        expression = flow.expression if self.literals else flow.redacted_expression
        return DerivesFrom(
            start=self.column(flow.target),
            end=self.column(flow.source),
            subtype=flow.kind,
            masking=flow.masking,
            by_star=flow.by_star,
            exactness=exactness,
            reason=reason,
            expression=expression if expression and len(expression) <= _MAX_EXPRESSION else None,
        )

    def skips(self, problems: tuple[Problem, ...], origin: Origin, *subjects: Urn) -> Iterator[Skip]:
        """Yields what was not understood."""
        for problem in problems:
            yield Skip(problem.code, problem.message, origin, subjects)


_COPIES: Final = frozenset({"clone", "create_table_like"})


def hides_reads(statement: Statement) -> bool:
    """Whether the statement may say more than was understood of it."""
    return any(problem.code in LOST for problem in statement.problems)


def _columns_known(statement: Statement, table: Table) -> bool:
    return statement.read_columns.get(table) is not None and not statement.problems


def _distinct(edges: Iterator[Edge]) -> Iterator[Edge]:
    seen: set[tuple[Any, ...]] = set()
    for edge in edges:
        key = (edge.type(), edge.start, edge.end, *edge.properties().items())
        if key not in seen:
            seen.add(key)
            yield edge


_TYPES: Final = (("create_view", "view"), ("create_materialized_view", "materialized view"), ("create_", "table"))


def dataset_type(kind: str) -> str | None:
    """Returns the type of data set that a kind of statement makes."""
    if kind in ("select_into", "clone"):
        return "table"
    return next((name for prefix, name in _TYPES if kind.startswith(prefix)), None)


def structure(urn: Urn, kind: str | None, columns: dict[str, str | None] | None, origin: Origin) -> list[Fact]:
    """Returns a data set with its columns, and those columns whose type is known."""
    listed = list(columns) if columns is not None else None
    nodes: list[Node] = [Dataset(namespace=urn.namespace, name=urn.name, type=kind, columns=listed)]
    nodes += [
        Column(namespace=urn.namespace, name=urn.name, path=name, data_type=data_type)
        for name, data_type in (columns or {}).items()
        if data_type
    ]
    return [Fact(node, origin) for node in nodes]
