"""The log: what a commit says as canonical lines, its hashes and its header. Pure; stores keep what comes out.

A line is one JSON object in canonical form, told apart by its keys:

    {"at","base","complete","count","dated","digest","scope","snapshot","unread",...}   a snapshot
    {"add","fact","origin"}     a fact that it has and its base has not, with the place it was read at
    {"fact","remove"}           the id of one that its base has and it has not
    {"at","dated","scope","seen",...}      a time at which a known snapshot was seen again
    {"at","dated","scope","retract",...}   a time of one that is taken back
    {"purged"}                  the leaf hash of a line that was taken out for ever

Lines are sorted by code point and stand once each. Laws: `change_of(lines_of(c)) == ordered(c)` but for `expects`, and
`lines_of(ordered(c)) == lines_of(c)`.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from operator import attrgetter
from typing import Any, Final

from catalog.model.canonical import FactId, dumps
from catalog.model.errors import RefusedError
from catalog.model.facts import Fact, Origin, Scope, element_from, read_scope, write_scope
from catalog.model.instants import parse, show
from catalog.store.merkle import Hash, appended, leaf_hash, root_of, root_of_frontier
from catalog.store.port import Author, ChangeSet, Commit, Seen, SnapshotDelta

_BODY: Final = attrgetter("body")
_ADDED: Final = '{"add":'
_PURGED: Final = '{"purged":"'
_LEVEL: Final = 3
"""Of compression: higher ones cost more time than they save space on lines that are so much alike."""


# --- lines ----------------------------------------------------------------------------------------------------------


def lines_of(change: ChangeSet) -> list[str]:
    """Returns the body of a commit.

    Raises:
        RefusedError: a fact or origin holds what the log cannot keep, or a snapshot is there twice.
    """
    lines: set[str] = set()
    for snap in ordered(change).snapshots:
        name = dumps(snap.id)
        lines.add(_snapshot_line(snap))
        lines.update(f'{{"add":{name},"fact":{fact.body},"origin":{_origin(fact.origin)}}}' for fact in snap.added)
        lines.update(f'{{"fact":"{gone.hex()}","remove":{name}}}' for gone in snap.removed)
    lines.update(_seen_line("seen", seen) for seen in change.seen)
    lines.update(_seen_line("retract", seen) for seen in change.retracted)
    return sorted(lines)


def ordered(change: ChangeSet) -> ChangeSet:
    """Returns a change set in the order in which it is applied and replayed: bases first, then by scope and name.

    Stores apply this, so that a replay of the log gives histories with the same indexes.

    Raises:
        RefusedError: a snapshot is there twice.
    """
    twice = next((name for name, n in Counter(snap.id for snap in change.snapshots).items() if n > 1), None)
    if twice is not None:
        raise RefusedError(f"snapshot {twice!r} is there twice in one change set. Say it once, and once more as seen.")
    rank = _ranks(change.snapshots)
    return replace(
        change,
        snapshots=tuple(
            replace(snap, added=_by_body(snap.added), removed=tuple(sorted(set(snap.removed))))
            for snap in sorted(change.snapshots, key=lambda s: (write_scope(s.scope), rank[s.id], s.id))
        ),
        seen=_by_time(change.seen),
        retracted=_by_time(change.retracted),
    )


def change_of(lines: Iterable[str]) -> ChangeSet:
    """Reads a body back. Purged lines say nothing."""
    heads: list[dict[str, Any]] = []
    added: defaultdict[str, list[Fact]] = defaultdict(list)
    removed: defaultdict[str, list[FactId]] = defaultdict(list)
    others: dict[str, list[Seen]] = {"seen": [], "retract": []}
    for line in lines:
        said = json.loads(line)
        if "add" in said:
            origin = said["origin"] and Origin(*said["origin"])
            added[said["add"]].append(Fact(element_from(said["fact"]), origin))
        elif "remove" in said:
            removed[said["remove"]].append(bytes.fromhex(said["fact"]))
        elif "snapshot" in said:
            heads.append(said)
        elif "purged" not in said:
            kind = "seen" if "seen" in said else "retract"
            others[kind].append(Seen(**_common(said), id=said[kind]))
    snapshots = tuple(_snapshot(said, added[said["snapshot"]], removed[said["snapshot"]]) for said in heads)
    return ordered(ChangeSet(snapshots, tuple(others["seen"]), tuple(others["retract"])))


def pack(lines: Sequence[str]) -> bytes:
    """Returns a body as stores keep it: compressed, one line each."""
    return zlib.compress("\n".join(lines).encode(), _LEVEL)


def unpack(packed: bytes) -> list[str]:
    """Reads a packed body back. Law: `unpack(pack(lines)) == lines` for lines without line breaks."""
    text = zlib.decompress(packed).decode()
    return text.split("\n") if text else []


def _ranks(snapshots: Sequence[SnapshotDelta]) -> dict[str, int]:
    """Returns how many bases of the same change set each snapshot stands on."""
    bases = {snap.id: snap.base for snap in snapshots}
    ranks: dict[str, int] = {}
    for name in sorted(bases):
        chain: list[str] = []
        at: str | None = name
        while at is not None and at in bases and at not in ranks and at not in chain:
            chain.append(at)
            at = bases[at]
        below = ranks.get(at, -1) if at is not None else -1
        ranks |= {link: below + i for i, link in enumerate(reversed(chain), 1)}
    return ranks


def _by_body(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Orders facts as their lines will stand; of equal ones from several places the first place stays."""
    if len({fact.id for fact in facts}) == len(facts):
        return tuple(sorted(facts, key=_BODY))
    found = sorted(facts, key=lambda fact: (fact.body, str(fact.origin)))
    return tuple({fact.id: fact for fact in reversed(found)}.values())[::-1]


