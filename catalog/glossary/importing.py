"""A glossary file taken into the catalog by hand: what it would add, change and close, said before anything is written.

A file is read by the ingestor of its kind, as a source that is read once. What it says replaces what its glossary said before:
a term that it does not list is closed, unless the import is partial. People's words are not touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from catalog.answers import Answer, Data, camel, label
from catalog.harvest import Clock, Harvest
from catalog.identity import find_all
from catalog.intake import HARMLESS, AtHand, SourceReport, kept
from catalog.model.canonical import FactId, loads
from catalog.model.facts import Scope, Skip, Snapshot
from catalog.model.ingest import Source
from catalog.model.names import Urn
from catalog.model.nodes import Skipped
from catalog.refs import Refs, encode
from catalog.store.port import Store

_EDGES: Final = ("MEANS", "BROADER", "RELATED", "OWNED_BY", "TAGGED", "PART_OF")
_MEMBER: Final = "PART_OF"
"""Goes with each term and is not told apart from it."""
_PLACE: Final = re.compile(r"line (\d+)(?:, column (.*))?", re.DOTALL)
_HEAD: Final = "glossary"

Facts = dict[Scope, dict[FactId, str]]
"""Bodies of the facts that hold, by scope."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was read, held so that it can be looked at before it is written."""

    snapshots: tuple[Snapshot, ...]
    skips: tuple[Skip, ...]

    @property
    def glossaries(self) -> list[str]:
        return sorted({s.scope[1] for s in self.snapshots})


def read_whole(source: Source) -> Given:
    """Reads a source to its end.

    Raises:
        SourceError: it cannot be read as a whole.
    """
    assert source.ingestor is not None
    found = [replace(s, facts=list(s.facts)) for s in source.ingestor.snapshots(source.context)]
    skips = tuple(item for s in found for item in s.facts if isinstance(item, Skip))
    return Given(tuple(found), skips)


def import_glossary(
    store: Store, refs: Refs, source: Source, given: Given, *, clock: Clock, actor: str, dry_run: bool
) -> Answer:
    """Takes what was read of a glossary file into the catalog, or says what that would do.

    Nothing is written if nothing would change.
    """
    before = held(store, given.glossaries)
    after = foreseen(before, given, source.name)
    changes = list(_changes(before, after))
    texts = refs.texts({urn for change in changes for urn in change.urns})
    report = SourceReport(source.name, source.kind)
    if not dry_run and (before != after or given.skips):
        harvest = Harvest(store, clock=clock, actor=actor, again=True)
        report = harvest.read(replace(source, ingestor=AtHand(given.snapshots)))
    errors = [_error(skip) for skip in given.skips]
    data = {
        "glossaries": given.glossaries,
        "dryRun": dry_run,
        "changes": [change.said(texts) for change in changes],
        "counts": {kind: sum(change.kind == kind for change in changes) for kind in ("added", "changed", "closed")}
        | {"unchanged": len(_all(before).keys() & _all(after).keys())},
        "errors": errors,
        "commits": report.commits,
    }
    partial = any(skip.code not in HARMLESS for skip in given.skips)
    return Answer("glossary.import", data, complete=not partial)


# --- what holds and what would -----------------------------------------------------------------------------------------


def held(store: Store, glossaries: Iterable[str]) -> Facts:
    """Returns what these glossaries say now, without what was skipped."""
    names = list(glossaries)
    urns = [n.urn for n in find_all(store, ["term"], {"namespace": names})] if names else []
    urns += store.keys([Urn("glossary", ("", name)) for name in names])
    claims = list(store.claims(urns))
    keys = list(store.keys(urns).values())
    for way in ("upstream", "downstream"):
        claims += store.edges(keys, _EDGES, way)
    found: Facts = {}
    for claim in claims:
        if claim.scope[0] == _HEAD and claim.scope[1] in names:
            found.setdefault(claim.scope, {})[claim.fact] = claim.body
    return found


