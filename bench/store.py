"""Loading, reach and a small change in a large scope, measured on one store.

    python -m bench.store --columns 200000 --store sqlite:////tmp/bench.db

Figures stand next to plain inserts into SQLite and a plain breadth-first search of the same run, because machines differ.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.lineage_graph import Graph, adjacency, generate, reach
from catalog.model.edges import DependsOn, DerivesFrom, InfluencedBy
from catalog.model.facts import Fact, Origin, Scope
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset
from catalog.store.history import MODULUS, snapshot_id, sum_of
from catalog.store.opening import open_store
from catalog.store.port import Author, ChangeSet, Direction, Key, SnapshotDelta, Store

NS: Final = "snowflake://org-account"
SCOPE: Final[Scope] = ("dbt", NS, "bench")
AT: Final = parse("2026-01-01T00:00:00Z")
VALUES: Final = frozenset({"DERIVES_FROM", "INFLUENCED_BY"})


def facts(graph: Graph) -> Iterator[Fact]:
    """Yields a graph table by table: the table, its columns, and the edges into them."""
    urns = [Dataset(namespace=NS, name=graph.table_name(t)).urn for t in range(graph.tables)]
    names = [graph.column_name(c) for c in range(graph.columns)]
    columns = [Urn("column", (NS, urns[t].name, names[c])) for c, t in enumerate(graph.table.tolist())]
    begins, edges = adjacency(graph.columns, graph.derived, np.arange(len(graph.derived)))
    above, sources = adjacency(graph.tables, graph.table_derived, graph.table_source)
    origin = Origin("target/manifest.json")
    for t in range(graph.tables):
        first, last = int(graph.first[t]), int(graph.first[t + 1])
        yield Fact(Dataset(namespace=NS, name=urns[t].name, type="table", columns=names[first:last]), origin)
        for source in sources[above[t] : above[t + 1]].tolist():
            yield Fact(DependsOn(start=urns[t], end=urns[source], columns_known=True), origin)
        for c in range(first, last):
            yield Fact(Column(namespace=NS, name=urns[t].name, path=names[c], data_type="BIGINT"), origin)
            for e in edges[begins[c] : begins[c + 1]].tolist():
                source = columns[int(graph.source[e])]
                if graph.rows_only[e]:
                    yield Fact(InfluencedBy(start=columns[c], end=source, subtype="window"), origin)
                else:
                    yield Fact(DerivesFrom(start=columns[c], end=source, subtype="identity"), origin)


def load(store: Store, stream: Iterator[Fact], part: int = 10_000) -> tuple[int, str]:
    """Loads a snapshot in parts, as harvest does; returns the number of facts and the name of the snapshot."""
    digest, count, base = 0, 0, None
    piece = tuple(islice(stream, part))
    while piece:
        following = tuple(islice(stream, part))
        digest, count = (digest + sum_of(f.id for f in piece)) % MODULUS, count + len(piece)
        base = tell(store, AT, not following, base, piece, digest, count)
        piece = following
    return count, base or ""


def tell(store: Store, at: Instant, complete: bool, base: str | None, added: Collection[Fact], digest: int, count: int,
         removed: Collection[bytes] = ()) -> str:  # fmt: skip
    """Commits one snapshot as its difference to another; returns its name."""
    name = snapshot_id(SCOPE, complete, (), digest, count)
    delta = SnapshotDelta(name, SCOPE, at, complete, frozenset(), base, tuple(added), tuple(removed), digest, count)
    store.apply(ChangeSet((delta,)), Author("2026-01-01T00:00:00Z", "bench", "bench"))
    return name


def change(store: Store, base: str, old: Sequence[Fact], digest: int, count: int) -> None:
    """Replaces 100 facts by 100 others."""
    new = [Fact(Column(namespace=NS, name="snow.new.table", path=f"c{i}")) for i in range(100)]
    now = (digest + sum_of(f.id for f in new) - sum_of(f.id for f in old)) % MODULUS
    tell(store, Instant(AT + 2**40), True, base, new, now, count, [f.id for f in old])


def plain_inserts(stream: Iterator[Fact]) -> float:
    """Returns how many facts a second go into one plain table with a unique index, in one transaction for each 10,000."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE fact (id BLOB PRIMARY KEY, body TEXT) WITHOUT ROWID;"
        )
        started, count = time.perf_counter(), 0
        while piece := list(islice(stream, 10_000)):
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO fact VALUES (?, ?)", [(f.id, f.body) for f in piece])
            connection.execute("COMMIT")
            count += len(piece)
        connection.close()
        return count / (time.perf_counter() - started)


def walk(store: Store, key: Key, direction: Direction) -> int:
    """Returns how many nodes can be reached from one, level by level."""
    seen, frontier = {key}, [key]
    while frontier:
        level = {hop.far for hop in store.step(frontier, VALUES, direction) if not hop.absent} - seen
        seen |= level
        frontier = list(level)
    return len(seen) - 1


def timed(body: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    result = body(*args)
    return time.perf_counter() - started, result


def measure_reach(store: Store, graph: Graph, samples: int) -> dict[str, Any]:
    """Times walks from random columns both ways."""
    chosen = random.Random(11).sample(range(graph.columns), samples)
    urns = [Urn("column", (NS, graph.table_name(int(graph.table[c])), graph.column_name(c))) for c in chosen]
    keys = store.keys(urns)
    starts = [(c, keys[urn]) for c, urn in zip(chosen, urns, strict=True)]
    ends: tuple[tuple[Direction, Any, Any], ...] = (
        ("upstream", graph.derived, graph.source),
        ("downstream", graph.source, graph.derived),
    )
    return {way: measure_way(store, way, starts, adjacency(graph.columns, near, far)) for way, near, far in ends}


def measure_way(
    store: Store, way: Direction, starts: list[tuple[int, Key]], plain: tuple[Any, Any]
) -> dict[str, float]:
    """Times walks one way, and checks each against the plain search."""
    ours: list[float] = []
    theirs: list[float] = []
    sizes: list[int] = []
    for column, key in starts:
        seconds, count = timed(walk, store, key, way)
        reference, expected = timed(reach, *plain, column)
        assert count == expected, (column, count, expected)
        ours.append(seconds)
        theirs.append(reference)
        sizes.append(count)
    p50, p99 = np.percentile(ours, [50, 99]) * 1000
    return {
        "p50_ms": p50,
        "p99_ms": p99,
        "p99_nodes": float(np.percentile(sizes, 99)),
        "times_plain_search": sum(ours) / sum(theirs),
    }


def measure(url: str, columns: int, samples: int) -> dict[str, Any]:
    graph = generate(columns)
    store = open_store(url)
    store.reset()
    busy = time.process_time()
    seconds, (count, name) = timed(load, store, facts(graph))
    busy = time.process_time() - busy
    plain = plain_inserts(facts(graph))
    result: dict[str, Any] = {
        "facts": count,
        "facts_per_s": count / seconds,
        "facts_per_cpu_s": count / busy,
        "share_of_plain_inserts": count / seconds / plain,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    result["reach"] = measure_reach(store, graph, samples)
    (history,) = store.histories([SCOPE]).values()
    old = list(islice(facts(graph), 100))
    result["change_100_s"], _ = timed(change, store, name, old, history.open_digest, count)
    store.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--store", required=True, help="url of an empty store; it is reset")
    args = parser.parse_args()
    print(json.dumps(measure(args.store, args.columns, args.samples), indent=1))


if __name__ == "__main__":
    main()