def _by_time(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    return tuple(sorted(set(seen), key=lambda s: (write_scope(s.scope), s.at, s.id, s.dated, s.cause)))


def _snapshot_line(snap: SnapshotDelta) -> str:
    return dumps(
        {
            "at": show(snap.at),
            "base": snap.base,
            "cause": snap.cause,
            "complete": snap.complete,
            "count": snap.count,
            "dated": snap.dated,
            "digest": f"{snap.digest:032x}",
            "scope": write_scope(snap.scope),
            "snapshot": snap.id,
            "unread": sorted(map(write_scope, snap.unread)),
        }
    )


def _snapshot(said: Mapping[str, Any], added: Sequence[Fact], removed: Sequence[FactId]) -> SnapshotDelta:
    return SnapshotDelta(
        **_common(said),
        id=said["snapshot"],
        complete=said["complete"],
        unread=frozenset(map(read_scope, said["unread"])),
        base=said["base"],
        added=tuple(added),
        removed=tuple(removed),
        digest=int(said["digest"], 16),
        count=said["count"],
    )


def _seen_line(kind: str, seen: Seen) -> str:
    said = {"at": show(seen.at), "cause": seen.cause, "dated": seen.dated, "scope": write_scope(seen.scope)}
    return dumps(said | {kind: seen.id})


def _common(said: Mapping[str, Any]) -> dict[str, Any]:
    scope: Scope = read_scope(said["scope"])
    return {"scope": scope, "at": parse(said["at"]), "dated": said["dated"], "cause": said["cause"]}


def _origin(origin: Origin | None) -> str:
    if origin is None:
        return "null"
    return dumps([origin.path] if origin.place is None else [origin.path, origin.place])


# --- hashes and headers ---------------------------------------------------------------------------------------------


class Log:
    """The tree over headers, as far as it is needed to append to it: size and frontier (see `merkle.appended`)."""

    def __init__(self, size: int = 0, frontier: Sequence[Hash] = ()) -> None:
        self.size, self.frontier = size, list(frontier)

    @property
    def root(self) -> str:
        """Root over all headers, hex; of no headers, the hash of nothing."""
        return root_of_frontier(self.frontier).hex()

    def append(self, lines: Sequence[str], counts: Mapping[str, int], author: Author) -> Commit:
        """Returns the next commit, whose body is these lines, and moves on.

        Raises:
            RefusedError: a header field holds what the log cannot keep.
        """
        seq = self.size + 1
        commit = Commit(seq, author.time, author.actor, author.source, dict(counts), body_root(lines), "", len(lines))
        self.frontier = appended(self.frontier, self.size, leaf_hash(header_of(commit).encode()))
        self.size = seq
        return replace(commit, log_root=self.root)

    def dumps(self) -> str:
        """Returns the state as text, to go on from with `loads`."""
        return json.dumps([self.size, [h.hex() for h in self.frontier]])

    @classmethod
    def loads(cls, text: str) -> Log:
        size, frontier = json.loads(text)
        return cls(size, [bytes.fromhex(h) for h in frontier])

    @staticmethod
    def purged(lines: Sequence[str], index: int) -> list[str]:
        """Returns a body in which the leaf hash of a fact's line stands for the line. Its root stays what it was.

        Raises:
            RefusedError: the line says something else: without it the log could not be replayed.
        """
        if not lines[index].startswith((_ADDED, _PURGED)):
            raise RefusedError(f"{lines[index][:80]!r} says no fact: expected a line with 'add'. Other lines stay.")
        return [*lines[:index], dumps({"purged": leaf_of(lines[index]).hex()}), *lines[index + 1 :]]


def is_purged(line: str) -> bool:
    """Returns whether a line stands for one that was taken out."""
    return line.startswith(_PURGED)


def leaf_of(line: str) -> Hash:
    """Returns the leaf hash of a line; of a purged one, the hash that it left."""
    if is_purged(line):
        return bytes.fromhex(json.loads(line)["purged"])
    return leaf_hash(line.encode())


def body_root(lines: Iterable[str]) -> str:
    """Returns the root over the lines of a body, hex."""
    return root_of([leaf_of(line) for line in lines]).hex()


def header_of(commit: Commit) -> str:
    """Returns the canonical header: all of a commit but `log_root`, which is over the headers."""
    header = asdict(commit)
    del header["log_root"]
    return dumps({**header, "counts": dict(commit.counts)})


def counts_of(change: ChangeSet, *, opened: int, closed: int) -> dict[str, int]:
    """Returns the counts of a header.

    Args:
        opened: Claims that began to hold by it (`Projection.opened`).
        closed: Claims that ended by it.
    """
    return {
        "added": sum(len(snap.added) for snap in change.snapshots),
        "removed": sum(len(snap.removed) for snap in change.snapshots),
        "snapshots": len(change.snapshots),
        "seen": len(change.seen),
        "retracted": len(change.retracted),
        "opened": opened,
        "closed": closed,
    }
