"""The process that evaluates Rego: it knows nothing but what it is told on standard input, one line of JSON after the other.

The first line holds the policy, the query and the limits, each further one an input document; each is answered by one line:
`value`, `undefined` or `error`. Nothing of ours is imported here. Once the interpreter is loaded no file and no connection
can be opened any more, and memory and processor time are bounded; the environment is empty from the start.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

_MAX_OUTPUT = 1 << 20
_MAX_MESSAGE = 500
_ERROR = re.compile(r"\(errormsg \d+:(.*?)\) ?\(errorast")


def main() -> None:
    """Answers until standard input ends."""
    os.environ.clear()  # of what the interpreter of this program set itself
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # the interpreter prints what it finds wrong
        os.dup2(null, stream)
    asked = json.loads(sys.stdin.readline())
    if asked["path"] is not None:
        sys.path.append(asked["path"])
    try:
        interpreter: Any = importlib.import_module("regopy").Interpreter
    except ImportError:
        interpreter = None
    _limit(asked["megabytes"], asked["seconds"])
    for line in sys.stdin:
        if interpreter is None:
            _say(out, {"error": "the package regopy is not installed: the extra `rego` brings it"})
        else:
            _say(out, _answer(interpreter, asked["policy"], asked["query"], line))


def _answer(interpreter: Any, policy: str, query: str, document: str) -> dict[str, Any]:
    try:
        rego = interpreter()
        rego.strict_built_in_errors = True
        rego.add_module("policy.rego", policy)
        rego.set_input_term(document)
        found = rego.query(f"found = {query}")
        if len(str(found)) > _MAX_OUTPUT:
            return {"error": f"it answers more than {_MAX_OUTPUT} characters"}
        values = [result.bindings for result in found.results if found.ok()]
    except Exception as err:
        return {"error": _brief(err)}
    return {"value": values[0]["found"]} if values and "found" in values[0] else {"undefined": True}


def _brief(err: Exception) -> str:
    """Returns the messages of the interpreter's list of errors; an answer that is no JSON is one, too."""
    text = " ".join(str(getattr(err, "doc", None) or err).split())
    if text.startswith('{"expressions"'):
        text = f"its answer is no JSON: {text}"
    found = list(dict.fromkeys(_ERROR.findall(text)))
    return ("; ".join(found[:3]) or text)[:_MAX_MESSAGE] or type(err).__name__


def _limit(megabytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on this platform: the caller's clock still holds
        return
    status = Path("/proc/self/statm")
    used = int(status.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0
    bounds = {
        resource.RLIMIT_AS: used + megabytes * 1024 * 1024,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for what, bound in bounds.items():
        with suppress(ValueError, OSError):  # a lower bound is in force already
            resource.setrlimit(what, (bound, bound))


def _say(out: TextIO, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
