"""Finding things by their words: names, titles, synonyms, descriptions. Stores match, ranking is here, so that all answer alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from catalog.answers import Answer, Data, node
from catalog.model.errors import UsageError
from catalog.model.instants import Instant, show
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.model.texts import bare
from catalog.refs import Refs
from catalog.spelling import folded, nearest
from catalog.store.merging import searched_fields
from catalog.store.port import NodeState, Store
from catalog.store.tokens import words

_POOL: Final = 5000
_QUIET: Final = frozenset({"skipped", "environment", "checkresult", "fileentry"})
"""Kinds that are searched only when they are asked for."""

_FIRST: Final = (
    "dataset",
    "column",
    "term",
    "metric",
    "exposure",
    "model",
    "modelversion",
    "feature",
    "featureview",
    "job",
)
_LABELS: Final = frozenset({"title", "synonyms", "abbreviation", "labels", "hidden_labels"})
_CLOSED: Final = 30
_MISTYPED: Final = 15


class _Match(NamedTuple):
    score: int
    why: str


def search(
    store: Store, refs: Refs, text: str, kinds: Collection[str] = (), limit: int = 50, as_of: Instant | None = None
) -> Answer:
    """Returns what a text finds, best first: names before other labels before prose, whole words before their beginnings.

    A word that finds nothing is read as a typing error of one that does.

    Raises:
        UsageError: a kind is none.
    """
    wanted = kinds_named(kinds)
    hits: dict[Urn, _Match] = {urn: _Match(100, "this is its name") for urn in _exact(refs, text, wanted)}
    asked = words(text)
    found = _ranked(store, asked, text, wanted, as_of)
    if not found and not hits:
        found = _mistyped(store, asked, wanted, as_of)
    states = store.get([*hits, *found], as_of)
    hits = {**found, **hits}
    ordered = sorted(hits, key=lambda urn: _order(urn, hits[urn], states[urn]))
    shown = ordered[:limit]
    texts = refs.texts(shown)
    data = {"hits": [_say(texts, urn, hits[urn], states[urn]) for urn in shown], "total": len(ordered)}
    cut = len(ordered) - len(shown)
    warnings = (f"{cut} more hits are not shown.",) if cut else ()
    return Answer("search", data, as_of, not cut, warnings)


def kinds_named(names: Iterable[str]) -> tuple[str, ...]:
    """Returns kinds by their labels in any case.

    Raises:
        UsageError: one is no kind.
    """
    found = [name.strip().lower() for name in names]
    for name in found:
        if name not in BY_KIND:
            choices = ", ".join(cls.label() for cls in BY_KIND.values())
            raise UsageError(f"{name!r} is no kind: expected one of {choices}. Write one of them.")
    return tuple(found)


def _exact(refs: Refs, text: str, kinds: Collection[str]) -> list[Urn]:
    return refs.candidates(text, kinds) if text.strip() else []


def _ranked(
    store: Store, asked: Sequence[str], text: str, kinds: Collection[str], as_of: Instant | None
) -> dict[Urn, _Match]:
    if not asked:
        return {}
    pool = [u for u in store.match(asked, kinds, _POOL) if kinds or u.kind not in _QUIET]
    states = store.get(pool, as_of)
    scored = {urn: _score(urn, states[urn].properties, asked, folded(text)) for urn in pool}
    return {urn: found for urn, found in scored.items() if found is not None}


def _mistyped(store: Store, asked: Sequence[str], kinds: Collection[str], as_of: Instant | None) -> dict[Urn, _Match]:
    meant = [word if store.match([word], kinds, 1) else _meant(store, word, kinds) for word in asked]
    if not asked or "" in meant or meant == list(asked):
        return {}
    found = _ranked(store, meant, " ".join(meant), kinds, as_of)
    why = f"read as {' '.join(meant)!r}"
    return {urn: _Match(hit.score - _MISTYPED, f"{why}: {hit.why}") for urn, hit in found.items()}


def _meant(store: Store, word: str, kinds: Collection[str]) -> str:
    """Returns the known word that a mistyped one is nearest to, or nothing."""
    pool = store.match([word[:2]], kinds, _POOL) or store.match([word[:1]], kinds, _POOL)
    states = store.get(pool)
    known = {token for urn in pool for _, value in _texts(urn, states[urn].properties) for token in words(value)}
    return next(iter(nearest(word, known)), "")


def _texts(urn: Urn, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns the searched fields with their texts: the innermost name first."""
    cls = BY_KIND[urn.kind]
    keys = dict(zip(cls.key_fields(), urn.parts, strict=True))
    named = [(field, keys[field]) for field in reversed(cls.key_fields()) if field in searched_fields(cls)]
    said = [(field, properties[field]) for field in searched_fields(cls) if field not in keys and field in properties]
    return named + [
        (field, bare(text)) for field, value in said for text in (value if isinstance(value, list) else [value])
    ]


def _score(urn: Urn, properties: Mapping[str, Any], asked: Sequence[str], phrase: str) -> _Match | None:
    """Scores by the best field; words that are spread over fields score by the weakest of them."""
    texts = _texts(urn, properties)
    keys = set(BY_KIND[urn.kind].key_fields())
    best = max((_field(f, text, asked, phrase, keys, i) for i, (f, text) in enumerate(texts)), default=_Match(0, ""))
    if best.score:
        return best
    everything = {token for _, text in texts for token in words(text)}
    if all(any(token.startswith(word) for token in everything) for word in asked):
        return _Match(30, "its name and description together have the words")
    return None


def _field(field: str, text: str, asked: Sequence[str], phrase: str, keys: set[str], place: int) -> _Match:
    tokens = words(text)
    is_name, is_label = field in keys, field in keys or field in _LABELS
    what = "name" if is_name else field.replace("_", " ").removesuffix("s")
    base = (95 if place == 0 else 85) if is_name else 90 if is_label else 45
    if is_label and folded(text) == phrase:
        return _Match(base, f"its {what} is {text!r}")
    if all(word in tokens for word in asked):
        return _Match(
            base - (15 if is_label else 0), f"its {what} has the words" if is_label else f"its {what} says so"
        )
    if all(any(token.startswith(word) for token in tokens) for word in asked):
        return _Match(base - (25 if is_label else 10), f"its {what} has words that begin so")
    return _Match(0, "")


def _order(urn: Urn, match: _Match, state: NodeState) -> tuple[int, int, int, Urn]:
    rank = _FIRST.index(urn.kind) if urn.kind in _FIRST else len(_FIRST)
    return (-_final(match, state), rank, len("".join(urn.parts[1:])), urn)


def _final(match: _Match, state: NodeState) -> int:
    return match.score - (_CLOSED if state.closed_since is not None else 0)


def _say(texts: Mapping[Urn, str], urn: Urn, match: _Match, state: NodeState) -> Data:
    said = node(texts, urn, score=_final(match, state), why=match.why)
    if "description" in state.properties:
        said["description"] = state.properties["description"]
    return said if state.closed_since is None else said | {"closedSince": show(state.closed_since)}
