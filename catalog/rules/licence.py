"""Licence: the sources whose values reach a model version are under a licence that allows it.

A licence is said by the policies (`licences`), by a tag (`licence:NAME`, or `licence` with a value) or by a data set's own
`meta`. A source without one is unknown, and never passes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from catalog.answers import listed
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.provenance.grounds import bits
from catalog.rules.judging import Estate, Ground, Judgement, said, violated
from catalog.rules.lineages import Masks
from catalog.store.port import Key

_WORDS = ("licence", "license")


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every model version that it is about."""
    through, exempt = estate.exempt(rule)
    case = _Case(estate, rule, through)
    for ground in estate.grounds_of(rule):
        if ground.version in exempt:
            yield said(rule, ground, "passed", exempt[ground.version])
        else:
            yield from case.judge(ground)


class _Case:
    """All licences before a rule, for all model versions at once."""

    def __init__(self, estate: Estate, rule: Rule, through: set[Urn]) -> None:
        self._estate, self._rule = estate, rule
        self._lineage = lineage = estate.lineage(rule.lineage)
        every, names = estate.lineages.everything, estate.lineages.datasets
        self._every = licences_of(estate, list(names.values()))
        self._licences = {names[key]: self._every[names[key]] for key in lineage.sets if names[key] in self._every}
        self._wrong = {urn: bad for urn, said in self._licences.items() if (bad := _refused(rule, said))}
        self._stops = dict.fromkeys(lineage.places_of(through), every)
        self._places = {urn: lineage.places_of([urn]) - self._stops.keys() for urn in self._wrong}
        causes: dict[Urn, Masks] = {u: dict.fromkeys(some, every) for u, some in self._places.items()}
        self._reached = lineage.causes(causes, self._stops)
        self._bare = self._unlicensed(names, every)

    def _unlicensed(self, names: Mapping[Key, Urn], every: int) -> dict[Urn, int]:
        """Returns the sources without a licence, with the versions that they get into without one that has one between."""
        lineage = self._lineage
        shields = {**self._stops, **dict.fromkeys(lineage.places_of(self._licences), every)}
        bare = {key: mask for key, mask in lineage.terminals.items() if names[key] not in self._licences}
        causes: dict[Key, Masks] = {
            key: dict.fromkeys(set(lineage.places(key)) - self._stops.keys(), mask) for key, mask in bare.items()
        }
        return dict(sorted((names[key], mask) for key, mask in lineage.causes(causes, shields).items()))

    def judge(self, ground: Ground) -> Iterator[Judgement]:
        bad = [urn for urn in sorted(self._reached) if self._reached[urn] & ground.bit]
        for cause in bad:
            way = self._lineage.way(ground.question, self._places[cause], self._stops)
            why = f"under {', '.join(sorted(self._wrong[cause]))}, which the rule does not allow"
            yield violated(self._rule, ground, cause, way, why)
        if not bad:
            yield self._rest(ground)

    def _rest(self, ground: Ground) -> Judgement:
        doubts = [
            f"the licence of {self._texts[urn]} is not known" for urn, mask in self._bare.items() if mask & ground.bit
        ]
        doubts += ground.gaps(self._rule.lineage)
        doubts += [
            f"data of {self._estate.text(urn)}, {why}, may reach it: which columns are read is not known"
            for urn, why in self._perhaps.get(ground.question, ())
        ]
        names = sorted({name for name, mask in self._known.items() if mask & ground.bit})
        passed = f"all sources are under {', '.join(names)}" if names else "no source is known"
        why = listed(doubts) if doubts else passed
        return said(self._rule, ground, "unknown" if doubts or not names else "passed", why)

    @cached_property
    def _texts(self) -> dict[Urn, str]:
        return self._estate.refs.texts(self._bare)

    @cached_property
    def _known(self) -> dict[str, int]:
        """The licences of what versions stand on, by value or else by table."""
        grounds, found = self._estate.lineages, defaultdict[str, int](int)
        every = {key: self._lineage.sets.get(key, 0) | grounds.tabled.get(key, 0) for key in grounds.datasets}
        for urn, names in self._every.items():
            for name in names:
                found[name] |= every.get(self._keys[urn], 0)
        return dict(found)

    @cached_property
    def _keys(self) -> dict[Urn, Key]:
        return {urn: key for key, urn in self._estate.lineages.datasets.items()}

    @cached_property
    def _perhaps(self) -> dict[int, list[tuple[Urn, str]]]:
        """Data that may reach versions, and is under a licence that is not allowed or under none that is known."""
        grounds, ends = self._estate.lineages, self._lineage.table_ends
        licences = self._every
        wrong = {urn: bad for urn, names in licences.items() if (bad := _refused(self._rule, names))}
        found: defaultdict[int, list[tuple[Urn, str]]] = defaultdict(list)
        for key, mask in self._lineage.perhaps(list(grounds.tabled), {}).items():
            urn = grounds.datasets.get(key)
            if urn is None or not (urn in wrong or urn not in licences):
                continue
            why = f"under {', '.join(sorted(wrong[urn]))}" if urn in wrong else "of which no licence is known"
            for question in bits(mask if urn in wrong else mask & ends.get(key, 0)):
                found[question].append((urn, why))
        return found


def _refused(rule: Rule, names: set[str]) -> set[str]:
    allowed, denied = set(rule.listed("allow")), set(rule.listed("deny"))
    return {name for name in names if name in denied or (allowed and name not in allowed)}


def licences_of(estate: Estate, datasets: Collection[Urn]) -> dict[Urn, set[str]]:
    """Returns the licences of data sets that have one."""
    found: defaultdict[Urn, set[str]] = defaultdict(set)
    for name, refs in estate.policies.licences.items():
        for urn in estate.resolve(refs, "licences"):
            if urn in datasets:
                found[urn].add(name)
    for link in link_all(estate.store, estate.store.keys(list(datasets)).values(), ["TAGGED"]):
        word, _, name = link.end.name.partition(":")
        if word.lower() in _WORDS and (said := name or str(link.properties.get("value") or "")):
            found[link.start].add(said)
    for urn, state in estate.store.get(list(datasets)).items():
        found[urn] |= _in_meta(state.properties.get("meta"))
    return {urn: names for urn, names in found.items() if names}


def _in_meta(text: object) -> set[str]:
    try:
        said = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return set()
    return {said[word] for word in _WORDS if isinstance(said.get(word), str)} if isinstance(said, dict) else set()
