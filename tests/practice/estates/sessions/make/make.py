"""Sessions of a shop: raw logs and a pipeline in DVC, checks by Great Expectations, two models in MLflow, predictions, forensics.

`make.py WORK GX EVIDENTLY`: the bin folders of an environment with great-expectations 1.24.1 and one with evidently 0.7.23.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, Repository, digest, export_tracking, file_input, tracking  # noqa: E402

HERE, TARGET = Path(__file__).parent, ESTATES / "sessions"
SESSIONS = """\
import csv, glob
seen = {}
for path in sorted(glob.glob("raw_logs/*.csv")):
    for row in csv.DictReader(open(path)):
        seen.setdefault((path, row["user_id"]), []).append(row)
with open("data/sessions.csv", "w", newline="") as out:
    w = csv.writer(out, lineterminator="\\n"); w.writerow(["user_id", "user_session_duration", "pages", "bought"])
    for (path, user), rows in seen.items():
        times = [int(r["second"]) for r in rows]
        w.writerow([user, times[-1] - times[0], len(rows), int(any(r["page"] == "paid" for r in rows))])
"""
SPLIT = """\
import csv
rows = list(csv.DictReader(open("data/sessions.csv")))
for name, part in (("train", rows[::2]), ("validation", rows[1::2])):
    with open(f"data/{name}.csv", "w", newline="") as out:
        w = csv.DictWriter(out, rows[0].keys(), lineterminator="\\n"); w.writeheader(); w.writerows(part)
"""
STAGES = """\
stages:
  sessions:
    cmd: python src/sessions.py
    deps: [src/sessions.py, raw_logs]
    outs: [data/sessions.csv]
  split:
    cmd: python src/split.py
    deps: [src/split.py, data/sessions.csv]
    outs: [data/train.csv, data/validation.csv]
