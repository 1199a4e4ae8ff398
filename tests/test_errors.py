"""Errors: a stable code each, a heading each, a sentence each."""

from __future__ import annotations

import inspect
from pathlib import Path

import catalog.model.errors as errors
from catalog.model.errors import CatalogError

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
EXIT_CODES = {2, 3, 4, 5, 6, 70}


def classes() -> list[type[CatalogError]]:
    return [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, CatalogError)]


def test_every_error_has_a_code_of_its_own_and_a_heading() -> None:
    headings = {line.removeprefix("## ") for line in PAGE.read_text().splitlines() if line.startswith("## ")}
    codes = [c.code for c in classes()]
    assert len(codes) >= 15
    assert len(set(codes)) == len(codes)
    assert headings == set(codes)


def test_every_exit_code_is_one_that_the_page_lists() -> None:
    assert {c.exit_code for c in classes()} <= EXIT_CODES
