"""A churn model of a telephone company: features as Feast served them at training, the run, and what is served now.

`make.py WORK FEAST`, where FEAST is the bin folder of an environment with feast 0.67.0.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, Repository, export_tracking, file_input, register, tracking

HERE, TARGET = Path(__file__).parent, ESTATES / "feature_audit"
STORE = """\
project: telco
registry: registry.db
provider: local
offline_store: {type: file}
online_store: {type: sqlite, path: online.db}
entity_key_serialization_version: 3
"""
DUMP = "import json; from feast import FeatureStore as F; s = F('.'); print('@@' + json.dumps(s.registry.to_dict(s.project), sort_keys=True, indent=1))"


def applied(work: Path, feast: Path, state: str) -> None:
    """Applies a state of the features to one registry and keeps its dump."""
    (work / "features").mkdir(exist_ok=True)
    (work / "features" / "feature_store.yaml").write_text(STORE)
    shutil.copy(HERE / f"{state}.py", work / "features" / "features.py")
    env = {**os.environ, "FEAST_USAGE": "False", "PYTHONWARNINGS": "ignore"}
    subprocess.run([feast / "feast", "apply"], cwd=work / "features", env=env, check=True, capture_output=True)
    dump = subprocess.run(
        [feast / "python", "-W", "ignore", "-c", DUMP],
        cwd=work / "features",
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    (TARGET / "feast").mkdir(exist_ok=True)
    (TARGET / "feast" / f"{state}.json").write_text(dump.stdout.split("@@", 1)[1].replace(str(work), "/srv"))


def frames(seed: int) -> dict[str, object]:
    import pandas as pd

    draw = random.Random(seed)
    at = pd.Timestamp("2026-11-20", tz="UTC")
    people = range(1, 41)
    usage = pd.DataFrame(
        [
            {
                "subscriber_id": p,
                "minutes_7d": draw.randint(1, 400) / 2,
                "dropped_calls": draw.randint(0, 9),
                "event_timestamp": at,
            }
            for p in people
        ]
    )
    bills = pd.DataFrame(
        [
            {
                "subscriber_id": p,
                "overdue": draw.randint(0, 3),
                "monthly_fee": draw.choice([9.5, 19.5, 29.5]),
                "event_timestamp": at,
            }
            for p in people
        ]
    )
    return {"usage": usage, "bills": bills}


def main(work: Path, feast: Path) -> None:
    import mlflow
    from sklearn.linear_model import LogisticRegression

    repo = Repository(work / "repo", month=None)
    database = tracking(work / "mlflow")

    def track(seed: int, message: str, tag: str) -> str:
        (repo.folder / "data").mkdir(exist_ok=True)
        for name, frame in frames(seed).items():
            frame.to_parquet(repo.folder / "data" / f"{name}.parquet", index=False)
            repo.dvc("add", "-q", f"data/{name}.parquet")
        return repo.commit(message, tag)

    head = track(1, "Sources of November", "sources-11")
    applied(work, feast, "at_training")
    tags = {"mlflow.source.git.commit": head, "mlflow.source.name": "train.py", "feast.feature_service": "churn_v1"}
    mlflow.set_experiment("churn")
    with mlflow.start_run(run_name="churn", tags=tags):
        now = frames(1)
        retrieved = now["usage"].merge(now["bills"], on="subscriber_id")
        retrieved["drop_rate"] = retrieved["dropped_calls"] / retrieved["minutes_7d"]
        retrieved["churned"] = (retrieved["overdue"] > 1).astype(int)
        features = ["minutes_7d", "dropped_calls", "overdue", "drop_rate"]
        retrieved[[*features, "churned"]].to_csv(work / "retrieved.csv", index=False)
        mlflow.log_params({"C": 1.0, "features": ",".join(features), "target": "churned"})
        file_input(work / "retrieved.csv", "s3://telco/training/retrieved.csv", "retrieved", "training", "churned")
        for name in now:
            file_input(repo.folder / "data" / f"{name}.parquet", f"s3://telco/data/{name}.parquet", name, "source")
        model = LogisticRegression().fit(retrieved[features], retrieved["churned"])
        register("churn", model, retrieved[features], model.predict(retrieved[features]))
    track(2, "Sources of December", "sources-12")
    applied(work, feast, "now")
    repo.export(TARGET / "repo")
    for parquet in (TARGET / "repo").rglob("*.parquet"):
        parquet.unlink()
    export_tracking(database, TARGET / "mlflow")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
