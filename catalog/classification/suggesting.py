"""Suggestions: labels that things might bear, best first, each with its reasons. None is kept until a person accepts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from catalog.answers import Answer, Data, node
from catalog.classification.categories import CATEGORIES, Category, Told, told_by_check, told_by_name
from catalog.classification.evidence import Evidence, Namesakes, Phrases, Types, by_description, by_name
from catalog.classification.label_rules import LabelRule
from catalog.classification.labels import ARRIVES, Field, Spread, Way, field_of
from catalog.classification.words import words_of
from catalog.edits import Edited, Editor
from catalog.glossary.assignments import assigned, denied
from catalog.glossary.vocabulary import open_terms
from catalog.identity import find_all
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.refs import Refs
from catalog.starting import start_keys
from catalog.store.port import NodeState, Store

LEAST: Final = 0.4
_MOST_SCORE: Final = 0.99
_NEIGHBOURS: Final[Mapping[str, float]] = {"full": 0.9, "derived": 0.5}
_FAR: Final = 0.9
"""By how much a hop lessens what a neighbour tells."""
_ALL_BUT: Final = LabelRule(stops=("masking", "conditional"))
_BEARERS: Final = ("column", "feature", "metric")


class Suggestion(NamedTuple):
    """That a thing might bear a label."""

    thing: Urn
    label: Urn
    score: float
    reasons: tuple[Evidence, ...]


class Suggester:
    """All that suggestions for some things stand on.

    Args:
        hidden: Assignments that are taken not to be there, to see whether they would be found.
    """

    def __init__(self, store: Store, targets: Sequence[Urn], hidden: Collection[tuple[Urn, Urn]] = ()) -> None:
        self._store, self._hidden = store, frozenset(hidden)
        terms = {u: s.properties for u, s in open_terms(store).items() if s.properties.get("status") != "deprecated"}
        self._phrases = Phrases(terms)
        labels = [*terms, *(n.urn for n in find_all(store, ["tag"]))]
        self._stated = self._without_hidden(
            {thing: {k.end for k in links} for thing, links in _by_thing(store, labels).items()}
        )
        self._denied = denied(store, targets)
        known = [*targets, *(u for u in self._stated if u.kind == "column")]
        self._states = store.get(known)
        types = {urn: state.properties.get("data_type") for urn, state in self._states.items()}
        self._types, self._namesakes = Types(self._stated, types), Namesakes(self._stated)
        self._neighbours = self._spread(targets)
        self._checks = _checks(store, targets)
        self._for = {category.tag: self._term_for(category) for category in CATEGORIES}

    def _without_hidden(self, stated: Mapping[Urn, set[Urn]]) -> dict[Urn, set[Urn]]:
        found = {t: {label for label in labels if (t, label) not in self._hidden} for t, labels in stated.items()}
        return {thing: labels for thing, labels in found.items() if labels}

    def of(self, thing: Urn, most: int = 3, least: float = LEAST) -> list[Suggestion]:
        """Returns the best suggestions for one thing."""
        gone = self._stated.get(thing, set()) | self._denied.get(thing, set())
        reasons: defaultdict[Urn, dict[str, Evidence]] = defaultdict(dict)
        for one in self._evidence(thing):
            known = reasons[one.label].get(one.kind)
            if one.label not in gone and (known is None or known.score < one.score):
                reasons[one.label][one.kind] = one
        found = [self._weigh(thing, label, [*kinds.values()]) for label, kinds in reasons.items() if kinds]
        ranked = sorted((one for one in found if one.score >= least), key=lambda s: (-s.score, s.label))
        return ranked[:most]

    def _weigh(self, thing: Urn, label: Urn, reasons: list[Evidence]) -> Suggestion:
        doubt = 1.0
        for one in reasons:
            doubt *= 1 - min(one.score, _MOST_SCORE)
        data_type = self._states[thing].properties.get("data_type") if thing in self._states else None
        fits = self._types.fits(label, data_type, label in self._stated.get(thing, ()))
        ranked = sorted(reasons, key=lambda one: (-one.score, one.kind))
        if fits < 1:
            ranked.append(
                Evidence(label, "type", fits - 1, f"its type {data_type!r} is not like those of others that bear it")
            )
        return Suggestion(thing, label, round(min(1 - doubt, _MOST_SCORE) * fits, 2), tuple(ranked))

    def _evidence(self, thing: Urn) -> Iterator[Evidence]:
        state = self._states.get(thing) or NodeState(thing, {})
        yield from by_name(self._phrases, thing)
        yield from by_description(self._phrases, state.properties.get("description"))
        yield from self._namesakes.of(thing, self._stated.get(thing, ()))
        yield from self._neighbours.get(thing, ())
        told = told_by_name(thing.parts[-1], state.properties.get("data_type"))
        yield from (self._categorised("category", one) for one in told)
        yield from (self._categorised("check", one) for one in self._checks.get(thing, ()))

    # --- categories

    def _categorised(self, kind: str, told: Told) -> Evidence:
        return Evidence(self._for[told.category.tag], kind, told.score, told.why)

    def _term_for(self, category: Category) -> Urn:
        """Returns the glossary's term for a category; where it has none, a tag."""
        wanted = [words_of(phrase) for phrase in category.phrases]
        named = {phrase.words: phrase.term for phrase in reversed(self._phrases.all)}
        return next((named[words] for words in wanted if words in named), category.tag)

    # --- neighbours

    def _spread(self, targets: Sequence[Urn]) -> dict[Urn, list[Evidence]]:
        """Returns what the things upstream and downstream of each say by their labels."""
        found: defaultdict[Urn, list[Evidence]] = defaultdict(list)
        for way, words in (("upstream", "comes from"), ("downstream", "goes into")):
            ground = field_of(self._store, targets, "upstream" if way == "upstream" else "downstream")
            ground = self._seen(ground if way == "upstream" else _turned(ground))
            spread = Spread(ground, dict.fromkeys(ground.labels(), _ALL_BUT))
            for thing in targets:
                for one in spread.all_derived([thing]):
                    score = _NEIGHBOURS[one.carried] * _FAR ** (len(one.path) - 2)
                    how = "" if one.carried == ARRIVES[0] else ", changed,"
                    why = f"its value{how} {words} {one.source.parts[-2]}.{one.source.parts[-1]}, which bears it"
                    found[thing].append(Evidence(one.label, way, score, why))
        return dict(found)

    def _seen(self, ground: Field) -> Field:
        return Field(ground.ways, self._without_hidden(ground.stated), ground.denied)


