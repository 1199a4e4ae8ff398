"""The schema as a whole, its text, and what would break the people who use it."""

from __future__ import annotations

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema, build_schema, find_breaking_changes, find_dangerous_changes
from strawberry.schema.config import StrawberryConfig

from catalog.api.glossaries import GlossaryMutation, GlossaryQuery
from catalog.api.kinds import KINDS
from catalog.api.mutations import Mutation
from catalog.api.queries import Query
from catalog.api.scalars import SCALARS
from catalog.model.errors import UsageError


@strawberry.type(name="Query", description="What can be asked.")
class _Asked(Query, GlossaryQuery):
    pass


@strawberry.type(
    name="Mutation",
    description="What can be changed. Each edit is yours: it is kept apart from what sources say, and comes before it.",
)
class _Changed(Mutation, GlossaryMutation):
    pass


@cache
def schema() -> strawberry.Schema:
    """Returns the schema; it is built once."""
    return strawberry.Schema(
        query=_Asked, mutation=_Changed, types=list(KINDS.values()), config=StrawberryConfig(scalar_map=SCALARS)
    )


def core() -> GraphQLSchema:
    """Returns the schema as graphql-core has it."""
    made: Any = schema()
    found: GraphQLSchema = made._schema
    return found


def sdl() -> str:
    """Returns the text of the schema."""
    return schema().as_str() + "\n"


def changes(published: str, place: str) -> tuple[list[str], list[str]]:
    """Returns what breaks the callers of a published schema, and what may surprise them.

    Raises:
        UsageError: the text is no schema; `place` says where it is from.
    """
    try:
        before, now = build_schema(published), core()
    except (GraphQLError, TypeError) as err:
        raise UsageError(f"{place}: is no GraphQL schema: {str(err)[:300]}. Name a file that was published.") from err
    breaking = [change.description for change in find_breaking_changes(before, now)]
    return breaking, [change.description for change in find_dangerous_changes(before, now)]
