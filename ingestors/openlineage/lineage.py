"""Column lineage of events as edges: the facets `columnLineage`, in its forms since 1-0-0, and `lineage`.

A DIRECT field is where a value comes from. An INDIRECT one at a field chooses its value (CONDITIONAL, FILTER of an aggregate)
or orders and groups it; at the whole data set it decides which rows there are. A field without a transformation is taken
as one, over-approximate: some tools name every column that a statement reads. A column that derives from itself says
nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from catalog.model.edges import DependsOn, DerivesFrom, Edge, Exactness, InfluencedBy, ProducedBy, RowKind, ValueKind
from catalog.model.names import Urn, column
from catalog.sql.redaction import redact
from ingestors.openlineage.datasets import Ref
from ingestors.openlineage.said import Json, Problem, entries
from ingestors.values import mapping, text

Named = Callable[[Json], Urn | None]
"""Returns the data set of an object with `namespace` and `name`."""

_VALUES: Final[dict[str, ValueKind]] = {kind.upper(): kind for kind in get_args(ValueKind)}
_ROWS: Final[dict[str, RowKind]] = {kind.upper(): kind for kind in get_args(RowKind)}
_CHOOSES: Final = frozenset({"CONDITIONAL", "FILTER"})
_UNSAID = "the source does not say how"


@dataclass(frozen=True, slots=True)
class Input:
    """A column of a data set, or a data set as a whole, and what is done with it."""

    dataset: Urn
    field: str | None
    transformations: list[Json]

    @property
    def column(self) -> Urn | None:
        return column(self.dataset, self.field) if self.field else None


@dataclass(frozen=True, slots=True)
class Lineage:
    """How one data set derives.

    Attributes:
        columns: Those that its schema names, if the event says them.
        within: Names that the statement defines within itself: they are no data sets.
    """

    target: Urn
    facet: Json
    named: Named
    columns: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()

    def edges(self) -> Iterator[Edge | Problem]:
        for name, entry in mapping(self.facet.get("fields")).items():
            if self.columns and name not in self.columns:
                yield self._unknown(name)
            elif name:
                yield from self._of_column(column(self.target, name), mapping(entry))
        for key in ("dataset", "inputs"):
            for one in self._inputs(self.facet, key):
                yield from _of_rows(self.target, one) if isinstance(one, Input) else (one,)

    def _unknown(self, name: str) -> Problem:
        message = f"the lineage names a column {name[:200]!r} that the schema of the same event lacks"
        return Problem(message, "unresolved", (self.target,))

    def _of_column(self, target: Urn, entry: Json) -> Iterator[Edge | Problem]:
        older = _older_form(entry)
        for key in ("inputFields", "inputs"):
            for one in self._inputs(entry, key):
                yield from _of_value(target, one, older) if isinstance(one, Input) else (one,)

    def _inputs(self, holder: Json, key: str) -> Iterator[Input | Edge | Problem]:
        for entry in entries(holder, key):
            if isinstance(entry, Problem):
                yield entry
            elif entry.get("type") == "JOB":
                yield from _from_job(self.target, entry)
            else:
                yield self._input(entry, key)

    def _input(self, entry: Json, key: str) -> Input | Problem:
        dataset, field = self.named(entry), text(entry.get("field"))
        if dataset is None or (field is None and key != "inputs"):
            return Problem(f"an input in {key!r} lacks namespace, name or field", subjects=(self.target,))
        if dataset.name.rpartition(".")[2] in self.within:
            message = f"the lineage names {dataset.name[:200]!r}, which the statement defines within itself: it is no data set"
            return Problem(message, "unresolved", (self.target,))
        return Input(dataset, field, [mapping(item) for item in _list(entry.get("transformations"))])


def covers(edges: Iterable[Edge], outputs: Iterable[Ref]) -> bool:
    """Whether the edges say how each of the outputs derives, and there is one."""
    explained = {edge.start.parts[:2] for edge in edges if edge.start.kind in ("column", "dataset")}
    written = {ref.urn.parts for ref in outputs}
    return bool(written) and written <= explained


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _older_form(entry: Json) -> list[Json]:
    """Returns the one transformation that events before column lineage 1-1-0 name for a whole field."""
    kind = text(entry.get("transformationType"))
    if kind is None:
        return []
    masked = kind.upper() == "MASKED"
    subtype = "TRANSFORMATION" if masked else kind
    return [
        {"type": "DIRECT", "subtype": subtype, "masking": masked, "description": entry.get("transformationDescription")}
    ]


def _from_job(target: Urn, entry: Json) -> Iterator[Edge]:
    """A job as the input of a data set is its producer; without a name it is the event's own, which is known."""
    namespace, name = text(entry.get("namespace")), text(entry.get("name"))
    if namespace and name:
        yield ProducedBy(start=target, end=Urn("job", (namespace, name)))


def _of_value(target: Urn, one: Input, older: list[Json]) -> Iterator[Edge]:
    source = one.column
    if source is None:
        yield DependsOn(start=Urn("dataset", target.parts[:2]), end=one.dataset)
        return
    for how in one.transformations or older or [{}]:
        edge = _value_edge(target, source, how)
        if edge.start != edge.end:
            yield edge


def _value_edge(target: Urn, source: Urn, how: Json) -> Edge:
    direct = text(how.get("type")) != "INDIRECT"
    subtype = (text(how.get("subtype")) or "").upper()
    if not direct and subtype in _ROWS and subtype not in _CHOOSES:
        return InfluencedBy(start=target, end=source, subtype=_ROWS[subtype])
    kind = _VALUES.get(subtype, "transformation") if direct else "conditional"
    known = subtype in _VALUES if direct else subtype in _CHOOSES
    exactness, reason = _certainty(known)
    return DerivesFrom(
        start=target, end=source, subtype=kind, masking=how.get("masking") is True,
        expression=_expression(how), exactness=exactness, reason=reason,
    )  # fmt: skip


def _of_rows(target: Urn, one: Input) -> Iterator[Edge]:
    source = one.column
    if source is None:
        yield DependsOn(start=target, end=one.dataset)
        return
    for how in one.transformations or [{}]:
        subtype = (text(how.get("subtype")) or "").upper()
        known = text(how.get("type")) == "INDIRECT" and subtype in _ROWS and subtype != "WINDOW"
        # A row set is not ordered by a window, nor does an aggregate flow into it: such an entry is the sort key of one.
        kind: RowKind = (
            "sort" if subtype == "WINDOW" or text(how.get("type")) == "DIRECT" else _ROWS.get(subtype, "filter")
        )
        exactness, reason = _certainty(known)
        yield InfluencedBy(start=target, end=source, subtype=kind, exactness=exactness, reason=reason)


def _certainty(known: bool) -> tuple[Exactness, str | None]:
    return ("exact", None) if known else ("over_approximate", _UNSAID)


def _expression(how: Json) -> str | None:
    described = text(how.get("description"))
    return redact(described[:10_000]) if described else None
