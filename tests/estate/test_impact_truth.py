"""Impact of the changes that the next release made, against what people read off the project and dbt's own build."""

from __future__ import annotations

from typing import Any

from catalog.impact.changes import parse_change
from catalog.impact.proposed import impact
from tests.estate.conftest import Catalog

FORMS = {
    "drop_column": "drop:{column}",
    "rename_column": "rename:{column}={new_name}",
    "retype_column": "retype:{column}={new_type}",
}


def findings(catalog: Catalog, case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    change = parse_change(FORMS[case["change"]].format(**case), catalog.refs)
    return {f["ref"]: f for f in impact(catalog.store, catalog.refs, [change]).data["findings"]}


def cases(truth: dict[str, Any]) -> list[dict[str, Any]]:
    found = [case for case in truth["change_impact"] if case["change"] in FORMS]
    assert len(found) == 4
    return found


def test_everything_that_a_change_reaches_is_found(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    for case in cases(truth):
        found = findings(in_sqlite, case)
        wanted = {*case["columns"], *case["data_files"], *case["model_versions_by_data_file"]}
        wanted |= {f"exposure:{name}" for name in case["exposures"]}
        assert wanted <= found.keys(), case["column"]


def test_nothing_is_called_affected_that_is_not(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    for case in cases(truth):
        found = findings(in_sqlite, case)
        assert not found.keys() & set(case["not_impacted_columns"])
        listed = {*case["columns"], case["column"]}
        others = {ref for ref, f in found.items() if f["kind"] == "Column" and ref.startswith(("pg:", "lake:"))}
        assert others <= listed, case["column"]


def test_what_the_build_found_broken_is_called_broken(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    changes = [parse_change(FORMS[c["change"]].format(**c), in_sqlite.refs) for c in cases(truth)[:2]]
    data = impact(in_sqlite.store, in_sqlite.refs, changes).data
    broken = {
        f["ref"].rpartition(".")[2] for f in data["findings"] if f["effect"] == "breaks" and f["kind"] == "Dataset"
    }
    build = next(case for case in truth["change_impact"] if "errors" in case)
    assert {name.rpartition(".")[2] for name in build["errors"]} <= broken


def test_a_rename_passes_through_stars(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    case = next(case for case in cases(truth) if case["change"] == "rename_column")
    found = findings(in_sqlite, case)
    assert {found[ref]["effect"] for ref in case["silently_renamed_by_star"]} == {"passes_through"}


def test_a_broken_contract_is_named(in_sqlite: Catalog, truth: dict[str, Any]) -> None:
    case = next(case for case in cases(truth) if "contract_broken" in case)
    finding = findings(in_sqlite, case)[case["contract_broken"]]
    assert finding["effect"] == "breaks"
    assert finding["contract"]
