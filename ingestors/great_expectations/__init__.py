"""Reads the folder of a Great Expectations data context: suites, and the results that were stored.

Scopes, for a namespace and a data context (its id, or the folder's name):

- `great-expectations/NAMESPACE/CONTEXT/suite/NAME`: a suite with its expectations. Each stored result says which ones there
  were when it ran; the suite's file, which has no clock, what there are now.
- `great-expectations/NAMESPACE/CONTEXT/result/SUITE/RUN`: what came of one run; stays true.
- `great-expectations/NAMESPACE/CONTEXT`: which suites there are.

No value of the data is kept: of results only counts, shares and the like.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from pydantic import Field

from catalog.model.facts import Fact, Scope, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import TIES, Instant
from catalog.model.nodes import Check
from ingestors.great_expectations.checks import Facts, Tables
from ingestors.great_expectations.context import DataContext, Validation, read_context
from ingestors.reading import Reader

_DAY: Final = 86_400 * 1_000_000 * TIES


class GreatExpectationsOptions(Options):
    """Options of a source of kind `great-expectations`."""

    namespace: str = Field(description="Namespace of the tables that are checked, and of the checks.")
    path: str = Field(description="Folder of the data context.")
    tables: dict[str, str] = Field(default={}, description="Asset, or DATASOURCE.ASSET, to the table that it holds.")


class GreatExpectationsIngestor:
    """Reads suites, validation definitions and stored validation results."""

    name: ClassVar[str] = "great-expectations"
    options: ClassVar[type[Options]] = GreatExpectationsOptions

    def __init__(self, options: GreatExpectationsOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields results by time with the suites as they were then, the suites as they are, and which there are.

        Raises:
            SourceError: the folder is no data context.
        """
        reader = Reader(context)
        namespace = context.namespace(self._options.namespace)
        found = read_context(reader, reader.folder(self._options.path))
        tables = Tables(found, namespace, context.namespaces, self._options.tables)
        facts = Facts(found, tables, namespace)
        scope: Scope = ("great-expectations", namespace, found.id)
        yield from _results(scope, found, tables, facts, context)
        yield from _suites(scope, found, tables, facts, namespace, context)


def _results(scope: Scope, found: DataContext, tables: Tables, facts: Facts, context: Context) -> Iterator[Snapshot]:
    seen: set[tuple[str, str]] = set()
    for said in found.validations:
        if said.at > context.now + _DAY:
            found.skips.append(Skip("unreadable", f"the run is dated {said.stamp}, ahead of now", said.origin))
            continue
        run = _run(said, seen)
        table = tables.find(said.suite, said.asset)
        rules = [outcome.expectation for outcome in said.outcomes]
        suite = list(facts.suite(said.suite, rules, table, said.origin))
        yield Snapshot((*scope, "suite", said.suite), said.at, suite, said.complete)
        yield Snapshot(
            (*scope, "result", said.suite, run), said.at, list(facts.result(said, run, table)), said.complete
        )


def _run(said: Validation, seen: set[tuple[str, str]]) -> str:
    """Returns name and time of a run, and the batch where a suite was run on several at once."""
    run = f"{said.run}@{said.stamp}"
    if (said.suite, run) in seen:
        run = f"{run}/{said.batch}"
    seen.add((said.suite, run))
    return run


def _suites(
    scope: Scope, found: DataContext, tables: Tables, facts: Facts, namespace: str, context: Context
) -> Iterator[Snapshot]:
    last = max((said.at for said in found.validations if said.at <= context.now + _DAY), default=Instant(0))
    for name, suite in sorted(found.suites.items()):
        at = context.at if context.at is not None else max(suite.modified, last)
        said = list(facts.suite(name, suite.expectations, tables.find(name), suite.origin))
        yield Snapshot((*scope, "suite", name), at, said, suite.complete, dated=context.at is not None)
    at = context.at if context.at is not None else max(found.newest, last)
    names = sorted({*found.suites, *(said.suite for said in found.validations)} if found.skips else found.suites)
    listed: list[Fact | Skip] = [
        Fact(Check(namespace=namespace, name=name), found.suites[name].origin) for name in names if name in found.suites
    ]
    unread = frozenset({(*scope, "result"), *((*scope, "suite", name) for name in names)})
    yield Snapshot(scope, at, [*listed, *found.skips], not found.skips, unread, context.at is not None)
