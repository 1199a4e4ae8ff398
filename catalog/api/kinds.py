"""The kinds of things as GraphQL types: made from the model, field by field, with the model's own descriptions.

A field of the model is exposed under its name unless `RENAMED` or `HIDDEN` says otherwise; a test holds every field to that.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Final, Literal, Union, cast, get_args, get_origin

import strawberry

from catalog.api.derived import derived_labels
from catalog.api.entities import Entity, Info, entities, register, relation_field
from catalog.api.pages import PAGE, Connection, page
from catalog.api.relations import RELATIONS
from catalog.api.scalars import Long
from catalog.model.names import Urn, dataset_of
from catalog.model.nodes import NODES, Node

TYPE_NAMES: Final = {"Query": "SqlQuery"}
"""Kinds whose label is a word of GraphQL's own."""

RENAMED: Final[dict[tuple[str, str], str]] = {
    ("Dataset", "columns"): "column_names",
    ("Run", "job"): "job_urn",
}
"""Fields that stand beside one that leads to the things themselves."""

HIDDEN: Final[dict[tuple[str, str], str]] = {
    ("Run", "derives"): "edges in the form of the log: `lineage` answers them",
}
"""Fields that are not exposed, with the reason."""

_SCALARS: Final[dict[Any, Any]] = {bool: bool, int: Long}


def exposed(cls: type[Node]) -> dict[str, str]:
    """Returns the fields of a model class by the name that they are exposed under."""
    label = cls.label()
    return {RENAMED.get((label, name), name): name for name in cls.model_fields if (label, name) not in HIDDEN}


def type_name(cls: type[Node]) -> str:
    """Returns the name of a kind's type in the schema."""
    return TYPE_NAMES.get(cls.label(), cls.label())


# --- properties -------------------------------------------------------------------------------------------------------


def _property(cls: type[Node], name: str) -> Any:
    model, keys = cls.model_fields[name], cls.key_fields()
    if name in keys:
        return strawberry.field(resolver=_key(keys.index(name)), description=model.description)
    inner = _inner(model.annotation)
    if get_origin(inner) is list:
        return strawberry.field(resolver=_listed(name), description=model.description)
    scalar = _SCALARS.get(inner, str)
    return strawberry.field(resolver=_single(name), graphql_type=scalar | None, description=model.description)


def _inner(annotation: Any) -> Any:
    """Returns the type without None; words of a closed set are text."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return str if get_origin(annotation) is Literal else annotation


def _key(place: int) -> Callable[[Any], str]:
    def resolve(root: Any) -> str:
        return str(root.node_state.urn.parts[place])

    return resolve


def _single(name: str) -> Callable[[Any], Any]:
    def resolve(root: Any) -> Any:
        return root.node_state.properties.get(name)

    return resolve


def _listed(name: str) -> Callable[..., list[str] | None]:
    def resolve(root: Any, info: Info, first: int = PAGE) -> list[str] | None:
        values = root.node_state.properties.get(name)
        return None if values is None else info.context.bounded(values, first, info.path)

    return resolve


# --- types ------------------------------------------------------------------------------------------------------------


def _type(cls: type[Node]) -> type[Entity]:
    fields = {name: _property(cls, field) for name, field in exposed(cls).items()}
    ties = [r for r in RELATIONS if cls.kind() in r.kinds]
    fields |= {r.name: relation_field(r.type, r.direction, r.description) for r in ties}
    made = type(type_name(cls), (Entity,), {"__module__": __name__, **_more(cls.kind()), **fields})
    return cast("type[Entity]", strawberry.type(made, name=type_name(cls), description=cls.__doc__))


def _more(kind: str) -> dict[str, Any]:
    if kind == "dataset":
        about = "Its columns in order: those of the list in force, or those that edges mention where there is no list."
        field = strawberry.field(resolver=_columns, graphql_type=pages_of("column"), description=about)
        return {"columns": field}
    bears = {"derived_labels": strawberry.field(resolver=derived_labels, description=_LABELS)}
    if kind == "column":
        return {"dataset": strawberry.field(resolver=_dataset, description="The data set that holds it."), **bears}
    return bears if kind in ("feature", "metric") else {}


_LABELS: Final = "Terms and tags that follow from lineage; they are stored nowhere."


def pages_of(kind: str) -> Any:
    """Returns the type of a page of things of a kind."""
    generic: Any = Connection
    return generic[KINDS[kind]]


async def _columns(root: Any, info: Info, first: int = PAGE, after: str | None = None) -> Any:
    urn, as_of = root.node_state.urn, root.as_of
    order: dict[str, int] = {path: i for i, path in enumerate(root.node_state.properties.get("columns") or ())}
    found = await info.context.columns.load((urn, as_of))

    def key(column: Urn) -> tuple[int, str]:
        return (order.get(column.parts[2], len(order)), column.parts[2])

    part = page(sorted(found, key=key), key, first, after)
    columns = await entities(info.context, part.nodes, as_of)
    for edge, column in zip(part.edges, columns, strict=True):
        cast(Any, edge).node = column
    cast(Any, part).nodes = columns
    return part


async def _dataset(root: Any, info: Info) -> Entity:
    (found,) = await entities(info.context, [dataset_of(root.node_state.urn)], root.as_of)
    return found


KINDS: Final[dict[str, type[Entity]]] = {}
for _cls in sorted(NODES, key=lambda cls: cls.kind() != "column"):  # a data set's type holds the column's
    KINDS[_cls.kind()] = _type(_cls)
    register(_cls.kind(), KINDS[_cls.kind()])
