"""The facts of suites and of their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from catalog.model.canonical import json_text
from catalog.model.edges import Checks, EvaluatedOn, OwnedBy, PartOf, ResultOf
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.instants import show
from catalog.model.names import Urn, column, fold
from catalog.model.nodes import Check, CheckResult
from ingestors.great_expectations.context import DataContext, Expectation, Outcome, Validation
from ingestors.naming import agent, relation
from ingestors.tables import named_table
from ingestors.values import VALUE_CHARS, items, text

_COLUMNS: Final = ("column", "column_A", "column_B")
_COLUMN_LISTS: Final = ("column_list", "column_set")


class Tables:
    """Finds the table that a suite or asset is about.

    Args:
        named: From the options: asset, or `DATASOURCE.ASSET`, to table.
    """

    def __init__(
        self, context: DataContext, namespace: str, namespaces: Mapping[str, str], named: Mapping[str, str]
    ) -> None:
        self._context, self._namespace, self._namespaces, self._named = context, namespace, namespaces, named

    def find(self, suite: str, asset: tuple[str, str] | None = None) -> Urn | None:
        """Returns the table; the options win over the suite's own note, and that over the asset's settings."""
        asset = asset or self._context.definitions.get(suite) or ("", "")
        known = self._context.suites.get(suite)
        noted = text(known.meta.get("table")) if known else None
        for written in (self._named.get(".".join(asset)), self._named.get(asset[1]), noted):
            if written:
                return self._table(written)
        parts = self._context.assets.get(asset)
        return relation(self._namespace, *parts) if parts else None

    def _table(self, written: str) -> Urn:
        alias, colon, _ = written.partition(":")
        if colon and alias in self._namespaces:
            found = named_table(written, self._namespaces)
            if found is not None:
                return found
        return relation(self._namespace, *written.split("."), quoted=False)


class Facts:
    """Yields the facts of one data context."""

    def __init__(self, context: DataContext, tables: Tables, namespace: str) -> None:
        self._context, self._tables, self._namespace = context, tables, namespace

    def suite(
        self, name: str, rules: Sequence[Expectation], table: Urn | None, origin: Origin
    ) -> Iterator[Fact | Skip]:
        """Yields a suite with its rules: the same facts whether it is read from its file or from a result."""
        whole = Check(namespace=self._namespace, name=name, type="suite", suite=name)
        yield Fact(whole, origin)
        if table is None:
            yield Skip("unresolved", f"the suite {name!r} names no table", origin, (whole.urn,))
        else:
            yield Fact(Checks(start=whole.urn, end=table), origin)
        known = self._context.suites.get(name)
        owner = text(known.meta.get("owner")) if known else None
        if owner and (node := agent(owner)).name:
            yield Fact(node, origin)
            yield Fact(OwnedBy(start=whole.urn, end=node.urn, role="owner"), origin)
        for rule in rules:
            check = self._check(name, rule)
            yield Fact(check, origin)
            yield Fact(PartOf(start=check.urn, end=whole.urn), origin)
            if table is not None:
                for end in _ends(rule, table):
                    yield Fact(Checks(start=check.urn, end=end), origin)

    def _check(self, suite: str, rule: Expectation) -> Check:
        columns = _columns(rule)
        parameters = json_text({k: v for k, v in rule.kwargs.items() if k != "column"})
        return Check(
            namespace=self._namespace,
            name=_name(suite, rule),
            type=rule.type,
            suite=suite,
            column=columns[0] if len(columns) == 1 else None,
            parameters=parameters if len(parameters) <= VALUE_CHARS * 8 and parameters != "{}" else None,
            severity=rule.severity,
            description=rule.description,
            unique_id=rule.id,
        )

    def result(self, said: Validation, run: str, table: Urn | None) -> Iterator[Fact | Skip]:
        """Yields the result of a suite and of each of its rules."""
        failed = [o for o in said.outcomes if o.success is not True]
        whole = CheckResult(
            namespace=self._namespace,
            name=said.suite,
            run=run,
            success=said.success,
            status=_status(said.success, any(o.raised for o in said.outcomes)),
            at=show(said.at),
            suite=said.suite,
            run_name=said.run or None,
            failed=[" ".join([o.expectation.type, *_columns(o.expectation)]) for o in failed],
            failures=len(failed),
            observed=json_text({"pandas_data_fingerprint": said.fingerprint}) if said.fingerprint else None,
        )
        yield from self._one(whole, said.suite, table, said.origin)
        for number, outcome in enumerate(said.outcomes):
            origin = Origin(said.origin.path, f"/results/{number}")
            yield from self._one(
                self._outcome(said, run, outcome), _name(said.suite, outcome.expectation), table, origin
            )

    def _outcome(self, said: Validation, run: str, outcome: Outcome) -> CheckResult:
        failures = outcome.figures.get("unexpected_count")
        return CheckResult(
            namespace=self._namespace,
            name=_name(said.suite, outcome.expectation),
            run=run,
            success=outcome.success,
            status=_status(outcome.success, outcome.raised),
            at=show(said.at),
            suite=said.suite,
            run_name=said.run or None,
            failures=failures if isinstance(failures, int) else None,
            observed=json_text(outcome.figures) if outcome.figures else None,
            message="it raised an exception" if outcome.raised else None,
        )

    def _one(self, result: CheckResult, check: str, table: Urn | None, origin: Origin) -> Iterator[Fact]:
        yield Fact(result, origin)
        yield Fact(ResultOf(start=result.urn, end=Urn("check", (self._namespace, check))), origin)
        if table is not None:
            yield Fact(EvaluatedOn(start=result.urn, end=table), origin)


def _name(suite: str, rule: Expectation) -> str:
    """Returns the expectation's own id; of one without, its suite with a digest of what it says."""
    if rule.id is not None:
        return rule.id
    said = json_text([rule.type, dict(rule.kwargs)])
    return f"{suite}/{rule.type}/{sha256(said.encode()).hexdigest()[:16]}"


def _columns(rule: Expectation) -> list[str]:
    named = [name for key in _COLUMNS if (name := text(rule.kwargs.get(key)))]
    lists: list[Any] = [name for key in _COLUMN_LISTS for name in items(rule.kwargs.get(key))]
    return list(dict.fromkeys([*named, *(name for name in lists if isinstance(name, str) and name)]))


def _ends(rule: Expectation, table: Urn) -> list[Urn]:
    return [column(table, fold(table.namespace, name)) for name in _columns(rule)] or [table]


def _status(success: bool | None, raised: bool) -> str | None:
    return "error" if raised else None if success is None else "pass" if success else "fail"
