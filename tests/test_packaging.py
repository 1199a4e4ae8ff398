"""The wheel alone, in an environment that holds what it asks for and nothing else, without the network."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackagePath, PathDistribution, distribution
from pathlib import Path
from shutil import copy2
from zipfile import Path as ZipPath
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
OURS = {"catalog", "ingestors"}
DEMO_LIMIT_BYTES = 2_000_000

pytestmark = pytest.mark.xdist_group("packaging")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and its dependencies."""

    folder: Path
    dependencies: tuple[Distribution, ...]

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs `headwater` as a newcomer would: no variables of ours, an empty home and folder."""
        environment = {"PATH": os.defpath, "HOME": str(cwd), "LANG": "C.UTF-8"}
        command = [str(self.folder / "bin" / "headwater"), *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("headwater-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    dependencies = tuple(closure(wheel))
    for dependency in dependencies:
        copy(dependency, site)
    python = str(folder / "bin" / "python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", str(wheel))
    return Installed(folder, dependencies)


def run(*command: str) -> None:
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def closure(wheel: Path) -> Iterator[Distribution]:
    """Yields what the wheel asks for and what that asks for, as this environment has it."""
    (metadata,) = (path for path in ZipPath(wheel).iterdir() if path.name.endswith(".dist-info"))
    pending = [(requirement, "") for requirement in PathDistribution(metadata).requires or ()]
    seen: set[tuple[str, str]] = set()
    yielded: set[str] = set()
    while pending:
        text, extra = pending.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        found = distribution(name)
        if name not in yielded:
            yielded.add(name)
            yield found
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                pending += [(further, wanted) for further in found.requires or ()]


def copy(dependency: Distribution, site: Path) -> None:
    for path in installed_files(dependency):
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        copy2(str(dependency.locate_file(path)), target)


def installed_files(dependency: Distribution) -> list[PackagePath]:
    """Returns the files below site-packages; scripts lie elsewhere, compiled modules are made anew."""
    return [path for path in dependency.files or () if ".." not in path.parts and path.suffix != ".pyc"]


def test_the_wheel_holds_our_two_packages_and_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == OURS


def test_no_dependency_provides_our_names(installed: Installed) -> None:
    assert len(installed.dependencies) > 10
    taken = {(d.name, path.parts[0]) for d in installed.dependencies for path in installed_files(d)}
    assert [(name, top) for name, top in sorted(taken) if top.removesuffix(".py") in OURS] == []


def test_no_development_tool_comes_with_the_wheel(installed: Installed) -> None:
    names = {canonicalize_name(d.name) for d in installed.dependencies}
    assert names & {"pytest", "hypothesis", "mypy", "ruff", "uv", "testcontainers", "networkx", "duckdb"} == set()


def test_the_demo_estate_in_the_wheel_is_small(wheel: Path) -> None:
    sizes = [entry.file_size for entry in ZipFile(wheel).infolist() if entry.filename.startswith("catalog/examples/")]
    assert 0 < sum(sizes) < DEMO_LIMIT_BYTES


def test_help_lists_the_commands(installed: Installed, tmp_path: Path) -> None:
    answer = installed.run("--help", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert {"demo", "ingest", "lineage", "impact", "serve"} <= set(answer.stdout.split())


def test_the_demo_runs_from_the_wheel_alone(installed: Installed, tmp_path: Path) -> None:
    answer = installed.run("demo", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.rstrip().endswith("headwater.yml serve")
