"""Writes a projection: nodes that must exist, claims, merged properties, what was withdrawn.

Index seeks slow down with every element of the index that the transaction has deleted (measured: moving 20,000 relationships
took minutes), so that what goes is only noted, and deleted by its element id when all else is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from neo4j import ManagedTransaction

from catalog.model.facts import write_scope
from catalog.model.names import Uid, Urn, dataset_of
from catalog.store.claims import Projection
from catalog.store.neo4j import cypher
from catalog.store.neo4j.batches import create_rows, run_rows, write_rows
from catalog.store.neo4j.changes import Changes
from catalog.store.neo4j.columns import Fresh, settle_columns
from catalog.store.neo4j.ledger import NODE, TxLedger
from catalog.store.neo4j.nodes import said_of
from catalog.store.neo4j.rows import Row, Said3, edge_body, node_body, node_row

_OF_LISTS: Final = frozenset({"absent", "absent_since", "absent_until"})


class Writer:
    """One projection on its way into the graph. Made anew each time that the transaction function runs."""

    def __init__(self, tx: ManagedTransaction, ledger: TxLedger, projection: Projection) -> None:
        self._tx, self._ledger, self._projection = tx, ledger, projection
        self._changes = Changes(projection.claims, ledger.places)
        self._unlisted: dict[Uid, Urn] = {}
        self._lonely: set[Uid] = set()
        self._gone_nodes: list[str] = list(self._changes.revived)
        self._gone_edges: list[str] = []

    def write(self) -> None:
        self._take()
        created = self._nodes()
        for (name, *words), rows in sorted(self._changes.rows.items()):
            self._gone_edges += write_rows(self._tx, name, words, rows)
        run_rows(self._tx, cypher.fixed("delete_nodes"), self._gone_nodes, "ids")
        self._merge(created)
        self._columns(created)
        run_rows(self._tx, cypher.fixed("delete_edges"), self._gone_edges, "ids")
        self._bury()
        self._scopes()

    # --- withdrawn claims

    def _take(self) -> None:
        """Reads claims that go, to keep their facts among the withdrawn."""
        for storage, taken in sorted(self._changes.taken.items()):
            names = list(taken)
            if storage == NODE:
                for row in run_rows(self._tx, cypher.fixed("take_claims"), names, "claims"):
                    self._take_claim(row)
            else:
                for row in run_rows(self._tx, cypher.for_storage("take_edges", storage), names, "claims"):
                    self._take_edge(storage, row)

    def _take_claim(self, row: Row) -> None:
        props, urn = row["props"], Urn.parse(row["about"])
        change, kept = self._changes.taken[NODE][props["claim"]]
        self._changes.keep_withdrawn(change, node_body(row["about"], props["said"]), kept)
        self._changes.described[urn.uid] = urn
        self._lonely.add(urn.uid)
        self._gone_nodes.append(row["element"])
        if props.get("lists"):
            self._unlisted[urn.uid] = urn

    def _take_edge(self, storage: str, row: Row) -> None:
        change, kept = self._changes.taken[storage][row["props"]["claim"]]
        body = edge_body(storage.removesuffix(cypher.PAST), row["start"], row["end"], row["props"])
        self._changes.keep_withdrawn(change, body, kept)
        self._lonely |= {Urn.parse(row["start"]).uid, Urn.parse(row["end"]).uid}
        self._gone_edges.append(row["element"])

    def _bury(self) -> None:
        """Deletes nodes of which nothing was ever said: columns first, then the data sets that only they implied."""
        lonely = self._lonely
        while lonely:
            rows = run_rows(self._tx, cypher.fixed("delete_lonely"), sorted(lonely), "uids")
            lonely = {row["dataset"] for row in rows if row["dataset"]}

    # --- nodes

    def _nodes(self) -> dict[Uid, Urn]:
        """Creates the nodes that are missing, with all that this commit says of them."""
        mentioned, said = self._changes.mentioned, self._changes.said
        rows = run_rows(self._tx, cypher.fixed("known"), list(mentioned), "uids")
        known = {uid for row in rows for uid in row["uids"]}
        created = {uid: urn for uid, urn in mentioned.items() if uid not in known}
        by_kind: defaultdict[str, list[tuple[Row]]] = defaultdict(list)
        for uid, urn in created.items():
            by_kind[urn.kind].append((node_row(urn, said.get(uid, ())),))
        for kind, fresh in sorted(by_kind.items()):
            create_rows(self._tx, cypher.for_kind("create_nodes", kind), fresh, cypher.OWN["create_nodes"])
        return created

    def _merge(self, created: Mapping[Uid, Urn]) -> None:
        """Merges the claims of the nodes that were there before and are described anew."""
        old = {uid: urn for uid, urn in self._changes.described.items() if uid not in created}
        said: defaultdict[Uid, list[Said3]] = defaultdict(list)
        for uid, claim in said_of(self._tx, list(old)):
            said[uid].append(claim)
        rows: list[Row] = []
        for row in run_rows(self._tx, cypher.fixed("states"), list(old), "uids"):
            uid = row["node"]["uid"]
            if new := _difference(row["node"], node_row(old[uid], said[uid])):
                rows.append({"uid": uid, "set": new})
        run_rows(self._tx, cypher.fixed("set_nodes"), rows)

    def _columns(self, created: Mapping[Uid, Urn]) -> None:
        columns: defaultdict[Uid, list[Urn]] = defaultdict(list)
        datasets = {uid: urn for uid, urn in self._changes.described.items() if urn.kind == "dataset"}
        for urn in created.values():
            if urn.kind == "column":
                dataset = dataset_of(urn)
                datasets[dataset.uid] = dataset
                columns[dataset.uid].append(urn)
        said = self._changes.said
        fresh = {uid: Fresh(said.get(uid, ()), columns[uid]) for uid in datasets if uid in created}
        settled = settle_columns(self._tx, datasets, fresh, self._unlisted)
        self._lonely |= settled.lonely
        self._gone_edges += settled.gone

    # --- scopes

    def _scopes(self) -> None:
        known, new = self._ledger.types, self._changes.types
        rows = [
            {
                "path": write_scope(history.scope),
                "history": history.dumps(),
                "types": sorted(known.get(history.scope, frozenset()) | new[history.scope]),
            }
            for history in self._projection.histories
        ]
        run_rows(self._tx, cypher.fixed("save_scopes"), rows)


def _difference(before: Row, after: Row) -> Row:
    gone = before.keys() - after.keys() - _OF_LISTS
    return dict.fromkeys(gone) | {name: value for name, value in after.items() if before.get(name) != value}
