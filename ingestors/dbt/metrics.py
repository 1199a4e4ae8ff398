"""Metrics, and the columns and other metrics that they are computed from.

A semantic model names measures of a relation: an aggregate over an expression. Metrics are built on measures (or, in newer
projects, on an expression of their own) and on each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.model.edges import ComputedFrom, DependsOn, ValueKind
from catalog.model.facts import Fact, Skip
from catalog.model.names import Urn
from catalog.model.nodes import Metric
from catalog.sql import analyze
from ingestors.dbt.governance import tag_facts
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.readings import quoted
from ingestors.dbt.relations import Relation, Relations
from ingestors.dbt.values import items, json_or_none, mapping, text, texts, unique

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_DIMENSION: Final = re.compile(r"""\b(?:Time)?Dimension\s*\(\s*['"]([^'"]+)['"]""")
_METRIC: Final = re.compile(r"""\bMetric\s*\(\s*['"]([^'"]+)['"]""")
_MEASURED: Final = frozenset({"simple", "cumulative", "conversion"})
"""Types built on measures. Of the others, `input_measures` repeats those of the metrics that they are built on."""


@dataclass(frozen=True, slots=True)
class _Formula:
    """An expression over the columns of one relation, aggregated or not."""

    relation: Relation
    expression: str
    aggregate: str | None
    origin: Entry

    @property
    def shown(self) -> str:
        return f"{self.aggregate}({self.expression})" if self.aggregate else self.expression


class Metrics:
    """The semantic layer of a project."""

    def __init__(self, project: Project, relations: Relations, dialect: str) -> None:
        self._project, self._dialect = project, dialect
        self._models = {entry.name: entry for entry in project.of("semantic_model")}
        bases = ((entry, relations.parents(entry)) for entry in self._models.values())
        self._relations = {entry.name: found[0] for entry, found in bases if found}
        self._names = {entry.name for entry in project.of("metric")}

    def facts(self) -> Iterator[Fact | Skip]:
        """Yields each metric with what it is computed from."""
        for entry in self._project.of("metric"):
            node = _metric(self._project, entry)
            yield Fact(node, entry.origin())
            yield from tag_facts(node.urn, entry.tags, entry.origin())
            yield from self._metrics(node.urn, entry)
            yield from self._columns(node.urn, entry)

    def _metrics(self, urn: Urn, entry: Entry) -> Iterator[Fact | Skip]:
        for names, subtype in ((_inputs(entry), None), (_in_filters(entry, _METRIC), "conditional")):
            for name in names:
                if name in self._names and name != entry.name:
                    yield Fact(
                        _computed(urn, Urn("metric", (self._project.name, name)), subtype), entry.origin("type_params")
                    )
                elif name not in self._names:
                    yield _unresolved(urn, entry, f"there is no metric {name!r}")

    def _columns(self, urn: Urn, entry: Entry) -> Iterator[Fact | Skip]:
        known: dict[Urn, bool] = {}
        for formula in self._formulas(entry):
            if isinstance(formula, Skip):
                yield formula
                continue
            found = list(self._computed_from(urn, formula, None if formula.aggregate else "conditional"))
            clear = not any(isinstance(item, Skip) for item in found)
            known[formula.relation.urn] = known.get(formula.relation.urn, True) and clear
            yield from found
        for end, columns_known in known.items():
            yield Fact(DependsOn(start=urn, end=end, columns_known=columns_known), entry.origin("depends_on"))

    def _formulas(self, entry: Entry) -> Iterator[_Formula | Skip]:
        urn = Urn("metric", (self._project.name, entry.name))
        for name in _measures(entry):
            yield self._measure(name) or _unresolved(urn, entry, f"no semantic model has the measure {name!r}")
        own = _own_formula(entry)
        if own is not None:
            model, aggregate, expression = own
            relation = self._relations.get(model)
            if relation is None:
                yield _unresolved(urn, entry, f"there is no semantic model {model!r}")
            else:
                yield _Formula(relation, expression, aggregate, entry)
        for name in _in_filters(entry, _DIMENSION):
            yield self._dimension(name) or _unresolved(urn, entry, f"no semantic model has the dimension {name!r}")

    def _measure(self, name: str) -> _Formula | None:
        for model in self._models.values():
            for measure in items(model.body.get("measures")):
                if mapping(measure).get("name") == name and model.name in self._relations:
                    aggregate = text(measure.get("agg")) or "aggregate"
                    return _Formula(self._relations[model.name], text(measure.get("expr")) or name, aggregate, model)
        return None

    def _dimension(self, path: str) -> _Formula | None:
        """Finds `entity__dimension`: the dimension of a semantic model that has the entity."""
        entity, _, name = path.rpartition("__")
        for model in self._models.values():
            dimension = next((d for d in items(model.body.get("dimensions")) if mapping(d).get("name") == name), None)
            if dimension and model.name in self._relations and entity.rpartition("__")[2] in _entities(model):
                return _Formula(self._relations[model.name], text(dimension.get("expr")) or name, None, model)
        return None

    def _computed_from(self, urn: Urn, formula: _Formula, subtype: ValueKind | None) -> Iterator[Fact | Skip]:
        origin = formula.origin.origin()
        sources = _sources(formula, self._dialect)
        if isinstance(sources, str):
            yield Skip("unresolved", f"{formula.shown!r}: {sources}", origin, (urn, formula.relation.urn))
            return
        for name, kind in sources:
            aggregated: ValueKind = "conditional" if kind == "conditional" else "aggregation"
            yield Fact(_computed(urn, formula.relation.column(name), subtype or aggregated, formula.shown), origin)


def _metric(project: Project, entry: Entry) -> Metric:
    return Metric(
        namespace=project.name,
        name=entry.name,
        type=entry.text("type"),
        title=entry.text("label"),
        expression=text(_parameters(entry).get("expr")),
        description=entry.text("description"),
        unique_id=entry.unique_id,
        meta=json_or_none(entry.meta),
    )


def _computed(start: Urn, end: Urn, subtype: ValueKind | str | None, expression: str | None = None) -> ComputedFrom:
    return ComputedFrom.model_validate({"start": start, "end": end, "subtype": subtype, "expression": expression})


def _unresolved(urn: Urn, entry: Entry, message: str) -> Skip:
    return Skip("unresolved", f"metric {entry.name!r}: {message}", entry.origin("type_params"), (urn,))


def _sources(formula: _Formula, dialect: str) -> list[tuple[str, ValueKind]] | str:
    """Returns the columns of an expression with their kinds, or why they cannot be told."""
    relation = formula.relation
    if _NAME.fullmatch(formula.expression):
        path = relation.path(formula.expression)
        return [(path, "identity")] if path else f"{relation.urn.name!r} has no such column"
    known = {relation.table: relation.columns} if relation.listed is not None else None
    # Read, never run; an expression that closes the bracket and goes on shows in what is read, and is refused.
    sql = f"SELECT ({formula.expression}\n) AS formula FROM {quoted(relation.table, dialect)}"  # noqa: S608
    result = analyze(sql, dialect or None, known)
    if len(result.statements) != 1 or result.reads != (relation.table,) or result.problems:
        return next((problem.message for problem in result.problems), "it is more than an expression")
    return unique((flow.source.column, flow.kind) for flow in result.flows)


def _parameters(entry: Entry) -> dict[str, Any]:
    return mapping(entry.body.get("type_params"))


def _name_of(value: Any) -> list[str]:
    return texts(mapping(value).get("name")) or texts(value)


def _inputs(entry: Entry) -> list[str]:
    """Returns the metrics that it is built on."""
    given = _parameters(entry)
    cumulative, conversion = (mapping(given.get(key)) for key in ("cumulative_type_params", "conversion_type_params"))
    values = [
        given.get("numerator"), given.get("denominator"), *items(given.get("metrics")), cumulative.get("metric"),
        conversion.get("base_metric"), conversion.get("conversion_metric"),
    ]  # fmt: skip
    return unique(name for value in values for name in _name_of(value))


def _measures(entry: Entry) -> list[str]:
    given = _parameters(entry)
    if entry.text("type") not in _MEASURED:
        return []
    conversion = mapping(given.get("conversion_type_params"))
    values = [
        given.get("measure"), conversion.get("base_measure"), conversion.get("conversion_measure"),
        *items(given.get("input_measures")),
    ]  # fmt: skip
    return unique(name for value in values for name in _name_of(value))


def _own_formula(entry: Entry) -> tuple[str, str, str] | None:
    """Returns semantic model, aggregate and expression of a metric that needs no measure."""
    given = _parameters(entry)
    own = mapping(given.get("metric_aggregation_params"))
    model = text(own.get("semantic_model"))
    if model is None or _measures(entry):
        return None
    return model, text(own.get("agg")) or "aggregate", text(given.get("expr")) or text(own.get("expr")) or entry.name


def _entities(model: Entry) -> set[str]:
    named = {name for entity in items(model.body.get("entities")) for name in texts(mapping(entity).get("name"))}
    return named | set(texts(model.body.get("primary_entity")))


def _in_filters(entry: Entry, pattern: re.Pattern[str]) -> list[str]:
    """Returns what the filters of a metric and of its inputs name."""
    found: list[str] = []
    queue: list[Any] = [entry.body.get("filter"), entry.body.get("type_params")]
    while queue:
        value = queue.pop(0)
        if isinstance(value, Mapping):
            template = text(value.get("where_sql_template"))
            found.extend(pattern.findall(template or ""))
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)
    return unique(found)
