"""A synthetic estate with models, the same for the same seed: what rules, provenance and the reach of bad data are measured on.

    python -m bench.governed_estate --edges 1000000 --store sqlite:////tmp/governed.db

The warehouse of `bench/lineage_graph.py`, a scope for each table; nightly runs that read and write its tables; for each model a
training file made from one mart, a feature view, and versions with run, commit, environment and parameters. Sources have
consent documents, some reside in one region, models are deployed in several. One table in ten was written down only after
the trainings, one in thirty was defined anew between them. The store is filled once and used again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import md5
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.lineage_graph import Graph, adjacency, generate
from catalog.model.edges import (
    AtCommit,
    ComputedFrom,
    CoveredBy,
    DependsOn,
    DerivesFrom,
    Edge,
    ExecutedIn,
    GeneratedBy,
    PartOf,
    ProducedBy,
    Reads,
    RunOf,
    Serves,
    Used,
    UsesFeature,
    VersionOf,
)
from catalog.model.facts import Fact, Origin, Scope
from catalog.model.instants import Instant, parse
from catalog.model.names import Urn, column
from catalog.model.nodes import (
    CodeVersion,
    Column,
    Consent,
    Dataset,
    DatasetVersion,
    Endpoint,
    Environment,
    Feature,
    FeatureView,
    Job,
    Model,
    ModelVersion,
    Node,
    Run,
)
from catalog.store.history import snapshot_id, sum_of
from catalog.store.opening import open_store
from catalog.store.port import Author, ChangeSet, SnapshotDelta, Store

NS: Final = "snowflake://org-account"
FILES: Final = "s3://models"
HUB: Final = "mlflow://tracking.example.org"
STORE: Final = "feast://features"
NAMESPACES: Final = {"snow": NS, "files": FILES, "hub": HUB, "fs": STORE}

VALUE_EDGES_PER_COLUMN: Final = 1.94
VERSIONS: Final = 3
PURPOSES: Final[tuple[str, ...]] = ("churn", "pricing", "fraud")
REGIONS: Final = ("EU", "US", "AP")
KNOWN: Final = "2026-01-01T00:00:00Z"
REDEFINED: Final = "2026-04-15T00:00:00Z"
WRITTEN_DOWN_LATE: Final = "2026-07-01T00:00:00Z"
NIGHTS: Final = (datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 3, 2, 1, tzinfo=UTC))
TRAININGS: Final = tuple(datetime(2026, month, 5, 3, tzinfo=UTC) for month in (3, 4, 5))
BAD: Final = 10
"""Sources that reside in the first region, and sources whose document does not allow the first purpose."""

Said = Iterator[Node | Edge]


@dataclass(frozen=True)
class Trained:
    """One model: the mart that it is trained on, and the columns of it that it uses."""

    name: str
    mart: int
    columns: tuple[int, ...]
    purpose: str
    region: str

    @property
    def file(self) -> str:
        return f"data/{self.name}.csv"

    def version(self, number: int) -> Urn:
        return Urn("modelversion", (HUB, self.name, str(number)))


class Estate:
    """The whole of it, piece by piece as snapshots."""

    def __init__(self, edges: int, models: int = 100, seed: int = 7) -> None:
        self.graph: Graph = generate(int(edges / VALUE_EDGES_PER_COLUMN), seed)
        draw = Random(seed)
        marts = np.flatnonzero(self.graph.layer >= 8).tolist()
        chosen = draw.sample(marts, min(models, len(marts)))
        self.models = [self._model(i, mart, draw) for i, mart in enumerate(chosen)]
        sources = np.flatnonzero((self.graph.layer == 0) & (self.graph.hub < 0)).tolist()
        self.resident, self.refused = draw.sample(sources, BAD), draw.sample(sources, BAD)
        self._late = set(draw.sample(range(self.graph.tables), self.graph.tables // 10))
        self._redefined = set(draw.sample(range(self.graph.tables), self.graph.tables // 30)) - self._late

    def _model(self, number: int, mart: int, draw: Random) -> Trained:
        first, last = int(self.graph.first[mart]), int(self.graph.first[mart + 1])
        used = draw.sample(range(first, last), min(last - first, 16))
        region = REGIONS[number % len(REGIONS)]
        return Trained(f"model_{number:03d}", mart, tuple(used), PURPOSES[number % len(PURPOSES)], region)

    # --- names

    def table(self, number: int) -> Urn:
        return self._tables[number]

    @cached_property
    def _tables(self) -> list[Urn]:
        return [Urn("dataset", (NS, self.graph.table_name(t))) for t in range(self.graph.tables)]

    def column(self, number: int) -> Urn:
        return column(self._tables[int(self.graph.table[number])], self.graph.column_name(number))

    def ref(self, table: int) -> str:
        return f"snow:{self._tables[table].name}"

    @property
    def value_edges(self) -> int:
        return int((self.graph.rows_only == 0).sum())

    # --- what is said

    def snapshots(self) -> Iterator[SnapshotDelta]:
        """Yields everything, oldest first within each scope."""
        yield from self._warehouse()
        for night, begun in enumerate(NIGHTS):
            for table in range(self.graph.tables):
                if len(self._above(table)):
                    yield from self._run(table, night, begun + timedelta(seconds=table))
        yield snapshot(("consent", "register.csv"), KNOWN, self._consents())
        for model in self.models:
            yield from self._trained(model)

    def _above(self, table: int) -> NDArray[Any]:
        begins, far = self._table_edges
        return far[begins[table] : begins[table + 1]]

    @cached_property
    def _table_edges(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return adjacency(self.graph.tables, self.graph.table_derived, self.graph.table_source)

    def _warehouse(self) -> Iterator[SnapshotDelta]:
        values = np.flatnonzero(self.graph.rows_only == 0)
        begins, edges = adjacency(self.graph.columns, self.graph.derived[values], self.graph.source[values])
        for table in range(self.graph.tables):
            scope = ("sql", "warehouse", self._tables[table].name)
            first = list(self._definition(table, begins, edges))
            yield snapshot(scope, WRITTEN_DOWN_LATE if table in self._late else KNOWN, first)
            if table in self._redefined:
                yield snapshot(scope, REDEFINED, first[:-1])

    def _definition(self, table: int, begins: NDArray[Any], edges: NDArray[Any]) -> Said:
        columns = range(int(self.graph.first[table]), int(self.graph.first[table + 1]))
        urns = [self.column(c) for c in columns]
        name = self._tables[table].name
        yield Dataset(namespace=NS, name=name, type="table", columns=[u.parts[2] for u in urns])
        for source in self._above(table).tolist():
            yield DependsOn(start=self._tables[table], end=self._tables[source], columns_known=True)
        for number, urn in zip(columns, urns, strict=True):
            yield Column(namespace=NS, name=name, path=urn.parts[2], data_type=("BIGINT", "VARCHAR")[number % 2])
            for source in edges[begins[number] : begins[number + 1]].tolist():
                yield DerivesFrom(start=urn, end=self.column(source), subtype="transformation")

    def _run(self, table: int, night: int, begun: datetime) -> Iterator[SnapshotDelta]:
        urn, ended = self._tables[table], begun + timedelta(minutes=1)
        inputs = [self._tables[t] for t in self._above(table).tolist()]
        job = Job(namespace="nightly", name=urn.name, type="MODEL")
        run = Run(
            namespace="openlineage", name=f"{night}-{table}", job=str(job.urn), state="COMPLETE", started_at=stamp(begun),
            ended_at=stamp(ended), inputs=[str(u) for u in inputs], outputs=[str(urn)],
        )  # fmt: skip
        links: list[Node | Edge] = [RunOf(start=run.urn, end=job.urn), GeneratedBy(start=urn, end=run.urn)]
        links += [Used(start=run.urn, end=u) for u in inputs]
        yield snapshot(("run", run.name), stamp(ended), [run, *links], complete=False)
        if not night:
            reads = [Reads(start=job.urn, end=u) for u in inputs]
            yield snapshot(("job", *job.urn.parts), stamp(ended), [job, ProducedBy(start=urn, end=job.urn), *reads])

    def _consents(self) -> Said:
        refused = set(self.refused)
        for table in np.flatnonzero(self.graph.layer == 0).tolist():
            purposes: list[str] = [*(PURPOSES[1:] if table in refused else PURPOSES)]
            document = Consent(
                namespace="register.csv", name=f"C-{table}", document=f"C-{table}", status="active", purposes=purposes,
                valid_from="2025-01-01",
            )  # fmt: skip
            yield document
            yield CoveredBy(start=self._tables[table], end=document.urn)

    # --- models

    def _trained(self, model: Trained) -> Iterator[SnapshotDelta]:
        file = Urn("dataset", (FILES, model.file))
        yield snapshot(("feast", STORE, model.name), KNOWN, self._view(model, file))
        for number, at in enumerate(TRAININGS, 1):
            yield from self._version(model, number, at, file)
        endpoint = Endpoint(namespace=HUB, name=model.name, region=model.region)
        serves = Serves(start=endpoint.urn, end=model.version(VERSIONS))
        yield snapshot(("serving", model.name), stamp(TRAININGS[-1]), [endpoint, serves])

    def _paths(self, model: Trained) -> list[str]:
        return [self.column(c).parts[2] for c in model.columns]

    def _view(self, model: Trained, file: Urn) -> Said:
        paths = self._paths(model)
        view = FeatureView(namespace=STORE, name=model.name, source=model.file)
        yield Dataset(namespace=FILES, name=model.file, type="file", columns=paths)
        yield DependsOn(start=file, end=self._tables[model.mart], columns_known=True)
        yield view
        for number, path in zip(model.columns, paths, strict=True):
            feature = Feature(namespace=STORE, name=model.name, feature=path, data_type="Int64")
            yield feature
            yield PartOf(start=feature.urn, end=view.urn)
            yield ComputedFrom(start=feature.urn, end=column(file, path), subtype="identity")
            yield DerivesFrom(start=column(file, path), end=self.column(number), subtype="identity")

    def _version(self, model: Trained, number: int, at: datetime, file: Urn) -> Iterator[SnapshotDelta]:
        paths, urn = self._paths(model), model.version(number)
        digest = md5(f"{model.name} {number}".encode(), usedforsecurity=False).hexdigest()
        data = DatasetVersion(
            namespace=FILES, name=model.file, version=f"md5:{digest}", digest=digest, algorithm="md5", strength="strong",
            byte_size=1000, created_at=stamp(at - timedelta(hours=1)),
        )  # fmt: skip
        made = Run(
            namespace="openlineage", name=f"export-{model.name}-{number}", state="COMPLETE",
            started_at=stamp(at - timedelta(hours=2)), ended_at=stamp(at - timedelta(hours=1)),
            inputs=[str(self._tables[model.mart])], outputs=[str(data.urn)],
        )  # fmt: skip
        exported: list[Node | Edge] = [
            made, data, VersionOf(start=data.urn, end=file), GeneratedBy(start=data.urn, end=made.urn),
            Used(start=made.urn, end=self._tables[model.mart]),
        ]  # fmt: skip
        yield snapshot(("run", made.name), stamp(at - timedelta(hours=1)), exported, complete=False)
        run = Run(
            namespace=HUB, name=f"{model.name}-{number}", state="COMPLETE", started_at=stamp(at),
            ended_at=stamp(at + timedelta(minutes=9)), inputs=[str(data.urn)], parameters=f'{{"depth":"{number + 3}"}}',
        )  # fmt: skip
        code = CodeVersion(namespace="https://git.example.org/models", name=f"{digest}00000000", branch="main")
        packages = Environment(namespace=HUB, name=run.name, python="3.11.4", packages='{"pandas":"2.2.0"}')
        version = ModelVersion(
            namespace=HUB, name=model.name, version=str(number), aliases=["live"] if number == VERSIONS else [],
            created_at=stamp(at + timedelta(minutes=9)), features=paths[:-1], target=paths[-1],
        )  # fmt: skip
        uses = [UsesFeature(start=urn, end=Urn("feature", (STORE, model.name, p)), role="feature") for p in paths[:-1]]
        uses.append(UsesFeature(start=urn, end=column(file, paths[-1]), role="target"))
        yield snapshot(("mlflow", HUB, model.name, str(number)), stamp(at + timedelta(minutes=9)), [
            run, code, packages, version, Model(namespace=HUB, name=model.name), *uses,
            VersionOf(start=urn, end=Urn("model", (HUB, model.name))), GeneratedBy(start=urn, end=run.urn),
            Used(start=run.urn, end=data.urn, role="training"), AtCommit(start=run.urn, end=code.urn),
            ExecutedIn(start=run.urn, end=packages.urn),
        ])  # fmt: skip

    # --- rules

    def policies(self) -> dict[str, Any]:
        """Returns a policy file: what resides where, on what terms models are used, and two rules."""
        return {
            "residency": {REGIONS[0]: [self.ref(t) for t in self.resident]},
            "models": {m.name: {"purpose": m.purpose, "deployment_region": m.region} for m in self.models},
            "rules": [
                {"id": "only-with-consent", "kind": "consent-for-purpose", "register": "register.csv"},
                {"id": "stays-home", "kind": "residency", "from_residency": REGIONS[0]},
            ],
        }


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def snapshot(scope: Scope, at: str, said: Iterable[Node | Edge], *, complete: bool = True) -> SnapshotDelta:
    """Returns a whole snapshot, without a base."""
    facts = {fact.id: fact for fact in (Fact(one, Origin("estate")) for one in said)}
    digest = sum_of(facts)
    name = snapshot_id(scope, complete, (), digest, len(facts))
    moment: Instant = parse(at)
    return SnapshotDelta(
        name, scope, moment, complete, frozenset(), None, tuple(facts.values()), (), digest, len(facts)
    )


def load(store: Store, snapshots: Iterable[SnapshotDelta], part: int = 10_000) -> int:
    """Commits snapshots, several in a commit; returns the number of facts."""
    waiting: list[SnapshotDelta] = []
    count = total = 0
    for one in snapshots:
        waiting.append(one)
        count += one.count
        if count >= part:
            store.apply(ChangeSet(tuple(waiting)), Author(KNOWN, "bench", "bench"))
            total, count, waiting = total + count, 0, []
    if waiting:
        store.apply(ChangeSet(tuple(waiting)), Author(KNOWN, "bench", "bench"))
    return total + count


def filled(url: str, estate: Estate) -> Store:
    """Returns the store with the estate in it: fills it if it is empty."""
    store = open_store(url)
    if not store.info().head:
        began = time.perf_counter()
        facts = load(store, estate.snapshots())
        print(f"loaded {facts} facts in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return store


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--edges", type=int, default=1_000_000, help="value edges between columns")
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--store", default="sqlite:////tmp/headwater-governed.db")
    return parser


def main() -> None:
    asked = arguments(__doc__).parse_args()
    estate = Estate(asked.edges, asked.models)
    store = filled(asked.store, estate)
    print(f"{estate.value_edges} value edges; {store.info().counts}")
    store.close()


if __name__ == "__main__":
    main()
