"""Integrated: pipelines say what they read and write, and nobody reads what comes from nowhere.

Judged are jobs that ran, and data sets that something reads. What may come from outside is named by `raw`: data sets, namespaces, or
the front of names with a star. Exemptions say why something else is borne.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.graph import undenied
from catalog.identity import find_all, ties_of
from catalog.model.names import Urn
from catalog.policies import Rule, digest_of
from catalog.rules.judging import Estate, Judgement
from catalog.starting import lift, start_keys
from catalog.store.port import Direction, Store

_WRITTEN = ("PRODUCED_BY", "GENERATED_BY", "DEPENDS_ON", "PART_OF")
_MAKERS = frozenset({"job", "run", "dataset"})
_READ = ("READS", "USED", "DEPENDS_ON")


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every job that ran and every data set that is read."""
    _, exempt = estate.exempt(rule)
    seen = _Seen(estate.store)
    for job in sorted(seen.ran):
        gap = None if job in seen.telling else "it ran, and nothing is known of what it reads or writes"
        yield _said(rule, job, gap, exempt)
    raw = _Raw(estate, rule.listed("raw"))
    for dataset in sorted(seen.readers):
        known = dataset in seen.written or raw.holds(dataset)
        yield _said(
            rule,
            dataset,
            None if known else f"it is read by {seen.readers[dataset]}, and nothing is known of how it is written",
            exempt,
        )


def _said(rule: Rule, subject: Urn, gap: str | None, exempt: dict[Urn, str]) -> Judgement:
    looked_at = digest_of([str(subject), gap])
    if gap is None or subject in exempt:
        return Judgement(rule.id, subject, "passed", exempt.get(subject, "its lineage is known"), looked_at=looked_at)
    return Judgement(rule.id, subject, "violated", gap, subject, subject, (subject,), looked_at=looked_at)


class _Seen:
    """What is known of jobs and data sets by their edges. Cost: the edges between data sets; columns only where these do not tell.

    Attributes:
        ran: Jobs with runs; `telling` those that read or write something.
        readers: Data sets that something else reads, each with the name of one of what reads it.
        written: Data sets of which it is known how they are written, under whichever of their names.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        jobs, datasets = _urns(store, "job"), _urns(store, "dataset")
        runs = self._pairs(jobs, ["RUN_OF"], "downstream")
        busy = {run for run, _ in self._pairs({run for _, run in runs}, ["USED"], "upstream")}
        busy |= {run for run, _ in self._pairs({run for _, run in runs}, ["GENERATED_BY"], "downstream")}
        told = [*self._pairs(jobs, ["READS"], "upstream"), *self._pairs(jobs, ["PRODUCED_BY"], "downstream")]
        self.ran = {job for job, _ in runs}
        self.telling = {job for job, _ in told} | {job for job, run in runs if run in busy}
        versions = {
            far: near
            for near, far in self._pairs(datasets, ["VERSION_OF"], "downstream")
            if far.kind == "datasetversion"
        }
        self.readers = self._reading([*datasets, *versions])
        self.written = self._writing(datasets, versions)

    def _pairs(self, urns: Collection[Urn], types: Sequence[str], way: Direction) -> list[tuple[Urn, Urn]]:
        """Returns things with those at the other end of their edges."""
        keys = self._store.keys(urns)
        hops = undenied(self._store.step(list(keys.values()), types, way)) if keys else ()
        near, far = {key: urn for urn, key in keys.items()}, self._store.urns({hop.far for hop in hops})
        return [(near[hop.near], far[hop.far]) for hop in hops]

    def _reading(self, things: Collection[Urn]) -> dict[Urn, str]:
        found: dict[Urn, str] = {}
        for near, far in sorted(self._pairs(things, _READ, "downstream")):
            if lift(near) != lift(far):
                found.setdefault(lift(near), far.name)
        return found

    def _writing(self, datasets: list[Urn], versions: Mapping[Urn, Urn]) -> set[Urn]:
        """Returns what is written by a job, a run or from other data, column by column where nothing else tells it."""
        found = {
            near for near, far in self._pairs(datasets, _WRITTEN, "upstream") if near != far and far.kind in _MAKERS
        }
        found |= {versions[near] for near, _ in self._pairs(versions.keys(), ["GENERATED_BY"], "upstream")}
        silent = [urn for urn in self.readers if urn not in found]
        columns = start_keys(self._store, silent, table_only=False).values()
        found |= {
            lift(near)
            for near, far in self._pairs(set(columns), ["DERIVES_FROM"], "upstream")
            if lift(near) != lift(far)
        }
        known = {key: urn for urn, key in self._store.keys(datasets).items()}
        ties = ties_of(self._store, list(known), "upstream")
        return found | {known[tie.near] for tie in ties if known.get(tie.far) in found}


def _urns(store: Store, kind: str) -> list[Urn]:
    return [node.urn for node in find_all(store, [kind]) if node.closed_since is None]


@dataclass(frozen=True)
class _Raw:
    """What may come from outside."""

    estate: Estate
    said: tuple[str, ...]

    def holds(self, dataset: Urn) -> bool:
        return any(self._is(dataset, text) for text in self.said)

    def _is(self, dataset: Urn, text: str) -> bool:
        refs = self.estate.refs
        if text.endswith("*"):
            return refs.format(dataset).startswith(text[:-1])
        return dataset.namespace == refs.namespace(text) or dataset in refs.candidates(text, ("dataset",))
