"""The form of names that people write and read: `pg:bank.core.accounts#credit_limit`, `mlflow:churn/2`, `term:Credit Limit`.

A ref is a prefix (an alias from the project file or a full namespace) and a name; which kind is meant is looked up. Kinds
other than data sets, columns, features and models have their own word in front: `job:NS/NAME`, `metric:NAME`. `KIND!REF`
fixes the kind. In a name `#`, `@` and `%` are percent-encoded, nothing else is.

Law: `refs.parse(refs.format(u)) == u` for every `u` in the catalog; where the short form would be read as something else
the longer one is written, and at last the urn.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from catalog.identity import find_all
from catalog.model.errors import AmbiguousNameError, InvalidNameError, NotFoundError
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.store.port import Store
from catalog.store.tokens import words

_PREFIXED: Final = frozenset(
    {
        "dataset",
        "column",
        "datasetversion",
        "fileentry",
        "feature",
        "featureview",
        "featureservice",
        "model",
        "modelversion",
    }
)
RESERVED: Final = frozenset(BY_KIND) - _PREFIXED
"""Words that stand before the name of a thing of their kind: no alias of a namespace may be one of them."""

_PLAIN: Final = ("dataset", "featureview", "featureservice", "model")
_SUFFIXED: Final = tuple(sorted((*_PLAIN, "column", "feature", "job", "metric", "exposure", "term", "modelversion")))
_ESCAPED: Final = re.compile("%(23|40|25)")
_CHARS: Final = {"23": "#", "40": "@", "25": "%"}
_MAX_HITS: Final = 20_000


def encode(name: str) -> str:
    """Returns a name as it stands in a ref."""
    return name.replace("%", "%25").replace("#", "%23").replace("@", "%40")


def decode(text: str) -> str:
    """Reads a name back. Law: `decode(encode(name)) == name`."""
    return _ESCAPED.sub(lambda found: _CHARS[found[1]], text)


class _Reading(NamedTuple):
    """One way to read a ref. The lowest rank that names something known is what it means."""

    rank: tuple[int, ...]
    urn: Urn


class _Wanted(NamedTuple):
    """All that a text can mean before the catalog is asked."""

    readings: list[_Reading]
    named: list[tuple[str, str]]
    """Kind and name, in whatever namespace."""
    versions: list[tuple[Urn, str]]
    """Data set and the start of a version or digest."""


class Refs:
    """Reads and writes refs for one catalog. Cheap to make: make one for each question."""

    def __init__(self, store: Store, namespaces: Mapping[str, str]) -> None:
        self._store = store
        self._namespaces = dict(namespaces)
        self._aliases: dict[str, str] = {}
        for alias, namespace in sorted(namespaces.items(), reverse=True):
            if alias not in RESERVED and ":" not in alias:
                self._aliases[namespace] = alias
        self._written: dict[Urn, str] = {}

    # --- reading

    def namespace(self, text: str) -> str:
        """Returns the namespace that an alias stands for; other text is one itself."""
        return self._namespaces.get(text, text)

    def parse(self, text: str, kinds: Collection[str] = ()) -> Urn:
        """Returns what a ref or a urn names; closed things too.

        Args:
            kinds: Only these are meant; empty for all.

        Raises:
            NotFoundError: nothing of that name; the error holds the nearest names.
            AmbiguousNameError: several things fit; the error lists them.
        """
        urns = self.candidates(text, kinds)
        if not urns:
            raise NotFoundError([text], self.nearest(text, kinds))
        if len(urns) > 1:
            raise AmbiguousNameError(text, sorted(self.texts(urns).values()))
        return urns[0]

    def parse_all(self, texts: Iterable[str], kinds: Collection[str] = ()) -> list[Urn]:
        """Returns what several refs name, in their order.

        Raises:
            NotFoundError: names all that are unknown.
            AmbiguousNameError: one fits several things.
        """
        found: list[Urn] = []
        unknown: list[NotFoundError] = []
        for text in texts:
            try:
                found.append(self.parse(text, kinds))
            except NotFoundError as err:
                unknown.append(err)
        if unknown:
            raise NotFoundError(
                [ref for err in unknown for ref in err.refs],
                list(dict.fromkeys(n for err in unknown for n in err.nearest)),
            )
        return found

    def candidates(self, text: str, kinds: Collection[str] = ()) -> list[Urn]:
        """Returns the known things that a ref may mean, best first if one is better: several are an ambiguity."""
        urn = _read_urn(text)
        if urn is not None and self._store.keys([urn]):
            return [urn]
        kind, body = _split_kind(text)
        only = frozenset({kind}) if kind else frozenset(kinds)
        wanted = self._wanted(body, only)
        known = self._known([wanted])
        return self._pick(wanted, known) or self._by_suffix(body, only)

    def nearest(self, text: str, kinds: Collection[str] = (), limit: int = 3) -> list[str]:
        """Returns refs of known things whose names look like a text."""
        pool: dict[Urn, None] = {}
        for word in sorted(words(text), key=len, reverse=True)[:4]:
            for start in dict.fromkeys((word, word[:4], word[:2])):
                pool.update(dict.fromkeys(self._store.match([start], kinds or _SUFFIXED, 500)))
        shown = {urn: ".".join(urn.parts[1:]).casefold() for urn in pool}
        name = _split_kind(text)[1].rpartition(":")[2].replace("#", ".").casefold()
        hits = process.extract(name, shown, scorer=fuzz.ratio, score_cutoff=60, limit=20)
        best = sorted(hits, key=lambda hit: (-hit[1], hit[0], hit[2]))[:limit]
        texts = self.texts([urn for _, _, urn in best])
        return [texts[urn] for _, _, urn in best]

    # --- writing

    def format(self, urn: Urn) -> str:
        """Returns the shortest ref that is read as this thing."""
        return self.texts([urn])[urn]

    def texts(self, urns: Iterable[Urn]) -> dict[Urn, str]:
        """Returns the refs of many things with a constant number of questions to the store for each thousand or so."""
        asked = list(urns)
        missing = [urn for urn in dict.fromkeys(asked) if urn not in self._written]
        plain = self._plain_columns(missing)
        self._written.update((urn, self._short(urn)) for urn in plain)
        unsure = [urn for urn in missing if urn not in plain]
        for form in (self._short, self._long, self._explicit):
            unsure = self._write(unsure, [form(urn) for urn in unsure])
        self._written.update((urn, str(urn)) for urn in unsure)
        return {urn: self._written[urn] for urn in asked}

    def _write(self, urns: list[Urn], texts: list[str]) -> list[Urn]:
        """Keeps the texts that are read as what they are to name; returns the others' urns."""
        wanted = [self._wanted(body, frozenset({kind} if kind else ())) for kind, body in map(_split_kind, texts)]
        known = self._known(wanted)
        left: list[Urn] = []
        for urn, text, want in zip(urns, texts, wanted, strict=True):
            if self._pick(want, known) == [urn] and _read_urn(text) is None:
                self._written[urn] = text
            else:
                left.append(urn)
        return left

    def _plain_columns(self, urns: Iterable[Urn]) -> set[Urn]:
        # The common case, decided at once: one colon, no slash, and no feature to be confused with.
        plain = {
            urn
            for urn in urns
            if urn.kind == "column"
            and urn.namespace in self._aliases
            and not any(c in part for part in urn.parts[1:] for c in "/:!")
        }
        where = {"namespace": {urn.namespace for urn in plain}}
        if not plain or not self._store.find(["feature"], where, limit=1).nodes:
            return plain
        features = self._store.keys([Urn("feature", urn.parts) for urn in plain])
        return {urn for urn in plain if Urn("feature", urn.parts) not in features}

    def _short(self, urn: Urn) -> str:
        match urn.kind, urn.parts:
            case (("dataset" | "model" | "featureview" | "featureservice"), (namespace, name)):
                return self._prefix(namespace) + encode(name)
            case (("column" | "feature"), (namespace, name, path)):
                return f"{self._prefix(namespace)}{encode(name)}#{encode(path)}"
            case "datasetversion", (namespace, name, version):
                return f"{self._prefix(namespace)}{encode(name)}@{encode(_digest_of(version))}"
            case "modelversion", (namespace, name, version):
                return f"{self._prefix(namespace)}{encode(name)}/{encode(version)}"
            case "job", (namespace, name):
                return f"job:{self._aliases.get(namespace, encode(namespace))}/{encode(name)}"
            case kind, (namespace, name) if kind in RESERVED:
                return f"{kind}:{encode(name)}"
            case _:
                return str(urn)

    def _long(self, urn: Urn) -> str:
        if urn.kind in RESERVED and urn.kind != "job" and len(urn.parts) == 2:
            return f"{urn.kind}:{encode(urn.namespace)}/{encode(urn.name)}"
        return self._explicit(urn)

    def _explicit(self, urn: Urn) -> str:
        return f"{urn.kind}!{self._short(urn)}"

    def _prefix(self, namespace: str) -> str:
        alias = self._aliases.get(namespace)
        if alias is not None:
            return f"{encode(alias)}:"
        return encode(namespace) + ("/" if "://" in namespace else ":")

    # --- what a text may mean

    def _wanted(self, body: str, only: frozenset[str]) -> _Wanted:
        wanted = _Wanted([], [], [])
        head, colon, rest = body.partition(":")
        if colon and head in RESERVED and (not only or head in only):
            self._read_named(head, rest, wanted)
        for place, prefix, name in _splits(body):
            alias = self._namespaces.get(decode(prefix))
            rank = (0 if alias is not None else 1, -place)
            self._read_prefixed(rank, decode(prefix) if alias is None else alias, name, only, wanted)
        wanted.named.extend((kind, decode(body)) for kind in only & RESERVED)
        return wanted

    def _read_named(self, kind: str, text: str, wanted: _Wanted) -> None:
        if kind != "job":
            wanted.named.append((kind, decode(text)))
        for i, char in enumerate(text):
            if char == "/":
                namespace = decode(text[:i])
                for rank, space in ((0, self._namespaces.get(namespace)), (1, namespace)):
                    if space is not None:
                        wanted.readings.append(_Reading((rank, -i), Urn(kind, (space, decode(text[i + 1 :])))))

    def _read_prefixed(
        self, rank: tuple[int, ...], namespace: str, name: str, only: frozenset[str], wanted: _Wanted
    ) -> None:
        def add(level: int, kinds: Iterable[str], *parts: str) -> None:
            for kind in kinds:
                if not only or kind in only:
                    wanted.readings.append(_Reading((level, *rank), Urn(kind, (namespace, *parts))))

        thing, sharp, path = name.partition("#")
        if sharp:
            add(0, ("column", "feature"), decode(thing), decode(path))
        thing, at, version = name.rpartition("@")
        if at and (not only or "datasetversion" in only):
            wanted.versions.append((Urn("dataset", (namespace, decode(thing))), decode(version)))
        literal = 1 if sharp or at else 0
        add(literal, (*_PLAIN, *(only & RESERVED)), decode(name))
        for i, char in enumerate(name):
            if char == "/":
                add(literal, ("modelversion",), decode(name[:i]), decode(name[i + 1 :]))

    # --- what of it is known

    def _known(self, wanted: Sequence[_Wanted]) -> _Known:
        urns = {reading.urn for want in wanted for reading in want.readings}
        named: defaultdict[tuple[str, str], list[Urn]] = defaultdict(list)
        pairs = {pair for want in wanted for pair in want.named}
        if pairs:
            for node in find_all(self._store, {k for k, _ in pairs}, {"name": {n for _, n in pairs}}):
                named[node.urn.kind, node.urn.name].append(node.urn)
        versions: defaultdict[Urn, list[Urn]] = defaultdict(list)
        owners = {dataset for want in wanted for dataset, _ in want.versions}
        if owners:
            where = {"namespace": {o.namespace for o in owners}, "name": {o.name for o in owners}}
            for node in find_all(self._store, {"datasetversion"}, where):
                versions[Urn("dataset", node.urn.parts[:2])].append(node.urn)
        return _Known(frozenset(self._store.keys(urns)), named, versions)

    def _pick(self, wanted: _Wanted, known: _Known) -> list[Urn]:
        """Returns the best reading that names something, or several equally good ones."""
        hits = [reading for reading in wanted.readings if reading.urn in known.urns]
        if hits:
            best = min(reading.rank for reading in hits)
            return list(dict.fromkeys(reading.urn for reading in hits if reading.rank == best))
        for dataset, version in wanted.versions:
            found = _of_version(known.versions.get(dataset, ()), version)
            if found:
                return found
        named = {urn: None for pair in wanted.named for urn in known.named.get(pair, ()) if len(urn.parts) == 2}
        return sorted(named)

    def _by_suffix(self, text: str, only: frozenset[str]) -> list[Urn]:
        """Returns the things whose names end with a text, at a dot or slash; one that still holds is preferred."""
        wanted = decode(text).replace("#", ".")
        asked = words(wanted)
        if not asked or ":" in text:
            return []
        hits = self._store.match(asked, only or _SUFFIXED, _MAX_HITS)
        model = words(wanted.rpartition("/")[0])
        if model and (not only or "modelversion" in only):  # the words of a version's number are not searched
            hits = list(dict.fromkeys([*hits, *self._store.match(model, ["modelversion"], _MAX_HITS)]))
        for same in (str, str.casefold):
            fits = [urn for urn in hits if _ends_with(same(_dotted(urn)), same(wanted))]
            if len(fits) > 1:
                states = self._store.get(fits)
                fits = [urn for urn in fits if states[urn].closed_since is None] or fits
            if fits:
                return sorted(fits)
        return []


