"""Proofs that the log holds what was said: an RFC 6962 path from a line to its commit, and from the commit to the log.

Who has a root of the log, from whatever time on, can check a proof with SHA-256 alone and without the catalog.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.answers import Data
from catalog.model.canonical import FactId
from catalog.model.facts import Scope, write_scope
from catalog.store.log import header_of, is_purged, leaf_of
from catalog.store.merkle import Hash, inner_hash, leaf_hash, root_from_proof
from catalog.store.port import Claim, Store

_PAGE = 500
Wanted = tuple[Scope, FactId]


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of the log with the two paths. `index` and `number` begin at 0; hashes are hex, nearest sibling first."""

    line: str
    index: int
    lines: int
    path: tuple[str, ...]
    header: str
    number: int
    commits: int
    log_path: tuple[str, ...]
    log_root: str

    def say(self) -> Data:
        """Returns the proof as JSON; `check_proof` takes it."""
        return {
            "line": self.line, "index": self.index, "lines": self.lines, "path": list(self.path), "header": self.header,
            "number": self.number, "commits": self.commits, "logPath": list(self.log_path), "logRoot": self.log_root,
        }  # fmt: skip


def prove(store: Store, claims: Collection[Claim]) -> dict[Wanted, Proof]:
    """Returns proofs of the first listing of claims, by scope and fact. What was purged has none. Cost: one pass over the log."""
    wanted = {(write_scope(claim.scope), claim.body): (claim.scope, claim.fact) for claim in claims}
    places: dict[Wanted, tuple[int, int]] = {}
    bodies: dict[int, list[str]] = {}
    headers: list[str] = []
    while page := store.commits(after=len(headers), limit=_PAGE):
        for commit in page:
            headers.append(header_of(commit))
            if not wanted.keys():
                continue
            found = _listed(body := store.body(commit.seq), wanted)
            for key, index in found.items():
                places[wanted.pop(key)] = (commit.seq - 1, index)
                bodies[commit.seq - 1] = body
    tree = _levels([leaf_hash(header.encode()) for header in headers])
    trees = {number: _levels([leaf_of(line) for line in body]) for number, body in bodies.items()}
    root = store.info().log_root
    return {
        key: Proof(
            bodies[number][index],
            index,
            len(bodies[number]),
            _path(trees[number], index),
            headers[number],
            number,
            len(headers),
            _path(tree, number),
            root,
        )
        for key, (number, index) in places.items()
    }


def _listed(body: list[str], wanted: Mapping[tuple[str, str], Wanted]) -> dict[tuple[str, str], int]:
    """Returns which of the facts a commit adds, and in which line."""
    facts = {fact for _, fact in wanted}
    adds: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    scopes: dict[str, str] = {}
    for index, line in enumerate(body):
        if line.startswith('{"add":'):
            name, fact = _add(line)
            if fact in facts:
                adds[name].append((fact, index))
        elif '"snapshot":' in line and not is_purged(line):
            said = json.loads(line)
            scopes[str(said.get("snapshot"))] = str(said["scope"])
    return {
        (scopes[name], fact): index
        for name, found in adds.items()
        for fact, index in found
        if name in scopes and (scopes[name], fact) in wanted
    }


def _add(line: str) -> tuple[str, str]:
    """Returns the snapshot and the body of a line that adds a fact, as they stand."""
    decode = json.JSONDecoder().raw_decode
    name, end = decode(line, len('{"add":'))
    begin = end + len(',"fact":')
    _, end = decode(line, begin)
    return str(name), line[begin:end]


def _levels(leaves: list[Hash]) -> list[list[Hash]]:
    """Returns every level of a tree, from its leaves to below its root: so that many paths cost one pass over the leaves."""
    levels = [leaves]
    while len(level := levels[-1]) > 2:
        odd = level[len(level) & ~1 :]  # one without a partner rises as it is
        levels.append([inner_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd)
    return levels


def _path(levels: list[list[Hash]], index: int) -> tuple[str, ...]:
    """Returns the audit path of a leaf, nearest sibling first. Law: equals `merkle.inclusion_proof`."""
    path = []
    for level in levels:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1].hex())
        index >>= 1
    return tuple(path)


def check_proof(said: Mapping[str, Any]) -> bool:
    """Returns whether a proof leads from its line to its root."""
    try:
        body = root_from_proof(leaf_of(said["line"]), said["index"], said["lines"], _bytes(said["path"]))
        header = json.loads(said["header"])
        leaf = leaf_hash(said["header"].encode())
        log = root_from_proof(leaf, said["number"], said["commits"], _bytes(said["logPath"]))
        held = body is not None and header["body_root"] == body.hex() and header["lines"] == said["lines"]
        return held and log is not None and log.hex() == said["logRoot"] and header["seq"] == said["number"] + 1
    except (KeyError, TypeError, ValueError):
        return False


def _bytes(path: Collection[str]) -> list[Hash]:
    return [bytes.fromhex(one) for one in path]
