"""The server's doors: who is let in, what a request may look like, what becomes of events."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from catalog.api.guard import Guard, check_exposure, is_loopback, read_tokens
from catalog.api.limits import Limits
from catalog.model.errors import ConfigError, StoreUnavailableError
from catalog.store.memory import MemoryStore
from tests.api.asking import shop
from tests.api.serving import client
from tests.api.test_mutations import RUN

TOKEN = "0123456789abcdef0123456789abcdef"
VERSION = {"query": "{ serverInfo { version mayWrite } }"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A server on which everybody may write; what tests leave there, no other looks at."""
    with client(guard=Guard(allow_writes=True)) as found:
        yield found


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    """A server that asks for a token."""
    with client(guard=Guard({TOKEN: "ana"}), host="catalog.example") as found:
        yield found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


# --- GraphQL ----------------------------------------------------------------------------------------------------------


def test_a_query_is_answered_with_its_cost() -> None:
    with client() as http:
        answer = http.post("/graphql", json=VERSION)
    assert answer.status_code == 200
    assert answer.json()["data"]["serverInfo"]["mayWrite"] is False
    assert answer.json()["extensions"]["cost"]["requested"] > 0


def test_variables_and_the_name_of_the_operation_are_read(http: httpx.Client) -> None:
    query = "query A { serverInfo { version } } query B($r: String!) { dataset(ref: $r) { name } }"
    answer = http.post("/graphql", json={"query": query, "variables": {"r": "pg:shop.raw"}, "operationName": "B"})
    assert answer.json()["data"] == {"dataset": {"name": "shop.raw"}}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_graphql_is_asked_by_post_alone(method: str, http: httpx.Client) -> None:
    answer = http.request(method, "/graphql", params={"query": "{ serverInfo { version } }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


BODIES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "a batch": (json.dumps([VERSION, VERSION]).encode(), (400, "BATCH")),
    "no query": (b"{}", (400, "BODY")),
    "a query that is no text": (b'{"query": 7}', (400, "BODY")),
    "variables that are a list": (b'{"query": "{ a }", "variables": []}', (400, "BODY")),
    "a name that is a number": (b'{"query": "{ a }", "operationName": 7}', (400, "BODY")),
    "no JSON": (b"query", (400, "BODY")),
    "no number": (b'{"query": "{ a }", "variables": {"a": NaN}}', (400, "BODY")),
    "no UTF-8": (b'{"query": "\xff"}', (400, "BODY")),
    "nothing": (b"", (400, "BODY")),
    "deep": (b"[" * 100_000 + b"]" * 100_000, (400, "BODY")),
    "large": (b'{"query": "' + b" " * 300_000 + b'"}', (413, "TOO_LARGE")),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_request_is_refused(name: str, http: httpx.Client) -> None:
    body, expected = BODIES[name]
    assert code(http.post("/graphql", content=body, headers={"content-type": "application/json"})) == expected


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_only_json_is_read_so_that_no_form_can_post(media: str, http: httpx.Client) -> None:
    for path in ("/graphql", "/api/v1/lineage"):
        assert code(http.post(path, content=json.dumps(VERSION), headers={"content-type": media})) == (
            415,
            "MEDIA_TYPE",
        )


def test_half_a_character_in_an_answer_is_written_all_the_same(http: httpx.Client) -> None:
    answer = http.post(
        "/graphql",
        content=b'{"query": "{ entity(ref: \\"\\ud83d\\") { ref } }"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "USAGE"


def test_a_fault_is_masked_and_logged_with_the_id_that_the_caller_got() -> None:
    class Broken(MemoryStore):
        def info(self) -> Any:
            raise RuntimeError("the password is hunter2")

    with client(Broken()) as http, capture_logs() as logs:
        answer = http.post("/graphql", json=VERSION)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (200, "internal error")
    (line,) = logs
    assert line["request_id"] == error["extensions"]["requestId"]
    assert str(line["exc_info"]) == "the password is hunter2"
    assert "hunter2" not in answer.text


# --- who may come in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": "127.0.0.1@evil.example"}, 421),
        ({"host": ""}, 421),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "file://"}, 403),
    ],
)  # fmt: skip
def test_a_page_in_a_browser_does_not_reach_a_catalog_on_loopback(
    headers: Mapping[str, str], expected: int, http: httpx.Client
) -> None:
    for path, body in (("/graphql", VERSION), ("/api/v1/lineage", RUN)):
        answer = http.post(path, json=body, headers=dict(headers))
        assert answer.status_code == (201 if expected == 200 and path != "/graphql" else expected)
        assert "access-control-allow-origin" not in answer.headers


