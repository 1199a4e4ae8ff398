"""How one change spreads: first column by column, then by table where columns are unknown, then to what was built from it.

A name that goes away breaks what names it; where a star carried it, it goes away one step further. Below what breaks, values
change. What only decides on rows changes rows, from there on for whole data sets. Columns are findings where their own
values are touched, never because a neighbour is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from catalog.graph import ROWS, VALUE, Course, reach, strengths
from catalog.impact.changes import Change
from catalog.impact.findings import Effect, Finding, Findings
from catalog.links import Link, link_all
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.starting import columns_known, lift, start_keys
from catalog.store.port import Key, Store

_READERS: Final = VALUE | ROWS | {"DEPENDS_ON"}
_TOUCHED: Final[tuple[Effect, ...]] = ("breaks", "value_changes", "passes_through")
_EVENTS: Final = frozenset({"run", "job"})
_KEEPS_TYPE: Final = frozenset({"identity", "aggregation"})


class Consequences:
    """The findings of one change."""

    def __init__(self, store: Store, change: Change, as_of: Instant | None = None) -> None:
        self._store, self._change, self._as_of = store, change, as_of
        self.findings = Findings()
        self.absent: set[Urn] = set()
        self._hops: dict[Urn, int] = {}

    def find(self) -> None:
        self._columns()
        if self._change.kind == "add-not-null":
            self._writers()
            return
        self._tables()
        self._rows()
        self._builds()

    # --- column by column

    def _columns(self) -> None:
        starts = start_keys(self._store, [self._change.urn], table_only=False, as_of=self._as_of)
        found = reach(self._store, starts.keys(), Course(VALUE | ROWS, "downstream", self._as_of))
        urns = {**starts, **self._store.urns(found.hops.keys() - starts.keys())}
        self._hops = {urns[key]: hops for key, hops in found.hops.items()}
        self.absent = set(self._store.urns({hop.far for hop in found.absent}).values())
        links = link_all(self._store, found.hops.keys(), VALUE | ROWS, "upstream", self._as_of, self._hops.keys())
        links += [Link(urns[t.far], urns[t.near], t.type, ()) for t in found.ties]
        self._judge(set(starts.values()), links)
        if not self._change.whole:
            self._contracts({self._change.urn})

    def _judge(self, starts: set[Urn], links: list[Link]) -> None:
        below: defaultdict[Urn, list[Link]] = defaultdict(list)
        above: defaultdict[Urn, list[Link]] = defaultdict(list)
        for link in links:
            below[link.end].append(link)
            above[link.start].append(link)
        gone = _spread(starts, below, _carries_name) if self._change.removes_name else set[Urn]()
        if self._change.whole:
            gone = starts
        best = strengths(
            starts, {end: [(k.start, 1 if k.type in ROWS else 0) for k in ls] for end, ls in below.items()}
        )
        for urn in self._hops.keys() - starts:
            self._judge_one(urn, above[urn], gone, best.get(urn, 1))
        retyped = _spread(starts, below, _keeps_type) if self._change.kind == "retype" else set[Urn]()
        self._contracts((gone | retyped) - starts)
        if self._change.removes_name:
            self._checks(gone)

    def _judge_one(self, urn: Urn, links: list[Link], gone: set[Urn], strength: int) -> None:
        naming = [k for k in links if k.end in gone and (not _carries_name(k) or self._change.whole)]
        effect: Effect
        if naming:
            effect, links = "breaks", naming
        elif urn in gone or (self._change.kind == "add-not-null" and strength == 0):
            effect = "passes_through"
        else:
            effect = "value_changes" if strength == 0 else "rows_change"
        if self._change.kind == "add-not-null" and effect == "rows_change":
            return
        near = min(links, key=lambda k: (self._hops[k.end], str(k.end)))
        why = _why(near, effect)
        self.findings.add(Finding(urn, effect, self._hops[urn], why, near.end))
        if urn.kind == "column":
            self.findings.add(
                Finding(dataset_of(urn), effect, self._hops[urn], f"its column {urn.parts[2]} {why}", near.end)
            )

    def _contracts(self, touched: Collection[Urn]) -> None:
        """A column that goes away or changes type breaks the contract that promises it."""
        datasets = {dataset_of(urn) for urn in touched if urn.kind == "column"}
        if self._change.kind == "add-not-null" or not datasets:
            return
        covered = contracts_of(self._store, datasets, self._as_of)
        for urn in touched:
            if urn.kind == "column" and (contract := covered.get(dataset_of(urn))) is not None:
                hops = self._hops[urn]
                self.findings.add(Finding(dataset_of(urn), "breaks", hops, f"{{}} promises {urn.parts[2]}", contract))
                if hops:
                    self.findings.add(Finding(urn, "breaks", hops, "{} promises it", contract))

    def _checks(self, gone: set[Urn]) -> None:
        keys = self._store.keys(gone).values()
        for link in link_all(self._store, keys, ["CHECKS"], "downstream", self._as_of):
            self.findings.add(Finding(link.start, "breaks", self._hops[link.end] + 1, "looks at {}", link.end))

    def _writers(self) -> None:
        self.findings.add(
            Finding(self._change.dataset, "breaks", 0, "what writes it fails where {} is null", self._change.urn)
        )

    # --- table by table

    def _tables(self) -> None:
        """From data sets with a touched column to what reads them without our knowing which columns."""
        touched = {u: f.hops for u, f in self._findings(_TOUCHED).items()} | {self._change.dataset: 0}
        seeds: dict[Urn, int] = {}
        for link in link_all(
            self._store, self._store.keys(touched).values(), ["DEPENDS_ON"], "downstream", self._as_of
        ):
            named = self._change.whole and link.end == self._change.urn
            if not named and columns_known(link):
                continue
            hops = touched[link.end] + 1
            why = "names {}" if named else "reads {}; which columns is not known"
            effect: Effect = "breaks" if named else "value_changes"
            self.findings.add(Finding(link.start, effect, hops, why, link.end))
            seeds[link.start] = min(hops, seeds.get(link.start, hops))
        self._readers(seeds, "value_changes")

    def _rows(self) -> None:
        seeds = {urn: f.hops for urn, f in self._findings(["rows_change"]).items()}
        broken = {urn: hops for urn, hops in self._hops.items() if urn.kind == "dataset" and hops}
        self._readers({**seeds, **broken}, "rows_change")

    def _findings(self, effects: Iterable[Effect]) -> dict[Urn, Finding]:
        wanted = set(effects)
        return {f.urn: f for f in self.findings if f.effect in wanted and f.urn.kind != "check"}

    def _readers(self, seeds: Mapping[Urn, int], effect: Effect) -> None:
        """Adds everything that reads any of these, data sets and not columns."""
        if not seeds:
            return
        keys = {key: seeds[urn] for urn, key in self._store.keys(seeds.keys()).items()}
        found = reach(self._store, keys, Course(_READERS, "downstream", self._as_of, row_sets=True))
        urns = self._store.urns(found.hops)
        hops: dict[Urn, int] = {}
        for key, distance in found.hops.items():
            urn = lift(urns[key])
            hops[urn] = min(distance, hops.get(urn, distance))
        nearest: dict[Urn, Urn] = {}
        inside = frozenset(urns.values())
        for link in link_all(self._store, found.hops.keys(), _READERS, "upstream", self._as_of, inside):
            start, end = lift(link.start), lift(link.end)
            if hops[end] < hops[start]:
                nearest[start] = min(end, nearest.get(start, end), key=lambda u: (hops[u], str(u)))
        for urn, near in nearest.items():
            self.findings.add(Finding(urn, effect, hops[urn], "reads {}", near))

    # --- what was built

    def _builds(self) -> None:
        touched = {u: f.hops for u, f in self.findings.of("dataset", _TOUCHED).items()} | {self._change.dataset: 0}
        changed = {u: f.hops for u, f in self.findings.of("dataset", ["rows_change"]).items()}
        self._built_from(touched, "value_changes")
        self._built_from(changed, "rows_change")
        for effect in ("breaks", "value_changes", "rows_change"):
            versions = self.findings.of("modelversion", [effect])
            keys = self._store.keys(versions.keys()).values()
            for link in link_all(self._store, keys, ["SERVES"], "downstream", self._as_of):
                self.findings.add(Finding(link.start, effect, versions[link.end].hops + 1, "serves {}", link.end))

    def _built_from(self, datasets: Mapping[Urn, int], effect: Effect) -> None:
        """Adds the runs that read a version of these, and the model versions that came of it."""
        keys = {key: datasets[urn] for urn, key in self._store.keys(datasets.keys()).items()}
        course = Course(frozenset({"VERSION_OF"}), "downstream", self._as_of, free=frozenset({"VERSION_OF"}))
        hops = self._spread_over(reach(self._store, keys, course).hops)
        runs = dict(self._step(hops, ["USED", "TRAINED_ON"], effect, "read {}"))
        course = Course(frozenset(), "downstream", self._as_of)
        same = self._spread_over(reach(self._store, self._keyed(runs), course).hops)
        dict(self._step(same, ["GENERATED_BY"], effect, "came of {}"))

    def _spread_over(self, hops: Mapping[Key, int]) -> dict[Urn, int]:
        return {urn: hops[key] for key, urn in self._store.urns(hops).items()}

    def _keyed(self, hops: Mapping[Urn, int]) -> dict[Key, int]:
        return {key: hops[urn] for urn, key in self._store.keys(hops.keys()).items()}

    def _step(
        self, hops: Mapping[Urn, int], types: Collection[str], effect: Effect, why: str
    ) -> Iterator[tuple[Urn, int]]:
        keys = self._store.keys(hops.keys()).values()
        for link in link_all(self._store, keys, types, "downstream", self._as_of):
            if link.start.kind in ("run", "modelversion"):
                self.findings.add(Finding(link.start, effect, hops[link.end] + 1, why, link.end))
                yield link.start, hops[link.end] + 1


def contracts_of(store: Store, datasets: Collection[Urn], as_of: Instant | None) -> dict[Urn, Urn]:
    """Returns the contract of each data set that has one which is enforced."""
    links = link_all(store, store.keys(datasets).values(), ["COVERED_BY"], "upstream", as_of)
    found = {link.start: link.end for link in links if link.end.kind == "contract"}
    states = store.get(list(found.values()), as_of)
    return {dataset: c for dataset, c in found.items() if states[c].properties.get("enforced") is not False}


def _spread(starts: set[Urn], below: Mapping[Urn, list[Link]], carries: Callable[[Link], bool]) -> set[Urn]:
    found, stack = set(starts), list(starts)
    while stack:
        for link in below.get(stack.pop(), ()):
            if link.start not in found and carries(link):
                found.add(link.start)
                stack.append(link.start)
    return found


def _carries_name(link: Link) -> bool:
    """Returns whether a star carried the name. Events cannot know that: where there is code, it decides."""
    if not link.said:
        return True
    claims = [s for s in link.said if not s.denies]
    code = [s for s in claims if s.claim.scope[0] not in _EVENTS] or claims
    return link.type == "DERIVES_FROM" and all(s.properties.get("by_star") for s in code)


def _keeps_type(link: Link) -> bool:
    return not link.said or link.subtype in _KEEPS_TYPE


def _why(link: Link, effect: Effect) -> str:
    if not link.said:
        return "has the same content as {}" if link.type == "SAME_CONTENT" else "is another name of {}"
    how = f" ({link.subtype})" if link.subtype else ""
    if effect == "breaks":
        return f"names {{}}{how}"
    if effect == "passes_through" and _carries_name(link):
        return "takes {} through a star"
    return f"is influenced by {{}}{how}" if link.type in ROWS else f"is computed from {{}}{how}"
