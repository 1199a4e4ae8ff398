"""One GraphQL request, from its text to its answer, in the thread and with the store of the caller.

In this order: read within the limit of words, weigh, validate, run until the deadline. Errors of ours are text; anything else
is masked and handed to the caller, who knows where to log it.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError, execute, validate

from catalog.api import schema
from catalog.api.context import Context, Settings
from catalog.api.limits import cost, parsed
from catalog.model.errors import CatalogError, UsageError
from catalog.store.port import Store

MASKED: Final = "internal error"
_MAX_ERRORS: Final = 20
_MAX_MESSAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None


@dataclass(slots=True)
class Answered:
    """The response, and faults of ours that it hides.

    Attributes:
        ran: Whether the operation was begun; False if the request itself was refused.
    """

    response: dict[str, Any]
    faults: list[BaseException] = field(default_factory=list)
    ran: bool = True


def answer(
    settings: Settings, store: Store, asked: Asked, actor: str | None, request_id: str | None = None
) -> Answered:
    """Answers a request. Never raises for what a caller can send.

    Args:
        actor: Who asks, or None for one who may only read.
        request_id: Given to the caller with a fault, to be found in the log.
    """
    context = Context(settings, store, actor)
    try:
        _check_text(asked)
        document = parsed(asked.query, settings.limits)
        weight = cost(schema.core(), document, asked.variables, settings.limits)
        problems = validate(schema.core(), document, max_errors=_MAX_ERRORS)
        if problems:
            return _refused(problems, request_id)
    except (CatalogError, GraphQLError, RecursionError) as err:
        return _refused(
            [err if isinstance(err, GraphQLError) else GraphQLError(str(err), original_error=err)], request_id
        )
    found = asyncio.run(_run(document, asked, context))
    answered = Answered({"data": found.data})
    _say_errors(answered, found.errors or (), request_id)
    extensions: dict[str, Any] = {"cost": {"requested": weight, "limit": settings.limits.cost}}
    if context.cut:
        extensions["cut"] = context.cut
    answered.response["extensions"] = extensions
    return answered


def _check_text(asked: Asked) -> None:
    try:
        json.dumps([asked.query, asked.variables, asked.operation], ensure_ascii=False).encode()
    except UnicodeEncodeError as err:
        raise UsageError("The request holds half of a character (a lone surrogate). Send Unicode text.") from err


async def _run(document: Any, asked: Asked, context: Context) -> ExecutionResult:
    found: Any = execute(
        schema.core(),
        document,
        context_value=context,
        variable_values=dict(asked.variables),
        operation_name=asked.operation,
    )
    result: ExecutionResult = await found if inspect.isawaitable(found) else found
    return result


def _refused(problems: Sequence[GraphQLError], request_id: str | None) -> Answered:
    answered = Answered({}, ran=False)
    _say_errors(answered, problems, request_id)
    return answered


def _say_errors(answered: Answered, problems: Sequence[GraphQLError], request_id: str | None) -> None:
    if problems:
        answered.response["errors"] = [_said(answered, problem, request_id) for problem in problems[:_MAX_ERRORS]]


def _said(answered: Answered, problem: GraphQLError, request_id: str | None) -> dict[str, Any]:
    said: dict[str, Any] = dict(problem.formatted)
    cause = _cause(problem)
    if cause is None:
        code = "GRAPHQL_SYNTAX" if isinstance(problem, GraphQLSyntaxError) else "GRAPHQL_VALIDATION"
        return said | {"message": problem.message[:_MAX_MESSAGE], "extensions": {"code": code}}
    if isinstance(cause, CatalogError):
        return said | {"message": str(cause), "extensions": {"code": cause.code, "transient": cause.transient}}
    answered.faults.append(cause)
    more = {} if request_id is None else {"requestId": request_id}
    return said | {"message": MASKED, "extensions": {"code": "INTERNAL", **more}}


def _cause(problem: GraphQLError) -> BaseException | None:
    cause: BaseException | None = problem.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