def test_other_names_are_served_when_they_are_allowed() -> None:
    with client(guard=Guard(hosts=frozenset({"catalog.example"}))) as http:
        for headers in (
            {"host": "catalog.example"},
            {"host": "catalog.example:8000", "origin": "https://catalog.example"},
        ):
            assert http.post("/graphql", json=VERSION, headers=headers).status_code == 200
        assert http.post("/graphql", json=VERSION, headers={"host": "other.example"}).status_code == 421


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer x{TOKEN}", TOKEN]
)
def test_without_the_token_nothing_is_answered(given: str | None, guarded: httpx.Client) -> None:
    headers = {} if given is None else {"authorization": given}
    for path in ("/graphql", "/api/v1/lineage", "/api/v1/lineage/batch"):
        answer = guarded.post(path, json=VERSION, headers=headers)
        assert code(answer) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert guarded.get("/metrics", headers=headers).status_code == 401
    assert guarded.get("/livez").status_code == guarded.get("/readyz").status_code == 200


def test_the_token_says_who_writes() -> None:
    store = shop()
    edit = {"query": 'mutation { setDescription(ref: "pg:shop.raw", text: "x") { ... on EditPayload { commit } } }'}
    with client(store, Guard({"f" * 32: "ben", TOKEN: "ana"}), host="catalog.example") as http:
        answer = http.post("/graphql", json=edit, headers={"authorization": f"bearer {TOKEN}"})
    assert answer.json()["data"] == {"setDescription": {"commit": 2}}
    assert store.commits(after=1)[0].actor == "ana"


def test_without_tokens_nobody_writes_unless_it_is_allowed() -> None:
    edit = {"query": 'mutation { setDescription(ref: "pg:shop.raw", text: "x") { __typename } }'}
    for allowed, type_, status in ((False, "Forbidden", 403), (True, "EditPayload", 201)):
        store = shop()
        with client(store, Guard(allow_writes=allowed)) as http:
            assert http.post("/graphql", json=edit).json()["data"] == {"setDescription": {"__typename": type_}}
            assert http.post("/api/v1/lineage", json=RUN).status_code == status
        assert {c.actor for c in store.commits(after=1)} == ({"local"} if allowed else set())


def test_tokens_are_read_and_never_shown() -> None:
    assert read_tokens(f"{TOKEN}=ana, {TOKEN}==with=ben,") == {TOKEN: "ana", f"{TOKEN}==with": "ben"}
    assert read_tokens("") == {}
    for text in (TOKEN, f"{TOKEN}=", "short=ana", f"{TOKEN}=ana,x"):
        with pytest.raises(ConfigError, match="HEADWATER_TOKENS") as caught:
            read_tokens(text)
        assert TOKEN not in str(caught.value)


def test_the_outside_is_not_served_without_tokens() -> None:
    for host in ("0.0.0.0", "::", "10.0.0.1", "catalog.example"):
        with pytest.raises(ConfigError, match="HEADWATER_TOKENS"):
            check_exposure(host, [])
        check_exposure(host, [TOKEN])
    for host in ("127.0.0.1", "::1", "localhost", "127.8.9.10"):
        assert is_loopback(host)
        check_exposure(host, [])


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/lineage", "/api/v1/lineage/"])
def test_an_event_is_committed_before_it_is_acknowledged(path: str) -> None:
    store = shop()
    with client(store, Guard(allow_writes=True)) as http:
        answer = http.post(path, content=json.dumps(RUN), headers={"content-type": "application/json; charset=UTF-8"})
        assert (answer.status_code, answer.content) == (201, b"")
        found = http.post("/graphql", json={"query": '{ job(ref: "job:etl/load") { reads { nodes { ref } } } }'}).json()
        assert found["data"]["job"]["reads"]["nodes"] == [{"ref": "pg:shop.orders"}]
        head = store.info().head
        assert http.post(path, json=RUN).status_code == 201
        assert "headwater_events_total 2" in http.get("/metrics").text
    assert store.info().head == head


@pytest.mark.parametrize(
    "event", [[], [RUN], 7, {}, {**RUN, "eventTime": "2999-01-01T00:00:00Z"}, {**RUN, "run": {}, "job": {}}]
)
def test_an_event_that_can_never_be_taken_is_refused_for_good(event: Any) -> None:
    store = shop()
    with client(store, Guard(allow_writes=True)) as http:
        assert code(http.post("/api/v1/lineage", json=event)) == (400, "EVENT")
    assert store.info().head == 1


