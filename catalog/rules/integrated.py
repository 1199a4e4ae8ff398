"""Integrated: pipelines say what they read and write, and nobody reads what comes from nowhere.

Judged are jobs that ran, and data sets that something reads. What may come from outside is named by `raw`: data sets, namespaces, or
the front of names with a star. Exemptions say why something else is borne.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from catalog.identity import find_all, ties_of
from catalog.links import link_all
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule
from catalog.rules.judging import Estate, Judgement
from catalog.store.port import Store

_WRITTEN = ("PRODUCED_BY", "GENERATED_BY", "DEPENDS_ON", "DERIVES_FROM", "PART_OF")
_READ = ("READS", "USED", "DEPENDS_ON")


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every job that ran and every data set that is read."""
    _, exempt = estate.exempt(rule)
    seen = _Seen(estate.store)
    for job in sorted(seen.ran):
        gap = None if job in seen.telling else "it ran, and nothing is known of what it reads or writes"
        yield _said(rule, job, gap, exempt)
    raw = _Raw(estate, rule.listed("raw"))
    for dataset in sorted(seen.read):
        known = dataset in seen.written or raw.holds(dataset)
        yield _said(
            rule,
            dataset,
            None if known else f"it is read by {seen.readers[dataset]}, and nothing is known of how it is written",
            exempt,
        )


def _said(rule: Rule, subject: Urn, gap: str | None, exempt: dict[Urn, str]) -> Judgement:
    looked_at = sha256(json.dumps([str(subject), gap]).encode("utf-8", "replace")).hexdigest()
    if gap is None or subject in exempt:
        return Judgement(rule.id, subject, "passed", exempt.get(subject, "its lineage is known"), looked_at=looked_at)
    return Judgement(rule.id, subject, "violated", gap, subject, subject, (subject,), looked_at=looked_at)


class _Seen:
    """What is known of jobs and data sets by their edges.

    Attributes:
        ran: Jobs with runs; `telling` those that read or write something.
        read: Data sets that something else reads; `readers` one of what reads them.
        written: Data sets of which it is known how they are written, under whichever of their names.
    """

    def __init__(self, store: Store) -> None:
        jobs, datasets = _urns(store, "job"), _urns(store, "dataset")
        keys = store.keys(jobs)
        runs = link_all(store, keys.values(), ["RUN_OF"], "downstream")
        read = link_all(store, keys.values(), ["READS"])
        made = link_all(store, keys.values(), ["PRODUCED_BY"], "downstream")
        busy = self._busy(store, {link.start for link in runs})
        self.ran = {link.end for link in runs}
        self.telling = {link.start for link in read} | {link.end for link in made}
        self.telling |= {link.end for link in runs if link.start in busy}
        self.readers = self._reading(store, datasets)
        self.read = set(self.readers)
        self.written = self._writing(store, datasets)

    def _busy(self, store: Store, runs: set[Urn]) -> set[Urn]:
        """Returns the runs that used or made something."""
        keys = store.keys(runs).values()
        used, made = link_all(store, keys, ["USED"]), link_all(store, keys, ["GENERATED_BY"], "downstream")
        return {link.start for link in used} | {link.end for link in made}

    def _reading(self, store: Store, datasets: list[Urn]) -> dict[Urn, str]:
        found: dict[Urn, str] = {}
        for link in link_all(store, store.keys(datasets).values(), _READ, "downstream"):
            if link.start.kind != "dataset" or link.start != link.end:
                found.setdefault(link.end, link.start.name)
        return found

    def _writing(self, store: Store, datasets: list[Urn]) -> set[Urn]:
        keys = store.keys([*datasets, *_urns(store, "column")])
        own = {(dataset_of(link.start), dataset_of(link.end)) for link in link_all(store, keys.values(), _WRITTEN)
               if link.end.kind in ("job", "run", "dataset", "column")}  # fmt: skip
        written = {start for start, end in own if start != end}
        known = store.keys(datasets)
        near = {key: urn for urn, key in known.items()}
        ties = ties_of(store, list(known.values()), "upstream")
        far = store.urns({tie.far for tie in ties})
        return written | {near[tie.near] for tie in ties if far[tie.far] in written}


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
