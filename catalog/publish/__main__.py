"""Writes or checks every generated file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import catalog.store.neo4j.schema as neo4j_schema
import catalog.store.sqlite.schema as sqlite_schema
from catalog.cli import page as cli_page
from catalog.publish import answers, json_schemas, model_page
from catalog.publish.policy_input import policy_input_schema

ROOT: Final = Path(__file__).parents[2]

FILES: Final[dict[str, Callable[[], str]]] = {
    "schema/graph/constraints.cypher": neo4j_schema.ddl,
    "schema/graph/tables.sql": sqlite_schema.ddl,
    "schema/graph/model.md": model_page.page,
    "schema/json/fact.json": json_schemas.fact_schema,
    "schema/json/headwater.recording.json": json_schemas.recording_schema,
    "schema/json/headwater.policy-input.json": policy_input_schema,
    **{f"schema/json/{name}.json": make for name, make in answers.SCHEMAS.items()},
    "docs/cli.md": cli_page.page,
}
"""Path to what makes its text. `schema/graphql/schema.graphql` is written by `catalog.api.publish`."""


def main(args: list[str]) -> int:
    """Returns 0, or with `--check` 1 if a file is not what it would be written as."""
    stale = []
    for name, make in FILES.items():
        path, text = ROOT / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in args:
            stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        sys.stderr.write(f"{name}: is not what the classes say: run `make schema` and read the difference\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
