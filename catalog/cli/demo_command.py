"""`headwater demo`: loads the example estate and asks it two questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catalog.cli.workbench import Workbench

_FOLDER = "headwater-demo"


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=_FOLDER)
@click.pass_context
def command(ctx: click.Context, folder: Path) -> int:
    """Loads the example estate into SQLite and asks it where a column comes from and what a change would break.

    The estate is copied to FOLDER (default: headwater-demo here), so that you can look at what was read. Needs no other service.
    """
    from catalog.cli.workbench import Workbench
    from catalog.project import FILE_NAME

    place = _copied(folder)
    root = ctx.find_root()
    settings = root.obj if isinstance(root.obj, dict) else {}
    bench = Workbench({**settings, "config": str(place / FILE_NAME), "store": settings.get("store")})
    root.obj = bench
    bench.note(f"The estate is in {place}. Reading it:")
    _ingest(bench)
    _tour(bench, place)
    return 0


def _copied(folder: Path) -> Path:
    """Copies the estate that the program ships; a copy that is there is used as it stands."""
    import shutil

    from catalog.model.errors import ConfigError
    from catalog.project import FILE_NAME

    if folder.exists() and not (folder / FILE_NAME).is_file() and any(folder.iterdir()):
        raise ConfigError(
            f"{folder}: is there already and is no example estate. Name another folder: `headwater demo FOLDER`."
        )
    if not (folder / FILE_NAME).is_file():
        shutil.copytree(_shipped(), folder, dirs_exist_ok=True)
    return folder


def _shipped() -> Path:
    """Returns the estate in the installed package, or in the checkout that it is run from."""
    package = Path(__file__).parents[1]
    places = (package / "examples" / "demo", package.parent / "examples" / "demo")
    return next(place for place in places if place.is_dir())


def _ingest(bench: Workbench) -> None:
    from catalog.cli.progress import ingest_progress
    from catalog.harvest import Harvest

    with bench.store(fill=True) as store, ingest_progress(bench.quiet) as progress:
        harvest = Harvest(store, clock=bench.now, actor=bench.actor(), progress=progress)
        for source in bench.project.sources(bench.now()):
            report = harvest.read(source)
            skipped = sum(report.skipped.values())
            gaps = f", {skipped} things not understood" if skipped else ""
            bench.note(f"  {report.name:<22} {report.snapshots:>4} snapshots, {report.added:>5} new facts{gaps}")


def _tour(bench: Workbench, place: Path) -> None:
    import yaml

    from catalog import drawing
    from catalog.cli.impact_command import text as impact_text
    from catalog.cli.options import deliver
    from catalog.impact.changes import parse_change
    from catalog.impact.proposed import impact
    from catalog.lineage import Question, lineage
    from catalog.project import FILE_NAME

    asked = yaml.safe_load((place / "tour.yml").read_text(encoding="utf-8"))
    told = f"{_program()} -c {place / FILE_NAME}"
    with bench.store() as store:
        refs = bench.refs(store)
        found = lineage(store, refs, Question((refs.parse(asked["lineage"]),), direction="upstream"))
        deliver(f"\n$ {told} lineage {asked['lineage']} --upstream\n\n{drawing.tree(found.data)}")
        changed = impact(store, refs, [parse_change(asked["impact"], refs)])
        deliver(f"\n$ {told} impact {asked['impact']}\n\n{impact_text(changed.data)}")
    deliver(f"\nThe same over GraphQL, on http://127.0.0.1:8000/graphql:\n\n$ {told} serve")


def _program() -> str:
    """Returns what to type for this program: by its path where it is installed in an environment that is not active."""
    import os
    import shutil
    import sys

    beside = Path(sys.executable).with_name("headwater")
    return "headwater" if shutil.which("headwater") or not beside.exists() else os.path.relpath(beside)
