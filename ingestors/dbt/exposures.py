"""Exposures: dashboards, applications and models that people build on the data."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.model.edges import DependsOn
from catalog.model.facts import Fact
from catalog.model.names import Urn
from catalog.model.nodes import Exposure
from ingestors.dbt.governance import owner_facts, tag_facts
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.relations import Relations
from ingestors.dbt.values import json_or_none, mapping


def exposure_facts(project: Project, relations: Relations) -> Iterator[Fact]:
    """Yields each exposure with its owner and what it stands on: data sets and metrics."""
    for entry in project.of("exposure"):
        node = _exposure(project, entry)
        yield Fact(node, entry.origin())
        for end in _bases(project, relations, entry):
            yield Fact(DependsOn(start=node.urn, end=end), entry.origin("depends_on"))
        yield from owner_facts(node.urn, mapping(entry.body.get("owner")), entry.origin("owner"))
        yield from tag_facts(node.urn, entry.tags, entry.origin())


def _exposure(project: Project, entry: Entry) -> Exposure:
    return Exposure(
        namespace=project.name,
        name=entry.name,
        type=entry.text("type"),
        title=entry.text("label"),
        maturity=entry.text("maturity"),
        url=entry.text("url"),
        description=entry.text("description"),
        unique_id=entry.unique_id,
        meta=json_or_none(entry.meta),
    )


def _bases(project: Project, relations: Relations, entry: Entry) -> list[Urn]:
    data = [relation.urn for relation in relations.parents(entry)]
    metrics = [Urn("metric", (project.name, p.name)) for p in project.parents(entry) if p.resource == "metric"]
    return [*data, *metrics]
