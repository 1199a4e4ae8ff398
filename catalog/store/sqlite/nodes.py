"""The table of nodes: finding and making rows, and what a row says about the claims behind it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

from catalog.model.facts import Scope, read_scope
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND
from catalog.store.merging import Said, in_force, indexed_fields, merge
from catalog.store.port import Span
from catalog.store.sqlite.codec import ids_json, read_spans
from catalog.store.sqlite.database import Database, Row
from catalog.store.tokens import token_string

MENTIONED: Final = 1
"""Bit of `known`: a claim is about the node or an edge touches it."""
IMPLIED: Final = 2
"""Bit of `known`: a list of columns names it, or it is the data set of a column."""

NEVER, ONCE, HELD = range(3)
"""Values of `described`."""

_REMEMBERED: Final = 200_000
_INDEXED: Final = {kind: indexed_fields(cls) for kind, cls in BY_KIND.items()}
_INSERT: Final = "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPDATE: Final = "UPDATE nodes SET described = ?, begins = ?, properties = ?, tokens = ? WHERE id = ?"
_ABOUT: Final = """\
SELECT c.node, s.path, c.spans, c.body FROM claims c JOIN scopes s ON s.id = c.scope
WHERE c.type IS NULL AND c.node IN (SELECT value FROM json_each(?)) AND c.spans <> '[]'"""


@lru_cache(maxsize=65536)
def encode(part: str) -> str:
    """Returns one part of a urn as it stands in urns and in the table."""
    return quote(part, safe="", errors="surrogatepass")


@lru_cache(maxsize=65536)
def decode(text: str) -> str:
    """Law: `decode(encode(t)) == t`."""
    return unquote(text, errors="surrogatepass")


def parts_of(namespace: str, name: str, rest: str) -> tuple[str, ...]:
    """Returns the parts of a urn from a row."""
    return (decode(namespace), decode(name), *map(decode, rest.split(":") if rest else ()))


class About(NamedTuple):
    """One claim about a node."""

    scope: Scope
    spans: tuple[Span, ...]
    properties: Mapping[str, Any]


class Description(NamedTuple):
    """What a row says besides the name."""

    described: int
    begins: Instant | None
    properties: str
    tokens: str
    values: tuple[tuple[str, str], ...]


def describe(urn: Urn, about: Iterable[About]) -> Description:
    """Returns what claims, all of which held at some time, make of a node now."""
    claims = list(about)
    said = [Said(c.scope, span[0], c.properties) for c in claims if (span := in_force(c.spans, None)) is not None]
    merged = merge(urn.kind, said) if said else {}
    return Description(
        HELD if said else ONCE if claims else NEVER,
        min((c.spans[0][0] for c in claims), default=None),
        json.dumps(merged, ensure_ascii=False, separators=(",", ":")),
        token_string(urn, merged),
        tuple((name, value) for name in _INDEXED[urn.kind] if isinstance(value := merged.get(name), str)),
    )


@dataclass(slots=True)
class NewNode:
    """A node on its way into the table."""

    id: int
    known: int
    about: list[About] = field(default_factory=list)


class NodeTable:
    """Finds, makes and describes nodes inside a write transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._mentioned: dict[Urn, int] = {}
        self._version = -1
        self._next = 0
        self.new: dict[Urn, NewNode] = {}
        self.woken: set[int] = set()
        """Nodes that were there and are mentioned for the first time, or again."""

    def begin(self) -> None:
        """Starts a transaction: forgets what another writer may have changed."""
        version = self._db.changed_elsewhere()
        if version != self._version or len(self._mentioned) > _REMEMBERED:
            self._mentioned.clear()
        self._version = version
        self.new, self.woken = {}, set()
        ((last,),) = self._db.rows("SELECT coalesce(max(id), 0) FROM nodes")
        self._next = last + 1

    def forget(self) -> None:
        """Forgets everything: after a failure, or when nodes were taken back."""
        self._mentioned.clear()
        self.new = {}

    def resolve(self, urns: Collection[Urn], known: int) -> dict[Urn, int]:
        """Returns the ids of nodes that have just been mentioned or implied (`known`), made where they are missing."""
        found: dict[Urn, int] = {}
        unsure: list[Urn] = []
        for urn in urns:
            if urn in self.new:
                self.new[urn].known |= known
                found[urn] = self.new[urn].id
            elif known == MENTIONED and urn in self._mentioned:
                found[urn] = self._mentioned[urn]
            else:
                unsure.append(urn)
        found.update(self._look_up(unsure, known))
        return found

    def _look_up(self, urns: list[Urn], known: int) -> dict[Urn, int]:
        by_uid = {bytes.fromhex(urn.uid): urn for urn in urns}
        found: dict[Urn, int] = {}
        stale: list[int] = []
        for uid, key, was in self._db.rows_in("SELECT uid, id, known FROM nodes WHERE uid IN ({})", sorted(by_uid)):
            found[by_uid[uid]] = key
            if was & known != known:
                stale.append(key)
        self.mark(stale, known)
        self.woken.update(stale if known & MENTIONED else ())
        for urn in urns:
            if urn not in found:
                self.new[urn] = NewNode(self._next, known)
                found[urn] = self._next
                self._next += 1
        if known & MENTIONED:
            self._mentioned.update(found)
        return found

    def mark(self, keys: Collection[int], known: int) -> None:
        """Sets bits of `known`."""
        self._db.many("UPDATE nodes SET known = known | ? WHERE id = ?", [(known, key) for key in keys])

    def unmark(self, keys: Collection[int], known: int) -> None:
        """Clears bits of `known`."""
        self._db.many("UPDATE nodes SET known = known & ~? WHERE id = ?", [(known, key) for key in keys])
        if keys:
            self._mentioned.clear()

    def flush(self) -> None:
        """Writes the new nodes, with what this commit's claims say about them."""
        made = [(urn, node, describe(urn, node.about)) for urn, node in self.new.items()]
        self._db.many(_INSERT, [self._row(*entry) for entry in made])
        self._db.many("INSERT INTO words (rowid, tokens) VALUES (?, ?)", [(n.id, d.tokens) for _, n, d in made])
        self._index((node.id, said.values) for _, node, said in made)
        self.new = {}

    def _row(self, urn: Urn, node: NewNode, said: Description) -> Row:
        namespace, name, *rest = map(encode, urn.parts)
        return (
            node.id,
            bytes.fromhex(urn.uid),
            self._db.kinds[urn.kind],
            namespace,
            name,
            ":".join(rest),
            node.known,
            said.described,
            said.begins,
            said.properties,
            said.tokens,
        )

    def refresh(self, keys: Collection[int]) -> None:
        """Describes nodes again whose claims changed."""
        if not keys:
            return
        about = self.about(keys)
        select = (
            "SELECT id, kind, namespace, name, rest, tokens FROM nodes WHERE id IN (SELECT value FROM json_each(?))"
        )
        changed: list[tuple[int, str, Description]] = []
        for key, kind, namespace, name, rest, tokens in self._db.rows(select, (ids_json(keys),)):
            urn = Urn(self._db.kind_names[kind], parts_of(namespace, name, rest))
            changed.append((key, tokens, describe(urn, about.get(key, ()))))
        retold = [(key, was, said.tokens) for key, was, said in changed if was != said.tokens]
        self._db.many("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", [r[:2] for r in retold])
        self._db.many(_UPDATE, [(*said[:4], key) for key, _, said in changed])
        self._db.many("INSERT INTO words (rowid, tokens) VALUES (?, ?)", [(key, now) for key, _, now in retold])
        self._db.many("DELETE FROM lookups WHERE node = ?", [(key,) for key, _, _ in changed])
        self._index((key, said.values) for key, _, said in changed)

    def _index(self, values: Iterable[tuple[int, tuple[tuple[str, str], ...]]]) -> None:
        self._db.many("INSERT INTO lookups VALUES (?, ?, ?)", [(*pair, key) for key, pairs in values for pair in pairs])

    def about(self, keys: Collection[int]) -> dict[int, list[About]]:
        """Returns the claims about nodes, all that ever held."""
        found: defaultdict[int, list[About]] = defaultdict(list)
        for key, path, spans, body in self._db.rows(_ABOUT, (ids_json(keys),)):
            found[key].append(About(read_scope(path), read_spans(spans), json.loads(body)["props"]))
        return found
