"""Terms of one glossary: rows to facts. Each term is a scope of its own, so that one with a fault spares the others.

What a row says that cannot be read (a reference, a broader term that is not there) is skipped by name, and its term's scope
is then unread by the glossary's: nothing that the term said before is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from unicodedata import normalize

from catalog.model.edges import Broader, Edge, Means, OwnedBy, Related
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Glossary, Node, Term
from ingestors import naming
from ingestors.glossary.rows import RELATIONS, Row
from ingestors.refs import read_ref


@dataclass(frozen=True, slots=True)
class GlossaryTerms:
    """The rows of one glossary, from all its files."""

    name: str
    rows: list[Row]
    skips: list[Skip]
    about: Mapping[str, str]
    namespaces: Mapping[str, str]
    origin: Origin
    _first: dict[str, Row] = field(default_factory=dict)
    _double: dict[str, list[Skip]] = field(default_factory=dict)
    _parents: dict[str, list[str]] = field(default_factory=dict)

    def snapshots(self, at: Instant, *, dated: bool) -> Iterator[Snapshot]:
        """Yields each term, then the glossary."""
        self._sort_out()
        scope: Scope = ("glossary", self.name)
        unread = set[Scope]()
        for row in self._first.values():
            items = list(self._items(row))
            below = (*scope, row.name)
            whole = not any(isinstance(item, Skip) for item in items)
            unread |= set() if whole else {below}
            yield Snapshot(scope=below, at=at, facts=items, complete=whole, dated=dated)
        node = Glossary(
            name=self.name, description=self.about.get("description"), language=self.about.get("language")
        )  # fmt: skip
        yield Snapshot(
            scope=scope, at=at, facts=[Fact(node, self.origin), *self.skips],
            complete=not self.skips, unread=frozenset(unread), dated=dated,
        )  # fmt: skip

    def _sort_out(self) -> None:
        """Finds the first row of each name; names that differ by case or blanks alone are one."""
        for row in self.rows:
            first = self._first.setdefault(_key(row.name), row)
            if first is not row:
                message = f"the term {row.name!r} is there already, at {first.origin}: this row is left out"
                self._double.setdefault(_key(row.name), []).append(
                    Skip("duplicate", message, row.origin, (self._urn(first),))
                )

    def _items(self, row: Row) -> Iterator[Fact | Skip]:
        elements: Iterable[Node | Edge | Skip] = chain(
            [self._term(row)], self._steward(row), self._broader(row), self._related(row), self._means(row)
        )
        for element in elements:
            yield element if isinstance(element, Skip) else Fact(element, row.origin)
        yield from self._double.get(_key(row.name), ())

    def _urn(self, row: Row) -> Urn:
        return Urn("term", (self.name, row.name))

    def _term(self, row: Row) -> Term:
        lists = {key: row.lists[key] for key in ("synonyms", "examples") if row.lists.get(key)}
        return Term.model_validate(
            {"namespace": self.name, "name": row.name, **row.texts, **lists, "meta": row.meta_text()}
        )

    def _steward(self, row: Row) -> Iterator[OwnedBy]:
        agent = naming.agent(row.texts.get("steward", ""))
        if agent.name:
            yield OwnedBy(start=self._urn(row), end=agent.urn, role="steward")

    def _broader(self, row: Row) -> Iterator[Broader | Skip]:
        for name in row.lists.get("broader", ()):
            other = self._first.get(_key(name))
            if other is None:
                yield self._unknown(row, "broader", name)
            elif self._is_below(_key(name), _key(row.name)):
                message = f"the broader term {name!r} is {row.name!r} itself or narrower: this link closes a circle and is left out"
                yield Skip("circular", message, row.origin, (self._urn(row),))
            else:
                self._parents.setdefault(_key(row.name), []).append(_key(name))
                yield Broader(start=self._urn(row), end=self._urn(other))

    def _is_below(self, key: str, other: str) -> bool:
        """Whether a term is another or, by the links that were taken, narrower than it."""
        seen, waiting = {key}, [key]
        while waiting:
            one = waiting.pop()
            if one == other:
                return True
            above = [parent for parent in self._parents.get(one, ()) if parent not in seen]
            seen.update(above)
            waiting.extend(above)
        return False

    def _related(self, row: Row) -> Iterator[Related | Skip]:
        for subtype in RELATIONS:
            for name in row.lists.get(subtype, ()):
                other = self._first.get(_key(name))
                if other is None:
                    yield self._unknown(row, subtype, name)
                else:
                    yield Related(start=self._urn(row), end=self._urn(other), subtype=subtype)

    def _unknown(self, row: Row, relation: str, name: str) -> Skip:
        message = f"{relation} names {name[:200]!r}, which is no term of the glossary {self.name!r}"
        return Skip("unresolved", message, row.origin, (self._urn(row),))

    def _means(self, row: Row) -> Iterator[Means | Skip]:
        for ref in row.lists.get("columns", ()):
            urn = read_ref(ref, self.namespaces)
            if urn is None:
                expected = "expected ALIAS:DATASET#COLUMN, its alias one of the project's namespaces"
                yield Skip("unresolved", f"{ref[:200]!r} is no reference: {expected}", row.origin, (self._urn(row),))
            else:
                yield Means(start=urn, end=self._urn(row), status=row.texts.get("status"))


def _key(name: str) -> str:
    return " ".join(normalize("NFC", name).casefold().split())
