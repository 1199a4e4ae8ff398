"""Addresses in DVC files: of remotes, of data outside the repository, of objects in a store."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from catalog.model.names import Urn
from ingestors.naming import dataset
from ingestors.values import without_users

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_SETTING: Final = re.compile(
    r"""^\s*\[\s*'?\s*(\w+)(?:\s+"([^"]*)")?\s*'?\s*\]|^\s*(url|remote)\s*=\s*(\S.*?)\s*$""", re.MULTILINE
)


def is_address(written: str) -> bool:
    """Returns whether a path is an address such as `s3://bucket/key`."""
    return _SCHEME.match(written) is not None


def external(address: str) -> Urn:
    """Returns the data set of an address: its server or bucket is the namespace."""
    scheme, _, rest = without_users(address).partition("://")
    host, _, path = rest.partition("/")
    return dataset(f"{scheme}://{host}", path or "/")


def store_url(config: str) -> str | None:
    """Returns the address of the default remote, relative ones from the project's folder on.

    Nothing else of the settings is looked at: they may hold credentials and commands.
    """
    urls: dict[str, str] = {}
    default = section = remote = None
    for head, name, key, value in _SETTING.findall(config):
        if head:
            section, remote = head, name
        elif section == "core" and key == "remote":
            default = value
        elif section == "remote" and key == "url":
            urls[remote or ""] = value
    url = urls.get(default or "")
    if url is None or is_address(url):
        return without_users(url) if url else None
    return posixpath.normpath(posixpath.join(".dvc", url))


def stored_at(store: str, digest: str) -> str:
    """Returns where a store (layout of version 3) keeps the content of a digest."""
    return f"{store.rstrip('/')}/files/md5/{digest[:2]}/{digest[2:]}"
