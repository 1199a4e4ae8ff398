"""Two versions of a credit model on the features that Spark wrote, with checks of their data, and decisions of the second.

`make.py WORK GX`: the bin folder of an environment with great-expectations 1.24.1.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, Repository, digest, export_tracking, register, tracking  # noqa: E402

HERE, TARGET = Path(__file__).parent, ESTATES / "lending"
FEATURES = {"1": ["age", "utilisation", "income_vs_area", "bureau_score", "card_spend", "worst_arrears"],
            "2": ["utilisation", "bureau_score", "card_spend", "worst_arrears"]}
CODE = "# trains a credit model on {} features\n"


def decide(model: object, frame: object) -> None:
    """Writes decisions with the features that weighed most."""
    names = FEATURES["2"]
    share = model.predict_proba(frame[names])[:, 1]
    weight = model[-1].coef_[0] * model[0].transform(frame[names])
    with open(TARGET / "decisions.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["decision_id", "decided_at", "applicant_id", "model_name", "model_version", "score", "decision", "reasons", "features"])
        for n in range(12):
            top = sorted(range(len(names)), key=lambda i: -weight[n][i])[:2]
            values = {name: round(float(frame.iloc[n][name]), 4) for name in names}
            writer.writerow([f"D-{n + 1:03d}", f"2026-11-22T10:{n:02d}:00Z", f"A{frame.iloc[n]['application_id']:.0f}", "credit", 2, round(float(share[n]), 4),
                             "declined" if share[n] > 0.3 else "approved", ";".join(names[i] for i in top), json.dumps(values)])


def main(work: Path, gx: Path) -> None:
    import mlflow
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    repo = Repository(work / "repo", month=None)
    database = tracking(work / "mlflow")
    frame = pd.read_parquet("/lake/features/credit").sort_values("application_id").fillna(0).reset_index(drop=True)
    mlflow.set_experiment("credit")
    shutil.rmtree(work / "checks", ignore_errors=True)
    (work / "checks").mkdir()
    for number, names in FEATURES.items():
        (repo.folder / "data").mkdir(exist_ok=True)
        frame[[*names, "defaulted"]].to_csv(repo.folder / "data" / "train.csv", index=False)
        repo.write({"train.py": CODE.format(len(names))})
        repo.dvc("add", "-q", "data/train.csv")
        words = [gx / "python", "-W", "ignore", HERE / "validate.py", work / "checks", repo.folder / "data" / "train.csv", f"credit-{number}"]
        subprocess.run(words, check=True)
        head = repo.commit(f"Train on {len(names)} features", f"credit-{number}")
        tags = {"mlflow.source.git.commit": head, "mlflow.source.name": "train.py", "mlflow.source.git.repoURL": "https://git.bank.example/credit"}
        with mlflow.start_run(run_name=f"credit-{number}", tags=tags):
            mlflow.log_params({"C": 1.0, "features": ",".join(names), "target": "defaulted"})
            data = frame[[*names, "defaulted"]].astype({"defaulted": "float64", "bureau_score": "float64"})
            given = mlflow.data.from_pandas(data, source="/lake/features/credit", targets="defaulted", name="credit_train",
                                            digest=digest(repo.folder / "data" / "train.csv"))
            mlflow.log_input(given, context="training")
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data[names], data["defaulted"])
            mlflow.log_metric("accuracy", model.score(data[names], data["defaulted"]))
            register("credit", model, data[names], model.predict(data[names]))
    mlflow.MlflowClient().set_registered_model_alias("credit", "champion", "2")
    decide(model, frame)
    scored = frame.assign(group=(frame["age"] > 40).astype(int), guess=model.predict(frame[FEATURES["2"]]))
    scored[["group", "defaulted", "guess"]].to_csv(work / "scored.csv", index=False)
    repo.export(TARGET / "repo")
    export_tracking(database, TARGET / "mlflow")
    shutil.rmtree(TARGET / "gx", ignore_errors=True)
    shutil.copytree(work / "checks" / "gx", TARGET / "gx", ignore=shutil.ignore_patterns("data_docs", "plugins", ".gitignore", "checkpoints", "config_variables.yml"))
    events = (work / "events.ndjson").read_bytes()
    (TARGET / "events.ndjson.gz").write_bytes(gzip.compress(events, mtime=0))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
