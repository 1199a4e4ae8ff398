"""Revenue of a shop: `make.py WORK OPENLINEAGE AIRFLOW`, the bin folder of an environment with openlineage-python 1.54.0, and the
events of a run of the DAG `shop_nightly` of Airflow 3.3.2 with the OpenLineage provider 2.20.3."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, digest, export_tracking, register, tracking  # noqa: E402

HERE, TARGET = Path(__file__).parent, ESTATES / "orders"
KEPT = ("shop_nightly.extract", "shop_nightly.build_revenue", "shop_nightly.check_revenue")
BULKY = ("airflow", "unknownSourceAttribute", "processing_engine")


def dag(events: Path) -> None:
    """Keeps the events of three tasks, without the facets that describe the whole DAG."""
    with open(TARGET / "airflow.ndjson", "w") as out:
        for line in events.read_text().splitlines():
            event = json.loads(line)
            if event["job"]["name"].startswith(KEPT):
                for where in (event["job"], event["run"]):
                    for facet in BULKY:
                        where["facets"].pop(facet, None)
                out.write(json.dumps(event) + "\n")


def main(work: Path, openlineage: Path, airflow: Path) -> None:
    import mlflow
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    TARGET.mkdir(exist_ok=True)
    work.mkdir(exist_ok=True)
    dag(airflow)
    with open(work / "revenue.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["customer_id", "revenue"])
        writer.writerows([n, 20 + n * 3 % 17] for n in range(1, 25))
    md5 = digest(work / "revenue.csv")
    (TARGET / "scripts.ndjson").unlink(missing_ok=True)
    subprocess.run([openlineage / "python", HERE / "emit.py", TARGET / "scripts.ndjson", md5], check=True)
    database = tracking(work / "mlflow")
    mlflow.set_experiment("revenue")
    with mlflow.start_run(run_name="revenue"):
        frame = pd.read_csv(work / "revenue.csv").astype("float64")
        mlflow.log_params({"features": "customer_id", "target": "revenue"})
        given = mlflow.data.from_pandas(frame, source="s3://shop-ml/features/revenue.csv", targets="revenue", name="revenue", digest=md5)
        mlflow.log_input(given, context="training")
        model = LinearRegression().fit(frame[["customer_id"]], frame["revenue"])
        register("revenue", model, frame[["customer_id"]], model.predict(frame[["customer_id"]]))
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with open(TARGET / "predictions.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["prediction_id", "at", "model_name", "model_version", "customer_id", "score", "reasons", "features"])
        for n in (3, 8):
            writer.writerow([f"R-{n}", now, "revenue", 1, f"c{n}", round(float(model.predict(frame[["customer_id"]])[n]), 3), "customer_id", json.dumps({"customer_id": n})])
    export_tracking(database, TARGET / "mlflow")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
