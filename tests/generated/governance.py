"""A consent register, predictions and rules over an estate, with one planted violation of each rule and what follows from it."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import yaml

from tests.generated.truth import Truth
from tests.generated.words import Names

ACTIVE, REGIONS = "active", ["NO", "BR", "US"]


def governance(draw: random.Random, names: Names, truth: Truth, folder: Path) -> list[dict[str, Any]]:
    """Writes register, predictions and policies, and notes what the rules find; returns the sources that read them."""
    stands_on = {version: _sources(truth, said) for version, said in truth.models.items()}
    sources = sorted(set().union(*stands_on.values()))
    purpose, other = names.word(), names.word()
    refused, resident = draw.choice(sources), draw.choice(sources)
    _register(folder, [(s, [other] if s == refused else [purpose, other], ACTIVE) for s in sources])
    home, away = draw.sample(REGIONS, 2)
    model = next(iter(truth.models)).partition(":")[2].rpartition("/")[0]
    consent, region, hashes = (names.word() for _ in range(3))
    rules = [
        {"id": consent, "register": "register.csv", "text": "Only with consent."},
        {"id": region, "from_residency": home, "to_deployment_region": [away, "ZZ"], "lineage": "value"},
        {"id": hashes, "kind": "recorded-hash"},
    ]
    draw.shuffle(rules)
    policies = {
        "residency": {home: [resident]},
        "models": {model: {"purpose": purpose, "deployment_region": away}},
        "rules": rules,
    }
    (folder / "rules.yaml").write_text(yaml.safe_dump(policies))
    mended = {"residency": {}, "models": {model: {"purpose": other, "deployment_region": home}}, "rules": rules}
    (folder / "mended.yaml").write_text(yaml.safe_dump(mended))
    _spoil(draw, truth, folder)
    _predictions(draw, truth, folder)
    for rule, cause in ((consent, refused), (region, resident)):
        truth.violations |= {(rule, version, cause) for version, below in stands_on.items() if cause in below}
    truth.violations.add((hashes, next(iter(truth.models.values()))["data"], None))
    truth.hashes = hashes
    return [
        {"name": "register", "kind": "consent", "path": "register.csv", "at": "2026-01-01T00:00:00Z"},
        {"name": "answers", "kind": "predictions", "path": "answers.jsonl", "namespace": "hub"},
    ]


def _sources(truth: Truth, said: dict[str, Any]) -> set[str]:
    """Returns the tables from which values reach the features or the target of a version, and nothing reaches them."""
    columns = {f"{said['data']}#{name}" for name in (*said["features"], said["target"])}
    above = set().union(*(truth.upstream(column) for column in columns))
    derived = {to.partition("#")[0] for to in truth.edges}
    return {column.partition("#")[0] for column in above} - derived


def _register(folder: Path, rows: list[tuple[str, list[str], str]]) -> None:
    with (folder / "register.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document", "data set", "purposes", "status", "valid from", "region"])
        for i, (source, purposes, status) in enumerate(rows):
            writer.writerow([f"C-{i}", source, ";".join(purposes), status, "2025-01-01", "NO"])


def _spoil(draw: random.Random, truth: Truth, folder: Path) -> None:
    """Changes one byte of the tracked file after its last commit."""
    path = folder / "repo" / str(next(iter(truth.models.values()))["data"]).partition(":")[2]
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1
    path.write_bytes(bytes(content))


def _predictions(draw: random.Random, truth: Truth, folder: Path) -> None:
    lines = []
    for i, (version, said) in enumerate(truth.models.items()):
        name, _, number = version.partition(":")[2].rpartition("/")
        reason = draw.choice(list(said["features"]))
        lines.append(
            {
                "id": f"A-{i}",
                "at": f"2026-02-2{i}T00:00:00Z",
                "model": name,
                "version": number,
                "reasons": [reason],
                "inputs": {reason: i},
            }
        )
        truth.predictions[f"A-{i}"] = (version, reason)
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