"""
FEATURES = ["user_session_duration", "pages"]
BAD_DAY = "2026-11-03"


def logs(folder: Path, spoilt: bool) -> None:
    """Writes a day of logs a file; on the bad day a clock ran backwards."""
    draw = random.Random(5)
    folder.mkdir(exist_ok=True)
    for day in range(1, 6):
        name = f"2026-11-{day:02d}"
        with open(folder / f"{name}.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["user_id", "second", "page"])
            for user in range(day * 100, day * 100 + 16):
                at, pages = draw.randint(0, 50_000), draw.randint(1, 6)
                for number in range(pages):
                    at += draw.randint(5, 240) * (-1 if spoilt and name == BAD_DAY else 1)
                    writer.writerow([user, at, "paid" if number == 4 else draw.choice(["home", "item", "basket"])])


def trained(repo: Repository, head: str, number: int) -> None:
    import mlflow
    import pandas as pd
    from mlflow.data.delta_dataset_source import DeltaDatasetSource
    from sklearn.linear_model import LogisticRegression

    data = {part: pd.read_csv(repo.folder / "data" / f"{part}.csv") for part in ("train", "validation")}
    tags = {"mlflow.source.git.commit": head, "mlflow.source.name": "src/train.py", "mlflow.source.git.repoURL": "https://git.shop.example/sessions"}
    with mlflow.start_run(run_name=f"buyers-{number}", tags=tags):
        mlflow.log_params({"C": 1.0, "features": ",".join(FEATURES), "target": "bought"})
        for part, context in (("train", "training"), ("validation", "validation")):
            file_input(repo.folder / "data" / f"{part}.csv", f"s3://shop-web/data/{part}.csv", part, context, "bought")
        events = pd.concat(pd.read_csv(path) for path in sorted((repo.folder / "raw_logs").glob("*.csv")))
        table = DeltaDatasetSource(delta_table_name="main.web.page_events", delta_table_version=number)
        mlflow.log_input(mlflow.data.from_pandas(events, source=table, name="page_events"), context="source")
        model = LogisticRegression().fit(data["train"][FEATURES], data["train"]["bought"])
        mlflow.log_metric("accuracy", model.score(data["validation"][FEATURES], data["validation"]["bought"]))
        from mlflow.models import infer_signature

        mlflow.sklearn.log_model(
            model, name="model", signature=infer_signature(data["train"][FEATURES], model.predict(data["train"][FEATURES])),
            pip_requirements=["scikit-learn==1.9.1"], registered_model_name="buyers", serialization_format="pickle")
        if number == 1:
            predict(model, data["validation"])


def predict(model: object, frame: object) -> None:
    share = model.predict_proba(frame[FEATURES])[:, 1]
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with open(TARGET / "predictions.jsonl", "w") as out:
        for n, (_, row) in enumerate(frame.iterrows()):
            values = {name: int(row[name]) for name in FEATURES}
            said = {"prediction_id": f"P-{n:02d}", "at": now, "model_name": "buyers", "model_version": 1, "user_id": f"u{row['user_id']}",
                    "score": round(float(share[n]), 4), "reasons": ["user_session_duration"], "features": values}
            out.write(json.dumps(said) + "\n")


def forensics(repo: Repository, evidently: Path, work: Path) -> None:
    """Flags sessions that end before they begin, and profiles them against all."""
    import pandas as pd

    population = pd.read_csv(repo.folder / "data" / "sessions.csv")
    days = [row["user_id"] // 100 for _, row in population.iterrows()]
    bad = population[population["user_session_duration"] < 0]
    population.to_csv(work / "population.csv", index=False)
    bad.to_csv(work / "slice.csv", index=False)
    (TARGET / "reports").mkdir(exist_ok=True)
    subprocess.run([evidently / "python", "-W", "ignore", HERE / "profile.py", work / "population.csv", work / "slice.csv", TARGET / "reports" / "slice.json"], check=True)
    with open(TARGET / "reports" / "flagged.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["row", "source_file", "user_session_duration"])
        for index, row in bad.iterrows():
            writer.writerow([index, f"2026-11-{days[index]:02d}.csv", row["user_session_duration"]])


def main(work: Path, gx: Path, evidently: Path) -> None:
    import mlflow

    repo = Repository(work / "repo", month=None)
    database = tracking(work / "mlflow")
    mlflow.set_experiment("sessions")
    shutil.rmtree(work / "checks", ignore_errors=True)
    (work / "checks").mkdir()
    TARGET.mkdir(exist_ok=True)
    repo.write({"src/sessions.py": SESSIONS, "src/split.py": SPLIT, "dvc.yaml": STAGES, "data/.keep": ""})
    for number, (spoilt, tag) in enumerate(((True, "v1.1"), (False, "v1.2")), 1):
        logs(repo.folder / "raw_logs", spoilt)
        repo.dvc("add", "-q", "raw_logs")
        repo.dvc("repro", "-q")
        head = repo.commit(f"Sessions of November, {tag}", tag)
        subprocess.run([gx / "python", "-W", "ignore", HERE / "validate.py", work / "checks", repo.folder / "data" / "sessions.csv", tag], check=True)
        if spoilt:
            forensics(repo, evidently, work)
        trained(repo, head, number)
    client = mlflow.MlflowClient()
    client.set_registered_model_alias("buyers", "candidate", "1")
    client.set_registered_model_alias("buyers", "champion", "2")
    client.set_model_version_tag("buyers", "2", "git.tag", "v1.2")
    repo.export(TARGET / "repo")
    for listing in (repo.folder / ".dvc" / "cache").rglob("*.dir"):
        kept = TARGET / "repo" / listing.relative_to(repo.folder)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(listing, kept)
    export_tracking(database, TARGET / "mlflow")
    shutil.rmtree(TARGET / "gx", ignore_errors=True)
    shutil.copytree(work / "checks" / "gx", TARGET / "gx", ignore=shutil.ignore_patterns("data_docs", "plugins", ".gitignore", "checkpoints", ".ge_store*"))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
