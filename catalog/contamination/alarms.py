"""Checks that failed on data that was bad: the first of them is when somebody could have known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from catalog.answers import Data
from catalog.contamination.timeline import EVER
from catalog.graph import columns_of
from catalog.links import link_all
from catalog.model.instants import Instant, show
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.store.port import Store


def alarms(store: Store, refs: Refs, bad: Mapping[Urn, Instant]) -> list[Data]:
    """Returns the checks that failed on data sets after the data in them was bad, earliest first.

    Args:
        bad: Data sets with the time since which they were bad.
    """
    if not bad or not store.find(["checkresult"], limit=1).nodes:
        return []
    results, checks = _results(store, bad)
    states = store.get(list(results))
    failed = [urn for urn, state in states.items() if state.properties.get("success") is False]
    texts = refs.texts({*bad, *(checks.get(urn, urn) for urn in failed)})
    found: list[Data] = []
    for urn in failed:
        said = states[urn].properties
        for dataset in results[urn]:
            if bad[dataset] == EVER or (said.get("at") or "") >= show(bad[dataset]):
                named = {"check": texts[checks.get(urn, urn)], "run": said.get("run_name") or urn.parts[2]}
                more = {"suite": said.get("suite"), "at": said.get("at"), "failed": list(said.get("failed") or ())}
                found.append({"subject": texts[dataset], **named, **more})
    return sorted(found, key=lambda alarm: (alarm["at"] or "", alarm["subject"], alarm["check"], alarm["run"]))


def _results(store: Store, datasets: Mapping[Urn, Instant]) -> tuple[dict[Urn, set[Urn]], dict[Urn, Urn]]:
    """Returns the results about data sets, their columns and their versions, with the data sets, and the checks of results."""
    keys = store.keys(datasets)
    parts = {*keys.values(), *columns_of(store, {key: urn for urn, key in keys.items()})}
    versions = link_all(store, list(keys.values()), ["VERSION_OF"], "downstream")
    parts |= set(store.keys({link.start for link in versions}).values())
    about: defaultdict[Urn, set[Urn]] = defaultdict(set)
    checks: dict[Urn, Urn] = {}
    looked: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in link_all(store, list(parts), ["EVALUATED_ON", "CHECKS"], "downstream"):
        target = looked if link.type == "CHECKS" else about
        target[link.start].add(link.end if link.end.kind == "dataset" else dataset_of(link.end))
    for link in link_all(store, list(store.keys(looked).values()), ["RESULT_OF"], "downstream"):
        about[link.start] |= looked[link.end]
    results = {urn: datasets_ for urn, datasets_ in about.items() if urn.kind == "checkresult"}
    for link in link_all(store, list(store.keys(results).values()), ["RESULT_OF"]):
        checks[link.start] = link.end
    return results, checks
