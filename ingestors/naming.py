"""The names that ingestors must agree on, so that what two tools saw as one thing is one node."""

from __future__ import annotations

import re
from typing import Final

from catalog.model.names import Urn, fold
from catalog.model.nodes import Agent

_DIGEST: Final = re.compile(r"(?=[0-9]*[a-fA-F])([0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(\.dir)?")
_NAMED_DIGEST: Final = re.compile(r"(md5|sha1|sha256|sha512)[:-]([0-9a-fA-F]{32,128})(\.dir)?", re.IGNORECASE)
_ALGORITHMS: Final = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_PLACE: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#]+)/+([^?#]*[^?#/])/*")
_PATH: Final = re.compile(r"(?:(file|dbfs):(?://(?=/))?)?(/[^/].*)", re.IGNORECASE | re.DOTALL)
_SAME_STORE: Final = {"s3a": "s3", "s3n": "s3"}
_EMAIL: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def dataset(namespace: str, name: str) -> Urn:
    """Returns a data set whose name is complete as it is."""
    return Urn("dataset", (namespace, name))


def relation(namespace: str, *parts: str, quoted: bool = True) -> Urn:
    """Returns a table or view from database, schema and name, as many as there are; empty parts are left out.

    Args:
        quoted: Whether the parts are as the platform keeps them (read from its catalog, or quoted in a statement), not
            as somebody wrote them in a statement without quotes.
    """
    return dataset(namespace, ".".join(fold(namespace, part, quoted=quoted) for part in parts if part))


def location(address: str) -> Urn | None:
    """Returns the file or folder of an address as OpenLineage names it; None for what is no address.

    >>> location("s3a://lake/sales/orders/").parts, location("file:///lake/orders").parts, location("dbfs:/lake/orders").parts
    (('s3://lake', 'sales/orders'), ('file', '/lake/orders'), ('dbfs', '/lake/orders'))
    """
    if found := _PLACE.fullmatch(address):
        scheme = found[1].lower()
        return dataset(f"{_SAME_STORE.get(scheme, scheme)}://{found[2]}", found[3].rstrip("/"))
    found = _PATH.fullmatch(address)
    return dataset((found[1] or "file").lower(), found[2].rstrip("/")) if found and found[2].strip("/") else None


def version_name(text: str) -> str:
    """Returns the name of a data set's version: `algorithm:hex` for a digest of the content, any other text as it is.

    A bare text of 32, 40 or 64 hex digits (or that and `.dir`) is taken for MD5, SHA-1 or SHA-256 if a letter is among
    the digits: a number alone may be anything.
    """
    if bare := _DIGEST.fullmatch(text):
        return f"{_ALGORITHMS[len(bare[1])]}:{bare[1].lower()}{bare[2] or ''}"
    named = digest_of(text)
    return ":".join(named) if named else text


def digest_of(version: str) -> tuple[str, str] | None:
    """Returns algorithm and digest of a version that is named by a digest of its whole content."""
    found = _NAMED_DIGEST.fullmatch(version)
    if found is None or _ALGORITHMS.get(len(found[2])) != found[1].lower():
        return None
    return found[1].lower(), f"{found[2].lower()}{found[3] or ''}"


def agent(text: str) -> Agent:
    """Returns the person, team or service of an email or a name; email addresses are lower-cased, names kept."""
    name = text.strip()
    return Agent(namespace="", name=name.lower() if _EMAIL.fullmatch(name) else name)
