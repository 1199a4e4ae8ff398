"""A small estate from a seed, as facts: a warehouse, data versions, and a model that was trained twice. Its shape varies.

What varies besides is what no difference is: names of runs, times, metrics, environments that are equal under other names,
other names of runs and data, tables that are described again, and things off the way that do change.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, Final

from catalog.model.edges import Edge
from catalog.model.facts import Scope
from catalog.model.instants import parse
from catalog.model.names import Urn, column
from catalog.model.nodes import (
    CodeVersion,
    Column,
    Dataset,
    DatasetVersion,
    Environment,
    Feature,
    FeatureView,
    Model,
    ModelVersion,
    Node,
    Run,
)
from catalog.store.port import Author, ChangeSet, SnapshotDelta, Store
from tests.catalogs import edge, snapshot
from tests.generated.words import Names

WAREHOUSE, FILES, HUB, FEATURES = "postgres://own.db:5432", "s3://our-bucket", "mlflow://hub", "feast://own"
ALIASES: Final = {"pg": WAREHOUSE, "files": FILES, "hub": HUB, "fs": FEATURES}
KNOWN, DAYS = "2026-01-01T00:00:00Z", ("2026-02-10", "2026-03-20")
BETWEEN: Final = "2026-03-01T00:00:00Z"
KINDS: Final = ("data", "code", "parameters", "environment", "features", "schema")
Change = tuple[str, str, Any, Any, str]
"""Ref, property, before, after, cause."""


@dataclass
class Small:
    """One estate; `kind` is what changes between the two trainings."""

    seed: int
    kind: str | None = None
    depth: int | None = None
    expected: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = draw = random.Random(self.seed)
        self._moved: set[str] = set()
        self.names = Names(draw)
        depth = self.depth or draw.randint(2, 6)
        self.layers = [[f"shop.l{i}.{self.names.word()}" for _ in range(draw.randint(1, 3))] for i in range(depth)]
        self.columns = {t: self.names.words(draw.randint(2, 4)) for layer in self.layers for t in layer}
        self.values: dict[Urn, list[Urn]] = {}
        for above, layer in zip(self.layers, self.layers[1:], strict=False):
            for table in layer:
                for path in self.columns[table]:
                    sources = draw.sample(above, min(len(above), draw.randint(1, 2)))
                    self.values[self.col(table, path)] = [self.col(s, draw.choice(self.columns[s])) for s in sources]
        self.mart = draw.choice(self.layers[-1])
        self.model, self.file = self.names.word(), f"data/{self.names.word()}.csv"
        self.used = self.columns[self.mart]
        self.in_feast, self.by_event, self.raw_file = (draw.random() < 0.5 for _ in range(3))
        if self.kind == "features":
            self.in_feast = self.in_feast or draw.random() < 0.5
        self.libraries = {name: f"{draw.randint(0, 3)}.{draw.randint(0, 9)}" for name in ("pandas", "torch", "numpy")}
        self.parameters = {name: str(draw.randint(1, 99)) for name in self.names.words(3)}
        self.types = {u: draw.choice(("int", "text")) for u in self.every_column()}
        self.feature_types = dict.fromkeys(self.used, "Int64")

    # --- names

    def col(self, table: str, path: str) -> Urn:
        return Urn("column", (WAREHOUSE, table, path))

    def table(self, name: str) -> Urn:
        return Urn("dataset", (WAREHOUSE, name))

    def every_column(self) -> list[Urn]:
        return [self.col(t, path) for t, paths in self.columns.items() for path in paths]

    def version(self, number: int) -> Urn:
        return Urn("modelversion", (HUB, self.model, str(number)))

    def behind(self) -> list[Urn]:
        """Returns the columns from which values reach the model, nearest first."""
        found = dict.fromkeys(self.col(self.mart, path) for path in self.used)
        waiting = list(found)
        while waiting:
            fresh = [source for source in self.values.get(waiting.pop(0), ()) if source not in found]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        return list(found)

    def readers(self, table: str) -> set[str]:
        """Returns the tables on the way into which values of a table get first; the model's file for the mart."""
        behind = set(self.behind())
        own = {self.col(table, path) for path in self.columns[table]}
        found = {c.name for c, sources in self.values.items() if c in behind and own & set(sources)}
        return found | ({self.file} if table == self.mart else set())

    # --- facts

    def fill(self, store: Store, *more: SnapshotDelta) -> Store:
        for i, one in enumerate([*self._snapshots(), *more]):
            store.apply(ChangeSet((one,)), Author(f"2026-04-01T00:{i // 60:02d}:{i % 60:02d}Z", "ana", one.scope[0]))
        return store

    def _snapshots(self) -> Iterator[SnapshotDelta]:
        for table in self.columns:
            yield _snapshot(("sql", "shop", table), KNOWN, self._definition(table))
        yield _snapshot(("feast", "own"), KNOWN, self._features())
        yield _snapshot(("export", self.file), KNOWN, self._file())
        yield from self._trained(1)
        again = self._change() | {self.draw.choice(list(self.columns))}  # and something is described again as it was
        for table in sorted(again):
            yield _snapshot(("sql", "shop", table), BETWEEN, self._definition(table))
        yield _snapshot(("feast", "own"), BETWEEN, self._features())
        yield from self._trained(2)

    def _definition(self, table: str) -> Iterator[Node | Edge]:
        paths = self.columns[table]
        yield Dataset(namespace=WAREHOUSE, name=table, type="table", columns=paths)
        above: dict[str, None] = {}
        for path in paths:
            urn = self.col(table, path)
            yield Column(namespace=WAREHOUSE, name=table, path=path, data_type=self.types[urn])
            for source in self.values.get(urn, ()):
                above[source.name] = None
                yield edge("DERIVES_FROM", urn, source, subtype="identity")
        for name in above:
            yield edge("DEPENDS_ON", self.table(table), self.table(name), columns_known=True)

    def _features(self) -> Iterator[Node | Edge]:
        if not self.in_feast:
            return
        view = FeatureView(namespace=FEATURES, name=self.model)
        yield view
        for path in self.used:
            feature = Feature(namespace=FEATURES, name=self.model, feature=path, data_type=self.feature_types[path])
            yield feature
            yield edge("PART_OF", feature.urn, view.urn)
            yield edge("COMPUTED_FROM", feature.urn, column(Urn("dataset", (FILES, self.file)), path))

    def _file(self) -> Iterator[Node | Edge]:
        file = Urn("dataset", (FILES, self.file))
        yield Dataset(namespace=FILES, name=self.file, type="file", columns=self.used)
        yield edge("DEPENDS_ON", file, self.table(self.mart), columns_known=True)
        for path in self.used:
            yield edge("DERIVES_FROM", column(file, path), self.col(self.mart, path), subtype="identity")

    def _trained(self, number: int) -> Iterator[SnapshotDelta]:
        day = DAYS[number - 1]
        run = Run(
            namespace=HUB, name=f"{self.names.word()}-{number}", started_at=f"{day}T09:00:00Z", ended_at=f"{day}T10:00:00Z",
            state="COMPLETE", parameters=json.dumps(self.parameters), metrics=json.dumps({"auc": str(self.draw.random())}),
        )  # fmt: skip
        packages = Environment(namespace=HUB, name=run.name, python="3.11", packages=json.dumps(self.libraries))
        code = CodeVersion(namespace="https://git/own", name=self._digest("commit"), branch="main")
        version = ModelVersion(
            namespace=HUB, name=self.model, version=str(number), created_at=f"{day}T10:05:00Z", features=self.used,
            inputs=None if self.in_feast else json.dumps([{"name": p, "type": t} for p, t in self.feature_types.items()]),
        )  # fmt: skip
        facts: list[Node | Edge] = [
            run, packages, code, version, Model(namespace=HUB, name=self.model),
            edge("GENERATED_BY", version.urn, run.urn), edge("AT_COMMIT", run.urn, code.urn),
            edge("EXECUTED_IN", run.urn, packages.urn),
            edge("VERSION_OF", version.urn, Urn("model", (HUB, self.model))),
        ]  # fmt: skip
        facts += self._data(run, number)
        start = Urn("featureview", (FEATURES, self.model)) if self.in_feast else Urn("dataset", (FILES, self.file))
        kind = "feature" if self.in_feast else "column"
        facts += [edge("USES_FEATURE", version.urn, Urn(kind, (*start.parts, p)), role="feature") for p in self.used]
        yield _snapshot(("mlflow", HUB, run.name), f"{day}T10:05:00Z", facts)

    def _data(self, run: Run, number: int) -> Iterator[Node | Edge]:
        """Yields what the run read, under two names, and perhaps the file that it was made from."""
        day = DAYS[number - 1]
        data = self._content(self.file, "data", day)
        yield from (data, edge("VERSION_OF", data.urn, Urn("dataset", (FILES, self.file))))
        yield edge("USED", run.urn, data.urn, role="training")
        if self.by_event:
            seen = Run(namespace="openlineage", name=f"event-{number}", ended_at=f"{day}T10:01:00Z", state="COMPLETE")
            yield from (seen, edge("ALIAS_OF", seen.urn, run.urn), edge("USED", seen.urn, data.urn))
        if self.raw_file:
            made = Run(namespace="openlineage", name=f"split-{number}", ended_at=f"{day}T08:00:00Z", state="COMPLETE")
            raw = self._content("data/raw.bin", "raw", day)
            yield from (made, raw, edge("VERSION_OF", raw.urn, Urn("dataset", (FILES, "data/raw.bin"))))
            yield from (edge("GENERATED_BY", data.urn, made.urn), edge("USED", made.urn, raw.urn))

    def _content(self, name: str, what: str, day: str) -> DatasetVersion:
        digest = self._digest(what)
        return DatasetVersion(
            namespace=FILES, name=name, version=f"md5:{digest}", digest=digest, algorithm="md5", strength="strong",
            byte_size=10, created_at=f"{day}T07:00:00Z",
        )  # fmt: skip

    def _digest(self, what: str) -> str:
        return md5(f"{self.seed} {what} {what in self._moved}".encode(), usedforsecurity=False).hexdigest()

    # --- the change

    def _change(self) -> set[str]:
        """Changes one thing and some that do not matter; returns the tables that are defined anew by it."""
        behind = self.behind()
        aside = [urn for urn in self.every_column() if urn not in behind]
        touched = set[str]()
        if aside:
            off = self.draw.choice(aside)
            self.types[off] = "changed off the way"
            touched.add(off.name)
        if self.kind is not None:
            touched |= getattr(self, f"_{self.kind}_changes")(behind) or set()
        return touched

    def _expect(self, ref: str, name: str, before: Any, after: Any) -> None:
        self.expected.append((ref, name, before, after, str(self.kind)))

    def _moves(self, what: str, ref: str, name: str) -> None:
        before = self._digest(what)
        self._moved.add(what)
        self._expect(ref, name, before, self._digest(what))

    def _data_changes(self, _: list[Urn]) -> None:
        changed = [("data", self.file)]
        if self.raw_file and self.draw.random() < 0.5:
            changed.append(("raw", "data/raw.bin"))  # and with it what is made from it
        for what, name in changed:
            self._moves(what, f"files:{name}", "digest")
        self.expected.sort()

    def _code_changes(self, _: list[Urn]) -> None:
        self._moves("commit", f"hub:{self.model}/2", "commit")

    def _parameters_changes(self, _: list[Urn]) -> None:
        name = self.draw.choice(list(self.parameters))
        before, self.parameters[name] = self.parameters[name], "1000"
        self._expect(f"hub:{self.model}/2", name, before, "1000")

    def _environment_changes(self, _: list[Urn]) -> None:
        name = self.draw.choice(list(self.libraries))
        before, self.libraries[name] = self.libraries[name], "9.9"
        self._expect(f"hub:{self.model}/2", f"packages.{name}", before, "9.9")

    def _features_changes(self, _: list[Urn]) -> None:
        path = self.draw.choice(self.used)
        self.feature_types[path] = "Float32"
        ref, name = (f"fs:{self.model}#{path}", "type") if self.in_feast else (f"hub:{self.model}/2", f"type of {path}")
        self._expect(ref, name, "Int64", "Float32")

    def _schema_changes(self, behind: list[Urn]) -> set[str]:
        urn = self.draw.choice(behind)
        before, self.types[urn] = self.types[urn], "numeric(9,2)"
        self._expect(f"pg:{urn.name}#{urn.parts[2]}", "type", before, "numeric(9,2)")
        return {urn.name}


def _snapshot(scope: Scope, at: str, facts: Any) -> SnapshotDelta:
    return snapshot(facts, scope, parse(at))
