"""The contract of ingestors, over every kind that the project declares and every case below `tests/cases`."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.edges import DERIVED, Edge
from catalog.model.errors import SourceError
from catalog.model.facts import MAX_FACT_BYTES, Fact, Scope, element_of
from catalog.model.names import Urn
from catalog.model.nodes import Node
from tests.ingestors.cases import CASES, Case, Read, cases, date, dump, entry_points, ingestor, read

HOSTILE = [
    "o'rders\"; DROP TABLE x; --",
    "`}) DETACH DELETE n //",
    "line\nbreak\ttab\r end",
    "$name ${HOME} {{ x }} %s %2F",
    "\u202eright to left\u200b",
    "Größe 😀 e\u0301",
    "../../etc/passwd",
    "a" * 2000,
]
ALL = cases()
each_case = pytest.mark.parametrize("case", ALL, ids=str)
hostile_cases = pytest.mark.parametrize("case", [case for case in ALL if "hostile" in case.source], ids=str)


@pytest.mark.parametrize("kind", sorted(entry_points()))
def test_every_kind_that_is_declared_is_there_and_has_a_case(kind: str) -> None:
    assert ingestor(kind).name == kind
    assert any(case.kind == kind for case in ALL), f"no case below {CASES / kind}"


@each_case
def test_golden(case: Case, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    root = case.copy(tmp_path)
    golden(case.folder / "expected.jsonl", dump(*read(case, root), root))


@each_case
def test_same_bytes_give_the_same_snapshots_anywhere(case: Case, tmp_path: Path) -> None:
    roots = [case.copy(tmp_path / name) for name in ("one", "two")]
    one, two = (dump(*read(case, root), root) for root in roots)
    assert one == two


@each_case
def test_scopes(case: Case, tmp_path: Path) -> None:
    reads, _ = read(case, case.copy(tmp_path))
    aliases = set(case.source.get("namespaces", {}))
    for one in reads:
        scope = one.snapshot.scope
        assert scope
        assert all(scope)
        assert not aliases & set(scope[1:]), "a scope holds full namespaces"
        assert all(below[: len(scope)] == scope and below != scope for below in one.snapshot.unread)
    seen: set[tuple[int, Scope]] = set()
    for one in reads:
        at, scope = one.snapshot.at, one.snapshot.scope
        above = [scope[:size] for size in range(1, len(scope)) if (at, scope[:size]) in seen]
        assert not above, f"{scope} comes after {above[0]}, which is above it and has the same time"
        seen.add((at, scope))


@each_case
def test_facts_are_legal(case: Case, tmp_path: Path) -> None:
    root = case.copy(tmp_path)
    reads, _ = read(case, root)
    for one in reads:
        check_legal(one)
        for item in one.items:
            assert item.origin is not None, "evidence needs a place"
            assert not item.origin.path.startswith(("/", "..")), "an origin starts at the project's folder"
    assert str(root) not in dump(reads, None, Path("/nowhere")), "a fact names the folder that it was read from"


def check_legal(one: Read) -> None:
    """Fails for what no store could keep."""
    for fact in one.facts:
        assert rfc8785.dumps(json.loads(fact.body)).decode() == fact.body
        assert element_of(fact.body) == fact.element
        assert len(fact.body.encode()) <= MAX_FACT_BYTES
        if isinstance(fact.element, Edge):
            check_edge(fact.element)
    for skip in one.skips:
        assert skip.code
        assert skip.message
        skip.message.encode()
        assert skip.occurrences > 0


def check_edge(edge: Edge) -> None:
    """Fails for an edge between things that its class does not tie."""
    assert edge.type() not in DERIVED, "it follows from other facts"
    for urn, allowed in ((edge.start, edge.starts), (edge.end, edge.ends)):
        assert "*" in allowed or urn.kind in allowed


def _urns(one: Read) -> Iterator[Urn]:
    for fact in one.facts:
        yield from [fact.element.urn] if isinstance(fact.element, Node) else [fact.element.start, fact.element.end]


@hostile_cases
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_data(case: Case, name: str, tmp_path: Path) -> None:
    root = case.copy(tmp_path)
    token = json.dumps(case.source["hostile"])
    files = [root / path for path in case.inputs if path.suffix in WRITTEN]
    changed = 0
    for path in files:
        text = path.read_text()
        changed += text.count(token)
        path.write_bytes(text.replace(token, WRITTEN[path.suffix](name)).encode())
    assert changed, f"{token} is in no file"
    reads, error = read(case, root)
    assert error is None
    assert any(name in part for one in reads for urn in _urns(one) for part in urn.parts)
    for one in reads:
        check_legal(one)


def _in_csv(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


WRITTEN: dict[str, Callable[[str], str]] = {
    ".json": json.dumps, ".ndjson": json.dumps, ".jsonl": json.dumps, ".csv": _in_csv,
    ".yaml": lambda name: json.dumps(name, ensure_ascii=False), ".yml": lambda name: json.dumps(name, ensure_ascii=False),
}  # fmt: skip


@each_case
def test_cut_and_garbled_files_are_survived(case: Case) -> None:
    files = [Path(name) for name in case.source.get("fuzz", case.inputs)]
    if files:
        _survives(case, files)


def _survives(case: Case, files: list[Path]) -> None:
    @settings(
        max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.data())
    def survive(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(files))
        with _copy(case) as root:
            content = (root / name).read_bytes()
            (root / name).write_bytes(data.draw(_spoiled(content)))
            date(root)
            reads, error = read(case, root)
            for one in reads:
                check_legal(one)
            assert error is None or re.search(r"\S+: .+\. .+", str(error), re.DOTALL)

    survive()


@contextmanager
def _copy(case: Case) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield case.copy(Path(folder))


def _spoiled(content: bytes) -> st.SearchStrategy[bytes]:
    size = len(content)
    places = st.integers(0, max(size - 1, 0))
    cut = places.map(lambda at: content[:at])
    flipped = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8).map(lambda o: _flip(content, o))
    dropped = st.tuples(places, places).map(lambda o: content[: min(o)] + content[max(o) :])
    inserted = st.tuples(places, st.binary(min_size=1, max_size=4)).map(
        lambda o: content[: o[0]] + o[1] + content[o[0] :]
    )
    return st.one_of(cut, flipped, dropped, inserted)


def _flip(content: bytes, changes: list[tuple[int, int]]) -> bytes:
    spoiled = bytearray(content)
    for at, byte in changes:
        if spoiled:
            spoiled[at] = byte
    return bytes(spoiled)


@pytest.mark.parametrize("kind", sorted({case.kind for case in ALL}))
def test_an_input_that_is_not_there_is_named_with_a_remedy(kind: str, tmp_path: Path) -> None:
    case = next(case for case in ALL if case.kind == kind and "error" not in case.folder.name)
    empty = tmp_path / "empty"
    empty.mkdir()
    reads, error = read(case, empty)
    assert isinstance(error, SourceError)
    assert error.remedy
    assert not any(isinstance(item, Fact) for one in reads for item in one.items)
