"""Writes a projection: nodes that must exist, claims, merged properties, what was withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from neo4j import ManagedTransaction

from catalog.model.facts import Fact, Scope, element_of, write_scope
from catalog.model.names import Uid, Urn, dataset_of
from catalog.model.nodes import Node
from catalog.store.claims import ClaimChange, Projection
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import create_rows, run_rows, write_rows
from catalog.store.neo4j.columns import Fresh, settle_columns
from catalog.store.neo4j.ledger import NODE, WITHDRAWN, Place, TxLedger, storage_of
from catalog.store.neo4j.nodes import said_of
from catalog.store.neo4j.rows import (
    Row,
    Said3,
    claim_id,
    edge_body,
    edge_props,
    is_open,
    kept_row,
    node_body,
    node_row,
    said_text,
)

_NOWHERE: Final = Place("")


class Writer:
    """One projection on its way into the graph. Made anew each time that the transaction function runs."""

    def __init__(self, tx: ManagedTransaction, ledger: TxLedger) -> None:
        self._tx, self._ledger = tx, ledger
        self._rows: defaultdict[tuple[str, ...], list[Any]] = defaultdict(list)
        self._mentioned: dict[Uid, Urn] = {}
        self._said: defaultdict[Uid, list[Said3]] = defaultdict(list)
        self._described: dict[Uid, Urn] = {}
        self._unlisted: dict[Uid, Urn] = {}
        self._lonely: set[Uid] = set()
        self._types: defaultdict[Scope, set[str]] = defaultdict(set)

    def write(self, projection: Projection) -> None:
        for change in projection.claims:
            self._sort(change)
        self._withdraw_rows()
        created = self._nodes()
        self._claims()
        self._merge(created)
        self._lonely |= self._columns(created)
        self._bury()
        self._scopes(projection)

    # --- what goes where

    def _sort(self, change: ClaimChange) -> None:
        place = self._ledger.places.get((change.scope, change.id), _NOWHERE)
        fact = change.fact or (Fact(element_of(place.body)) if place.body else None)
        if not change.after.spans:
            self._keep_withdrawn(change, place, fact)
        elif fact is not None:
            self._add(change, fact, revived=place.storage == WITHDRAWN)
        else:
            self._alter(change, place)

    def _add(self, change: ClaimChange, fact: Fact, *, revived: bool) -> None:
        self._types[change.scope].add(storage_of(fact))
        element, kept = fact.element, kept_row(change.after, change.origin)
        if isinstance(element, Node):
            uid = self._mention(element.urn)
            self._described[uid] = element.urn
            self._said[uid].append(Said3(change.scope, change.after.spans, element.properties()))
            self._rows["create_claims",].append((uid, _claim_props(change, element, kept)))
        else:
            storage = element.type() if is_open(change.after.spans) else f"{element.type()}{cypher.PAST}"
            props = edge_props(change.scope, change.id, element, kept)
            row = (self._mention(element.start), self._mention(element.end), props)
            self._rows["create_edges", storage].append(row)
        if revived:
            self._rows["delete_withdrawn",].append(_name(change))

    def _mention(self, urn: Urn) -> Uid:
        uid = urn.uid
        if uid not in self._mentioned:
            self._mentioned[uid] = urn
            if urn.kind == "column":
                self._mention(dataset_of(urn))
        return uid

    def _alter(self, change: ClaimChange, place: Place) -> None:
        row = {"claim": _name(change), "set": kept_row(change.after, change.origin)}
        if place.storage == NODE:
            urn = Urn.parse(place.about)
            self._described[urn.uid] = urn
            self._rows["set_claims",].append(row)
            return
        bare = place.storage.removesuffix(cypher.PAST)
        target = bare if is_open(change.after.spans) else f"{bare}{cypher.PAST}"
        key = ("set_edges", target) if target == place.storage else ("move_edges", place.storage, target)
        self._rows[key].append(row)

    def _keep_withdrawn(self, change: ClaimChange, place: Place, fact: Fact | None) -> None:
        kept = kept_row(change.after, change.origin)
        if place.storage == WITHDRAWN:
            self._rows["set_withdrawn",].append({"claim": _name(change), "set": kept})
        elif fact is not None:
            self._types[change.scope].add(storage_of(fact))
            self._rows["create_withdrawn",].append((_withdrawn(change, fact.body, kept),))
        else:
            self._rows["take", place.storage].append((change, kept))

    # --- withdrawn claims

    def _withdraw_rows(self) -> None:
        for key in [key for key in self._rows if key[0] == "take"]:
            taken = {_name(change): (change, kept) for change, kept in self._rows.pop(key)}
            self._take_claims(taken) if key[1] == NODE else self._take_edges(key[1], taken)

    def _take_claims(self, taken: Mapping[str, tuple[ClaimChange, Row]]) -> None:
        for row in run_rows(self._tx, cypher.fixed("take_claims"), list(taken), "claims"):
            props, urn = row["props"], Urn.parse(row["about"])
            change, kept = taken[props["claim"]]
            self._rows["create_withdrawn",].append((_withdrawn(change, node_body(row["about"], props["said"]), kept),))
            self._described[urn.uid] = urn
            self._lonely.add(urn.uid)
            if props.get("lists"):
                self._unlisted[urn.uid] = urn
        self._rows["delete_claims",].extend(taken)

    def _take_edges(self, storage: str, taken: Mapping[str, tuple[ClaimChange, Row]]) -> None:
        for row in run_rows(self._tx, cypher.for_storage("take_edges", storage), list(taken), "claims"):
            change, kept = taken[row["props"]["claim"]]
            body = edge_body(storage.removesuffix(cypher.PAST), row["start"], row["end"], row["props"])
            self._rows["create_withdrawn",].append((_withdrawn(change, body, kept),))
            self._lonely |= {Urn.parse(row["start"]).uid, Urn.parse(row["end"]).uid}
        self._rows["delete_edges", storage].extend(taken)

    def _bury(self) -> None:
        """Deletes nodes of which nothing was ever said: columns first, then the data sets that only they implied."""
        lonely = self._lonely
        while lonely:
            rows = run_rows(self._tx, cypher.fixed("delete_lonely"), sorted(lonely), "uids")
            lonely = {row["dataset"] for row in rows if row["dataset"]}

    # --- writing

    def _nodes(self) -> dict[Uid, Urn]:
        """Creates the nodes that are missing, with all that this commit says of them."""
        rows = run_rows(self._tx, cypher.fixed("known"), list(self._mentioned), "uids")
        known = {uid for row in rows for uid in row["uids"]}
        created = {uid: urn for uid, urn in self._mentioned.items() if uid not in known}
        by_kind: defaultdict[str, list[tuple[Row]]] = defaultdict(list)
        for uid, urn in created.items():
            by_kind[urn.kind].append((node_row(urn, self._said.get(uid, ())),))
        for kind, fresh in sorted(by_kind.items()):
            create_rows(self._tx, cypher.for_kind("create_nodes", kind), fresh)
        return created

    def _claims(self) -> None:
        for (name, *words), rows in sorted(self._rows.items()):
            write_rows(self._tx, name, words, rows)

    def _merge(self, created: Mapping[Uid, Urn]) -> None:
        """Merges the claims of the nodes that were there before and are described anew."""
        old = {uid: urn for uid, urn in self._described.items() if uid not in created}
        said: defaultdict[Uid, list[Said3]] = defaultdict(list)
        for uid, claim in said_of(self._tx, list(old)):
            said[uid].append(claim)
        states = {
            row["node"]["uid"]: row["node"] for row in run_rows(self._tx, cypher.fixed("states"), list(old), "uids")
        }
        changes = [
            (uid, _difference(states[uid], node_row(urn, said[uid]))) for uid, urn in old.items() if uid in states
        ]
        run_rows(self._tx, cypher.fixed("set_nodes"), [{"uid": uid, "set": new} for uid, new in changes if new])

    def _columns(self, created: Mapping[Uid, Urn]) -> set[Uid]:
        columns: defaultdict[Uid, list[Urn]] = defaultdict(list)
        datasets = {uid: urn for uid, urn in self._described.items() if urn.kind == "dataset"}
        for urn in created.values():
            if urn.kind == "column":
                dataset = dataset_of(urn)
                datasets[dataset.uid] = dataset
                columns[dataset.uid].append(urn)
        fresh = {uid: Fresh(self._said.get(uid, ()), columns[uid]) for uid in datasets if uid in created}
        return settle_columns(self._tx, datasets, fresh, self._unlisted)

    def _scopes(self, projection: Projection) -> None:
        known = self._ledger.types
        rows = [
            {
                "path": write_scope(history.scope),
                "history": history.dumps(),
                "types": sorted(known.get(history.scope, frozenset()) | self._types[history.scope]),
            }
            for history in projection.histories
        ]
        run_rows(self._tx, cypher.fixed("save_scopes"), rows)


_OF_LISTS: Final = frozenset({"absent", "absent_since", "absent_until"})


def _name(change: ClaimChange) -> str:
    return claim_id(write_scope(change.scope), change.id)


def _claim_props(change: ClaimChange, node: Node, kept: Row) -> Row:
    properties = node.properties()
    path = write_scope(change.scope)
    row = {**kept, "claim": _name(change), "scope": path, "fact": change.id.hex(), "said": said_text(properties)}
    if node.kind() == "dataset" and "columns" in properties:
        row["lists"] = True
    return row


def _withdrawn(change: ClaimChange, body: str, kept: Row) -> Row:
    path = write_scope(change.scope)
    return {**kept, "claim": _name(change), "scope": path, "fact": change.id.hex(), "body": body}


def _difference(before: Row, after: Row) -> Row:
    gone = before.keys() - after.keys() - _OF_LISTS
    return dict.fromkeys(gone) | {name: value for name, value in after.items() if before.get(name) != value}