def test_a_batch_takes_what_can_be_taken_and_names_the_rest() -> None:
    store = shop()
    other = {**RUN, "run": {"runId": "0192a3b4-0000-7000-8000-000000000002"}}
    with client(store, Guard(allow_writes=True)) as http:
        assert http.post("/api/v1/lineage/batch", json=[RUN, other]).status_code == 204
        answer = http.post("/api/v1/lineage/batch", json=[RUN, {}, other])
        assert code(http.post("/api/v1/lineage/batch", json=RUN)) == (400, "BODY")
    assert (answer.status_code, answer.json()["status"]) == (200, "partial_success")
    assert answer.json()["summary"] == {"received": 3, "successful": 2, "failed": 1, "retriable": 0, "non_retriable": 1}
    assert [(e["index"], e["retriable"]) for e in answer.json()["failed_events"]] == [(1, False)]


def test_a_packed_event_is_unpacked_within_limits() -> None:
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    with client(guard=Guard(allow_writes=True), limits=Limits(event_bytes=100_000, unpacked_bytes=200_000)) as http:
        whole = gzip.compress(json.dumps(RUN).encode())
        assert http.post("/api/v1/lineage", content=whole, headers=packed).status_code == 201
        assert code(http.post("/api/v1/lineage", content=gzip.compress(b" " * 10_000_000), headers=packed)) == (
            413,
            "TOO_LARGE",
        )
        assert code(http.post("/api/v1/lineage", content=whole[:-9], headers=packed)) == (400, "BODY")
        assert code(http.post("/api/v1/lineage", content=b"plain", headers=packed)) == (400, "BODY")
        assert code(
            http.post("/api/v1/lineage", content=b" " * 100_001, headers={"content-type": "application/json"})
        ) == (413, "TOO_LARGE")
        assert code(http.post("/graphql", content=whole, headers=packed)) == (415, "ENCODING")


# --- health -----------------------------------------------------------------------------------------------------------


def test_the_server_says_whether_it_lives_and_can_answer() -> None:
    class Down(MemoryStore):
        def commits(self, after: int = 0, limit: int = 1000) -> Any:
            raise StoreUnavailableError("bolt://db:7687: cannot be reached. Start it.")

    with client() as http:
        assert (http.get("/livez").text, http.get("/readyz").status_code) == ("ok\n", 200)
    with client(Down()) as http:
        answer = http.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "STORE_UNAVAILABLE\n")
        assert http.get("/livez").status_code == 200


def test_requests_are_counted_by_paths_of_ours() -> None:
    with client() as http:
        http.post("/graphql", json=VERSION)
        for path in ("/nothing", "/nothing?x=1", "/../etc/passwd"):
            assert http.get(path).status_code == 404
        text = http.get("/metrics").text
    assert 'headwater_requests_total{path="/graphql",status="200"} 1' in text
    assert 'headwater_requests_total{path="other",status="404"} 3' in text
    assert "passwd" not in text


def test_what_is_more_than_the_server_takes_is_told_to_come_back() -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(MemoryStore):
        def info(self) -> Any:
            started.set()
            go_on.wait(20)
            return super().info()

    answers: list[httpx.Response] = []
    with client(Slow(), waiting=0) as http:
        waiting = threading.Thread(target=lambda: answers.append(http.post("/graphql", json=VERSION)))
        waiting.start()
        assert started.wait(20)
        assert http.get("/livez").status_code == 200
        busy = http.post("/graphql", json=VERSION)
        go_on.set()
        waiting.join(20)
    assert code(busy) == (503, "BUSY")
    assert busy.headers["retry-after"] == "1"
    assert answers[0].status_code == 200


def test_a_caller_is_told_when_an_answer_takes_too_long_and_the_server_goes_on() -> None:
    go_on = threading.Event()

    class Stuck(MemoryStore):
        def info(self) -> Any:
            go_on.wait(20)
            return super().info()

    with client(Stuck(), limits=Limits(seconds=0.05)) as http:
        late = http.post("/graphql", json=VERSION)
        go_on.set()
        after = http.post("/graphql", json=VERSION)
    assert code(late) == (504, "DEADLINE")
    assert after.json()["data"]["serverInfo"]["version"]


def test_an_event_that_the_store_could_not_keep_is_worth_sending_again() -> None:
    class Down(MemoryStore):
        def apply(self, change: Any, author: Any, lines: Any = None, counts: Any = None) -> Any:
            raise StoreUnavailableError("bolt://db:7687: cannot be reached. Start it.")

    with client(Down(), Guard(allow_writes=True)) as http:
        answer = http.post("/api/v1/lineage", json=RUN)
    assert code(answer) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"
