"""Speed of verification: digests of files against plain hashlib over the same bytes in memory, and the memory that it takes.

    python -m bench.hashing [MEBIBYTES]

What counts is the ratio: both take turns in each round, so that a busy machine slows them alike. Files lie in a temporary
folder and are in the page cache, as they were just written.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from catalog.verification.hashing import CHUNK, Place

ROUNDS = 5
ALGORITHMS = ("sha256", "md5")


def measure(mebibytes: int = 256) -> dict[str, Any]:
    """Returns, for each algorithm, GB/s of both in processor time, their ratio, and how far memory grew."""
    with tempfile.TemporaryDirectory() as folder:
        block = os.urandom(CHUNK)
        names = [f"f{number}" for number in range(os.cpu_count() or 1)]
        for name in names:
            with (Path(folder) / name).open("wb") as file:
                for _ in range(mebibytes):
                    file.write(block)
        size = mebibytes * CHUNK
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = {algorithm: _compared(Path(folder), block, algorithm, size) for algorithm in ALGORITHMS}
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return {
            "algorithms": found,
            "all cores, sha256, GB/s": round(_together(Path(folder), names, size), 2),
            "cores": len(names),
            "memory grew by, KiB": grown,
        }


def _compared(folder: Path, block: bytes, algorithm: str, size: int) -> dict[str, float]:
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours.append(_took(lambda: Place(folder, "f0").digest(algorithm)))
        plain.append(_took(lambda: _plain(algorithm, block, size // CHUNK)))
    return {
        "GB/s": round(size / min(ours) / 1e9, 2),
        "plain hashlib, GB/s": round(size / min(plain) / 1e9, 2),
        "ratio of time": round(statistics.median(a / b for a, b in zip(ours, plain, strict=True)), 3),
    }


def _plain(algorithm: str, block: bytes, times: int) -> str:
    found = hashlib.new(algorithm, usedforsecurity=False)
    for _ in range(times):
        found.update(block)
    return found.hexdigest()


def _together(folder: Path, names: list[str], size: int) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: Place(folder, name).digest("sha256"), names))
    return size * len(names) / (time.perf_counter() - began) / 1e9


def _took(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 256), indent=1))
