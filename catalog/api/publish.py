"""Writes `schema/graphql/schema.graphql`, or, with `--check`, fails if it differs.

A change that breaks callers of the published schema is written only with `--break`, so that nobody breaks them unawares.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from catalog.api.schema import changes, sdl

TARGET: Final = Path(__file__).parents[2] / "schema" / "graphql" / "schema.graphql"


def main(args: list[str]) -> int:
    """Returns the exit code."""
    published = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if published == sdl():
        return 0
    breaking = changes(published, str(TARGET))[0] if published else []
    if "--check" in args or (breaking and "--break" not in args):
        said = [f"{TARGET} is not the schema of the program: `make schema` writes it."]
        said += [f"  breaks callers: {line}" for line in breaking]
        said += ["  Keep what is published, or write it with --break."] if breaking else []
        sys.stderr.write("\n".join(said) + "\n")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(sdl(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
