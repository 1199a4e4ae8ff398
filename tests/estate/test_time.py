"""What the release of 1 April changed, and that it changed nothing before."""

from __future__ import annotations

import json
from typing import Any

from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from catalog.lineage import Question, lineage
from catalog.model.instants import parse_as_of
from tests.estate.conftest import Catalog

MARCH = parse_as_of("2026-03-31")
DROPPED = "lake:lake.staging.stg_crm__customers#employment_status"
UNTOUCHED = "lake:lake.marts.mart_credit_features#peak_utilisation"


def asked(catalog: Catalog, ref: str) -> str:
    """Returns lineage and impact as of March as text, evidence without its later ends."""
    refs = catalog.refs
    urn = refs.parse(ref)
    found = [lineage(catalog.store, refs, Question((urn,), flow=flow, as_of=MARCH)) for flow in ("value", "all")]
    found.append(impact(catalog.store, refs, [parse_change(f"drop:{ref}", refs)], MARCH))
    return json.dumps([_endless(answer.envelope("now")) for answer in found], indent=1)


def _endless(value: Any) -> Any:
    # When a claim ended is known only later; that it held in March is the same.
    if isinstance(value, dict):
        return {k: _endless(v) for k, v in value.items() if k != "until"}
    return [_endless(item) for item in value] if isinstance(value, list) else value


def test_as_of_march_nothing_changed(in_sqlite: Catalog, after: Catalog, truth: dict[str, Any]) -> None:
    for ref in (DROPPED, UNTOUCHED, *(edge["to"] for edge in truth["end_to_end"])):
        assert asked(after, ref) == asked(in_sqlite, ref), ref


def test_today_the_dropped_column_is_closed(after: Catalog) -> None:
    urn = after.refs.parse(DROPPED)
    state = after.store.get([urn])[urn]
    assert state.closed_since is not None
    assert lineage(after.store, after.refs, Question((urn,))).warnings


def test_what_failed_to_build_keeps_its_last_definition(after: Catalog) -> None:
    urn = after.refs.parse("lake:lake.marts.dim_customers#birth_date")
    found = lineage(after.store, after.refs, Question((urn,), direction="upstream", max_hops=1)).data
    assert found["edges"]
