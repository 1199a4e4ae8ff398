"""Rules over everything, provenance, differences and causes of model versions, and the reach of bad data, on one store.

    python -m bench.governance --edges 1000000 --store sqlite:////tmp/headwater-governed.db

Figures stand next to one pass over all value edges in plain Python of the same run, because machines differ: for each edge a
set of bits is handed from one end to the other, in memory. Processor time is told beside the clock.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import yaml

from bench.governed_estate import NAMESPACES, VERSIONS, Estate, arguments, filled
from catalog.answers import Answer
from catalog.check import check
from catalog.contamination.faults import parse_faults
from catalog.contamination.report import contamination
from catalog.diff import diff_versions
from catalog.model.instants import parse
from catalog.policies import Policies, read_policies
from catalog.provenance.story import provenance
from catalog.refs import Refs
from catalog.rootcause.suspects import root_cause
from catalog.store.port import Store

NOW: Final = parse("2026-08-01T00:00:00Z")


def one_pass(estate: Estate) -> float:
    """Returns the processor time in which each value edge is looked at once, from raw to reports."""
    values = np.flatnonzero(estate.graph.rows_only == 0)
    values = values[np.argsort(estate.graph.derived[values], kind="stable")]
    source, derived = estate.graph.source[values].tolist(), estate.graph.derived[values].tolist()
    held = [1] * estate.graph.columns
    began = time.process_time()
    for near, far in zip(derived, source, strict=True):
        held[near] |= held[far]
    return time.process_time() - began


class Figures:
    """Times of one question asked several times."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.work: list[float] = []

    def time(self, body: Callable[..., Any], *args: Any) -> Any:
        clock, work = time.perf_counter(), time.process_time()
        found = body(*args)
        self.clock.append(time.perf_counter() - clock)
        self.work.append(time.process_time() - work)
        return found

    def say(self, name: str, plain: float) -> None:
        half, most = (sorted(self.work)[int(len(self.work) * share)] for share in (0.5, 0.999))
        slowest = max(self.clock)
        print(
            f"{name}: half {half * 1000:.0f} ms, slowest {most * 1000:.0f} ms of processor time ({slowest * 1000:.0f} ms by the "
            f"clock); {half / plain:.2f} and {most / plain:.2f} passes"
        )


def rules(estate: Estate) -> Policies:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(yaml.safe_dump(estate.policies()))
        return read_policies([path])


def measure(store: Store, estate: Estate) -> None:
    plain = one_pass(estate)
    print(f"one pass over {estate.value_edges} value edges: {plain * 1000:.0f} ms of processor time")
    refs = Refs(store, NAMESPACES)
    checked, traced, compared = Figures(), Figures(), Figures()
    policies = rules(estate)
    counts = checked.time(check, store, refs, policies, NOW).answer.data["counts"]
    checked.say(f"consent and residency of {len(estate.models) * VERSIONS} model versions {counts}", plain)
    for model in estate.models[:40]:
        traced.time(provenance, store, Refs(store, NAMESPACES), model.version(VERSIONS))
        compared.time(
            diff_versions, store, Refs(store, NAMESPACES), model.version(VERSIONS - 1), model.version(VERSIONS)
        )
    traced.say("provenance of one version", plain)
    compared.say("difference of two adjacent versions", plain)
    _measure_bad_data(store, estate, plain)


def _measure_bad_data(store: Store, estate: Estate, plain: float) -> None:
    spread, caused = Figures(), Figures()
    sources = np.flatnonzero((estate.graph.layer == 0) & (estate.graph.hub < 0)).tolist()
    for source in Random(7).sample(sources, 40):
        spread.time(_reach, store, f"bad-data:{estate.ref(source)}@2026-03-01..2026-03-02")
    spread.say("reach of bad data in a source", plain)
    for model in estate.models[:40]:
        caused.time(root_cause, store, Refs(store, NAMESPACES), model.version(VERSIONS))
    caused.say("root cause of one version", plain)


def _reach(store: Store, fault: str) -> Answer:
    refs = Refs(store, NAMESPACES)
    return contamination(store, refs, parse_faults(store, refs, fault))


def main() -> None:
    asked = arguments(__doc__).parse_args()
    estate = Estate(asked.edges, asked.models)
    store = filled(asked.store, estate)
    measure(store, estate)
    store.close()


if __name__ == "__main__":
    main()
