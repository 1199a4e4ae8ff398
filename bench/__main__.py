"""Runs the benchmarks on a store of their own and prints the figures as JSON."""

from __future__ import annotations

import json
import tempfile

from bench.store import measure

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for columns in (20_000, 200_000):
            url = f"sqlite:///{folder}/{columns}.db"
            print(json.dumps({"columns": columns, **measure(url, columns, samples=200)}, indent=1), flush=True)
