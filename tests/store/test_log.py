"""The log: lines that can be read back, and hashes that hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.errors import RefusedError
from catalog.model.facts import Fact, Origin
from catalog.model.instants import Instant
from catalog.model.nodes import Tag
from catalog.store.log import Log, body_root, change_of, counts_of, header_of, leaf_of, lines_of, ordered, pack, unpack
from catalog.store.merkle import leaf_hash, root_of
from catalog.store.port import Author, ChangeSet, Seen, SnapshotDelta

AUTHOR: Final = Author("2026-06-01T00:00:00Z", "ana", "shop")

# No surrogates: what cannot be encoded is refused before it reaches the log, but for names, which are percent-encoded.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(min_size=1, max_size=8)
scopes = st.lists(names, min_size=1, max_size=3).map(tuple)
times = st.integers(-(2**55), 2**61).map(Instant)
origins = st.none() | st.builds(Origin, texts, st.none() | texts)
facts = st.builds(
    Fact, st.builds(Tag, namespace=st.text(max_size=5), name=names, description=st.none() | texts), origins
)
ids = st.binary(min_size=16, max_size=16)
seen = st.builds(Seen, scopes, names.filter(str.isascii), times, st.booleans(), texts)
snapshots = st.builds(
    SnapshotDelta,
    id=st.sampled_from("abcdefgh"),
    scope=st.just(("dbt", "p/q", "%")),
    at=times,
    complete=st.booleans(),
    unread=st.frozensets(scopes, max_size=2),
    base=st.none() | st.sampled_from("abcdefgh"),
    added=st.lists(facts, max_size=4).map(tuple),
    removed=st.lists(ids, max_size=3).map(tuple),
    digest=st.integers(0, 2**128 - 1),
    count=st.integers(0, 10**9),
    dated=st.booleans(),
    cause=texts,
)
changes = st.builds(
    ChangeSet,
    st.lists(snapshots, max_size=4, unique_by=lambda snap: snap.id).map(tuple),
    st.lists(seen, max_size=2).map(tuple),
    st.lists(seen, max_size=2).map(tuple),
)


def places(change: ChangeSet) -> list[tuple[str, bytes, Origin | None]]:
    """Returns the origins, which are no part of a fact's equality."""
    return [(snap.id, fact.id, fact.origin) for snap in change.snapshots for fact in snap.added]


@given(changes)
def test_what_is_written_can_be_read_back(change: ChangeSet) -> None:
    read = change_of(lines_of(change))
    assert read == ordered(change)
    assert places(read) == places(ordered(change))


@given(changes)
def test_lines_are_canonical_sorted_and_stand_once(change: ChangeSet) -> None:
    lines = lines_of(change)
    assert lines == sorted(set(lines))
    assert lines == lines_of(ordered(change))
    for line in lines:
        assert rfc8785.dumps(json.loads(line)).decode() == line
    assert unpack(pack(lines)) == lines


@given(changes)
def test_the_order_in_which_a_change_set_lists_things_is_no_part_of_it(change: ChangeSet) -> None:
    other = replace(change, snapshots=change.snapshots[::-1], seen=change.seen[::-1], retracted=change.retracted[::-1])
    assert lines_of(other) == lines_of(change)
    assert ordered(other) == ordered(change)


def test_bases_come_before_what_is_based_on_them() -> None:
    chain = {"a": "b", "b": "c", "c": None, "d": "elsewhere"}
    change = ChangeSet(tuple(snapshot(name, base) for name, base in chain.items()))
    order = [snap.id for snap in ordered(change).snapshots]
    assert order.index("c") < order.index("b") < order.index("a")


def test_a_fact_from_two_places_keeps_the_first() -> None:
    twice = (Fact(Tag(name="x"), Origin("b")), Fact(Tag(name="x"), Origin("a")))
    (snap,) = ordered(ChangeSet((replace(snapshot("a"), added=twice),))).snapshots
    assert [fact.origin for fact in snap.added] == [Origin("a")]


def test_a_snapshot_that_is_there_twice_is_refused() -> None:
    with pytest.raises(RefusedError, match="'a' is there twice"):
        lines_of(ChangeSet((snapshot("a"), replace(snapshot("a"), at=Instant(5)))))


def test_an_origin_that_is_no_unicode_is_refused() -> None:
    odd = replace(snapshot("a"), added=(Fact(Tag(name="x"), Origin("\udc80")),))
    with pytest.raises(RefusedError, match="lone surrogate"):
        lines_of(ChangeSet((odd,)))


@given(st.lists(changes, min_size=1, max_size=4))
def test_the_log_is_a_tree_over_its_headers(said: list[ChangeSet]) -> None:
    log, headers = Log(), []
    for number, change in enumerate(said, 1):
        lines = lines_of(change)
        log = Log.loads(log.dumps())
        commit = log.append(lines, counts_of(change, opened=1, closed=0), AUTHOR)
        headers.append(leaf_hash(header_of(commit).encode()))
        assert (commit.seq, commit.lines, commit.body_root) == (number, len(lines), body_root(lines))
        assert commit.log_root == log.root == root_of(headers).hex()


def test_a_header_changes_with_everything_that_a_commit_says() -> None:
    change = ChangeSet((snapshot("a"),))
    commit = Log().append(lines_of(change), counts_of(change, opened=2, closed=1), AUTHOR)
    assert commit.counts == {
        "added": 1,
        "removed": 1,
        "snapshots": 1,
        "seen": 0,
        "retracted": 0,
        "opened": 2,
        "closed": 1,
    }
    others = (
        replace(commit, seq=2),
        replace(commit, time="2026"),
        replace(commit, actor="bob"),
        replace(commit, source="other"),
        replace(commit, counts={**commit.counts, "closed": 0}),
        replace(commit, body_root="00"),
        replace(commit, lines=7),
    )
    assert len({header_of(c) for c in (commit, *others)}) == 1 + len(others)


@given(st.lists(facts, min_size=1, max_size=4), st.data())
def test_a_purged_line_leaves_every_hash_as_it_was(added: list[Fact], data: st.DataObject) -> None:
    lines = lines_of(ChangeSet((replace(snapshot("a"), added=tuple(added)),)))
    index = data.draw(st.sampled_from([i for i, line in enumerate(lines) if line.startswith('{"add"')]))
    without = Log.purged(lines, index)
    assert without[index] != lines[index]
    assert [leaf_of(line) for line in without] == [leaf_of(line) for line in lines]
    assert Log.purged(without, index) == without
    assert body_root(without) == body_root(lines)


def test_only_facts_can_be_taken_out() -> None:
    lines = lines_of(ChangeSet((snapshot("a"),)))
    for index, line in enumerate(lines):
        if not line.startswith('{"add"'):
            with pytest.raises(RefusedError, match="says no fact"):
                Log.purged(lines, index)


def snapshot(name: str, base: str | None = None) -> SnapshotDelta:
    added, removed = (Fact(Tag(name="x")),), (b"\x00" * 16,)
    return SnapshotDelta(name, ("dbt", "p"), Instant(0), True, frozenset(), base, added, removed, 0, 0)
