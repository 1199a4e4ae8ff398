"""The door to files: what may be opened, what it may cost, and what a broken one says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Context, Limits
from catalog.model.instants import Instant, show
from ingestors.documents import json_value, yaml_value
from ingestors.reading import Cut, Malformed, Reader


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def reader(root: Path, **limits: int) -> Reader:
    return Reader(Context(source="s", root=root, namespaces={}, now=Instant(0), limits=Limits(**limits)))


def put(root: Path, name: str, content: str | bytes = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- paths ----------------------------------------------------------------------------------------------------------


def test_patterns_match_in_order_and_files_only(root: Path) -> None:
    for name in ("b.json", "a/x.json", "a/b/y.json", "a/z.csv"):
        put(root, name)
    found = reader(root).paths("**/*.json")
    assert [reader(root).label(path) for path in found] == ["a/b/y.json", "a/x.json", "b.json"]
    assert [path.name for path in reader(root).paths("a/*")] == ["x.json", "z.csv"]


def test_a_name_that_looks_like_a_pattern_is_a_name(root: Path) -> None:
    put(root, "a[1].csv")
    assert [path.name for path in reader(root).paths("a[1].csv")] == ["a[1].csv"]


def test_absolute_paths_and_paths_above_the_root_are_read_where_options_name_them(root: Path, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/a.csv")
    for pattern in (str(outside), str(outside.parent / "*.csv"), "../outside/a.csv", "../outside/*"):
        assert reader(root).paths(pattern) == [outside]
    assert reader(root).label(outside) == outside.as_posix()


@pytest.mark.parametrize("pattern", ["link.csv", "*.csv", "up/a.csv", "up/*.csv", "**/a.csv"])
def test_no_link_leads_out_of_the_root(root: Path, tmp_path: Path, pattern: str) -> None:
    secret = put(tmp_path, "outside/a.csv", "secret")
    (root / "link.csv").symlink_to(secret)
    (root / "up").symlink_to(secret.parent)
    with pytest.raises(SourceError, match=r"out of|matches no file"):
        reader(root).paths(pattern)


def test_links_inside_the_root_are_followed(root: Path) -> None:
    put(root, "data/a.csv")
    (root / "link").symlink_to("data")
    assert [reader(root).label(path) for path in reader(root).paths("link/*.csv")] == ["link/a.csv"]


def test_loops_of_links_end(root: Path) -> None:
    put(root, "a/x.csv")
    (root / "a" / "again").symlink_to(root / "a")
    (root / "self.csv").symlink_to("self.csv")
    assert [path.name for path in reader(root).paths("a/**/*.csv")] == ["x.csv"]
    with pytest.raises(SourceError, match=r"self\.csv: cannot be read"):
        reader(root).paths("self.csv")


def test_what_is_no_regular_file_is_refused(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(SourceError, match="no regular file"):
        reader(root).paths("pipe")
    with pytest.raises(SourceError, match="is a folder"):
        reader(root).paths(".")


@pytest.mark.parametrize("pattern", ["nothing.csv", "*.csv", "no/such/*.csv", "", "a\0b", "x" * 5000])
def test_a_path_that_names_nothing_is_said_with_a_remedy(root: Path, pattern: str) -> None:
    with pytest.raises(SourceError) as caught:
        reader(root).paths(pattern)
    assert caught.value.remedy


def test_a_file_that_is_swapped_for_a_link_after_the_look_is_not_followed(root: Path, tmp_path: Path) -> None:
    path = put(root, "a.csv", "ours")
    (found,) = reader(root).paths("a.csv")
    path.unlink()
    path.symlink_to(put(tmp_path, "secret", "secret"))
    with pytest.raises(SourceError, match="out of"):
        reader(root).text(found)


def test_a_pattern_over_the_limit_of_files_is_refused(root: Path) -> None:
    for number in range(3):
        put(root, f"{number}.csv")
    with pytest.raises(LimitError, match="more than 2 files"):
        reader(root, files=2).paths("*.csv")


def test_folders(root: Path, tmp_path: Path) -> None:
    put(root, "models/a")
    (root / "out").symlink_to(tmp_path)
    assert reader(root).folder("models") == root / "models"
    for wrong in ("models/a", "none", "out"):
        with pytest.raises(SourceError):
            reader(root).folder(wrong)


def test_labels_are_text_whatever_the_name(root: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(root) + b"/\xff.csv"))
    path.write_text("a")
    label = reader(root).label(reader(root).paths("*.csv")[0])
    assert label == "\ufffd.csv"


def test_times_are_microseconds(root: Path) -> None:
    path = put(root, "a")
    os.utime(path, ns=(0, 1_767_323_045_123_456_789))
    assert show(reader(root).modified(path)) == "2026-01-02T03:04:05.123456Z"


# --- content --------------------------------------------------------------------------------------------------------


def test_compressed_files_are_read_through_and_limited(root: Path) -> None:
    bomb = put(root, "bomb.json.gz", gzip.compress(b"0" * 1_000_000))
    assert reader(root).data(bomb) == b"0" * 1_000_000
    with pytest.raises(LimitError, match="longer than 1000 bytes"):
        reader(root, document_bytes=1000).data(bomb)
    with pytest.raises(LimitError, match="longer than 5000 bytes"):
        list(reader(root, file_bytes=5000, record_bytes=100).lines(bomb))


@pytest.mark.parametrize("spoil", [lambda c: c[:-9], lambda _: b"plain", lambda c: c[:10] + b"\0\0\0" + c[13:]])
def test_a_broken_compressed_file_is_named(root: Path, spoil: Any) -> None:
    path = put(root, "a.json.gz", spoil(gzip.compress(os.urandom(100).hex().encode())))
    with pytest.raises(SourceError, match=r"a\.json\.gz: cannot be read"):
        reader(root).data(path)


def test_text_is_utf8_without_mark_and_with_replacement(root: Path) -> None:
    path = put(root, "a.txt", b"\xef\xbb\xbfa\xff\xed\xa0\x80b")
    assert reader(root).text(path) == "a\ufffd\ufffd\ufffd\ufffdb"


def test_lines_have_numbers_and_no_ends_and_long_ones_are_cut(root: Path) -> None:
    path = put(root, "a.log", b"\xef\xbb\xbffirst\r\n\n" + b"x" * 500 + b"\nlast")
    lines = list(reader(root, record_bytes=100).lines(path))
    assert [(number, line[:5]) for number, line in lines] == [(1, "first"), (2, ""), (3, "xxxxx"), (4, "last")]
    assert [isinstance(line, Cut) for _, line in lines] == [False, False, True, False]


fields = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)


@given(st.lists(st.lists(fields, min_size=2, max_size=4), min_size=1, max_size=6))
def test_rows_are_what_was_written(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    root = tmp_path_factory.mktemp("rows")
    read = [row for _, row in reader(root).rows(put(root, "a.csv", buffer.getvalue()))]
    first = [[rows[0][0].removeprefix("\ufeff"), *rows[0][1:]]] if buffer.getvalue()[:1] == "\ufeff" else [rows[0]]
    assert read == first + rows[1:]


def test_a_quote_that_is_never_closed_costs_one_line(root: Path) -> None:
    path = put(root, "a.csv", 'a,b\n1,2\n3,"bad\n5,6\n7,8\n')
    found = list(reader(root).records(path))
    assert found == [
        (1, {"a": "1", "b": "2"}),
        (2, {"a": '3,"bad'}),
        (3, {"a": "5", "b": "6"}),
        (4, {"a": "7", "b": "8"}),
    ]
    assert [isinstance(record, Malformed) for _, record in found] == [False, True, False, False]


@pytest.mark.parametrize(
    "big", ['1,"' + "x" * 300 + '"', '1,"' + "x\n" * 90 + '"', '1,"' + "x" * 300 + "\nforged,row\n" + 'y"']
)
def test_a_record_over_the_limit_costs_itself(root: Path, big: str) -> None:
    path = put(root, "a.csv", f"a,b\n0,0\n{big}\n2,3\n")
    found = list(reader(root, record_bytes=100).records(path))
    assert [isinstance(record, Malformed) for _, record in found] == [False, True, False]
    assert found[2] == (3, {"a": "2", "b": "3"})


def test_records_of_another_width_are_marked(root: Path) -> None:
    path = put(root, "a.csv", "a;b\n\n1\n1;2;3\n1;2\n")
    found = list(reader(root).records(path, ";"))
    assert [getattr(record, "problem", None) for _, record in found] == [
        "has 1 fields: expected 2",
        "has 3 fields: expected 2",
        None,
    ]


@pytest.mark.parametrize(("content", "problem"), [("", "no header"), ("a,a\n1,2", "'a' twice"), ('"a', "no header")])
def test_a_header_is_needed(root: Path, content: str, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        list(reader(root).records(put(root, "a.csv", content)))


# --- documents ------------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:#'\" \n", max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_json_is_read_as_written(value: Any) -> None:
    for ascii_only in (True, False):
        assert json_value(json.dumps(value, ensure_ascii=ascii_only), "x") == value


def test_json_values_that_cannot_be_kept_come_as_text() -> None:
    assert json_value('[1e999, 12345678901234567890, "\\ud800", {"\\udfff": 1.5}]', "x") == [
        "1e999", "12345678901234567890", "\ufffd", {"\ufffd": 1.5},
    ]  # fmt: skip
    assert json_value("9" * 5000, "x") == "9" * 5000
    assert json_value('{"a": 1, "a": 2}', "x") == {"a": 2}


@pytest.mark.parametrize("text", ["", "{", '{"a": 1,}', "NaN", "[Infinity]", "'a'", "[1] 2", "[" * 200, "[" * 100_000])
def test_json_that_is_none_is_named_with_its_place(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        json_value(text, "file.json")
    assert caught.value.place.startswith("file.json")
    assert caught.value.remedy


def test_yaml_scalars_are_what_stands_there() -> None:
    text = "a: 1.10\nb: NO\nc: 2026-03-01\nd: 0123e5\ne: 010\nf: 12\ng: true\nh: ~\ni: '7'\nj: 1_000\nk: 1:30\nl: .5\non: yes\n1: x\n"
    assert yaml_value(text, "x") == {
        "a": "1.10", "b": "NO", "c": "2026-03-01", "d": "0123e5", "e": "010", "f": 12, "g": True, "h": None, "i": "7",
        "j": "1_000", "k": "1:30", "l": ".5", "on": "yes", "1": "x",
    }  # fmt: skip


def test_yaml_aliases_and_merges() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {y: 4, <<: [*a, {z: 5}]}\nd: [<<, *a]\n'<<': 6"
    assert yaml_value(text, "x") == {
        "a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 4, "z": 5}, "d": ["<<", {"x": 1, "y": 2}], "<<": 6,
    }  # fmt: skip


def bomb() -> Iterator[str]:
    yield "a: &a [x, x, x, x, x, x, x, x, x, x]"
    for above, name in zip("abcdefghi", "bcdefghij", strict=True):
        yield f"{name}: &{name} [{', '.join(['*' + above] * 10)}]"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "'a' is there twice"),
        ("&a [*a]", "names nothing that is complete"),
        ("*b", "b"),
        ("!!python/object/apply:os.system [touch x]", "python/object/apply:os.system"),
        ("!!binary aGk=", "binary"),
        ("!ours x", "!ours"),
        ("a\n---\nb", "several documents"),
        ("{[1]: 2}", "a key is a list"),
        ("{<<: 1}", "merges something"),
        ("a: [", "no YAML"),
        ("a: \x07", "no YAML"),
        ("[" * 20_000, "deeper than 100"),
        ("- " * 200 + "x", "deeper than 100"),
        ("\n".join(bomb()), "more than 1000000 nodes"),
    ],
)
def test_yaml_that_is_none_or_a_trap_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(SourceError, match=r"f\.yaml:\d+:\d+") as caught:
        yaml_value(text, "f.yaml")
    assert problem in str(caught.value)


def test_an_empty_yaml_is_none() -> None:
    assert yaml_value("", "x") is None
    assert yaml_value("# only a comment", "x") is None


@given(st.text(st.sampled_from(list("ab:-[]{}&*!|>'\"%#<~?,\n ")), max_size=40))
def test_no_text_makes_yaml_raise_anything_else(text: str) -> None:
    with suppress(SourceError):
        yaml_value(text, "x")
