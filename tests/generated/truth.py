"""What a generated estate says of itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Edges = dict[str, dict[str, str]]


@dataclass
class Truth:
    """Facts that follow from how an estate was made, in refs.

    Attributes:
        edges: Derived column to its sources, each with the kind of the edge; `window` ones are influences.
        absent: Edges that would be wrong, with why.
        tables: Data set edges where columns cannot be known.
        models: Model version to its features' columns, data file, digest and commit.
        terms: Word to terms and to columns.
    """

    edges: Edges = field(default_factory=lambda: defaultdict(dict))
    absent: list[tuple[str, str, str]] = field(default_factory=list)
    tables: list[tuple[str, str]] = field(default_factory=list)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    terms: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)
    violations: set[tuple[str, str, str | None]] = field(default_factory=set)
    """Rule, subject and, unless it is the subject itself, cause."""
    hashes: str = ""
    """The rule about recorded digests."""
    predictions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id to model version and the feature given as its reason."""
    gaps: list[str] = field(default_factory=list)
    """Places that a reader must name as not understood."""

    def values_of(self, column: str) -> set[str]:
        """Returns the value sources of a column."""
        return {source for source, kind in self.edges.get(column, {}).items() if kind != "window"}

    def upstream(self, column: str) -> set[str]:
        """Returns all columns that a value comes from."""
        found: set[str] = set()
        waiting = [column]
        while waiting:
            new = self.values_of(waiting.pop()) - found
            found |= new
            waiting += new
        return found

    def downstream(self, column: str) -> set[str]:
        """Returns all columns that a value reaches."""
        return {other for other in self.edges if column in self.upstream(other)}
