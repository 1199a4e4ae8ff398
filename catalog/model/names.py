"""Names of things: a value type with two written forms. The third, for people, needs a catalog: see `catalog.refs`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal
from urllib.parse import quote, unquote

from catalog.model.errors import InvalidNameError

Uid = str
"""32 hex digits: a hash of the urn, the unique key of a node in every store."""

Case = Literal["lower", "upper", "exact"]
"""What a platform does to an unquoted name. Quoted names are kept as written on all of them."""

PLATFORM_CASE: Final[dict[str, Case]] = {
    "postgres": "lower", "postgresql": "lower", "redshift": "lower", "duckdb": "lower", "trino": "lower",
    "hive": "lower", "spark": "lower", "databricks": "lower", "unitycatalog": "lower", "awsathena": "lower",
    "snowflake": "upper", "oracle": "upper", "db2": "upper", "teradata": "upper",
}  # fmt: skip
"""By the scheme of the namespace; a scheme that is not listed compares case by case (BigQuery, MySQL, files, topics)."""


@dataclass(frozen=True, slots=True, order=True)
class Urn:
    """Names one node for ever: `hw:column:postgres%3A%2F%2Fh%3A5432:bank.core.accounts:credit_limit`.

    `kind` is the lower-case label of a class in `nodes`; `parts` are its key fields in order: the namespace, the name and,
    for things inside others, more. Parts may hold any text; each is percent-encoded, so a `:` inside one never separates.

    Law: `Urn.parse(str(u)) == u` for every `u`.
    """

    kind: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return _write(self.kind, self.parts)

    @property
    def uid(self) -> Uid:
        return _uid(str(self))

    @property
    def namespace(self) -> str:
        return self.parts[0]

    @property
    def name(self) -> str:
        """The second part: for a column its data set, for a version the thing that it is a version of."""
        return self.parts[1]

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Reads a written urn.

        Raises:
            InvalidNameError: the text is no urn.
        """
        scheme, *rest = text.split(":")
        if scheme != "hw" or len(rest) < 3 or not rest[0]:
            raise InvalidNameError(text, "a urn such as hw:dataset:NAMESPACE:NAME")
        return cls(rest[0], tuple(unquote(part, errors="surrogatepass") if "%" in part else part for part in rest[1:]))


@lru_cache(maxsize=65536)
def _encode(part: str) -> str:
    return quote(part, safe="", errors="surrogatepass")


def _write(kind: str, parts: tuple[str, ...]) -> str:
    return ":".join(("hw", kind, *map(_encode, parts)))


@lru_cache(maxsize=65536)
def _uid(text: str) -> Uid:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def column(dataset: Urn, path: str) -> Urn:
    """Returns the column of a data set; `path` is dotted for nested fields (`address.city`)."""
    return Urn("column", (*dataset.parts, path))


def dataset_of(column_or_version: Urn) -> Urn:
    """Returns the data set that a column, a data set version or a file entry belongs to."""
    return Urn("dataset", column_or_version.parts[:2])


def case_of(namespace: str) -> Case:
    """Returns the case rule of the platform that a namespace such as `snowflake://org-account` names."""
    return PLATFORM_CASE.get(namespace.partition("://")[0].lower(), "exact")


def fold(namespace: str, identifier: str, *, quoted: bool = False) -> str:
    """Returns one identifier (not a dotted name) as the platform of the namespace keeps it."""
    case = "exact" if quoted else case_of(namespace)
    return identifier.lower() if case == "lower" else identifier.upper() if case == "upper" else identifier
