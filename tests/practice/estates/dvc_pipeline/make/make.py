"""A forecast of parcels: three stages, four commits (start, another share, more data, another model)."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, Repository

CLEAN = """\
import csv, sys
rows = list(csv.DictReader(open("data/parcels.csv")))
kept = [r for r in rows if r["weight_kg"]]
with open("data/clean.csv", "w", newline="") as out:
    w = csv.DictWriter(out, rows[0].keys(), lineterminator="\\n"); w.writeheader(); w.writerows(kept)
"""
SPLIT = """\
import csv, yaml
share = yaml.safe_load(open("params.yaml"))["split"]["share"]
rows = list(csv.DictReader(open("data/clean.csv")))
cut = int(len(rows) * share)
for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
    with open(f"data/{name}.csv", "w", newline="") as out:
        w = csv.DictWriter(out, rows[0].keys(), lineterminator="\\n"); w.writeheader(); w.writerows(part)
"""
TRAIN = """\
import csv, json, yaml
from sklearn.linear_model import Ridge
alpha = yaml.safe_load(open("params.yaml"))["train"]["alpha"]
rows = list(csv.DictReader(open("data/train.csv")))
model = Ridge(alpha=alpha).fit([[float(r["weight_kg"]), float(r["distance_km"])] for r in rows], [float(r["hours"]) for r in rows])
json.dump({"coef": [round(c, 9) for c in model.coef_], "intercept": round(float(model.intercept_), 9)}, open("model.json", "w"))
"""
STAGES = """\
stages:
  clean:
    cmd: python src/clean.py
    deps: [src/clean.py, data/parcels.csv]
    outs: [data/clean.csv]
  split:
    cmd: python src/split.py
    deps: [src/split.py, data/clean.csv]
    params: [split.share]
    outs: [data/train.csv, data/test.csv]
  train:
    cmd: python src/train.py
    deps: [src/train.py, data/train.csv]
    params: [train.alpha]
    outs: [model.json]
"""


def parcels(count: int) -> str:
    draw = random.Random(7)
    rows = ["weight_kg,distance_km,hours"]
    for _ in range(count):
        weight, distance = round(draw.uniform(0.2, 20), 1), draw.randint(3, 900)
        rows.append(f"{weight if draw.random() > 0.05 else ''},{distance},{round(2 + distance / 60 + weight / 10, 2)}")
    return "\n".join(rows) + "\n"


def params(share: float, alpha: float) -> str:
    return f"split: {{share: {share}}}\ntrain: {{alpha: {alpha}}}\n"


def main(work: Path) -> None:
    repo = Repository(work / "repo")
    repo.write({"src/clean.py": CLEAN, "src/split.py": SPLIT, "src/train.py": TRAIN, "dvc.yaml": STAGES})
    for count, share, alpha, message, tag in (
        (60, 0.8, 1.0, "Start", "v1"), (60, 0.7, 1.0, "Hold out more", "v2"), (80, 0.7, 1.0, "More parcels", "v3"),
        (80, 0.7, 5.0, "Stronger penalty", "v4"),
    ):  # fmt: skip
        repo.write({"data/parcels.csv": parcels(count), "params.yaml": params(share, alpha)})
        repo.dvc("add", "-q", "data/parcels.csv")
        repo.dvc("repro", "-q")
        repo.commit(message, tag)
    repo.export(ESTATES / "dvc_pipeline" / "repo")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
