"""`make.py WORK DBT OPENLINEAGE PAIRS`: bin folders with dbt-core 1.11.16 and dbt-snowflake, and with openlineage-python 1.54.0, and the
answers of Unity Catalog 0.6.0. MLflow runs in the environment of this script. Snowflake's rows are written as its view has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "make"))
from tools import ESTATES, export_tracking, register, tracking  # noqa: E402

HERE, TARGET = Path(__file__).parent, ESTATES / "warehouse"
KEPT = {34: "tables.raw", 36: "tables.mart", 46: "models", 48: "versions"}


def dbt(work: Path, bin_: Path) -> None:
    """Compiles without a connection, and keeps the manifest without macros."""
    shutil.copytree(HERE / "dbt", work / "dbt", dirs_exist_ok=True)
    env = {**os.environ, "DO_NOT_TRACK": "1"}
    words = [bin_ / "dbt", "compile", "--profiles-dir", ".", "--no-introspect", "--no-populate-cache"]
    subprocess.run(words, cwd=work / "dbt", env=env, check=True, capture_output=True)
    said = json.loads((work / "dbt" / "target" / "manifest.json").read_text())
    for key in ("macros", "docs", "selectors", "disabled"):
        said[key] = {}
    text = json.dumps(said, separators=(",", ":")).replace(str(work), "/srv")
    (TARGET / "dbt").mkdir(exist_ok=True)
    (TARGET / "dbt" / "manifest.json").write_text(text)


def main(work: Path, dbt_bin: Path, openlineage: Path, pairs: Path) -> None:
    import mlflow
    import pandas as pd
    from mlflow.data.delta_dataset_source import DeltaDatasetSource
    from sklearn.linear_model import LinearRegression

    work.mkdir(exist_ok=True)
    dbt(work, dbt_bin)
    (TARGET / "events.ndjson").unlink(missing_ok=True)
    subprocess.run([openlineage / "python", HERE / "emit.py", TARGET / "events.ndjson"], check=True)
    (TARGET / "unity").mkdir(exist_ok=True)
    for line in pairs.read_text().splitlines():
        pair = json.loads(line)
        if pair["n"] in KEPT:
            (TARGET / "unity" / f"{KEPT[pair['n']]}.json").write_text(json.dumps(pair["response"], indent=1) + "\n")
    database = tracking(work / "mlflow")
    mlflow.set_experiment("revenue")
    with mlflow.start_run(run_name="forecast"):
        frame = pd.DataFrame({"country": [1.0, 2.0, 3.0], "revenue": [10.0, 22.0, 31.0]})
        mlflow.log_params({"features": "country", "target": "revenue"})
        source = DeltaDatasetSource(delta_table_name="shop.mart.v_revenue")
        mlflow.log_input(mlflow.data.from_pandas(frame, source=source, targets="revenue", name="v_revenue"), context="training")
        register("forecast", LinearRegression().fit(frame[["country"]], frame["revenue"]), frame[["country"]], frame["revenue"].to_numpy())
    export_tracking(database, TARGET / "mlflow")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
