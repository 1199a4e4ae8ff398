"""Owners, tags and contracts of the project's relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model.canonical import json_text
from catalog.model.edges import CoveredBy, OwnedBy, Tagged
from catalog.model.facts import Fact, Origin
from catalog.model.names import Urn, column
from catalog.model.nodes import Agent, Contract, Tag
from ingestors import naming
from ingestors.dbt.project import Entry, Project
from ingestors.dbt.relations import Relation, Relations
from ingestors.dbt.values import items, mapping, text, texts, unique


def governance_facts(project: Project, relations: Relations) -> Iterator[Fact]:
    """Yields who owns each relation, how it and its columns are tagged, and what its contract promises."""
    groups = {group.name: group for group in project.of("group")}
    for relation in relations:
        yield from _owners(relation, groups)
        yield from tag_facts(relation.urn, relation.entry.tags, relation.entry.origin())
        yield from _column_tags(relation)
        yield from _contract(project, relation)


def owner_facts(subject: Urn, owner: Mapping[str, Any], origin: Origin) -> Iterator[Fact]:
    """Yields the owner of an exposure or group: one agent for each address, or one by name."""
    name = text(owner.get("name"))
    emails = texts(owner.get("email"))
    for given in emails or texts(name):
        agent = naming.agent(given)
        known = Agent(
            namespace=agent.namespace,
            name=agent.name,
            email=agent.name if emails else None,
            title=name if emails else None,
        )
        yield Fact(known, origin)
        yield Fact(OwnedBy(start=subject, end=known.urn, role="owner"), origin)


def tag_facts(subject: Urn, tags: list[str], origin: Origin) -> Iterator[Fact]:
    for name in tags:
        tag = Tag(namespace="", name=name)
        yield Fact(tag, origin)
        yield Fact(Tagged(start=subject, end=tag.urn), origin)


def _owners(relation: Relation, groups: Mapping[str, Entry]) -> Iterator[Fact]:
    entry = relation.entry
    group = groups.get(entry.text("group") or text(entry.config.get("group")) or "")
    if group is not None:
        yield from owner_facts(relation.urn, mapping(group.body.get("owner")), group.origin("owner"))
    for given in texts(entry.meta.get("owner")):
        agent = naming.agent(given)
        yield Fact(agent, entry.origin("meta", "owner"))
        yield Fact(OwnedBy(start=relation.urn, end=agent.urn, role="owner"), entry.origin("meta", "owner"))


def _column_tags(relation: Relation) -> Iterator[Fact]:
    for name, said in relation.entry.columns.items():
        path = relation.path(name, quoted=said.get("quote") is True)
        tags = unique([*texts(said.get("tags")), *texts(mapping(said.get("config")).get("tags"))])
        if path is not None:
            yield from tag_facts(column(relation.urn, path), tags, relation.entry.origin("columns", name, "tags"))


def _contract(project: Project, relation: Relation) -> Iterator[Fact]:
    entry = relation.entry
    terms = mapping(entry.body.get("contract"))
    if terms.get("enforced") is not True:
        return
    contract = Contract(
        namespace=project.name,
        name=entry.unique_id,
        enforced=True,
        checksum=text(terms.get("checksum")),
        columns=json_text([_promise(name, said) for name, said in entry.columns.items()]),
    )
    yield Fact(contract, entry.origin("contract"))
    yield Fact(CoveredBy(start=relation.urn, end=contract.urn), entry.origin("contract"))


def _promise(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for item in items(said.get("constraints")) if (kind := text(mapping(item).get("type")))]
    promise = {"name": name, "data_type": text(said.get("data_type")), "constraints": kinds}
    return {key: value for key, value in promise.items() if value}
