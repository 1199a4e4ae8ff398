"""Who may come in: bearer tokens, and on loopback the host and origin that a browser's page cannot forge.

A page that somebody visits can make the browser ask `127.0.0.1`, also under a name of its own that it points there. So without
tokens every request must name a loopback host, a request that writes must be JSON, and one with an `Origin` must come from an
allowed host.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from catalog.model.errors import ConfigError

LOCAL: Final = "local"
"""Actor of one who may write without a token."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SHORTEST: Final = 16


class RefusalError(Exception):
    """A request that is not let in: its status and what to say."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)


def read_tokens(text: str) -> dict[str, str]:
    """Reads `TOKEN=ACTOR,TOKEN=ACTOR`.

    Raises:
        ConfigError: it has another form; no token is shown.
    """
    tokens: dict[str, str] = {}
    for place, entry in enumerate((part.strip() for part in text.split(",")), 1):
        if not entry:
            continue
        token, equals, actor = entry.rpartition("=")
        if not equals or not actor.strip() or len(token.strip()) < _SHORTEST:
            raise ConfigError(
                f"HEADWATER_TOKENS: entry {place} is no TOKEN=ACTOR with a token of {_SHORTEST} or more characters. "
                "`openssl rand -hex 24` makes one."
            )
        tokens[token.strip()] = actor.strip()
    return tokens


def is_loopback(host: str) -> bool:
    """Returns whether an address or name to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True)
class Guard:
    """Decides about one request at a time.

    Attributes:
        tokens: Bearer token to actor; empty: everybody who reaches the server may read.
        allow_writes: Without tokens: whether everybody may write.
        hosts: Names besides those of loopback under which the server may be asked.
    """

    tokens: Mapping[str, str] = field(default_factory=dict)
    allow_writes: bool = False
    hosts: frozenset[str] = frozenset()

    def admit(self, headers: Mapping[str, str]) -> str | None:
        """Returns the actor, or None for one who may only read.

        Raises:
            RefusalError: the request is not let in.
        """
        self._check_host(headers.get("host", ""))
        self._check_origin(headers.get("origin"), headers.get("host", ""))
        if not self.tokens:
            return LOCAL if self.allow_writes else None
        return self._actor(headers.get("authorization", ""))

    def _actor(self, header: str) -> str:
        scheme, _, given = header.partition(" ")
        digest = sha256(given.strip().encode("utf-8", "surrogateescape")).digest()
        found = None
        for token, actor in self.tokens.items():  # all of them, so that the time tells nothing
            if hmac.compare_digest(digest, sha256(token.encode()).digest()):
                found = actor
        if found is None or scheme.lower() != "bearer":
            raise RefusalError(401, "UNAUTHENTICATED", "A bearer token is needed: send `Authorization: Bearer TOKEN`.")
        return found

    def _check_host(self, host: str) -> None:
        if self.tokens and not self.hosts:
            return
        name = _host_name(host)
        if name not in _LOOPBACK and name not in self.hosts:
            raise RefusalError(
                421, "HOST", f"The host {name[:80]!r} is not served here. Start the server with --allow-host."
            )

    def _check_origin(self, origin: str | None, host: str) -> None:
        if origin is None:
            return
        parts = urlsplit(origin) if origin.startswith(("http://", "https://")) else None
        name = _host_name(parts.netloc) if parts else ""
        allowed = name in self.hosts or (name in _LOOPBACK and _host_name(host) in _LOOPBACK)
        if not allowed and (not parts or parts.netloc.lower() != host.lower()):
            raise RefusalError(
                403, "ORIGIN", f"The origin {origin[:80]!r} may not ask. Ask from the server's own pages."
            )


def _host_name(host: str) -> str:
    """Returns a host without its port, in lower case; nothing if it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host and "/" not in host else ""
    except ValueError:
        return ""


def check_exposure(host: str, tokens: Iterable[str]) -> None:
    """Refuses to be reached from outside without tokens.

    Raises:
        ConfigError: it would be.
    """
    if not is_loopback(host) and not list(tokens):
        raise ConfigError(
            f"--host {host!r} is reached from other machines: expected HEADWATER_TOKENS with TOKEN=ACTOR,... in the "
            "environment. Set it, or listen on 127.0.0.1."
        )
