"""Loading into Neo4j next to plain inserts into the same server, in the same run.

    python -m bench.server --columns 20000 --store bolt://127.0.0.1:7687

Plain is what any loader does: `UNWIND $rows CREATE` of bare nodes and bare relationships, one unique key, no log, no claims. The
store and what is called `Plain` are emptied. Reach and small changes: `python -m bench.store` with the same address.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from neo4j import Driver, GraphDatabase, ManagedTransaction

from bench.lineage_graph import generate
from bench.store import facts, load
from catalog.model.facts import Fact
from catalog.model.nodes import Node
from catalog.store.opening import open_store

BATCH: Final = 5000
NODES: Final = "UNWIND $rows AS row CREATE (n:Plain) SET n = row"
EDGES: Final = (
    "UNWIND $rows AS row MATCH (a:Plain {uid: row.start}) MATCH (b:Plain {uid: row.end})"
    " CREATE (a)-[r:PLAIN]->(b) SET r = row.props"
)
CLEAR: Final = "MATCH (n:Plain) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"


def rows_of(stream: Sequence[Fact]) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yields nodes and edges as bare rows, so many at a time, each node once."""
    seen: set[str] = set()
    for i in range(0, len(stream), BATCH):
        nodes: dict[str, Any] = {}
        edges: list[Any] = []
        for fact in stream[i : i + BATCH]:
            element = fact.element
            ends = [element.urn] if isinstance(element, Node) else [element.start, element.end]
            nodes |= {urn.uid: {"uid": urn.uid, "urn": str(urn)} for urn in ends if urn.uid not in seen}
            if not isinstance(element, Node):
                edges.append({"start": ends[0].uid, "end": ends[1].uid, "props": element.properties()})
        seen |= nodes.keys()
        yield list(nodes.values()), edges


def insert_plainly(driver: Driver, stream: Sequence[Fact]) -> float:
    """Returns how many facts a second go in plainly."""
    driver.execute_query("CREATE CONSTRAINT plain IF NOT EXISTS FOR (n:Plain) REQUIRE n.uid IS UNIQUE")
    started = time.perf_counter()
    with driver.session() as session:
        for nodes, edges in rows_of(stream):

            def work(tx: ManagedTransaction, nodes: list[Any] = nodes, edges: list[Any] = edges) -> None:
                tx.run(NODES, rows=nodes).consume()
                tx.run(EDGES, rows=edges).consume()

            session.execute_write(work)
        seconds = time.perf_counter() - started
        session.run(CLEAR).consume()
    driver.execute_query("DROP CONSTRAINT plain")
    return len(stream) / seconds


def measure(url: str, columns: int, rounds: int) -> list[dict[str, float]]:
    """Loads both ways by turns; the first round also warms the server up."""
    user, password = os.environ.get("NEO4J_USERNAME", "neo4j"), os.environ.get("NEO4J_PASSWORD")
    stream = list(facts(generate(columns)))
    store = open_store(url, {"user": user, "password": password} if password else None)
    found: list[dict[str, float]] = []
    with GraphDatabase.driver(url, auth=(user, password) if password else None) as driver:
        for _ in range(rounds):
            plain = insert_plainly(driver, stream)
            store.reset()
            started = time.perf_counter()
            load(store, iter(stream))
            ours = len(stream) / (time.perf_counter() - started)
            found.append({"facts": len(stream), "facts_per_s": ours, "plain_per_s": plain, "share": ours / plain})
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--store", required=True, help="url of a Neo4j that may be emptied")
    args = parser.parse_args()
    print(json.dumps(measure(args.store, args.columns, args.rounds), indent=1))


if __name__ == "__main__":
    main()