def foreseen(before: Facts, given: Given, source: str) -> Facts:
    """Returns what will hold once the snapshots are taken: the rule of claims for snapshots that come after all others."""
    after = {scope: dict(facts) for scope, facts in before.items()}
    below: defaultdict[Scope, list[Scope]] = defaultdict(list)
    for scope in before:
        below[scope[:2]].append(scope)
    report = SourceReport(source, _HEAD)
    listed = {s.scope for s in given.snapshots}
    for snapshot in given.snapshots:
        said = {fact.id: fact.body for fact in kept(snapshot, report) if not isinstance(fact.element, Skipped)}
        refreshes = said == before.get(snapshot.scope)
        if not snapshot.complete:
            after[snapshot.scope] = after.get(snapshot.scope, {}) | said
            continue
        after[snapshot.scope] = said
        for scope in [] if refreshes else below.get(snapshot.scope, ()):
            if scope not in listed and scope not in snapshot.unread:
                after.pop(scope, None)
    return {scope: facts for scope, facts in after.items() if facts}


# --- the difference ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is added, closed or said otherwise. `properties` are those that differ, before and after."""

    kind: str
    what: str
    start: Urn
    end: Urn | None
    subtype: str | None
    properties: Mapping[str, tuple[Any, Any]]

    @property
    def urns(self) -> list[Urn]:
        return [self.start] if self.end is None else [self.start, self.end]

    def said(self, texts: Mapping[Urn, str]) -> Data:
        return {
            "kind": self.kind,
            "what": self.what,
            "ref": _shown(texts, self.start),
            "other": None if self.end is None else _shown(texts, self.end),
            "subtype": self.subtype,
            "properties": [
                {"name": camel(name), "before": old, "after": new} for name, (old, new) in self.properties.items()
            ],
        }


_Key = tuple[str, str, str, str]
"""Kind or type, node or start, end, subtype."""


def _all(facts: Facts) -> dict[tuple[Scope, FactId], str]:
    return {(scope, fact): body for scope, bodies in facts.items() for fact, body in bodies.items()}


def _changes(before: Facts, after: Facts) -> Iterator[Change]:
    old, new = _all(before), _all(after)
    gone = _keyed(body for key, body in old.items() if key not in new)
    come = _keyed(body for key, body in new.items() if key not in old)
    for key in sorted(gone.keys() | come.keys(), key=_order):
        was, now = gone.get(key), come.get(key)
        kind = "added" if was is None else "closed" if now is None else "changed"
        if was == now or key[0] == _MEMBER:
            continue
        names = sorted({**(was or {}), **(now or {})})
        told = {n: ((was or {}).get(n), (now or {}).get(n)) for n in names if (was or {}).get(n) != (now or {}).get(n)}
        what, start, end, subtype = key
        yield Change(kind, what, Urn.parse(start), Urn.parse(end) if end else None, subtype or None, told)


def _keyed(bodies: Iterable[str]) -> dict[_Key, dict[str, Any]]:
    found: dict[_Key, dict[str, Any]] = {}
    for body in map(loads, bodies):
        props = dict(body["props"])
        if "node" in body:
            urn = Urn.parse(body["node"])
            found[label(urn), str(urn), "", ""] = props
        else:
            subtype = str(props.pop("subtype", None) or props.pop("role", None) or "")
            found[body["edge"], body["start"], body["end"], subtype] = props
    return found


def _order(key: _Key) -> tuple[Any, ...]:
    """Glossaries and terms first, then what is between them, then what means them."""
    ranks = ("Glossary", "Term", "BROADER", "RELATED", "OWNED_BY", "TAGGED", "MEANS")
    return (ranks.index(key[0]) if key[0] in ranks else len(ranks), *key)


def _shown(texts: Mapping[Urn, str], urn: Urn) -> str:
    """Returns the ref of a thing, also of one that is not there yet."""
    text = texts[urn]
    return f"{urn.kind}:{encode(urn.name)}" if text == str(urn) and len(urn.parts) == 2 else text


def _error(skip: Skip) -> Data:
    found = _PLACE.fullmatch(skip.origin.place or "")
    return {
        "code": skip.code,
        "message": skip.message,
        "file": skip.origin.path,
        "place": skip.origin.place,
        "line": int(found[1]) if found else None,
        "column": found[2] if found else None,
    }
