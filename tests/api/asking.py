"""Asks a small catalog over GraphQL, in process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from catalog.api.context import Settings
from catalog.api.execution import Answered, Asked, answer
from catalog.api.limits import Limits
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, Job, ModelVersion, Term
from catalog.store.memory import MemoryStore
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, flow, table

TERM = Urn("term", ("Business", "Turnover"))
VERSION = Urn("modelversion", ("mlflow://tracker", "score", "1"))


def shop() -> MemoryStore:
    """Returns raw.amount -> orders.amount -> report.total -> a model version, with owners, tags, terms and a job."""
    return catalog(
        Dataset(namespace=NS, name="shop.raw", columns=["id", "amount"], type="table", row_count=2**40),
        Dataset(namespace=NS, name="shop.orders", columns=["id", "amount"], description="Orders."),
        Dataset(namespace=NS, name="shop.report", columns=["total"]),
        Column(namespace=NS, name="shop.orders", path="amount", data_type="numeric", nullable=True),
        Job(namespace="etl", name="nightly", command="dbt run"),
        Term(namespace="Business", name="Turnover", synonyms=["sales"], definition="What was sold."),
        Term(namespace="Business", name="Money"),
        ModelVersion(namespace="mlflow://tracker", name="score", version="1", features=["total"]),
        flow("shop.orders.amount", "shop.raw.amount"),
        flow("shop.orders.id", "shop.raw.id"),
        flow("shop.report.total", "shop.orders.amount", "aggregation"),
        edge("USES_FEATURE", VERSION, col("shop.report.total"), role="feature"),
        edge("OWNED_BY", table("shop.orders"), Urn("agent", ("", "ana@shop.example")), role="owner"),
        edge("TAGGED", table("shop.orders"), Urn("tag", ("", "gold"))),
        edge("MEANS", col("shop.orders.amount"), TERM, status="approved"),
        edge("BROADER", TERM, Urn("term", ("Business", "Money"))),
        edge("PRODUCED_BY", table("shop.orders"), Urn("job", ("etl", "nightly"))),
        edge("READS", Urn("job", ("etl", "nightly")), table("shop.raw")),
    )


class Ticks:
    """A clock that each look moves on."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def settings(limits: Limits | None = None, ticks: Ticks | None = None) -> Settings:
    return Settings(
        clock=lambda: datetime(2026, 3, 1, tzinfo=UTC),
        ticks=ticks or Ticks(),
        namespaces=NAMESPACES,
        limits=limits or Limits(),
    )


def run(store: Store, query: str, actor: str | None = None, **variables: Any) -> Answered:
    return answer(settings(), store, Asked(query, variables), actor, "request-1")


def ask(store: Store, query: str, actor: str | None = None, **variables: Any) -> dict[str, Any]:
    """Returns the data of an answer without errors."""
    found = run(store, query, actor, **variables)
    for fault in found.faults:
        raise fault
    assert "errors" not in found.response, found.response["errors"]
    return cast(dict[str, Any], found.response["data"])


def refused(store: Store, query: str, actor: str | None = None, **variables: Any) -> tuple[str, str]:
    """Returns code and message of the first error; no fault of ours may be behind it."""
    found = run(store, query, actor, **variables)
    assert not found.faults, found.faults
    first = found.response["errors"][0]
    return first["extensions"]["code"], first["message"]
