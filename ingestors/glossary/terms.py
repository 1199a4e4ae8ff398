"""Terms of one glossary: rows to facts. Each term is a scope of its own, so that one with a fault spares the others.

What a row says that cannot be read (a reference, a broader term that is not there) is skipped by name, and its term's scope
is then unread by the glossary's: nothing that the term said before is closed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final
from unicodedata import normalize

from catalog.model.edges import Broader, Edge, Means, OwnedBy, PartOf, Related, Tagged
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import Glossary, Node, Tag, Term
from catalog.model.relations import relation
from ingestors import naming
from ingestors.glossary.assets import Assets
from ingestors.glossary.rows import Asset, Row, TermRef, Tie

_LISTS: Final = ("synonyms", "examples", "labels", "hidden_labels", "definitions", "notes")


@dataclass(slots=True)
class GlossaryTerms:
    """The rows of one glossary, from all its files.

    Attributes:
        others: The other glossaries of the source, by folded name.
        partial: Terms that are not listed stay as they are.
    """

    name: str
    about: dict[str, str]
    assets: Assets
    origin: Origin
    rows: list[Row] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    others: Mapping[str, GlossaryTerms] = field(default_factory=dict)
    partial: bool = False
    _first: dict[tuple[str, ...], Row] = field(default_factory=dict)
    _names: dict[str, list[Row]] = field(default_factory=dict)
    _called: dict[int, str] = field(default_factory=dict)
    _double: dict[int, list[Skip]] = field(default_factory=dict)
    _parents: dict[Urn, list[Urn]] = field(default_factory=dict)

    def sort_out(self) -> None:
        """Finds the first row of each term; names that differ by case or blanks alone are one.

        A name that several terms have that are held by different ones goes to the first; the others are called by their path.
        """
        for row in self.rows:
            path = tuple(map(key_of, row.path))
            first = self._first.get(path) or self._same(row)
            if first is None:
                self._first[path] = row
                self._call(row)
            elif first.stated and row.stated:
                message = f"the term {row.name!r} is there already, at {first.origin}: this row is left out"
                self._double.setdefault(id(first), []).append(
                    Skip("duplicate", message, row.origin, (self.urn(first),))
                )
            elif row.stated:
                row.take(first)
                self._replace(first, row)
            else:
                first.take(row)

    def _same(self, row: Row) -> Row | None:
        """Returns the row of the term that a row without a place in the hierarchy means, or that is put into its place."""
        known = self._names.get(key_of(row.name), [])
        return known[0] if known and not (row.stated and known[0].stated and row.above != known[0].above) else None

    def _replace(self, first: Row, row: Row) -> None:
        """Puts a row that says what a term is into the place of one that only names what means it."""
        del self._first[tuple(map(key_of, first.path))]
        self._first[tuple(map(key_of, row.path))] = row
        known = self._names[key_of(row.name)]
        known[known.index(first)] = row
        self._called[id(row)] = row.name

    def _call(self, row: Row) -> None:
        known = self._names.setdefault(key_of(row.name), [])
        self._called[id(row)] = ".".join(row.path) if known else row.name
        known.append(row)

    def snapshots(self, at: Instant, *, dated: bool) -> Iterator[Snapshot]:
        """Yields each term, then the glossary. Every glossary of the source is sorted out before."""
        scope: Scope = ("glossary", self.name)
        unread = set[Scope]()
        for row in self._first.values():
            items = list(self._items(row))
            below = (*scope, self._called[id(row)])
            whole = not any(isinstance(item, Skip) for item in items)
            unread |= set() if whole else {below}
            yield Snapshot(scope=below, at=at, facts=items, complete=whole, dated=dated)
        said = {key: self.about.get(key) for key in ("description", "language", "iri")}
        node = Glossary.model_validate({"name": self.name, **said})
        # Which terms there are is said here: so a term that is gone makes another snapshot, which closes what it said.
        members = [Fact(PartOf(start=self.urn(row), end=node.urn), row.origin) for row in self._first.values()]
        facts: list[Fact | Skip] = [Fact(node, self.origin), *members, *self.skips]
        complete = not self.skips and not self.partial
        yield Snapshot(scope=scope, at=at, facts=facts, complete=complete, unread=frozenset(unread), dated=dated)

    def urn(self, row: Row) -> Urn:
        return Urn("term", (self.name, self._called[id(row)]))

    def find(self, other: TermRef) -> Urn | None:
        """Returns the term that a reference means, by its path, else by its name; None if there is none."""
        row = self._first.get(tuple(map(key_of, other.path)))
        if row is None:
            named = self._names.get(key_of(other.path[-1]), [])
            row = named[0] if named and (len(other.path) == 1 or len(named) == 1) else None
        return None if row is None else self.urn(row)

    def _items(self, row: Row) -> Iterator[Fact | Skip]:
        self._keep_labels(row)
        about: list[Node | Edge] = [*self._term(row), *self._agents(row), *self._tags(row)]
        elements: Iterable[tuple[Node | Edge | Skip, Origin]] = chain(
            ((one, row.origin) for one in about),
            *(self._tie(row, tie) for tie in row.ties),
            *(self._means(row, asset) for asset in row.assets),
        )
        for element, origin in elements:
            yield element if isinstance(element, Skip) else Fact(element, origin)
        yield from (Skip(s.code, s.message, s.origin, (self.urn(row),)) for s in row.skips)
        yield from self._double.get(id(row), ())

    def _keep_labels(self, row: Row) -> None:
        """Takes what is said to be another term, and names none, for another label, where the tool mixes the two."""
        labels = [tie for tie in row.ties if tie.labels and self._resolve(tie.other) is None]
        for tie in labels:
            row.ties.remove(tie)
            row.lists.setdefault(tie.labels, []).append(tie.other.text)

    def _term(self, row: Row) -> Iterator[Term]:
        if not row.stated:
            return
        called = self._called[id(row)]
        texts = {key: text for key, text in row.texts.items() if text}
        if called != row.name:
            texts.setdefault("title", row.name)
        lists = {key: row.lists[key] for key in _LISTS if row.lists.get(key)}
        yield Term.model_validate({"namespace": self.name, "name": called, **texts, **lists, "meta": row.meta_text()})

    def _agents(self, row: Row) -> Iterator[OwnedBy]:
        named = [("steward", row.texts["steward"])] if row.texts.get("steward") else []
        for role, who in dict.fromkeys((*named, *row.agents)):
            agent = naming.agent(who)
            if agent.name:
                yield OwnedBy(start=self.urn(row), end=agent.urn, role=role)

    def _tags(self, row: Row) -> Iterator[Tagged]:
        for namespace, name in row.tags:
            yield Tagged(start=self.urn(row), end=Tag(namespace=namespace, name=name).urn)

    def _tie(self, row: Row, tie: Tie) -> Iterator[tuple[Edge | Skip, Origin]]:
        other = self._resolve(tie.other)
        if other is None:
            yield self._unknown(row, tie), tie.origin
            return
        type_, subtype, inverse = relation(tie.relation)
        start, end = (other, self.urn(row)) if inverse else (self.urn(row), other)
        if type_ == "RELATED":
            yield Related.model_validate({"start": start, "end": end, "subtype": subtype}), tie.origin
        elif self._is_below(end, start):
            message = (
                f"the broader term {end.name!r} is {start.name!r} itself or narrower: "
                "this link closes a circle and is left out"
            )
            yield Skip("circular", message, tie.origin, (self.urn(row),)), tie.origin
        else:
            self._parents.setdefault(start, []).append(end)
            yield Broader.model_validate({"start": start, "end": end, "subtype": subtype}), tie.origin

    def _resolve(self, other: TermRef) -> Urn | None:
        """Returns the term that is meant; one of a glossary that is not among the sources' is taken to be there."""
        if other.glossary is None or key_of(other.glossary) == key_of(self.name):
            return self.find(other)
        elsewhere = self.others.get(key_of(other.glossary))
        return elsewhere.find(other) if elsewhere else Urn("term", (other.glossary, other.path[-1]))

    def _is_below(self, urn: Urn, other: Urn) -> bool:
        """Whether a term is another or, by the links that were taken, narrower than it."""
        seen, waiting = {urn}, [urn]
        while waiting:
            one = waiting.pop()
            if one == other:
                return True
            above = [parent for parent in self._parents.get(one, ()) if parent not in seen]
            seen.update(above)
            waiting.extend(above)
        return False

    def _unknown(self, row: Row, tie: Tie) -> Skip:
        where = tie.other.glossary or self.name
        message = (
            f"{tie.relation} names {tie.other.text[:200]!r}, which is no term of the glossary {where!r}: expected one"
        )
        return Skip("unresolved", message, tie.origin, (self.urn(row),))

    def _means(self, row: Row, asset: Asset) -> Iterator[tuple[Means | Skip, Origin]]:
        urn = self.assets.find(asset)
        if urn is None:
            message = f"{asset.ref[:200]!r} is no reference: {self.assets.expected(asset)}"
            yield Skip("unresolved", message, asset.origin, (self.urn(row),)), asset.origin
            return
        said = {"status": row.texts.get("status")} if asset.said is None else {k: v for k, v in asset.said.items() if v}
        yield Means.model_validate({"start": urn, "end": self.urn(row), **said}), asset.origin


def tell_apart(glossaries: Collection[GlossaryTerms]) -> None:
    """Lets the glossaries of one source know each other."""
    known = {key_of(one.name): one for one in glossaries}
    for one in glossaries:
        one.others = known
        one.sort_out()


def key_of(name: str) -> str:
    """Returns a name as it is compared."""
    return " ".join(normalize("NFC", name).casefold().split())