class _Known(NamedTuple):
    urns: frozenset[Urn]
    named: Mapping[tuple[str, str], list[Urn]]
    versions: Mapping[Urn, list[Urn]]


def _read_urn(text: str) -> Urn | None:
    if not text.startswith("hw:"):
        return None
    try:
        urn = Urn.parse(text)
    except (InvalidNameError, UnicodeDecodeError):
        return None
    cls = BY_KIND.get(urn.kind)
    return urn if cls is not None and len(cls.key_fields()) == len(urn.parts) else None


def _split_kind(text: str) -> tuple[str, str]:
    """Splits `KIND!REF`; the kind is empty where none is written."""
    kind, mark, body = text.partition("!")
    folded = kind.strip().lower()
    return (folded, body) if mark and folded in BY_KIND else ("", text)


def _splits(body: str) -> Iterator[tuple[int, str, str]]:
    """Yields every place at which a prefix may end: a colon, or a slash of an address."""
    for i, char in enumerate(body):
        if char == ":" or (char == "/" and "://" in body[:i]):
            yield i, body[:i], body[i + 1 :]


def _digest_of(version: str) -> str:
    algorithm, colon, digest = version.partition(":")
    return digest if colon and algorithm.isalnum() and digest else version


def _of_version(versions: Iterable[Urn], text: str) -> list[Urn]:
    """Returns the versions that a text names: in full, by digest, or by the start of either."""
    ordered = sorted(versions)
    for fits in (_is_whole, _is_digest, _is_start):
        found = [urn for urn in ordered if fits(urn.parts[2], text)]
        if found:
            return found
    return []


def _is_whole(version: str, text: str) -> bool:
    return version == text


def _is_digest(version: str, text: str) -> bool:
    return _digest_of(version) == text


def _is_start(version: str, text: str) -> bool:
    return bool(text) and (version.startswith(text) or _digest_of(version).startswith(text))


def _dotted(urn: Urn) -> str:
    sep = "/" if urn.kind == "modelversion" else "."
    return sep.join(urn.parts[1:])


def _ends_with(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith((f".{suffix}", f"/{suffix}"))
