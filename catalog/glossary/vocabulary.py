"""Glossaries as the catalog has them: terms with all that is said of them and between them. What is exported starts here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.glossary.assignments import merged
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.errors import NotFoundError
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.relations import name_of
from catalog.store.port import NodeState, Store

_UP = ("BROADER", "RELATED", "OWNED_BY", "TAGGED")


@dataclass(slots=True)
class Word:
    """A term with what is tied to it.

    Attributes:
        implied: No source says what it is; something is tied to it.
        ties: Name of a relation, read from this term, and the other.
        agents: Role and who.
        assigned: What means it, with the properties of the assignment.
    """

    urn: Urn
    said: Mapping[str, Any]
    implied: bool = False
    ties: list[tuple[str, Urn]] = field(default_factory=list)
    agents: list[tuple[str, Urn]] = field(default_factory=list)
    tags: list[Urn] = field(default_factory=list)
    assigned: list[tuple[Urn, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        """Whether others only mention it."""
        return self.implied and not (self.ties or self.agents or self.tags or self.assigned)


@dataclass(slots=True)
class Vocabulary:
    """One glossary; terms by urn."""

    name: str
    said: Mapping[str, Any]
    words: list[Word]


def vocabularies(store: Store, names: Iterable[str] = (), as_of: Instant | None = None) -> list[Vocabulary]:
    """Returns glossaries by name, all of them if none is named; terms that do not hold or are only mentioned are left out.

    Raises:
        NotFoundError: there is no glossary of a name.
    """
    wanted = list(names)
    by_glossary: defaultdict[str, list[Word]] = defaultdict(list)
    for word in _words(store, open_terms(store, wanted, as_of), as_of):
        if not word.is_bare:
            by_glossary[word.urn.namespace].append(word)
    missing = [name for name in wanted if name not in by_glossary]
    if missing:
        known = sorted({n.urn.namespace for n in find_all(store, ["term"])})
        raise NotFoundError(missing, known[:3])
    about = store.get([Urn("glossary", ("", name)) for name in by_glossary], as_of)
    return [Vocabulary(name, _said(about, name), by_glossary[name]) for name in sorted(by_glossary)]


def open_terms(store: Store, glossaries: Iterable[str] = (), as_of: Instant | None = None) -> dict[Urn, NodeState]:
    """Returns the terms that hold, by urn; those that are only mentioned too."""
    names = list(glossaries)
    urns = [n.urn for n in find_all(store, ["term"], {"namespace": names} if names else None)]
    found = store.get(urns, as_of)
    return {urn: found[urn] for urn in sorted(urns) if holds(found[urn], as_of)}


def holds(state: NodeState, as_of: Instant | None) -> bool:
    """Returns whether something is there at a time."""
    begun = as_of is None or state.begins is None or state.begins <= as_of
    return begun and state.closed_since is None


def _said(about: Mapping[Urn, NodeState], name: str) -> Mapping[str, Any]:
    found = about.get(Urn("glossary", ("", name)))
    return found.properties if found else {}


def _words(store: Store, states: Mapping[Urn, NodeState], as_of: Instant | None) -> list[Word]:
    words = {urn: Word(urn, state.properties, state.implied) for urn, state in states.items()}
    keys = list(store.keys(list(states)).values())
    for link in link_all(store, keys, _UP, "upstream", as_of):
        _tie(words[link.start], link)
    for link in link_all(store, keys, ["MEANS"], "downstream", as_of):
        words[link.end].assigned.append((link.start, merged(link, as_of)))
    return list(words.values())


def _tie(word: Word, link: Link) -> None:
    if link.type == "OWNED_BY":
        word.agents += [(role, link.end) for role in _each(link, "role")]
    elif link.type == "TAGGED":
        word.tags.append(link.end)
    else:
        word.ties += [(name_of(link.type, subtype), link.end) for subtype in _each(link, "subtype")]


def _each(link: Link, name: str) -> list[Any]:
    """Returns the different words of the sources for one property of an edge; without one, None."""
    found = {said.properties.get(name) for said in link.said if not said.denies}
    return sorted(found, key=lambda word: (word is not None, word))
