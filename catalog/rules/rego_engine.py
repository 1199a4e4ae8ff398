"""Asks a Rego policy in a process of its own: an empty environment, bounds on time and memory, no files, no network.

Whatever goes wrong is an outcome with a reason, and never an answer: a policy that cannot be asked allows nothing.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any, Final

CHILD: Final = Path(__file__).with_name("rego_child.py")
COMMAND: Final = (sys.executable, "-I", "-X", "utf8", str(CHILD))
_MAX_LINE: Final = 4 << 20
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: a value, or why there is none."""

    value: Any = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a policy may use.

    Attributes:
        seconds: For one document.
        megabytes: Memory beyond what the interpreter starts with.
        breaches: After so many documents that broke a bound no more are asked.
    """

    seconds: float = 5.0
    megabytes: int = 256
    breaches: int = 3


def package_folder() -> str | None:
    """Returns where the interpreter is installed: an isolated process does not look into a person's own packages."""
    spec = find_spec("regopy")
    return None if spec is None or spec.origin is None else str(Path(spec.origin).parents[1])


class Engine:
    """One policy, asked about one document after the other. A context manager."""

    def __init__(self, policy: str, query: str, bounds: Bounds | None = None, command: Sequence[str] = COMMAND) -> None:
        self._policy, self._query, self._bounds, self._command = policy, query, bounds or Bounds(), tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._broken = 0

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def ask(self, document: Any) -> Outcome:
        """Returns what the policy says about a document."""
        if self._broken >= self._bounds.breaches:
            return Outcome(failed=f"it is not asked: it broke its bounds {self._broken} times before")
        try:
            line = self._told(document)
        except TimeoutError:
            return self._breach(f"it took longer than {self._bounds.seconds:g} s")
        except OSError:
            return self._breach("its process ended: it needed more memory or time than it may, or crashed")
        return _outcome(line)

    def _told(self, document: Any) -> bytes:
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(document).encode() + b"\n")
        process.stdin.flush()
        return self._line(process, monotonic() + self._bounds.seconds)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # the program and its arguments are ours
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", bufsize=0
        )  # fmt: skip
        self._process = process
        bounds = self._bounds
        # Processor time adds up over documents; the clock here bounds each of them.
        told = {
            "policy": self._policy, "query": self._query, "megabytes": bounds.megabytes, "seconds": 600, "path": package_folder(),
        }  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(told).encode() + b"\n")
        return process

    def _line(self, process: subprocess.Popen[bytes], until: float) -> bytes:
        assert process.stdout is not None
        found = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not found.endswith(b"\n"):
                if not selector.select(max(until - monotonic(), 0)):
                    raise TimeoutError
                part = process.stdout.read(_CHUNK)
                found += part
                if not part or len(found) > _MAX_LINE:
                    raise BrokenPipeError
        return found

    def _breach(self, why: str) -> Outcome:
        self._broken += 1
        self._stop()
        return Outcome(failed=why)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def _outcome(line: bytes) -> Outcome:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Outcome(failed="its process gave no answer")
    if "value" in said:
        return Outcome(said["value"])
    return Outcome(failed=f"it failed: {said['error']}" if said.get("error") else "it is undefined")
