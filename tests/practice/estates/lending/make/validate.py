"""`validate.py CONTEXT CSV RUN`: validates training data with Great Expectations 1.24.1 in a context of files."""

import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd

folder, csv, run = sys.argv[1:]
fresh = not (Path(folder) / "gx").exists()
context = gx.get_context(mode="file", project_root_dir=folder)
context.variables.progress_bars = {"globally": False}
if fresh:
    batch = context.data_sources.add_pandas("exports").add_dataframe_asset("train").add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite(name="training data", meta={"table": "repo:data/train.csv", "owner": "risk@bank.example"}))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column="defaulted"))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToBeBetween(column="bureau_score", min_value=300, max_value=850))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="train", data=batch, suite=suite))
    context.checkpoints.add(gx.Checkpoint(name="train", validation_definitions=[definition], result_format={"result_format": "SUMMARY"}))
print(context.checkpoints.get("train").run(batch_parameters={"dataframe": pd.read_csv(csv)}, run_id=gx.RunIdentifier(run_name=run)).success)
