"""Licence: the sources whose values reach a model version are under a licence that allows it.

A licence is said by the policies (`licences`), by a tag (`licence:NAME`, or `licence` with a value) or by a data set's own
`meta`. A source without one is unknown, and never passes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator

from catalog.answers import listed
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.rules.judging import Estate, Ground, Judgement, places_of, violated

_WORDS = ("licence", "license")


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every model version that it is about."""
    through, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        if ground.version in exempt:
            yield Judgement(rule.id, ground.version, "passed", exempt[ground.version], looked_at=ground.digest)
        else:
            yield from _case(estate, rule, ground, through)


def _case(estate: Estate, rule: Rule, ground: Ground, through: set[Urn]) -> Iterator[Judgement]:
    nodes = ground.nodes(rule.lineage)
    licences, stops = licences_of(estate, nodes.keys()), places_of(nodes, through)
    wrong = {urn: bad for urn, names in licences.items() if (bad := _refused(rule, names))}
    reached = ground.reached(rule.lineage, {urn: nodes[urn] - stops for urn in wrong}, stops)
    for cause, way in reached.items():
        yield violated(
            rule, ground, cause, way, f"under {', '.join(sorted(wrong[cause]))}, which the rule does not allow"
        )
    if reached:
        return
    shields = stops | places_of(nodes, licences)
    bare = ground.terminals(rule.lineage) & nodes.keys() - licences.keys()
    open_ends = ground.reached(rule.lineage, {urn: nodes[urn] - stops for urn in bare}, shields)
    doubts = [f"the licence of {estate.text(urn)} is not known" for urn in open_ends] + ground.gaps(rule.lineage)
    names = sorted({name for names in licences.values() for name in names})
    why = listed(doubts) if doubts else f"all sources are under {', '.join(names)}"
    yield Judgement(rule.id, ground.version, "unknown" if doubts else "passed", why, looked_at=ground.digest)


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