def _turned(ground: Field) -> Field:
    """Returns a field with its ways the other way round: then labels go from what is derived to what it comes from."""
    ways = [Way(way.far, way.near, way.step, way.masking, way.exactness) for way in ground.ways]
    return Field(ways, ground.stated, ground.denied)


def _by_thing(store: Store, labels: Iterable[Urn]) -> dict[Urn, list[Any]]:
    found: defaultdict[Urn, list[Any]] = defaultdict(list)
    for links in assigned(store, list(labels), "downstream").values():
        for link in links:
            if link.start.kind in _BEARERS:
                found[link.start].append(link)
    return dict(found)


def _checks(store: Store, targets: Sequence[Urn]) -> dict[Urn, list[Told]]:
    found: defaultdict[Urn, list[Told]] = defaultdict(list)
    links = link_all(store, store.keys(targets).values(), ["CHECKS"], "downstream")
    states = store.get({link.start for link in links})
    for link in links:
        said = states[link.start].properties
        found[link.end] += told_by_check(str(said.get("type") or link.start.name), said.get("parameters"))
    return dict(found)


# --- asking -----------------------------------------------------------------------------------------------------------


def unlabelled(store: Store) -> list[Urn]:
    """Returns the columns that are there and of which no term or tag is stated, in order."""
    found = [n.urn for n in find_all(store, ["column"])]
    states = store.get(found)
    there = [urn for urn in found if states[urn].closed_since is None]
    labelled = assigned(store, there)
    return sorted(urn for urn in there if urn not in labelled)


def targets_of(store: Store, urns: Sequence[Urn]) -> list[Urn]:
    """Returns the columns, features and metrics that things are, or hold."""
    found = start_keys(store, urns, table_only=False).values()
    return sorted({urn for urn in found if urn.kind in _BEARERS})


def suggest(
    store: Store, refs: Refs, targets: Sequence[Urn], *, limit: int = 50, most: int = 3, least: float = LEAST
) -> tuple[Answer, list[Suggestion]]:
    """Returns suggestions for things, the surest things first, and the answer that says them.

    Args:
        limit: Most things to list.
        most: Most suggestions for each.
        least: Least score, from 0 to 1.
    """
    suggester = Suggester(store, targets)
    found = {thing: suggester.of(thing, most, least) for thing in targets}
    ranked = sorted((t for t, given in found.items() if given), key=lambda t: (-found[t][0].score, t))
    shown = [one for thing in ranked[:limit] for one in found[thing]]
    texts = refs.texts({urn for one in shown for urn in (one.thing, one.label)})
    data = {
        "suggestions": [_say(texts, one) for one in shown],
        "things": len(targets),
        "total": len(ranked),
    }
    cut = len(ranked) - len(ranked[:limit])
    warnings = (f"{cut} more things have suggestions.",) if cut else ()
    return Answer("glossary.suggest", data, None, not cut, warnings), shown


def _say(texts: Mapping[Urn, str], one: Suggestion) -> Data:
    reasons = [{"kind": r.kind, "score": round(r.score, 2), "why": r.why} for r in one.reasons]
    label = texts[one.label]
    named = f"{one.label.kind}:{one.label.name}" if label == str(one.label) else label
    return node(texts, one.thing, label=named, labelUrn=str(one.label), score=one.score, reasons=reasons)


def best_of_each(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Returns the first suggestion for each thing, of a list that has the best first."""
    found: dict[Urn, Suggestion] = {}
    for one in suggestions:
        found.setdefault(one.thing, one)
    return list(found.values())


def accept(editor: Editor, suggestions: Iterable[Suggestion]) -> list[Edited]:
    """Makes suggestions a person's proposals, with their scores and reasons."""
    return [
        editor.link_term(
            one.thing, one.label, "proposed", f"{one.score:.2f}", "suggestion", "; ".join(r.why for r in one.reasons)
        )
        for one in suggestions
    ]
