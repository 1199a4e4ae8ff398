"""A tracking server on the loopback interface that answers with recorded pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.ingestors.cases import CASES

PAGES = CASES / "mlflow" / "pages"
Answer = tuple[int, bytes, Mapping[str, str]]


@dataclass
class Server:
    """What it answers besides the pages, and what it was asked."""

    url: str = ""
    faults: dict[str, list[Answer | None]] = field(default_factory=dict)
    """By `endpoint` or `endpoint#page`: what the next requests are answered with; None for the page. The last one stays."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def answer(self, endpoint: str, body: dict[str, Any]) -> Answer:
        self.asked.append((endpoint, body))
        page = str(body.get("page_token") or "page1")
        faults = self.faults.get(f"{endpoint}#{page}") or self.faults.get(endpoint) or [None]
        fault = faults.pop(0) if len(faults) > 1 else faults[0]
        return fault or (200, (PAGES / f"{endpoint.replace('/', '_').replace('-', '_')}.{page}.json").read_bytes(), {})


def broken(status: int = 500, body: bytes = b"{}", **headers: str) -> Answer:
    return status, body, headers


@contextmanager
def serving() -> Iterator[Server]:
    """Yields a running server."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            self._reply(json.loads(self.rfile.read(size) or b"{}"))

        def do_GET(self) -> None:
            self._reply({key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()})

        def _reply(self, body: dict[str, Any]) -> None:
            server.headers.append(dict(self.headers))
            status, content, headers = server.answer(
                urlsplit(self.path).path.removeprefix("/base/api/2.0/mlflow/"), body
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}/base"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def store(folder: Path) -> Path:
    """Copies the database that the pages were recorded from."""
    target = folder / "tracking.db"
    target.write_bytes((CASES / "mlflow" / "store" / "tracking.db").read_bytes())
    return target
