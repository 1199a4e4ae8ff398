"""Every case file holds: see `tests/sql/cases.py` for how they read."""

from __future__ import annotations

import pytest

from tests.sql.cases import FOLDER, Case, differences, read_cases

CASES = read_cases()
FEWEST = 1_500


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_answer_is_the_one_written_beneath(case: Case) -> None:
    assert differences(case) == []


def test_no_case_file_is_passed_over() -> None:
    written = sum(path.read_text(encoding="utf-8").count("\n-- ## ") for path in FOLDER.glob("*.sql"))
    assert len({case.place for case in CASES}) == written
    assert len(CASES) >= FEWEST


def test_every_case_expects_something() -> None:
    assert [str(case) for case in CASES if not case.expected] == []
