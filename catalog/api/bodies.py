"""Request bodies, read within their limits."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from catalog.api.guard import RefusalError

_RATIO: Final = 20
"""How many times larger than its packed form a body may be; small ones are let be."""

_SMALL: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Body:
    """What a request holds, as it came. Reading it can take long: not on the event loop."""

    content: bytes
    packed: bool
    unpacked: int

    def text(self) -> str:
        """Returns the text, unpacked.

        Raises:
            RefusalError: it is none, or too large.
        """
        content = _unpacked(self.content, self.unpacked) if self.packed else self.content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as err:
            raise RefusalError(400, "BODY", "The body is no UTF-8.") from err

    def value(self) -> Any:
        """Returns the JSON value.

        Raises:
            RefusalError: it is none, or too large.
        """
        return parsed(self.text())


async def receive(request: Request, most: int, unpacked: int = 0) -> Body:
    """Returns the body of a request that says it is JSON.

    Args:
        most: Bytes that it may have.
        unpacked: Bytes that it may have after unpacking; 0: it may not be packed.

    Raises:
        RefusalError: it says it is something else, or is too large.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise RefusalError(415, "MEDIA_TYPE", f"The content type is {media[:80]!r}: expected application/json.")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip") or (packed == "gzip" and not unpacked):
        raise RefusalError(415, "ENCODING", f"The content encoding {packed[:80]!r} is not taken here. Send it plain.")
    return Body(await _read(request, most), packed == "gzip", unpacked)


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise _too_large(most)
    except ClientDisconnect as err:
        raise RefusalError(400, "BODY", "The body ended early.") from err
    return bytes(body)


def _unpacked(body: bytes, most: int) -> bytes:
    limit = min(most, max(_SMALL, len(body) * _RATIO))
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(body, limit + 1)
    except zlib.error as err:
        raise RefusalError(400, "BODY", "The body is no gzip. Send it plain.") from err
    if len(found) > limit:
        raise _too_large(limit)
    if not reader.eof:
        raise RefusalError(400, "BODY", "The gzip body is cut off.")
    return found


def _too_large(most: int) -> RefusalError:
    return RefusalError(413, "TOO_LARGE", f"The body is larger than {most} bytes. Send less at once.")


def parsed(text: str) -> Any:
    """Returns the value of a JSON text.

    Raises:
        RefusalError: it is no JSON.
    """
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as err:
        raise RefusalError(400, "BODY", "The JSON is nested too deep.") from err
    except ValueError as err:
        raise RefusalError(400, "BODY", f"The body is no JSON: {str(err)[:200]}.") from err


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
