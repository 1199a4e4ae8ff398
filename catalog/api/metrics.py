"""Counters of the server, as Prometheus reads them."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)


class Metrics:
    """Counts requests by path and status, and how long they took. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0
        self._events = 0
        self.in_flight = 0

    def begin(self) -> None:
        with self._lock:
            self.in_flight += 1

    def end(self, path: str, status: int, seconds: float) -> None:
        """Counts a request that was answered. `path` is one of ours, never a caller's."""
        with self._lock:
            self.in_flight -= 1
            self._requests[path, status] += 1
            self._seconds += seconds
            for bound in BOUNDS:
                self._buckets[bound] += seconds <= bound

    def took(self, events: int) -> None:
        """Counts lineage events that were committed."""
        with self._lock:
            self._events += events

    def text(self) -> str:
        """Returns the counters in the text format."""
        with self._lock:
            total = self._requests.total()
            lines = ["# TYPE headwater_requests_total counter"]
            lines += [
                f'headwater_requests_total{{path="{path}",status="{status}"}} {count}'
                for (path, status), count in sorted(self._requests.items())
            ]
            lines.append("# TYPE headwater_request_seconds histogram")
            lines += [f'headwater_request_seconds_bucket{{le="{b}"}} {self._buckets[b]}' for b in BOUNDS]
            lines += [
                f'headwater_request_seconds_bucket{{le="+Inf"}} {total}',
                f"headwater_request_seconds_sum {self._seconds:.6f}",
                f"headwater_request_seconds_count {total}",
                "# TYPE headwater_requests_in_flight gauge",
                f"headwater_requests_in_flight {self.in_flight}",
                "# TYPE headwater_events_total counter",
                f"headwater_events_total {self._events}",
            ]
        return "\n".join(lines) + "\n"
