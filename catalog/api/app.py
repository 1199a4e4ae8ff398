"""The server's paths. Handlers check who asks, read the body, hand the work to a thread and write what came of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.api.bodies import Body, receive
from catalog.api.context import Settings
from catalog.api.events import Taken, take, texts
from catalog.api.execution import MASKED, Asked, answer
from catalog.api.guard import Guard, RefusalError
from catalog.api.metrics import Metrics
from catalog.api.workers import Workers
from catalog.model.errors import CatalogError, DeadlineError, RefusedError, UsageError
from catalog.store.port import Store

PATHS: Final = ("/graphql", "/api/v1/lineage", "/api/v1/lineage/batch", "/livez", "/readyz", "/metrics")


@dataclass
class Server:
    """What the handlers share."""

    settings: Settings
    guard: Guard
    workers: Workers
    metrics: Metrics = field(default_factory=Metrics)
    log: Any = field(default_factory=lambda: structlog.get_logger("headwater"))
    closing: bool = False


def make_app(server: Server) -> FastAPI:
    """Returns the application. It closes the server's workers when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        server.closing = True
        server.workers.close()

    app = FastAPI(title="Headwater", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False
    app.add_middleware(Counting, server=server)
    app.add_exception_handler(RefusalError, _refuse)
    app.add_exception_handler(HTTPException, _no_such)
    app.add_exception_handler(CatalogError, _fail)
    for path, handler in _HANDLERS.items():
        method = "POST" if handler in _POSTED else "GET"
        app.add_api_route(path, _bound(handler, server), methods=[method], include_in_schema=False)
    return app


class Json(JSONResponse):
    """JSON in ASCII: names may hold halves of characters that UTF-8 cannot write."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


Handler = Callable[[Server, Request], Awaitable[Response]]


def _bound(handler: Handler, server: Server) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await handler(server, request)

    return handle


# --- answers ----------------------------------------------------------------------------------------------------------


async def _graphql(server: Server, request: Request) -> Response:
    actor = server.guard.admit(request.headers)
    body = await receive(request, server.settings.limits.body_bytes)
    request_id = secrets.token_hex(8)

    def work(store: Store) -> tuple[Response, list[BaseException]]:
        answered = answer(server.settings, store, _asked(body.value()), actor, request_id)
        return Json(answered.response), answered.faults

    response, faults = await server.workers.run(work, server.settings.limits.seconds)
    for fault in faults:
        server.log.error("graphql_fault", request_id=request_id, exc_info=fault)
    return response


def _asked(body: Any) -> Asked:
    if isinstance(body, list):
        raise RefusalError(400, "BATCH", "Several requests in one are not taken. Send them one by one.")
    known = isinstance(body, dict) and isinstance(body.get("query"), str)
    variables = body.get("variables") if known else None
    name = body.get("operationName") if known else None
    if not known or not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise RefusalError(
            400,
            "BODY",
            'Expected a JSON object with "query" and, if need be, "variables" (an object) and "operationName".',
        )
    return Asked(body["query"], variables or {}, name)


async def _lineage(server: Server, request: Request) -> Response:
    taken = await _take(server, request, lambda body: [body.text()])
    if taken.refused:
        raise RefusalError(400, "EVENT", f"The event cannot be taken: {taken.refused[0]}.")
    return Response(status_code=201)


async def _lineage_batch(server: Server, request: Request) -> Response:
    taken = await _take(server, request, _events)
    if not taken.refused:
        return Response(status_code=204)
    failed = len(taken.refused)
    summary = {"received": taken.received, "successful": taken.received - failed, "failed": failed, "retriable": 0}
    said = [{"index": index, "reason": reason, "retriable": False} for index, reason in taken.refused.items()]
    return Json({"status": "partial_success", "summary": summary | {"non_retriable": failed}, "failed_events": said})


def _events(body: Body) -> list[str]:
    values = body.value()
    if not isinstance(values, list):
        raise RefusalError(400, "BODY", "Expected a JSON list of events.")
    return texts(values)


async def _take(server: Server, request: Request, read: Callable[[Body], list[str]]) -> Taken:
    actor = server.guard.admit(request.headers)
    if actor is None:
        raise RefusalError(
            403, "FORBIDDEN", "Writing is off here. Start the server with HEADWATER_TOKENS or --allow-writes."
        )
    limits = server.settings.limits
    body = await receive(request, limits.event_bytes, limits.unpacked_bytes)

    def work(store: Store) -> Taken:
        return take(server.settings, store, read(body), actor)

    taken = await server.workers.run(work, limits.seconds)
    server.metrics.took(taken.received - len(taken.refused))
    return taken


async def _live(server: Server, request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _ready(server: Server, request: Request) -> Response:
    if server.closing:
        return PlainTextResponse("shutting down\n", 503)
    try:
        await server.workers.run(lambda store: store.commits(limit=1), server.settings.limits.seconds)
    except CatalogError as err:
        server.log.warning("not_ready", code=err.code, error=str(err))
        return PlainTextResponse(f"{err.code}\n", 503)
    return PlainTextResponse("ok\n")


async def _metrics(server: Server, request: Request) -> Response:
    server.guard.admit(request.headers)
    return PlainTextResponse(server.metrics.text(), media_type="text/plain; version=0.0.4")


_HANDLERS: Final[dict[str, Handler]] = {
    "/graphql": _graphql,
    "/api/v1/lineage": _lineage,
    "/api/v1/lineage/": _lineage,
    "/api/v1/lineage/batch": _lineage_batch,
    "/livez": _live,
    "/readyz": _ready,
    "/metrics": _metrics,
}
_POSTED: Final = frozenset({_graphql, _lineage, _lineage_batch})


# --- refusals ---------------------------------------------------------------------------------------------------------


def _problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return Json(body, status, headers)


async def _refuse(request: Request, err: Exception) -> Response:
    assert isinstance(err, RefusalError)
    return _problem(err.status, err.code, str(err), {"WWW-Authenticate": "Bearer"} if err.status == 401 else None)


async def _fail(request: Request, err: Exception) -> Response:
    """Says whether asking again can help: emitters of events drop what a 4xx answers."""
    assert isinstance(err, CatalogError)
    if isinstance(err, DeadlineError):
        return _problem(504, err.code, str(err))
    if isinstance(err, UsageError | RefusedError):
        return _problem(400, err.code, str(err))
    return _problem(503, err.code, str(err), {"Retry-After": "1"})


async def _no_such(request: Request, err: Exception) -> Response:
    assert isinstance(err, HTTPException)
    return _problem(err.status_code, "HTTP", str(err.detail), dict(err.headers or {}))


class Counting:
    """Counts every request, and masks what nothing else caught: the caller gets an id, the log the fault."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ticks, metrics = self._server.settings.ticks, self._server.metrics
        began, status = ticks(), 0
        metrics.begin()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as err:
            if status:
                raise
            status, request_id = 500, secrets.token_hex(8)
            self._server.log.error("fault", request_id=request_id, exc_info=err)
            body = {"errors": [{"message": MASKED, "extensions": {"code": "INTERNAL", "requestId": request_id}}]}
            await Json(body, 500)(scope, receive, send)
        finally:
            path = scope["path"] if scope["path"] in PATHS else "other"
            metrics.end(path, status, ticks() - began)
