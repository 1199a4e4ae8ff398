"""From a word of the business to columns: terms by label, synonym or abbreviation, their narrower terms, and what means them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from catalog.answers import Answer, Data, node
from catalog.glossary.assignments import merged
from catalog.graph import Course, reach
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.texts import bare
from catalog.refs import Refs
from catalog.spelling import folded, mistyped
from catalog.store.port import NodeState, Store
from catalog.store.tokens import words

_STATUS: Final = {"deprecated": 20, "draft": 10, "proposed": 5}
_PER_LEVEL: Final = 10
_LABELS: Final = {"synonym": "synonyms", "label": "labels", "hidden label": "hidden_labels"}


class _Hit(NamedTuple):
    score: int
    why: str


def glossary_search(store: Store, refs: Refs, text: str, as_of: Instant | None = None) -> Answer:
    """Returns the terms that a word finds, narrower ones included, and the columns that mean them, each with why.

    A label, synonym or abbreviation must be the phrase; failing that, have all its words; failing that, differ by a typing
    error. A word that they share is no hit. No hit is an answer: empty lists.
    """
    terms = _terms(store, as_of)
    found = _with_narrower(store, _direct(terms, text), terms, as_of)
    means = [link for link in _meanings(store, found, as_of) if _is_there(store, link.start, as_of)]
    texts = refs.texts([*found, *(link.start for link in means)])
    said_terms = [_say_term(texts, terms[urn], hit) for urn, hit in found.items()]
    columns = _say_meant(texts, [link for link in means if link.start.kind == "column"], found)
    others = _say_meant(texts, [link for link in means if link.start.kind != "column"], found)
    data = {"terms": sorted(said_terms, key=_best_first), "columns": columns, "others": others}
    return Answer("glossary.search", data, as_of)


def _terms(store: Store, as_of: Instant | None) -> dict[Urn, NodeState]:
    urns = [found.urn for found in find_all(store, ["term"])]
    return {urn: s for urn, s in sorted(store.get(urns, as_of).items()) if s.properties or _holds(s, as_of)}


def _holds(state: NodeState, as_of: Instant | None) -> bool:
    begun = as_of is None or state.begins is None or state.begins <= as_of
    return begun and state.closed_since is None


def _direct(terms: Mapping[Urn, NodeState], text: str) -> dict[Urn, _Hit]:
    phrase = folded(text)
    for test in (_same, _within, _mistaken):
        found = {urn: hit for urn, state in terms.items() if phrase and (hit := test(state, phrase)) is not None}
        if found:
            return found
    return {}


def _labels(state: NodeState) -> list[tuple[str, str]]:
    said = state.properties
    single = [(name, said[name]) for name in ("title", "abbreviation") if said.get(name)]
    lists = [(word, bare(text)) for word, name in _LABELS.items() for text in said.get(name) or ()]
    return [("label", state.urn.name), *single, *lists]


def _same(state: NodeState, phrase: str) -> _Hit | None:
    for what, label in _labels(state):
        if folded(label) == phrase:
            return _Hit(100 if what == "label" else 95, f"{what} {label!r}")
    return None


def _within(state: NodeState, phrase: str) -> _Hit | None:
    asked = phrase.split()
    for what, label in _labels(state):
        if set(asked) <= set(words(label)):
            return _Hit(75 if what == "label" else 70, f"{what} {label!r} has the words")
    return None


def _mistaken(state: NodeState, phrase: str) -> _Hit | None:
    hits = [
        _Hit(60 - 5 * errors, f"{what} {label!r} is spelled like it")
        for what, label in _labels(state)
        if (errors := mistyped(phrase, folded(label))) is not None
    ]
    return max(hits, default=None)


def _with_narrower(
    store: Store, direct: Mapping[Urn, _Hit], terms: Mapping[Urn, NodeState], as_of: Instant | None
) -> dict[Urn, _Hit]:
    """Adds narrower terms over all levels; one that several lead to takes the best."""
    found = dict(direct)
    course = Course(frozenset({"BROADER"}), "downstream", as_of, identity=False)
    for term, hit in sorted(direct.items()):
        reached = reach(store, store.keys([term]).values(), course)
        urns = store.urns(reached.hops)
        for key, hops in reached.hops.items():
            if hops == 0 or urns[key] not in terms:
                continue
            narrower = _Hit(hit.score - _PER_LEVEL * hops, f"narrower than {term.name!r} ({hit.why})")
            found[urns[key]] = max(narrower, found.get(urns[key], narrower))
    return found


def _meanings(store: Store, terms: Iterable[Urn], as_of: Instant | None) -> list[Link]:
    return link_all(store, store.keys(list(terms)).values(), ["MEANS"], "downstream", as_of)


def _is_there(store: Store, urn: Urn, as_of: Instant | None) -> bool:
    return store.get([urn], as_of)[urn].closed_since is None


def _say_term(texts: Mapping[Urn, str], state: NodeState, hit: _Hit) -> Data:
    said = node(texts, state.urn, name=state.urn.name, score=hit.score, why=hit.why)
    return said | {key: state.properties[key] for key in ("definition", "status", "steward") if key in state.properties}


def _say_meant(texts: Mapping[Urn, str], means: Iterable[Link], terms: Mapping[Urn, _Hit]) -> list[Data]:
    by_thing: defaultdict[Urn, list[Link]] = defaultdict(list)
    for link in means:
        by_thing[link.start].append(link)
    said: list[Data] = []
    for urn, links in by_thing.items():
        ranked = sorted((_weigh(link, terms[link.end]), link.end) for link in links)
        best = max(ranked, key=lambda item: (item[0], texts[item[1]]))
        why = f"means {best[1].name!r}: {terms[best[1]].why}"
        said.append(node(texts, urn, score=best[0], why=why, terms=sorted(texts[end] for _, end in ranked)))
    return sorted(said, key=_best_first)


def _weigh(link: Link, hit: _Hit) -> int:
    return hit.score - _STATUS.get(str(merged(link).get("status")), 0)


def _best_first(item: Data) -> tuple[int, str]:
    return (-item["score"], item["ref"])
