"""Sorts what a projection changes into rows for statements, and notes what it touches. Sends nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.model.facts import Fact, Scope, element_of, write_scope
from catalog.model.names import Uid, Urn, dataset_of
from catalog.model.nodes import Node
from catalog.store.claims import ClaimChange
from catalog.store.neo4j import cypher
from catalog.store.neo4j.ledger import NODE, WITHDRAWN, Place, storage_of
from catalog.store.neo4j.rows import Row, Said3, claim_id, edge_props, is_open, kept_row, said_text

Places = Mapping[tuple[Scope, bytes], Place]

_NOWHERE: Final = Place("")


class Changes:
    """The claims of one projection.

    Attributes:
        rows: By the name of a statement and the words to fill in.
        taken: Claims that are withdrawn and lie in the graph, with what the ledger keeps: by storage and name.
        revived: Elements of withdrawn claims that hold again.
        mentioned: Nodes that must exist.
        described: Nodes about which a claim changes.
        said: What new claims say of nodes.
        types: Which types of facts are new in a scope.
    """

    def __init__(self, changes: Iterable[ClaimChange], places: Places) -> None:
        self.rows: defaultdict[tuple[str, ...], list[Any]] = defaultdict(list)
        self.taken: defaultdict[str, dict[str, tuple[ClaimChange, Row]]] = defaultdict(dict)
        self.revived: list[str] = []
        self.mentioned: dict[Uid, Urn] = {}
        self.described: dict[Uid, Urn] = {}
        self.said: defaultdict[Uid, list[Said3]] = defaultdict(list)
        self.types: defaultdict[Scope, set[str]] = defaultdict(set)
        for change in changes:
            self._sort(change, places.get((change.scope, change.id), _NOWHERE))

    def _sort(self, change: ClaimChange, place: Place) -> None:
        fact = change.fact or (Fact(element_of(place.body)) if place.body else None)
        if fact is not None:
            self.types[change.scope].add(storage_of(fact))
        if not change.after.spans:
            self._withdraw(change, place, fact)
        elif fact is not None:
            self._add(change, fact)
            if place.storage == WITHDRAWN:
                self.revived.append(place.element)
        else:
            self._alter(change, place)

    def _add(self, change: ClaimChange, fact: Fact) -> None:
        element, kept = fact.element, kept_row(change.after, change.origin)
        if isinstance(element, Node):
            uid = self._mention(element.urn)
            self.described[uid] = element.urn
            self.said[uid].append(Said3(change.scope, change.after.spans, element.properties()))
            self.rows["create_claims",].append((uid, _claim_props(change, element, kept)))
        else:
            storage = element.type() if is_open(change.after.spans) else f"{element.type()}{cypher.PAST}"
            props = edge_props(change.scope, change.id, element, kept)
            row = (self._mention(element.start), self._mention(element.end), props)
            self.rows["create_edges", storage].append(row)

    def _mention(self, urn: Urn) -> Uid:
        uid = urn.uid
        if uid not in self.mentioned:
            self.mentioned[uid] = urn
            if urn.kind == "column":
                self._mention(dataset_of(urn))
        return uid

    def _alter(self, change: ClaimChange, place: Place) -> None:
        row = {"claim": name_of(change), "set": kept_row(change.after, change.origin)}
        if place.storage == NODE:
            urn = Urn.parse(place.about)
            self.described[urn.uid] = urn
            self.rows["set_claims",].append(row)
            return
        bare = place.storage.removesuffix(cypher.PAST)
        target = bare if is_open(change.after.spans) else f"{bare}{cypher.PAST}"
        key = ("set_edges", target) if target == place.storage else ("move_edges", place.storage, target)
        self.rows[key].append(row)

    def _withdraw(self, change: ClaimChange, place: Place, fact: Fact | None) -> None:
        kept = kept_row(change.after, change.origin)
        if place.storage == WITHDRAWN:
            self.rows["set_withdrawn",].append({"claim": name_of(change), "set": kept})
        elif fact is not None:
            self.keep_withdrawn(change, fact.body, kept)
        else:
            self.taken[place.storage][name_of(change)] = change, kept

    def keep_withdrawn(self, change: ClaimChange, body: str, kept: Row) -> None:
        """Notes a claim that holds at no time, with its fact."""
        path = write_scope(change.scope)
        row = {**kept, "claim": name_of(change), "scope": path, "fact": change.id.hex(), "body": body}
        self.rows["create_withdrawn",].append((row,))


def name_of(change: ClaimChange) -> str:
    return claim_id(write_scope(change.scope), change.id)


def _claim_props(change: ClaimChange, node: Node, kept: Row) -> Row:
    properties = node.properties()
    path = write_scope(change.scope)
    row = {**kept, "claim": name_of(change), "scope": path, "fact": change.id.hex(), "said": said_text(properties)}
    if node.kind() == "dataset" and "columns" in properties:
        row["lists"] = True
    return row
