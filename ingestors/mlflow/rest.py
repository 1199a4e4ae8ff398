"""A tracking server asked over its REST API, page by page.

Only the configured host is asked: redirections are not followed, no proxy of the environment is used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final

import httpx

from catalog.model.errors import ConfigError, LimitError, SourceError
from catalog.model.ingest import Limits
from ingestors.documents import json_value
from ingestors.mlflow.records import Experiment, Figure, Input, LoggedModel, Registered, RunRecord, Version, figure_text
from ingestors.values import mapping, mappings, text, whole

_API: Final = "api/2.0/mlflow/"
_TIMEOUT_S: Final = 60.0
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_WAITS_S: Final = (0.5, 2.0, 5.0)
_PAGES: Final = 100_000
_PAGE_BYTES: Final = 1 << 28


class RestTracking:
    """Asks a tracking server.

    Args:
        url: Its address, with the path that it is served below.
        token_env: Environment variable that holds a bearer token.
        wait: Waits between attempts; a test may replace it.
    """

    def __init__(
        self, url: str, limits: Limits, token_env: str | None = None, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self.place = url.rstrip("/")
        self._limits, self._wait = limits, wait
        headers = {"Accept": "application/json"}
        if token_env is not None:
            token = os.environ.get(token_env)
            if not token:
                raise ConfigError(
                    f"{token_env!r} is not set: expected a token for {self.place}. Set it in the environment."
                )
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            base_url=f"{self.place}/{_API}",
            headers=headers,
            timeout=_TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> RestTracking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def experiments(self) -> Iterator[Experiment]:
        for raw in self._pages("POST", "experiments/search", "experiments", {"max_results": 1000, "view_type": "ALL"}):
            yield Experiment(
                id=_text(raw, "experiment_id"),
                name=_text(raw, "name"),
                lifecycle=text(raw.get("lifecycle_stage")) or "active",
                created=whole(raw.get("creation_time")),
                updated=whole(raw.get("last_update_time")),
                tags=_pairs(raw.get("tags")),
            )

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        body = {"experiment_ids": [experiment], "max_results": 1000, "run_view_type": "ALL"}
        for raw in self._pages("POST", "runs/search", "runs", body):
            info, data = mapping(raw.get("info")), mapping(raw.get("data"))
            if text(info.get("experiment_id")) == experiment:
                yield _run(info, data, mapping(raw.get("inputs")))

    def models(self, experiment: str) -> Iterator[LoggedModel]:
        body = {"experiment_ids": [experiment], "max_results": 100}
        for raw in self._pages("POST", "logged-models/search", "models", body):
            info, data = mapping(raw.get("info")), mapping(raw.get("data"))
            if text(info.get("experiment_id")) == experiment:
                yield LoggedModel(
                    id=_text(info, "model_id"),
                    experiment=experiment,
                    name=text(info.get("name")),
                    location=text(info.get("artifact_uri")),
                    updated=whole(info.get("last_updated_timestamp_ms")),
                    run=text(info.get("source_run_id")),
                    params=_pairs(data.get("params")),
                    metrics=_figures(data.get("metrics")),
                )

    def registered(self) -> Iterator[Registered]:
        for raw in self._pages("GET", "registered-models/search", "registered_models", {"max_results": 1000}):
            yield Registered(
                name=_text(raw, "name"),
                description=text(raw.get("description")),
                updated=whole(raw.get("last_updated_timestamp")),
                tags=_pairs(raw.get("tags")),
                aliases=_pairs(raw.get("aliases"), "alias", "version"),
            )

    def versions(self) -> Iterator[Version]:
        for raw in self._pages("GET", "model-versions/search", "model_versions", {"max_results": 10_000}):
            yield Version(
                name=_text(raw, "name"),
                version=_text(raw, "version"),
                description=text(raw.get("description")),
                created=whole(raw.get("creation_timestamp")),
                updated=whole(raw.get("last_updated_timestamp")),
                source=text(raw.get("source")),
                run=text(raw.get("run_id")),
                status=text(raw.get("status")),
                tags=_pairs(raw.get("tags")),
            )

    def _pages(self, method: str, path: str, key: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        token: str | None = None
        seen: set[str] = set()
        while True:
            asked = {**body, **({"page_token": token} if token else {})}
            answer = self._ask(method, path, asked)
            yield from mappings(answer.get(key))
            token = text(answer.get("next_page_token"))
            if token is None:
                return
            if token in seen or len(seen) >= _PAGES:
                raise SourceError(f"{self.place}/{path}", "gives the same page again and again", "Ask its operator.")
            seen.add(token)

    def _ask(self, method: str, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        place = f"{self.place}/{path}"
        problem = ""
        for pause in (*_WAITS_S, None):
            try:
                with self._answer(method, path, asked) as answer:
                    if answer.status_code == httpx.codes.OK:
                        return mapping(json_value(self._body(answer, place), place, self._limits.depth))
                    problem = f"answers {answer.status_code}"
                    if answer.status_code not in _RETRIED:
                        break
            except httpx.HTTPError as err:
                problem = f"cannot be reached: {str(err) or type(err).__name__}"
            if pause is not None:
                self._wait(pause)
        raise SourceError(place, problem, "Check the address and the token, or try again later.")

    @contextmanager
    def _answer(self, method: str, path: str, asked: Mapping[str, Any]) -> Iterator[httpx.Response]:
        sent: dict[str, Any] = {"params": asked} if method == "GET" else {"json": asked}
        with self._client.stream(method, path, **sent) as answer:
            yield answer

    def _body(self, answer: httpx.Response, place: str) -> str:
        limit = min(_PAGE_BYTES, self._limits.document_bytes)
        body = bytearray()
        for part in answer.iter_bytes(1 << 16):
            body += part
            if len(body) > limit:
                raise LimitError(place, f"answers with more than {limit} bytes", "See the limits.")
        return body.decode("utf-8", "replace")


def _run(info: dict[str, Any], data: dict[str, Any], inputs: dict[str, Any]) -> RunRecord:
    return RunRecord(
        id=text(info.get("run_id")) or _text(info, "run_uuid"),
        experiment=_text(info, "experiment_id"),
        name=text(info.get("run_name")),
        user=text(info.get("user_id")),
        status=text(info.get("status")),
        started=whole(info.get("start_time")),
        ended=whole(info.get("end_time")),
        lifecycle=text(info.get("lifecycle_stage")) or "active",
        params=_pairs(data.get("params")),
        metrics=_figures(data.get("metrics")),
        tags=_pairs(data.get("tags")),
        inputs=tuple(_input(raw) for raw in mappings(inputs.get("dataset_inputs"))),
    )


def _input(raw: dict[str, Any]) -> Input:
    said = mapping(raw.get("dataset"))
    return Input(
        name=_text(said, "name"),
        digest=_text(said, "digest"),
        source_type=text(said.get("source_type")),
        source=text(said.get("source")),
        schema=text(said.get("schema")),
        profile=text(said.get("profile")),
        tags=_pairs(raw.get("tags")),
    )


def _figures(raw: Any) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            key=_text(said, "key"),
            value=figure_text(said.get("value", 0.0)),
            at=whole(said.get("timestamp")),
            dataset=text(said.get("dataset_name")),
            digest=text(said.get("dataset_digest")),
        )
        for said in mappings(raw)
    )


def _pairs(raw: Any, key: str = "key", value: str = "value") -> dict[str, str]:
    return {_text(said, key): _text(said, value) for said in mappings(raw)}


def _text(said: dict[str, Any], key: str) -> str:
    return text(said.get(key)) or ""
