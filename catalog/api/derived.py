"""Labels that follow from lineage, as a field of what can bear them."""

from __future__ import annotations

from typing import Any

import strawberry

from catalog.api.entities import Info
from catalog.api.pages import PAGE
from catalog.api.pouring import pour
from catalog.api.results import Mention


@strawberry.type(description="A term or tag that follows from lineage. It is stored nowhere.")
class DerivedLabel(Mention):
    carried: str = strawberry.field(description="full: the value was copied all the way; else derived.")
    exactness: str = strawberry.field(description="That of the least exact edge of the way.")
    from_: str = strawberry.field(name="from", description="Ref of the thing at which it is stated.")
    via: str = strawberry.field(description="Ref of the thing that it came from last.")
    path: list[str] = strawberry.field(description="Refs from there to here.")
    hops: int = strawberry.field(description="Steps of the way.")


async def derived_labels(root: Any, info: Info, first: int = PAGE) -> list[DerivedLabel]:
    """Returns the labels that a thing bears by lineage."""
    found = await info.context.derived.load((root.node_state.urn, root.as_of))
    shown = info.context.bounded(found, first, info.path)
    return [pour(DerivedLabel, one, asked_at=root.as_of) for one in shown]
