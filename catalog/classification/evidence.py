"""What speaks for a column meaning a term: each piece with how strongly it speaks, and in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz

from catalog.classification.categories import family
from catalog.classification.words import NOISE, bones, initials, meaning, words_of
from catalog.model.names import Urn
from catalog.model.texts import bare

_LIKE: Final = 88
_SHORTEST: Final = 3
"""Letters of a word cut short that can be told."""
_PHRASES: Final[Mapping[str, float]] = {
    "name": 1.0, "title": 1.0, "synonyms": 0.97, "abbreviation": 0.97, "labels": 0.95, "hidden_labels": 0.9,
}  # fmt: skip


class Evidence(NamedTuple):
    """One reason. Of several of one kind for one label the strongest counts; different kinds add up."""

    label: Urn
    kind: str
    score: float
    why: str


class Phrase(NamedTuple):
    """A name of a term, as words."""

    term: Urn
    text: str
    words: tuple[str, ...]
    weight: float


class Phrases:
    """All names of all terms, found by the words that they have."""

    def __init__(self, terms: Mapping[Urn, Mapping[str, Any]]) -> None:
        self._by_word: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._by_initials: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._families: defaultdict[str, set[str]] = defaultdict(set)
        self._bones: defaultdict[str, set[str]] = defaultdict(set)
        self.all: list[Phrase] = []
        for urn, said in sorted(terms.items()):
            for phrase in _phrases(urn, said):
                self.all.append(phrase)
                for word in phrase.words:
                    self._by_word[word].append(phrase)
                    self._families[word[:3]].add(word)
                    self._bones[bones(word)].add(word)
                short = initials(phrase.words)
                if short:
                    self._by_initials[short].append(phrase)

    def of(self, words: Iterable[str]) -> list[Phrase]:
        """Returns the phrases that share a word, or one that begins like it."""
        near = {word: self._by_word[word] for word in words if word in self._by_word}
        alike = {known for word in words if word not in near for known in self._families.get(word[:3], ())}
        found = {phrase: None for phrases in near.values() for phrase in phrases}
        found |= {phrase: None for word in sorted(alike) for phrase in self._by_word[word]}
        return list(found)

    def spelled_out(self, words: Iterable[str]) -> tuple[str, ...]:
        """Returns words with those that are known only cut short as the words they stand for, where that is one."""
        return tuple(self._meant(word) for word in words)

    def _meant(self, word: str) -> str:
        if word in self._by_word or len(word) < _SHORTEST:
            return word
        begun = {
            known for known in self._families.get(word[:3], ()) if len(word) > _SHORTEST and known.startswith(word)
        }
        found = self._bones.get(word) or begun
        return next(iter(found)) if found and len(found) == 1 else word

    def short_for(self, words: Iterable[str]) -> list[Phrase]:
        """Returns the phrases whose first letters one of the words is."""
        return [phrase for word in words for phrase in self._by_initials.get(word, ())]


def _phrases(urn: Urn, said: Mapping[str, Any]) -> Iterator[Phrase]:
    for field, weight in _PHRASES.items():
        value = urn.name if field == "name" else said.get(field)
        for text in value if isinstance(value, list) else [value] if value else []:
            words = words_of(bare(text))
            if words:
                yield Phrase(urn, bare(text), words, weight)


def by_name(phrases: Phrases, column: Urn) -> Iterator[Evidence]:
    """Yields the terms that a column's name, in the light of its table's, has the words of."""
    name = phrases.spelled_out(words_of(column.parts[-1].rpartition(".")[2]))
    table = words_of(column.parts[1].rpartition(".")[2].rpartition("/")[2])
    best: dict[Urn, Evidence] = {}
    for phrase in phrases.of((*name, *table)):
        score, how = _alike(name, table, phrase)
        known = best.get(phrase.term)
        if score and (known is None or known.score < score * phrase.weight):
            best[phrase.term] = Evidence(phrase.term, "name", score * phrase.weight, f"its name {how} {phrase.text!r}")
    for phrase in phrases.short_for(name):
        why = f"its name has the first letters of {phrase.text!r}"
        best.setdefault(phrase.term, Evidence(phrase.term, "name", 0.6 * phrase.weight, why))
    yield from best.values()


def _alike(name: tuple[str, ...], table: tuple[str, ...], phrase: Phrase) -> tuple[float, str]:
    """Returns how much a name is a phrase, from 0 to 1, and in which way."""
    whole, meant, said = set(name), meaning(name), set(phrase.words)
    said_meant = meaning(said)
    if whole == said:
        return 0.95, "is"
    if meant == said_meant:
        return 0.85, "without what says how it was taken is"
    if said <= whole:
        return 0.5 + 0.3 * len(said_meant) / len(meant), "has the words of"
    if said_meant <= whole | set(table) and said_meant & meant and said & whole:
        return 0.7, "with that of its table has the words of"
    if fuzz.ratio(" ".join(sorted(meant)), " ".join(sorted(said_meant))) >= _LIKE:
        return 0.65, "is spelled like"
    shared = len(meant & said_meant)
    return (0.35 * shared / len(said_meant), "shares words with") if shared else (0.0, "")


def by_description(phrases: Phrases, description: str | None) -> Iterator[Evidence]:
    """Yields the terms that a column's description has the words of."""
    words = set(words_of(description or ""))
    for phrase in phrases.of(words) if words else ():
        if set(phrase.words) <= words:
            score = 0.25 if len(phrase.words) == 1 else 0.45
            yield Evidence(phrase.term, "description", score * phrase.weight, f"its description says {phrase.text!r}")


_Name = tuple[tuple[str, ...], str]
"""The words of a name, and its digits."""


def _named(thing: Urn) -> _Name:
    return words_of(thing.parts[-1]), "".join(char for char in thing.parts[-1] if char.isdigit())


class Namesakes:
    """What columns of the same name mean elsewhere."""

    def __init__(self, stated: Mapping[Urn, Iterable[Urn]]) -> None:
        self._means: defaultdict[_Name, Counter[Urn]] = defaultdict(Counter)
        self._labelled: Counter[_Name] = Counter()
        for thing, labels in stated.items():
            key = _named(thing)
            own = set(labels)
            if own:
                self._labelled[key] += 1
                self._means[key].update(own)

    def of(self, column: Urn, own: Iterable[Urn]) -> Iterator[Evidence]:
        """Yields the labels of columns called alike, without the column itself.

        Args:
            own: Labels that the column bears itself.
        """
        key, mine = _named(column), set(own)
        others = self._labelled[key] - bool(mine)
        for label, count in self._means.get(key, Counter()).items():
            alike = count - (label in mine)
            if alike and others and set(key[0]) - NOISE:
                why = f"{alike} of {others} labelled columns of this name bear it"
                yield Evidence(label, "namesakes", 0.8 * alike / others, why)


class Types:
    """Which families of types the columns of a label have."""

    def __init__(self, stated: Mapping[Urn, Iterable[Urn]], types: Mapping[Urn, str | None]) -> None:
        self._known: defaultdict[Urn, Counter[str]] = defaultdict(Counter)
        for thing, labels in stated.items():
            kind = family(types.get(thing))
            if kind is not None:
                for label in labels:
                    self._known[label][kind] += 1

    def fits(self, label: Urn, data_type: str | None, own: bool) -> float:
        """Returns by how much the type of a column lessens that it bears a label: not at all, or by half."""
        kind, known = family(data_type), self._known.get(label)
        if kind is None or known is None:
            return 1.0
        others = known.total() - own
        same = known[kind] - own
        return 0.5 if others >= 2 and same <= 0 else 1.0
